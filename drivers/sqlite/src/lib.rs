//! The SQLite driver: one dialect, and connections to database files through the SQLite that is compiled in.
//!
//! What SQLite cannot alter is rebuilt; [`compile::rebuild`] says how, and what is kept.

pub mod compile;
mod connection;
mod dialect;
mod error;
mod expression;
mod features;
mod identifier;
mod introspect;
mod lex;
mod literal;
mod lock;
mod normalize;
mod options;
mod parse;
mod scratch;
mod send;
mod settle;
mod types;
mod url;

pub use connection::SqliteConnection;
pub use dialect::Sqlite;
pub use features::{DEFAULT_VERSION, Features, MINIMUM_VERSION};

use std::sync::Arc;

use aludel_engine::dialect::{Dialect, Unsupported, Version};
use aludel_engine::driver::{ConnectOptions, Connection, ConnectionUrl, Driver, DriverError};

/// The query by which the catalog is read, for measurements.
pub const CATALOG_QUERY: &str = introspect::CATALOG;

/// The driver, for the list of drivers of a program.
pub static DRIVER: SqliteDriver = SqliteDriver;

/// The driver of SQLite.
#[derive(Debug, Clone, Copy)]
pub struct SqliteDriver;

impl Driver for SqliteDriver {
    fn schemes(&self) -> &'static [&'static str] {
        &["sqlite"]
    }

    fn dialects(&self) -> &'static [&'static str] {
        &["sqlite"]
    }

    fn dialect(&self, _name: &str, version: Option<Version>) -> Result<Arc<dyn Dialect>, Unsupported> {
        Ok(Arc::new(Sqlite::new(version.unwrap_or(DEFAULT_VERSION))?))
    }

    fn dialect_of_url(&self, _url: &ConnectionUrl) -> &'static str {
        "sqlite"
    }

    fn absent(&self, url: &ConnectionUrl) -> Option<Arc<dyn Dialect>> {
        let path = url::Target::parse(url).ok()?.path?;
        if path.exists() { None } else { Some(Arc::new(Sqlite::running().ok()?)) }
    }

    fn connect(&self, url: &ConnectionUrl, options: &ConnectOptions) -> Result<Box<dyn Connection>, DriverError> {
        Ok(Box::new(SqliteConnection::open(url, options)?))
    }

    fn create_scratch(&self, url: &ConnectionUrl, name: &str) -> Result<ConnectionUrl, DriverError> {
        scratch::create(url, name)
    }

    fn drop_scratch(&self, url: &ConnectionUrl) -> Result<(), DriverError> {
        scratch::remove(url)
    }
}
