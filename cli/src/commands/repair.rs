//! `aludel repair`.

use aludel_engine::diagnostic::{Diagnostic, Diagnostics, codes};
use aludel_engine::driver::LockAttempt;
use aludel_engine::execute::{
    DatabaseState, HalfRun, Outcome, Planner, Position, RunError, Runner, StoredStep, UndoPlan, UnfinishedRevision,
};
use aludel_engine::plan::{Inverse, Plan, RevisionPlan};
use aludel_engine::project::planning::Planning;
use aludel_engine::revision::RevisionId;
use clap::{Args, ValueEnum};
use serde::Serialize;

use crate::app::App;
use crate::database::{Database, DatabaseDocument, Look, Session};
use crate::failure::{Answer, Failure};
use crate::interruption::Interruption;
use crate::render::{self, Asker, Progress};
use crate::run::{settings, stopped};
use crate::workspace::Workspace;

/// Show what an interrupted or failed run left, and finish it or take it back
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub struct Repair {
    /// Run the rest, as the next `upgrade` would
    #[arg(long, conflicts_with_all = ["undo", "mark"])]
    pub finish: bool,
    /// Take back what is done, newest first
    #[arg(long, conflicts_with = "mark")]
    pub undo: bool,
    /// Say what became of the statement in doubt: `done` or `not-run`; `done` also for one that failed and was run by hand
    #[arg(long, value_name = "STATE")]
    pub mark: Option<Mark>,
    /// Without being asked
    #[arg(short, long)]
    pub yes: bool,
}

/// What became of a statement.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Mark {
    /// It took effect.
    Done,
    /// It did not.
    NotRun,
}

const EXAMPLES: &str = "\
Examples:
  aludel repair                           what is half run, statement by statement
  aludel repair --finish                  run the rest, once the cause is mended
  aludel repair --undo                    take back what is done, on MySQL too
  aludel repair --mark done               the statement in doubt took effect

What is done is taken back with the statements that were recorded before it ran, journalled like
everything else: an interrupted undo goes on. Rows that were lost do not come back.";

/// What is half run.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct RepairDocument {
    /// The database.
    pub database: DatabaseDocument,
    /// A run that has the lock now, as far as the server says who: what is half run may be its work.
    pub running: Option<String>,
    /// What is half run, before anything was done about it.
    pub half_run: Vec<HalfRunDocument>,
    /// What was done: revisions that were finished.
    pub finished: Vec<RevisionId>,
    /// Revisions that were undone.
    pub undone: Vec<RevisionId>,
    /// The statement that was settled by hand.
    pub marked: Option<String>,
}

/// A revision that is half run.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct HalfRunDocument {
    /// The revision.
    pub revision: String,
    /// What its author said.
    pub message: Option<String>,
    /// `upgrade` or `downgrade`.
    pub direction: &'static str,
    /// Whether a script did it, so that its statements are not recorded.
    pub script: bool,
    /// `active`, `failed` or `interrupted`; null for a script.
    pub state: Option<String>,
    /// Since when.
    pub since: Option<String>,
    /// The database user.
    pub user: Option<String>,
    /// The machine.
    pub host: Option<String>,
    /// Name and version of the tool.
    pub tool: Option<String>,
    /// The statements, in order.
    pub steps: Vec<StepDocument>,
    /// Whether somebody began to undo it.
    pub undoing: bool,
    /// The statements that undo it, where somebody began to.
    pub undo_steps: Vec<StepDocument>,
}

/// A statement of a half-run revision.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct StepDocument {
    /// Its number in the run.
    pub number: u64,
    /// `done`, `partly_done` (a backfill), `in_doubt`, `failed` or `not_run`.
    pub state: &'static str,
    /// How many rows a backfill has changed; null for anything else.
    pub rows: Option<u64>,
    /// The text.
    pub sql: String,
    /// What the server said when it failed.
    pub error: Option<String>,
    /// When it was begun.
    pub started_at: Option<String>,
    /// Why its change cannot be taken back; null where it can, and where another statement completes the change.
    pub irreversible_because: Option<String>,
}

impl Repair {
    pub(crate) fn run(self, app: &App) -> Result<Answer, Failure> {
        let mut workspace = Workspace::open(app)?;
        let database = Database::choose(&workspace)?;
        let mut look = database.look(&workspace, false)?;
        let mut document = describe(&workspace, &database, &mut look)?;
        drop(look);
        let acts = self.finish || self.undo || self.mark.is_some();
        if acts && !(document.half_run.is_empty() && self.mark.is_none()) {
            self.act(&mut workspace, &database, &mut document)?;
        }
        app.terminal.result(&document, || render::half_runs(&document))?;
        Ok(Answer::Done)
    }

    fn act(
        &self,
        workspace: &mut Workspace<'_>,
        database: &Database,
        document: &mut RepairDocument,
    ) -> Result<(), Failure> {
        let app = workspace.app;
        let asker = Asker::new(&app.terminal);
        if !self.yes && !self.undo {
            let what = match (self.finish, self.mark) {
                (true, _) => "run the rest of what is half run",
                (_, Some(Mark::Done)) => "record that the statement took effect",
                _ => "record that the statement did not run",
            };
            agreed(asker.confirm(&render::half_runs(document)), what)?;
        }
        let Session { mut connection, journal } = database.connect(workspace, false)?;
        let interruption = Interruption::install(&app.terminal);
        interruption.watch(connection.interrupter());
        let target = match (self.finish, self.mark) {
            (true, _) => "repair --finish",
            (_, Some(_)) => "repair --mark",
            _ => "repair --undo",
        };
        let settings = settings(workspace, database, target.to_owned(), &[]);
        let reading = workspace.reading(connection.dialect(), Some(database));
        let reading = reading.map_err(|problem| workspace.refuse(problem))?;
        let mut progress = Progress::start(&app.terminal);
        let mut runner = Runner::new(&mut *connection, journal, settings, &mut progress, interruption.asked.clone());
        let mut agree = |plan: &UndoPlan| match self.yes {
            true => Ok(()),
            false => consent(asker.confirm(&render::undo_question(plan)), "take back what is done"),
        };
        let ended: Result<(), RunError> = match self.mark {
            Some(mark) => runner.mark(mark == Mark::Done).map(|marked| document.marked = Some(marked.sql)),
            None if self.finish => {
                let mut rest = Rest(workspace.planning(reading, &[]));
                runner.finish(&mut rest).map(|outcome: Outcome| document.finished = outcome.resumed)
            }
            None => runner.undo(&mut agree).map(|undone| document.undone = undone),
        };
        progress.end();
        ended.map_err(|error| stopped(workspace, error, Vec::new()))
    }
}

/// Plans for the rest of what is half run.
struct Rest<'p>(Planning<'p>);

impl Planner for Rest<'_> {
    fn wants(&mut self, state: &DatabaseState) -> Result<Vec<RevisionId>, Diagnostics> {
        self.0.wants(state)
    }

    fn plan(&mut self, _: &DatabaseState) -> Result<Plan, Diagnostics> {
        Err(Diagnostics::default())
    }

    fn revision(
        &mut self,
        state: &DatabaseState,
        unfinished: &UnfinishedRevision,
    ) -> Result<Option<RevisionPlan>, Diagnostics> {
        self.0.unfinished(state, unfinished)
    }
}

fn consent(answer: Option<bool>, what: &str) -> Result<(), Diagnostics> {
    let refusal = match answer {
        Some(true) => return Ok(()),
        Some(false) => Diagnostic::error(&codes::NOT_AGREED, "it was not agreed to; nothing has been done"),
        None => Diagnostic::error(&codes::NOT_AGREED, format!("this would {what}, and there is nobody to ask"))
            .help("look at `aludel repair`, then say `--yes`; nothing has been done"),
    };
    let mut diagnostics = Diagnostics::default();
    diagnostics.push(refusal);
    Err(diagnostics)
}

fn agreed(answer: Option<bool>, what: &str) -> Result<(), Failure> {
    consent(answer, what).map_err(|diagnostics| {
        Failure::Refused(crate::failure::Report { diagnostics, ..crate::failure::Report::default() })
    })
}

/// What is half run, and who may be at work on it.
fn describe(workspace: &Workspace<'_>, database: &Database, look: &mut Look) -> Result<RepairDocument, Failure> {
    let unfinished = std::mem::take(&mut look.state.unfinished);
    let mut running = None;
    let mut halves = Vec::new();
    if let (Some(Session { connection, journal }), false) = (&mut look.session, unfinished.is_empty()) {
        let failed = |error| workspace.refuse(database.unreadable(&error));
        let key = journal.lock_key();
        match connection.try_lock(&key).map_err(failed)? {
            LockAttempt::Acquired => connection.unlock(&key).map_err(failed)?,
            LockAttempt::Held { by } => {
                running = Some(by.unwrap_or_else(|| "a session that the server does not name".to_owned()));
            }
        }
        halves = journal.half_runs(&mut **connection, &unfinished).map_err(failed)?;
    }
    Ok(RepairDocument {
        database: look.document.clone(),
        running,
        half_run: halves.iter().map(half_run).collect(),
        finished: Vec::new(),
        undone: Vec::new(),
        marked: None,
    })
}

fn half_run(half: &HalfRun) -> HalfRunDocument {
    let row = half.row.as_ref();
    HalfRunDocument {
        revision: half.unfinished.revision.to_string(),
        message: row.and_then(|row| row.message.clone()),
        direction: half.unfinished.direction.name(),
        script: half.run.is_none(),
        state: half.run.as_ref().map(|run| run.state.clone()),
        since: row.map(|row| row.started_at.clone()),
        user: row.and_then(|row| row.user.clone()),
        host: row.and_then(|row| row.host.clone()),
        tool: row.map(|row| row.tool.clone()),
        steps: half.steps.iter().map(step).collect(),
        undoing: half.unfinished.undo.is_some(),
        undo_steps: half.undo.iter().map(step).collect(),
    }
}

fn step(step: &StoredStep) -> StepDocument {
    StepDocument {
        number: step.seq,
        state: match step.state.as_str() {
            "done" => "done",
            "intent" if step.statement.batches.is_some() => "partly_done",
            "intent" => "in_doubt",
            "failed" => "failed",
            _ => "not_run",
        },
        rows: step.progress.as_deref().and_then(Position::parse).map(|position| position.rows),
        sql: step.statement.sql.clone(),
        error: step.error.clone(),
        started_at: step.started_at.clone(),
        irreversible_because: match &step.statement.inverse {
            Some(Inverse::Impossible(reason)) => Some(reason.clone()),
            _ => None,
        },
    }
}
