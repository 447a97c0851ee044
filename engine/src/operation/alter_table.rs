//! `alter_table`

use super::{Context, Lowering, ObjectReader, Operate, table_name};
use crate::change::{Change, TableProperties};
use crate::diagnostic::Diagnostics;
use crate::dialect::ObjectKind;
use crate::schema::{ObjectName, Options, Table};
use crate::source::{Decode, Node, NodeKind, Span, Spanned};

/// Changes the comment or the dialect options of a table. What is not named stays; `comment: null` removes it, and `null` an option.
#[derive(Debug, Clone)]
pub struct AlterTable {
    table: Spanned<ObjectName>,
    comment: Option<Option<String>>,
    options: Options,
    cleared: Vec<&'static str>,
}

impl Operate for AlterTable {
    fn read(node: &Node, _: Span, context: &Context, diagnostics: &mut Diagnostics) -> Option<Self> {
        let mut reader = ObjectReader::new(node, "alter_table", Some(ObjectKind::Table), context, diagnostics)?;
        let table = table_name(&mut reader, "table", diagnostics);
        let comment = reader.nullable("comment").map(|node| match node.kind {
            NodeKind::Null => None,
            _ => String::decode(node, diagnostics),
        });
        let options = reader.options(context, diagnostics);
        let cleared = reader.cleared();
        reader.finish(context, diagnostics);
        Some(AlterTable { table: table?, comment, options, cleared })
    }

    fn lower(&self, lowering: &mut Lowering<'_>) -> Option<()> {
        let table = lowering.table(&self.table)?;
        let before = TableProperties { comment: table.comment.clone(), options: table.options.clone() };
        let mut after = before.clone();
        if let Some(comment) = &self.comment {
            after.comment.clone_from(comment);
        }
        for (name, value) in &self.options.0 {
            after.options.set(name.clone(), value.clone());
        }
        for name in &self.cleared {
            after.options.0.remove(*name);
        }
        if after == before {
            return Some(());
        }
        let changed = Table { comment: after.comment.clone(), options: after.options.clone(), ..Table::clone(&table) };
        lowering.check_table(&changed, self.table.span, |_| None)?;
        lowering.emit(Change::AlterTable { table: table.name.clone(), before, after })
    }
}
