//! Expressions inside a table's definition: which column they mention, and what a renamed column does to them.

use super::apply::rename_in;
use crate::schema::{Column, Constraint, ConstraintKind, IndexKey, IndexPart, ObjectName, OptionValue, Table, Value};
use crate::sql::{Lexicon, mentions, mentions_text, rename_identifier, rename_qualifier};

/// Where a table's definition mentions a column.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Mentions {
    /// Constraints that have no other column, by place in the list.
    pub own_constraints: Vec<usize>,
    /// Constraints that have other columns too.
    pub shared_constraints: Vec<usize>,
    /// Indexes that have no other column, by place in the list.
    pub own_indexes: Vec<usize>,
    /// Indexes that have other columns too.
    pub shared_indexes: Vec<usize>,
    /// Generated columns made of it, by place in the list.
    pub computed: Vec<usize>,
}

/// Where a table's definition mentions a column.
#[must_use]
pub fn column_mentions(table: &Table, column: &str, lexicon: &Lexicon) -> Mentions {
    let others: Vec<&str> = table.columns.iter().map(|c| c.name.as_str()).filter(|name| *name != column).collect();
    let in_text = |sql: &str| mentions(sql, column, lexicon);
    let others_in_text = |sql: &str| others.iter().any(|other| mentions(sql, other, lexicon));
    let mut found = Mentions::default();
    for (place, constraint) in table.constraints.iter().enumerate() {
        let named = |name: &str| constraint.named_columns().any(|other| other == name);
        let mentioned = named(column) || constraint.expressions().any(in_text);
        let shared = others.iter().any(|other| named(other)) || constraint.expressions().any(others_in_text);
        match (mentioned, shared) {
            (true, false) => found.own_constraints.push(place),
            (true, true) => found.shared_constraints.push(place),
            (false, _) => {}
        }
    }
    for (place, index) in table.indexes.iter().enumerate() {
        let texts = || {
            index
                .parts
                .iter()
                .filter_map(|part| match &part.key {
                    IndexKey::Expression(sql) => Some(sql.as_str()),
                    IndexKey::Column(_) => None,
                })
                .chain(index.predicate.as_deref())
        };
        let plain = |name: &str| index.parts.iter().any(|part| part.column_name() == Some(name));
        let included = |name: &str| index.options.columns().any(|other| other == name);
        let mentioned = plain(column) || included(column) || texts().any(in_text);
        let shared = others.iter().any(|other| plain(other) || included(other)) || texts().any(others_in_text);
        match (mentioned, shared) {
            (true, false) => found.own_indexes.push(place),
            (true, true) => found.shared_indexes.push(place),
            (false, _) => {}
        }
    }
    for (place, other) in table.columns.iter().enumerate() {
        if other.name != column && other.computed.as_ref().is_some_and(|computed| in_text(&computed.sql)) {
            found.computed.push(place);
        }
    }
    found
}

/// The option that says how a table is divided, whatever dialect has it: a word or two, and the key in parentheses.
const PARTITION_BY: &str = "partition_by";

/// Where the key of a partitioning stands in its text.
fn partition_key(text: &str) -> Option<(usize, usize)> {
    let start = text.find('(')? + 1;
    let mut depth = 1_usize;
    let end = text[start..].char_indices().find(|(_, c)| {
        match c {
            '(' => depth += 1,
            ')' => depth -= 1,
            _ => {}
        }
        depth == 0
    });
    end.map(|(length, _)| (start, start + length))
}

/// Whether a table is divided into partitions by a column.
#[must_use]
pub fn divides(table: &Table, column: &str, lexicon: &Lexicon) -> bool {
    let text = table.options.text(PARTITION_BY);
    text.and_then(|text| partition_key(text).map(|(start, end)| &text[start..end]))
        .is_some_and(|key| mentions(key, column, lexicon))
}

/// Renames a column of a table wherever the table's own definition has it.
pub fn rename_in_table(table: &mut Table, from: &str, to: &str, lexicon: &Lexicon) {
    for column in table.columns.iter_mut().filter(|column| column.name == from) {
        to.clone_into(&mut column.name);
    }
    let own_name = table.name.clone();
    if let Some(OptionValue::Text(text)) = table.options.0.get_mut(PARTITION_BY)
        && let Some((start, end)) = partition_key(text)
    {
        let renamed = rename_identifier(&text[start..end], from, to, lexicon);
        text.replace_range(start..end, &renamed);
    }
    for Constraint { kind, options, .. } in &mut table.constraints {
        options.rename_column(from, to);
        match kind {
            ConstraintKind::PrimaryKey { columns } | ConstraintKind::Unique { columns } => rename_in(columns, from, to),
            ConstraintKind::Check { .. } => {}
            ConstraintKind::Exclude(exclude) => {
                exclude.elements.iter_mut().for_each(|element| rename_in_part(&mut element.part, from, to));
            }
            ConstraintKind::ForeignKey(key) => {
                rename_in(&mut key.columns, from, to);
                if key.referred_table == own_name {
                    rename_in(&mut key.referred_columns, from, to);
                }
            }
        }
    }
    for index in &mut table.indexes {
        index.options.rename_column(from, to);
        index.parts.iter_mut().for_each(|part| rename_in_part(part, from, to));
    }
    each_expression(table, |sql| *sql = rename_identifier(sql, from, to, lexicon));
}

fn rename_in_part(part: &mut IndexPart, from: &str, to: &str) {
    match &mut part.key {
        IndexKey::Column(name) if name == from => to.clone_into(name),
        IndexKey::Column(_) | IndexKey::Expression(_) => {}
    }
}

/// Renames the table itself where an expression of its own names it before a column: `t.n`.
pub(super) fn rename_qualifiers(table: &mut Table, from: &ObjectName, to: &ObjectName, lexicon: &Lexicon) {
    each_expression(table, |sql| {
        *sql = rename_qualifier(sql, from.schema.as_deref(), &from.name, &to.name, lexicon);
    });
}

/// Every expression of a table's definition, defaults aside, which mention no column.
fn each_expression(table: &mut Table, mut change: impl FnMut(&mut String)) {
    for computed in table.columns.iter_mut().filter_map(|column| column.computed.as_mut()) {
        change(&mut computed.sql);
    }
    for constraint in &mut table.constraints {
        constraint.expressions_mut().for_each(&mut change);
    }
    for index in &mut table.indexes {
        for part in &mut index.parts {
            if let IndexKey::Expression(sql) = &mut part.key {
                change(sql);
            }
        }
        if let Some(predicate) = &mut index.predicate {
            change(predicate);
        }
    }
}

/// The first place where an expression of a table speaks of a column together with one of some words, or where the
/// column itself is made of such an expression; in words for a message, with the word.
#[must_use]
pub fn word_mention<'w>(
    table: &Table,
    column: &Column,
    words: &[&'w str],
    lexicon: &Lexicon,
) -> Option<(String, &'w str)> {
    let word = |sql: &str| words.iter().copied().find(|word| mentions_text(sql, word, lexicon));
    let found = |sql: &str| if mentions(sql, &column.name, lexicon) { word(sql) } else { None };
    if let Some(Value::Sql(sql)) = &column.default
        && let Some(word) = word(sql)
    {
        return Some((format!("the default of `{}.{}`", table.name, column.name), word));
    }
    for other in &table.columns {
        let Some(computed) = &other.computed else { continue };
        let mention = if other.name == column.name { word(&computed.sql) } else { found(&computed.sql) };
        if let Some(word) = mention {
            return Some((format!("the computed column `{}.{}`", table.name, other.name), word));
        }
    }
    for constraint in &table.constraints {
        if let Some(word) = constraint.expressions().find_map(found) {
            let name = constraint.name.as_deref().unwrap_or("(unnamed)");
            let what = if constraint.exclude().is_some() { constraint.describe() } else { "check" };
            return Some((format!("the {what} `{name}` of `{}`", table.name), word));
        }
    }
    table.indexes.iter().find_map(|index| {
        let expressions = index.parts.iter().filter_map(|part| match &part.key {
            IndexKey::Expression(sql) => Some(sql.as_str()),
            IndexKey::Column(_) => None,
        });
        let word = expressions.chain(index.predicate.as_deref()).find_map(found);
        word.map(|word| (format!("the index `{}` of `{}`", index.name, table.name), word))
    })
}
