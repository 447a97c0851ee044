//! Tables.

use serde_yaml::{Mapping, Value as Yaml};

use super::super::document::{list, map};
use super::super::world::World;
use super::options::option;
use super::{KeysOf, Offer, columns, constraints, indexes};
use crate::dialect::ObjectKind;
use crate::schema::Table;

/// `create_table`, with columns, a key more often than not, constraints and indexes.
pub(super) fn create(world: &mut World<'_>) -> Option<Offer> {
    let name = world.object_name();
    let mut table = Table::new(name.as_str());
    let mut definitions = Mapping::new();
    let mut own_key = false;
    if !world.chance.one_in(4) {
        own_key = true;
        let (column, keys) = columns::key(world);
        definitions.insert(Yaml::from(column.name.clone()), keys);
        table.columns.push(column);
    }
    for _ in 0..world.chance.between(1, 5) {
        let (column, keys) = columns::definition(world, &table);
        definitions.insert(Yaml::from(column.name.clone()), keys);
        table.columns.push(column);
    }
    let mut entries = vec![("table".to_owned(), Yaml::from(name)), ("columns".to_owned(), Yaml::Mapping(definitions))];
    if !own_key && world.chance.one_in(3) {
        let columns = constraints::key_columns(world, &table)?;
        entries.push(("primary_key".to_owned(), list(columns)));
    }
    let lists: [(&str, KeysOf); 4] = [
        ("unique", constraints::unique_keys),
        ("checks", constraints::check_keys),
        ("foreign_keys", constraints::foreign_key_keys),
        ("indexes", indexes::keys),
    ];
    for (key, produce) in lists {
        if world.chance.one_in(3) {
            let items: Vec<Yaml> = produce(world, &table).into_iter().map(map).collect();
            if !items.is_empty() {
                entries.push((key.to_owned(), Yaml::Sequence(items)));
            }
        }
    }
    if world.chance.one_in(5) {
        entries.push(("comment".to_owned(), Yaml::from(columns::COMMENT)));
    }
    entries.extend(option(
        world,
        ObjectKind::Table,
        6,
        &["strict", "without_rowid", "unlogged", "row_format", "charset"],
    ));
    Offer::new("create_table", entries)?.or(&["E0309"])
}

/// `drop_table`, of one that nothing refers to, or with what does.
pub(super) fn drop(world: &mut World<'_>) -> Option<Offer> {
    let table = world.any_table()?;
    let cascade = world.chance.one_in(2);
    let keys = [("table", Yaml::from(table.name.to_string())), ("cascade", Yaml::from(cascade))];
    Offer::new("drop_table", keys)?.or(&["E0312"])
}

/// `rename_table`, also to a name that differs in case only.
pub(super) fn rename(world: &mut World<'_>) -> Option<Offer> {
    let table = world.any_table()?;
    let to = match world.chance.one_in(6) {
        true => table.name.name.to_uppercase(),
        false => world.object_name(),
    };
    Offer::new("rename_table", [("table", Yaml::from(table.name.to_string())), ("to", Yaml::from(to))])?
        .or(&["E0302", "E0309"])
}

/// `alter_table`.
pub(super) fn alter(world: &mut World<'_>) -> Option<Offer> {
    let table = world.any_table()?;
    let mut keys = vec![("table".to_owned(), Yaml::from(table.name.to_string()))];
    if world.chance.one_in(2) {
        let comment = if world.chance.one_in(3) { Yaml::Null } else { Yaml::from("it's \"other\" \\ now") };
        keys.push(("comment".to_owned(), comment));
    }
    keys.extend(option(world, ObjectKind::Table, 2, &["strict", "without_rowid", "row_format", "charset"]));
    if keys.len() == 1 { None } else { Offer::new("alter_table", keys) }
}
