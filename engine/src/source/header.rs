//! The head of a revision file: what the graph needs, without the operations.

use super::yaml::parse_text;
use super::{FileId, Node, Sources, yaml};
use crate::diagnostic::Diagnostics;

/// The part of a revision file before its top-level `upgrade:` or `downgrade:`, at column 0.
///
/// It is the whole text when a further key follows after those, or when they are not written in that plain way, so that
/// the head never lacks a key that the file has.
#[must_use]
pub fn header(text: &str) -> &str {
    let mut end = None;
    let mut start = 0;
    for line in text.split_inclusive('\n') {
        if is_body_key(line) {
            end = end.or(Some(start));
        } else if end.is_some() && is_other(line) {
            return text;
        }
        start += line.len();
    }
    end.map_or(text, |end| &text[..end])
}

/// Reads the head of a revision file, with spans that are valid in the file.
///
/// When the head alone does not read well, the whole file is read, and the messages are about that.
pub fn parse_header(sources: &Sources, file: FileId, diagnostics: &mut Diagnostics) -> Option<Node> {
    let text = &sources.get(file)?.text;
    let head = header(text);
    if head.len() < text.len() {
        let mut first_try = Diagnostics::default();
        let node = parse_text(head, file, &mut first_try);
        if first_try.is_empty() {
            return node;
        }
    }
    yaml::parse(sources, file, diagnostics)
}

/// Whether a line starts with one of the two keys. Text at column 0 cannot be part of a block or quoted scalar of a map.
fn is_body_key(line: &str) -> bool {
    ["upgrade", "downgrade"].iter().any(|key| {
        let rest = match line.as_bytes().first() {
            Some(quote @ (b'"' | b'\'')) => {
                let quote = char::from(*quote);
                line[1..].strip_prefix(key).and_then(|rest| rest.strip_prefix(quote))
            }
            _ => line.strip_prefix(key),
        };
        rest.and_then(|rest| rest.trim_start_matches([' ', '\t']).strip_prefix(':'))
            .is_some_and(|rest| rest.is_empty() || rest.starts_with([' ', '\t', '\r', '\n']))
    })
}

/// Whether a line may hold a further top-level key. List items and closing brackets may stand at column 0 as well.
fn is_other(line: &str) -> bool {
    !line.starts_with([' ', '\t', '\r', '\n', '#', '-', ']', '}', ','])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ends_before_the_body() {
        let cases = [
            ("revision: a\nupgrade:\n- x: 1\n", "revision: a\n"),
            ("revision: a\r\nupgrade:\r\n- x: 1\r\n", "revision: a\r\n"),
            ("revision: a\ndowngrade: irreversible\nupgrade: []\n", "revision: a\n"),
            (
                "# upgrade:\nmessage: |\n  upgrade: no\n\n  x\n\"upgrade\" :\n",
                "# upgrade:\nmessage: |\n  upgrade: no\n\n  x\n",
            ),
            ("upgrade: []\n", ""),
            ("a: 1\nupgrades: 2\nupgrade:x\n", "a: 1\nupgrades: 2\nupgrade:x\n"),
            ("upgrade: [\n]\nrevision: a\n", "upgrade: [\n]\nrevision: a\n"),
            ("{revision: a, upgrade: []}", "{revision: a, upgrade: []}"),
            ("a: 1\nupgrade:", "a: 1\n"),
            ("a: 1\n'downgrade':\t# x\n# end\n", "a: 1\n"),
            ("", ""),
        ];
        for (text, expected) in cases {
            assert_eq!(header(text), expected, "{text:?}");
        }
    }

    #[test]
    fn falls_back_to_the_file() {
        for (text, keys) in [
            ("revision: é\nupgrade: @\n", 1),
            ("upgrade: []\n", 1),
            ("depends_on: [\nupgrade: x\n]\nupgrade: []\n", 2),
            ("upgrade: []\nrevision: a\n", 2),
        ] {
            let mut sources = Sources::default();
            let file = sources.add("x.yaml", text);
            let mut diagnostics = Diagnostics::default();
            let node = parse_header(&sources, file, &mut diagnostics).unwrap();
            assert!(diagnostics.is_empty(), "{text:?}");
            let found = super::super::entries(&node, &mut diagnostics).unwrap();
            assert_eq!(found.len(), keys, "{text:?}");
            assert!(found.iter().all(|(key, _)| sources.text(key.span) == key.name));
        }
    }
}
