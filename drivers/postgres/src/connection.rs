//! A session, as the engine sees it.

use std::sync::Arc;

use aludel_engine::data::RowSource;
use aludel_engine::dialect::Dialect;
use aludel_engine::diff::words::{Answer, Question};
use aludel_engine::driver::{
    BatchError, ConnectOptions, Connection, ConnectionUrl, DriverError, ErrorKind, Interrupt, LockAttempt, Namespaces,
    Row, Scope, ServerInfo, Unheld, send_batches,
};
use aludel_engine::plan::Data;
use aludel_engine::schema::{ObjectName, Schema};

use crate::compile::leading_words;
use crate::connect::{self, Plan};
use crate::dialect::Postgres;
use crate::runtime::{Outcome, Worker};
use crate::target::Target;
use crate::{copy, introspect, lock, settle};

/// A session with a server.
#[derive(Debug)]
pub struct PostgresConnection {
    worker: Worker,
    dialect: Postgres,
    server: ServerInfo,
    in_transaction: bool,
    has_statement_timeout: bool,
}

impl PostgresConnection {
    /// Connects and sets the session up.
    ///
    /// # Errors
    /// With what was tried and what to check.
    pub fn open(url: &ConnectionUrl, options: &ConnectOptions) -> Result<Self, DriverError> {
        let target = Target::parse(url, &connect::environment)?;
        Self::open_target(target, options)
    }

    /// The same for a URL that was read already.
    ///
    /// # Errors
    /// With what was tried and what to check.
    pub fn open_target(target: Target, options: &ConnectOptions) -> Result<Self, DriverError> {
        let timeout = target.connect_timeout.unwrap_or(options.connect_timeout);
        let plan = Plan { target, application_name: options.application_name.clone(), timeout };
        let (worker, version) = Worker::start(plan)?;
        let parsed = version
            .parse()
            .map_err(|_| DriverError::new(ErrorKind::Other, format!("the server calls its version `{version}`")))?;
        let dialect = Postgres::new(parsed).map_err(|refusal| {
            let error = DriverError::new(ErrorKind::Other, refusal.message);
            match refusal.help {
                Some(help) => error.hint(help),
                None => error,
            }
        })?;
        let mut connection = PostgresConnection {
            worker,
            dialect,
            server: ServerInfo {
                version: format!("PostgreSQL {version}"),
                database: String::new(),
                user: String::new(),
                session: String::new(),
            },
            in_transaction: false,
            has_statement_timeout: options.statement_timeout.is_some(),
        };
        connection.set_up(options)?;
        Ok(connection)
    }

    fn set_up(&mut self, options: &ConnectOptions) -> Result<(), DriverError> {
        let timeout = options.statement_timeout.map_or(0, |timeout| timeout.as_millis().max(1));
        let mut settings = self.dialect.session();
        settings.extend([
            format!("SET statement_timeout = {timeout}"),
            // A session that waits for its turn, or for a person, is not idle by mistake.
            "SET idle_in_transaction_session_timeout = 0".to_owned(),
            // For reading: values come as text.
            "SET bytea_output = 'hex'".to_owned(),
            "SET intervalstyle = 'postgres'".to_owned(),
            "SET extra_float_digits = 1".to_owned(),
        ]);
        if self.dialect.features().session_timeouts {
            settings.push("SET idle_session_timeout = 0".to_owned());
        }
        settings.push("SELECT current_database(), session_user, pg_backend_pid()".to_owned());
        let mut outcomes = self.worker.run(settings).map_err(|failure| failure.error)?;
        let row = outcomes.pop().and_then(|outcome| outcome.rows.into_iter().next()).unwrap_or_default();
        let mut cells = row.into_iter();
        let mut next = || cells.next().flatten();
        self.server.database = next().unwrap_or_default();
        self.server.user = next().unwrap_or_default();
        self.server.session = next().unwrap_or_default();
        if self.dialect.features().session_timeouts {
            // The server notices sooner that its client is gone and stops what it runs. Some platforms refuse it.
            let _ = self.worker.run(vec!["SET client_connection_check_interval = '1s'".to_owned()]);
        }
        Ok(())
    }

    /// What the version has.
    pub(crate) fn features(&self) -> &crate::version::Features {
        self.dialect.features()
    }

    /// Whether a transaction is open.
    pub(crate) fn in_transaction(&self) -> bool {
        self.in_transaction
    }

    fn run_one(&mut self, sql: &str) -> Result<Outcome, DriverError> {
        let effect = Effect::of(sql)?;
        let outcome = self.worker.run(vec![sql.to_owned()]);
        self.in_transaction = effect.then(self.in_transaction);
        let mut outcomes = outcome.map_err(|failure| self.blame(failure.error))?;
        Ok(outcomes.pop().unwrap_or_default())
    }

    /// Runs queries in one round trip.
    pub(crate) fn query_all(&mut self, queries: Vec<String>) -> Result<Vec<Vec<Row>>, DriverError> {
        let outcomes = self.worker.run(queries).map_err(|failure| self.blame(failure.error))?;
        Ok(outcomes.into_iter().map(|outcome| outcome.rows).collect())
    }

    /// Decides who cancelled a statement: somebody here, or the clock. The server's words depend on its language.
    fn blame(&self, mut error: DriverError) -> DriverError {
        if error.code.as_deref() == Some("57014") {
            let asked = self.worker.interrupter().take_asked();
            if !asked && self.has_statement_timeout {
                error.kind = ErrorKind::StatementTimeout;
                error.hint = Some("raise `statement_timeout`, or make the statement smaller".to_owned());
            }
        }
        error
    }
}

/// What a statement does to the transaction.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Effect {
    Begins,
    Ends,
    /// Goes back to a savepoint, so that what failed before it counts no more.
    Returns,
    Nothing,
}

impl Effect {
    fn of(sql: &str) -> Result<Self, DriverError> {
        let words = leading_words(sql);
        let words: Vec<&str> = words.iter().map(String::as_str).collect();
        Ok(match words.as_slice() {
            ["copy", rest @ ..] if rest.windows(2).any(|pair| matches!(pair, ["from", "stdin"] | ["to", "stdout"])) => {
                return Err(DriverError::new(
                    ErrorKind::Other,
                    "COPY with STDIN or STDOUT needs an interactive client",
                )
                .hint("use COPY with a file on the server, or INSERT"));
            }
            ["begin", ..] | ["start", "transaction", ..] => Effect::Begins,
            ["rollback", "to", ..] | ["rollback", "work" | "transaction", "to", ..] => Effect::Returns,
            ["commit" | "rollback" | "end" | "abort", ..] | ["prepare", "transaction", ..] => Effect::Ends,
            _ => Effect::Nothing,
        })
    }

    fn then(self, in_transaction: bool) -> bool {
        match self {
            Effect::Begins => true,
            Effect::Ends => false,
            Effect::Returns | Effect::Nothing => in_transaction,
        }
    }
}

impl Connection for PostgresConnection {
    fn dialect(&self) -> Arc<dyn Dialect> {
        Arc::new(self.dialect)
    }

    fn server(&self) -> &ServerInfo {
        &self.server
    }

    fn execute(&mut self, sql: &str) -> Result<u64, DriverError> {
        self.run_one(sql).map(|outcome| outcome.affected)
    }

    /// Statements of a transaction go out together: after a failure the server refuses the rest of them by itself.
    /// Outside a transaction each one waits for the one before.
    fn execute_all(&mut self, statements: &[&str]) -> Result<(), BatchError> {
        let mut group: Vec<String> = Vec::new();
        let mut first = 0;
        for (index, sql) in statements.iter().enumerate() {
            let effect = Effect::of(sql).map_err(|error| BatchError { index, error })?;
            if group.is_empty() {
                first = index;
            }
            group.push((*sql).to_owned());
            self.in_transaction = effect.then(self.in_transaction);
            let goes_on = self.in_transaction && effect != Effect::Returns;
            if !goes_on || index + 1 == statements.len() {
                self.worker
                    .run(std::mem::take(&mut group))
                    .map_err(|failure| BatchError { index: first + failure.index, error: self.blame(failure.error) })?;
            }
        }
        Ok(())
    }

    /// COPY, the rows in its text format.
    fn send(&mut self, sql: &str, data: &Data, rows: &mut dyn RowSource) -> Result<u64, DriverError> {
        if data.remove {
            let dialect = self.dialect;
            return send_batches(self, &dialect, data, rows);
        }
        match copy::send(&self.worker, self.dialect.features(), sql, data, rows) {
            Err(error) => Err(self.blame(error)),
            sent => sent,
        }
    }

    fn query(&mut self, sql: &str) -> Result<Vec<Row>, DriverError> {
        let mut rows = self.run_one(sql)?.rows;
        rows.iter_mut().flatten().flatten().for_each(bare_bytes);
        Ok(rows)
    }

    fn introspect(&mut self, scope: &Scope) -> Result<Schema, DriverError> {
        introspect::schema(self, scope)
    }

    fn namespaces(&mut self) -> Result<Option<Namespaces>, DriverError> {
        introspect::namespaces_there(self).map(Some)
    }

    fn unheld(&mut self, scope: &Scope) -> Result<Vec<Unheld>, DriverError> {
        introspect::unheld(self, scope)
    }

    fn settle(&mut self, question: &Question<'_>) -> Result<Vec<Answer>, DriverError> {
        settle::settle(self, question)
    }

    fn pre_image(&mut self, tables: &[ObjectName]) -> Result<String, DriverError> {
        introspect::pre_image(self, tables)
    }

    fn try_lock(&mut self, key: &str) -> Result<LockAttempt, DriverError> {
        lock::attempt(self, key)
    }

    fn holds_lock(&mut self, key: &str) -> Result<bool, DriverError> {
        lock::is_held(self, key)
    }

    fn unlock(&mut self, key: &str) -> Result<(), DriverError> {
        lock::release(self, key)
    }

    fn interrupter(&self) -> Arc<dyn Interrupt> {
        Arc::clone(self.worker.interrupter()) as Arc<dyn Interrupt>
    }
}

/// Takes the mark off a `bytea`. The protocol used tells no types, so a text that looks exactly like one loses it too.
fn bare_bytes(cell: &mut String) {
    let is_bytes = cell
        .strip_prefix("\\x")
        .is_some_and(|hex| hex.len() % 2 == 0 && hex.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f')));
    if is_bytes {
        cell.drain(..2);
    }
}
