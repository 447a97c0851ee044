//! The options of the maps `mysql:` and `mariadb:`.

use aludel_engine::dialect::{ObjectKind, OptionKind, OptionSpec};

const fn option(name: &'static str, kind: OptionKind, about: &'static str) -> OptionSpec {
    OptionSpec { name, kind, about }
}

const TABLE: &[OptionSpec] = &[
    option("engine", OptionKind::Text, "The storage engine; InnoDB unless said."),
    option("charset", OptionKind::Text, "The character set of columns that name none."),
    option("collate", OptionKind::Text, "The collation of columns that name none."),
    option(
        "row_format",
        OptionKind::Word(&["default", "dynamic", "compact", "redundant", "compressed"]),
        "How rows are stored.",
    ),
    option("key_block_size", OptionKind::Integer, "The page size of a compressed table, in KiB."),
    option("auto_increment", OptionKind::Integer, "The first number of a new table's identity column."),
];

const COLUMN: &[OptionSpec] = &[
    option("unsigned", OptionKind::Bool, "The number has no sign."),
    option("charset", OptionKind::Text, "The character set of the column."),
    option(
        "on_update",
        OptionKind::Word(&["current_timestamp"]),
        "What an UPDATE of the row sets the column to, if the UPDATE does not say.",
    ),
    option("invisible", OptionKind::Bool, "`SELECT *` leaves the column out."),
];

const INDEX: &[OptionSpec] = &[
    option("using", OptionKind::Word(&["btree", "hash"]), "The index method; InnoDB knows `btree` alone."),
    option("kind", OptionKind::Word(&["fulltext", "spatial"]), "A full-text or spatial index."),
    option("parser", OptionKind::Text, "The parser of a full-text index, such as `ngram`."),
    option("invisible", OptionKind::Bool, "The optimizer does not use the index (MariaDB: IGNORED)."),
];

const CHECK: &[OptionSpec] = &[option(
    "enforced",
    OptionKind::Bool,
    "`false` keeps the check but does not look at rows (NOT ENFORCED; MySQL only).",
)];

/// The options of an object in a dialect.
pub(crate) fn of(object: ObjectKind) -> &'static [OptionSpec] {
    match object {
        ObjectKind::Table => TABLE,
        ObjectKind::Column => COLUMN,
        ObjectKind::Index => INDEX,
        ObjectKind::Check => CHECK,
        ObjectKind::PrimaryKey
        | ObjectKind::Unique
        | ObjectKind::ForeignKey
        | ObjectKind::Exclude
        | ObjectKind::DropIndex
        | ObjectKind::Enum => &[],
    }
}
