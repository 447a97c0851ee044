//! The tables that Aludel keeps in the database, and everything written to and read from them.
//!
//! They are described with our own model and created through the dialect; the statements below are plain SQL that every
//! dialect shares. No driver contains journal SQL.

mod read;
mod standing;
mod tables;
mod write;

pub use read::{AppliedRevision, DatabaseState, HalfRun, StoredRun, StoredStep, UnfinishedRevision};
pub use standing::{Recorded, Standing};
pub use tables::ForeignTable;
pub use write::{Acceptance, RunRecord, StepRecord};

use std::sync::Arc;

use crate::dialect::Dialect;
use crate::schema::ObjectName;

/// The names of the tables and the dialect to speak.
#[derive(Debug, Clone)]
pub struct Journal {
    dialect: Arc<dyn Dialect>,
    /// The applied heads.
    version: ObjectName,
    /// What has been done, append-only.
    history: ObjectName,
    /// Runs.
    run: ObjectName,
    /// Statements of what is not one atomic transaction.
    step: ObjectName,
}

impl Journal {
    /// The journal beside a version table: `aludel_version` has `aludel_history`, `aludel_run` and `aludel_step`.
    #[must_use]
    pub fn new(dialect: Arc<dyn Dialect>, version_table: &ObjectName) -> Self {
        let base = version_table.name.strip_suffix("_version").unwrap_or(&version_table.name);
        let beside = |what: &str| version_table.sibling(format!("{base}_{what}"));
        Journal {
            dialect,
            version: version_table.clone(),
            history: beside("history"),
            run: beside("run"),
            step: beside("step"),
        }
    }

    /// The names of the tables, to be left out where a schema is read.
    #[must_use]
    pub fn table_names(&self) -> Vec<ObjectName> {
        vec![self.version.clone(), self.history.clone(), self.run.clone(), self.step.clone()]
    }

    /// What the run lock is called: one for each version table.
    #[must_use]
    pub fn lock_key(&self) -> String {
        format!("aludel:{}", self.version)
    }
}
