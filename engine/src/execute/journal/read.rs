//! Reading the journal.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use super::Journal;
use super::standing::{Line, Recorded, Standing, standing};
use crate::driver::{Connection, DriverError, ErrorKind, Row};
use crate::execute::batches::Position;
use crate::plan::{Direction, Inverse, Statement};
use crate::revision::RevisionId;

/// What a database says of itself.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct DatabaseState {
    /// The applied heads.
    pub rows: BTreeSet<RevisionId>,
    /// Revisions that a run began and did not finish.
    pub unfinished: Vec<UnfinishedRevision>,
    /// Whether the tables are there, with every column.
    pub initialised: bool,
    /// What the history says of what is applied, where that was asked for.
    pub standing: BTreeMap<RevisionId, Standing>,
    /// The whole of what the history has of some revisions: those that the planner wants to know more of.
    pub recorded: BTreeMap<RevisionId, Recorded>,
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
    /// The run that began to undo it, and did not finish that.
    pub undo: Option<String>,
    /// How far the backfill is that it stopped in, where that was asked for.
    pub position: Option<Position>,
}

impl UnfinishedRevision {
    /// The run that had it last: the one that undoes it, if somebody began to.
    #[must_use]
    pub fn latest_run(&self) -> &str {
        self.undo.as_ref().unwrap_or(&self.run_id)
    }
}

/// A run that the journal has.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoredRun {
    /// Its fence now.
    pub fence: i64,
    /// The tags that were asked for.
    pub tags: BTreeSet<String>,
    /// `active`, `failed` or `interrupted`.
    pub state: String,
    /// What was asked for.
    pub target: Option<String>,
    /// The process, the machine and the session on the server that had it last.
    pub pid: Option<String>,
    /// The machine.
    pub host: Option<String>,
    /// The session on the server.
    pub session: Option<String>,
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

impl AppliedRevision {
    /// The columns, in order.
    pub(super) const COLUMNS: [&str; 9] =
        ["revision", "direction", "message", "checksum", "db_user", "host", "tool", "started_at", "finished_at"];

    pub(super) fn read(row: &Row) -> Self {
        AppliedRevision {
            revision: cell(row, 0),
            direction: cell(row, 1),
            message: maybe(row, 2),
            checksum: maybe(row, 3),
            user: maybe(row, 4),
            host: maybe(row, 5),
            tool: cell(row, 6),
            started_at: cell(row, 7),
            finished_at: maybe(row, 8),
        }
    }
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
    /// What the server said when it failed.
    pub error: Option<String>,
    /// When it was begun.
    pub started_at: Option<String>,
    /// How far its batches are, as it is written there.
    pub progress: Option<String>,
}

/// What an interrupted or failed run left of a revision.
#[derive(Debug, Clone, PartialEq)]
pub struct HalfRun {
    /// The revision and the run.
    pub unfinished: UnfinishedRevision,
    /// When and by whom it was begun.
    pub row: Option<AppliedRevision>,
    /// The run; none where a script did the work.
    pub run: Option<StoredRun>,
    /// Its statements; none where a script did the work.
    pub steps: Vec<StoredStep>,
    /// The statements that take it back, where somebody began to.
    pub undo: Vec<StoredStep>,
}

impl Journal {
    /// Reads the applied heads and what is unfinished, in one query.
    ///
    /// # Errors
    /// What the server said; a database without the tables is not an error.
    pub fn state(&self, connection: &mut dyn Connection) -> Result<DatabaseState, DriverError> {
        let sql = self.state_query(false);
        match connection.query(&sql) {
            Ok(rows) => self.state_of(&rows),
            Err(error) if error.kind == ErrorKind::Missing => self.state_without_history(connection),
            Err(error) => Err(error),
        }
    }

    /// Reads the same, and what the history says of everything that is applied, in one query too.
    ///
    /// # Errors
    /// What the server said; a database without the tables is not an error.
    pub fn full_state(&self, connection: &mut dyn Connection) -> Result<DatabaseState, DriverError> {
        let sql = self.state_query(true);
        match connection.query(&sql) {
            Ok(rows) => self.state_of(&rows),
            // Tables that an earlier version made may lack a column.
            Err(error) if error.kind == ErrorKind::Missing => {
                Ok(DatabaseState { initialised: false, ..self.state(connection)? })
            }
            Err(error) => Err(error),
        }
    }

    /// Heads first, then rows of the history: the unfinished ones, or all.
    fn state_query(&self, all: bool) -> String {
        let quote = |name: &str| self.dialect.quote(name);
        let lines = Line::COLUMNS.map(|name| match name {
            // A moment and a text have no common type.
            "finished_at" => format!("CASE WHEN {0} IS NULL THEN NULL ELSE '' END", quote(name)),
            _ if all || matches!(name, "id" | "direction" | "revision") => quote(name),
            _ => "NULL".to_owned(),
        });
        let stamp = match all {
            true => format!("CASE WHEN {} = 'stamp' THEN {} END", quote("direction"), quote("operations")),
            false => "NULL".to_owned(),
        };
        let condition = if all { String::new() } else { format!(" WHERE {} IS NULL", quote("finished_at")) };
        format!(
            "SELECT 0, 'head', {revision}, NULL, NULL, NULL, NULL, NULL, NULL, NULL FROM {version} \
             UNION ALL SELECT {lines}, {stamp}, {run} FROM {history}{condition}",
            revision = quote("revision"),
            version = self.dialect.quote_name(&self.version),
            lines = crate::dialect::comma_list(lines),
            run = quote("run_id"),
            history = self.dialect.quote_name(&self.history),
        )
    }

    fn state_of(&self, rows: &[Row]) -> Result<DatabaseState, DriverError> {
        let mut state = DatabaseState { initialised: true, ..DatabaseState::default() };
        let mut lines = Vec::with_capacity(rows.len());
        for row in rows {
            if cell(row, 1) == "head" {
                state.rows.insert(revision(row, 2)?);
            } else {
                lines.push((Line::read(row)?, cell(row, 9)));
            }
        }
        lines.sort_by_key(|(line, _)| line.id);
        for (line, run_id) in lines.iter().filter(|(line, _)| !line.finished) {
            let direction = match line.direction.as_str() {
                "undo" => {
                    let undone = state.unfinished.iter_mut().rev().find(|half| half.revision == line.revision);
                    let undone = undone.ok_or_else(|| damaged("an undo without what it undoes"))?;
                    undone.undo = Some(run_id.clone());
                    continue;
                }
                word if word == Direction::Downgrade.name() => Direction::Downgrade,
                _ => Direction::Upgrade,
            };
            let (revision, run_id) = (line.revision.clone(), run_id.clone());
            state.unfinished.push(UnfinishedRevision {
                revision,
                direction,
                run_id,
                tags: None,
                undo: None,
                position: None,
            });
        }
        let lines: Vec<Line> = lines.into_iter().map(|(line, _)| line).collect();
        state.standing = standing(&lines);
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
        let list = crate::dialect::comma_list(AppliedRevision::COLUMNS.map(|name| self.dialect.quote(name)));
        let sql = format!(
            "SELECT {list} FROM {} ORDER BY {}",
            self.dialect.quote_name(&self.history),
            self.dialect.quote("id")
        );
        match connection.query(&sql) {
            Err(error) if error.kind == ErrorKind::Missing => Ok(Vec::new()),
            rows => Ok(rows?.iter().map(AppliedRevision::read).collect()),
        }
    }

    /// Reads a run; there is none where a script did the work.
    pub(in crate::execute) fn run(
        &self,
        connection: &mut dyn Connection,
        run_id: &str,
    ) -> Result<Option<StoredRun>, DriverError> {
        let columns = ["fence", "tags", "state", "target", "pid", "host", "session"];
        let sql = format!(
            "SELECT {} FROM {} WHERE {} = {}",
            crate::dialect::comma_list(columns.map(|name| self.dialect.quote(name))),
            self.dialect.quote_name(&self.run),
            self.dialect.quote("run_id"),
            self.text(run_id)
        );
        let rows = connection.query(&sql)?;
        let Some(row) = rows.first() else { return Ok(None) };
        let fence = cell(row, 0).parse().map_err(|_| damaged("a run has no fence"))?;
        let tags = maybe(row, 1).and_then(|text| serde_json::from_str(&text).ok()).unwrap_or_default();
        Ok(Some(StoredRun {
            fence,
            tags,
            state: cell(row, 2),
            target: maybe(row, 3),
            pid: maybe(row, 4),
            host: maybe(row, 5),
            session: maybe(row, 6),
        }))
    }

    /// Reads what interrupted or failed runs left.
    ///
    /// # Errors
    /// What the server said.
    pub fn half_runs(
        &self,
        connection: &mut dyn Connection,
        unfinished: &[UnfinishedRevision],
    ) -> Result<Vec<HalfRun>, DriverError> {
        let mut halves = Vec::new();
        for half in unfinished {
            let columns = crate::dialect::comma_list(AppliedRevision::COLUMNS.map(|name| self.dialect.quote(name)));
            let sql = format!(
                "SELECT {columns} FROM {} WHERE {} = {} AND {} = {}",
                self.dialect.quote_name(&self.history),
                self.dialect.quote("run_id"),
                self.text(&half.run_id),
                self.dialect.quote("revision"),
                self.text(half.revision.as_str()),
            );
            let row = connection.query(&sql)?.first().map(AppliedRevision::read);
            let run = self.run(connection, &half.run_id)?;
            let steps = self.steps(connection, &half.run_id, &half.revision)?;
            let undo = match &half.undo {
                Some(run) => self.steps(connection, run, &half.revision)?,
                None => Vec::new(),
            };
            halves.push(HalfRun { unfinished: half.clone(), row, run, steps, undo });
        }
        Ok(halves)
    }

    /// Reads the steps of a revision in a run, in order.
    pub(in crate::execute) fn steps(
        &self,
        connection: &mut dyn Connection,
        run_id: &str,
        revision: &RevisionId,
    ) -> Result<Vec<StoredStep>, DriverError> {
        let columns =
            ["seq", "state", "sql_text", "statement", "inverse", "pre_image", "error", "started_at", "progress"];
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
            run = self.text(unfinished.latest_run()),
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
    statement.inverse = maybe(row, 4).map(|text| {
        let older = || Inverse::Impossible("another version of Aludel recorded it".to_owned());
        serde_json::from_str(&text).unwrap_or_else(|_| older())
    });
    let seq = cell(row, 0).parse().map_err(|_| damaged("a step has no number"))?;
    let (state, pre_image, error, started_at) = (cell(row, 1), maybe(row, 5), maybe(row, 6), maybe(row, 7));
    Ok(StoredStep { seq, state, statement, pre_image, error, started_at, progress: maybe(row, 8) })
}

pub(super) fn revision(row: &Row, index: usize) -> Result<RevisionId, DriverError> {
    let text = cell(row, index);
    RevisionId::parse(&text).map_err(|reason| damaged(&format!("`{text}` is not a revision id: {reason}")))
}

pub(super) fn damaged(what: &str) -> DriverError {
    DriverError::new(ErrorKind::Other, format!("the journal is damaged: {what}"))
}

pub(super) fn cell(row: &Row, index: usize) -> String {
    maybe(row, index).unwrap_or_default()
}

pub(super) fn maybe(row: &Row, index: usize) -> Option<String> {
    row.get(index).cloned().flatten()
}
