//! `create_view`, `replace_view`, `drop_view`, `rename_view`

use std::sync::Arc;

use super::text::{names, sql_text};
use super::{Context, Lowering, ObjectReader, Operate, table_name};
use crate::change::Change;
use crate::diagnostic::{Diagnostic, Diagnostics, codes};
use crate::dialect::ObjectKind;
use crate::schema::{Object, ObjectClass, ObjectId, ObjectName, View, ViewCheck};
use crate::source::{Node, NodeKind, Span, Spanned, one_of};

/// Makes a view.
///
/// `sql` is its query. `materialized: true` keeps the rows (PostgreSQL); `columns` names its columns; `with_check` (`local` or
/// `cascaded`) refuses rows written through it that it would not show. The view survives whatever happens to the tables
/// beneath it: where a database has to make it anew, that is part of the plan. Undone by dropping it.
#[derive(Debug, Clone)]
pub struct CreateView {
    name: Spanned<ObjectName>,
    view: View,
    if_not_exists: bool,
}

impl Operate for CreateView {
    fn read(node: &Node, _: Span, context: &Context, diagnostics: &mut Diagnostics) -> Option<Self> {
        let mut reader = ObjectReader::new(node, "create_view", Some(ObjectKind::View), context, diagnostics)?;
        let if_not_exists = reader.flag("if_not_exists", diagnostics);
        let (name, view) = definition(reader, context, diagnostics)?;
        Some(CreateView { name, view, if_not_exists })
    }

    fn lower(&self, lowering: &mut Lowering<'_>) -> Option<()> {
        lowering.free_table_name(&self.name, None)?;
        lowering.emit(Change::CreateObject {
            object: Arc::new(Object::View(self.view.clone())),
            if_not_exists: self.if_not_exists,
        })
    }
}

/// Gives a view another query, columns or options; what is built on it stays, and so do the rights granted on it. The keys
/// are those of `create_view` and say the whole view. Undone by giving it the old definition again.
#[derive(Debug, Clone)]
pub struct ReplaceView {
    name: Spanned<ObjectName>,
    view: View,
}

impl Operate for ReplaceView {
    fn read(node: &Node, _: Span, context: &Context, diagnostics: &mut Diagnostics) -> Option<Self> {
        let reader = ObjectReader::new(node, "replace_view", Some(ObjectKind::View), context, diagnostics)?;
        let (name, view) = definition(reader, context, diagnostics)?;
        Some(ReplaceView { name, view })
    }

    fn lower(&self, lowering: &mut Lowering<'_>) -> Option<()> {
        let before = lowering.object(ObjectClass::View, &self.name)?;
        let mut after = self.view.clone();
        if let Object::View(view) = &*before {
            after.indexes.clone_from(&view.indexes);
        }
        lowering.emit(Change::AlterObject { before, after: Arc::new(Object::View(after)) })
    }
}

/// Drops a view.
///
/// Views and triggers that are built on it are an error that names them; with `cascade: true` they go first, each as a step of
/// its own in the plan. `if_exists: true` allows for a view that the history does not know. Undone by making it again.
#[derive(Debug, Clone)]
pub struct DropView {
    name: Spanned<ObjectName>,
    if_exists: bool,
    cascade: bool,
}

impl Operate for DropView {
    fn read(node: &Node, _: Span, context: &Context, diagnostics: &mut Diagnostics) -> Option<Self> {
        let mut reader = ObjectReader::new(node, "drop_view", None, context, diagnostics)?;
        let name = table_name(&mut reader, "view", diagnostics);
        let if_exists = reader.flag("if_exists", diagnostics);
        let cascade = reader.flag("cascade", diagnostics);
        reader.finish(context, diagnostics);
        Some(DropView { name: name?, if_exists, cascade })
    }

    fn lower(&self, lowering: &mut Lowering<'_>) -> Option<()> {
        let id = ObjectId::new(ObjectClass::View, self.name.value.clone());
        if self.if_exists && lowering.schema.object(&id).is_none() {
            return lowering.emit(Change::DropObjectIfExists { id });
        }
        let object = lowering.object(ObjectClass::View, &self.name)?;
        lowering.drop_dependents(&self.name, self.cascade)?;
        lowering.drop_triggers(&self.name.value)?;
        lowering.emit(Change::DropObject { object })
    }
}

/// Gives a view another name. Views and triggers that speak of it follow.
#[derive(Debug, Clone)]
pub struct RenameView {
    name: Spanned<ObjectName>,
    to: Spanned<String>,
}

impl Operate for RenameView {
    fn read(node: &Node, _: Span, context: &Context, diagnostics: &mut Diagnostics) -> Option<Self> {
        let mut reader = ObjectReader::new(node, "rename_view", None, context, diagnostics)?;
        let name = table_name(&mut reader, "view", diagnostics);
        let to = reader.need("to", diagnostics);
        reader.finish(context, diagnostics);
        Some(RenameView { name: name?, to: to? })
    }

    fn lower(&self, lowering: &mut Lowering<'_>) -> Option<()> {
        let id = lowering.object(ObjectClass::View, &self.name)?.id();
        let to = match ObjectName::from(self.to.value.as_str()) {
            ObjectName { schema: None, name } => id.name.sibling(name),
            qualified => qualified,
        };
        lowering.free_table_name(&Spanned::new(to.clone(), self.to.span), (to != id.name).then_some(&id.name))?;
        lowering.emit(Change::RenameObject { id, to })
    }
}

/// Reads the keys that `create_view` and `replace_view` share.
fn definition(
    mut reader: ObjectReader<'_>,
    context: &Context,
    diagnostics: &mut Diagnostics,
) -> Option<(Spanned<ObjectName>, View)> {
    let name = table_name(&mut reader, "view", diagnostics);
    let sql = reader.need_node("sql", diagnostics).and_then(|node| sql_text(node, context, diagnostics));
    let materialized = reader.flag("materialized", diagnostics);
    let columns = match reader.node("columns") {
        Some(node) => names(node, diagnostics)?,
        None => Vec::new(),
    };
    let check = reader.node("with_check");
    let options = reader.options(context, diagnostics);
    let comment = reader.get("comment", diagnostics);
    reader.finish(context, diagnostics);
    let check = match check {
        None => None,
        Some(node) => Some((view_check(node, diagnostics)?, node.span)),
    };
    if let Some((_, span)) = check.filter(|_| materialized) {
        diagnostics.push(
            Diagnostic::error(&codes::CONTRADICTION, "`with_check` and `materialized` exclude each other")
                .at(span, "nothing can be written through a materialized view"),
        );
        return None;
    }
    let (name, sql) = (name?, sql?);
    let view = View {
        name: name.value.clone(),
        // A terminator at the end belongs to a script, not to the query.
        sql: sql.trim().trim_end_matches(';').trim_end().to_owned(),
        materialized,
        columns,
        check: check.and_then(|(check, _)| check),
        indexes: Vec::new(),
        comment,
        options,
    };
    Some((name, view))
}

/// `local`, `cascaded`, or `true` for what SQL takes when nothing is said: cascaded.
fn view_check(node: &Node, diagnostics: &mut Diagnostics) -> Option<Option<ViewCheck>> {
    match node.kind {
        NodeKind::Bool(true) => Some(Some(ViewCheck::Cascaded)),
        NodeKind::Bool(false) => Some(None),
        _ => {
            const WORDS: [(&str, ViewCheck); 2] = [("local", ViewCheck::Local), ("cascaded", ViewCheck::Cascaded)];
            one_of(node, "check option", &WORDS, diagnostics).map(Some)
        }
    }
}
