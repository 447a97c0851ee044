//! What a plain scalar is: the core schema of YAML 1.2, <https://yaml.org/spec/1.2.2/#103-core-schema>.

use super::NodeKind;

/// Resolves unquoted text.
pub(crate) fn resolve(text: &str) -> NodeKind {
    match text {
        "" | "~" | "null" | "Null" | "NULL" => NodeKind::Null,
        "true" | "True" | "TRUE" => NodeKind::Bool(true),
        "false" | "False" | "FALSE" => NodeKind::Bool(false),
        _ => number(text).unwrap_or_else(|| NodeKind::String(text.to_owned())),
    }
}

/// Reads a number of the core schema.
///
/// A decimal that is not written the shortest way (`007`, `+7`) stays in its own words, because it may be a revision
/// id or a literal for a text column.
pub(super) fn number(text: &str) -> Option<NodeKind> {
    // Nearly every scalar is a word; this keeps them off the path below.
    if !text.starts_with(|c: char| c.is_ascii_digit() || matches!(c, '+' | '-' | '.')) {
        return None;
    }
    for (prefix, radix) in [("0x", 16), ("0o", 8)] {
        if let Some(digits) = text.strip_prefix(prefix) {
            let all = !digits.is_empty() && digits.chars().all(|c| c.is_digit(radix));
            let kept = || NodeKind::Number(text.to_owned());
            return all.then(|| i64::from_str_radix(digits, radix).map_or_else(|_| kept(), NodeKind::Integer));
        }
    }
    let unsigned = text.strip_prefix(['+', '-']).unwrap_or(text);
    if !unsigned.is_empty() && unsigned.bytes().all(|b| b.is_ascii_digit()) {
        return Some(match text.parse::<i64>() {
            Ok(value) if value.to_string() == text => NodeKind::Integer(value),
            _ => NodeKind::Number(text.to_owned()),
        });
    }
    is_float(text, unsigned).then(|| NodeKind::Number(text.to_owned()))
}

fn is_float(text: &str, unsigned: &str) -> bool {
    if matches!(unsigned, ".inf" | ".Inf" | ".INF") || matches!(text, ".nan" | ".NaN" | ".NAN") {
        return true;
    }
    let digits = |s: &str| s.bytes().all(|b| b.is_ascii_digit());
    let (mantissa, exponent) = match unsigned.split_once(['e', 'E']) {
        Some((mantissa, exponent)) => (mantissa, Some(exponent.strip_prefix(['+', '-']).unwrap_or(exponent))),
        None => (unsigned, None),
    };
    let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
    digits(whole)
        && digits(fraction)
        && !(whole.is_empty() && fraction.is_empty())
        && exponent.is_none_or(|e| !e.is_empty() && digits(e))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn core_schema() {
        let number = |text: &str| NodeKind::Number(text.to_owned());
        let string = |text: &str| NodeKind::String(text.to_owned());
        for text in ["", "~", "null", "Null", "NULL"] {
            assert_eq!(resolve(text), NodeKind::Null, "{text}");
        }
        for (text, value) in [("true", true), ("True", true), ("FALSE", false)] {
            assert_eq!(resolve(text), NodeKind::Bool(value), "{text}");
        }
        for (text, value) in
            [("0", 0), ("12", 12), ("-12", -12), ("0x1F", 31), ("0o17", 15), ("9223372036854775807", i64::MAX)]
        {
            assert_eq!(resolve(text), NodeKind::Integer(value), "{text}");
        }
        for text in [
            "1.10",
            "1.",
            ".5",
            "-.5",
            "1e3",
            "1E-3",
            "12e456789012",
            "007",
            "+7",
            "-0",
            ".inf",
            "-.INF",
            ".nan",
            "9223372036854775808",
            "0xffffffffffffffffff",
        ] {
            assert_eq!(resolve(text), number(text), "{text}");
        }
        for text in [
            "no",
            "yes",
            "on",
            "off",
            "y",
            "nULL",
            "tRUE",
            "1_000",
            "12:30",
            "2024-01-01",
            "1.2.3",
            ".",
            "-",
            "+",
            "e5",
            "1e",
            "0x",
            "0xg",
            "0o8",
            "-0x1",
            "-.nan",
            "..",
            "1e+",
            ".e3",
            "3f2a",
            "²",
        ] {
            assert_eq!(resolve(text), string(text), "{text}");
        }
    }
}
