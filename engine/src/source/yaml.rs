//! YAML 1.2 to a tree of nodes: the file as a whole. What happens inside the document is in `builder`.

use granit_parser::{Event, Parser};

use super::builder::Builder;
use super::syntax::{self, span};
use super::{FileId, Node, NodeKind, Sources};
use crate::diagnostic::{Diagnostic, Diagnostics, codes};

/// How deeply maps and lists may stand inside each other, aliases followed.
///
/// Code that walks a tree, and the dropping of one, may therefore recurse.
pub const DEPTH_LIMIT: usize = 128;

/// Reads a file as one document of YAML 1.2 in the core schema, with merge keys.
///
/// A mistake that leaves the tree readable (a key written twice, an unknown tag) is reported and the tree returned all
/// the same, so that the mistakes further in are found in the same run: ask `diagnostics` whether it may be acted upon.
/// Of a key written twice the first value stays.
pub fn parse(sources: &Sources, file: FileId, diagnostics: &mut Diagnostics) -> Option<Node> {
    let text = &sources.get(file)?.text;
    parse_text(text, file, diagnostics)
}

/// Reads a text that is a file, or the beginning of one.
pub(super) fn parse_text(text: &str, file: FileId, diagnostics: &mut Diagnostics) -> Option<Node> {
    if u32::try_from(text.len()).is_err() {
        diagnostics
            .push(Diagnostic::error(&codes::FILE_TOO_LARGE, "the file is larger than 4 GiB").at(span(file, 0, 0), ""));
        return None;
    }
    if let Some(problem) = control_character(text, file) {
        diagnostics.push(problem);
        return None;
    }
    let options = granit_parser::options! {
        emit_comments: false,
        // One more than the builder allows, so that the builder's own message comes first.
        flow_nesting_limit: DEPTH_LIMIT + 1,
        block_nesting_limit: DEPTH_LIMIT + 1,
    };
    let mut builder = Builder::new(text, file);
    let mut documents = 0;
    for event in Parser::new_from_str_with_options(text, options) {
        let (event, place) = match event {
            Ok(event) => event,
            Err(error) => {
                diagnostics.extend(builder.diagnostics);
                diagnostics.push(syntax::explain(&error, file, text));
                return None;
            }
        };
        let range = place.byte_range().unwrap_or_default();
        if let Event::DocumentStart(_, version) = &event {
            documents += 1;
            if documents > 1 {
                builder.diagnostics.push(
                    Diagnostic::error(&codes::SEVERAL_DOCUMENTS, "the file holds more than one YAML document")
                        .at(span(file, range.start, range.end), "another document starts here")
                        .help("put each document in a file of its own"),
                );
                break;
            }
            if let Some(version) = version.filter(|v| (v.major, v.minor) != (1, 2)) {
                let message = format!("the file asks for YAML {}.{}", version.major, version.minor);
                builder.diagnostics.push(
                    Diagnostic::error(&codes::YAML_VERSION, message)
                        .at(span(file, range.start, range.end), "")
                        .help("remove the `%YAML` line; files are read as YAML 1.2"),
                );
            }
            continue;
        }
        if let Err(problem) = builder.event(event, &place) {
            diagnostics.extend(builder.diagnostics);
            diagnostics.push(*problem);
            return None;
        }
    }
    let (root, problems) = builder.finish();
    diagnostics.extend(problems);
    let empty = root.as_ref().is_none_or(|root| root.kind == NodeKind::Null && root.span.start == root.span.end);
    if empty {
        diagnostics.push(
            Diagnostic::error(&codes::EMPTY_FILE, "the file is empty").at(span(file, 0, 0), "nothing to read here"),
        );
        return None;
    }
    root
}

/// Finds what YAML calls non-printable, <https://yaml.org/spec/1.2.2/#51-character-set>; the parser lets it pass.
fn control_character(text: &str, file: FileId) -> Option<Diagnostic> {
    let bytes = text.as_bytes();
    let at = bytes.iter().enumerate().position(|(at, byte)| match byte {
        b'\t' | b'\n' | b'\r' => false,
        0..=0x1f | 0x7f => true,
        // U+0080 to U+009F without U+0085, next line.
        0xc2 => bytes.get(at + 1).is_some_and(|next| (0x80..=0x9f).contains(next) && *next != 0x85),
        // U+FFFE and U+FFFF.
        0xef => bytes.get(at + 1) == Some(&0xbf) && bytes.get(at + 2).is_some_and(|last| *last >= 0xbe),
        _ => false,
    })?;
    let character = text[at..].chars().next()?;
    let point = u32::from(character);
    let diagnostic =
        Diagnostic::error(&codes::CONTROL_CHARACTER, format!("the control character U+{point:04X} stands in the text"))
            .at(span(file, at, at + character.len_utf8()), "not allowed in YAML");
    Some(match point {
        0 => diagnostic.help("the file is not a text, or it is UTF-16: save it as UTF-8"),
        1..0x100 => diagnostic.help(format!("in double quotes it can be written as `\\x{point:02x}`")),
        _ => diagnostic.help("remove it"),
    })
}

#[cfg(test)]
#[path = "yaml_tests.rs"]
mod tests;
