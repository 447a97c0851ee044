//! The lock that keeps two runs apart: an advisory lock of the session that runs the statements (manual, 13.3.5).
//!
//! It is tried, never waited for: a session that waits inside the server holds a snapshot, for which another session's
//! CREATE INDEX CONCURRENTLY would wait, and both would be stuck.

use aludel_engine::driver::{Connection as _, DriverError, ErrorKind, LockAttempt};

use crate::connection::PostgresConnection;

/// Keeps our locks apart from those of other programs: the letters `alud`.
const NAMESPACE: i32 = 0x616c_7564;

/// A key as a number: FNV-1a.
fn number(key: &str) -> i32 {
    let hash = key.bytes().fold(0x811c_9dc5_u32, |hash, byte| (hash ^ u32::from(byte)).wrapping_mul(0x0100_0193));
    i32::from_ne_bytes(hash.to_ne_bytes())
}

/// The lock in `pg_locks`, where the two numbers are shown without a sign.
fn in_catalog(key: &str) -> String {
    let unsigned = |number: i32| u32::from_ne_bytes(number.to_ne_bytes());
    format!(
        "l.locktype = 'advisory' AND l.classid = {} AND l.objid = {} AND l.objsubid = 2 AND l.granted \
         AND l.database = (SELECT oid FROM pg_catalog.pg_database WHERE datname = current_database())",
        unsigned(NAMESPACE),
        unsigned(number(key))
    )
}

/// Tries to take it.
pub fn attempt(connection: &mut PostgresConnection, key: &str) -> Result<LockAttempt, DriverError> {
    let got = connection.query(&format!("SELECT pg_try_advisory_lock({NAMESPACE}, {})", number(key)))?;
    if is_true(&got) {
        return Ok(LockAttempt::Acquired);
    }
    let holder = connection.query(&format!(
        "SELECT 'session ' || a.pid, nullif(a.application_name, ''), a.usename, \
         coalesce(host(a.client_addr), 'this machine'), to_char(a.backend_start, 'YYYY-MM-DD HH24:MI:SS TZ') \
         FROM pg_catalog.pg_locks l JOIN pg_catalog.pg_stat_activity a USING (pid) WHERE {} LIMIT 1",
        in_catalog(key)
    ))?;
    Ok(LockAttempt::Held { by: holder.into_iter().next().map(|row| described(&row)) })
}

fn described(row: &[Option<String>]) -> String {
    let cell = |place: usize| row.get(place).and_then(Option::as_deref);
    let mut text = cell(0).unwrap_or("a session").to_owned();
    for (before, place) in [(" (", 1), (") of user ", 2), (" from ", 3), (", connected since ", 4)] {
        match (place, cell(place)) {
            (1, None) => text.push_str(" (unnamed program"),
            (_, Some(value)) => {
                text.push_str(before);
                text.push_str(value);
            }
            (2, None) => text.push(')'),
            _ => {}
        }
    }
    text
}

/// Whether this very session has it.
pub fn is_held(connection: &mut PostgresConnection, key: &str) -> Result<bool, DriverError> {
    let rows = connection.query(&format!(
        "SELECT EXISTS (SELECT FROM pg_catalog.pg_locks l WHERE {} AND l.pid = pg_backend_pid())",
        in_catalog(key)
    ))?;
    Ok(is_true(&rows))
}

/// Gives it back.
pub fn release(connection: &mut PostgresConnection, key: &str) -> Result<(), DriverError> {
    let rows = connection.query(&format!("SELECT pg_advisory_unlock({NAMESPACE}, {})", number(key)))?;
    match is_true(&rows) {
        true => Ok(()),
        false => Err(DriverError::new(ErrorKind::Other, "the run lock was not held by this session any more").hint(
            "a connection pooler in transaction mode hands every statement to another session: connect to the server directly",
        )),
    }
}

fn is_true(rows: &[Vec<Option<String>>]) -> bool {
    rows.first().and_then(|row| row.first()).is_some_and(|cell| cell.as_deref() == Some("t"))
}
