//! Changes of rows, and raw SQL.

use serde::{Deserialize, Serialize};

use super::Change;
use crate::schema::{ObjectName, Type, Value};

/// Rows to insert. The types are those of the columns at that point of the history, so that a value can be rendered
/// without looking the table up again.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct InsertRows {
    /// The table.
    pub table: ObjectName,
    /// The columns given, with their types.
    pub columns: Vec<(String, Type)>,
    /// The rows; each has a value for each column.
    pub rows: Vec<Vec<Value>>,
    /// What to do about a row whose key is there already.
    pub on_conflict: OnConflict,
    /// The columns that name a row, when the insert can be taken back by them.
    pub key: Vec<String>,
}

/// What to do about a row whose key is there already.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum OnConflict {
    /// Fail.
    #[default]
    Error,
    /// Leave the old row.
    Ignore,
    /// Give the old row the new values.
    Update,
}

/// Rows to delete by key: the inverse of an insert.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct DeleteRows(pub InsertRows);

/// Raw SQL.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Execute {
    /// The statements, in order, without terminators.
    pub statements: Vec<String>,
    /// What takes them back, if the author said.
    pub undo: Option<Vec<String>>,
    /// What the SQL does to the schema; applied to the model, not run.
    pub effect: Vec<Change>,
}
