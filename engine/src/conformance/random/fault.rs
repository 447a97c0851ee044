//! What can go wrong with a history, in classes: a smaller history fails in the same way when its class is the same.

use crate::diagnostic::{Diagnostics, render};
use crate::source::Sources;

/// Where it went wrong.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Step {
    /// The generator itself.
    Generate,
    /// The last operation is refused, with a code that is not due.
    Refused,
    /// The history that was taken step by step is refused as a whole.
    Replay,
    /// A database cannot be had.
    Database,
    /// Running a revision up.
    Up,
    /// Running a revision down.
    Down,
    /// Running the whole history up at once, after all of it was taken back.
    Again,
    /// Putting rows in.
    Fill,
    /// The catalog is not what the model says.
    Catalog,
    /// The catalog after a downgrade is not the one from before.
    Back,
    /// Rows that should have stayed are other ones.
    Rows,
    /// A run with nothing to do does something.
    Idle,
    /// Something is left at the base.
    Left,
    /// Making the schema at once leads to another one.
    Standing,
    /// What ran is not the plan made without a database.
    Offline,
    /// The model and its own database differ.
    Nothing,
    /// The difference between two models does not lead from the one to the other.
    Lead,
    /// The difference does not run, or leads a database elsewhere.
    Walk,
    /// A model does not read back from its files.
    Written,
    /// A panic.
    Panic,
}

/// What went wrong.
#[derive(Debug, Clone)]
pub(super) struct Fault {
    pub(super) step: Step,
    pub(super) message: String,
    /// What it is in essence, for comparing.
    essence: String,
}

impl Fault {
    pub(super) fn new(step: Step, message: impl Into<String>) -> Self {
        let message = message.into();
        let essence = essence(&message);
        Fault { step, message, essence }
    }

    /// A refusal with the wrong code.
    pub(super) fn refused(said: &Diagnostics, sources: &Sources) -> Self {
        let shown: Vec<String> = said.sorted().iter().map(|found| render(found, sources, false)).collect();
        let essence = said.sorted().first().map(|found| found.code.id.to_owned()).unwrap_or_default();
        Fault { step: Step::Refused, message: shown.join("\n\n"), essence }
    }

    /// The same, found elsewhere.
    pub(super) fn at(self, step: Step) -> Self {
        Fault { step, ..self }
    }

    /// Whether two are the same in kind.
    pub(super) fn is_like(&self, other: &Fault) -> bool {
        self.step == other.step && self.essence == other.essence
    }
}

/// The words of the first line without what stands in quotes and without numbers.
fn essence(message: &str) -> String {
    let mut words = String::new();
    let mut quoted = None;
    for c in message.lines().next().unwrap_or_default().chars() {
        match quoted {
            Some(mark) if c == mark => quoted = None,
            Some(_) => {}
            None if matches!(c, '`' | '"' | '\'' | '“') => quoted = Some(if c == '“' { '”' } else { c }),
            None if c.is_ascii_digit() => {}
            None => words.push(c),
        }
    }
    words.chars().take(70).collect()
}
