//! What makes entries a map: keys that are strings, no key twice, and merge keys.

use std::collections::{HashMap, HashSet};

use super::{Key, Node, NodeKind, Span};
use crate::diagnostic::{Diagnostic, Diagnostics, codes};

/// The key a node stands for; any other than a string or the word `null` is reported, and read by the words it was written in.
pub(super) fn key_of(node: Node, text: &str, diagnostics: &mut Diagnostics) -> Key {
    let what = node.describe();
    let span = node.span;
    if let NodeKind::String(name) = node.kind {
        return Key { name, span };
    }
    let written = text.get(span.start as usize..span.end as usize).unwrap_or("");
    // The language has a key of this name, and nobody who writes the word before a colon means anything else.
    if node.kind == NodeKind::Null && written == "null" {
        return Key { name: written.to_owned(), span };
    }
    let collection = matches!(node.kind, NodeKind::Sequence(_) | NodeKind::Mapping(_));
    let diagnostic = Diagnostic::error(&codes::KEY_NOT_TEXT, format!("a key must be a string, and this is {what}"))
        .at(span, "not a string");
    diagnostics.push(if collection || written.is_empty() || written.starts_with('*') {
        diagnostic.help("write `key: value`")
    } else {
        diagnostic.help("put it in quotes").fix(span, format!("\"{written}\""))
    });
    Key { name: written.to_owned(), span }
}

/// Reports the keys that are written more than once, and keeps the first of each.
pub(super) fn refuse_duplicates(entries: &mut Vec<(Key, Node)>, diagnostics: &mut Diagnostics) {
    let mut seen: HashMap<&str, Span> = HashMap::with_capacity(entries.len());
    let mut repeated = HashSet::new();
    for (key, _) in entries.iter() {
        match seen.get(key.name.as_str()) {
            Some(first) => {
                repeated.insert(key.span);
                diagnostics.push(
                    Diagnostic::error(&codes::DUPLICATE_KEY, format!("the key `{}` is written twice", key.name))
                        .at(key.span, "here again")
                        .at(*first, "first here"),
                );
            }
            None => {
                seen.insert(&key.name, key.span);
            }
        }
    }
    if !repeated.is_empty() {
        entries.retain(|(key, _)| !repeated.contains(&key.span));
    }
}

/// Adds the entries of merge keys after those of the map itself, which win; of several maps the earlier one wins.
pub(super) fn merge(entries: &mut Vec<(Key, Node)>, merges: Vec<(Span, Node)>, diagnostics: &mut Diagnostics) {
    if merges.is_empty() {
        return;
    }
    if let [(first, _), (second, _), ..] = merges[..] {
        diagnostics.push(
            Diagnostic::error(&codes::DUPLICATE_KEY, "the key `<<` is written twice")
                .at(second, "here again")
                .at(first, "first here")
                .help("merge several maps with a list: `<<: [*a, *b]`"),
        );
    }
    let mut taken: HashSet<String> = entries.iter().map(|(key, _)| key.name.clone()).collect();
    for (_, node) in merges {
        let sources = match node.kind {
            NodeKind::Sequence(items) => items,
            _ => vec![node],
        };
        for source in sources {
            let what = source.describe();
            let NodeKind::Mapping(inherited) = source.kind else {
                diagnostics.push(
                    Diagnostic::error(&codes::MERGE_KEY, format!("`<<` merges maps, and this is {what}"))
                        .at(source.span, "expected a map")
                        .help("write `\"<<\"` in quotes if it is a name"),
                );
                continue;
            };
            entries.extend(inherited.into_iter().filter(|(key, _)| taken.insert(key.name.clone())));
        }
    }
}
