//! To some servers a unique constraint and a unique index are one thing, and what is read from them is one of the two.

use crate::dialect::Dialect;
use crate::schema::{Constraint, ConstraintKind, Index, IndexPart, Options, Schema, Table};

/// What was found in a database, with a unique index for a unique constraint, or the other way round, wherever `known` has
/// it so under the same name and the server makes no difference. Steps that are run on top of `known` then drop and rename
/// what is there, even if its columns are others.
pub(super) fn in_kinds_of(dialect: &dyn Dialect, found: &Schema, known: &Schema) -> Schema {
    let in_doubt: Vec<(&Table, &Table)> = found
        .tables()
        .filter_map(|table| Some((&**table, &**known.table(&table.name)?)))
        .filter(|(table, known)| others(table, known).next().is_some())
        .collect();
    if in_doubt.is_empty() {
        return found.clone();
    }
    let mut changed = found.clone();
    let (found_words, known_words) = (dialect.normalize(found), dialect.normalize(known));
    for (table, known) in in_doubt {
        let (Some(words), Some(own_words)) = (found_words.table(&table.name), known_words.table(&table.name)) else {
            continue;
        };
        let mut other = table.clone();
        for name in others(table, known) {
            if let (Some(columns), Some(_)) = (unique_columns(words, name), unique_columns(own_words, name)) {
                let same = words.constraint(name) == own_words.constraint(name);
                turn(&mut other, known, name, columns, same);
            }
        }
        changed.put_table(other);
    }
    changed
}

/// The names that are a unique constraint of the one table and a unique index of the other.
fn others<'t>(found: &'t Table, known: &'t Table) -> impl Iterator<Item = &'t str> {
    let is_unique = |table: &Table, name: &str| {
        table.constraint(name).is_some_and(|found| matches!(found.kind, ConstraintKind::Unique { .. }))
    };
    let is_index = |table: &Table, name: &str| table.index(name).is_some_and(|index| index.unique);
    let constraints = found.constraints.iter().filter_map(|constraint| constraint.name.as_deref());
    let constraints = constraints.filter(move |name| is_unique(found, name) && is_index(known, name));
    let indexes = found.indexes.iter().map(|index| index.name.as_str());
    constraints.chain(indexes.filter(move |name| is_index(found, name) && is_unique(known, name)))
}

/// The columns of a unique constraint.
fn unique_columns<'t>(table: &'t Table, name: &str) -> Option<&'t [String]> {
    match &table.constraint(name)?.kind {
        ConstraintKind::Unique { columns } => Some(columns),
        _ => None,
    }
}

/// Makes an index of a constraint, or the other way round: the author's own where the two are the same.
fn turn(table: &mut Table, known: &Table, name: &str, columns: &[String], same: bool) {
    let is = |constraint: &Constraint| constraint.name.as_deref() == Some(name);
    if let Some(own) = known.index(name) {
        table.constraints.retain(|constraint| !is(constraint));
        let plain = || Index {
            name: name.to_owned(),
            parts: columns.iter().map(IndexPart::column).collect(),
            unique: true,
            predicate: None,
            comment: None,
            options: Options::default(),
        };
        table.indexes.push(if same { own.clone() } else { plain() });
    } else if let Some(own) = known.constraint(name) {
        table.indexes.retain(|index| index.name != name);
        let plain = || Constraint::new(Some(name.to_owned()), ConstraintKind::Unique { columns: columns.to_vec() });
        table.constraints.push(if same { own.clone() } else { plain() });
    }
}
