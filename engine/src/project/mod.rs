//! A project on disk: its settings, its files, and the making of new ones.
//!
//! The clock, the environment and randomness belong to the caller. [`Project::open`] reads `aludel.yaml`,
//! [`History::load`] the revisions; what is wrong in either is collected, so that one run reports everything.

mod applied;
pub mod autogenerate;
mod beside;
mod calendar;
pub mod config;
mod desired;
mod discovery;
pub mod divergence;
mod history;
pub mod hooks;
pub mod init;
mod layout;
mod parallel;
pub mod planning;
pub mod problems;
pub mod rebase;
mod tags;
mod tampering;
mod template;
#[cfg(test)]
mod test_directory;
pub mod write;

pub use calendar::Moment;
pub use config::{Config, DatabaseConfig, DialectTarget, KnownDialects, TransactionMode};
pub use desired::DesiredFiles;
pub use history::{Body, History};
pub use layout::{PROJECT_FILE, Place, Project};
