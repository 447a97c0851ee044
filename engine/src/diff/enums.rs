//! Enums: those that a database without named enums cannot show, and those whose values change.

use std::sync::Arc;

use super::Side;
use super::course::Course;
use crate::change::Change;
use crate::dialect::Dialect;
use crate::schema::{Column, Constraint, Enum, ObjectName, Schema, Table, Value};

/// Gives the side that was read from a database without named enums those of the other side, and its columns, where
/// they are as the enum would make them. Gives back the schema that is wanted.
pub(super) fn adopt(dialect: &dyn Dialect, course: &mut Course<'_>, from: Side<'_>, to: Side<'_>) -> Schema {
    let mut wanted = to.schema.clone();
    if dialect.capabilities().named_enums {
        return wanted;
    }
    match (from.found, to.found) {
        (true, false) => lend(dialect, &wanted, &mut course.reached),
        (false, true) => lend(dialect, from.schema, &mut wanted),
        _ => {}
    }
    wanted
}

/// Gives a found schema the enums of a written one.
fn lend(dialect: &dyn Dialect, written: &Schema, found: &mut Schema) {
    let enums: Vec<Arc<Enum>> = written.enums().filter(|e| found.enumeration(&e.name).is_none()).cloned().collect();
    if enums.is_empty() {
        return;
    }
    enums.into_iter().for_each(|enumeration| found.put_enum(enumeration));
    let mut alone = Schema::default();
    found.enums().cloned().for_each(|enumeration| alone.put_enum(enumeration));
    let tables: Vec<Arc<Table>> = found.tables().cloned().collect();
    for table in tables {
        let Some(holder) = written.table(&table.name) else { continue };
        let mut lent = Table::clone(&table);
        for own in holder.columns.iter().filter(|column| column.ty.enum_name().is_some()) {
            if let Some(with) = lend_column(dialect, &alone, &lent, own) {
                lent = with;
            }
        }
        if lent != *table {
            found.put_table(lent);
        }
    }
}

/// A table with a column that has the type of a written one, if the words of the server for it are the same then.
fn lend_column(dialect: &dyn Dialect, alone: &Schema, table: &Table, own: &Column) -> Option<Table> {
    let words = |table: &Table| {
        let mut trial = alone.clone();
        trial.put_table(table.clone());
        dialect.normalize(&trial).table(&table.name).cloned()
    };
    let mut lent = table.clone();
    let place = lent.position(&own.name)?;
    lent.columns[place].ty = own.ty.clone();
    let (before, after) = (words(table)?, words(&lent)?);
    if before.columns.get(place)?.ty != after.columns.get(place)?.ty {
        return None;
    }
    // Where an enum is a text with a check, that check is there twice now: as found, and as the enum makes it.
    let (once, twice) = distinct(&after.constraints);
    if once.len() != before.constraints.len() || !before.constraints.iter().all(|found| once.contains(&found)) {
        return None;
    }
    lent.constraints.retain(|found| !twice.iter().any(|implied| found.name.is_some() && implied.name == found.name));
    Some(lent)
}

/// The constraints without repetitions, and those that are repeated.
fn distinct(constraints: &[Constraint]) -> (Vec<&Constraint>, Vec<&Constraint>) {
    let mut once: Vec<&Constraint> = Vec::new();
    let mut twice = Vec::new();
    for constraint in constraints {
        match once.contains(&constraint) {
            true => twice.push(constraint),
            false => once.push(constraint),
        }
    }
    (once, twice)
}

/// Brings enums that both have to the wanted values.
pub(super) fn alter(course: &mut Course<'_>, wanted: &Schema) {
    for after in wanted.enums() {
        let Some(before) = course.reached.enumeration(&after.name).cloned() else { continue };
        if before.values == after.values {
            continue;
        }
        let lost: Vec<String> = before.values.iter().filter(|value| !after.values.contains(value)).cloned().collect();
        free_defaults(course, &after.name, &lost, wanted);
        let Some(kept) = after.values.first().cloned() else { continue };
        let replaced = lost.into_iter().map(|value| (value, kept.clone())).collect();
        let after = Arc::new(Enum { comment: before.comment.clone(), ..Enum::clone(after) });
        course.go(Change::AlterEnum { before, after, renamed: Vec::new(), replaced });
    }
}

/// A default cannot stay a word that goes.
fn free_defaults(course: &mut Course<'_>, name: &ObjectName, lost: &[String], wanted: &Schema) {
    let is_lost =
        |value: &Option<Value>| value.as_ref().is_some_and(|value| words(value).any(|word| lost.contains(word)));
    let holders: Vec<(ObjectName, Column)> = course
        .reached
        .enum_columns(name)
        .filter(|(_, column)| is_lost(&column.default))
        .map(|(table, column)| (table.name.clone(), column.clone()))
        .collect();
    for (table, before) in holders {
        let known = course.reached.enumeration(name).map(|e| e.values.clone()).unwrap_or_default();
        let goal = wanted.table(&table).and_then(|table| table.column(&before.name)).and_then(|c| c.default.clone());
        let usable = |value: &Value| value.is_literal() && words(value).all(|word| known.contains(word));
        let after = Column { default: goal.filter(usable), ..before.clone() };
        course.go(Change::AlterColumn {
            table,
            before,
            after,
            using: None,
            using_down: None,
            existing_null_value: None,
        });
    }
}

/// The words in a value.
fn words(value: &Value) -> Box<dyn Iterator<Item = &String> + '_> {
    match value {
        Value::Text(word) => Box::new(std::iter::once(word)),
        Value::List(items) => Box::new(items.iter().flat_map(words)),
        _ => Box::new(std::iter::empty()),
    }
}
