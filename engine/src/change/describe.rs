//! A change in a line of plain words, for plans and histories.

use super::{Change, DeleteRows, DeleteWhere, Filter, UpdateRows};
use crate::schema::ObjectClass;

impl Change {
    /// What happens, in one line without a full stop.
    #[must_use]
    pub fn describe(&self) -> String {
        match self {
            Change::CreateTable { table, .. } => format!("create table {}", table.name),
            Change::DropTable { table } => format!("drop table {}", table.name),
            Change::DropTableIfExists { table } => format!("drop table {table} if it exists"),
            Change::RenameTable { from, to } => format!("rename table {from} to {to}"),
            Change::AlterTable { table, .. } => format!("alter table {table}"),
            Change::AddColumn { table, column, .. } => {
                format!("add column {table}.{} {}", column.name, column.ty)
            }
            Change::DropColumn { table, column, .. } => {
                format!("drop column {table}.{}", column.name)
            }
            Change::RenameColumn { table, from, to } => {
                format!("rename column {table}.{from} to {to}")
            }
            Change::AlterColumn { table, before, after, .. } => {
                let mut parts = Vec::new();
                if before.ty != after.ty {
                    parts.push(format!("type {} to {}", before.ty, after.ty));
                }
                if before.nullable != after.nullable {
                    parts.push(if after.nullable { "allow null".to_owned() } else { "not null".to_owned() });
                }
                if before.default != after.default {
                    parts.push(if after.default.is_some() { "set default" } else { "drop default" }.to_owned());
                }
                if before.identity != after.identity {
                    parts.push("identity".to_owned());
                }
                if before.computed != after.computed {
                    parts.push("expression".to_owned());
                }
                if before.collation != after.collation {
                    parts.push("collation".to_owned());
                }
                if before.comment != after.comment {
                    parts.push("comment".to_owned());
                }
                if before.options != after.options {
                    parts.push("options".to_owned());
                }
                format!("alter column {table}.{}: {}", after.name, parts.join(", "))
            }
            Change::AddConstraint { table, constraint } => {
                format!(
                    "add {} {} on {table}",
                    constraint.describe(),
                    constraint.name.as_deref().unwrap_or("(unnamed)")
                )
            }
            Change::DropConstraint { table, constraint } => {
                format!(
                    "drop {} {} of {table}",
                    constraint.describe(),
                    constraint.name.as_deref().unwrap_or("(unnamed)")
                )
            }
            Change::RenameConstraint { table, from, to } => {
                format!("rename constraint {from} of {table} to {to}")
            }
            Change::ValidateConstraint { table, name } => {
                format!("validate constraint {name} of {table}")
            }
            Change::InvalidateConstraint { table, name } => {
                format!("forget that constraint {name} of {table} was validated")
            }
            Change::CreateIndex { table, index, .. } => {
                format!("create {}index {} on {table}", if index.unique { "unique " } else { "" }, index.name)
            }
            Change::DropIndex { table, index } => format!("drop index {} of {table}", index.name),
            Change::RenameIndex { table, from, to } => {
                format!("rename index {from} of {table} to {to}")
            }
            Change::CreateEnum { enumeration } => format!("create enum {}", enumeration.name),
            Change::DropEnum { enumeration } => format!("drop enum {}", enumeration.name),
            Change::AlterEnum { after, .. } => format!("alter enum {}", after.name),
            Change::CreateObject { object, .. } => format!("create {}", object.id()),
            Change::DropObject { object } => format!("drop {}", object.id()),
            Change::DropObjectIfExists { id } => format!("drop {id} if it exists"),
            Change::AlterObject { after, .. } if after.definition().is_some() => format!("replace {}", after.id()),
            Change::AlterObject { after, .. } => format!("alter {}", after.id()),
            Change::RenameObject { id, to } => format!("rename {id} to {to}"),
            Change::InsertRows(rows) => {
                format!("insert {} into {}", count(rows.rows.len()), rows.table)
            }
            Change::DeleteRows(DeleteRows(rows)) => {
                format!("delete {} from {}", count(rows.rows.len()), rows.table)
            }
            Change::Backfill(backfill) => {
                let columns: Vec<&str> = backfill.values.set.iter().map(|(name, ..)| name.as_str()).collect();
                format!("backfill {} of {}", columns.join(", "), backfill.table)
            }
            Change::UpdateRows(update) => {
                let columns: Vec<&str> = update.set.iter().map(|(name, _, _)| name.as_str()).collect();
                format!("set {} of {}{}", columns.join(", "), update.table, of_rows(&update.filter))
            }
            Change::DeleteWhere(delete) => format!("delete from {}{}", delete.table, of_rows(&delete.filter)),
            Change::Assert(assert) => match &assert.message {
                Some(message) => format!("assert: {}", abridged(message)),
                None => format!("assert that {} gives {}", abridged(&assert.sql), assert.expected.describe()),
            },
            Change::LoadRows(load) => format!("load {} into {}", load.file.name, load.table),
            Change::UnloadRows(load) => format!("delete the rows of {} from {}", load.file.name, load.table),
            Change::Several(changes) => changes.iter().map(Change::describe).collect::<Vec<_>>().join("; "),
            Change::Execute(execute) => match execute.statements.first() {
                Some(first) => format!("execute {}", abridged(first)),
                None => "execute nothing".to_owned(),
            },
        }
    }

    /// Whether rows or values are lost that no downgrade brings back.
    #[must_use]
    pub fn loses_data(&self) -> bool {
        match self {
            Change::DropTable { .. }
            | Change::DropTableIfExists { .. }
            | Change::DeleteRows(_)
            | Change::UnloadRows(_) => true,
            // The old values and rows are gone, unless their author says how they come back.
            Change::UpdateRows(UpdateRows { undo, .. }) | Change::DeleteWhere(DeleteWhere { undo, .. }) => {
                undo.is_none()
            }
            Change::Several(changes) => changes.iter().any(Change::loses_data),
            Change::DropColumn { column, .. } => column.computed.is_none(),
            Change::AlterColumn { before, after, .. } => before.computed.is_none() && after.computed.is_some(),
            Change::AlterEnum { replaced, .. } => !replaced.is_empty(),
            // The rows of a materialized view are made of others; the number that a sequence has reached is not.
            Change::DropObject { object } => matches!(object.class(), ObjectClass::Sequence),
            Change::DropObjectIfExists { id } => {
                matches!(id.class, ObjectClass::Sequence | ObjectClass::Namespace | ObjectClass::Extension)
            }
            // What raw SQL does with rows is not known.
            Change::Execute(_)
            | Change::CreateTable { .. }
            | Change::RenameTable { .. }
            | Change::AlterTable { .. }
            | Change::AddColumn { .. }
            | Change::RenameColumn { .. }
            | Change::AddConstraint { .. }
            | Change::DropConstraint { .. }
            | Change::RenameConstraint { .. }
            | Change::ValidateConstraint { .. }
            | Change::InvalidateConstraint { .. }
            | Change::CreateIndex { .. }
            | Change::DropIndex { .. }
            | Change::RenameIndex { .. }
            | Change::CreateEnum { .. }
            | Change::DropEnum { .. }
            | Change::CreateObject { .. }
            | Change::AlterObject { .. }
            | Change::RenameObject { .. }
            | Change::Backfill(_)
            | Change::InsertRows(_)
            | Change::Assert(_)
            | Change::LoadRows(_) => false,
        }
    }
}

/// Which rows, as the end of a line.
fn of_rows(filter: &Filter) -> String {
    match filter {
        Filter::All => ", all rows".to_owned(),
        Filter::Sql(sql) => format!(" where {}", abridged(sql)),
        Filter::Equal(values) => {
            let names: Vec<&str> = values.iter().map(|(name, _, _)| name.as_str()).collect();
            format!(" by {}", names.join(", "))
        }
    }
}

fn count(rows: usize) -> String {
    if rows == 1 { "1 row".to_owned() } else { format!("{rows} rows") }
}

/// The first words of a statement on one line.
fn abridged(sql: &str) -> String {
    const LENGTH: usize = 60;
    let line = sql.split_whitespace().collect::<Vec<_>>().join(" ");
    match line.char_indices().nth(LENGTH) {
        Some((end, _)) => format!("{}…", &line[..end]),
        None => line,
    }
}
