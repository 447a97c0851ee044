//! Templates with placeholders in braces.

use std::ops::Range;

use crate::diagnostic::{Diagnostic, Diagnostics, codes};
use crate::source::{Sources, Span, Spanned, nearest};

/// A part of a template.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Piece<'t> {
    /// Text that stands for itself.
    Text(&'t str),
    /// The name between two braces.
    Placeholder(&'t str),
    /// A brace without its other half.
    Stray(&'t str),
}

/// Cuts a template into its parts.
pub(super) fn pieces(template: &str) -> Vec<Piece<'_>> {
    let mut pieces = Vec::new();
    let mut rest = template;
    while let Some(at) = rest.find(['{', '}']) {
        if at > 0 {
            pieces.push(Piece::Text(&rest[..at]));
        }
        let end = rest[at + 1..].find(['{', '}']).map(|end| at + 1 + end);
        match end {
            Some(end) if rest[at..].starts_with('{') && rest[end..].starts_with('}') => {
                pieces.push(Piece::Placeholder(&rest[at + 1..end]));
                rest = &rest[end + 1..];
            }
            _ => {
                pieces.push(Piece::Stray(&rest[at..=at]));
                rest = &rest[at + 1..];
            }
        }
    }
    if !rest.is_empty() {
        pieces.push(Piece::Text(rest));
    }
    pieces
}

/// Reports every placeholder that is not known, and braces that do not pair.
pub(super) fn check(template: &Spanned<String>, known: &[&str], sources: &Sources, diagnostics: &mut Diagnostics) {
    let list = || known.iter().map(|name| format!("`{{{name}}}`")).collect::<Vec<_>>().join(", ");
    for piece in pieces(template) {
        match piece {
            Piece::Placeholder(name) if !known.contains(&name) => {
                let place = within(sources, template.span, &format!("{{{name}}}"));
                let diagnostic = Diagnostic::error(&codes::PLACEHOLDER, format!("unknown placeholder `{{{name}}}`"))
                    .at(place, "not known here")
                    .note(format!("known placeholders: {}", list()));
                diagnostics.push(match nearest(name, known.iter().copied()) {
                    Some(near) => diagnostic.help(format!("did you mean `{{{near}}}`?")),
                    None => diagnostic,
                });
            }
            Piece::Stray(brace) => diagnostics.push(
                Diagnostic::error(&codes::PLACEHOLDER, format!("a `{brace}` without its other half"))
                    .at(within(sources, template.span, brace), "")
                    .note(format!("known placeholders: {}", list())),
            ),
            Piece::Placeholder(_) | Piece::Text(_) => {}
        }
    }
}

/// The place of a part of a text, when it was written word for word; else the place of the whole.
pub(super) fn within(sources: &Sources, whole: Span, part: &str) -> Span {
    let written = sources.text(whole);
    match written.find(part) {
        Some(at) => sub(whole, at..at + part.len()),
        None => whole,
    }
}

fn sub(whole: Span, range: Range<usize>) -> Span {
    let narrow = |at: usize| whole.start.saturating_add(u32::try_from(at).unwrap_or(u32::MAX)).min(whole.end);
    Span { file: whole.file, start: narrow(range.start), end: narrow(range.end) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn templates_are_cut() {
        use Piece::{Placeholder, Stray, Text};
        for (template, expected) in [
            ("ix_{table}_{columns}", vec![Text("ix_"), Placeholder("table"), Text("_"), Placeholder("columns")]),
            ("{a}{b}é", vec![Placeholder("a"), Placeholder("b"), Text("é")]),
            ("a}b{", vec![Text("a"), Stray("}"), Text("b"), Stray("{")]),
            ("{a{b}", vec![Stray("{"), Text("a"), Placeholder("b")]),
            ("{}", vec![Placeholder("")]),
            ("", vec![]),
        ] {
            assert_eq!(pieces(template), expected, "{template}");
        }
    }
}
