//! `aludel init`.

use std::path::{Path, PathBuf};

use aludel_engine::project::init;
use clap::Args;
use serde::Serialize;

use crate::app::App;
use crate::failure::{Answer, Failure};
use crate::machine;
use crate::render;

/// Make a project that works at once, on SQLite
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub struct Init {
    /// Where; made if need be
    #[arg(default_value = ".")]
    pub directory: PathBuf,
    /// With two revisions to try things on
    #[arg(long)]
    pub example: bool,
}

const EXAMPLES: &str = "\
Examples:
  aludel init                             in this directory
  aludel init db                          in `db`, for a project that has other things beside it
  aludel init shop --example              with two revisions to try things on

No file is overwritten.";

/// A new project.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct InitDocument {
    /// Its directory.
    pub directory: String,
    /// The files that were made.
    pub files: Vec<String>,
}

impl Init {
    pub(crate) fn run(self, app: &App) -> Result<Answer, Failure> {
        let directory = match &app.global.project {
            Some(base) => base.join(&self.directory),
            None => self.directory.clone(),
        };
        let now = self.example.then(machine::now);
        let made = init::create(&directory, now.as_ref())?;
        let files: Vec<String> = made.iter().map(|path| path.display().to_string()).collect();
        let document = InitDocument { directory: directory.display().to_string(), files };
        app.terminal.result(&document, || render::made(&document.files))?;
        let enter = if directory == Path::new(".") { String::new() } else { format!("cd {}\n  ", directory.display()) };
        app.terminal.note(&match self.example {
            true => format!("\nNext:\n  {enter}aludel plan      what would run\n  aludel upgrade   run it, on SQLite"),
            false => format!("\nNext:\n  {enter}aludel revision -m \"create users\"\n  aludel upgrade"),
        });
        Ok(Answer::Done)
    }
}
