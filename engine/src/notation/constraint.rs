//! Constraints.

use serde_yaml::{Mapping, Value as Yaml};

use super::{Keys, Notation};
use crate::operation::object_kind;
use crate::schema::{Constraint, ConstraintKind, Deferral, Exclude, ForeignKey, Match, ReferentialAction, Table};

/// The index method of an exclusion that says none.
const EXCLUDE_METHOD: &str = "gist";

impl Notation {
    /// A constraint as the list of its table has it, which is also what `create_unique_constraint` and the like take beside
    /// `table`. A name that the rules give, with the other constraints of the table there, is left out.
    #[must_use]
    pub fn constraint(&self, table: &Table, constraint: &Constraint) -> Mapping {
        let others = table.constraints.iter().filter(|other| *other != constraint);
        let others: Vec<&str> = others.filter_map(|other| other.name.as_deref()).collect();
        self.constraint_after(table, constraint, &others)
    }

    /// The same, where these names are taken when it is read.
    pub(super) fn constraint_after(&self, table: &Table, constraint: &Constraint, taken: &[&str]) -> Mapping {
        let mut keys = Keys::default();
        match &constraint.kind {
            ConstraintKind::PrimaryKey { columns } | ConstraintKind::Unique { columns } => {
                keys.names("columns", columns);
            }
            ConstraintKind::Check { sql } => keys.put("sql", sql.as_str().into()),
            ConstraintKind::Exclude(exclude) => self.exclude(exclude, &mut keys),
            ConstraintKind::ForeignKey(key) => {
                keys.names("columns", &key.columns);
                keys.put("references", Yaml::Mapping(self.references(key, false)));
                actions(key, &mut keys);
            }
        }
        match constraint.deferral {
            Deferral::NotDeferrable => {}
            Deferral::InitiallyImmediate => keys.put("deferrable", true.into()),
            Deferral::InitiallyDeferred => {
                keys.put("deferrable", true.into());
                keys.put("initially", "deferred".into());
            }
        }
        if let Some(key) = constraint.foreign_key() {
            matching(key, &mut keys);
        }
        if !self.is_named_by_rule(table, constraint, None, taken) {
            keys.put("name", constraint.name.as_deref().map_or(Yaml::Null, Yaml::from));
        }
        keys.flag("not_valid", !constraint.validated);
        keys.maybe("comment", constraint.comment.as_deref());
        self.options(object_kind(constraint), &constraint.options, &mut keys);
        keys.0
    }

    /// Whether a constraint has the name that the rules give it, so that nobody has to write it.
    pub(super) fn is_named_by_rule(
        &self,
        table: &Table,
        constraint: &Constraint,
        own_column: Option<&str>,
        taken: &[&str],
    ) -> bool {
        match &constraint.name {
            None => constraint.is_primary_key() && !self.names_keys,
            Some(name) => *name == self.names().constraint(table, constraint, own_column, |name| taken.contains(&name)),
        }
    }

    /// What stands under `references:`; `complete` with the actions that a list item has beside it.
    pub(super) fn references(&self, key: &ForeignKey, complete: bool) -> Mapping {
        let mut keys = Keys::default();
        keys.object("table", &key.referred_table);
        match key.referred_columns.as_slice() {
            [column] => keys.put("column", column.as_str().into()),
            columns => keys.names("columns", columns),
        }
        if complete {
            actions(key, &mut keys);
            matching(key, &mut keys);
        }
        keys.0
    }

    fn exclude(&self, exclude: &Exclude, keys: &mut Keys) {
        let elements = exclude.elements.iter().map(|element| {
            let mut keys = self.part(&element.part);
            keys.put("with", element.operator.as_str().into());
            Yaml::Mapping(keys.0)
        });
        keys.list("elements", elements.collect());
        if exclude.method != EXCLUDE_METHOD {
            keys.put("using", exclude.method.as_str().into());
        }
        keys.maybe("where", exclude.predicate.as_deref());
    }
}

fn actions(key: &ForeignKey, keys: &mut Keys) {
    for (name, action) in [("on_delete", key.on_delete), ("on_update", key.on_update)] {
        if let Some((word, _)) = ReferentialAction::ALL.iter().find(|(_, known)| *known == action)
            && action != ReferentialAction::NoAction
        {
            keys.put(name, (*word).into());
        }
    }
}

fn matching(key: &ForeignKey, keys: &mut Keys) {
    if key.matching == Match::Full {
        keys.put("match", "full".into());
    }
}
