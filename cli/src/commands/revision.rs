//! `aludel revision`.

use aludel_engine::diagnostic::{Diagnostic, codes};
use aludel_engine::revision::RevisionId;
use clap::Args;

use super::new_file::{NewFile, followed};
use crate::app::App;
use crate::failure::{Answer, Failure};
use crate::workspace::Workspace;

/// Make a new revision file
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub struct Revision {
    /// What it does, in a few words
    #[arg(short, long, default_value = "", hide_default_value = true)]
    pub message: String,
    /// What it follows: a revision, `label@head`, or `base` for a history of its own
    #[arg(long, value_name = "REV", default_value = "head")]
    pub head: String,
    /// Let it follow a revision that is not a head, which begins a branch
    #[arg(long)]
    pub splice: bool,
    /// Write the steps that lead from the history to the desired schema (`schema` in aludel.yaml)
    #[arg(long)]
    pub autogenerate: bool,
    /// With --autogenerate: start from what a database really holds, a name or URL [default: that of -d]
    #[arg(long, value_name = "NAME|URL", requires = "autogenerate", num_args = 0..=1, default_missing_value = "database")]
    pub against: Option<String>,
    /// With --autogenerate: print the SQL that it would run, and make no file
    #[arg(long, requires = "autogenerate")]
    pub sql: bool,
    /// With --sql: the dialect, as in `postgres@14`, where the project has several
    #[arg(long, value_name = "DIALECT", requires = "sql")]
    pub dialect: Option<String>,
    /// The file.
    #[command(flatten)]
    pub file: NewFile,
}

const EXAMPLES: &str = "\
Examples:
  aludel revision -m \"add notes\"          an empty revision on the head
  aludel revision -m billing --head base --branch-label billing
  aludel revision -m fix --head 3f2a --splice
  $EDITOR $(aludel revision -m \"add notes\")
  aludel revision --autogenerate -m \"add notes\"       the steps to the desired schema, with no database
  aludel revision --autogenerate --sql                  only show the SQL
  aludel revision --autogenerate --against production   from what that database really holds

A generated file is for you to read. Where the schemas do not say what becomes of rows, it asks: an
`{ask: …}` in it is an error until it is answered. `renamed_from` in the schema makes a rename of what
would otherwise be dropped and added.

The path of the file is printed. Commands under `hooks: {after_revision: …}` run on it.";

impl Revision {
    pub(crate) fn run(self, app: &App) -> Result<Answer, Failure> {
        let mut workspace = Workspace::open(app)?;
        let parents: Vec<RevisionId> = self.parent(&workspace)?.into_iter().collect();
        if self.autogenerate {
            return self.generate(&mut workspace, parents);
        }
        let document = self.file.create(&workspace, parents, self.message, None)?;
        app.terminal.result(&document, || format!("{}\n", document.file))?;
        Ok(Answer::Done)
    }

    /// The revision to follow. In an empty project that is none, whatever was said.
    fn parent(&self, workspace: &Workspace<'_>) -> Result<Option<RevisionId>, Failure> {
        let graph = &workspace.history.graph;
        if graph.is_empty() && self.head == "head" {
            return Ok(None);
        }
        let parent = graph.resolve_one(&self.head, None).map_err(|error| workspace.reference(error))?;
        match &parent {
            Some(id) if !self.splice && !graph.children(id).is_empty() => {
                let children: Vec<String> = graph.children(id).iter().map(ToString::to_string).collect();
                let message = format!("`{id}` is not a head: {}", followed(&children));
                Err(workspace.refuse(
                    Diagnostic::error(&codes::USAGE, message)
                        .help("say `--splice` to begin a branch there, or leave `--head` out"),
                ))
            }
            None if !self.splice && !graph.is_empty() && self.file.branch_label.is_empty() => Err(workspace.refuse(
                Diagnostic::error(&codes::USAGE, "a revision that follows nothing begins a second history")
                    .help("say `--splice` if that is meant, or give the branch a name with `--branch-label`"),
            )),
            _ => Ok(parent),
        }
    }
}
