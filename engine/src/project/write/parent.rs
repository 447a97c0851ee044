//! Another parent for a revision, in the text of its file, of which nothing else changes.

use super::{item, scalar};
use crate::diagnostic::{Diagnostic, Diagnostics, codes};
use crate::revision::{Header, RevisionId};
use crate::source::{Node, NodeKind, Sources, Span, parse};

/// The text of a revision file with `down_revision` naming another revision: comments, layout and quotes stay, byte for byte.
/// `text` is without a byte order mark, `node` what it says.
///
/// # Errors
///
/// When the value stands in a way that cannot be changed for certain, which leaves it to its author.
pub(in crate::project) fn with_parent(text: &str, node: &Node, parent: &RevisionId) -> Result<String, Diagnostic> {
    let by_hand = |span: Span| {
        Diagnostic::error(&codes::REBASE, "`down_revision` is not written in a way that can be changed for certain")
            .at(span, "this value")
            .help(format!("write `down_revision: {parent}` by hand"))
    };
    let NodeKind::Mapping(entries) = &node.kind else { return Err(by_hand(node.span)) };
    let found = entries.iter().find(|(key, _)| key.name == "down_revision");
    let (key, value) = found.ok_or_else(|| by_hand(node.span))?;
    let place = match &value.kind {
        NodeKind::Sequence(items) => match items.as_slice() {
            [only] => only.span,
            _ => return Err(by_hand(value.span)),
        },
        // A value that is not there stands behind its colon.
        NodeKind::Null if value.span.start == value.span.end => {
            let colon = text.get(key.span.end as usize..).and_then(|rest| rest.find(':'));
            let behind = colon.and_then(|at| u32::try_from(at + 1).ok()).ok_or_else(|| by_hand(key.span))?;
            let at = key.span.end.saturating_add(behind);
            Span { start: at, end: at, ..key.span }
        }
        _ => value.span,
    };
    let range = place.start as usize..place.end as usize;
    let written = text.get(range.clone()).ok_or_else(|| by_hand(value.span))?;
    let fits_its_line = scalar(parent.as_str())?;
    let simple = fits_its_line == parent.as_str();
    let word = match written.chars().next() {
        // An id that is all one word needs no escaping between quotes of either kind.
        Some(quote @ ('"' | '\'')) if simple => format!("{quote}{parent}{quote}"),
        None => format!(" {}", item(parent.as_str())?),
        _ => item(parent.as_str())?,
    };
    let mut changed = text.to_owned();
    changed.replace_range(range, &word);
    if agrees(text, &changed, parent) { Ok(changed) } else { Err(by_hand(value.span)) }
}

/// Whether two texts of a revision say the same but for the parent.
fn agrees(before: &str, after: &str, parent: &RevisionId) -> bool {
    let read = |text: &str| {
        let mut sources = Sources::default();
        let file = sources.add("", text);
        let mut problems = Diagnostics::default();
        let node = parse(&sources, file, &mut problems)?;
        let header = Header::decode(&node, file, &mut problems)?;
        (!problems.has_errors()).then_some((node, header))
    };
    let (Some((old, old_header)), Some((new, new_header))) = (read(before), read(after)) else { return false };
    let parents: Vec<&RevisionId> = new_header.down_revisions.iter().map(|known| &known.value).collect();
    parents == [parent] && old_header.id.value == new_header.id.value && rest(&old) == rest(&new)
}

/// Everything that a file says but for the parent, as a hash.
fn rest(node: &Node) -> String {
    let mut node = node.clone();
    if let NodeKind::Mapping(entries) = &mut node.kind {
        entries.retain(|(key, _)| key.name != "down_revision");
    }
    crate::source::checksum(&node)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn changed(text: &str, parent: &str) -> Result<String, String> {
        let mut sources = Sources::default();
        let file = sources.add("x.yaml", text);
        let mut problems = Diagnostics::default();
        let node = crate::source::parse_header(&sources, file, &mut problems).unwrap();
        assert!(problems.is_empty(), "{text}");
        with_parent(text, &node, &parent.parse().unwrap()).map_err(|problem| problem.message)
    }

    #[test]
    fn nothing_else_changes() {
        for (before, parent, after) in [
            ("revision: a\ndown_revision: b # old\n", "c1", "revision: a\ndown_revision: c1 # old\n"),
            (
                "# x\r\nrevision: a\r\ndown_revision:   'b'\r\n\r\nupgrade:\r\n- x: 1  # y\r\n",
                "c1",
                "# x\r\nrevision: a\r\ndown_revision:   'c1'\r\n\r\nupgrade:\r\n- x: 1  # y\r\n",
            ),
            (
                "{revision: a, down_revision: \"b\", message: \"é ~ b\"}",
                "c1",
                "{revision: a, down_revision: \"c1\", message: \"é ~ b\"}",
            ),
            ("revision: a\ndown_revision: [b]\nupgrade: []", "c1", "revision: a\ndown_revision: [c1]\nupgrade: []"),
            (
                "revision: a\ndown_revision:\n  # why\n  - b\nupgrade: []",
                "c1",
                "revision: a\ndown_revision:\n  # why\n  - c1\nupgrade: []",
            ),
            ("revision: a\ndown_revision: null\n", "c1", "revision: a\ndown_revision: c1\n"),
            ("revision: a\ndown_revision: ~\n", "c1", "revision: a\ndown_revision: c1\n"),
            ("down_revision:\nrevision: a\n", "c1", "down_revision: c1\nrevision: a\n"),
            ("down_revision:   # none\nrevision: a\n", "c1", "down_revision: c1   # none\nrevision: a\n"),
            (
                "message: &x b\nrevision: a\ndown_revision: *x\n",
                "c1",
                "message: &x b\nrevision: a\ndown_revision: c1\n",
            ),
            ("revision: a\ndown_revision: b\n", "0012", "revision: a\ndown_revision: '0012'\n"),
            ("revision: a\ndown_revision: 'b'\n", "0x1f", "revision: a\ndown_revision: '0x1f'\n"),
            ("revision: a\ndown_revision: b\n", "1e5", "revision: a\ndown_revision: '1e5'\n"),
            ("revision: a\ndown_revision: b\n", "ä'ö", "revision: a\ndown_revision: ä'ö\n"),
            ("revision: a\ndown_revision: b", "true", "revision: a\ndown_revision: 'true'"),
        ] {
            let found = changed(before, parent);
            let alike = |text: &String| text.replace(['\'', '"'], "") == after.replace(['\'', '"'], "");
            assert!(found.as_ref().is_ok_and(alike), "{before:?}: {found:?}");
            if parent == "c1" {
                assert_eq!(found.unwrap(), after);
            }
        }
    }

    #[test]
    fn what_cannot_be_changed_for_certain_is_left() {
        for text in ["revision: a\ndown_revision: [b, c]\n", "revision: a\ndown_revision: &p b\ndepends_on: [*p]\n"] {
            assert!(changed(text, "d").is_err(), "{text}");
        }
    }
}
