//! Views and triggers; what else other databases have besides tables, SQLite has not.

use aludel_engine::change::Change;
use aludel_engine::dialect::Unsupported;
use aludel_engine::plan::Statement;
use aludel_engine::schema::{Object, ObjectId, ObjectName, Schema};

use crate::dialect::Sqlite;

type Compiled = Result<Vec<Statement>, Unsupported>;

/// The statements of a change of such an object.
pub(super) fn change(_dialect: &Sqlite, before: &Schema, after: &Schema, change: &Change) -> Compiled {
    match change {
        Change::CreateObject { object, if_not_exists } => create(object, *if_not_exists),
        Change::DropObject { object } => drop(object),
        Change::DropObjectIfExists { id } => drop_if_exists(id),
        Change::AlterObject { before: old, after: new } => alter(old, new),
        Change::RenameObject { id, to } => rename(before, after, id, to),
        _ => Ok(Vec::new()),
    }
}

fn create(object: &Object, _if_not_exists: bool) -> Compiled {
    Err(none(&object.id()))
}

fn drop(object: &Object) -> Compiled {
    Err(none(&object.id()))
}

fn drop_if_exists(id: &ObjectId) -> Compiled {
    Err(none(id))
}

fn alter(_before: &Object, after: &Object) -> Compiled {
    Err(none(&after.id()))
}

fn rename(_before: &Schema, _after: &Schema, id: &ObjectId, _to: &ObjectName) -> Compiled {
    Err(none(id))
}

fn none(id: &ObjectId) -> Unsupported {
    Unsupported::new(format!("SQLite has no {}, so there is no `{}`", id.class.word(), id.name))
        .about(id.name.to_string())
}
