//! The lock that keeps two runs apart: a named lock of the session, which ends with it.
//! <https://dev.mysql.com/doc/refman/8.4/en/locking-functions.html>

use aludel_engine::driver::{Connection, DriverError, ErrorKind, LockAttempt};

use crate::connection::Session;
use crate::literal::quote_text;

/// The longest name of a lock.
const LONGEST: usize = 64;

/// The name on the server. Locks belong to the server, so the database is part of it; one that is too long, or that
/// another would be equal to without regard to case, is told apart by a hash.
fn name(session: &Session, key: &str) -> Result<String, DriverError> {
    let whole = format!("{}/{key}", session.server().database);
    let hash = fnv(whole.as_bytes());
    let room = LONGEST - "aludel::0123456789abcdef".len();
    let readable: String = whole.chars().filter(char::is_ascii).take(room).collect();
    quote_text(&format!("aludel:{readable}:{hash:016x}"))
        .map_err(|error| DriverError::new(ErrorKind::Other, error.to_string()))
}

/// FNV-1a: equal on every machine and in every version, which the standard library's hash does not promise.
fn fnv(bytes: &[u8]) -> u64 {
    bytes.iter().fold(0xcbf2_9ce4_8422_2325, |hash, byte| (hash ^ u64::from(*byte)).wrapping_mul(0x0100_0000_01b3))
}

pub(crate) fn acquire(session: &mut Session, key: &str) -> Result<LockAttempt, DriverError> {
    let name = name(session, key)?;
    // 1 is the only yes: 0 is a lock that another holds, NULL an error, which MariaDB also gives for a negative time-out.
    // The lock counts how often it was taken, so a session that has it does not take it twice.
    let sql = format!("SELECT IF(IS_USED_LOCK({name}) = CONNECTION_ID(), 1, GET_LOCK({name}, 0))");
    if session.scalar(&sql)?.as_deref() == Some("1") {
        return Ok(LockAttempt::Acquired);
    }
    let sql = format!(
        "SELECT id, user, host, time, command FROM information_schema.processlist WHERE id = IS_USED_LOCK({name})"
    );
    let rows = session.query(&sql)?;
    let by = rows.first().map(|row| {
        let text = |at: usize| row.get(at).cloned().flatten().unwrap_or_default();
        format!("session {} of {}@{}, {} for {} s", text(0), text(1), text(2), text(4).to_lowercase(), text(3))
    });
    Ok(LockAttempt::Held { by })
}

pub(crate) fn holds(session: &mut Session, key: &str) -> Result<bool, DriverError> {
    let name = name(session, key)?;
    Ok(session.scalar(&format!("SELECT IS_USED_LOCK({name}) = CONNECTION_ID()"))?.as_deref() == Some("1"))
}

pub(crate) fn release(session: &mut Session, key: &str) -> Result<(), DriverError> {
    let name = name(session, key)?;
    session.execute(&format!("DO RELEASE_LOCK({name})")).map(drop)
}
