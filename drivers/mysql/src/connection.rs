//! A session with a server.

use std::sync::Arc;

use aludel_engine::data::RowSource;
use aludel_engine::dialect::{Dialect, Version};
use aludel_engine::diff::words::{Answer, Question};
use aludel_engine::driver::{
    BatchError, ConnectOptions, Connection, ConnectionUrl, DriverError, ErrorKind, Interrupt, LockAttempt, Namespaces,
    Row, Scope, ServerInfo, Unheld, send_batches,
};
use aludel_engine::plan::Data;
use aludel_engine::schema::{ObjectName, Schema};

use crate::dialect::{Flavour, MySql};
use crate::target::Target;
use crate::worker::{Killer, Worker};
use crate::{introspect, lock, settle};

/// How many bytes of statements go to the server in one message.
const BATCH: usize = 512 * 1024;

/// A session with a MySQL or MariaDB server.
pub struct Session {
    pub(crate) worker: Worker,
    dialect: Arc<MySql>,
    server: ServerInfo,
}

impl std::fmt::Debug for Session {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Session").field("server", &self.server).finish_non_exhaustive()
    }
}

impl Session {
    /// The triggers of a table, and the trigger or routines of a name, as text.
    fn routines_and_triggers(&mut self, name: &ObjectName) -> Result<String, DriverError> {
        let quoted = |text: &str| {
            crate::literal::quote_text(text).map_err(|error| DriverError::new(ErrorKind::Other, error.to_string()))
        };
        let database = name.schema.clone().unwrap_or_else(|| self.server.database.clone());
        let (database, name) = (quoted(&database)?, quoted(&name.name)?);
        let sql = format!(
            "SELECT 'trigger', trigger_name, action_timing, event_manipulation, action_statement \
             FROM information_schema.triggers WHERE event_object_schema = {database} \
             AND (event_object_table = {name} OR trigger_name = {name}) \
             UNION ALL SELECT 'routine', routine_name, routine_type, routine_comment, routine_definition \
             FROM information_schema.routines WHERE routine_schema = {database} AND routine_name = {name} \
             ORDER BY 1, 2, 3"
        );
        let lines = self.query(&sql)?.into_iter().map(|row| {
            let cells: Vec<String> = row.into_iter().map(Option::unwrap_or_default).collect();
            format!("{}\n", cells.join(" "))
        });
        Ok(lines.collect())
    }

    /// Connects and sets the session up.
    ///
    /// # Errors
    /// With what was tried and what to check.
    pub fn open(url: &ConnectionUrl, options: &ConnectOptions) -> Result<Session, DriverError> {
        let target = Target::parse(url)?;
        let patience = target.connect_timeout.unwrap_or(options.connect_timeout);
        let mut worker = Worker::start(&target, &options.application_name, patience)?;
        // One round trip: the settings, and who answers.
        let mut setup = MySql::new(Flavour::MySql, Flavour::MySql.versions().0).session();
        setup.push(
            "SELECT version(), database(), user(), connection_id(), (SELECT default_collation_name FROM \
             information_schema.schemata WHERE schema_name = database())"
                .to_owned(),
        );
        let answer = worker.run(setup.join("; ")).map_err(|(_, error)| error)?;
        let row = answer.rows.into_iter().next().unwrap_or_default();
        let text = |at: usize| row.get(at).cloned().flatten();
        let version = text(0).unwrap_or_default();
        let dialect = recognise(&version, text(4))?;
        if dialect.flavour() == Flavour::MariaDb
            && let Some(limit) = options.statement_timeout
        {
            // The server ends the statement by itself, also when this process is gone.
            // <https://mariadb.com/kb/en/aborting-statements/>
            let sql = format!("SET SESSION max_statement_time = {}", limit.as_secs_f64());
            worker.run(sql).map_err(|(_, error)| error)?;
        }
        worker.limit = options.statement_timeout;
        let mut shown = format!("{} {version}", dialect.flavour().title());
        if url.scheme() != dialect.name() {
            shown.push_str(&format!(" (the URL says {})", url.scheme()));
        }
        let server = ServerInfo {
            version: shown,
            database: text(1).unwrap_or_default(),
            user: text(2).unwrap_or_default(),
            session: text(3).unwrap_or_default(),
        };
        Ok(Session { worker, dialect: Arc::new(dialect), server })
    }

    pub(crate) fn mysql(&self) -> &MySql {
        &self.dialect
    }

    /// The one value of a query of one row and column.
    pub(crate) fn scalar(&mut self, sql: &str) -> Result<Option<String>, DriverError> {
        Ok(self.query(sql)?.into_iter().next().and_then(|row| row.into_iter().next()).flatten())
    }
}

/// The dialect of a server by what it calls itself: `10.11.18-MariaDB-0+deb12u1`, `8.4.5`.
fn recognise(text: &str, collation: Option<String>) -> Result<MySql, DriverError> {
    let flavour = if text.to_ascii_lowercase().contains("mariadb") { Flavour::MariaDb } else { Flavour::MySql };
    let version: Version = text.parse().map_err(|error| DriverError::new(ErrorKind::Other, error))?;
    let oldest = flavour.versions().1;
    if version < oldest {
        return Err(DriverError::new(
            ErrorKind::Other,
            format!("the server is {} {version}, which is older than what is supported", flavour.title()),
        )
        .hint(format!("{} {}.{} is the oldest that works", flavour.title(), oldest.major, oldest.minor)));
    }
    let dialect = MySql::new(flavour, version);
    Ok(match collation {
        Some(collation) => dialect.with_default_collation(collation),
        None => dialect,
    })
}

impl Connection for Session {
    fn dialect(&self) -> Arc<dyn Dialect> {
        Arc::clone(&self.dialect) as Arc<dyn Dialect>
    }

    fn server(&self) -> &ServerInfo {
        &self.server
    }

    fn execute(&mut self, sql: &str) -> Result<u64, DriverError> {
        self.worker.run(sql).map(|answer| answer.affected).map_err(|(_, error)| error)
    }

    fn execute_all(&mut self, statements: &[&str]) -> Result<(), BatchError> {
        let mut first = 0;
        while first < statements.len() {
            let mut text = String::new();
            let mut count = 0;
            for sql in &statements[first..] {
                let sql = sql.trim_end().trim_end_matches(';');
                // A statement that gives rows goes alone: an error behind it would not say whose it is.
                let alone = gives_rows(sql);
                if count > 0 && (alone || text.len() + sql.len() > BATCH) {
                    break;
                }
                if count > 0 {
                    // On a line of its own, so that a comment at the end of the statement before does not hide it.
                    text.push_str("\n;\n");
                }
                text.push_str(sql);
                count += 1;
                if alone {
                    break;
                }
            }
            let ran = self.worker.run(text);
            ran.map_err(|(done, error)| BatchError { index: (first + done).min(statements.len() - 1), error })?;
            first += count;
        }
        Ok(())
    }

    fn send(&mut self, _: &str, data: &Data, rows: &mut dyn RowSource) -> Result<u64, DriverError> {
        let dialect = Arc::clone(&self.dialect);
        send_batches(self, &*dialect, data, rows)
    }

    fn query(&mut self, sql: &str) -> Result<Vec<Row>, DriverError> {
        self.worker.run(sql).map(|answer| answer.rows).map_err(|(_, error)| error)
    }

    fn introspect(&mut self, scope: &Scope) -> Result<Schema, DriverError> {
        introspect::schema(self, scope)
    }

    fn namespaces(&mut self) -> Result<Option<Namespaces>, DriverError> {
        let rows = self.query("SELECT schema_name FROM information_schema.schemata ORDER BY 1")?;
        let known = rows.into_iter().filter_map(|row| row.into_iter().next().flatten()).collect();
        let current = Some(self.server().database.clone()).filter(|name| !name.is_empty());
        let hint = "name the database in the URL: `mysql://user@host/shop`";
        // The other databases of a server are nobody's parts.
        Ok(Some(Namespaces { current, known, filled: Vec::new(), hint }))
    }

    fn unheld(&mut self, scope: &Scope) -> Result<Vec<Unheld>, DriverError> {
        introspect::unheld(self, scope)
    }

    fn settle(&mut self, question: &Question<'_>) -> Result<Vec<Answer>, DriverError> {
        settle::settle(self, question)
    }

    fn pre_image(&mut self, tables: &[ObjectName]) -> Result<String, DriverError> {
        let mut image = String::new();
        for name in tables {
            let shown = self.dialect.quote_name(name);
            let definition = match self.query(&format!("SHOW CREATE TABLE {shown}")) {
                Ok(rows) => {
                    rows.into_iter().next().and_then(|row| row.into_iter().nth(1)).flatten().unwrap_or_default()
                }
                Err(error) if error.kind == ErrorKind::Missing => "missing".to_owned(),
                Err(error) => return Err(error),
            };
            image.push_str(&format!("{shown}:\n{}\n", without_counter(&definition)));
            image.push_str(&self.routines_and_triggers(name)?);
        }
        Ok(image)
    }

    fn try_lock(&mut self, key: &str) -> Result<LockAttempt, DriverError> {
        lock::acquire(self, key)
    }

    fn holds_lock(&mut self, key: &str) -> Result<bool, DriverError> {
        lock::holds(self, key)
    }

    fn unlock(&mut self, key: &str) -> Result<(), DriverError> {
        lock::release(self, key)
    }

    fn interrupter(&self) -> Arc<dyn Interrupt> {
        Arc::new(Interrupter(Arc::clone(&self.worker.killer)))
    }
}

struct Interrupter(Arc<Killer>);

impl Interrupt for Interrupter {
    fn interrupt(&self) {
        self.0.kill();
    }
}

/// Whether a statement may give rows. What is not known for sure counts as one that does.
fn gives_rows(sql: &str) -> bool {
    let word: String = sql.trim_start().chars().take_while(char::is_ascii_alphabetic).collect();
    !matches!(
        word.to_ascii_lowercase().as_str(),
        "insert"
            | "update"
            | "delete"
            | "replace"
            | "set"
            | "start"
            | "commit"
            | "rollback"
            | "create"
            | "alter"
            | "drop"
            | "rename"
            | "truncate"
            | "do"
            | "begin"
    )
}

/// SHOW CREATE TABLE without the counter of the identity column, which moves with the rows. It stands in the last line,
/// before the comment.
fn without_counter(definition: &str) -> String {
    const COUNTER: &str = " AUTO_INCREMENT=";
    let from = definition.rfind("\n)").unwrap_or(0);
    let Some(at) = definition[from..].find(COUNTER).map(|at| from + at) else {
        return definition.to_owned();
    };
    if definition[from..at].contains(" COMMENT=") {
        return definition.to_owned();
    }
    let rest = definition[at + COUNTER.len()..].trim_start_matches(|c: char| c.is_ascii_digit());
    format!("{}{rest}", &definition[..at])
}

#[cfg(test)]
mod tests {
    use super::without_counter;

    #[test]
    fn the_counter_is_left_out_and_a_comment_is_not() {
        let table =
            "CREATE TABLE `t` (\n  `a` int COMMENT ' AUTO_INCREMENT=1'\n) ENGINE=InnoDB AUTO_INCREMENT=42 COMMENT='x'";
        assert!(without_counter(table).ends_with("\n) ENGINE=InnoDB COMMENT='x'"));
        let table = "CREATE TABLE `t` (\n  `a` int\n) ENGINE=InnoDB COMMENT=' AUTO_INCREMENT=1'";
        assert_eq!(without_counter(table), table);
    }
}
