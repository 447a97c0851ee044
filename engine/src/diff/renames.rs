//! Things that have another name and are still the same, because their author says so.

use super::compare::Comparison;
use super::course::Course;
use super::tables::TableDifference;
use crate::change::Change;
use crate::desired::Renames;
use crate::schema::{ObjectClass, Schema};

/// Renames what is there under the old name only.
pub(super) fn follow(course: &mut Course<'_>, wanted: &Schema, renames: &Renames) {
    for (from, to) in &renames.tables {
        let there = course.reached.table(from).is_some() && course.reached.table(to).is_none();
        if there && wanted.table(to).is_some() && wanted.table(from).is_none() {
            course.go(Change::RenameTable { from: from.clone(), to: to.clone() });
        }
    }
    for (table, from, to) in &renames.columns {
        let Some(found) = course.reached.table(table) else { continue };
        let own = found.partition.is_none();
        let there = found.column(from).is_some() && found.column(to).is_none();
        let meant =
            wanted.table(table).is_some_and(|wanted| wanted.column(to).is_some() && wanted.column(from).is_none());
        if own && there && meant {
            course.go(Change::RenameColumn { table: table.clone(), from: from.clone(), to: to.clone() });
        }
    }
    for (table, from, to) in &renames.constraints {
        let has =
            |schema: &Schema, name: &str| schema.table(table).is_some_and(|table| table.constraint(name).is_some());
        if has(&course.reached, from) && !has(&course.reached, to) && has(wanted, to) {
            course.go(Change::RenameConstraint { table: table.clone(), from: from.clone(), to: to.clone() });
        }
    }
    for (table, from, to) in &renames.indexes {
        let has = |schema: &Schema, name: &str| schema.table(table).is_some_and(|table| table.index(name).is_some());
        if has(&course.reached, from) && !has(&course.reached, to) && has(wanted, to) {
            course.go(Change::RenameIndex { table: table.clone(), from: from.clone(), to: to.clone() });
        }
    }
    for (from, to) in renames.objects.iter().filter(|(from, _)| from.class == ObjectClass::View) {
        let there = course.reached.object(from).is_some() && course.reached.object(to).is_none();
        if there && wanted.object(to).is_some() {
            course.go(Change::RenameObject { id: from.clone(), to: to.name.clone() });
        }
    }
}

/// Renames tables and columns whose name differs in the case of letters only, where the dialect takes both for one: nothing
/// else can be made under the new name while the old one is there.
pub(super) fn recase(course: &mut Course<'_>, wanted: &Schema) {
    if !course.dialect.capabilities().folds_case {
        return;
    }
    let same = |a: &str, b: &str| a != b && a.eq_ignore_ascii_case(b);
    for table in wanted.tables().filter(|table| table.partition.is_none()) {
        let there = course.reached.tables().find(|other| {
            other.name.schema == table.name.schema
                && same(&other.name.name, &table.name.name)
                && other.partition.is_none()
                && wanted.table(&other.name).is_none()
        });
        if let Some(from) = there.map(|other| other.name.clone()) {
            course.go(Change::RenameTable { from, to: table.name.clone() });
        }
        let Some(found) = course.reached.table(&table.name).cloned() else { continue };
        for column in &table.columns {
            if let Some(old) = found.columns.iter().find(|old| same(&old.name, &column.name)) {
                let (from, to) = (old.name.clone(), column.name.clone());
                course.go(Change::RenameColumn { table: table.name.clone(), from, to });
            }
        }
    }
}

/// Takes the new names of constraints and indexes back that are something else as well: those go under their old name, and
/// come under the new one.
pub(super) fn withdraw(course: &mut Course<'_>, comparison: &mut Comparison) {
    for difference in &mut comparison.altered_tables {
        let mut place = 0;
        while place < course.changes.len() {
            if let Some(back) = restored(&course.changes[place], difference)
                && back.apply(&mut course.reached, course.dialect.lexicon()).is_ok()
            {
                course.changes.remove(place);
            } else {
                place += 1;
            }
        }
    }
}

/// The way back of a rename, if what was renamed goes. It goes under its old name then.
fn restored(change: &Change, difference: &mut TableDifference) -> Option<Change> {
    match change {
        Change::RenameConstraint { table, from, to } if *table == difference.name => {
            let going = difference.dropped_constraints.iter_mut().find(|found| found.name.as_ref() == Some(to))?;
            going.name = Some(from.clone());
            Some(Change::RenameConstraint { table: table.clone(), from: to.clone(), to: from.clone() })
        }
        Change::RenameIndex { table, from, to } if *table == difference.name => {
            difference.dropped_indexes.iter_mut().find(|found| found.name == *to)?.name.clone_from(from);
            Some(Change::RenameIndex { table: table.clone(), from: to.clone(), to: from.clone() })
        }
        _ => None,
    }
}
