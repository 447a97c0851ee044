//! Changes of rows that a condition finds.

use aludel_engine::change::{DeleteWhere, Filter, UpdateRows};
use aludel_engine::dialect::Unsupported;
use aludel_engine::plan::Statement;
use aludel_engine::schema::Value;

use super::alter_column::refuses_values;
use super::{Compiled, Context};
use crate::identifier::quote;
use crate::types::quote_name;
use crate::{expression, literal};

/// UPDATE.
pub fn update(context: &Context<'_>, update: &UpdateRows) -> Compiled {
    let table = context.table_before(&update.table);
    let mut set = Vec::with_capacity(update.set.len());
    for (name, ty, value) in &update.set {
        if table.is_some_and(|table| refuses_values(table, name)) {
            return Err(Unsupported::new(format!(
                "`{}.{name}` is an identity column that is always made by PostgreSQL, which lets no one update it",
                update.table
            ))
            .about(name)
            .help("let it be `identity: true` instead of `{always: true}` first"));
        }
        let sql = match value {
            Value::Sql(sql) => expression::operand(sql),
            value => literal::render(value, ty, context.features).map_err(|error| error.about(name))?,
        };
        set.push(format!("{} = {sql}", quote(name)));
    }
    let condition = condition(context, &update.filter)?;
    Ok(vec![Statement::dml(format!("UPDATE {} SET {}{condition}", quote_name(&update.table), set.join(", ")))])
}

/// DELETE.
pub fn delete(context: &Context<'_>, delete: &DeleteWhere) -> Compiled {
    let condition = condition(context, &delete.filter)?;
    Ok(vec![Statement::dml(format!("DELETE FROM {}{condition}", quote_name(&delete.table)))])
}

fn condition(context: &Context<'_>, filter: &Filter) -> Result<String, Unsupported> {
    Ok(match filter {
        Filter::All => String::new(),
        Filter::Sql(sql) => format!(" WHERE {sql}"),
        Filter::Equal(values) => {
            let mut terms = Vec::with_capacity(values.len());
            for (name, ty, value) in values {
                terms.push(match value {
                    Value::Null => format!("{} IS NULL", quote(name)),
                    value => {
                        let value = literal::for_comparison(value, ty, context.features);
                        format!("{} = {}", quote(name), value.map_err(|error| error.about(name))?)
                    }
                });
            }
            format!(" WHERE {}", terms.join(" AND "))
        }
    })
}
