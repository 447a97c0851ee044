//! From a path through the graph to the statements that a database runs.

mod batches;
mod commute;
mod compile;
mod planner;
mod replay;
mod statement;

pub use batches::{Batches, From, Key, KeyColumn, Recheck};
pub use commute::{Conflict, Party, conflicts};
pub use compile::Group;
pub use planner::{Direction, Plan, Request, RevisionPlan, StepInfo, UndoStatement, plan};
pub use replay::{Irreversible, Replayed, Source, replay, replay_onto};
pub use statement::{Cleanup, Data, Lock, LockLevel, Statement, TimeoutClass, Transaction, Work};
