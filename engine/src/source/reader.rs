//! Reads the known keys of a map and reports the others.

use std::borrow::Cow;

use super::{Decode, Key, Node, NodeKind, Span, nearest, wrong_type};
use crate::diagnostic::{Diagnostic, Diagnostics, codes};

/// A map that is being read key by key.
///
/// Ask for every key the language has here, then call [`finish`](Self::finish): a key that nobody asked for is an error.
/// `null` counts as a value, because leaving a key out and setting it to `null` mean different things.
///
/// ```
/// # use aludel_engine::{diagnostic::Diagnostics, source::{MapReader, Sources, parse}};
/// # let mut sources = Sources::default();
/// # let file = sources.add("x.yaml", "{table: users, if_exists: true}");
/// # let mut diagnostics = Diagnostics::default();
/// # let node = parse(&sources, file, &mut diagnostics).unwrap();
/// # fn read(node: &aludel_engine::source::Node, diagnostics: &mut Diagnostics) -> Option<(String, bool)> {
/// let mut map = MapReader::new(node, "drop_table", diagnostics)?;
/// let table: Option<String> = map.need("table", diagnostics);
/// let if_exists: Option<bool> = map.get("if_exists", diagnostics);
/// map.finish(diagnostics);
/// Some((table?, if_exists.unwrap_or(false)))
/// # }
/// # assert_eq!(read(&node, &mut diagnostics), Some(("users".to_owned(), true)));
/// ```
///
/// Note that `?` comes after `finish`, so that one run finds every mistake.
#[derive(Debug)]
pub struct MapReader<'n> {
    what: Cow<'n, str>,
    span: Span,
    entries: &'n [(Key, Node)],
    asked: Vec<&'n str>,
    needs: &'n [&'n str],
}

impl<'n> MapReader<'n> {
    /// Starts to read a map; anything else is reported. `what` names it in messages, such as `add_column`.
    pub fn new(node: &'n Node, what: impl Into<Cow<'n, str>>, diagnostics: &mut Diagnostics) -> Option<Self> {
        let what = what.into();
        let NodeKind::Mapping(entries) = &node.kind else {
            diagnostics.push(wrong_type(node, "a map").note(format!("`{what}` takes a map of keys and values")));
            return None;
        };
        Some(MapReader { what, span: node.span, entries, asked: Vec::new(), needs: &[] })
    }

    /// Tells which keys are required, so that the message about a missing one can list them all.
    #[must_use]
    pub fn needs(mut self, keys: &'n [&'n str]) -> Self {
        self.needs = keys;
        self
    }

    /// Where the map stands.
    #[must_use]
    pub fn span(&self) -> Span {
        self.span
    }

    /// The value of a key, if it is there.
    pub fn optional(&mut self, key: &'n str) -> Option<&'n Node> {
        self.entry(key).map(|(_, value)| value)
    }

    /// The key and its value, if they are there.
    pub fn entry(&mut self, key: &'n str) -> Option<(&'n Key, &'n Node)> {
        if !self.asked.contains(&key) {
            self.asked.push(key);
        }
        self.entries.iter().find(|(k, _)| k.name == key).map(|(k, v)| (k, v))
    }

    /// The value of a key; reports when it is not there.
    pub fn required(&mut self, key: &'n str, diagnostics: &mut Diagnostics) -> Option<&'n Node> {
        let value = self.optional(key);
        if value.is_none() {
            let mut diagnostic =
                Diagnostic::error(&codes::MISSING_KEY, format!("`{}` needs the key `{key}`", self.what))
                    .at(self.span, format!("`{key}` is missing here"));
            if self.needs.len() > 1 {
                diagnostic = diagnostic.note(format!("required: {}", quoted(self.needs.iter().copied())));
            }
            diagnostics.push(diagnostic);
        }
        value
    }

    /// The decoded value of a key, if it is there and right.
    pub fn get<T: Decode>(&mut self, key: &'n str, diagnostics: &mut Diagnostics) -> Option<T> {
        self.optional(key).and_then(|value| T::decode(value, diagnostics))
    }

    /// The decoded value of a key that must be there.
    pub fn need<T: Decode>(&mut self, key: &'n str, diagnostics: &mut Diagnostics) -> Option<T> {
        self.required(key, diagnostics).and_then(|value| T::decode(value, diagnostics))
    }

    /// The entries that nobody has asked for yet, and takes them as asked: for maps that are open to some kind of key.
    pub fn rest(&mut self) -> Vec<(&'n Key, &'n Node)> {
        let rest: Vec<_> =
            self.entries.iter().filter(|(k, _)| !self.asked.contains(&k.name.as_str())).map(|(k, v)| (k, v)).collect();
        self.asked.extend(rest.iter().map(|(key, _)| key.name.as_str()));
        rest
    }

    /// Reports every key that was never asked for.
    pub fn finish(self, diagnostics: &mut Diagnostics) {
        for (key, _) in self.entries.iter().filter(|(key, _)| !self.asked.contains(&key.name.as_str())) {
            let free = self.asked.iter().copied().filter(|known| self.entries.iter().all(|(k, _)| k.name != *known));
            let mut diagnostic = Diagnostic::error(&codes::UNKNOWN_KEY, format!("unknown key `{}`", key.name))
                .at(key.span, format!("`{}` has no such key", self.what));
            diagnostic = match nearest(&key.name, free) {
                Some(known) => diagnostic.help(format!("did you mean `{known}`?")).fix(key.span, known),
                None if self.asked.is_empty() => diagnostic,
                None => diagnostic.note(format!("known keys: {}", quoted(self.asked.iter().copied()))),
            };
            diagnostics.push(diagnostic);
        }
    }
}

/// Names in back quotes with commas between.
pub(super) fn quoted<'w>(words: impl IntoIterator<Item = &'w str>) -> String {
    words.into_iter().map(|word| format!("`{word}`")).collect::<Vec<_>>().join(", ")
}
