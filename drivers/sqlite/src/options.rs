//! The options that SQLite adds to objects.

use aludel_engine::dialect::{ObjectKind, OptionKind, OptionSpec};

/// What can be done about a row that violates a constraint. <https://sqlite.org/lang_conflict.html>
pub const CONFLICT: &[&str] = &["abort", "rollback", "fail", "ignore", "replace"];

const ON_CONFLICT: OptionSpec = OptionSpec {
    name: "on_conflict",
    kind: OptionKind::Word(CONFLICT),
    about: "What happens to a row that violates the constraint, unless the statement says otherwise.",
};

const TABLE: &[OptionSpec] = &[
    OptionSpec { name: "strict", kind: OptionKind::Bool, about: "Refuses values that are not of the column's type." },
    OptionSpec { name: "without_rowid", kind: OptionKind::Bool, about: "Keeps the rows in the primary key itself." },
];

const COLUMN: &[OptionSpec] = &[
    OptionSpec {
        name: "autoincrement",
        kind: OptionKind::Bool,
        about: "`false` makes an identity column the plain rowid, whose numbers may be used again after a delete.",
    },
    OptionSpec {
        name: "on_conflict",
        kind: OptionKind::Word(CONFLICT),
        about: "What happens to a row that has NULL in this NOT NULL column.",
    },
    OptionSpec {
        name: "rowid",
        kind: OptionKind::Bool,
        about: "`false` keeps an `integer` primary key from being the rowid: its type is written INT, and no number is made.",
    },
    OptionSpec {
        name: "null_key",
        kind: OptionKind::Bool,
        about: "The column of the primary key admits NULL, as it does where a table was made without saying NOT NULL.",
    },
];

/// The options an object may carry.
pub fn options(object: ObjectKind) -> &'static [OptionSpec] {
    match object {
        ObjectKind::Table => TABLE,
        ObjectKind::Column => COLUMN,
        ObjectKind::PrimaryKey | ObjectKind::Unique => &[ON_CONFLICT],
        ObjectKind::Check
        | ObjectKind::ForeignKey
        | ObjectKind::Exclude
        | ObjectKind::Index
        | ObjectKind::DropIndex
        | ObjectKind::Enum
        | ObjectKind::Namespace
        | ObjectKind::Extension
        | ObjectKind::Domain
        | ObjectKind::Sequence
        | ObjectKind::Routine
        | ObjectKind::View
        | ObjectKind::Trigger => &[],
    }
}
