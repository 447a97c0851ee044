//! Where the texts of two schemas differ.

use std::sync::Arc;

use super::place::{Owner, Part, Place, of_index, of_object, of_table};
use super::{Doubt, texts};
use crate::dialect::Dialect;
use crate::schema::{Constraint, Object, Schema, Table, Value};

/// The places where a model and what was found have different texts of the same thing, and constraints without a name
/// whose texts are the same as those of one with a name. `model` is as its author wrote it, `normal` the same
/// normalized, `found` normalized.
#[must_use]
pub fn find(dialect: &dyn Dialect, model: &Schema, normal: &Schema, found: &Schema) -> (Vec<Doubt>, Vec<Doubt>) {
    let (mut doubts, mut same) = (Vec::new(), Vec::new());
    for table in model.tables() {
        let (Some(normal), Some(found)) = (normal.table(&table.name), found.table(&table.name)) else { continue };
        if normal != found {
            of_named(table, normal, found, &mut doubts);
            of_unnamed(dialect, model, table, found, &mut doubts, &mut same);
        }
    }
    for object in model.objects() {
        let Some(normal) = super::place::object(normal, &object.id()) else { continue };
        let Some(found) = found.object(&normal.id()).filter(|found| *found != normal) else { continue };
        let owner = Owner::Object(normal.id());
        for part in parts_of_object(found) {
            let [own, other] = [normal, found].map(|object| cloned(of_object(&mut Object::clone(object), &part)));
            if differ(&own, &other) {
                let place = Place { owner: owner.clone(), part: part.clone() };
                doubts.push(Doubt { place, candidates: vec![part] });
            }
        }
    }
    (doubts, same)
}

fn cloned(slots: Vec<&mut String>) -> Vec<String> {
    slots.into_iter().map(|slot| slot.clone()).collect()
}

/// Whether there are as many texts, and not the same. Where one side has none there is nothing to ask.
fn differ(own: &[String], other: &[String]) -> bool {
    own.len() == other.len() && own != other
}

fn of_named(table: &Table, normal: &Table, found: &Table, doubts: &mut Vec<Doubt>) {
    let (mut own, mut other) = (normal.clone(), found.clone());
    for part in parts_of_table(table) {
        if differ(&cloned(of_table(&mut own, &part)), &cloned(of_table(&mut other, &part))) {
            let place = Place { owner: Owner::Table(table.name.clone()), part: part.clone() };
            doubts.push(Doubt { place, candidates: vec![part] });
        }
    }
}

/// Constraints with expressions to which the author gave no name: they can be any of those whose names the model does not
/// have.
fn of_unnamed(
    dialect: &dyn Dialect,
    model: &Schema,
    table: &Table,
    found: &Table,
    doubts: &mut Vec<Doubt>,
    same: &mut Vec<Doubt>,
) {
    let has_texts = |constraint: &Constraint| constraint.expressions().next().is_some();
    let named = |name: &str| table.constraints.iter().any(|other| other.name.as_deref() == Some(name));
    let mut free: Vec<(&Constraint, String)> = found
        .constraints
        .iter()
        .filter(|other| has_texts(other))
        .filter_map(|other| other.name.clone().filter(|name| !named(name)).map(|name| (other, name)))
        .collect();
    let doubt = |at: usize, names: Vec<String>| Doubt {
        place: Place { owner: Owner::Table(table.name.clone()), part: Part::Unnamed(at) },
        candidates: names.into_iter().map(Part::Constraint).collect(),
    };
    let mut open = Vec::new();
    let nameless = table.constraints.iter().enumerate();
    for (at, constraint) in nameless.filter(|(_, constraint)| constraint.name.is_none() && has_texts(constraint)) {
        let alone = normal_alone(dialect, model, table, constraint);
        let equal = |(other, _): &(&Constraint, String)| {
            other.describe() == constraint.describe() && other.expressions().eq(alone.iter())
        };
        match free.iter().position(equal) {
            Some(place) => same.push(doubt(at, vec![free.remove(place).1])),
            None => open.push((at, constraint)),
        }
    }
    for (at, constraint) in open {
        let alike = free.iter().filter(|(other, _)| other.describe() == constraint.describe());
        let names: Vec<String> = alike.map(|(_, name)| name.clone()).collect();
        if !names.is_empty() {
            doubts.push(doubt(at, names));
        }
    }
}

/// The texts of a constraint, normalized as if its table had no other.
fn normal_alone(dialect: &dyn Dialect, model: &Schema, table: &Table, constraint: &Constraint) -> Vec<String> {
    const NAME: &str = "aludel";
    let named = Constraint { name: Some(NAME.to_owned()), ..constraint.clone() };
    let alone = Table { constraints: vec![named], indexes: Vec::new(), ..table.clone() };
    let mut schema = Schema::default();
    model.enums().for_each(|found| schema.put_enum(Arc::clone(found)));
    schema.put_table(alone);
    texts(&dialect.normalize(&schema), &Owner::Table(table.name.clone()), &Part::Constraint(NAME.to_owned()))
}

/// The parts of a table that may have texts, with names.
fn parts_of_table(table: &Table) -> Vec<Part> {
    let mut parts = Vec::new();
    for column in &table.columns {
        parts.extend(column.default.as_ref().map(|_| Part::Default(column.name.clone())));
        parts.extend(column.computed.as_ref().map(|_| Part::Computed(column.name.clone())));
    }
    for constraint in table.constraints.iter().filter(|constraint| constraint.expressions().next().is_some()) {
        parts.extend(constraint.name.clone().map(Part::Constraint));
    }
    for index in &table.indexes {
        if of_index(&mut index.clone()).next().is_some() {
            parts.push(Part::Index(index.name.clone()));
        }
    }
    parts.push(Part::PartitionBy);
    parts.extend(table.partition.as_ref().map(|_| Part::PartitionValues));
    parts
}

fn parts_of_object(object: &Object) -> Vec<Part> {
    let mut parts = vec![Part::Definition];
    match object {
        Object::View(view) => parts.extend(view.indexes.iter().map(|index| Part::Index(index.name.clone()))),
        Object::Domain(domain) => {
            if let Some(Value::Sql(_)) = domain.default {
                parts.push(Part::DomainDefault);
            }
            parts.extend(domain.checks.iter().map(|check| Part::DomainCheck(check.name.clone())));
        }
        _ => {}
    }
    parts
}
