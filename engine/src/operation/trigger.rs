//! `create_trigger`, `replace_trigger`, `drop_trigger`

use std::sync::Arc;

use super::statement_text::{StatementText, statement_text};
use super::{Context, Lowering, ObjectReader, Operate, table_name};
use crate::change::Change;
use crate::diagnostic::{Diagnostic, Diagnostics, codes};
use crate::dialect::ObjectKind;
use crate::schema::{Object, ObjectId, ObjectName, Trigger};
use crate::source::{Node, Span, Spanned, nearest};

/// Makes a trigger. `sql` is the whole `CREATE TRIGGER` statement, for each dialect. It survives whatever happens to its table.
/// Undone by dropping it.
#[derive(Debug, Clone)]
pub struct CreateTrigger {
    definition: Definition,
}

impl Operate for CreateTrigger {
    fn read(node: &Node, _: Span, context: &Context, diagnostics: &mut Diagnostics) -> Option<Self> {
        let definition = Definition::read(node, "create_trigger", context, diagnostics)?;
        Some(CreateTrigger { definition })
    }

    fn lower(&self, lowering: &mut Lowering<'_>) -> Option<()> {
        let trigger = self.definition.complete(lowering)?;
        let id = ObjectId::trigger(&trigger.table, &trigger.name);
        if lowering.schema.object(&id).is_some() {
            let message = format!("there is a {id} already");
            return lowering.refuse(&codes::OBJECT_EXISTS, message, self.definition.name.span, "made earlier");
        }
        lowering.identifier(&trigger.name, ObjectKind::Trigger, self.definition.name.span)?;
        lowering.emit(Change::CreateObject { object: Arc::new(Object::Trigger(trigger)), if_not_exists: false })
    }
}

/// Gives a trigger another definition. Undone by giving it the old one again.
#[derive(Debug, Clone)]
pub struct ReplaceTrigger {
    definition: Definition,
}

impl Operate for ReplaceTrigger {
    fn read(node: &Node, _: Span, context: &Context, diagnostics: &mut Diagnostics) -> Option<Self> {
        let definition = Definition::read(node, "replace_trigger", context, diagnostics)?;
        Some(ReplaceTrigger { definition })
    }

    fn lower(&self, lowering: &mut Lowering<'_>) -> Option<()> {
        let after = self.definition.complete(lowering)?;
        let before = find(&self.definition.name, Some(&after.table), lowering)?;
        lowering.emit(Change::AlterObject { before, after: Arc::new(Object::Trigger(after)) })
    }
}

/// Drops a trigger. `table` may be left out where only one table has a trigger of that name. `if_exists: true` allows for one
/// that the history does not know, and then needs the table. Undone by making it again.
#[derive(Debug, Clone)]
pub struct DropTrigger {
    name: Spanned<String>,
    table: Option<Spanned<ObjectName>>,
    if_exists: bool,
}

impl Operate for DropTrigger {
    fn read(node: &Node, _: Span, context: &Context, diagnostics: &mut Diagnostics) -> Option<Self> {
        let mut reader = ObjectReader::new(node, "drop_trigger", None, context, diagnostics)?;
        let name = reader.need("trigger", diagnostics);
        let table = super::drop_index::optional_table(&mut reader, diagnostics);
        let if_exists = reader.flag("if_exists", diagnostics);
        reader.finish(context, diagnostics);
        Some(DropTrigger { name: name?, table, if_exists })
    }

    fn lower(&self, lowering: &mut Lowering<'_>) -> Option<()> {
        if self.if_exists && named(&self.name.value, self.table.as_ref().map(|table| &table.value), lowering).is_empty()
        {
            let Some(table) = &self.table else {
                let message = format!("`table` is needed to drop the trigger `{}` if it exists", self.name.value);
                return lowering.refuse(&codes::MISSING_KEY, message, self.name.span, "of which table?");
            };
            return lowering.emit(Change::DropObjectIfExists { id: ObjectId::trigger(&table.value, &self.name.value) });
        }
        let object = find(&self.name, self.table.as_ref().map(|table| &table.value), lowering)?;
        lowering.emit(Change::DropObject { object })
    }
}

/// What `create_trigger` and `replace_trigger` say.
#[derive(Debug, Clone)]
struct Definition {
    name: Spanned<String>,
    table: Spanned<ObjectName>,
    statement: StatementText,
    comment: Option<String>,
}

impl Definition {
    fn read(node: &Node, what: &str, context: &Context, diagnostics: &mut Diagnostics) -> Option<Self> {
        let mut reader = ObjectReader::new(node, what, Some(ObjectKind::Trigger), context, diagnostics)?;
        let name: Option<Spanned<String>> = reader.need("trigger", diagnostics);
        let table = table_name(&mut reader, "table", diagnostics);
        let statement =
            reader.need_node("sql", diagnostics).and_then(|node| statement_text(node, context, diagnostics));
        let comment = reader.get("comment", diagnostics);
        reader.finish(context, diagnostics);
        let (name, table, statement) = (name?, table?, statement?);
        let found = statement.name_after("trigger");
        if !found.is_some_and(|found| found.eq_ignore_ascii_case(&name.value)) {
            statement.mismatch("trigger", &name.value, found, diagnostics);
            return None;
        }
        Some(Definition { name, table, statement, comment })
    }

    /// The trigger, on a table or view that is there.
    fn complete(&self, lowering: &mut Lowering<'_>) -> Option<Trigger> {
        if lowering.schema.view(&self.table.value).is_none() {
            lowering.table(&self.table)?;
        }
        let lexicon = lowering.context.dialect.lexicon();
        if !crate::sql::mentions_relation(&self.statement.sql, &self.table.value, lexicon) {
            let message = format!("the statement is not about the table `{}`", self.table.value);
            return lowering.refuse(
                &codes::WRONG_STATEMENT,
                message,
                self.statement.span,
                "name the same table in both",
            );
        }
        Some(Trigger {
            name: self.name.value.clone(),
            table: self.table.value.clone(),
            sql: self.statement.sql.clone(),
            comment: self.comment.clone(),
        })
    }
}

fn named(name: &str, table: Option<&ObjectName>, lowering: &Lowering<'_>) -> Vec<Arc<Object>> {
    let is_it = |object: &Object| match object {
        Object::Trigger(trigger) => trigger.name == name && table.is_none_or(|table| trigger.table == *table),
        _ => false,
    };
    lowering.schema.objects().filter(|object| is_it(object)).map(Arc::clone).collect()
}

fn find(name: &Spanned<String>, table: Option<&ObjectName>, lowering: &mut Lowering<'_>) -> Option<Arc<Object>> {
    match named(&name.value, table, lowering).as_slice() {
        [object] => Some(Arc::clone(object)),
        [] => {
            let names: Vec<String> = lowering
                .schema
                .objects()
                .filter_map(|object| match &**object {
                    Object::Trigger(trigger) => Some(trigger.name.clone()),
                    _ => None,
                })
                .collect();
            let diagnostic = Diagnostic::error(&codes::MISSING_OBJECT, format!("there is no trigger `{}`", name.value))
                .at(name.span, "not there at this point of the history");
            lowering.report(match nearest(&name.value, names.iter().map(String::as_str)) {
                Some(near) => diagnostic.help(format!("did you mean `{near}`?")).fix(name.span, near),
                None => diagnostic,
            });
            None
        }
        _ => {
            let message = format!("several tables have a trigger `{}`", name.value);
            lowering.refuse(&codes::MISSING_OBJECT, message, name.span, "say which with `table:`")
        }
    }
}
