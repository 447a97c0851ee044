//! The lock that keeps two runs apart.

use std::sync::atomic::Ordering;
use std::time::{Duration, Instant};

use super::runner::Runner;
use super::{DatabaseState, Event, Journal, RunError};
use crate::dialect::RunLock;
use crate::driver::{Connection, DriverError, ErrorKind, LockAttempt};

/// The first and the longest pause between two attempts.
const PAUSES: (Duration, Duration) = (Duration::from_millis(100), Duration::from_secs(1));

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
        if self.locks_session() {
            return work(self);
        }
        self.take_lock()?;
        let done = work(self);
        self.drop_lock();
        done
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
