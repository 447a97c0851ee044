//! What stands in the way of a change and is put back after it: generated columns, and whatever hangs on an enum.

use std::collections::BTreeSet;

use aludel_engine::change::{Position, column_mentions};
use aludel_engine::dialect::Unsupported;
use aludel_engine::plan::Statement;
use aludel_engine::schema::{ConstraintKind, ForeignKey, Index, IndexKey, ObjectName, Table};

use super::{Context, column, constraint, index};
use crate::expression::LEXICON;
use crate::identifier::quote;

/// Statements before and after a change.
#[derive(Debug, Default)]
pub struct Detached {
    /// Take things off.
    pub drop: Vec<Statement>,
    /// Put them back.
    pub restore: Vec<Statement>,
}

/// What is taken off one table, by place in its lists.
#[derive(Debug, Default)]
struct Parts {
    columns: BTreeSet<usize>,
    constraints: BTreeSet<usize>,
    indexes: BTreeSet<usize>,
}

/// Makes generated columns anew: they hold nothing of their own.
pub fn remake_computed(context: &Context<'_>, table: &ObjectName, columns: &[String]) -> Result<Detached, Unsupported> {
    let Some(before) = context.table_before(table) else {
        return Ok(Detached::default());
    };
    let mut parts = Parts::default();
    for name in columns {
        add_column(&mut parts, before, name);
    }
    detach(context, before, &parts)
}

/// Makes anew the generated columns that read a column, whose type the server does not change otherwise.
pub fn computed_from(context: &Context<'_>, table: &ObjectName, column: &str) -> Result<Detached, Unsupported> {
    let Some(before) = context.table_before(table) else {
        return Ok(Detached::default());
    };
    let mut parts = Parts::default();
    for place in column_mentions(before, column, &LEXICON).computed {
        add_column(&mut parts, before, &before.columns[place].name);
    }
    detach(context, before, &parts)
}

/// Takes off what holds on to the old type of the columns of an enum: comparisons with its values are stored with the
/// type, and foreign keys need the same type on both sides.
pub fn from_enum_columns(context: &Context<'_>, table: &Table, columns: &[&str]) -> Result<Detached, Unsupported> {
    let mut parts = Parts::default();
    for name in columns {
        let mentions = column_mentions(table, name, &LEXICON);
        for place in mentions.computed {
            add_column(&mut parts, table, &table.columns[place].name);
        }
        if table.column(name).is_some_and(|column| column.computed.is_some()) {
            add_column(&mut parts, table, name);
        }
        for place in mentions.own_constraints.into_iter().chain(mentions.shared_constraints) {
            let kind = &table.constraints[place].kind;
            if matches!(kind, ConstraintKind::Check { .. } | ConstraintKind::ForeignKey(_)) {
                parts.constraints.insert(place);
            }
        }
        for place in mentions.own_indexes.into_iter().chain(mentions.shared_indexes) {
            let index = &table.indexes[place];
            let expressions = index.parts.iter().any(|part| matches!(part.key, IndexKey::Expression(_)));
            if expressions || index.predicate.is_some() {
                parts.indexes.insert(place);
            }
        }
    }
    detach(context, table, &parts)
}

/// Takes off the foreign keys that refer to a key which goes while another key of the same columns stays: the server binds
/// a foreign key to one index, whichever it found first (manual, `pg_constraint.conindid`), and does not bind it anew.
pub fn from_key(context: &Context<'_>, table: &ObjectName, columns: &[&str]) -> Result<Detached, Unsupported> {
    let refers = |key: &ForeignKey| {
        key.referred_columns.len() == columns.len()
            && key.referred_columns.iter().all(|name| columns.contains(&name.as_str()))
    };
    let mut detached = Detached::default();
    for (owner, constraint, _) in context.after.references_to(table).filter(|(_, _, key)| refers(key)) {
        detached.drop.extend(constraint::drop(&owner.name, constraint)?);
        detached.restore.extend(constraint::add(context, &owner.name, constraint)?);
    }
    Ok(detached)
}

fn add_column(parts: &mut Parts, table: &Table, name: &str) {
    let mentions = column_mentions(table, name, &LEXICON);
    parts.columns.extend(table.position(name));
    parts.constraints.extend(mentions.own_constraints.into_iter().chain(mentions.shared_constraints));
    parts.indexes.extend(mentions.own_indexes.into_iter().chain(mentions.shared_indexes));
}

fn detach(context: &Context<'_>, table: &Table, parts: &Parts) -> Result<Detached, Unsupported> {
    let name = &table.name;
    let after = context.table_after(name).unwrap_or(table);
    let mut detached = Detached::default();
    for place in &parts.constraints {
        refuse_if_referred(context, table, *place)?;
        detached.drop.extend(constraint::drop(name, &table.constraints[*place])?);
    }
    for place in &parts.indexes {
        detached.drop.extend(index::drop(name, &in_transaction(&table.indexes[*place])));
    }
    for place in &parts.columns {
        let action = format!("DROP COLUMN {}", quote(&table.columns[*place].name));
        detached.drop.push(column::alter(name, &action));
    }
    for place in &parts.columns {
        let Some(column) = after.column(&table.columns[*place].name) else { continue };
        let position = Position::of(*place, &after.columns.iter().map(|c| c.name.as_str()).collect::<Vec<_>>());
        detached.restore.extend(column::add(context, name, column, &position, false)?);
    }
    for constraint in parts.constraints.iter().filter_map(|place| after.constraints.get(*place)) {
        detached.restore.extend(constraint::add(context, name, constraint)?);
    }
    for index in parts.indexes.iter().filter_map(|place| after.indexes.get(*place)) {
        detached.restore.extend(index::create(context, name, &in_transaction(index), false)?);
    }
    Ok(detached)
}

/// An index that is put back with the rest of the change, so not concurrently.
fn in_transaction(index: &Index) -> Index {
    let mut index = index.clone();
    index.options.0.remove("concurrently");
    index
}

/// A key that other tables refer to cannot be taken off for a moment.
fn refuse_if_referred(context: &Context<'_>, table: &Table, place: usize) -> Result<(), Unsupported> {
    let columns = table.constraints[place].columns();
    let key =
        matches!(table.constraints[place].kind, ConstraintKind::PrimaryKey { .. } | ConstraintKind::Unique { .. });
    let referring = context
        .before
        .references_to(&table.name)
        .find(|(_, _, key)| key.referred_columns.iter().all(|column| columns.contains(column)));
    match referring {
        Some((other, constraint, _)) if key => Err(Unsupported::new(format!(
            "the key ({}) of `{}` would have to be made anew, and `{}` of `{}` refers to it",
            constraint::described(columns),
            table.name,
            constraint.name.as_deref().unwrap_or("a foreign key"),
            other.name
        ))
        .about(table.name.to_string())
        .help("drop that foreign key first, and create it again afterwards")),
        _ => Ok(()),
    }
}
