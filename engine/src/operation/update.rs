//! `update`

use super::cell::{fitting, target};
use super::condition::Condition;
use super::undo::Undo;
use super::{Context, Lowering, ObjectReader, Operate, table_name};
use crate::change::{Change, UpdateRows};
use crate::diagnostic::Diagnostics;
use crate::schema::ObjectName;
use crate::source::{Key, Node, Span, Spanned, entries, wrong_type};

/// Gives rows new values.
///
/// `set` is a map of columns and values, as in `insert`: plain values are checked against the types, `{sql: …}` sees the
/// row as it was before. `where` says which rows: a SQL text, a map of columns and plain values (`null` finds NULL), or
/// the word `all`; leaving it out is an error. The old values are not known afterwards, so without `down`, SQL or a list
/// of operations on rows, the revision is irreversible.
#[derive(Debug, Clone)]
pub struct Update {
    table: Spanned<ObjectName>,
    set: Vec<(Key, Node)>,
    condition: Condition,
    undo: Option<Undo>,
}

impl Operate for Update {
    fn read(node: &Node, _: Span, context: &Context, diagnostics: &mut Diagnostics) -> Option<Self> {
        let mut reader = ObjectReader::new(node, "update", None, context, diagnostics)?;
        let table = table_name(&mut reader, "table", diagnostics);
        let set = reader.need_node("set", diagnostics).and_then(|node| match entries(node, diagnostics)? {
            [] => {
                diagnostics.push(wrong_type(node, "at least one column and its new value"));
                None
            }
            set => Some(set.to_vec()),
        });
        let condition = Condition::read(&mut reader, "update", context, diagnostics);
        let undo = Undo::read(&mut reader, context, diagnostics);
        reader.finish(context, diagnostics);
        Some(Update { table: table?, set: set?, condition: condition?, undo: undo.ok()? })
    }

    fn lower(&self, lowering: &mut Lowering<'_>) -> Option<()> {
        let table = lowering.table(&self.table)?;
        let mut set = Vec::with_capacity(self.set.len());
        for (key, node) in &self.set {
            let column = target(&table, key, lowering);
            let value = column.and_then(|column| Some((fitting(node, &column, lowering)?, column)));
            set.push(value.map(|(value, column)| (column.name, column.ty, value)));
        }
        let filter = self.condition.lower(&table, lowering);
        let undo = match &self.undo {
            Some(undo) => undo.lower(lowering).map(Some),
            None => Some(None),
        };
        let set = set.into_iter().collect::<Option<Vec<_>>>()?;
        lowering.emit(Change::UpdateRows(UpdateRows { table: table.name.clone(), set, filter: filter?, undo: undo? }))
    }
}
