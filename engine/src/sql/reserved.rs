//! Words that some database reserves.

/// Reserved by at least one of the databases we know, sorted. A name among them is quoted where it is written;
/// quoting one too many does no harm.
#[rustfmt::skip]
const WORDS: &[&str] = &[
    "accessible", "add", "all", "alter", "always", "analyse", "analyze", "and", "any", "array", "as", "asc",
    "asymmetric", "authorization", "autoincrement", "before", "between", "bigint", "binary", "blob", "both", "by",
    "call", "cascade", "case", "cast", "change", "char", "character", "check", "collate", "column", "condition",
    "constraint", "continue", "convert", "create", "cross", "cube", "cume_dist", "current_catalog", "current_date",
    "current_role", "current_schema", "current_time", "current_timestamp", "current_user", "cursor", "database",
    "databases", "day_hour", "day_microsecond", "day_minute", "day_second", "dec", "decimal", "declare", "default",
    "deferrable", "delayed", "delete", "dense_rank", "desc", "describe", "deterministic", "distinct", "distinctrow",
    "div", "do", "double", "drop", "dual", "each", "else", "elseif", "empty", "enclosed", "end", "escape",
    "escaped", "except", "exists", "exit", "explain", "false", "fetch", "first_value", "float", "for", "force",
    "foreign", "from", "full", "fulltext", "function", "generated", "get", "glob", "grant", "group", "grouping",
    "groups", "having", "high_priority", "hour_microsecond", "hour_minute", "hour_second", "if", "ignore", "ilike",
    "in", "index", "infile", "initially", "inner", "inout", "insensitive", "insert", "int", "integer", "intersect",
    "interval", "into", "is", "isnull", "iterate", "join", "json_table", "key", "keys", "kill", "lag", "last_value",
    "lateral", "lead", "leading", "leave", "left", "like", "limit", "linear", "lines", "load", "localtime",
    "localtimestamp", "lock", "long", "longblob", "longtext", "loop", "low_priority", "match", "maxvalue",
    "mediumblob", "mediumint", "mediumtext", "mod", "modifies", "natural", "no", "not", "nothing", "notnull",
    "nth_value", "ntile", "null", "numeric", "of", "off", "offset", "offsets", "on", "only", "optimize", "option",
    "optionally", "or", "order", "out", "outer", "outfile", "over", "overlaps", "partition", "percent_rank",
    "period", "placing", "precision", "primary", "procedure", "purge", "qualify", "raise", "range", "rank", "read",
    "reads", "real", "recursive", "references", "regexp", "release", "rename", "repeat", "replace", "require",
    "resignal", "restrict", "return", "returning", "revoke", "right", "rlike", "row", "row_number", "rows",
    "schema", "schemas", "select", "sensitive", "separator", "session_user", "set", "show", "signal", "similar",
    "smallint", "some", "spatial", "specific", "sql", "sqlexception", "sqlstate", "sqlwarning", "ssl", "starting",
    "stored", "straight_join", "symmetric", "system", "system_user", "table", "tables", "tablesample", "terminated",
    "then", "tinyblob", "tinyint", "tinytext", "to", "trailing", "transaction", "trigger", "true", "undo", "union",
    "unique", "unlock", "unsigned", "update", "usage", "use", "user", "using", "utc_date", "utc_time",
    "utc_timestamp", "values", "varbinary", "varchar", "varcharacter", "variadic", "varying", "verbose", "virtual",
    "when", "where", "while", "window", "with", "within", "write", "xor", "year_month", "zerofill",
];

/// Whether a lower-case word needs quotes as a name.
pub(super) fn is_reserved(word: &str) -> bool {
    WORDS.binary_search(&word).is_ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sorted() {
        assert!(WORDS.is_sorted());
        assert!(is_reserved("order") && !is_reserved("email"));
    }
}
