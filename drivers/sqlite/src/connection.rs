//! Connections to database files.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use aludel_engine::data::RowSource;
use aludel_engine::dialect::Dialect;
use aludel_engine::diff::words::{Answer, Question};
use aludel_engine::driver::{
    ConnectOptions, Connection, ConnectionUrl, DriverError, ErrorKind, Interrupt, LockAttempt, Row, Scope, ServerInfo,
    Unheld, send_batches,
};
use aludel_engine::plan::Data;
use aludel_engine::schema::{ObjectName, Schema};
use rusqlite::fallible_iterator::FallibleIterator;
use rusqlite::types::ValueRef;
use rusqlite::{Batch, InterruptHandle, OpenFlags};

use crate::dialect::Sqlite;
use crate::error::error;
use crate::url::{Mode, Target};
use crate::{identifier, introspect, lock, send, settle};

/// How many virtual machine steps pass between two looks at the clock.
const STEPS_PER_LOOK: i32 = 10_000;

/// A session with a database file.
pub struct SqliteConnection {
    inner: rusqlite::Connection,
    dialect: Arc<Sqlite>,
    server: ServerInfo,
    timeout: Option<Duration>,
    deadline: Arc<Mutex<Option<Instant>>>,
}

impl SqliteConnection {
    /// Opens the database that a URL names.
    ///
    /// # Errors
    /// What was tried, what SQLite said, and what to check.
    pub fn open(url: &ConnectionUrl, options: &ConnectOptions) -> Result<Self, DriverError> {
        let target = Target::parse(url)?;
        let inner = match &target.path {
            None => rusqlite::Connection::open_in_memory().map_err(|e| error(&e))?,
            Some(path) => {
                let mut flags = OpenFlags::SQLITE_OPEN_NO_MUTEX;
                match target.mode {
                    Mode::ReadOnly => flags |= OpenFlags::SQLITE_OPEN_READ_ONLY,
                    Mode::ReadWrite => flags |= OpenFlags::SQLITE_OPEN_READ_WRITE,
                    Mode::Create => flags |= OpenFlags::SQLITE_OPEN_READ_WRITE,
                }
                if target.mode == Mode::Create && options.create {
                    flags |= OpenFlags::SQLITE_OPEN_CREATE;
                }
                check_path(path, flags.contains(OpenFlags::SQLITE_OPEN_CREATE))?;
                rusqlite::Connection::open_with_flags(path, flags).map_err(|e| at_path(error(&e), path))?
            }
        };
        let shown = target.path.as_deref().map_or(":memory:".to_owned(), |path| path.display().to_string());
        let deadline = Arc::new(Mutex::new(None));
        let mut connection = SqliteConnection {
            dialect: Arc::new(
                Sqlite::running().map_err(|refusal| DriverError::new(ErrorKind::Other, refusal.message))?,
            ),
            server: ServerInfo {
                version: format!("SQLite {}", rusqlite::version()),
                database: shown,
                user: String::new(),
                session: std::process::id().to_string(),
            },
            timeout: options.statement_timeout,
            deadline,
            inner,
        };
        connection.set_up(options, target.path.as_deref())?;
        Ok(connection)
    }

    fn set_up(&mut self, options: &ConnectOptions, path: Option<&std::path::Path>) -> Result<(), DriverError> {
        let located = |e: rusqlite::Error| match path {
            Some(path) => at_path(error(&e), path),
            None => error(&e),
        };
        self.inner.busy_timeout(options.connect_timeout).map_err(located)?;
        // The first read: whether the file is a database at all shows here, not when it is opened.
        self.inner.query_row("SELECT count(*) FROM sqlite_schema", [], |_| Ok(())).map_err(located)?;
        for setting in self.dialect.session() {
            self.inner.execute_batch(&setting).map_err(located)?;
        }
        if self.timeout.is_some() {
            let deadline = Arc::clone(&self.deadline);
            let passed =
                move || deadline.lock().unwrap_or_else(PoisonError::into_inner).is_some_and(|at| at <= Instant::now());
            self.inner.progress_handler(STEPS_PER_LOOK, Some(passed)).map_err(located)?;
        }
        Ok(())
    }

    /// Prepares a statement that is run many times.
    pub(crate) fn prepare(&self, sql: &str) -> Result<rusqlite::Statement<'_>, DriverError> {
        self.inner.prepare(sql).map_err(|e| error(&e))
    }

    /// Runs something under the bound on its time.
    pub(crate) fn timed<T>(
        &self,
        run: impl FnOnce(&rusqlite::Connection) -> rusqlite::Result<T>,
    ) -> Result<T, DriverError> {
        let set = |at: Option<Instant>| *self.deadline.lock().unwrap_or_else(PoisonError::into_inner) = at;
        let end = self.timeout.and_then(|timeout| Instant::now().checked_add(timeout));
        set(end);
        let outcome = run(&self.inner);
        set(None);
        outcome.map_err(|e| {
            let mut failure = error(&e);
            if failure.kind == ErrorKind::Interrupted && end.is_some_and(|end| end <= Instant::now()) {
                failure.kind = ErrorKind::StatementTimeout;
                failure.hint = Some("raise `statement_timeout` for this database".to_owned());
            }
            failure
        })
    }
}

impl Connection for SqliteConnection {
    fn dialect(&self) -> Arc<dyn Dialect> {
        Arc::clone(&self.dialect) as Arc<dyn Dialect>
    }

    fn server(&self) -> &ServerInfo {
        &self.server
    }

    fn execute(&mut self, sql: &str) -> Result<u64, DriverError> {
        self.timed(|connection| {
            let mut batch = Batch::new(connection, sql);
            let mut changed = 0;
            while let Some(mut statement) = batch.next()? {
                let counts = statement.column_count() == 0 && !statement.readonly() && is_row_change(sql);
                let mut rows = statement.raw_query();
                while rows.next()?.is_some() {}
                drop(rows);
                if counts {
                    changed += connection.changes();
                }
            }
            Ok(changed)
        })
    }

    fn send(&mut self, _: &str, data: &Data, rows: &mut dyn RowSource) -> Result<u64, DriverError> {
        if data.remove {
            let dialect = Arc::clone(&self.dialect);
            return send_batches(self, &*dialect, data, rows);
        }
        send::insert(self, data, rows)
    }

    fn query(&mut self, sql: &str) -> Result<Vec<Row>, DriverError> {
        self.timed(|connection| {
            let mut statement = connection.prepare(sql)?;
            let columns = statement.column_count();
            let mut rows = statement.raw_query();
            let mut found = Vec::new();
            while let Some(row) = rows.next()? {
                found.push((0..columns).map(|column| row.get_ref(column).map(shown)).collect::<Result<Row, _>>()?);
            }
            Ok(found)
        })
    }

    fn introspect(&mut self, scope: &Scope) -> Result<Schema, DriverError> {
        introspect::introspect(self, scope)
    }

    fn unheld(&mut self, scope: &Scope) -> Result<Vec<Unheld>, DriverError> {
        introspect::unheld(self, scope)
    }

    fn settle(&mut self, question: &Question<'_>) -> Result<Vec<Answer>, DriverError> {
        settle::settle(self, question)
    }

    fn pre_image(&mut self, tables: &[ObjectName]) -> Result<String, DriverError> {
        let names: Vec<String> =
            tables.iter().map(|table| aludel_engine::dialect::string_literal(&table.name.to_lowercase())).collect();
        let rows = self.query(&format!(
            "SELECT type, name, tbl_name, sql FROM sqlite_schema WHERE lower(tbl_name) IN ({}) ORDER BY tbl_name, type, name",
            names.join(", ")
        ))?;
        let mut image = String::new();
        for row in rows {
            let fields: Vec<String> = row.into_iter().map(Option::unwrap_or_default).collect();
            image.push_str(&fields.join("\u{1f}"));
            image.push('\n');
        }
        Ok(image)
    }

    fn try_lock(&mut self, key: &str) -> Result<LockAttempt, DriverError> {
        for sql in lock::KEEP {
            match self.query(sql) {
                Ok(_) => {}
                Err(error) if error.kind == ErrorKind::LockTimeout => {
                    self.unlock(key)?;
                    return Ok(LockAttempt::Held { by: None });
                }
                Err(error) => return Err(error),
            }
        }
        Ok(LockAttempt::Acquired)
    }

    fn holds_lock(&mut self, _key: &str) -> Result<bool, DriverError> {
        Ok(true)
    }

    fn unlock(&mut self, _key: &str) -> Result<(), DriverError> {
        for sql in lock::RELEASE {
            match self.query(sql) {
                // Somebody else has it, which is what is wanted.
                Err(error) if error.kind != ErrorKind::LockTimeout => return Err(error),
                _ => {}
            }
        }
        Ok(())
    }

    fn interrupter(&self) -> Arc<dyn Interrupt> {
        Arc::new(Interrupter(self.inner.get_interrupt_handle()))
    }
}

struct Interrupter(InterruptHandle);

impl Interrupt for Interrupter {
    fn interrupt(&self) {
        self.0.interrupt();
    }
}

/// Whether `sqlite3_changes` speaks of this statement: other statements leave the number of the last one that does.
/// <https://sqlite.org/c3ref/changes.html>
fn is_row_change(sql: &str) -> bool {
    crate::compile::execute::keywords(sql, 1)
        .iter()
        .any(|word| matches!(word.as_str(), "INSERT" | "UPDATE" | "DELETE" | "REPLACE" | "WITH"))
}

/// A value as the text that the engine reads: bytes in hexadecimal, numbers so that they read back the same.
fn shown(value: ValueRef<'_>) -> Option<String> {
    match value {
        ValueRef::Null => None,
        ValueRef::Integer(number) => Some(number.to_string()),
        ValueRef::Real(number) => Some(format!("{number:?}")),
        ValueRef::Text(text) => Some(String::from_utf8_lossy(text).into_owned()),
        ValueRef::Blob(bytes) => Some(bytes.iter().map(|byte| format!("{byte:02x}")).collect()),
    }
}

/// Finds what SQLite would report as nothing but "unable to open database file".
fn check_path(path: &std::path::Path, create: bool) -> Result<(), DriverError> {
    let shown = path.display();
    if path.is_dir() {
        return Err(DriverError::new(
            ErrorKind::MissingDatabase,
            format!("{shown} is a directory, not a database file"),
        )
        .hint("name a file in it: `sqlite:directory/app.db`"));
    }
    if path.exists() {
        return Ok(());
    }
    if !create {
        return Err(DriverError::new(ErrorKind::MissingDatabase, format!("there is no database file {shown}"))
            .hint("check the path; it is relative to the directory the program was started in"));
    }
    match path.parent() {
        Some(parent) if !parent.as_os_str().is_empty() && !parent.is_dir() => Err(DriverError::new(
            ErrorKind::MissingDatabase,
            format!("{shown} cannot be made: there is no directory {}", parent.display()),
        )
        .hint("make the directory, or check the path")),
        _ => Ok(()),
    }
}

fn at_path(mut error: DriverError, path: &std::path::Path) -> DriverError {
    error.message = format!("{}: {}", path.display(), error.message);
    if error.hint.is_none() && error.kind == ErrorKind::MissingDatabase {
        error.hint = Some("check the path and the permissions of the file and its directory".to_owned());
    }
    error
}

impl std::fmt::Debug for SqliteConnection {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "SqliteConnection({})", identifier::quote(&self.server.database))
    }
}
