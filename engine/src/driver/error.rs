//! What a database said when it refused.

use thiserror::Error;

/// What kind of refusal it is, where the engine acts on it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ErrorKind {
    /// Nobody answers at that address.
    Unreachable,
    /// Wrong user or password, or no right to connect.
    Authentication,
    /// The database does not exist.
    MissingDatabase,
    /// The secure connection could not be made.
    Tls,
    /// The database can only be read.
    ReadOnly,
    /// No right to do this.
    Denied,
    /// The statement cannot be parsed.
    Syntax,
    /// An object is there already.
    Exists,
    /// An object is not there.
    Missing,
    /// Rows do not hold to a constraint.
    Constraint,
    /// A guard of the plan's own did not hold.
    Assertion,
    /// A row of a data file cannot be sent.
    Data,
    /// The lock was not to be had in time; a later attempt may succeed.
    LockTimeout,
    /// Two transactions waited for each other; a second attempt may succeed.
    Deadlock,
    /// The statement ran too long.
    StatementTimeout,
    /// Somebody asked for it to stop.
    Interrupted,
    /// The connection was lost; whether the statement took effect is not known.
    Lost,
    /// Anything else.
    Other,
}

impl ErrorKind {
    /// Whether the same statement may succeed a moment later.
    #[must_use]
    pub fn is_transient(self) -> bool {
        matches!(self, ErrorKind::LockTimeout | ErrorKind::Deadlock)
    }
}

/// What a database said when it refused. Carries no secret.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error("{message}")]
pub struct DriverError {
    /// What the engine acts on.
    pub kind: ErrorKind,
    /// The server's message, in one line where it is one.
    pub message: String,
    /// The server's code: SQLSTATE or error number.
    pub code: Option<String>,
    /// What the server added.
    pub detail: Option<String>,
    /// What to check or do.
    pub hint: Option<String>,
    /// The byte in the statement that it is about.
    pub position: Option<usize>,
}

impl DriverError {
    /// A refusal with nothing but a message.
    pub fn new(kind: ErrorKind, message: impl Into<String>) -> Self {
        DriverError { kind, message: message.into(), code: None, detail: None, hint: None, position: None }
    }

    /// Says which lines of a data file it is about.
    #[must_use]
    pub fn in_rows(mut self, file: &str, first: u64, last: u64) -> Self {
        let lines = match first == last {
            true => format!("line {first}"),
            false => format!("in a row of lines {first} to {last}"),
        };
        self.message = format!("{file}, {lines}: {}", self.message);
        self
    }

    /// Says what to check or do.
    #[must_use]
    pub fn hint(mut self, hint: impl Into<String>) -> Self {
        self.hint = Some(hint.into());
        self
    }
}

/// The statement of a batch that failed.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error("{error}")]
pub struct BatchError {
    /// Its place in the batch, from 0.
    pub index: usize,
    /// What the server said.
    #[source]
    pub error: DriverError,
}
