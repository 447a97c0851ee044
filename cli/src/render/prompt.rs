//! A question to a person.

use std::io::BufRead;

use aludel_engine::revision::RevisionId;

use super::style::{DANGER, REVISION, paint};
use super::{Terminal, Voice};

/// Somebody who asks before what cannot be taken back.
#[derive(Debug)]
pub(crate) struct Asker {
    voice: Voice,
    can_ask: bool,
}

impl Asker {
    pub(crate) fn new(terminal: &Terminal) -> Self {
        Asker { voice: terminal.voice(), can_ask: terminal.can_ask() }
    }

    /// Shows what is lost and asks whether to go on; none when there is nobody to ask.
    pub(crate) fn ask(&self, losses: &[(&RevisionId, &str)]) -> Option<bool> {
        if !self.can_ask {
            return None;
        }
        self.voice.line(&paint(DANGER, "This loses data:"));
        for (id, loss) in losses {
            self.voice.line(&format!("  {}  {}", paint(REVISION, id.as_str()), paint(DANGER, loss)));
        }
        self.agreed()
    }

    /// Shows a text and asks whether to go on; none when there is nobody to ask.
    pub(crate) fn confirm(&self, text: &str) -> Option<bool> {
        if !self.can_ask {
            return None;
        }
        text.lines().for_each(|line| self.voice.line(line));
        self.agreed()
    }

    fn agreed(&self) -> Option<bool> {
        self.voice.live("Go on? Type `yes`: ");
        let mut answer = String::new();
        let read = std::io::stdin().lock().read_line(&mut answer);
        self.voice.answered();
        Some(read.is_ok() && matches!(answer.trim().to_ascii_lowercase().as_str(), "y" | "yes"))
    }
}
