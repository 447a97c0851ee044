//! Functions and procedures.

use aludel_engine::plan::Statement;
use aludel_engine::schema::{ObjectId, Routine};

use super::{Compiled, comment};
use crate::types::quote_name;

/// A routine appears.
pub fn create(routine: &Routine) -> Compiled {
    let mut statements = vec![Statement::ddl(&routine.sql)];
    statements.extend(comment::on_new(&object(routine), routine.comment.as_deref())?);
    Ok(statements)
}

/// A routine goes.
pub fn drop(routine: &Routine) -> Statement {
    Statement::ddl(format!("DROP {}", object(routine)))
}

/// A routine that the history does not know goes. `ROUTINE` stands for functions and procedures (manual, DROP ROUTINE).
pub fn drop_if_exists(id: &ObjectId) -> Statement {
    let arguments = id.qualifier.as_ref().map(|arguments| format!("({arguments})")).unwrap_or_default();
    Statement::ddl(format!("DROP ROUTINE IF EXISTS {}{arguments}", quote_name(&id.name)))
}

/// A routine gets another definition. What is built on it stays, so the server refuses another result type. One with other
/// arguments would be another routine beside it, so the one before goes.
pub fn replace(before: &Routine, after: &Routine) -> Compiled {
    let mut statements = Vec::new();
    if before.sql != after.sql && arguments(&before.sql) != arguments(&after.sql) {
        statements.push(drop(before));
        statements.push(Statement::ddl(&after.sql));
        statements.extend(comment::on_new(&object(after), after.comment.as_deref())?);
        return Ok(statements);
    }
    if before.sql != after.sql {
        statements.push(Statement::ddl(or_replace(&after.sql)));
    }
    statements.extend(comment::changed(&object(after), before.comment.as_deref(), after.comment.as_deref())?);
    Ok(statements)
}

/// What stands in the first parentheses of a definition, without what spaces and case say.
fn arguments(sql: &str) -> Option<String> {
    let (_, rest) = sql.split_once('(')?;
    let mut depth = 1_usize;
    let end = rest.char_indices().find_map(|(at, c)| {
        match c {
            '(' => depth += 1,
            ')' => depth -= 1,
            _ => {}
        }
        (depth == 0).then_some(at)
    })?;
    Some(rest.get(..end)?.split_whitespace().collect::<Vec<_>>().join(" ").to_lowercase())
}

/// `CREATE FUNCTION` as `CREATE OR REPLACE FUNCTION`.
fn or_replace(sql: &str) -> String {
    let after_create = sql.trim_start().get("create".len()..).unwrap_or_default();
    match after_create.trim_start().to_ascii_lowercase().starts_with("or ") {
        true => sql.to_owned(),
        false => format!("CREATE OR REPLACE{after_create}"),
    }
}

fn object(routine: &Routine) -> String {
    let kind = if routine.procedure { "PROCEDURE" } else { "FUNCTION" };
    let arguments = routine.arguments.as_ref().map(|arguments| format!("({arguments})")).unwrap_or_default();
    format!("{kind} {}{arguments}", quote_name(&routine.name))
}
