//! `alter_enum`

use std::sync::Arc;

use super::{Context, Lowering, ObjectReader, Operate, table_name};
use crate::change::Change;
use crate::diagnostic::{Diagnostic, Diagnostics, codes};
use crate::schema::{Enum, ObjectName, Value};
use crate::source::{Decode, MapReader, Node, NodeKind, Span, Spanned, entries, items, nearest};

/// Changes the values of an enum.
///
/// `add: [{value: lost, after: shipped}]` puts a value at the end or beside another; a plain word goes to the end.
/// `rename: {old: new}` changes the word in every row. `drop: {value: replacement}` gives rows that hold the value
/// another one first. Undone by the reverse; a value that was added can be dropped again while no row holds it.
#[derive(Debug, Clone)]
pub struct AlterEnum {
    name: Spanned<ObjectName>,
    added: Vec<Added>,
    renamed: Vec<(Spanned<String>, Spanned<String>)>,
    dropped: Vec<(Spanned<String>, Spanned<String>)>,
}

#[derive(Debug, Clone)]
struct Added {
    value: Spanned<String>,
    before: Option<Spanned<String>>,
    after: Option<Spanned<String>>,
}

impl Operate for AlterEnum {
    fn read(node: &Node, _: Span, context: &Context, diagnostics: &mut Diagnostics) -> Option<Self> {
        let mut reader = ObjectReader::new(node, "alter_enum", None, context, diagnostics)?;
        let name = table_name(&mut reader, "enum", diagnostics);
        let added = match reader.node("add") {
            None => Some(Vec::new()),
            Some(node) => items(node, diagnostics).and_then(|items| {
                let read: Vec<Option<Added>> = items.iter().map(|item| Added::read(item, diagnostics)).collect();
                read.into_iter().collect()
            }),
        };
        let renamed = pairs(reader.node("rename"), diagnostics);
        let dropped = pairs(reader.node("drop"), diagnostics);
        reader.finish(context, diagnostics);
        Some(AlterEnum { name: name?, added: added?, renamed: renamed?, dropped: dropped? })
    }

    fn lower(&self, lowering: &mut Lowering<'_>) -> Option<()> {
        let before = lowering.enumeration(&self.name)?;
        let mut values = before.values.clone();
        for (old, new) in &self.renamed {
            let place = self.find(&values, old, lowering)?;
            self.free(&values, new, lowering)?;
            values[place].clone_from(&new.value);
        }
        for added in &self.added {
            self.free(&values, &added.value, lowering)?;
            let place = match (&added.before, &added.after) {
                (Some(other), _) => self.find(&values, other, lowering)?,
                (None, Some(other)) => self.find(&values, other, lowering)? + 1,
                (None, None) => values.len(),
            };
            values.insert(place, added.value.value.clone());
        }
        for (value, replacement) in &self.dropped {
            let place = self.find(&values, value, lowering)?;
            values.remove(place);
            self.find(&values, replacement, lowering)?;
        }
        self.check_defaults(&values, lowering)?;
        let after = Enum { values, ..Enum::clone(&before) };
        if after == *before {
            return Some(());
        }
        let words = |pairs: &[(Spanned<String>, Spanned<String>)]| {
            pairs.iter().map(|(a, b)| (a.value.clone(), b.value.clone())).collect()
        };
        lowering.emit(Change::AlterEnum {
            before,
            after: Arc::new(after),
            renamed: words(&self.renamed),
            replaced: words(&self.dropped),
        })
    }
}

impl AlterEnum {
    fn find(&self, values: &[String], value: &Spanned<String>, lowering: &mut Lowering<'_>) -> Option<usize> {
        let place = values.iter().position(|other| *other == value.value);
        if place.is_none() {
            let message = format!("the enum `{}` has no value `{}`", self.name.value, value.value);
            let diagnostic =
                Diagnostic::error(&codes::ENUM_VALUES, message).at(value.span, "no such value at this point");
            lowering.report(match nearest(&value.value, values.iter().map(String::as_str)) {
                Some(near) => diagnostic.help(format!("did you mean `{near}`?")),
                None => diagnostic.note(format!("it has {}", values.join(", "))),
            });
        }
        place
    }

    fn free(&self, values: &[String], value: &Spanned<String>, lowering: &mut Lowering<'_>) -> Option<()> {
        if values.contains(&value.value) {
            let message = format!("the enum `{}` has the value `{}` already", self.name.value, value.value);
            return lowering.refuse(&codes::ENUM_VALUES, message, value.span, "taken");
        }
        Some(())
    }

    /// A default that is a dropped value must be changed first, or new rows could not be made.
    fn check_defaults(&self, values: &[String], lowering: &mut Lowering<'_>) -> Option<()> {
        let lost = lowering.schema.enum_columns(&self.name.value).find_map(|(table, column)| match &column.default {
            Some(Value::Text(word))
                if !values.contains(word) && !self.renamed.iter().any(|(old, _)| old.value == *word) =>
            {
                Some(format!("`{word}` is the default of `{}.{}`", table.name, column.name))
            }
            _ => None,
        });
        match lost {
            None => Some(()),
            Some(message) => lowering.refuse(
                &codes::IN_USE,
                message,
                self.name.span,
                "change that default first, with `alter_column`",
            ),
        }
    }
}

impl Added {
    fn read(node: &Node, diagnostics: &mut Diagnostics) -> Option<Self> {
        if !matches!(node.kind, NodeKind::Mapping(_)) {
            let value = Decode::decode(node, diagnostics)?;
            return Some(Added { value, before: None, after: None });
        }
        let mut reader = MapReader::new(node, "add", diagnostics)?;
        let value = reader.need("value", diagnostics);
        let before: Option<Spanned<String>> = reader.get("before", diagnostics);
        let after: Option<Spanned<String>> = reader.get("after", diagnostics);
        reader.finish(diagnostics);
        if let (Some(before), Some(after)) = (&before, &after) {
            diagnostics.push(
                Diagnostic::error(&codes::CONTRADICTION, "a value goes either `before` or `after` another")
                    .at(after.span, "after")
                    .at(before.span, "and before"),
            );
            return None;
        }
        Some(Added { value: value?, before, after })
    }
}

type Pairs = Vec<(Spanned<String>, Spanned<String>)>;

fn pairs(node: Option<&Node>, diagnostics: &mut Diagnostics) -> Option<Pairs> {
    let Some(node) = node else { return Some(Vec::new()) };
    let read: Vec<Option<(Spanned<String>, Spanned<String>)>> = entries(node, diagnostics)?
        .iter()
        .map(|(key, value)| {
            let value = Decode::decode(value, diagnostics)?;
            Some((Spanned::new(key.name.clone(), key.span), value))
        })
        .collect();
    read.into_iter().collect()
}
