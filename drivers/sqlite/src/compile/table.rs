//! Whole tables.

use aludel_engine::dialect::{Unsupported, string_literal};
use aludel_engine::plan::{LockLevel, Statement};
use aludel_engine::schema::{Column, ObjectName, Schema, Table};

use super::{check, column, constraint, index, refuse_namespace};
use crate::dialect::Sqlite;
use crate::identifier::quote;

/// CREATE TABLE with its indexes.
pub fn create(
    dialect: &Sqlite,
    table: &Table,
    if_not_exists: bool,
    schema: &Schema,
) -> Result<Vec<Statement>, Unsupported> {
    check::refuse(dialect, table, schema)?;
    let guard = if if_not_exists { "IF NOT EXISTS " } else { "" };
    let mut statements =
        vec![Statement::ddl(format!("CREATE TABLE {guard}{}", body(table, &table.name.name, schema)?))];
    if let Some((_, start)) = table.columns.iter().find_map(first_number) {
        statements.push(Statement::dml(start_at(&table.name.name, start)));
    }
    for one in &table.indexes {
        statements.push(index::create(&table.name, one, if_not_exists)?);
    }
    Ok(statements)
}

/// The name, the list of columns and constraints, and the options of a table.
pub fn body(table: &Table, name: &str, schema: &Schema) -> Result<String, Unsupported> {
    let mut items = Vec::new();
    for one in &table.columns {
        items.push(column::definition(table, one, schema, &[])?);
    }
    let key_in_column = table.columns.iter().any(|column| column.identity.is_some());
    for one in &table.constraints {
        if !(one.is_primary_key() && key_in_column) {
            items.push(constraint::definition(one)?);
        }
    }
    let mut sql = format!("{} (\n  {}\n)", quote(name), items.join(",\n  "));
    let mut options = Vec::new();
    if table.options.flag("strict") {
        options.push("STRICT");
    }
    if table.options.flag("without_rowid") {
        options.push("WITHOUT ROWID");
    }
    if !options.is_empty() {
        sql.push(' ');
        sql.push_str(&options.join(", "));
    }
    Ok(sql)
}

/// The first number of an identity column that does not begin at 1.
pub fn first_number(column: &Column) -> Option<(&str, i64)> {
    let start = column.identity?.start?;
    (start != 1).then_some((column.name.as_str(), start))
}

/// Makes AUTOINCREMENT begin at a number. <https://sqlite.org/autoinc.html>
pub fn start_at(table: &str, start: i64) -> String {
    let name = string_literal(table);
    let last = start.saturating_sub(1);
    format!(
        "INSERT INTO sqlite_sequence (name, seq) SELECT {name}, {last} WHERE NOT EXISTS (SELECT 1 FROM sqlite_sequence WHERE name = {name})"
    )
}

/// DROP TABLE.
pub fn drop(name: &ObjectName, if_exists: bool) -> Vec<Statement> {
    let guard = if if_exists { "IF EXISTS " } else { "" };
    vec![Statement::ddl(format!("DROP TABLE {guard}{}", quote(&name.name))).locks(name, LockLevel::BlocksWrites)]
}

/// ALTER TABLE … RENAME TO: references, indexes, triggers and views follow.
pub fn rename(from: &ObjectName, to: &ObjectName) -> Result<Vec<Statement>, Unsupported> {
    refuse_namespace(to)?;
    let statement = Statement::ddl(format!("ALTER TABLE {} RENAME TO {}", quote(&from.name), quote(&to.name)));
    Ok(vec![statement.locks(from, LockLevel::BlocksWrites)])
}
