//! Changes of rows that a condition finds.

use aludel_engine::change::{DeleteWhere, Filter, UpdateRows};
use aludel_engine::dialect::{Unsupported, comma_list};
use aludel_engine::plan::Statement;
use aludel_engine::schema::Value;

use crate::identifier::quote;
use crate::literal::literal;

/// UPDATE.
pub fn update(update: &UpdateRows) -> Result<Vec<Statement>, Unsupported> {
    let mut set = Vec::with_capacity(update.set.len());
    for (name, ty, value) in &update.set {
        let sql = match value {
            Value::Sql(sql) => parenthesised(sql),
            value => literal(value, ty).map_err(|refusal| refusal.about(format!("{}.{name}", update.table)))?,
        };
        set.push(format!("{} = {sql}", quote(name)));
    }
    let condition = condition(&update.filter)?;
    Ok(vec![Statement::dml(format!("UPDATE {} SET {}{condition}", quote(&update.table.name), comma_list(set)))])
}

/// DELETE.
pub fn delete(delete: &DeleteWhere) -> Result<Vec<Statement>, Unsupported> {
    let condition = condition(&delete.filter)?;
    Ok(vec![Statement::dml(format!("DELETE FROM {}{condition}", quote(&delete.table.name)))])
}

/// WHERE. `IS` and not `=`, so that NULL finds NULL.
fn condition(filter: &Filter) -> Result<String, Unsupported> {
    Ok(match filter {
        Filter::All => String::new(),
        Filter::Sql(sql) => format!(" WHERE {sql}"),
        Filter::Equal(values) => {
            let mut terms = Vec::with_capacity(values.len());
            for (name, ty, value) in values {
                terms.push(format!(
                    "{} IS {}",
                    quote(name),
                    literal(value, ty).map_err(|refusal| refusal.about(name))?
                ));
            }
            format!(" WHERE {}", terms.join(" AND "))
        }
    })
}

/// A user's text inside parentheses. A line comment at its end must not swallow what follows.
pub(super) fn parenthesised(sql: &str) -> String {
    let end = if sql.contains("--") { "\n" } else { "" };
    format!("({sql}{end})")
}
