//! A plan as a script for the database's own client: the same statements, with the same bookkeeping.

use std::fmt::Write;

use super::Journal;
use super::journal::RunRecord;
use crate::dialect::{Dialect, Unsupported};
use crate::plan::{Direction, Plan, RevisionPlan, Statement, Transaction};
use crate::revision::Restated;

/// What a script says besides the plan.
#[derive(Debug, Clone)]
pub struct ScriptOptions<'a> {
    /// Name and version of the tool.
    pub tool: &'a str,
    /// What the user asked for.
    pub target: &'a str,
    /// Whether the journal's tables are made if they are not there.
    pub create_journal: bool,
}

/// A plan as a script.
///
/// # Errors
/// When the dialect cannot hold the journal.
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
    for revision in &plan.revisions {
        revision_text(&mut text, plan.direction, revision, dialect, journal, &record);
    }
    Ok(text)
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
    statement(&mut text, dialect, dialect.capabilities().begin);
    for sql in journal.row_changes(&stamp.changes) {
        statement(&mut text, dialect, &sql);
    }
    for sql in journal.history_stamp(stamp, &record) {
        statement(&mut text, dialect, &sql);
    }
    statement(&mut text, dialect, "COMMIT");
    Ok(text)
}

fn header(text: &mut String, plan: &Plan, dialect: &dyn Dialect, options: &ScriptOptions<'_>) {
    comment(text, &format!("{}: {} to {}", options.tool, plan.direction.name(), options.target));
    comment(text, &format!("for {} {}", dialect.name(), dialect.version()));
    match plan.revisions.len() {
        0 => comment(text, "nothing to do"),
        1 => comment(text, "1 revision"),
        count => comment(text, &format!("{count} revisions")),
    }
}

fn revision_text(
    text: &mut String,
    direction: Direction,
    revision: &RevisionPlan,
    dialect: &dyn Dialect,
    journal: &Journal,
    record: &RunRecord<'_>,
) {
    text.push('\n');
    let parents = match revision.parents.as_slice() {
        [] => "base".to_owned(),
        parents => parents.iter().map(ToString::to_string).collect::<Vec<_>>().join(", "),
    };
    let path = match direction {
        Direction::Upgrade => format!("{parents} -> {}", revision.id),
        Direction::Downgrade => format!("{} -> {parents}", revision.id),
    };
    comment(text, &format!("{} {path}: {}", direction.name(), revision.message));
    for skipped in revision.steps.iter().filter(|step| step.skipped) {
        comment(text, &format!("left out: {} (its tags were not asked for)", skipped.operation));
    }
    let (prologue, epilogue) = revision.session_settings();
    for sql in prologue {
        statement(text, dialect, sql);
    }
    let mut open = Block { text, dialect, open: false };
    open.inside(&journal.history_start(revision, record.direction, record));
    for group in &revision.groups {
        for line in &group.summary {
            comment(open.text, line);
        }
        for planned in &group.statements {
            for note in &planned.notes {
                comment(open.text, note);
            }
            open.planned(planned);
        }
    }
    for sql in journal.row_changes(&revision.rows) {
        open.inside(&sql);
    }
    open.inside(&journal.history_finish(&revision.id, record.run_id));
    open.close();
    for sql in epilogue {
        statement(text, dialect, sql);
    }
}

/// Opens and closes transactions as the statements want it.
struct Block<'t> {
    text: &'t mut String,
    dialect: &'t dyn Dialect,
    open: bool,
}

impl Block<'_> {
    fn planned(&mut self, planned: &Statement) {
        match planned.transaction {
            Transaction::Inside => self.inside(&planned.sql),
            Transaction::Outside => {
                self.close();
                statement(self.text, self.dialect, &planned.sql);
            }
        }
    }

    fn inside(&mut self, sql: &str) {
        if !self.open {
            statement(self.text, self.dialect, self.dialect.capabilities().begin);
            self.open = true;
        }
        statement(self.text, self.dialect, sql);
    }

    fn close(&mut self) {
        if self.open {
            statement(self.text, self.dialect, "COMMIT");
            self.open = false;
        }
    }
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
