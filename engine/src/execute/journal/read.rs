//! Reading the journal.

use std::collections::BTreeSet;
use std::time::Duration;

use super::Journal;
use crate::driver::{Connection, DriverError, ErrorKind, Row};
use crate::execute::batches::Position;
use crate::plan::{Direction, Statement};
use crate::revision::RevisionId;

/// What a database says of itself.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct DatabaseState {
    /// The applied heads.
    pub rows: BTreeSet<RevisionId>,
    /// Revisions that a run began and did not finish.
    pub unfinished: Vec<UnfinishedRevision>,
    /// Whether the tables are there.
    pub initialised: bool,
}

/// A revision that a run began and did not finish.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UnfinishedRevision {
    /// The revision.
    pub revision: RevisionId,
    /// Which way.
    pub direction: Direction,
    /// The run.
    pub run_id: String,
    /// The tags that were asked for; none when a script left it.
    pub tags: Option<BTreeSet<String>>,
    /// How far the backfill is that it stopped in, where that was asked for.
    pub position: Option<Position>,
}

/// What is needed to go on with a run.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoredRun {
    /// Its fence now.
    pub fence: i64,
    /// The tags that were asked for.
    pub tags: BTreeSet<String>,
    /// Whether it is recorded as going on, which it also is when its process died.
    pub active: bool,
}

/// A row of the history.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
#[allow(missing_docs)]
pub struct AppliedRevision {
    pub revision: String,
    pub direction: String,
    pub message: Option<String>,
    pub checksum: Option<String>,
    pub user: Option<String>,
    pub host: Option<String>,
    pub tool: String,
    pub started_at: String,
    pub finished_at: Option<String>,
}

/// A step that the journal has.
#[derive(Debug, Clone, PartialEq)]
pub struct StoredStep {
    /// Its number in the run.
    pub seq: u64,
    /// `planned`, `intent`, `done` or `failed`.
    pub state: String,
    /// The statement.
    pub statement: Statement,
    /// What the catalog said before it.
    pub pre_image: Option<String>,
    /// How far its batches are, as it is written there.
    pub progress: Option<String>,
}

impl Journal {
    /// Reads the applied heads and what is unfinished, in one query.
    ///
    /// # Errors
    /// What the server said; a database without the tables is not an error.
    pub fn state(&self, connection: &mut dyn Connection) -> Result<DatabaseState, DriverError> {
        let quote = |name: &str| self.dialect.quote(name);
        let sql = format!(
            "SELECT 'head', {revision}, '' FROM {version} UNION ALL SELECT {direction}, {revision}, {run} FROM {history} WHERE {finished} IS NULL",
            revision = quote("revision"),
            direction = quote("direction"),
            run = quote("run_id"),
            finished = quote("finished_at"),
            version = self.dialect.quote_name(&self.version),
            history = self.dialect.quote_name(&self.history),
        );
        let rows = match connection.query(&sql) {
            Ok(rows) => rows,
            Err(error) if error.kind == ErrorKind::Missing => return self.state_without_history(connection),
            Err(error) => return Err(error),
        };
        let mut state = DatabaseState { initialised: true, ..DatabaseState::default() };
        for row in rows {
            let kind = cell(&row, 0);
            let revision = revision(&row, 1)?;
            match kind.as_str() {
                "head" => {
                    state.rows.insert(revision);
                }
                word => {
                    let direction =
                        if word == Direction::Downgrade.name() { Direction::Downgrade } else { Direction::Upgrade };
                    state.unfinished.push(UnfinishedRevision {
                        revision,
                        direction,
                        run_id: cell(&row, 2),
                        tags: None,
                        position: None,
                    });
                }
            }
        }
        Ok(state)
    }

    fn state_without_history(&self, connection: &mut dyn Connection) -> Result<DatabaseState, DriverError> {
        let mut state = DatabaseState::default();
        match self.rows(connection) {
            Ok(rows) => state.rows = rows,
            Err(error) if error.kind == ErrorKind::Missing => {}
            Err(error) => return Err(error),
        }
        Ok(state)
    }

    /// Reads the applied heads.
    ///
    /// # Errors
    /// What the server said.
    pub fn rows(&self, connection: &mut dyn Connection) -> Result<BTreeSet<RevisionId>, DriverError> {
        let sql = format!("SELECT {} FROM {}", self.dialect.quote("revision"), self.dialect.quote_name(&self.version));
        connection.query(&sql)?.iter().map(|row| revision(row, 0)).collect()
    }

    /// Reads the history, oldest first.
    ///
    /// # Errors
    /// What the server said; a database without the table has no history.
    pub fn history(&self, connection: &mut dyn Connection) -> Result<Vec<AppliedRevision>, DriverError> {
        let columns = [
            "revision",
            "direction",
            "message",
            "checksum",
            "db_user",
            "host",
            "tool",
            "started_at",
            "finished_at",
            "id",
        ];
        let list = crate::dialect::comma_list(columns.map(|name| self.dialect.quote(name)));
        let sql = format!(
            "SELECT {list} FROM {} ORDER BY {}",
            self.dialect.quote_name(&self.history),
            self.dialect.quote("id")
        );
        let rows = match connection.query(&sql) {
            Err(error) if error.kind == ErrorKind::Missing => return Ok(Vec::new()),
            other => other?,
        };
        Ok(rows
            .into_iter()
            .map(|row| AppliedRevision {
                revision: cell(&row, 0),
                direction: cell(&row, 1),
                message: maybe(&row, 2),
                checksum: maybe(&row, 3),
                user: maybe(&row, 4),
                host: maybe(&row, 5),
                tool: cell(&row, 6),
                started_at: cell(&row, 7),
                finished_at: maybe(&row, 8),
            })
            .collect())
    }

    /// Reads a run; there is none where a script did the work.
    pub(in crate::execute) fn run(
        &self,
        connection: &mut dyn Connection,
        run_id: &str,
    ) -> Result<Option<StoredRun>, DriverError> {
        let sql = format!(
            "SELECT {}, {}, {} FROM {} WHERE {} = {}",
            self.dialect.quote("fence"),
            self.dialect.quote("tags"),
            self.dialect.quote("state"),
            self.dialect.quote_name(&self.run),
            self.dialect.quote("run_id"),
            self.text(run_id)
        );
        let rows = connection.query(&sql)?;
        let Some(row) = rows.first() else { return Ok(None) };
        let fence = cell(row, 0).parse().map_err(|_| damaged("a run has no fence"))?;
        let tags = maybe(row, 1).and_then(|text| serde_json::from_str(&text).ok()).unwrap_or_default();
        Ok(Some(StoredRun { fence, tags, active: cell(row, 2) == "active" }))
    }

    /// Reads the steps of a revision in a run, in order.
    pub(in crate::execute) fn steps(
        &self,
        connection: &mut dyn Connection,
        run_id: &str,
        revision: &RevisionId,
    ) -> Result<Vec<StoredStep>, DriverError> {
        let columns = ["seq", "state", "sql_text", "statement", "inverse", "pre_image", "progress"];
        let sql = format!(
            "SELECT {} FROM {} WHERE {} = {} AND {} = {} ORDER BY {}",
            crate::dialect::comma_list(columns.map(|name| self.dialect.quote(name))),
            self.dialect.quote_name(&self.step),
            self.dialect.quote("run_id"),
            self.text(run_id),
            self.dialect.quote("revision"),
            self.text(revision.as_str()),
            self.dialect.quote("seq"),
        );
        connection.query(&sql)?.iter().map(stored_step).collect()
    }

    /// Reads how far the backfill is that a half-run revision stopped in.
    ///
    /// # Errors
    /// What the server said.
    pub fn position(
        &self,
        connection: &mut dyn Connection,
        unfinished: &UnfinishedRevision,
    ) -> Result<Option<Position>, DriverError> {
        let running = self.running_batches(connection, unfinished)?;
        Ok(running.and_then(|(progress, _)| Position::parse(&progress)))
    }

    /// Reads how far the batches of a half-run revision are, as the journal has it, and the pause between them.
    pub(in crate::execute) fn running_batches(
        &self,
        connection: &mut dyn Connection,
        unfinished: &UnfinishedRevision,
    ) -> Result<Option<(String, Duration)>, DriverError> {
        let quote = |name: &str| self.dialect.quote(name);
        let sql = format!(
            "SELECT {progress}, {statement} FROM {step} WHERE {run_id} = {run} AND {revision} = {id} AND {state} <> {done} \
             AND {progress} IS NOT NULL",
            progress = quote("progress"),
            statement = quote("statement"),
            step = self.dialect.quote_name(&self.step),
            run_id = quote("run_id"),
            run = self.text(&unfinished.run_id),
            revision = quote("revision"),
            id = self.text(unfinished.revision.as_str()),
            state = quote("state"),
            done = self.text("done"),
        );
        let rows = connection.query(&sql)?;
        let Some(row) = rows.first() else { return Ok(None) };
        let statement: Option<Statement> = serde_json::from_str(&cell(row, 1)).ok();
        let pause = statement.and_then(|statement| statement.batches).map_or(0, |batches| batches.pause);
        Ok(Some((cell(row, 0), Duration::from_millis(pause))))
    }

    /// Reads the highest step number of a run.
    pub(in crate::execute) fn last_seq(
        &self,
        connection: &mut dyn Connection,
        run_id: &str,
    ) -> Result<u64, DriverError> {
        let sql = format!(
            "SELECT MAX({}) FROM {} WHERE {} = {}",
            self.dialect.quote("seq"),
            self.dialect.quote_name(&self.step),
            self.dialect.quote("run_id"),
            self.text(run_id)
        );
        let rows = connection.query(&sql)?;
        Ok(rows.first().and_then(|row| maybe(row, 0)).and_then(|text| text.parse().ok()).unwrap_or(0))
    }
}

fn stored_step(row: &Row) -> Result<StoredStep, DriverError> {
    let mut statement: Statement = serde_json::from_str(&cell(row, 3)).map_err(|_| damaged("a step cannot be read"))?;
    statement.sql = cell(row, 2);
    statement.inverse = serde_json::from_str(&cell(row, 4)).unwrap_or_default();
    let seq = cell(row, 0).parse().map_err(|_| damaged("a step has no number"))?;
    Ok(StoredStep { seq, state: cell(row, 1), statement, pre_image: maybe(row, 5), progress: maybe(row, 6) })
}

fn revision(row: &Row, index: usize) -> Result<RevisionId, DriverError> {
    let text = cell(row, index);
    RevisionId::parse(&text).map_err(|reason| damaged(&format!("`{text}` is not a revision id: {reason}")))
}

fn damaged(what: &str) -> DriverError {
    DriverError::new(ErrorKind::Other, format!("the journal is damaged: {what}"))
}

fn cell(row: &Row, index: usize) -> String {
    maybe(row, index).unwrap_or_default()
}

fn maybe(row: &Row, index: usize) -> Option<String> {
    row.get(index).cloned().flatten()
}
