//! What a case says for the dialects of other drivers.
//!
//! A driver knows no other driver, and the cases speak of all of them. Before a case is read, what is said for others is
//! taken out: their maps, their SQL texts, and their names in `only` and `except`. A misspelt option there is found by
//! the driver it is meant for.

use crate::source::{Node, NodeKind};

/// The dialects that cases speak of.
const KNOWN: [&str; 4] = ["sqlite", "postgres", "mysql", "mariadb"];

/// A node without what is said for dialects other than these.
pub(super) fn without_others(node: &Node, own: &[&str]) -> Node {
    let foreign = |name: &str| KNOWN.contains(&name) && !own.contains(&name);
    let kind = match &node.kind {
        NodeKind::Sequence(items) => NodeKind::Sequence(items.iter().map(|item| without_others(item, own)).collect()),
        NodeKind::Mapping(entries) => NodeKind::Mapping(
            entries
                .iter()
                .filter(|(key, _)| !foreign(&key.name))
                .map(|(key, value)| match key.name.as_str() {
                    "only" | "except" => (key.clone(), without_names(value, &foreign)),
                    _ => (key.clone(), without_others(value, own)),
                })
                .collect(),
        ),
        other => other.clone(),
    };
    Node { span: node.span, kind }
}

fn without_names(node: &Node, foreign: &dyn Fn(&str) -> bool) -> Node {
    let items = match &node.kind {
        NodeKind::Sequence(items) => items.clone(),
        _ => vec![node.clone()],
    };
    let is_foreign = |item: &Node| matches!(&item.kind, NodeKind::String(name) if foreign(name));
    let kept = items.into_iter().filter(|item| !is_foreign(item)).collect();
    Node { span: node.span, kind: NodeKind::Sequence(kept) }
}
