//! Namespaces, extensions, domains, sequences, routines, views and triggers: which file makes what.

use aludel_engine::change::Change;
use aludel_engine::dialect::Unsupported;
use aludel_engine::schema::{Object, ObjectClass, ObjectId, ObjectName};

use super::{Compiled, Context};

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

fn create(_context: &Context<'_>, object: &Object, _if_not_exists: bool) -> Compiled {
    match object {
        Object::Namespace(_)
        | Object::Extension(_)
        | Object::Domain(_)
        | Object::Sequence(_)
        | Object::Routine(_)
        | Object::View(_)
        | Object::Trigger(_) => Err(unsupported(&object.id())),
    }
}

fn drop(_context: &Context<'_>, object: &Object) -> Compiled {
    match object {
        Object::Namespace(_)
        | Object::Extension(_)
        | Object::Domain(_)
        | Object::Sequence(_)
        | Object::Routine(_)
        | Object::View(_)
        | Object::Trigger(_) => Err(unsupported(&object.id())),
    }
}

fn drop_if_exists(id: &ObjectId) -> Compiled {
    match id.class {
        ObjectClass::Namespace
        | ObjectClass::Extension
        | ObjectClass::Domain
        | ObjectClass::Sequence
        | ObjectClass::Routine
        | ObjectClass::View
        | ObjectClass::Trigger => Err(unsupported(id)),
    }
}

fn alter(_context: &Context<'_>, _before: &Object, after: &Object) -> Compiled {
    Err(unsupported(&after.id()))
}

fn rename(_context: &Context<'_>, id: &ObjectId, _to: &ObjectName) -> Compiled {
    match id.class {
        ObjectClass::Namespace
        | ObjectClass::Extension
        | ObjectClass::Domain
        | ObjectClass::Sequence
        | ObjectClass::Routine
        | ObjectClass::View
        | ObjectClass::Trigger => Err(unsupported(id)),
    }
}

fn unsupported(id: &ObjectId) -> Unsupported {
    Unsupported::new(format!("the {id} cannot be made or changed this way")).about(id.name.to_string())
}
