//! Character sets and the collations they have when nobody names one.

use crate::dialect::Flavour;

/// The collation of a character set by itself. <https://dev.mysql.com/doc/refman/8.4/en/charset-charsets.html>
pub(crate) fn of_charset(charset: &str, flavour: Flavour, default: &str) -> String {
    let charset = charset.to_ascii_lowercase();
    let charset = if charset == "utf8" { "utf8mb3" } else { charset.as_str() };
    // What the database uses by default is what the server gives the character set, unless somebody chose otherwise.
    if charset == "utf8mb4" && flavour == Flavour::MySql {
        return "utf8mb4_0900_ai_ci".to_owned();
    }
    if charset == "utf8mb4" && default.starts_with("utf8mb4_uca") {
        return default.to_owned();
    }
    let language = match charset {
        "latin1" | "swe7" => "swedish_ci",
        "latin5" => "turkish_ci",
        "big5" | "gb2312" | "gbk" | "gb18030" => "chinese_ci",
        "sjis" | "ujis" | "cp932" | "eucjpms" => "japanese_ci",
        "euckr" => "korean_ci",
        "tis620" => "thai_ci",
        "dec8" => "swedish_ci",
        "hp8" => "english_ci",
        "binary" => return "binary".to_owned(),
        _ => "general_ci",
    };
    format!("{charset}_{language}")
}

/// A collation in the spelling of the present: `utf8_bin` was the name of `utf8mb3_bin`.
pub(crate) fn canonical(collation: &str) -> String {
    let collation = collation.to_ascii_lowercase();
    match collation.strip_prefix("utf8_") {
        Some(rest) => format!("utf8mb3_{rest}"),
        None => collation,
    }
}

/// The collation that a character set and a collation come to, if either is named.
pub(crate) fn effective(
    charset: Option<&str>,
    collation: Option<&str>,
    flavour: Flavour,
    default: &str,
) -> Option<String> {
    match (collation, charset) {
        // MariaDB 11 writes `uca1400_ai_ci` for the collation of that name in the character set at hand.
        (Some(collation), Some(charset)) if collation.starts_with("uca1400_") => Some(format!("{charset}_{collation}")),
        (Some(collation), _) => Some(canonical(collation)),
        (None, Some(charset)) => Some(of_charset(charset, flavour, default)),
        (None, None) => None,
    }
}
