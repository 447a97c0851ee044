//! Why a run stopped, and in which state the database is then.

use std::time::Duration;

use thiserror::Error;

use super::ForeignTable;
use crate::change::Assert;
use crate::diagnostic::{Diagnostic, Diagnostics, codes};
use crate::dialect::Unsupported;
use crate::driver::{DriverError, ErrorKind};
use crate::plan::Direction;
use crate::revision::RevisionId;
use crate::source::Span;

/// Why a run stopped.
#[derive(Debug, Error)]
pub enum RunError {
    /// The plan could not be made; nothing has been run.
    #[error("the plan could not be made")]
    Plan(Diagnostics),
    /// A statement failed.
    #[error("{}", .0.error)]
    Statement(Box<StatementFailure>),
    /// The journal could not be read or written.
    #[error("{error}")]
    Journal {
        /// What was being done.
        doing: &'static str,
        /// What the server said.
        error: DriverError,
    },
    /// The dialect cannot hold the journal.
    #[error("{0}")]
    Unsupported(#[from] Unsupported),
    /// Another run kept the lock for too long.
    #[error("another run holds the lock")]
    Locked {
        /// Who has it, as far as the server says.
        holder: Option<String>,
        /// How long we waited.
        waited: Duration,
    },
    /// The lock was lost while running: a proxy that changes sessions, or a server that ended ours.
    #[error("the run lock was lost")]
    LockLost,
    /// Another run took over.
    #[error("another run took over")]
    Fenced,
    /// The applied revisions changed under us again and again.
    #[error("the applied revisions keep changing")]
    Unsettled,
    /// It is not known whether a statement took effect.
    #[error("it is not known whether a statement took effect")]
    InDoubt {
        /// The revision.
        revision: RevisionId,
        /// The statement.
        sql: String,
        /// What the catalog said before it.
        before: String,
        /// What it says now.
        now: String,
    },
    /// A script stopped in the middle of a revision.
    #[error("a script stopped in the middle of a revision")]
    ScriptStopped {
        /// The revision.
        revision: RevisionId,
    },
    /// A half-run revision was changed in a part that has run.
    #[error("a half-run revision was changed")]
    HalfRunChanged {
        /// The revision.
        revision: RevisionId,
        /// The statement that has run.
        ran: String,
        /// What the file says now.
        now: String,
    },
    /// What has run of a half-run revision cannot be taken back.
    #[error("a half-run revision cannot be undone")]
    CannotUndo {
        /// The revision.
        revision: RevisionId,
        /// Which way it was going.
        direction: Direction,
        /// The statement that stands in the way.
        sql: String,
        /// Why.
        reason: String,
    },
    /// No statement is in doubt.
    #[error("no statement is in doubt")]
    NothingInDoubt,
    /// A table of another tool has the name of one of ours.
    #[error("a table of another tool has the name of one of Aludel's")]
    ForeignTable(ForeignTable),
    /// A key came back from the database, or from the journal, as nothing to compare with.
    #[error("the position of a backfill cannot be used: {reason}")]
    Position {
        /// The revision.
        revision: RevisionId,
        /// A sentence without a full stop.
        reason: String,
    },
    /// Somebody asked to stop, between two statements.
    #[error("interrupted")]
    Interrupted,
    /// The project wants one transaction for the whole run, and this revision cannot be part of one.
    #[error("no transaction around the run is possible")]
    NoRunTransaction {
        /// The revision.
        revision: RevisionId,
    },
}

/// A statement that failed, and what that means.
#[derive(Debug)]
pub struct StatementFailure {
    /// The revision.
    pub revision: RevisionId,
    /// Which way it was going.
    pub direction: Direction,
    /// Whether what had been done that way was being taken back.
    pub undoing: bool,
    /// The statement.
    pub sql: String,
    /// What the server said.
    pub error: DriverError,
    /// Where the step stands that the statement comes from.
    pub span: Option<Span>,
    /// The assertion that the statement makes.
    pub assertion: Option<Assert>,
    /// What became of the revision as a whole.
    pub fate: Fate,
    /// How many of the revision's statements are done.
    pub done: usize,
    /// How many there are.
    pub total: usize,
    /// How many rows of the backfill are changed that it stopped in.
    pub rows: Option<u64>,
}

/// What became of a revision whose statement failed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fate {
    /// It was rolled back.
    RolledBack,
    /// The connection was lost while it committed: only the database knows.
    Unknown,
    /// What was done is recorded.
    Recorded,
}

impl RunError {
    pub(super) fn journal(doing: &'static str) -> impl FnOnce(DriverError) -> RunError {
        move |error| RunError::Journal { doing, error }
    }

    /// Whether somebody asked for the stop.
    #[must_use]
    pub fn is_interruption(&self) -> bool {
        match self {
            RunError::Interrupted => true,
            RunError::Statement(failure) => failure.error.kind == ErrorKind::Interrupted,
            _ => false,
        }
    }

    /// The messages for a person.
    #[must_use]
    pub fn into_diagnostics(self) -> Diagnostics {
        let mut diagnostics = Diagnostics::default();
        match self {
            RunError::Plan(plan) => return plan,
            other => diagnostics.push(other.diagnostic()),
        }
        diagnostics
    }

    fn diagnostic(&self) -> Diagnostic {
        match self {
            RunError::Statement(failure) => failure.diagnostic(),
            RunError::Journal { doing, error } => {
                with_error(Diagnostic::error(&codes::JOURNAL, format!("{doing}: {}", error.message)), error)
            }
            RunError::Unsupported(refusal) => {
                let diagnostic = Diagnostic::error(&codes::UNSUPPORTED, refusal.message.clone());
                refusal.help.iter().fold(diagnostic, |diagnostic, help| diagnostic.help(help.clone()))
            }
            RunError::Locked { holder, waited } => {
                let who = holder.as_deref().unwrap_or("a session that the server does not name");
                Diagnostic::error(&codes::LOCKED, format!("another run holds the lock: {who}"))
                    .note(format!("waited for {} s", waited.as_secs()))
                    .help("wait for it to end, or raise `run_lock_timeout` of the database in aludel.yaml")
            }
            RunError::LockLost => Diagnostic::error(&codes::LOCK_LOST, "the run lock was lost while running")
                .note("nothing was run after that")
                .help("connect directly to the database, not through a pooler that changes sessions"),
            RunError::Fenced => {
                Diagnostic::error(&codes::LOCK_LOST, "another run took over while this one was stalled")
                    .note("this run stopped before its next statement")
            }
            RunError::Unsettled => {
                Diagnostic::error(&codes::LOCKED, "the applied revisions keep changing while this run plans")
                    .help("another run is at work; try again when it has ended")
            }
            RunError::InDoubt { revision, sql, before, now } => Diagnostic::error(
                &codes::IN_DOUBT,
                format!("it is not known whether a statement of `{revision}` took effect before the last run ended"),
            )
            .note(format!("statement: {sql}"))
            .note(format!("the catalog said before it: {before}"))
            .note(format!("it says now: {now}"))
            .help(
                "look at the database, then say what you found: `aludel repair --mark done` or `aludel repair --mark not-run`",
            ),
            RunError::ScriptStopped { revision } => Diagnostic::error(
                &codes::SCRIPT_STOPPED,
                format!("a script stopped in the middle of `{revision}`, or is still running"),
            )
            .note("only the script says which of its statements have run, so nothing is run on top of them")
            .help(format!(
                "run the rest of the script, which settles it; or finish its part by hand and `aludel stamp {revision}`; or undo it by hand and stamp the revision before it"
            )),
            RunError::HalfRunChanged { revision, ran, now } => Diagnostic::error(
                &codes::HALF_RUN_CHANGED,
                format!("the revision `{revision}` is half run, and its file was changed in a part that has run"),
            )
            .note(format!("has run: {ran}"))
            .note(format!("the file says now: {now}"))
            .help(
                "restore the part that has run, statements after it may be changed; or take back what has run with `aludel repair --undo`",
            ),
            RunError::NoRunTransaction { revision } => Diagnostic::error(
                &codes::NO_RUN_TRANSACTION,
                format!(
                    "`transaction: run` is not possible: `{revision}` has statements that cannot run in a transaction"
                ),
            )
            .help("set `transaction: revision` in aludel.yaml"),
            RunError::CannotUndo { revision, direction, sql, reason } => Diagnostic::error(
                &codes::CANNOT_UNDO,
                format!("the half-run {} of `{revision}` cannot be undone: {reason}", direction.name()),
            )
            .note(format!("statement: {}", excerpt(sql, None)))
            .note("nothing has been undone")
            .help("mend the cause and finish it with `aludel repair --finish`; or undo it by hand and stamp"),
            RunError::NothingInDoubt => {
                Diagnostic::error(&codes::NOTHING_IN_DOUBT, "there is no statement in doubt, and none that failed")
                    .help("`aludel repair` shows what an interrupted run left")
            }
            RunError::ForeignTable(foreign) => foreign.diagnostic(),
            RunError::Position { revision, reason } => Diagnostic::error(
                &codes::BACKFILL_POSITION,
                format!("the backfill of `{revision}` stopped: {reason}"),
            )
            .help("see the rows with such a key; what is done is recorded, and `aludel upgrade` continues from there"),
            RunError::Interrupted => Diagnostic::error(&codes::INTERRUPTED, "interrupted")
                .note("what was done is recorded; the same command goes on from there"),
            RunError::Plan(_) => Diagnostic::error(&codes::JOURNAL, self.to_string()),
        }
    }
}

impl StatementFailure {
    /// The value that an assertion found, out of what the statement said.
    fn found<'s>(&'s self, assertion: &Assert) -> &'s str {
        let said = self.error.message.as_str();
        let (before, after) = assertion.complaint();
        let said = said.strip_prefix(&before).unwrap_or(said);
        // Some servers cut a long message.
        let rest = said.match_indices(", expected ").find(|(at, _)| after.starts_with(&said[*at..]));
        rest.map_or(said, |(at, _)| &said[..at])
    }

    fn diagnostic(&self) -> Diagnostic {
        let code = match self.error.kind {
            ErrorKind::Interrupted => &codes::INTERRUPTED,
            ErrorKind::Data => &codes::DATA_ROW,
            ErrorKind::Assertion => &codes::ASSERTION_FAILED,
            _ => &codes::STATEMENT_FAILED,
        };
        let what = match (self.error.kind, &self.assertion) {
            (ErrorKind::Interrupted, _) => "was interrupted".to_owned(),
            (ErrorKind::Assertion, Some(Assert { message: Some(message), .. })) => format!("was stopped: {message}"),
            (ErrorKind::Assertion, Some(_)) => "was stopped by an assertion".to_owned(),
            _ => format!("failed: {}", self.error.message),
        };
        let diagnostic = Diagnostic::error(code, format!("{} of `{}` {what}", self.activity(), self.revision));
        let diagnostic = match self.span {
            Some(span) => diagnostic.at(span, "in this step"),
            None => diagnostic,
        };
        let diagnostic = match (self.error.kind, &self.assertion) {
            (ErrorKind::Assertion, Some(assertion)) => diagnostic
                .note(format!("found {}, expected {}", self.found(assertion), assertion.expected.describe()))
                .note(format!("asserted: {}", excerpt(&assertion.sql, None))),
            (ErrorKind::Data, _) => diagnostic,
            _ => with_error(
                diagnostic.note(format!("statement: {}", excerpt(&self.sql, self.error.position))),
                &self.error,
            ),
        };
        match self.fate {
            Fate::RolledBack => diagnostic.note("the revision was rolled back; the database is as it was before it"),
            Fate::Unknown => diagnostic
                .note("the connection was lost while the revision committed, so it is applied as a whole or not at all")
                .help("run `aludel current` to see, or `aludel upgrade` to go on from there"),
            Fate::Recorded => {
                let rows = self.rows.map(|rows| format!(", and {rows} rows of its backfill")).unwrap_or_default();
                let diagnostic = diagnostic.note(format!(
                    "{} of {} statements {} are done and recorded{rows}; `aludel repair` shows them",
                    self.done,
                    self.total,
                    if self.undoing { "that take it back" } else { "of the revision" },
                ));
                let ways = match (self.undoing, self.direction) {
                    (true, _) => "mend the cause, then `aludel repair --undo` goes on",
                    (false, Direction::Upgrade) => {
                        "mend the cause, then `aludel upgrade` goes on from there; or `aludel repair --undo` takes back what is done"
                    }
                    (false, Direction::Downgrade) => {
                        "mend the cause, then `aludel repair --finish` goes on from there; or `aludel repair --undo` takes back what is done"
                    }
                };
                match &self.error.hint {
                    Some(_) => diagnostic.note(ways),
                    None => diagnostic.help(ways),
                }
            }
        }
    }

    fn activity(&self) -> String {
        match self.undoing {
            true => format!("undoing the {}", self.direction.name()),
            false => format!("the {}", self.direction.name()),
        }
    }
}

fn with_error(mut diagnostic: Diagnostic, error: &DriverError) -> Diagnostic {
    if let Some(code) = &error.code {
        diagnostic = diagnostic.note(format!("the database's code: {code}"));
    }
    if let Some(detail) = &error.detail {
        diagnostic = diagnostic.note(detail.clone());
    }
    match &error.hint {
        Some(hint) => diagnostic.help(hint.clone()),
        None => diagnostic,
    }
}

/// A statement cut to what fits a message, around the position an error is about.
fn excerpt(sql: &str, position: Option<usize>) -> String {
    const LENGTH: usize = 600;
    if sql.len() <= LENGTH {
        return sql.to_owned();
    }
    let middle = position.unwrap_or(0).min(sql.len());
    let floor = |mut at: usize| {
        while !sql.is_char_boundary(at) {
            at -= 1;
        }
        at
    };
    let start = floor(middle.saturating_sub(LENGTH / 2));
    let end = floor((start + LENGTH).min(sql.len()));
    let head = if start > 0 { "… " } else { "" };
    let tail = if end < sql.len() { " …" } else { "" };
    format!("{head}{}{tail}", &sql[start..end])
}
