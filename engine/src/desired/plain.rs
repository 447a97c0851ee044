//! Defaults as a person would write them: `0` and `{fn: now}` for what a database reports as SQL.

use crate::dialect::Dialect;
use crate::operation::fit_column;
use crate::schema::{Column, Function, Schema, Table, Type, Value};

/// A schema whose defaults are values of the language where a value of the language comes out as the very same default. The
/// dialect itself says so: both are put in its words and compared.
#[must_use]
pub fn plain(schema: &Schema, dialect: &dyn Dialect) -> Schema {
    let mut settled = schema.clone();
    let mut alone = Schema::default();
    schema.enums().cloned().for_each(|found| alone.put_enum(found));
    let tables = schema.tables().filter(|table| table.columns.iter().any(has_sql_default));
    // A server may hold what the language refuses, such as the day 0000-00-00 or a text longer than its column.
    let fits = |value: &&Value, column: &Column| {
        fit_column(value, column, dialect, &alone).is_ok() && dialect.literal(value, &column.ty).is_ok()
    };
    for table in tables {
        let words = |table: &Table| {
            let mut trial = alone.clone();
            trial.put_table(table.clone());
            dialect.normalize(&trial).table(&table.name).cloned()
        };
        let Some(goal) = words(table) else { continue };
        let mut written = Table::clone(table);
        let most = table.columns.iter().map(|column| candidates(column).len()).max().unwrap_or(0);
        for round in 0..most {
            let mut trial = written.clone();
            for column in trial.columns.iter_mut().filter(|column| has_sql_default(column)) {
                if let Some(candidate) = candidates(column).get(round).filter(|value| fits(value, column)) {
                    column.default = Some(candidate.clone());
                }
            }
            let Some(found) = words(&trial) else { break };
            for (column, tried) in written.columns.iter_mut().zip(trial.columns) {
                let same = |table: &Table| table.column(&column.name).map(|column| column.default.clone());
                if has_sql_default(column) && same(&goal) == same(&found) {
                    column.default = tried.default;
                }
            }
        }
        settled.put_table(written);
    }
    settled
}

fn has_sql_default(column: &Column) -> bool {
    matches!(column.default, Some(Value::Sql(_)))
}

/// What a person may have written for a default.
fn candidates(column: &Column) -> Vec<Value> {
    let Some(Value::Sql(sql)) = &column.default else { return Vec::new() };
    let mut found = Vec::new();
    // What stands before a cast, and between parentheses.
    let text = sql.split("::").next().unwrap_or_default().trim().trim_matches(['(', ')']).trim();
    match &column.ty {
        Type::Boolean => match text.to_ascii_lowercase().as_str() {
            "true" | "1" => found.push(Value::Bool(true)),
            "false" | "0" => found.push(Value::Bool(false)),
            _ => {}
        },
        Type::SmallInt | Type::Integer | Type::BigInt => {
            found.extend(unquoted(text).parse().ok().map(Value::Integer));
        }
        Type::Decimal(_) | Type::Real | Type::Double => {
            let text = unquoted(text);
            match text.parse::<i64>() {
                Ok(number) => found.push(Value::Integer(number)),
                Err(_) if text.parse::<f64>().is_ok_and(f64::is_finite) => found.push(Value::Number(text)),
                Err(_) => {}
            }
        }
        Type::Json | Type::Jsonb => {}
        Type::Binary(_) | Type::Varbinary(_) | Type::Blob if text.starts_with('\'') && text.ends_with('\'') => {
            found.push(Value::Bytes(unquoted(text).into_bytes()));
        }
        _ if text.starts_with('\'') && text.ends_with('\'') && text.len() > 1 => {
            found.push(Value::Text(unquoted(text)));
        }
        _ => {}
    }
    let functions: &[Function] = match &column.ty {
        Type::Timestamp(_) | Type::TimestampTz(_) | Type::Time(_) => &[Function::Now],
        Type::Date => &[Function::Today, Function::Now],
        Type::Uuid => &[Function::Uuid],
        Type::Char(_) | Type::Varchar(_) | Type::Text => &[Function::CurrentUser, Function::Uuid],
        _ => &[],
    };
    found.extend(functions.iter().map(|function| Value::Function(*function)));
    found
}

/// The text of a string literal; any other text as it is.
fn unquoted(text: &str) -> String {
    match text.strip_prefix('\'').and_then(|rest| rest.strip_suffix('\'')) {
        Some(inner) => inner.replace("''", "'"),
        None => text.to_owned(),
    }
}
