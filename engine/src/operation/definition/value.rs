//! Values as the language writes them, and whether they fit a type.

use std::ops::RangeInclusive;

use super::json::json_value;
use super::notation;
use crate::diagnostic::{Diagnostic, Diagnostics, codes};
use crate::dialect::Dialect;
use crate::operation::Context;
use crate::operation::text::sql_text;
use crate::schema::{Column, Function, Schema, Type, Value, hexadecimal_digits};
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
    if let (Type::Array(element), NodeKind::Sequence(items)) = (ty, &node.kind) {
        let documents = matches!(**element, Type::Json | Type::Jsonb);
        let items = items.iter().map(|item| {
            let nested = matches!(item.kind, NodeKind::Sequence(_)) && !documents;
            value(item, if nested { ty } else { element }, context, diagnostics)
        });
        return items.collect::<Vec<_>>().into_iter().collect::<Option<Vec<_>>>().map(Value::List);
    }
    let whole = matches!(ty, Type::SmallInt | Type::Integer | Type::BigInt);
    match &node.kind {
        NodeKind::Null => Some(Value::Null),
        NodeKind::Bool(value) => Some(Value::Bool(*value)),
        NodeKind::Integer(value) => Some(Value::Integer(*value)),
        // `007` and `+7` are whole numbers in words of their own.
        NodeKind::Number(text) if whole && text.parse::<i64>().is_ok() => text.parse().ok().map(Value::Integer),
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
                    _ if matches!(ty, Type::Array(_)) => "write a list of values, or `{sql: \"…\"}`",
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

/// Whether a value fits a column, and if not why: a sentence without a full stop.
///
/// # Errors
/// When it does not fit.
pub fn fit_value(value: &Value, column: &Column, context: &Context, schema: &Schema) -> Result<(), String> {
    fit_column(value, column, &*context.dialect, schema)
}

/// Whether a value fits a column of a dialect, as [`fit_value`] says.
///
/// # Errors
/// When it does not fit.
pub fn fit_column(value: &Value, column: &Column, dialect: &dyn Dialect, schema: &Schema) -> Result<(), String> {
    match dialect.whole_numbers(column) {
        Some(range) if value.is_literal() && *value != Value::Null => whole(value, &column.ty, range),
        _ => fit_type(value, &column.ty, schema),
    }
}

/// Whether a value is a whole number of a range.
fn whole(value: &Value, ty: &Type, range: RangeInclusive<i128>) -> Result<(), String> {
    let number = match value {
        Value::Integer(number) => i128::from(*number),
        Value::Number(text) if text.strip_prefix('-').unwrap_or(text).bytes().all(|byte| byte.is_ascii_digit()) => {
            text.parse().unwrap_or(i128::MAX)
        }
        _ => return Err(format!("{} is not a whole number, which the type `{ty}` needs", shown(value))),
    };
    match range.contains(&number) {
        true => Ok(()),
        false => {
            let (least, most) = (range.start(), range.end());
            Err(format!("{} is out of the range of `{ty}`, which is {least} to {most}", shown(value)))
        }
    }
}

/// Whether a value fits a type in which every dialect has the same range.
///
/// # Errors
/// When it does not fit.
pub fn fit_type(value: &Value, ty: &Type, schema: &Schema) -> Result<(), String> {
    let integer = |bits: u32| {
        let bound = 1i128 << (bits - 1);
        whole(value, ty, -bound..=bound - 1)
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
    let written = |check: &dyn Fn(&str) -> Result<(), String>| match value {
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
            (Value::Number(text), Type::Real) => notation::floating(text, f64::from(f32::MAX), 7.1e-46),
            (Value::Number(text), Type::Double) => notation::floating(text, f64::MAX, 4.9e-324),
            (Value::Integer(_) | Value::Number(_), _) => Ok(()),
            _ => Err(format!("{} is not a number, which the type `{ty}` needs", shown(value))),
        },
        Type::Char(size) | Type::Varchar(size) => text(*size),
        Type::Uuid => written(&notation::uuid),
        Type::Date => written(&notation::date),
        Type::Time(precision) => {
            written(&|text| notation::time(text).and_then(|()| notation::fraction(text, *precision)))
        }
        Type::Timestamp(precision) => {
            written(&|text| notation::timestamp(text, false).and_then(|()| notation::fraction(text, *precision)))
        }
        Type::TimestampTz(precision) => {
            written(&|text| notation::timestamp(text, true).and_then(|()| notation::fraction(text, *precision)))
        }
        Type::Bit(size) => written(&|text| notation::bits(text, size.unwrap_or(1))),
        Type::Inet => written(&|text| notation::address(text, false)),
        Type::Cidr => written(&|text| notation::address(text, true)),
        Type::Text | Type::Interval | Type::MacAddr | Type::TsVector | Type::Xml | Type::Range(_) => text(None),
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
        Type::Array(element) => match value {
            Value::List(items) => list(items, ty, element, schema),
            // The server's own notation of an array.
            Value::Text(_) => Ok(()),
            _ => Err(format!("{} is not a list, which the type `{ty}` needs", shown(value))),
        },
        Type::Json | Type::Jsonb | Type::Native(_) => Ok(()),
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

/// Whether the elements of an array fit: all of them lists of one length, or none of them.
fn list(items: &[Value], ty: &Type, element: &Type, schema: &Schema) -> Result<(), String> {
    let length = |item: &Value| match item {
        Value::List(inner) => Some(inner.len()),
        _ => None,
    };
    let first = items.first().and_then(length);
    for item in items {
        if length(item) != first {
            return Err(format!("the lists in a value of `{ty}` must have one length"));
        }
        if !item.is_literal() {
            return Err(format!(
                "a value of `{ty}` cannot have an expression as an element; write the whole array as `{{sql: \"ARRAY[…]\"}}`"
            ));
        }
        fit_type(item, if first.is_some() { ty } else { element }, schema)?;
    }
    Ok(())
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
        Value::List(_) => "a list".to_owned(),
    }
}
