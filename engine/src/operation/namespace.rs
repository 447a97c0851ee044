//! `create_schema`, `drop_schema`, `create_extension`, `drop_extension`

use std::sync::Arc;

use super::{Context, Lowering, ObjectReader, Operate};
use crate::change::Change;
use crate::diagnostic::{Diagnostic, Diagnostics, codes};
use crate::dialect::ObjectKind;
use crate::schema::{Extension, Namespace, Object, ObjectClass, ObjectId, ObjectName};
use crate::source::{Node, Span, Spanned};

/// Makes a namespace for tables and other objects, which are then named `app.users`. On MySQL and MariaDB it is a database
/// beside the one connected to. Undone by dropping it, empty.
#[derive(Debug, Clone)]
pub struct CreateSchema {
    name: Spanned<String>,
    namespace: Namespace,
    if_not_exists: bool,
}

impl Operate for CreateSchema {
    fn read(node: &Node, _: Span, context: &Context, diagnostics: &mut Diagnostics) -> Option<Self> {
        let mut reader = ObjectReader::new(node, "create_schema", Some(ObjectKind::Namespace), context, diagnostics)?;
        let name: Option<Spanned<String>> = reader.need("schema", diagnostics);
        let if_not_exists = reader.flag("if_not_exists", diagnostics);
        let comment = reader.get("comment", diagnostics);
        let options = reader.options(context, diagnostics);
        reader.finish(context, diagnostics);
        let name = name?;
        let namespace = Namespace { name: name.value.clone(), comment, options };
        Some(CreateSchema { name, namespace, if_not_exists })
    }

    fn lower(&self, lowering: &mut Lowering<'_>) -> Option<()> {
        lowering.identifier(&self.name.value, ObjectKind::Namespace, self.name.span)?;
        create(Object::Namespace(self.namespace.clone()), self.if_not_exists, self.name.span, lowering)
    }
}

/// Drops a namespace that has nothing in it any more. `if_exists: true` allows for one that the history does not know. Undone by
/// making it again.
#[derive(Debug, Clone)]
pub struct DropSchema {
    name: Spanned<ObjectName>,
    if_exists: bool,
}

impl Operate for DropSchema {
    fn read(node: &Node, _: Span, context: &Context, diagnostics: &mut Diagnostics) -> Option<Self> {
        let mut reader = ObjectReader::new(node, "drop_schema", None, context, diagnostics)?;
        let name: Option<Spanned<String>> = reader.need("schema", diagnostics);
        let if_exists = reader.flag("if_exists", diagnostics);
        reader.finish(context, diagnostics);
        Some(DropSchema { name: name?.map(ObjectName::new), if_exists })
    }

    fn lower(&self, lowering: &mut Lowering<'_>) -> Option<()> {
        let contents = contents(&self.name.value.name, lowering);
        if !contents.is_empty() {
            lowering.report(
                Diagnostic::error(&codes::IN_USE, format!("the schema `{}` is not empty", self.name.value))
                    .at(self.name.span, "cannot be dropped yet")
                    .note(format!("in it: {}", contents.join(", ")))
                    .help("drop these first, so that a downgrade can bring them back"),
            );
            return None;
        }
        drop(ObjectClass::Namespace, &self.name, self.if_exists, lowering)
    }
}

/// Everything that a namespace holds, in words.
fn contents(namespace: &str, lowering: &Lowering<'_>) -> Vec<String> {
    let within = |name: &ObjectName| name.schema.as_deref() == Some(namespace);
    let schema = &lowering.schema;
    let tables = schema.tables().filter(|table| within(&table.name)).map(|table| format!("table `{}`", table.name));
    let enums = schema.enums().filter(|found| within(&found.name)).map(|found| format!("enum `{}`", found.name));
    let objects =
        schema.objects().filter(|object| within(&object.id().name)).map(|object| format!("`{}`", object.id()));
    tables.chain(enums).chain(objects).collect()
}

/// Installs an extension of the database. `version` and `schema` where they are to be others than the default. Undone by
/// dropping it.
#[derive(Debug, Clone)]
pub struct CreateExtension {
    name: Spanned<String>,
    extension: Extension,
    if_not_exists: bool,
}

impl Operate for CreateExtension {
    fn read(node: &Node, _: Span, context: &Context, diagnostics: &mut Diagnostics) -> Option<Self> {
        let mut reader =
            ObjectReader::new(node, "create_extension", Some(ObjectKind::Extension), context, diagnostics)?;
        let name: Option<Spanned<String>> = reader.need("extension", diagnostics);
        let if_not_exists = reader.flag("if_not_exists", diagnostics);
        let version = reader.get("version", diagnostics);
        let schema = reader.get("schema", diagnostics);
        reader.finish(context, diagnostics);
        let name = name?;
        let extension = Extension { name: name.value.clone(), version, schema };
        Some(CreateExtension { name, extension, if_not_exists })
    }

    fn lower(&self, lowering: &mut Lowering<'_>) -> Option<()> {
        create(Object::Extension(self.extension.clone()), self.if_not_exists, self.name.span, lowering)
    }
}

/// Removes an extension; the database refuses while something uses it. `if_exists: true` allows for one that the history does not
/// know. Undone by installing it again.
#[derive(Debug, Clone)]
pub struct DropExtension {
    name: Spanned<ObjectName>,
    if_exists: bool,
}

impl Operate for DropExtension {
    fn read(node: &Node, _: Span, context: &Context, diagnostics: &mut Diagnostics) -> Option<Self> {
        let mut reader = ObjectReader::new(node, "drop_extension", None, context, diagnostics)?;
        let name: Option<Spanned<String>> = reader.need("extension", diagnostics);
        let if_exists = reader.flag("if_exists", diagnostics);
        reader.finish(context, diagnostics);
        Some(DropExtension { name: name?.map(ObjectName::new), if_exists })
    }

    fn lower(&self, lowering: &mut Lowering<'_>) -> Option<()> {
        drop(ObjectClass::Extension, &self.name, self.if_exists, lowering)
    }
}

/// Makes an object that shares its name with nothing but its kind.
pub(super) fn create(object: Object, if_not_exists: bool, span: Span, lowering: &mut Lowering<'_>) -> Option<()> {
    let id = object.id();
    if lowering.schema.object(&id).is_some() {
        if if_not_exists {
            return Some(());
        }
        return lowering.refuse(&codes::OBJECT_EXISTS, format!("there is the {id} already"), span, "made earlier");
    }
    lowering.emit(Change::CreateObject { object: Arc::new(object), if_not_exists })
}

/// Drops an object by its kind and name.
pub(super) fn drop(
    class: ObjectClass,
    name: &Spanned<ObjectName>,
    if_exists: bool,
    lowering: &mut Lowering<'_>,
) -> Option<()> {
    let id = ObjectId::new(class, name.value.clone());
    if if_exists && lowering.schema.object(&id).is_none() {
        return lowering.emit(Change::DropObjectIfExists { id });
    }
    let object = lowering.object(class, name)?;
    lowering.emit(Change::DropObject { object })
}
