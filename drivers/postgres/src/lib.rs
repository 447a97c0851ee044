//! The PostgreSQL driver of Aludel: one dialect, compiled for a version, and connections to servers.

mod check;
pub mod compile;
mod connect;
mod connection;
mod copy;
mod defaults;
mod dialect;
mod error;
mod expression;
mod identifier;
mod introspect;
mod literal;
mod lock;
mod method;
mod normalize;
mod opclass;
mod options;
mod partition;
mod runtime;
mod scratch;
mod serial;
mod settle;
mod target;
mod tls;
mod types;
mod version;

use std::sync::Arc;

use aludel_engine::dialect::{Dialect, Unsupported, Version};
use aludel_engine::driver::{ConnectOptions, Connection, ConnectionUrl, Driver, DriverError, Scope};

pub use dialect::Postgres;

/// The queries by which a version's catalog is read, for measurements.
#[must_use]
pub fn catalog_queries(version: Version) -> Vec<String> {
    introspect::catalog_queries(&Scope::default(), &version::Features::of(version))
}

/// The driver, for a registration list.
pub static DRIVER: PostgresDriver = PostgresDriver;

/// The driver of PostgreSQL.
#[derive(Debug, Clone, Copy)]
pub struct PostgresDriver;

impl Driver for PostgresDriver {
    fn schemes(&self) -> &'static [&'static str] {
        &["postgres", "postgresql"]
    }

    fn dialects(&self) -> &'static [&'static str] {
        &["postgres"]
    }

    fn dialect(&self, _name: &str, version: Option<Version>) -> Result<Arc<dyn Dialect>, Unsupported> {
        Ok(Arc::new(Postgres::new(version.unwrap_or(version::ASSUMED))?))
    }

    fn dialect_of_url(&self, _url: &ConnectionUrl) -> &'static str {
        "postgres"
    }

    fn connect(&self, url: &ConnectionUrl, options: &ConnectOptions) -> Result<Box<dyn Connection>, DriverError> {
        Ok(Box::new(connection::PostgresConnection::open(url, options)?))
    }

    fn create_scratch(&self, url: &ConnectionUrl, name: &str) -> Result<ConnectionUrl, DriverError> {
        scratch::create(url, name)
    }

    fn drop_scratch(&self, url: &ConnectionUrl) -> Result<(), DriverError> {
        scratch::drop(url)
    }

    fn scratches(&self, url: &ConnectionUrl, prefix: &str) -> Result<Vec<(String, ConnectionUrl)>, DriverError> {
        scratch::list(url, prefix)
    }
}
