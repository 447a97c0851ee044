//! From a path through the graph to the statements that a database runs.

mod commute;
mod compile;
mod planner;
mod replay;
mod statement;

pub use commute::{Conflict, Party, conflicts};
pub use compile::Group;
pub use planner::{Direction, Plan, Request, RevisionPlan, StepInfo, UndoStatement, plan};
pub use replay::{Irreversible, Replayed, Source, replay, replay_onto};
pub use statement::{Cleanup, Lock, LockLevel, Statement, TimeoutClass, Transaction, Work};
