//! A hash of what a document means: comments, layout, quotes and style do not count.

use sha2::{Digest, Sha256};

use super::{Node, NodeKind};
use crate::schema::hexadecimal_digits;

/// The canonical bytes of a tree. Two documents give the same bytes when they hold the same values, with the keys of
/// each map in the same order (the order of columns has a meaning). Aliases count as what they stand for.
#[must_use]
pub fn meaning(node: &Node) -> Vec<u8> {
    let mut bytes = Vec::new();
    write(node, &mut |part| bytes.extend_from_slice(part));
    bytes
}

/// The SHA-256 of [`meaning`], in hexadecimal.
#[must_use]
pub fn checksum(node: &Node) -> String {
    let mut hasher = Sha256::new();
    write(node, &mut |part| hasher.update(part));
    hexadecimal_digits(&hasher.finalize())
}

/// The SHA-256 of a text as it is written, in hexadecimal. Only line ends do not count, because Git may check a text out
/// with others on another system.
#[must_use]
pub fn text_hash(text: &str) -> String {
    let mut hasher = Sha256::new();
    let mut rest = text;
    while let Some(at) = rest.find("\r\n") {
        hasher.update(&rest[..at]);
        rest = &rest[at + 1..];
    }
    hasher.update(rest);
    hexadecimal_digits(&hasher.finalize())
}

/// Every value is a letter and, where its size varies, its length, so that no two trees share their bytes.
/// The format is stored in the history of users' databases: it never changes.
fn write(node: &Node, out: &mut impl FnMut(&[u8])) {
    match &node.kind {
        NodeKind::Null => out(b"n"),
        NodeKind::Bool(false) => out(b"f"),
        NodeKind::Bool(true) => out(b"t"),
        NodeKind::Integer(value) => sized(b"i", value.to_string().as_bytes(), out),
        NodeKind::Number(words) => sized(b"d", words.as_bytes(), out),
        NodeKind::String(text) => sized(b"s", text.as_bytes(), out),
        NodeKind::Sequence(items) => {
            head(b"l", items.len(), out);
            items.iter().for_each(|item| write(item, out));
        }
        NodeKind::Mapping(entries) => {
            head(b"m", entries.len(), out);
            for (key, value) in entries {
                sized(b"s", key.name.as_bytes(), out);
                write(value, out);
            }
        }
    }
}

fn head(kind: &[u8], length: usize, out: &mut impl FnMut(&[u8])) {
    out(kind);
    out(length.to_string().as_bytes());
    out(b":");
}

fn sized(kind: &[u8], content: &[u8], out: &mut impl FnMut(&[u8])) {
    head(kind, content.len(), out);
    out(content);
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::diagnostic::Diagnostics;
    use crate::source::{Sources, parse};

    fn read(text: &str) -> Node {
        let mut sources = Sources::default();
        let file = sources.add("x.yaml", text);
        parse(&sources, file, &mut Diagnostics::default()).unwrap()
    }

    #[test]
    fn only_the_meaning_counts() {
        let base = read("a: 1\nb: [x, 'y']\nc: {d: null}\n");
        for same in [
            "{a: 1, b: [x, y], c: {d: ~}}",
            "# comment\r\n\"a\":   1 # more\r\nb:\r\n- \"x\"\r\n- y\r\nc:\r\n  d:\r\n",
            "a: &one 0x1\nb: [!!str x, y]\nc:\n  ? d\n  : NULL\n",
        ] {
            assert_eq!(checksum(&base), checksum(&read(same)), "{same}");
        }
        for other in [
            "b: [x, y]\na: 1\nc: {d: null}",
            "a: '1'\nb: [x, y]\nc: {d: null}",
            "a: 1.0\nb: [x, y]\nc: {d: null}",
            "a: 1\nb: [xy]\nc: {d: null}",
            "a: 1\nb: [x, y]\nc: {d: 'null'}",
            "a: 1\nb: [x, y, c]\nd: null",
        ] {
            assert_ne!(checksum(&base), checksum(&read(other)), "{other}");
        }
    }

    #[test]
    fn line_ends_do_not_count_in_a_text() {
        assert_eq!(text_hash("a\r\nb\r\n"), text_hash("a\nb\n"));
        assert_ne!(text_hash("a\rb\n"), text_hash("a\nb\n"));
        assert_eq!(text_hash(""), "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
    }

    #[test]
    fn the_format_is_frozen() {
        let node = read("a: 1\nb: [x, true, 1.10, ~]\n");
        assert_eq!(meaning(&node), b"m2:s1:ai1:1s1:bl4:s1:xtd4:1.10n");
        assert_eq!(checksum(&read("a")), "e34d1fb77f49bbb61fc021a215de81cfc20d1bc08b902d51638e62ddd44e50eb".to_owned());
    }
}
