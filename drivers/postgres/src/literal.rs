//! Values as SQL. `standard_conforming_strings` is on in every session, so a backslash in a string is a backslash.

use aludel_engine::dialect::{Unsupported, string_literal};
use aludel_engine::schema::{Function, Type, Value, hexadecimal_digits};

use crate::types;
use crate::version::Features;

/// A value as an expression that has the meaning of the type.
///
/// # Errors
/// When PostgreSQL has no such value.
pub fn render(value: &Value, ty: &Type, features: &Features) -> Result<String, Unsupported> {
    match value {
        Value::Null => Ok("NULL".to_owned()),
        Value::Bool(flag) => Ok(match kind(ty) {
            Kind::Number => if *flag { "1" } else { "0" }.to_owned(),
            Kind::Bit => format!("B'{}'", u8::from(*flag)),
            Kind::Boolean | Kind::Other => flag.to_string(),
            Kind::Text | Kind::Bytes => format!("'{flag}'"),
        }),
        Value::Integer(number) => Ok(match (kind(ty), number) {
            (Kind::Boolean, 0) => "false".to_owned(),
            (Kind::Boolean, 1) => "true".to_owned(),
            (Kind::Boolean, _) => {
                return Err(Unsupported::new(format!("{number} is neither true nor false"))
                    .help("write `true` or `false` for a boolean"));
            }
            (Kind::Text | Kind::Bytes | Kind::Bit, _) => format!("'{number}'"),
            (Kind::Number | Kind::Other, _) => number.to_string(),
        }),
        Value::Number(text) => number(text, ty, features),
        Value::Text(text) if matches!(ty, Type::TimestampTz(_)) => string(&moment(text), ty),
        Value::Text(text) => string(text, ty),
        Value::Json(text) => string(text, ty),
        Value::List(items) => {
            let mut text = String::new();
            array_text(items, ty, features, &mut text)?;
            string(&text, &Type::Text)
        }
        Value::Bytes(bytes) => Ok(hexadecimal(bytes)),
        Value::Function(function) => call(*function, ty, features),
        Value::Sql(sql) => Ok(sql.clone()),
    }
}

enum Kind {
    Boolean,
    Number,
    /// Takes quoted text, and nothing that looks like a number.
    Text,
    Bytes,
    Bit,
    /// A native type, of which nothing is known.
    Other,
}

fn kind(ty: &Type) -> Kind {
    match ty {
        Type::Boolean => Kind::Boolean,
        Type::SmallInt | Type::Integer | Type::BigInt | Type::Decimal(_) | Type::Real | Type::Double | Type::Money => {
            Kind::Number
        }
        Type::Binary(_) | Type::Varbinary(_) | Type::Blob => Kind::Bytes,
        Type::Bit(_) => Kind::Bit,
        Type::Native(_) => Kind::Other,
        _ => Kind::Text,
    }
}

fn number(text: &str, ty: &Type, features: &Features) -> Result<String, Unsupported> {
    let special = match text.to_ascii_lowercase().as_str() {
        ".nan" | "nan" => Some("NaN"),
        ".inf" | "+.inf" | "inf" | "infinity" => Some("Infinity"),
        "-.inf" | "-inf" | "-infinity" => Some("-Infinity"),
        _ => None,
    };
    if let Some(word) = special {
        let known = match ty {
            Type::Decimal(None) => word == "NaN" || features.numeric_infinity,
            Type::Decimal(_) => word == "NaN",
            Type::SmallInt | Type::Integer | Type::BigInt | Type::Money | Type::Boolean => false,
            _ => true,
        };
        return match known {
            true => Ok(format!("'{word}'")),
            false => Err(Unsupported::new(format!("the type `{ty}` has no `{word}` in PostgreSQL"))),
        };
    }
    match kind(ty) {
        Kind::Boolean => {
            Err(Unsupported::new(format!("{text} is neither true nor false"))
                .help("write `true` or `false` for a boolean"))
        }
        Kind::Number | Kind::Other if is_decimal(text) => Ok(text.to_owned()),
        _ => string(text, ty),
    }
}

/// Whether a text is a number in SQL's own notation.
pub fn is_decimal(text: &str) -> bool {
    let unsigned = text.strip_prefix(['-', '+']).unwrap_or(text);
    let (mantissa, exponent) = match unsigned.split_once(['e', 'E']) {
        Some((mantissa, exponent)) => (mantissa, Some(exponent)),
        None => (unsigned, None),
    };
    let digits = |text: &str| text.chars().all(|c| c.is_ascii_digit());
    let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
    digits(whole)
        && digits(fraction)
        && !(whole.is_empty() && fraction.is_empty())
        && exponent.is_none_or(|e| {
            let e = e.strip_prefix(['-', '+']).unwrap_or(e);
            !e.is_empty() && digits(e)
        })
}

/// A text in quotes.
///
/// # Errors
/// When it holds a NUL, which no text of PostgreSQL can.
pub fn string(text: &str, ty: &Type) -> Result<String, Unsupported> {
    if matches!(kind(ty), Kind::Bytes) {
        return Ok(bytes(text));
    }
    match text.contains('\0') {
        true => Err(Unsupported::new("a text of PostgreSQL cannot hold the character NUL")
            .help("remove it, or keep the value in a `blob`")),
        false => Ok(string_literal(text)),
    }
}

/// The bytes of a text in UTF-8. A backslash would begin an escape of `bytea` (manual, 8.4).
fn bytes(text: &str) -> String {
    match text.chars().all(|c| (' '..='~').contains(&c) && c != '\\') {
        true => string_literal(text),
        false => hexadecimal(text.as_bytes()),
    }
}

/// Bytes in the hexadecimal format of `bytea` (manual, 8.4.1).
fn hexadecimal(bytes: &[u8]) -> String {
    format!("'\\x{}'", hexadecimal_digits(bytes))
}

fn call(function: Function, ty: &Type, features: &Features) -> Result<String, Unsupported> {
    Ok(match (function, ty) {
        (Function::Now, Type::Date) | (Function::Today, _) => "CURRENT_DATE".to_owned(),
        (Function::Now, Type::Time(_)) => "LOCALTIME".to_owned(),
        (Function::Now, _) => "now()".to_owned(),
        (Function::Uuid, _) if features.random_uuid => "gen_random_uuid()".to_owned(),
        (Function::Uuid, _) => {
            return Err(Unsupported::new("PostgreSQL 12 has no function that makes a uuid").help(
                "create the extension `pgcrypto` and write `{sql: \"gen_random_uuid()\"}`, or move to PostgreSQL 13",
            ));
        }
        (Function::CurrentUser, _) => "CURRENT_USER".to_owned(),
    })
}

/// Writes the text form of an array (manual, 8.15.6).
fn array_text(items: &[Value], ty: &Type, features: &Features, text: &mut String) -> Result<(), Unsupported> {
    let element = match ty {
        Type::Array(element) => element.as_ref(),
        other => other,
    };
    text.push('{');
    for (place, item) in items.iter().enumerate() {
        if place > 0 {
            text.push(',');
        }
        let word = match item {
            Value::Null => {
                text.push_str("NULL");
                continue;
            }
            Value::List(nested) => {
                array_text(nested, ty, features, text)?;
                continue;
            }
            Value::Bool(flag) => flag.to_string(),
            Value::Text(word) if matches!(element, Type::TimestampTz(_)) => moment(word),
            Value::Text(word) | Value::Json(word) => word.clone(),
            Value::Bytes(bytes) => format!("\\x{}", hexadecimal_digits(bytes)),
            Value::Integer(_) | Value::Number(_) => render(item, element, features)?.trim_matches('\'').to_owned(),
            Value::Function(_) | Value::Sql(_) => {
                return Err(Unsupported::new("an element of an array is an expression")
                    .help("write the whole array as `{sql: \"ARRAY[…]\"}`"));
            }
        };
        let bare = !word.is_empty()
            && !word.eq_ignore_ascii_case("null")
            && word.chars().all(|c| c.is_alphanumeric() || matches!(c, '_' | '-' | '.' | '+'));
        if bare {
            text.push_str(&word);
        } else {
            text.push('"');
            for c in word.chars() {
                if matches!(c, '"' | '\\') {
                    text.push('\\');
                }
                text.push(c);
            }
            text.push('"');
        }
    }
    text.push('}');
    Ok(())
}

/// A moment with its zone. Without one it is in UTC as in every other dialect, and not in the zone of whichever session
/// reads it.
fn moment(text: &str) -> String {
    let (moment, era) = match text.trim().strip_suffix(" BC") {
        Some(moment) => (moment, " BC"),
        None => (text.trim(), ""),
    };
    if moment.ends_with("infinity") {
        return moment.to_owned();
    }
    match moment.split_once(['T', 't', ' ']) {
        None => format!("{moment} 00:00:00+00{era}"),
        Some((_, clock)) if clock.contains(['Z', 'z', '+', '-']) => text.trim().to_owned(),
        Some((date, clock)) => format!("{date} {clock}+00{era}"),
    }
}

/// A value that a comparison with the column finds again.
///
/// # Errors
/// When it is not a constant.
pub fn for_comparison(value: &Value, ty: &Type, features: &Features) -> Result<String, Unsupported> {
    if !value.is_literal() {
        return Err(Unsupported::new("the rows cannot be found again: a key column holds an expression")
            .help("give the key column a plain value, or write the `downgrade` out"));
    }
    let literal = render(value, ty, features)?;
    // A number beside a `real` column would be compared in double precision, where 1.1 is another number.
    Ok(match ty {
        Type::Real => format!("{literal}::{}", types::render(ty)?),
        _ => literal,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::version::ASSUMED;

    fn shown(value: Value, ty: &str) -> String {
        let ty = Type::parse(ty).unwrap_or_else(|_| types::parse(ty));
        render(&value, &ty, &Features::of(ASSUMED)).unwrap_or_else(|error| format!("error: {error}"))
    }

    fn text(text: &str) -> Value {
        Value::Text(text.to_owned())
    }

    #[test]
    fn values_are_rendered_for_their_type() {
        for (value, ty, sql) in [
            (Value::Null, "text", "NULL"),
            (Value::Bool(true), "boolean", "true"),
            (Value::Bool(true), "integer", "1"),
            (Value::Bool(false), "text", "'false'"),
            (Value::Integer(0), "boolean", "false"),
            (Value::Integer(7), "boolean", "error: 7 is neither true nor false"),
            (Value::Integer(-5), "bigint", "-5"),
            (Value::Integer(5), "varchar(9)", "'5'"),
            (Value::Integer(5), "jsonb", "'5'"),
            (Value::Number("12345678901234567890.5".to_owned()), "decimal", "12345678901234567890.5"),
            (Value::Number(".nan".to_owned()), "double", "'NaN'"),
            (Value::Number("-.inf".to_owned()), "decimal", "'-Infinity'"),
            (Value::Number(".inf".to_owned()), "integer", "error: the type `integer` has no `Infinity` in PostgreSQL"),
            (Value::Number("1e5".to_owned()), "real", "1e5"),
            (Value::Number("1; drop".to_owned()), "real", "'1; drop'"),
            (text("it's \\ here"), "text", "'it''s \\ here'"),
            (text("a\0b"), "text", "error: a text of PostgreSQL cannot hold the character NUL"),
            (text("a\0b"), "blob", "'\\x610062'"),
            (text("abc"), "blob", "'abc'"),
            (text("\\x00ff"), "blob", "'\\x5c7830306666'"),
            (Value::Bytes(vec![0, 0xff, 0x27]), "varbinary(3)", "'\\x00ff27'"),
            (Value::Bytes(vec![]), "blob", "'\\x'"),
            (text("2026-01-02"), "date", "'2026-01-02'"),
            (Value::Json("{\"a\":\"it's\"}".to_owned()), "jsonb", "'{\"a\":\"it''s\"}'"),
            (
                Value::List(vec![text("1"), Value::Null, text("a b"), text("q\""), text("null")]),
                "text[]",
                "'{1,NULL,\"a b\",\"q\\\"\",\"null\"}'",
            ),
            (Value::List(Vec::new()), "integer[]", "'{}'"),
            (Value::List(vec![Value::List(vec![Value::Integer(1)])]), "integer[]", "'{{1}}'"),
            (text("2026-01-02T10:00:00+02"), "timestamptz", "'2026-01-02T10:00:00+02'"),
            (text("2026-01-02 10:00"), "timestamptz", "'2026-01-02 10:00+00'"),
            (text("0044-03-15 BC"), "timestamptz", "'0044-03-15 00:00:00+00 BC'"),
            (Value::Function(Function::Now), "timestamptz", "now()"),
            (Value::Function(Function::Now), "date", "CURRENT_DATE"),
            (Value::Function(Function::Uuid), "uuid", "gen_random_uuid()"),
            (Value::Sql("a || 'b'".to_owned()), "text", "a || 'b'"),
        ] {
            assert_eq!(shown(value, ty), sql);
        }
    }
}
