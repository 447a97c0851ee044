//! Namespaces, sequences, routines, views and triggers: which file makes what.

use aludel_engine::change::Change;
use aludel_engine::dialect::Unsupported;
use aludel_engine::plan::Statement;
use aludel_engine::schema::{Object, ObjectClass, ObjectId, ObjectName};

use super::Compiler;

type Compiled = Result<Vec<Statement>, Unsupported>;

impl Compiler<'_> {
    /// The statements of a change of such an object.
    pub(super) fn object(&self, change: &Change) -> Compiled {
        match change {
            Change::CreateObject { object, if_not_exists } => self.create_object(object, *if_not_exists),
            Change::DropObject { object } => self.drop_object(object),
            Change::DropObjectIfExists { id } => self.drop_object_if_exists(id),
            Change::AlterObject { before, after } => self.alter_object(before, after),
            Change::RenameObject { id, to } => self.rename_object(id, to),
            _ => Ok(Vec::new()),
        }
    }

    fn create_object(&self, object: &Object, _if_not_exists: bool) -> Compiled {
        match object {
            Object::Namespace(_)
            | Object::Sequence(_)
            | Object::Routine(_)
            | Object::View(_)
            | Object::Trigger(_)
            | Object::Extension(_)
            | Object::Domain(_) => Err(self.no_object(&object.id())),
        }
    }

    fn drop_object(&self, object: &Object) -> Compiled {
        match object {
            Object::Namespace(_)
            | Object::Sequence(_)
            | Object::Routine(_)
            | Object::View(_)
            | Object::Trigger(_)
            | Object::Extension(_)
            | Object::Domain(_) => Err(self.no_object(&object.id())),
        }
    }

    fn drop_object_if_exists(&self, id: &ObjectId) -> Compiled {
        match id.class {
            ObjectClass::Namespace
            | ObjectClass::Sequence
            | ObjectClass::Routine
            | ObjectClass::View
            | ObjectClass::Trigger
            | ObjectClass::Extension
            | ObjectClass::Domain => Err(self.no_object(id)),
        }
    }

    fn alter_object(&self, _before: &Object, after: &Object) -> Compiled {
        Err(self.no_object(&after.id()))
    }

    fn rename_object(&self, id: &ObjectId, _to: &ObjectName) -> Compiled {
        match id.class {
            ObjectClass::Namespace
            | ObjectClass::Sequence
            | ObjectClass::Routine
            | ObjectClass::View
            | ObjectClass::Trigger
            | ObjectClass::Extension
            | ObjectClass::Domain => Err(self.no_object(id)),
        }
    }

    fn no_object(&self, id: &ObjectId) -> Unsupported {
        Unsupported::new(format!("{} has no {}, so there is no `{}`", self.title(), id.class.word(), id.name))
            .about(id.name.to_string())
    }
}
