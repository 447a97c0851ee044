//! Whether PostgreSQL can hold a definition, found before anything is compiled.

use aludel_engine::dialect::Unsupported;
use aludel_engine::schema::{Column, Constraint, ConstraintKind, ForeignKey, Index, OptionValue, Schema, Table, Type};

use crate::version::Features;
use crate::{literal, types};

/// Everything in a table's definition that PostgreSQL cannot hold.
pub fn table(table: &Table, schema: &Schema, features: &Features) -> Vec<Unsupported> {
    let mut wrong = Vec::new();
    for column in &table.columns {
        wrong.extend(column_errors(column, features).into_iter().map(|error| error.about(&column.name)));
    }
    for constraint in &table.constraints {
        if let Err(error) = self::constraint(constraint, features) {
            wrong.push(error);
        }
        if let Some(key) = constraint.foreign_key() {
            wrong.extend(number_of_another_kind(table, key, schema));
        }
        let referred = constraint.foreign_key().and_then(|key| schema.table(&key.referred_table));
        if let Some(referred) = referred.filter(|referred| referred.name != table.name)
            && referred.options.flag("unlogged")
            && !table.options.flag("unlogged")
        {
            let name = constraint.name.as_deref().unwrap_or("(unnamed)");
            wrong.push(
                Unsupported::new(format!(
                    "`{name}` of `{}` refers to `{}`, which is unlogged",
                    table.name, referred.name
                ))
                .about(name)
                .help("a table that is logged may refer to logged tables only: make both or neither `unlogged`"),
            );
        }
    }
    for index in &table.indexes {
        if let Err(error) = self::index(index, features) {
            wrong.push(error);
        }
    }
    wrong
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
    match constraint.kind {
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
    let harmless = |c: char| c.is_alphanumeric() || matches!(c, '_' | '.' | '(' | ')' | '=' | ',' | ' ' | '-' | '"');
    if let Some(opclass) =
        index.parts.iter().filter_map(|part| part.opclass.as_deref()).find(|o| !o.chars().all(harmless))
    {
        return refuse(
            format!("`{opclass}` of the index `{name}` is not an operator class"),
            "write its name, with its parameters in parentheses where it has some".to_owned(),
        );
    }
    if index.parts.is_empty() {
        return refuse(format!("the index `{name}` has no columns"), "name at least one".to_owned());
    }
    Ok(())
}
