//! The options of `postgres:` maps.

use aludel_engine::dialect::{ObjectKind, OptionKind, OptionSpec};

const fn option(name: &'static str, kind: OptionKind, about: &'static str) -> OptionSpec {
    OptionSpec { name, kind, about }
}

const TABLE: &[OptionSpec] = &[
    option("partition_by", OptionKind::Text, "How the table is divided into partitions: `range (created_at)`."),
    option("with", OptionKind::Map, "Storage parameters: `{fillfactor: 70}`."),
    option("tablespace", OptionKind::Text, "The tablespace it is kept in."),
    option("unlogged", OptionKind::Bool, "Whether it is left out of the write-ahead log, and emptied after a crash."),
];

const COLUMN: &[OptionSpec] = &[
    option(
        "storage",
        OptionKind::Word(&["plain", "external", "extended", "main"]),
        "How large values are kept, where not the way of the type.",
    ),
    option("compression", OptionKind::Word(&["pglz", "lz4"]), "How large values are compressed (PostgreSQL 14)."),
    option(
        "serial",
        OptionKind::Bool,
        "Whether the numbers of `identity` come from a default that reads a sequence of the column's own, as `serial` has it.",
    ),
    option("statistics", OptionKind::Integer, "How many values the planner remembers, where not the default."),
];

const KEY: &[OptionSpec] = &[
    option("include", OptionKind::List, "Columns that its index carries without sorting by them."),
    option("with", OptionKind::Map, "Storage parameters of its index."),
    option("tablespace", OptionKind::Text, "The tablespace of its index."),
];

const UNIQUE: &[OptionSpec] = &[
    option("include", OptionKind::List, "Columns that its index carries without sorting by them."),
    option("with", OptionKind::Map, "Storage parameters of its index."),
    option("tablespace", OptionKind::Text, "The tablespace of its index."),
    option("nulls_not_distinct", OptionKind::Bool, "Whether two NULLs count as equal (PostgreSQL 15)."),
];

const FOREIGN_KEY: &[OptionSpec] = &[option(
    "on_delete_columns",
    OptionKind::List,
    "The columns that `on_delete: set null` or `set default` sets, where not all (PostgreSQL 15).",
)];

const CHECK: &[OptionSpec] =
    &[option("no_inherit", OptionKind::Bool, "Whether tables that inherit from this one go without it.")];

const INDEX: &[OptionSpec] = &[
    option(
        "using",
        OptionKind::Text,
        "The method: `btree`, `hash`, `gin`, `gist`, `spgist`, `brin` or an extension's.",
    ),
    option("include", OptionKind::List, "Columns that it carries without sorting by them."),
    option("with", OptionKind::Map, "Storage parameters: `{fillfactor: 70}`."),
    option("concurrently", OptionKind::Bool, "Whether writers go on while it is built. Runs outside a transaction."),
    option("tablespace", OptionKind::Text, "The tablespace it is kept in."),
    option("nulls_not_distinct", OptionKind::Bool, "Whether two NULLs count as equal (PostgreSQL 15)."),
];

const VIEW: &[OptionSpec] = &[
    option(
        "with",
        OptionKind::Map,
        "Its parameters: `{security_barrier: true}`, `{security_invoker: true}` (PostgreSQL 15).",
    ),
    option("tablespace", OptionKind::Text, "The tablespace that a materialized view is kept in."),
    option("with_data", OptionKind::Bool, "`false` leaves a new materialized view empty until it is refreshed."),
];

const NAMESPACE: &[OptionSpec] = &[option("owner", OptionKind::Text, "Who owns it, where not the user who makes it.")];

const SEQUENCE: &[OptionSpec] = &[option(
    "as",
    OptionKind::Word(&["smallint", "integer", "bigint"]),
    "The type of its numbers, where not `bigint`.",
)];

const DROP_INDEX: &[OptionSpec] = &[option(
    "concurrently",
    OptionKind::Bool,
    "Whether readers and writers go on while it is dropped. Runs outside a transaction.",
)];

/// The options an object may carry.
#[must_use]
pub fn options(object: ObjectKind) -> &'static [OptionSpec] {
    match object {
        ObjectKind::Table => TABLE,
        ObjectKind::Column => COLUMN,
        ObjectKind::PrimaryKey | ObjectKind::Exclude => KEY,
        ObjectKind::Unique => UNIQUE,
        ObjectKind::Check => CHECK,
        ObjectKind::Index => INDEX,
        ObjectKind::DropIndex => DROP_INDEX,
        ObjectKind::View => VIEW,
        ObjectKind::Namespace => NAMESPACE,
        ObjectKind::Sequence => SEQUENCE,
        ObjectKind::ForeignKey => FOREIGN_KEY,
        ObjectKind::Enum | ObjectKind::Extension | ObjectKind::Domain | ObjectKind::Routine | ObjectKind::Trigger => {
            &[]
        }
    }
}
