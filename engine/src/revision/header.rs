//! The part of a revision file before its steps: its name, its place in the graph, and what people say about it.

use super::id::{RevisionId, check_name};
use crate::diagnostic::{Diagnostic, Diagnostics, codes};
use crate::source::{Decode, FileId, MapReader, Node, NodeKind, Spanned, text, wrong_type};

/// The header of a revision file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Header {
    /// The name of the revision.
    pub id: Spanned<RevisionId>,
    /// The revisions it follows: none for a root, two or more for a merge.
    pub down_revisions: Vec<Spanned<RevisionId>>,
    /// Revisions of other branches, or labels, that must be applied first.
    pub depends_on: Vec<Spanned<String>>,
    /// Names of the branch that this revision begins.
    pub branch_labels: Vec<Spanned<String>>,
    /// What the revision does, in the author's words; may be empty.
    pub message: String,
    /// When it was written, as it stands in the file.
    pub created: Option<String>,
    /// Whether the revision may run in a transaction; true unless the author says otherwise.
    pub transaction: bool,
    /// The file it stands in.
    pub file: FileId,
}

impl Header {
    /// Reads the header of a file. Every mistake in it is reported; nothing is returned when there is one.
    ///
    /// `revision` and `down_revision` are required: a forgotten `down_revision` would make a second root in silence.
    /// The steps, under `upgrade` and `downgrade`, are not looked at.
    pub fn decode(node: &Node, file: FileId, diagnostics: &mut Diagnostics) -> Option<Header> {
        let mut found = Diagnostics::default();
        let header = Header::read(node, file, &mut found);
        let sound = !found.has_errors();
        diagnostics.extend(found);
        header.filter(|_| sound)
    }

    fn read(node: &Node, file: FileId, found: &mut Diagnostics) -> Option<Header> {
        let mut map = MapReader::new(node, "revision file", found)?.needs(&["revision", "down_revision"]);
        let id = map.required("revision", found).and_then(|value| read_id(value, found));
        let down_revisions = map.required("down_revision", found).map(|value| names(value, found, read_id));
        let depends_on = map.optional("depends_on").map(|value| names(value, found, read_name));
        let branch_labels = map.optional("branch_labels").map(|value| names(value, found, read_name));
        let message = map.optional("message").filter(said).and_then(|value| text(value, found));
        let created = map.optional("created").filter(said).and_then(|value| text(value, found));
        let transaction = map.optional("transaction").and_then(|value| bool::decode(value, found));
        map.optional("upgrade");
        map.optional("downgrade");
        map.finish(found);
        Some(Header {
            id: id?,
            down_revisions: down_revisions?,
            depends_on: depends_on.unwrap_or_default(),
            branch_labels: branch_labels.unwrap_or_default(),
            message: message.unwrap_or_default(),
            created,
            transaction: transaction.unwrap_or(true),
            file,
        })
    }
}

fn said(value: &&Node) -> bool {
    value.kind != NodeKind::Null
}

/// Null, one name, or a list of names.
fn names<T>(
    value: &Node,
    found: &mut Diagnostics,
    read: impl Fn(&Node, &mut Diagnostics) -> Option<Spanned<T>>,
) -> Vec<Spanned<T>> {
    match &value.kind {
        NodeKind::Null => Vec::new(),
        NodeKind::Sequence(items) => items.iter().filter_map(|item| read(item, found)).collect(),
        _ => read(value, found).into_iter().collect(),
    }
}

fn read_id(value: &Node, found: &mut Diagnostics) -> Option<Spanned<RevisionId>> {
    checked(value, found, RevisionId::parse)
}

fn read_name(value: &Node, found: &mut Diagnostics) -> Option<Spanned<String>> {
    checked(value, found, |text| check_name(text).map(|()| text.to_owned()))
}

fn checked<T>(value: &Node, found: &mut Diagnostics, check: impl Fn(&str) -> Result<T, String>) -> Option<Spanned<T>> {
    let text = written(value, found)?;
    match check(&text) {
        Ok(name) => Some(Spanned::new(name, value.span)),
        Err(reason) => {
            let message = format!("the name `{text}` {reason}");
            found.push(Diagnostic::error(&codes::REVISION_ID, message).at(value.span, "not a name"));
            None
        }
    }
}

/// A name as it was written. One of digits alone is a number to YAML, but not to its author.
fn written(value: &Node, found: &mut Diagnostics) -> Option<String> {
    match &value.kind {
        NodeKind::String(text) | NodeKind::Number(text) => return Some(text.clone()),
        NodeKind::Integer(number) => {
            let text = number.to_string();
            // A number in another base has lost its words, and its value is another name than its author meant.
            if text.len() == value.span.end.saturating_sub(value.span.start) as usize {
                return Some(text);
            }
            found.push(
                Diagnostic::error(&codes::REVISION_ID, format!("YAML reads this name as the number {text}"))
                    .at(value.span, "a number")
                    .help("put it in quotes"),
            );
        }
        NodeKind::Bool(_) => found.push(wrong_type(value, "a name").help("put it in quotes")),
        _ => found.push(wrong_type(value, "a name")),
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::source::{Sources, parse};

    fn read(text: &str) -> Result<Header, Vec<String>> {
        let mut sources = Sources::default();
        let file = sources.add("x.yaml", text);
        let mut found = Diagnostics::default();
        let node = parse(&sources, file, &mut found).unwrap();
        let header = Header::decode(&node, file, &mut found);
        assert_eq!(header.is_none(), found.has_errors(), "{text}");
        header.ok_or_else(|| found.sorted().iter().map(|d| format!("{} {}", d.code.id, d.message)).collect())
    }

    #[test]
    fn reads_what_is_written() {
        let header = read(
            "{revision: 3f2a, down_revision: [a, b], branch_labels: billing, depends_on: [x, y], message: add it,\n\
             created: 2026-11-20T10:30:00Z, transaction: false, upgrade: [], downgrade: irreversible}",
        )
        .unwrap();
        assert_eq!(header.id.as_str(), "3f2a");
        assert_eq!(header.down_revisions.iter().map(|d| d.as_str()).collect::<Vec<_>>(), ["a", "b"]);
        assert_eq!(header.depends_on.iter().map(|d| d.as_str()).collect::<Vec<_>>(), ["x", "y"]);
        assert_eq!(header.branch_labels.first().unwrap().as_str(), "billing");
        assert_eq!((header.message.as_str(), header.created.as_deref()), ("add it", Some("2026-11-20T10:30:00Z")));
        assert!(!header.transaction);
        let header = read("{revision: a, down_revision: null}").unwrap();
        assert!(header.down_revisions.is_empty() && header.message.is_empty() && header.transaction);
    }

    #[test]
    fn ids_that_look_like_numbers() {
        for id in ["123456789012", "1e10", "0012", "12e456789012", "1.10", "123456789012345678901234567890", "'0x1F'"] {
            let header = read(&format!("{{revision: {id}, down_revision: {id}}}")).unwrap();
            assert_eq!(header.id.as_str(), id.trim_matches('\''));
            assert_eq!(header.down_revisions[0].as_str(), id.trim_matches('\''));
        }
        for id in ["0x1F", "0o17", "-5"] {
            let errors = read(&format!("{{revision: {id}, down_revision: null}}")).unwrap_err();
            assert!(errors[0].starts_with("E0401"), "{errors:?}");
        }
    }

    #[test]
    fn every_mistake_is_reported() {
        let errors = read("{revison: a, down_revision: {}, transaction: yes, branch_labels: [a b], depends_on: [[]]}");
        let codes: Vec<String> = errors.unwrap_err().iter().map(|e| e[..5].to_owned()).collect();
        assert_eq!(codes, ["E0202", "E0201", "E0203", "E0203", "E0401", "E0203"]);
        assert!(read("{revision: a}").unwrap_err()[0].contains("down_revision"));
        assert!(read("{revision: true, down_revision: null}").unwrap_err()[0].starts_with("E0203"));
        assert!(read("{revision: head, down_revision: null}").unwrap_err()[0].contains("reserved"));
        assert!(read("[]").unwrap_err()[0].starts_with("E0203"));
    }
}
