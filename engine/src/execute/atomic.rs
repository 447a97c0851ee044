//! Revisions that commit as a whole, with their rows in the journal.

use std::collections::BTreeSet;
use std::time::Instant;

use super::error::{Fate, StatementFailure};
use super::runner::{Progress, Runner};
use super::{Event, Outcome, RunError};
use crate::change::Assert;
use crate::driver::{BatchError, DriverError, ErrorKind};
use crate::plan::{Direction, Plan, RevisionPlan, Statement, Work};
use crate::revision::RevisionId;
use crate::source::Span;

/// Something to send in a transaction.
enum Item<'s> {
    /// A statement of the plan.
    Planned(&'s Statement),
    /// What the journal needs.
    Bookkeeping(String),
}

impl Item<'_> {
    fn planned(&self) -> Option<&Statement> {
        match self {
            Item::Planned(statement) => Some(statement),
            Item::Bookkeeping(_) => None,
        }
    }

    fn sql(&self) -> &str {
        match self {
            Item::Planned(statement) => &statement.sql,
            Item::Bookkeeping(sql) => sql,
        }
    }

    /// Whether it may take long, so that it is sent and told of by itself.
    fn is_heavy(&self) -> bool {
        matches!(self, Item::Planned(statement) if statement.work != Work::Metadata)
    }
}

/// What failed in a transaction.
struct Failure {
    sql: String,
    span: Option<Span>,
    assertion: Option<Box<Assert>>,
    error: DriverError,
    planned: bool,
    committing: bool,
}

impl Runner<'_> {
    /// Runs a revision as one transaction, and again when a lock was not to be had.
    pub(super) fn run_atomic(
        &mut self,
        revision: &RevisionPlan,
        direction: Direction,
        rows: &BTreeSet<RevisionId>,
        run_start: Option<&str>,
        finishes_run: bool,
    ) -> Result<Progress, RunError> {
        let items = self.items(revision, direction, run_start, finishes_run);
        let settings = revision.session_settings();
        self.attempt(revision, rows, &items, settings).map_err(|failure| self.failed(revision, direction, failure))
    }

    /// Sends a transaction, and again when a lock was not to be had.
    fn attempt(
        &mut self,
        revision: &RevisionPlan,
        rows: &BTreeSet<RevisionId>,
        items: &[Item<'_>],
        (prologue, epilogue): (Vec<&str>, Vec<&str>),
    ) -> Result<Progress, Failure> {
        let mut attempt = 1;
        loop {
            let tried = self.with_settings(&prologue, &epilogue, |runner| runner.transaction(revision, rows, items));
            let Err(failure) = tried else { return tried };
            let Some(pause) = self.retry_pause(&failure.error, attempt) else { return Err(failure) };
            self.pause(&revision.id, attempt, pause, &failure.error);
            if self.check_interruption().is_err() {
                return Err(failure);
            }
            attempt += 1;
        }
    }

    fn failed(&self, revision: &RevisionPlan, direction: Direction, failure: Failure) -> RunError {
        if !failure.planned {
            return RunError::Journal { doing: "recording the revision", error: failure.error };
        }
        let lost = failure.committing && failure.error.kind == ErrorKind::Lost;
        RunError::Statement(Box::new(StatementFailure {
            revision: revision.id.clone(),
            direction,
            undoing: false,
            sql: failure.sql,
            span: failure.span,
            assertion: failure.assertion.map(|assertion| *assertion),
            error: failure.error,
            fate: if lost { Fate::Unknown } else { Fate::RolledBack },
            done: 0,
            total: revision.statements().count(),
            rows: None,
        }))
    }

    /// Everything the transaction sends after it began, in order, without the commit.
    fn items<'s>(
        &self,
        revision: &'s RevisionPlan,
        direction: Direction,
        run_start: Option<&str>,
        finishes_run: bool,
    ) -> Vec<Item<'s>> {
        let mut items = Vec::new();
        let own = |sql: String| Item::Bookkeeping(sql);
        items.extend(run_start.map(|sql| own(sql.to_owned())));
        items.push(own(self.journal.history_start(revision, direction.name(), &self.record(direction, ""))));
        let mut class = None;
        for statement in revision.statements() {
            let bound = self.lock_bound(statement);
            if class != Some(bound) {
                items.extend(self.dialect.lock_timeout(bound).map(own));
                class = Some(bound);
            }
            items.push(Item::Planned(statement));
        }
        items.extend(self.journal.row_changes(&revision.rows).into_iter().map(own));
        items.push(own(self.journal.history_finish(&revision.id, &self.settings.run_id)));
        if finishes_run {
            items.push(own(self.journal.run_finish(&self.settings.run_id, "done")));
        }
        items
    }

    /// Runs something between session settings; those after it are restored in any case.
    fn with_settings<T>(
        &mut self,
        prologue: &[&str],
        epilogue: &[&str],
        run: impl FnOnce(&mut Self) -> Result<T, Failure>,
    ) -> Result<T, Failure> {
        let set = self.connection.execute_all(prologue).map_err(|error| Failure {
            sql: prologue.get(error.index).copied().unwrap_or_default().to_owned(),
            span: None,
            assertion: None,
            error: error.error,
            planned: true,
            committing: false,
        });
        let done = set.and_then(|()| run(self));
        let restored = self.connection.execute_all(epilogue);
        match (done, restored) {
            (Ok(done), Ok(())) => Ok(done),
            // The revision is committed; the session's own setting is the last thing that matters then.
            (Ok(done), Err(_)) => Ok(done),
            (Err(failure), _) => Err(failure),
        }
    }

    fn transaction(
        &mut self,
        revision: &RevisionPlan,
        rows: &BTreeSet<RevisionId>,
        items: &[Item<'_>],
    ) -> Result<Progress, Failure> {
        let bookkeeping = |error: DriverError| Failure {
            sql: String::new(),
            span: None,
            assertion: None,
            error,
            planned: false,
            committing: false,
        };
        self.connection.execute(self.dialect.capabilities().begin).map_err(bookkeeping)?;
        match self.journal.rows(self.connection) {
            Ok(present) if present == *rows => {}
            Ok(_) => {
                self.rollback();
                return Ok(Progress::Stale);
            }
            Err(error) => {
                self.rollback();
                return Err(bookkeeping(error));
            }
        }
        let sent = self.send(&revision.id, items).and_then(|()| {
            self.connection.execute("COMMIT").map(|_| ()).map_err(|error| Failure {
                sql: "COMMIT".to_owned(),
                span: None,
                assertion: None,
                error,
                planned: true,
                committing: true,
            })
        });
        if sent.is_err() {
            self.rollback();
        }
        sent.map(|()| Progress::Done)
    }

    /// Sends items, light ones together and heavy ones by themselves.
    fn send(&mut self, revision: &RevisionId, items: &[Item<'_>]) -> Result<(), Failure> {
        let mut rest = items;
        while let Some(first) = rest.first() {
            let count = if first.is_heavy() { 1 } else { rest.iter().take_while(|item| !item.is_heavy()).count() };
            let (chunk, after) = rest.split_at(count);
            let texts: Vec<&str> = chunk.iter().map(Item::sql).collect();
            let began = Instant::now();
            if first.is_heavy() {
                self.observer.notify(&Event::StatementStarted { revision, sql: first.sql() });
            }
            let sent = match first {
                Item::Planned(statement) if statement.data.is_some() => {
                    self.execute_planned(revision, statement).map_err(|error| BatchError { index: 0, error })
                }
                _ => self.connection.execute_all(&texts),
            };
            sent.map_err(|error| {
                let statement = chunk.get(error.index).and_then(Item::planned);
                Failure {
                    sql: texts.get(error.index).copied().unwrap_or_default().to_owned(),
                    span: statement.and_then(|statement| statement.span),
                    assertion: statement.and_then(|statement| statement.assertion.clone()).map(Box::new),
                    error: error.error,
                    planned: statement.is_some(),
                    committing: false,
                }
            })?;
            if first.is_heavy() {
                self.observer.notify(&Event::StatementFinished { revision, took: began.elapsed() });
            }
            rest = after;
        }
        Ok(())
    }

    /// Runs a whole plan as one transaction.
    pub(super) fn run_in_one_transaction(
        &mut self,
        plan: &Plan,
        rows: BTreeSet<RevisionId>,
        outcome: &mut Outcome,
    ) -> Result<Progress, RunError> {
        if let Some(revision) = plan.revisions.iter().find(|revision| !revision.atomic) {
            return Err(RunError::NoRunTransaction { revision: revision.id.clone() });
        }
        let Some((first, others)) = plan.revisions.split_first() else { return Ok(Progress::Done) };
        // One revision that does what all of them do; the journal still has a row for each.
        let mut prologue = Vec::new();
        let mut epilogue = Vec::new();
        for revision in &plan.revisions {
            let (before, after) = revision.session_settings();
            prologue.extend(before.into_iter().filter(|sql| !prologue.contains(sql)).collect::<Vec<_>>());
            epilogue.extend(after.into_iter().filter(|sql| !epilogue.contains(sql)).collect::<Vec<_>>());
        }
        let hash = plan.hash();
        let start = self.journal.run_start(&self.record(plan.direction, &hash));
        let mut items = self.items(first, plan.direction, Some(&start), others.is_empty());
        for (place, revision) in others.iter().enumerate() {
            items.extend(self.items(revision, plan.direction, None, place + 1 == others.len()));
        }
        let began = Instant::now();
        let total = plan.revisions.len();
        for (place, revision) in plan.revisions.iter().enumerate() {
            self.observer.notify(&Event::RevisionStarted {
                revision: &revision.id,
                message: &revision.message,
                direction: plan.direction,
                number: place + 1,
                total,
            });
        }
        match self.attempt(first, &rows, &items, (prologue, epilogue)) {
            Ok(Progress::Done) => {}
            Ok(Progress::Stale) => return Ok(Progress::Stale),
            Err(failure) => {
                let _ = self.connection.execute(&start);
                self.settle(true, "failed");
                let at = plan.revisions.iter().find(|r| r.statements().any(|s| s.sql == failure.sql)).unwrap_or(first);
                return Err(self.failed(at, plan.direction, failure));
            }
        }
        let mut rows = rows;
        for revision in &plan.revisions {
            for change in &revision.rows {
                change.apply(&mut rows);
            }
            self.observer.notify(&Event::RevisionFinished { revision: &revision.id, took: began.elapsed() });
            outcome.revisions.push((revision.id.clone(), began.elapsed()));
        }
        outcome.rows = rows;
        Ok(Progress::Done)
    }
}
