//! Enums: a text column and a check with a name.

use aludel_engine::dialect::{Unsupported, comma_list, string_literal};
use aludel_engine::plan::Statement;
use aludel_engine::schema::{Column, Constraint, ConstraintKind, Enum, ObjectName, Schema, Type};

use super::rebuild::{self, Rebuild};
use super::source::Source;
use crate::dialect::Sqlite;
use crate::expression::without_parentheses;
use crate::identifier::quote;
use aludel_engine::sql::TokenKind;

use crate::lex::{self, tokens};

/// The name of the check of an enum column.
pub fn check_name(table: &str, column: &str) -> String {
    format!("ck_{table}_{column}_enum")
}

/// Whether a name is one that [`check_name`] gives.
pub fn is_check_name(name: &str) -> bool {
    name.starts_with("ck_") && name.ends_with("_enum")
}

/// The check of a column, if its type is a declared enum.
pub fn check(table: &ObjectName, column: &Column, schema: &Schema) -> Option<Constraint> {
    let Type::Enum(name) = &column.ty else {
        return None;
    };
    let values = comma_list(schema.enumeration(name)?.values.iter().map(|value| string_literal(value)));
    let sql = format!("{} IN ({values})", quote(&column.name));
    Some(Constraint::new(Some(check_name(&table.name, &column.name)), ConstraintKind::Check { sql }))
}

/// The column of a check that says nothing but which texts the column may hold.
pub fn checked_column(sql: &str) -> Option<String> {
    let sql = without_parentheses(sql);
    let tokens = tokens(sql);
    let (column, values) = match tokens.as_slice() {
        [column, keyword, open, values @ .., close]
            if keyword.text(sql).eq_ignore_ascii_case("IN") && open.text(sql) == "(" && close.text(sql) == ")" =>
        {
            (column, values)
        }
        [column, equal, value] if equal.text(sql) == "=" => (column, std::slice::from_ref(value)),
        _ => return None,
    };
    let named = matches!(column.kind, TokenKind::Word | TokenKind::QuotedIdentifier);
    let texts = values.iter().all(|value| value.kind == TokenKind::String || value.text(sql) == ",");
    (named && texts).then(|| lex::name(column, sql))
}

/// Gives every column of an enum its new check, and the rows their new words, in one go: keys may refer from one such
/// column to another.
pub fn alter(
    dialect: &Sqlite,
    before: &Schema,
    after: &Schema,
    old: &Enum,
    new: &Enum,
    words: &[(String, String)],
) -> Result<Vec<Statement>, Unsupported> {
    if old.values == new.values && words.is_empty() {
        return Ok(Vec::new());
    }
    let mut rebuilds: Vec<Rebuild> = Vec::new();
    for (table, column) in before.enum_columns(&old.name) {
        let at = match rebuilds.iter().position(|rebuild| rebuild.before.name == table.name) {
            Some(at) => at,
            None => {
                let new_table = after.table(&table.name).unwrap_or(table);
                rebuilds.push(Rebuild::of(dialect, table, new_table, after, &[])?);
                rebuilds.len() - 1
            }
        };
        if !words.is_empty()
            && let Some(rebuild) = rebuilds.get_mut(at)
        {
            rebuild.set_source(&column.name, Source::expression(replaced(&column.name, words)));
        }
    }
    if rebuilds.is_empty() {
        return Ok(Vec::new());
    }
    rebuild::statements(&rebuilds, after, &format!("alter enum {}", new.name))
}

fn replaced(column: &str, words: &[(String, String)]) -> String {
    let column = quote(column);
    let cases: String =
        words.iter().map(|(old, new)| format!(" WHEN {} THEN {}", string_literal(old), string_literal(new))).collect();
    format!("CASE {column}{cases} ELSE {column} END")
}
