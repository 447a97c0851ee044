//! A map of the language as one dialect sees it.

use super::Context;
use crate::diagnostic::{Diagnostic, Diagnostics, codes};
use crate::dialect::{ObjectKind, OptionKind, OptionSpec};
use crate::schema::{OptionValue, Options};
use crate::source::{Decode, Key, Node, NodeKind, Span, entries, nearest, one_of, wrong_type};

/// Reads a map whose portable keys may be overridden in a sub-map of the dialect, which also holds the dialect's options.
///
/// It remembers the keys that were asked for; [`ObjectReader::finish`] reports all others.
#[derive(Debug)]
pub struct ObjectReader<'n> {
    what: &'n str,
    span: Span,
    kind: Option<ObjectKind>,
    entries: Vec<(&'n Key, &'n Node)>,
    options: Vec<(&'n Key, &'n Node)>,
    /// The maps of dialects that are not the one resolved for.
    others: Vec<(&'n Key, &'n Node)>,
    asked: Vec<&'static str>,
    cleared: Vec<&'static str>,
}

impl<'n> ObjectReader<'n> {
    /// Starts reading. `what` names the object in messages; `kind` says which dialect options it may carry.
    pub fn new(
        node: &'n Node,
        what: &'n str,
        kind: Option<ObjectKind>,
        context: &Context,
        diagnostics: &mut Diagnostics,
    ) -> Option<Self> {
        let all = entries(node, diagnostics)?;
        let lineage = context.lineage();
        let own_options = kind.map_or(&[][..], |kind| context.dialect.options(kind));
        let mut reader = ObjectReader {
            what,
            span: node.span,
            kind,
            entries: Vec::new(),
            options: Vec::new(),
            others: Vec::new(),
            asked: Vec::new(),
            cleared: Vec::new(),
        };
        for (key, value) in all.iter().filter(|(key, _)| !context.is_dialect(&key.name)) {
            reader.entries.push((key, value));
        }
        for (key, value) in all.iter().filter(|(key, _)| context.is_dialect(&key.name)) {
            if !lineage.contains(&key.name.as_str()) {
                reader.others.push((key, value));
            }
        }
        for dialect in lineage {
            let Some(map) = node.get(dialect) else { continue };
            for (key, value) in entries(map, diagnostics).unwrap_or_default() {
                let list = if own_options.iter().any(|option| option.name == key.name) {
                    &mut reader.options
                } else {
                    &mut reader.entries
                };
                list.retain(|(other, _)| other.name != key.name);
                list.push((key, value));
            }
        }
        Some(reader)
    }

    /// Where the map stands.
    #[must_use]
    pub fn span(&self) -> Span {
        self.span
    }

    /// The value of a key, if it is there and not null.
    pub fn node(&mut self, key: &'static str) -> Option<&'n Node> {
        self.nullable(key).filter(|node| node.kind != NodeKind::Null)
    }

    /// The value of a key, if it is there; null counts.
    pub fn nullable(&mut self, key: &'static str) -> Option<&'n Node> {
        self.asked.push(key);
        self.entries.iter().find(|(other, _)| other.name == key).map(|(_, node)| *node)
    }

    /// The value of a key that must be there.
    pub fn need_node(&mut self, key: &'static str, diagnostics: &mut Diagnostics) -> Option<&'n Node> {
        let node = self.node(key);
        if node.is_none() {
            diagnostics.push(
                Diagnostic::error(&codes::MISSING_KEY, format!("`{}` needs the key `{key}`", self.what))
                    .at(self.span, format!("`{key}` is missing")),
            );
        }
        node
    }

    /// Reads a value, if it is there.
    pub fn get<T: Decode>(&mut self, key: &'static str, diagnostics: &mut Diagnostics) -> Option<T> {
        T::decode(self.node(key)?, diagnostics)
    }

    /// Reads a value that must be there.
    pub fn need<T: Decode>(&mut self, key: &'static str, diagnostics: &mut Diagnostics) -> Option<T> {
        T::decode(self.need_node(key, diagnostics)?, diagnostics)
    }

    /// Reads an on/off key that is off unless said.
    pub fn flag(&mut self, key: &'static str, diagnostics: &mut Diagnostics) -> bool {
        self.get(key, diagnostics).unwrap_or(false)
    }

    /// Reads the options of the dialect.
    pub fn options(&mut self, context: &Context, diagnostics: &mut Diagnostics) -> Options {
        let mut options = Options::default();
        let Some(kind) = self.kind else { return options };
        let specs = context.dialect.options(kind);
        for (key, node) in std::mem::take(&mut self.options) {
            let Some(spec) = specs.iter().find(|spec| spec.name == key.name) else { continue };
            if node.kind == NodeKind::Null {
                self.cleared.push(spec.name);
                continue;
            }
            if let Some(value) = option_value(spec, node, diagnostics) {
                options.set(spec.name, value);
            }
        }
        options
    }

    /// The options that were given as `null`, once the options are read: where something changes, they go.
    pub fn cleared(&self) -> Vec<&'static str> {
        self.cleared.clone()
    }

    /// Reports every key that was never asked for, also in the maps of other dialects.
    pub fn finish(self, context: &Context, diagnostics: &mut Diagnostics) {
        let known = |name: &str| self.asked.contains(&name);
        for (key, _) in self.entries.iter().filter(|(key, _)| !known(&key.name)) {
            let options = self.kind.map_or(&[][..], |kind| context.dialect.options(kind));
            let candidates = self.asked.iter().copied().chain(options.iter().map(|option| option.name));
            let near = nearest(&key.name, candidates.chain(context.dialect_names()));
            diagnostics.push(unknown_key(key, self.what, near));
        }
        for (name, map) in &self.others {
            let Some(dialect) = context.dialects.iter().find(|dialect| dialect.name() == name.name) else { continue };
            let options = self.kind.map_or(&[][..], |kind| dialect.options(kind));
            let inherited = dialect.inherits().and_then(|parent| context.dialects.iter().find(|d| d.name() == parent));
            let inherited = inherited.zip(self.kind).map_or(&[][..], |(parent, kind)| parent.options(kind));
            let names = || options.iter().chain(inherited).map(|option| option.name).chain(self.asked.iter().copied());
            for (key, _) in entries(map, diagnostics).unwrap_or_default() {
                if !names().any(|name| name == key.name) {
                    // In the same words as above, so that what is read for several dialects is reported once.
                    let near = nearest(&key.name, names().chain(context.dialect_names()));
                    diagnostics.push(unknown_key(key, self.what, near));
                }
            }
        }
    }
}

fn unknown_key(key: &Key, what: &str, near: Option<&str>) -> Diagnostic {
    let diagnostic = Diagnostic::error(&codes::UNKNOWN_KEY, format!("unknown key `{}` in `{what}`", key.name))
        .at(key.span, "not a key of the language");
    match near {
        Some(near) => diagnostic.help(format!("did you mean `{near}`?")).fix(key.span, near),
        None => diagnostic,
    }
}

fn option_value(spec: &OptionSpec, node: &Node, diagnostics: &mut Diagnostics) -> Option<OptionValue> {
    match spec.kind {
        OptionKind::Bool => bool::decode(node, diagnostics).map(OptionValue::Bool),
        OptionKind::Integer => i64::decode(node, diagnostics).map(OptionValue::Integer),
        OptionKind::Text => String::decode(node, diagnostics).map(OptionValue::Text),
        OptionKind::Word(words) => {
            let pairs: Vec<(&str, &str)> = words.iter().map(|word| (*word, *word)).collect();
            one_of(node, spec.name, &pairs, diagnostics).map(|word| OptionValue::Text(word.to_owned()))
        }
        OptionKind::List => {
            let items: Vec<String> = Decode::decode(node, diagnostics)?;
            Some(OptionValue::List(items.into_iter().map(OptionValue::Text).collect()))
        }
        OptionKind::Map => {
            let mut map = std::collections::BTreeMap::new();
            for (key, value) in entries(node, diagnostics)? {
                let value = match &value.kind {
                    NodeKind::Bool(value) => OptionValue::Bool(*value),
                    NodeKind::Integer(value) => OptionValue::Integer(*value),
                    NodeKind::Number(text) | NodeKind::String(text) => OptionValue::Text(text.clone()),
                    _ => {
                        diagnostics.push(wrong_type(value, "a text, a number or a boolean"));
                        continue;
                    }
                };
                map.insert(key.name.clone(), value);
            }
            Some(OptionValue::Map(map))
        }
    }
}
