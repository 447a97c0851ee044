//! The rows of a data file in the text format of COPY (manual, COPY, "Text Format").

use aludel_engine::data::{DataError, RowSource};
use aludel_engine::driver::DriverError;
use aludel_engine::plan::Data;
use aludel_engine::schema::{Type, Value, hexadecimal_digits};

use crate::literal;
use crate::runtime::Worker;
use crate::version::Features;

/// How many bytes of rows are sent at once.
pub const PART: usize = 64 * 1024;

/// Sends rows.
///
/// # Errors
/// What the server said, or what is wrong with a row; nothing of the data counts then.
pub fn send(
    worker: &Worker,
    features: &Features,
    sql: &str,
    data: &Data,
    rows: &mut dyn RowSource,
) -> Result<u64, DriverError> {
    let mut copying = worker.copy(sql)?;
    let mut part = Vec::with_capacity(PART + PART / 4);
    let mut lines = Lines::default();
    loop {
        let more = write(data, features, rows, &mut part, &mut lines, PART);
        match more {
            Err(error) => {
                copying.abandon();
                return Err(error.into());
            }
            Ok(more) => {
                let wanted = copying.rows(std::mem::replace(&mut part, Vec::with_capacity(PART + PART / 4)));
                if !more || !wanted {
                    return copying.finish().map_err(|error| located(error, data, &lines));
                }
            }
        }
    }
}

/// The lines of the file on which records begin, where that is not what their number says.
#[derive(Debug, Default)]
pub struct Lines {
    records: u64,
    /// From which record on, and how many lines further down records begin than their number.
    shifts: Vec<(u64, u64)>,
}

impl Lines {
    fn note(&mut self, line: u64) {
        self.records += 1;
        let shift = line.saturating_sub(self.records);
        if self.shifts.last().map_or(0, |(_, shift)| *shift) != shift {
            self.shifts.push((self.records, shift));
        }
    }

    fn of(&self, record: u64) -> u64 {
        let shift = self.shifts.iter().rev().find(|(from, _)| *from <= record).map_or(0, |(_, shift)| *shift);
        record + shift
    }
}

/// The server's refusal with the line of the file. It counts the records that it got.
fn located(mut error: DriverError, data: &Data, lines: &Lines) -> DriverError {
    let file = &data.load.file.name;
    let record = error.detail.as_deref().and_then(|place| {
        let (_, rest) = place.split_once(", line ")?;
        rest.chars().take_while(char::is_ascii_digit).collect::<String>().parse::<u64>().ok()
    });
    if let Some(record) = record {
        let line = lines.of(record);
        return error.in_rows(file, line, line);
    }
    error.message = format!("{file}: {}", error.message);
    error
}

/// Writes rows until there is enough; false when there are no more.
///
/// # Errors
/// What is wrong with a row.
pub fn write(
    data: &Data,
    features: &Features,
    rows: &mut dyn RowSource,
    part: &mut Vec<u8>,
    lines: &mut Lines,
    enough: usize,
) -> Result<bool, DataError> {
    while part.len() < enough {
        let Some(row) = rows.next_row()? else { return Ok(false) };
        lines.note(row.line);
        for (place, (value, column)) in row.values.iter().zip(data.load.columns()).enumerate() {
            if place > 0 {
                part.push(b'\t');
            }
            cell(value, &column.ty, features, part).map_err(|reason| DataError::Row {
                file: data.load.file.name.clone(),
                line: row.line,
                column: Some(column.name.clone()),
                reason,
            })?;
        }
        part.push(b'\n');
    }
    Ok(true)
}

fn cell(value: &Value, ty: &Type, features: &Features, out: &mut Vec<u8>) -> Result<(), String> {
    match (value, ty) {
        (Value::Null, _) => out.extend_from_slice(b"\\N"),
        (Value::Integer(number), _) => out.extend_from_slice(number.to_string().as_bytes()),
        (Value::Bytes(bytes), _) => {
            out.extend_from_slice(b"\\\\x");
            out.extend_from_slice(hexadecimal_digits(bytes).as_bytes());
        }
        (Value::Text(text), _) if !text.contains('\0') => escape(text, out),
        (Value::Json(text), Type::Json | Type::Jsonb) if !text.contains('\0') => escape(text, out),
        // What is rare goes the way of all literals.
        (value, ty) => {
            let literal = literal::render(value, ty, features).map_err(|refusal| refusal.message)?;
            match literal.strip_prefix('\'').and_then(|text| text.strip_suffix('\'')) {
                Some(text) => escape(&text.replace("''", "'"), out),
                None => escape(&literal, out),
            }
        }
    }
    Ok(())
}

fn escape(text: &str, out: &mut Vec<u8>) {
    for byte in text.bytes() {
        match byte {
            b'\\' => out.extend_from_slice(b"\\\\"),
            b'\n' => out.extend_from_slice(b"\\n"),
            b'\r' => out.extend_from_slice(b"\\r"),
            b'\t' => out.extend_from_slice(b"\\t"),
            byte => out.push(byte),
        }
    }
}
