//! Views that cannot be replaced one by one. What is built on a view keeps its text while that is replaced, and what reads a
//! column keeps it while that changes: a text that fits the one state only would not run. Such views go before the tables
//! change, the last made first, and are made again in the end, with all that is built on them.

use std::collections::BTreeSet;
use std::sync::Arc;

use super::Way;
use crate::schema::{Column, Object, ObjectClass, ObjectId, ObjectName, View};
use crate::sql::{Lexicon, selects_alike};

impl Way<'_, '_> {
    /// Makes two of a replacement, a view that goes and one that comes, wherever the replacement would not run in one of the
    /// directions.
    pub(super) fn part_views(&mut self) {
        let lexicon = self.course.dialect.lexicon();
        let reached = &self.course.reached;
        let other = |(before, after): &(Arc<Object>, Arc<Object>)| Some((view(before)?.clone(), view(after)?.clone()));
        let altered: Vec<(View, View)> =
            self.rest.altered_objects.iter().filter_map(other).filter(|(old, new)| bare(old) != bare(new)).collect();
        let is_altered = |name: &ObjectName| altered.iter().any(|(old, _)| old.name == *name);
        let above = |name: &ObjectName| -> Vec<ObjectName> {
            reached.dependent_views(name, lexicon).iter().map(|object| object.id().name).collect()
        };
        let mut going: BTreeSet<ObjectName> = BTreeSet::new();
        for (old, new) in &altered {
            if !keeps_columns(old, new, lexicon) && above(&old.name).iter().any(is_altered) {
                going.insert(old.name.clone());
            }
        }
        for table in &self.rest.altered_tables {
            for (old, _) in table.altered_columns.iter().filter(|(old, new)| is_another(old, new)) {
                let readers = reached.column_dependents(&table.name, &old.name, lexicon).into_iter();
                for reader in readers.filter(|id| id.class == ObjectClass::View) {
                    let all = above(&reader.name).into_iter().chain([reader.name]);
                    going.extend(all.filter(is_altered));
                }
            }
        }
        let on_top: Vec<ObjectName> = going.iter().flat_map(above).collect();
        going.extend(on_top);
        let mut all: BTreeSet<ObjectId> = BTreeSet::new();
        for name in &going {
            let triggers = reached.direct_dependents(name, lexicon);
            all.extend(triggers.iter().map(|o| o.id()).filter(|id| id.class == ObjectClass::Trigger));
            all.extend(reached.triggers_of(name).map(|trigger| Object::Trigger(trigger.clone()).id()));
            all.insert(ObjectId { class: ObjectClass::View, name: name.clone(), qualifier: None });
        }
        let unchanged = |id: &ObjectId| {
            let found = reached.object(id)?;
            let goes = self.rest.dropped_objects.iter().any(|object| object.id() == *id);
            (!goes).then(|| (Arc::clone(found), Arc::clone(self.wanted.object(id).unwrap_or(found))))
        };
        let mut parted = Vec::new();
        for id in &all {
            match self.rest.altered_objects.iter().position(|(before, _)| before.id() == *id) {
                Some(place) => parted.push(self.rest.altered_objects.remove(place)),
                None => parted.extend(unchanged(id)),
            }
        }
        for (before, after) in parted {
            self.rest.dropped_objects.push(before);
            self.rest.created_objects.push(after);
        }
    }
}

fn view(object: &Object) -> Option<&View> {
    match object {
        Object::View(view) => Some(view),
        _ => None,
    }
}

/// A view without what is changed by itself.
fn bare(view: &View) -> View {
    View { indexes: Vec::new(), comment: None, ..view.clone() }
}

/// Whether a view visibly keeps its columns, so that whatever is built on it runs as before.
fn keeps_columns(old: &View, new: &View, lexicon: &Lexicon) -> bool {
    old.columns == new.columns && old.materialized == new.materialized && selects_alike(&old.sql, &new.sql, lexicon)
}

/// Whether a text that reads a column may not run any more.
fn is_another(old: &Column, new: &Column) -> bool {
    old.ty != new.ty || old.collation != new.collation || old.computed != new.computed
}
