//! Options of dialects, drawn from what the dialect says it has.

use serde_yaml::Value as Yaml;

use super::super::document::map;
use super::super::world::World;
use crate::dialect::{ObjectKind, OptionKind};

/// Options that go with some objects only, or whose value has to mean something. Those that a producer knows to fit it
/// names.
const CONDITIONAL: &[&str] = &[
    "autoincrement",
    "charset",
    "invisible",
    "kind",
    "no_inherit",
    "on_conflict",
    "on_update",
    "parser",
    "storage",
    "compression",
    "unlogged",
    "unsigned",
    "nulls_not_distinct",
    "concurrently",
    "using",
    "row_format",
    "without_rowid",
    "strict",
];

/// Values of options that take a text, number or map.
fn known(name: &str) -> Option<Yaml> {
    Some(match name {
        "with" => map([("fillfactor", Yaml::from(70))]),
        "statistics" => Yaml::from(200),
        "engine" => Yaml::from("InnoDB"),
        "charset" => Yaml::from("utf8mb4"),
        _ => return None,
    })
}

/// Now and then an option of an object, as the map of the dialect. `fitting` names conditional options that fit the object.
pub(super) fn option(
    world: &mut World<'_>,
    object: ObjectKind,
    rate: usize,
    fitting: &[&str],
) -> Option<(String, Yaml)> {
    if !world.chance.one_in(rate) {
        return None;
    }
    let dialect = world.context.dialect.name();
    let specs = world.context.dialect.options(object);
    let fits = |name: &str| !CONDITIONAL.contains(&name) || fitting.contains(&name);
    let specs: Vec<_> = specs.iter().filter(|spec| fits(spec.name)).collect();
    let spec = world.chance.pick(&specs)?;
    let value = match spec.kind {
        OptionKind::Bool => Yaml::from(!world.chance.one_in(4)),
        // A spatial index is of geometries, which no column here has.
        OptionKind::Word(words) => Yaml::from(world.chance.pick(words).filter(|word| *word != "spatial")?),
        _ => known(spec.name)?,
    };
    Some((dialect.to_owned(), map([(spec.name, value)])))
}
