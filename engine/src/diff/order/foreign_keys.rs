//! Foreign keys that are in the way: they go before what they would hold up, and those that are wanted come back in the end.

use std::collections::BTreeSet;

use super::{Way, take};
use crate::change::Change;
use crate::diff::tables::{lost_keys, same_columns};
use crate::schema::{Column, Constraint, ObjectName};

impl Way<'_, '_> {
    /// Drops the foreign keys that would keep other tables from changing, and those whose key is about to go. One that
    /// is wanted comes back in the end.
    pub(super) fn drop_keys_in_the_way(&mut self) {
        let changing: BTreeSet<ObjectName> = self
            .rest
            .altered_tables
            .iter()
            .map(|table| &table.name)
            .chain(self.rest.dropped_tables.iter().map(|table| &table.name))
            .cloned()
            .collect();
        let mut going: Vec<(ObjectName, Constraint)> = Vec::new();
        for table in &mut self.rest.altered_tables {
            let name = table.name.clone();
            let early = take(&mut table.dropped_constraints, |constraint| {
                constraint
                    .foreign_key()
                    .is_some_and(|key| key.referred_table != name && changing.contains(&key.referred_table))
            });
            going.extend(early.into_iter().map(|constraint| (name.clone(), constraint)));
        }
        let losing: Vec<(ObjectName, Vec<Vec<String>>)> =
            self.rest.altered_tables.iter().map(|table| (table.name.clone(), lost_keys(table))).collect();
        let losing: Vec<_> = losing.into_iter().filter(|(_, keys)| !keys.is_empty()).collect();
        if !losing.is_empty() {
            for table in self.course.reached.tables() {
                for (constraint, key) in table.foreign_keys() {
                    let loses = losing.iter().any(|(name, keys)| {
                        *name == key.referred_table && keys.iter().any(|lost| same_columns(lost, &key.referred_columns))
                    });
                    let gone = going.iter().any(|(owner, other)| *owner == table.name && other == constraint);
                    let own = self.rest.altered_tables.iter().find(|other| other.name == table.name);
                    let goes_anyway = own.is_some_and(|own| own.dropped_constraints.contains(constraint))
                        || self.rest.dropped_tables.iter().any(|other| other.name == table.name);
                    if loses && !gone && !goes_anyway {
                        going.push((table.name.clone(), constraint.clone()));
                        self.waiting.push((table.name.clone(), constraint.clone()));
                    }
                }
            }
        }
        for (table, constraint) in going {
            self.course.go(Change::DropConstraint { table, constraint });
        }
    }

    /// Drops foreign keys that are to have another name, where a column of theirs cannot change under them: they come back under
    /// it.
    pub(super) fn drop_renamed_keys(
        &mut self,
        table: &ObjectName,
        renamed: &[(String, String)],
        altered: &[(Column, Column)],
    ) {
        for (before, after) in altered {
            let is_renamed = |(owner, key): &(ObjectName, Constraint)| {
                owner == table && renamed.iter().any(|(from, _)| key.name.as_ref() == Some(from))
            };
            let keys: Vec<_> = self.keys_on(table, &before.name).into_iter().filter(is_renamed).collect();
            let change = Change::alter_column(table.clone(), before.clone(), after.clone());
            if !keys.is_empty() && !self.course.compiles(&change) {
                self.set_aside(keys);
            }
        }
    }

    /// Drops foreign keys that come back in the end.
    pub(super) fn set_aside(&mut self, keys: Vec<(ObjectName, Constraint)>) {
        for (owner, constraint) in keys {
            self.course.go(Change::DropConstraint { table: owner.clone(), constraint: constraint.clone() });
            self.waiting.push((owner, constraint));
        }
    }

    /// The foreign keys that have a column on one side or the other.
    pub(super) fn keys_on(&self, table: &ObjectName, column: &str) -> Vec<(ObjectName, Constraint)> {
        let has = |columns: &[String]| columns.iter().any(|name| name == column);
        let Some(found) = self.course.reached.table(table) else { return Vec::new() };
        let own = found
            .foreign_keys()
            .filter(|(_, key)| has(&key.columns))
            .map(|(constraint, _)| (table.clone(), constraint.clone()));
        let mut keys: Vec<(ObjectName, Constraint)> = own.collect();
        for (owner, constraint, key) in self.course.reached.references_to(table) {
            let item = (owner.name.clone(), constraint.clone());
            if has(&key.referred_columns) && !keys.contains(&item) {
                keys.push(item);
            }
        }
        keys
    }
}
