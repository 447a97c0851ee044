//! Views and triggers; what else other databases have besides tables, SQLite has not.

use std::sync::Arc;

use aludel_engine::change::Change;
use aludel_engine::dialect::{Unsupported, comma_list};
use aludel_engine::plan::Statement;
use aludel_engine::schema::{Object, ObjectClass, ObjectId, Schema, View};

use super::refuse_namespace;
use crate::dialect::Sqlite;
use crate::identifier::quote;
use crate::lex::LEXICON;

type Compiled = Result<Vec<Statement>, Unsupported>;

/// The statements of a change of such an object.
pub(super) fn change(_dialect: &Sqlite, before: &Schema, after: &Schema, change: &Change) -> Compiled {
    match change {
        Change::CreateObject { object, if_not_exists } => Ok(vec![create(object, *if_not_exists)?]),
        Change::DropObject { object } => Ok(vec![drop(&object.id(), false)?]),
        Change::DropObjectIfExists { id } => Ok(vec![drop(id, true)?]),
        Change::AlterObject { .. } | Change::RenameObject { .. } => exchange(before, after),
        _ => Ok(Vec::new()),
    }
}

fn create(object: &Object, if_not_exists: bool) -> Result<Statement, Unsupported> {
    match object {
        Object::View(view) => create_view(view, if_not_exists),
        Object::Trigger(trigger) => Ok(Statement::ddl(&trigger.sql)),
        Object::Namespace(_) | Object::Extension(_) | Object::Domain(_) | Object::Sequence(_) | Object::Routine(_) => {
            Err(none(&object.id()))
        }
    }
}

fn create_view(view: &View, if_not_exists: bool) -> Result<Statement, Unsupported> {
    refuse_namespace(&view.name)?;
    let refuse =
        |what: &str, help: &str| Err(Unsupported::new(what.to_owned()).about(view.name.to_string()).help(help));
    if view.materialized {
        return refuse(
            "SQLite has no materialized views",
            "leave `materialized` out under `sqlite:`, or keep a table that triggers fill",
        );
    }
    if view.check.is_some() {
        return refuse(
            "SQLite cannot write through a view, so it has no `with_check`",
            "leave `with_check` out under `sqlite:`",
        );
    }
    let exists = if if_not_exists { " IF NOT EXISTS" } else { "" };
    let columns = match view.columns.as_slice() {
        [] => String::new(),
        columns => format!(" ({})", comma_list(columns.iter().map(|column| quote(column)))),
    };
    Ok(Statement::ddl(format!("CREATE VIEW{exists} {}{columns} AS\n{}", quote(&view.name.name), view.sql)))
}

fn drop(id: &ObjectId, if_exists: bool) -> Result<Statement, Unsupported> {
    let exists = if if_exists { " IF EXISTS" } else { "" };
    match id.class {
        ObjectClass::View | ObjectClass::Trigger => {
            let kind = if id.class == ObjectClass::View { "VIEW" } else { "TRIGGER" };
            Ok(Statement::ddl(format!("DROP {kind}{exists} {}", quote(&id.name.name))))
        }
        ObjectClass::Namespace
        | ObjectClass::Extension
        | ObjectClass::Domain
        | ObjectClass::Sequence
        | ObjectClass::Routine => Err(none(id)),
    }
}

/// Nothing can be altered in place: what differs goes and is made again.
fn exchange(before: &Schema, after: &Schema) -> Compiled {
    around(before, after, Vec::new())
}

/// Statements that change a table, with the views whose text changes with it taken off before and made again after. SQLite
/// would name their columns after the table's. The triggers of a view go with it.
pub(super) fn around(before: &Schema, after: &Schema, change: Vec<Statement>) -> Compiled {
    let mut old: Vec<Arc<Object>> = changed(before, after);
    let mut new: Vec<Arc<Object>> = changed(after, before);
    if !change.is_empty() {
        with_readers(before, &mut old);
        with_readers(after, &mut new);
    }
    with_triggers(before, &mut old);
    with_triggers(after, &mut new);
    let mut statements = Vec::with_capacity(old.len() + new.len() + change.len());
    for object in old.iter().rev() {
        statements.push(drop(&object.id(), false)?);
    }
    statements.extend(change);
    for object in &new {
        statements.push(create(object, false)?);
    }
    Ok(statements)
}

/// The objects of one schema that another does not have alike.
fn changed(schema: &Schema, other: &Schema) -> Vec<Arc<Object>> {
    schema.objects().filter(|object| other.object(&object.id()) != Some(object)).map(Arc::clone).collect()
}

/// Adds what is built on views that are made again: SQLite looks into every view and trigger when it renames, and finds those
/// without what they read.
fn with_readers(schema: &Schema, objects: &mut Vec<Arc<Object>>) {
    let views = |objects: &[Arc<Object>]| -> Vec<ObjectId> {
        objects.iter().map(|object| object.id()).filter(|id| id.class == ObjectClass::View).collect()
    };
    let add = |found: Vec<Arc<Object>>, objects: &mut Vec<Arc<Object>>| {
        let more: Vec<Arc<Object>> = found.into_iter().filter(|object| !objects.contains(object)).collect();
        objects.extend(more);
    };
    for id in views(objects) {
        add(schema.dependent_views(&id.name, &LEXICON), objects);
    }
    for id in views(objects) {
        add(schema.direct_dependents(&id.name, &LEXICON), objects);
    }
}

/// Adds the triggers of views that are made again.
fn with_triggers(schema: &Schema, objects: &mut Vec<Arc<Object>>) {
    let views: Vec<ObjectId> = objects.iter().map(|object| object.id()).collect();
    for view in views.iter().filter(|id| id.class == ObjectClass::View) {
        for trigger in schema.triggers_of(&view.name) {
            let object = Arc::new(Object::Trigger(trigger.clone()));
            if !objects.contains(&object) {
                objects.push(object);
            }
        }
    }
}

fn none(id: &ObjectId) -> Unsupported {
    let (what, help) = match id.class {
        ObjectClass::Namespace => ("namespaces", "keep the step from SQLite with `except: [sqlite]`"),
        ObjectClass::Extension => ("extensions of this kind", "keep the step from SQLite with `except: [sqlite]`"),
        ObjectClass::Domain => ("domains", "give each column the type and a check under `sqlite:`"),
        ObjectClass::Sequence => ("sequences", "use an `identity` column"),
        ObjectClass::Routine => {
            ("functions or procedures of its own", "keep the step from SQLite with `except: [sqlite]`")
        }
        ObjectClass::View => ("such views", "write it another way"),
        ObjectClass::Trigger => ("such triggers", "write it another way"),
    };
    Unsupported::new(format!("SQLite has no {what}, so it cannot have the {id}")).about(id.name.to_string()).help(help)
}
