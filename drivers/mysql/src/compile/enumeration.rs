//! Enums, which live in the types of the columns that have them.

use aludel_engine::dialect::Unsupported;
use aludel_engine::plan::{Statement, Work};
use aludel_engine::schema::{Column, Enum, Schema, Table, Value};

use super::Compiler;
use crate::literal::quote_text;

impl Compiler<'_> {
    /// New words change the type alone. Words that are renamed or replaced need a type in between that has the old and the
    /// new ones, so that no row is ever without its word.
    pub(super) fn alter_enum(
        &self,
        before: &Enum,
        after: &Enum,
        renamed: &[(String, String)],
        replaced: &[(String, String)],
    ) -> Result<Vec<Statement>, Unsupported> {
        let moves: Vec<&(String, String)> = renamed.iter().chain(replaced).filter(|(old, new)| old != new).collect();
        let mut widened = before.clone();
        for value in &after.values {
            if !widened.values.contains(value) {
                widened.values.push(value.clone());
            }
        }
        let mut between = self.after.clone();
        between.put_enum(widened.clone());
        let mut statements = Vec::new();
        for (table, column) in self.after.enum_columns(&after.name) {
            if !moves.is_empty() {
                if widened.values != before.values {
                    statements.push(self.retype(table, column, &between, Work::Metadata)?);
                }
                statements.push(self.move_words(table, column, &moves)?);
            }
            let mut settled = column.clone();
            if let Some(Value::Text(default)) = &column.default
                && !after.values.contains(default)
                && let Some((_, new)) = moves.iter().find(|(old, _)| old == default)
            {
                settled.default = Some(Value::Text(new.clone()));
            }
            let appended = moves.is_empty() && after.values.starts_with(&before.values);
            let work = if appended { Work::Metadata } else { Work::Copy };
            statements.push(self.retype(table, &settled, self.after, work)?);
        }
        Ok(statements)
    }

    fn retype(&self, table: &Table, column: &Column, schema: &Schema, work: Work) -> Result<Statement, Unsupported> {
        Ok(self.alter(&table.name, &[self.modify(table, column, schema)?], work))
    }

    fn move_words(
        &self,
        table: &Table,
        column: &Column,
        moves: &[&(String, String)],
    ) -> Result<Statement, Unsupported> {
        let name = self.quote(&column.name);
        let (value, words) = match moves {
            [(old, new)] => (quote_text(new)?, vec![quote_text(old)?]),
            moves => {
                // One pass for all, so that two words can change places.
                let mut case = format!("CASE {name}");
                let mut words = Vec::new();
                for (old, new) in moves {
                    let old = quote_text(old)?;
                    case.push_str(&format!(" WHEN {old} THEN {}", quote_text(new)?));
                    words.push(old);
                }
                case.push_str(" END");
                (case, words)
            }
        };
        let condition = match words.as_slice() {
            [word] => format!("{name} = {word}"),
            words => format!("{name} IN ({})", words.join(", ")),
        };
        Ok(self.update(Some(table), &table.name, &column.name, &value, Some(&condition)))
    }
}
