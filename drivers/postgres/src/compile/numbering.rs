//! A column that begins, ends or changes to be numbered in the old way (`serial`).
//!
//! The name of the sequence is the server's affair and may be any in a database that was there before, so it is asked for
//! when the statement runs; a block does that in a script too.

use aludel_engine::dialect::string_literal;
use aludel_engine::plan::{LockLevel, Statement, Work};
use aludel_engine::schema::{Column, ObjectName, Type};

use super::alter_column::sequence_of;
use super::column::identity_clause;
use crate::identifier::quote;
use crate::normalize::object_name;
use crate::types::quote_name;

/// A sequence that counts in the type of its column: one that `serial` made for an integer ends with the integers.
pub fn retype(table: &ObjectName, column: &Column) -> Statement {
    let sequence = sequence_of(table, &column.name);
    let word = counted(&column.ty);
    block(table, &[], &[format!("EXECUTE format('ALTER SEQUENCE %s AS {word}', {sequence})")])
}

/// The old way ends: an identity goes on where the sequence stands, or nothing does.
pub fn end(table: &ObjectName, column: &Column) -> Statement {
    let (alter, sequence) = (alter(table, column), sequence_of(table, &column.name));
    let Some(identity) = &column.identity else {
        let lines = [
            format!("own := {sequence}"),
            format!("{alter} DROP DEFAULT"),
            "EXECUTE format('DROP SEQUENCE %s', own)".to_owned(),
        ];
        return block(table, &["own text"], &lines);
    };
    let lines = [
        format!("own := {sequence}"),
        "EXECUTE format('SELECT last_value, is_called FROM %s', own) INTO place, used".to_owned(),
        format!("{alter} DROP DEFAULT"),
        "EXECUTE format('DROP SEQUENCE %s', own)".to_owned(),
        format!("{alter} ADD {}", identity_clause(identity)),
        format!("PERFORM setval({sequence}, place, used)"),
    ];
    block(table, &["own text", "place bigint", "used boolean"], &lines)
}

/// The old way begins, where an identity stood, or behind the rows that are there.
pub fn begin(table: &ObjectName, before: &Column, after: &Column) -> Statement {
    let (alter, sequence) = (alter(table, after), sequence_of(table, &after.name));
    let name = quote(&after.name);
    let mut own = table.clone();
    own.name = object_name(&table.name, &after.name, "seq");
    let new = quote_name(&own);
    let word = counted(&after.ty);
    let mut lines = Vec::new();
    let mut variables = Vec::new();
    if before.identity.is_some() {
        variables.extend(["place bigint", "used boolean"]);
        lines.push(format!("EXECUTE format('SELECT last_value, is_called FROM %s', {sequence}) INTO place, used"));
        lines.push(format!("{alter} DROP IDENTITY"));
    }
    lines.push(format!("CREATE SEQUENCE {new} AS {word} OWNED BY {}.{name}", quote_name(table)));
    lines.push(format!("{alter} SET DEFAULT nextval({})", string_literal(&new)));
    lines.push(match before.identity {
        Some(_) => format!("PERFORM setval({sequence}, place, used)"),
        None => format!("PERFORM setval({sequence}, max({name})) FROM {} HAVING max({name}) >= 1", quote_name(table)),
    });
    block(table, &variables, &lines).work(Work::Scan)
}

/// The type that a sequence counts in.
fn counted(ty: &Type) -> &'static str {
    match ty {
        Type::SmallInt => "smallint",
        Type::Integer => "integer",
        _ => "bigint",
    }
}

fn alter(table: &ObjectName, column: &Column) -> String {
    format!("ALTER TABLE {} ALTER COLUMN {}", quote_name(table), quote(&column.name))
}

fn block(table: &ObjectName, variables: &[&str], lines: &[String]) -> Statement {
    let mut sql = String::from("DO $aludel$\n");
    if !variables.is_empty() {
        sql.push_str(&format!("DECLARE {};\n", variables.join("; ")));
    }
    sql.push_str("BEGIN\n");
    for line in lines {
        sql.push_str(&format!("  {line};\n"));
    }
    sql.push_str("END $aludel$");
    Statement::ddl(sql).locks(table, LockLevel::BlocksAll)
}
