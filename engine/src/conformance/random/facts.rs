//! What is known of the rows, so that what is generated holds with them, up and down.
//!
//! Rows are numbered ([`super::values`]). A third of the tables gets none, and everything can happen to those.

use std::collections::{BTreeMap, BTreeSet};

use super::values::{Kind, keeps_values, kind};
use crate::change::{Change, InsertRows};
use crate::schema::{
    Column, Constraint, ConstraintKind, Deferral, ForeignKey, Index, IndexKey, Match, ObjectName, Schema, Table, Type,
    Value,
};

/// What is known of a column.
#[derive(Debug, Clone)]
pub(super) struct ColumnFacts {
    /// The type it was made with, which says what its values are.
    pub(super) origin: Type,
    /// Whether a row may get NULL.
    pub(super) may_be_null: bool,
    /// Whether some row has NULL.
    has_null: bool,
    /// Whether row `n` has the `n`-th value, or NULL.
    numbered: bool,
    /// Whether it was NOT NULL at any time.
    ever_not_null: bool,
    /// Whether a key, unique index, foreign key or another type was ever made of it: when it is dropped, the way back could
    /// not make that again.
    bound: bool,
    /// Whether another table ever referred to it.
    referred: bool,
}

/// What is known of a table.
#[derive(Debug, Clone)]
pub(super) struct TableFacts {
    id: u32,
    /// Whether it never gets rows.
    pub(super) empty: bool,
    /// How many rows it has.
    pub(super) rows: usize,
    /// Whether an `insert` operation put rows of other numbers in.
    inserted: bool,
    /// The tables that it ever referred to.
    pub(super) refers: BTreeSet<u32>,
    pub(super) columns: BTreeMap<String, ColumnFacts>,
}

/// What is known of all rows.
#[derive(Debug, Clone, Default)]
pub(super) struct Facts {
    made: u32,
    pub(super) tables: BTreeMap<ObjectName, TableFacts>,
    /// The words of each enum that were there from the beginning: only they are put into rows, since a word that was added
    /// must be gone again on the way back.
    pub(super) words: BTreeMap<ObjectName, Vec<String>>,
}

impl Facts {
    /// Notes what a change does. False when the rows would not let it happen, or not let it be taken back.
    pub(super) fn take(&mut self, change: &Change, before: &Schema) -> bool {
        match change {
            Change::CreateTable { table, .. } => return self.create_table(table),
            Change::DropTable { table } => {
                let Some(gone) = self.tables.remove(&table.name) else { return false };
                return !self.tables.values().any(|other| other.refers.contains(&gone.id) && !other.empty);
            }
            Change::RenameTable { from, to } => {
                if let Some(facts) = self.tables.remove(from) {
                    self.tables.insert(to.clone(), facts);
                }
            }
            Change::AddColumn { table, column, .. } => return self.add_column(table, column),
            Change::DropColumn { table, column, .. } => return self.drop_column(table, column),
            Change::RenameColumn { table, from, to } => {
                let Some(facts) = self.tables.get_mut(table) else { return false };
                if let Some(column) = facts.columns.remove(from) {
                    facts.columns.insert(to.clone(), column);
                }
            }
            Change::AlterColumn { table, before, after, using, existing_null_value, .. } => {
                return self.alter_column(table, before, after, using.is_some(), existing_null_value.as_ref());
            }
            Change::AddConstraint { table, constraint } => return self.constraint(table, constraint),
            Change::CreateIndex { table, index, .. } => return self.index(table, index),
            Change::CreateEnum { enumeration } => {
                self.words.insert(enumeration.name.clone(), enumeration.values.clone());
            }
            Change::DropEnum { enumeration } => drop(self.words.remove(&enumeration.name)),
            Change::AlterEnum { after, renamed, replaced, .. } => {
                let Some(words) = self.words.get_mut(&after.name) else { return false };
                words.retain(|word| !replaced.iter().any(|(old, _)| old == word));
                for word in words.iter_mut() {
                    if let Some((_, new)) = renamed.iter().find(|(old, _)| old == word) {
                        word.clone_from(new);
                    }
                }
                return !words.is_empty() && replaced.iter().all(|(_, new)| words.contains(new));
            }
            Change::InsertRows(rows) => return self.insert(rows, before),
            _ => {}
        }
        true
    }

    fn create_table(&mut self, table: &Table) -> bool {
        self.made += 1;
        let columns = table.columns.iter().map(|column| (column.name.clone(), ColumnFacts::new(column))).collect();
        let (id, refers) = (self.made, BTreeSet::new());
        let facts = TableFacts { id, empty: id.is_multiple_of(3), rows: 0, inserted: false, refers, columns };
        self.tables.insert(table.name.clone(), facts);
        table.constraints.iter().all(|constraint| self.constraint(&table.name, constraint))
            && table.indexes.iter().all(|index| self.index(&table.name, index))
    }

    fn add_column(&mut self, table: &ObjectName, column: &Column) -> bool {
        let Some(facts) = self.tables.get_mut(table) else { return false };
        let mut made = ColumnFacts::new(column);
        let has_rows = facts.rows > 0 || facts.inserted;
        let valued = column.default.is_some() || column.identity.is_some() || column.computed.is_some();
        made.has_null |= has_rows && !valued;
        made.numbered &= !(has_rows && valued);
        facts.columns.insert(column.name.clone(), made);
        !(has_rows && !column.nullable && !valued)
    }

    fn drop_column(&mut self, table: &ObjectName, column: &Column) -> bool {
        let Some(facts) = self.tables.get_mut(table) else { return false };
        let empty = facts.empty;
        let Some(gone) = facts.columns.remove(&column.name) else { return false };
        // The way back makes it again with NULL or its default in every row.
        let comes_back = match &column.default {
            Some(default) => !gone.bound && default.is_literal() && *default != Value::Null,
            None => !gone.ever_not_null,
        };
        empty || (!gone.referred && column.identity.is_none() && (column.computed.is_some() || comes_back))
    }

    fn alter_column(
        &mut self,
        table: &ObjectName,
        before: &Column,
        after: &Column,
        using: bool,
        null_value: Option<&Value>,
    ) -> bool {
        let Some(facts) = self.tables.get_mut(table) else { return false };
        let empty = facts.empty;
        let Some(column) = facts.columns.get_mut(&after.name) else { return false };
        if before.ty != after.ty {
            if empty {
                column.origin = after.ty.clone();
            } else if using || !keeps_values(&before.ty, &after.ty) {
                return false;
            }
            column.bound = true;
        }
        if before.nullable && !after.nullable {
            if column.has_null && (null_value.is_none() || column.bound) && !empty {
                return false;
            }
            column.numbered &= !column.has_null;
            column.has_null = false;
            column.may_be_null = false;
            column.ever_not_null = true;
        }
        if before.computed != after.computed {
            column.numbered = false;
            return empty;
        }
        if before.identity.is_some() != after.identity.is_some() && after.identity.is_some_and(|one| one.always) {
            column.numbered = false;
        }
        true
    }

    fn constraint(&mut self, name: &ObjectName, constraint: &Constraint) -> bool {
        match &constraint.kind {
            ConstraintKind::PrimaryKey { columns } => {
                let columns: Vec<&str> = columns.iter().map(String::as_str).collect();
                self.unique(name, &columns, true)
            }
            ConstraintKind::Unique { columns } => {
                let columns: Vec<&str> = columns.iter().map(String::as_str).collect();
                self.unique(name, &columns, constraint.options.flag("nulls_not_distinct"))
            }
            ConstraintKind::ForeignKey(key) => self.foreign_key(name, constraint, key),
            ConstraintKind::Check { .. } => true,
            // None is made here.
            ConstraintKind::Exclude(_) => false,
        }
    }

    /// Whether no two rows are alike in some columns, and none has NULL in them where that counts.
    fn unique(&mut self, name: &ObjectName, columns: &[&str], without_nulls: bool) -> bool {
        let Some(facts) = self.tables.get_mut(name) else { return false };
        let mut distinct = false;
        let mut nulls = false;
        for (name, column) in &mut facts.columns {
            if columns.contains(&name.as_str()) {
                distinct |= column.numbered && kind(&column.origin) != Kind::Other;
                nulls |= column.has_null;
                column.bound = true;
                if without_nulls {
                    column.may_be_null = false;
                    column.ever_not_null = true;
                }
            }
        }
        facts.empty || (distinct && !(nulls && without_nulls))
    }

    fn foreign_key(&mut self, name: &ObjectName, constraint: &Constraint, key: &ForeignKey) -> bool {
        let Some((own, other)) = self.tables.get(name).zip(self.tables.get(&key.referred_table)) else { return false };
        let (own_id, other_id) = (own.id, other.id);
        let matches = key.columns.iter().zip(&key.referred_columns).all(|(a, b)| {
            own.columns.get(a).zip(other.columns.get(b)).is_some_and(|(a, b)| {
                let full = key.matching == Match::Full && (a.may_be_null || a.has_null);
                a.numbered
                    && b.numbered
                    && !b.may_be_null
                    && !b.has_null
                    && !full
                    && kind(&a.origin) == kind(&b.origin)
                    && kind(&a.origin) != Kind::Other
                    // A row of MariaDB that refers to itself by a moment does not find itself.
                    && (own_id != other_id || !matches!(kind(&a.origin), Kind::Moment | Kind::Zoned | Kind::Time))
            })
        });
        let circle = own_id != other_id && self.reaches(other_id, own_id);
        let waits = constraint.deferral == Deferral::InitiallyDeferred && (own.inserted || other.inserted);
        let fine = own.empty && !waits || (matches && !waits && !own.inserted && own.rows <= other.rows && !circle);
        if let Some(other) = self.tables.get_mut(&key.referred_table) {
            for column in &key.referred_columns {
                other.columns.entry(column.clone()).and_modify(|column| column.referred = true);
            }
        }
        if let Some(own) = self.tables.get_mut(name) {
            own.refers.insert(other_id);
            for column in &key.columns {
                own.columns.entry(column.clone()).and_modify(|column| column.bound = true);
            }
        }
        fine
    }

    /// Whether a table refers to another, directly or through others.
    fn reaches(&self, from: u32, to: u32) -> bool {
        let mut seen = BTreeSet::from([from]);
        let mut waiting = vec![from];
        while let Some(id) = waiting.pop() {
            if id == to {
                return true;
            }
            let next = self.tables.values().filter(|table| table.id == id).flat_map(|table| table.refers.iter());
            waiting.extend(next.copied().filter(|id| seen.insert(*id)));
        }
        false
    }

    fn index(&mut self, name: &ObjectName, index: &Index) -> bool {
        if !index.unique {
            return true;
        }
        let columns: Vec<&str> = index
            .parts
            .iter()
            .filter_map(|part| match &part.key {
                IndexKey::Column(name) => Some(name.as_str()),
                IndexKey::Expression(_) => None,
            })
            .collect();
        self.unique(name, &columns, index.options.flag("nulls_not_distinct"))
    }

    fn insert(&mut self, rows: &InsertRows, schema: &Schema) -> bool {
        let Some(table) = schema.table(&rows.table) else { return false };
        let given = |name: &String| {
            let place = rows.columns.iter().position(|(column, _)| column == name);
            place.is_some_and(|place| rows.rows.iter().any(|row| row.get(place) != Some(&Value::Null)))
        };
        let refers = table.foreign_keys().any(|(_, key)| key.columns.iter().all(given));
        // PostgreSQL alters no table whose rows wait for a check at the commit, which a downgrade in one transaction would.
        let deferred = |key: &Constraint| key.deferral == Deferral::InitiallyDeferred;
        let waits = table.foreign_keys().any(|(key, _)| deferred(key))
            || schema.references_to(&rows.table).any(|(_, key, _)| deferred(key));
        let Some(facts) = self.tables.get_mut(&rows.table) else { return false };
        facts.inserted = true;
        for (name, column) in &mut facts.columns {
            let own = table.column(name);
            if !given(name) && own.is_some_and(|own| own.nullable) {
                column.has_null = true;
            }
        }
        !facts.empty && !refers && !waits
    }

    /// The order in which tables get rows: those referred to come first.
    pub(super) fn in_order(&self) -> Vec<ObjectName> {
        let mut waiting: Vec<(&ObjectName, &TableFacts)> = self.tables.iter().collect();
        let mut order = Vec::new();
        while !waiting.is_empty() {
            let ready = |(_, table): &(&ObjectName, &TableFacts)| {
                !waiting.iter().any(|(_, other)| other.id != table.id && table.refers.contains(&other.id))
            };
            let next = waiting.iter().position(ready).unwrap_or(0);
            order.push(waiting.remove(next).0.clone());
        }
        order
    }

    /// How many rows a table may have so that each finds the one it refers to.
    pub(super) fn room(&self, name: &ObjectName) -> usize {
        let Some(table) = self.tables.get(name) else { return 0 };
        let others = self.tables.values().filter(|other| other.id != table.id && table.refers.contains(&other.id));
        others.map(|other| other.rows).min().unwrap_or(usize::MAX)
    }

    /// Notes that a row with NULL in some columns was put in.
    pub(super) fn filled(&mut self, name: &ObjectName, nulls: &[String]) {
        let Some(table) = self.tables.get_mut(name) else { return };
        table.rows += 1;
        for column in nulls {
            table.columns.entry(column.clone()).and_modify(|column| column.has_null = true);
        }
    }
}

impl ColumnFacts {
    fn new(column: &Column) -> Self {
        let always = column.identity.is_some_and(|identity| identity.always);
        ColumnFacts {
            origin: column.ty.clone(),
            may_be_null: column.nullable && column.computed.is_none(),
            // What is computed may be NULL where what it is computed from is.
            has_null: column.computed.is_some(),
            numbered: column.computed.is_none() && !always,
            ever_not_null: !column.nullable,
            bound: false,
            referred: false,
        }
    }
}
