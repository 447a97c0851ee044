//! Tables.

use std::collections::BTreeMap;

use serde_yaml::{Mapping, Value as Yaml};

use super::column::Own;
use super::{Keys, Notation};
use crate::dialect::ObjectKind;
use crate::schema::{Constraint, ConstraintKind, Deferral, Table};

impl Notation {
    /// A table: the keys of `create_table` but for `table`.
    #[must_use]
    pub fn table(&self, table: &Table) -> Mapping {
        let mut keys = Keys::default();
        let mut own: BTreeMap<&str, Own<'_>> = BTreeMap::new();
        let mut listed: Vec<&Constraint> = Vec::new();
        for constraint in &table.constraints {
            if table.partition.is_some() || !self.on_column(table, constraint, &mut own) {
                listed.push(constraint);
            }
        }
        for column in table.primary_key_columns() {
            own.entry(column).or_default().in_key = true;
        }
        let mut indexes = Vec::new();
        for index in &table.indexes {
            let column = self.index_of_column(table, index).filter(|_| table.partition.is_none());
            match column.map(|column| &mut own.entry(column).or_default().index) {
                Some(flag) if !*flag => *flag = true,
                _ => indexes.push(Yaml::Mapping(self.index(table, index))),
            }
        }
        match &table.partition {
            Some(partition) => {
                keys.object("partition_of", &partition.of);
                keys.put("values", partition.values.as_str().into());
            }
            None => {
                let columns = table.columns.iter().map(|column| {
                    let own = own.get(column.name.as_str()).copied().unwrap_or_default();
                    (column.name.as_str().into(), self.column_with(column, own))
                });
                keys.put("columns", Yaml::Mapping(columns.collect()));
            }
        }
        self.lists(table, &listed, &mut keys);
        keys.list("indexes", indexes);
        keys.maybe("comment", table.comment.as_deref());
        self.options(ObjectKind::Table, &table.options, &mut keys);
        keys.0
    }

    /// Puts a constraint on its column, if a key of the column says all of it.
    fn on_column<'t>(
        &self,
        table: &'t Table,
        constraint: &'t Constraint,
        own: &mut BTreeMap<&'t str, Own<'t>>,
    ) -> bool {
        let plain = constraint.deferral == Deferral::NotDeferrable
            && constraint.validated
            && constraint.options.is_empty()
            && constraint.comment.is_none();
        let mentioned = match &constraint.kind {
            ConstraintKind::Check { sql } => self.names().mentioned(table, sql),
            _ => constraint.columns().to_vec(),
        };
        let [column] = mentioned.as_slice() else { return false };
        let Some(column) = table.column(column).map(|column| column.name.as_str()) else { return false };
        if !plain || !self.is_named_by_rule(table, constraint, Some(column), &[]) {
            return false;
        }
        let own = own.entry(column).or_default();
        match &constraint.kind {
            ConstraintKind::PrimaryKey { .. } => !std::mem::replace(&mut own.primary_key, true),
            ConstraintKind::Unique { .. } => !std::mem::replace(&mut own.unique, true),
            ConstraintKind::Check { sql } if own.check.is_none() => own.check.replace(sql).is_none(),
            ConstraintKind::ForeignKey(key) if own.references.is_none() => own.references.replace(key).is_none(),
            _ => false,
        }
    }

    /// The constraints that stand in the lists of their table. A name is left out as the rules give it when the others are
    /// read in their order: those of columns first, then list by list.
    fn lists(&self, table: &Table, listed: &[&Constraint], keys: &mut Keys) {
        let on_columns = table.constraints.iter().filter(|constraint| !listed.contains(constraint));
        let mut taken: Vec<&str> = on_columns.filter_map(|constraint| constraint.name.as_deref()).collect();
        let mut lists: [(&str, Vec<Yaml>); 5] =
            ["primary_key", "unique", "checks", "foreign_keys", "exclude"].map(|key| (key, Vec::new()));
        for (place, (_, items)) in lists.iter_mut().enumerate() {
            for constraint in listed.iter().filter(|constraint| rank(constraint) == place) {
                items.push(Yaml::Mapping(self.constraint_after(table, constraint, &taken)));
                taken.extend(constraint.name.as_deref());
            }
        }
        let [(key, primary_key), rest @ ..] = lists;
        keys.maybe(key, primary_key.into_iter().next());
        for (key, items) in rest {
            keys.list(key, items);
        }
    }
}

/// In which list a constraint stands.
fn rank(constraint: &Constraint) -> usize {
    match constraint.kind {
        ConstraintKind::PrimaryKey { .. } => 0,
        ConstraintKind::Unique { .. } => 1,
        ConstraintKind::Check { .. } => 2,
        ConstraintKind::ForeignKey(_) => 3,
        ConstraintKind::Exclude(_) => 4,
    }
}
