//! What a run tells while it goes on.

use std::time::Duration;

use crate::plan::Direction;
use crate::revision::RevisionId;
use crate::schema::ObjectName;

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
    /// The running statement sends the rows of a data file, and this is how far it is.
    RowsSent {
        /// The revision it belongs to.
        revision: &'a RevisionId,
        /// The file.
        file: &'a str,
        /// How many rows were read.
        rows: u64,
        /// How many bytes of the file were read.
        bytes: u64,
        /// How many it has.
        total: u64,
    },
    /// Such a statement is done.
    StatementFinished {
        /// The revision it belongs to.
        revision: &'a RevisionId,
        /// How long it took.
        took: Duration,
    },
    /// A batch is committed.
    Batch {
        /// The revision it belongs to.
        revision: &'a RevisionId,
        /// The table.
        table: &'a ObjectName,
        /// How many rows are changed.
        rows: u64,
        /// How many are to be changed, about; none where that is not known.
        total: Option<u64>,
        /// How many of them this run has changed.
        own: u64,
        /// How long it took for those, pauses included.
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
