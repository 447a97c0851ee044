//! Nodes to values. Every function reports what is wrong and returns nothing, so that the caller can go on.

use super::reader::quoted;
use super::{Key, Node, NodeKind, Spanned, nearest};
use crate::diagnostic::{Diagnostic, Diagnostics, codes};

/// A value that can be read from a node.
pub trait Decode: Sized {
    /// Reads the value, or reports why not.
    fn decode(node: &Node, diagnostics: &mut Diagnostics) -> Option<Self>;
}

/// The message that another kind of value was expected, such as `a map`.
#[must_use]
pub fn wrong_type(node: &Node, expected: &str) -> Diagnostic {
    Diagnostic::error(&codes::WRONG_TYPE, format!("expected {expected}, found {}", node.describe()))
        .at(node.span, format!("expected {expected}"))
}

fn refuse<T>(diagnostics: &mut Diagnostics, diagnostic: Diagnostic) -> Option<T> {
    diagnostics.push(diagnostic);
    None
}

impl Decode for bool {
    fn decode(node: &Node, diagnostics: &mut Diagnostics) -> Option<Self> {
        let diagnostic = match &node.kind {
            NodeKind::Bool(value) => return Some(*value),
            NodeKind::String(word) => {
                let wrong = wrong_type(node, "a boolean (`true` or `false`)");
                match word.to_ascii_lowercase().as_str() {
                    "yes" | "on" | "y" => wrong
                        .note(format!("YAML 1.2 does not take `{word}` as a boolean"))
                        .help("write `true`")
                        .fix(node.span, "true"),
                    "no" | "off" | "n" => wrong
                        .note(format!("YAML 1.2 does not take `{word}` as a boolean"))
                        .help("write `false`")
                        .fix(node.span, "false"),
                    same @ ("true" | "false") => {
                        wrong.help("write it in lower case, without quotes").fix(node.span, same)
                    }
                    _ => wrong,
                }
            }
            _ => wrong_type(node, "a boolean (`true` or `false`)"),
        };
        refuse(diagnostics, diagnostic)
    }
}

impl Decode for String {
    fn decode(node: &Node, diagnostics: &mut Diagnostics) -> Option<Self> {
        let diagnostic = match &node.kind {
            NodeKind::String(text) => return Some(text.clone()),
            // Only these can be told word for word; a hexadecimal number cannot.
            NodeKind::Number(words) => {
                wrong_type(node, "a string").help("put it in quotes").fix(node.span, format!("\"{words}\""))
            }
            NodeKind::Integer(_) | NodeKind::Bool(_) => wrong_type(node, "a string").help("put it in quotes"),
            _ => wrong_type(node, "a string"),
        };
        refuse(diagnostics, diagnostic)
    }
}

/// Reads a string, or a number in the words it was written in: for revision ids and versions, which may look like one.
pub fn text(node: &Node, diagnostics: &mut Diagnostics) -> Option<String> {
    match &node.kind {
        NodeKind::Integer(value) => Some(value.to_string()),
        NodeKind::Number(words) => Some(words.clone()),
        _ => String::decode(node, diagnostics),
    }
}

/// The whole number of a node. One with leading zeros or a plus sign was kept in its own words.
fn whole(node: &Node) -> Option<i128> {
    match &node.kind {
        NodeKind::Integer(value) => Some(i128::from(*value)),
        NodeKind::Number(words) => words.parse().ok(),
        _ => None,
    }
}

macro_rules! decode_whole {
    ($($type:ty),*) => {$(
        impl Decode for $type {
            fn decode(node: &Node, diagnostics: &mut Diagnostics) -> Option<Self> {
                if let Some(value) = whole(node).and_then(|value| <$type>::try_from(value).ok()) {
                    return Some(value);
                }
                let expected = format!("a whole number from {} to {}", <$type>::MIN, <$type>::MAX);
                refuse(diagnostics, wrong_number(node, &expected))
            }
        }
    )*};
}

decode_whole!(u8, u16, u32, u64, usize, i32, i64);

fn wrong_number(node: &Node, expected: &str) -> Diagnostic {
    match &node.kind {
        NodeKind::Integer(_) | NodeKind::Number(_) => {
            Diagnostic::error(&codes::OUT_OF_RANGE, format!("expected {expected}")).at(node.span, "not in this range")
        }
        NodeKind::String(words) if words.parse::<i128>().is_ok() => {
            wrong_type(node, "a whole number").help("remove the quotes").fix(node.span, words.clone())
        }
        _ => wrong_type(node, "a whole number"),
    }
}

impl<T: Decode> Decode for Spanned<T> {
    fn decode(node: &Node, diagnostics: &mut Diagnostics) -> Option<Self> {
        T::decode(node, diagnostics).map(|value| Spanned::new(value, node.span))
    }
}

impl<T: Decode> Decode for Vec<T> {
    fn decode(node: &Node, diagnostics: &mut Diagnostics) -> Option<Self> {
        let items = items(node, diagnostics)?;
        all(items.iter().map(|item| T::decode(item, diagnostics)))
    }
}

/// All values, unless one is missing; every one is read in any case, so that each can report.
fn all<T>(values: impl Iterator<Item = Option<T>>) -> Option<Vec<T>> {
    let read: Vec<Option<T>> = values.collect();
    read.into_iter().collect()
}

/// Reads a list, or one value without the brackets.
pub fn one_or_many<T: Decode>(node: &Node, diagnostics: &mut Diagnostics) -> Option<Vec<T>> {
    match node.kind {
        NodeKind::Sequence(_) => Vec::decode(node, diagnostics),
        _ => T::decode(node, diagnostics).map(|value| vec![value]),
    }
}

/// The items of a list.
pub fn items<'n>(node: &'n Node, diagnostics: &mut Diagnostics) -> Option<&'n [Node]> {
    let diagnostic = match &node.kind {
        NodeKind::Sequence(items) => return Some(items),
        NodeKind::Mapping(_) | NodeKind::Null => wrong_type(node, "a list"),
        _ => wrong_type(node, "a list").help("write a list of one with brackets: `[…]`"),
    };
    refuse(diagnostics, diagnostic)
}

/// The entries of a map whose keys are names.
pub fn entries<'n>(node: &'n Node, diagnostics: &mut Diagnostics) -> Option<&'n [(Key, Node)]> {
    match &node.kind {
        NodeKind::Mapping(entries) => Some(entries),
        _ => refuse(diagnostics, wrong_type(node, "a map")),
    }
}

/// Reads one of a few words. `what` names the choice in the message, such as "action".
pub fn one_of<T: Clone>(node: &Node, what: &str, words: &[(&str, T)], diagnostics: &mut Diagnostics) -> Option<T> {
    let allowed = || quoted(words.iter().map(|(word, _)| *word));
    let NodeKind::String(found) = &node.kind else {
        return refuse(diagnostics, wrong_type(node, "a word").note(format!("one of {}", allowed())));
    };
    if let Some((_, value)) = words.iter().find(|(word, _)| word == found) {
        return Some(value.clone());
    }
    let diagnostic = Diagnostic::error(&codes::UNKNOWN_WORD, format!("unknown {what} `{found}`"))
        .at(node.span, format!("not a known {what}"))
        .note(format!("one of {}", allowed()));
    refuse(
        diagnostics,
        match nearest(found, words.iter().map(|(word, _)| *word)) {
            Some(word) => diagnostic.help(format!("did you mean `{word}`?")).fix(node.span, word),
            None => diagnostic,
        },
    )
}

#[cfg(test)]
#[path = "decode_tests.rs"]
mod tests;
