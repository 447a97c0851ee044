//! What differs between versions of SQLite, in one place.

use aludel_engine::dialect::{Capabilities, IdentifierLimit, NameScope, RunLock, Version};

/// The version to compile for when nobody named one: what the stable distributions ship at least.
pub const DEFAULT_VERSION: Version = Version::new(3, 37, 0);

/// The oldest version supported: the first with `DROP COLUMN`. <https://sqlite.org/changes.html#version_3_35_0>
pub const MINIMUM_VERSION: Version = Version::new(3, 35, 0);

/// What a version can do.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Features {
    /// `STRICT` tables. <https://sqlite.org/stricttables.html>
    pub strict_tables: bool,
    /// `ALTER COLUMN c SET NOT NULL` and `DROP NOT NULL`.
    pub alter_not_null: bool,
    /// `ADD CONSTRAINT n CHECK (…)` and `DROP CONSTRAINT` of a check.
    pub alter_check: bool,
    /// `DROP CONSTRAINT` of a named foreign key.
    pub drop_foreign_key: bool,
}

impl Features {
    /// What a version can do.
    #[must_use]
    pub fn of(version: Version) -> Self {
        Features {
            strict_tables: version >= Version::new(3, 37, 0),
            alter_not_null: version >= Version::new(3, 53, 0),
            alter_check: version >= Version::new(3, 53, 0),
            drop_foreign_key: version >= Version::new(3, 54, 0),
        }
    }
}

/// What every supported version can do, where the engine must know.
pub static CAPABILITIES: Capabilities = Capabilities {
    transactional_ddl: true,
    merges_changes: true,
    identifier_limit: IdentifierLimit::None,
    namespaces: false,
    folds_case: true,
    index_names: NameScope::Relations,
    keys_name_indexes: false,
    constraint_names: NameScope::Table,
    named_enums: false,
    comments: false,
    run_lock: RunLock::Transaction,
    // A deferred transaction that turns into a writer fails at once, whatever the busy timeout:
    // https://sqlite.org/lang_transaction.html#deferred_immediate_and_exclusive_transactions
    binary_collation: None,
    begin: "BEGIN IMMEDIATE",
};
