//! Changes of rows, and raw SQL.

use serde::{Deserialize, Serialize};

use super::Change;
use crate::data::{DataFile, Format};
use crate::schema::{Column, Enum, ObjectName, Type, Value};

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

/// Which rows a change is about.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Filter {
    /// All of them, as the author said in so many words.
    All,
    /// Those that meet a condition in SQL.
    Sql(String),
    /// Those that have these values, NULL being equal to NULL.
    Equal(Vec<(String, Type, Value)>),
}

/// New values for rows.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct UpdateRows {
    /// The table.
    pub table: ObjectName,
    /// The columns to set, with their types. Every expression sees the row as it was before.
    pub set: Vec<(String, Type, Value)>,
    /// Which rows.
    pub filter: Filter,
    /// What takes it back, if the author said.
    pub undo: Option<Vec<Change>>,
}

/// Rows to delete by a condition.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct DeleteWhere {
    /// The table.
    pub table: ObjectName,
    /// Which rows.
    pub filter: Filter,
    /// What takes it back, if the author said.
    pub undo: Option<Vec<Change>>,
}

/// A condition on the data that must hold.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Assert {
    /// A query that gives one value.
    pub sql: String,
    /// What that value must be.
    pub expected: Expectation,
    /// What it means that it is not, in the author's words.
    pub message: Option<String>,
}

/// What an asserted value must be.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Expectation {
    /// Equal to a value; NULL is equal to NULL alone.
    Equals(Value),
    /// Within bounds, one of which may be open. NULL is not.
    Within {
        /// The least value.
        at_least: Option<Value>,
        /// The greatest value.
        at_most: Option<Value>,
    },
}

impl Expectation {
    /// The comparisons, each with the operator between the value found and the one expected: `=`, `>=`, `<=`.
    #[must_use]
    pub fn comparisons(&self) -> Vec<(&'static str, &Value)> {
        match self {
            Expectation::Equals(value) => vec![("=", value)],
            Expectation::Within { at_least, at_most } => {
                let least = at_least.iter().map(|value| (">=", value));
                least.chain(at_most.iter().map(|value| ("<=", value))).collect()
            }
        }
    }

    /// The expectation in words: `0`, `at least 1`, `at least 1 and at most 5`.
    #[must_use]
    pub fn describe(&self) -> String {
        let word = |operator| match operator {
            ">=" => "at least ",
            "<=" => "at most ",
            _ => "",
        };
        let parts =
            self.comparisons().into_iter().map(|(operator, value)| format!("{}{}", word(operator), shown(value)));
        parts.collect::<Vec<_>>().join(" and ")
    }
}

fn shown(value: &Value) -> String {
    match value {
        Value::Null => "NULL".to_owned(),
        Value::Bool(value) => value.to_string(),
        Value::Integer(number) => number.to_string(),
        Value::Text(text) => format!("'{text}'"),
        Value::Number(text) | Value::Json(text) | Value::Sql(text) => text.clone(),
        Value::Bytes(_) | Value::Function(_) | Value::List(_) => String::new(),
    }
}

impl Assert {
    /// What a script says when the value is another one, up to that value and from there on. Long words are cut: some
    /// servers keep little of a message.
    #[must_use]
    pub fn complaint(&self) -> (String, String) {
        const LONGEST: usize = 60;
        let expected = abridged(&self.expected.describe(), LONGEST);
        let message = self.message.as_deref().map(|message| format!(": {}", abridged(message, LONGEST)));
        ("assertion failed: found ".to_owned(), format!(", expected {expected}{}", message.unwrap_or_default()))
    }
}

fn abridged(text: &str, longest: usize) -> String {
    let line = text.split_whitespace().collect::<Vec<_>>().join(" ");
    match line.char_indices().nth(longest) {
        Some((end, _)) => format!("{}…", &line[..end]),
        None => line,
    }
}

/// The rows of a file. What is known of the columns is that of this point of the history.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct LoadRows {
    /// The table.
    pub table: ObjectName,
    /// The file.
    pub file: DataFile,
    /// How it is written.
    pub format: Format,
    /// The fields of a row: the column each goes to; none where it goes nowhere.
    pub fields: Vec<Field>,
    /// The enums of the columns.
    pub enums: Vec<Enum>,
    /// The columns that name a row, when the load can be taken back by them.
    pub key: Vec<String>,
}

/// A field of the rows of a file.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Field {
    /// Its name in the file, or its number where it has none.
    pub name: String,
    /// The column it goes to; none when it is passed over.
    pub column: Option<Column>,
}

impl LoadRows {
    /// The columns that get values, in the order of the file.
    pub fn columns(&self) -> impl Iterator<Item = &Column> {
        self.fields.iter().filter_map(|field| field.column.as_ref())
    }

    /// A comment that says in a statement which rows are meant: the file, and a hash, by which a changed one is known.
    #[must_use]
    pub fn remark(&self) -> String {
        let name = self.file.name.replace("*/", "* /").replace(char::is_control, " ");
        format!("/* the rows of {name}, sha256 {} */", self.file.sha256)
    }
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
