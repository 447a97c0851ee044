//! Triggers.

use aludel_engine::plan::{LockLevel, Statement};
use aludel_engine::schema::{ObjectName, Trigger};

use super::{Compiled, comment};
use crate::identifier::quote;
use crate::types::quote_name;

/// A trigger appears.
pub fn create(trigger: &Trigger) -> Compiled {
    let mut statements = vec![Statement::ddl(&trigger.sql).locks(&trigger.table, LockLevel::BlocksWrites)];
    statements.extend(comment::on_new(&object(&trigger.name, &trigger.table), trigger.comment.as_deref())?);
    Ok(statements)
}

/// A trigger goes.
pub fn drop(trigger: &Trigger) -> Statement {
    Statement::ddl(format!("DROP {}", object(&trigger.name, &trigger.table)))
        .locks(&trigger.table, LockLevel::BlocksAll)
}

/// A trigger that the history does not know goes.
pub fn drop_if_exists(name: &str, table: &ObjectName) -> Statement {
    let table_name = quote_name(table);
    Statement::ddl(format!("DROP TRIGGER IF EXISTS {} ON {table_name}", quote(name))).locks(table, LockLevel::BlocksAll)
}

/// A trigger gets another definition.
pub fn replace(before: &Trigger, after: &Trigger) -> Compiled {
    if before.sql == after.sql {
        let object = object(&after.name, &after.table);
        let changed = comment::changed(&object, before.comment.as_deref(), after.comment.as_deref())?;
        return Ok(changed.into_iter().collect());
    }
    let mut statements = vec![drop(before)];
    statements.extend(create(after)?);
    Ok(statements)
}

fn object(name: &str, table: &ObjectName) -> String {
    format!("TRIGGER {} ON {}", quote(name), quote_name(table))
}
