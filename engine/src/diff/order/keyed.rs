//! What a dialect allows with a primary key alone: numbered columns, options of the table. It goes before the key and comes
//! after it.

use super::Way;
use crate::change::{Change, TableProperties};
use crate::schema::{Column, Constraint, ObjectName, Options, Table};

impl Way<'_, '_> {
    /// Whether the dialect can hold a table.
    fn is_held(&self, table: &Table) -> bool {
        self.course.dialect.check_table(table, &self.course.reached).is_empty()
    }

    /// Takes away what the dialect allows with a key alone that is about to go: the options of the table, if they are others
    /// afterwards, and the numbering of a column.
    pub(super) fn make_ready(
        &mut self,
        table: &ObjectName,
        key: &Constraint,
        properties: &mut Option<(TableProperties, TableProperties)>,
    ) {
        let without = |found: &Table| {
            let rest = found.constraints.iter().filter(|other| *other != key).cloned().collect();
            Table { constraints: rest, ..found.clone() }
        };
        let Some(found) = self.course.reached.table(table).cloned().filter(|_| key.is_primary_key()) else { return };
        if self.is_held(&without(&found)) {
            return;
        }
        let numbered = |column: &&Column| column.identity.is_some() && key.columns().contains(&column.name);
        if let Some(before) = found.columns.iter().find(numbered).cloned() {
            let mut options = before.options.clone();
            options.0.remove("autoincrement");
            let after = Column { identity: None, options, ..before.clone() };
            self.course.go(Change::alter_column(table.clone(), before, after));
        }
        let Some(found) = self.course.reached.table(table).cloned() else { return };
        if self.is_held(&without(&found)) {
            return;
        }
        let now = TableProperties { comment: found.comment.clone(), options: found.options.clone() };
        let bare = |options: Options| Table { options, ..without(&found) };
        match properties.take_if(|(_, after)| self.is_held(&bare(after.options.clone()))) {
            Some((before, after)) => self.course.go(Change::AlterTable { table: table.clone(), before, after }),
            None => {
                // An option that stays comes back with the other key.
                let lacking = |name: &String| {
                    let mut options = found.options.clone();
                    options.0.remove(name);
                    options
                };
                let mut options = found.options.0.keys().map(lacking);
                let Some(options) = options.find(|options| self.is_held(&bare(options.clone()))) else { return };
                let meanwhile = TableProperties { options, ..now.clone() };
                let wanted = properties.take().map_or(now.clone(), |(_, after)| after);
                *properties = Some((meanwhile.clone(), wanted));
                self.course.go(Change::AlterTable { table: table.clone(), before: now, after: meanwhile });
            }
        }
    }

    /// Whether options of a table go with a primary key alone that is about to come.
    pub(super) fn wait_for_key(&self, table: &ObjectName, options: &Options, coming: &[Constraint]) -> bool {
        let Some(now) = self.course.reached.table(table) else { return false };
        let with = Table { options: options.clone(), ..Table::clone(now) };
        self.held_with_key_alone(&with, coming)
    }

    /// A column that is to be numbered, without that, where it cannot be before its key has come.
    pub(super) fn without_numbers(
        &self,
        table: &ObjectName,
        before: &Column,
        after: &Column,
        coming: &[Constraint],
    ) -> Option<Column> {
        let now = self.course.reached.table(table)?;
        let with = |column: &Column| if column.name == after.name { after.clone() } else { column.clone() };
        let numbered = Table { columns: now.columns.iter().map(with).collect(), ..Table::clone(now) };
        if before.identity.is_some() || after.identity.is_none() || !self.held_with_key_alone(&numbered, coming) {
            return None;
        }
        let mut plain = Column { identity: None, ..after.clone() };
        plain.options.0.remove("autoincrement");
        Some(plain)
    }

    /// Whether the dialect can hold a table with the primary key that is about to come and not without it.
    fn held_with_key_alone(&self, table: &Table, coming: &[Constraint]) -> bool {
        let Some(key) = coming.iter().find(|constraint| constraint.is_primary_key()) else { return false };
        let mut keyed = table.clone();
        keyed.columns.iter_mut().filter(|column| key.columns().contains(&column.name)).for_each(|column| {
            column.nullable = false;
        });
        keyed.constraints.push(key.clone());
        self.is_held(&keyed) && !self.is_held(table)
    }
}
