//! Changes of rows in batches, each of which commits with its position.
//!
//! The position moves only from where this run left it (compare and set), in the transaction of the rows it is about. So
//! whatever is killed, lost or run twice, no row is changed twice and none is left out.

use std::time::{Duration, Instant};

use serde::{Deserialize, Serialize};

use super::journalled::Course;
use super::runner::Runner;
use super::{Event, RunError};
use crate::driver::{DriverError, Row};
use crate::plan::{Batches, From, Key, Recheck};

/// How far the batches are: a row of the journal.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Position {
    /// How many rows are changed.
    pub rows: u64,
    /// How many there were to change when it began, about.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub total: Option<u64>,
    /// The key up to which everything is done on this walk.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    after: Option<Key>,
    /// The key up to which this walk goes; none where the table was empty.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    until: Option<Key>,
    /// Whether this is the second walk, through what came meanwhile.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    again: bool,
    /// Whether a changed row was seen to meet the condition still, so that the condition does not say what is done.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    unsettled: bool,
}

impl Position {
    /// Reads what the journal has.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        serde_json::from_str(text).ok()
    }
}

/// Whether what the journal has says that rows were changed.
pub(super) fn has_position(text: &str) -> bool {
    Position::parse(text).is_none_or(|position| position.after.is_some() || position.again)
}

/// The key up to which everything is changed and behind which nothing is; none where that cannot be told, on the second
/// walk.
pub(super) fn changed_up_to(text: &str) -> Option<Key> {
    Position::parse(text).filter(|position| !position.again)?.after
}

/// A backfill on its way.
struct Walk<'w> {
    batches: &'w Batches,
    seq: u64,
    /// The position, as the journal has it.
    stored: Option<String>,
    position: Position,
}

/// Why something on the way did not work.
enum Failure {
    /// The database refused a statement.
    Refused { sql: String, error: DriverError },
    /// It makes no sense to try it again.
    Final(RunError),
}

impl Runner<'_> {
    /// Runs what is left of a change in batches, and records that it is done.
    pub(super) fn run_batches(
        &mut self,
        course: &mut Course<'_>,
        place: usize,
        batches: &Batches,
    ) -> Result<(), RunError> {
        let step = &course.steps[place];
        let stored = step.progress.clone();
        let position = match &stored {
            None => None,
            Some(text) => Some(Position::parse(text).ok_or_else(|| RunError::Position {
                revision: course.revision.clone(),
                reason: "its position in the journal cannot be read".to_owned(),
            })?),
        };
        let mut walk = Walk { batches, seq: step.seq, stored, position: position.unwrap_or_default() };
        self.observer.notify(&Event::StatementStarted { revision: course.revision, sql: &step.statement.sql });
        let began = Instant::now();
        let walked = self.walk(course, &mut walk, began);
        course.steps[place].progress.clone_from(&walk.stored);
        match walked {
            Ok(()) => {}
            Err(Failure::Final(error)) => return Err(error),
            Err(Failure::Refused { sql, error }) => {
                // A session that is gone cannot write it, which does not matter: the position is there.
                let sql_stopped = match walk.stored.as_deref().is_some_and(has_position) {
                    true => self.journal.step_stopped(&course.run_id, course.fence, walk.seq, &error.message),
                    false => self.journal.step_failed(&course.run_id, course.fence, walk.seq, &error.message),
                };
                let _ = self.connection.execute(&sql_stopped);
                let mut statement = course.steps[place].statement.clone();
                statement.sql = sql;
                return Err(self.failure(course, &statement, error));
            }
        }
        self.fenced(&self.journal.steps_done(&course.run_id, course.fence, walk.seq, walk.seq))?;
        "done".clone_into(&mut course.steps[place].state);
        self.observer.notify(&Event::StatementFinished { revision: course.revision, took: began.elapsed() });
        Ok(())
    }

    fn walk(&mut self, course: &Course<'_>, walk: &mut Walk<'_>, began: Instant) -> Result<(), Failure> {
        if walk.stored.is_none() {
            self.patient_step(course, |runner| runner.begin_walk(course, walk))?;
        }
        let before = walk.position.rows;
        loop {
            self.check_interruption().map_err(Failure::Final)?;
            let changed = self.patient_step(course, |runner| runner.batch(course, walk))?;
            let Some(changed) = changed else {
                if walk.position.again || !self.patient_step(course, |runner| runner.begin_again(course, walk))? {
                    return Ok(());
                }
                continue;
            };
            self.observer.notify(&Event::Batch {
                revision: course.revision,
                table: &walk.batches.table,
                rows: walk.position.rows,
                total: walk.position.total,
                own: walk.position.rows - before,
                took: began.elapsed(),
            });
            if changed > 0 {
                self.rest(Duration::from_millis(walk.batches.pause))?;
            }
        }
    }

    /// Tries a step of the way again while somebody else is in its way, as often as a statement.
    fn patient_step<T>(
        &mut self,
        course: &Course<'_>,
        mut step: impl FnMut(&mut Self) -> Result<T, Failure>,
    ) -> Result<T, Failure> {
        let mut attempt = 1;
        loop {
            let (sql, error) = match step(self) {
                Err(Failure::Refused { sql, error }) => (sql, error),
                other => return other,
            };
            let Some(pause) = self.retry_pause(&error, attempt) else { return Err(Failure::Refused { sql, error }) };
            self.pause(course.revision, attempt, pause, &error);
            self.check_interruption().map_err(Failure::Final)?;
            attempt += 1;
        }
    }

    /// Writes down where the first walk ends and about how many rows there are, before anything is changed.
    fn begin_walk(&mut self, course: &Course<'_>, walk: &mut Walk<'_>) -> Result<(), Failure> {
        let estimate = self.ask(&walk.batches.estimate)?;
        let total = estimate.into_iter().next().and_then(|row| row.into_iter().next().flatten());
        let position = Position {
            total: total.and_then(|text| text.parse().ok()),
            until: match &walk.batches.until {
                Some(key) => Some(key.clone()),
                None => self.key(course, walk.batches, &walk.batches.last())?,
            },
            // What came behind a given end is not to be touched.
            again: walk.batches.until.is_some(),
            ..Position::default()
        };
        self.move_on(course, walk, |_| Ok(position))
    }

    /// Begins the second walk: through everything where the condition says what is done, otherwise through what came
    /// behind the end of the first. Says whether there is one.
    fn begin_again(&mut self, course: &Course<'_>, walk: &mut Walk<'_>) -> Result<bool, Failure> {
        let tells = walk.batches.recheck != Recheck::None && !walk.position.unsettled;
        let after = if tells { None } else { walk.position.until.clone() };
        let until = self.key(course, walk.batches, &walk.batches.last())?;
        if until.is_none() || until == after {
            return Ok(false);
        }
        let position = Position { after, until, again: true, ..walk.position.clone() };
        self.move_on(course, walk, |_| Ok(position))?;
        Ok(true)
    }

    /// Runs the next batch and says how many rows it changed; none where the walk has come to its end.
    fn batch(&mut self, course: &Course<'_>, walk: &mut Walk<'_>) -> Result<Option<u64>, Failure> {
        let Some((from, to)) = self.next_stretch(course, walk)? else { return Ok(None) };
        let batches = walk.batches;
        let mut position = Position { after: Some(to.clone()), ..walk.position.clone() };
        let before = position.rows;
        self.move_on(course, walk, |runner| {
            if let Some(bound) = runner.dialect.lock_timeout(runner.settings.lock_timeout) {
                runner.tell(&bound)?;
            }
            let change = batches.change(&from, &to);
            if batches.recheck == Recheck::Returning {
                let rows = runner.ask(&change)?;
                let count = |place: usize| {
                    let cell = rows.first().and_then(|row| row.get(place)).cloned().flatten();
                    cell.and_then(|text| text.parse::<u64>().ok()).unwrap_or_default()
                };
                position.rows += count(0);
                position.unsettled |= count(1) > 0;
            } else {
                position.rows += runner.tell(&change)?;
                if batches.recheck == Recheck::Query && !position.unsettled {
                    position.unsettled = !runner.ask(&batches.left(&from, &to))?.is_empty();
                }
            }
            Ok(position)
        })?;
        Ok(Some(walk.position.rows - before))
    }

    /// The keys that the next batch covers.
    fn next_stretch(&mut self, course: &Course<'_>, walk: &Walk<'_>) -> Result<Option<(From, Key)>, Failure> {
        let batches = walk.batches;
        let Position { after, until: Some(until), .. } = &walk.position else { return Ok(None) };
        if after.as_ref() == Some(until) {
            return Ok(None);
        }
        let mut from = after.clone().map_or(From::Start, From::After);
        if batches.condition.is_some() {
            // Rows that need nothing are passed over without a transaction.
            match self.key(course, batches, &batches.first(&from, until))? {
                None => return Ok(None),
                Some(key) => from = From::At(key),
            }
        }
        let to = self.key(course, batches, &batches.end(&from, until))?.unwrap_or_else(|| until.clone());
        if after.as_ref() == Some(&to) {
            let reason = format!("the key ({}) of `{}` compares as greater than itself", to.join(", "), batches.table);
            return Err(Failure::Final(RunError::Position { revision: course.revision.clone(), reason }));
        }
        Ok(Some((from, to)))
    }

    /// Changes rows and moves the position, in one transaction.
    fn move_on(
        &mut self,
        course: &Course<'_>,
        walk: &mut Walk<'_>,
        change: impl FnOnce(&mut Self) -> Result<Position, Failure>,
    ) -> Result<(), Failure> {
        self.tell(self.dialect.capabilities().begin)?;
        let moved = change(self).and_then(|position| {
            let text = serde_json::to_string(&position).unwrap_or_default();
            let sql = self.journal.step_progress(&course.run_id, course.fence, walk.seq, walk.stored.as_deref(), &text);
            if self.tell(&sql)? == 0 {
                return Err(Failure::Final(RunError::Fenced));
            }
            self.tell("COMMIT")?;
            Ok((position, text))
        });
        if moved.is_err() {
            self.rollback();
        }
        let (position, text) = moved?;
        walk.position = position;
        walk.stored = Some(text);
        Ok(())
    }

    /// The key that a query gives, if it gives a row.
    fn key(&mut self, course: &Course<'_>, batches: &Batches, sql: &str) -> Result<Option<Key>, Failure> {
        let Some(row) = self.ask(sql)?.into_iter().next() else { return Ok(None) };
        match row.into_iter().collect::<Option<Key>>() {
            Some(key) => Ok(Some(key)),
            None => Err(Failure::Final(RunError::Position {
                revision: course.revision.clone(),
                reason: format!("a row of `{}` has NULL in its key ({})", batches.table, batches.key_names()),
            })),
        }
    }

    fn tell(&mut self, sql: &str) -> Result<u64, Failure> {
        self.connection.execute(sql).map_err(|error| Failure::Refused { sql: sql.to_owned(), error })
    }

    fn ask(&mut self, sql: &str) -> Result<Vec<Row>, Failure> {
        self.connection.query(sql).map_err(|error| Failure::Refused { sql: sql.to_owned(), error })
    }

    /// Leaves the table alone for a while. Where the run lock keeps everybody out of the database, others get in.
    fn rest(&mut self, pause: Duration) -> Result<(), Failure> {
        if pause.is_zero() {
            return Ok(());
        }
        self.release_beyond_transactions();
        self.sleep(pause);
        self.acquire_beyond_transactions().map_err(Failure::Final)
    }
}
