//! `aludel edit`.

use std::path::PathBuf;
use std::process::Command;

use aludel_engine::diagnostic::{Diagnostic, codes};
use aludel_engine::project::hooks::words;
use aludel_engine::revision::{Reference, Symbol};
use clap::Args;
use serde::Serialize;

use crate::app::App;
use crate::database::Database;
use crate::failure::{Answer, Failure};
use crate::machine::environment;
use crate::workspace::Workspace;

/// Open the file of a revision in an editor, and check it afterwards
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub struct Edit {
    /// A revision, `head`, `current`, `label@head`, `head-1`
    #[arg(allow_negative_numbers = true, default_value = "head")]
    pub revision: String,
}

const EXAMPLES: &str = "\
Examples:
  aludel edit                             the newest revision
  aludel edit 3f2a                        by the beginning of its id
  EDITOR=\"code --wait\" aludel edit head-1

The editor is what $VISUAL names, or else $EDITOR. When it is closed, all files are checked: the
text, the graph, the replay, and what each dialect of the project makes of it.";

/// Files that were edited.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct EditDocument {
    /// The files.
    pub files: Vec<String>,
}

impl Edit {
    pub(crate) fn run(self, app: &App) -> Result<Answer, Failure> {
        let files = self.files(app)?;
        let (program, mut arguments) = editor()?;
        arguments.extend(files.iter().map(|file| file.display().to_string()));
        let name = program.clone();
        let failed = |reason: String| {
            Failure::from(
                Diagnostic::error(&codes::EDITOR, format!("the editor `{name}` {reason}"))
                    .help("set $VISUAL or $EDITOR to another one"),
            )
        };
        let status = Command::new(&program)
            .args(&arguments)
            .status()
            .map_err(|error| failed(format!("cannot be started: {error}")))?;
        if !status.success() {
            let ended = status.code().map_or("was ended by a signal".to_owned(), |code| format!("ended with {code}"));
            return Err(failed(format!("{ended}; the files are as it left them")));
        }
        // Everything is read again: the file may have another place in the graph now.
        let mut workspace = Workspace::open(app)?;
        let problems = workspace.problems();
        if problems.has_errors() {
            return Err(workspace.refuse_for(problems));
        }
        let document = EditDocument { files: files.iter().map(|file| file.display().to_string()).collect() };
        app.terminal.result(&document, || {
            document.files.iter().map(|file| format!("{file}: nothing is wrong with it\n")).collect()
        })?;
        Ok(Answer::Done)
    }

    /// The files to open. A file that is broken must be found too, so that it can be mended.
    fn files(&self, app: &App) -> Result<Vec<PathBuf>, Failure> {
        let (mut workspace, problems) = Workspace::read(app)?;
        if let Some(file) = workspace.history.file_named(&self.revision) {
            return Ok(vec![workspace.project.sources.path(file).to_owned()]);
        }
        if problems.has_errors() {
            return Err(workspace.refuse_with_all(problems));
        }
        let current = Reference::parse(&self.revision).is_ok_and(|reference| reference.symbol == Symbol::Current);
        let rows = match current {
            true => Some(Database::choose(&workspace)?.look(&workspace, false)?.state.rows),
            false => None,
        };
        let found = workspace.history.graph.resolve(&self.revision, rows.as_ref());
        let ids = found.map_err(|error| workspace.reference(error))?;
        if ids.is_empty() {
            return Err(Failure::usage(format!("`{}` is no revision to edit", self.revision), "name a revision"));
        }
        let paths = ids.iter().filter_map(|id| workspace.history.path(id, &workspace.project));
        Ok(paths.map(ToOwned::to_owned).collect())
    }
}

/// The program and its first arguments.
fn editor() -> Result<(String, Vec<String>), Failure> {
    let set = |name: &str| environment(name).filter(|value| !value.trim().is_empty());
    let problem = |message: String| {
        Failure::from(Diagnostic::error(&codes::EDITOR, message).help("set one, as in `EDITOR=nano aludel edit`"))
    };
    let text = set("VISUAL")
        .or_else(|| set("EDITOR"))
        .ok_or_else(|| problem("neither $VISUAL nor $EDITOR names an editor".to_owned()))?;
    let mut words = words(&text).map_err(|reason| problem(format!("$VISUAL or $EDITOR cannot be used: {reason}")))?;
    let program = words.remove(0);
    Ok((program, words))
}
