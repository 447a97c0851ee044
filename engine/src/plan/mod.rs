//! From a path through the graph to the statements that a database runs.

mod statement;

pub use statement::{Lock, LockLevel, Statement, TimeoutClass, Transaction, Work};
