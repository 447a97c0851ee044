//! Revisions that are not one transaction: every statement is journalled, and a run that was interrupted is resumed.

use std::time::Instant;

use super::batches::{Position, has_position};
use super::error::{Fate, StatementFailure};
use super::journal::{StepRecord, StoredStep};
use super::runner::{Runner, is_ambiguous};
use super::{Event, RunError, UnfinishedRevision};
use crate::driver::{DriverError, ErrorKind, Scope};
use crate::plan::{Direction, RevisionPlan, Statement, Transaction, Work};
use crate::revision::RevisionId;

/// A revision being run statement by statement.
pub(super) struct Course<'c> {
    pub(super) revision: &'c RevisionId,
    pub(super) direction: Direction,
    pub(super) run_id: String,
    pub(super) fence: i64,
    pub(super) steps: Vec<StoredStep>,
    /// Statements at the end of the steps that only change the table of applied heads, for counting.
    pub(super) bookkeeping: usize,
    pub(super) finishes_run: bool,
    /// The run that this one takes back.
    pub(super) undoes: Option<String>,
}

impl Course<'_> {
    pub(super) fn done(&self) -> usize {
        self.steps.iter().filter(|step| step.state == "done").count().min(self.total())
    }

    /// How far the backfill is that the revision is in.
    fn position(&self) -> Option<Position> {
        let step = self.steps.iter().find(|step| step.state != "done")?;
        step.progress.as_deref().and_then(Position::parse)
    }

    pub(super) fn total(&self) -> usize {
        self.steps.len() - self.bookkeeping
    }
}

impl Runner<'_> {
    /// Runs a revision statement by statement, from the start.
    pub(super) fn run_journalled(
        &mut self,
        revision: &RevisionPlan,
        direction: Direction,
        run_start: Option<&str>,
        finishes_run: bool,
    ) -> Result<(), RunError> {
        let run_id = self.settings.run_id.clone();
        let statements = self.all_statements(revision);
        let first = if run_start.is_some() { 1 } else { self.next_seq(&run_id)? };
        let steps = numbered(statements, first);
        let mut batch = vec![self.dialect.capabilities().begin.to_owned()];
        batch.extend(run_start.map(str::to_owned));
        batch.push(self.journal.history_start(revision, direction.name(), &self.record(direction, "")));
        batch.extend(self.planned(&run_id, &revision.id, &steps));
        batch.push("COMMIT".to_owned());
        self.journal_batch("recording the plan", &batch)?;
        let fence = self.fence(&run_id)?;
        let bookkeeping = revision.rows.len();
        let revision = &revision.id;
        let undoes = None;
        self.follow(&mut Course { revision, direction, run_id, fence, steps, bookkeeping, finishes_run, undoes })
    }

    /// Finishes a revision that an earlier run left half done.
    pub(super) fn resume(
        &mut self,
        unfinished: &UnfinishedRevision,
        plan: Option<RevisionPlan>,
    ) -> Result<(), RunError> {
        let UnfinishedRevision { revision, direction, run_id, .. } = unfinished;
        let (fence, mut steps) = self.adopt(run_id, unfinished)?;
        let mut bookkeeping = 0;
        if let Some(plan) = &plan {
            bookkeeping = plan.rows.len();
            steps = self.with_present_text(plan, run_id, steps)?;
            // What is recorded as applied is what is applied in the end.
            let restate = self.journal.history_restate(plan, run_id);
            self.connection.execute(&restate).map_err(RunError::journal("recording the revision"))?;
        }
        let mut course = Course {
            revision,
            direction: *direction,
            run_id: run_id.clone(),
            fence,
            bookkeeping: bookkeeping.min(steps.len()),
            steps,
            finishes_run: true,
            undoes: None,
        };
        self.observer.notify(&Event::Resuming {
            revision,
            direction: *direction,
            done: course.done(),
            total: course.total(),
        });
        self.continue_course(&mut course)
    }

    /// Takes over a run that another process left: gives its fence and its steps.
    pub(super) fn adopt(
        &mut self,
        run_id: &str,
        unfinished: &UnfinishedRevision,
    ) -> Result<(i64, Vec<StoredStep>), RunError> {
        let reading = || RunError::journal("reading the steps of a half-run revision");
        let adopt = self.journal.run_adopt(run_id, &self.record(unfinished.direction, ""));
        self.connection.execute(&adopt).map_err(reading())?;
        let fence = self.fence(run_id)?;
        let steps = self.journal.steps(self.connection, run_id, &unfinished.revision).map_err(reading())?;
        Ok((fence, steps))
    }

    pub(super) fn fence(&mut self, run_id: &str) -> Result<i64, RunError> {
        let run = self.journal.run(self.connection, run_id).map_err(RunError::journal("reading the run"))?;
        Ok(run.ok_or(RunError::Fenced)?.fence)
    }

    /// Goes on with a run that was left; what stops it is recorded.
    pub(super) fn continue_course(&mut self, course: &mut Course<'_>) -> Result<(), RunError> {
        let finished = self.settle_doubt(course).and_then(|()| self.follow(course));
        if let Err(error) = &finished {
            let state = if error.is_interruption() { "interrupted" } else { "failed" };
            let sql = self.journal.run_finish(&course.run_id, state);
            let _ = self.connection.execute(&sql);
        }
        finished
    }

    /// The statements of a revision with those that change the table of applied heads, which are part of its last
    /// transaction.
    fn all_statements(&self, revision: &RevisionPlan) -> Vec<Statement> {
        let rows = self.journal.row_changes(&revision.rows).into_iter().map(Statement::dml);
        revision.statements().cloned().chain(rows).collect()
    }

    fn next_seq(&mut self, run_id: &str) -> Result<u64, RunError> {
        self.journal
            .last_seq(self.connection, run_id)
            .map(|last| last + 1)
            .map_err(RunError::journal("reading the steps of the run"))
    }

    pub(super) fn planned(&self, run_id: &str, revision: &RevisionId, steps: &[StoredStep]) -> Vec<String> {
        let records: Vec<StepRecord<'_>> =
            steps.iter().map(|step| StepRecord { seq: step.seq, revision, statement: &step.statement }).collect();
        self.journal.steps_planned(run_id, &records)
    }

    /// Writes to the journal in a transaction that the batch begins and commits.
    pub(super) fn journal_batch(&mut self, doing: &'static str, batch: &[String]) -> Result<(), RunError> {
        let texts: Vec<&str> = batch.iter().map(String::as_str).collect();
        self.connection.execute_all(&texts).map_err(|error| {
            self.rollback();
            RunError::Journal { doing, error: error.error }
        })
    }

    /// The steps as the file has them now: what has run must be the same, what has not may have been mended.
    fn with_present_text(
        &mut self,
        plan: &RevisionPlan,
        run_id: &str,
        mut stored: Vec<StoredStep>,
    ) -> Result<Vec<StoredStep>, RunError> {
        let fresh = self.all_statements(plan);
        let ran = stored.iter().rposition(has_run).map_or(0, |at| at + 1);
        let along = |statement: &Statement| statement.batches.as_ref().map(|batches| batches.key.clone());
        for (place, step) in stored.iter().take(ran).enumerate() {
            let now = fresh.get(place).map_or("", |statement| statement.sql.as_str());
            if now != step.statement.sql || fresh.get(place).and_then(along) != along(&step.statement) {
                return Err(RunError::HalfRunChanged {
                    revision: plan.id.clone(),
                    ran: step.statement.sql.clone(),
                    now: now.to_owned(),
                });
            }
        }
        let same = stored.len() == fresh.len()
            && stored.iter().zip(&fresh).all(|(step, statement)| step.statement.sql == statement.sql);
        // Batches may be made smaller and pauses longer while a backfill is half run.
        let batches: Vec<_> = fresh.iter().map(|statement| statement.batches.clone()).collect();
        for (step, batches) in stored.iter_mut().zip(batches).take(if same { usize::MAX } else { ran }) {
            step.statement.batches = batches;
        }
        if same {
            // The journal knows neither where a step stands in the file nor where its data file is on this machine.
            let known = |(step, fresh): (StoredStep, Statement)| StoredStep {
                statement: Statement { span: fresh.span, data: fresh.data, ..step.statement },
                ..step
            };
            return Ok(stored.into_iter().zip(fresh).map(known).collect());
        }
        let first = stored.first().map_or(1, |step| step.seq);
        let from = first + u64::try_from(ran).unwrap_or(0);
        let mended = numbered(fresh.into_iter().skip(ran).collect(), from);
        let mut batch = vec![self.dialect.capabilities().begin.to_owned(), self.journal.steps_forget(run_id, from)];
        batch.extend(self.planned(run_id, &plan.id, &mended));
        batch.push("COMMIT".to_owned());
        self.journal_batch("recording the plan", &batch)?;
        Ok(stored.into_iter().take(ran).chain(mended).collect())
    }

    /// Decides for the one statement in doubt whether it took effect.
    ///
    /// The lock is ours, so no orphan of it still runs and the catalog is settled. Unchanged means it did not; changed,
    /// with the facts of its change, means it did.
    pub(super) fn settle_doubt(&mut self, course: &mut Course<'_>) -> Result<(), RunError> {
        // Batches commit with their position, so they are never in doubt.
        let in_doubt = |step: &StoredStep| step.state == "intent" && step.statement.batches.is_none();
        let Some(place) = course.steps.iter().position(in_doubt) else { return Ok(()) };
        let step = &course.steps[place];
        let looking = || RunError::journal("looking at what the interrupted statement did");
        let now = self.connection.pre_image(&step.statement.footprint).map_err(looking())?;
        let before = step.pre_image.clone().unwrap_or_default();
        // The catalog says nothing of rows, and nothing of raw SQL without an `effect`.
        let visible = !step.statement.footprint.is_empty() && step.statement.work != Work::Rows;
        let wreck = self.cleared(&step.statement).map_err(looking())?;
        let state = if wreck || (now == before && visible) {
            "planned"
        } else if self.facts_hold(&step.statement)? {
            "done"
        } else {
            return Err(RunError::InDoubt {
                revision: course.revision.clone(),
                sql: step.statement.sql.clone(),
                before,
                now,
            });
        };
        let seq = step.seq;
        if state == "done" {
            self.fenced(&self.journal.steps_done(&course.run_id, course.fence, seq, seq))?;
        }
        state.clone_into(&mut course.steps[place].state);
        Ok(())
    }

    fn facts_hold(&mut self, statement: &Statement) -> Result<bool, RunError> {
        if statement.facts.is_empty() {
            return Ok(false);
        }
        let namespaces = statement.footprint.iter().filter_map(|name| name.schema.clone()).collect();
        let scope = Scope { namespaces, only: Some(statement.footprint.clone()), ..Scope::default() };
        let schema = self.connection.introspect(&scope).map_err(RunError::journal("reading the catalog"))?;
        let schema = self.dialect.normalize(&schema);
        Ok(statement.facts.iter().all(|fact| fact.holds(&schema)))
    }

    /// Runs the steps that are not done, and records that the revision is.
    pub(super) fn follow(&mut self, course: &mut Course<'_>) -> Result<(), RunError> {
        let mut recorded = false;
        let mut place = 0;
        while place < course.steps.len() {
            if course.steps[place].state == "done" {
                place += 1;
                continue;
            }
            self.check_interruption()?;
            self.verify_lock()?;
            if let Some(batches) = course.steps[place].statement.batches.clone() {
                self.run_batches(course, place, &batches)?;
                place += 1;
            } else if course.steps[place].statement.transaction == Transaction::Outside {
                self.run_alone(course, place)?;
                place += 1;
            } else {
                let rest = &course.steps[place..];
                let end = rest.iter().position(|step| step.statement.transaction == Transaction::Outside);
                let end = end.map_or(course.steps.len(), |length| place + length);
                self.run_together(course, place, end)?;
                recorded = end == course.steps.len();
                place = end;
            }
        }
        if recorded {
            return Ok(());
        }
        let mut finish = vec![self.dialect.capabilities().begin.to_owned()];
        finish.extend(self.finish_statements(course));
        finish.push("COMMIT".to_owned());
        self.journal_batch("recording the revision", &finish)
    }

    fn finish_statements(&self, course: &Course<'_>) -> Vec<String> {
        let mut finish = vec![self.journal.history_finish(course.revision, &course.run_id)];
        if let Some(undone) = &course.undoes {
            finish.push(self.journal.history_finish(course.revision, undone));
            finish.push(self.journal.run_finish(undone, "undone"));
        }
        if course.finishes_run {
            finish.push(self.journal.run_finish(&course.run_id, "done"));
        }
        finish
    }

    /// Runs a statement outside a transaction: intent, statement, completion.
    fn run_alone(&mut self, course: &mut Course<'_>, place: usize) -> Result<(), RunError> {
        let StoredStep { seq, statement, .. } = course.steps[place].clone();
        let mut attempt = 1;
        loop {
            let footprint = &statement.footprint;
            let before = self.connection.pre_image(footprint).map_err(RunError::journal("reading the catalog"))?;
            self.fenced(&self.journal.step_intent(&course.run_id, course.fence, seq, &before))?;
            self.observer.notify(&Event::StatementStarted { revision: course.revision, sql: &statement.sql });
            let began = Instant::now();
            match self.execute_alone(&statement) {
                Ok(()) => {
                    self.fenced(&self.journal.steps_done(&course.run_id, course.fence, seq, seq))?;
                    "done".clone_into(&mut course.steps[place].state);
                    self.observer
                        .notify(&Event::StatementFinished { revision: course.revision, took: began.elapsed() });
                    return Ok(());
                }
                Err(error) => {
                    if let Some(pause) = self.retry_pause(&error, attempt) {
                        // If this fails too, the next attempt says why.
                        let _ = self.cleared(&statement);
                        self.pause(course.revision, attempt, pause, &error);
                        self.check_interruption()?;
                        attempt += 1;
                        continue;
                    }
                    return Err(self.failed_alone(course, place, error));
                }
            }
        }
    }

    fn execute_alone(&mut self, statement: &Statement) -> Result<(), DriverError> {
        let bound = self.lock_bound(statement);
        for sql in self.dialect.session_lock_timeout(bound).iter().chain(&statement.prologue) {
            self.connection.execute(sql)?;
        }
        let done = self.connection.execute(&statement.sql).map(|_| ());
        for sql in &statement.epilogue {
            let _ = self.connection.execute(sql);
        }
        done
    }

    /// Whether an interrupted or failed statement left something to clear.
    fn is_wrecked(&mut self, statement: &Statement) -> Result<bool, DriverError> {
        match &statement.cleanup {
            Some(cleanup) => self.connection.query(&cleanup.needed).map(|rows| !rows.is_empty()),
            None => Ok(false),
        }
    }

    /// Clears what an interrupted or failed statement left, if it left anything, and says whether it had.
    fn cleared(&mut self, statement: &Statement) -> Result<bool, DriverError> {
        let wrecked = self.is_wrecked(statement)?;
        if let (true, Some(cleanup)) = (wrecked, &statement.cleanup) {
            self.connection.execute(&cleanup.sql)?;
        }
        Ok(wrecked)
    }

    /// Records that a statement failed. Where it is open whether it took effect, that is looked up at once; if the
    /// session is gone the step stays in doubt and the next run looks.
    fn failed_alone(&mut self, course: &mut Course<'_>, place: usize, error: DriverError) -> RunError {
        let StoredStep { seq, statement, .. } = course.steps[place].clone();
        let lost = error.kind == ErrorKind::Lost;
        // Clearing up waits for the very sessions that an interrupted build waited for, so that is left to the next run.
        let left = lost || (is_ambiguous(&error) && self.is_wrecked(&statement).unwrap_or(true));
        if !left {
            let cleared = self.cleared(&statement).unwrap_or(false);
            let took_effect = !cleared && is_ambiguous(&error) && self.facts_hold(&statement).unwrap_or(false);
            let sql = if took_effect {
                "done".clone_into(&mut course.steps[place].state);
                self.journal.steps_done(&course.run_id, course.fence, seq, seq)
            } else {
                self.journal.step_failed(&course.run_id, course.fence, seq, &error.message)
            };
            let _ = self.connection.execute(&sql);
        }
        self.failure(course, &statement, error)
    }

    pub(super) fn failure(&self, course: &Course<'_>, statement: &Statement, error: DriverError) -> RunError {
        RunError::Statement(Box::new(StatementFailure {
            revision: course.revision.clone(),
            direction: course.direction,
            undoing: course.undoes.is_some(),
            sql: statement.sql.clone(),
            span: statement.span,
            assertion: statement.assertion.clone(),
            error,
            fate: Fate::Recorded,
            done: course.done(),
            total: course.total(),
            rows: course.position().map(|position| position.rows),
        }))
    }

    /// Runs statements as one transaction together with their completion in the journal.
    fn run_together(&mut self, course: &mut Course<'_>, first: usize, end: usize) -> Result<(), RunError> {
        let mut attempt = 1;
        let settings = |of: fn(&Statement) -> &Vec<String>| -> Vec<String> {
            let mut list: Vec<String> = Vec::new();
            for sql in course.steps[first..end].iter().flat_map(|step| of(&step.statement)) {
                if !list.contains(sql) {
                    list.push(sql.clone());
                }
            }
            list
        };
        let (prologue, epilogue) =
            (settings(|statement| &statement.prologue), settings(|statement| &statement.epilogue));
        loop {
            let set = prologue.iter().try_for_each(|sql| self.connection.execute(sql).map(|_| ()));
            let tried = set
                .map_err(|error| (first, error))
                .and_then(|()| self.try_together(course, first, end))
                .inspect_err(|_| {
                    self.rollback();
                });
            for sql in &epilogue {
                let _ = self.connection.execute(sql);
            }
            let (failed_at, error) = match tried {
                Ok(()) => break,
                Err(failure) => failure,
            };
            if let Some(pause) = self.retry_pause(&error, attempt) {
                self.pause(course.revision, attempt, pause, &error);
                self.check_interruption()?;
                attempt += 1;
                continue;
            }
            let step = course.steps[failed_at.min(end - 1)].clone();
            let sql = self.journal.step_failed(&course.run_id, course.fence, step.seq, &error.message);
            let _ = self.connection.execute(&sql);
            return Err(self.failure(course, &step.statement, error));
        }
        for step in &mut course.steps[first..end] {
            "done".clone_into(&mut step.state);
        }
        Ok(())
    }

    fn try_together(&mut self, course: &Course<'_>, first: usize, end: usize) -> Result<(), (usize, DriverError)> {
        let begin = self.dialect.capabilities().begin;
        self.connection.execute(begin).map_err(|error| (first, error))?;
        let mut class = None;
        for (place, step) in course.steps.iter().enumerate().take(end).skip(first) {
            let bound = self.lock_bound(&step.statement);
            if class != Some(bound) {
                class = Some(bound);
                if let Some(sql) = self.dialect.lock_timeout(bound) {
                    self.connection.execute(&sql).map_err(|error| (place, error))?;
                }
            }
            self.observer.notify(&Event::StatementStarted { revision: course.revision, sql: &step.statement.sql });
            let began = Instant::now();
            self.execute_planned(course.revision, &step.statement).map_err(|error| (place, error))?;
            self.observer.notify(&Event::StatementFinished { revision: course.revision, took: began.elapsed() });
        }
        let (from, to) = (course.steps[first].seq, course.steps[end - 1].seq);
        let done = self.journal.steps_done(&course.run_id, course.fence, from, to);
        let changed = self.connection.execute(&done).map_err(|error| (first, error))?;
        if changed == 0 {
            return Err((first, DriverError::new(ErrorKind::Other, "another run took over")));
        }
        if end == course.steps.len() {
            for sql in self.finish_statements(course) {
                self.connection.execute(&sql).map_err(|error| (end - 1, error))?;
            }
        }
        self.connection.execute("COMMIT").map(|_| ()).map_err(|error| (end - 1, error))
    }

    /// Writes to the journal if the run still has its fence.
    pub(super) fn fenced(&mut self, sql: &str) -> Result<(), RunError> {
        match self.connection.execute(sql).map_err(RunError::journal("recording a step"))? {
            0 => Err(RunError::Fenced),
            _ => Ok(()),
        }
    }
}

/// Whether a step has changed anything, or may have.
pub(super) fn has_run(step: &StoredStep) -> bool {
    match step.state.as_str() {
        "done" => true,
        "intent" => step.statement.batches.is_none() || step.progress.as_deref().is_some_and(has_position),
        _ => false,
    }
}

pub(super) fn numbered(statements: Vec<Statement>, first: u64) -> Vec<StoredStep> {
    (first..)
        .zip(statements)
        .map(|(seq, statement)| StoredStep {
            seq,
            state: "planned".to_owned(),
            statement,
            pre_image: None,
            error: None,
            started_at: None,
            progress: None,
        })
        .collect()
}
