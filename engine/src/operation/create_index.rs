//! `create_index`

use std::sync::Arc;

use super::definition::{IndexDefinition, index};
use super::{Context, Lowering, ObjectReader, Operate, table_name};
use crate::change::Change;
use crate::diagnostic::{Diagnostics, codes};
use crate::dialect::ObjectKind;
use crate::schema::{Object, ObjectName, Table, View};
use crate::source::{Node, Span, Spanned};

/// Makes an index of a table or of a materialized view. Undone by dropping it; with `if_not_exists` it may be older than the revision, which is then
/// irreversible.
#[derive(Debug, Clone)]
pub struct CreateIndex {
    table: Spanned<ObjectName>,
    definition: IndexDefinition,
    if_not_exists: bool,
}

impl Operate for CreateIndex {
    fn read(node: &Node, _: Span, context: &Context, diagnostics: &mut Diagnostics) -> Option<Self> {
        let mut reader = ObjectReader::new(node, "create_index", Some(ObjectKind::Index), context, diagnostics)?;
        let table = table_name(&mut reader, "table", diagnostics);
        let definition = index(&mut reader, context, diagnostics);
        let if_not_exists = reader.flag("if_not_exists", diagnostics);
        reader.finish(context, diagnostics);
        Some(CreateIndex { table: table?, definition: definition?, if_not_exists })
    }

    fn lower(&self, lowering: &mut Lowering<'_>) -> Option<()> {
        if let Some(view) = lowering.schema.view(&self.table.value).cloned() {
            return self.lower_on_view(view, lowering);
        }
        let table = lowering.table(&self.table)?;
        let name = lowering.index_name(&table, &self.definition.index);
        if self.if_not_exists && table.index(&name).is_some() {
            return Some(());
        }
        let index = lowering.complete_index(&table, self.definition.index.clone(), self.definition.span)?;
        let mut changed = Table::clone(&table);
        changed.indexes.push(index.clone());
        lowering.check_table(&changed, self.definition.span, |_| None)?;
        lowering.emit(Change::CreateIndex { table: table.name.clone(), index, if_not_exists: self.if_not_exists })
    }
}

impl CreateIndex {
    /// An index of a materialized view, whose columns only the server knows.
    fn lower_on_view(&self, view: View, lowering: &mut Lowering<'_>) -> Option<()> {
        if !view.materialized {
            let message = format!("`{}` is a view, which has no rows of its own to index", view.name);
            return lowering.refuse(&codes::CONTRADICTION, message, self.table.span, "not a table");
        }
        let stand_in = Table { indexes: view.indexes.clone(), ..Table::new(view.name.clone()) };
        let mut index = self.definition.index.clone();
        index.name = lowering.index_name(&stand_in, &index);
        if self.if_not_exists && stand_in.index(&index.name).is_some() {
            return Some(());
        }
        lowering.identifier(&index.name, ObjectKind::Index, self.definition.span)?;
        lowering.free_index_name(&stand_in, &index.name, self.definition.span)?;
        let mut after = view.clone();
        after.indexes.push(index);
        lowering
            .emit(Change::AlterObject { before: Arc::new(Object::View(view)), after: Arc::new(Object::View(after)) })
    }
}
