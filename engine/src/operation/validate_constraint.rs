//! `validate_constraint`

use super::drop_constraint::find_constraint;
use super::{Context, Lowering, ObjectReader, Operate, table_name};
use crate::change::Change;
use crate::diagnostic::Diagnostics;
use crate::schema::ObjectName;
use crate::source::{Node, Span, Spanned};

/// Checks the rows that were there before a constraint with `not_valid: true` was added. Writers are not blocked.
/// Does nothing for a constraint that is valid. Undone without touching the database.
#[derive(Debug, Clone)]
pub struct ValidateConstraint {
    table: Spanned<ObjectName>,
    constraint: Spanned<String>,
}

impl Operate for ValidateConstraint {
    fn read(node: &Node, _: Span, context: &Context, diagnostics: &mut Diagnostics) -> Option<Self> {
        let mut reader = ObjectReader::new(node, "validate_constraint", None, context, diagnostics)?;
        let table = table_name(&mut reader, "table", diagnostics);
        let constraint = reader.need("constraint", diagnostics);
        reader.finish(context, diagnostics);
        Some(ValidateConstraint { table: table?, constraint: constraint? })
    }

    fn lower(&self, lowering: &mut Lowering<'_>) -> Option<()> {
        let table = lowering.table(&self.table)?;
        let constraint = find_constraint(&table, &self.constraint, lowering)?;
        if constraint.validated {
            return Some(());
        }
        let name = constraint.name.unwrap_or_default();
        lowering.emit(Change::ValidateConstraint { table: table.name.clone(), name })
    }
}
