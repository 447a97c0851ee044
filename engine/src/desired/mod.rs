//! The desired schema: what a database should hold, as files say it and not as a history makes it.
//!
//! [`read`] turns files into a [`Schema`], with the same reading and the same checks as the operations that would make it, so
//! that a table means exactly what `create_table` means by the same keys. [`write()`] is the other way round.

mod item;
mod plain;
mod proof;
mod read;
mod rename;
mod section;
mod survivors;
#[cfg(test)]
mod tests;
mod write;

use crate::schema::{ObjectId, ObjectName, Schema};

pub use plain::plain;
pub use proof::reads_back;
pub use read::read;
pub use survivors::{Survivors, Test, dangling, survivors};
pub use write::{files, write};

/// A desired schema, for one dialect.
#[derive(Debug, Clone, Default)]
pub struct Desired {
    /// What there should be. Columns have the order of their author.
    pub schema: Schema,
    /// What had another name before.
    pub renames: Renames,
}

/// What `renamed_from` says: the old name and the new one. Whether there is anything of the old name is not looked at; a
/// hint that was carried out may stay in the file.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Renames {
    /// Tables. An old name without a namespace is in that of the new one.
    pub tables: Vec<(ObjectName, ObjectName)>,
    /// Columns, with the new name of their table first.
    pub columns: Vec<(ObjectName, String, String)>,
    /// Constraints, with the new name of their table first.
    pub constraints: Vec<(ObjectName, String, String)>,
    /// Indexes, with the new name of their table or view first.
    pub indexes: Vec<(ObjectName, String, String)>,
    /// Enums.
    pub enums: Vec<(ObjectName, ObjectName)>,
    /// Views, sequences, functions, domains, triggers and the others.
    pub objects: Vec<(ObjectId, ObjectId)>,
}
