//! Indexes.

use serde_yaml::Value as Yaml;

use super::super::document::{list, map};
use super::super::values::{Kind, can_be_indexed, kind};
use super::super::world::World;
use super::constraints::condition;
use super::options::option;
use super::{Keys, Offer};
use crate::dialect::ObjectKind;
use crate::schema::{Column, Index, Table, Type};

fn part(world: &mut World<'_>, column: &Column) -> Yaml {
    let quoted = world.context.dialect.quote(&column.name);
    let mut keys: Vec<(&str, Yaml)> = match (world.chance.below(8), kind(&column.ty)) {
        // MySQL indexes no expression that gives a text of unlimited length, which only the server can tell.
        (0, Kind::Text) if column.ty != Type::Text => vec![("expr", Yaml::from(format!("lower({quoted})")))],
        (0, Kind::Number) => vec![("expr", Yaml::from(format!("abs({quoted})")))],
        _ => vec![("column", Yaml::from(column.name.clone()))],
    };
    let long = matches!(column.ty, Type::Text | Type::Blob);
    if keys[0].0 == "column" && matches!(kind(&column.ty), Kind::Text | Kind::Bytes) && (long || world.chance.one_in(8))
    {
        let lacks = !matches!(world.context.dialect.name(), "mysql" | "mariadb");
        if !lacks || world.chance.one_in(8) {
            keys.push(("length", Yaml::from(8)));
        }
    }
    match world.chance.below(10) {
        0 | 1 => keys.push(("order", Yaml::from("desc"))),
        2 => keys.push(("nulls", Yaml::from(if world.chance.one_in(2) { "first" } else { "last" }))),
        _ => {}
    }
    match keys.as_slice() {
        [("column", name)] => name.clone(),
        _ => map(keys),
    }
}

/// What stands in `indexes:`.
pub(super) fn keys(world: &mut World<'_>, table: &Table) -> Option<Keys> {
    let columns: Vec<Column> = table.columns.iter().filter(|column| can_be_indexed(&column.ty)).cloned().collect();
    let columns = world.chance.some(&columns, 3);
    if columns.is_empty() {
        return None;
    }
    let parts: Vec<Yaml> = columns.iter().map(|column| part(world, column)).collect();
    let mut keys = vec![("columns".to_owned(), list(parts))];
    if world.chance.one_in(2) {
        keys.push(("name".to_owned(), Yaml::from(world.object_name())));
    }
    if world.chance.one_in(4) {
        keys.push(("unique".to_owned(), Yaml::from(true)));
    }
    let other = world.chance.pick(&table.columns)?;
    if world.chance.one_in(5)
        && let Some(sql) = condition(world, &other)
    {
        keys.push(("where".to_owned(), Yaml::from(sql)));
    }
    if world.chance.one_in(10) {
        keys.push(("comment".to_owned(), Yaml::from(super::columns::COMMENT)));
    }
    let text = columns.iter().all(|column| kind(&column.ty) == Kind::Text);
    // An invisible unique index becomes the primary key of a MySQL table that has none, and stops it from losing one.
    let unique = keys.iter().any(|(key, _)| key == "unique");
    let fitting: &[&str] = match (text, unique) {
        (_, true) => &["concurrently"],
        (true, _) => &["kind", "concurrently", "invisible"],
        _ => &["concurrently", "invisible"],
    };
    keys.extend(option(world, ObjectKind::Index, 8, fitting));
    Some(keys)
}

/// `create_index`
pub(super) fn create(world: &mut World<'_>) -> Option<Offer> {
    let table = world.any_table()?;
    let mut all = vec![("table".to_owned(), Yaml::from(table.name.to_string()))];
    all.extend(keys(world, &table)?);
    Offer::new("create_index", all)?.or(&["E0309"])
}

fn any_index(world: &mut World<'_>) -> Option<(Table, Index)> {
    let table = world.any_table()?;
    let index = world.chance.pick(&table.indexes)?;
    Some((Table::clone(&table), index))
}

/// `drop_index`
pub(super) fn drop(world: &mut World<'_>) -> Option<Offer> {
    let (table, index) = any_index(world)?;
    let keys = [("table", Yaml::from(table.name.to_string())), ("index", Yaml::from(index.name))];
    Offer::new("drop_index", keys)?.or(&["E0312"])
}

/// `rename_index`
pub(super) fn rename(world: &mut World<'_>) -> Option<Offer> {
    let (table, index) = any_index(world)?;
    let to = if world.chance.one_in(8) { index.name.to_uppercase() } else { world.object_name() };
    let keys =
        [("table", Yaml::from(table.name.to_string())), ("index", Yaml::from(index.name)), ("to", Yaml::from(to))];
    Offer::new("rename_index", keys)?.or(&["E0309"])
}
