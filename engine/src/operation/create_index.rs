//! `create_index`

use super::definition::{IndexDefinition, index};
use super::{Context, Lowering, ObjectReader, Operate, table_name};
use crate::change::Change;
use crate::diagnostic::Diagnostics;
use crate::dialect::ObjectKind;
use crate::schema::{ObjectName, Table};
use crate::source::{Node, Span, Spanned};

/// Makes an index. Undone by dropping it; with `if_not_exists` it may be older than the revision, which is then
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
