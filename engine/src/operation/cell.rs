//! A value for a column of a row, checked against what the schema says of the column.

use super::Lowering;
use super::condition::whole;
use super::definition::{fit_value, value};
use crate::diagnostic::{Diagnostic, codes};
use crate::schema::{Column, Table, Value};
use crate::source::{Key, Node, Spanned};

/// The column of a name, which takes values.
pub(super) fn target(table: &Table, key: &Key, lowering: &mut Lowering<'_>) -> Option<Column> {
    let column = lowering.column(table, &Spanned::new(key.name.clone(), key.span))?;
    if column.computed.is_some() {
        let message = format!("the column `{}` is computed and takes no value", column.name);
        lowering.report(Diagnostic::error(&codes::WRONG_VALUE, message).at(key.span, "remove this"));
        return None;
    }
    Some(column)
}

/// A value that a column takes.
pub(super) fn fitting(node: &Node, column: &Column, lowering: &mut Lowering<'_>) -> Option<Value> {
    let value = value(node, &column.ty, lowering.context, lowering.diagnostics)?;
    if let Value::Sql(sql) = &value {
        whole(sql, node.span, lowering.context, lowering.diagnostics)?;
    }
    let reason = match value {
        Value::Null if !column.nullable => Some(format!("the column `{}` is NOT NULL", column.name)),
        _ => fit_value(&value, column, lowering.context, &lowering.schema).err(),
    };
    if reason.is_none()
        && let Err(refusal) = lowering.context.dialect.literal(&value, &column.ty)
    {
        lowering.unsupported(refusal, node.span);
        return None;
    }
    match reason {
        Some(reason) => lowering.refuse(&codes::WRONG_VALUE, reason, node.span, "this value does not fit"),
        None => Some(value),
    }
}

/// A row without a column that is NOT NULL and gets no value of its own accord. What a native type makes of a row
/// without a value (`serial`) is the database's to say.
pub(super) fn missing(table: &Table, given: impl Fn(&str) -> bool) -> Option<String> {
    let needed = |column: &&Column| {
        !column.nullable
            && column.default.is_none()
            && column.identity.is_none()
            && column.computed.is_none()
            && !matches!(column.ty, crate::schema::Type::Native(_))
    };
    let missing: Vec<String> = table
        .columns
        .iter()
        .filter(|column| needed(column) && !given(&column.name))
        .map(|column| format!("`{}`", column.name))
        .collect();
    (!missing.is_empty()).then(|| missing.join(", "))
}
