//! Databases of a test: made for it, and gone after it.

use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use super::Suite;
use crate::driver::{ConnectOptions, Connection, ConnectionUrl, Driver};

/// How long one statement of a case may take. What takes longer waits for something that does not come.
const STATEMENT_TIMEOUT: Duration = Duration::from_secs(60);

static NUMBER: AtomicU32 = AtomicU32::new(0);

/// A database that is removed when the test is over, however it ends.
pub(super) struct Scratch {
    driver: &'static dyn Driver,
    url: ConnectionUrl,
}

impl Scratch {
    /// An empty database on the server of a dialect.
    pub(super) fn create(suite: &Suite, dialect: &str) -> Result<Scratch, String> {
        let variable = format!("ALUDEL_TEST_{}_URL", dialect.to_ascii_uppercase());
        let text = std::env::var(&variable).ok().or_else(|| suite.options.default_url.map(str::to_owned));
        let text = text.ok_or_else(|| {
            format!("{variable} is not set: live tests need a server, which `tests/run` starts; nothing is skipped")
        })?;
        let url: ConnectionUrl = text.parse().map_err(|why| format!("{variable}: {why}"))?;
        let name = format!("aludel_spec_{}_{}", std::process::id(), NUMBER.fetch_add(1, Ordering::Relaxed));
        let url = suite
            .driver
            .create_scratch(&url, &name)
            .map_err(|error| format!("no database could be made on the server of {variable}: {error}"))?;
        Ok(Scratch { driver: suite.driver, url })
    }

    /// A new session with it.
    pub(super) fn connect(&self) -> Result<Box<dyn Connection>, String> {
        let options = ConnectOptions { statement_timeout: Some(STATEMENT_TIMEOUT), ..ConnectOptions::default() };
        self.driver.connect(&self.url, &options).map_err(|error| format!("no connection to the database: {error}"))
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        // A database that stays behind is a nuisance on a test server, and no reason to fail.
        let _ = self.driver.drop_scratch(&self.url);
    }
}
