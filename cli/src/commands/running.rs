//! What `upgrade` and `downgrade` have in common.

use aludel_engine::plan::Direction;
use clap::Args;

use super::plan::Plan;
use super::script;
use crate::app::App;
use crate::failure::{Answer, Failure};
use crate::workspace::Workspace;

/// How to run, or what to give instead of running.
#[derive(Debug, Clone, Args)]
pub struct Running {
    /// Print a script instead of running anything; no database is needed
    #[arg(long, value_name = "START:END", num_args = 0..=1, conflicts_with = "dry_run")]
    pub sql: Option<Option<String>>,
    /// The dialect of the script, as in `postgres` or `postgres@14`
    #[arg(long, value_name = "NAME[@VERSION]", requires = "sql")]
    pub dialect: Option<String>,
    /// Show what would run, as `aludel plan` does
    #[arg(long)]
    pub dry_run: bool,
    /// Include the steps with this tag, as a downgrade does where they ran; can be repeated
    #[arg(long = "with", value_name = "TAG")]
    pub with: Vec<String>,
    /// Take it that this database has what the changed file of an applied revision says now; can be repeated
    #[arg(long, value_name = "REVISION", conflicts_with = "sql")]
    pub accept_changed: Vec<String>,
    /// A word to find this run by in the database's record
    #[arg(long, value_name = "TEXT")]
    pub tag: Option<String>,
}

impl Running {
    /// The target, which may stand behind `--sql` too, and whether a script is wanted.
    pub(super) fn target(&self, target: Option<String>) -> Result<(Option<String>, bool), Failure> {
        match (target, &self.sql) {
            (target, None) => Ok((target, false)),
            (None, Some(range)) => Ok((range.clone(), true)),
            (target, Some(None)) => Ok((target, true)),
            (Some(_), Some(Some(_))) => {
                Err(Failure::usage("the target is given twice", "write it once: `aludel upgrade --sql START:END`"))
            }
        }
    }

    /// What the user asked for, as the record has it.
    pub(super) fn record(&self, target: &str) -> String {
        match &self.tag {
            Some(tag) => format!("{target} [{tag}]"),
            None => target.to_owned(),
        }
    }

    /// Shows what would run.
    pub(super) fn plan(self, app: &App, direction: Direction, target: Option<String>) -> Result<Answer, Failure> {
        let down = direction == Direction::Downgrade;
        Plan { target, down, dialect: None, with: self.with, accept_changed: self.accept_changed }.run(app)
    }

    /// Prints a script.
    pub(super) fn script(&self, app: &App, direction: Direction, range: &str) -> Result<Answer, Failure> {
        let wanted = script::Wanted {
            direction,
            range,
            record: self.record(range),
            dialect: self.dialect.as_deref(),
            tags: &self.with,
        };
        script::print(&mut Workspace::open(app)?, &wanted)
    }
}
