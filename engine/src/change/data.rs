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

/// New values for rows that are there, batch by batch along a key, each batch a short transaction.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Backfill {
    /// The table.
    pub table: ObjectName,
    /// Which values.
    pub values: NewValues,
    /// The columns to go along, with their types: unique together and never NULL.
    pub key: Vec<(String, Type)>,
    /// How many rows of the table one batch covers.
    pub batch: u32,
    /// How long to leave the table alone between two batches, in milliseconds.
    pub pause: u64,
    /// What takes it back, if the author said.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub undo: Option<BackfillUndo>,
}

/// What rows get.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct NewValues {
    /// The columns with their types and new values.
    pub set: Vec<(String, Type, Value)>,
    /// The condition that says which rows; all of them where there is none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub condition: Option<String>,
}

/// What takes a backfill back.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum BackfillUndo {
    /// Another backfill along the same key.
    Values(NewValues),
    /// Statements; none where nothing is to be done.
    Statements(Vec<String>),
}

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
