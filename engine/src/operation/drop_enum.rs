//! `drop_enum`

use super::{Context, Lowering, ObjectReader, Operate, table_name};
use crate::change::Change;
use crate::diagnostic::{Diagnostic, Diagnostics, codes};
use crate::schema::ObjectName;
use crate::source::{Node, Span, Spanned};

/// Drops an enum that no column has any more. Undone by declaring it again.
#[derive(Debug, Clone)]
pub struct DropEnum {
    name: Spanned<ObjectName>,
    if_exists: bool,
}

impl Operate for DropEnum {
    fn read(node: &Node, _: Span, context: &Context, diagnostics: &mut Diagnostics) -> Option<Self> {
        let mut reader = ObjectReader::new(node, "drop_enum", None, context, diagnostics)?;
        let name = table_name(&mut reader, "enum", diagnostics);
        let if_exists = reader.flag("if_exists", diagnostics);
        reader.finish(context, diagnostics);
        Some(DropEnum { name: name?, if_exists })
    }

    fn lower(&self, lowering: &mut Lowering<'_>) -> Option<()> {
        if self.if_exists && lowering.schema.enumeration(&self.name.value).is_none() {
            return Some(());
        }
        let enumeration = lowering.enumeration(&self.name)?;
        let users: Vec<String> = lowering
            .schema
            .enum_columns(&self.name.value)
            .filter(|(table, column)| !lowering.is_poisoned(&table.name, Some(&column.name)))
            .map(|(table, column)| format!("`{}.{}`", table.name, column.name))
            .collect();
        if !users.is_empty() {
            lowering.report(
                Diagnostic::error(&codes::IN_USE, format!("columns have the enum `{}`", self.name.value))
                    .at(self.name.span, "cannot be dropped yet")
                    .note(format!("columns: {}", users.join(", ")))
                    .help("drop those columns or change their type first"),
            );
            return None;
        }
        lowering.emit(Change::DropEnum { enumeration })
    }
}
