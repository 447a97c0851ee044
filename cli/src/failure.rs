//! How a command ends.

use std::io;

use aludel_engine::diagnostic::{Diagnostic, Diagnostics, codes};
use aludel_engine::revision::RevisionId;
use aludel_engine::source::Sources;

/// How a command ends that did what it was to do.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Answer {
    /// Done.
    Done,
    /// The answer to the question is no.
    No,
    /// There is no answer, and the result says why.
    Failed,
}

impl Answer {
    pub(crate) fn exit_code(self) -> u8 {
        match self {
            Answer::Done => 0,
            Answer::Failed => 1,
            Answer::No => 3,
        }
    }
}

/// Why a command did not do what it was to do.
#[derive(Debug)]
pub(crate) enum Failure {
    /// It failed, or was refused.
    Refused(Report),
    /// It was asked for in a way that makes no sense.
    Usage(Report),
    /// The result could not be written.
    Output(io::Error),
}

/// What there is to say.
#[derive(Debug, Default)]
pub(crate) struct Report {
    /// The messages.
    pub(crate) diagnostics: Diagnostics,
    /// The files they point into.
    pub(crate) sources: Sources,
    /// What was done before it stopped.
    pub(crate) done: Vec<RevisionId>,
}

impl Report {
    /// A report of one message that points into no file.
    pub(crate) fn of(diagnostic: Diagnostic) -> Self {
        let mut report = Report::default();
        report.diagnostics.push(diagnostic);
        report
    }
}

impl Failure {
    pub(crate) fn exit_code(&self) -> u8 {
        match self {
            Failure::Refused(_) => 1,
            Failure::Usage(_) => 2,
            // Whoever reads has had enough, as in `aludel history | head -1`.
            Failure::Output(error) if error.kind() == io::ErrorKind::BrokenPipe => 0,
            Failure::Output(_) => 1,
        }
    }

    /// Two things on the command line that do not go together, or one that means nothing.
    pub(crate) fn usage(message: impl Into<String>, help: impl Into<String>) -> Self {
        Failure::Usage(Report::of(Diagnostic::error(&codes::USAGE, message).help(help)))
    }
}

/// A message that points into no file.
impl From<Diagnostic> for Failure {
    fn from(diagnostic: Diagnostic) -> Self {
        Failure::Refused(Report::of(diagnostic))
    }
}

impl From<io::Error> for Failure {
    fn from(error: io::Error) -> Self {
        Failure::Output(error)
    }
}
