//! `aludel plan`.

use aludel_engine::execute::UnfinishedRevision;
use aludel_engine::plan::{Direction, Group, Lock, RevisionPlan, Statement, StepInfo, TimeoutClass, Transaction, Work};
use aludel_engine::revision::RowChange;
use clap::Args;
use serde::Serialize;

use super::script::sides;
use crate::app::App;
use crate::database::{Database, DatabaseDocument};
use crate::failure::{Answer, Failure};
use crate::render;
use crate::run::tell_beside;
use crate::workspace::Workspace;

/// Show what would run: the steps, the SQL, what is locked, what is lost, what can be undone
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub struct Plan {
    /// How far, as for `upgrade` [default: heads]; with --down as for `downgrade`
    #[arg(allow_negative_numbers = true, required_if_eq("down", "true"))]
    pub target: Option<String>,
    /// The way down
    #[arg(long)]
    pub down: bool,
    /// Plan for this dialect with no database; TARGET may then be START:END
    #[arg(long, value_name = "NAME[@VERSION]")]
    pub dialect: Option<String>,
    /// With the steps that have this tag; can be repeated
    #[arg(long = "with", value_name = "TAG")]
    pub with: Vec<String>,
    /// Take it that this database has what the changed file of an applied revision says now; can be repeated
    #[arg(long, value_name = "REVISION", conflicts_with = "dialect")]
    pub accept_changed: Vec<String>,
}

const EXAMPLES: &str = "\
Examples:
  aludel plan                             what `aludel upgrade` would run
  aludel plan --down -1                   what `aludel downgrade -1` would run
  aludel plan --dialect postgres          the whole history, with no database at hand
  aludel plan 3f2a:head --dialect mysql   a part of it

Nothing is run and nothing is written.";

/// A plan.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct PlanDocument {
    /// The database; null where none was asked.
    pub database: Option<DatabaseDocument>,
    /// The dialect planned for.
    pub dialect: String,
    /// Its version.
    pub version: String,
    /// `upgrade` or `downgrade`.
    pub direction: &'static str,
    /// What was asked for.
    pub target: String,
    /// A hash of every statement: two plans with the same hash do the same.
    pub hash: String,
    /// The revisions, in the order in which they would run.
    pub revisions: Vec<PlannedRevision>,
}

/// A revision of a plan.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct PlannedRevision {
    /// Its id.
    pub revision: String,
    /// The revisions it follows.
    pub down_revisions: Vec<String>,
    /// What the author said.
    pub message: String,
    /// The hash of what the file means.
    pub checksum: String,
    /// The steps of the file.
    pub steps: Vec<PlannedStep>,
    /// What is compiled together.
    pub groups: Vec<PlannedGroup>,
    /// How the version table changes.
    pub rows: Vec<RowChange>,
    /// Whether it is one transaction.
    pub atomic: bool,
    /// What is lost, in words.
    pub losses: Vec<String>,
    /// How an upgrade is taken back; null for a downgrade.
    pub undo: Option<Undo>,
}

/// A step of a revision.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct PlannedStep {
    /// The operation.
    pub operation: String,
    /// Why, in the author's words.
    pub note: Option<String>,
    /// Hazards that the author accepts.
    pub allow: Vec<String>,
    /// Whether it is left out because none of its tags was asked for.
    pub skipped: bool,
}

/// Changes that were compiled together.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct PlannedGroup {
    /// The steps they come from, by place in `steps`.
    pub steps: Vec<usize>,
    /// What happens, a line for each change.
    pub summary: Vec<String>,
    /// Those lines that lose data.
    pub losses: Vec<String>,
    /// The statements.
    pub statements: Vec<PlannedStatement>,
}

/// A statement.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct PlannedStatement {
    /// The text.
    pub sql: String,
    /// `inside` or `outside` the revision's transaction.
    pub transaction: Transaction,
    /// `metadata`, `scan`, `index`, `rebuild`, `copy` or `rows`.
    pub work: Work,
    /// `brief`, `online`, `build` or `heavy`.
    pub timeout: TimeoutClass,
    /// What is locked: `relation` and `level` (`online`, `blocks_writes`, `blocks_all`).
    pub locks: Vec<Lock>,
    /// Settings of the session before the transaction.
    pub prologue: Vec<String>,
    /// What restores them.
    pub epilogue: Vec<String>,
    /// Remarks.
    pub notes: Vec<String>,
    /// How it runs in batches; null where it runs as it is.
    pub batches: Option<PlannedBatches>,
}

/// How a statement runs in batches, each a transaction of its own.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct PlannedBatches {
    /// The columns it goes along.
    pub key: Vec<String>,
    /// How many rows of the table a batch covers.
    pub rows: u32,
    /// How long the table is left alone between two, in milliseconds.
    pub pause: u64,
}

/// How an upgrade is taken back.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Undo {
    /// Whether it can be.
    pub possible: bool,
    /// Why not.
    pub reason: Option<String>,
    /// The statements.
    pub statements: Vec<String>,
}

impl Plan {
    pub(crate) fn run(self, app: &App) -> Result<Answer, Failure> {
        let mut workspace = Workspace::open(app)?;
        let direction = if self.down { Direction::Downgrade } else { Direction::Upgrade };
        let target = self.target.clone().unwrap_or_else(|| "heads".to_owned());
        let (document, planned) = match self.dialect.is_some() {
            true => self.offline(&mut workspace, direction, &target)?,
            false => self.online(&mut workspace, direction, &target)?,
        };
        let document = describe(document, &planned, direction, target);
        app.terminal.result(&document, || render::plan(&document, &planned.revisions, direction))?;
        Ok(Answer::Done)
    }

    fn offline(
        &self,
        workspace: &mut Workspace<'_>,
        direction: Direction,
        target: &str,
    ) -> Result<(Option<DatabaseDocument>, aludel_engine::plan::Plan), Failure> {
        let (start, end) = sides(target).map_err(|error| workspace.reference(error))?;
        let (dialect, database) = workspace.offline_dialect(self.dialect.as_deref())?;
        let reading = workspace.reading(dialect, database.as_ref()).map_err(|problem| workspace.refuse(problem))?;
        let planned = workspace.planning(reading, &self.with).between(start, end, direction);
        Ok((None, planned.map_err(|problems| workspace.refuse_with_all(problems))?))
    }

    fn online(
        &self,
        workspace: &mut Workspace<'_>,
        direction: Direction,
        target: &str,
    ) -> Result<(Option<DatabaseDocument>, aludel_engine::plan::Plan), Failure> {
        let database = Database::choose(workspace)?;
        let mut look = database.look(workspace, false)?;
        if look.absent {
            workspace.app.terminal.note(&format!("`{}` does not exist yet; `aludel upgrade` makes it", database.name));
        }
        for half in &look.state.unfinished {
            workspace.app.terminal.note(&half_run(half));
        }
        let accept = workspace.resolve(&self.accept_changed)?;
        let reading =
            workspace.reading(look.dialect.clone(), Some(&database)).map_err(|problem| workspace.refuse(problem))?;
        let mut planning = workspace.planning(reading, &self.with);
        planning.accept(accept);
        let compared = look.compare(&mut planning, &database);
        let planned = compared.and_then(|()| planning.to(&look.state.rows, direction, target));
        let beside = planning.beside().to_vec();
        tell_beside(workspace.app, &beside);
        Ok((Some(look.document), planned.map_err(|problems| workspace.refuse_with_all(problems))?))
    }
}

/// That a revision is half run, and what continues it.
fn half_run(half: &UnfinishedRevision) -> String {
    let UnfinishedRevision { revision, direction, undo, .. } = half;
    match undo {
        Some(_) => {
            format!("the {} of {revision} is half undone; the next run goes on with that first", direction.name())
        }
        None => format!("the {} of {revision} is half run; the next run finishes it first", direction.name()),
    }
}

fn describe(
    database: Option<DatabaseDocument>,
    plan: &aludel_engine::plan::Plan,
    direction: Direction,
    target: String,
) -> PlanDocument {
    PlanDocument {
        database,
        dialect: plan.dialect.to_owned(),
        version: plan.version.clone(),
        direction: direction.name(),
        target,
        hash: plan.hash(),
        revisions: plan.revisions.iter().map(|revision| planned(revision, direction)).collect(),
    }
}

pub(super) fn planned(revision: &RevisionPlan, direction: Direction) -> PlannedRevision {
    let undo = || match &revision.undo {
        Ok(statements) => {
            Undo { possible: true, reason: None, statements: statements.iter().map(|s| s.sql.clone()).collect() }
        }
        Err(reason) => Undo { possible: false, reason: Some(reason.clone()), statements: Vec::new() },
    };
    PlannedRevision {
        revision: revision.id.to_string(),
        down_revisions: revision.parents.iter().map(ToString::to_string).collect(),
        message: revision.message.clone(),
        checksum: revision.fingerprint.meaning.clone(),
        steps: revision.steps.iter().map(step).collect(),
        groups: revision.groups.iter().map(group).collect(),
        rows: revision.rows.clone(),
        atomic: revision.atomic,
        losses: revision.losses().map(str::to_owned).collect(),
        undo: (direction == Direction::Upgrade).then(undo),
    }
}

fn step(step: &StepInfo) -> PlannedStep {
    PlannedStep {
        operation: step.operation.clone(),
        note: step.note.clone(),
        allow: step.allow.clone(),
        skipped: step.skipped,
    }
}

fn group(group: &Group) -> PlannedGroup {
    let statement = |statement: &Statement| PlannedStatement {
        sql: statement.sql.clone(),
        transaction: statement.transaction,
        work: statement.work,
        timeout: statement.timeout,
        locks: statement.locks.clone(),
        prologue: statement.prologue.clone(),
        epilogue: statement.epilogue.clone(),
        notes: statement.notes.clone(),
        batches: statement.batches.as_ref().map(|batches| PlannedBatches {
            key: batches.key.iter().map(|column| column.name.clone()).collect(),
            rows: batches.size,
            pause: batches.pause,
        }),
    };
    PlannedGroup {
        steps: group.steps.clone(),
        summary: group.summary.clone(),
        losses: group.losses.clone(),
        statements: group.statements.iter().map(statement).collect(),
    }
}
