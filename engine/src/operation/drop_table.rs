//! `drop_table`

use super::{Context, Lowering, ObjectReader, Operate, table_name};
use crate::change::Change;
use crate::diagnostic::{Diagnostic, Diagnostics, codes};
use crate::schema::{Constraint, ObjectName};
use crate::source::{Node, Span, Spanned};

/// Drops a table with everything that belongs to it.
///
/// Foreign keys of other tables that refer to it, and views and triggers that speak of it, are an error that names them; with
/// `cascade: true` they are dropped first, each as a step of its own in the plan, and so are partitions of the table.
/// `if_exists: true` allows for a table that the history does not know.
/// Undone by making the table again, empty, with its constraints and indexes.
#[derive(Debug, Clone)]
pub struct DropTable {
    table: Spanned<ObjectName>,
    if_exists: bool,
    cascade: bool,
}

impl Operate for DropTable {
    fn read(node: &Node, _: Span, context: &Context, diagnostics: &mut Diagnostics) -> Option<Self> {
        let mut reader = ObjectReader::new(node, "drop_table", None, context, diagnostics)?;
        let table = table_name(&mut reader, "table", diagnostics);
        let if_exists = reader.flag("if_exists", diagnostics);
        let cascade = reader.flag("cascade", diagnostics);
        reader.finish(context, diagnostics);
        Some(DropTable { table: table?, if_exists, cascade })
    }

    fn lower(&self, lowering: &mut Lowering<'_>) -> Option<()> {
        if self.if_exists && lowering.schema.table(&self.table.value).is_none() {
            return lowering.emit(Change::DropTableIfExists { table: self.table.value.clone() });
        }
        let table = lowering.table(&self.table)?;
        let inbound: Vec<(ObjectName, Constraint)> = lowering
            .schema
            .references_to(&table.name)
            .filter(|(owner, _, _)| owner.name != table.name)
            .map(|(owner, constraint, _)| (owner.name.clone(), constraint.clone()))
            .collect();
        if !inbound.is_empty() && !self.cascade {
            let listed = inbound.iter().map(|(owner, constraint)| {
                format!("`{}` of `{owner}`", constraint.name.as_deref().unwrap_or("(unnamed)"))
            });
            let diagnostic = Diagnostic::error(&codes::IN_USE, format!("other tables refer to `{}`", table.name))
                .at(self.table.span, "cannot be dropped yet")
                .note(format!("foreign keys: {}", listed.collect::<Vec<_>>().join(", ")))
                .help(
                    "drop those foreign keys or tables first, or write `cascade: true` to drop the foreign keys along",
                );
            lowering.report(diagnostic);
            return None;
        }
        let partitions: Vec<ObjectName> =
            lowering.schema.partitions_of(&table.name).map(|partition| partition.name.clone()).collect();
        if !partitions.is_empty() && !self.cascade {
            let listed = partitions.iter().map(|name| format!("`{name}`")).collect::<Vec<_>>().join(", ");
            lowering.report(
                Diagnostic::error(&codes::IN_USE, format!("`{}` has partitions, which hold its rows", table.name))
                    .at(self.table.span, "cannot be dropped yet")
                    .note(format!("partitions: {listed}"))
                    .help("drop those first, or write `cascade: true` to drop them along"),
            );
            return None;
        }
        lowering.drop_dependents(&self.table, self.cascade)?;
        for (owner, constraint) in inbound {
            lowering.emit(Change::DropConstraint { table: owner, constraint })?;
        }
        for partition in partitions {
            let table = Spanned::new(partition, self.table.span);
            DropTable { table, if_exists: false, cascade: true }.lower(lowering)?;
        }
        lowering.drop_triggers(&table.name)?;
        let sequences = lowering.release_sequences(&table.name, None)?;
        let table = lowering.table(&self.table)?;
        lowering.emit(Change::DropTable { table })?;
        lowering.drop_released(sequences)
    }
}
