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
    option(
        "partition_by",
        OptionKind::Text,
        "How the table is divided into partitions: `hash (id) partitions 4`; `\"\"` makes it whole again.",
    ),
    option(
        "stats_persistent",
        OptionKind::Bool,
        "Whether the statistics of its indexes outlive a restart, where not as the server has it.",
    ),
    option(
        "stats_auto_recalc",
        OptionKind::Bool,
        "Whether they are counted anew by themselves, where not as the server has it.",
    ),
    option("stats_sample_pages", OptionKind::Integer, "How many pages of an index they are estimated from."),
    option("max_rows", OptionKind::Integer, "How many rows the table is expected to have at most."),
    option("min_rows", OptionKind::Integer, "How many rows the table is expected to have at least."),
    option("avg_row_length", OptionKind::Integer, "How many bytes a row is expected to have."),
    option("checksum", OptionKind::Bool, "Whether a checksum of the rows is kept (MyISAM)."),
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

const PRIMARY_KEY: &[OptionSpec] = &[option(
    "lengths",
    OptionKind::Map,
    "How many characters of a column stand in the key, by the column's name: `{name: 191}`.",
)];

const CHECK: &[OptionSpec] = &[option(
    "enforced",
    OptionKind::Bool,
    "`false` keeps the check but does not look at rows (NOT ENFORCED; MySQL only).",
)];

const VIEW: &[OptionSpec] = &[
    option(
        "algorithm",
        OptionKind::Word(&["undefined", "merge", "temptable"]),
        "How a query over the view is carried out.",
    ),
    option("sql_security", OptionKind::Word(&["definer", "invoker"]), "Whose rights count when it is read."),
];

/// The options of an object in a dialect.
pub(crate) fn of(object: ObjectKind) -> &'static [OptionSpec] {
    match object {
        ObjectKind::Table => TABLE,
        ObjectKind::Column => COLUMN,
        ObjectKind::Index => INDEX,
        ObjectKind::View => VIEW,
        ObjectKind::Check => CHECK,
        ObjectKind::PrimaryKey => PRIMARY_KEY,
        ObjectKind::Unique
        | ObjectKind::ForeignKey
        | ObjectKind::Exclude
        | ObjectKind::DropIndex
        | ObjectKind::Enum
        | ObjectKind::Namespace
        | ObjectKind::Extension
        | ObjectKind::Domain
        | ObjectKind::Sequence
        | ObjectKind::Routine
        | ObjectKind::Trigger => &[],
    }
}

/// The options of a table that are a word and a whole number or a flag, in the words of SQL and of the catalog.
pub(crate) const NUMBERED: [(&str, bool); 7] = [
    ("stats_persistent", true),
    ("stats_auto_recalc", true),
    ("stats_sample_pages", false),
    ("max_rows", false),
    ("min_rows", false),
    ("avg_row_length", false),
    ("checksum", true),
];
