//! The lock that keeps two runs apart.

use std::sync::atomic::Ordering;
use std::time::{Duration, Instant};

use super::runner::Runner;
use super::{Event, RunError};
use crate::dialect::RunLock;
use crate::driver::LockAttempt;

/// The first and the longest pause between two attempts.
const PAUSES: (Duration, Duration) = (Duration::from_millis(100), Duration::from_secs(1));

impl Runner<'_> {
    /// Takes the lock on the session that will run everything. It is polled: a session that waits inside the server
    /// would hold a snapshot, and a `CREATE INDEX CONCURRENTLY` of the run that has the lock would wait for it for ever.
    pub(super) fn acquire(&mut self) -> Result<(), RunError> {
        if !self.locks_session() {
            return Ok(());
        }
        let key = self.journal.lock_key();
        let began = Instant::now();
        let mut pause = PAUSES.0;
        loop {
            let attempt = self.connection.try_lock(&key).map_err(RunError::journal("taking the run lock"))?;
            let LockAttempt::Held { by } = attempt else { return Ok(()) };
            let waited = began.elapsed();
            if waited >= self.settings.run_lock_timeout {
                return Err(RunError::Locked { holder: by, waited });
            }
            self.check_interruption()?;
            self.observer.notify(&Event::WaitingForLock { holder: by.as_deref(), waited });
            std::thread::sleep(pause.min(self.settings.run_lock_timeout - waited));
            pause = (pause * 2).min(PAUSES.1);
        }
    }

    /// Gives the lock back. A failure does no harm, since the lock goes with the session.
    pub(super) fn release(&mut self) {
        if self.locks_session() {
            let key = self.journal.lock_key();
            let _ = self.connection.unlock(&key);
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

    fn locks_session(&self) -> bool {
        self.dialect.capabilities().run_lock == RunLock::Session
    }

    /// Stops when somebody asked for it.
    pub(super) fn check_interruption(&self) -> Result<(), RunError> {
        if self.interrupted.load(Ordering::SeqCst) { Err(RunError::Interrupted) } else { Ok(()) }
    }
}
