//! `aludel downgrade`.

use aludel_engine::plan::Direction;
use clap::Args;

use super::plan::Plan;
use super::script;
use super::upgrade::{record, target, told};
use crate::app::App;
use crate::failure::{Answer, Failure};
use crate::run::{self, Job};
use crate::workspace::Workspace;

/// Undo what comes after a revision
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub struct Downgrade {
    /// Down to where: `-1`, a revision that stays, `base`, `label@-1`
    #[arg(allow_negative_numbers = true, required_unless_present = "sql")]
    pub target: Option<String>,
    /// Print a script instead of running anything; no database is needed
    #[arg(long, value_name = "START:END", num_args = 0..=1, conflicts_with = "dry_run")]
    pub sql: Option<Option<String>>,
    /// The dialect of the script, as in `postgres` or `postgres@14`
    #[arg(long, value_name = "NAME[@VERSION]", requires = "sql")]
    pub dialect: Option<String>,
    /// Show what would run, as `aludel plan --down` does
    #[arg(long)]
    pub dry_run: bool,
    /// Undo the steps with this tag too, where the database does not say which ran; can be repeated
    #[arg(long = "with", value_name = "TAG")]
    pub with: Vec<String>,
    /// Take it that this database has what the changed file of an applied revision says now; can be repeated
    #[arg(long, value_name = "REVISION", conflicts_with = "sql")]
    pub accept_changed: Vec<String>,
    /// A word to find this run by in the database's record
    #[arg(long, value_name = "TEXT")]
    pub tag: Option<String>,
    /// Lose data without being asked
    #[arg(short, long)]
    pub yes: bool,
}

const EXAMPLES: &str = "\
Examples:
  aludel downgrade -1                     undo the newest revision
  aludel downgrade 3f2a                   undo everything after 3f2a
  aludel downgrade base --yes             undo everything, without a question
  aludel downgrade --sql head:base        a script for the database's own client

What removes tables, columns or rows is shown, and asked about on a terminal; elsewhere it
takes `--yes`.
A revision that cannot be undone is found before anything runs.";

impl Downgrade {
    pub(crate) fn run(self, app: &App) -> Result<Answer, Failure> {
        let (target, sql) = target(self.target, self.sql)?;
        if self.dry_run {
            return Plan { target, down: true, dialect: None, with: self.with, accept_changed: self.accept_changed }
                .run(app);
        }
        let target = target.unwrap_or_default();
        let record = record(&target, self.tag.as_deref());
        if sql {
            if !target.contains(':') {
                return Err(Failure::usage(
                    "a script that goes down needs both its ends",
                    "write `aludel downgrade --sql START:END`, as in `head:base`; START is what is applied",
                ));
            }
            let wanted = script::Wanted {
                direction: Direction::Downgrade,
                range: &target,
                record,
                dialect: self.dialect.as_deref(),
                tags: &self.with,
            };
            return script::print(&mut Workspace::open(app)?, &wanted);
        }
        let mut workspace = Workspace::open(app)?;
        let accept = &self.accept_changed;
        let job = Job {
            direction: Direction::Downgrade,
            target: &target,
            record,
            tags: &self.with,
            accept,
            may_lose: self.yes,
        };
        let document = run::run(&mut workspace, &job)?;
        app.terminal.result(&document, || told(&document))?;
        Ok(Answer::Done)
    }
}
