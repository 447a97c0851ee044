//! Rows.

use aludel_engine::change::{InsertRows, LoadRows, OnConflict};
use aludel_engine::dialect::{Unsupported, comma_list};
use aludel_engine::plan::Statement;
use aludel_engine::schema::{Type, Value};

use super::execute::keywords;
use super::rows::parenthesised;
use crate::identifier::{quote, quote_list};
use crate::literal::literal;

/// How many rows one statement inserts at most.
const ROWS: usize = 500;

/// How long one statement is at most, unless a single row is longer.
const BYTES: usize = 256 * 1024;

/// How many keys of several columns one statement names at most: each is a level of the expression, which may have 1000.
/// <https://sqlite.org/limits.html#max_expr_depth>
const KEYS: usize = 200;

/// INSERT, many rows at a time.
pub fn insert(rows: &InsertRows) -> Result<Vec<Statement>, Unsupported> {
    let names: Vec<&str> = rows.columns.iter().map(|(name, _)| name.as_str()).collect();
    let table = quote(&rows.table.name);
    let head = format!("INSERT INTO {table} ({}) VALUES", quote_list(&names));
    let tail = conflict(rows, &names);
    let mut texts = Vec::with_capacity(rows.rows.len());
    for row in &rows.rows {
        let mut cells = Vec::with_capacity(row.len());
        for (value, (name, ty)) in row.iter().zip(&rows.columns) {
            cells.push(match value {
                Value::Sql(sql) if needs_parentheses(sql) => parenthesised(sql),
                value => literal(value, ty).map_err(|refusal| refusal.about(format!("{}.{name}", rows.table)))?,
            });
        }
        texts.push(format!("({})", comma_list(cells)));
    }
    if names.is_empty() {
        return Ok(rows.rows.iter().map(|_| Statement::dml(format!("INSERT INTO {table} DEFAULT VALUES"))).collect());
    }
    Ok(chunks(&texts, ROWS)
        .into_iter()
        .map(|chunk| Statement::dml(format!("{head}\n  {}{tail}", chunk.join(",\n  "))))
        .collect())
}

/// Whether a text cannot stand between commas as it is: a subquery, or one that ends in a comment.
fn needs_parentheses(sql: &str) -> bool {
    sql.contains("--") || keywords(sql, 1).iter().any(|word| matches!(word.as_str(), "SELECT" | "WITH" | "VALUES"))
}

/// The rows of a file. The text says how they are sent; the rows come after it.
pub fn load(load: &LoadRows) -> Statement {
    let columns = quote_list(&load.columns().map(|column| column.name.as_str()).collect::<Vec<_>>());
    Statement::data(
        format!("INSERT INTO {} ({columns}) VALUES {}", quote(&load.table.name), load.remark()),
        load,
        false,
    )
}

/// The rows of a file go, by their keys.
pub fn unload(load: &LoadRows) -> Statement {
    let key = quote_list(&load.key);
    Statement::data(format!("DELETE FROM {} WHERE ({key}) IN {}", quote(&load.table.name), load.remark()), load, true)
}

/// What to do about rows that are there. DO NOTHING, not OR IGNORE, which would swallow broken checks as well.
fn conflict(rows: &InsertRows, names: &[&str]) -> String {
    let others: Vec<&str> =
        names.iter().copied().filter(|name| !rows.key.iter().any(|key| key.eq_ignore_ascii_case(name))).collect();
    match rows.on_conflict {
        OnConflict::Error => String::new(),
        OnConflict::Ignore => "\nON CONFLICT DO NOTHING".to_owned(),
        OnConflict::Update => {
            let target = match rows.key.is_empty() {
                true => String::new(),
                false => format!("({}) ", quote_list(&rows.key)),
            };
            if others.is_empty() {
                return format!("\nON CONFLICT {target}DO NOTHING");
            }
            let set = comma_list(others.iter().map(|name| format!("{0} = excluded.{0}", quote(name))));
            format!("\nON CONFLICT {target}DO UPDATE SET {set}")
        }
    }
}

/// DELETE by key. `IS` and not `=`, so that NULL finds NULL.
pub fn delete(rows: &InsertRows) -> Result<Vec<Statement>, Unsupported> {
    let mut key: Vec<(usize, &str, &Type)> = Vec::new();
    for name in &rows.key {
        let place = rows.columns.iter().position(|(column, _)| column.eq_ignore_ascii_case(name));
        let Some((place, (column, ty))) = place.and_then(|place| Some((place, rows.columns.get(place)?))) else {
            return Err(Unsupported::new(format!("the rows of `{}` have no value for the key `{name}`", rows.table))
                .about(rows.table.to_string()));
        };
        key.push((place, column, ty));
    }
    if key.is_empty() {
        return Err(Unsupported::new(format!("the rows of `{}` cannot be found again without a key", rows.table))
            .about(rows.table.to_string())
            .help("say which columns name a row: `key: [id]`"));
    }
    let mut single = Vec::new();
    let mut conditions = Vec::new();
    for row in &rows.rows {
        let mut terms = Vec::new();
        for (place, column, ty) in &key {
            let value = row.get(*place).unwrap_or(&Value::Null);
            let sql = literal(value, ty).map_err(|refusal| refusal.about(format!("{}.{column}", rows.table)))?;
            if key.len() == 1 && *value != Value::Null && value.is_literal() {
                single.push(sql);
            } else {
                terms.push(format!("{} IS {sql}", quote(column)));
            }
        }
        match terms.as_slice() {
            [] => {}
            [term] => conditions.push(term.clone()),
            _ => conditions.push(format!("({})", terms.join(" AND "))),
        }
    }
    let head = format!("DELETE FROM {} WHERE", quote(&rows.table.name));
    let mut statements = Vec::new();
    if let [(_, column, _)] = key.as_slice() {
        for chunk in chunks(&single, ROWS) {
            statements.push(Statement::dml(format!("{head} {} IN ({})", quote(column), chunk.join(", "))));
        }
    }
    for chunk in chunks(&conditions, KEYS) {
        statements.push(Statement::dml(format!("{head} {}", chunk.join("\n  OR "))));
    }
    Ok(statements)
}

/// Texts in runs that are neither too many nor too long together.
fn chunks(texts: &[String], most: usize) -> Vec<&[String]> {
    let mut found = Vec::new();
    let mut from = 0;
    let mut bytes = 0;
    for (at, text) in texts.iter().enumerate() {
        if at > from && (at - from >= most || bytes + text.len() > BYTES) {
            found.push(texts.get(from..at).unwrap_or_default());
            from = at;
            bytes = 0;
        }
        bytes += text.len();
    }
    if from < texts.len() {
        found.push(texts.get(from..).unwrap_or_default());
    }
    found
}
