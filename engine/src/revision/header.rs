//! The part of a revision file before its steps: its name, its place in the graph, and what people say about it.

use super::id::{RevisionId, check_name};
use super::nearest::nearest;
use crate::diagnostic::{Diagnostic, Diagnostics, codes};
use crate::source::{FileId, Key, Node, NodeKind, Span, Spanned};

/// Every key of a revision file. `upgrade` and `downgrade` are not read here.
const KEYS: [&str; 9] = [
    "revision",
    "down_revision",
    "branch_labels",
    "depends_on",
    "message",
    "created",
    "transaction",
    "upgrade",
    "downgrade",
];

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
    pub fn decode(node: &Node, file: FileId, diagnostics: &mut Diagnostics) -> Option<Header> {
        let NodeKind::Mapping(entries) = &node.kind else {
            diagnostics.push(
                Diagnostic::error(&codes::REVISION_HEADER, "a revision file is a map with the key `revision`")
                    .at(node.span, format!("this is {}", node.describe())),
            );
            return None;
        };
        let mut reader = Reader { diagnostics, sound: true };
        for (key, _) in entries {
            reader.check_key(key);
        }
        let whole = Span { end: node.span.start, ..node.span };
        let id = match node.get("revision") {
            Some(value) => reader.id(value, "revision"),
            None => reader.missing("revision", whole, "every revision has an id: `revision: 3f2a9c41d7e0`"),
        };
        let down_revisions = match node.get("down_revision") {
            Some(value) => reader.list(value, |reader, item| reader.id(item, "down_revision")),
            None => reader
                .missing("down_revision", whole, "name the revision this one follows, or say `down_revision: null`")
                .unwrap_or_default(),
        };
        let depends_on = reader.optional_list(node.get("depends_on"), |reader, item| reader.name(item, "depends_on"));
        let branch_labels =
            reader.optional_list(node.get("branch_labels"), |reader, item| reader.name(item, "branch_labels"));
        let message = node.get("message").and_then(|value| reader.text(value, "message")).unwrap_or_default();
        let created = node.get("created").and_then(|value| reader.text(value, "created"));
        let transaction = node.get("transaction").is_none_or(|value| reader.flag(value, "transaction"));
        if !reader.sound {
            return None;
        }
        let id = id?;
        Some(Header { id, down_revisions, depends_on, branch_labels, message, created, transaction, file })
    }
}

/// Reads values and remembers whether all of them could be read.
struct Reader<'a> {
    diagnostics: &'a mut Diagnostics,
    sound: bool,
}

impl Reader<'_> {
    fn refuse(&mut self, diagnostic: Diagnostic) {
        self.sound = false;
        self.diagnostics.push(diagnostic);
    }

    fn check_key(&mut self, key: &Key) {
        if KEYS.contains(&key.name.as_str()) {
            return;
        }
        let mut diagnostic = Diagnostic::error(&codes::UNKNOWN_KEY, format!("unknown key `{}`", key.name))
            .at(key.span, "a revision file has no such key");
        if let Some(meant) = nearest(&key.name, KEYS) {
            diagnostic = diagnostic.help(format!("did you mean `{meant}`?")).fix(key.span, meant);
        } else {
            diagnostic = diagnostic.help(format!("the keys are {}", KEYS.map(|k| format!("`{k}`")).join(", ")));
        }
        self.refuse(diagnostic);
    }

    fn missing<T>(&mut self, key: &str, place: Span, help: &str) -> Option<T> {
        let diagnostic = Diagnostic::error(&codes::REVISION_HEADER, format!("the key `{key}` is missing"));
        self.refuse(diagnostic.at(place, "in this revision file").help(help));
        None
    }

    fn wrong_type(&mut self, value: &Node, key: &str, wanted: &str) {
        let diagnostic = Diagnostic::error(&codes::REVISION_HEADER, format!("`{key}` must be {wanted}"));
        self.refuse(diagnostic.at(value.span, format!("this is {}", value.describe())));
    }

    fn optional_list<T>(&mut self, value: Option<&Node>, item: impl Fn(&mut Self, &Node) -> Option<T>) -> Vec<T> {
        value.map(|value| self.list(value, item)).unwrap_or_default()
    }

    /// Null, one value, or a list of values.
    fn list<T>(&mut self, value: &Node, item: impl Fn(&mut Self, &Node) -> Option<T>) -> Vec<T> {
        match &value.kind {
            NodeKind::Null => Vec::new(),
            NodeKind::Sequence(items) => items.iter().filter_map(|node| item(self, node)).collect(),
            _ => item(self, value).into_iter().collect(),
        }
    }

    /// A name as it was written. An id of digits alone is a number to YAML, but not to its author.
    fn written(&mut self, value: &Node, key: &str) -> Option<String> {
        match &value.kind {
            NodeKind::String(text) | NodeKind::Number(text) => Some(text.clone()),
            NodeKind::Integer(number) => {
                let text = number.to_string();
                // `0x1F`, `007` and `+7` are numbers too, and what was written cannot be told from the number any more.
                if text.len() == value.span.end.saturating_sub(value.span.start) as usize {
                    return Some(text);
                }
                let message = format!("`{key}` is written as a number, which YAML reads as {text}");
                self.refuse(
                    Diagnostic::error(&codes::REVISION_ID, message)
                        .at(value.span, "read as a number")
                        .help("put quotes around it"),
                );
                None
            }
            NodeKind::Bool(_) => {
                self.wrong_type(value, key, "a name; put quotes around it if this is one");
                None
            }
            _ => {
                self.wrong_type(value, key, "a name");
                None
            }
        }
    }

    fn name(&mut self, value: &Node, key: &str) -> Option<Spanned<String>> {
        let text = self.written(value, key)?;
        if let Err(reason) = check_name(&text) {
            let what = if key == "branch_labels" { "branch label" } else { "name" };
            self.refuse(
                Diagnostic::error(&codes::REVISION_ID, format!("the {what} `{text}` {reason}")).at(value.span, ""),
            );
            return None;
        }
        Some(Spanned::new(text, value.span))
    }

    fn id(&mut self, value: &Node, key: &str) -> Option<Spanned<RevisionId>> {
        let text = self.written(value, key)?;
        match RevisionId::parse(&text) {
            Ok(id) => Some(Spanned::new(id, value.span)),
            Err(reason) => {
                let message = format!("the revision id `{text}` {reason}");
                self.refuse(Diagnostic::error(&codes::REVISION_ID, message).at(value.span, ""));
                None
            }
        }
    }

    fn text(&mut self, value: &Node, key: &str) -> Option<String> {
        match &value.kind {
            NodeKind::String(text) | NodeKind::Number(text) => Some(text.clone()),
            NodeKind::Integer(number) => Some(number.to_string()),
            NodeKind::Bool(flag) => Some(flag.to_string()),
            NodeKind::Null => None,
            _ => {
                self.wrong_type(value, key, "a text");
                None
            }
        }
    }

    fn flag(&mut self, value: &Node, key: &str) -> bool {
        if let NodeKind::Bool(flag) = value.kind {
            return flag;
        }
        self.wrong_type(value, key, "true or false");
        true
    }
}
