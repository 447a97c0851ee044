//! `aludel history`.

use aludel_engine::execute::AppliedRevision;
use aludel_engine::revision::ReferenceError;
use clap::Args;
use serde::Serialize;

use super::marks::{Applied, RevisionDocument, document};
use crate::app::App;
use crate::database::{Database, DatabaseDocument};
use crate::failure::{Answer, Failure};
use crate::render;
use crate::workspace::Workspace;

/// List the revisions, newest first
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub struct History {
    /// Only what lies between: `a:b`, `a:`, `:b`, `-3:`, `current:head`
    #[arg(short = 'r', long = "rev-range", value_name = "START:END", allow_hyphen_values = true)]
    pub range: Option<String>,
    /// Mark what is applied in the database
    #[arg(short, long)]
    pub indicate_current: bool,
    /// Draw how they follow each other
    #[arg(short, long)]
    pub graph: bool,
    /// The database's own record instead: when, by whom, how long, from which host
    #[arg(long, conflicts_with_all = ["range", "indicate_current", "graph"])]
    pub applied: bool,
}

const EXAMPLES: &str = "\
Examples:
  aludel history                          the files
  aludel history -i                       with a mark at what is applied
  aludel history --graph                  as a picture of branches and merges
  aludel history -r -2:                   the newest, and the two before it
  aludel history -r current:head          what is still to come
  aludel history --applied                what was done to the database, and when";

/// Revisions of the project, newest first.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct HistoryDocument {
    /// The database, where one was asked.
    pub database: Option<DatabaseDocument>,
    /// The revisions.
    pub revisions: Vec<RevisionDocument>,
}

/// The database's own record, oldest first.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct AppliedDocument {
    /// The database.
    pub database: DatabaseDocument,
    /// What was done: `revision`, `direction`, `message`, `checksum`, `user`, `host`, `tool`, `started_at`,
    /// `finished_at`.
    pub applied: Vec<AppliedRevision>,
}

impl History {
    pub(crate) fn run(self, app: &App) -> Result<Answer, Failure> {
        let workspace = Workspace::open(app)?;
        if self.applied {
            let look = Database::choose(&workspace)?.look(&workspace, true)?;
            let record = AppliedDocument { database: look.document, applied: look.applied };
            app.terminal.result(&record, || render::applied(&record))?;
            return Ok(Answer::Done);
        }
        let range = self.range.as_deref().unwrap_or(":");
        let graph = &workspace.history.graph;
        let mut ids = graph.range(range, None);
        let needed = matches!(ids, Err(ReferenceError::NeedsDatabase { .. }));
        let mut known = None;
        if needed || self.indicate_current {
            let look = Database::choose(&workspace)?.look(&workspace, false)?;
            if needed {
                ids = graph.range(range, Some(&look.state.rows));
            }
            known = Some((look.document, Applied::of(&workspace, &look.state.rows)));
        }
        let ids = ids.map_err(|error| workspace.reference(error))?;
        let applied = known.as_ref().map(|(_, applied)| applied);
        let revisions = ids.iter().rev().map(|id| document(&workspace, id, applied)).collect();
        let history = HistoryDocument { database: known.map(|(database, _)| database), revisions };
        let verbose = app.global.verbose > 0;
        app.terminal.result(&history, || match self.graph {
            true => render::graph(&history, verbose),
            false => render::history(&history, verbose),
        })?;
        Ok(Answer::Done)
    }
}
