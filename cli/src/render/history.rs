//! The history as a table.

use std::fmt::Write;

use super::style::{CAUTION, FAINT, MARK, PLAIN, REVISION, paint};
use super::table::Table;
use super::words::{MESSAGE, between, cut, screen, seconds};
use crate::commands::history::{AppliedDocument, HistoryDocument};
use crate::commands::{Mark, RevisionDocument};

/// Revisions, newest first.
pub(crate) fn history(document: &HistoryDocument, verbose: bool) -> String {
    if document.revisions.is_empty() {
        return "no revisions\n".to_owned();
    }
    if verbose {
        let each: Vec<String> = document.revisions.iter().map(super::lists::details).collect();
        return each.join("\n");
    }
    let mut table = Table::default();
    let indicates = document.database.is_some();
    for revision in &document.revisions {
        let state = match (indicates, revision.applied) {
            (true, Some(true)) => ("*", MARK),
            _ => ("", PLAIN),
        };
        table.row([
            (state.0.to_owned(), state.1),
            (revision.revision.clone(), REVISION),
            (revision.created.as_deref().map(date).unwrap_or_default(), FAINT),
            (cut(&revision.message, MESSAGE), PLAIN),
            (marks(revision), MARK),
        ]);
    }
    table.fit(3, screen());
    let mut text = table.lines();
    if indicates {
        let _ = writeln!(text, "\n{}", paint(FAINT, "* applied"));
    }
    text
}

/// What is special about a revision, in brackets.
pub(super) fn marks(revision: &RevisionDocument) -> String {
    let word = |mark: &Mark| match mark {
        Mark::Base => "base",
        Mark::Head => "head",
        Mark::Branchpoint => "branch point",
        Mark::Merge => "merge",
        Mark::Current => "current",
    };
    let marks = revision.marks.iter().map(|mark| format!("({})", word(mark)));
    let labels = revision.branch_labels.iter().map(|label| format!("[{label}]"));
    marks.chain(labels).collect::<Vec<_>>().join(" ")
}

/// The database's own record, newest first.
pub(crate) fn applied(document: &AppliedDocument) -> String {
    if document.applied.is_empty() {
        return format!("nothing has been recorded in `{}`\n", document.database.name);
    }
    let mut table = Table::default();
    let head = ["WHEN", "", "REVISION", "MESSAGE", "TOOK", "BY", "HOST", "TOOL"];
    table.row(head.map(|cell| (cell.to_owned(), FAINT)));
    for row in document.applied.iter().rev() {
        let (sign, style) = match row.direction.as_str() {
            "upgrade" => ("↑", PLAIN),
            "downgrade" => ("↓", CAUTION),
            "undo" => ("↺", CAUTION),
            "accept" => ("≈", CAUTION),
            _ => ("=", PLAIN),
        };
        let took = match &row.finished_at {
            None => ("not finished".to_owned(), CAUTION),
            Some(end) => (between(&row.started_at, end).map(seconds).unwrap_or_default(), PLAIN),
        };
        let text = |cell: &Option<String>| cell.clone().unwrap_or_default();
        table.row([
            (moment(&row.started_at), PLAIN),
            (sign.to_owned(), style),
            (row.revision.clone(), REVISION),
            (cut(&text(&row.message), 50), PLAIN),
            took,
            (text(&row.user), PLAIN),
            (text(&row.host), FAINT),
            (row.tool.clone(), FAINT),
        ]);
    }
    table.fit(3, screen());
    table.lines()
}

fn date(created: &str) -> String {
    created.split(['T', ' ']).next().unwrap_or_default().to_owned()
}

/// A moment to the second.
pub(super) fn moment(text: &str) -> String {
    match text.split_once('.') {
        Some((seconds, rest)) => format!("{seconds}{}", rest.trim_start_matches(|c: char| c.is_ascii_digit())),
        None => text.to_owned(),
    }
}
