//! Lexicons for the tests of this room, close to those of the drivers.

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
    case_insensitive_names: true,
    ..Lexicon::STANDARD
};

pub const ALL: [Lexicon; 4] = [Lexicon::STANDARD, POSTGRES, MYSQL, SQLITE];
