//! The objects that the files name, taken out of them: each as the map that its operation would be written with.

use super::section::{ALL, ENUMS, EXTENSIONS, FUNCTIONS, Section, TRIGGERS};
use crate::diagnostic::{Diagnostic, Diagnostics, codes};
use crate::operation::{Context, for_dialect};
use crate::schema::ObjectName;
use crate::source::{Decode, Key, MapReader, Node, NodeKind, Span, Spanned, entries, wrong_type};

/// An object of a desired schema.
#[derive(Debug)]
pub(super) struct Item {
    pub(super) section: Section,
    /// Its name; that of a trigger in the namespace of its table.
    pub(super) name: ObjectName,
    /// Where the name stands.
    pub(super) span: Span,
    /// What it was called before.
    pub(super) renamed_from: Option<Spanned<String>>,
    /// The map of the operation that makes it.
    pub(super) node: Node,
}

impl Item {
    /// What tells it from others of its section: the table of a trigger, the arguments of a function.
    pub(super) fn qualifier(&self) -> Option<String> {
        let key = match self.section {
            FUNCTIONS => "arguments",
            TRIGGERS => "table",
            _ => return None,
        };
        let text = text(&self.node, key)?;
        // As in the id of a trigger, whose namespace is that of its table.
        Some(if self.section == TRIGGERS { ObjectName::from(text).name } else { text.to_owned() })
    }
}

/// The objects of all files for a dialect. An object that stands in two places is reported.
pub(super) fn items(files: &[&Node], context: &Context, diagnostics: &mut Diagnostics) -> Vec<Item> {
    let mut found: Vec<Item> = Vec::new();
    for file in files {
        let Some(mut map) = MapReader::new(file, "the desired schema", diagnostics) else { continue };
        for section in ALL {
            if let Some(node) = map.optional(section.key).filter(|node| node.kind != NodeKind::Null) {
                of_section(section, node, context, diagnostics, &mut found);
            }
        }
        map.finish(diagnostics);
    }
    without_twins(found, diagnostics)
}

fn of_section(section: Section, node: &Node, context: &Context, diagnostics: &mut Diagnostics, found: &mut Vec<Item>) {
    if let (NodeKind::Sequence(names), true) = (&node.kind, section.lists_names()) {
        let nothing = |span| Node { span, kind: NodeKind::Mapping(Vec::new()) };
        for name in names {
            if let Some(key) = String::decode(name, diagnostics) {
                let key = Key { name: key, span: name.span };
                found.extend(item(section, &key, &nothing(name.span), context, diagnostics));
            }
        }
        return;
    }
    for (key, body) in entries(node, diagnostics).unwrap_or_default() {
        match &body.kind {
            NodeKind::Sequence(bodies) if section.shares_names() => {
                found.extend(bodies.iter().filter_map(|body| item(section, key, body, context, diagnostics)));
            }
            NodeKind::Sequence(_) if section == ENUMS => {
                let values = (Key { name: "values".to_owned(), span: body.span }, body.clone());
                let node = Node { span: body.span, kind: NodeKind::Mapping(vec![values]) };
                found.extend(item(section, key, &node, context, diagnostics));
            }
            NodeKind::Null if section.takes_nothing() => {
                let node = Node { span: key.span, kind: NodeKind::Mapping(Vec::new()) };
                found.extend(item(section, key, &node, context, diagnostics));
            }
            _ => found.extend(item(section, key, body, context, diagnostics)),
        }
    }
}

/// One object; none when it is not for the dialect or is no map.
fn item(section: Section, key: &Key, body: &Node, context: &Context, diagnostics: &mut Diagnostics) -> Option<Item> {
    let NodeKind::Mapping(map) = &body.kind else {
        let what = format!("a map with the keys of `{}`", section.operation);
        diagnostics.push(wrong_type(body, &what));
        return None;
    };
    for (name, why) in [
        (section.names, format!("the name is the key that the map stands under, `{}`", key.name)),
        ("if_not_exists", "what is desired is there in any case".to_owned()),
    ] {
        if let Some((key, _)) = map.iter().find(|(key, _)| key.name == name) {
            diagnostics.push(
                Diagnostic::error(&codes::UNKNOWN_KEY, format!("unknown key `{name}` in `{}`", section.key))
                    .at(key.span, "not a key of a desired schema")
                    .help(format!("remove it: {why}")),
            );
            return None;
        }
    }
    if !for_dialect(body, context, diagnostics) {
        return None;
    }
    let name_node = Node { span: key.span, kind: NodeKind::String(key.name.clone()) };
    let mut renamed_from = None;
    let mut keys = vec![(Key { name: section.names.to_owned(), span: key.span }, name_node)];
    for (key, value) in map {
        match key.name.as_str() {
            "only" | "except" => {}
            "renamed_from" => renamed_from = Decode::decode(value, diagnostics),
            _ => keys.push((key.clone(), value.clone())),
        }
    }
    let name = match text(body, "schema") {
        // The namespace of what an extension brings along.
        Some(_) | None if section == EXTENSIONS => ObjectName::new(key.name.clone()),
        // The namespace of its table.
        _ if section == TRIGGERS => table_of(body).unwrap_or_default().sibling(key.name.clone()),
        Some(schema) => ObjectName::qualified(schema, key.name.clone()),
        None if section.lists_names() => ObjectName::new(key.name.clone()),
        None => ObjectName::from(key.name.as_str()),
    };
    let node = Node { span: body.span, kind: NodeKind::Mapping(keys) };
    Some(Item { section, name, span: key.span, renamed_from, node })
}

/// The table that a trigger says.
fn table_of(body: &Node) -> Option<ObjectName> {
    let table = text(body, "table")?;
    Some(match text(body, "schema") {
        Some(schema) => ObjectName::qualified(schema, table),
        None => ObjectName::from(table),
    })
}

pub(super) fn text<'n>(node: &'n Node, key: &str) -> Option<&'n str> {
    match node.get(key).map(|node| &node.kind) {
        Some(NodeKind::String(text)) => Some(text),
        _ => None,
    }
}

/// The first of those that have one name; the others are reported.
fn without_twins(found: Vec<Item>, diagnostics: &mut Diagnostics) -> Vec<Item> {
    let mut first = std::collections::BTreeMap::new();
    let mut kept = Vec::with_capacity(found.len());
    for item in found {
        let id = (item.section, item.name.clone(), item.qualifier());
        match first.get(&id) {
            None => {
                first.insert(id, item.span);
                kept.push(item);
            }
            Some(place) => {
                let message = format!("the {} `{}` is desired twice", item.section.names, item.name);
                diagnostics.push(
                    Diagnostic::error(&codes::DESIRED_TWICE, message)
                        .at(item.span, "here again")
                        .at(*place, "first here"),
                );
            }
        }
    }
    kept
}
