//! What changes of namespaces, extensions, domains, sequences, routines, views and triggers do to the model, and what
//! becomes of those that are built on a table whose name changes.

use std::sync::Arc;

use super::Conflict;
use super::apply::{exists, missing};
use crate::schema::{Object, ObjectClass, ObjectId, ObjectName, Schema, Trigger, View};
use crate::sql::{Lexicon, mentions, mentions_relation, rename_queried, rename_relation, rename_watched};

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
    if id.class == ObjectClass::View {
        follow_relation(schema, &id.name, to, lexicon);
    }
    Ok(())
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
