//! What can be done to a schema: a producer for each operation, with how often it is asked.
//!
//! A producer looks at the schema and offers an operation that fits it, or nothing. It need not think of the rows: what they
//! would not let happen, or not let be taken back, is left out later. To add one, write a function and a line in the table.

mod columns;
mod constraints;
mod enums;
mod indexes;
mod options;
mod rows;
mod tables;

use serde_yaml::Value as Yaml;

use super::document::map;
use super::world::World;
use crate::schema::Table;

/// An operation on offer.
pub(super) struct Offer {
    /// The operation as YAML.
    pub(super) operation: Yaml,
    /// Codes of refusals that are proper here, besides "a dialect cannot express it" and "a name it cannot hold".
    pub(super) may_be_refused: &'static [&'static str],
}

impl Offer {
    fn new<K: Into<String>>(name: &str, keys: impl IntoIterator<Item = (K, Yaml)>) -> Option<Self> {
        Some(Offer { operation: map([(name, map(keys))]), may_be_refused: &[] })
    }

    fn or(self, may_be_refused: &'static [&'static str]) -> Option<Self> {
        Some(Offer { may_be_refused, ..self })
    }

    /// The name of the operation.
    pub(super) fn name(&self) -> &str {
        let map = self.operation.as_mapping();
        map.and_then(|map| map.keys().next()).and_then(Yaml::as_str).unwrap_or_default()
    }
}

/// Keys of an operation, or of an object in it, with their values.
type Keys = Vec<(String, Yaml)>;

/// Makes the keys of an object of a table.
type KeysOf = fn(&mut World<'_>, &Table) -> Option<Keys>;

type Producer = fn(&mut World<'_>) -> Option<Offer>;

/// Every producer and its weight.
pub(super) const PRODUCERS: &[(usize, Producer)] = &[
    (8, tables::create),
    (2, tables::drop),
    (4, tables::rename),
    (3, tables::alter),
    (14, columns::add),
    (6, columns::drop),
    (7, columns::rename),
    (8, columns::alter_type),
    (6, columns::alter_nullable),
    (6, columns::alter_default),
    (3, columns::alter_comment),
    (2, columns::alter_collation),
    (3, columns::alter_computed),
    (2, columns::alter_identity),
    (3, columns::alter_several),
    (9, indexes::create),
    (3, indexes::drop),
    (3, indexes::rename),
    (3, constraints::primary_key),
    (5, constraints::unique),
    (5, constraints::check),
    (7, constraints::foreign_key),
    (2, constraints::validate),
    (5, constraints::drop),
    (3, constraints::rename),
    (3, enums::create),
    (5, enums::alter),
    (1, enums::drop),
    (5, rows::insert),
];

/// What a history begins with.
pub(super) fn first(world: &mut World<'_>) -> Option<Offer> {
    if world.chance.one_in(3) { enums::create(world) } else { tables::create(world) }
}
