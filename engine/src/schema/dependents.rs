//! What is built on what: the views and triggers whose text speaks of a table, a view or a column.

use std::sync::Arc;

use super::{Object, ObjectId, ObjectName, Schema};
use crate::sql::{Lexicon, mentions, mentions_relation, selects_everything};

impl Schema {
    /// The views that speak of a table or view themselves, and the triggers of other tables that do.
    #[must_use]
    pub fn direct_dependents(&self, relation: &ObjectName, lexicon: &Lexicon) -> Vec<Arc<Object>> {
        let depends = |object: &Object| match object {
            Object::View(view) => view.name != *relation && mentions_relation(&view.sql, relation, lexicon),
            Object::Trigger(trigger) => {
                trigger.table != *relation && mentions_relation(&trigger.sql, relation, lexicon)
            }
            _ => false,
        };
        self.objects().filter(|object| depends(object)).map(Arc::clone).collect()
    }

    /// The views built on a table or view, also through other views, in an order in which they can be made.
    #[must_use]
    pub fn dependent_views(&self, relation: &ObjectName, lexicon: &Lexicon) -> Vec<Arc<Object>> {
        let mut found = Vec::new();
        self.add_dependent_views(relation, lexicon, &mut found);
        found.reverse();
        found
    }

    /// Adds them in an order in which they can be dropped: a view behind everything that is built on it.
    fn add_dependent_views(&self, relation: &ObjectName, lexicon: &Lexicon, found: &mut Vec<Arc<Object>>) {
        for object in self.direct_dependents(relation, lexicon) {
            if let Object::View(view) = &*object
                && !found.iter().any(|other| other.id() == object.id())
            {
                self.add_dependent_views(&view.name, lexicon, found);
                found.push(object);
            }
        }
    }

    /// The views and triggers whose text depends on a column, and those that select every column.
    #[must_use]
    pub fn column_dependents(&self, table: &ObjectName, column: &str, lexicon: &Lexicon) -> Vec<ObjectId> {
        let depends = |object: &Object| match object {
            Object::View(view) => {
                mentions_relation(&view.sql, table, lexicon)
                    && (mentions(&view.sql, column, lexicon) || selects_everything(&view.sql, lexicon))
            }
            Object::Trigger(trigger) => {
                (trigger.table == *table || mentions_relation(&trigger.sql, table, lexicon))
                    && mentions(&trigger.sql, column, lexicon)
            }
            _ => false,
        };
        self.objects().filter(|object| depends(object)).map(|object| object.id()).collect()
    }

    /// The sequences that go with a table, or with one column of it.
    pub fn owned_sequences<'a>(
        &'a self,
        table: &'a ObjectName,
        column: Option<&'a str>,
    ) -> impl Iterator<Item = &'a Arc<Object>> {
        self.objects().filter(move |object| match &***object {
            Object::Sequence(sequence) => sequence
                .owned_by
                .as_ref()
                .is_some_and(|(owner, own)| owner == table && column.is_none_or(|column| column == own)),
            _ => false,
        })
    }
}
