//! `alter_enum`

use std::sync::Arc;

use super::{Context, Lowering, ObjectReader, Operate, table_name};
use crate::change::{Change, word_mention};
use crate::diagnostic::{Diagnostic, Diagnostics, codes};
use crate::schema::{Enum, ObjectName, Value};
use crate::source::{Decode, MapReader, Node, NodeKind, Span, Spanned, entries, items, nearest};

/// Changes the values of an enum.
///
/// `add: [{value: lost, after: shipped}]` puts a value at the end or beside another; a plain word goes to the end.
/// `rename: {old: new}` changes the word in every row, all of them at once, so that two words can change places.
/// `drop: {value: replacement}` gives rows that hold the value another one first. `order: [c, a, b]` lists every value that
/// there is after that, in the order in which they sort. `comment` is said of the whole; `null` removes it. A check, index, default or computed
/// column whose SQL has a word that changes is an error that names it. Undone by the reverse; a value that was added can be dropped again while no row holds it.
#[derive(Debug, Clone)]
pub struct AlterEnum {
    name: Spanned<ObjectName>,
    added: Vec<Added>,
    renamed: Vec<(Spanned<String>, Spanned<String>)>,
    dropped: Vec<(Spanned<String>, Spanned<String>)>,
    order: Option<Spanned<Vec<String>>>,
    /// The outer none where nothing is said of it.
    comment: Option<Option<String>>,
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
        let order = reader.get("order", diagnostics);
        let comment = reader.nullable("comment").map(|node| match node.kind {
            NodeKind::Null => None,
            _ => Decode::decode(node, diagnostics),
        });
        reader.finish(context, diagnostics);
        Some(AlterEnum { name: name?, added: added?, renamed: renamed?, dropped: dropped?, order, comment })
    }

    fn lower(&self, lowering: &mut Lowering<'_>) -> Option<()> {
        let before = lowering.enumeration(&self.name)?;
        let mut values = before.values.clone();
        // All at once, since a map has no order: two words can change places.
        for (old, new) in &self.renamed {
            let place = self.find(&before.values, old, lowering)?;
            values[place].clone_from(&new.value);
        }
        for (place, (_, new)) in self.renamed.iter().enumerate() {
            let twice = self.renamed[..place].iter().any(|(_, other)| other.value == new.value);
            if twice || values.iter().filter(|value| **value == new.value).count() > 1 {
                return self.taken(new, lowering);
            }
        }
        for added in &self.added {
            if values.contains(&added.value.value) {
                return self.taken(&added.value, lowering);
            }
            let place = match (&added.before, &added.after) {
                (Some(other), _) => self.find(&values, other, lowering)?,
                (None, Some(other)) => self.find(&values, other, lowering)? + 1,
                (None, None) => values.len(),
            };
            values.insert(place, added.value.value.clone());
        }
        for (value, _) in &self.dropped {
            let place = self.find(&values, value, lowering)?;
            values.remove(place);
        }
        let (renamed, replaced) = self.moves(&before.values, &values, lowering)?;
        self.put_in_order(&mut values, lowering)?;
        let comment = self.comment.clone().unwrap_or_else(|| before.comment.clone());
        let after = Enum { values, comment, ..Enum::clone(&before) };
        if after == *before {
            return Some(());
        }
        self.check_defaults(&replaced, lowering)?;
        self.check_expressions(&renamed, &replaced, lowering)?;
        lowering.emit(Change::AlterEnum { before, after: Arc::new(after), renamed, replaced })
    }
}

/// Words from before with what becomes of each, all at once.
type Moves = Vec<(String, String)>;

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

    fn put_in_order(&self, values: &mut Vec<String>, lowering: &mut Lowering<'_>) -> Option<()> {
        let Some(order) = &self.order else { return Some(()) };
        let (mut own, mut listed) = (values.clone(), order.value.clone());
        own.sort();
        listed.sort();
        if own != listed {
            let message = format!("the order is not one of the values of `{}`", self.name.value);
            let diagnostic = Diagnostic::error(&codes::ENUM_VALUES, message).at(order.span, "not the same values");
            lowering.report(diagnostic.note(format!("at this point it has {}", values.join(", "))));
            return None;
        }
        values.clone_from(&order.value);
        Some(())
    }

    fn taken<T>(&self, value: &Spanned<String>, lowering: &mut Lowering<'_>) -> Option<T> {
        let message = format!("the enum `{}` has the value `{}` already", self.name.value, value.value);
        lowering.refuse(&codes::ENUM_VALUES, message, value.span, "taken")
    }

    /// What becomes of each word from before: renamed, or replaced by the word that is left at the end where a
    /// replacement is dropped or renamed itself.
    fn moves(&self, before: &[String], after: &[String], lowering: &mut Lowering<'_>) -> Option<(Moves, Moves)> {
        let mut replaced = Vec::new();
        for (value, replacement) in &self.dropped {
            let mut last = replacement;
            let mut steps = 0;
            while let Some((_, next)) = self.dropped.iter().find(|(dropped, _)| dropped.value == last.value) {
                last = next;
                steps += 1;
                if steps > self.dropped.len() {
                    let message = format!("the replacement of `{}` leads back to itself", value.value);
                    let label = "dropped as well, in a circle";
                    return lowering.refuse(&codes::ENUM_VALUES, message, replacement.span, label);
                }
            }
            self.find(after, last, lowering)?;
            let known_as = match self.renamed.iter().find(|(_, new)| new.value == value.value) {
                Some((old, _)) => &old.value,
                None => &value.value,
            };
            // A word that this very step adds is in no row yet.
            if before.contains(known_as) {
                replaced.push((known_as.clone(), last.value.clone()));
            }
        }
        let kept = self.renamed.iter().filter(|(old, new)| {
            old.value != new.value && !replaced.iter().any(|(replaced, _)| *replaced == old.value)
        });
        Some((kept.map(|(old, new)| (old.value.clone(), new.value.clone())).collect(), replaced))
    }

    /// A default that is a dropped value must be changed first, or new rows could not be made.
    fn check_defaults(&self, replaced: &[(String, String)], lowering: &mut Lowering<'_>) -> Option<()> {
        let lost = lowering.schema.enum_columns(&self.name.value).find_map(|(table, column)| {
            let word = column.default.as_ref().and_then(|default| lost_word(default, replaced))?;
            Some(format!("`{word}` is the default of `{}.{}`", table.name, column.name))
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

    /// A word inside an expression stays what it is there, and no row would match it any more.
    fn check_expressions(&self, renamed: &Moves, replaced: &Moves, lowering: &mut Lowering<'_>) -> Option<()> {
        let words: Vec<&str> = renamed.iter().chain(replaced).map(|(old, _)| old.as_str()).collect();
        let lexicon = lowering.context.dialect.lexicon();
        let found = lowering
            .schema
            .enum_columns(&self.name.value)
            .find_map(|(table, column)| word_mention(table, column, &words, lexicon));
        let Some((place, word)) = found else { return Some(()) };
        let span = self
            .renamed
            .iter()
            .chain(&self.dropped)
            .find(|(old, new)| old.value == word || new.value == word)
            .map_or(self.name.span, |(old, _)| old.span);
        lowering.report(
            Diagnostic::error(&codes::IN_USE, format!("{place} speaks of the value `{word}`"))
                .at(span, "would no longer be a value there")
                .help("drop it before this step, and make it again after it with the new word"),
        );
        None
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

/// A word in a default that is to be replaced; of an array, in any of its elements.
fn lost_word<'v>(default: &'v Value, replaced: &[(String, String)]) -> Option<&'v str> {
    match default {
        Value::Text(word) => replaced.iter().any(|(old, _)| old == word).then_some(word),
        Value::List(items) => items.iter().find_map(|item| lost_word(item, replaced)),
        _ => None,
    }
}
