//! Databases that a command makes for its own time.
//!
//! Their names say when they were made, and the session that uses one holds a lock in it. What is not locked and not quite
//! new was left by a process that was killed.

use std::time::Duration;

use aludel_engine::driver::{ConnectOptions, Connection, ConnectionUrl, Driver, DriverError, LockAttempt};

use crate::machine;

/// What their names begin with.
const PREFIX: &str = "aludel_verify_";
/// The key of the lock.
const KEY: &str = "verify";
/// How long it may take from making a database to locking it.
const NEW: Duration = Duration::from_secs(120);

/// A scratch database, which goes when this is dropped.
pub(super) struct Scratch {
    driver: &'static dyn Driver,
    pub(super) url: ConnectionUrl,
    is_file: bool,
}

impl Scratch {
    /// Makes one beside the database of a URL.
    pub(super) fn create(driver: &'static dyn Driver, beside: &ConnectionUrl) -> Result<Self, DriverError> {
        let chance: String = machine::random_bytes().iter().map(|byte| format!("{byte:02x}")).collect();
        let url = driver.create_scratch(beside, &format!("{PREFIX}{:x}_{chance}", now()))?;
        let is_file = driver.absent(&url).is_some();
        Ok(Scratch { driver, url, is_file })
    }

    /// Says that it is used as long as this session lives. A database that is a file has nobody to say it to.
    pub(super) fn hold(&self, connection: &mut dyn Connection) -> Result<(), DriverError> {
        match self.is_file {
            true => Ok(()),
            false => connection.try_lock(KEY).map(drop),
        }
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        // Whoever stays connected, or a right that is missing, leaves it behind; the next one that comes by tries again.
        let _ = self.driver.drop_scratch(&self.url);
    }
}

/// Drops what killed processes left beside the database of a URL, and gives the names, each with whether it is gone.
pub(super) fn sweep(driver: &'static dyn Driver, beside: &ConnectionUrl) -> Vec<(String, bool)> {
    // It is no part of what was asked: where it cannot be done, what comes next says why.
    let found = driver.scratches(beside, PREFIX).unwrap_or_default();
    let old = |name: &str| made(name).is_some_and(|made| now().saturating_sub(made) > NEW.as_secs());
    let mut swept = Vec::new();
    for (name, url) in found.into_iter().filter(|(name, _)| old(name)) {
        if is_abandoned(driver, &url) {
            let gone = driver.drop_scratch(&url).is_ok();
            swept.push((name, gone));
        }
    }
    swept
}

fn is_abandoned(driver: &'static dyn Driver, url: &ConnectionUrl) -> bool {
    let connected = driver.connect(url, &ConnectOptions::default());
    let locked = connected.and_then(|mut connection| connection.try_lock(KEY));
    matches!(locked, Ok(LockAttempt::Acquired))
}

fn now() -> u64 {
    machine::since_1970().as_secs()
}

/// When a database was made, by its name.
fn made(name: &str) -> Option<u64> {
    let (time, chance) = name.strip_prefix(PREFIX)?.split_once('_')?;
    let is_ours = chance.len() == 12 && chance.bytes().all(|byte| byte.is_ascii_hexdigit());
    u64::from_str_radix(time, 16).ok().filter(|_| is_ours)
}

#[cfg(test)]
mod tests {
    use super::made;

    #[test]
    fn a_name_says_when_it_was_made() {
        for (name, expected) in [
            ("aludel_verify_691fd5c0_0123456789ab", Some(0x691f_d5c0)),
            ("aludel_verify_0123456789ab", None),
            ("aludel_verify_691fd5c0_mine", None),
            ("app", None),
        ] {
            assert_eq!(made(name), expected, "{name}");
        }
    }
}
