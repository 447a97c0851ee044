//! Whether PostgreSQL can hold a definition, found before anything is compiled.

use aludel_engine::dialect::Unsupported;
use aludel_engine::schema::{
    Column, Constraint, ConstraintKind, Exclude, ForeignKey, Index, IndexPart, OptionValue, ReferentialAction, Schema,
    Table, Type,
};
use aludel_engine::sql::mentions;

use crate::version::Features;
use crate::{expression, literal, method, partition, serial, types};

/// Everything in a table's definition that PostgreSQL cannot hold.
pub fn table(table: &Table, schema: &Schema, features: &Features) -> Vec<Unsupported> {
    let mut wrong = logging(table, schema);
    wrong.extend(partition::check(table, schema, features));
    for column in &table.columns {
        wrong.extend(column_errors(column, features).into_iter().map(|error| error.about(&column.name)));
        wrong.extend(computed_of_computed(table, column));
    }
    for constraint in &table.constraints {
        if let Err(error) = self::constraint(constraint, features) {
            wrong.push(error);
        }
        if let Some(key) = constraint.foreign_key() {
            wrong.extend(number_of_another_kind(table, key, schema));
        }
    }
    for index in &table.indexes {
        if let Err(error) = self::index(index, features) {
            wrong.push(error);
        }
    }
    wrong
}

/// A table in the write-ahead log cannot refer to one outside of it, which a crash empties.
fn logging(table: &Table, schema: &Schema) -> Vec<Unsupported> {
    let unlogged = table.options.flag("unlogged");
    let outbound = table.foreign_keys().filter(|(_, key)| {
        let referred = schema.table(&key.referred_table).filter(|referred| referred.name != table.name);
        !unlogged && referred.is_some_and(|referred| referred.options.flag("unlogged"))
    });
    let inbound = schema
        .references_to(&table.name)
        .filter(|(owner, _, _)| unlogged && owner.name != table.name && !owner.options.flag("unlogged"));
    let names = outbound
        .map(|(constraint, key)| (constraint, table.name.clone(), key.referred_table.clone()))
        .chain(inbound.map(|(owner, constraint, _)| (constraint, owner.name.clone(), table.name.clone())));
    names
        .map(|(constraint, from, to)| {
            let name = constraint.name.as_deref().unwrap_or("(unnamed)");
            Unsupported::new(format!(
                "by `{name}` the table `{from}` refers to `{to}`, which is unlogged while it is not"
            ))
            .about(name)
            .help("make both unlogged, the referring one first, or none")
        })
        .collect()
}

/// A generated column cannot read another one (manual, 5.4).
fn computed_of_computed(table: &Table, column: &Column) -> Option<Unsupported> {
    let computed = column.computed.as_ref()?;
    let others = table.columns.iter().filter(|other| other.computed.is_some() && other.name != column.name);
    let other = others.into_iter().find(|other| mentions(&computed.sql, &other.name, &expression::LEXICON))?;
    let message = format!(
        "the computed column `{}` of `{}` reads the computed column `{}`, which PostgreSQL does not allow",
        column.name, table.name, other.name
    );
    Some(
        Unsupported::new(message)
            .about(&column.name)
            .help(format!("write the expression of `{}` out in its place", other.name)),
    )
}

/// A decimal that refers to a whole number: there is no operator that compares the two in the way of the index (manual, 5.4.5).
fn number_of_another_kind(table: &Table, key: &ForeignKey, schema: &Schema) -> Option<Unsupported> {
    let referred = if key.referred_table == table.name { table } else { schema.table(&key.referred_table)? };
    let mut pairs = key.columns.iter().zip(&key.referred_columns);
    pairs.find_map(|(own, other)| {
        let (own, other) = (table.column(own)?, referred.column(other)?);
        let whole = matches!(other.ty, Type::SmallInt | Type::Integer | Type::BigInt);
        (whole && matches!(own.ty, Type::Decimal(_))).then(|| {
            Unsupported::new(format!(
                "`{}` is {} and refers to `{}.{}`, which is {}: PostgreSQL compares no decimal with the index of a whole number",
                own.name, own.ty, referred.name, other.name, other.ty
            ))
            .about(&own.name)
            .help("give both the same type")
        })
    })
}

fn column_errors(column: &Column, features: &Features) -> Vec<Unsupported> {
    let mut wrong = Vec::new();
    if let Err(error) = types::render(&column.ty) {
        wrong.push(error);
    }
    if let Some(default) = &column.default
        && let Err(error) = literal::render(default, &column.ty, features)
    {
        wrong.push(error);
    }
    if let Err(error) = self::column(column, features) {
        wrong.push(error);
    }
    wrong
}

/// Whether the parts of a column go together.
///
/// # Errors
/// When they do not.
pub fn column(column: &Column, features: &Features) -> Result<(), Unsupported> {
    let name = &column.name;
    let refuse = |message: String, help: &str| Err(Unsupported::new(message).about(name).help(help));
    if column.identity.is_some() {
        if !matches!(column.ty, Type::SmallInt | Type::Integer | Type::BigInt | Type::Native(_)) {
            return refuse(
                format!("the identity column `{name}` is a `{}`, and PostgreSQL numbers whole numbers only", column.ty),
                "make it a `smallint`, `integer` or `bigint`",
            );
        }
        if column.default.is_some() {
            return refuse(
                format!("the column `{name}` has both an identity and a default"),
                "an identity is its own default: remove one of the two",
            );
        }
    }
    if column.options.flag(serial::OPTION) {
        let Some(identity) = column.identity else {
            return refuse(
                format!("`serial` of `{name}` is about how rows are numbered, and the column numbers none"),
                "write `identity: true` beside it, or `postgres: {serial: false}`",
            );
        };
        let usual = identity.start.is_none_or(|start| start == 1) && identity.increment.is_none_or(|step| step == 1);
        if identity.always || !usual || serial::type_name(&column.ty).is_none() {
            return refuse(
                format!("the serial column `{name}` counts whole numbers from 1 by ones and takes given values"),
                "leave `serial` out: an identity has `always`, `start` and `increment`",
            );
        }
    }
    if column.collation.is_some() && !has_collation(&column.ty) {
        return refuse(
            format!("the column `{name}` is a `{}`, which has no collation", column.ty),
            "write `collation: null`",
        );
    }
    if let Some(computed) = &column.computed {
        if column.default.is_some() || column.identity.is_some() {
            return refuse(
                format!("the computed column `{name}` also has a default or an identity"),
                "a computed column gets its value from its expression alone",
            );
        }
        if !computed.stored && !features.virtual_columns {
            return refuse(
                format!("PostgreSQL before 18 has no virtual computed column such as `{name}`"),
                "write `stored: true`",
            );
        }
    }
    if column.options.text("compression").is_some() && !features.compression {
        return refuse(
            format!("PostgreSQL before 14 has no compression of a column such as `{name}`"),
            "remove `compression`, or move to PostgreSQL 14",
        );
    }
    Ok(())
}

/// Whether values of a type are compared by a collation; what a native type does is the database's to say.
fn has_collation(ty: &Type) -> bool {
    match ty {
        Type::Char(_) | Type::Varchar(_) | Type::Text | Type::Native(_) => true,
        Type::Array(element) => has_collation(element),
        _ => false,
    }
}

/// Whether a constraint can be held.
///
/// # Errors
/// When it cannot.
pub fn constraint(constraint: &Constraint, features: &Features) -> Result<(), Unsupported> {
    let name = constraint.name.as_deref().unwrap_or("(unnamed)");
    let refuse = |message: String, help: &str| Err(Unsupported::new(message).about(name).help(help));
    if constraint.options.flag("nulls_not_distinct") && !features.nulls_not_distinct {
        return refuse(
            format!("PostgreSQL before 15 has no `nulls_not_distinct`, which the constraint `{name}` asks for"),
            "remove it, or move to PostgreSQL 15",
        );
    }
    match &constraint.kind {
        ConstraintKind::ForeignKey(key) => foreign_key(constraint, key, name, features),
        ConstraintKind::Exclude(exclude) => self::exclude(constraint, exclude, name, features),
        ConstraintKind::Check { .. } if constraint.deferral != Default::default() => refuse(
            format!("PostgreSQL cannot defer a check constraint such as `{name}`"),
            "remove `deferrable`; only keys and foreign keys can wait until the commit",
        ),
        ConstraintKind::PrimaryKey { .. } | ConstraintKind::Unique { .. } if !constraint.validated => refuse(
            format!("PostgreSQL has no `not_valid` for a {} such as `{name}`", constraint.describe()),
            "remove `not_valid`; to keep writers going, create a unique index with `concurrently: true` instead",
        ),
        _ => Ok(()),
    }
}

fn foreign_key(constraint: &Constraint, key: &ForeignKey, name: &str, features: &Features) -> Result<(), Unsupported> {
    let set = constraint.options.texts("on_delete_columns");
    if set.is_empty() {
        return Ok(());
    }
    let refuse = |message: String, help: &str| Err(Unsupported::new(message).about(name).help(help));
    if !matches!(key.on_delete, ReferentialAction::SetNull | ReferentialAction::SetDefault) {
        return refuse(
            format!("`on_delete_columns` of `{name}` goes with `on_delete: set null` or `set default`"),
            "remove it, or say one of the two",
        );
    }
    if let Some(other) = set.iter().find(|column| !key.columns.iter().any(|own| own == *column)) {
        return refuse(
            format!("`{other}` of `on_delete_columns` is not a column of the foreign key `{name}`"),
            "name some of its own columns",
        );
    }
    match features.set_null_columns {
        true => Ok(()),
        false => refuse(
            format!("PostgreSQL before 15 has no `on_delete_columns`, which the foreign key `{name}` asks for"),
            "remove it, or move to PostgreSQL 15",
        ),
    }
}

fn exclude(constraint: &Constraint, exclude: &Exclude, name: &str, features: &Features) -> Result<(), Unsupported> {
    let refuse = |message: String, help: &str| Err(Unsupported::new(message).about(name).help(help));
    // manual, 4.1.3 Operators; a namespace may stand before it
    let is_operator = |text: &str| !text.is_empty() && text.chars().all(|c| "+-*/<>=~!@#%^&|`?".contains(c));
    for element in &exclude.elements {
        let operator = element.operator.rsplit_once('.').map_or(element.operator.as_str(), |(_, operator)| operator);
        if !is_operator(operator) {
            return refuse(
                format!("`{}` of the exclusion constraint `{name}` is not an operator", element.operator),
                "write one that gives the same both ways round, such as `=` or `&&`",
            );
        }
        opclass(element.part.opclass.as_deref(), name)?;
    }
    let method = exclude.method.to_lowercase();
    if method == "gin" || method == "brin" {
        return refuse(
            format!("the method `{method}` finds no single rows, so the exclusion constraint `{name}` cannot use it"),
            "use `gist`, or `spgist`, `btree` or `hash`",
        );
    }
    let parts: Vec<&IndexPart> = exclude.elements.iter().map(|element| &element.part).collect();
    let include = !constraint.options.texts("include").is_empty();
    method::check(method::Wanted { method: &method, name, parts: &parts, unique: false, include }, features)
}

/// Whether a text can be an operator class, with its parameters.
fn opclass(text: Option<&str>, name: &str) -> Result<(), Unsupported> {
    let harmless = |c: char| c.is_alphanumeric() || matches!(c, '_' | '.' | '(' | ')' | '=' | ',' | ' ' | '-' | '"');
    match text.filter(|text| !text.chars().all(harmless)) {
        None => Ok(()),
        Some(text) => Err(Unsupported::new(format!("`{text}` of `{name}` is not an operator class"))
            .about(name)
            .help("write its name, with its parameters in parentheses where it has some")),
    }
}

/// Whether an index can be held.
///
/// # Errors
/// When it cannot.
pub fn index(index: &Index, features: &Features) -> Result<(), Unsupported> {
    let name = &index.name;
    let refuse = |message: String, help: String| Err(Unsupported::new(message).about(name).help(help));
    if let Some(part) = index.parts.iter().find(|part| part.length.is_some()) {
        let column = part.column_name().unwrap_or("…");
        return refuse(
            format!("PostgreSQL cannot index the first characters of a column, as `{name}` does with `length`"),
            format!("index the expression: `{{expr: \"left({column}, {})\"}}`", part.length.unwrap_or_default()),
        );
    }
    if let Some(OptionValue::Bool(true)) = index.options.get("nulls_not_distinct") {
        if !index.unique {
            return refuse(
                format!("`nulls_not_distinct` means nothing on `{name}`, which is not unique"),
                "remove it, or write `unique: true`".to_owned(),
            );
        }
        if !features.nulls_not_distinct {
            return refuse(
                format!("PostgreSQL before 15 has no `nulls_not_distinct`, which the index `{name}` asks for"),
                "remove it, or move to PostgreSQL 15".to_owned(),
            );
        }
    }
    for part in &index.parts {
        opclass(part.opclass.as_deref(), name)?;
    }
    if index.parts.is_empty() {
        return refuse(format!("the index `{name}` has no columns"), "name at least one".to_owned());
    }
    let using = index.options.text("using").unwrap_or("btree").to_lowercase();
    let parts: Vec<&IndexPart> = index.parts.iter().collect();
    let include = !index.options.texts("include").is_empty();
    method::check(method::Wanted { method: &using, name, parts: &parts, unique: index.unique, include }, features)
}
