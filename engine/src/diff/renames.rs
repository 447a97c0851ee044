//! Things that have another name and are still the same, because their author says so.

use super::course::Course;
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
