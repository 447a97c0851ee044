//! A plan as a script for the database's own client: the same statements, with the same bookkeeping.

use std::collections::BTreeSet;
use std::fmt::Write;

use super::Journal;
use super::journal::RunRecord;
use crate::data::{DataError, RowReader};
use crate::dialect::{Dialect, Unsupported};
use crate::plan::{Data, Direction, Plan, RevisionPlan, Statement, Transaction};
use crate::revision::{Restated, RevisionId};

/// What a script says besides the plan.
#[derive(Debug, Clone)]
pub struct ScriptOptions<'a> {
    /// Name and version of the tool.
    pub tool: &'a str,
    /// What the user asked for.
    pub target: &'a str,
    /// Whether the journal's tables are made if they are not there.
    pub create_journal: bool,
    /// The applied heads that it starts from; it stops anywhere else.
    pub start: &'a BTreeSet<RevisionId>,
    /// Whether all of it is one transaction, and not each revision.
    pub one_transaction: bool,
    /// Whether a stamp starts from anywhere, and forgets what is applied there.
    pub from_anywhere: bool,
}

/// A plan as a script.
///
/// # Errors
/// When the dialect cannot hold the journal, or cannot run all of it in one transaction where that is wanted.
pub fn script(
    plan: &Plan,
    dialect: &dyn Dialect,
    journal: &Journal,
    options: &ScriptOptions<'_>,
) -> Result<String, Unsupported> {
    let hash = plan.hash();
    let run_id = format!("script-{}", &hash[..hash.len().min(24)]);
    let record = RunRecord {
        run_id: &run_id,
        direction: plan.direction.name(),
        target: options.target,
        plan_hash: &hash,
        host: None,
        pid: 0,
        session: "",
        tool: options.tool,
        tags: "[]",
    };
    if options.one_transaction
        && let Some(revision) = plan.revisions.iter().find(|revision| !revision.atomic)
    {
        let message = format!(
            "`transaction: run` is not possible: `{}` has statements that cannot run in a transaction",
            revision.id
        );
        return Err(Unsupported::new(message).help("set `transaction: revision` in aludel.yaml"));
    }
    let mut text = String::new();
    header(&mut text, plan, dialect, options);
    for line in dialect.script_header() {
        line_of(&mut text, &line);
    }
    for sql in dialect.session() {
        statement(&mut text, dialect, &sql);
    }
    if options.create_journal && !plan.is_empty() {
        text.push('\n');
        comment(&mut text, "the journal of Aludel");
        for sql in journal.create()? {
            statement(&mut text, dialect, &sql);
        }
    }
    if plan.is_empty() {
        return Ok(text);
    }
    text.push('\n');
    let (before, after) = if options.one_transaction { settings_of_all(plan) } else { (Vec::new(), Vec::new()) };
    before.iter().for_each(|sql| statement(&mut text, dialect, sql));
    let mut block = Block { text: &mut text, dialect, open: false, settings: (owned(&before), owned(&after)) };
    block.guard(journal, options.start);
    for sql in journal.stop_if_half_run() {
        block.inside(&sql);
    }
    // Where each revision is a transaction of its own, the first one begins with the guard.
    let first_settings = plan.revisions.first().is_some_and(|revision| !revision.session_settings().0.is_empty());
    if first_settings && !options.one_transaction {
        block.close();
    }
    for revision in &plan.revisions {
        block.revision(plan.direction, revision, journal, &record, !options.one_transaction)?;
    }
    block.close();
    after.iter().for_each(|sql| statement(&mut text, dialect, sql));
    Ok(text)
}

/// Statements that belong to no plan as a script, under a comment that says what they are. The journal knows nothing of it.
#[must_use]
pub fn statements_script(statements: &[Statement], dialect: &dyn Dialect, words: &str) -> String {
    let mut text = String::new();
    comment(&mut text, words);
    for line in dialect.script_header() {
        line_of(&mut text, &line);
    }
    for sql in dialect.session() {
        statement(&mut text, dialect, &sql);
    }
    for (notes, all) in in_transactions(statements, dialect) {
        text.push('\n');
        notes.iter().for_each(|note| comment(&mut text, note));
        all.iter().for_each(|sql| statement(&mut text, dialect, sql));
    }
    text
}

/// The texts to run, in order, for statements that belong to no plan: those that may run inside a transaction are in one where
/// the dialect has transactional definitions, with the settings of the session around it.
#[must_use]
pub fn runnable(statements: &[Statement], dialect: &dyn Dialect) -> Vec<String> {
    in_transactions(statements, dialect).into_iter().flat_map(|(_, texts)| texts).collect()
}

/// Texts to run, each part with remarks on it.
fn in_transactions(statements: &[Statement], dialect: &dyn Dialect) -> Vec<(Vec<String>, Vec<String>)> {
    let capabilities = dialect.capabilities();
    let inside = |one: &Statement| one.transaction == Transaction::Inside && capabilities.transactional_ddl;
    let mut parts = Vec::new();
    for group in statements.chunk_by(|one, next| inside(one) && inside(next)) {
        let joined = group.first().is_some_and(inside);
        let mut settings: (Vec<String>, Vec<String>) = Default::default();
        for one in group {
            let add = |all: &mut Vec<String>, new: &[String]| {
                let fresh: Vec<String> = new.iter().filter(|sql| !all.contains(sql)).cloned().collect();
                all.extend(fresh);
            };
            add(&mut settings.0, &one.prologue);
            add(&mut settings.1, &one.epilogue);
        }
        let begin = joined.then(|| capabilities.begin.to_owned());
        let first: Vec<String> = settings.0.into_iter().chain(begin).collect();
        if !first.is_empty() {
            parts.push((Vec::new(), first));
        }
        parts.extend(group.iter().map(|one| (one.notes.clone(), vec![one.sql.clone()])));
        let last: Vec<String> = joined.then(|| "COMMIT".to_owned()).into_iter().chain(settings.1).collect();
        if !last.is_empty() {
            parts.push((Vec::new(), last));
        }
    }
    parts
}

/// The session settings that all revisions together need.
fn settings_of_all(plan: &Plan) -> (Vec<&str>, Vec<&str>) {
    let (mut before, mut after) = (Vec::new(), Vec::new());
    for revision in &plan.revisions {
        let (prologue, epilogue) = revision.session_settings();
        before.extend(prologue.into_iter().filter(|sql| !before.contains(sql)).collect::<Vec<_>>());
        after.extend(epilogue.into_iter().filter(|sql| !after.contains(sql)).collect::<Vec<_>>());
    }
    (before, after)
}

/// A change of the applied heads as a script.
///
/// # Errors
/// When the dialect cannot hold the journal.
pub fn stamp_script(
    stamp: &Restated,
    dialect: &dyn Dialect,
    journal: &Journal,
    options: &ScriptOptions<'_>,
) -> Result<String, Unsupported> {
    let record = RunRecord {
        run_id: "script-stamp",
        direction: "stamp",
        target: options.target,
        plan_hash: "",
        host: None,
        pid: 0,
        session: "",
        tool: options.tool,
        tags: "[]",
    };
    let mut text = String::new();
    comment(
        &mut text,
        &format!("{}: stamp {} ({} {})", options.tool, options.target, dialect.name(), dialect.version()),
    );
    for line in dialect.script_header() {
        line_of(&mut text, &line);
    }
    for sql in dialect.session() {
        statement(&mut text, dialect, &sql);
    }
    if options.create_journal {
        for sql in journal.create()? {
            statement(&mut text, dialect, &sql);
        }
    }
    let mut block = Block { text: &mut text, dialect, open: false, settings: Default::default() };
    if options.from_anywhere {
        comment(block.text, "forgets whatever is applied");
    } else {
        block.guard(journal, options.start);
    }
    // What the database has besides the start is not known, so that all of it goes.
    let purge = if stamp.only.is_some() { journal.purge(stamp, &record) } else { Vec::new() };
    for sql in purge.iter().chain(&journal.row_changes(&stamp.changes)) {
        block.inside(sql);
    }
    for sql in journal.history_stamp(stamp, &record) {
        block.inside(&sql);
    }
    for sql in journal.settle_all() {
        block.inside(&sql);
    }
    block.close();
    Ok(text)
}

/// Where a database has to be, in words.
fn standing(rows: &BTreeSet<RevisionId>) -> String {
    match rows.len() {
        0 => "nothing is applied".to_owned(),
        _ => format!("the database is at {}", rows.iter().map(RevisionId::as_str).collect::<Vec<_>>().join(" and ")),
    }
}

fn header(text: &mut String, plan: &Plan, dialect: &dyn Dialect, options: &ScriptOptions<'_>) {
    comment(text, &format!("{}: {} to {}", options.tool, plan.direction.name(), options.target));
    comment(text, &format!("for {} {}", dialect.name(), dialect.version()));
    match plan.revisions.len() {
        0 => comment(text, "nothing to do"),
        1 => comment(text, "1 revision"),
        count => comment(text, &format!("{count} revisions")),
    }
    if !plan.is_empty() {
        let mut rows = options.start.clone();
        comment(text, &format!("before: {}", standing(&rows)));
        for change in plan.revisions.iter().flat_map(|revision| &revision.rows) {
            change.apply(&mut rows);
        }
        comment(text, &format!("after: {}", standing(&rows)));
    }
}

/// Opens and closes transactions as the statements want it.
struct Block<'t> {
    text: &'t mut String,
    dialect: &'t dyn Dialect,
    open: bool,
    /// The session settings of the revision: to make before it and to restore after it.
    settings: (Vec<String>, Vec<String>),
}

impl Block<'_> {
    /// Stops the script unless the database is where it starts.
    fn guard(&mut self, journal: &Journal, start: &BTreeSet<RevisionId>) {
        comment(self.text, &format!("stops here unless {}", standing(start)));
        for sql in journal.stop_unless_at(start) {
            self.inside(&sql);
        }
    }

    fn revision(
        &mut self,
        direction: Direction,
        revision: &RevisionPlan,
        journal: &Journal,
        record: &RunRecord<'_>,
        alone: bool,
    ) -> Result<(), Unsupported> {
        self.text.push('\n');
        let parents = match revision.parents.as_slice() {
            [] => "base".to_owned(),
            parents => parents.iter().map(ToString::to_string).collect::<Vec<_>>().join(", "),
        };
        let path = match direction {
            Direction::Upgrade => format!("{parents} -> {}", revision.id),
            Direction::Downgrade => format!("{} -> {parents}", revision.id),
        };
        comment(self.text, &format!("{} {path}: {}", direction.name(), revision.message));
        for skipped in revision.steps.iter().filter(|step| step.skipped) {
            comment(self.text, &format!("left out: {} (its tags were not asked for)", skipped.operation));
        }
        let (prologue, epilogue) = if alone { revision.session_settings() } else { (Vec::new(), Vec::new()) };
        for sql in &prologue {
            statement(self.text, self.dialect, sql);
        }
        if alone {
            self.settings = (owned(&prologue), owned(&epilogue));
        }
        self.inside(&journal.history_start(revision, record.direction, record));
        for group in &revision.groups {
            for line in &group.summary {
                comment(self.text, line);
            }
            for planned in &group.statements {
                for note in &planned.notes {
                    comment(self.text, note);
                }
                self.planned(planned)?;
            }
        }
        for sql in journal.row_changes(&revision.rows) {
            self.inside(&sql);
        }
        self.inside(&journal.history_finish(&revision.id, record.run_id));
        if alone {
            self.close();
        }
        for sql in epilogue {
            statement(self.text, self.dialect, sql);
        }
        Ok(())
    }

    fn planned(&mut self, planned: &Statement) -> Result<(), Unsupported> {
        if let Some(data) = &planned.data {
            return self.rows(&planned.sql, data);
        }
        if let Some(batches) = &planned.batches {
            match &batches.script {
                Some(sql) => {
                    comment(self.text, &batches.describe());
                    self.close();
                    statement(self.text, self.dialect, sql);
                }
                None => {
                    comment(self.text, "all rows in one statement, because a script cannot loop here; a live run goes");
                    comment(self.text, &batches.describe());
                    self.apart(&planned.sql);
                }
            }
            return Ok(());
        }
        match planned.transaction {
            Transaction::Inside => self.inside(&planned.sql),
            Transaction::Outside => {
                self.close();
                for sql in planned.prologue.iter().chain([&planned.sql]).chain(&planned.epilogue) {
                    statement(self.text, self.dialect, sql);
                }
            }
        }
        Ok(())
    }

    /// A statement that the session settings of the revision are not for; without any it may join the transaction.
    fn apart(&mut self, sql: &str) {
        let (prologue, epilogue) = self.settings.clone();
        if prologue.is_empty() && epilogue.is_empty() {
            return self.inside(sql);
        }
        self.close();
        for sql in epilogue.iter().map(String::as_str).chain([sql]).chain(prologue.iter().map(String::as_str)) {
            statement(self.text, self.dialect, sql);
        }
    }

    /// The rows of a data file, so that the script needs nothing besides itself.
    fn rows(&mut self, sql: &str, data: &Data) -> Result<(), Unsupported> {
        let wrong = |error: DataError| Unsupported::new(error.to_string());
        let mut rows = RowReader::open(&data.load).map_err(wrong)?;
        self.begin();
        comment(self.text, data.load.remark().trim_start_matches("/* ").trim_end_matches(" */"));
        self.dialect.script_rows(sql, data, &mut rows, self.text).map_err(wrong)
    }

    fn begin(&mut self) {
        if !self.open {
            statement(self.text, self.dialect, self.dialect.capabilities().begin);
            self.open = true;
        }
    }

    fn inside(&mut self, sql: &str) {
        self.begin();
        statement(self.text, self.dialect, sql);
    }

    fn close(&mut self) {
        if self.open {
            statement(self.text, self.dialect, "COMMIT");
            self.open = false;
        }
    }
}

fn owned(settings: &[&str]) -> Vec<String> {
    settings.iter().map(|sql| (*sql).to_owned()).collect()
}

fn statement(text: &mut String, dialect: &dyn Dialect, sql: &str) {
    let _ = writeln!(text, "{}", dialect.terminated(sql));
}

fn line_of(text: &mut String, line: &str) {
    let _ = writeln!(text, "{line}");
}

/// A comment of one line for each line of the words. Whatever else a client may take for the end of a line becomes a
/// blank, or what follows would be run.
fn comment(text: &mut String, words: &str) {
    for line in words.lines() {
        let line = line.replace(|c: char| c.is_control() || matches!(c, '\u{2028}' | '\u{2029}'), " ");
        let _ = writeln!(text, "-- {line}");
    }
}
