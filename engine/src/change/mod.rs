//! The narrow waist: what can happen to a schema, with the full definitions before and after.
//!
//! Operations are lowered to changes, a diff yields changes, the downgrade is their inversion, and a dialect compiles
//! nothing else. A variant carries whatever its inversion needs, so a change that is written to a journal can be
//! undone without the file it came from.

mod apply;
mod data;
mod describe;
mod expression;
mod facts;
mod invert;
mod object;
mod touch;

pub use apply::Conflict;
pub use data::{
    Assert, Backfill, BackfillUndo, DeleteRows, DeleteWhere, Execute, Expectation, Field, Filter, InsertRows, LoadRows,
    NewValues, OnConflict, UpdateRows,
};
pub use expression::{column_mentions, divides, rename_in_table, word_mention};
pub use facts::Fact;
pub use invert::{Irreversible, invert_all};
pub(crate) use object::left_behind;
pub use touch::{Part, Touch, Touched};

use std::sync::Arc;

use serde::{Deserialize, Serialize};

use crate::schema::{Column, Constraint, Enum, Index, Object, ObjectId, ObjectName, Options, Table, Value};

/// One thing that happens to a schema or its rows.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[allow(clippy::large_enum_variant)]
pub enum Change {
    /// A table appears, with its constraints and indexes.
    CreateTable {
        /// The table.
        table: Arc<Table>,
        /// Whether a table of that name that is already there is left alone.
        if_not_exists: bool,
    },
    /// A table goes. Foreign keys of other tables that refer to it went before.
    DropTable {
        /// The table as it was.
        table: Arc<Table>,
    },
    /// A table that the history does not know goes, if the database has it.
    DropTableIfExists {
        /// Its name.
        table: ObjectName,
    },
    /// A table gets another name. References to it follow.
    RenameTable {
        /// The old name.
        from: ObjectName,
        /// The new name, in the same namespace unless the dialect can move it.
        to: ObjectName,
    },
    /// The comment or the dialect options of a table change.
    AlterTable {
        /// The table.
        table: ObjectName,
        /// As it was.
        before: TableProperties,
        /// As it will be.
        after: TableProperties,
    },
    /// A column appears.
    AddColumn {
        /// The table.
        table: ObjectName,
        /// The column.
        column: Column,
        /// Where it goes.
        position: Position,
        /// Whether a column of that name that is already there is left alone.
        if_not_exists: bool,
    },
    /// A column goes. What was built on it went before.
    DropColumn {
        /// The table.
        table: ObjectName,
        /// The column as it was.
        column: Column,
        /// Where it was.
        position: Position,
    },
    /// A column gets another name. Constraints, indexes, expressions and references follow.
    RenameColumn {
        /// The table.
        table: ObjectName,
        /// The old name.
        from: String,
        /// The new name.
        to: String,
    },
    /// A column's definition changes; its name does not.
    AlterColumn {
        /// The table.
        table: ObjectName,
        /// As it was.
        before: Column,
        /// As it will be.
        after: Column,
        /// The expression that makes the new value from the old one, where the author gave one.
        using: Option<String>,
        /// The expression that makes the old value from the new one again, where the author gave one.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        using_down: Option<String>,
        /// The value that present NULLs get before the column becomes NOT NULL.
        existing_null_value: Option<Value>,
    },
    /// A constraint appears.
    AddConstraint {
        /// The table.
        table: ObjectName,
        /// The constraint.
        constraint: Constraint,
    },
    /// A constraint goes.
    DropConstraint {
        /// The table.
        table: ObjectName,
        /// The constraint as it was.
        constraint: Constraint,
    },
    /// A constraint gets another name.
    RenameConstraint {
        /// The table.
        table: ObjectName,
        /// The old name.
        from: String,
        /// The new name.
        to: String,
    },
    /// The rows from before a constraint was added are checked.
    ValidateConstraint {
        /// The table.
        table: ObjectName,
        /// The constraint.
        name: String,
    },
    /// A constraint counts as unchecked again: the inverse of a validation, which changes nothing in a database.
    InvalidateConstraint {
        /// The table.
        table: ObjectName,
        /// The constraint.
        name: String,
    },
    /// An index appears.
    CreateIndex {
        /// The table.
        table: ObjectName,
        /// The index.
        index: Index,
        /// Whether an index of that name that is already there is left alone.
        if_not_exists: bool,
    },
    /// An index goes.
    DropIndex {
        /// The table.
        table: ObjectName,
        /// The index as it was.
        index: Index,
    },
    /// An index gets another name.
    RenameIndex {
        /// The table.
        table: ObjectName,
        /// The old name.
        from: String,
        /// The new name.
        to: String,
    },
    /// An enum appears.
    CreateEnum {
        /// The enum.
        enumeration: Arc<Enum>,
    },
    /// An enum goes; no column has it.
    DropEnum {
        /// The enum as it was.
        enumeration: Arc<Enum>,
    },
    /// The values of an enum change.
    AlterEnum {
        /// As it was.
        before: Arc<Enum>,
        /// As it will be.
        after: Arc<Enum>,
        /// Values that get another word: old and new.
        renamed: Vec<(String, String)>,
        /// Values that go: the value and what rows that have it get instead.
        replaced: Vec<(String, String)>,
    },
    /// A namespace, extension, domain, sequence, routine, view or trigger appears.
    CreateObject {
        /// The object.
        object: Arc<Object>,
        /// Whether an object of that name that is already there is left alone.
        #[serde(default)]
        if_not_exists: bool,
    },
    /// Such an object goes. What was built on it went before.
    DropObject {
        /// The object as it was.
        object: Arc<Object>,
    },
    /// An object that the history does not know goes, if the database has it.
    DropObjectIfExists {
        /// What it is.
        id: ObjectId,
    },
    /// Such an object gets another definition under the same name.
    AlterObject {
        /// As it was.
        before: Arc<Object>,
        /// As it will be.
        after: Arc<Object>,
    },
    /// Such an object gets another name. What is built on it follows.
    RenameObject {
        /// What it is, under the old name.
        id: ObjectId,
        /// The new name.
        to: ObjectName,
    },
    /// Rows appear.
    InsertRows(InsertRows),
    /// Rows that an insert made go.
    DeleteRows(DeleteRows),
    /// Rows get new values, batch by batch.
    Backfill(Backfill),
    /// Values in rows change.
    UpdateRows(UpdateRows),
    /// Rows go that meet a condition.
    DeleteWhere(DeleteWhere),
    /// A condition on the data that must hold, or the run stops.
    Assert(Assert),
    /// The rows of a file appear.
    LoadRows(LoadRows),
    /// The rows of a file go, found by their key.
    UnloadRows(LoadRows),
    /// Raw SQL.
    Execute(Execute),
    /// Several changes in order: what its author wrote to take a change of rows back, or nothing.
    Several(Vec<Change>),
}

/// What [`Change::AlterTable`] can change.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct TableProperties {
    /// The comment.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub comment: Option<String>,
    /// The options of the dialect.
    #[serde(default, skip_serializing_if = "Options::is_empty")]
    pub options: Options,
}

/// Where a column stands.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Position {
    /// After all others.
    #[default]
    Last,
    /// Before all others.
    First,
    /// Right after a column.
    After(String),
}

impl Change {
    /// A column gets another definition; of its values nothing is said.
    #[must_use]
    pub(crate) fn alter_column(table: ObjectName, before: Column, after: Column) -> Self {
        Change::AlterColumn { table, before, after, using: None, using_down: None, existing_null_value: None }
    }

    /// The table that this changes, if it is one table's definition that changes. Changes of one table that follow each
    /// other may be compiled together.
    #[must_use]
    pub fn table(&self) -> Option<&ObjectName> {
        match self {
            Change::CreateTable { table, .. } | Change::DropTable { table } => Some(&table.name),
            Change::RenameTable { from, .. } => Some(from),
            Change::DropTableIfExists { table }
            | Change::AlterTable { table, .. }
            | Change::AddColumn { table, .. }
            | Change::DropColumn { table, .. }
            | Change::RenameColumn { table, .. }
            | Change::AlterColumn { table, .. }
            | Change::AddConstraint { table, .. }
            | Change::DropConstraint { table, .. }
            | Change::RenameConstraint { table, .. }
            | Change::ValidateConstraint { table, .. }
            | Change::InvalidateConstraint { table, .. }
            | Change::CreateIndex { table, .. }
            | Change::DropIndex { table, .. }
            | Change::RenameIndex { table, .. } => Some(table),
            Change::InsertRows(rows) => Some(&rows.table),
            Change::DeleteRows(rows) => Some(&rows.0.table),
            Change::UpdateRows(update) => Some(&update.table),
            Change::DeleteWhere(delete) => Some(&delete.table),
            Change::LoadRows(load) | Change::UnloadRows(load) => Some(&load.table),
            Change::Backfill(backfill) => Some(&backfill.table),
            Change::CreateEnum { .. }
            | Change::DropEnum { .. }
            | Change::AlterEnum { .. }
            | Change::CreateObject { .. }
            | Change::DropObject { .. }
            | Change::DropObjectIfExists { .. }
            | Change::AlterObject { .. }
            | Change::RenameObject { .. }
            | Change::Assert(_)
            | Change::Several(_)
            | Change::Execute(_) => None,
        }
    }

    /// Whether this leaves the schema as it is: rows, and raw SQL that its author says nothing of.
    #[must_use]
    pub fn is_data(&self) -> bool {
        match self {
            Change::InsertRows(_)
            | Change::DeleteRows(_)
            | Change::Backfill(_)
            | Change::UpdateRows(_)
            | Change::DeleteWhere(_)
            | Change::Assert(_)
            | Change::LoadRows(_)
            | Change::UnloadRows(_) => true,
            Change::Execute(execute) => execute.effect.is_empty(),
            Change::Several(changes) => changes.iter().all(Change::is_data),
            Change::CreateTable { .. }
            | Change::DropTable { .. }
            | Change::DropTableIfExists { .. }
            | Change::RenameTable { .. }
            | Change::AlterTable { .. }
            | Change::AddColumn { .. }
            | Change::DropColumn { .. }
            | Change::RenameColumn { .. }
            | Change::AlterColumn { .. }
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
            | Change::AlterEnum { .. }
            | Change::CreateObject { .. }
            | Change::DropObject { .. }
            | Change::DropObjectIfExists { .. }
            | Change::AlterObject { .. }
            | Change::RenameObject { .. } => false,
        }
    }

    /// Whether this alters the definition of a table that stays, so that it can share a rebuild with its neighbours.
    #[must_use]
    pub fn alters_table(&self) -> bool {
        matches!(
            self,
            Change::AlterTable { .. }
                | Change::AddColumn { .. }
                | Change::DropColumn { .. }
                | Change::RenameColumn { .. }
                | Change::AlterColumn { .. }
                | Change::AddConstraint { .. }
                | Change::DropConstraint { .. }
                | Change::RenameConstraint { .. }
                | Change::ValidateConstraint { .. }
                | Change::InvalidateConstraint { .. }
                | Change::CreateIndex { .. }
                | Change::DropIndex { .. }
                | Change::RenameIndex { .. }
        )
    }
}
