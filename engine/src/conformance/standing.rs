//! A schema made from nothing: what the model says, in one go. When its catalog equals that of a database that came to
//! the same schema step by step, the server itself says that the steps did what they should.

use std::sync::Arc;

use crate::change::Change;
use crate::dialect::{Compile, Dialect};
use crate::driver::Connection;
use crate::plan::Transaction;
use crate::schema::{Schema, Table};

/// Makes everything of a schema in an empty database.
///
/// # Errors
/// What could not be made, with the statement.
pub(super) fn create(connection: &mut dyn Connection, model: &Schema) -> Result<(), String> {
    let dialect = connection.dialect();
    let mut reached = Schema::default();
    for change in changes(model) {
        run(connection, &*dialect, &mut reached, &change)?;
    }
    Ok(())
}

/// Compiles a change and runs it, outside of any history.
pub(super) fn run(
    connection: &mut dyn Connection,
    dialect: &dyn Dialect,
    schema: &mut Schema,
    change: &Change,
) -> Result<(), String> {
    let before = schema.clone();
    change.apply(schema, dialect.lexicon()).map_err(|conflict| conflict.to_string())?;
    let context = Compile { before: &before, after: schema };
    let statements = dialect
        .compile(&context, std::slice::from_ref(change))
        .map_err(|refusal| format!("{}: {}", change.describe(), refusal.message))?;
    let transactional = dialect.capabilities().transactional_ddl
        && statements.iter().all(|statement| statement.transaction == Transaction::Inside);
    let mut batch: Vec<&str> = Vec::new();
    for sql in statements.iter().flat_map(|statement| &statement.prologue) {
        if !batch.contains(&sql.as_str()) {
            batch.push(sql);
        }
    }
    batch.extend(transactional.then_some(dialect.capabilities().begin));
    batch.extend(statements.iter().map(|statement| statement.sql.as_str()));
    batch.extend(transactional.then_some("COMMIT"));
    batch.extend(statements.iter().flat_map(|statement| &statement.epilogue).map(String::as_str));
    for sql in batch {
        connection.execute(sql).map_err(|error| format!("{error}\n  in: {sql}"))?;
    }
    Ok(())
}

/// The changes that lead from nothing to a schema: enums, tables, and last the constraints that need other tables or
/// that cannot be made with their table.
fn changes(model: &Schema) -> Vec<Change> {
    let mut changes: Vec<Change> =
        model.enums().map(|found| Change::CreateEnum { enumeration: Arc::clone(found) }).collect();
    let mut waiting: Vec<&Arc<Table>> = model.tables().collect();
    let mut later = Vec::new();
    while !waiting.is_empty() {
        let refers_to_waiting = |table: &&Arc<Table>| {
            let whole = table.partition.as_ref().map(|partition| &partition.of);
            whole.is_some_and(|whole| waiting.iter().any(|w| w.name == *whole))
                || table.foreign_keys().any(|(_, key)| {
                    key.referred_table != table.name && waiting.iter().any(|w| w.name == key.referred_table)
                })
        };
        // In a circle the first has to do without its references until all are there.
        let next = waiting.iter().position(|table| !refers_to_waiting(table)).unwrap_or(0);
        let table = waiting.remove(next);
        let mut made = Table::clone(table);
        made.constraints.retain(|constraint| {
            let waits =
                constraint.foreign_key().is_some_and(|key| waiting.iter().any(|w| w.name == key.referred_table));
            if waits || !constraint.validated {
                later.push(Change::AddConstraint { table: table.name.clone(), constraint: constraint.clone() });
            }
            !waits && constraint.validated
        });
        changes.push(Change::CreateTable { table: Arc::new(made), if_not_exists: false });
    }
    changes.extend(later);
    changes
}
