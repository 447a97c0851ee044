//! `aludel show`.

use std::collections::BTreeSet;
use std::fmt::Write;

use aludel_engine::execute::AppliedRevision;
use aludel_engine::plan::WayBack;
use aludel_engine::revision::{Reference, ReferenceError, RevisionId, Symbol};
use clap::Args;
use serde::Serialize;

use super::marks::{Applied, Mark, RevisionDocument, document};
use crate::app::App;
use crate::database::{Database, Look};
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
  aludel show current -d production       what is applied there
  aludel show 9c1d -v                     a file that is not here, as the database recorded it";

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
    /// When and by whom it was applied, and its file as it was then, where there is no file here any more: then all of this
    /// is from the database's record. Null where there is one.
    pub record: Option<ShownRecord>,
}

/// What a database has of a revision without a file.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ShownRecord {
    /// When and by whom it was applied.
    pub applied: AppliedRevision,
    /// The text of its file then; empty where it is not known.
    pub text: String,
}

impl Show {
    pub(crate) fn run(self, app: &App) -> Result<Answer, Failure> {
        let mut workspace = Workspace::open(app)?;
        let reference = Reference::parse(&self.revision).map_err(|error| workspace.reference(error))?;
        let mut look = match reference.symbol == Symbol::Current {
            true => Some(Database::choose(&workspace)?.look(&workspace, false)?),
            false => None,
        };
        let mut found = workspace.history.graph.resolve(&self.revision, look.as_ref().map(|look| &look.state.rows));
        let mut without_file = Vec::new();
        match &found {
            // All of what is applied, with and without files.
            Err(ReferenceError::UnknownApplied { ids }) if self.revision == "current" => {
                without_file.clone_from(ids);
                let (known, rows) = (&workspace.history.graph, look.as_ref().map(|look| look.state.rows.clone()));
                let rows = rows.unwrap_or_default().into_iter().filter(|id| known.contains(id)).collect();
                found = known.resolve(&self.revision, Some(&rows));
            }
            // A database may know what the files do not; without one there is nothing more to say.
            Err(ReferenceError::Unknown { name, .. }) if *name == self.revision => {
                look = Database::choose(&workspace).and_then(|database| database.look(&workspace, false)).ok();
                without_file.extend(look.as_ref().and_then(|look| applied_as(&workspace, look, name)));
                if !without_file.is_empty() {
                    found = Ok(Vec::new());
                }
            }
            _ => {}
        }
        let ids = found.map_err(|error| workspace.reference(error))?;
        let mut shown = ShowDocument { revisions: Vec::new() };
        if let Some(look) = look.as_mut().filter(|_| !without_file.is_empty()) {
            let database = Database::choose(&workspace)?;
            look.read(&without_file).map_err(|error| workspace.refuse(database.unreadable(&error)))?;
            shown.revisions.extend(without_file.iter().map(|id| recorded(look, id)));
        }
        let applied = look.as_ref().map(|look| Applied::of(&workspace, &look.state.rows));
        for id in &ids {
            shown.revisions.push(one(&mut workspace, id, applied.as_ref())?);
        }
        let verbose = app.global.verbose > 0;
        app.terminal.result(&shown, || text(&shown, verbose))?;
        Ok(Answer::Done)
    }
}

/// The applied revision without a file that is meant by a name or by the beginning of one.
fn applied_as(workspace: &Workspace<'_>, look: &Look, name: &str) -> Option<RevisionId> {
    const SHORTEST: usize = 4;
    let ids = look.state.rows.iter().chain(look.state.standing.keys());
    let ids: BTreeSet<&RevisionId> = ids.filter(|id| !workspace.history.graph.contains(id)).collect();
    if let Some(exact) = ids.iter().find(|id| id.as_str() == name) {
        return Some((*exact).clone());
    }
    let begins = |id: &&&RevisionId| name.chars().count() >= SHORTEST && id.as_str().starts_with(name);
    let mut begun = ids.iter().filter(begins);
    begun.next().filter(|_| begun.next().is_none()).map(|id| (*id).clone())
}

/// A revision without a file, as the database recorded it.
fn recorded(look: &Look, id: &RevisionId) -> Shown {
    let known = look.state.recorded.get(id);
    let record = known.and_then(|known| known.record.as_ref().ok());
    let row = known.and_then(|known| known.row.clone());
    let names = |ids: &[RevisionId]| ids.iter().map(ToString::to_string).collect::<Vec<_>>();
    let labels = record.map(|record| record.branch_labels.clone()).unwrap_or_default();
    let revision = RevisionDocument {
        revision: id.to_string(),
        down_revisions: record.map(|record| names(&record.down_revisions)).unwrap_or_default(),
        children: Vec::new(),
        depends_on: record.map(|record| names(&record.depends_on)).unwrap_or_default(),
        branches: labels.clone(),
        branch_labels: labels,
        message: row.as_ref().and_then(|row| row.message.clone()).unwrap_or_default(),
        created: None,
        file: String::new(),
        marks: if look.state.rows.contains(id) { vec![Mark::Current] } else { Vec::new() },
        applied: Some(true),
    };
    let why_not = match record.map(|record| &record.downgrade) {
        None => Some("the database does not say what it did".to_owned()),
        Some(WayBack::Impossible(reason)) => Some(reason.clone()),
        Some(_) => None,
    };
    Shown {
        revision,
        does: record.map(|record| record.summary.clone()).unwrap_or_default(),
        reversible: Some(why_not.is_none()),
        irreversible_because: why_not,
        record: row
            .map(|applied| ShownRecord { applied, text: known.map(|known| known.text.clone()).unwrap_or_default() }),
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
        record: None,
    })
}

fn text(shown: &ShowDocument, verbose: bool) -> String {
    if shown.revisions.is_empty() {
        return "nothing: that is before the first revision\n".to_owned();
    }
    let each = shown.revisions.iter().map(|shown| {
        let mut text = render::details(&shown.revision);
        if let Some(record) = &shown.record {
            let by = record.applied.user.as_deref().filter(|user| !user.is_empty());
            let by = by.map(|user| format!(" by {user}")).unwrap_or_default();
            let when = record.applied.started_at.split('.').next().unwrap_or_default();
            let did = if record.applied.direction == "stamp" { "stamped" } else { "applied" };
            let tool = &record.applied.tool;
            let _ = writeln!(text, "  no file here; from the database's record: {did} at {when}{by} with {tool}");
        }
        for line in &shown.does {
            let _ = writeln!(text, "  - {line}");
        }
        if let Some(reason) = &shown.irreversible_because {
            let _ = writeln!(text, "  cannot be undone: {reason}");
        }
        if let Some(record) = shown.record.as_ref().filter(|record| verbose && !record.text.is_empty()) {
            let _ = writeln!(text, "\n{}", render::clean(&record.text));
        }
        text
    });
    each.collect::<Vec<_>>().join("\n")
}
