//! What is built on a table, view or column, and has to go first or keeps it from going.

use std::sync::Arc;

use super::Lowering;
use crate::change::{Change, left_behind};
use crate::diagnostic::{Diagnostic, codes};
use crate::schema::{Object, ObjectClass, ObjectId, ObjectName};
use crate::source::{Span, Spanned, nearest};

impl Lowering<'_> {
    /// An object that must be there, by its kind and name.
    pub fn object(&mut self, class: ObjectClass, name: &Spanned<ObjectName>) -> Option<Arc<Object>> {
        let found = self.schema.objects().find(|object| object.class() == class && object.id().name == name.value);
        if let Some(object) = found {
            return Some(Arc::clone(object));
        }
        if self.is_poisoned(&name.value, None) {
            return None;
        }
        let names: Vec<String> = self
            .schema
            .objects()
            .filter(|object| object.class() == class)
            .map(|object| object.id().name.to_string())
            .collect();
        let word = class.word();
        let diagnostic = Diagnostic::error(&codes::MISSING_OBJECT, format!("there is no {word} `{}`", name.value))
            .at(name.span, "not there at this point of the history");
        self.report(match nearest(&name.value.to_string(), names.iter().map(String::as_str)) {
            Some(near) => diagnostic.help(format!("did you mean `{near}`?")),
            None => diagnostic.help(format!(
                "make it with `create_{word}`; for one that raw SQL made, say so in the `effect` of that `execute`"
            )),
        });
        None
    }

    /// The views and triggers that are built on a table or view: with `cascade` they go, otherwise they are named.
    pub fn drop_dependents(&mut self, relation: &Spanned<ObjectName>, cascade: bool) -> Option<()> {
        let lexicon = self.context.dialect.lexicon();
        let mut dependents = self.schema.dependent_views(&relation.value, lexicon);
        let triggers = self.schema.direct_dependents(&relation.value, lexicon);
        dependents.extend(triggers.into_iter().filter(|object| object.class() == ObjectClass::Trigger));
        if dependents.is_empty() {
            return Some(());
        }
        if !cascade {
            let listed: Vec<String> = dependents.iter().map(|object| format!("`{}`", object.id())).collect();
            self.report(
                Diagnostic::error(&codes::IN_USE, format!("other things are built on `{}`", relation.value))
                    .at(relation.span, "cannot be dropped yet")
                    .note(format!("in use by: {}", listed.join(", ")))
                    .help("drop those first, or write `cascade: true` to drop them along"),
            );
            return None;
        }
        for object in dependents.into_iter().rev() {
            self.drop_triggers(&object.id().name)?;
            self.emit(Change::DropObject { object })?;
        }
        Some(())
    }

    /// Drops the triggers of a table or view that goes, so that a downgrade brings them back.
    pub fn drop_triggers(&mut self, relation: &ObjectName) -> Option<()> {
        let own: Vec<Arc<Object>> =
            self.schema.triggers_of(relation).map(|trigger| Arc::new(Object::Trigger(trigger.clone()))).collect();
        own.into_iter().try_for_each(|object| self.emit(Change::DropObject { object }))
    }

    /// Frees the sequences that go with a table or column, and gives them back to be dropped once it is gone.
    pub fn release_sequences(&mut self, table: &ObjectName, column: Option<&str>) -> Option<Vec<Arc<Object>>> {
        let owned: Vec<Arc<Object>> = self.schema.owned_sequences(table, column).map(Arc::clone).collect();
        let mut freed = Vec::with_capacity(owned.len());
        for before in owned {
            let mut after = Object::clone(&before);
            if let Object::Sequence(sequence) = &mut after {
                sequence.owned_by = None;
            }
            let after = Arc::new(after);
            self.emit(Change::AlterObject { before, after: Arc::clone(&after) })?;
            freed.push(after);
        }
        Some(freed)
    }

    /// Drops what [`Lowering::release_sequences`] freed.
    pub fn drop_released(&mut self, sequences: Vec<Arc<Object>>) -> Option<()> {
        sequences.into_iter().try_for_each(|object| self.emit(Change::DropObject { object }))
    }

    /// Refuses to rename or drop a column that the text of a view or trigger depends on. What such a text means once the
    /// column is gone or named anew is for its author to say.
    /// A text that says for certain what each mention of the column means follows a new name by itself.
    pub fn no_text_depends(&mut self, table: &ObjectName, column: &str, to: Option<&str>, span: Span) -> Option<()> {
        let lexicon = self.context.dialect.lexicon();
        let dependents: Vec<ObjectId> = match to {
            Some(to) => left_behind(&self.schema, table, column, to, lexicon),
            None => self.schema.column_dependents(table, column, lexicon),
        };
        let what = if to.is_some() { "renamed" } else { "dropped" };
        if dependents.is_empty() {
            return Some(());
        }
        let listed: Vec<String> = dependents.iter().map(|id| format!("`{id}`")).collect();
        self.report(
            Diagnostic::error(
                &codes::IN_USE,
                format!("the text of other things speaks of the column `{table}.{column}`"),
            )
            .at(span, format!("cannot be {what} yet"))
            .note(format!("in use by: {}", listed.join(", ")))
            .help("drop those first and make them again after it, or replace them by ones that do without the column"),
        );
        None
    }
}
