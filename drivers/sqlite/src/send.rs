//! The rows of a data file through one prepared statement.

use aludel_engine::data::{DataError, Row, RowSource};
use aludel_engine::dialect::{Unsupported, comma_list};
use aludel_engine::driver::DriverError;
use aludel_engine::plan::Data;
use aludel_engine::schema::{Type, Value};
use rusqlite::Statement;

use crate::connection::SqliteConnection;
use crate::error::error;
use crate::identifier::{quote, quote_list};
use crate::literal::{is_textual, literal};

/// How many rows are sent under one bound on their time.
const ROWS: usize = 500;

/// Inserts rows.
///
/// # Errors
/// What SQLite said, or what is wrong with a row.
pub fn insert(connection: &SqliteConnection, data: &Data, rows: &mut dyn RowSource) -> Result<u64, DriverError> {
    let names: Vec<&str> = data.load.columns().map(|column| column.name.as_str()).collect();
    let sql = format!(
        "INSERT INTO {} ({}) VALUES ({})",
        quote(&data.load.table.name),
        quote_list(&names),
        comma_list(names.iter().map(|_| "?"))
    );
    let mut statement = connection.prepare(&sql)?;
    let mut sent = 0;
    loop {
        let mut batch = Vec::with_capacity(ROWS);
        while batch.len() < ROWS
            && let Some(row) = rows.next_row()?
        {
            batch.push(row);
        }
        if batch.is_empty() {
            return Ok(sent);
        }
        for row in &batch {
            bind(&mut statement, data, row)?;
            connection.timed(|_| statement.raw_execute()).map_err(|error| located(error, data, row))?;
            sent += 1;
        }
    }
}

fn located(error: DriverError, data: &Data, row: &Row) -> DriverError {
    error.in_rows(&data.load.file.name, row.line, row.line)
}

fn bind(statement: &mut Statement<'_>, data: &Data, row: &Row) -> Result<(), DriverError> {
    for (place, (value, column)) in row.values.iter().zip(data.load.columns()).enumerate() {
        let bound = bind_value(statement, place + 1, value, &column.ty).map_err(|refusal| DataError::Row {
            file: data.load.file.name.clone(),
            line: row.line,
            column: Some(column.name.clone()),
            reason: refusal.message,
        })?;
        bound.map_err(|failure| located(error(&failure), data, row))?;
    }
    Ok(())
}

/// Binds a value as its literal would be stored. A number that is no whole one goes as its text, which the affinity of its
/// column reads as it reads the literal: <https://sqlite.org/datatype3.html#type_affinity>.
fn bind_value(
    statement: &mut Statement<'_>,
    place: usize,
    value: &Value,
    ty: &Type,
) -> Result<rusqlite::Result<()>, Unsupported> {
    let plain = !matches!(ty, Type::Timestamp(_) | Type::TimestampTz(_));
    Ok(match value {
        Value::Null => statement.raw_bind_parameter(place, rusqlite::types::Null),
        Value::Integer(number) if !is_textual(ty) => statement.raw_bind_parameter(place, number),
        Value::Bytes(bytes) => statement.raw_bind_parameter(place, bytes),
        Value::Text(text) | Value::Json(text) if plain && !text.contains('\0') => {
            statement.raw_bind_parameter(place, text)
        }
        value => {
            let literal = literal(value, ty)?;
            match literal.strip_prefix('\'').and_then(|text| text.strip_suffix('\'')) {
                Some(text) => statement.raw_bind_parameter(place, text.replace("''", "'")),
                None => match literal.parse::<i64>() {
                    Ok(number) => statement.raw_bind_parameter(place, number),
                    Err(_) => statement.raw_bind_parameter(place, literal),
                },
            }
        }
    })
}
