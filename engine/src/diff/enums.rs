//! Enums: those that a database without named enums cannot show, and those whose values change.

use std::sync::Arc;

use super::Side;
use super::course::Course;
use crate::change::Change;
use crate::dialect::Dialect;
use crate::schema::{Column, Constraint, Enum, ObjectName, Schema, Table, Type, Value};

/// Gives the side that was read from a database without named enums those of the other side, and its columns, where
/// they are as the enum would make them. Gives back the schema that is wanted.
pub(super) fn adopt(dialect: &dyn Dialect, course: &mut Course<'_>, from: Side<'_>, to: Side<'_>) -> Schema {
    let mut wanted = to.schema.clone();
    match (from.found, to.found) {
        (true, false) => lend(dialect, &wanted, &mut course.reached),
        (false, true) => lend(dialect, from.schema, &mut wanted),
        _ => {}
    }
    wanted
}

/// Gives a found schema the enums of a written one, with the words that the database has for them. One that columns are to
/// have, none of which has it in the database, is not there yet.
pub(super) fn lend(dialect: &dyn Dialect, written: &Schema, found: &mut Schema) {
    if dialect.capabilities().named_enums {
        return;
    }
    let enums: Vec<Arc<Enum>> = written.enums().filter(|e| found.enumeration(&e.name).is_none()).cloned().collect();
    for wanted in enums {
        let mut holders = written.enum_columns(&wanted.name).peekable();
        let mut is_there = holders.peek().is_none();
        let mut trial = found.clone();
        let mut words = Enum::clone(&wanted);
        for (holder, own) in holders {
            let Some(table) = trial.table(&holder.name).cloned() else { continue };
            let named = |words: &Enum| {
                let mut alone = Schema::default();
                alone.put_enum(words.clone());
                lend_column(dialect, &alone, &table, own)
            };
            let mut lent = named(&words);
            if lent.is_none()
                && !is_there
                && let Some(values) = values(&table, &own.name)
            {
                // It may be another of the enums that there are.
                match written.enums().find(|other| other.name != wanted.name && other.values == values) {
                    Some(other) => lent = as_another(dialect, other, &table, own),
                    None => {
                        words.values = values;
                        lent = named(&words);
                    }
                }
            }
            if let Some(lent) = lent {
                is_there = true;
                trial.put_table(lent);
            }
        }
        if is_there {
            trial.put_enum(words);
            *found = trial;
        }
    }
}

/// A table with a column that has another enum than the written one, as it seems.
fn as_another(dialect: &dyn Dialect, other: &Enum, table: &Table, own: &Column) -> Option<Table> {
    let mut alone = Schema::default();
    alone.put_enum(other.clone());
    lend_column(dialect, &alone, table, &Column { ty: Type::Enum(other.name.clone()), ..own.clone() })
}

/// The words that a found column may have, by the texts in its type or in a check that speaks of it.
fn values(table: &Table, column: &str) -> Option<Vec<String>> {
    let ty = table.column(column)?.ty.to_string();
    let checks = table.constraints.iter().flat_map(Constraint::expressions).filter(|sql| sql.contains(column));
    let mut lists = std::iter::once(ty.as_str()).chain(checks).map(texts);
    lists.find(|texts| !texts.is_empty())
}

/// The texts in quotes.
fn texts(sql: &str) -> Vec<String> {
    let mut found = Vec::new();
    let mut rest = sql;
    while let Some((_, after)) = rest.split_once('\'') {
        let mut text = String::new();
        rest = after;
        while let Some((part, after)) = rest.split_once('\'') {
            text.push_str(part);
            rest = after;
            match rest.strip_prefix('\'') {
                Some(after) => {
                    text.push('\'');
                    rest = after;
                }
                None => break,
            }
        }
        found.push(text);
    }
    found
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
    let alone = |own: &[Constraint]| {
        words(&Table { constraints: own.to_vec(), ..table.clone() }).map(|table| table.constraints.clone())
    };
    let others = alone(&[])?;
    lent.constraints.retain(|found| {
        let same = alone(std::slice::from_ref(found)).unwrap_or_default();
        !twice.iter().any(|implied| same.contains(implied) && !others.contains(implied))
    });
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

/// Brings enums that both have to the wanted values, and to the wanted comment where there are any.
pub(super) fn alter(course: &mut Course<'_>, wanted: &Schema) {
    for after in wanted.enums() {
        let Some(before) = course.reached.enumeration(&after.name).cloned() else { continue };
        let spoken = course.dialect.capabilities().named_enums && course.dialect.capabilities().comments;
        let comment = if spoken { after.comment.clone() } else { before.comment.clone() };
        if before.values == after.values && before.comment == comment {
            continue;
        }
        let lost: Vec<String> = before.values.iter().filter(|value| !after.values.contains(value)).cloned().collect();
        free_defaults(course, &after.name, &lost, wanted);
        let Some(kept) = after.values.first().cloned() else { continue };
        let replaced = lost.into_iter().map(|value| (value, kept.clone())).collect();
        let after = Arc::new(Enum { comment, ..Enum::clone(after) });
        course.go(Change::AlterEnum { before, after, renamed: Vec::new(), replaced });
    }
}

/// A default cannot stay a word that goes.
fn free_defaults(course: &mut Course<'_>, name: &ObjectName, lost: &[String], wanted: &Schema) {
    let is_lost =
        |value: &Option<Value>| value.as_ref().is_some_and(|value| words(value).iter().any(|word| lost.contains(word)));
    let holders: Vec<(ObjectName, Column)> = course
        .reached
        .enum_columns(name)
        .filter(|(_, column)| is_lost(&column.default))
        .map(|(table, column)| (table.name.clone(), column.clone()))
        .collect();
    for (table, before) in holders {
        let known = course.reached.enumeration(name).map(|e| e.values.clone()).unwrap_or_default();
        let goal = wanted.table(&table).and_then(|table| table.column(&before.name)).and_then(|c| c.default.clone());
        let usable = |value: &Value| value.is_literal() && words(value).iter().all(|word| known.contains(word));
        let after = Column { default: goal.filter(usable), ..before.clone() };
        course.go(Change::alter_column(table, before, after));
    }
}

/// The words in a value.
fn words(value: &Value) -> Vec<String> {
    match value {
        Value::Text(word) => vec![word.clone()],
        Value::List(items) => items.iter().flat_map(words).collect(),
        Value::Sql(sql) => texts(sql),
        _ => Vec::new(),
    }
}
