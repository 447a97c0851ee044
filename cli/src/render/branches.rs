//! Branch points with what follows them.

use std::fmt::Write;

use super::history::marks;
use super::lists::details;
use super::style::{FAINT, MARK, PLAIN, REVISION, TITLE, paint};
use super::table::Table;
use super::words::{MESSAGE, cut, screen};
use crate::commands::branches::{BranchesDocument, Branching};

/// The branch points, each with its branches.
pub(crate) fn branches(document: &BranchesDocument, verbose: bool) -> String {
    if document.branches.is_empty() {
        return "the history does not branch\n".to_owned();
    }
    let one = |branching: &Branching| if verbose { long(branching) } else { short(branching) };
    document.branches.iter().map(one).collect::<Vec<_>>().join("\n")
}

fn short(branching: &Branching) -> String {
    let mut text = match &branching.point {
        Some(point) => {
            let message = cut(&point.message, MESSAGE);
            let marks = marks(point);
            let parts = [paint(REVISION, &point.revision), paint(PLAIN, &message), paint(MARK, &marks)];
            let shown = parts.iter().zip([&point.revision, &message, &marks]).filter(|(_, plain)| !plain.is_empty());
            shown.map(|(part, _)| part.as_str()).collect::<Vec<_>>().join("  ")
        }
        None => paint(TITLE, "histories that begin by themselves"),
    };
    text.push('\n');
    let mut table = Table::default();
    for (place, child) in branching.children.iter().enumerate() {
        let last = place + 1 == branching.children.len();
        let revision = &child.revision;
        let leads = match child.heads.as_slice() {
            [only] if *only == revision.revision => String::new(),
            heads => format!("leads to {}", heads.join(", ")),
        };
        table.row([
            (if last { "╰─" } else { "├─" }.to_owned(), FAINT),
            (revision.revision.clone(), REVISION),
            (cut(&revision.message, MESSAGE), PLAIN),
            (marks(revision), MARK),
            (leads, FAINT),
        ]);
    }
    table.fit(2, screen());
    text.push_str(&table.lines());
    text
}

fn long(branching: &Branching) -> String {
    let mut text = match &branching.point {
        Some(point) => details(point),
        None => format!("{}\n", paint(TITLE, "histories that begin by themselves")),
    };
    for child in &branching.children {
        text.push('\n');
        for line in details(&child.revision).lines() {
            let _ = writeln!(text, "    {line}");
        }
    }
    text
}
