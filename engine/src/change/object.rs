//! What changes of namespaces, extensions, domains, sequences, routines, views and triggers do to the model, and what
//! becomes of those that are built on a table whose name changes.

use std::sync::Arc;

use super::Conflict;
use super::apply::{exists, missing};
use crate::schema::{Column, Object, ObjectClass, ObjectId, ObjectName, Schema, Table, Trigger, Value, View};
use crate::sql::{
    Lexicon, mentions, mentions_relation, rename_identifier, rename_queried, rename_relation, rename_text,
    rename_watched,
};

/// An object appears.
pub(super) fn create(schema: &mut Schema, object: &Arc<Object>) -> Result<(), Conflict> {
    let id = object.id();
    if schema.object(&id).is_some() {
        return Err(exists(id.class.word(), &id.name));
    }
    schema.put_object(Arc::clone(object));
    Ok(())
}

/// An object goes.
pub(super) fn drop(schema: &mut Schema, id: &ObjectId) -> Result<(), Conflict> {
    schema.remove_object(id).map(|_| ()).ok_or_else(|| missing(id.class.word(), &id.name))
}

/// An object gets another definition.
pub(super) fn alter(schema: &mut Schema, before: &Arc<Object>, after: &Arc<Object>) -> Result<(), Conflict> {
    drop(schema, &before.id())?;
    create(schema, after)
}

/// An object gets another name.
pub(super) fn rename(schema: &mut Schema, id: &ObjectId, to: &ObjectName, lexicon: &Lexicon) -> Result<(), Conflict> {
    let object = schema.object(id).ok_or_else(|| missing(id.class.word(), &id.name))?;
    let mut renamed = Object::clone(object);
    match &mut renamed {
        Object::Namespace(found) => found.name.clone_from(&to.name),
        Object::Extension(found) => found.name.clone_from(&to.name),
        Object::Trigger(found) => found.name.clone_from(&to.name),
        Object::Domain(found) => found.name = to.clone(),
        Object::Sequence(found) => found.name = to.clone(),
        Object::Routine(found) => found.name = to.clone(),
        Object::View(found) => found.name = to.clone(),
    }
    drop(schema, id)?;
    create(schema, &Arc::new(renamed))?;
    match id.class {
        ObjectClass::View => follow_relation(schema, &id.name, to, lexicon),
        ObjectClass::Sequence => follow_sequence(schema, &id.name, to, lexicon),
        _ => {}
    }
    Ok(())
}

/// Names a sequence anew in the defaults that take numbers from it, where it stands as a name or in a text.
fn follow_sequence(schema: &mut Schema, from: &ObjectName, to: &ObjectName, lexicon: &Lexicon) {
    let renamed = |column: &Column| match &column.default {
        Some(Value::Sql(sql)) if takes_numbers(sql) => {
            Some(renamed_sequence(sql, from, to, lexicon)).filter(|new| new != sql)
        }
        _ => None,
    };
    let holders: Vec<Table> = schema
        .tables()
        .filter(|table| table.columns.iter().any(|c| renamed(c).is_some()))
        .map(|t| Table::clone(t))
        .collect();
    for mut table in holders {
        for column in &mut table.columns {
            if let Some(sql) = renamed(column) {
                column.default = Some(Value::Sql(sql));
            }
        }
        schema.put_table(table);
    }
}

/// Whether a default takes numbers from a sequence.
fn takes_numbers(sql: &str) -> bool {
    let sql = sql.to_ascii_lowercase();
    sql.contains("nextval") || sql.contains("next value for")
}

fn renamed_sequence(sql: &str, from: &ObjectName, to: &ObjectName, lexicon: &Lexicon) -> String {
    let quoted = |name: &str| format!("\"{}\"", name.replace('"', "\"\""));
    let is_plain = |name: &str| {
        let mut letters = name.chars();
        letters.next().is_some_and(|c| c.is_ascii_lowercase() || c == '_')
            && letters.all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_')
    };
    let spelled = |name: &str| if is_plain(name) { name.to_owned() } else { quoted(name) };
    // A text keeps its namespace where it says one.
    let full =
        |name: &ObjectName| name.schema.as_deref().map(|schema| format!("{}.{}", spelled(schema), spelled(&name.name)));
    let bare = spelled(&to.name);
    let moved = from.schema != to.schema;
    let short = full(to).filter(|_| moved).unwrap_or_else(|| bare.clone());
    let mut sql = rename_identifier(sql, &from.name, &to.name, lexicon);
    for (old, new) in [
        (Some(from.name.clone()), Some(short.clone())),
        (Some(quoted(&from.name)), Some(short)),
        (full(from), full(to).or(Some(bare))),
    ] {
        if let (Some(old), Some(new)) = (old, new) {
            sql = rename_text(&sql, &old, &new, lexicon);
        }
    }
    sql
}

/// Names a table or view anew in the views and triggers that speak of it, and in the sequences that go with it. The body of
/// a routine is a text to every server, and stays as it is.
pub(super) fn follow_relation(schema: &mut Schema, from: &ObjectName, to: &ObjectName, lexicon: &Lexicon) {
    let objects: Vec<Arc<Object>> = schema.objects().map(Arc::clone).collect();
    for old in objects {
        let mut new = Object::clone(&old);
        match &mut new {
            Object::View(view) => view.sql = rename_relation(&view.sql, from, to, lexicon),
            Object::Trigger(trigger) => {
                trigger.sql = rename_relation(&trigger.sql, from, to, lexicon);
                if trigger.table == *from {
                    trigger.table = to.clone();
                }
            }
            Object::Sequence(sequence) => match &mut sequence.owned_by {
                Some((table, _)) if table == from => *table = to.clone(),
                _ => {}
            },
            Object::Namespace(_) | Object::Extension(_) | Object::Domain(_) | Object::Routine(_) => {}
        }
        if new != *old {
            schema.remove_object(&old.id());
            schema.put_object(new);
        }
    }
}

/// The views and triggers that speak of a column and do not say enough to follow its new name.
pub(crate) fn left_behind(
    schema: &Schema,
    table: &ObjectName,
    from: &str,
    to: &str,
    lexicon: &Lexicon,
) -> Vec<ObjectId> {
    let mut dependents = schema.column_dependents(table, from, lexicon);
    dependents.retain(|id| {
        let renamed = match schema.object(id).map(AsRef::as_ref) {
            Some(Object::View(view)) => rename_queried(&view.sql, table, from, to, lexicon),
            Some(Object::Trigger(trigger)) if trigger.table == *table => {
                rename_watched(&trigger.sql, from, to, lexicon)
            }
            _ => None,
        };
        renamed.is_none()
    });
    dependents
}

/// Names a column anew in the sequences that go with it, in the triggers of its table, and in the views that show it,
/// whose own columns keep their names. A text that does not say enough is left: lowering has refused the step.
pub(super) fn follow_column(schema: &mut Schema, table: &ObjectName, from: &str, to: &str, lexicon: &Lexicon) {
    let views: Vec<View> = schema.views().cloned().collect();
    for mut view in views {
        let speaks = mentions_relation(&view.sql, table, lexicon) && mentions(&view.sql, from, lexicon);
        if let Some(sql) = rename_queried(&view.sql, table, from, to, lexicon).filter(|_| speaks) {
            view.sql = sql;
            schema.put_object(Object::View(view));
        }
    }
    let triggers: Vec<Trigger> = schema.triggers_of(table).cloned().collect();
    for mut trigger in triggers {
        if let Some(sql) = rename_watched(&trigger.sql, from, to, lexicon) {
            trigger.sql = sql;
            schema.put_object(Object::Trigger(trigger));
        }
    }
    let owned: Vec<Arc<Object>> =
        schema.objects().filter(|object| owner(object) == Some((table, from))).map(Arc::clone).collect();
    for old in owned {
        if let Object::Sequence(mut sequence) = Object::clone(&old) {
            sequence.owned_by = Some((table.clone(), to.to_owned()));
            schema.put_object(Object::Sequence(sequence));
        }
    }
}

fn owner(object: &Object) -> Option<(&ObjectName, &str)> {
    match object {
        Object::Sequence(sequence) => sequence.owned_by.as_ref().map(|(table, column)| (table, column.as_str())),
        _ => None,
    }
}
