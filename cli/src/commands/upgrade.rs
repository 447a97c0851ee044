//! `aludel upgrade`.

use aludel_engine::plan::Direction;
use clap::Args;

use super::plan::Plan;
use super::script;
use crate::app::App;
use crate::failure::{Answer, Failure};
use crate::render::{count, seconds};
use crate::run::{self, Job, RunDocument};
use crate::workspace::Workspace;

/// Run what is not applied yet
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub struct Upgrade {
    /// How far: a revision, `heads`, `+1`, `label@head` [default: heads]
    #[arg(allow_negative_numbers = true)]
    pub target: Option<String>,
    /// Print a script instead of running anything; no database is needed
    #[arg(long, value_name = "START:END", num_args = 0..=1, conflicts_with = "dry_run")]
    pub sql: Option<Option<String>>,
    /// The dialect of the script, as in `postgres` or `postgres@14`
    #[arg(long, value_name = "NAME[@VERSION]", requires = "sql")]
    pub dialect: Option<String>,
    /// Show what would run, as `aludel plan` does
    #[arg(long)]
    pub dry_run: bool,
    /// Run the steps with this tag too; can be repeated
    #[arg(long = "with", value_name = "TAG")]
    pub with: Vec<String>,
    /// Take it that this database has what the changed file of an applied revision says now; can be repeated
    #[arg(long, value_name = "REVISION", conflicts_with = "sql")]
    pub accept_changed: Vec<String>,
    /// A word to find this run by in the database's record
    #[arg(long, value_name = "TEXT")]
    pub tag: Option<String>,
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
        let (target, sql) = target(self.target, self.sql)?;
        if self.dry_run {
            let plan =
                Plan { target, down: false, dialect: None, with: self.with, accept_changed: self.accept_changed };
            return plan.run(app);
        }
        let mut workspace = Workspace::open(app)?;
        let target = target.unwrap_or_else(|| "heads".to_owned());
        let record = record(&target, self.tag.as_deref());
        if sql {
            let wanted = script::Wanted {
                direction: Direction::Upgrade,
                range: &target,
                record,
                dialect: self.dialect.as_deref(),
                tags: &self.with,
            };
            return script::print(&mut workspace, &wanted);
        }
        if target.contains(':') {
            return Err(Failure::usage(
                "a range is for a script only; what is run starts from what is applied",
                "give the end alone, or add `--sql`",
            ));
        }
        let accept = &self.accept_changed;
        let job =
            Job { direction: Direction::Upgrade, target: &target, record, tags: &self.with, accept, may_lose: true };
        let document = run::run(&mut workspace, &job)?;
        app.terminal.result(&document, || told(&document))?;
        Ok(Answer::Done)
    }
}

/// The target, which may stand behind `--sql` too, and whether a script is wanted.
pub(super) fn target(target: Option<String>, sql: Option<Option<String>>) -> Result<(Option<String>, bool), Failure> {
    match (target, sql) {
        (target, None) => Ok((target, false)),
        (None, Some(range)) => Ok((range, true)),
        (target, Some(None)) => Ok((target, true)),
        (Some(_), Some(Some(_))) => {
            Err(Failure::usage("the target is given twice", "write it once: `aludel upgrade --sql START:END`"))
        }
    }
}

/// What the user asked for, as the record has it.
pub(super) fn record(target: &str, tag: Option<&str>) -> String {
    match tag {
        Some(tag) => format!("{target} [{tag}]"),
        None => target.to_owned(),
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
