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

The path of the file is printed. Commands under `hooks: {after_revision: …}` run on it.";

impl Revision {
    pub(crate) fn run(self, app: &App) -> Result<Answer, Failure> {
        let workspace = Workspace::open(app)?;
        let parent = self.parent(&workspace)?;
        let document = self.file.create(&workspace, parent.into_iter().collect(), self.message)?;
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
