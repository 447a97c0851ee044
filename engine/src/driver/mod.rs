//! What the engine asks of a driver: a dialect without a server, and connections to servers.
//!
//! Everything here blocks. A driver that is asynchronous inside keeps its runtime to itself.

mod error;
mod scope;
mod url;

pub use error::{BatchError, DriverError, ErrorKind};
pub use scope::{Namespaces, Pattern, Scope, Unheld};
pub use url::{ConnectionUrl, UrlError};

use std::sync::Arc;
use std::time::Duration;

use crate::change::Change;
use crate::data::{Batches, RowSource};
use crate::dialect::{Compile, Dialect, Unsupported, Version};
use crate::diff::words::{Answer, Question};
use crate::plan::Data;
use crate::schema::{ObjectName, Schema};

/// A family of databases that one crate speaks to.
pub trait Driver: Send + Sync {
    /// The schemes of connection URLs: `postgres`, `postgresql`.
    fn schemes(&self) -> &'static [&'static str];

    /// The names of its dialects: `mysql`, `mariadb`.
    fn dialects(&self) -> &'static [&'static str];

    /// A dialect of this driver for a version, or for the one to assume when nobody said.
    ///
    /// # Errors
    /// When the version is older than what is supported.
    fn dialect(&self, name: &str, version: Option<Version>) -> Result<Arc<dyn Dialect>, Unsupported>;

    /// The dialect a URL leads to, so that a plan can be made without connecting.
    fn dialect_of_url(&self, url: &ConnectionUrl) -> &'static str;

    /// For an embedded database whose file is not there yet: the dialect it will have once it is made. So one can look at
    /// it and plan for it without making it.
    fn absent(&self, _url: &ConnectionUrl) -> Option<Arc<dyn Dialect>> {
        None
    }

    /// Opens a connection and sets the session up.
    ///
    /// # Errors
    /// With what was tried and what to check.
    fn connect(&self, url: &ConnectionUrl, options: &ConnectOptions) -> Result<Box<dyn Connection>, DriverError>;

    /// Makes an empty database beside the one of the URL, for tests and proofs, and gives its URL.
    ///
    /// # Errors
    /// When the server refuses.
    fn create_scratch(&self, url: &ConnectionUrl, name: &str) -> Result<ConnectionUrl, DriverError>;

    /// Removes a database that [`Driver::create_scratch`] made.
    ///
    /// # Errors
    /// When the server refuses.
    fn drop_scratch(&self, url: &ConnectionUrl) -> Result<(), DriverError>;

    /// The databases beside the one of the URL whose names begin so, by name, with the URLs that [`Driver::create_scratch`]
    /// gave: so that what a killed process left is found. None where databases are files.
    ///
    /// # Errors
    /// When the server refuses.
    fn scratches(&self, url: &ConnectionUrl, prefix: &str) -> Result<Vec<(String, ConnectionUrl)>, DriverError> {
        let _ = (url, prefix);
        Ok(Vec::new())
    }
}

/// How to connect.
#[derive(Debug, Clone)]
pub struct ConnectOptions {
    /// What the session calls itself on the server.
    pub application_name: String,
    /// How long to try.
    pub connect_timeout: Duration,
    /// How long one statement may run; unbounded when none.
    pub statement_timeout: Option<Duration>,
    /// Whether an embedded database is made when its file is not there.
    pub create: bool,
}

impl Default for ConnectOptions {
    fn default() -> Self {
        ConnectOptions {
            application_name: "aludel".to_owned(),
            connect_timeout: Duration::from_secs(10),
            statement_timeout: None,
            create: true,
        }
    }
}

/// A row in text form: NULL, or the text the server prints. Bytes are lower-case hexadecimal.
pub type Row = Vec<Option<String>>;

/// Who answers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ServerInfo {
    /// Product and version in the server's own words.
    pub version: String,
    /// The database connected to.
    pub database: String,
    /// The user connected as; empty where there is none.
    pub user: String,
    /// The session's number on the server, for finding it in the server's own lists.
    pub session: String,
}

/// A session with a database. Transactions are begun and ended with SQL, by the engine.
pub trait Connection: Send {
    /// The dialect of the product and version found.
    fn dialect(&self) -> Arc<dyn Dialect>;

    /// Who answers.
    fn server(&self) -> &ServerInfo;

    /// Runs a statement and says how many rows it changed.
    ///
    /// # Errors
    /// What the server said.
    fn execute(&mut self, sql: &str) -> Result<u64, DriverError>;

    /// Runs statements in order, in as few round trips as it takes, and stops at the first that fails.
    ///
    /// # Errors
    /// What the server said, and of which statement.
    fn execute_all(&mut self, statements: &[&str]) -> Result<(), BatchError> {
        for (index, sql) in statements.iter().enumerate() {
            self.execute(sql).map_err(|error| BatchError { index, error })?;
        }
        Ok(())
    }

    /// Sends the rows of a data file, inside the transaction that is open, and says how many there were. `sql` is the
    /// text of the statement. Rows come as they are read; when there is no further one because of an error, nothing more
    /// is sent.
    ///
    /// # Errors
    /// What the server said, or what is wrong with a row.
    fn send(&mut self, sql: &str, data: &Data, rows: &mut dyn RowSource) -> Result<u64, DriverError>;

    /// Runs a query.
    ///
    /// # Errors
    /// What the server said.
    fn query(&mut self, sql: &str) -> Result<Vec<Row>, DriverError>;

    /// Reads the schema from the catalog, in a fixed number of queries whatever the number of tables.
    ///
    /// # Errors
    /// What the server said.
    fn introspect(&mut self, scope: &Scope) -> Result<Schema, DriverError>;

    /// What is in the scope and has no place in the model, by name, in one further query: what a copy made from the schema
    /// would lack. Rights and owners are not told.
    ///
    /// # Errors
    /// What the server said.
    fn unheld(&mut self, _scope: &Scope) -> Result<Vec<Unheld>, DriverError> {
        Ok(Vec::new())
    }

    /// Which namespaces there are, in one further query; none where a database has no namespaces.
    ///
    /// # Errors
    /// What the server said.
    fn namespaces(&mut self) -> Result<Option<Namespaces>, DriverError> {
        Ok(None)
    }

    /// Says which texts mean the same, all of them together, and leaves nothing behind. Nothing that is called or read by
    /// others is touched, no row is read or written. A driver that cannot ask says so of each.
    ///
    /// # Errors
    /// When the connection is lost or interrupted. What cannot be asked is an answer.
    fn settle(&mut self, question: &Question<'_>) -> Result<Vec<Answer>, DriverError> {
        let answer = Answer::Undecided("this driver cannot ask its database".to_owned());
        Ok(question.doubts.iter().map(|_| answer.clone()).collect())
    }

    /// What the catalog says of some tables now, as text that is equal as long as their definitions are. It does not
    /// depend on their rows.
    ///
    /// # Errors
    /// What the server said.
    fn pre_image(&mut self, tables: &[ObjectName]) -> Result<String, DriverError>;

    /// Tries to take the lock that keeps other runs away, without waiting in the server. Does nothing where the write
    /// transaction is the lock.
    ///
    /// # Errors
    /// What the server said.
    fn try_lock(&mut self, key: &str) -> Result<LockAttempt, DriverError>;

    /// Whether this very session still holds the lock.
    ///
    /// # Errors
    /// What the server said.
    fn holds_lock(&mut self, key: &str) -> Result<bool, DriverError>;

    /// Gives the lock back.
    ///
    /// # Errors
    /// What the server said.
    fn unlock(&mut self, key: &str) -> Result<(), DriverError>;

    /// A handle that interrupts the running statement from another thread.
    fn interrupter(&self) -> Arc<dyn Interrupt>;
}

/// Sends the rows of a data file as statements, a batch at a time: what [`Connection::send`] does where a driver has no
/// quicker way.
///
/// # Errors
/// What the server said, or what is wrong with a row.
pub fn send_batches(
    connection: &mut dyn Connection,
    dialect: &dyn Dialect,
    data: &Data,
    rows: &mut dyn RowSource,
) -> Result<u64, DriverError> {
    let compile = |context: &Compile<'_>, changes: &[Change]| dialect.compile(context, changes);
    let mut batches = Batches::new(&compile, &data.load, data.remove, rows);
    let mut sent = 0;
    while let Some(batch) = batches.next_batch()? {
        for sql in &batch.statements {
            let changed = connection.execute(sql);
            sent += changed.map_err(|error| error.in_rows(&data.load.file.name, batch.first, batch.last))?;
        }
    }
    Ok(sent)
}

/// The outcome of [`Connection::try_lock`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum LockAttempt {
    /// It is ours.
    Acquired,
    /// Another session has it; who that is, as far as the server says.
    Held {
        /// Session, program, host and since when, for a person.
        by: Option<String>,
    },
}

/// Interrupts a running statement. It must do no harm when nothing runs.
pub trait Interrupt: Send + Sync {
    /// Asks the server to stop what the session runs now.
    fn interrupt(&self);
}
