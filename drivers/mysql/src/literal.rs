//! Values as SQL.

use aludel_engine::dialect::{Unsupported, date_and_time, four_digit_year};
use aludel_engine::schema::{Function, Type, Value, hexadecimal_digits};

use crate::dialect::MySql;

/// A value as an expression that has the meaning of the type.
pub(crate) fn render(dialect: &MySql, value: &Value, ty: &Type) -> Result<String, Unsupported> {
    let json = matches!(ty, Type::Json | Type::Jsonb);
    Ok(match value {
        Value::Null => "NULL".to_owned(),
        Value::Bool(value) if json => quote_text(if *value { "true" } else { "false" })?,
        Value::Bool(true) if *ty == Type::Boolean => "TRUE".to_owned(),
        Value::Bool(false) if *ty == Type::Boolean => "FALSE".to_owned(),
        Value::Bool(value) => u8::from(*value).to_string(),
        Value::Integer(number) if json => quote_text(&number.to_string())?,
        Value::Integer(number) => number.to_string(),
        Value::Number(text) if !is_number(text) => {
            return Err(Unsupported::new(format!("{} has no number `{text}`", dialect.title()))
                .help("only finite numbers can be stored; use null"));
        }
        Value::Number(text) if json => quote_text(text)?,
        Value::Number(text) => text.clone(),
        Value::Text(text) => match ty {
            Type::Timestamp(_) | Type::TimestampTz(_) => {
                four_digit_year(text)?;
                let moment = date_and_time(text, matches!(ty, Type::TimestampTz(_)))?;
                if matches!(ty, Type::TimestampTz(_)) {
                    in_epoch(dialect, &moment)?;
                }
                quote_text(&moment)?
            }
            Type::Date => {
                four_digit_year(text)?;
                quote_text(text)?
            }
            // The characters of the text as UTF-8, whatever the connection's character set.
            Type::Binary(_) | Type::Varbinary(_) | Type::Blob if !text.is_ascii() => hexadecimal(text.as_bytes()),
            _ => quote_text(text)?,
        },
        Value::Json(text) => quote_text(text)?,
        Value::List(_) => return Err(Unsupported::new(format!("{} has no arrays", dialect.title()))),
        Value::Bytes(bytes) => hexadecimal(bytes),
        Value::Function(function) => call(*function, ty),
        Value::Sql(sql) => sql.clone(),
    })
}

/// Refuses a moment that a TIMESTAMP cannot hold, which counts the seconds since 1970 in 32 bits.
/// <https://dev.mysql.com/doc/refman/8.4/en/datetime.html>
fn in_epoch(dialect: &MySql, moment: &str) -> Result<(), Unsupported> {
    match ("1970-01-01 00:00:01".."2038-01-19 03:14:08").contains(&moment) {
        true => Ok(()),
        false => Err(Unsupported::new(format!(
            "{} keeps a `timestamptz` from 1970-01-01 00:00:01 to 2038-01-19 03:14:07 UTC, and `{moment}` is not one",
            dialect.title()
        ))
        .help("make the column a `timestamp` there: `type: {mysql: datetime(6), …}`")),
    }
}

/// The call of a portable function, at the precision of the type.
fn call(function: Function, ty: &Type) -> String {
    let with = |name: &str, precision: u8| match precision {
        0 => name.to_owned(),
        precision => format!("{name}({precision})"),
    };
    match (function, ty) {
        (Function::Now, Type::Timestamp(p) | Type::TimestampTz(p)) => with("CURRENT_TIMESTAMP", *p),
        (Function::Now, Type::Time(p)) => with("CURRENT_TIME", *p),
        (Function::Now | Function::Today, Type::Date) | (Function::Today, _) => "CURRENT_DATE".to_owned(),
        (Function::Now, _) => "CURRENT_TIMESTAMP(6)".to_owned(),
        (Function::Uuid, _) => "uuid()".to_owned(),
        (Function::CurrentUser, _) => "current_user()".to_owned(),
    }
}

/// The text of a comment. The catalog keeps three bytes for a character, and writes `?` for one that has four.
/// <https://dev.mysql.com/doc/refman/8.4/en/charset-metadata.html>
pub(crate) fn comment_text(text: &str) -> Result<String, Unsupported> {
    if let Some(character) = text.chars().find(|c| *c > '\u{FFFF}') {
        return Err(Unsupported::new(format!(
            "a comment cannot hold `{character}`: the catalogs of MySQL and MariaDB have no characters beyond U+FFFF, such \
             as emoji"
        ))
        .help("leave the character out, or give the comment another text there: `mysql: {comment: …}`"));
    }
    quote_text(text)
}

/// A string literal. The session runs without NO_BACKSLASH_ESCAPES, so a backslash is doubled. A carriage return is
/// written as an escape, because the clients drop one before the end of a line of a script.
/// <https://dev.mysql.com/doc/refman/8.4/en/string-literals.html>
pub(crate) fn quote_text(text: &str) -> Result<String, Unsupported> {
    if text.contains('\0') {
        return Err(Unsupported::new("a text with a NUL character cannot be written in SQL")
            .help("give the bytes as `{sql: \"x'…'\"}`"));
    }
    let mut quoted = String::with_capacity(text.len() + 2);
    quoted.push('\'');
    for c in text.chars() {
        match c {
            '\'' => quoted.push_str("''"),
            '\\' => quoted.push_str("\\\\"),
            '\r' => quoted.push_str("\\r"),
            c => quoted.push(c),
        }
    }
    quoted.push('\'');
    Ok(quoted)
}

/// Bytes as `0x…`, or as the empty string, which has no such form.
pub(crate) fn hexadecimal(bytes: &[u8]) -> String {
    if bytes.is_empty() {
        return "''".to_owned();
    }
    format!("0x{}", hexadecimal_digits(bytes))
}

/// Whether a text is a decimal number as SQL writes it.
pub(crate) fn is_number(text: &str) -> bool {
    let text = text.strip_prefix(['-', '+']).unwrap_or(text);
    let (mantissa, exponent) = match text.split_once(['e', 'E']) {
        Some((mantissa, exponent)) => (mantissa, Some(exponent)),
        None => (text, None),
    };
    let digits = |text: &str| !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit());
    let whole = match mantissa.split_once('.') {
        None => digits(mantissa),
        Some((whole, part)) => {
            (digits(whole) && (part.is_empty() || digits(part))) || (whole.is_empty() && digits(part))
        }
    };
    whole && exponent.is_none_or(|exponent| digits(exponent.strip_prefix(['-', '+']).unwrap_or(exponent)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::dialect::Flavour;

    #[test]
    fn values_are_written_for_their_type() {
        let dialect = MySql::new(Flavour::MySql, Flavour::MySql.versions().0);
        let text = |text: &str| Value::Text(text.to_owned());
        for (value, ty, sql) in [
            (Value::Null, "text", "NULL"),
            (Value::Bool(true), "boolean", "TRUE"),
            (Value::Bool(true), "integer", "1"),
            (Value::Bool(false), "json", "'false'"),
            (Value::Integer(-5), "bigint", "-5"),
            (Value::Number("184467440737095516150.5e-3".to_owned()), "double", "184467440737095516150.5e-3"),
            (text("it's \\ \"x\"\n;"), "text", "'it''s \\\\ \"x\"\n;'"),
            (text("a\r\nb"), "text", "'a\\r\nb'"),
            (text("é"), "varbinary(9)", "0xc3a9"),
            (Value::Bytes(vec![0, 0xff, 0x27]), "blob", "0x00ff27"),
            (Value::Bytes(vec![]), "blob", "''"),
            (text("2026-11-20T10:30:00+02:00"), "timestamptz", "'2026-11-20 08:30:00'"),
            (text("2026-11-20T10:30:00.5"), "timestamp", "'2026-11-20 10:30:00.5'"),
            (Value::Json("{\"a\":\"\\n'\"}".to_owned()), "json", "'{\"a\":\"\\\\n''\"}'"),
            (Value::Function(Function::Now), "timestamptz", "CURRENT_TIMESTAMP(6)"),
            (Value::Function(Function::Now), "timestamp(0)", "CURRENT_TIMESTAMP"),
            (Value::Function(Function::Now), "date", "CURRENT_DATE"),
            (Value::Function(Function::Now), "time(3)", "CURRENT_TIME(3)"),
            (Value::Sql("a || 'b'".to_owned()), "text", "a || 'b'"),
        ] {
            let ty = Type::parse(ty).expect(ty);
            assert_eq!(render(&dialect, &value, &ty).expect(sql), sql);
        }
        for (value, ty) in [
            (text("a\0b"), "text"),
            (Value::Number(".inf".to_owned()), "double"),
            (Value::Number("0x1F".to_owned()), "double"),
            (text("2026-11-20T10:30:00Z"), "timestamp"),
        ] {
            assert!(render(&dialect, &value, &Type::parse(ty).expect(ty)).is_err(), "{value:?}");
        }
    }
}
