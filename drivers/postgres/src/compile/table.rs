//! Tables.

use std::collections::BTreeMap;

use aludel_engine::change::TableProperties;
use aludel_engine::dialect::Unsupported;
use aludel_engine::plan::{LockLevel, Statement, Work};
use aludel_engine::schema::{Constraint, ConstraintKind, ObjectName, OptionValue, Options, Table};

use super::{
    Compiled, Context, column, comment, constraint, index, parameter_name, parameter_value, storage_parameters,
};
use crate::identifier::quote;
use crate::partition;
use crate::types::quote_name;

/// A table appears, with what belongs to it.
pub fn create(context: &Context<'_>, table: &Table, if_not_exists: bool) -> Compiled {
    let name = quote_name(&table.name);
    let mut inline: Vec<&Constraint> = Vec::new();
    let mut later: Vec<&Constraint> = Vec::new();
    for constraint in &table.constraints {
        // Inside CREATE TABLE, NOT VALID is taken for valid, because there are no rows yet, and a second key of the same
        // columns is left out (`transformIndexConstraints` of the server).
        let again =
            is_key(constraint) && inline.iter().any(|other| is_key(other) && other.columns() == constraint.columns());
        if again || !constraint.validated { later.push(constraint) } else { inline.push(constraint) }
    }
    let mut lines = Vec::new();
    // The columns of a partition are its table's.
    let columns = if table.partition.is_some() { &[][..] } else { table.columns.as_slice() };
    for column in columns {
        lines.push(format!("  {}", column::definition(context, column)?));
    }
    for constraint in &inline {
        lines.push(format!("  {}", constraint::definition(context, &table.name, constraint)?));
    }
    let mut sql = format!(
        "CREATE {}TABLE {}{name}",
        if table.options.flag("unlogged") { "UNLOGGED " } else { "" },
        if if_not_exists { "IF NOT EXISTS " } else { "" },
    );
    if let Some(partition) = &table.partition {
        sql.push_str(&format!(" PARTITION OF {}", quote_name(&partition.of)));
    }
    match lines.is_empty() {
        false => sql.push_str(&format!(" (\n{}\n)", lines.join(",\n"))),
        true if table.partition.is_none() => sql.push_str(" ()"),
        true => {}
    }
    if let Some(partition) = &table.partition {
        sql.push_str(&format!("\n{}", partition::bound(&partition.values)));
    }
    if let Some(partition) = table.options.text("partition_by") {
        sql.push_str(&format!("\nPARTITION BY {partition}"));
    }
    if let Some(parameters) = storage_parameters(&table.options)? {
        sql.push_str(&format!("\nWITH ({parameters})"));
    }
    if let Some(tablespace) = table.options.text("tablespace") {
        sql.push_str(&format!("\nTABLESPACE {}", quote(tablespace)));
    }
    let mut statement = Statement::ddl(sql);
    if let Some(partition) = &table.partition {
        statement = statement.locks(&partition.of, LockLevel::BlocksAll);
    }
    for constraint in &inline {
        statement = constraint::lock_referred(statement, &table.name, constraint);
    }
    let mut statements = vec![statement];
    statements.extend(comment::on_new(&format!("TABLE {name}"), table.comment.as_deref())?);
    for column in columns {
        statements.extend(column::properties(&table.name, column)?);
    }
    for constraint in &inline {
        statements.extend(constraint::comment_on_new(&table.name, constraint)?);
    }
    for constraint in later {
        statements.extend(constraint::add(context, &table.name, constraint)?);
    }
    for index in &table.indexes {
        statements.extend(index::create_on_new_table(context, table, index, if_not_exists)?);
    }
    Ok(statements)
}

fn is_key(constraint: &Constraint) -> bool {
    matches!(constraint.kind, ConstraintKind::PrimaryKey { .. } | ConstraintKind::Unique { .. })
}

/// A table goes.
pub fn drop(context: &Context<'_>, table: &Table) -> Vec<Statement> {
    let mut statements = detach_referred(context, table);
    let mut statement =
        Statement::ddl(format!("DROP TABLE {}", quote_name(&table.name))).locks(&table.name, LockLevel::BlocksAll);
    let mut locked = vec![&table.name];
    if let Some(partition) = &table.partition {
        locked.push(&partition.of);
        statement = statement.locks(&partition.of, LockLevel::BlocksAll);
    }
    for (_, key) in table.foreign_keys() {
        if !locked.contains(&&key.referred_table) {
            locked.push(&key.referred_table);
            // Dropping a foreign key takes its triggers off the table it refers to.
            statement = statement.locks(&key.referred_table, LockLevel::BlocksAll);
        }
    }
    statements.push(statement);
    statements
}

/// A partition of a table that is referred to cannot go before it is one no more.
fn detach_referred(context: &Context<'_>, table: &Table) -> Vec<Statement> {
    let Some(partition) = &table.partition else { return Vec::new() };
    let mut whole = Some(&partition.of);
    while let Some(name) = whole {
        if context.before.references_to(name).next().is_some() {
            let sql = format!("ALTER TABLE {} DETACH PARTITION {}", quote_name(&partition.of), quote_name(&table.name));
            let statement = Statement::ddl(sql).work(Work::Scan);
            let statement =
                statement.locks(&partition.of, LockLevel::BlocksAll).locks(&table.name, LockLevel::BlocksAll);
            return vec![statement];
        }
        whole = context.table_before(name).and_then(|table| table.partition.as_ref()).map(|partition| &partition.of);
    }
    Vec::new()
}

/// A table that the history does not know goes.
pub fn drop_if_exists(table: &ObjectName) -> Vec<Statement> {
    vec![Statement::ddl(format!("DROP TABLE IF EXISTS {}", quote_name(table))).locks(table, LockLevel::BlocksAll)]
}

/// A table gets another name or namespace.
pub fn rename(from: &ObjectName, to: &ObjectName) -> Compiled {
    let mut statements = Vec::new();
    let mut current = from.clone();
    if from.schema != to.schema {
        let Some(schema) = &to.schema else {
            return Err(Unsupported::new(format!(
                "PostgreSQL must be told the namespace that the table `{from}` moves to"
            ))
            .about(from.to_string())
            .help(format!("write it out: `to: public.{}`", to.name)));
        };
        statements.push(
            Statement::ddl(format!("ALTER TABLE {} SET SCHEMA {}", quote_name(from), quote(schema)))
                .locks(from, LockLevel::BlocksAll),
        );
        current.schema.clone_from(&to.schema);
    }
    if from.name != to.name {
        statements.push(
            Statement::ddl(format!("ALTER TABLE {} RENAME TO {}", quote_name(&current), quote(&to.name)))
                .locks(&current, LockLevel::BlocksAll),
        );
    }
    Ok(statements)
}

/// The comment or the options of a table change.
pub fn alter(table: &ObjectName, before: &TableProperties, after: &TableProperties) -> Compiled {
    let name = quote_name(table);
    let mut statements = Vec::new();
    let option = |options: &Options, key: &str| options.text(key).map(str::to_owned);
    if option(&before.options, "partition_by") != option(&after.options, "partition_by") {
        return Err(Unsupported::new(format!(
            "PostgreSQL cannot change how the table `{table}` is divided into partitions"
        ))
        .about(table.to_string())
        .help("create a new table with the other `partition_by`, copy the rows and rename it"));
    }
    let (set, reset) = parameter_changes(&before.options, &after.options)?;
    if !set.is_empty() {
        statements.push(online(table, format!("ALTER TABLE {name} SET ({})", set.join(", "))));
    }
    if !reset.is_empty() {
        statements.push(online(table, format!("ALTER TABLE {name} RESET ({})", reset.join(", "))));
    }
    if before.options.flag("unlogged") != after.options.flag("unlogged") {
        let word = if after.options.flag("unlogged") { "UNLOGGED" } else { "LOGGED" };
        statements.push(copy(table, format!("ALTER TABLE {name} SET {word}")));
    }
    let (old, new) = (option(&before.options, "tablespace"), option(&after.options, "tablespace"));
    if old != new {
        let tablespace = new.unwrap_or_else(|| "pg_default".to_owned());
        statements.push(copy(table, format!("ALTER TABLE {name} SET TABLESPACE {}", quote(&tablespace))));
    }
    statements.extend(comment::changed(&format!("TABLE {name}"), before.comment.as_deref(), after.comment.as_deref())?);
    Ok(statements)
}

fn online(table: &ObjectName, sql: String) -> Statement {
    Statement::ddl(sql).locks(table, LockLevel::Online)
}

fn copy(table: &ObjectName, sql: String) -> Statement {
    Statement::ddl(sql).work(Work::Copy).locks(table, LockLevel::BlocksAll)
}

/// The storage parameters to set and to reset.
fn parameter_changes(before: &Options, after: &Options) -> Result<(Vec<String>, Vec<String>), Unsupported> {
    let none = BTreeMap::new();
    let parameters = |options: &Options| match options.get("with") {
        Some(OptionValue::Map(parameters)) => parameters.clone(),
        _ => none.clone(),
    };
    let (old, new) = (parameters(before), parameters(after));
    let mut set = Vec::new();
    for (name, value) in &new {
        if old.get(name) != Some(value) {
            set.push(format!("{} = {}", parameter_name(name), parameter_value(name, value)?));
        }
    }
    let reset = old.keys().filter(|name| !new.contains_key(*name)).map(|name| parameter_name(name)).collect();
    Ok((set, reset))
}
