//! From a path through the graph to the statements that a database runs.

mod compile;
mod planner;
mod record;
mod replay;
mod statement;

pub use compile::Group;
pub use planner::{Direction, Plan, Request, RevisionPlan, StepInfo, UndoStatement, guarded_statements, plan};
pub use record::{Fingerprint, Record, RecordedStep, RevisionFile, Unreadable, WayBack};
pub use replay::{Irreversible, Origin, Replayed, Source, replay};
pub use statement::{Cleanup, Inverse, Lock, LockLevel, Statement, TimeoutClass, Transaction, Work};
