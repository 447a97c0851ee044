//! The tree that a YAML text becomes: every node knows where it stands.

use super::span::Span;

/// A key of a mapping. Keys are always strings in the Aludel language.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Key {
    /// The text of the key.
    pub name: String,
    /// Where it stands.
    pub span: Span,
}

/// A value in a YAML document.
#[derive(Debug, Clone, PartialEq)]
pub struct Node {
    /// Where it stands.
    pub span: Span,
    /// What it is.
    pub kind: NodeKind,
}

/// What a node is.
#[derive(Debug, Clone, PartialEq)]
pub enum NodeKind {
    /// `null`, `~` or nothing.
    Null,
    /// `true` or `false`.
    Bool(bool),
    /// A whole number that fits.
    Integer(i64),
    /// Any other number, in the words it was written in, so that `1.10` stays `1.10`.
    Number(String),
    /// Everything else, quoted or not.
    String(String),
    /// A list.
    Sequence(Vec<Node>),
    /// A map, in the order written. Keys are unique: the parser refuses duplicates.
    Mapping(Vec<(Key, Node)>),
}

impl Node {
    /// What the node is, for an error message: "a string", "a map".
    #[must_use]
    pub fn describe(&self) -> &'static str {
        match self.kind {
            NodeKind::Null => "null",
            NodeKind::Bool(_) => "a boolean",
            NodeKind::Integer(_) | NodeKind::Number(_) => "a number",
            NodeKind::String(_) => "a string",
            NodeKind::Sequence(_) => "a list",
            NodeKind::Mapping(_) => "a map",
        }
    }

    /// The value under a key, if this is a map that has it.
    #[must_use]
    pub fn get(&self, key: &str) -> Option<&Node> {
        match &self.kind {
            NodeKind::Mapping(entries) => entries.iter().find(|(k, _)| k.name == key).map(|(_, v)| v),
            _ => None,
        }
    }
}
