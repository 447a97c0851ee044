//! Columns.

use serde::{Deserialize, Serialize};

use super::{Options, Type, Value};

/// A column of a table.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Column {
    /// Its name.
    pub name: String,
    /// Its type.
    pub ty: Type,
    /// Whether it may be NULL.
    pub nullable: bool,
    /// What an INSERT that leaves it out gives it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub default: Option<Value>,
    /// Numbers that the database makes.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub identity: Option<Identity>,
    /// An expression that it always holds.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub computed: Option<Computed>,
    /// Its collation, in the words of the dialect.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub collation: Option<String>,
    /// Its comment.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub comment: Option<String>,
    /// What only this dialect knows.
    #[serde(default, skip_serializing_if = "Options::is_empty")]
    pub options: Options,
}

impl Column {
    /// A nullable column without anything else.
    pub fn new(name: impl Into<String>, ty: Type) -> Self {
        Column {
            name: name.into(),
            ty,
            nullable: true,
            default: None,
            identity: None,
            computed: None,
            collation: None,
            comment: None,
            options: Options::default(),
        }
    }

    /// Whether NULL may stand in it after all: a primary key admits NULL where the option `null_key` says so.
    #[must_use]
    pub fn admits_null(&self) -> bool {
        self.nullable || self.options.flag("null_key")
    }

    /// The same, NOT NULL.
    #[must_use]
    pub fn not_null(mut self) -> Self {
        self.nullable = false;
        self
    }
}

/// How the database numbers new rows.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Identity {
    /// Whether a value given by an INSERT is refused.
    #[serde(default)]
    pub always: bool,
    /// The first number.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub start: Option<i64>,
    /// The step.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub increment: Option<i64>,
}

/// A generated column's expression.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Computed {
    /// The expression.
    pub sql: String,
    /// Whether the value is kept in the row (STORED) or made when read (VIRTUAL).
    pub stored: bool,
}
