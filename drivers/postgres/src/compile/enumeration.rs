//! Enums: types of their own, whose values can be added and renamed but not removed.

use std::collections::BTreeSet;

use aludel_engine::dialect::{Unsupported, string_literal};
use aludel_engine::plan::{LockLevel, Statement, Work};
use aludel_engine::schema::{Column, Enum, ObjectName, Table, Type};

use super::{Compiled, Context, column, comment, detach, view};
use crate::identifier::quote;
use crate::literal;
use crate::types::quote_name;

/// The change.
#[derive(Debug, Clone, Copy)]
pub struct AlterEnum<'a> {
    pub before: &'a Enum,
    pub after: &'a Enum,
    pub renamed: &'a [(String, String)],
    pub replaced: &'a [(String, String)],
}

/// The longest value: NAMEDATALEN less one (manual, 8.7).
const MAX_VALUE_BYTES: usize = 63;

/// Types of `pg_catalog` whose names somebody may want for an enum (manual, 8).
const SYSTEM_TYPES: [&str; 52] = [
    "aclitem",
    "bit",
    "bool",
    "box",
    "bpchar",
    "bytea",
    "char",
    "cid",
    "cidr",
    "circle",
    "date",
    "float4",
    "float8",
    "inet",
    "int2",
    "int4",
    "int8",
    "interval",
    "json",
    "jsonb",
    "jsonpath",
    "line",
    "lseg",
    "macaddr",
    "money",
    "name",
    "numeric",
    "oid",
    "path",
    "point",
    "polygon",
    "record",
    "refcursor",
    "regclass",
    "regrole",
    "regtype",
    "text",
    "tid",
    "time",
    "timestamp",
    "timestamptz",
    "timetz",
    "trigger",
    "tsquery",
    "tsvector",
    "unknown",
    "uuid",
    "varbit",
    "varchar",
    "void",
    "xid",
    "xml",
];

/// An enum appears.
pub fn create(enumeration: &Enum) -> Compiled {
    // The system's types are found before those of any namespace, and no quotes help.
    if enumeration.name.schema.is_none() && SYSTEM_TYPES.contains(&enumeration.name.name.as_str()) {
        return Err(Unsupported::new(format!(
            "PostgreSQL has a type `{0}` of its own, which hides the enum `{0}`",
            enumeration.name
        ))
        .about(enumeration.name.to_string())
        .help("give the enum another name, or a namespace"));
    }
    let mut statements = vec![create_type(&enumeration.name, enumeration)?];
    statements.extend(comment::on_new(&object(&enumeration.name), enumeration.comment.as_deref())?);
    Ok(statements)
}

fn object(name: &ObjectName) -> String {
    format!("TYPE {}", quote_name(name))
}

fn create_type(name: &ObjectName, enumeration: &Enum) -> Result<Statement, Unsupported> {
    let values: Vec<String> = enumeration.values.iter().map(|value| label(value)).collect::<Result<_, _>>()?;
    Ok(Statement::ddl(format!("CREATE TYPE {} AS ENUM ({})", quote_name(name), values.join(", "))))
}

fn label(value: &str) -> Result<String, Unsupported> {
    if value.len() > MAX_VALUE_BYTES {
        return Err(Unsupported::new(format!("the enum value `{value}` is longer than {MAX_VALUE_BYTES} bytes"))
            .about(value)
            .help("choose a shorter word"));
    }
    literal::string(value, &Type::Text)
}

/// An enum goes.
pub fn drop(enumeration: &Enum) -> Vec<Statement> {
    vec![Statement::ddl(format!("DROP TYPE {}", quote_name(&enumeration.name)))]
}

/// The values of an enum change.
pub fn alter(context: &Context<'_>, change: &AlterEnum<'_>) -> Compiled {
    let AlterEnum { before, after, renamed, .. } = *change;
    let kept: Vec<&str> = before.values.iter().map(|value| new_word(renamed, value)).collect();
    let in_order = {
        let mut rest = after.values.iter();
        kept.iter().all(|value| rest.any(|new| new == value))
    };
    let mut statements = match in_order {
        true => in_place(change, &kept)?,
        false => {
            let tables: Vec<&ObjectName> =
                context.before.enum_columns(&before.name).map(|(table, _)| &table.name).collect();
            view::around(context, &tables, anew(context, change)?)?
        }
    };
    // The type that was made anew has no comment yet.
    let old_comment = if in_order { before.comment.as_deref() } else { None };
    statements.extend(comment::changed(&object(&after.name), old_comment, after.comment.as_deref())?);
    Ok(statements)
}

fn new_word<'a>(renamed: &'a [(String, String)], value: &'a str) -> &'a str {
    renamed.iter().find(|(old, _)| old == value).map_or(value, |(_, new)| new)
}

/// Renames and adds values of the type as it is.
fn in_place(change: &AlterEnum<'_>, kept: &[&str]) -> Compiled {
    let AlterEnum { after, renamed, .. } = *change;
    let name = quote_name(&after.name);
    let mut statements = Vec::new();
    for (old, new) in in_safe_order(renamed) {
        statements.push(Statement::ddl(format!("ALTER TYPE {name} RENAME VALUE {} TO {}", label(&old)?, label(&new)?)));
    }
    let mut present: BTreeSet<&str> = kept.iter().copied().collect();
    for (place, value) in after.values.iter().enumerate() {
        if !present.insert(value) {
            continue;
        }
        let position = match place.checked_sub(1).map(|before| &after.values[before]) {
            Some(previous) => format!(" AFTER {}", label(previous)?),
            None => match kept.first() {
                Some(first) => format!(" BEFORE {}", label(first)?),
                None => String::new(),
            },
        };
        // A value cannot be used in the transaction that added it (manual, ALTER TYPE, Notes), so it commits by itself.
        statements.push(Statement::ddl(format!("ALTER TYPE {name} ADD VALUE {}{position}", label(value)?)).outside());
    }
    Ok(statements)
}

/// Renames in an order in which no new word is still taken; a circle goes through a word of its own.
fn in_safe_order(pairs: &[(String, String)]) -> Vec<(String, String)> {
    let mut rest: Vec<(String, String)> = pairs.iter().filter(|(old, new)| old != new).cloned().collect();
    let mut ordered = Vec::with_capacity(rest.len());
    while !rest.is_empty() {
        let free = rest.iter().position(|(_, new)| !rest.iter().any(|(old, _)| old == new));
        match free {
            Some(place) => ordered.push(rest.remove(place)),
            None => {
                let (old, new) = rest.remove(0);
                let mut parked = format!("{old}__aludel");
                while rest.iter().any(|(word, _)| *word == parked) {
                    parked.push('_');
                }
                ordered.push((old, parked.clone()));
                rest.push((parked, new));
            }
        }
    }
    ordered
}

/// Makes the type anew beside the old one, moves every column over, and drops the old one.
fn anew(context: &Context<'_>, change: &AlterEnum<'_>) -> Compiled {
    let AlterEnum { before, after, .. } = *change;
    let name = &after.name;
    let old_name = free_name(context, name);
    let mut statements = vec![Statement::ddl(format!(
        "ALTER TYPE {} RENAME TO {}",
        quote_name(&before.name),
        quote(&old_name.name)
    ))
    .note(format!("PostgreSQL cannot remove or reorder values, so the enum `{name}` is made anew; rights granted on the type itself are not carried over"))];
    statements.push(create_type(name, after)?);
    let mut restore = Vec::new();
    let mut moved = Vec::new();
    let mut tables: Vec<(&Table, Vec<&Column>)> = Vec::new();
    for (table, column) in context.before.enum_columns(&before.name) {
        match tables.iter_mut().find(|(seen, _)| seen.name == table.name) {
            Some((_, columns)) => columns.push(column),
            None => tables.push((table, vec![column])),
        }
    }
    for (table, columns) in tables {
        let names: Vec<&str> = columns.iter().map(|column| column.name.as_str()).collect();
        let detached = detach::from_enum_columns(context, table, &names)?;
        statements.extend(detached.drop);
        restore.extend(detached.restore);
        moved.extend(move_columns(context, change, table, &columns)?);
    }
    statements.extend(moved);
    // Foreign keys come back when both of their tables have the new type.
    let (keys, others): (Vec<Statement>, Vec<Statement>) =
        restore.into_iter().partition(|statement| statement.sql.contains(" FOREIGN KEY "));
    statements.extend(others);
    statements.extend(keys);
    statements.push(Statement::ddl(format!("DROP TYPE {}", quote_name(&old_name))));
    Ok(statements)
}

/// A name for the old type that nothing has.
fn free_name(context: &Context<'_>, name: &ObjectName) -> ObjectName {
    const SUFFIX: &str = "__old";
    let mut stem = name.name.clone();
    while stem.len() > 63 - SUFFIX.len() - 2 {
        stem.pop();
    }
    let mut candidate = name.sibling(format!("{stem}{SUFFIX}"));
    while context.before.enumeration(&candidate).is_some() || context.before.table(&candidate).is_some() {
        candidate.name.push('_');
    }
    candidate
}

fn move_columns(context: &Context<'_>, change: &AlterEnum<'_>, table: &Table, columns: &[&Column]) -> Compiled {
    let mut actions = Vec::new();
    let after_table = context.table_after(&table.name).unwrap_or(table);
    for column in columns.iter().filter(|column| column.computed.is_none()) {
        let name = quote(&column.name);
        if column::default(context, column)?.is_some() {
            actions.push(format!("ALTER COLUMN {name} DROP DEFAULT"));
        }
        let ty = crate::types::render(&column.ty)?;
        let expression = match column.ty {
            Type::Array(_) => array_conversion(&name, &ty, change)?,
            _ => conversion(&name, &ty, change)?,
        };
        actions.push(format!("ALTER COLUMN {name} TYPE {ty} USING {expression}"));
        let after = after_table.column(&column.name).unwrap_or(column);
        if let Some(default) = column::default(context, after)? {
            actions.push(format!("ALTER COLUMN {name} SET DEFAULT {default}"));
        }
    }
    if actions.is_empty() {
        return Ok(Vec::new());
    }
    let sql = format!("ALTER TABLE {}\n  {}", quote_name(&table.name), actions.join(",\n  "));
    Ok(vec![Statement::ddl(sql).work(Work::Copy).locks(&table.name, LockLevel::BlocksAll)])
}

/// Old words and new ones: what is renamed and what is replaced.
fn pairs(change: &AlterEnum<'_>) -> Vec<(String, String)> {
    change.renamed.iter().chain(change.replaced).filter(|(old, new)| old != new).cloned().collect()
}

fn conversion(column: &str, ty: &str, change: &AlterEnum<'_>) -> Result<String, Unsupported> {
    let pairs = pairs(change);
    if pairs.is_empty() {
        return Ok(format!("{column}::text::{ty}"));
    }
    let mut sql = format!("(CASE {column}::text");
    for (old, new) in &pairs {
        sql.push_str(&format!(" WHEN {} THEN {}", label(old)?, label(new)?));
    }
    sql.push_str(&format!(" ELSE {column}::text END)::{ty}"));
    Ok(sql)
}

/// The same for an array, where no subquery is allowed: one replacement after the other.
fn array_conversion(column: &str, ty: &str, change: &AlterEnum<'_>) -> Result<String, Unsupported> {
    let mut sql = format!("{column}::text[]");
    for (old, new) in in_safe_order(&pairs(change)) {
        sql = format!("array_replace({sql}, {}, {})", string_literal(&old), string_literal(&new));
    }
    Ok(format!("{sql}::{ty}"))
}
