//! Defaults in one spelling.

use aludel_engine::dialect::Dialect;
use aludel_engine::schema::{Type, Value};

use crate::dialect::MySql;
use crate::literal::{hexadecimal, is_number, quote_text};
use crate::{expression, types};

/// A default as canonical SQL; none for NULL, which is the same as no default.
pub(crate) fn canonical(dialect: &MySql, value: Value, ty: &Type) -> Option<Value> {
    let Ok(sql) = dialect.literal(&value, ty) else {
        return Some(value);
    };
    let mut sql = sql.trim();
    while expression::is_parenthesised(sql) {
        sql = sql[1..sql.len() - 1].trim();
    }
    if sql.eq_ignore_ascii_case("null") {
        return None;
    }
    let literal = read_literal(sql).and_then(|literal| spell(literal, ty));
    Some(Value::Sql(literal.unwrap_or_else(|| expression::canonical(sql, dialect.lexicon()))))
}

/// What a literal holds.
enum Literal {
    Number(String),
    Text(String),
    Bytes(Vec<u8>),
    Bits(String),
}

fn read_literal(sql: &str) -> Option<Literal> {
    if is_number(sql) {
        return Some(Literal::Number(sql.to_owned()));
    }
    match sql.to_ascii_lowercase().as_str() {
        "true" => return Some(Literal::Number("1".to_owned())),
        "false" => return Some(Literal::Number("0".to_owned())),
        _ => {}
    }
    if let Some(digits) = sql.strip_prefix("0x") {
        return bytes(digits).map(Literal::Bytes);
    }
    if let Some(digits) = sql.strip_prefix("unhex('").and_then(|rest| rest.strip_suffix("')")) {
        return bytes(digits).map(Literal::Bytes);
    }
    let (prefix, body) = sql.split_once('\'')?;
    let body = body.strip_suffix('\'')?;
    match prefix.to_ascii_lowercase().as_str() {
        "" | "n" | "_utf8mb4" | "_utf8mb3" | "_utf8" => unescape(body).map(Literal::Text),
        "x" | "_binary 0x" => bytes(body).map(Literal::Bytes),
        "b" => body.bytes().all(|b| matches!(b, b'0' | b'1')).then(|| Literal::Bits(body.to_owned())),
        _ => None,
    }
}

/// The text of a string literal between its quotes; none when a quote ends it before.
fn unescape(body: &str) -> Option<String> {
    let mut text = String::with_capacity(body.len());
    let mut chars = body.chars();
    while let Some(c) = chars.next() {
        match c {
            '\'' if chars.next() == Some('\'') => text.push('\''),
            '\'' => return None,
            '\\' => match chars.next()? {
                'n' => text.push('\n'),
                't' => text.push('\t'),
                'r' => text.push('\r'),
                'b' => text.push('\u{8}'),
                'Z' => text.push('\u{1a}'),
                '0' => text.push('\0'),
                // https://dev.mysql.com/doc/refman/8.4/en/string-literals.html, "String Comparison Functions"
                pattern @ ('%' | '_') => text.extend(['\\', pattern]),
                other => text.push(other),
            },
            c => text.push(c),
        }
    }
    Some(text)
}

/// The bytes of hexadecimal digits.
pub(crate) fn bytes(digits: &str) -> Option<Vec<u8>> {
    if !digits.len().is_multiple_of(2) {
        return None;
    }
    (0..digits.len()).step_by(2).map(|at| u8::from_str_radix(digits.get(at..at + 2)?, 16).ok()).collect()
}

/// A literal as the server spells it for a type.
fn spell(literal: Literal, ty: &Type) -> Option<String> {
    let numeric = types::is_integer(ty) || matches!(ty, Type::Boolean | Type::Decimal(_) | Type::Real | Type::Double);
    Some(match (literal, ty) {
        (Literal::Number(text) | Literal::Text(text), ty) if numeric && is_number(text.trim()) => {
            number(text.trim(), ty)
        }
        (
            Literal::Text(text) | Literal::Number(text),
            Type::Timestamp(_) | Type::TimestampTz(_) | Type::Date | Type::Time(_),
        ) => quote_text(&moment(&text, ty)).ok()?,
        (Literal::Text(text) | Literal::Number(text), Type::Binary(_) | Type::Varbinary(_) | Type::Blob) => {
            binary(text.into_bytes(), ty)
        }
        (Literal::Bytes(bytes), Type::Binary(_) | Type::Varbinary(_) | Type::Blob) => binary(bytes, ty),
        (Literal::Bytes(bytes), _) => quote_text(&String::from_utf8(bytes).ok()?).ok()?,
        (Literal::Number(text), Type::Native(native)) if native == "year" => text,
        (Literal::Text(text), Type::Native(native)) if native == "year" => text,
        (Literal::Text(text) | Literal::Number(text), _) => quote_text(&text).ok()?,
        (Literal::Bits(bits), _) => format!("b'{}'", bits.trim_start_matches('0')),
    })
}

/// The server pads BINARY with zero bytes when it prints the default.
fn binary(mut bytes: Vec<u8>, ty: &Type) -> String {
    if matches!(ty, Type::Binary(_)) {
        while bytes.last() == Some(&0) {
            bytes.pop();
        }
    }
    hexadecimal(&bytes)
}

/// A number without needless signs and zeros. The server prints a DECIMAL with all digits of its scale.
fn number(text: &str, ty: &Type) -> String {
    match ty {
        Type::Real => text.parse::<f32>().map_or_else(|_| text.to_owned(), |number| number.to_string()),
        Type::Double => text.parse::<f64>().map_or_else(|_| text.to_owned(), |number| number.to_string()),
        _ if text.contains(['e', 'E']) => text.to_ascii_lowercase(),
        _ => {
            let (sign, digits) = match text.strip_prefix('-') {
                Some(rest) => ("-", rest),
                None => ("", text.strip_prefix('+').unwrap_or(text)),
            };
            let (whole, part) = digits.split_once('.').unwrap_or((digits, ""));
            let (whole, part) = (whole.trim_start_matches('0'), part.trim_end_matches('0'));
            let whole = if whole.is_empty() { "0" } else { whole };
            match (whole, part) {
                ("0", "") => "0".to_owned(),
                (whole, "") => format!("{sign}{whole}"),
                (whole, part) => format!("{sign}{whole}.{part}"),
            }
        }
    }
}

/// A date and time as the server completes it, without the zeros of the fraction.
fn moment(text: &str, ty: &Type) -> String {
    let mut text = text.trim().replace('T', " ");
    if matches!(ty, Type::Timestamp(_) | Type::TimestampTz(_)) {
        match text.len() {
            10 => text.push_str(" 00:00:00"),
            16 => text.push_str(":00"),
            _ => {}
        }
    }
    if matches!(ty, Type::Time(_)) && text.len() == 5 {
        text.push_str(":00");
    }
    match text.split_once('.') {
        Some((whole, fraction)) => match fraction.trim_end_matches('0') {
            "" => whole.to_owned(),
            fraction => format!("{whole}.{fraction}"),
        },
        None => text,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::dialect::Flavour;

    #[test]
    fn what_servers_print_and_users_write_comes_out_the_same() {
        let dialect = MySql::new(Flavour::MySql, Flavour::MySql.versions().0);
        let sql = |text: &str| Value::Sql(text.to_owned());
        let text = |text: &str| Value::Text(text.to_owned());
        for (ty, values, expected) in [
            ("integer", vec![Value::Integer(5), sql("5"), sql("(5)"), text("5"), sql("'5'")], Some("5")),
            ("decimal(12,2)", vec![Value::Integer(0), sql("0.00"), Value::Number("-0.0".to_owned())], Some("0")),
            ("decimal(12,2)", vec![Value::Number("1.50".to_owned()), sql("1.5")], Some("1.5")),
            ("double", vec![Value::Number("1e3".to_owned()), sql("1000")], Some("1000")),
            ("boolean", vec![Value::Bool(true), sql("1"), sql("true"), Value::Integer(1)], Some("1")),
            (
                "varchar(9)",
                vec![text("it's \\"), sql("'it''s \\\\'"), sql("_utf8mb4'it\\'s \\\\'")],
                Some("'it''s \\\\'"),
            ),
            ("varchar(9)", vec![Value::Null, sql("NULL"), sql("(null)")], None),
            ("timestamp", vec![text("2020-01-01"), sql("'2020-01-01 00:00:00.000000'")], Some("'2020-01-01 00:00:00'")),
            (
                "varbinary(4)",
                vec![Value::Bytes(vec![0, 255]), sql("0x00FF"), sql("unhex('00ff')"), sql("X'00ff'")],
                Some("0x00ff"),
            ),
            ("binary(4)", vec![text("ab"), sql("0x6162"), sql("'ab\\0\\0'"), sql("X'61620000'")], Some("0x6162")),
        ] {
            let ty = Type::parse(ty).expect(ty);
            for value in values {
                let found = canonical(&dialect, value.clone(), &ty);
                assert_eq!(found, expected.map(sql), "{value:?} as {ty}");
                if let Some(found) = found {
                    assert_eq!(canonical(&dialect, found.clone(), &ty), Some(found));
                }
            }
        }
    }
}
