//! What differs within a table.

use std::collections::BTreeSet;

use crate::change::{Position, TableProperties};
use crate::schema::{Column, Constraint, Index, IndexKey, ObjectName, Table, Value};

/// What a remark about the order of columns says.
const IN_THE_ORDER: &str = "stand in the order";

/// Whether a remark is about the order of columns.
pub(super) fn is_about_order(remark: &str) -> bool {
    remark.starts_with("the columns of `") && remark.contains(IN_THE_ORDER)
}

/// What differs within a table that both schemas have. Definitions are as their authors wrote them.
#[derive(Debug, Default)]
pub(super) struct TableDifference {
    pub(super) name: ObjectName,
    pub(super) properties: Option<(TableProperties, TableProperties)>,
    pub(super) renamed_constraints: Vec<(String, String)>,
    pub(super) renamed_indexes: Vec<(String, String)>,
    pub(super) dropped_constraints: Vec<Constraint>,
    pub(super) dropped_indexes: Vec<Index>,
    pub(super) added_columns: Vec<(Column, Position)>,
    /// Before and after.
    pub(super) altered_columns: Vec<(Column, Column)>,
    pub(super) dropped_columns: Vec<Column>,
    /// Constraints that are validated in the second schema only.
    pub(super) validated: Vec<String>,
    /// Constraints that are validated in the first schema only.
    pub(super) unvalidated: Vec<String>,
    pub(super) added_constraints: Vec<Constraint>,
    pub(super) created_indexes: Vec<Index>,
}

/// A table as written and in the words of the server.
type Both<'a> = (&'a Table, &'a Table);

impl TableDifference {
    pub(super) fn of(before: Both<'_>, after: Both<'_>, remarks: &mut Vec<String>) -> Self {
        let mut found = TableDifference { name: after.0.name.clone(), ..TableDifference::default() };
        found.properties(before, after);
        found.columns(before, after, remarks);
        found.constraints(before, after);
        found.indexes(before, after);
        found.untangle(before.0, after.0);
        found
    }

    pub(super) fn is_empty(&self) -> bool {
        self.properties.is_none()
            && self.renamed_constraints.is_empty()
            && self.renamed_indexes.is_empty()
            && self.dropped_constraints.is_empty()
            && self.dropped_indexes.is_empty()
            && self.added_columns.is_empty()
            && self.altered_columns.is_empty()
            && self.dropped_columns.is_empty()
            && self.validated.is_empty()
            && self.unvalidated.is_empty()
            && self.added_constraints.is_empty()
            && self.created_indexes.is_empty()
    }

    fn properties(&mut self, before: Both<'_>, after: Both<'_>) {
        if before.1.comment == after.1.comment && before.1.options == after.1.options {
            return;
        }
        let of = |table: &Table| TableProperties { comment: table.comment.clone(), options: table.options.clone() };
        self.properties = Some((of(before.0), of(after.0)));
    }

    fn columns(&mut self, before: Both<'_>, after: Both<'_>, remarks: &mut Vec<String>) {
        if after.0.partition.is_some() {
            return;
        }
        self.dropped_columns.extend(before.0.columns.iter().filter(|c| after.0.column(&c.name).is_none()).cloned());
        // Those that can stay where they are put do; the others go to the end in order.
        // What is one type with the options of the table may be two without them.
        let other_options = before.1.options != after.1.options;
        let last_known = after.0.columns.iter().rposition(|column| before.0.column(&column.name).is_some());
        for (place, column) in after.0.columns.iter().enumerate() {
            match (before.0.column(&column.name), before.1.column(&column.name), after.1.column(&column.name)) {
                (None, ..) => {
                    let position = match (place, last_known) {
                        (_, Some(last)) if place > last => Position::Last,
                        (0, _) => Position::First,
                        (place, _) => Position::After(after.0.columns[place - 1].name.clone()),
                    };
                    self.added_columns.push((column.clone(), position));
                }
                (Some(old), Some(old_words), Some(words))
                    if old_words != words || other_enum(old, column) || other_options && old.ty != column.ty =>
                {
                    self.altered_columns.push((old.clone(), column.clone()));
                }
                _ => {}
            }
        }
        let order = |table: &Table, other: &Table| -> Vec<String> {
            table.columns.iter().filter(|c| other.column(&c.name).is_some()).map(|c| c.name.clone()).collect()
        };
        let (old, new) = (order(before.0, after.0), order(after.0, before.0));
        if old != new {
            let (old, new) = (old.join(", "), new.join(", "));
            remarks.push(format!("the columns of `{}` {IN_THE_ORDER} {old} instead of {new}", after.0.name));
        }
    }

    fn constraints(&mut self, before: Both<'_>, after: Both<'_>) {
        let mut old: Vec<&Constraint> = before.1.constraints.iter().collect();
        let mut new: Vec<&Constraint> = after.1.constraints.iter().collect();
        // The same under the same name, or under no name that anybody asked for.
        pair_off(
            &mut old,
            &mut new,
            |old, new| old.name == new.name && same_rule(old, new),
            |old, new| self.validity(old, new),
        );
        pair_off(
            &mut old,
            &mut new,
            |old, new| (old.name.is_none() || new.name.is_none()) && same_rule(old, new),
            |old, new| self.validity(old, new),
        );
        // The same under another name.
        pair_off(&mut old, &mut new, same_rule, |old, new| {
            if let (Some(from), Some(to)) = (&old.name, &new.name) {
                let is_index = before.0.index(from).is_some() && before.0.constraint(from).is_none();
                let renamed = if is_index { &mut self.renamed_indexes } else { &mut self.renamed_constraints };
                renamed.push((from.clone(), to.clone()));
            }
        });
        // One that nobody wrote follows from the type of a column, and comes and goes with it, or is a unique index.
        let own_index = |table: &Table, words: &Constraint| table.index(words.name.as_deref()?).cloned();
        for words in old {
            match written(before.0, words) {
                Some(constraint) => self.dropped_constraints.push(constraint),
                None => self.dropped_indexes.extend(own_index(before.0, words)),
            }
        }
        for words in new {
            match written(after.0, words) {
                Some(constraint) => self.added_constraints.push(constraint),
                None => self.created_indexes.extend(own_index(after.0, words)),
            }
        }
        // In the order of the author, which is the same for every dialect.
        let place =
            |table: &Table, name: Option<&String>| table.constraints.iter().position(|own| own.name.as_ref() == name);
        self.renamed_constraints.sort_by_key(|(_, to)| place(after.0, Some(to)));
        self.dropped_constraints.sort_by_key(|constraint| place(before.0, constraint.name.as_ref()));
        self.added_constraints.sort_by_key(|constraint| {
            after.0.constraints.iter().position(|own| own == constraint).unwrap_or(usize::MAX)
        });
    }

    /// Whether the rows have been checked on one side only.
    fn validity(&mut self, old: &Constraint, new: &Constraint) {
        let Some(name) = old.name.as_ref().or(new.name.as_ref()).filter(|_| old.validated != new.validated) else {
            return;
        };
        if new.validated { &mut self.validated } else { &mut self.unvalidated }.push(name.clone());
    }

    fn indexes(&mut self, before: Both<'_>, after: Both<'_>) {
        let mut old: Vec<&Index> = before.1.indexes.iter().collect();
        let mut new: Vec<&Index> = after.1.indexes.iter().collect();
        pair_off(&mut old, &mut new, |old, new| old == new, |_, _| {});
        let same = |old: &Index, new: &Index| {
            Index { name: String::new(), ..old.clone() } == Index { name: String::new(), ..new.clone() }
        };
        pair_off(&mut old, &mut new, same, |old, new| self.renamed_indexes.push((old.name.clone(), new.name.clone())));
        self.renamed_indexes.sort_by_key(|(_, to)| after.0.indexes.iter().position(|own| own.name == *to));
        let own = |table: &Table, words: &Index| table.index(&words.name).unwrap_or(words).clone();
        self.dropped_indexes.extend(old.into_iter().map(|words| own(before.0, words)));
        self.created_indexes.extend(new.into_iter().map(|words| own(after.0, words)));
        self.created_indexes
            .sort_by_key(|index| after.0.indexes.iter().position(|own| own.name == index.name).unwrap_or(usize::MAX));
    }

    /// Puts renames in an order in which every new name is free. Of names in a circle one goes, and comes in the end.
    fn untangle(&mut self, before: &Table, after: &Table) {
        let mut constraints = std::mem::take(&mut self.renamed_constraints);
        while let Some((pair, is_free)) = next_free(&mut constraints) {
            match (before.constraint(&pair.0), after.constraint(&pair.1)) {
                (Some(old), Some(new)) if !is_free => {
                    self.dropped_constraints.push(old.clone());
                    self.added_constraints.push(new.clone());
                }
                _ => self.renamed_constraints.push(pair),
            }
        }
        let mut indexes = std::mem::take(&mut self.renamed_indexes);
        while let Some((pair, is_free)) = next_free(&mut indexes) {
            match (before.index(&pair.0), after.index(&pair.1)) {
                (Some(old), Some(new)) if !is_free => {
                    self.dropped_indexes.push(old.clone());
                    self.created_indexes.push(new.clone());
                }
                _ => self.renamed_indexes.push(pair),
            }
        }
    }
}

/// Takes a pair of names out whose new name is not the old one of another pair; where there is none, the first, which cannot
/// be renamed before the others.
fn next_free(pairs: &mut Vec<(String, String)>) -> Option<((String, String), bool)> {
    let free = (0..pairs.len()).find(|place| pairs.iter().all(|(from, _)| *from != pairs[*place].1));
    let place = free.or(if pairs.is_empty() { None } else { Some(0) })?;
    Some((pairs.remove(place), free.is_some()))
}

/// Takes the pairs that are alike out of two lists.
fn pair_off<T>(old: &mut Vec<&T>, new: &mut Vec<&T>, alike: impl Fn(&T, &T) -> bool, mut paired: impl FnMut(&T, &T)) {
    new.retain(|wanted| match old.iter().position(|found| alike(found, wanted)) {
        Some(place) => {
            paired(old.remove(place), wanted);
            false
        }
        None => true,
    });
}

/// Whether two constraints demand the same, whatever their names, and whether or not the rows have been checked.
fn same_rule(old: &Constraint, new: &Constraint) -> bool {
    let bare = |constraint: &Constraint| Constraint { name: None, validated: true, ..constraint.clone() };
    bare(old) == bare(new)
}

/// Whether a column has another enum than before, which may be the same type to the server.
pub(super) fn other_enum(old: &Column, new: &Column) -> bool {
    old.ty.enum_name() != new.ty.enum_name()
}

/// A constraint as its author wrote it, found by what it is in the words of the server; none when it was not written.
fn written(table: &Table, words: &Constraint) -> Option<Constraint> {
    let same_kind = |own: &&Constraint| std::mem::discriminant(&own.kind) == std::mem::discriminant(&words.kind);
    let found = if words.is_primary_key() {
        table.primary_key()
    } else if let Some(name) = &words.name {
        table.constraints.iter().filter(same_kind).find(|own| own.name.as_ref() == Some(name))
    } else {
        let unnamed = || table.constraints.iter().filter(same_kind).filter(|own| own.name.is_none());
        unnamed().find(|own| own.kind == words.kind).or_else(|| unnamed().find(|own| own.columns() == words.columns()))
    };
    found.cloned()
}

/// Whatever is unique in a table and will not be any more, as lists of columns.
pub(super) fn lost_keys(table: &TableDifference) -> Vec<Vec<String>> {
    let constraints = table.dropped_constraints.iter().filter(|constraint| constraint.foreign_key().is_none());
    let of_constraints =
        constraints.map(|constraint| constraint.columns().to_vec()).filter(|columns| !columns.is_empty());
    let indexes = table.dropped_indexes.iter().filter(|index| index.unique);
    let of_indexes =
        indexes.filter_map(|index| index.parts.iter().map(|part| part.column_name().map(str::to_owned)).collect());
    of_constraints.chain(of_indexes).collect()
}

pub(super) fn same_columns(a: &[String], b: &[String]) -> bool {
    a.len() == b.len() && a.iter().all(|column| b.contains(column))
}

/// The names that a table takes: its own, and those of its constraints and indexes.
pub(super) fn own_names(table: &Table) -> impl Iterator<Item = &str> {
    let constraints = table.constraints.iter().filter_map(|constraint| constraint.name.as_deref());
    let indexes = table.indexes.iter().map(|index| index.name.as_str());
    std::iter::once(table.name.name.as_str()).chain(constraints).chain(indexes)
}

/// The names of constraints and indexes that a table gets.
pub(super) fn names_to_come(difference: &TableDifference) -> BTreeSet<String> {
    let constraints = difference.added_constraints.iter().filter_map(|constraint| constraint.name.clone());
    let indexes = difference.created_indexes.iter().map(|index| index.name.clone());
    let renamed = difference.renamed_constraints.iter().chain(&difference.renamed_indexes);
    constraints.chain(indexes).chain(renamed.map(|(_, to)| to.clone())).collect()
}

/// Every expression of a table.
pub(super) fn expressions(table: &Table) -> impl Iterator<Item = &str> {
    let columns = table.columns.iter().flat_map(|column| {
        let default = match &column.default {
            Some(Value::Sql(sql)) => Some(sql.as_str()),
            _ => None,
        };
        default.into_iter().chain(column.computed.as_ref().map(|computed| computed.sql.as_str()))
    });
    let indexes = table.indexes.iter().flat_map(|index| {
        let parts = index.parts.iter().filter_map(|part| match &part.key {
            IndexKey::Expression(sql) => Some(sql.as_str()),
            IndexKey::Column(_) => None,
        });
        parts.chain(index.predicate.as_deref())
    });
    columns.chain(indexes).chain(table.constraints.iter().flat_map(Constraint::expressions))
}
