//! The rows of a file, one after another.

use std::fs::File;
use std::io::{self, BufRead, BufReader};

use thiserror::Error;

use super::file::Hashing;
use super::separated::Malformed;
use super::{Format, Separated, cell, json_lines};
use crate::change::LoadRows;
use crate::driver::{DriverError, ErrorKind};
use crate::schema::{Schema, Value};

/// How much is read from the file at once.
const BUFFER: usize = 256 * 1024;

/// A row, and where it stands.
#[derive(Debug, Clone, PartialEq)]
pub struct Row {
    /// The line of the file on which it begins, from 1.
    pub line: u64,
    /// A value for each column that gets one.
    pub values: Vec<Value>,
}

/// Why there is no further row.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum DataError {
    /// The file cannot be read, or is not the one that was planned with.
    #[error("{0}")]
    File(String),
    /// What is wrong with a row.
    #[error("{file}, line {line}{}: {reason}", column.as_ref().map(|column| format!(", column `{column}`")).unwrap_or_default())]
    Row {
        /// The file.
        file: String,
        /// The line on which the row begins, or on which it goes wrong.
        line: u64,
        /// The column.
        column: Option<String>,
        /// A sentence without a full stop.
        reason: String,
    },
    /// Somebody asked for a stop.
    #[error("interrupted")]
    Stopped,
}

impl From<DataError> for DriverError {
    fn from(error: DataError) -> Self {
        let kind = if error == DataError::Stopped { ErrorKind::Interrupted } else { ErrorKind::Data };
        DriverError::new(kind, error.to_string())
    }
}

/// Something that gives rows.
pub trait RowSource {
    /// The next row; none at the end.
    ///
    /// # Errors
    /// Why there is none.
    fn next_row(&mut self) -> Result<Option<Row>, DataError>;
}

type Input = BufReader<Hashing<File>>;

enum Records {
    Separated(Box<Separated<Input>>),
    Lines { input: Input, buffer: Vec<u8>, line: u64 },
    Ended,
}

/// Reads the rows of a file.
pub struct RowReader<'l> {
    load: &'l LoadRows,
    schema: Schema,
    records: Records,
}

impl std::fmt::Debug for RowReader<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("RowReader").field("file", &self.load.file.name).finish_non_exhaustive()
    }
}

impl<'l> RowReader<'l> {
    /// Opens the file.
    ///
    /// # Errors
    /// When it cannot be opened, or its header cannot be read.
    pub fn open(load: &'l LoadRows) -> Result<Self, DataError> {
        let unreadable = |error: &io::Error| DataError::File(format!("{}: {error}", load.file.name));
        let file = File::open(&load.file.path).map_err(|error| unreadable(&error))?;
        let mut input = BufReader::with_capacity(BUFFER, Hashing::new(file));
        let start = input.fill_buf().map_err(|error| unreadable(&error))?;
        if start.starts_with(b"\xef\xbb\xbf") {
            input.consume(3);
        }
        let mut schema = Schema::default();
        load.enums.iter().for_each(|known| schema.put_enum(std::sync::Arc::new(known.clone())));
        let records = match &load.format {
            Format::Separated { by, .. } => Records::Separated(Box::new(Separated::new(input, *by))),
            Format::JsonLines => Records::Lines { input, buffer: Vec::new(), line: 0 },
        };
        let mut reader = RowReader { load, schema, records };
        if let Format::Separated { header: true, .. } = load.format {
            reader.record()?;
        }
        Ok(reader)
    }

    /// How many bytes of the file have been read.
    #[must_use]
    pub fn bytes(&self) -> u64 {
        match &self.records {
            Records::Separated(records) => records.input().get_ref().bytes,
            Records::Lines { input, .. } => input.get_ref().bytes,
            Records::Ended => self.load.file.bytes,
        }
    }

    fn wrong(&self, line: u64, column: Option<&str>, reason: impl Into<String>) -> DataError {
        DataError::Row {
            file: self.load.file.name.clone(),
            line,
            column: column.map(str::to_owned),
            reason: reason.into(),
        }
    }

    fn malformed(&self, malformed: Malformed) -> DataError {
        match malformed {
            Malformed::Input(error) => DataError::File(format!("{}: {error}", self.load.file.name)),
            Malformed::Text(line, what) => self.wrong(line, None, what),
        }
    }

    /// Reads a record with something in it; false at the end.
    fn record(&mut self) -> Result<bool, DataError> {
        loop {
            let found = match &mut self.records {
                Records::Separated(records) => records.read(),
                Records::Lines { input, buffer, line } => {
                    buffer.clear();
                    *line += 1;
                    input.read_until(b'\n', buffer).map(|count| count > 0).map_err(Malformed::Input)
                }
                Records::Ended => Ok(false),
            };
            if !found.map_err(|malformed| self.malformed(malformed))? {
                return Ok(false);
            }
            let blank = match &self.records {
                // Where rows have one field, nothing at all may be its value.
                Records::Separated(records) => {
                    self.load.fields.len() > 1 && records.len() == 1 && records.field(0) == ("", false)
                }
                Records::Lines { buffer, .. } => buffer.iter().all(u8::is_ascii_whitespace),
                Records::Ended => false,
            };
            if !blank {
                return Ok(true);
            }
        }
    }

    fn values(&self) -> Result<Row, DataError> {
        match &self.records {
            Records::Separated(records) => self.separated(records),
            Records::Lines { buffer, line, .. } => self.members(buffer, *line),
            Records::Ended => Ok(Row { line: 0, values: Vec::new() }),
        }
    }

    fn separated(&self, records: &Separated<Input>) -> Result<Row, DataError> {
        let line = records.line;
        let Format::Separated { null, .. } = &self.load.format else {
            return Ok(Row { line, values: Vec::new() });
        };
        if records.len() != self.load.fields.len() {
            let reason = format!("the row has {} fields, and not {}", records.len(), self.load.fields.len());
            return Err(self.wrong(line, None, reason));
        }
        let mut values = Vec::with_capacity(self.load.fields.len());
        for (place, field) in self.load.fields.iter().enumerate() {
            let Some(column) = &field.column else { continue };
            let (text, quoted) = records.field(place);
            let value = match !quoted && text == null {
                true => cell::null(column),
                false => cell::of_text(text, column, &self.schema),
            };
            let value = value.and_then(|value| self.key_has_value(&column.name, value));
            values.push(value.map_err(|reason| self.wrong(line, Some(&column.name), reason))?);
        }
        Ok(Row { line, values })
    }

    fn members(&self, buffer: &[u8], line: u64) -> Result<Row, DataError> {
        let text = std::str::from_utf8(buffer)
            .map_err(|_| self.wrong(line, None, "the text is not UTF-8; save the file as UTF-8"))?;
        let members = json_lines::members(text).map_err(|reason| self.wrong(line, None, reason))?.0;
        let known = |name: &String| self.load.fields.iter().any(|field| field.name == *name);
        if let Some((name, _)) = members.iter().find(|(name, _)| !known(name)) {
            let near = crate::source::nearest(name, self.load.fields.iter().map(|field| field.name.as_str()));
            let near = near.map(|near| format!("; did you mean `{near}`?")).unwrap_or_default();
            return Err(self.wrong(
                line,
                None,
                format!("the object has a member `{name}` that goes to no column{near}"),
            ));
        }
        let mut values = Vec::with_capacity(self.load.fields.len());
        for field in &self.load.fields {
            let Some(column) = &field.column else { continue };
            let value = match members.iter().find(|(name, _)| *name == field.name) {
                None => cell::null(column),
                Some((_, raw)) => cell::of_json(raw, column, &self.schema),
            };
            let value = value.and_then(|value| self.key_has_value(&column.name, value));
            values.push(value.map_err(|reason| self.wrong(line, Some(&column.name), reason))?);
        }
        Ok(Row { line, values })
    }

    fn key_has_value(&self, column: &str, value: Value) -> Result<Value, String> {
        match value == Value::Null && self.load.key.iter().any(|name| name == column) {
            true => Err("NULL, which does not name the row; the column is part of the key".to_owned()),
            false => Ok(value),
        }
    }

    /// Sees that the file was the one that the plan was made with.
    fn close(&mut self) -> Result<(), DataError> {
        let input = match std::mem::replace(&mut self.records, Records::Ended) {
            Records::Separated(records) => records.into_input(),
            Records::Lines { input, .. } => input,
            Records::Ended => return Ok(()),
        };
        match input.into_inner().finish() == self.load.file.sha256 {
            true => Ok(()),
            false => Err(DataError::File(format!("{} has changed since the plan was made", self.load.file.name))),
        }
    }
}

impl RowSource for RowReader<'_> {
    fn next_row(&mut self) -> Result<Option<Row>, DataError> {
        if self.record()? {
            return self.values().map(Some);
        }
        self.close().map(|()| None)
    }
}
