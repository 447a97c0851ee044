//! What can be typed. Every command has its own arguments in its own file.

use std::collections::BTreeMap;
use std::path::PathBuf;

use clap::{Args, Parser, Subcommand, ValueEnum};

use crate::app::App;
use crate::commands::{
    adopt, branches, check, current, diff, downgrade, edit, explain, heads, history, init, inspect, merge, plan,
};
use crate::commands::{rebase, repair, revision, show, stamp, upgrade, verify};
use crate::failure::{Answer, Failure};

/// Declarative database migrations: write what changes once, in YAML, and run it up and down on SQLite, PostgreSQL, MySQL
/// and MariaDB.
#[derive(Debug, Parser)]
#[command(name = "aludel", version, subcommand_required = true, arg_required_else_help = true)]
#[command(disable_help_subcommand = false, max_term_width = 110, after_help = EXAMPLES)]
pub struct Arguments {
    /// What every command takes.
    #[command(flatten)]
    pub global: Global,
    /// What to do.
    #[command(subcommand)]
    pub command: Command,
}

const EXAMPLES: &str = "\
To begin:
  aludel init shop --example     a project that works at once, on SQLite
  cd shop
  aludel plan                    what would run
  aludel upgrade                 run it
  aludel history -i              where the database is
  aludel revision -m \"add notes\" the next step, to be filled in

Exit codes: 0 done, 1 failed or refused, 2 wrong usage, 3 the answer is no.
The number of a message is explained by `aludel explain E0301`.";

/// What every command takes.
#[derive(Debug, Clone, Args)]
#[command(next_help_heading = "Global options")]
pub struct Global {
    /// Where `aludel.yaml` is searched, in this directory and above it
    #[arg(short = 'C', long = "project", value_name = "DIR", global = true)]
    pub project: Option<PathBuf>,
    /// The project file itself
    #[arg(short = 'c', long, value_name = "FILE", global = true, conflicts_with = "project")]
    pub config: Option<PathBuf>,
    /// A name under `databases` in aludel.yaml, or a URL; else $ALUDEL_DATABASE, else `default`
    #[arg(short, long, value_name = "NAME|URL", global = true)]
    pub database: Option<String>,
    /// A value for `${var:KEY}` in SQL texts; can be repeated
    #[arg(short = 'x', value_name = "KEY=VALUE", global = true)]
    pub variables: Vec<String>,
    /// One JSON document on standard output
    #[arg(long, global = true)]
    pub json: bool,
    /// Nothing but errors and results
    #[arg(short, long, global = true, conflicts_with = "verbose")]
    pub quiet: bool,
    /// More of everything
    #[arg(short, long, global = true, action = clap::ArgAction::Count)]
    pub verbose: u8,
    /// Colours: auto, always or never; NO_COLOR turns them off too
    #[arg(long, value_name = "WHEN", global = true, default_value = "auto")]
    #[arg(hide_possible_values = true, hide_default_value = true)]
    pub color: Color,
    /// No line that moves while something runs
    #[arg(long, global = true)]
    pub no_progress: bool,
}

/// When to use colours.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Color {
    /// On a terminal.
    Auto,
    /// Always.
    Always,
    /// Never.
    Never,
}

/// What to do.
#[derive(Debug, Subcommand)]
#[allow(missing_docs)]
pub enum Command {
    Init(init::Init),
    Adopt(adopt::Adopt),
    Revision(revision::Revision),
    #[command(visible_alias = "up")]
    Upgrade(upgrade::Upgrade),
    #[command(visible_alias = "down")]
    Downgrade(downgrade::Downgrade),
    Plan(plan::Plan),
    Current(current::Current),
    History(history::History),
    Heads(heads::Heads),
    Branches(branches::Branches),
    Show(show::Show),
    Edit(edit::Edit),
    Check(check::Check),
    Diff(diff::Diff),
    Verify(verify::Verify),
    Inspect(inspect::Inspect),
    Merge(merge::Merge),
    Rebase(rebase::Rebase),
    Stamp(stamp::Stamp),
    Repair(repair::Repair),
    Explain(explain::Explain),
}

impl Global {
    /// The values given with `-x`. The message does not repeat them: they may be secrets.
    pub(crate) fn variables(&self) -> Result<BTreeMap<String, String>, Failure> {
        let pair = |text: &String| match text.split_once('=') {
            Some((key, value)) if !key.trim().is_empty() => Ok((key.trim().to_owned(), value.to_owned())),
            _ => Err(Failure::usage("what follows `-x` is not of the form KEY=VALUE", "write `-x owner=app`")),
        };
        self.variables.iter().map(pair).collect()
    }
}

impl Command {
    /// Does it.
    pub(crate) fn run(self, app: &App) -> Result<Answer, Failure> {
        match self {
            Command::Init(command) => command.run(app),
            Command::Adopt(command) => command.run(app),
            Command::Revision(command) => command.run(app),
            Command::Upgrade(command) => command.run(app),
            Command::Downgrade(command) => command.run(app),
            Command::Plan(command) => command.run(app),
            Command::Current(command) => command.run(app),
            Command::History(command) => command.run(app),
            Command::Heads(command) => command.run(app),
            Command::Branches(command) => command.run(app),
            Command::Show(command) => command.run(app),
            Command::Edit(command) => command.run(app),
            Command::Check(command) => command.run(app),
            Command::Diff(command) => command.run(app),
            Command::Verify(command) => command.run(app),
            Command::Inspect(command) => command.run(app),
            Command::Merge(command) => command.run(app),
            Command::Rebase(command) => command.run(app),
            Command::Stamp(command) => command.run(app),
            Command::Repair(command) => command.run(app),
            Command::Explain(command) => command.run(app),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use clap::CommandFactory;

    #[test]
    fn the_definition_holds() {
        Arguments::command().debug_assert();
    }
}
