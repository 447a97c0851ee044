//! What differs, without regard to order.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::tables::{TableDifference, other_enum};
use crate::schema::{Enum, Object, ObjectClass, ObjectId, ObjectName, Routine, Schema, Table};

/// What differs between two schemas. Definitions are as their authors wrote them.
#[derive(Debug, Default)]
pub(super) struct Comparison {
    pub(super) created_tables: Vec<Arc<Table>>,
    pub(super) dropped_tables: Vec<Arc<Table>>,
    pub(super) altered_tables: Vec<TableDifference>,
    pub(super) created_enums: Vec<Arc<Enum>>,
    pub(super) dropped_enums: Vec<Arc<Enum>>,
    pub(super) created_objects: Vec<Arc<Object>>,
    pub(super) dropped_objects: Vec<Arc<Object>>,
    /// Before and after.
    pub(super) altered_objects: Vec<(Arc<Object>, Arc<Object>)>,
    /// What is different and no change brings about.
    pub(super) remarks: Vec<String>,
}

impl Comparison {
    /// Compares two schemas, each given as written and in the words of the server.
    pub(super) fn of(from: &Schema, to: &Schema, from_words: &Schema, to_words: &Schema) -> Self {
        let mut found = Comparison::default();
        found.tables(from, to, from_words, to_words);
        found.enums(from, to);
        found.objects(from, to, from_words, to_words);
        found
    }

    /// What it means that the rows have been checked for a constraint on one side only. A database in which they have not
    /// been is not what a model says that has them checked, which no change leads to; that they have been once more than a
    /// model says is nothing.
    pub(super) fn weigh_validity(&mut self, from_is_found: bool, to_is_found: bool) {
        for table in &mut self.altered_tables {
            let unvalidated = std::mem::take(&mut table.unvalidated);
            if to_is_found && !from_is_found {
                table.validated.clear();
                let tell = |name: &String| {
                    format!(
                        "the constraint `{name}` of `{}` is not validated: rows from before it may break it",
                        table.name
                    )
                };
                self.remarks.extend(unvalidated.iter().map(tell));
            }
        }
        self.altered_tables.retain(|table| !table.is_empty());
    }

    /// Whether any table differs.
    pub(super) fn has_tables(&self) -> bool {
        !self.created_tables.is_empty() || !self.dropped_tables.is_empty() || !self.altered_tables.is_empty()
    }

    /// Whether any view or routine but this one comes or is another.
    pub(super) fn has_other_code(&self, id: &ObjectId) -> bool {
        let come = self.created_objects.iter().chain(self.altered_objects.iter().map(|(_, after)| after));
        let mut code = come.filter(|found| matches!(found.class(), ObjectClass::View | ObjectClass::Routine));
        code.any(|found| found.id() != *id)
    }

    /// Whether a table gets columns, or other ones than it has.
    pub(super) fn changes_columns(&self, table: &ObjectName) -> bool {
        let changes = |found: &&TableDifference| !found.added_columns.is_empty() || !found.altered_columns.is_empty();
        self.altered_tables.iter().filter(changes).any(|found| found.name == *table)
    }

    fn tables(&mut self, from: &Schema, to: &Schema, from_words: &Schema, to_words: &Schema) {
        for table in from.tables().filter(|table| to.table(&table.name).is_none()) {
            self.dropped_tables.push(Arc::clone(table));
        }
        for table in to.tables() {
            let Some(before) = from.table(&table.name) else {
                self.created_tables.push(Arc::clone(table));
                continue;
            };
            let (Some(before_words), Some(words)) = (from_words.table(&table.name), to_words.table(&table.name)) else {
                continue;
            };
            if before_words == words && !other_enums(before, table) {
                continue;
            }
            if before_words.partition != words.partition {
                self.remarks.push(format!(
                    "the table `{}` is another partition: drop it and make it again with its rows in mind",
                    table.name
                ));
            }
            let difference = TableDifference::of((before, before_words), (table, words), &mut self.remarks);
            if !difference.is_empty() {
                self.altered_tables.push(difference);
            }
        }
    }

    fn enums(&mut self, from: &Schema, to: &Schema) {
        self.dropped_enums.extend(from.enums().filter(|e| to.enumeration(&e.name).is_none()).cloned());
        self.created_enums.extend(to.enums().filter(|e| from.enumeration(&e.name).is_none()).cloned());
    }

    fn objects(&mut self, from: &Schema, to: &Schema, from_words: &Schema, to_words: &Schema) {
        let (before, after) = (InWords::of(from, from_words), InWords::of(to, to_words));
        for both in &before.found {
            let object = both.0;
            if after.pair_of(both).is_none() {
                // It may have become a property of its column.
                match to.object(&object.id()) {
                    Some(kept) => self.altered_objects.push((Arc::clone(object), Arc::clone(kept))),
                    None => self.dropped_objects.push(Arc::clone(object)),
                }
            }
        }
        for both in &after.found {
            let (object, words) = both;
            match before.pair_of(both) {
                None => match from.object(&object.id()) {
                    Some(known) => self.altered_objects.push((Arc::clone(known), Arc::clone(object))),
                    None => self.created_objects.push(Arc::clone(object)),
                },
                Some((_, old)) if alike(old, words) => {}
                Some((found, _)) => self.altered_objects.push((Arc::clone(found), Arc::clone(object))),
            }
        }
        // What is a property of a column in the words of the server comes and goes with its table.
        for object in to.objects().filter(|object| of_a_column(object, to_words)) {
            if self.created_tables.iter().any(|table| owns(table, object)) {
                self.created_objects.push(Arc::clone(object));
            }
        }
        for object in from.objects().filter(|object| of_a_column(object, from_words)) {
            if self.dropped_tables.iter().any(|table| owns(table, object)) {
                self.dropped_objects.push(Arc::clone(object));
            }
        }
    }
}

/// Whether a column has another enum than before, which may be the same type to the server.
fn other_enums(before: &Table, after: &Table) -> bool {
    after.columns.iter().any(|column| before.column(&column.name).is_some_and(|old| other_enum(old, column)))
}

/// An object as written, and in the words of the server.
type Both<'a> = (&'a Arc<Object>, &'a Arc<Object>);

/// The objects of a schema, each with what it is in the words of the server.
struct InWords<'a> {
    found: Vec<Both<'a>>,
    by_written: BTreeMap<ObjectId, usize>,
    by_words: BTreeMap<ObjectId, usize>,
}

impl<'a> InWords<'a> {
    /// In the order of what tells them apart for the server.
    fn of(schema: &'a Schema, words: &'a Schema) -> Self {
        let both = schema.objects().filter_map(|object| Some((object, in_words(&object.id(), words)?)));
        let by_id: BTreeMap<ObjectId, Both<'a>> = both.map(|both| (both.1.id(), both)).collect();
        InWords {
            by_written: by_id.values().enumerate().map(|(place, (object, _))| (object.id(), place)).collect(),
            by_words: by_id.keys().enumerate().map(|(place, id)| (id.clone(), place)).collect(),
            found: by_id.into_values().collect(),
        }
    }

    /// What stands for an object of another schema. A routine that is alone under its name on one side has no qualifier there.
    fn pair_of(&self, (object, words): &Both<'_>) -> Option<&Both<'a>> {
        let place = self.by_written.get(&object.id()).or_else(|| self.by_words.get(&words.id()))?;
        self.found.get(*place)
    }
}

/// Whether two objects are the same, the argument types aside that tell a routine from others of its name.
pub(super) fn alike(old: &Object, new: &Object) -> bool {
    match (old, new) {
        (Object::Routine(old), Object::Routine(new)) => {
            Routine { arguments: None, ..old.clone() } == Routine { arguments: None, ..new.clone() }
        }
        _ => old == new,
    }
}

/// An object in the words of the server, which may know its name alone where there is one of the name only.
pub(super) fn in_words<'a>(id: &ObjectId, words: &'a Schema) -> Option<&'a Arc<Object>> {
    words.object(id).or_else(|| match id.class {
        ObjectClass::Routine => words.object(&ObjectId { qualifier: None, ..id.clone() }),
        _ => None,
    })
}

/// Whether an object is none of its own in the words of the server: the sequence of a numbered column.
fn of_a_column(object: &Object, words: &Schema) -> bool {
    object.class() == ObjectClass::Sequence && in_words(&object.id(), words).is_none()
}

fn owns(table: &Table, object: &Object) -> bool {
    matches!(object, Object::Sequence(sequence) if sequence.owned_by.as_ref().is_some_and(|(owner, _)| *owner == table.name))
}
