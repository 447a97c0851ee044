//! Taking a change back.

use thiserror::Error;

use super::{Change, DeleteRows, Execute, OnConflict, Position};

/// Why a change cannot be taken back.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error("{reason}")]
pub struct Irreversible {
    /// A sentence without a full stop.
    pub reason: String,
}

impl Irreversible {
    fn because(reason: &str) -> Self {
        Irreversible { reason: reason.to_owned() }
    }
}

impl Change {
    /// The change that leads back.
    ///
    /// # Errors
    /// When what was there before is not known: raw SQL without `down`, an insert whose rows cannot be named.
    pub fn invert(&self) -> Result<Change, Irreversible> {
        Ok(match self.clone() {
            Change::CreateTable { table, .. } => Change::DropTable { table },
            Change::DropTable { table } => Change::CreateTable { table, if_not_exists: false },
            Change::DropTableIfExists { table } => {
                return Err(Irreversible {
                    reason: format!("the history does not know the table `{table}` that `if_exists` dropped"),
                });
            }
            Change::RenameTable { from, to } => Change::RenameTable { from: to, to: from },
            Change::AlterTable { table, before, after } => Change::AlterTable { table, before: after, after: before },
            Change::AddColumn { table, column, position, .. } => Change::DropColumn { table, column, position },
            Change::DropColumn { table, column, position } => {
                Change::AddColumn { table, column, position, if_not_exists: false }
            }
            Change::RenameColumn { table, from, to } => Change::RenameColumn { table, from: to, to: from },
            Change::AlterColumn { table, before, after, .. } => {
                Change::AlterColumn { table, before: after, after: before, using: None, existing_null_value: None }
            }
            Change::AddConstraint { table, constraint } => Change::DropConstraint { table, constraint },
            Change::DropConstraint { table, constraint } => Change::AddConstraint { table, constraint },
            Change::RenameConstraint { table, from, to } => Change::RenameConstraint { table, from: to, to: from },
            Change::ValidateConstraint { table, name } => Change::InvalidateConstraint { table, name },
            Change::InvalidateConstraint { table, name } => Change::ValidateConstraint { table, name },
            Change::CreateIndex { table, index, .. } => Change::DropIndex { table, index },
            Change::DropIndex { table, index } => Change::CreateIndex { table, index, if_not_exists: false },
            Change::RenameIndex { table, from, to } => Change::RenameIndex { table, from: to, to: from },
            Change::CreateEnum { enumeration } => Change::DropEnum { enumeration },
            Change::DropEnum { enumeration } => Change::CreateEnum { enumeration },
            // Added values are dropped without a replacement: where a row holds one by then, the database refuses,
            // which is better than a word that nobody chose.
            Change::AlterEnum { before, after, renamed, .. } => Change::AlterEnum {
                before: after,
                after: before,
                renamed: renamed.into_iter().map(|(old, new)| (new, old)).collect(),
                replaced: Vec::new(),
            },
            Change::InsertRows(rows) => {
                if rows.on_conflict == OnConflict::Update {
                    return Err(Irreversible::because(
                        "`on_conflict: update` overwrites rows, whose old values are not known",
                    ));
                }
                if rows.key.is_empty() && rows.on_conflict == OnConflict::Ignore {
                    return Err(Irreversible::because(
                        "`on_conflict: ignore` leaves rows that were there before; with a `key:` all of them count as this revision's",
                    ));
                }
                if rows.key.is_empty() {
                    return Err(Irreversible::because(
                        "the rows have neither a `key` nor their primary key, so they cannot be found again",
                    ));
                }
                Change::DeleteRows(DeleteRows(rows))
            }
            Change::DeleteRows(DeleteRows(rows)) => Change::InsertRows(rows),
            Change::Execute(Execute { statements, undo, effect }) => match undo {
                None => {
                    return Err(Irreversible::because("`execute` without `down` cannot be taken back"));
                }
                Some(undo) => {
                    Change::Execute(Execute { statements: undo, undo: Some(statements), effect: invert_all(&effect)? })
                }
            },
        })
    }
}

/// The changes that lead back from all of these, in the order to run them.
///
/// # Errors
/// When one of them cannot be taken back.
pub fn invert_all(changes: &[Change]) -> Result<Vec<Change>, Irreversible> {
    changes.iter().rev().map(Change::invert).collect()
}

impl Position {
    /// The place of a column in a list of names, as the position that puts it there again.
    #[must_use]
    pub fn of(index: usize, names: &[&str]) -> Position {
        match index {
            _ if index + 1 >= names.len() => Position::Last,
            0 => Position::First,
            _ => Position::After(names[index - 1].to_owned()),
        }
    }
}
