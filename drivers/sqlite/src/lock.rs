//! Keeping two runs apart.
//!
//! There is no lock to take: `BEGIN IMMEDIATE` makes the session the one writer of the file until it commits, it is
//! freed when the process dies, and each revision looks at the applied heads again inside it.
//! <https://sqlite.org/lang_transaction.html>

use std::time::Duration;

/// The longest wait SQLite can be told: a bound of milliseconds in 31 bits.
const FOREVER: u128 = i32::MAX as u128;

/// The statement that bounds how long a statement waits for the writer.
pub fn timeout_statement(timeout: Option<Duration>) -> String {
    let milliseconds = timeout.map_or(FOREVER, |timeout| timeout.as_millis().min(FOREVER));
    format!("PRAGMA busy_timeout = {milliseconds}")
}
