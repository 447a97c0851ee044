//! Column definitions.

use aludel_engine::dialect::Unsupported;
use aludel_engine::schema::{Column, Constraint, OptionValue, Schema, Table};

use super::{constraint, enumeration};
use crate::expression::parenthesised;
use crate::identifier::quote;
use crate::normalize::{admits_null, is_plain_integer};
use crate::{literal, types};

/// A column as in CREATE TABLE and ADD COLUMN, with the constraints that are to stand in it.
pub fn definition(
    table: &Table,
    column: &Column,
    schema: &Schema,
    inline: &[&Constraint],
) -> Result<String, Unsupported> {
    let mut text = quote(&column.name);
    let mut add = |part: &str| {
        if !part.is_empty() {
            text.push(' ');
            text.push_str(part);
        }
    };
    if column.identity.is_some() {
        // Only INTEGER, in this spelling, is the rowid: https://sqlite.org/lang_createtable.html#rowid
        add("INTEGER");
        if let Some(key) = table.primary_key() {
            add(&constraint::name_clause(key.name.as_deref()));
            add("PRIMARY KEY");
            add(&constraint::conflict_clause(&key.options)?);
        }
        if column.options.get("autoincrement") != Some(&OptionValue::Bool(false)) {
            add("AUTOINCREMENT");
        }
        return Ok(text);
    }
    add(&match table.options.flag("strict") {
        // Any other word than INTEGER makes it a column like others.
        _ if is_plain_integer(table, &column.name) => "INT".to_owned(),
        true => types::render_strict(&column.ty)?,
        false => types::render(&column.ty)?,
    });
    if let Some(collation) = &column.collation {
        add(&format!("COLLATE {}", collation_name(collation)));
    }
    if !column.nullable && !admits_null(table, &column.name) {
        add("NOT NULL");
        add(&constraint::conflict_clause(&column.options)?);
    }
    if let Some(default) = &column.default {
        add(&format!("DEFAULT {}", literal::default_clause(default, &column.ty)?));
    }
    if let Some(computed) = &column.computed {
        let kind = if computed.stored { "STORED" } else { "VIRTUAL" };
        add(&format!("GENERATED ALWAYS AS {} {kind}", parenthesised(&computed.sql)));
    }
    // In the column, so that DROP COLUMN takes it along: https://sqlite.org/lang_altertable.html#alter_table_drop_column
    if let Some(check) = enumeration::check(&table.name, column, schema) {
        add(&constraint::definition(&check)?);
    }
    for constraint in inline {
        add(&constraint::column_definition(constraint)?);
    }
    Ok(text)
}

/// The name of a collation; the built-in ones are written as the manual writes them.
pub fn collation_name(collation: &str) -> String {
    match ["BINARY", "NOCASE", "RTRIM"].iter().find(|name| name.eq_ignore_ascii_case(collation)) {
        Some(name) => (*name).to_owned(),
        None => quote(collation),
    }
}
