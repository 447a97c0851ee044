//! `aludel revision`.

use std::path::{Path, PathBuf};

use aludel_engine::diagnostic::{Diagnostic, codes};
use aludel_engine::project::write::{NewRevision, create, file_name};
use aludel_engine::revision::RevisionId;
use clap::Args;
use serde::Serialize;

use crate::app::App;
use crate::failure::{Answer, Failure};
use crate::machine;
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
    /// A name for the branch that begins with it; can be repeated
    #[arg(long, value_name = "LABEL")]
    pub branch_label: Vec<String>,
    /// A revision or label of another branch that must be applied first; can be repeated
    #[arg(long, value_name = "REV")]
    pub depends_on: Vec<String>,
    /// Its id, instead of twelve hexadecimal digits
    #[arg(long, value_name = "ID")]
    pub rev_id: Option<String>,
    /// The directory for it, one of those under `migrations`
    #[arg(long, value_name = "DIR")]
    pub version_path: Option<PathBuf>,
}

const EXAMPLES: &str = "\
Examples:
  aludel revision -m \"add notes\"          an empty revision on the head
  aludel revision -m billing --head base --branch-label billing
  aludel revision -m fix --head 3f2a --splice
  $EDITOR $(aludel revision -m \"add notes\")

The path of the file is printed. Commands under `hooks: {after_revision: …}` run on it.";

/// A new revision.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct NewDocument {
    /// Its id.
    pub revision: String,
    /// The revisions it follows.
    pub down_revisions: Vec<String>,
    /// What it does.
    pub message: String,
    /// Its file.
    pub file: String,
}

impl Revision {
    pub(crate) fn run(self, app: &App) -> Result<Answer, Failure> {
        let workspace = Workspace::open(app)?;
        let id = self.id(&workspace)?;
        let parent = self.parent(&workspace)?;
        for label in &self.branch_label {
            free(&workspace, label, "branch label")?;
        }
        for name in &self.depends_on {
            // It has to lead somewhere; what is written down is what was typed, if that is a full name.
            workspace.history.graph.resolve_one(name, None).map_err(|error| workspace.reference(error))?;
        }
        let now = machine::now();
        let directory = workspace
            .project
            .new_revision_directory(self.version_path.as_deref())
            .map_err(|problem| workspace.refuse(problem))?;
        let path = directory.join(file_name(&workspace.project.config.file_template, &id, &self.message, &now));
        let new = NewRevision {
            id,
            down_revisions: parent.into_iter().collect(),
            branch_labels: self.branch_label.clone(),
            depends_on: self.dependencies(&workspace)?,
            message: self.message.clone(),
            created: now.to_string(),
            operations: None,
        };
        let text = new.text().map_err(|problem| workspace.refuse(problem))?;
        create(&path, &text).map_err(|problem| workspace.refuse(problem))?;
        hooks(&workspace, &path)?;
        let document = NewDocument {
            revision: new.id.to_string(),
            down_revisions: new.down_revisions.iter().map(ToString::to_string).collect(),
            message: new.message,
            file: path.display().to_string(),
        };
        app.terminal.result(&document, || format!("{}\n", document.file))?;
        Ok(Answer::Done)
    }

    fn id(&self, workspace: &Workspace<'_>) -> Result<RevisionId, Failure> {
        let wrong = |reason: String| {
            Failure::usage(
                format!("this cannot be the id of a revision: it {reason}"),
                "ids have letters, digits, `_` and `.`",
            )
        };
        match &self.rev_id {
            None => Ok(RevisionId::from_random(machine::random_bytes())),
            Some(text) => {
                let id = RevisionId::parse(text).map_err(wrong)?;
                free(workspace, text, "revision")?;
                Ok(id)
            }
        }
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
                let message = format!("`{id}` is not a head: {} follows it", children.join(" and "));
                Err(workspace.refuse(
                    Diagnostic::error(&codes::USAGE, message)
                        .help("say `--splice` to begin a branch there, or leave `--head` out"),
                ))
            }
            None if !self.splice && !graph.is_empty() && self.branch_label.is_empty() => Err(workspace.refuse(
                Diagnostic::error(&codes::USAGE, "a revision that follows nothing begins a second history")
                    .help("say `--splice` if that is meant, or give the branch a name with `--branch-label`"),
            )),
            _ => Ok(parent),
        }
    }

    /// The dependencies, as full ids or labels.
    fn dependencies(&self, workspace: &Workspace<'_>) -> Result<Vec<String>, Failure> {
        let graph = &workspace.history.graph;
        let full = |name: &String| {
            if graph.labels().any(|(label, _)| label == name) {
                return Ok(name.clone());
            }
            let found = graph.resolve_one(name, None).map_err(|error| workspace.reference(error))?;
            found.map(|id| id.to_string()).ok_or_else(|| {
                Failure::usage(
                    "`base` is nothing to depend on",
                    "name a revision or a branch label with `--depends-on`",
                )
            })
        };
        self.depends_on.iter().map(full).collect()
    }
}

/// Refuses a name that a revision or a branch has already.
fn free(workspace: &Workspace<'_>, name: &str, what: &str) -> Result<(), Failure> {
    RevisionId::parse(name)
        .map_err(|reason| Failure::usage(format!("the {what} `{name}` {reason}"), "choose another name"))?;
    let graph = &workspace.history.graph;
    let taken = workspace.history.ids().any(|id| id.as_str() == name) || graph.labels().any(|(label, _)| label == name);
    match taken {
        true => Err(workspace.refuse(
            Diagnostic::error(&codes::DUPLICATE_REVISION, format!("there is a revision or a branch `{name}` already"))
                .help("choose another name"),
        )),
        false => Ok(()),
    }
}

/// Runs the project's hooks on the new file. What they print is shown.
fn hooks(workspace: &Workspace<'_>, path: &Path) -> Result<(), Failure> {
    for hook in &workspace.project.config.hooks.after_revision {
        let said = hook.run(path, &workspace.project.root).map_err(|problem| workspace.refuse(problem))?;
        if !said.trim().is_empty() {
            workspace.app.terminal.note(said.trim_end());
        }
    }
    Ok(())
}
