//! Expressions inside a table's definition: which column they mention, and what a renamed column does to them.

use super::apply::rename_in;
use crate::schema::{Constraint, ConstraintKind, IndexKey, Table};
use crate::sql::{Lexicon, mentions, rename_identifier};

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
        let (mentioned, shared) = match &constraint.kind {
            ConstraintKind::Check { sql } => (in_text(sql), others_in_text(sql)),
            _ => (constraint.columns().iter().any(|c| c == column), constraint.columns().len() > 1),
        };
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
        let included = index.options.texts("include");
        let mentioned = plain(column) || included.contains(&column) || texts().any(in_text);
        let shared = others.iter().any(|other| plain(other) || included.contains(other)) || texts().any(others_in_text);
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

/// Renames a column of a table wherever the table's own definition has it.
pub fn rename_in_table(table: &mut Table, from: &str, to: &str, lexicon: &Lexicon) {
    let rename_text = |sql: &mut String| *sql = rename_identifier(sql, from, to, lexicon);
    for column in &mut table.columns {
        if column.name == from {
            to.clone_into(&mut column.name);
        }
        if let Some(computed) = &mut column.computed {
            rename_text(&mut computed.sql);
        }
    }
    let own_name = table.name.clone();
    for Constraint { kind, .. } in &mut table.constraints {
        match kind {
            ConstraintKind::PrimaryKey { columns } | ConstraintKind::Unique { columns } => rename_in(columns, from, to),
            ConstraintKind::Check { sql } => rename_text(sql),
            ConstraintKind::ForeignKey(key) => {
                rename_in(&mut key.columns, from, to);
                if key.referred_table == own_name {
                    rename_in(&mut key.referred_columns, from, to);
                }
            }
        }
    }
    for index in &mut table.indexes {
        for part in &mut index.parts {
            match &mut part.key {
                IndexKey::Column(name) if name == from => to.clone_into(name),
                IndexKey::Column(_) => {}
                IndexKey::Expression(sql) => rename_text(sql),
            }
        }
        if let Some(predicate) = &mut index.predicate {
            rename_text(predicate);
        }
    }
}
