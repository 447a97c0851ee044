//! Indexes that nobody asked for and that InnoDB demands: one for each foreign key, one for the identity column.
//!
//! The server makes the first by itself, under the name of the constraint, when no index begins with the key's columns,
//! and forgets them later or not as it likes (<https://dev.mysql.com/doc/refman/8.4/en/create-table-foreign-keys.html>).
//! Here they follow from the model: such an index is there exactly when no key of the model does its work. Whatever
//! changes that, adds or drops the index in the same ALTER TABLE.

use aludel_engine::schema::{Column, ConstraintKind, Index, Table};

use super::Compiler;
use crate::dialect::{Flavour, MySql};

/// The name of the index that an identity column gets when no key of the model begins with it.
pub(crate) const IDENTITY_INDEX: &str = "auto_increment_key";

/// The indexes that the server needs beside those of the model, as name and columns.
pub(crate) fn implied(dialect: &MySql, table: &Table) -> Vec<(String, Vec<String>)> {
    let mut implied: Vec<(String, Vec<String>)> = Vec::new();
    // MariaDB lets a descending index serve a foreign key, MySQL does not.
    let upwards = dialect.flavour() == Flavour::MySql;
    for (constraint, key) in table.foreign_keys() {
        let Some(name) = &constraint.name else { continue };
        let longer =
            |(_, columns): &(_, Vec<String>)| columns.len() > key.columns.len() && columns.starts_with(&key.columns);
        if !implied.iter().any(longer) && !covered(table, &key.columns, upwards) {
            // Of two keys that begin alike the server keeps the longer one's index, of two alike that of the last.
            implied.retain(|(_, columns)| !key.columns.starts_with(columns));
            implied.push((name.clone(), key.columns.clone()));
        }
    }
    if let Some(column) = identity(table) {
        let columns = vec![column.name.clone()];
        if !covered(table, &columns, true) && !implied.iter().any(|(_, other)| other.starts_with(&columns)) {
            implied.push((IDENTITY_INDEX.to_owned(), columns));
        }
    }
    implied
}

/// The identity column of a table.
pub(crate) fn identity(table: &Table) -> Option<&Column> {
    table.columns.iter().find(|column| column.identity.is_some())
}

/// Whether a key or index of the model begins with these columns.
fn covered(table: &Table, columns: &[String], upwards: bool) -> bool {
    let by_constraint = table.constraints.iter().any(|constraint| match &constraint.kind {
        ConstraintKind::PrimaryKey { columns: own } | ConstraintKind::Unique { columns: own } => {
            own.starts_with(columns)
                && columns.iter().all(|name| constraint.options.number_of("lengths", name).is_none())
        }
        ConstraintKind::Check { .. } | ConstraintKind::ForeignKey(_) | ConstraintKind::Exclude(_) => false,
    });
    by_constraint || table.indexes.iter().any(|index| begins_with(index, columns, upwards))
}

fn begins_with(index: &Index, columns: &[String], upwards: bool) -> bool {
    index.options.get("kind").is_none()
        && index.parts.len() >= columns.len()
        && index.parts.iter().zip(columns).all(|(part, column)| {
            part.column_name() == Some(column) && part.length.is_none() && !(upwards && part.descending)
        })
}

impl Compiler<'_> {
    /// The clauses that add what a change makes necessary and drop what it makes needless. The index of a foreign key
    /// that the change itself adds is made by the server; `gone` names a column that goes and takes its indexes along.
    pub(super) fn support(&self, before: &Table, after: &Table, gone: Option<&str>) -> Vec<String> {
        let was = implied(self.dialect, before);
        let is = implied(self.dialect, after);
        let mut clauses = Vec::new();
        for (name, columns) in &was {
            let dies_with_column = gone.is_some_and(|gone| columns.iter().all(|column| column == gone));
            if !is.iter().any(|(other, _)| other == name) && !dies_with_column {
                clauses.push(format!("DROP INDEX {}", self.quote(name)));
            }
        }
        for (name, columns) in &is {
            // Where it takes the place of another one, the server does as it likes, so that it is told.
            let replaces = was.iter().any(|(_, old)| columns.starts_with(old));
            let by_server = after.constraint(name).is_some() && before.constraint(name).is_none() && !replaces;
            if !was.iter().any(|(other, _)| other == name) && !by_server {
                clauses.push(format!("ADD INDEX {} ({})", self.quote(name), self.names(columns)));
            }
        }
        clauses
    }
}
