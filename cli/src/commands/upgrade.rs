//! `aludel upgrade`.

use aludel_engine::plan::Direction;
use clap::Args;

use super::running::Running;
use crate::app::App;
use crate::failure::{Answer, Failure};
use crate::render::{count, seconds};
use crate::run::{self, Job, RunDocument};
use crate::workspace::Workspace;

/// Run what is not applied yet
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub struct Upgrade {
    /// How far: a revision, `heads`, `+1`, `label@head`, or several with commas between them [default: heads]
    #[arg(allow_negative_numbers = true)]
    pub target: Option<String>,
    /// How.
    #[command(flatten)]
    pub running: Running,
}

const EXAMPLES: &str = "\
Examples:
  aludel upgrade                          everything
  aludel upgrade +1                       one revision
  aludel upgrade 3f2a -d production       up to a revision, by the beginning of its id
  aludel upgrade --sql                    a script for the database's own client
  aludel upgrade --sql 3f2a:head --dialect postgres@14
  aludel upgrade --with seed              with the steps tagged `seed`

A run that was interrupted is continued. With nothing to do, nothing is locked or written.";

impl Upgrade {
    pub(crate) fn run(self, app: &App) -> Result<Answer, Failure> {
        let (target, sql) = self.running.target(self.target)?;
        if self.running.dry_run {
            return self.running.plan(app, Direction::Upgrade, target);
        }
        let target = target.unwrap_or_else(|| "heads".to_owned());
        if sql {
            return self.running.script(app, Direction::Upgrade, &target);
        }
        if target.contains(':') {
            return Err(Failure::usage(
                "a range is for a script only; what is run starts from what is applied",
                "give the end alone, or add `--sql`",
            ));
        }
        let mut workspace = Workspace::open(app)?;
        let record = self.running.record(&target);
        let (tags, accept) = (&self.running.with, &self.running.accept_changed);
        let job = Job { direction: Direction::Upgrade, target: &target, record, tags, accept, may_lose: true };
        let document = run::run(&mut workspace, &job)?;
        app.terminal.result(&document, || told(&document))?;
        Ok(Answer::Done)
    }
}

/// What a run did, in a line or two.
pub(super) fn told(document: &RunDocument) -> String {
    let heads: Vec<&str> = document.applied.iter().map(|id| id.as_str()).collect();
    let place = match heads.is_empty() {
        true => "nothing is applied".to_owned(),
        false => format!("it is at {}", heads.join(" and ")),
    };
    let name = &document.database.name;
    let total = document.revisions.iter().map(|revision| revision.seconds).sum();
    let took = seconds(std::time::Duration::from_secs_f64(total));
    match (document.revisions.len(), document.resumed.is_empty()) {
        (0, true) => format!("nothing to do for `{name}`: {place}\n"),
        (0, false) => format!("finished what was half run in `{name}`: {place}\n"),
        (number, _) => {
            format!("{}d `{name}` by {} in {took}: {place}\n", document.direction, count(number, "revision"))
        }
    }
}
