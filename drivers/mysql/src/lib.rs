//! The MySQL driver of Aludel: the dialects `mysql` and `mariadb`, and connections to both servers.
//!
//! MariaDB is a flavour of the one dialect; what differs is data in [`dialect`], per product and version.

mod collation;
mod compile;
mod connection;
pub mod dialect;
mod error;
mod expression;
mod introspect;
mod keywords;
mod literal;
mod lock;
mod normalize;
mod options;
mod partition;
mod scratch;
mod settle;
mod target;
mod types;
mod worker;

use std::sync::Arc;

use aludel_engine::dialect::{Dialect, Unsupported, Version};
use aludel_engine::driver::{ConnectOptions, Connection, ConnectionUrl, Driver, DriverError, ErrorKind};

pub use connection::Session;
use dialect::{Flavour, MySql};
use target::Target;

/// The driver, for the list of a program that links it.
pub static DRIVER: MySqlDriver = MySqlDriver;

/// The driver of MySQL and MariaDB.
#[derive(Debug, Clone, Copy)]
pub struct MySqlDriver;

impl Driver for MySqlDriver {
    fn schemes(&self) -> &'static [&'static str] {
        &["mysql", "mariadb"]
    }

    fn dialects(&self) -> &'static [&'static str] {
        &["mysql", "mariadb"]
    }

    fn dialect(&self, name: &str, version: Option<Version>) -> Result<Arc<dyn Dialect>, Unsupported> {
        let flavour = match name {
            "mysql" => Flavour::MySql,
            "mariadb" => Flavour::MariaDb,
            _ => {
                return Err(
                    Unsupported::new(format!("`{name}` is not a dialect of this driver")).help("mysql or mariadb")
                );
            }
        };
        let (usual, oldest) = flavour.versions();
        let version = version.unwrap_or(usual);
        if version < oldest {
            return Err(Unsupported::new(format!("{} {version} is older than what is supported", flavour.title()))
                .help(format!("{} {}.{} is the oldest", flavour.title(), oldest.major, oldest.minor)));
        }
        Ok(Arc::new(MySql::new(flavour, version)))
    }

    fn dialect_of_url(&self, url: &ConnectionUrl) -> &'static str {
        if url.scheme() == "mariadb" { "mariadb" } else { "mysql" }
    }

    fn connect(&self, url: &ConnectionUrl, options: &ConnectOptions) -> Result<Box<dyn Connection>, DriverError> {
        if Target::parse(url)?.database.is_none() {
            // The server would let us in, and refuse the first table.
            return Err(DriverError::new(ErrorKind::MissingDatabase, "the URL names no database")
                .hint("write its name behind the host: `mysql://user@host:3306/database`"));
        }
        Ok(Box::new(Session::open(url, options)?))
    }

    fn create_scratch(&self, url: &ConnectionUrl, name: &str) -> Result<ConnectionUrl, DriverError> {
        scratch::create(url, name)
    }

    fn drop_scratch(&self, url: &ConnectionUrl) -> Result<(), DriverError> {
        scratch::remove(url)
    }

    fn scratches(&self, url: &ConnectionUrl, prefix: &str) -> Result<Vec<(String, ConnectionUrl)>, DriverError> {
        scratch::list(url, prefix)
    }
}
