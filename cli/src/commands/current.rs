//! `aludel current`.

use aludel_engine::execute::AppliedRevision;
use aludel_engine::revision::RevisionId;
use clap::Args;
use serde::Serialize;

use super::marks::{Applied, RevisionDocument, document};
use crate::app::App;
use crate::database::{Database, DatabaseDocument};
use crate::failure::{Answer, Failure};
use crate::render;
use crate::workspace::Workspace;

/// Show which revisions are applied
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub struct Current {
    /// Exit with 3 unless everything is applied
    #[arg(long)]
    pub check_heads: bool,
}

const EXAMPLES: &str = "\
Examples:
  aludel current                          the applied heads, one for each branch
  aludel current -v                       with their files and neighbours
  aludel current --check-heads -q         for a deployment that waits for its migrations";

/// What is applied.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct CurrentDocument {
    /// The database.
    pub database: DatabaseDocument,
    /// Whether there is no such database yet.
    pub absent: bool,
    /// The applied heads that the project knows.
    pub revisions: Vec<RevisionDocument>,
    /// The applied heads of which the project has no file, with what the database recorded.
    pub unknown: Vec<Unknown>,
    /// Revisions that a run began and did not finish.
    pub unfinished: Vec<Unfinished>,
    /// How many revisions of the project are not applied; null where that cannot be told, because an applied one has no
    /// file here.
    pub pending: Option<usize>,
    /// Whether everything is applied and finished.
    pub at_heads: bool,
}

/// An applied revision of which the project has no file.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Unknown {
    /// The revision.
    pub revision: String,
    /// When and by whom it was applied; null when the database does not say.
    pub record: Option<AppliedRevision>,
    /// Whether the database recorded what it did, so that it can be undone without its file.
    pub recorded: bool,
}

/// A revision that a run began and did not finish.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Unfinished {
    /// The revision.
    pub revision: String,
    /// `upgrade` or `downgrade`.
    pub direction: &'static str,
    /// The run.
    pub run: String,
    /// Whether somebody began to undo it.
    pub undoing: bool,
    /// How far the backfill is that it stopped in; null where it did not stop in one.
    pub backfill: Option<Backfill>,
}

/// How far a backfill is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Backfill {
    /// How many rows are changed.
    pub rows: u64,
    /// How many there were to change when it began, about; null where that is not known.
    pub total: Option<u64>,
}

impl Current {
    pub(crate) fn run(self, app: &App) -> Result<Answer, Failure> {
        let workspace = Workspace::open(app)?;
        let database = Database::choose(&workspace)?;
        let mut look = database.look(&workspace, false)?;
        let graph = &workspace.history.graph;
        let applied = Applied::of(&workspace, &look.state.rows);
        let in_order = graph.headers().map(|header| &header.id.value).filter(|&id| applied.rows.contains(id));
        let unfinished: Vec<Unfinished> = look
            .state
            .unfinished
            .iter()
            .map(|half| Unfinished {
                revision: half.revision.to_string(),
                direction: half.direction.name(),
                run: half.run_id.clone(),
                undoing: half.undo.is_some(),
                backfill: half
                    .position
                    .as_ref()
                    .map(|position| Backfill { rows: position.rows, total: position.total }),
            })
            .collect();
        let without_file: Vec<RevisionId> = look.state.rows.iter().filter(|id| !graph.contains(id)).cloned().collect();
        look.read(&without_file).map_err(|error| workspace.refuse(database.unreadable(&error)))?;
        let known = |id: &RevisionId| look.state.recorded.get(id);
        let unknown: Vec<Unknown> = without_file
            .iter()
            .map(|id| Unknown {
                revision: id.to_string(),
                record: known(id).and_then(|known| known.row.clone()),
                recorded: known(id).is_some_and(|known| known.record.is_ok()),
            })
            .collect();
        let pending = unknown.is_empty().then(|| graph.len() - applied.all.len());
        let current = CurrentDocument {
            database: look.document,
            absent: look.absent,
            revisions: in_order.map(|id| document(&workspace, id, Some(&applied))).collect(),
            unknown,
            at_heads: pending == Some(0) && unfinished.is_empty(),
            unfinished,
            pending,
        };
        app.terminal.result(&current, || render::current(&current, app.global.verbose > 0))?;
        Ok(if self.check_heads && !current.at_heads { Answer::No } else { Answer::Done })
    }
}
