//! A schema made from nothing: what the model says, in one go. When its catalog equals that of a database that came to
//! the same schema step by step, the server itself says that the steps did what they should.

use std::sync::Arc;

use crate::change::Change;
use crate::dialect::Dialect;
use crate::diff::creation;
use crate::driver::Connection;
use crate::plan::{Statement, Transaction, compile_changes};
use crate::schema::{ObjectClass, Schema};

/// Makes everything of a schema in an empty database.
///
/// # Errors
/// What could not be made, with the statement.
pub(super) fn create(connection: &mut dyn Connection, model: &Schema) -> Result<(), String> {
    let dialect = connection.dialect();
    let mut reached = Schema::default();
    for change in creation(model) {
        run(connection, &*dialect, &mut reached, std::slice::from_ref(&change))?;
    }
    Ok(())
}

/// Drops the triggers, so that rows can be put in as they are.
///
/// # Errors
/// What could not be dropped.
pub(super) fn without_triggers(connection: &mut dyn Connection, model: &Schema) -> Result<(), String> {
    let dialect = connection.dialect();
    let mut reached = model.clone();
    for object in model.objects().filter(|object| object.class() == ObjectClass::Trigger) {
        run(connection, &*dialect, &mut reached, &[Change::DropObject { object: Arc::clone(object) }])?;
    }
    Ok(())
}

/// Compiles changes and runs them, outside of any history.
pub(super) fn run(
    connection: &mut dyn Connection,
    dialect: &dyn Dialect,
    schema: &mut Schema,
    changes: &[Change],
) -> Result<(), String> {
    let before = schema.clone();
    for change in changes {
        change.apply(schema, dialect.lexicon()).map_err(|conflict| conflict.to_string())?;
    }
    let described = || changes.iter().map(Change::describe).collect::<Vec<_>>().join(", ");
    let compiled = compile_changes(dialect, changes, &before)
        .map_err(|refusal| format!("{}: {}", described(), refusal.message))?;
    for (_, statements) in compiled {
        send(connection, dialect, &statements)?;
    }
    Ok(())
}

fn send(connection: &mut dyn Connection, dialect: &dyn Dialect, statements: &[Statement]) -> Result<(), String> {
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
