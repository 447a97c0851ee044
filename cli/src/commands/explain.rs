//! `aludel explain`.

use aludel_engine::diagnostic::{CODES, explain};
use clap::Args;
use serde::Serialize;

use crate::app::App;
use crate::failure::{Answer, Failure};
use crate::render;

/// Explain the code of a message
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub struct Explain {
    /// The code, as in `E0301` or `301`
    pub code: String,
}

const EXAMPLES: &str = "\
Example:
  aludel explain E0301";

/// What a code means.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ExplainDocument {
    /// The code.
    pub code: &'static str,
    /// One line.
    pub title: &'static str,
    /// What it means, and how to mend it.
    pub explanation: &'static str,
}

impl Explain {
    pub(crate) fn run(self, app: &App) -> Result<Answer, Failure> {
        let Some(code) = explain(&self.code) else {
            let bounds = CODES.first().zip(CODES.last());
            let bounds = bounds.map(|(first, last)| format!("codes go from {} to {}", first.id, last.id));
            return Err(Failure::usage(format!("there is no code `{}`", self.code), bounds.unwrap_or_default()));
        };
        let found = ExplainDocument { code: code.id, title: code.title, explanation: code.explanation };
        app.terminal.result(&found, || render::explanation(&found))?;
        Ok(Answer::Done)
    }
}
