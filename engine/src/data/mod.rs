//! Data files: rows in CSV, TSV or JSON lines, read as a stream and checked against the types of their columns.
//!
//! A file may be larger than the memory. What a plan knows of it is its name, its size, a hash, and its beginning; the rows
//! are read when they are sent, and the hash is made again meanwhile, so that no other file than the planned one is loaded.

mod batch;
mod cell;
mod file;
mod json_lines;
mod row;
mod separated;

pub use batch::{Batch, Batches, CompileBatch};
pub use file::{DataFile, Found};
pub use row::{DataError, Row, RowReader, RowSource};

pub(crate) use json_lines::names as json_names;
pub(crate) use separated::Separated;

use serde::{Deserialize, Serialize};

/// How a file is written.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Format {
    /// Records of fields with a separator between them, quoted as RFC 4180 has it.
    Separated {
        /// The separator: a comma, or a tab.
        by: char,
        /// Whether the first record names the fields.
        header: bool,
        /// The text that stands for NULL where it is not in quotes.
        null: String,
    },
    /// A JSON object on each line.
    JsonLines,
}
