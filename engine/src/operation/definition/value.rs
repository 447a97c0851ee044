//! Values as the language writes them, and whether they fit a type.

use super::json::json_value;
use super::notation;
use crate::diagnostic::{Diagnostic, Diagnostics, codes};
use crate::operation::Context;
use crate::operation::text::sql_text;
use crate::schema::{Function, Schema, Type, Value, hexadecimal_digits};
use crate::source::{Decode, Node, NodeKind, one_of};

/// Reads a value for a column of a type.
pub fn value(node: &Node, ty: &Type, context: &Context, diagnostics: &mut Diagnostics) -> Option<Value> {
    if let NodeKind::Mapping(map) = &node.kind
        && let [(key, inner)] = map.as_slice()
    {
        match key.name.as_str() {
            "sql" => return sql_text(inner, context, diagnostics).map(Value::Sql),
            "fn" => return one_of(inner, "function", &Function::ALL, diagnostics).map(Value::Function),
            "hex" if is_bytes(ty) => return bytes(inner, notation::hex, diagnostics),
            "base64" if is_bytes(ty) => return bytes(inner, notation::base64, diagnostics),
            _ => {}
        }
    }
    if matches!(ty, Type::Json | Type::Jsonb) {
        return json_value(node, diagnostics);
    }
    match &node.kind {
        NodeKind::Null => Some(Value::Null),
        NodeKind::Bool(value) => Some(Value::Bool(*value)),
        NodeKind::Integer(value) => Some(Value::Integer(*value)),
        NodeKind::Number(text) => Some(Value::Number(text.clone())),
        NodeKind::String(text) if is_bytes(ty) => Some(Value::Bytes(text.clone().into_bytes())),
        NodeKind::String(text) => Some(Value::Text(text.clone())),
        NodeKind::Mapping(_) | NodeKind::Sequence(_) => {
            diagnostics.push(
                Diagnostic::error(
                    &codes::WRONG_VALUE,
                    format!("{} is not a value for the type `{ty}`", node.describe()),
                )
                .at(node.span, "here")
                .help(match is_bytes(ty) {
                    true => "write a text, whose bytes in UTF-8 are meant, `{hex: \"00ff\"}`, `{base64: \"AP8=\"}` or `{sql: \"…\"}`",
                    false => {
                        "write a scalar, `{sql: \"…\"}` or `{fn: now}`; maps and lists are values of `json` columns only"
                    }
                }),
            );
            None
        }
    }
}

/// Whether a type holds bytes. A text for one means its bytes in UTF-8, in every dialect.
fn is_bytes(ty: &Type) -> bool {
    matches!(ty, Type::Binary(_) | Type::Varbinary(_) | Type::Blob)
}

fn bytes(node: &Node, read: fn(&str) -> Result<Vec<u8>, String>, diagnostics: &mut Diagnostics) -> Option<Value> {
    match read(&String::decode(node, diagnostics)?) {
        Ok(bytes) => Some(Value::Bytes(bytes)),
        Err(reason) => {
            diagnostics.push(Diagnostic::error(&codes::WRONG_VALUE, reason).at(node.span, "these bytes"));
            None
        }
    }
}

/// A value that stays while the type of its column changes: a text becomes its bytes.
#[must_use]
pub fn refit(value: Value, ty: &Type) -> Value {
    match value {
        Value::Text(text) if is_bytes(ty) => Value::Bytes(text.into_bytes()),
        value => value,
    }
}

/// Whether a value fits a type, and if not why: a sentence without a full stop.
///
/// # Errors
/// When it does not fit.
pub fn fit_value(value: &Value, ty: &Type, schema: &Schema) -> Result<(), String> {
    let integer = |bits: u32| match value {
        Value::Integer(number) => {
            let bound = 1i128 << (bits - 1);
            let number = i128::from(*number);
            if (-bound..bound).contains(&number) {
                Ok(())
            } else {
                Err(format!("{number} is out of the range of `{ty}`"))
            }
        }
        _ => Err(format!("{} is not a whole number, which the type `{ty}` needs", shown(value))),
    };
    let text = |limit: Option<u32>| match value {
        Value::Text(text) => match limit {
            Some(limit) if text.chars().count() > limit as usize => {
                Err(format!("{} has {} characters, more than `{ty}` holds", shown(value), text.chars().count()))
            }
            _ => Ok(()),
        },
        _ => Err(format!("{} is not a text, which the type `{ty}` needs; put it in quotes", shown(value))),
    };
    let written = |check: fn(&str) -> Result<(), String>| match value {
        Value::Text(text) => check(text),
        _ => text(None),
    };
    let binary = |limit: Option<u32>| match value {
        Value::Bytes(bytes) => match limit {
            Some(limit) if bytes.len() > limit as usize => {
                Err(format!("{} has {} bytes, more than `{ty}` holds", shown(value), bytes.len()))
            }
            _ => Ok(()),
        },
        _ => Err(format!(
            "{} is not a value of bytes, which the type `{ty}` needs; write a text, `{{hex: \"…\"}}` or `{{base64: \"…\"}}`",
            shown(value)
        )),
    };
    match value {
        Value::Null | Value::Sql(_) => return Ok(()),
        Value::Function(function) => return fit_function(*function, ty),
        _ => {}
    }
    match ty {
        Type::Boolean => match value {
            Value::Bool(_) => Ok(()),
            _ => Err(format!("{} is not a boolean; write `true` or `false`", shown(value))),
        },
        Type::SmallInt => integer(16),
        Type::Integer => integer(32),
        Type::BigInt => integer(64),
        Type::Decimal(_) | Type::Real | Type::Double | Type::Money => match (value, ty) {
            (Value::Integer(number), Type::Decimal(Some((precision, scale)))) => {
                notation::decimal(&number.to_string(), *precision, *scale)
            }
            (Value::Number(text), Type::Decimal(Some((precision, scale)))) => {
                notation::decimal(text, *precision, *scale)
            }
            (Value::Integer(_) | Value::Number(_), _) => Ok(()),
            _ => Err(format!("{} is not a number, which the type `{ty}` needs", shown(value))),
        },
        Type::Char(size) | Type::Varchar(size) => text(*size),
        Type::Text => text(None),
        Type::Uuid => written(notation::uuid),
        Type::Date => written(notation::date),
        Type::Time(_) => written(notation::time),
        Type::Timestamp(_) => written(|text| notation::timestamp(text, false)),
        Type::TimestampTz(_) => written(|text| notation::timestamp(text, true)),
        Type::Binary(size) | Type::Varbinary(size) => binary(*size),
        Type::Blob => binary(None),
        Type::Enum(name) => match (value, schema.enumeration(name)) {
            (Value::Text(word), Some(enumeration)) if !enumeration.values.contains(word) => Err(format!(
                "`{word}` is not a value of the enum `{name}`, which has {}",
                enumeration.values.iter().map(|value| format!("`{value}`")).collect::<Vec<_>>().join(", ")
            )),
            (Value::Text(_), _) => Ok(()),
            _ => Err(format!("{} is not a value of the enum `{name}`; put it in quotes", shown(value))),
        },
        _ => Ok(()),
    }
}

/// Whether what a function makes can be a value of a type: refused where no database takes it.
fn fit_function(function: Function, ty: &Type) -> Result<(), String> {
    let fits = match ty {
        Type::Char(_) | Type::Varchar(_) | Type::Text | Type::Native(_) => true,
        Type::Date | Type::Timestamp(_) | Type::TimestampTz(_) => matches!(function, Function::Now | Function::Today),
        Type::Time(_) => function == Function::Now,
        Type::Uuid => function == Function::Uuid,
        _ => false,
    };
    if fits {
        return Ok(());
    }
    let name = Function::ALL.iter().find(|(_, known)| *known == function).map_or("", |(name, _)| name);
    Err(format!("what `{{fn: {name}}}` makes is not a value of the type `{ty}`"))
}

fn shown(value: &Value) -> String {
    match value {
        Value::Null => "null".to_owned(),
        Value::Bool(value) => format!("`{value}`"),
        Value::Integer(value) => format!("`{value}`"),
        Value::Number(text) | Value::Text(text) | Value::Json(text) | Value::Sql(text) => format!("`{text}`"),
        Value::Bytes(bytes) => match std::str::from_utf8(bytes) {
            Ok(text) => format!("`{text}`"),
            Err(_) => format!("`0x{}`", hexadecimal_digits(bytes)),
        },
        Value::Function(function) => format!("{function:?}"),
    }
}
