//! Types: what the portable ones become, and what a declared type means.

use aludel_engine::dialect::Unsupported;
use aludel_engine::schema::{DEFAULT_TIME_PRECISION, Type};

use aludel_engine::sql::TokenKind;

use crate::lex::tokens;

/// What SQLite makes of the values of a column. <https://sqlite.org/datatype3.html#determination_of_column_affinity>
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Affinity {
    /// Whole numbers, where a value can be one.
    Integer,
    /// Text.
    Text,
    /// As it is.
    Blob,
    /// Floating point.
    Real,
    /// A number, where a value can be one.
    Numeric,
}

/// The affinity of a declared type, by the five rules in their order.
pub fn affinity(declared: &str) -> Affinity {
    let declared = declared.to_ascii_uppercase();
    let has = |part: &str| declared.contains(part);
    if has("INT") {
        Affinity::Integer
    } else if has("CHAR") || has("CLOB") || has("TEXT") {
        Affinity::Text
    } else if has("BLOB") || declared.trim().is_empty() {
        Affinity::Blob
    } else if has("REAL") || has("FLOA") || has("DOUB") {
        Affinity::Real
    } else {
        Affinity::Numeric
    }
}

/// A type in the words of a column definition.
pub fn render(ty: &Type) -> Result<String, Unsupported> {
    let sized = |name: &str, size: &Option<u32>| match size {
        Some(size) => format!("{name}({size})"),
        None => name.to_owned(),
    };
    Ok(match ty {
        Type::Boolean => "BOOLEAN".to_owned(),
        Type::SmallInt => "SMALLINT".to_owned(),
        Type::Integer => "INTEGER".to_owned(),
        Type::BigInt => "BIGINT".to_owned(),
        Type::Decimal(None) => "DECIMAL".to_owned(),
        Type::Decimal(Some((precision, scale))) => format!("DECIMAL({precision},{scale})"),
        Type::Real => "REAL".to_owned(),
        Type::Double => "DOUBLE".to_owned(),
        Type::Char(size) => sized("CHAR", size),
        Type::Varchar(size) => sized("VARCHAR", size),
        Type::Text | Type::Enum(_) => "TEXT".to_owned(),
        Type::Binary(_) | Type::Varbinary(_) | Type::Blob => "BLOB".to_owned(),
        Type::Date => "DATE".to_owned(),
        Type::Time(_) => "TIME".to_owned(),
        Type::Timestamp(_) | Type::TimestampTz(_) => "DATETIME".to_owned(),
        Type::Uuid => "CHAR(36)".to_owned(),
        Type::Json | Type::Jsonb => "JSON".to_owned(),
        Type::Native(text) => return native(text),
        Type::Interval
        | Type::Inet
        | Type::Cidr
        | Type::MacAddr
        | Type::TsVector
        | Type::Bit(_)
        | Type::Money
        | Type::Xml
        | Type::Range(_)
        | Type::Array(_) => {
            return Err(Unsupported::new(format!("SQLite has no type `{ty}`"))
                .help("say what SQLite should use instead: `type: {sqlite: text, …}`"));
        }
    })
}

/// A type of a STRICT table, which knows five words only. <https://sqlite.org/stricttables.html>
pub fn render_strict(ty: &Type) -> Result<String, Unsupported> {
    if let Type::Native(text) = ty {
        let known = ["INT", "INTEGER", "REAL", "TEXT", "BLOB", "ANY"];
        return match known.iter().find(|word| word.eq_ignore_ascii_case(text.trim())) {
            Some(word) => Ok((*word).to_owned()),
            None => Err(Unsupported::new(format!("a STRICT table has no type `{text}`"))
                .help("STRICT tables have INTEGER, REAL, TEXT, BLOB and ANY")),
        };
    }
    render(ty)?;
    Ok(match ty {
        Type::Boolean | Type::SmallInt | Type::Integer | Type::BigInt => "INTEGER",
        Type::Decimal(_) | Type::Real | Type::Double => "REAL",
        Type::Binary(_) | Type::Varbinary(_) | Type::Blob => "BLOB",
        _ => "TEXT",
    }
    .to_owned())
}

/// A native type is the user's text; it must be one type and nothing else: words, with one or two numbers in parentheses.
fn native(text: &str) -> Result<String, Unsupported> {
    let tokens = tokens(text);
    let texts: Vec<&str> =
        tokens.iter().map(|token| token.text(text)).filter(|text| !matches!(*text, "+" | "-")).collect();
    let open = texts.iter().position(|text| *text == "(").unwrap_or(texts.len());
    let names =
        tokens.iter().take(open).all(|token| matches!(token.kind, TokenKind::Word | TokenKind::QuotedIdentifier));
    let number = |text: &str| text.starts_with(|c: char| c.is_ascii_digit() || c == '.');
    let arguments = match texts.get(open..).unwrap_or_default() {
        [] => true,
        ["(", size, ")"] => open > 0 && number(size),
        ["(", precision, ",", scale, ")"] => open > 0 && number(precision) && number(scale),
        _ => false,
    };
    if names && arguments && tokens.iter().all(|token| token.terminated) {
        return Ok(text.trim().to_owned());
    }
    Err(Unsupported::new(format!("`{text}` is not a type of SQLite"))
        .help("a declared type is words, with one or two numbers in parentheses at most: `NVARCHAR(160)`"))
}

/// The portable type that a declared type means. Total: what is not known stays native text.
pub fn parse(text: &str) -> Type {
    let text = text.trim();
    let (name, arguments) = match text.split_once('(') {
        Some((name, rest)) => (name.trim_end(), rest.trim_end().strip_suffix(')')),
        None => (text, None),
    };
    let native = || Type::Native(text.split_whitespace().collect::<Vec<_>>().join(" "));
    let numbers: Vec<u32> = match arguments {
        None => Vec::new(),
        Some(arguments) => match arguments.split(',').map(|part| part.trim().parse::<u32>()).collect() {
            Ok(numbers) => numbers,
            Err(_) => return native(),
        },
    };
    if text.contains('(') && arguments.is_none() {
        return native();
    }
    let name = name.to_ascii_uppercase().split_whitespace().collect::<Vec<_>>().join(" ");
    let plain = match name.as_str() {
        "BOOLEAN" | "BOOL" => Some(Type::Boolean),
        "SMALLINT" | "INT2" | "TINYINT" => Some(Type::SmallInt),
        "INTEGER" | "INT" | "INT4" | "MEDIUMINT" => Some(Type::Integer),
        "BIGINT" | "INT8" | "UNSIGNED BIG INT" => Some(Type::BigInt),
        "REAL" | "FLOAT4" => Some(Type::Real),
        "DOUBLE" | "DOUBLE PRECISION" | "FLOAT" | "FLOAT8" => Some(Type::Double),
        "TEXT" | "CLOB" => Some(Type::Text),
        "BLOB" => Some(Type::Blob),
        "DATE" => Some(Type::Date),
        "JSON" | "JSONB" => Some(Type::Json),
        "UUID" => Some(Type::Native("UUID".to_owned())),
        _ => None,
    };
    match (plain, numbers.as_slice()) {
        (Some(ty), []) => return ty,
        (Some(_), _) => return native(),
        (None, _) => {}
    }
    let size = match numbers.as_slice() {
        [] => None,
        [size] if *size > 0 => Some(*size),
        _ => Some(0),
    };
    match (name.as_str(), numbers.as_slice()) {
        ("CHAR" | "CHARACTER" | "NCHAR" | "NATIVE CHARACTER", _) if size != Some(0) => Type::Char(size),
        ("VARCHAR" | "NVARCHAR" | "VARYING CHARACTER" | "CHARACTER VARYING" | "VARCHAR2", _) if size != Some(0) => {
            Type::Varchar(size)
        }
        ("DECIMAL" | "NUMERIC" | "DEC", []) => Type::Decimal(None),
        ("DECIMAL" | "NUMERIC" | "DEC", [precision]) => Type::Decimal(Some((*precision, 0))),
        ("DECIMAL" | "NUMERIC" | "DEC", [precision, scale]) if scale <= precision => {
            Type::Decimal(Some((*precision, *scale)))
        }
        ("TIME", []) => Type::Time(DEFAULT_TIME_PRECISION),
        ("DATETIME" | "TIMESTAMP", []) => Type::Timestamp(DEFAULT_TIME_PRECISION),
        _ => native(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn portable_types_become_declared_types() {
        for (ty, rendered) in [
            ("boolean", "BOOLEAN"),
            ("smallint", "SMALLINT"),
            ("integer", "INTEGER"),
            ("bigint", "BIGINT"),
            ("decimal(12,2)", "DECIMAL(12,2)"),
            ("real", "REAL"),
            ("double", "DOUBLE"),
            ("char(3)", "CHAR(3)"),
            ("varchar(255)", "VARCHAR(255)"),
            ("varchar", "VARCHAR"),
            ("text", "TEXT"),
            ("varbinary(16)", "BLOB"),
            ("date", "DATE"),
            ("time(3)", "TIME"),
            ("timestamptz", "DATETIME"),
            ("uuid", "CHAR(36)"),
            ("jsonb", "JSON"),
            ("enum(status)", "TEXT"),
        ] {
            let ty = Type::parse(ty).expect(ty);
            let text = render(&ty).expect(rendered);
            assert_eq!(text, rendered);
            let canonical = parse(&text);
            assert_eq!(render(&canonical).as_deref(), Ok(rendered), "canonical form of {ty}");
            assert_eq!(parse(&render(&canonical).expect(rendered)), canonical);
        }
        for ty in ["interval", "inet", "text[]", "int4range", "money", "xml", "bit(3)", "tsvector"] {
            let error = render(&Type::parse(ty).expect(ty)).expect_err(ty);
            assert!(error.message.contains(ty) && error.help.is_some(), "{error:?}");
        }
    }

    #[test]
    fn declared_types_are_understood_in_every_spelling() {
        for (text, ty) in [
            ("int", "integer"),
            ("TINYINT", "smallint"),
            ("unsigned  big int", "bigint"),
            ("double precision", "double"),
            ("NVARCHAR(160)", "varchar(160)"),
            ("VARYING CHARACTER ( 20 )", "varchar(20)"),
            ("numeric(10, 2)", "decimal(10,2)"),
            ("NUMERIC(5)", "decimal(5,0)"),
            ("timestamp", "timestamp"),
            ("geometry(Point, 4326)", "geometry(Point, 4326)"),
            ("", ""),
            ("INTEGER(8)", "INTEGER(8)"),
        ] {
            assert_eq!(parse(text).to_string(), ty, "{text}");
        }
    }

    #[test]
    fn native_text_cannot_smuggle_anything_in() {
        for good in ["NVARCHAR(160)", "", "UNSIGNED BIG INT", "DECIMAL(10,-5)", "\"my type\""] {
            assert!(render(&Type::Native(good.to_owned())).is_ok(), "{good}");
        }
        for bad in [
            "TEXT, b TEXT",
            "TEXT); DROP TABLE t; --(",
            "TEXT(1",
            "'x'",
            "A(1) B",
            "a;b",
            "geometry(Point, 4326)",
            "\"a",
        ] {
            assert!(render(&Type::Native(bad.to_owned())).is_err(), "{bad}");
        }
    }

    #[test]
    fn strict_tables_have_five_types() {
        for (ty, rendered) in [
            ("boolean", "INTEGER"),
            ("varchar(3)", "TEXT"),
            ("decimal(3,1)", "REAL"),
            ("blob", "BLOB"),
            ("date", "TEXT"),
        ] {
            assert_eq!(render_strict(&Type::parse(ty).expect(ty)).as_deref(), Ok(rendered));
        }
        assert!(render_strict(&Type::Native("VARCHAR(3)".to_owned())).is_err());
        assert_eq!(render_strict(&Type::Native("any".to_owned())).as_deref(), Ok("ANY"));
    }

    proptest! {
        #[test]
        fn canonical_types_stay_as_they_are(text in "[A-Za-z0-9(), ]{0,20}") {
            let ty = parse(&text);
            if let Ok(rendered) = render(&ty) {
                prop_assert_eq!(parse(&rendered), ty);
            }
        }
    }
}
