//! Namespaces, extensions, domains, sequences, routines, views and triggers: which file makes what.

use aludel_engine::change::Change;
use aludel_engine::dialect::Unsupported;
use aludel_engine::plan::Statement;
use aludel_engine::schema::{Object, ObjectClass, ObjectId, ObjectName};

use super::{Compiled, Context, domain, namespace, routine, sequence, trigger, view};
use crate::types::quote_name;

/// The statements of a change of such an object.
pub(super) fn change(context: &Context<'_>, change: &Change) -> Compiled {
    match change {
        Change::CreateObject { object, if_not_exists } => create(context, object, *if_not_exists),
        Change::DropObject { object } => drop(context, object),
        Change::DropObjectIfExists { id } => drop_if_exists(id),
        Change::AlterObject { before, after } => alter(context, before, after),
        Change::RenameObject { id, to } => rename(context, id, to),
        _ => Ok(Vec::new()),
    }
}

fn create(context: &Context<'_>, object: &Object, if_not_exists: bool) -> Compiled {
    match object {
        Object::View(view) => view::create(context, view, if_not_exists),
        Object::Routine(routine) => routine::create(routine),
        Object::Trigger(trigger) => trigger::create(trigger),
        Object::Sequence(sequence) => sequence::create(sequence, if_not_exists),
        Object::Domain(domain) => domain::create(context, domain),
        Object::Namespace(namespace) => namespace::create(namespace, if_not_exists),
        Object::Extension(extension) => Ok(vec![namespace::create_extension(extension, if_not_exists)]),
    }
}

fn drop(_context: &Context<'_>, object: &Object) -> Compiled {
    match object {
        Object::View(view) => Ok(vec![view::drop(view)]),
        Object::Routine(routine) => Ok(vec![routine::drop(routine)]),
        Object::Trigger(trigger) => Ok(vec![trigger::drop(trigger)]),
        Object::Sequence(sequence) => Ok(vec![sequence::drop(&sequence.name, false)]),
        Object::Domain(domain) => Ok(vec![domain::drop(domain)]),
        Object::Namespace(namespace) => Ok(vec![namespace::drop("SCHEMA", &namespace.name, false)]),
        Object::Extension(extension) => Ok(vec![namespace::drop("EXTENSION", &extension.name, false)]),
    }
}

fn drop_if_exists(id: &ObjectId) -> Compiled {
    let name = quote_name(&id.name);
    match id.class {
        ObjectClass::View => Ok(vec![Statement::ddl(format!("DROP VIEW IF EXISTS {name}"))]),
        ObjectClass::Routine => Ok(vec![routine::drop_if_exists(id)]),
        ObjectClass::Trigger => {
            let table = id.name.sibling(id.qualifier.clone().unwrap_or_default());
            Ok(vec![trigger::drop_if_exists(&id.name.name, &table)])
        }
        ObjectClass::Sequence => Ok(vec![sequence::drop(&id.name, true)]),
        ObjectClass::Domain => Ok(vec![Statement::ddl(format!("DROP DOMAIN IF EXISTS {name}"))]),
        ObjectClass::Namespace => Ok(vec![namespace::drop("SCHEMA", &id.name.name, true)]),
        ObjectClass::Extension => Ok(vec![namespace::drop("EXTENSION", &id.name.name, true)]),
    }
}

fn alter(context: &Context<'_>, before: &Object, after: &Object) -> Compiled {
    match (before, after) {
        (Object::View(before), Object::View(after)) => view::replace(context, before, after),
        (Object::Routine(before), Object::Routine(after)) => routine::replace(before, after),
        (Object::Trigger(before), Object::Trigger(after)) => trigger::replace(before, after),
        (Object::Sequence(before), Object::Sequence(after)) => sequence::alter(before, after),
        (Object::Domain(before), Object::Domain(after)) => domain::alter(context, before, after),
        _ => Err(unsupported(&after.id())),
    }
}

fn rename(context: &Context<'_>, id: &ObjectId, to: &ObjectName) -> Compiled {
    match context.before.object(id).map(AsRef::as_ref) {
        Some(Object::View(view)) => Ok(view::rename(view, to)),
        Some(Object::Sequence(sequence)) => Ok(sequence::rename(&sequence.name, to)),
        _ => Err(unsupported(id)),
    }
}

fn unsupported(id: &ObjectId) -> Unsupported {
    Unsupported::new(format!("the {id} cannot be made or changed this way")).about(id.name.to_string())
}
