//! `renamed_from`, on objects and on what stands in them.

use super::Renames;
use super::item::{Item, text};
use super::section::{ENUMS, TABLES};
use crate::diagnostic::{Diagnostic, Diagnostics, codes};
use crate::operation::Context;
use crate::schema::{ObjectId, ObjectName};
use crate::source::{Decode, Node, NodeKind, Span, Spanned};

const KEY: &str = "renamed_from";

/// The lists of a table whose items are constraints.
const CONSTRAINTS: [&str; 4] = ["unique", "checks", "foreign_keys", "exclude"];

/// Takes the hints out of an object, which its operation does not know, and keeps what they say.
pub(super) fn take(item: &mut Item, renames: &mut Renames, context: &Context, diagnostics: &mut Diagnostics) {
    if let Some(old) = item.renamed_from.take() {
        let name = sibling(&item.name, &old.value);
        let twice = match (item.section, item.section.class) {
            (TABLES, _) => note(&mut renames.tables, name, item.name.clone()),
            (ENUMS, _) => note(&mut renames.enums, name, item.name.clone()),
            (_, Some(class)) => {
                let id = |name| ObjectId { class, name, qualifier: item.qualifier() };
                note(&mut renames.objects, id(name), id(item.name.clone()))
            }
            _ => None,
        };
        report(twice, &old, diagnostics);
    }
    let table = item.name.clone();
    let lineage = context.lineage();
    inside(&mut item.node, &table, true, renames, diagnostics);
    let NodeKind::Mapping(keys) = &mut item.node.kind else { return };
    for (key, node) in keys.iter_mut().filter(|(key, _)| context.is_dialect(&key.name)) {
        inside(node, &table, lineage.contains(&key.name.as_str()), renames, diagnostics);
    }
}

/// The hints on columns, constraints and indexes; `counts` when they are for the dialect.
fn inside(node: &mut Node, table: &ObjectName, counts: bool, renames: &mut Renames, diagnostics: &mut Diagnostics) {
    let NodeKind::Mapping(keys) = &mut node.kind else { return };
    for (key, value) in keys {
        match (key.name.as_str(), &mut value.kind) {
            ("columns", NodeKind::Mapping(columns)) => {
                for (column, body) in columns {
                    if let Some(old) = hint(body, diagnostics).filter(|_| counts) {
                        let twice = note_in(&mut renames.columns, table, &old.value, &column.name);
                        report(twice, &old, diagnostics);
                    }
                }
            }
            ("primary_key", NodeKind::Mapping(_)) => {
                named(value, table, counts, &mut renames.constraints, diagnostics);
            }
            (list, NodeKind::Sequence(items)) => {
                let kept = match list {
                    "indexes" => &mut renames.indexes,
                    list if CONSTRAINTS.contains(&list) => &mut renames.constraints,
                    _ => continue,
                };
                items.iter_mut().for_each(|item| named(item, table, counts, kept, diagnostics));
            }
            _ => {}
        }
    }
}

/// The hint of a constraint or index, which must say its name: what the rules call it, nobody needs to rename.
fn named(
    node: &mut Node,
    table: &ObjectName,
    counts: bool,
    kept: &mut Vec<(ObjectName, String, String)>,
    diagnostics: &mut Diagnostics,
) {
    let Some(old) = hint(node, diagnostics).filter(|_| counts) else { return };
    match text(node, "name") {
        Some(name) => {
            let twice = note_in(kept, table, &old.value, name);
            report(twice, &old, diagnostics);
        }
        None => diagnostics.push(
            Diagnostic::error(&codes::MISSING_KEY, format!("`{KEY}` needs the key `name` beside it"))
                .at(old.span, "renamed to what?"),
        ),
    }
}

fn hint(node: &mut Node, diagnostics: &mut Diagnostics) -> Option<Spanned<String>> {
    let NodeKind::Mapping(keys) = &mut node.kind else { return None };
    let place = keys.iter().position(|(key, _)| key.name == KEY)?;
    let (_, value) = keys.remove(place);
    Decode::decode(&value, diagnostics)
}

/// A name in the namespace of another one, unless it says its own.
fn sibling(name: &ObjectName, old: &str) -> ObjectName {
    match ObjectName::from(old) {
        ObjectName { schema: None, name: old } => name.sibling(old),
        qualified => qualified,
    }
}

/// What is wrong with a hint.
enum Wrong {
    /// It is the present name.
    Same,
    /// Another one has it too.
    Twice(String),
}

fn note<T: PartialEq + ToString>(kept: &mut Vec<(T, T)>, old: T, new: T) -> Option<Wrong> {
    if old == new {
        return Some(Wrong::Same);
    }
    if let Some((_, other)) = kept.iter().find(|(known, _)| *known == old) {
        return Some(Wrong::Twice(other.to_string()));
    }
    kept.push((old, new));
    None
}

fn note_in(kept: &mut Vec<(ObjectName, String, String)>, table: &ObjectName, old: &str, new: &str) -> Option<Wrong> {
    if old == new {
        return Some(Wrong::Same);
    }
    if let Some((_, _, other)) = kept.iter().find(|(owner, known, _)| owner == table && known == old) {
        return Some(Wrong::Twice(other.clone()));
    }
    kept.push((table.clone(), old.to_owned(), new.to_owned()));
    None
}

fn report(wrong: Option<Wrong>, old: &Spanned<String>, diagnostics: &mut Diagnostics) {
    let error =
        |message: String, span: Span, label: &str| Diagnostic::error(&codes::RENAMED_FROM, message).at(span, label);
    match wrong {
        None => {}
        Some(Wrong::Same) => diagnostics.push(
            error(format!("`{}` is its name now", old.value), old.span, "not another name")
                .help("write the name it had before, or remove the hint"),
        ),
        Some(Wrong::Twice(other)) => diagnostics.push(error(
            format!("`{}` has become `{other}` already", old.value),
            old.span,
            "claimed a second time",
        )),
    }
}
