//! `delete`

use super::condition::Condition;
use super::undo::Undo;
use super::{Context, Lowering, ObjectReader, Operate, table_name};
use crate::change::{Change, DeleteWhere};
use crate::diagnostic::Diagnostics;
use crate::schema::ObjectName;
use crate::source::{Node, Span, Spanned};

/// Deletes rows.
///
/// `where` says which: a SQL text, a map of columns and plain values (`null` finds NULL), or the word `all`; leaving it
/// out is an error. The rows are not known afterwards, so without `down`, SQL or a list of operations on rows, the
/// revision is irreversible.
#[derive(Debug, Clone)]
pub struct Delete {
    table: Spanned<ObjectName>,
    condition: Condition,
    undo: Option<Undo>,
}

impl Operate for Delete {
    fn read(node: &Node, _: Span, context: &Context, diagnostics: &mut Diagnostics) -> Option<Self> {
        let mut reader = ObjectReader::new(node, "delete", None, context, diagnostics)?;
        let table = table_name(&mut reader, "table", diagnostics);
        let condition = Condition::read(&mut reader, "delete", context, diagnostics);
        let undo = Undo::read(&mut reader, context, diagnostics);
        reader.finish(context, diagnostics);
        Some(Delete { table: table?, condition: condition?, undo: undo.ok()? })
    }

    fn lower(&self, lowering: &mut Lowering<'_>) -> Option<()> {
        let table = lowering.table(&self.table)?;
        let filter = self.condition.lower(&table, lowering);
        let undo = match &self.undo {
            Some(undo) => undo.lower(lowering).map(Some),
            None => Some(None),
        };
        lowering.emit(Change::DeleteWhere(DeleteWhere { table: table.name.clone(), filter: filter?, undo: undo? }))
    }
}
