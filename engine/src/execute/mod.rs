//! Running a plan, and surviving what can go wrong.
//!
//! The database is told before it happens: intent is committed, then one thing is done, then completion is committed. A
//! revision that is one transaction needs none of that, because its rows in the journal commit with it.

mod atomic;
mod batches;
mod error;
mod journal;
mod journalled;
mod lock;
mod observer;
mod repair;
mod runner;
mod script;
mod send;

pub use batches::Position;
pub use error::{Fate, RunError, StatementFailure};
pub use journal::{
    Acceptance, AppliedRevision, DatabaseState, ForeignTable, HalfRun, Journal, Recorded, Standing, StoredRun,
    StoredStep, UnfinishedRevision,
};
pub use observer::{Event, Observer, Silent};
pub use repair::{Agree, Marked, UndoPlan};
pub use runner::{Outcome, Planner, RowChanges, Runner, Settings, Stamped};
pub use script::{ScriptOptions, runnable, script, stamp_script, statements_script};
