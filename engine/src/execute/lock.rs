//! The lock that keeps two runs apart.

use std::sync::atomic::Ordering;
use std::time::{Duration, Instant};

use super::runner::Runner;
use super::{DatabaseState, Event, Journal, RunError, UnfinishedRevision};
use crate::dialect::RunLock;
use crate::driver::{Connection, DriverError, ErrorKind, LockAttempt};

/// The first and the longest pause between two attempts.
const PAUSES: (Duration, Duration) = (Duration::from_millis(100), Duration::from_secs(1));

/// How long a backfill of another run may stand still, its pauses aside, before it counts as dead.
const STILL: Duration = Duration::from_secs(2);

/// The outcome of one attempt at something that another run may stand in the way of.
enum Attempt<T> {
    Done(T),
    Blocked(Option<String>),
}

impl Runner<'_> {
    /// Takes the lock for the run, on the session that will run everything.
    pub(super) fn acquire(&mut self) -> Result<(), RunError> {
        if self.locks_session() { self.take_lock() } else { Ok(()) }
    }

    /// Gives the lock of the run back.
    pub(super) fn release(&mut self) {
        if self.locks_session() {
            self.drop_lock();
        }
    }

    /// Does something that is more than one transaction, under a lock of its own where otherwise the write transaction is
    /// the lock.
    pub(super) fn beyond_transactions<T>(
        &mut self,
        work: impl FnOnce(&mut Self) -> Result<T, RunError>,
    ) -> Result<T, RunError> {
        self.acquire_beyond_transactions()?;
        let done = work(self);
        self.release_beyond_transactions();
        done
    }

    /// Takes that lock.
    pub(super) fn acquire_beyond_transactions(&mut self) -> Result<(), RunError> {
        if self.locks_session() { Ok(()) } else { self.take_lock() }
    }

    /// Gives that lock back.
    pub(super) fn release_beyond_transactions(&mut self) {
        if !self.locks_session() {
            self.drop_lock();
        }
    }

    /// Polls for the lock. A session that waits inside the server would hold a snapshot, and a
    /// `CREATE INDEX CONCURRENTLY` of the run that has the lock would wait for it for ever.
    fn take_lock(&mut self) -> Result<(), RunError> {
        let key = self.journal.lock_key();
        self.patiently("taking the run lock", |runner| {
            Ok(match runner.connection.try_lock(&key)? {
                LockAttempt::Acquired => Attempt::Done(()),
                LockAttempt::Held { by } => Attempt::Blocked(by),
            })
        })
    }

    /// Where the write transaction is the run lock, a backfill lets others in between two batches, and that is not the
    /// time to go on with it in its place. Waits as long as it moves, and says whether it came to an end by itself; what
    /// stands still has lost its process. Should that be wrong, the fence keeps the two apart.
    pub(super) fn wait_for_batches(&mut self, unfinished: &[UnfinishedRevision]) -> Result<bool, RunError> {
        let Some(first) = unfinished.first().filter(|_| !self.locks_session()) else { return Ok(false) };
        let mut seen: Option<(String, Instant)> = None;
        let mut ended = false;
        self.patiently("looking at a backfill of another run", |runner| {
            let found = runner
                .journal
                .run(runner.connection, first.latest_run())
                .and_then(|run| Ok((run, runner.journal.running_batches(runner.connection, first)?)));
            let (progress, pause) = match found {
                Ok((Some(run), Some(batches))) if run.state == "active" => batches,
                Ok(_) => {
                    ended = seen.is_some();
                    return Ok(Attempt::Done(()));
                }
                // It is in the middle of a batch.
                Err(error) if error.kind == ErrorKind::LockTimeout => {
                    seen = Some((String::new(), Instant::now()));
                    return Ok(Attempt::Blocked(None));
                }
                Err(error) => return Err(error),
            };
            match &seen {
                Some((last, since)) if *last == progress => {
                    if since.elapsed() >= STILL + 2 * pause {
                        return Ok(Attempt::Done(()));
                    }
                }
                _ => seen = Some((progress, Instant::now())),
            }
            Ok(Attempt::Blocked(None))
        })?;
        Ok(ended)
    }

    /// A failure does no harm, since the lock goes with the session.
    fn drop_lock(&mut self) {
        let key = self.journal.lock_key();
        let _ = self.connection.unlock(&key);
    }

    /// Reads what the database says of itself, also while another run keeps everybody out for a moment.
    pub(super) fn state(&mut self) -> Result<DatabaseState, RunError> {
        self.read_state(Journal::state)
    }

    /// Reads the same with the history of what is applied.
    pub(super) fn full_state(&mut self) -> Result<DatabaseState, RunError> {
        self.read_state(Journal::full_state)
    }

    fn read_state(
        &mut self,
        read: fn(&Journal, &mut dyn Connection) -> Result<DatabaseState, DriverError>,
    ) -> Result<DatabaseState, RunError> {
        self.patiently("reading the journal", |runner| match read(&runner.journal, runner.connection) {
            Err(error) if error.kind == ErrorKind::LockTimeout => Ok(Attempt::Blocked(None)),
            other => other.map(Attempt::Done),
        })
    }

    /// Tries something until it is done or the time for waiting is over.
    fn patiently<T>(
        &mut self,
        doing: &'static str,
        mut attempt: impl FnMut(&mut Self) -> Result<Attempt<T>, DriverError>,
    ) -> Result<T, RunError> {
        let began = Instant::now();
        let mut pause = PAUSES.0;
        loop {
            let holder = match attempt(self).map_err(RunError::journal(doing))? {
                Attempt::Done(done) => return Ok(done),
                Attempt::Blocked(holder) => holder,
            };
            let waited = began.elapsed();
            if waited >= self.settings.run_lock_timeout {
                return Err(RunError::Locked { holder, waited });
            }
            self.check_interruption()?;
            self.observer.notify(&Event::WaitingForLock { holder: holder.as_deref(), waited });
            std::thread::sleep(pause.min(self.settings.run_lock_timeout - waited));
            pause = (pause * 2).min(PAUSES.1);
        }
    }

    /// Stops when this very session does not have the lock any more.
    pub(super) fn verify_lock(&mut self) -> Result<(), RunError> {
        if !self.locks_session() {
            return Ok(());
        }
        let key = self.journal.lock_key();
        let held = self.connection.holds_lock(&key).map_err(RunError::journal("looking at the run lock"))?;
        if held { Ok(()) } else { Err(RunError::LockLost) }
    }

    pub(super) fn locks_session(&self) -> bool {
        self.dialect.capabilities().run_lock == RunLock::Session
    }

    /// Stops when somebody asked for it.
    pub(super) fn check_interruption(&self) -> Result<(), RunError> {
        if self.interrupted.load(Ordering::SeqCst) { Err(RunError::Interrupted) } else { Ok(()) }
    }
}
