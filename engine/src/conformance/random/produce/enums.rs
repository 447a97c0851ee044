//! Enums.

use serde_yaml::Value as Yaml;

use super::super::document::{list, map};
use super::super::world::World;
use super::Offer;
use crate::schema::Enum;

const WORDS: &[&str] = &[
    "new",
    "paid",
    "shipped",
    "lost",
    "it's",
    "two words",
    "é日",
    "Done",
    "back\\slash",
    "say \"hi\"",
    "null",
    "x",
    "true",
    "50%",
    "semi;colon",
    "a-b",
];

/// `create_enum`
pub(super) fn create(world: &mut World<'_>) -> Option<Offer> {
    let name = world.object_name();
    let words = world.chance.some(WORDS, 5);
    Offer::new("create_enum", [("enum", Yaml::from(name)), ("values", list(words))])
}

fn any_enum(world: &mut World<'_>) -> Option<Enum> {
    let enums: Vec<Enum> = world.schema.enums().map(|found| Enum::clone(found)).collect();
    world.chance.pick(&enums)
}

/// `alter_enum`: words added at any place, renamed, dropped.
pub(super) fn alter(world: &mut World<'_>) -> Option<Offer> {
    let found = any_enum(world)?;
    let free: Vec<&str> =
        WORDS.iter().copied().filter(|word| !found.values.iter().any(|known| known == word)).collect();
    let mut keys = vec![("enum", Yaml::from(found.name.to_string()))];
    let choice = world.chance.below(5);
    if matches!(choice, 0 | 1 | 4) {
        let word = Yaml::from(world.chance.pick(&free)?);
        let beside = Yaml::from(world.chance.pick(&found.values)?);
        let added = match world.chance.below(3) {
            0 => word,
            1 => map([("value", word), ("before", beside)]),
            _ => map([("value", word), ("after", beside)]),
        };
        keys.push(("add", list([added])));
    }
    if matches!(choice, 2 | 4) {
        let old = world.chance.pick(&found.values)?;
        let used = keys.iter().any(|(_, value)| format!("{value:?}").contains(&format!("{old:?}")));
        let new = world.chance.pick(&free)?;
        let new = if keys.len() > 1 { format!("{new} 2") } else { new.to_owned() };
        if !used && !found.values.contains(&new) {
            keys.push(("rename", map([(old, Yaml::from(new))])));
        }
    }
    if choice == 3 {
        let words = world.facts.words.get(&found.name).cloned().unwrap_or_default();
        let replacement = world.chance.pick(&words)?;
        let others: Vec<String> = found.values.iter().filter(|word| **word != replacement).cloned().collect();
        keys.push(("drop", map([(world.chance.pick(&others)?, Yaml::from(replacement))])));
    }
    if keys.len() == 1 { None } else { Offer::new("alter_enum", keys)?.or(&["E0312"]) }
}

/// `drop_enum`, of one that no column has.
pub(super) fn drop(world: &mut World<'_>) -> Option<Offer> {
    let found = any_enum(world)?;
    Offer::new("drop_enum", [("enum", Yaml::from(found.name.to_string()))])?.or(&["E0312"])
}
