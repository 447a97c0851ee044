//! `aludel show`.

use std::fmt::Write;

use aludel_engine::revision::{Reference, RevisionId, Symbol};
use clap::Args;
use serde::Serialize;

use super::marks::{Applied, RevisionDocument, document};
use crate::app::App;
use crate::database::Database;
use crate::failure::{Answer, Failure};
use crate::render;
use crate::workspace::Workspace;

/// Show a revision: its place, its file, and what it does
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub struct Show {
    /// A revision, `head`, `current`, `label@head`, `head-1`
    #[arg(allow_negative_numbers = true, default_value = "heads")]
    pub revision: String,
}

const EXAMPLES: &str = "\
Examples:
  aludel show 3f2a                        by the beginning of its id
  aludel show head-1                      the last but one
  aludel show current -d production       what is applied there";

/// Revisions in detail.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ShowDocument {
    /// The revisions.
    pub revisions: Vec<Shown>,
}

/// A revision in detail.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Shown {
    /// The revision.
    #[serde(flatten)]
    pub revision: RevisionDocument,
    /// What it does, in words, in the first dialect of the project; none where that cannot be told.
    pub does: Vec<String>,
    /// Whether it can be undone; null where that cannot be told.
    pub reversible: Option<bool>,
    /// Why not.
    pub irreversible_because: Option<String>,
}

impl Show {
    pub(crate) fn run(self, app: &App) -> Result<Answer, Failure> {
        let mut workspace = Workspace::open(app)?;
        let current = Reference::parse(&self.revision).is_ok_and(|reference| reference.symbol == Symbol::Current);
        let rows = match current {
            true => Some(Database::choose(&workspace)?.look(&workspace, false)?.state.rows),
            false => None,
        };
        let found = workspace.history.graph.resolve(&self.revision, rows.as_ref());
        let ids = found.map_err(|error| workspace.reference(error))?;
        let applied = rows.as_ref().map(|rows| Applied::of(&workspace, rows));
        let mut shown = ShowDocument { revisions: Vec::new() };
        for id in &ids {
            shown.revisions.push(one(&mut workspace, id, applied.as_ref())?);
        }
        app.terminal.result(&shown, || text(&shown))?;
        Ok(Answer::Done)
    }
}

/// A mistake in another file is no reason not to show this one: then what it does is left out.
fn one(workspace: &mut Workspace<'_>, id: &RevisionId, applied: Option<&Applied>) -> Result<Shown, Failure> {
    let revision = document(workspace, id, applied);
    let planned = match workspace.targets().first() {
        Some(dialect) => {
            let reading = workspace.reading(dialect.clone(), None).map_err(|problem| workspace.refuse(problem))?;
            workspace.planning(reading, &[]).alone(id).ok().flatten()
        }
        None => None,
    };
    let undo = planned.as_ref().map(|planned| &planned.undo);
    Ok(Shown {
        revision,
        reversible: undo.map(Result::is_ok),
        irreversible_because: undo.and_then(|undo| undo.as_ref().err().cloned()),
        does: planned.iter().flat_map(|planned| &planned.groups).flat_map(|group| group.summary.clone()).collect(),
    })
}

fn text(shown: &ShowDocument) -> String {
    if shown.revisions.is_empty() {
        return "nothing: that is before the first revision\n".to_owned();
    }
    let each = shown.revisions.iter().map(|shown| {
        let mut text = render::details(&shown.revision);
        for line in &shown.does {
            let _ = writeln!(text, "  - {line}");
        }
        if let Some(reason) = &shown.irreversible_because {
            let _ = writeln!(text, "  cannot be undone: {reason}");
        }
        text
    });
    each.collect::<Vec<_>>().join("\n")
}
