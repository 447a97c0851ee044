//! Lines on standard error, and the one line that is written over again and again.

use std::io::Write;
use std::sync::{Arc, Mutex, PoisonError};

use anstream::{AutoStream, ColorChoice};

/// Standard error, shared by the threads that speak on it.
#[derive(Debug, Clone)]
pub(crate) struct Voice {
    choice: ColorChoice,
    /// Whether the last line is one that is to be written over.
    live: Arc<Mutex<bool>>,
}

impl Voice {
    pub(super) fn new(choice: ColorChoice) -> Self {
        Voice { choice, live: Arc::default() }
    }

    /// Whether colours show.
    pub(super) fn has_colour(&self) -> bool {
        AutoStream::new(std::io::stderr(), self.choice).current_choice() != ColorChoice::Never
    }

    /// Writes a line that stays. Nobody can be told that standard error cannot be written.
    pub(crate) fn line(&self, text: &str) {
        let mut live = self.live.lock().unwrap_or_else(PoisonError::into_inner);
        let mut stream = AutoStream::new(std::io::stderr(), self.choice).lock();
        if std::mem::take(&mut *live) {
            let _ = write!(stream, "\r\x1b[2K");
        }
        let _ = writeln!(stream, "{text}");
    }

    /// Writes the line that is written over next time. Only for terminals.
    pub(super) fn live(&self, text: &str) {
        let mut live = self.live.lock().unwrap_or_else(PoisonError::into_inner);
        let mut stream = std::io::stderr().lock();
        let _ = write!(stream, "\r\x1b[2K{text}");
        let _ = stream.flush();
        *live = true;
    }

    /// The live line was a question, and the answer has ended it.
    pub(super) fn answered(&self) {
        *self.live.lock().unwrap_or_else(PoisonError::into_inner) = false;
    }

    /// Takes the live line away.
    pub(super) fn clear(&self) {
        let mut live = self.live.lock().unwrap_or_else(PoisonError::into_inner);
        if std::mem::take(&mut *live) {
            let mut stream = std::io::stderr().lock();
            let _ = write!(stream, "\r\x1b[2K");
            let _ = stream.flush();
        }
    }
}
