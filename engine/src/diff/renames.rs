//! Things that have another name and are still the same, because their author says so.

use super::course::Course;
use crate::change::Change;
use crate::schema::{ObjectClass, ObjectId, ObjectName, Schema};

/// What `renamed_from` says in a desired schema. A hint about something that has its new name already does nothing, so
/// it may stay in the file.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Renames {
    /// Tables: the old name and the new one.
    pub tables: Vec<(ObjectName, ObjectName)>,
    /// Columns: the table under its new name, the old name and the new one.
    pub columns: Vec<(ObjectName, String, String)>,
    /// Views: the old name and the new one.
    pub views: Vec<(ObjectName, ObjectName)>,
}

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
    for (from, to) in &renames.views {
        if course.reached.view(from).is_some() && course.reached.view(to).is_none() && wanted.view(to).is_some() {
            let id = ObjectId::new(ObjectClass::View, from.clone());
            course.go(Change::RenameObject { id, to: to.clone() });
        }
    }
}
