//! What the server said, as the engine wants it (manual, Appendix A).

use aludel_engine::driver::{DriverError, ErrorKind};
use tokio_postgres::error::{DbError, ErrorPosition};

/// The SQLSTATE of a guard that Aludel itself wrote into a plan. Its class is none of the server's.
pub const GUARD: &str = "ALD01";

/// The kind of an SQLSTATE. A cancelled statement (57014) is decided by who cancelled it.
pub fn kind(code: &str) -> ErrorKind {
    match code {
        GUARD => ErrorKind::Assertion,
        "28P01" | "28000" => ErrorKind::Authentication,
        "3D000" => ErrorKind::MissingDatabase,
        "25006" => ErrorKind::ReadOnly,
        "42501" => ErrorKind::Denied,
        "42601" => ErrorKind::Syntax,
        "42P07" | "42701" | "42710" | "42P06" | "42P04" | "42723" => ErrorKind::Exists,
        "42P01" | "42703" | "42704" | "42883" | "3F000" => ErrorKind::Missing,
        "55P03" => ErrorKind::LockTimeout,
        // A serialization failure is mended in the same way: the transaction is run again (manual, 13.5).
        "40P01" | "40001" => ErrorKind::Deadlock,
        "57014" => ErrorKind::Interrupted,
        "57P01" | "57P02" | "57P05" => ErrorKind::Lost,
        "57P03" | "53300" => ErrorKind::Unreachable,
        code if code.starts_with("23") => ErrorKind::Constraint,
        code if code.starts_with("08") => ErrorKind::Lost,
        _ => ErrorKind::Other,
    }
}

/// What the server said of a statement.
pub fn of_statement(error: &tokio_postgres::Error, sql: &str) -> DriverError {
    match error.as_db_error() {
        Some(refusal) => from_server(refusal, sql),
        None => of_transport(error),
    }
}

/// What the server said of a COPY: of which record of the data, as far as it says, in the detail.
pub fn of_copy(error: &tokio_postgres::Error, sql: &str) -> DriverError {
    let mut said = of_statement(error, sql);
    if let Some(place) = error.as_db_error().and_then(DbError::where_) {
        said.detail = Some(place.to_owned());
    }
    said
}

/// A refusal of the server.
pub fn from_server(refusal: &DbError, sql: &str) -> DriverError {
    let code = refusal.code().code();
    DriverError {
        kind: kind(code),
        message: refusal.message().to_owned(),
        code: Some(code.to_owned()),
        detail: refusal.detail().map(str::to_owned),
        hint: refusal.hint().map(str::to_owned).or_else(|| advice(code).map(str::to_owned)),
        position: match refusal.position() {
            Some(ErrorPosition::Original(character)) => byte_position(sql, *character),
            _ => None,
        },
    }
}

/// What the server leaves unsaid.
fn advice(code: &str) -> Option<&'static str> {
    Some(match code {
        "42501" => "connect as the owner of the object, or grant the right to this user",
        "3F000" => "create the schema first: Aludel makes none by itself, not for its version table either",
        "25006" => "this is a standby, or the session is read-only: connect to the primary",
        "55P03" => "another session holds the lock; pg_stat_activity and pg_blocking_pids() say which",
        "2BP01" => "something that Aludel does not manage (a view, a function, a policy) depends on it: see the detail",
        "55006" => {
            "a foreign key check or a trigger of this transaction is still waiting: run the change of rows in a revision of its own"
        }
        "53300" => "the server takes no more connections: try again later, or raise max_connections",
        "53200" | "53100" => "the server is out of memory or disk space",
        "55P04" => "a new enum value can be used only after the transaction that added it: use it in a later revision",
        _ => return None,
    })
}

/// A failure on the way to the server or back.
fn of_transport(error: &tokio_postgres::Error) -> DriverError {
    let text = chain(error);
    match text.contains("unexpected message from server") {
        true => DriverError::new(ErrorKind::Other, "the statement asks for data that only an interactive client sends")
            .hint("COPY with STDIN or STDOUT cannot be part of a migration"),
        false => DriverError::new(ErrorKind::Lost, format!("the connection was lost: {text}"))
            .hint("whether the last statement took effect is not known; the server's log says why the session ended"),
    }
}

/// An error with its causes in one line.
pub fn chain(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(error) = cause {
        let more = error.to_string();
        if !text.contains(&more) {
            text.push_str(": ");
            text.push_str(&more);
        }
        cause = error.source();
    }
    text
}

/// The byte at which a character stands, counted from 1 as the server does.
fn byte_position(sql: &str, character: u32) -> Option<usize> {
    let character = usize::try_from(character).ok()?.checked_sub(1)?;
    sql.char_indices().map(|(at, _)| at).chain([sql.len()]).nth(character)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn positions_are_bytes() {
        assert_eq!(byte_position("SELECT x", 8), Some(7));
        assert_eq!(byte_position("SELECT 'größe', x", 17), Some(18));
        assert_eq!(byte_position("SELECT", 7), Some(6));
        assert_eq!(byte_position("SELECT", 9), None);
        assert_eq!(byte_position("SELECT", 0), None);
    }
}
