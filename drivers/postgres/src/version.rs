//! What differs between versions of PostgreSQL, in one place.

use aludel_engine::dialect::Version;

/// The oldest version supported.
pub const MINIMUM: Version = Version::new(12, 0, 0);

/// The version compiled for when nobody says which: old enough that a script runs everywhere.
pub const ASSUMED: Version = Version::new(14, 0, 0);

/// What a version has.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[allow(clippy::struct_excessive_bools)]
pub struct Features {
    /// `gen_random_uuid()` without an extension (13).
    pub random_uuid: bool,
    /// `ALTER COLUMN … DROP EXPRESSION` (13).
    pub drop_expression: bool,
    /// `DROP DATABASE … WITH (FORCE)` (13).
    pub drop_database_force: bool,
    /// Options of operator classes (13).
    pub opclass_options: bool,
    /// `pg_trigger.tgparentid` (13).
    pub trigger_parents: bool,
    /// Further columns in an SP-GiST index (14).
    pub spgist_include: bool,
    /// `COMPRESSION` of a column (14).
    pub compression: bool,
    /// The settings `idle_session_timeout` and `client_connection_check_interval` (14).
    pub session_timeouts: bool,
    /// `Infinity` as a `numeric` (14).
    pub numeric_infinity: bool,
    /// `UNIQUE NULLS NOT DISTINCT` (15).
    pub nulls_not_distinct: bool,
    /// `ON DELETE SET NULL (columns)` (15).
    pub set_null_columns: bool,
    /// `ALTER COLUMN … SET EXPRESSION` (17).
    pub set_expression: bool,
    /// Exclusion constraints of tables with partitions (17).
    pub partitioned_exclude: bool,
    /// NOT VALID foreign keys of tables with partitions (18).
    pub partitioned_not_valid: bool,
    /// Generated columns that are not stored (18).
    pub virtual_columns: bool,
}

impl Features {
    /// The features of a version.
    #[must_use]
    pub fn of(version: Version) -> Self {
        let since = |major| version >= Version::new(major, 0, 0);
        Features {
            random_uuid: since(13),
            drop_expression: since(13),
            drop_database_force: since(13),
            opclass_options: since(13),
            trigger_parents: since(13),
            spgist_include: since(14),
            compression: since(14),
            session_timeouts: since(14),
            numeric_infinity: since(14),
            nulls_not_distinct: since(15),
            set_null_columns: since(15),
            set_expression: since(17),
            partitioned_exclude: since(17),
            partitioned_not_valid: since(18),
            virtual_columns: since(18),
        }
    }
}
