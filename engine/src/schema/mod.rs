//! The schema model: what a database holds, as the replay of a history or the reading of a server gives it.
//!
//! A [`Schema`] is resolved for one dialect: its objects carry that dialect's options and overrides and no others.
//! It is persistent: a copy shares everything, so that a state before and after each step costs little.

mod column;
mod constraint;
mod conversion;
mod dependents;
mod enumeration;
mod index;
mod lookup;
mod name;
mod object;
mod options;
mod table;
mod ty;
mod value;

pub use column::{Column, Computed, Identity};
pub use constraint::{
    Constraint, ConstraintKind, Deferral, Exclude, ExcludeElement, ForeignKey, Match, ReferentialAction,
};
pub use enumeration::Enum;
pub use index::{Index, IndexKey, IndexPart, Nulls};
pub use lookup::Bearer;
pub use name::ObjectName;
pub use object::{
    Domain, DomainCheck, Extension, Namespace, Object, ObjectClass, ObjectId, Routine, Sequence, Trigger, View,
    ViewCheck,
};
pub use options::{OptionValue, Options};
pub use table::{Partition, Table};
pub use ty::{DEFAULT_TIME_PRECISION, RangeType, Type};
pub use value::{Function, Value, hexadecimal_digits};

use std::sync::Arc;

use lookup::Lookup;
use rpds::RedBlackTreeMapSync;
use serde::{Deserialize, Serialize};

/// Everything a database holds, by name.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(from = "Stored")]
pub struct Schema {
    tables: RedBlackTreeMapSync<ObjectName, Arc<Table>>,
    enums: RedBlackTreeMapSync<ObjectName, Arc<Enum>>,
    #[serde(with = "objects", skip_serializing_if = "RedBlackTreeMapSync::is_empty")]
    objects: RedBlackTreeMapSync<ObjectId, Arc<Object>>,
    /// Always that of the rest.
    #[serde(skip)]
    lookup: Lookup,
}

/// A schema as it is stored.
#[derive(Deserialize)]
struct Stored {
    tables: RedBlackTreeMapSync<ObjectName, Arc<Table>>,
    enums: RedBlackTreeMapSync<ObjectName, Arc<Enum>>,
    #[serde(default, with = "objects")]
    objects: RedBlackTreeMapSync<ObjectId, Arc<Object>>,
}

impl From<Stored> for Schema {
    fn from(stored: Stored) -> Self {
        let mut schema = Schema::default();
        stored.tables.values().for_each(|table| schema.put_table(Arc::clone(table)));
        stored.enums.values().for_each(|enumeration| schema.put_enum(Arc::clone(enumeration)));
        stored.objects.values().for_each(|object| schema.put_object(Arc::clone(object)));
        schema
    }
}

impl PartialEq for Schema {
    fn eq(&self, other: &Self) -> bool {
        self.tables == other.tables && self.enums == other.enums && self.objects == other.objects
    }
}

impl Eq for Schema {}

impl Schema {
    /// A table by name.
    #[must_use]
    pub fn table(&self, name: &ObjectName) -> Option<&Arc<Table>> {
        self.tables.get(name)
    }

    /// The tables, by name.
    pub fn tables(&self) -> impl Iterator<Item = &Arc<Table>> {
        self.tables.values()
    }

    /// Adds or replaces a table under its own name.
    pub fn put_table(&mut self, table: impl Into<Arc<Table>>) {
        let table = table.into();
        self.lookup.put_table(self.tables.get(&table.name).map(AsRef::as_ref), &table);
        self.tables.insert_mut(table.name.clone(), table);
    }

    /// Removes a table.
    pub fn remove_table(&mut self, name: &ObjectName) -> Option<Arc<Table>> {
        let table = self.tables.get(name).cloned()?;
        self.tables.remove_mut(name);
        self.lookup.remove_table(&table);
        Some(table)
    }

    /// An enum by name.
    #[must_use]
    pub fn enumeration(&self, name: &ObjectName) -> Option<&Arc<Enum>> {
        self.enums.get(name)
    }

    /// The enums, by name.
    pub fn enums(&self) -> impl Iterator<Item = &Arc<Enum>> {
        self.enums.values()
    }

    /// Adds or replaces an enum under its own name.
    pub fn put_enum(&mut self, enumeration: impl Into<Arc<Enum>>) {
        let enumeration = enumeration.into();
        self.lookup.add(&enumeration.name.name, Bearer::Enum(enumeration.name.clone()));
        self.enums.insert_mut(enumeration.name.clone(), enumeration);
    }

    /// Removes an enum.
    pub fn remove_enum(&mut self, name: &ObjectName) -> Option<Arc<Enum>> {
        let enumeration = self.enums.get(name).cloned()?;
        self.enums.remove_mut(name);
        self.lookup.remove(&name.name, Bearer::Enum(name.clone()));
        Some(enumeration)
    }

    /// An object that is neither a table nor an enum.
    #[must_use]
    pub fn object(&self, id: &ObjectId) -> Option<&Arc<Object>> {
        self.objects.get(id)
    }

    /// Those objects, in an order in which they can be made as far as their kinds go.
    pub fn objects(&self) -> impl Iterator<Item = &Arc<Object>> {
        self.objects.values()
    }

    /// The view of a name.
    #[must_use]
    pub fn view(&self, name: &ObjectName) -> Option<&View> {
        match self.objects.get(&ObjectId::new(ObjectClass::View, name.clone())).map(AsRef::as_ref) {
            Some(Object::View(view)) => Some(view),
            _ => None,
        }
    }

    /// The views, by name.
    pub fn views(&self) -> impl Iterator<Item = &View> {
        self.objects().filter_map(|object| match &**object {
            Object::View(view) => Some(view),
            _ => None,
        })
    }

    /// The triggers of a table or view, by name.
    pub fn triggers_of<'a>(&'a self, table: &'a ObjectName) -> impl Iterator<Item = &'a Trigger> {
        self.objects().filter_map(move |object| match &**object {
            Object::Trigger(trigger) if trigger.table == *table => Some(trigger),
            _ => None,
        })
    }

    /// Adds or replaces an object under its own name.
    pub fn put_object(&mut self, object: impl Into<Arc<Object>>) {
        let object = object.into();
        self.lookup.add(&object.id().name.name, Bearer::Object(object.id()));
        self.objects.insert_mut(object.id(), object);
    }

    /// Removes an object.
    pub fn remove_object(&mut self, id: &ObjectId) -> Option<Arc<Object>> {
        let object = self.objects.get(id).cloned()?;
        self.objects.remove_mut(id);
        self.lookup.remove(&id.name.name, Bearer::Object(id.clone()));
        Some(object)
    }

    /// What bears a name in any namespace, be it its own or that of a constraint or index: tables, then enums, then the
    /// others, each by name. ASCII letters of either case count as one here.
    pub fn bearers(&self, name: &str) -> impl Iterator<Item = &Bearer> {
        self.lookup.bearers(name)
    }

    /// The tables among them.
    pub fn tables_with_name(&self, name: &str) -> impl Iterator<Item = &Arc<Table>> {
        self.bearers(name).filter_map(|bearer| match bearer {
            Bearer::Table(name) => self.table(name),
            Bearer::Enum(_) | Bearer::Object(_) => None,
        })
    }

    /// The namespaces that something in it names, besides the default one.
    pub fn namespaces(&self) -> std::collections::BTreeSet<String> {
        let tables = self.tables().filter_map(|table| table.name.schema.clone());
        let enums = self.enums().filter_map(|found| found.name.schema.clone());
        let objects = self.objects().filter_map(|object| match &**object {
            Object::Namespace(namespace) => Some(namespace.name.clone()),
            other => other.id().name.schema,
        });
        tables.chain(enums).chain(objects).collect()
    }

    /// Whether there is nothing in it.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.tables.is_empty() && self.enums.is_empty() && self.objects.is_empty()
    }

    /// The foreign keys of other tables (and of the table itself) that refer to a table, with the table that owns each.
    pub fn references_to<'a>(
        &'a self,
        name: &'a ObjectName,
    ) -> impl Iterator<Item = (&'a Arc<Table>, &'a Constraint, &'a ForeignKey)> {
        self.dependents(name).flat_map(move |table| {
            table
                .foreign_keys()
                .filter(move |(_, key)| key.referred_table == *name)
                .map(move |(constraint, key)| (table, constraint, key))
        })
    }

    /// The partitions of a table.
    pub fn partitions_of<'a>(&'a self, name: &'a ObjectName) -> impl Iterator<Item = &'a Arc<Table>> {
        self.dependents(name)
            .filter(move |table| table.partition.as_ref().is_some_and(|partition| partition.of == *name))
    }

    /// The tables that refer to a table or are partitions of it.
    fn dependents<'a>(&'a self, name: &'a ObjectName) -> impl Iterator<Item = &'a Arc<Table>> {
        self.lookup.dependents(name).filter_map(|dependent| self.table(dependent))
    }

    /// The columns that have an enum as their type, as table and column; those of partitions are their table's.
    pub fn enum_columns<'a>(&'a self, name: &'a ObjectName) -> impl Iterator<Item = (&'a Arc<Table>, &'a Column)> {
        self.tables().filter(|table| table.partition.is_none()).flat_map(move |table| {
            table
                .columns
                .iter()
                .filter(move |column| column.ty.enum_name() == Some(name))
                .map(move |column| (table, column))
        })
    }
}

/// Objects as a list: their keys say nothing that they do not say themselves.
mod objects {
    use serde::{Deserializer, Serializer};

    use super::{Arc, Deserialize, Object, ObjectId, RedBlackTreeMapSync};

    pub(super) fn serialize<S: Serializer>(
        objects: &RedBlackTreeMapSync<ObjectId, Arc<Object>>,
        serializer: S,
    ) -> Result<S::Ok, S::Error> {
        serializer.collect_seq(objects.values())
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(
        deserializer: D,
    ) -> Result<RedBlackTreeMapSync<ObjectId, Arc<Object>>, D::Error> {
        let list = Vec::<Arc<Object>>::deserialize(deserializer)?;
        Ok(list.into_iter().map(|object| (object.id(), object)).collect())
    }
}
