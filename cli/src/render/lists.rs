//! Short answers: heads, what is applied, one revision, an explanation, new files.

use std::fmt::Write;

use super::history::{marks, moment};
use super::style::{CAUTION, FAINT, MARK, PLAIN, REVISION, TITLE, paint};
use super::table::Table;
use super::words::{MESSAGE, count, cut, screen, thousands, wrap};
use crate::commands::RevisionDocument;
use crate::commands::current::CurrentDocument;
use crate::commands::explain::ExplainDocument;
use crate::commands::heads::HeadsDocument;

/// What is applied.
pub(crate) fn current(document: &CurrentDocument, verbose: bool) -> String {
    let mut text = String::new();
    let name = &document.database.name;
    if document.absent {
        let _ = writeln!(text, "nothing is applied: `{name}` does not exist yet");
    } else if document.revisions.is_empty() && document.unknown.is_empty() {
        let _ = writeln!(text, "nothing is applied to `{name}`");
    }
    match verbose {
        true => document.revisions.iter().for_each(|revision| text.push_str(&details(revision))),
        false => text.push_str(&table(&document.revisions)),
    }
    for unknown in &document.unknown {
        let row = unknown.record.as_ref();
        let message = row.and_then(|row| row.message.as_deref()).unwrap_or_default();
        let message = if message.is_empty() { String::new() } else { format!("  {}", cut(message, MESSAGE)) };
        let id = paint(REVISION, &unknown.revision);
        let _ = writeln!(text, "{id}{message}  {}", paint(CAUTION, "not in this project"));
        if let Some(row) = row {
            let mut words = vec![format!(
                "{} {}",
                if row.direction == "stamp" { "stamped" } else { "applied" },
                moment(&row.started_at)
            )];
            words.extend(row.user.iter().filter(|user| !user.is_empty()).map(|user| format!("by {user}")));
            words.extend(row.host.iter().map(|host| format!("from {host}")));
            words.push(format!("with {}", row.tool));
            words.push(match unknown.recorded {
                true => "- `aludel downgrade` can undo it from the database's record".to_owned(),
                false => "- the database does not say what it did".to_owned(),
            });
            let _ = writeln!(text, "  {}", paint(FAINT, &words.join(" ")));
        }
    }
    for half in &document.unfinished {
        let state = if half.undoing { "half undone" } else { "half run" };
        let rows = half.backfill.as_ref().map(|backfill| {
            let total = backfill.total.map(|total| format!(" of about {}", thousands(total))).unwrap_or_default();
            format!(", {}{total} rows of its backfill done", thousands(backfill.rows))
        });
        let half = format!(
            "{}: the {} is {state}{}; `aludel repair` shows what is done",
            half.revision,
            half.direction,
            rows.unwrap_or_default()
        );
        let _ = writeln!(text, "{}", paint(CAUTION, &half));
    }
    if let Some(pending) = document.pending.filter(|pending| *pending > 0) {
        let _ = writeln!(text, "{}", paint(FAINT, &format!("{} not applied yet", count(pending, "revision"))));
    }
    text
}

/// The ends of the history.
pub(crate) fn heads(document: &HeadsDocument, verbose: bool) -> String {
    match (document.heads.is_empty(), verbose) {
        (true, _) => "no revisions\n".to_owned(),
        (_, true) => document.heads.iter().map(details).collect::<Vec<_>>().join("\n"),
        (_, false) => table(&document.heads),
    }
}

fn table(revisions: &[RevisionDocument]) -> String {
    let mut table = Table::default();
    for revision in revisions {
        table.row([
            (revision.revision.clone(), REVISION),
            (cut(&revision.message, MESSAGE), PLAIN),
            (marks(revision), MARK),
        ]);
    }
    table.fit(1, screen());
    table.lines()
}

/// Everything about one revision.
pub(crate) fn details(revision: &RevisionDocument) -> String {
    let (first, rest) = revision.message.split_once('\n').unwrap_or((&revision.message, ""));
    let title = format!("{}  {}", paint(REVISION, &revision.revision), paint(TITLE, first));
    let rest: String = rest.lines().map(|line| format!("  {}\n", paint(TITLE, line))).collect();
    let mut table = Table::default();
    let none = |names: &[String], word: &str| if names.is_empty() { word.to_owned() } else { names.join(", ") };
    let created = revision.created.clone().unwrap_or_default();
    for (name, value) in [
        ("follows", none(&revision.down_revisions, "nothing")),
        ("followed by", none(&revision.children, "nothing")),
        ("depends on", revision.depends_on.join(", ")),
        ("labels", revision.branch_labels.join(", ")),
        ("branches", revision.branches.join(", ")),
        ("created", created),
        ("file", revision.file.clone()),
    ] {
        if !value.is_empty() {
            table.row([(format!("  {name}"), FAINT), (value, PLAIN)]);
        }
    }
    let marks = marks(revision);
    let marks = if marks.is_empty() { marks } else { format!("  {}", paint(MARK, &marks)) };
    format!("{title}{marks}\n{rest}{}", table.lines())
}

/// What a code means.
pub(crate) fn explanation(document: &ExplainDocument) -> String {
    let title = format!("{}: {}", document.code, document.title);
    format!("{}\n\n{}\n", paint(TITLE, &title), wrap(document.explanation, 88, ""))
}

/// Files that were made.
pub(crate) fn made(paths: &[String]) -> String {
    paths.iter().map(|path| format!("{} {}\n", paint(MARK, "+"), super::style::clean(path))).collect()
}
