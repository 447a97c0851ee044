//! For the tests of this room: lexicons close to those of the drivers, and texts.

use proptest::prelude::*;

use super::Lexicon;

pub const POSTGRES: Lexicon = Lexicon {
    dollar_quotes: true,
    nested_comments: true,
    escape_string_prefix: true,
    custom_operators: true,
    atomic_bodies: true,
    parenthesised_bodies: true,
    psql_meta: true,
    typed_literals: true,
    ..Lexicon::STANDARD
};

pub const MYSQL: Lexicon = Lexicon {
    backslash_escapes: true,
    backtick_identifiers: true,
    double_quoted_strings: true,
    hash_comments: true,
    dash_comment_needs_space: true,
    conditional_comments: true,
    charset_introducers: true,
    logical_symbols: true,
    digit_first_words: true,
    question_parameters: true,
    at_variables: true,
    delimiter_command: true,
    trigger_bodies: true,
    case_insensitive_names: true,
    ..Lexicon::STANDARD
};

pub const SQLITE: Lexicon = Lexicon {
    backtick_identifiers: true,
    bracket_identifiers: true,
    question_parameters: true,
    named_parameters: true,
    at_variables: true,
    trigger_bodies: true,
    dot_commands: true,
    case_insensitive_names: true,
    ..Lexicon::STANDARD
};

pub const ALL: [Lexicon; 4] = [Lexicon::STANDARD, POSTGRES, MYSQL, SQLITE];

/// Texts that hold the hard parts of SQL more often than chance would.
pub fn sql_like() -> impl Strategy<Value = String> {
    let parts = [
        "a",
        "b",
        "t",
        "'",
        "\"",
        "`",
        "[",
        "]",
        "(",
        ")",
        ";",
        ",",
        ".",
        "--",
        "/*",
        "*/",
        "/*!",
        "#",
        "$$",
        "$x$",
        "\\",
        "\n",
        " ",
        " ",
        "E'",
        "1",
        "1.5",
        "::",
        "text",
        "BEGIN",
        "END",
        "CASE",
        "WHEN",
        "THEN",
        "IF",
        "CREATE",
        "TRIGGER",
        "FUNCTION",
        "DELIMITER",
        "//",
        "ATOMIC",
        "AND",
        "OR",
        "NOT",
        "IN",
        "BETWEEN",
        "LIKE",
        "IS",
        "NULL",
        "=",
        "<>",
        "~~",
        "+",
        "-",
        "*",
        "||",
        "ARRAY",
        "ANY",
        "CAST",
        "AS",
        "COPY",
        "FROM",
        "STDIN",
        "é",
        "\u{feff}",
        "_utf8mb4",
        "'x'",
        "now",
        "\0",
        "@",
        ":",
        "?",
    ];
    let part = prop_oneof![
        8 => proptest::sample::select(parts.to_vec()).prop_map(str::to_owned),
        1 => any::<char>().prop_map(String::from),
    ];
    (proptest::collection::vec(part, 0..40), prop_oneof![Just(""), Just(" ")])
        .prop_map(|(parts, glue)| parts.join(glue))
}
