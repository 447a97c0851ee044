//! Settling by hand what an interrupted or failed run left: finish it, take it back, or say what became of a statement.

use super::batches::changed_up_to;
use super::journal::{RunRecord, StoredStep};
use super::journalled::{Course, has_run, numbered};
use super::runner::{Planner, Runner, next_run_id};
use super::{Event, Outcome, RunError, UnfinishedRevision};
use crate::diagnostic::Diagnostics;
use crate::plan::{Direction, Inverse, Statement, guarded_statements};
use crate::revision::RevisionId;

/// What taking back a half-run revision will do.
#[derive(Debug, Clone, PartialEq)]
pub struct UndoPlan {
    /// The revision.
    pub revision: RevisionId,
    /// Which way it was going.
    pub direction: Direction,
    /// The statements that take back what is done, in the order to run them.
    pub statements: Vec<Statement>,
    /// What was lost by what is done and does not come back, in words.
    pub lost: Vec<String>,
}

/// A statement that was settled by hand.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Marked {
    /// The revision.
    pub revision: RevisionId,
    /// The statement.
    pub sql: String,
}

/// Somebody who is shown what will be undone, and may refuse.
pub type Agree<'f> = dyn FnMut(&UndoPlan) -> Result<(), Diagnostics> + 'f;

impl Runner<'_> {
    /// Finishes what is half run, as the next upgrade would, and runs nothing else.
    ///
    /// # Errors
    /// Why it stopped.
    pub fn finish(&mut self, planner: &mut dyn Planner) -> Result<Outcome, RunError> {
        self.locked(|runner| {
            let mut outcome = Outcome::default();
            while let Some(revision) = runner.resume_first(planner)? {
                runner.check_interruption()?;
                outcome.resumed.push(revision);
            }
            outcome.rows = runner.state()?.rows;
            Ok(outcome)
        })
    }

    /// Takes back what is done of the revisions that are half run: the inverses that were recorded before they ran, newest
    /// first, journalled as everything else. An interrupted undo goes on, here or in the next run.
    ///
    /// # Errors
    /// Why it stopped. When what has run cannot be taken back, nothing has been undone.
    pub fn undo(&mut self, agree: &mut Agree<'_>) -> Result<Vec<RevisionId>, RunError> {
        self.locked(|runner| {
            let mut undone = Vec::new();
            while let Some(revision) = runner.undo_first(agree)? {
                undone.push(revision);
            }
            Ok(undone)
        })
    }

    /// Records what a person found out: whether the statement in doubt took effect. A statement that failed can be
    /// recorded as done too, when it was run by hand.
    ///
    /// # Errors
    /// When there is no such statement, or it cannot be recorded.
    pub fn mark(&mut self, done: bool) -> Result<Marked, RunError> {
        self.locked(|runner| runner.beyond_transactions(|runner| runner.mark_first(done)))
    }

    fn locked<T>(&mut self, work: impl FnOnce(&mut Self) -> Result<T, RunError>) -> Result<T, RunError> {
        self.acquire()?;
        let done = self.wait_for_all_batches().and_then(|()| work(self));
        self.release();
        done
    }

    fn wait_for_all_batches(&mut self) -> Result<(), RunError> {
        let mut unfinished = self.state()?.unfinished;
        while self.wait_for_batches(&unfinished)? {
            unfinished = self.state()?.unfinished;
        }
        Ok(())
    }

    fn undo_first(&mut self, agree: &mut Agree<'_>) -> Result<Option<RevisionId>, RunError> {
        self.beyond_transactions(|runner| {
            let Some(unfinished) = runner.state()?.unfinished.into_iter().next() else { return Ok(None) };
            match unfinished.undo {
                Some(_) => runner.continue_undo(&unfinished)?,
                None => runner.begin_undo(&unfinished, agree)?,
            }
            Ok(Some(unfinished.revision))
        })
    }

    fn begin_undo(&mut self, unfinished: &UnfinishedRevision, agree: &mut Agree<'_>) -> Result<(), RunError> {
        self.stored_run(unfinished)?;
        let UnfinishedRevision { revision, direction, run_id, .. } = unfinished;
        let (fence, steps) = self.adopt(run_id, unfinished)?;
        let mut course = Course {
            revision,
            direction: *direction,
            run_id: run_id.clone(),
            fence,
            steps,
            bookkeeping: 0,
            finishes_run: false,
            undoes: None,
        };
        let plan = self.settle_doubt(&mut course).and_then(|()| way_back(revision, *direction, &course.steps));
        let agreed = plan.and_then(|plan| agree(&plan).map_err(RunError::Plan).map(|()| plan));
        let plan = agreed.inspect_err(|_| self.settle_run(run_id, "interrupted"))?;

        let steps = numbered(guarded_statements(&*self.dialect, plan.statements), 1);
        let run = self.settings.run_id.clone();
        let record = RunRecord { direction: "undo", ..self.record(*direction, "") };
        let mut batch = vec![self.dialect.capabilities().begin.to_owned(), self.journal.run_start(&record)];
        batch.push(self.journal.history_undo(revision, run_id, &record));
        batch.extend(self.planned(&run, revision, &steps));
        batch.push("COMMIT".to_owned());
        self.journal_batch("recording the undo", &batch)?;
        self.settings.run_id = next_run_id(&run);
        let fence = self.fence(&run)?;
        self.take_back(unfinished, run, fence, steps)
    }

    /// Goes on with an undo that was interrupted.
    pub(super) fn continue_undo(&mut self, unfinished: &UnfinishedRevision) -> Result<(), RunError> {
        let Some(run) = unfinished.undo.clone() else { return Ok(()) };
        let (fence, steps) = self.adopt(&run, unfinished)?;
        self.take_back(unfinished, run, fence, steps)
    }

    fn take_back(
        &mut self,
        unfinished: &UnfinishedRevision,
        run_id: String,
        fence: i64,
        steps: Vec<StoredStep>,
    ) -> Result<(), RunError> {
        let mut course = Course {
            revision: &unfinished.revision,
            direction: unfinished.direction,
            run_id,
            fence,
            steps,
            bookkeeping: 0,
            finishes_run: true,
            undoes: Some(unfinished.run_id.clone()),
        };
        self.observer.notify(&Event::Undoing {
            revision: &unfinished.revision,
            direction: unfinished.direction,
            done: course.done(),
            total: course.total(),
        });
        self.continue_course(&mut course)
    }

    fn mark_first(&mut self, done: bool) -> Result<Marked, RunError> {
        let Some(unfinished) = self.state()?.unfinished.into_iter().next() else {
            return Err(RunError::NothingInDoubt);
        };
        self.stored_run(&unfinished)?;
        let run_id = unfinished.undo.clone().unwrap_or_else(|| unfinished.run_id.clone());
        let (fence, steps) = self.adopt(&run_id, &unfinished)?;
        let marked = self.mark_step(&run_id, fence, &steps, done);
        self.settle_run(&run_id, "interrupted");
        Ok(Marked { revision: unfinished.revision, sql: marked? })
    }

    fn mark_step(&mut self, run_id: &str, fence: i64, steps: &[StoredStep], done: bool) -> Result<String, RunError> {
        // Batches are never in doubt, but somebody may have done the rest of them by hand.
        let in_doubt = |step: &StoredStep| step.state == "intent" && (done || step.statement.batches.is_none());
        let fitting = |step: &&StoredStep| in_doubt(step) || (done && step.state == "failed");
        let step = steps.iter().find(|step| step.state != "done").filter(fitting).ok_or(RunError::NothingInDoubt)?;
        let sql = match done {
            true => self.journal.steps_done(run_id, fence, step.seq, step.seq),
            false => self.journal.step_not_run(run_id, fence, step.seq),
        };
        self.fenced(&sql)?;
        Ok(step.statement.sql.clone())
    }

    fn settle_run(&mut self, run_id: &str, state: &str) {
        let sql = self.journal.run_finish(run_id, state);
        let _ = self.connection.execute(&sql);
    }
}

/// What takes back the steps that are done. A change of several statements is taken back as a whole, or not at all; a
/// backfill that is half run as far as it has come, along the same key.
fn way_back(revision: &RevisionId, direction: Direction, steps: &[StoredStep]) -> Result<UndoPlan, RunError> {
    let refused = |step: &StoredStep, reason: String| RunError::CannotUndo {
        revision: revision.clone(),
        direction,
        sql: step.statement.sql.clone(),
        reason,
    };
    let mut plan = UndoPlan { revision: revision.clone(), direction, statements: Vec::new(), lost: Vec::new() };
    for change in steps.chunk_by(|step, _| step.statement.continues) {
        let done: Vec<&StoredStep> = change.iter().filter(|step| has_run(step)).collect();
        let (Some(last), Some(whole)) = (done.last(), change.last()) else { continue };
        if done.len() < change.len() {
            let reason = format!(
                "{} of the {} statements of one change have run, and only the whole change has a known way back",
                done.len(),
                change.len()
            );
            return Err(refused(last, reason));
        }
        match &whole.statement.inverse {
            Some(Inverse::By { statements, lost }) => {
                let unread = |statement: &Statement| {
                    statement.data.as_ref().is_some_and(|data| data.load.file.path.as_os_str().is_empty())
                };
                if statements.iter().any(unread) {
                    let reason =
                        "the rows of a data file are taken back by their keys, and the file is not at hand here";
                    return Err(refused(whole, reason.to_owned()));
                }
                let mut statements = statements.clone();
                if whole.state != "done" {
                    take_back_a_part(whole, &mut statements).map_err(|reason| refused(whole, reason.to_owned()))?;
                }
                plan.statements.splice(0..0, statements);
                plan.lost.extend(lost.iter().cloned());
            }
            Some(Inverse::Impossible(reason)) => return Err(refused(whole, reason.clone())),
            // A check, or what the dialect needs around a change.
            None => {}
        }
    }
    Ok(plan)
}

/// Keeps what takes back a backfill from the rows that it did not come to.
fn take_back_a_part(step: &StoredStep, statements: &mut [Statement]) -> Result<(), &'static str> {
    let batches = match statements {
        [] => return Ok(()),
        [Statement { batches: Some(batches), .. }] => batches,
        _ => return Err("its backfill has changed a part of the rows, and its `down` takes back all of them or none"),
    };
    let reached = step.progress.as_deref().and_then(changed_up_to);
    let reached =
        reached.ok_or("its backfill looks a second time for rows, and which ones it has changed is not known")?;
    batches.until = Some(reached);
    Ok(())
}
