//! Rows, as operations.

use serde_yaml::Value as Yaml;

use super::super::world::World;
use super::Offer;

/// `insert` of rows that have their key.
pub(super) fn insert(world: &mut World<'_>) -> Option<Offer> {
    let table = world.any_table()?;
    let key = table.primary_key_columns();
    if key.is_empty()
        || key.iter().filter_map(|name| table.column(name)).any(|column| column.identity.is_some_and(|one| one.always))
    {
        return None;
    }
    let rows: Vec<Yaml> = (0..world.chance.between(1, 2)).map(|_| world.inserted_row(&table)).collect();
    let keys = [("table", Yaml::from(table.name.to_string())), ("rows", Yaml::Sequence(rows))];
    Offer::new("insert", keys)
}
