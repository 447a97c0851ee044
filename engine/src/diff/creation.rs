//! A schema made from nothing.

use std::sync::Arc;

use crate::change::Change;
use crate::schema::{Object, ObjectClass, Schema, Sequence, Table};

/// The changes that lead from nothing to a schema, in an order that runs: what tables are made of, enums, tables, the
/// constraints that need other tables or that cannot be made with their table, and last what is built on tables.
#[must_use]
pub fn creation(model: &Schema) -> Vec<Change> {
    let (last, first): (Vec<&Arc<Object>>, Vec<&Arc<Object>>) =
        model.objects().partition(|object| object.class().follows_tables());
    let create = |object: &Arc<Object>| Change::CreateObject { object: Arc::clone(object), if_not_exists: false };
    let mut changes: Vec<Change> = first.iter().map(|object| create(&Arc::new(without_owner(object)))).collect();
    changes.extend(model.enums().map(|found| Change::CreateEnum { enumeration: Arc::clone(found) }));
    let mut waiting: Vec<&Arc<Table>> = model.tables().collect();
    let mut later = Vec::new();
    while !waiting.is_empty() {
        let refers_to_waiting = |table: &&Arc<Table>| {
            let whole = table.partition.as_ref().map(|partition| &partition.of);
            whole.is_some_and(|whole| waiting.iter().any(|w| w.name == *whole))
                || table.foreign_keys().any(|(_, key)| {
                    key.referred_table != table.name && waiting.iter().any(|w| w.name == key.referred_table)
                })
        };
        // In a circle the first has to do without its references until all are there.
        let next = waiting.iter().position(|table| !refers_to_waiting(table)).unwrap_or(0);
        let table = waiting.remove(next);
        let mut made = Table::clone(table);
        made.constraints.retain(|constraint| {
            let waits =
                constraint.foreign_key().is_some_and(|key| waiting.iter().any(|w| w.name == key.referred_table));
            if waits || !constraint.validated {
                later.push(Change::AddConstraint { table: table.name.clone(), constraint: constraint.clone() });
            }
            !waits && constraint.validated
        });
        changes.push(Change::CreateTable { table: Arc::new(made), if_not_exists: false });
    }
    changes.extend(later);
    changes.extend(
        first
            .into_iter()
            .filter(|object| without_owner(object) != ***object)
            .map(|object| Change::AlterObject { before: Arc::new(without_owner(object)), after: Arc::clone(object) }),
    );
    changes.extend(in_order(last).into_iter().map(create));
    changes
}

/// A sequence on its own: the column that it goes with may take its default from it, so each has to be there before the other.
fn without_owner(object: &Object) -> Object {
    match object {
        Object::Sequence(sequence) => Object::Sequence(Sequence { owned_by: None, ..sequence.clone() }),
        other => other.clone(),
    }
}

/// Objects in an order in which they can be made: a view after those that it speaks of.
fn in_order(objects: Vec<&Arc<Object>>) -> Vec<&Arc<Object>> {
    let mut waiting = objects;
    let mut ordered = Vec::with_capacity(waiting.len());
    while !waiting.is_empty() {
        let speaks_of_waiting = |object: &Arc<Object>| {
            let sql = object.definition().unwrap_or_default().to_lowercase();
            let others = waiting.iter().filter(|other| other.id() != object.id() && other.class() == ObjectClass::View);
            object.class() == ObjectClass::View
                && others.into_iter().any(|other| sql.contains(&other.id().name.name.to_lowercase()))
        };
        let next = waiting.iter().position(|object| !speaks_of_waiting(object)).unwrap_or(0);
        ordered.push(waiting.remove(next));
    }
    ordered
}
