//! Comparing two schemas.

mod creation;
mod reconcile;
pub mod words;

pub use creation::creation;
pub use reconcile::{Reconciled, Undecided, reconcile};
