//! A column replaced by another of the same name: `using`, and generated columns that begin or end.

use aludel_engine::change::{Fact, column_mentions};
use aludel_engine::dialect::{Dialect, Unsupported};
use aludel_engine::plan::{Statement, Work};
use aludel_engine::schema::{Column, ConstraintKind, ObjectName, Value};

use super::Compiler;

impl Compiler<'_> {
    /// The new column is made beside the old one and filled; then one ALTER TABLE drops the old one, gives its name and
    /// place to the new one and states again what was built on it. Without a value to fill it with, it computes itself.
    pub(super) fn replace_column(
        &self,
        name: &ObjectName,
        before: &Column,
        after: &Column,
        value: Option<String>,
        existing_null_value: Option<&Value>,
    ) -> Result<Vec<Statement>, Unsupported> {
        let (old_table, table) = (self.table_before(name)?, self.table_after(name)?);
        self.refuse_replacement(name, before)?;
        let place = self.position(&self.standing(table, &after.name));
        let mut statements = Vec::new();
        let mut swap = Vec::new();
        let mut restored = Vec::new();
        self.detach(name, &before.name, &mut swap, &mut restored)?;
        swap.push(format!("DROP COLUMN {}", self.quote(&before.name)));
        let definition = self.column_definition(table, after, self.after)?;
        match value {
            None => swap.push(format!("ADD COLUMN {} {definition}{place}", self.quote(&after.name))),
            Some(value) => {
                let temporary = temporary_name(&after.name, |name| table.column(name).is_some());
                let mut open = after.clone();
                open.name.clone_from(&temporary);
                open.nullable = true;
                open.default = None;
                open.identity = None;
                open.options.0.remove("on_update");
                let open_definition = self.column_definition(table, &open, self.after)?;
                let add = format!("ADD COLUMN {} {open_definition}", self.quote(&temporary));
                let added = Fact::ColumnExists { table: name.clone(), column: temporary.clone() };
                statements.push(self.alter(name, &[add], Work::Metadata).proves(added));
                statements.push(self.update(Some(old_table), name, &temporary, &value, None));
                if let Some(null) = existing_null_value.filter(|_| !after.nullable) {
                    let null = self.dialect.literal(null, &after.ty)?;
                    let condition = format!("{} IS NULL", self.quote(&temporary));
                    statements.push(self.update(Some(old_table), name, &temporary, &null, Some(&condition)));
                }
                let (temporary, real) = (self.quote(&temporary), self.quote(&after.name));
                swap.push(format!("CHANGE COLUMN {temporary} {real} {definition}{place}"));
            }
        }
        swap.append(&mut restored);
        swap.extend(self.support(old_table, table, None));
        let statement = self.alter(name, &swap, Work::Copy);
        statements.push(statement.note(format!("the column {} is made anew beside the old one", after.name)));
        Ok(statements)
    }

    /// What a column that is dropped for a moment would break.
    fn refuse_replacement(&self, name: &ObjectName, column: &Column) -> Result<(), Unsupported> {
        let table = self.table_before(name)?;
        let referring = table.foreign_keys().any(|(_, key)| key.columns.contains(&column.name));
        let referred = self.before.references_to(name).any(|(_, _, key)| key.referred_columns.contains(&column.name));
        if referring || referred {
            return Err(Unsupported::new(format!(
                "`{name}.{}` is made anew by this change, and a foreign key is built on it",
                column.name
            ))
            .about(&column.name)
            .help("drop the foreign key before and create it again after"));
        }
        if column.identity.is_some() {
            return Err(Unsupported::new(format!(
                "the identity column `{name}.{}` cannot be converted with `using`",
                column.name
            ))
            .about(&column.name)
            .help("remove `identity` first, in a step of its own"));
        }
        let mentions = column_mentions(table, &column.name, self.dialect.lexicon());
        if let Some(other) = mentions.computed.first().and_then(|place| table.columns.get(*place)) {
            return Err(Unsupported::new(format!(
                "`{name}.{}` is made anew by this change, and the generated column `{}` is computed from it",
                column.name, other.name
            ))
            .about(&column.name)
            .help(format!("drop `{}` before and add it again after", other.name)));
        }
        Ok(())
    }

    /// Drops what is built on a column and states it again.
    fn detach(
        &self,
        name: &ObjectName,
        column: &str,
        dropped: &mut Vec<String>,
        restored: &mut Vec<String>,
    ) -> Result<(), Unsupported> {
        let (before, after) = (self.table_before(name)?, self.table_after(name)?);
        let mentions = column_mentions(before, column, self.dialect.lexicon());
        for place in mentions.own_constraints.iter().chain(&mentions.shared_constraints) {
            let (Some(old), Some(new)) = (before.constraints.get(*place), after.constraints.get(*place)) else {
                continue;
            };
            if matches!(old.kind, ConstraintKind::ForeignKey(_)) {
                continue;
            }
            dropped.push(self.drop_constraint_clause(old)?);
            restored.push(format!("ADD {}", self.constraint_clause(after, new)?));
        }
        for place in mentions.own_indexes.iter().chain(&mentions.shared_indexes) {
            let (Some(old), Some(new)) = (before.indexes.get(*place), after.indexes.get(*place)) else { continue };
            dropped.push(format!("DROP INDEX {}", self.quote(&old.name)));
            restored.push(format!("ADD {}", self.index_clause(after, new)?));
        }
        Ok(())
    }
}

/// A free name for the new column while the old one is still there.
fn temporary_name(column: &str, taken: impl Fn(&str) -> bool) -> String {
    let stem: String = column.chars().take(58).collect();
    let mut name = format!("{stem}_new");
    while taken(&name) {
        name.push('_');
    }
    name
}
