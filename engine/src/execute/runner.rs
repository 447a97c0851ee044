//! The run: lock, look, plan, run, record.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;
use std::time::{Duration, Instant};

use super::journal::{RunRecord, StoredRun};
use super::{Acceptance, DatabaseState, Event, Journal, Observer, RunError, UnfinishedRevision};
use crate::diagnostic::Diagnostics;
use crate::dialect::Dialect;
use crate::driver::{Connection, DriverError, ErrorKind};
use crate::plan::{Direction, Plan, RevisionPlan, Statement, TimeoutClass};
use crate::revision::{Restated, RevisionId};

/// Makes plans from what is applied. It is asked again when that changed while waiting for the lock.
pub trait Planner {
    /// The revisions of which the planner wants to know the whole record, because their files are not here or are not
    /// what they were.
    ///
    /// # Errors
    /// What is wrong with the files.
    fn wants(&mut self, _state: &DatabaseState) -> Result<Vec<RevisionId>, Diagnostics> {
        Ok(Vec::new())
    }

    /// Compares what is applied with the files, now that the whole records are there, and gives the changes of applied
    /// files that the user accepts.
    ///
    /// # Errors
    /// The changes that nobody accepted.
    fn compare(&mut self, _state: &DatabaseState) -> Result<Vec<Acceptance>, Diagnostics> {
        Ok(Vec::new())
    }

    /// The plan from what is applied to what the user asked for.
    ///
    /// # Errors
    /// What is wrong with the files or the target.
    fn plan(&mut self, state: &DatabaseState) -> Result<Plan, Diagnostics>;

    /// The plan of one revision, to finish it; none when its file is not here.
    ///
    /// # Errors
    /// What is wrong with the files.
    fn revision(
        &mut self,
        state: &DatabaseState,
        unfinished: &UnfinishedRevision,
    ) -> Result<Option<RevisionPlan>, Diagnostics>;
}

/// How the applied heads are to change, given what they are.
pub type RowChanges<'f> = dyn FnMut(&BTreeSet<RevisionId>) -> Result<Restated, Diagnostics> + 'f;

/// How to run.
#[derive(Debug, Clone)]
pub struct Settings {
    /// The id of the run.
    pub run_id: String,
    /// What the user asked for, for the record.
    pub target: String,
    /// How long one definition statement may wait for its lock.
    pub lock_timeout: Option<Duration>,
    /// How often it is tried again.
    pub lock_retries: u32,
    /// How long to wait for another run.
    pub run_lock_timeout: Duration,
    /// The machine, for the record.
    pub host: String,
    /// The process, for the record.
    pub pid: u32,
    /// Name and version of the tool, for the record.
    pub tool: String,
    /// The tags asked for, as a JSON list, for the record: a run that is resumed has the same.
    pub tags: String,
    /// Whether the whole run is one transaction.
    pub one_transaction: bool,
}

/// What a run did.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Outcome {
    /// The revisions that were run, in order.
    pub revisions: Vec<(RevisionId, Duration)>,
    /// Revisions that an earlier run had left half done.
    pub resumed: Vec<RevisionId>,
    /// Revisions whose changed files were accepted.
    pub accepted: Vec<RevisionId>,
    /// The applied heads afterwards.
    pub rows: BTreeSet<RevisionId>,
}

/// What a stamp changed.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Stamped {
    /// The applied heads afterwards.
    pub rows: BTreeSet<RevisionId>,
    /// What was half run and counts as settled now.
    pub settled: Vec<(RevisionId, Direction)>,
}

/// Runs plans on a connection.
pub struct Runner<'a> {
    pub(super) connection: &'a mut dyn Connection,
    pub(super) dialect: Arc<dyn Dialect>,
    pub(super) journal: Journal,
    pub(super) settings: Settings,
    pub(super) observer: &'a mut dyn Observer,
    pub(super) interrupted: Arc<AtomicBool>,
}

/// How often the applied revisions may change under a run before it gives up.
const REPLANS: usize = 100;

/// What became of an attempt to run a plan.
pub(super) enum Progress {
    /// Everything ran.
    Done,
    /// What is applied is no longer what the plan started from.
    Stale,
}

impl<'a> Runner<'a> {
    /// A runner. The flag is set by whoever wants the run to stop.
    pub fn new(
        connection: &'a mut dyn Connection,
        journal: Journal,
        settings: Settings,
        observer: &'a mut dyn Observer,
        interrupted: Arc<AtomicBool>,
    ) -> Self {
        let dialect = connection.dialect();
        Runner { connection, dialect, journal, settings, observer, interrupted }
    }

    /// Runs what the planner says. Takes no lock and writes nothing when there is nothing to do.
    ///
    /// # Errors
    /// Why it stopped. The database is then in a state that the journal names and the next run continues from.
    pub fn run(&mut self, planner: &mut dyn Planner) -> Result<Outcome, RunError> {
        let (state, accepted) = self.compared_state(planner)?;
        if state.unfinished.is_empty() && accepted.is_empty() {
            let plan = planner.plan(&state).map_err(RunError::Plan)?;
            if plan.is_empty() {
                return Ok(Outcome { rows: state.rows, ..Outcome::default() });
            }
        }
        self.acquire()?;
        let outcome = self.run_locked(planner);
        self.release();
        outcome
    }

    fn run_locked(&mut self, planner: &mut dyn Planner) -> Result<Outcome, RunError> {
        let mut outcome = Outcome::default();
        self.prepare()?;
        for _ in 0..REPLANS {
            self.check_interruption()?;
            let (state, accepted) = self.compared_state(planner)?;
            if !accepted.is_empty() {
                self.accept(&accepted)?;
                outcome.accepted.extend(accepted.into_iter().map(|acceptance| acceptance.revision));
                continue;
            }
            if !state.unfinished.is_empty() {
                if self.wait_for_batches(&state.unfinished)? {
                    continue;
                }
                outcome.resumed.extend(self.resume_first(planner)?);
                continue;
            }
            let plan = planner.plan(&state).map_err(RunError::Plan)?;
            if plan.is_empty() {
                outcome.rows = state.rows;
                return Ok(outcome);
            }
            self.find_lacking(&plan)?;
            match self.run_plan(&plan, state.rows, &mut outcome)? {
                Progress::Done => return Ok(outcome),
                Progress::Stale => {}
            }
        }
        Err(RunError::Unsettled)
    }

    /// Looks for rows that would lack a value. What cannot be asked now is left to the database.
    fn find_lacking(&mut self, plan: &Plan) -> Result<(), RunError> {
        let mut diagnostics = Diagnostics::default();
        for lacking in &plan.lacking {
            let rows = self.connection.query(&lacking.query(&*self.dialect));
            if rows.is_ok_and(|rows| !rows.is_empty()) {
                diagnostics.push(lacking.diagnostic());
            }
        }
        if diagnostics.has_errors() { Err(RunError::Plan(diagnostics)) } else { Ok(()) }
    }

    /// The state, and which changes of applied files are accepted; one that is not ends the run.
    fn compared_state(&mut self, planner: &mut dyn Planner) -> Result<(DatabaseState, Vec<Acceptance>), RunError> {
        let state = self.recorded_state(planner)?;
        let accepted = planner.compare(&state).map_err(RunError::Plan)?;
        Ok((state, accepted))
    }

    /// The state, with the whole records that the planner wants.
    fn recorded_state(&mut self, planner: &mut dyn Planner) -> Result<DatabaseState, RunError> {
        let mut state = self.full_state()?;
        let wanted = planner.wants(&state).map_err(RunError::Plan)?;
        if !wanted.is_empty() {
            let recorded = self.journal.recorded(self.connection, &wanted, &state.standing);
            state.recorded = recorded.map_err(RunError::journal("reading the history"))?;
        }
        Ok(state)
    }

    /// Records that changed files are accepted.
    fn accept(&mut self, accepted: &[Acceptance]) -> Result<(), RunError> {
        let record = self.record(Direction::Upgrade, "");
        let mut batch = vec![self.dialect.capabilities().begin.to_owned()];
        batch.extend(accepted.iter().map(|acceptance| self.journal.history_accept(acceptance, &record)));
        batch.push("COMMIT".to_owned());
        self.journal_batch("recording what is accepted", &batch)
    }

    /// Finishes the first revision that is half run, unless the run it belongs to was still alive and has done so. One
    /// that somebody began to undo is undone.
    pub(super) fn resume_first(&mut self, planner: &mut dyn Planner) -> Result<Option<RevisionId>, RunError> {
        self.beyond_transactions(|runner| {
            let state = runner.recorded_state(planner)?;
            let Some(mut unfinished) = state.unfinished.first().cloned() else { return Ok(None) };
            if unfinished.undo.is_some() {
                runner.continue_undo(&unfinished)?;
                return Ok(Some(unfinished.revision));
            }
            let run = runner.stored_run(&unfinished)?;
            unfinished.tags = Some(run.tags);
            let plan = planner.revision(&state, &unfinished).map_err(RunError::Plan)?;
            runner.resume(&unfinished, plan)?;
            Ok(Some(unfinished.revision))
        })
    }

    /// The run that left a revision half done.
    pub(super) fn stored_run(&mut self, unfinished: &UnfinishedRevision) -> Result<StoredRun, RunError> {
        let run = self.journal.run(self.connection, &unfinished.run_id);
        let run = run.map_err(RunError::journal("reading the run"))?;
        run.ok_or_else(|| RunError::ScriptStopped { revision: unfinished.revision.clone() })
    }

    /// Makes the journal's tables if need be.
    pub(super) fn prepare(&mut self) -> Result<(), RunError> {
        if self.full_state()?.initialised { Ok(()) } else { self.initialise() }
    }

    /// Makes the journal's tables, and the columns that tables of an earlier version lack.
    fn initialise(&mut self) -> Result<(), RunError> {
        let present = self.journal.present(self.connection);
        let present = present.map_err(RunError::journal("looking for the journal's tables"))?;
        if let Some(foreign) = self.journal.foreign_in(&present) {
            return Err(RunError::ForeignTable(foreign));
        }
        let create = self.journal.complete(&present)?;
        let transactional = self.dialect.capabilities().transactional_ddl;
        let begin = self.dialect.capabilities().begin;
        let mut batch: Vec<&str> = create.iter().map(String::as_str).collect();
        if transactional {
            batch.insert(0, begin);
            batch.push("COMMIT");
        }
        let made = self.connection.execute_all(&batch).map_err(|error| error.error);
        if made.is_err() && transactional {
            self.rollback();
        }
        made.map_err(RunError::journal("making the journal's tables"))
    }

    fn run_plan(
        &mut self,
        plan: &Plan,
        mut rows: BTreeSet<RevisionId>,
        outcome: &mut Outcome,
    ) -> Result<Progress, RunError> {
        if self.settings.one_transaction {
            return self.run_in_one_transaction(plan, rows, outcome);
        }
        let hash = plan.hash();
        let mut started = false;
        let total = plan.revisions.len();
        for (place, revision) in plan.revisions.iter().enumerate() {
            self.check_interruption().inspect_err(|_| self.settle(started, "interrupted"))?;
            self.verify_lock()?;
            self.observer.notify(&Event::RevisionStarted {
                revision: &revision.id,
                message: &revision.message,
                direction: plan.direction,
                number: place + 1,
                total,
            });
            let began = Instant::now();
            let start = (!started).then(|| self.run_start(plan, &hash));
            let finish = place + 1 == total;
            let progress = if revision.atomic {
                self.run_atomic(revision, plan.direction, &rows, start.as_deref(), finish)
            } else {
                self.run_beyond_transactions(revision, plan.direction, &rows, start.as_deref(), finish)
            };
            match progress {
                Ok(Progress::Done) => {}
                Ok(Progress::Stale) => {
                    self.settle(started, "replanned");
                    self.settings.run_id = next_run_id(&self.settings.run_id);
                    return Ok(Progress::Stale);
                }
                Err(error) => {
                    // The record of the beginning was rolled back with the first revision.
                    if let Some(start) = start.filter(|_| revision.atomic) {
                        let _ = self.connection.execute(&start);
                    }
                    self.settle(true, if error.is_interruption() { "interrupted" } else { "failed" });
                    return Err(error);
                }
            }
            started = true;
            for change in &revision.rows {
                change.apply(&mut rows);
            }
            let took = began.elapsed();
            self.observer.notify(&Event::RevisionFinished { revision: &revision.id, took });
            outcome.revisions.push((revision.id.clone(), took));
        }
        outcome.rows = rows;
        Ok(Progress::Done)
    }

    /// Runs a revision that is more than one transaction, if what is applied is still what the plan started from.
    fn run_beyond_transactions(
        &mut self,
        revision: &RevisionPlan,
        direction: Direction,
        rows: &BTreeSet<RevisionId>,
        run_start: Option<&str>,
        finishes_run: bool,
    ) -> Result<Progress, RunError> {
        self.beyond_transactions(|runner| {
            let state = runner.state()?;
            if state.rows != *rows || !state.unfinished.is_empty() {
                return Ok(Progress::Stale);
            }
            runner.run_journalled(revision, direction, run_start, finishes_run).map(|()| Progress::Done)
        })
    }

    /// Records how a run ended, if it was recorded that it began. The error that ended it counts for more than one here.
    pub(super) fn settle(&mut self, started: bool, state: &str) {
        if started {
            let sql = self.journal.run_finish(&self.settings.run_id, state);
            let _ = self.connection.execute(&sql);
        }
    }

    fn run_start(&self, plan: &Plan, hash: &str) -> String {
        self.journal.run_start(&self.record(plan.direction, hash))
    }

    /// The run as the journal records it.
    pub(super) fn record<'r>(&'r self, direction: Direction, hash: &'r str) -> RunRecord<'r> {
        RunRecord {
            run_id: &self.settings.run_id,
            direction: direction.name(),
            target: &self.settings.target,
            plan_hash: hash,
            host: Some(&self.settings.host),
            pid: self.settings.pid,
            session: &self.connection.server().session,
            tool: &self.settings.tool,
            tags: &self.settings.tags,
        }
    }

    /// Sets the applied heads without running anything.
    ///
    /// # Errors
    /// Why it could not be done; nothing has changed then.
    pub fn stamp(&mut self, changes: &mut RowChanges<'_>) -> Result<Stamped, RunError> {
        self.acquire()?;
        let done = self.stamp_locked(changes);
        self.release();
        done
    }

    fn stamp_locked(&mut self, changes: &mut RowChanges<'_>) -> Result<Stamped, RunError> {
        self.prepare()?;
        let mut state = self.state()?;
        while self.wait_for_batches(&state.unfinished)? {
            state = self.state()?;
        }
        let mut restated = changes(&state.rows).map_err(RunError::Plan)?;
        let mut rows = state.rows;
        for change in &restated.changes {
            change.apply(&mut rows);
        }
        let begin = self.dialect.capabilities().begin;
        let mut batch = vec![begin.to_owned()];
        // A person who stamps has settled by hand what was half run. Nobody knows then what of it is there.
        for unfinished in &state.unfinished {
            for run in std::iter::once(&unfinished.run_id).chain(&unfinished.undo) {
                batch.push(self.journal.history_finish(&unfinished.revision, run));
                batch.push(self.journal.run_finish(run, "stamped"));
            }
            restated.forgotten.push(unfinished.revision.clone());
        }
        batch.extend(self.journal.row_changes(&restated.changes));
        batch.extend(self.journal.history_stamp(&restated, &self.record(Direction::Upgrade, "")));
        batch.push("COMMIT".to_owned());
        self.journal_batch("stamping", &batch)?;
        let settled = state.unfinished.into_iter().map(|half| (half.revision, half.direction)).collect();
        Ok(Stamped { rows, settled })
    }

    /// Ends a failed transaction. A session whose transaction is gone already says so, which does not matter here.
    pub(super) fn rollback(&mut self) {
        let _ = self.connection.execute("ROLLBACK");
    }

    /// How long a statement may wait for its lock. Only what would make others queue behind it is bounded.
    pub(super) fn lock_bound(&self, statement: &Statement) -> Option<Duration> {
        (statement.timeout == TimeoutClass::Brief).then_some(self.settings.lock_timeout).flatten()
    }

    /// How long to wait before another attempt after a lock was not to be had, and whether there is one.
    pub(super) fn retry_pause(&self, error: &DriverError, attempt: u32) -> Option<Duration> {
        const FIRST: Duration = Duration::from_millis(100);
        const LONGEST: Duration = Duration::from_secs(5);
        let again = error.kind.is_transient() && attempt <= self.settings.lock_retries;
        again.then(|| (FIRST * 2u32.saturating_pow(attempt.saturating_sub(1).min(10))).min(LONGEST))
    }

    /// Tells that an attempt is made again, and waits until then.
    pub(super) fn pause(&mut self, revision: &RevisionId, attempt: u32, pause: Duration, error: &DriverError) {
        self.observer.notify(&Event::Retrying { revision, attempt: attempt + 1, pause, reason: &error.message });
        self.sleep(pause);
    }

    /// Waits, but not longer than it takes somebody to ask for a stop.
    pub(super) fn sleep(&self, pause: Duration) {
        const GLANCE: Duration = Duration::from_millis(50);
        let until = Instant::now() + pause;
        while let Some(left) = until.checked_duration_since(Instant::now())
            && self.check_interruption().is_ok()
        {
            std::thread::sleep(left.min(GLANCE));
        }
    }
}

/// Another id for the same run that starts again.
pub(super) fn next_run_id(id: &str) -> String {
    match id.rsplit_once('.').and_then(|(base, number)| Some((base, number.parse::<u32>().ok()?))) {
        Some((base, number)) => format!("{base}.{}", number + 1),
        None => format!("{id}.2"),
    }
}

/// Whether an error leaves open if the statement took effect.
pub(super) fn is_ambiguous(error: &DriverError) -> bool {
    matches!(error.kind, ErrorKind::Lost | ErrorKind::Interrupted | ErrorKind::StatementTimeout)
}
