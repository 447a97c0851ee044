//! Whole tables.

use aludel_engine::dialect::{Unsupported, string_literal};
use aludel_engine::plan::{LockLevel, Statement};
use aludel_engine::schema::{Column, ObjectName, Schema, Table};

use super::guard::Guard;
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

/// DROP TABLE. Foreign keys that the history knows of went before.
pub fn drop(name: &ObjectName) -> Vec<Statement> {
    vec![Statement::ddl(format!("DROP TABLE {}", quote(&name.name))).locks(name, LockLevel::BlocksWrites)]
}

/// DROP TABLE IF EXISTS of a table that the history does not know. It may not know either who refers to it, and their rows
/// would go along with ON DELETE CASCADE: <https://sqlite.org/foreignkeys.html#fk_schemacommands>
pub fn drop_if_exists(name: &ObjectName) -> Vec<Statement> {
    let table = string_literal(&name.name.to_ascii_lowercase());
    let mut guard = Guard::default();
    guard.group();
    guard.assert(
        "referring_tables",
        format!("other tables refer to {name}; drop their foreign keys first"),
        format!(
            "SELECT count(DISTINCT s.name) FROM sqlite_schema AS s JOIN pragma_foreign_key_list(s.name) AS f\n  WHERE s.type = 'table' AND lower(f.\"table\") = {table} AND lower(s.name) <> {table}"
        ),
    );
    let mut statements = vec![Statement::ddl(guard.create())];
    statements.extend(guard.check(0).map(Statement::ddl));
    statements.push(
        Statement::ddl(format!("DROP TABLE IF EXISTS {}", quote(&name.name))).locks(name, LockLevel::BlocksWrites),
    );
    statements.push(Statement::ddl(guard.drop()));
    statements
}

/// ALTER TABLE … RENAME TO: references, indexes, triggers and views follow.
pub fn rename(from: &ObjectName, to: &ObjectName) -> Result<Vec<Statement>, Unsupported> {
    refuse_namespace(to)?;
    let step = |from: &str, to: &str| format!("ALTER TABLE {} RENAME TO {}", quote(from), quote(to));
    // A name that differs in case only counts as taken.
    let steps = match from.name.eq_ignore_ascii_case(&to.name) && from.name != to.name {
        true => {
            let between = format!("_aludel_new_{}", to.name);
            vec![step(&from.name, &between), step(&between, &to.name)]
        }
        false => vec![step(&from.name, &to.name)],
    };
    Ok(steps.into_iter().map(|sql| Statement::ddl(sql).locks(from, LockLevel::BlocksWrites)).collect())
}
