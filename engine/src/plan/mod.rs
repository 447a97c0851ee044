//! From a path through the graph to the statements that a database runs.

mod batches;
mod commute;
mod compile;
mod lacking;
mod planner;
mod record;
mod replay;
mod statement;

pub use batches::{Batches, From, Key, KeyColumn, Recheck};
pub use commute::{Conflict, Party, conflicts};
pub use compile::{CompiledChanges, Group, compile_changes};
pub use lacking::Lacking;
pub use planner::{Direction, Plan, Request, RevisionPlan, StepInfo, UndoStatement, guarded_statements, plan};
pub use record::{Fingerprint, Record, RecordedStep, RevisionFile, Unreadable, WayBack};
pub use replay::{Irreversible, Origin, Replayed, Source, replay, replay_onto};
pub use statement::{Cleanup, Data, Inverse, Lock, LockLevel, Statement, TimeoutClass, Transaction, Work};
