//! Constraints.

use serde_yaml::Value as Yaml;

use super::super::document::{list, map};
use super::super::values::{Kind, can_be_indexed, kind};
use super::super::world::World;
use super::options::option;
use super::{Keys, KeysOf, Offer};
use crate::dialect::ObjectKind;
use crate::schema::{Column, Constraint, ReferentialAction, Table, Type};

/// Refusals of constraints whose names the rules make, which may be there already.
const NAMED: &[&str] = &["E0309"];

fn put_name(world: &mut World<'_>, keys: &mut Keys) {
    if world.chance.one_in(2) {
        keys.push(("name".to_owned(), Yaml::from(world.object_name())));
    }
}

/// Columns that a key can be made of.
pub(super) fn key_columns(world: &mut World<'_>, table: &Table) -> Option<Vec<String>> {
    let fits = |column: &&Column| can_be_indexed(&column.ty) && column.computed.is_none();
    let columns: Vec<String> = table.columns.iter().filter(fits).map(|column| column.name.clone()).collect();
    let some = world.chance.some(&columns, 2);
    if some.is_empty() { None } else { Some(some) }
}

/// What stands in `unique:`.
pub(super) fn unique_keys(world: &mut World<'_>, table: &Table) -> Option<Keys> {
    let mut keys = vec![("columns".to_owned(), list(key_columns(world, table)?))];
    put_name(world, &mut keys);
    if world.chance.one_in(10) {
        keys.push(("deferrable".to_owned(), Yaml::from(true)));
    }
    keys.extend(option(world, ObjectKind::Unique, 10, &["nulls_not_distinct"]));
    Some(keys)
}

/// A condition that every row meets, on one column.
pub(super) fn condition(world: &mut World<'_>, column: &Column) -> Option<String> {
    let name = world.context.dialect.quote(&column.name);
    let list: &[&str] = match (kind(&column.ty), &column.ty) {
        (Kind::Number, _) => {
            &["{} >= 0", "{} <> -5", "{} IS NULL OR {} > -100", "{} BETWEEN 0 AND 99999", "NOT {} = -1"]
        }
        (Kind::Text, _) => &["{} <> 'zzz'", "{} <> 'it''s'", "lower({}) <> 'never'", "{} IN ('a') OR {} <> 'b'"],
        (_, Type::Boolean) => &["{} IS NULL OR {} IS NOT NULL"],
        (Kind::Date, _) => &["{} > '1990-01-01'"],
        _ => return None,
    };
    world.chance.pick(list).map(|sql| sql.replace("{}", &name))
}

/// What stands in `checks:`.
pub(super) fn check_keys(world: &mut World<'_>, table: &Table) -> Option<Keys> {
    let column = world.chance.pick(&table.columns)?;
    let mut sql = condition(world, &column)?;
    let other = world.chance.pick(&table.columns)?;
    if world.chance.one_in(3)
        && let Some(second) = condition(world, &other)
    {
        sql = format!("({sql}) AND ({second})");
    }
    let mut keys = vec![("sql".to_owned(), Yaml::from(sql))];
    put_name(world, &mut keys);
    keys.extend(option(world, ObjectKind::Check, 10, &[]));
    Some(keys)
}

/// What a column of some type can refer to: a table with columns that name one row, and a choice of what the table's own
/// columns must be.
fn targets(world: &World<'_>, own: &Table) -> Vec<(Table, Vec<String>)> {
    let mut targets = Vec::new();
    let others = world.schema.tables().filter(|table| table.name != own.name);
    for table in others.map(|table| &**table).chain([own]) {
        for constraint in &table.constraints {
            let key = constraint.is_primary_key() || matches!(constraint.describe(), "unique constraint");
            if key && constraint.deferral == Default::default() {
                targets.push((table.clone(), constraint.columns().to_vec()));
            }
        }
    }
    targets
}

/// Columns of a table for each column referred to, of the same type.
fn counterparts(world: &mut World<'_>, own: &Table, other: &Table, referred: &[String]) -> Option<Vec<String>> {
    let mut found: Vec<String> = Vec::new();
    for name in referred {
        let wanted = other.column(name)?;
        let fits = |column: &&Column| {
            let itself = own.name == other.name && column.name == *name;
            column.ty == wanted.ty
                && column.options == wanted.options
                && column.collation == wanted.collation
                && !itself
                && column.computed.is_none()
                && !found.contains(&column.name)
        };
        let columns: Vec<String> = own.columns.iter().filter(fits).map(|column| column.name.clone()).collect();
        found.push(world.chance.pick(&columns)?);
    }
    Some(found)
}

fn actions(world: &mut World<'_>, keys: &mut Keys) {
    for key in ["on_delete", "on_update"] {
        if world.chance.one_in(3)
            && let Some((name, _)) = world.chance.pick(&ReferentialAction::ALL)
        {
            keys.push((key.to_owned(), Yaml::from(name)));
        }
    }
}

/// What stands in `foreign_keys:`.
pub(super) fn foreign_key_keys(world: &mut World<'_>, table: &Table) -> Option<Keys> {
    let targets = targets(world, table);
    let mut tries = world.chance.some(&targets, 4).into_iter();
    let (columns, referred, other) = tries.find_map(|(other, referred)| {
        counterparts(world, table, &other, &referred).map(|columns| (columns, referred, other.name))
    })?;
    let references = map([("table", Yaml::from(other.to_string())), ("columns", list(referred))]);
    let mut keys = vec![("columns".to_owned(), list(columns)), ("references".to_owned(), references)];
    put_name(world, &mut keys);
    actions(world, &mut keys);
    match world.chance.below(12) {
        0 => keys.push(("deferrable".to_owned(), Yaml::from(true))),
        1 => keys.push(("initially".to_owned(), Yaml::from("deferred"))),
        2 => keys.push(("match".to_owned(), Yaml::from("full"))),
        _ => {}
    }
    Some(keys)
}

/// What stands in `references:` of a new column, and the type that it has to have.
pub(super) fn references(world: &mut World<'_>, own: &Table) -> Option<(Type, Yaml)> {
    let targets: Vec<(Table, String)> = targets(world, own)
        .into_iter()
        .filter_map(|(table, columns)| match columns.as_slice() {
            [one] => Some((table, one.clone())),
            _ => None,
        })
        .collect();
    let (table, column) = world.chance.pick(&targets)?;
    let ty = table.column(&column).filter(|column| column.collation.is_none() && column.options.is_empty())?.ty.clone();
    let mut keys =
        vec![("table".to_owned(), Yaml::from(table.name.to_string())), ("column".to_owned(), Yaml::from(column))];
    actions(world, &mut keys);
    Some((ty, map(keys)))
}

fn create(world: &mut World<'_>, operation: &str, produce: KeysOf) -> Option<Offer> {
    let table = world.any_table()?;
    let mut keys = vec![("table".to_owned(), Yaml::from(table.name.to_string()))];
    keys.extend(produce(world, &table)?);
    Offer::new(operation, keys)?.or(NAMED)
}

fn primary_keys(world: &mut World<'_>, table: &Table) -> Option<Keys> {
    if table.primary_key().is_some() {
        return None;
    }
    let mut keys = vec![("columns".to_owned(), list(key_columns(world, table)?))];
    put_name(world, &mut keys);
    Some(keys)
}

/// `create_primary_key`
pub(super) fn primary_key(world: &mut World<'_>) -> Option<Offer> {
    create(world, "create_primary_key", primary_keys)
}

/// `create_unique_constraint`
pub(super) fn unique(world: &mut World<'_>) -> Option<Offer> {
    create(world, "create_unique_constraint", unique_keys)
}

fn perhaps_not_valid(world: &mut World<'_>, mut keys: Keys) -> Option<Keys> {
    if world.chance.one_in(8) {
        keys.push(("not_valid".to_owned(), Yaml::from(true)));
    }
    Some(keys)
}

/// `create_check_constraint`
pub(super) fn check(world: &mut World<'_>) -> Option<Offer> {
    create(world, "create_check_constraint", |world, table| {
        let keys = check_keys(world, table)?;
        perhaps_not_valid(world, keys)
    })
}

/// `create_foreign_key`
pub(super) fn foreign_key(world: &mut World<'_>) -> Option<Offer> {
    create(world, "create_foreign_key", |world, table| {
        let keys = foreign_key_keys(world, table)?;
        perhaps_not_valid(world, keys)
    })
}

fn any_constraint(world: &mut World<'_>, fits: impl Fn(&Constraint) -> bool) -> Option<(Keys, String)> {
    let table = world.any_table()?;
    let named = table.constraints.iter().filter(|one| fits(one)).filter_map(|one| one.name.clone());
    let name = world.chance.pick(&named.collect::<Vec<_>>())?;
    let keys = vec![
        ("table".to_owned(), Yaml::from(table.name.to_string())),
        ("constraint".to_owned(), Yaml::from(name.clone())),
    ];
    Some((keys, name))
}

/// `validate_constraint`
pub(super) fn validate(world: &mut World<'_>) -> Option<Offer> {
    let (keys, _) = any_constraint(world, |one| !one.validated)?;
    Offer::new("validate_constraint", keys)
}

/// `drop_constraint`
pub(super) fn drop(world: &mut World<'_>) -> Option<Offer> {
    let (keys, _) = any_constraint(world, |_| true)?;
    Offer::new("drop_constraint", keys)?.or(&["E0312"])
}

/// `rename_constraint`
pub(super) fn rename(world: &mut World<'_>) -> Option<Offer> {
    let (mut keys, name) = any_constraint(world, |_| true)?;
    let to = if world.chance.one_in(8) { name.to_uppercase() } else { world.object_name() };
    keys.push(("to".to_owned(), Yaml::from(to)));
    Offer::new("rename_constraint", keys)?.or(NAMED)
}
