//! Who bears a name: so that a search for a free name does not read the whole schema.

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

/// The bearers of each name, in any namespace. ASCII letters of either case count as one, as they do in the database that
/// tells the fewest names apart; whoever asks compares again as its own database does.
#[derive(Debug, Clone, Default)]
pub(super) struct Names(RedBlackTreeSetSync<(String, Bearer)>);

impl Names {
    /// The bearers of a name: tables, then enums, then the others, each by name.
    pub fn bearers(&self, name: &str) -> impl Iterator<Item = &Bearer> {
        let name = name.to_ascii_lowercase();
        let start = (name.clone(), Bearer::Table(ObjectName::default()));
        self.0.range(start..).take_while(move |(other, _)| *other == name).map(|(_, bearer)| bearer)
    }

    /// Notes what bears a name.
    pub fn add(&mut self, name: &str, bearer: Bearer) {
        self.0.insert_mut((name.to_ascii_lowercase(), bearer));
    }

    /// Forgets it.
    pub fn remove(&mut self, name: &str, bearer: Bearer) {
        self.0.remove_mut(&(name.to_ascii_lowercase(), bearer));
    }

    /// Takes note of a table that takes the place of another of the same name, or of none.
    pub fn put_table(&mut self, before: Option<&Table>, after: &Table) {
        for name in before.into_iter().flat_map(names_of).filter(|name| !names_of(after).any(|other| other == *name)) {
            self.remove(name, Bearer::Table(after.name.clone()));
        }
        for name in names_of(after).filter(|name| !before.into_iter().flat_map(names_of).any(|other| other == *name)) {
            self.add(name, Bearer::Table(after.name.clone()));
        }
    }

    /// Forgets a table.
    pub fn remove_table(&mut self, table: &Table) {
        for name in names_of(table) {
            self.remove(name, Bearer::Table(table.name.clone()));
        }
    }
}

/// The names that a table bears.
fn names_of(table: &Table) -> impl Iterator<Item = &str> {
    let constraints = table.constraints.iter().filter_map(|constraint| constraint.name.as_deref());
    let indexes = table.indexes.iter().map(|index| index.name.as_str());
    std::iter::once(table.name.name.as_str()).chain(constraints).chain(indexes)
}
