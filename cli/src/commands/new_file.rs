//! The file of a new revision: what `revision` and `merge` have in common.

use std::path::{Path, PathBuf};

use aludel_engine::diagnostic::{Diagnostic, codes};
use aludel_engine::project::write::{NewRevision, create, file_name};
use aludel_engine::revision::RevisionId;
use clap::Args;
use serde::Serialize;

use crate::failure::Failure;
use crate::machine;
use crate::workspace::Workspace;

/// What can be said of a new revision whatever it is for.
#[derive(Debug, Clone, Args)]
pub struct NewFile {
    /// A name for the branch that begins with it; can be repeated
    #[arg(long, value_name = "LABEL")]
    pub branch_label: Vec<String>,
    /// A revision or label of another branch that must be applied first; can be repeated
    #[arg(long, value_name = "REV")]
    pub depends_on: Vec<String>,
    /// Its id, instead of twelve hexadecimal digits
    #[arg(long, value_name = "ID")]
    pub rev_id: Option<String>,
    /// The directory for it, one of those under `migrations` [default: that of the revision it follows]
    #[arg(long, value_name = "DIR")]
    pub version_path: Option<PathBuf>,
}

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

impl NewFile {
    /// Makes the file and runs the project's hooks on it.
    pub(super) fn create(
        &self,
        workspace: &Workspace<'_>,
        parents: Vec<RevisionId>,
        message: String,
        steps: Option<String>,
    ) -> Result<NewDocument, Failure> {
        let id = self.id(workspace)?;
        for label in &self.branch_label {
            free(workspace, label, "branch label")?;
        }
        let depends_on = self.dependencies(workspace)?;
        let now = machine::now();
        let directory = self.directory(workspace, &parents)?;
        let path = directory.join(file_name(&workspace.project.config.file_template, &id, &message, &now));
        let new = NewRevision {
            id,
            down_revisions: parents,
            branch_labels: self.branch_label.clone(),
            depends_on,
            message,
            created: now.to_string(),
            steps,
        };
        let text = new.text().map_err(|problem| workspace.refuse(problem))?;
        create(&path, &text).map_err(|problem| workspace.refuse(problem))?;
        hooks(workspace, &path)?;
        Ok(NewDocument {
            revision: new.id.to_string(),
            down_revisions: new.down_revisions.iter().map(ToString::to_string).collect(),
            message: new.message,
            file: path.display().to_string(),
        })
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

    /// The directory: the one asked for, or that of the revision it follows. Nothing says where the first one of a history
    /// belongs when there are several.
    fn directory(&self, workspace: &Workspace<'_>, parents: &[RevisionId]) -> Result<PathBuf, Failure> {
        let project = &workspace.project;
        let known = &project.config.migrations;
        if self.version_path.is_none() && known.len() > 1 {
            if let Some(path) = parents.first().and_then(|parent| workspace.history.path(parent, project)) {
                // Of directories inside each other the innermost.
                let holds = known.iter().map(|directory| project.path(directory)).filter(|d| path.starts_with(d));
                if let Some(directory) = holds.max_by_key(|directory| directory.components().count()) {
                    return Ok(directory);
                }
            }
            if parents.is_empty() && !workspace.history.graph.is_empty() {
                let names: Vec<String> = known.iter().map(|directory| format!("`{}`", directory.display())).collect();
                return Err(Failure::usage(
                    "nothing says which directory the new history goes to",
                    format!("name one with `--version-path`: {}", names.join(", ")),
                ));
            }
        }
        project.new_revision_directory(self.version_path.as_deref()).map_err(|problem| workspace.refuse(problem))
    }

    /// The dependencies, as full ids or labels. What is written down is what was typed, if that is a full name.
    pub(super) fn dependencies(&self, workspace: &Workspace<'_>) -> Result<Vec<String>, Failure> {
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

/// `b follows it`, `b and c follow it`.
pub(super) fn followed(children: &[String]) -> String {
    let verb = if children.len() == 1 { "follows" } else { "follow" };
    format!("{} {verb} it", children.join(" and "))
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
pub(super) fn hooks(workspace: &Workspace<'_>, path: &Path) -> Result<(), Failure> {
    for hook in &workspace.project.config.hooks.after_revision {
        let said = hook.run(path, &workspace.project.root).map_err(|problem| workspace.refuse(problem))?;
        if !said.trim().is_empty() {
            workspace.app.terminal.note(said.trim_end());
        }
    }
    Ok(())
}
