//! Values: defaults of columns and cells of rows.

use serde::{Deserialize, Serialize};

/// A portable function without arguments.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Function {
    /// The present moment, at the precision of the column.
    Now,
    /// The present date.
    Today,
    /// A new random identifier.
    Uuid,
    /// The database user.
    CurrentUser,
}

impl Function {
    /// Every function with its name in the language.
    pub const ALL: [(&'static str, Function); 4] = [
        ("now", Function::Now),
        ("today", Function::Today),
        ("uuid", Function::Uuid),
        ("current_user", Function::CurrentUser),
    ];
}

/// A value as the language writes it; the dialect renders it for the type of its column.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Value {
    /// SQL NULL.
    Null,
    /// True or false.
    Bool(bool),
    /// A whole number.
    Integer(i64),
    /// Any other number, in the words it was written in.
    Number(String),
    /// A text.
    Text(String),
    /// A JSON document, in the words it was written in.
    Json(String),
    /// A portable function.
    Function(Function),
    /// Raw SQL of one dialect.
    Sql(String),
}

impl Value {
    /// Whether the value is a constant that does not depend on when or where it is computed.
    #[must_use]
    pub fn is_literal(&self) -> bool {
        !matches!(self, Value::Function(_) | Value::Sql(_))
    }
}
