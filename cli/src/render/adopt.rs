//! What was written to take a database into care.

use std::fmt::Write;

use super::style::{FAINT, MARK, TITLE, clean, paint};
use super::words::count;
use crate::commands::adopt::AdoptDocument;

/// The files, and where the database stands.
pub(crate) fn adopted(document: &AdoptDocument) -> String {
    let mut text = String::new();
    for file in &document.files {
        let _ = writeln!(text, "{} {}", paint(MARK, "+"), clean(file.path.as_deref().unwrap_or_default()));
    }
    let numbers = &document.counts;
    let mut parts = vec![count(numbers.tables, "table")];
    if numbers.enums > 0 {
        parts.push(count(numbers.enums, "enum"));
    }
    if numbers.objects > 0 {
        parts.push(count(numbers.objects, "other object"));
    }
    let what = parts.join(", ");
    let name = clean(&document.database.name);
    if document.dry_run {
        if let Some(revision) = document.files.last() {
            let _ = writeln!(text, "\n{}\n{}", paint(TITLE, "The first revision:"), clean(&revision.text));
        }
        let _ = writeln!(
            text,
            "{}",
            paint(FAINT, &format!("Nothing has been written, and `{name}` is as it was ({what})."))
        );
        return text;
    }
    let _ = writeln!(text, "`{name}` is in care: {what}; it is at {}", document.revision);
    text
}
