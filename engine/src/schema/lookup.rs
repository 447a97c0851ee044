//! Who bears a name and what leans on a table, so that neither question reads the whole schema.

use std::collections::BTreeSet;

use rpds::RedBlackTreeSetSync;

use super::{ObjectId, ObjectName, Table};

/// Something in a schema that bears names: its own and, for a table, those of its constraints and indexes.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum Bearer {
    /// A table.
    Table(ObjectName),
    /// An enum.
    Enum(ObjectName),
    /// Any other object.
    Object(ObjectId),
}

/// What is known of a schema's things by another key than their name.
#[derive(Debug, Clone, Default)]
pub(super) struct Lookup {
    /// The bearers of each name, in any namespace. ASCII letters of either case count as one, as they do in the database
    /// that tells the fewest names apart; whoever asks compares again as its own database does.
    names: RedBlackTreeSetSync<(String, Bearer)>,
    /// A table, and one that refers to it or is a partition of it.
    dependents: RedBlackTreeSetSync<(ObjectName, ObjectName)>,
}

impl Lookup {
    /// The bearers of a name: tables, then enums, then the others, each by name.
    pub fn bearers(&self, name: &str) -> impl Iterator<Item = &Bearer> {
        let name = folded(name);
        let start = (name.clone(), Bearer::Table(ObjectName::default()));
        self.names.range(start..).take_while(move |(other, _)| *other == name).map(|(_, bearer)| bearer)
    }

    /// The tables that refer to a table or are partitions of it, by name.
    pub fn dependents<'a>(&'a self, table: &'a ObjectName) -> impl Iterator<Item = &'a ObjectName> {
        let start = (table.clone(), ObjectName::default());
        self.dependents.range(start..).take_while(move |(other, _)| other == table).map(|(_, dependent)| dependent)
    }

    /// Notes what bears a name.
    pub fn add(&mut self, name: &str, bearer: Bearer) {
        self.names.insert_mut((folded(name), bearer));
    }

    /// Forgets it.
    pub fn remove(&mut self, name: &str, bearer: Bearer) {
        self.names.remove_mut(&(folded(name), bearer));
    }

    /// Takes note of a table that takes the place of another of the same name, or of none.
    pub fn put_table(&mut self, before: Option<&Table>, after: &Table) {
        let (old, new) = (before.map(names_of).unwrap_or_default(), names_of(after));
        old.difference(&new).for_each(|name| self.remove(name, Bearer::Table(after.name.clone())));
        new.difference(&old).for_each(|name| self.add(name, Bearer::Table(after.name.clone())));
        let (old, new) = (before.map(leans_on).unwrap_or_default(), leans_on(after));
        for name in old.difference(&new) {
            self.dependents.remove_mut(&((*name).clone(), after.name.clone()));
        }
        for name in new.difference(&old) {
            self.dependents.insert_mut(((*name).clone(), after.name.clone()));
        }
    }

    /// Forgets a table.
    pub fn remove_table(&mut self, table: &Table) {
        for name in names_of(table) {
            self.remove(&name, Bearer::Table(table.name.clone()));
        }
        for name in leans_on(table) {
            self.dependents.remove_mut(&(name.clone(), table.name.clone()));
        }
    }
}

fn folded(name: &str) -> String {
    name.to_ascii_lowercase()
}

/// The names that a table bears, folded: two of them may be one then.
fn names_of(table: &Table) -> BTreeSet<String> {
    let constraints = table.constraints.iter().filter_map(|constraint| constraint.name.as_deref());
    let indexes = table.indexes.iter().map(|index| index.name.as_str());
    std::iter::once(table.name.name.as_str()).chain(constraints).chain(indexes).map(folded).collect()
}

/// The tables that a table refers to or is a partition of.
fn leans_on(table: &Table) -> BTreeSet<&ObjectName> {
    let referred = table.foreign_keys().map(|(_, key)| &key.referred_table);
    referred.chain(table.partition.iter().map(|partition| &partition.of)).collect()
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use proptest::prelude::*;
    use serde_json::json;

    use super::*;

    use crate::schema::{Enum, Namespace, Object, Options, Schema};

    /// A table whose names and references are picked by numbers: few of them, so that tables share them.
    fn table(name: usize, constraint: usize, index: usize, referred: usize) -> Table {
        let key = json!({"columns": [], "referred_table": NAMES[referred], "referred_columns": []});
        let partition = json!({"of": NAMES[referred], "values": "default"});
        let table = json!({
            "name": NAMES[name],
            "columns": [],
            "constraints": [{"name": NAMES[constraint], "kind": {"foreign_key": key}}],
            "indexes": [{"name": NAMES[index], "parts": []}],
            "partition": index.is_multiple_of(2).then_some(partition),
        });
        serde_json::from_value(table).expect("a table")
    }

    const NAMES: [&str; 6] = ["a", "A", "b", "app.a", "app.B", "c"];

    proptest! {
        #[test]
        fn it_says_what_reading_everything_says(
            steps in prop::collection::vec((0..6_usize, 0..6_usize, 0..6_usize, 0..6_usize, 0..6_usize), 1..40),
        ) {
            let mut schema = Schema::default();
            for (step, name, constraint, index, referred) in steps {
                let namespace = Namespace { name: NAMES[name].to_owned(), comment: None, options: Options::default() };
                let id = Object::Namespace(namespace.clone()).id();
                match step {
                    0 | 1 => schema.put_table(table(name, constraint, index, referred)),
                    2 => drop(schema.remove_table(&NAMES[name].into())),
                    3 => schema.put_enum(Enum { name: NAMES[name].into(), values: Vec::new(), comment: None }),
                    4 => schema.put_object(Object::Namespace(namespace)),
                    _ => drop(schema.remove_object(&id)),
                }
            }
            let stored = serde_json::to_string(&schema).expect("JSON");
            for schema in [&schema, &serde_json::from_str(&stored).expect("a schema")] {
                for name in NAMES {
                    let alike = |other: &str| other.eq_ignore_ascii_case(name);
                    let tables: Vec<_> = schema.tables().filter(|t| names_of(t).contains(&folded(name))).collect();
                    prop_assert_eq!(schema.tables_with_name(name).collect::<Vec<_>>(), tables);
                    let enums = schema.enums().filter(|e| alike(&e.name.name)).count();
                    let objects = schema.objects().filter(|o| alike(&o.id().name.name)).count();
                    let others = schema.bearers(name).filter(|bearer| !matches!(bearer, Bearer::Table(_))).count();
                    prop_assert_eq!(others, enums + objects);
                    let name = ObjectName::from(name);
                    let referring: Vec<&Arc<Table>> =
                        schema.tables().filter(|t| t.foreign_keys().any(|(_, key)| key.referred_table == name)).collect();
                    prop_assert_eq!(schema.references_to(&name).map(|(t, _, _)| t).collect::<Vec<_>>(), referring);
                    let partitions = schema.tables().filter(|t| t.partition.as_ref().is_some_and(|p| p.of == name));
                    prop_assert_eq!(schema.partitions_of(&name).collect::<Vec<_>>(), partitions.collect::<Vec<_>>());
                }
            }
        }
    }
}
