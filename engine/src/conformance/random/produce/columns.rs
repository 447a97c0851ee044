//! Columns.

use serde_yaml::Value as Yaml;

use super::super::document::map;
use super::super::values::{self, COMMON, Kind, RARE, kind};
use super::super::world::World;
use super::options::option;
use super::{Keys, Offer};
use crate::dialect::ObjectKind;
use crate::schema::{Column, Computed, Identity, Table, Type, Value};

/// A comment that is easily broken on the way.
pub(super) const COMMENT: &str = "it's a \"comment\"; \\ -- é日";

/// A row number that no row has, for values of defaults.
const DEFAULT: usize = 500;

fn names(table: &Table) -> Vec<String> {
    table.columns.iter().map(|column| column.name.clone()).collect()
}

fn any_type(world: &mut World<'_>) -> Type {
    let enums: Vec<Type> = world.schema.enums().map(|found| Type::Enum(found.name.clone())).collect();
    if world.chance.one_in(8)
        && let Some(ty) = world.chance.pick(&enums)
    {
        return ty;
    }
    let list = if world.chance.one_in(20) { RARE } else { COMMON };
    world.chance.pick(list).and_then(|text| Type::parse(text).ok()).unwrap_or(Type::Integer)
}

/// The column of a table's own key.
pub(super) fn key(world: &mut World<'_>) -> (Column, Yaml) {
    let types = [Type::BigInt, Type::Integer, Type::BigInt, Type::Varchar(Some(20)), Type::Uuid, Type::SmallInt];
    let ty = world.chance.pick(&types).unwrap_or(Type::BigInt);
    let name = if world.chance.one_in(2) { "id".to_owned() } else { world.column_name(&[]) };
    let mut column = Column::new(name, ty.clone()).not_null();
    let mut keys = vec![("type", Yaml::from(ty.to_string())), ("primary_key", Yaml::from(true))];
    if kind(&ty) == Kind::Number && world.chance.one_in(3) {
        let identity = match world.chance.below(4) {
            0 => map([("always", Yaml::from(true))]),
            1 => map([("start", Yaml::from(5000))]),
            _ => Yaml::from(true),
        };
        column.identity = Some(Identity { always: identity.get("always").is_some(), ..Identity::default() });
        keys.push(("identity", identity));
    }
    (column, map(keys))
}

/// A column with everything that a column may have.
pub(super) fn definition(world: &mut World<'_>, table: &Table) -> (Column, Yaml) {
    let (column, keys) = column_keys(world, table);
    let plain = keys.len() == 1 && world.chance.one_in(2);
    let definition = if plain { Yaml::from(column.ty.to_string()) } else { map(keys) };
    (column, definition)
}

fn column_keys(world: &mut World<'_>, table: &Table) -> (Column, Keys) {
    let name = world.column_name(&names(table));
    let mut column = Column::new(name, any_type(world));
    let mut keys: Keys = Vec::new();
    let mut put = |key: &str, value: Yaml| keys.push((key.to_owned(), value));
    if world.chance.one_in(8)
        && let Some((ty, computed)) = computed(world, table)
    {
        column.ty = ty;
        put("type", Yaml::from(column.ty.to_string()));
        put("computed", map([("sql", Yaml::from(computed.sql.clone())), ("stored", Yaml::from(computed.stored))]));
        column.computed = Some(computed);
        return (column, keys);
    }
    if world.chance.one_in(5)
        && let Some((ty, references)) = super::constraints::references(world, table)
    {
        column.ty = ty;
        put("references", references);
    }
    put("type", Yaml::from(column.ty.to_string()));
    if world.chance.one_in(3) {
        column.nullable = false;
        put("nullable", Yaml::from(false));
    }
    if world.chance.one_in(3)
        && let Some(default) = default(world, &column.ty)
    {
        column.default = Some(Value::Sql(String::new()));
        put("default", default);
    }
    if world.chance.one_in(10) && values::can_be_indexed(&column.ty) {
        put("unique", Yaml::from(true));
    }
    if world.chance.one_in(10) && values::can_be_indexed(&column.ty) {
        put("index", Yaml::from(true));
    }
    if world.chance.one_in(10)
        && let Some(sql) = super::constraints::condition(world, &column)
    {
        put("check", Yaml::from(sql));
    }
    if world.chance.one_in(10) {
        put("comment", Yaml::from(COMMENT));
    }
    if let Some((dialect, map)) = option(world, ObjectKind::Column, 12, &fitting(&column)) {
        put(&dialect, map);
    }
    (column, keys)
}

/// Options that go with a column.
fn fitting(column: &Column) -> Vec<&'static str> {
    let mut fitting = vec!["charset", "invisible"];
    if matches!(column.ty, Type::SmallInt | Type::Integer | Type::BigInt) {
        fitting.push("unsigned");
    }
    if matches!(column.ty, Type::Text | Type::Varchar(_) | Type::Blob | Type::Jsonb) {
        fitting.extend(["storage", "compression"]);
    }
    if !column.nullable {
        fitting.push("on_conflict");
    }
    fitting
}

fn default(world: &mut World<'_>, ty: &Type) -> Option<Yaml> {
    let function = |name: &str| Some(map([("fn", Yaml::from(name))]));
    let words = ty.enum_name().and_then(|name| world.facts.words.get(name)).cloned().unwrap_or_default();
    let choice = world.chance.below(4);
    match (kind(ty), choice) {
        (Kind::Moment | Kind::Zoned, 0 | 1) => function("now"),
        (Kind::Date, 0) => function("today"),
        (Kind::Uuid, 0) => function("uuid"),
        (Kind::Text, 0) if !matches!(ty, Type::Char(_)) => Some(Yaml::from("it's \\ a \"text\"")),
        (Kind::Text, 1) => Some(Yaml::from("")),
        (Kind::Number, 0) if !matches!(ty, Type::Decimal(_)) => Some(map([("sql", Yaml::from("1 + 2"))])),
        (Kind::Number, 1) => Some(Yaml::from(0)),
        _ => Some(values::value(ty, ty, DEFAULT, &words)),
    }
    .filter(|value| *value != Yaml::Null)
}

/// An expression of another column.
fn computed(world: &mut World<'_>, table: &Table) -> Option<(Type, Computed)> {
    let bases: Vec<Column> = table
        .columns
        .iter()
        .filter(|column| column.computed.is_none() && column.identity.is_none())
        .filter(|column| matches!(column.ty, Type::SmallInt | Type::Integer | Type::Varchar(_) | Type::Text))
        .cloned()
        .collect();
    let base = world.chance.pick(&bases)?;
    let name = world.context.dialect.quote(&base.name);
    let stored = world.chance.one_in(2);
    let (ty, sql) = match kind(&base.ty) {
        Kind::Number => {
            let sql = world.chance.pick(&["{} + 1", "{} * 2", "coalesce({}, 0)"])?;
            (Type::Integer, sql)
        }
        _ => (base.ty.clone(), world.chance.pick(&["lower({})", "coalesce({}, 'none')", "upper({})"])?),
    };
    Some((ty, Computed { sql: sql.replace("{}", &name), stored }))
}

/// `add_column`, at any place.
pub(super) fn add(world: &mut World<'_>) -> Option<Offer> {
    let table = world.any_table()?;
    let (column, mut keys) = column_keys(world, &table);
    match world.chance.below(8) {
        0 => keys.push(("first".to_owned(), Yaml::from(true))),
        1 => keys.push(("after".to_owned(), Yaml::from(world.chance.pick(&names(&table))?))),
        _ => {}
    }
    let mut all =
        vec![("table".to_owned(), Yaml::from(table.name.to_string())), ("column".to_owned(), Yaml::from(column.name))];
    all.extend(keys);
    Offer::new("add_column", all)?.or(&["E0309"])
}

fn any_column(world: &mut World<'_>, fits: impl Fn(&Table, &Column) -> bool) -> Option<(Table, Column)> {
    let table = world.any_table()?;
    let columns: Vec<Column> = table.columns.iter().filter(|column| fits(&table, column)).cloned().collect();
    Some((Table::clone(&table), world.chance.pick(&columns)?))
}

fn column_of(table: &Table, column: &Column) -> Keys {
    vec![
        ("table".to_owned(), Yaml::from(table.name.to_string())),
        ("column".to_owned(), Yaml::from(column.name.clone())),
    ]
}

fn alter(table: &Table, column: &Column, keys: Keys) -> Option<Offer> {
    let mut all = column_of(table, column);
    all.extend(keys);
    Offer::new("alter_column", all)
}

/// `drop_column`, with what is made of it or not.
pub(super) fn drop(world: &mut World<'_>) -> Option<Offer> {
    let (table, column) = any_column(world, |table, _| table.columns.len() > 1)?;
    let mut keys = column_of(&table, &column);
    keys.push(("cascade".to_owned(), Yaml::from(world.chance.one_in(2))));
    Offer::new("drop_column", keys)?.or(&["E0312"])
}

/// `rename_column`, also to a name that differs in case only.
pub(super) fn rename(world: &mut World<'_>) -> Option<Offer> {
    let (table, column) = any_column(world, |_, _| true)?;
    let to = match world.chance.one_in(8) {
        true => column.name.to_uppercase(),
        false => world.column_name(&names(&table)),
    };
    let mut keys = column_of(&table, &column);
    keys.push(("to".to_owned(), Yaml::from(to)));
    Offer::new("rename_column", keys)?.or(&["E0304"])
}

/// Whether some expression of the table speaks of a column.
fn is_spoken_of(world: &World<'_>, table: &Table, column: &Column) -> bool {
    let found = crate::change::column_mentions(table, &column.name, world.context.dialect.lexicon());
    let text = |sql: &str| crate::sql::mentions(sql, &column.name, world.context.dialect.lexicon());
    !found.computed.is_empty()
        || table
            .constraints
            .iter()
            .any(|one| matches!(&one.kind, crate::schema::ConstraintKind::Check { sql } if text(sql)))
        || table.indexes.iter().any(|index| {
            index.predicate.as_deref().is_some_and(text)
                || index
                    .parts
                    .iter()
                    .any(|part| matches!(&part.key, crate::schema::IndexKey::Expression(sql) if text(sql)))
        })
}

/// Whether an expression of a column means and reads the same with another type. PostgreSQL writes a cast into it where whole
/// numbers become decimals, and leaves it there on the way back.
fn same_words(one: &Type, other: &Type) -> bool {
    kind(one) == kind(other) && matches!(one, Type::Decimal(_)) == matches!(other, Type::Decimal(_))
}

fn new_type(world: &mut World<'_>, table: &Table, column: &Column) -> Option<Type> {
    let spoken_of = is_spoken_of(world, table, column);
    let types: Vec<Type> = COMMON.iter().filter_map(|text| Type::parse(text).ok()).collect();
    let fits = |ty: &&Type| {
        let wider = values::keeps_values(&column.ty, ty);
        let narrower = values::keeps_values(ty, &column.ty);
        **ty != column.ty && (wider || narrower) && (!spoken_of || same_words(&column.ty, ty))
    };
    let types: Vec<Type> = types.iter().filter(fits).cloned().collect();
    world.chance.pick(&types)
}

/// `alter_column` with another type that has a value for every row.
pub(super) fn alter_type(world: &mut World<'_>) -> Option<Offer> {
    let (table, column) = any_column(world, |_, column| column.computed.is_none())?;
    let ty = new_type(world, &table, &column)?;
    alter(&table, &column, vec![("type".to_owned(), Yaml::from(ty.to_string()))])?.or(&["E0311", "E0212"])
}

/// `alter_column` with the other nullability.
pub(super) fn alter_nullable(world: &mut World<'_>) -> Option<Offer> {
    let (table, column) = any_column(world, |table, column| {
        !table.primary_key_columns().contains(&column.name) && column.identity.is_none()
    })?;
    let mut keys = vec![("nullable".to_owned(), Yaml::from(!column.nullable))];
    if column.nullable
        && column.computed.is_none()
        && world.chance.one_in(2)
        && let Some(value) = default(world, &column.ty)
    {
        keys.push(("existing_null_value".to_owned(), value));
    }
    alter(&table, &column, keys)
}

/// `alter_column` with another default, or without one.
pub(super) fn alter_default(world: &mut World<'_>) -> Option<Offer> {
    let (table, column) = any_column(world, |_, column| column.computed.is_none() && column.identity.is_none())?;
    let remove = column.default.is_some() && world.chance.one_in(2);
    let default = if remove { Yaml::Null } else { default(world, &column.ty)? };
    alter(&table, &column, vec![("default".to_owned(), default)])
}

/// `alter_column` with another comment, or without one.
pub(super) fn alter_comment(world: &mut World<'_>) -> Option<Offer> {
    let (table, column) = any_column(world, |_, _| true)?;
    let comment = if column.comment.is_some() { Yaml::Null } else { Yaml::from(COMMENT) };
    alter(&table, &column, vec![("comment".to_owned(), comment)])
}

/// `alter_column` with another collation of the dialect, or without one.
pub(super) fn alter_collation(world: &mut World<'_>) -> Option<Offer> {
    let (table, column) = any_column(world, |_, column| kind(&column.ty) == Kind::Text && column.computed.is_none())?;
    let collation = match &column.collation {
        Some(_) => Yaml::Null,
        None => Yaml::from(match world.context.dialect.name() {
            "sqlite" => "NOCASE",
            "postgres" => "C",
            _ => world.context.dialect.capabilities().binary_collation?,
        }),
    };
    alter(&table, &column, vec![("collation".to_owned(), collation)])
}

/// `alter_column` with another expression.
pub(super) fn alter_computed(world: &mut World<'_>) -> Option<Offer> {
    let (table, column) = any_column(world, |_, column| column.computed.is_some())?;
    let (_, computed) = computed(world, &table).filter(|(ty, _)| *ty == column.ty)?;
    let stored = column.computed.is_some_and(|computed| computed.stored);
    let keys = map([("sql", Yaml::from(computed.sql)), ("stored", Yaml::from(stored))]);
    alter(&table, &Column { computed: None, ..column }, vec![("computed".to_owned(), keys)])
}

/// `alter_column` that begins or ends the numbering of a key.
pub(super) fn alter_identity(world: &mut World<'_>) -> Option<Offer> {
    let fits = |table: &Table, column: &Column| {
        table.primary_key_columns() == [column.name.as_str()]
            && matches!(column.ty, Type::SmallInt | Type::Integer | Type::BigInt)
            && column.default.is_none()
            && column.computed.is_none()
    };
    let (table, column) = any_column(world, fits)?;
    alter(&table, &column, vec![("identity".to_owned(), Yaml::from(column.identity.is_none()))])
}

/// `alter_column` with several things at once.
pub(super) fn alter_several(world: &mut World<'_>) -> Option<Offer> {
    let fits = |table: &Table, column: &Column| {
        column.computed.is_none() && column.identity.is_none() && !table.primary_key_columns().contains(&column.name)
    };
    let (table, column) = any_column(world, fits)?;
    let ty = new_type(world, &table, &column)?;
    let mut keys = vec![("type".to_owned(), Yaml::from(ty.to_string()))];
    if let Some(default) = default(world, &ty) {
        keys.push(("default".to_owned(), default));
    }
    keys.push(("nullable".to_owned(), Yaml::from(world.chance.one_in(2))));
    if world.chance.one_in(2) {
        keys.push(("comment".to_owned(), Yaml::from(COMMENT)));
    }
    alter(&table, &column, keys)?.or(&["E0311"])
}
