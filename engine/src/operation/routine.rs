//! `create_function`, `replace_function`, `drop_function`

use std::sync::Arc;

use super::statement_text::{StatementText, statement_text};
use super::{Context, Lowering, ObjectReader, Operate, table_name};
use crate::change::Change;
use crate::diagnostic::{Diagnostics, codes};
use crate::dialect::ObjectKind;
use crate::schema::{Object, ObjectClass, ObjectId, ObjectName, Routine};
use crate::source::{Node, Span, Spanned};

/// Makes a function or procedure. `sql` is the whole `CREATE FUNCTION` or `CREATE PROCEDURE` statement, for each dialect.
/// `arguments` are its argument types, needed where several have the name. Undone by dropping it.
#[derive(Debug, Clone)]
pub struct CreateFunction {
    definition: Definition,
}

impl Operate for CreateFunction {
    fn read(node: &Node, _: Span, context: &Context, diagnostics: &mut Diagnostics) -> Option<Self> {
        let definition = Definition::read(node, "create_function", context, diagnostics)?;
        Some(CreateFunction { definition })
    }

    fn lower(&self, lowering: &mut Lowering<'_>) -> Option<()> {
        let routine = self.definition.routine();
        let id = Object::Routine(routine.clone()).id();
        if lowering.schema.object(&id).is_some() {
            let message = format!("there is a {id} already");
            return lowering.refuse(&codes::OBJECT_EXISTS, message, self.definition.name.span, "made earlier");
        }
        lowering.identifier(&routine.name.name, ObjectKind::Routine, self.definition.name.span)?;
        lowering.emit(Change::CreateObject { object: Arc::new(Object::Routine(routine)), if_not_exists: false })
    }
}

/// Gives a function or procedure another definition; what is built on it stays. Undone by giving it the old one again.
#[derive(Debug, Clone)]
pub struct ReplaceFunction {
    definition: Definition,
}

impl Operate for ReplaceFunction {
    fn read(node: &Node, _: Span, context: &Context, diagnostics: &mut Diagnostics) -> Option<Self> {
        let definition = Definition::read(node, "replace_function", context, diagnostics)?;
        Some(ReplaceFunction { definition })
    }

    fn lower(&self, lowering: &mut Lowering<'_>) -> Option<()> {
        let after = self.definition.routine();
        let before = find(&self.definition.name, after.arguments.as_deref(), lowering)?;
        lowering.emit(Change::AlterObject { before, after: Arc::new(Object::Routine(after)) })
    }
}

/// Drops a function or procedure. `if_exists: true` allows for one that the history does not know. Undone by making it again.
#[derive(Debug, Clone)]
pub struct DropFunction {
    name: Spanned<ObjectName>,
    arguments: Option<String>,
    if_exists: bool,
}

impl Operate for DropFunction {
    fn read(node: &Node, _: Span, context: &Context, diagnostics: &mut Diagnostics) -> Option<Self> {
        let mut reader = ObjectReader::new(node, "drop_function", None, context, diagnostics)?;
        let name = table_name(&mut reader, "function", diagnostics);
        let arguments = reader.get("arguments", diagnostics);
        let if_exists = reader.flag("if_exists", diagnostics);
        reader.finish(context, diagnostics);
        Some(DropFunction { name: name?, arguments, if_exists })
    }

    fn lower(&self, lowering: &mut Lowering<'_>) -> Option<()> {
        let known =
            lowering.schema.objects().any(|object| is_named(object, &self.name.value, self.arguments.as_deref()));
        if self.if_exists && !known {
            let id = ObjectId::new(ObjectClass::Routine, self.name.value.clone());
            return lowering
                .emit(Change::DropObjectIfExists { id: ObjectId { qualifier: self.arguments.clone(), ..id } });
        }
        let object = find(&self.name, self.arguments.as_deref(), lowering)?;
        lowering.emit(Change::DropObject { object })
    }
}

/// What `create_function` and `replace_function` say.
#[derive(Debug, Clone)]
struct Definition {
    name: Spanned<ObjectName>,
    arguments: Option<String>,
    procedure: bool,
    statement: StatementText,
    comment: Option<String>,
}

impl Definition {
    fn read(node: &Node, what: &str, context: &Context, diagnostics: &mut Diagnostics) -> Option<Self> {
        let mut reader = ObjectReader::new(node, what, Some(ObjectKind::Routine), context, diagnostics)?;
        let name = table_name(&mut reader, "function", diagnostics);
        let arguments = reader.get("arguments", diagnostics);
        let statement =
            reader.need_node("sql", diagnostics).and_then(|node| statement_text(node, context, diagnostics));
        let comment = reader.get("comment", diagnostics);
        reader.finish(context, diagnostics);
        let (name, statement) = (name?, statement?);
        let procedure = statement.makes("procedure");
        let found = statement.name_after(if procedure { "procedure" } else { "function" });
        if !found.is_some_and(|found| found.eq_ignore_ascii_case(&name.value.name)) {
            statement.mismatch("function", &name.value.name, found, diagnostics);
            return None;
        }
        Some(Definition { name, arguments, procedure, statement, comment })
    }

    fn routine(&self) -> Routine {
        Routine {
            name: self.name.value.clone(),
            arguments: self.arguments.clone(),
            procedure: self.procedure,
            sql: self.statement.sql.clone(),
            comment: self.comment.clone(),
        }
    }
}

fn is_named(object: &Object, name: &ObjectName, arguments: Option<&str>) -> bool {
    match object {
        Object::Routine(routine) => {
            routine.name == *name && arguments.is_none_or(|given| routine.arguments.as_deref() == Some(given))
        }
        _ => false,
    }
}

fn find(name: &Spanned<ObjectName>, arguments: Option<&str>, lowering: &mut Lowering<'_>) -> Option<Arc<Object>> {
    let found: Vec<Arc<Object>> =
        lowering.schema.objects().filter(|object| is_named(object, &name.value, arguments)).map(Arc::clone).collect();
    match found.as_slice() {
        [object] => Some(Arc::clone(object)),
        [] => lowering.object(ObjectClass::Routine, name),
        _ => {
            let message = format!("several functions are called `{}`", name.value);
            lowering.refuse(&codes::MISSING_OBJECT, message, name.span, "say which with `arguments:`")
        }
    }
}
