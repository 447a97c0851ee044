//! What a run tells while it goes on.

use std::time::Duration;

use crate::plan::Direction;
use crate::revision::RevisionId;

/// Something that happened.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Event<'a> {
    /// Another run has the lock; this is told again and again.
    WaitingForLock {
        /// Who has it, as far as the server says.
        holder: Option<&'a str>,
        /// How long we have waited.
        waited: Duration,
    },
    /// An interrupted run left this revision half done; it is finished first.
    Resuming {
        /// The revision.
        revision: &'a RevisionId,
        /// Which way it was going.
        direction: Direction,
        /// How many statements are done.
        done: usize,
        /// How many there are.
        total: usize,
    },
    /// What an interrupted run did of this revision is taken back.
    Undoing {
        /// The revision.
        revision: &'a RevisionId,
        /// Which way it was going.
        direction: Direction,
        /// How many statements are done.
        done: usize,
        /// How many there are.
        total: usize,
    },
    /// A revision begins.
    RevisionStarted {
        /// The revision.
        revision: &'a RevisionId,
        /// What the author said.
        message: &'a str,
        /// Which way.
        direction: Direction,
        /// Its place in the run, from 1.
        number: usize,
        /// How many revisions the run has.
        total: usize,
    },
    /// A statement begins that may take long, or that is journalled by itself.
    StatementStarted {
        /// The revision it belongs to.
        revision: &'a RevisionId,
        /// Its text.
        sql: &'a str,
    },
    /// Such a statement is done.
    StatementFinished {
        /// The revision it belongs to.
        revision: &'a RevisionId,
        /// How long it took.
        took: Duration,
    },
    /// A lock was not to be had in time; the revision or statement is tried again.
    Retrying {
        /// The revision.
        revision: &'a RevisionId,
        /// Which attempt comes next, from 2.
        attempt: u32,
        /// How long until then.
        pause: Duration,
        /// What the server said.
        reason: &'a str,
    },
    /// A revision is done and recorded.
    RevisionFinished {
        /// The revision.
        revision: &'a RevisionId,
        /// How long it took.
        took: Duration,
    },
}

/// Somebody who listens.
pub trait Observer {
    /// Is told.
    fn notify(&mut self, event: &Event<'_>);
}

/// Listens to nothing.
#[derive(Debug, Default, Clone, Copy)]
pub struct Silent;

impl Observer for Silent {
    fn notify(&mut self, _: &Event<'_>) {}
}
