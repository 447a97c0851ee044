//! The changes so far and the schema that they lead to.

use crate::change::Change;
use crate::dialect::{Compile, Dialect};
use crate::schema::Schema;

/// A way from one schema to another, as far as it has been gone.
pub(super) struct Course<'a> {
    pub(super) dialect: &'a dyn Dialect,
    /// Where the changes lead.
    pub(super) reached: Schema,
    pub(super) changes: Vec<Change>,
    pub(super) remarks: Vec<String>,
}

impl<'a> Course<'a> {
    pub(super) fn new(dialect: &'a dyn Dialect, start: Schema) -> Self {
        Course { dialect, reached: start, changes: Vec::new(), remarks: Vec::new() }
    }

    /// Goes one change further. One that does not fit is told and left out.
    pub(super) fn go(&mut self, change: Change) {
        match change.apply(&mut self.reached, self.dialect.lexicon()) {
            Ok(()) => self.changes.push(change),
            Err(conflict) => {
                self.remarks.push(format!("`{}` does not fit what is there: {conflict}", change.describe()));
            }
        }
    }

    /// A name as the dialect compares it with others.
    pub(super) fn folded(&self, name: &str) -> String {
        match self.dialect.capabilities().folds_case {
            true => name.to_ascii_lowercase(),
            false => name.to_owned(),
        }
    }

    /// Whether the dialect can carry out a change by itself here.
    pub(super) fn compiles(&self, change: &Change) -> bool {
        let mut after = self.reached.clone();
        if change.apply(&mut after, self.dialect.lexicon()).is_err() {
            return false;
        }
        let context = Compile { before: &self.reached, after: &after };
        self.dialect.compile(&context, std::slice::from_ref(change)).is_ok()
    }
}
