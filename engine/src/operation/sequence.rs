//! `create_sequence`, `alter_sequence`, `drop_sequence`, `rename_sequence`

use std::sync::Arc;

use super::{Context, Lowering, ObjectReader, Operate, table_name};
use crate::change::Change;
use crate::diagnostic::{Diagnostic, Diagnostics, codes};
use crate::dialect::ObjectKind;
use crate::schema::{Object, ObjectClass, ObjectId, ObjectName, Sequence};
use crate::source::{Decode, Node, NodeKind, Span, Spanned};

/// Makes a sequence.
///
/// `start`, `increment`, `min`, `max`, `cache` and `cycle` are those of SQL; what is left out is the database's default.
/// `owned_by: orders.id` makes it go with a column. Undone by dropping it.
#[derive(Debug, Clone)]
pub struct CreateSequence {
    name: Spanned<ObjectName>,
    properties: Properties,
    if_not_exists: bool,
}

impl Operate for CreateSequence {
    fn read(node: &Node, _: Span, context: &Context, diagnostics: &mut Diagnostics) -> Option<Self> {
        let mut reader = ObjectReader::new(node, "create_sequence", Some(ObjectKind::Sequence), context, diagnostics)?;
        let name = table_name(&mut reader, "sequence", diagnostics);
        let if_not_exists = reader.flag("if_not_exists", diagnostics);
        let properties = Properties::read(reader, context, diagnostics)?;
        Some(CreateSequence { name: name?, properties, if_not_exists })
    }

    fn lower(&self, lowering: &mut Lowering<'_>) -> Option<()> {
        let id = ObjectId::new(ObjectClass::Sequence, self.name.value.clone());
        if self.if_not_exists && lowering.schema.object(&id).is_some() {
            return Some(());
        }
        lowering.free_table_name(&self.name, None)?;
        let sequence = self.properties.over(Sequence::named(self.name.value.clone()), lowering)?;
        check(&sequence, self.name.span, lowering)?;
        lowering.emit(Change::CreateObject {
            object: Arc::new(Object::Sequence(sequence)),
            if_not_exists: self.if_not_exists,
        })
    }
}

/// Changes a sequence. A key that is left out stays as it is; `null` puts the database's default back. The number it has
/// reached stays. Undone by the old properties.
#[derive(Debug, Clone)]
pub struct AlterSequence {
    name: Spanned<ObjectName>,
    properties: Properties,
}

impl Operate for AlterSequence {
    fn read(node: &Node, _: Span, context: &Context, diagnostics: &mut Diagnostics) -> Option<Self> {
        let mut reader = ObjectReader::new(node, "alter_sequence", Some(ObjectKind::Sequence), context, diagnostics)?;
        let name = table_name(&mut reader, "sequence", diagnostics);
        let properties = Properties::read(reader, context, diagnostics)?;
        Some(AlterSequence { name: name?, properties })
    }

    fn lower(&self, lowering: &mut Lowering<'_>) -> Option<()> {
        let before = lowering.object(ObjectClass::Sequence, &self.name)?;
        let Object::Sequence(old) = &*before else { return None };
        let after = self.properties.over(old.clone(), lowering)?;
        check(&after, self.name.span, lowering)?;
        lowering.emit(Change::AlterObject { after: Arc::new(Object::Sequence(after)), before })
    }
}

/// Drops a sequence. `if_exists: true` allows for one that the history does not know. Undone by making it again; it begins anew
/// then.
#[derive(Debug, Clone)]
pub struct DropSequence {
    name: Spanned<ObjectName>,
    if_exists: bool,
}

impl Operate for DropSequence {
    fn read(node: &Node, _: Span, context: &Context, diagnostics: &mut Diagnostics) -> Option<Self> {
        let mut reader = ObjectReader::new(node, "drop_sequence", None, context, diagnostics)?;
        let name = table_name(&mut reader, "sequence", diagnostics);
        let if_exists = reader.flag("if_exists", diagnostics);
        reader.finish(context, diagnostics);
        Some(DropSequence { name: name?, if_exists })
    }

    fn lower(&self, lowering: &mut Lowering<'_>) -> Option<()> {
        let id = ObjectId::new(ObjectClass::Sequence, self.name.value.clone());
        if self.if_exists && lowering.schema.object(&id).is_none() {
            return lowering.emit(Change::DropObjectIfExists { id });
        }
        let object = lowering.object(ObjectClass::Sequence, &self.name)?;
        let users = defaults_from(&self.name.value, lowering);
        if !users.is_empty() {
            lowering.report(
                Diagnostic::error(&codes::IN_USE, format!("columns take numbers from `{}`", self.name.value))
                    .at(self.name.span, "cannot be dropped yet")
                    .note(format!("columns: {}", users.join(", ")))
                    .help("drop their defaults first"),
            );
            return None;
        }
        lowering.emit(Change::DropObject { object })
    }
}

/// Gives a sequence another name. The number it has reached stays, and defaults that take numbers from it follow.
#[derive(Debug, Clone)]
pub struct RenameSequence {
    name: Spanned<ObjectName>,
    to: Spanned<String>,
}

impl Operate for RenameSequence {
    fn read(node: &Node, _: Span, context: &Context, diagnostics: &mut Diagnostics) -> Option<Self> {
        let mut reader = ObjectReader::new(node, "rename_sequence", None, context, diagnostics)?;
        let name = table_name(&mut reader, "sequence", diagnostics);
        let to = reader.need("to", diagnostics);
        reader.finish(context, diagnostics);
        Some(RenameSequence { name: name?, to: to? })
    }

    fn lower(&self, lowering: &mut Lowering<'_>) -> Option<()> {
        let id = lowering.object(ObjectClass::Sequence, &self.name)?.id();
        let to = match ObjectName::from(self.to.value.as_str()) {
            ObjectName { schema: None, name } => id.name.sibling(name),
            qualified => qualified,
        };
        lowering.free_table_name(&Spanned::new(to.clone(), self.to.span), (to != id.name).then_some(&id.name))?;
        lowering.emit(Change::RenameObject { id, to })
    }
}

/// The columns whose default has the name of the sequence in a text or as a name.
fn defaults_from(sequence: &ObjectName, lowering: &Lowering<'_>) -> Vec<String> {
    use crate::schema::Value;
    let lexicon = lowering.context.dialect.lexicon();
    let speaks = |sql: &str| {
        sql.to_ascii_lowercase().contains("nextval")
            && (crate::sql::mentions(sql, &sequence.name, lexicon)
                || [sequence.name.clone(), sequence.to_string()]
                    .iter()
                    .any(|name| crate::sql::mentions_text(sql, name, lexicon)))
    };
    let columns = lowering.schema.tables().flat_map(|table| table.columns.iter().map(move |column| (table, column)));
    columns
        .filter(|(_, column)| matches!(&column.default, Some(Value::Sql(sql)) if speaks(sql)))
        .map(|(table, column)| format!("`{}.{}`", table.name, column.name))
        .collect()
}

/// A property: left alone, put back to the default, or given.
type Given<T> = Option<Option<T>>;

/// The keys that make a sequence; those of `alter_sequence` that are left out say nothing.
#[derive(Debug, Clone)]
struct Properties {
    start: Given<i64>,
    increment: Given<i64>,
    min: Given<i64>,
    max: Given<i64>,
    cache: Given<i64>,
    cycle: Option<bool>,
    owned_by: Given<Spanned<String>>,
    comment: Given<String>,
    options: crate::schema::Options,
}

impl Properties {
    fn read(mut reader: ObjectReader<'_>, context: &Context, diagnostics: &mut Diagnostics) -> Option<Self> {
        fn given<T: Decode>(
            reader: &mut ObjectReader<'_>,
            key: &'static str,
            diagnostics: &mut Diagnostics,
        ) -> Option<Given<T>> {
            match reader.nullable(key) {
                None => Some(None),
                Some(node) if node.kind == NodeKind::Null => Some(Some(None)),
                Some(node) => T::decode(node, diagnostics).map(|value| Some(Some(value))),
            }
        }
        let start = given(&mut reader, "start", diagnostics);
        let increment = given(&mut reader, "increment", diagnostics);
        let min = given(&mut reader, "min", diagnostics);
        let max = given(&mut reader, "max", diagnostics);
        let cache = given(&mut reader, "cache", diagnostics);
        let cycle = reader.get("cycle", diagnostics);
        let owned_by = given(&mut reader, "owned_by", diagnostics);
        let comment = given(&mut reader, "comment", diagnostics);
        let options = reader.options(context, diagnostics);
        reader.finish(context, diagnostics);
        Some(Properties {
            start: start?,
            increment: increment?,
            min: min?,
            max: max?,
            cache: cache?,
            cycle,
            owned_by: owned_by?,
            comment: comment?,
            options,
        })
    }

    /// A sequence with these properties laid over it.
    fn over(&self, mut sequence: Sequence, lowering: &mut Lowering<'_>) -> Option<Sequence> {
        fn lay<T: Clone>(given: &Given<T>, property: &mut Option<T>) {
            if let Some(value) = given {
                property.clone_from(value);
            }
        }
        lay(&self.start, &mut sequence.start);
        lay(&self.increment, &mut sequence.increment);
        lay(&self.min, &mut sequence.min);
        lay(&self.max, &mut sequence.max);
        lay(&self.cache, &mut sequence.cache);
        lay(&self.comment, &mut sequence.comment);
        sequence.cycle = self.cycle.unwrap_or(sequence.cycle);
        for (name, value) in &self.options.0 {
            sequence.options.set(name.clone(), value.clone());
        }
        match &self.owned_by {
            None => {}
            Some(None) => sequence.owned_by = None,
            Some(Some(owner)) => sequence.owned_by = Some(self::owner(owner, lowering)?),
        }
        Some(sequence)
    }
}

/// The table and column of `orders.id` or `app.orders.id`, which must be there.
fn owner(text: &Spanned<String>, lowering: &mut Lowering<'_>) -> Option<(ObjectName, String)> {
    let Some((table, column)) = text.value.rsplit_once('.') else {
        let message = format!("`{}` is not a table and a column", text.value);
        return lowering.refuse(&codes::WRONG_VALUE, message, text.span, "write it as `table.column`");
    };
    let table = lowering.table(&Spanned::new(ObjectName::from(table), text.span))?;
    lowering.column(&table, &Spanned::new(column.to_owned(), text.span))?;
    Some((table.name.clone(), column.to_owned()))
}

/// What no database takes.
fn check(sequence: &Sequence, span: Span, lowering: &mut Lowering<'_>) -> Option<()> {
    let refuse = |lowering: &mut Lowering<'_>, message: String| {
        lowering.refuse(&codes::CONTRADICTION, message, span, "this sequence")
    };
    if sequence.increment == Some(0) {
        return refuse(lowering, "the increment of a sequence cannot be 0".to_owned());
    }
    if sequence.cache.is_some_and(|cache| cache < 1) {
        return refuse(lowering, "the cache of a sequence is at least 1".to_owned());
    }
    if let (Some(min), Some(max)) = (sequence.min, sequence.max)
        && min >= max
    {
        return refuse(lowering, format!("the smallest number {min} is not below the largest {max}"));
    }
    if let Some(start) = sequence.start
        && (sequence.min.is_some_and(|min| start < min) || sequence.max.is_some_and(|max| start > max))
    {
        return refuse(lowering, format!("the first number {start} is not between the smallest and the largest"));
    }
    Some(())
}
