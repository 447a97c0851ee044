//! Indexes as `create_table` lists them and `create_index` writes them.

use crate::diagnostic::{Diagnostic, Diagnostics, codes};
use crate::operation::text::sql_text;
use crate::operation::{Context, ObjectReader};
use crate::schema::{Index, IndexKey, IndexPart, Nulls};
use crate::source::{Decode, Node, NodeKind, Span, items, one_of, wrong_type};

/// An index as written; an empty name is left to the naming rules.
#[derive(Debug, Clone)]
pub struct IndexDefinition {
    /// The index.
    pub index: Index,
    /// Where it stands.
    pub span: Span,
}

/// Reads the index keys from a map that may hold more.
pub fn index(
    reader: &mut ObjectReader<'_>,
    context: &Context,
    diagnostics: &mut Diagnostics,
) -> Option<IndexDefinition> {
    let name: Option<String> = reader.get("name", diagnostics);
    let parts = reader.need_node("columns", diagnostics).and_then(|node| parts(node, context, diagnostics));
    let unique = reader.flag("unique", diagnostics);
    let predicate = reader.node("where").and_then(|node| sql_text(node, context, diagnostics));
    let comment = reader.get("comment", diagnostics);
    let options = reader.options(context, diagnostics);
    let index = Index { name: name.unwrap_or_default(), parts: parts?, unique, predicate, comment, options };
    Some(IndexDefinition { index, span: reader.span() })
}

fn parts(node: &Node, context: &Context, diagnostics: &mut Diagnostics) -> Option<Vec<IndexPart>> {
    if let NodeKind::String(name) = &node.kind {
        return Some(vec![IndexPart::column(name.clone())]);
    }
    let list = items(node, diagnostics)?;
    if list.is_empty() {
        diagnostics.push(wrong_type(node, "at least one column"));
        return None;
    }
    let read: Vec<Option<IndexPart>> = list.iter().map(|item| part(item, context, diagnostics)).collect();
    read.into_iter().collect()
}

fn part(node: &Node, context: &Context, diagnostics: &mut Diagnostics) -> Option<IndexPart> {
    if !matches!(node.kind, NodeKind::Mapping(_)) {
        return String::decode(node, diagnostics).map(IndexPart::column);
    }
    let mut reader = ObjectReader::new(node, "index column", None, context, diagnostics)?;
    let length = reader.get("length", diagnostics);
    let part = part_keys(&mut reader, "an index column", context, diagnostics);
    reader.finish(context, diagnostics);
    Some(IndexPart { length, ..part? })
}

/// Reads what an index column and an element of an exclusion have alike. `what` names it in messages.
pub(super) fn part_keys(
    reader: &mut ObjectReader<'_>,
    what: &str,
    context: &Context,
    diagnostics: &mut Diagnostics,
) -> Option<IndexPart> {
    const ORDER: [(&str, bool); 2] = [("asc", false), ("desc", true)];
    const NULLS: [(&str, Nulls); 2] = [("first", Nulls::First), ("last", Nulls::Last)];
    let column: Option<String> = reader.get("column", diagnostics);
    let expression = reader.node("expr").and_then(|node| sql_text(node, context, diagnostics));
    let descending = reader.node("order").and_then(|node| one_of(node, "order", &ORDER, diagnostics)).unwrap_or(false);
    let nulls = reader.node("nulls").and_then(|node| one_of(node, "place of nulls", &NULLS, diagnostics));
    let opclass = reader.get("opclass", diagnostics);
    let collation = reader.node("collation").and_then(|node| super::column::collation(node, context, diagnostics));
    let key = match (column, expression) {
        (Some(column), None) => IndexKey::Column(column),
        (None, Some(sql)) => IndexKey::Expression(sql),
        _ => {
            diagnostics.push(
                Diagnostic::error(&codes::CONTRADICTION, format!("{what} has either `column` or `expr`"))
                    .at(reader.span(), "here"),
            );
            return None;
        }
    };
    Some(IndexPart { key, descending, nulls, length: None, opclass, collation })
}
