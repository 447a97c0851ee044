//! Runs an upgrade or a downgrade, or sets the applied heads.

use aludel_engine::diagnostic::{Diagnostic, Diagnostics, codes};
use aludel_engine::execute::{
    Acceptance, DatabaseState, Outcome, Planner, RunError, Runner, Settings, UnfinishedRevision,
};
use aludel_engine::plan::{Direction, Plan, RevisionPlan};
use aludel_engine::project::TransactionMode;
use aludel_engine::project::planning::TargetPlanner;
use aludel_engine::revision::RevisionId;
use serde::Serialize;
use std::collections::BTreeSet;

use crate::app::App;
use crate::database::{Database, DatabaseDocument, Session};
use crate::failure::{Failure, Report};
use crate::interruption::Interruption;
use crate::machine;
use crate::render::{Asker, Progress};
use crate::workspace::Workspace;

/// What to run.
pub(crate) struct Job<'j> {
    pub(crate) direction: Direction,
    pub(crate) target: &'j str,
    /// What the user asked for, for the record.
    pub(crate) record: String,
    pub(crate) tags: &'j [String],
    /// The revisions whose changed files are accepted.
    pub(crate) accept: &'j [String],
    /// Whether data may be lost without asking.
    pub(crate) may_lose: bool,
}

/// What a run did.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct RunDocument {
    /// The database.
    pub database: DatabaseDocument,
    /// `upgrade` or `downgrade`.
    pub direction: &'static str,
    /// What was asked for.
    pub target: String,
    /// The revisions that were run, in order.
    pub revisions: Vec<RunRevision>,
    /// Revisions that an earlier run had left half done and this one finished first.
    pub resumed: Vec<RevisionId>,
    /// Revisions whose changed files were accepted.
    pub accepted: Vec<RevisionId>,
    /// The applied heads afterwards.
    pub applied: Vec<RevisionId>,
}

/// A revision that was run.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct RunRevision {
    /// Its id.
    pub revision: RevisionId,
    /// What the author said.
    pub message: String,
    /// How long it took.
    pub seconds: f64,
}

/// Connects and runs.
pub(crate) fn run(workspace: &mut Workspace<'_>, job: &Job<'_>) -> Result<RunDocument, Failure> {
    let database = Database::choose(workspace)?;
    let upgrade = job.direction == Direction::Upgrade;
    let app = workspace.app;
    if upgrade && let Some(dialect) = database.driver.absent(&database.url) {
        // What cannot be planned is to leave no empty database behind.
        let reading = workspace.reading(dialect, Some(&database)).map_err(|problem| workspace.refuse(problem))?;
        let planned = workspace.planning(reading, job.tags).to(&BTreeSet::new(), job.direction, job.target);
        planned.map_err(|problems| workspace.refuse_with_all(problems))?;
    }
    let accept = workspace.resolve(job.accept)?;
    let Session { mut connection, journal } = database.connect(workspace, upgrade)?;
    let interruption = Interruption::install(&app.terminal);
    interruption.watch(connection.interrupter());
    let dialect = connection.dialect();
    let document = database.document(&*dialect);
    let reading = workspace.reading(dialect, Some(&database)).map_err(|problem| workspace.refuse(problem))?;
    let settings = settings(workspace, &database, job.record.clone(), job.tags);
    let terminal = &app.terminal;
    let mut progress = Progress::start(terminal);
    let mut planning = workspace.planning(reading, job.tags);
    planning.accept(accept.iter().cloned());
    let inner = TargetPlanner { planning: &mut planning, direction: job.direction, target: job.target.to_owned() };
    let ask = (!upgrade && !job.may_lose).then(|| Asker::new(terminal));
    let mut planner = Careful { inner, ask, agreed: None };
    let ran =
        Runner::new(&mut *connection, journal, settings, &mut progress, interruption.asked.clone()).run(&mut planner);
    let done = progress.end();
    let beside = planner.inner.planning.beside().to_vec();
    match ran {
        Ok(outcome) => {
            tell_beside(app, &beside);
            for id in accept.iter().filter(|id| !outcome.accepted.contains(id)) {
                app.terminal
                    .note(&format!("{id} has not changed, or its change was accepted before: nothing to accept"));
            }
            for id in &outcome.accepted {
                app.terminal
                    .note(&format!("accepted what was changed in the file of {id}; the database's record says so"));
            }
            Ok(told(workspace, document, job, outcome))
        }
        Err(error) => Err(stopped(workspace, error, done)),
    }
}

/// Says that an upgrade goes on beside revisions whose files are not here.
pub(crate) fn tell_beside(app: &App, beside: &[RevisionId]) {
    for id in beside {
        app.terminal.note(&format!(
            "{id} is applied too, and its file is not here; by the database's record it is of another branch, which this does not get in the way of"
        ));
    }
}

/// How to run, as the database's settings say.
pub(crate) fn settings(workspace: &Workspace<'_>, database: &Database, target: String, tags: &[String]) -> Settings {
    Settings {
        run_id: machine::run_id(),
        target,
        lock_timeout: Some(database.settings.lock_timeout),
        lock_retries: database.settings.lock_retries,
        run_lock_timeout: database.settings.run_lock_timeout,
        host: machine::host(),
        pid: std::process::id(),
        tool: machine::TOOL.to_owned(),
        tags: serde_json::to_string(tags).unwrap_or_default(),
        one_transaction: workspace.project.config.transaction == TransactionMode::Run,
    }
}

fn told(workspace: &Workspace<'_>, database: DatabaseDocument, job: &Job<'_>, outcome: Outcome) -> RunDocument {
    let message = |id: &RevisionId| workspace.history.graph.get(id).map(|header| header.message.clone());
    let revisions = outcome.revisions.into_iter().map(|(revision, took)| RunRevision {
        message: message(&revision).unwrap_or_default(),
        revision,
        seconds: took.as_secs_f64(),
    });
    RunDocument {
        database,
        direction: job.direction.name(),
        target: job.target.to_owned(),
        revisions: revisions.collect(),
        resumed: outcome.resumed,
        accepted: outcome.accepted,
        applied: outcome.rows.into_iter().collect(),
    }
}

/// Why a run stopped, with what it had done by then.
pub(crate) fn stopped(workspace: &mut Workspace<'_>, error: RunError, done: Vec<RevisionId>) -> Failure {
    let failure = match error {
        RunError::Plan(diagnostics) => workspace.refuse_with_all(diagnostics),
        other => workspace.refuse_for(other.into_diagnostics()),
    };
    match failure {
        Failure::Refused(report) => Failure::Refused(Report { done, ..report }),
        other => other,
    }
}

/// Asks before data is lost.
struct Careful<'a, 'p> {
    inner: TargetPlanner<'a, 'p>,
    /// Who asks; none when there is nothing to ask.
    ask: Option<Asker>,
    /// The hash of the plan that was agreed to. It is made again under the lock, and need not be asked about again.
    agreed: Option<String>,
}

impl Planner for Careful<'_, '_> {
    fn wants(&mut self, state: &DatabaseState) -> Result<Vec<RevisionId>, Diagnostics> {
        self.inner.wants(state)
    }

    fn compare(&mut self, state: &DatabaseState) -> Result<Vec<Acceptance>, Diagnostics> {
        self.inner.compare(state)
    }

    fn plan(&mut self, state: &DatabaseState) -> Result<Plan, Diagnostics> {
        let plan = self.inner.plan(state)?;
        let Some(ask) = &self.ask else { return Ok(plan) };
        let losses: Vec<(&RevisionId, &str)> =
            plan.revisions.iter().flat_map(|revision| revision.losses().map(|loss| (&revision.id, loss))).collect();
        let hash = plan.hash();
        if losses.is_empty() || self.agreed.as_ref() == Some(&hash) {
            return Ok(plan);
        }
        let answer = ask.ask(&losses);
        if answer == Some(true) {
            self.agreed = Some(hash);
            return Ok(plan);
        }
        let count = losses.len();
        let mut refusal = Diagnostic::error(
            &codes::DATA_LOSS,
            match answer {
                None => "this downgrade would lose data, and there is nobody to ask".to_owned(),
                Some(_) => "the downgrade was not agreed to; nothing has been run".to_owned(),
            },
        );
        if answer.is_none() {
            for (id, loss) in losses.iter().take(LOSSES_SHOWN) {
                refusal = refusal.note(format!("{id}: {loss}"));
            }
            if count > LOSSES_SHOWN {
                refusal = refusal.note(format!("and {} more", count - LOSSES_SHOWN));
            }
            refusal = refusal.help(format!(
                "look at `aludel plan --down {}`, then say `--yes`; nothing has been run",
                self.inner.target
            ));
        }
        let mut diagnostics = Diagnostics::default();
        diagnostics.push(refusal);
        Err(diagnostics)
    }

    fn revision(
        &mut self,
        state: &DatabaseState,
        unfinished: &UnfinishedRevision,
    ) -> Result<Option<RevisionPlan>, Diagnostics> {
        self.inner.revision(state, unfinished)
    }
}

/// How many losses a refusal lists.
const LOSSES_SHOWN: usize = 20;
