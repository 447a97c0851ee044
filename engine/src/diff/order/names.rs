//! Names of constraints and indexes that several tables need: who has one gives it up before another gets it.

use std::collections::BTreeSet;

use super::{Way, take};
use crate::change::Change;
use crate::dialect::NameScope;
use crate::diff::renames::{is_free, spare_name};
use crate::diff::tables::{names_to_come, own_names};
use crate::schema::{Constraint, ObjectName};

/// What has a name beside those of tables.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Named {
    Constraint,
    Index,
}

impl Named {
    fn renamed(self, table: ObjectName, from: String, to: String) -> Change {
        match self {
            Named::Constraint => Change::RenameConstraint { table, from, to },
            Named::Index => Change::RenameIndex { table, from, to },
        }
    }
}

impl Way<'_, '_> {
    /// Frees the names of constraints and indexes that another table needs.
    pub(super) fn free_names(&mut self) {
        let created: BTreeSet<String> = self
            .rest
            .created_tables
            .iter()
            .flat_map(|table| own_names(table))
            .map(|name| self.course.folded(name))
            .collect();
        let capabilities = self.course.dialect.capabilities();
        let shared = [capabilities.index_names, capabilities.constraint_names].iter().any(|s| *s != NameScope::Table);
        let folded = |names: BTreeSet<String>| names.iter().map(|name| self.course.folded(name)).collect();
        let coming: Vec<BTreeSet<String>> = self.rest.altered_tables.iter().map(names_to_come).map(folded).collect();
        let mut renamed = Vec::new();
        for place in 0..self.rest.altered_tables.len() {
            let difference = &mut self.rest.altered_tables[place];
            let table = difference.name.clone();
            let elsewhere = |name: &str| {
                let others = coming.iter().enumerate().filter(|(other, _)| *other != place);
                shared && others.into_iter().any(|(_, names)| names.contains(name))
            };
            let is_needed = |name: Option<&str>| {
                name.map(|name| self.course.folded(name))
                    .is_some_and(|name| created.contains(&name) || elsewhere(&name))
            };
            let indexes = take(&mut difference.dropped_indexes, |index| is_needed(Some(&index.name)));
            let mut constraints = take(&mut difference.dropped_constraints, |found| is_needed(found.name.as_deref()));
            constraints.sort_by_key(|found| found.foreign_key().is_none());
            // What refers to a key of its own table goes before the key.
            let loses_key = constraints.iter().any(|found| found.foreign_key().is_none());
            let to_itself = take(&mut difference.dropped_constraints, |found| {
                let key = found.foreign_key();
                (loses_key || indexes.iter().any(|index| index.unique))
                    && key.is_some_and(|key| key.referred_table == table)
            });
            let named = take(&mut difference.renamed_constraints, |(from, _)| is_needed(Some(from)));
            renamed.extend(named.into_iter().map(|pair| (table.clone(), Named::Constraint, pair)));
            let named = take(&mut difference.renamed_indexes, |(from, _)| is_needed(Some(from)));
            renamed.extend(named.into_iter().map(|pair| (table.clone(), Named::Index, pair)));
            for constraint in to_itself {
                self.course.go(Change::DropConstraint { table: table.clone(), constraint });
            }
            for index in indexes {
                self.course.go(Change::DropIndex { table: table.clone(), index });
            }
            for constraint in constraints {
                let mut properties = self.rest.altered_tables[place].properties.take();
                self.make_ready(&table, &constraint, &mut properties);
                self.rest.altered_tables[place].properties = properties;
                self.course.go(Change::DropConstraint { table: table.clone(), constraint });
            }
        }
        self.rename(renamed);
    }

    /// Renames constraints and indexes of several tables in an order in which every new name is free. Of names in a circle one
    /// is called something else meanwhile.
    fn rename(&mut self, mut waiting: Vec<(ObjectName, Named, (String, String))>) {
        // The same order in every dialect.
        waiting.sort_by(|(_, named, pair), (_, other, other_pair)| (named, pair).cmp(&(other, other_pair)));
        while !waiting.is_empty() {
            let held = |name: &String| {
                waiting.iter().any(|(_, _, (from, _))| self.course.folded(from) == self.course.folded(name))
            };
            match waiting.iter().position(|(_, _, (_, to))| !held(to)) {
                Some(place) => {
                    let (table, named, pair) = waiting.remove(place);
                    self.call(table, named, pair);
                }
                None => {
                    let (table, named, (from, to)) = waiting.remove(0);
                    let is_free = |name: &str| {
                        [&self.course.reached, self.wanted]
                            .into_iter()
                            .all(|schema| is_free(self.course.dialect, schema, name))
                    };
                    let spare = spare_name(self.course.dialect, &from, is_free);
                    self.call(table.clone(), named, (from, spare.clone()));
                    waiting.push((table, named, (spare, to)));
                }
            }
        }
    }

    /// Gives a constraint or index another name. A key that waits to come back comes back under it.
    pub(super) fn call(&mut self, table: ObjectName, named: Named, (from, to): (String, String)) {
        let waits = |(owner, constraint): &&mut (ObjectName, Constraint)| {
            named == Named::Constraint && *owner == table && constraint.name.as_ref() == Some(&from)
        };
        match self.waiting.iter_mut().find(waits) {
            Some((_, constraint)) => constraint.name = Some(to),
            None => self.course.go(named.renamed(table, from, to)),
        }
    }

    /// The names of what is to be made: tables, views, constraints and indexes.
    pub(super) fn new_names(&self) -> BTreeSet<String> {
        let rest = &self.rest;
        let tables = rest.created_tables.iter().flat_map(|table| own_names(table));
        let names = tables.map(str::to_owned).chain(rest.altered_tables.iter().flat_map(names_to_come));
        let types = rest.created_enums.iter().map(|found| found.name.name.clone());
        let names = names.chain(types.filter(|_| self.course.dialect.capabilities().named_enums));
        let names = names.chain(rest.created_objects.iter().map(|object| object.id().name.name));
        names.map(|name| self.course.folded(&name)).collect()
    }
}
