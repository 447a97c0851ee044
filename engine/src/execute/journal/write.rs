//! Statements that write the journal.

use std::collections::BTreeSet;
use std::fmt::Write;

use sha2::{Digest, Sha256};

use super::Journal;
use super::standing::StampRecord;
use super::tables::{MESSAGE, NAME};
use crate::dialect::comma_list;
use crate::plan::{Fingerprint, Record, RevisionFile, RevisionPlan, Statement};
use crate::revision::{Restated, RevisionId, RowChange};
use crate::schema::{ObjectName, Type, Value, hexadecimal_digits};

/// How much of the names of heads fits a message, which a column of the version table must hold.
const GUARD_SHOWN: usize = 72;

/// A run as the journal records it.
#[derive(Debug, Clone)]
pub struct RunRecord<'a> {
    /// Its id.
    pub run_id: &'a str,
    /// `upgrade` or `downgrade`.
    pub direction: &'a str,
    /// What the user asked for.
    pub target: &'a str,
    /// The hash of the plan.
    pub plan_hash: &'a str,
    /// The machine that runs it; none for a script.
    pub host: Option<&'a str>,
    /// The process.
    pub pid: u32,
    /// The session on the server.
    pub session: &'a str,
    /// Name and version of the tool.
    pub tool: &'a str,
    /// The tags asked for, as a JSON list.
    pub tags: &'a str,
}

/// A step to be recorded.
#[derive(Debug, Clone)]
pub struct StepRecord<'a> {
    /// Its number in the run.
    pub seq: u64,
    /// The revision.
    pub revision: &'a RevisionId,
    /// The statement.
    pub statement: &'a Statement,
}

/// A change of an applied revision's file that somebody accepted.
#[derive(Debug, Clone)]
pub struct Acceptance {
    /// The revision.
    pub revision: RevisionId,
    /// What its author said.
    pub message: String,
    /// What told the file from others when it was applied, or accepted before.
    pub was: Fingerprint,
    /// The file as it is now.
    pub file: RevisionFile,
}

/// A row of the history, but for what the run gives it.
struct HistoryRow<'a> {
    id: &'a RevisionId,
    direction: &'a str,
    message: Option<&'a str>,
    fingerprint: Option<&'a Fingerprint>,
    tags: Option<&'a BTreeSet<String>>,
    operations: String,
    undo: Option<String>,
    finished: bool,
}

impl<'a> HistoryRow<'a> {
    /// A row about a revision that begins.
    fn of(revision: &'a RevisionPlan, direction: &'a str) -> Self {
        let summary = || Record::summary(revision.groups.iter().flat_map(|group| group.summary.clone()).collect());
        let operations = match &revision.record {
            Some(record) => serde_json::to_string(&**record),
            None => serde_json::to_string(&summary()),
        };
        let undo = match &revision.undo {
            Ok(statements) if !statements.is_empty() => serde_json::to_string(statements).ok(),
            _ => None,
        };
        HistoryRow {
            id: &revision.id,
            direction,
            message: Some(&revision.message),
            fingerprint: Some(&revision.fingerprint),
            tags: Some(&revision.tags),
            operations: operations.unwrap_or_default(),
            undo,
            finished: false,
        }
    }

    /// The columns that say what was done.
    fn said(&self) -> [(&'static str, Option<String>); 6] {
        let fingerprint = self.fingerprint.filter(|fingerprint| !fingerprint.meaning.is_empty());
        let files = fingerprint.map(|fingerprint| &fingerprint.files).filter(|files| !files.is_empty());
        let tags = self.tags.filter(|tags| !tags.is_empty());
        [
            ("checksum", fingerprint.map(|fingerprint| fingerprint.meaning.clone())),
            ("text_hash", fingerprint.map(|fingerprint| fingerprint.text.clone())),
            ("files", files.and_then(|files| serde_json::to_string(files).ok())),
            ("tags", tags.and_then(|tags| serde_json::to_string(tags).ok())),
            ("operations", Some(self.operations.clone())),
            ("undo", self.undo.clone()),
        ]
    }

    /// A row about something that is done at once.
    fn settled(id: &'a RevisionId, direction: &'a str, operations: String) -> Self {
        let (message, fingerprint, tags) = (None, None, None);
        HistoryRow { id, direction, message, fingerprint, tags, operations, undo: None, finished: true }
    }
}

/// A value of a journal row.
enum Cell<'a> {
    Text(&'a str),
    Maybe(Option<&'a str>),
    /// What a person or a machine said, in as many characters as the column has.
    Cut(Option<&'a str>, u32),
    Number(u64),
    Sql(String),
}

impl Journal {
    /// The statements that change the table of applied heads.
    #[must_use]
    pub fn row_changes(&self, changes: &[RowChange]) -> Vec<String> {
        let table = self.dialect.quote_name(&self.version);
        let column = self.dialect.quote("revision");
        let sql = |change: &RowChange| match change {
            RowChange::Insert(id) => format!("INSERT INTO {table} ({column}) VALUES ({})", self.text(id.as_str())),
            RowChange::Delete(id) => format!("DELETE FROM {table} WHERE {column} = {}", self.text(id.as_str())),
            RowChange::Update { from, to } => format!(
                "UPDATE {table} SET {column} = {} WHERE {column} = {}",
                self.text(to.as_str()),
                self.text(from.as_str())
            ),
        };
        changes.iter().map(sql).collect()
    }

    /// The statements that stop a script unless exactly these heads are applied.
    #[must_use]
    pub fn stop_unless_at(&self, rows: &BTreeSet<RevisionId>) -> Vec<String> {
        let version = self.dialect.quote_name(&self.version);
        let number = rows.len();
        let mut there = format!("(SELECT COUNT(*) FROM {version}) = {number}");
        if number > 0 {
            let revision = self.dialect.quote("revision");
            let ids = comma_list(rows.iter().map(|id| self.text(id.as_str())));
            let _ = write!(there, " AND (SELECT COUNT(*) FROM {version} WHERE {revision} IN ({ids})) = {number}");
        }
        let ids: Vec<&str> = rows.iter().map(RevisionId::as_str).collect();
        let message = match ids.join(" and ") {
            _ if number == 0 => "this script begins with the first revision, and some are applied already".to_owned(),
            ids if ids.len() <= GUARD_SHOWN => format!("the database is not at {ids}, where this script starts"),
            _ => format!("the database is not at the {number} heads where this script starts"),
        };
        self.stop_unless(&there, &message)
    }

    /// The statements that stop a script when a revision is half run.
    #[must_use]
    pub fn stop_if_half_run(&self) -> Vec<String> {
        let settled = format!("NOT EXISTS (SELECT 1 FROM {})", self.half_run());
        self.stop_unless(&settled, "a revision is half run; `aludel current` names it")
    }

    /// The statements that count everything that is half run as settled, as a stamp does.
    #[must_use]
    pub fn settle_all(&self) -> Vec<String> {
        let quote = |name: &str| self.dialect.quote(name);
        let (id, finished, clock) = (quote("run_id"), quote("finished_at"), self.dialect.clock());
        vec![
            format!(
                "UPDATE {} SET {} = {}, {finished} = {clock} WHERE {id} IN (SELECT {id} FROM {})",
                self.dialect.quote_name(&self.run),
                quote("state"),
                self.text("stamped"),
                self.half_run()
            ),
            format!(
                "UPDATE {} SET {finished} = {clock} WHERE {finished} IS NULL",
                self.dialect.quote_name(&self.history)
            ),
        ]
    }

    /// The rows of the history that have no end, as the rest of a query.
    fn half_run(&self) -> String {
        format!("{} WHERE {} IS NULL", self.dialect.quote_name(&self.history), self.dialect.quote("finished_at"))
    }

    /// Statements that fail with a message unless a condition holds. Where the dialect has no word for it, the message becomes a
    /// row of the version table, twice, which the server refuses by naming it.
    fn stop_unless(&self, condition: &str, message: &str) -> Vec<String> {
        self.dialect.stop_unless(condition, message).unwrap_or_else(|| {
            vec![format!(
                "INSERT INTO {version} ({column}) SELECT {message} FROM (SELECT 1 AS n UNION ALL SELECT 2) AS twice, \
                 (SELECT CASE WHEN {condition} THEN 1 ELSE 0 END AS holds) AS now WHERE now.holds = 0",
                version = self.dialect.quote_name(&self.version),
                column = self.dialect.quote("revision"),
                message = self.text(message),
            )]
        })
    }

    /// The statement that records that a revision begins.
    #[must_use]
    pub fn history_start(&self, revision: &RevisionPlan, direction: &str, run: &RunRecord<'_>) -> String {
        self.history_row(&HistoryRow::of(revision, direction), run)
    }

    /// The statement that records what a half-run revision is now that its file was mended after it began.
    #[must_use]
    pub fn history_restate(&self, revision: &RevisionPlan, run_id: &str) -> String {
        let row = HistoryRow::of(revision, "");
        let set =
            row.said().map(|(name, text)| format!("{} = {}", self.dialect.quote(name), self.maybe(text.as_deref())));
        format!(
            "UPDATE {} SET {} WHERE {} = {} AND {} = {}",
            self.dialect.quote_name(&self.history),
            comma_list(set),
            self.dialect.quote("run_id"),
            self.text(run_id),
            self.dialect.quote("revision"),
            self.text(revision.id.as_str())
        )
    }

    /// The statements that record a stamp: applied heads set without running anything.
    #[must_use]
    pub fn history_stamp(&self, stamp: &Restated, run: &RunRecord<'_>) -> Vec<String> {
        let whole = said_of(stamp);
        let mut ids: Vec<&RevisionId> = stamp.changes.iter().map(RowChange::subject).collect();
        if ids.is_empty() {
            ids.extend(stamp.forgotten.first());
        }
        let row = |(place, id): (usize, &RevisionId)| {
            // Said once, in the first row.
            let operations = if place == 0 { whole.clone() } else { "{}".to_owned() };
            self.history_row(&HistoryRow::settled(id, "stamp", operations), run)
        };
        ids.into_iter().enumerate().map(row).collect()
    }

    /// The statements of a script that forgets whatever is applied, which it does not know: a row of the history for each
    /// applied head, and then none of them is left.
    #[must_use]
    pub fn purge(&self, stamp: &Restated, run: &RunRecord<'_>) -> Vec<String> {
        let revision = self.dialect.quote("revision");
        let version = self.dialect.quote_name(&self.version);
        let said = said_of(stamp);
        let clock = || Cell::Sql(self.dialect.clock().to_owned());
        let cells = [
            ("revision", Cell::Sql(revision)),
            ("direction", Cell::Text("stamp")),
            ("operations", Cell::Text(&said)),
            ("run_id", Cell::Text(run.run_id)),
            ("tool", Cell::Text(run.tool)),
            ("db_user", Cell::Sql(self.dialect.session_user().to_owned())),
            ("started_at", clock()),
            ("finished_at", clock()),
        ];
        let recorded = format!(
            "INSERT INTO {} ({}) SELECT {} FROM {version}",
            self.dialect.quote_name(&self.history),
            comma_list(cells.iter().map(|(name, _)| self.dialect.quote(name))),
            comma_list(cells.iter().map(|(_, cell)| self.cell(cell)))
        );
        vec![recorded, format!("DELETE FROM {version}")]
    }

    /// The statement that records that a changed file of an applied revision is accepted.
    #[must_use]
    pub fn history_accept(&self, acceptance: &Acceptance, run: &RunRecord<'_>) -> String {
        let record = serde_json::json!({
            "format": 1,
            "summary": ["accept what was changed in the file"],
            "was": acceptance.was.meaning,
            "text": acceptance.file.text,
        });
        let row = HistoryRow {
            message: Some(&acceptance.message),
            fingerprint: Some(&acceptance.file.fingerprint),
            ..HistoryRow::settled(&acceptance.revision, "accept", record.to_string())
        };
        self.history_row(&row, run)
    }

    /// The statement that records that the undoing of a half-run revision begins.
    #[must_use]
    pub fn history_undo(&self, id: &RevisionId, undone: &str, run: &RunRecord<'_>) -> String {
        let operations = serde_json::json!({"format": 1, "summary": [format!("undo the run {undone}")]}).to_string();
        self.history_row(&HistoryRow { finished: false, ..HistoryRow::settled(id, "undo", operations) }, run)
    }

    fn history_row(&self, row: &HistoryRow<'_>, run: &RunRecord<'_>) -> String {
        let clock = self.dialect.clock().to_owned();
        let finished = if row.finished { Cell::Sql(clock.clone()) } else { Cell::Sql("NULL".to_owned()) };
        let said = row.said();
        let mut cells = vec![
            ("revision", Cell::Text(row.id.as_str())),
            ("direction", Cell::Text(row.direction)),
            ("message", Cell::Cut(row.message, MESSAGE)),
        ];
        cells.extend(said.iter().map(|(name, text)| (*name, Cell::Maybe(text.as_deref()))));
        cells.extend([
            ("run_id", Cell::Text(run.run_id)),
            ("tool", Cell::Text(run.tool)),
            ("db_user", Cell::Sql(self.dialect.session_user().to_owned())),
            ("host", Cell::Cut(run.host, NAME)),
            ("started_at", Cell::Sql(clock)),
            ("finished_at", finished),
        ]);
        self.insert(&self.history, &cells)
    }

    /// The statement that records that a revision is done.
    #[must_use]
    pub fn history_finish(&self, revision: &RevisionId, run_id: &str) -> String {
        let finished = self.dialect.quote("finished_at");
        format!(
            "UPDATE {} SET {finished} = {} WHERE {} = {} AND {} = {} AND {finished} IS NULL",
            self.dialect.quote_name(&self.history),
            self.dialect.clock(),
            self.dialect.quote("run_id"),
            self.text(run_id),
            self.dialect.quote("revision"),
            self.text(revision.as_str())
        )
    }

    /// The statement that records that a run begins; its fence is one more than that of every run before it.
    #[must_use]
    pub fn run_start(&self, run: &RunRecord<'_>) -> String {
        let table = self.dialect.quote_name(&self.run);
        let fence = self.dialect.quote("fence");
        let cells = [
            ("run_id", Cell::Text(run.run_id)),
            ("direction", Cell::Text(run.direction)),
            ("target", Cell::Cut(Some(run.target), NAME)),
            ("plan_hash", Cell::Text(run.plan_hash)),
            ("fence", Cell::Sql(format!("newest.{fence} + 1"))),
            ("state", Cell::Text("active")),
            ("host", Cell::Cut(run.host, NAME)),
            ("pid", Cell::Number(u64::from(run.pid))),
            ("session", Cell::Text(run.session)),
            ("tags", Cell::Text(run.tags)),
            ("tool", Cell::Text(run.tool)),
            ("started_at", Cell::Sql(self.dialect.clock().to_owned())),
        ];
        let columns = comma_list(cells.iter().map(|(name, _)| self.dialect.quote(name)));
        let values = comma_list(cells.iter().map(|(_, cell)| self.cell(cell)));
        // The maximum stands alone: beside it, MariaDB makes a zero date of the clock when the table is empty.
        format!(
            "INSERT INTO {table} ({columns}) SELECT {values} FROM (SELECT COALESCE(MAX({fence}), 0) AS {fence} FROM {table}) AS newest"
        )
    }

    /// The statement that takes over a run that another process left, and bumps its fence.
    #[must_use]
    pub fn run_adopt(&self, run_id: &str, run: &RunRecord<'_>) -> String {
        let table = self.dialect.quote_name(&self.run);
        let quote = |name: &str| self.dialect.quote(name);
        format!(
            "UPDATE {table} SET {fence} = {fence} + 1, {state} = 'active', {host} = {}, {pid} = {}, {session} = {}, {finished} = NULL WHERE {id} = {}",
            self.cell(&Cell::Maybe(run.host)),
            run.pid,
            self.text(run.session),
            self.text(run_id),
            fence = quote("fence"),
            state = quote("state"),
            host = quote("host"),
            pid = quote("pid"),
            session = quote("session"),
            finished = quote("finished_at"),
            id = quote("run_id"),
        )
    }

    /// The statement that records how a run ended: `done`, `failed`, `interrupted`.
    #[must_use]
    pub fn run_finish(&self, run_id: &str, state: &str) -> String {
        let table = self.dialect.quote_name(&self.run);
        format!(
            "UPDATE {table} SET {} = {}, {} = {} WHERE {} = {}",
            self.dialect.quote("state"),
            self.text(state),
            self.dialect.quote("finished_at"),
            self.dialect.clock(),
            self.dialect.quote("run_id"),
            self.text(run_id)
        )
    }

    /// The statements that record the steps of a revision before the first of them runs.
    #[must_use]
    pub fn steps_planned(&self, run_id: &str, steps: &[StepRecord<'_>]) -> Vec<String> {
        steps
            .iter()
            .map(|step| {
                let inverse = step.statement.inverse.as_ref().and_then(|inverse| serde_json::to_string(inverse).ok());
                let bare = Statement { sql: String::new(), inverse: None, ..step.statement.clone() };
                let record = serde_json::to_string(&bare).unwrap_or_default();
                self.insert(
                    &self.step,
                    &[
                        ("run_id", Cell::Text(run_id)),
                        ("seq", Cell::Number(step.seq)),
                        ("revision", Cell::Text(step.revision.as_str())),
                        ("state", Cell::Text("planned")),
                        ("sql_text", Cell::Text(&step.statement.sql)),
                        ("sql_hash", Cell::Text(&sql_hash(&step.statement.sql))),
                        ("statement", Cell::Text(&record)),
                        ("inverse", Cell::Maybe(inverse.as_deref())),
                    ],
                )
            })
            .collect()
    }

    /// The statement that removes the steps from a number on, so that changed ones can be planned.
    #[must_use]
    pub fn steps_forget(&self, run_id: &str, from: u64) -> String {
        format!(
            "DELETE FROM {} WHERE {} = {} AND {} >= {from}",
            self.dialect.quote_name(&self.step),
            self.dialect.quote("run_id"),
            self.text(run_id),
            self.dialect.quote("seq"),
        )
    }

    /// The statement that says that a step is about to run, with what the catalog says before it.
    #[must_use]
    pub fn step_intent(&self, run_id: &str, fence: i64, seq: u64, pre_image: &str) -> String {
        let quote = |name: &str| self.dialect.quote(name);
        let set = format!(
            "{} = {}, {} = {}",
            quote("pre_image"),
            self.text(pre_image),
            quote("started_at"),
            self.dialect.clock()
        );
        self.step_state(run_id, fence, seq, seq, "intent", &set)
    }

    /// The statement that says how far the batches of a step are, if they were where the run thinks: whoever else goes
    /// on with them has moved the position.
    #[must_use]
    pub fn step_progress(&self, run_id: &str, fence: i64, seq: u64, before: Option<&str>, now: &str) -> String {
        let quote = |name: &str| self.dialect.quote(name);
        let progress = quote("progress");
        let set = match before {
            None => format!("{progress} = {}, {} = {}", self.text(now), quote("started_at"), self.dialect.clock()),
            Some(_) => format!("{progress} = {}", self.text(now)),
        };
        let known = match before {
            None => format!("{progress} IS NULL"),
            Some(text) => format!("{progress} = {}", self.text(text)),
        };
        format!("{} AND {known}", self.step_state(run_id, fence, seq, seq, "intent", &set))
    }

    /// The statement that records why the batches of a step stopped; what is done stays done.
    #[must_use]
    pub fn step_stopped(&self, run_id: &str, fence: i64, seq: u64, error: &str) -> String {
        let set = format!("{} = {}", self.dialect.quote("error"), self.text(error));
        self.step_state(run_id, fence, seq, seq, "intent", &set)
    }

    /// The statement that says that steps are done.
    #[must_use]
    pub fn steps_done(&self, run_id: &str, fence: i64, first: u64, last: u64) -> String {
        let set = format!("{} = {}", self.dialect.quote("finished_at"), self.dialect.clock());
        self.step_state(run_id, fence, first, last, "done", &set)
    }

    /// The statement that says that a step failed and changed nothing.
    #[must_use]
    pub fn step_failed(&self, run_id: &str, fence: i64, seq: u64, error: &str) -> String {
        let set = format!("{} = {}", self.dialect.quote("error"), self.text(error));
        self.step_state(run_id, fence, seq, seq, "failed", &set)
    }

    /// The statement that says that a step in doubt did not run.
    #[must_use]
    pub fn step_not_run(&self, run_id: &str, fence: i64, seq: u64) -> String {
        let set = format!("{} = NULL", self.dialect.quote("pre_image"));
        self.step_state(run_id, fence, seq, seq, "planned", &set)
    }

    /// Changes the state of steps, if the run still has the fence: another run that took over has bumped it.
    fn step_state(&self, run_id: &str, fence: i64, first: u64, last: u64, state: &str, set: &str) -> String {
        let quote = |name: &str| self.dialect.quote(name);
        let run_id = self.text(run_id);
        format!(
            "UPDATE {step} SET {state_column} = {state}, {set} WHERE {id} = {run_id} AND {seq} BETWEEN {first} AND {last} \
             AND (SELECT {fence_column} FROM {run} WHERE {id} = {run_id}) = {fence}",
            step = self.dialect.quote_name(&self.step),
            run = self.dialect.quote_name(&self.run),
            state_column = quote("state"),
            state = self.text(state),
            id = quote("run_id"),
            seq = quote("seq"),
            fence_column = quote("fence"),
        )
    }

    fn insert(&self, table: &ObjectName, cells: &[(&str, Cell<'_>)]) -> String {
        format!(
            "INSERT INTO {} ({}) VALUES ({})",
            self.dialect.quote_name(table),
            comma_list(cells.iter().map(|(name, _)| self.dialect.quote(name))),
            comma_list(cells.iter().map(|(_, cell)| self.cell(cell)))
        )
    }

    fn maybe(&self, text: Option<&str>) -> String {
        text.map_or_else(|| "NULL".to_owned(), |text| self.text(text))
    }

    fn cell(&self, cell: &Cell<'_>) -> String {
        match cell {
            Cell::Text(text) => self.text(text),
            Cell::Maybe(text) => self.maybe(*text),
            Cell::Cut(Some(text), size) => self.text(&text.chars().take(*size as usize).collect::<String>()),
            Cell::Cut(None, _) => "NULL".to_owned(),
            Cell::Number(number) => number.to_string(),
            Cell::Sql(sql) => sql.clone(),
        }
    }

    /// A text literal. No database keeps a NUL in a text, so one becomes the replacement character.
    pub(super) fn text(&self, text: &str) -> String {
        let value = Value::Text(text.replace('\0', "\u{fffd}"));
        self.dialect.literal(&value, &Type::Text).unwrap_or_else(|_| crate::dialect::string_literal(text))
    }
}

/// A stamp as its row of the history says it.
fn said_of(stamp: &Restated) -> String {
    let record = StampRecord {
        format: 1,
        applied: stamp.applied.clone(),
        forgotten: stamp.forgotten.clone(),
        only: stamp.only.clone(),
    };
    serde_json::to_string(&record).unwrap_or_default()
}

/// The hash of a statement's text, in hexadecimal.
pub(super) fn sql_hash(sql: &str) -> String {
    hexadecimal_digits(&Sha256::digest(sql.as_bytes()))
}
