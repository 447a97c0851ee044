//! `aludel downgrade`.

use aludel_engine::plan::Direction;
use clap::Args;

use super::running::Running;
use super::upgrade::told;
use crate::app::App;
use crate::failure::{Answer, Failure};
use crate::run::{self, Job};
use crate::workspace::Workspace;

/// Undo what comes after a revision
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub struct Downgrade {
    /// Down to where: `-1`, a revision that stays, `base`, `label@-1`, or several with commas between them
    #[arg(allow_negative_numbers = true, required_unless_present = "sql")]
    pub target: Option<String>,
    /// How.
    #[command(flatten)]
    pub running: Running,
    /// Lose data without being asked
    #[arg(short, long)]
    pub yes: bool,
}

const EXAMPLES: &str = "\
Examples:
  aludel downgrade -1                     undo the newest revision
  aludel downgrade 3f2a                   undo everything after 3f2a
  aludel downgrade base --yes             undo everything, without a question
  aludel downgrade 3f2a,billing@-1        two branches at once
  aludel downgrade --sql head:base        a script for the database's own client

What removes tables, columns or rows is shown, and asked about on a terminal; elsewhere it
takes `--yes`.
A revision that cannot be undone is found before anything runs.";

impl Downgrade {
    pub(crate) fn run(self, app: &App) -> Result<Answer, Failure> {
        let (target, sql) = self.running.target(self.target)?;
        if self.running.dry_run {
            return self.running.plan(app, Direction::Downgrade, target);
        }
        let target = target.unwrap_or_default();
        if sql {
            if !target.contains(':') {
                return Err(Failure::usage(
                    "a script that goes down needs both its ends",
                    "write `aludel downgrade --sql START:END`, as in `head:base`; START is what is applied",
                ));
            }
            return self.running.script(app, Direction::Downgrade, &target);
        }
        let mut workspace = Workspace::open(app)?;
        let record = self.running.record(&target);
        let (tags, accept) = (&self.running.with, &self.running.accept_changed);
        let direction = Direction::Downgrade;
        let job = Job { direction, target: &target, record, tags, accept, may_lose: self.yes };
        let document = run::run(&mut workspace, &job)?;
        app.terminal.result(&document, || told(&document))?;
        Ok(Answer::Done)
    }
}
