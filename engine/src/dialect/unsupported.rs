//! What a dialect cannot do.

use thiserror::Error;

/// Something that a dialect cannot express with its meaning kept.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error("{message}")]
pub struct Unsupported {
    /// What cannot be done and where, as a sentence without a full stop: "SQLite has no type `interval`".
    pub message: String,
    /// The column, constraint or index it is about.
    pub object: Option<String>,
    /// What to do instead.
    pub help: Option<String>,
}

impl Unsupported {
    /// A refusal.
    pub fn new(message: impl Into<String>) -> Self {
        Unsupported { message: message.into(), object: None, help: None }
    }

    /// Says what it is about.
    #[must_use]
    pub fn about(mut self, object: impl Into<String>) -> Self {
        self.object = Some(object.into());
        self
    }

    /// Says what to do instead.
    #[must_use]
    pub fn help(mut self, help: impl Into<String>) -> Self {
        self.help = Some(help.into());
        self
    }
}
