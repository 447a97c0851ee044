//! Says in plain words why the YAML parser stopped, and what to do.

use granit_parser::{ErrorKind, ScanError};

use super::{FileId, Span};
use crate::diagnostic::{Diagnostic, codes};

/// Turns the parser's error into a message at its place.
pub(super) fn explain(error: &ScanError, file: FileId, text: &str) -> Diagnostic {
    let start = text.floor_char_boundary(error.marker().byte_offset().unwrap_or(0));
    let width = text[start..].chars().next().filter(|c| !matches!(c, '\n' | '\r')).map_or(0, char::len_utf8);
    let span = span(file, start, start + width);
    match error.kind() {
        ErrorKind::TabInBlockIndentation
        | ErrorKind::TabInIndentation
        | ErrorKind::TabNotAllowed
        | ErrorKind::TabAtBlockScalarStart
        | ErrorKind::TabInPlainScalar => tab(file, text, start),
        ErrorKind::RecursionLimitExceeded => {
            Diagnostic::error(&codes::TOO_DEEP, "maps and lists are nested too deeply")
                .at(span, format!("deeper than {} levels", super::yaml::DEPTH_LIMIT))
        }
        ErrorKind::UnknownAnchor => Diagnostic::error(&codes::UNKNOWN_ALIAS, "this alias names no anchor above it")
            .at(span, "no such anchor")
            .help(
                "write `&name` before the value it should repeat, or put the text in quotes if the `*` belongs to it",
            ),
        kind => {
            let (message, help) = words(kind, &text[start..]);
            let message = message.map_or_else(|| error.info(), str::to_owned);
            let diagnostic = Diagnostic::error(&codes::YAML_SYNTAX, message).at(span, "");
            match help {
                Some(help) => diagnostic.help(help),
                None => diagnostic,
            }
        }
    }
}

fn tab(file: FileId, text: &str, at: usize) -> Diagnostic {
    let diagnostic = Diagnostic::error(&codes::TAB_INDENTATION, "a tab stands where YAML wants spaces");
    let white = |from: usize| text[from..].bytes().take_while(|b| matches!(b, b' ' | b'\t')).count();
    let here = text[..at].rfind('\n').map_or(0, |newline| newline + 1);
    // A value that may go on in the next line is refused at its end; the tab is then in the next line.
    let next = text[at..].find('\n').map(|newline| at + newline + 1);
    for line in std::iter::once(here).chain(next) {
        let indent = &text[line..line + white(line)];
        if indent.contains('\t') {
            let place = span(file, line, line + indent.len());
            let spaces = indent.replace('\t', "  ");
            return diagnostic.at(place, "indented with a tab").help("indent with spaces").fix(place, spaces);
        }
    }
    diagnostic.at(span(file, at, at + white(at)), "").help("use spaces here")
}

fn words(kind: &ErrorKind, rest: &str) -> (Option<&'static str>, Option<&'static str>) {
    match kind {
        ErrorKind::MappingValueNotAllowed => (
            Some("a `:` stands where no key can end"),
            Some(
                "quote text that contains `: `; if a key is meant, look for a missing space after an earlier `:` or for wrong indentation",
            ),
        ),
        ErrorKind::InvalidColonPlacement => {
            (Some("a `:` stands where no key can end"), Some("look for a `]` or `}` that is missing before this line"))
        }
        ErrorKind::UnexpectedCharacter { character: '@' | '`' } => {
            (Some("text cannot begin with this character"), Some("put the text in quotes"))
        }
        ErrorKind::UnexpectedCharacter { character: '%' } => {
            (Some("text cannot begin with `%`"), Some("put the text in quotes"))
        }
        ErrorKind::InvalidQuotedScalarIndent | ErrorKind::UnclosedQuotedScalar => (
            Some("a quoted text is not closed"),
            Some("look for a missing closing quote; the lines of a quoted text must be indented further than its key"),
        ),
        ErrorKind::InvalidTrailingSingleQuotedScalar => {
            (Some("text goes on after the closing quote"), Some("write a quote inside single quotes twice: `'it''s'`"))
        }
        ErrorKind::InvalidTrailingDoubleQuotedScalar => (
            Some("text goes on after the closing quote"),
            Some("write a quote inside double quotes as `\\\"`, or use single quotes around the whole"),
        ),
        ErrorKind::UnknownQuotedScalarEscape => (
            Some("double quotes do not know this escape sequence"),
            Some("write `\\\\` for a backslash, or use single quotes, which know no escapes"),
        ),
        ErrorKind::UnclosedFlowCollection { .. }
        | ErrorKind::UnexpectedEofFlowMapping
        | ErrorKind::UnexpectedEofFlowSequence
        | ErrorKind::UnexpectedEofImplicitFlowMapping => {
            (Some("a `[` or `{` is not closed"), Some("add the missing `]` or `}`"))
        }
        ErrorKind::ExpectedFlowMappingSeparator => {
            (Some("expected `,` or `}`"), Some("separate the entries of a `{…}` map with commas"))
        }
        ErrorKind::ExpectedFlowSequenceSeparator => {
            (Some("expected `,` or `]`"), Some("separate the items of a `[…]` list with commas"))
        }
        ErrorKind::MisplacedFlowCollectionEnd | ErrorKind::MismatchedFlowCollectionEnd { .. } => {
            (Some("this bracket closes nothing"), Some("remove it, or put the text in quotes"))
        }
        ErrorKind::ExpectedBlockMappingKey if rest.starts_with('-') => (
            Some("expected a key, found a list item"),
            Some("a list stands under a key of its own, and its `-` at the same depth or deeper"),
        ),
        ErrorKind::ExpectedBlockMappingKey => {
            (Some("expected a key"), Some("the keys of a map start in the same column"))
        }
        ErrorKind::ExpectedBlockSequenceEntry => {
            (Some("expected a list item"), Some("the items of a list start with `- ` in the same column"))
        }
        ErrorKind::BlockSequenceEntryNotAllowed => {
            (Some("a list cannot start here"), Some("start the list on a line of its own below the key"))
        }
        ErrorKind::SimpleKeyExpected | ErrorKind::InvalidSimpleKey => {
            (Some("expected `key: value`"), Some("a key ends with `:` and a space, on the same line"))
        }
        ErrorKind::BomInsideDocument => {
            (Some("a byte order mark (U+FEFF) stands inside the text"), Some("remove the invisible character"))
        }
        _ => (None, None),
    }
}

/// A span of this file; a place over 4 GiB cannot occur, because such a text is refused before.
pub(super) fn span(file: FileId, start: usize, end: usize) -> Span {
    let narrow = |byte: usize| u32::try_from(byte).unwrap_or(u32::MAX);
    Span { file, start: narrow(start), end: narrow(end) }
}
