//! What goes and what comes, and may be one thing under two names. Nobody can know, so its author is asked.

use super::Agreement;
use super::compare::Comparison;
use crate::schema::{Column, ObjectName, Table};

/// Something that may have been renamed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Lookalike {
    /// A table that goes and one that comes with the same columns, most of them.
    Table {
        /// The one that goes.
        from: ObjectName,
        /// The one that comes.
        to: ObjectName,
    },
    /// A column that goes and one of the same type that comes.
    Column {
        /// Their table.
        table: ObjectName,
        /// The one that goes.
        from: String,
        /// The one that comes.
        to: String,
    },
}

pub(super) fn find(comparison: &Comparison, agreement: &Agreement) -> Vec<Lookalike> {
    let mut found = Vec::new();
    let mut taken: Vec<&ObjectName> = Vec::new();
    for dropped in &comparison.dropped_tables {
        let Some(before) = agreement.from.table(&dropped.name) else { continue };
        let created = comparison.created_tables.iter().filter(|table| !taken.contains(&&table.name));
        let likely = created
            .filter_map(|table| Some((table, alike(before, agreement.to.table(&table.name)?))))
            .filter(|(_, share)| *share > 0)
            .max_by_key(|(table, share)| (*share, std::cmp::Reverse(&table.name)));
        if let Some((table, _)) = likely {
            taken.push(&table.name);
            found.push(Lookalike::Table { from: dropped.name.clone(), to: table.name.clone() });
        }
    }
    for table in &comparison.altered_tables {
        let words = (agreement.from.table(&table.name), agreement.to.table(&table.name));
        let (Some(before), Some(after)) = words else { continue };
        let mut taken: Vec<&str> = Vec::new();
        for dropped in &table.dropped_columns {
            let Some(old) = before.column(&dropped.name) else { continue };
            let same = |new: &&Column| new.ty == old.ty && new.computed.is_some() == old.computed.is_some();
            let added = table.added_columns.iter().filter_map(|(added, _)| after.column(&added.name));
            let place = |name: &str, of: &Table| of.position(name).unwrap_or(usize::MAX);
            let likely = added
                .filter(|new| !taken.contains(&new.name.as_str()))
                .filter(same)
                .min_by_key(|new| place(&new.name, after).abs_diff(place(&old.name, before)));
            if let Some(new) = likely {
                taken.push(&new.name);
                found.push(Lookalike::Column {
                    table: table.name.clone(),
                    from: old.name.clone(),
                    to: new.name.clone(),
                });
            }
        }
    }
    found
}

/// How many columns two tables share by name and type, if those are most of both.
fn alike(before: &Table, after: &Table) -> usize {
    let shared =
        before.columns.iter().filter(|old| after.column(&old.name).is_some_and(|new| new.ty == old.ty)).count();
    let most = before.columns.len().max(after.columns.len());
    if shared * 3 >= most * 2 { shared } else { 0 }
}
