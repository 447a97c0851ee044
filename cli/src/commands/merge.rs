//! `aludel merge`.

use aludel_engine::diagnostic::{Diagnostic, Diagnostics, codes};
use aludel_engine::project::problems::problems_along;
use aludel_engine::revision::RevisionId;
use clap::Args;
use serde::Serialize;

use super::new_file::{NewDocument, NewFile, followed};
use crate::app::App;
use crate::failure::{Answer, Failure};
use crate::workspace::Workspace;

/// How many revisions are compared with each other; the pairs grow with the square of it.
const COMPARED: usize = 8;

/// Join branches that have grown apart
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub struct Merge {
    /// The revisions to join, two or more
    #[arg(value_name = "REVS", default_value = "heads")]
    pub revisions: Vec<String>,
    /// What it does, in a few words [default: merge … and …]
    #[arg(short, long, default_value = "", hide_default_value = true)]
    pub message: String,
    /// Join revisions that are not heads too
    #[arg(long)]
    pub splice: bool,
    /// Join branches that conflict: somebody has looked, and every order is fine
    #[arg(long)]
    pub accept_conflicts: bool,
    /// The file.
    #[command(flatten)]
    pub file: NewFile,
}

const EXAMPLES: &str = "\
Examples:
  aludel merge                            all heads
  aludel merge -m \"join the summer\"       with a message
  aludel merge 3f2a billing@head          two of several heads

A merge says that its branches may run in either order: one database has the one first,
another the other. So the branches must not get in each other's way. That is proven from the
files, and what conflicts is shown. Then put one branch behind the other instead, while it is
applied nowhere: `aludel rebase REV --onto HEAD`.";

/// A merge.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct MergeDocument {
    /// The new revision.
    #[serde(flatten)]
    pub new: NewDocument,
    /// Whether it is proven that the branches can run in either order; null where that was not asked.
    pub commutes: Option<bool>,
}

impl Merge {
    pub(crate) fn run(self, app: &App) -> Result<Answer, Failure> {
        let mut workspace = Workspace::open(app)?;
        let parents = self.parents(&workspace)?;
        let commutes = self.prove(&mut workspace, &parents)?;
        let message = if self.message.is_empty() { message(&parents) } else { self.message };
        let new = self.file.create(&workspace, parents, message, None)?;
        let document = MergeDocument { new, commutes };
        app.terminal.result(&document, || format!("{}\n", document.new.file))?;
        Ok(Answer::Done)
    }

    fn parents(&self, workspace: &Workspace<'_>) -> Result<Vec<RevisionId>, Failure> {
        let graph = &workspace.history.graph;
        let nothing = |message: String| Diagnostic::error(&codes::NOTHING_TO_MERGE, message);
        let mut parents: Vec<RevisionId> = Vec::new();
        for name in &self.revisions {
            let found = graph.resolve(name, None).map_err(|error| workspace.reference(error))?;
            if found.is_empty() {
                return Err(
                    workspace.refuse(nothing(format!("`{name}` is no revision to join")).help("name revisions"))
                );
            }
            for id in found {
                if !parents.contains(&id) {
                    parents.push(id);
                }
            }
        }
        match parents.as_slice() {
            [] => return Err(workspace.refuse(nothing("there is no revision yet".to_owned()))),
            [only] => {
                return Err(workspace.refuse(
                    nothing(format!("`{only}` is the only one named, and a merge joins two"))
                        .help("`aludel heads` shows what there is to join"),
                ));
            }
            _ => {}
        }
        for id in &parents {
            let before = graph.applied(&[id.clone()].into()).map_err(|error| workspace.reference(error))?;
            if let Some(earlier) = parents.iter().find(|other| *other != id && before.contains(*other)) {
                let message = format!("`{earlier}` comes before `{id}`, so joining them says nothing new");
                return Err(workspace.refuse(nothing(message).help("leave the earlier one out")));
            }
            let children = graph.children(id);
            if !self.splice && !children.is_empty() {
                let children: Vec<String> = children.iter().map(ToString::to_string).collect();
                let message = format!("`{id}` is not a head: {}", followed(&children));
                let help = "say `--splice` to join it all the same, or name the heads";
                return Err(workspace.refuse(Diagnostic::error(&codes::USAGE, message).help(help)));
            }
        }
        Ok(parents)
    }

    /// Whether the branches commute. Those that do not are refused, unless somebody has decided.
    fn prove(&self, workspace: &mut Workspace<'_>, parents: &[RevisionId]) -> Result<Option<bool>, Failure> {
        if self.accept_conflicts {
            return holds(workspace, parents).map(|()| None);
        }
        if parents.len() > COMPARED {
            let message = format!("{} branches are too many to compare each with each other", parents.len());
            let help =
                format!("join at most {COMPARED} at a time, or say `--accept-conflicts` where every order is fine");
            return Err(workspace.refuse(Diagnostic::error(&codes::BRANCHES_CONFLICT, message).help(help)));
        }
        let readings = workspace.readings().len();
        let mut conflicts = Diagnostics::default();
        let mut advice = None;
        for (place, one) in parents.iter().enumerate() {
            for other in &parents[place + 1..] {
                let found = workspace.divergence(one, other)?;
                conflicts.extend(found.diagnostics(readings));
                if !found.commutes() && advice.is_none() {
                    let root = found.other_alone.first().unwrap_or(other);
                    advice = Some(format!("`aludel rebase {root} --onto {one}`"));
                }
            }
        }
        let Some(advice) = advice else { return Ok(Some(true)) };
        let names: Vec<String> = parents.iter().map(|id| format!("`{id}`")).collect();
        conflicts.push(
            Diagnostic::error(
                &codes::BRANCHES_CONFLICT,
                format!("{} are not joined, because the outcome would depend on which ran first", names.join(" and ")),
            )
            .help(format!(
                "put one behind the other, while it is applied nowhere: {advice}; or, where you have looked and every order is fine, say `--accept-conflicts`"
            )),
        );
        Err(workspace.refuse_for(conflicts))
    }
}

/// Refuses branches that cannot be in one database at all, whatever somebody has decided about their order.
fn holds(workspace: &mut Workspace<'_>, parents: &[RevisionId]) -> Result<(), Failure> {
    let heads = parents.iter().cloned().collect();
    let line = workspace.history.graph.applied_in_order(&heads).map_err(|error| workspace.reference(error))?;
    let readings = workspace.readings();
    let mut found = problems_along(&workspace.project, &mut workspace.history, &readings, &line);
    if !found.has_errors() {
        return Ok(());
    }
    let names: Vec<String> = parents.iter().map(|id| format!("`{id}`")).collect();
    let message = format!("{} cannot be applied to one database, so there is nothing to accept", names.join(" and "));
    found.push(
        Diagnostic::error(&codes::BRANCHES_CONFLICT, message)
            .help("mend one of them; the other messages say what is in the way"),
    );
    Err(workspace.refuse_for(found))
}

fn message(parents: &[RevisionId]) -> String {
    let ids: Vec<&str> = parents.iter().map(RevisionId::as_str).collect();
    match ids.split_last() {
        Some((last, first)) => format!("merge {} and {last}", first.join(", ")),
        None => String::new(),
    }
}
