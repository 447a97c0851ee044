//! A plan for a reviewer: what happens in words, the SQL, what it costs, what is lost, whether it can be undone.

use std::fmt::Write;

use aludel_engine::plan::{Direction, Group, LockLevel, RevisionPlan, Statement, Transaction, Work};

use super::style::{CAUTION, DANGER, FAINT, REVISION, SQL, TITLE, paint};
use super::words::{count, line};
use crate::commands::plan::PlanDocument;

/// The plan as text.
pub(crate) fn plan(document: &PlanDocument, revisions: &[RevisionPlan], direction: Direction) -> String {
    let mut text = String::new();
    let statements = revisions.iter().map(|revision| revision.statements().count()).sum();
    let place = match &document.database {
        Some(database) => format!("`{}` ({} {})", database.name, document.dialect, document.version),
        None => format!("{} {}, without a database", document.dialect, document.version),
    };
    let title = format!("{} of {place} to {}", direction.name(), document.target);
    let _ = writeln!(
        text,
        "{}: {}, {}",
        paint(TITLE, &title),
        count(revisions.len(), "revision"),
        count(statements, "statement")
    );
    if revisions.is_empty() {
        let _ = writeln!(text, "nothing to do");
        return text;
    }
    for revision in revisions {
        text.push('\n');
        one(&mut text, revision, direction);
    }
    closing(&mut text, revisions);
    text
}

fn one(text: &mut String, revision: &RevisionPlan, direction: Direction) {
    let id = paint(REVISION, revision.id.as_str());
    let _ = writeln!(text, "{id}  {}", paint(TITLE, &line(&revision.message)));
    let _ = writeln!(text, "  {}", paint(FAINT, &facts(revision)));
    for group in &revision.groups {
        group_text(text, revision, group);
    }
    for step in revision.steps.iter().filter(|step| step.skipped) {
        let _ = writeln!(text, "  - {}: left out, because none of its tags was asked for", step.operation);
    }
    if revision.groups.is_empty() {
        let _ = writeln!(text, "  {}", paint(FAINT, "no statement, only the record"));
    }
    if direction == Direction::Upgrade {
        let undo = match &revision.undo {
            Ok(_) if revision.losses().next().is_some() => "  can be undone, without the data that is lost".to_owned(),
            Ok(_) => "  can be undone".to_owned(),
            Err(reason) => format!("  {}", paint(CAUTION, &format!("cannot be undone: {reason}"))),
        };
        let _ = writeln!(text, "{undo}");
    }
}

/// Where the revision stands and how it commits.
fn facts(revision: &RevisionPlan) -> String {
    let parents: Vec<&str> = revision.parents.iter().map(|id| id.as_str()).collect();
    let place = if parents.is_empty() { "the first".to_owned() } else { format!("after {}", parents.join(" and ")) };
    let commits = match revision.atomic {
        true => "one transaction",
        false => "not one transaction: each statement is recorded, and an interrupted run continues",
    };
    format!("{place}; {commits}")
}

fn group_text(text: &mut String, revision: &RevisionPlan, group: &Group) {
    for what in &group.summary {
        let lost = group.losses.contains(what);
        let mark = if lost { paint(DANGER, "! ") } else { "- ".to_owned() };
        let _ = write!(text, "  {mark}{}", super::style::clean(&line(what)));
        let _ = writeln!(text, "{}", if lost { paint(DANGER, "  (data is lost)") } else { String::new() });
    }
    for step in group.steps.iter().filter_map(|place| revision.steps.get(*place)) {
        if let Some(note) = &step.note {
            let _ = writeln!(text, "      {}", paint(FAINT, &format!("why: {}", line(note))));
        }
        if !step.allow.is_empty() {
            let _ = writeln!(text, "      {}", paint(FAINT, &format!("accepted: {}", step.allow.join(", "))));
        }
    }
    for statement in &group.statements {
        for part in statement.sql.lines() {
            let _ = writeln!(text, "      {}", paint(SQL, part));
        }
        if text.ends_with('\n') {
            text.pop();
        }
        let _ = writeln!(text, "{}", paint(SQL, ";"));
        for note in &statement.notes {
            let _ = writeln!(text, "      {}", paint(FAINT, &format!("-- {note}")));
        }
        if let Some(batches) = &statement.batches {
            let _ = writeln!(text, "      {}", paint(FAINT, &format!("-- {}", batches.describe())));
        }
        let cost = cost(statement);
        if !cost.is_empty() {
            let _ = writeln!(text, "      {}", paint(FAINT, &format!("-- {cost}")));
        }
    }
}

/// What a statement does to those who work with the database meanwhile.
fn cost(statement: &Statement) -> String {
    let mut parts = Vec::new();
    let work = match statement.work {
        Work::Metadata => "",
        Work::Scan => "reads the whole table",
        Work::Index => "builds an index",
        Work::Rebuild => "writes the table anew while it can be used",
        Work::Copy => "writes the table anew",
        Work::Rows => "writes rows",
    };
    parts.extend((!work.is_empty()).then(|| work.to_owned()));
    for (level, words) in
        [(LockLevel::BlocksAll, "nobody else can use"), (LockLevel::BlocksWrites, "nobody else can write to")]
    {
        let names: Vec<String> =
            statement.locks.iter().filter(|lock| lock.level == level).map(|lock| lock.relation.to_string()).collect();
        parts.extend((!names.is_empty()).then(|| format!("{words} {} meanwhile", names.join(", "))));
    }
    if statement.transaction == Transaction::Outside {
        parts.push("outside a transaction".to_owned());
    }
    parts.join("; ")
}

fn closing(text: &mut String, revisions: &[RevisionPlan]) {
    let losses: Vec<(&str, &str)> =
        revisions.iter().flat_map(|revision| revision.losses().map(|loss| (revision.id.as_str(), loss))).collect();
    if !losses.is_empty() {
        let _ = writeln!(text, "\n{}", paint(DANGER, "Data is lost:"));
        for (id, loss) in losses {
            let _ = writeln!(text, "  {}  {}", paint(REVISION, id), paint(DANGER, &line(loss)));
        }
    }
    let _ = writeln!(text, "\n{}", paint(FAINT, "Nothing has been run."));
}
