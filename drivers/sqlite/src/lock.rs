//! Keeping two runs apart.
//!
//! Mostly there is no lock to take: `BEGIN IMMEDIATE` makes the session the one writer of the file until it commits, it
//! is freed when the process dies, and each revision looks at the applied heads again inside it.
//! <https://sqlite.org/lang_transaction.html>
//!
//! A revision of more than one transaction needs more. In the locking mode EXCLUSIVE the session keeps the lock of a
//! transaction after its end; it too is freed when the process dies. <https://sqlite.org/pragma.html#pragma_locking_mode>

use std::time::Duration;

/// The longest wait SQLite can be told: a bound of milliseconds in 31 bits.
const FOREVER: u128 = i32::MAX as u128;

/// The statement that bounds how long a statement waits for the writer.
pub fn timeout_statement(timeout: Option<Duration>) -> String {
    let milliseconds = timeout.map_or(FOREVER, |timeout| timeout.as_millis().min(FOREVER));
    format!("PRAGMA busy_timeout = {milliseconds}")
}

/// Keeps everybody else out of the file until [`RELEASE`]. The last two take the lock that the mode keeps.
pub const KEEP: [&str; 3] = ["PRAGMA locking_mode = EXCLUSIVE", "BEGIN EXCLUSIVE", "COMMIT"];

/// Lets others in again: the lock goes with the next look at the file.
pub const RELEASE: [&str; 2] = ["PRAGMA locking_mode = NORMAL", "SELECT count(*) FROM sqlite_schema"];
