//! Taking a change back.

use thiserror::Error;

use super::{
    Backfill, BackfillUndo, Change, DeleteRows, DeleteWhere, Execute, InsertRows, OnConflict, Position, UpdateRows,
};
use crate::schema::{ObjectId, Value};

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
            Change::CreateTable { table, if_not_exists: false } => Change::DropTable { table },
            // What was there before is not this revision's to drop.
            Change::CreateTable { table, if_not_exists: true } => {
                return Err(perhaps_not_made("table", &table.name.to_string()));
            }
            Change::DropTable { table } => Change::CreateTable { table, if_not_exists: false },
            Change::DropTableIfExists { table } => {
                return Err(Irreversible {
                    reason: format!("the history does not know the table `{table}` that `if_exists` dropped"),
                });
            }
            Change::RenameTable { from, to } => Change::RenameTable { from: to, to: from },
            Change::AlterTable { table, before, after } => Change::AlterTable { table, before: after, after: before },
            Change::AddColumn { table, column, position, if_not_exists: false } => {
                Change::DropColumn { table, column, position }
            }
            Change::AddColumn { table, column, if_not_exists: true, .. } => {
                return Err(perhaps_not_made("column", &format!("{table}.{}", column.name)));
            }
            Change::DropColumn { table, column, position } => {
                Change::AddColumn { table, column, position, if_not_exists: false }
            }
            Change::RenameColumn { table, from, to } => Change::RenameColumn { table, from: to, to: from },
            Change::AlterColumn { table, before, after, using, using_down, .. } => {
                let plain = using.as_deref().is_none_or(|sql| is_cast_of(sql, &after.name));
                if !plain && using_down.is_none() {
                    return Err(Irreversible {
                        reason: format!(
                            "`using` made new values of `{table}.{}`, and no `using_down` says how to make the old ones of them",
                            after.name
                        ),
                    });
                }
                Change::AlterColumn {
                    table,
                    before: after,
                    after: before,
                    using: using_down,
                    using_down: using,
                    existing_null_value: None,
                }
            }
            Change::AddConstraint { table, constraint } => Change::DropConstraint { table, constraint },
            Change::DropConstraint { table, constraint } => Change::AddConstraint { table, constraint },
            Change::RenameConstraint { table, from, to } => Change::RenameConstraint { table, from: to, to: from },
            Change::ValidateConstraint { table, name } => Change::InvalidateConstraint { table, name },
            Change::InvalidateConstraint { table, name } => Change::ValidateConstraint { table, name },
            Change::CreateIndex { table, index, if_not_exists: false } => Change::DropIndex { table, index },
            Change::CreateIndex { index, if_not_exists: true, .. } => {
                return Err(perhaps_not_made("index", &index.name));
            }
            Change::DropIndex { table, index } => Change::CreateIndex { table, index, if_not_exists: false },
            Change::RenameIndex { table, from, to } => Change::RenameIndex { table, from: to, to: from },
            Change::CreateEnum { enumeration } => Change::DropEnum { enumeration },
            Change::DropEnum { enumeration } => Change::CreateEnum { enumeration },
            Change::CreateObject { object, if_not_exists: false } => Change::DropObject { object },
            Change::CreateObject { object, if_not_exists: true } => {
                let id = object.id();
                return Err(perhaps_not_made(id.class.word(), &id.name.to_string()));
            }
            Change::DropObject { object } => Change::CreateObject { object, if_not_exists: false },
            Change::DropObjectIfExists { id } => {
                return Err(Irreversible {
                    reason: format!("the history does not know the {id} that `if_exists` dropped"),
                });
            }
            Change::AlterObject { before, after } => Change::AlterObject { before: after, after: before },
            Change::RenameObject { id, to } => {
                let from = id.name.clone();
                Change::RenameObject { id: ObjectId { name: to, ..id }, to: from }
            }
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
                if let Some(column) = unknown_key(&rows) {
                    return Err(Irreversible {
                        reason: format!(
                            "the key column `{column}` gets a value that the database makes, so the rows cannot be found again"
                        ),
                    });
                }
                Change::DeleteRows(DeleteRows(rows))
            }
            Change::DeleteRows(DeleteRows(rows)) => Change::InsertRows(rows),
            Change::Backfill(Backfill { undo: None, .. }) => {
                return Err(Irreversible::because(
                    "the values that `backfill` overwrites are not kept, and it has no `down`",
                ));
            }
            Change::Backfill(Backfill { undo: Some(BackfillUndo::Statements(statements)), .. }) => {
                Change::Execute(Execute { statements, undo: None, effect: Vec::new() })
            }
            Change::Backfill(Backfill { undo: Some(BackfillUndo::Values(old)), table, values, key, batch, pause }) => {
                let undo = Some(BackfillUndo::Values(values));
                Change::Backfill(Backfill { table, values: old, key, batch, pause, undo })
            }
            Change::UpdateRows(UpdateRows { undo: Some(undo), .. })
            | Change::DeleteWhere(DeleteWhere { undo: Some(undo), .. }) => Change::Several(undo),
            Change::UpdateRows(_) => {
                return Err(Irreversible::because("the values from before an `update` without `down` are not known"));
            }
            Change::DeleteWhere(_) => {
                return Err(Irreversible::because("the rows that a `delete` without `down` removed are not known"));
            }
            // It changed nothing, and on the way back other things hold.
            Change::Assert(_) => Change::Several(Vec::new()),
            Change::LoadRows(load) if load.key.is_empty() => {
                return Err(Irreversible::because(
                    "the rows of the file have neither a `key` nor their primary key, so they cannot be found again",
                ));
            }
            Change::LoadRows(load) => Change::UnloadRows(load),
            Change::UnloadRows(load) => Change::LoadRows(load),
            Change::Several(changes) => Change::Several(invert_all(&changes)?),
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

/// Why what `if_not_exists` asked for stays.
fn perhaps_not_made(what: &str, name: &str) -> Irreversible {
    Irreversible {
        reason: format!(
            "with `if_not_exists` the {what} `{name}` may have been there before, and then dropping it would lose what is not this revision's"
        ),
    }
}

/// A key column whose value in some row is known to the database alone.
fn unknown_key(rows: &InsertRows) -> Option<&str> {
    rows.columns.iter().enumerate().find_map(|(place, (name, _))| {
        let made = |row: &Vec<Value>| row.get(place).is_none_or(|value| !value.is_literal());
        (rows.key.contains(name) && rows.rows.iter().any(made)).then_some(name.as_str())
    })
}

/// The changes that lead back from all of these, in the order to run them.
///
/// # Errors
/// When one of them cannot be taken back.
pub fn invert_all(changes: &[Change]) -> Result<Vec<Change>, Irreversible> {
    let mut inverted = Vec::with_capacity(changes.len());
    for change in changes.iter().rev() {
        match change.invert()? {
            Change::Several(several) => inverted.extend(several),
            one => inverted.push(one),
        }
    }
    Ok(inverted)
}

/// Whether an expression does no more than convert a column to another type, so that a conversion back takes it back.
fn is_cast_of(sql: &str, column: &str) -> bool {
    let is_type = |text: &str| text.chars().all(|c| c.is_alphanumeric() || " _(),.\"".contains(c));
    let sql = sql.trim();
    let lower = sql.to_ascii_lowercase();
    let converted = if let Some((value, types)) = sql.split_once("::") {
        types.split("::").all(is_type).then_some(value)
    } else if let (true, Some(end)) = (lower.starts_with("cast("), lower.rfind(" as ")) {
        sql[end + 4..].strip_suffix(')').filter(|ty| is_type(ty)).and(sql.get("cast(".len()..end))
    } else {
        Some(sql)
    };
    converted.is_some_and(|value| value.trim().trim_matches(['"', '`', '[', ']']).eq_ignore_ascii_case(column))
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

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;
    use crate::schema::{Column, Computed, Function, Index, IndexPart, Options, Table, Type};

    #[track_caller]
    fn refused(change: &Change, part: &str) {
        let reason = change.invert().expect_err(part).reason;
        assert!(reason.contains(part), "{reason}");
    }

    #[test]
    fn what_may_have_been_there_is_not_dropped() {
        let table = Arc::new(Table::new("t"));
        refused(&Change::CreateTable { table: Arc::clone(&table), if_not_exists: true }, "the table `t` may have been");
        assert!(Change::CreateTable { table, if_not_exists: false }.invert().is_ok());
        let column = Column::new("c", Type::Text);
        let position = Position::Last;
        let add = |if_not_exists| Change::AddColumn {
            table: "t".into(),
            column: column.clone(),
            position: position.clone(),
            if_not_exists,
        };
        refused(&add(true), "the column `t.c` may have been");
        assert!(add(false).invert().is_ok());
        let index = Index {
            name: "i".to_owned(),
            parts: vec![IndexPart::column("c")],
            unique: false,
            predicate: None,
            comment: None,
            options: Options::default(),
        };
        refused(&Change::CreateIndex { table: "t".into(), index, if_not_exists: true }, "the index `i` may have been");
    }

    #[test]
    fn a_conversion_in_words_has_no_way_back() {
        let (before, after) = (Column::new("c", Type::Text), Column::new("c", Type::Integer));
        let change = |using: Option<&str>| Change::AlterColumn {
            table: "t".into(),
            before: before.clone(),
            after: after.clone(),
            using: using.map(str::to_owned),
            using_down: None,
            existing_null_value: None,
        };
        refused(&change(Some("length(c)")), "`t.c`");
        refused(&change(Some("c::text::integer + 1")), "`t.c`");
        refused(&change(Some("CAST(c || d AS integer)")), "`t.c`");
        for plain in ["c", "c::integer", "CAST(c AS decimal(3, 1))", "\"c\"::varchar(3)", "cast(`c` as signed)"] {
            assert!(change(Some(plain)).invert().is_ok(), "{plain}");
        }
        assert!(change(None).invert().is_ok());
    }

    #[test]
    fn rows_are_found_again_by_plain_key_values_only() {
        let insert = |value: Value| {
            Change::InsertRows(InsertRows {
                table: "t".into(),
                columns: vec![("id".to_owned(), Type::Uuid), ("n".to_owned(), Type::Integer)],
                rows: vec![vec![value, Value::Integer(1)]],
                on_conflict: OnConflict::Error,
                key: vec!["id".to_owned()],
            })
        };
        refused(&insert(Value::Function(Function::Uuid)), "`id`");
        refused(&insert(Value::Sql("gen()".to_owned())), "`id`");
        assert!(insert(Value::Text("x".to_owned())).invert().is_ok());
    }

    #[test]
    fn a_column_that_becomes_computed_loses_its_values() {
        let plain = Column::new("c", Type::Integer);
        let computed = Column { computed: Some(Computed { sql: "1".to_owned(), stored: true }), ..plain.clone() };
        let change = Change::AlterColumn {
            table: "t".into(),
            before: plain,
            after: computed,
            using: None,
            using_down: None,
            existing_null_value: None,
        };
        assert!(change.loses_data());
        let back = change.invert().expect("an inverse");
        assert!(!back.loses_data());
        assert!(back.invert().expect("an inverse").loses_data());
    }
}
