//! Why a command failed, for a person and as a document.

use std::fmt::Write;

use aludel_engine::diagnostic::{Diagnostics, Severity, render, to_json};
use aludel_engine::source::Sources;
use serde_json::{Value, json};

use super::style::{DANGER, FAINT, paint};
use super::words::count;
use crate::failure::Report;

/// The messages, one after the other.
pub(super) fn messages(diagnostics: &Diagnostics, sources: &Sources, colour: bool) -> String {
    let shown: Vec<String> =
        diagnostics.sorted().iter().map(|diagnostic| render(diagnostic, sources, colour)).collect();
    shown.iter().map(|text| text.trim_end()).collect::<Vec<_>>().join("\n\n")
}

/// The messages and a line that sums up.
pub(super) fn text(report: &Report, colour: bool) -> String {
    let mut text = messages(&report.diagnostics, &report.sources, colour);
    let mut codes: Vec<&str> = report.diagnostics.sorted().iter().map(|diagnostic| diagnostic.code.id).collect();
    let errors = summary(&report.diagnostics);
    codes.sort_unstable();
    codes.dedup();
    if !report.done.is_empty() {
        let ids: Vec<String> = report.done.iter().map(ToString::to_string).collect();
        let _ = write!(text, "\n\ndone before that: {}", ids.join(", "));
    }
    let more = match codes.as_slice() {
        [only] => format!("; more about it: aludel explain {only}"),
        [first, ..] => format!("; more about each: aludel explain {first}, …"),
        [] => String::new(),
    };
    let _ = write!(text, "\n\n{}{}", paint(DANGER, &errors), paint(FAINT, &more));
    text
}

/// The document of a command that failed: `{"error": {"message", "diagnostics", "done"}}`. `message` sums up,
/// `diagnostics` are those of [`to_json`], `done` the revisions that were run before it stopped.
pub(super) fn document(report: &Report) -> Value {
    let diagnostics: Vec<Value> =
        report.diagnostics.sorted().iter().map(|diagnostic| to_json(diagnostic, &report.sources)).collect();
    let done: Vec<&str> = report.done.iter().map(|id| id.as_str()).collect();
    json!({"error": {"message": summary(&report.diagnostics), "diagnostics": diagnostics, "done": done}})
}

fn summary(diagnostics: &Diagnostics) -> String {
    let (errors, warnings): (Vec<_>, Vec<_>) =
        diagnostics.sorted().into_iter().partition(|diagnostic| diagnostic.severity == Severity::Error);
    match warnings.len() {
        0 => count(errors.len(), "error"),
        more => format!("{}, {}", count(errors.len(), "error"), count(more, "warning")),
    }
}
