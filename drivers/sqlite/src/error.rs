//! What SQLite said, in the engine's terms and with what to check.

use aludel_engine::driver::{DriverError, ErrorKind};
use rusqlite::ErrorCode;

/// The prefix of the guards of a rebuild, whose names are sentences.
pub const GUARD: &str = "aludel: ";

/// Turns an error of the library into one of the engine.
pub fn error(error: &rusqlite::Error) -> DriverError {
    match error {
        rusqlite::Error::SqliteFailure(failure, message) => {
            let message = message.clone().unwrap_or_else(|| failure.to_string());
            failed(failure, &message, None)
        }
        rusqlite::Error::SqlInputError { error, msg, offset, .. } => failed(error, msg, usize::try_from(*offset).ok()),
        other => DriverError::new(ErrorKind::Other, other.to_string()),
    }
}

fn failed(failure: &rusqlite::ffi::Error, message: &str, position: Option<usize>) -> DriverError {
    let kind = kind(failure, message);
    let mut error = DriverError::new(kind, message);
    if let Some(said) = message.strip_prefix("CHECK constraint failed: ").and_then(|text| text.strip_prefix(GUARD)) {
        error.message = said.to_owned();
    }
    if let Some(said) = asserted(message) {
        return DriverError::new(ErrorKind::Assertion, said);
    }
    error.code = Some(failure.extended_code.to_string());
    error.position = position;
    error.hint = hint(kind, failure, message).map(str::to_owned);
    error
}

/// What an assertion says: it stands where a path into a JSON document should.
fn asserted(message: &str) -> Option<String> {
    let path = ["bad JSON path: '", "JSON path error near '"].iter().find_map(|words| message.strip_prefix(words))?;
    let said = path.strip_suffix('\'').unwrap_or(path).replace("''", "'");
    said.strip_prefix(GUARD).map(str::to_owned)
}

fn kind(failure: &rusqlite::ffi::Error, message: &str) -> ErrorKind {
    match failure.code {
        ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked => ErrorKind::LockTimeout,
        ErrorCode::ConstraintViolation => ErrorKind::Constraint,
        ErrorCode::ReadOnly => ErrorKind::ReadOnly,
        ErrorCode::PermissionDenied | ErrorCode::AuthorizationForStatementDenied => ErrorKind::Denied,
        ErrorCode::OperationInterrupted => ErrorKind::Interrupted,
        ErrorCode::CannotOpen => ErrorKind::MissingDatabase,
        ErrorCode::Unknown if message.contains("already exists") || message.starts_with("duplicate column name") => {
            ErrorKind::Exists
        }
        ErrorCode::Unknown
            if message.starts_with("no such table")
                || message.starts_with("no such column")
                || message.starts_with("no such index") =>
        {
            ErrorKind::Missing
        }
        ErrorCode::Unknown if message.contains("syntax error") || message.starts_with("incomplete input") => {
            ErrorKind::Syntax
        }
        _ => ErrorKind::Other,
    }
}

fn hint(kind: ErrorKind, failure: &rusqlite::ffi::Error, message: &str) -> Option<&'static str> {
    match kind {
        ErrorKind::LockTimeout => Some("another program is writing to the database; try again when it is done"),
        ErrorKind::ReadOnly => {
            Some("check the permissions of the file and of its directory, and that the URL does not say `mode=ro`")
        }
        _ if failure.code == ErrorCode::NotADatabase => {
            Some("the file is not an SQLite database, or it is encrypted; check the path")
        }
        _ if failure.code == ErrorCode::DatabaseCorrupt => {
            Some("run `PRAGMA integrity_check` in the sqlite3 shell; restore the file from a copy if it reports damage")
        }
        _ if failure.code == ErrorCode::DiskFull => Some("a rebuild needs as much free space as the table takes"),
        _ if message.contains("NOT NULL constraint failed") => {
            Some("give the rows a value first: `existing_null_value`, a `default`, or an `update` before this step")
        }
        _ if message.contains("UNIQUE constraint failed") => {
            Some("find the rows that share a key and settle them first")
        }
        _ if message.contains("foreign key mismatch") => {
            Some("the columns that a foreign key refers to must be a primary key or unique")
        }
        _ if message.starts_with("error in view") || message.starts_with("error in trigger") => {
            Some("SQLite checks every view and trigger when it renames or drops; drop or mend this one first")
        }
        _ if message.contains("may not be modified") => {
            Some("the connection is in defensive mode; in the sqlite3 shell say `.dbconfig defensive off`")
        }
        _ => None,
    }
}
