//! What lies between two schemas, in lines.

use std::fmt::Write;

use super::style::{CAUTION, DANGER, FAINT, MARK, paint};
use crate::commands::{DifferenceDocument, Kind};

/// A line for each thing that differs, and one that says what the signs mean.
pub(crate) fn difference(document: &DifferenceDocument, first: &str, second: &str) -> String {
    let mut text = String::new();
    for change in &document.changes {
        let sign = match change.kind {
            Kind::Added => paint(MARK, "+"),
            Kind::Removed => paint(DANGER, "-"),
            Kind::Changed => paint(CAUTION, "~"),
        };
        let _ = writeln!(text, "  {sign} {}", super::style::clean(&super::words::line(&change.what)));
    }
    for remark in &document.remarks {
        let _ = writeln!(text, "  {} {}", paint(CAUTION, "!"), super::style::clean(remark));
    }
    for question in &document.questions {
        let _ = writeln!(text, "  {} {}", paint(CAUTION, "?"), super::style::clean(question));
    }
    let has = |kind: Kind| document.changes.iter().any(|change| change.kind == kind);
    let legend: Vec<String> = [
        (has(Kind::Added), format!("+ only in {second}")),
        (has(Kind::Removed), format!("- only in {first}")),
        (has(Kind::Changed), format!("~ as it is in {second}, and what it was in {first}")),
    ]
    .into_iter()
    .filter(|(present, _)| *present)
    .map(|(_, words)| words)
    .collect();
    if !legend.is_empty() {
        let _ = writeln!(text, "  {}", paint(FAINT, &format!("({})", legend.join("; "))));
    }
    text
}
