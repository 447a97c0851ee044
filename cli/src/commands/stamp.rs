//! `aludel stamp`.

use std::collections::BTreeSet;

use aludel_engine::diagnostic::{Diagnostic, Diagnostics};
use aludel_engine::execute::{Journal, Runner, ScriptOptions, stamp_script};
use aludel_engine::revision::{ReferenceError, RevisionId, RowChange};
use clap::Args;
use serde::Serialize;

use super::script::{ScriptDocument, sides, unsupported};
use crate::app::App;
use crate::database::{Database, DatabaseDocument, Session};
use crate::failure::{Answer, Failure};
use crate::interruption::Interruption;
use crate::machine;
use crate::render::Progress;
use crate::run::{settings, stopped};
use crate::workspace::Workspace;

/// Say what is applied without running anything
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub struct Stamp {
    /// The revisions; each takes the place of what is applied on its own line
    #[arg(required = true, allow_negative_numbers = true)]
    pub revisions: Vec<String>,
    /// Forget everything that is applied first, also what this project does not know
    #[arg(long)]
    pub purge: bool,
    /// Print a script instead; REVISIONS may then be START:END, else nothing is taken to be applied, or with --purge
    /// anything
    #[arg(long)]
    pub sql: bool,
    /// The dialect of the script, as in `postgres` or `postgres@14`
    #[arg(long, value_name = "NAME[@VERSION]", requires = "sql")]
    pub dialect: Option<String>,
}

const EXAMPLES: &str = "\
Examples:
  aludel stamp head                       a database made in another way that has everything
  aludel stamp base                       forget what is applied
  aludel stamp head --purge               also what another project left there
  aludel stamp --sql 3f2a:head --dialect mysql
  aludel stamp --sql --purge heads        a script that replaces whatever is applied

Nothing but the version table and the record changes. What an interrupted run left half done counts as settled.";

/// What is applied now.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct StampDocument {
    /// The database.
    pub database: DatabaseDocument,
    /// The applied heads now.
    pub applied: Vec<RevisionId>,
    /// What an interrupted run had left half done, which counts as settled now.
    pub settled: Vec<SettledRevision>,
}

/// A half-run revision that a stamp settled.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct SettledRevision {
    /// Its id.
    pub revision: RevisionId,
    /// `upgrade` or `downgrade`.
    pub direction: &'static str,
}

impl Stamp {
    pub(crate) fn run(self, app: &App) -> Result<Answer, Failure> {
        let mut workspace = Workspace::open(app)?;
        if self.sql {
            return self.script(&workspace);
        }
        let database = Database::choose(&workspace)?;
        let targets: Vec<&str> = self.revisions.iter().map(String::as_str).collect();
        let stamped = stamp(&mut workspace, &database, &targets, self.purge)?;
        app.terminal.result(&stamped, || text(&stamped))?;
        Ok(Answer::Done)
    }

    fn script(&self, workspace: &Workspace<'_>) -> Result<Answer, Failure> {
        let reference = |error: ReferenceError| workspace.reference(error);
        let graph = &workspace.history.graph;
        let (dialect, _) = workspace.offline_dialect(self.dialect.as_deref())?;
        let mut rows = BTreeSet::new();
        let mut ends = Vec::new();
        let mut from_anywhere = self.purge;
        for text in &self.revisions {
            let (start, end) = sides(text).map_err(reference)?;
            if let Some(start) = start {
                rows.extend(graph.rows_at(start).map_err(reference)?);
                from_anywhere = false;
            }
            for end in graph.places(end.unwrap_or("heads")) {
                graph.resolve(end, None).map_err(reference)?;
                ends.push(end);
            }
        }
        let mut restated = graph.restated(&rows, &ends, self.purge).map_err(reference)?;
        if self.purge {
            // The script takes all rows away by one statement.
            restated.changes.retain(|change| !matches!(change, RowChange::Delete(_)));
        }
        if from_anywhere {
            // What it counts anew is not known either; what is recorded of it holds on.
            restated.applied.clear();
        }
        let journal = Journal::new(dialect.clone(), &workspace.project.config.version_table);
        let target = self.revisions.join(" ");
        let options = ScriptOptions {
            tool: machine::TOOL,
            target: &target,
            create_journal: rows.is_empty(),
            from_anywhere,
            start: &rows,
            one_transaction: false,
        };
        let sql = stamp_script(&restated, &*dialect, &journal, &options)
            .map_err(|refusal| unsupported(workspace, refusal))?;
        let document = ScriptDocument {
            dialect: dialect.name().to_owned(),
            version: dialect.version().to_string(),
            action: "stamp",
            revisions: restated.changes.iter().map(|change| change.subject().to_string()).collect(),
            sql,
        };
        workspace.app.terminal.script(&document, &document.sql)?;
        Ok(Answer::Done)
    }
}

/// Sets the applied heads, and tells what that settles.
pub(super) fn stamp(
    workspace: &mut Workspace<'_>,
    database: &Database,
    targets: &[&str],
    purge: bool,
) -> Result<StampDocument, Failure> {
    let app = workspace.app;
    let graph = &workspace.history.graph;
    if database.driver.absent(&database.url).is_some() {
        // What makes no sense is to leave no empty database behind.
        let tried = graph.rows_for_stamp(&BTreeSet::new(), targets, purge);
        tried.map_err(|error| workspace.reference(error))?;
    }
    let Session { mut connection, journal } = database.connect(workspace, true)?;
    let interruption = Interruption::install(&app.terminal);
    interruption.watch(connection.interrupter());
    let document = database.document(&*connection.dialect());
    let settings = settings(workspace, database, targets.join(" "), &[]);
    let mut progress = Progress::start(&app.terminal);
    let mut changes = |rows: &BTreeSet<RevisionId>| graph.restated(rows, targets, purge).map_err(refused);
    let stamped =
        Runner::new(&mut *connection, journal, settings, &mut progress, interruption.asked.clone()).stamp(&mut changes);
    progress.end();
    let stamped = stamped.map_err(|error| stopped(workspace, error, Vec::new()))?;
    let settled: Vec<SettledRevision> = stamped
        .settled
        .into_iter()
        .map(|(revision, direction)| SettledRevision { revision, direction: direction.name() })
        .collect();
    for half in &settled {
        app.terminal.note(&format!(
            "the {} of {} was half run and counts as settled: what it did stays, and nothing will finish or undo it",
            half.direction, half.revision
        ));
    }
    Ok(StampDocument { database: document, applied: stamped.rows.into_iter().collect(), settled })
}

fn refused(error: ReferenceError) -> Diagnostics {
    let mut diagnostics = Diagnostics::default();
    let unknown = matches!(error, ReferenceError::UnknownApplied { .. });
    let diagnostic = Diagnostic::from(&error);
    diagnostics.push(match unknown {
        true => diagnostic.note("`aludel stamp --purge` forgets what this project does not know"),
        false => diagnostic,
    });
    diagnostics
}

fn text(stamped: &StampDocument) -> String {
    let ids: Vec<&str> = stamped.applied.iter().map(|id| id.as_str()).collect();
    let name = &stamped.database.name;
    match ids.is_empty() {
        true => format!("`{name}` says now that nothing is applied\n"),
        false => format!("`{name}` says now that it is at {}\n", ids.join(" and ")),
    }
}
