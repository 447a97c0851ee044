//! Constraints as `create_table` lists them and as the operations that add one write them.

use super::column::matching;
use super::index::part_keys;
use super::references;
use crate::diagnostic::Diagnostics;
use crate::dialect::ObjectKind;
use crate::operation::text::{names, sql_text};
use crate::operation::{Context, ObjectReader};
use crate::schema::{Constraint, ConstraintKind, Deferral, Exclude, ExcludeElement, ForeignKey, ReferentialAction};
use crate::source::{Decode, Node, NodeKind, Span, items, one_of, wrong_type};

/// A constraint as written.
#[derive(Debug, Clone)]
pub struct ConstraintDefinition {
    /// The constraint; the name is the author's.
    pub constraint: Constraint,
    /// Whether the author left the name to the naming rules (and did not ask for none with `name: null`).
    pub unnamed: bool,
    /// Where it stands.
    pub span: Span,
}

/// Reads the keys of a constraint of one kind from a map that may hold more.
pub fn constraint(
    kind: ObjectKind,
    reader: &mut ObjectReader<'_>,
    context: &Context,
    diagnostics: &mut Diagnostics,
) -> Option<ConstraintDefinition> {
    let name_node = reader.nullable("name");
    let name = name_node.filter(|node| node.kind != NodeKind::Null).and_then(|node| String::decode(node, diagnostics));
    let kind_read = match kind {
        ObjectKind::Check => {
            let sql = reader.need_node("sql", diagnostics).and_then(|node| sql_text(node, context, diagnostics));
            sql.map(|sql| ConstraintKind::Check { sql })
        }
        ObjectKind::ForeignKey => foreign_key(reader, context, diagnostics).map(ConstraintKind::ForeignKey),
        ObjectKind::Exclude => exclude(reader, context, diagnostics).map(ConstraintKind::Exclude),
        _ => {
            let columns = reader.need_node("columns", diagnostics).and_then(|node| names(node, diagnostics));
            columns.map(|columns| match kind {
                ObjectKind::PrimaryKey => ConstraintKind::PrimaryKey { columns },
                _ => ConstraintKind::Unique { columns },
            })
        }
    };
    let deferral = deferral(reader, diagnostics);
    let not_valid = match kind {
        ObjectKind::Check | ObjectKind::ForeignKey => reader.flag("not_valid", diagnostics),
        _ => false,
    };
    let comment = reader.get("comment", diagnostics);
    let options = reader.options(context, diagnostics);
    let constraint =
        Constraint { name: name.clone(), kind: kind_read?, deferral, validated: !not_valid, options, comment };
    Some(ConstraintDefinition { constraint, unnamed: name_node.is_none(), span: reader.span() })
}

/// The index method of an exclusion when nobody says: the one that every range and geometry has.
const EXCLUDE_METHOD: &str = "gist";

fn exclude(reader: &mut ObjectReader<'_>, context: &Context, diagnostics: &mut Diagnostics) -> Option<Exclude> {
    let method: Option<String> = reader.get("using", diagnostics);
    let elements = reader.need_node("elements", diagnostics).and_then(|node| elements(node, context, diagnostics));
    let predicate = reader.node("where").and_then(|node| sql_text(node, context, diagnostics));
    let method = method.unwrap_or_else(|| EXCLUDE_METHOD.to_owned());
    Some(Exclude { method, elements: elements?, predicate })
}

fn elements(node: &Node, context: &Context, diagnostics: &mut Diagnostics) -> Option<Vec<ExcludeElement>> {
    let list = items(node, diagnostics)?;
    if list.is_empty() {
        diagnostics.push(wrong_type(node, "at least one element, such as `{column: during, with: \"&&\"}`"));
        return None;
    }
    let read: Vec<Option<ExcludeElement>> = list.iter().map(|item| element(item, context, diagnostics)).collect();
    read.into_iter().collect()
}

fn element(node: &Node, context: &Context, diagnostics: &mut Diagnostics) -> Option<ExcludeElement> {
    let mut reader = ObjectReader::new(node, "element", None, context, diagnostics)?;
    let operator = reader.need("with", diagnostics);
    let part = part_keys(&mut reader, "an element", context, diagnostics);
    reader.finish(context, diagnostics);
    Some(ExcludeElement { part: part?, operator: operator? })
}

fn deferral(reader: &mut ObjectReader<'_>, diagnostics: &mut Diagnostics) -> Deferral {
    const INITIALLY: [(&str, bool); 2] = [("immediate", false), ("deferred", true)];
    let initially = reader.node("initially").and_then(|node| one_of(node, "time", &INITIALLY, diagnostics));
    match (reader.get("deferrable", diagnostics), initially) {
        (Some(false) | None, None | Some(false)) => Deferral::NotDeferrable,
        (Some(true), None | Some(false)) => Deferral::InitiallyImmediate,
        (_, Some(true)) => Deferral::InitiallyDeferred,
    }
}

fn foreign_key(reader: &mut ObjectReader<'_>, context: &Context, diagnostics: &mut Diagnostics) -> Option<ForeignKey> {
    let columns = reader.need_node("columns", diagnostics).and_then(|node| names(node, diagnostics));
    let key = reader
        .need_node("references", diagnostics)
        .and_then(|node: &Node| references(node, columns.clone().unwrap_or_default(), context, diagnostics));
    let mut action = |key: &'static str, diagnostics: &mut Diagnostics| {
        reader.node(key).and_then(|node| one_of(node, "referential action", &ReferentialAction::ALL, diagnostics))
    };
    let (on_delete, on_update) = (action("on_delete", diagnostics), action("on_update", diagnostics));
    let match_node = reader.node("match");
    let mut key = key?;
    key.columns = columns?;
    key.on_delete = on_delete.unwrap_or(key.on_delete);
    key.on_update = on_update.unwrap_or(key.on_update);
    if match_node.is_some() {
        key.matching = matching(match_node, diagnostics);
    }
    Some(key)
}
