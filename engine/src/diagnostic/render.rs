//! One diagnostic as text for a terminal, as a line, or as JSON.

use std::ops::Range;

use annotate_snippets::{AnnotationKind, Group, Level, Origin, Patch, Renderer, Snippet, normalize_untrusted_str};
use serde_json::{Value, json};

use super::{Diagnostic, Label, Severity};
use crate::source::{FileId, SourceFile, Sources, Span};

/// A longer line is not shown, only its place is told.
const LINE_LIMIT: usize = 4096;

/// Shows a message with the lines it is about, in the manner of rustc.
///
/// The text of the files goes through clean: it cannot send escape sequences to the terminal.
#[must_use]
pub fn render(diagnostic: &Diagnostic, sources: &Sources, color: bool) -> String {
    let level = match diagnostic.severity {
        Severity::Error => Level::ERROR,
        Severity::Warning => Level::WARNING,
    };
    let title = level.primary_title(clean_message(&diagnostic.message)).id(diagnostic.code.id);
    let mut group = Group::with_title(title);
    for file in files(&diagnostic.labels) {
        if let Some(source) = sources.get(file) {
            group = labelled(group, source, file, &diagnostic.labels);
        }
    }
    group = group.elements(diagnostic.notes.iter().map(|note| Level::NOTE.message(clean_message(note))));
    let patch = diagnostic.fix.as_ref().and_then(|fix| {
        let source = sources.get(fix.span.file)?;
        let range = source.range(fix.span);
        let window = Window::around(source, range.clone())?;
        let patch = Patch::new(window.inside(&range), clean_message(&fix.replacement));
        Some(Snippet::source(window.text).path(path(source)).line_start(window.line).patch(patch))
    });
    let help = diagnostic.help.as_deref().map(clean_message);
    let mut report = Vec::new();
    match patch {
        Some(patch) => {
            let title = Level::HELP.secondary_title(help.unwrap_or_else(|| "make this edit".to_owned()));
            report.push(group);
            report.push(Group::with_title(title).element(patch));
        }
        None => report.push(group.elements(help.map(|help| Level::HELP.message(help)))),
    }
    let renderer = if color { Renderer::styled() } else { Renderer::plain() };
    renderer.render(&report)
}

/// Says a message in one line, `file:line:column: error[E0201]: message`.
#[must_use]
pub fn short(diagnostic: &Diagnostic, sources: &Sources) -> String {
    let place = diagnostic.labels.first().and_then(|label| {
        let (line, column) = sources.line_column(label.span);
        Some(format!("{}:{line}:{column}: ", path(sources.get(label.span.file)?)))
    });
    let message = clean_message(&diagnostic.message).replace('\n', " ");
    format!("{}{}[{}]: {message}", place.unwrap_or_default(), word(diagnostic.severity), diagnostic.code.id)
}

/// Gives a message as JSON. The keys are stable: `code`, `severity`, `message`, `labels`, `notes`, `help`, `fix`.
#[must_use]
pub fn to_json(diagnostic: &Diagnostic, sources: &Sources) -> Value {
    let place = |span: Span, key: &str, text: &str| {
        let (line, column) = sources.line_column(span);
        let (end_line, end_column) = sources.end_line_column(span);
        json!({
            "file": sources.path(span.file).display().to_string(),
            "line": line,
            "column": column,
            "end_line": end_line,
            "end_column": end_column,
            key: text,
        })
    };
    json!({
        "code": diagnostic.code.id,
        "severity": word(diagnostic.severity),
        "message": diagnostic.message,
        "labels": diagnostic.labels.iter().map(|label| place(label.span, "text", &label.text)).collect::<Vec<_>>(),
        "notes": diagnostic.notes,
        "help": diagnostic.help,
        "fix": diagnostic.fix.as_ref().map(|fix| place(fix.span, "replacement", &fix.replacement)),
    })
}

fn word(severity: Severity) -> &'static str {
    match severity {
        Severity::Error => "error",
        Severity::Warning => "warning",
    }
}

/// The files of the labels, in the order they come up.
fn files(labels: &[Label]) -> Vec<FileId> {
    let mut files = Vec::new();
    for label in labels {
        if !files.contains(&label.span.file) {
            files.push(label.span.file);
        }
    }
    files
}

/// Adds the labels of one file to a group.
fn labelled<'a>(group: Group<'a>, source: &'a SourceFile, file: FileId, labels: &'a [Label]) -> Group<'a> {
    let primary = labels.first();
    let here: Vec<(&Label, Range<usize>)> = labels
        .iter()
        .filter(|label| label.span.file == file)
        .map(|label| (label, first_line(source, source.range(label.span))))
        .collect();
    let start = here.iter().map(|(_, range)| range.start).min().unwrap_or(0);
    let end = here.iter().map(|(_, range)| range.end).max().unwrap_or(0);
    let too_long = here.iter().any(|(_, range)| Window::around(source, range.clone()).is_none());
    let window = Window::around(source, start..end).filter(|_| !too_long);
    let Some(window) = window else {
        let line = source.line_of(start) + 1;
        return group.element(Origin::path(path(source)).line(line)).elements(
            here.iter()
                .filter(|(label, _)| !label.text.is_empty())
                .map(|(label, _)| Level::NOTE.message(clean_message(&label.text))),
        );
    };
    let annotations = here.iter().map(|(label, range)| {
        let kind = if primary == Some(*label) { AnnotationKind::Primary } else { AnnotationKind::Context };
        let text = (!label.text.is_empty()).then(|| clean_message(&label.text));
        kind.span(window.inside(range)).label(text)
    });
    let snippet =
        Snippet::source(window.text.clone()).path(path(source)).line_start(window.line).annotations(annotations);
    group.element(snippet)
}

/// A range that spans lines is shown by its first: a whole table drawn in the margin says no more.
fn first_line(source: &SourceFile, range: Range<usize>) -> Range<usize> {
    let text = source.text.get(range.clone()).unwrap_or("");
    let line = text.split('\n').next().unwrap_or("").trim_end_matches('\r');
    range.start..range.start + line.len()
}

/// The lines of a file that are shown.
struct Window {
    text: String,
    start: usize,
    line: usize,
}

impl Window {
    /// The lines around a range, unless that begins or ends in a line that is too long.
    fn around(source: &SourceFile, range: Range<usize>) -> Option<Window> {
        let text = &source.text;
        let start = text[..range.start].rfind('\n').map_or(0, |newline| newline + 1);
        let end = text[range.end..].find('\n').map_or(text.len(), |newline| range.end + newline);
        let first_end = text[range.start..].find('\n').map_or(text.len(), |newline| range.start + newline);
        let last_start = text[..range.end].rfind('\n').map_or(0, |newline| newline + 1);
        if first_end - start > LINE_LIMIT || end - last_start > LINE_LIMIT {
            return None;
        }
        Some(Window { text: clean(&text[start..end]), start, line: source.line_of(start) + 1 })
    }

    fn inside(&self, range: &Range<usize>) -> Range<usize> {
        range.start.saturating_sub(self.start)..range.end.saturating_sub(self.start)
    }
}

fn path(source: &SourceFile) -> String {
    clean_message(&source.path.display().to_string()).replace('\n', "␊")
}

fn clean_message(text: &str) -> String {
    normalize_untrusted_str(&clean(text))
}

/// Takes out what the renderer leaves in and a terminal may obey: C1 controls and marks that turn the writing direction
/// or break lines. Each is replaced by as many bytes, so that ranges stay valid. The renderer itself replaces the rest.
fn clean(text: &str) -> String {
    let replace = |c: char| match c {
        '\u{80}'..='\u{9f}' | '\u{61c}' => '¤',
        '\u{200b}' | '\u{200e}' | '\u{200f}' | '\u{2028}' | '\u{2029}' | '\u{fff9}'..='\u{fffb}' => '\u{fffd}',
        _ => c,
    };
    text.chars().map(replace).collect()
}

#[cfg(test)]
#[path = "render_tests.rs"]
mod tests;
