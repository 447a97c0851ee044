//! The revision graph against `specs/graph`, and against an oracle that knows only sets.

// The helpers of a test fail by panicking too, but clippy only knows the test functions themselves.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod cases;
mod large;
mod oracle;
mod refused;

use std::collections::BTreeSet;

use aludel_engine::revision::{Graph, Header, RevisionId};
use aludel_engine::source::{FileId, Span, Spanned};

fn id(text: &str) -> RevisionId {
    RevisionId::parse(text).unwrap()
}

fn ids<'a>(texts: impl IntoIterator<Item = &'a str>) -> BTreeSet<RevisionId> {
    texts.into_iter().map(id).collect()
}

fn header(name: &str, file: u32) -> Header {
    let span = Span { file: FileId(file), start: 0, end: 1 };
    Header {
        id: Spanned::new(id(name), span),
        down_revisions: Vec::new(),
        depends_on: Vec::new(),
        branch_labels: Vec::new(),
        message: String::new(),
        created: None,
        transaction: true,
        file: span.file,
    }
}

/// The rows that must be there when exactly this is applied.
fn newest(graph: &Graph, applied: &BTreeSet<RevisionId>) -> BTreeSet<RevisionId> {
    let needed = |id: &RevisionId| {
        graph.children(id).into_iter().chain(graph.dependents(id)).any(|later| applied.contains(&later))
    };
    applied.iter().filter(|id| !needed(id)).cloned().collect()
}
