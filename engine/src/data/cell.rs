//! A field as a value of its column.

use serde_json::value::RawValue;

use crate::operation::{check_json, fit_type, hexadecimal};
use crate::schema::{Column, Schema, Type, Value};

/// A text as a value of a column, checked.
///
/// # Errors
/// Why it is none: a sentence without a full stop.
pub(super) fn of_text(text: &str, column: &Column, schema: &Schema) -> Result<Value, String> {
    let value = read(text, &column.ty)?;
    fit_type(&value, &column.ty, schema)?;
    Ok(value)
}

/// NULL as a value of a column.
///
/// # Errors
/// When the column has none.
pub(super) fn null(column: &Column) -> Result<Value, String> {
    match column.nullable {
        true => Ok(Value::Null),
        false => Err("NULL, and the column is NOT NULL".to_owned()),
    }
}

/// A JSON value as a value of a column, checked. A string is read as the text of a CSV field would be, because it is
/// the only way to write a large number or a date in JSON.
///
/// # Errors
/// Why it is none.
pub(super) fn of_json(raw: &RawValue, column: &Column, schema: &Schema) -> Result<Value, String> {
    let text = raw.get().trim();
    let value = match (text.as_bytes().first(), &column.ty) {
        (Some(b'n'), _) => return null(column),
        (_, Type::Json | Type::Jsonb) => {
            check_json(text)?;
            Value::Json(text.to_owned())
        }
        (Some(b'"'), ty) => {
            let text: String = serde_json::from_str(text).map_err(|error| error.to_string())?;
            read(&text, ty)?
        }
        (Some(b't'), _) => Value::Bool(true),
        (Some(b'f'), _) => Value::Bool(false),
        (Some(b'['), Type::Array(_)) => Value::Json(text.to_owned()),
        (Some(b'[' | b'{'), ty) => return Err(format!("a JSON list or object is not a value of the type `{ty}`")),
        _ => match text.parse::<i64>() {
            Ok(number) => Value::Integer(number),
            Err(_) => Value::Number(text.to_owned()),
        },
    };
    fit_type(&value, &column.ty, schema)?;
    Ok(value)
}

fn read(text: &str, ty: &Type) -> Result<Value, String> {
    Ok(match ty {
        Type::Boolean => match text.to_ascii_lowercase().as_str() {
            "true" | "t" | "1" => Value::Bool(true),
            "false" | "f" | "0" => Value::Bool(false),
            _ => return Err(format!("`{text}` is not a boolean; write `true` or `false`")),
        },
        Type::SmallInt | Type::Integer | Type::BigInt => match text.parse::<i64>() {
            Ok(number) => Value::Integer(number),
            Err(_) => return Err(format!("`{text}` is not a whole number, which the type `{ty}` needs")),
        },
        Type::Decimal(_) | Type::Real | Type::Double | Type::Money => number(text, ty)?,
        Type::Json | Type::Jsonb => {
            check_json(text)?;
            Value::Json(text.to_owned())
        }
        Type::Binary(_) | Type::Varbinary(_) | Type::Blob => match text.strip_prefix("\\x") {
            Some(digits) => Value::Bytes(hexadecimal(digits)?),
            None => Value::Bytes(text.as_bytes().to_vec()),
        },
        _ => Value::Text(text.to_owned()),
    })
}

fn number(text: &str, ty: &Type) -> Result<Value, String> {
    match text.to_ascii_lowercase().as_str() {
        "nan" => return Ok(Value::Number(".nan".to_owned())),
        "inf" | "infinity" => return Ok(Value::Number(".inf".to_owned())),
        "-inf" | "-infinity" => return Ok(Value::Number("-.inf".to_owned())),
        _ => {}
    }
    let digits = text.bytes().any(|byte| byte.is_ascii_digit());
    let plain = text.bytes().all(|byte| byte.is_ascii_digit() || matches!(byte, b'.' | b'e' | b'E' | b'+' | b'-'));
    match digits && plain && text.parse::<f64>().is_ok() {
        true => Ok(Value::Number(text.strip_prefix('+').unwrap_or(text).to_owned())),
        false => Err(format!("`{text}` is not a number, which the type `{ty}` needs")),
    }
}
