//! Changes of rows that a condition finds, and the rows of files.

use aludel_engine::change::{DeleteWhere, Filter, LoadRows, UpdateRows};
use aludel_engine::dialect::{Dialect, Unsupported, comma_list};
use aludel_engine::plan::Statement;
use aludel_engine::schema::{Type, Value};
use aludel_engine::sql::mentions;

use super::Compiler;

impl Compiler<'_> {
    pub(super) fn update_rows(&self, update: &UpdateRows) -> Result<Vec<Statement>, Unsupported> {
        let mut set = Vec::with_capacity(update.set.len());
        for (name, ty, value) in self.in_order(update)? {
            let sql = match value {
                Value::Sql(sql) => parenthesised(sql),
                value => self.dialect.literal(value, ty).map_err(|error| error.about(name))?,
            };
            set.push(format!("{} = {sql}", self.quote(name)));
        }
        let condition = self.condition(&update.filter)?;
        Ok(vec![Statement::dml(format!("UPDATE {} SET {}{condition}", self.name(&update.table), comma_list(set)))])
    }

    pub(super) fn delete_where(&self, delete: &DeleteWhere) -> Result<Vec<Statement>, Unsupported> {
        let condition = self.condition(&delete.filter)?;
        Ok(vec![Statement::dml(format!("DELETE FROM {}{condition}", self.name(&delete.table)))])
    }

    fn condition(&self, filter: &Filter) -> Result<String, Unsupported> {
        Ok(match filter {
            Filter::All => String::new(),
            Filter::Sql(sql) => format!(" WHERE {sql}"),
            Filter::Equal(values) => {
                let mut terms = Vec::with_capacity(values.len());
                for (name, ty, value) in values {
                    let column = self.quote(name);
                    terms.push(match value {
                        Value::Null => format!("{column} IS NULL"),
                        value => {
                            let value = self.dialect.literal(value, ty);
                            format!("{column} = {}", value.map_err(|error| error.about(name))?)
                        }
                    });
                }
                format!(" WHERE {}", terms.join(" AND "))
            }
        })
    }

    /// The assignments in an order in which each expression still sees the row as it was: the server makes them from left
    /// to right, and what it has assigned is what the next one reads.
    /// <https://dev.mysql.com/doc/refman/8.4/en/update.html>
    fn in_order<'u>(&self, update: &'u UpdateRows) -> Result<Vec<&'u (String, Type, Value)>, Unsupported> {
        let reads = |value: &Value, column: &str| match value {
            Value::Sql(sql) => mentions(sql, column, self.dialect.lexicon()),
            _ => false,
        };
        let mut rest: Vec<&(String, Type, Value)> = update.set.iter().collect();
        let mut ordered = Vec::with_capacity(rest.len());
        while !rest.is_empty() {
            let read_by_others = |(name, _, _): &(String, Type, Value)| {
                rest.iter().any(|(other, _, value)| other != name && reads(value, name))
            };
            let Some(next) = rest.iter().position(|assignment| !read_by_others(assignment)) else {
                let names: Vec<String> = rest.iter().map(|(name, _, _)| format!("`{name}`")).collect();
                return Err(Unsupported::new(format!(
                    "{} assigns one column after the other, and the new values of {} are made of each other",
                    self.title(),
                    names.join(" and ")
                ))
                .about(&update.set[0].0)
                .help("keep an old value in a column of its own first, in an `update` before this one"));
            };
            ordered.push(rest.remove(next));
        }
        Ok(ordered)
    }

    /// The rows of a file. The text says how they are sent; the rows come after it.
    pub(super) fn load_rows(&self, load: &LoadRows) -> Statement {
        let columns = self.names(load.columns().map(|column| &column.name));
        let sql = format!("INSERT INTO {} ({columns}) VALUES {}", self.name(&load.table), load.remark());
        Statement::data(sql, load, false)
    }

    /// The rows of a file go, by their keys.
    pub(super) fn unload_rows(&self, load: &LoadRows) -> Statement {
        let key = self.names(&load.key);
        let sql = format!("DELETE FROM {} WHERE ({key}) IN {}", self.name(&load.table), load.remark());
        Statement::data(sql, load, true)
    }
}

/// A user's text inside parentheses. A line comment at its end must not swallow what follows.
pub(super) fn parenthesised(sql: &str) -> String {
    let end = if sql.contains("--") || sql.contains('#') { "\n" } else { "" };
    format!("({sql}{end})")
}
