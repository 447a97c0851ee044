//! How SQL text is cut into tokens, as data that a dialect fills in.

/// The lexical habits of one database product, in one mode. A dialect writes only what it has:
///
/// ```
/// use aludel_engine::sql::Lexicon;
/// const LEXICON: Lexicon = Lexicon { backtick_identifiers: true, hash_comments: true, ..Lexicon::STANDARD };
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Lexicon {
    /// A backslash escapes the next character of a string (MySQL without NO_BACKSLASH_ESCAPES).
    pub backslash_escapes: bool,
    /// `$$ … $$` and `$tag$ … $tag$` are strings (PostgreSQL).
    pub dollar_quotes: bool,
    /// Backticks quote identifiers (MySQL, SQLite).
    pub backtick_identifiers: bool,
    /// `[name]` is an identifier (SQLite); otherwise brackets are subscripts.
    pub bracket_identifiers: bool,
    /// `"x"` is a string (MySQL without ANSI_QUOTES); otherwise an identifier.
    pub double_quoted_strings: bool,
    /// Block comments nest (PostgreSQL).
    pub nested_comments: bool,
    /// `#` starts a comment (MySQL).
    pub hash_comments: bool,
    /// `--` starts a comment only before white space (MySQL, where `5--1` is a subtraction).
    pub dash_comment_needs_space: bool,
    /// The content of `/*! … */` and `/*M! … */` is code (MySQL, MariaDB).
    pub conditional_comments: bool,
    /// `E'…'` and `U&'…'` are strings of their own kinds (PostgreSQL).
    pub escape_string_prefix: bool,
    /// `_utf8mb4'x'` names the character set of a string (MySQL).
    pub charset_introducers: bool,
    /// Operators are any run of operator characters (PostgreSQL); otherwise a fixed list.
    pub custom_operators: bool,
    /// `||`, `&&` mean OR, AND (MySQL without PIPES_AS_CONCAT); otherwise they are ordinary operators.
    pub logical_symbols: bool,
    /// A word may start with a digit (MySQL).
    pub digit_first_words: bool,
    /// `?` and `?1` are parameters (SQLite, MySQL).
    pub question_parameters: bool,
    /// `:name` and `$name` are parameters (SQLite). `$1` always is.
    pub named_parameters: bool,
    /// `@name` is a parameter or variable and `@@name` a setting (MySQL, SQLite).
    pub at_variables: bool,
    /// A script may hold the `DELIMITER` command of a client (MySQL).
    pub delimiter_command: bool,
    /// `BEGIN … END`, `IF … END IF` and the like inside CREATE TRIGGER, PROCEDURE, FUNCTION and EVENT hold
    /// statements (MySQL, SQLite triggers).
    pub trigger_bodies: bool,
    /// `BEGIN ATOMIC … END` inside CREATE FUNCTION and PROCEDURE holds statements (PostgreSQL).
    pub atomic_bodies: bool,
    /// A terminator inside parentheses ends nothing (PostgreSQL, CREATE RULE … DO (…; …)).
    pub parenthesised_bodies: bool,
    /// A script may have been written for psql: backslash commands and the data of COPY … FROM stdin. Both are
    /// refused, because the server does not understand them.
    pub psql_meta: bool,
    /// A script may have been written for the sqlite3 shell: commands that begin with a dot. They are refused.
    pub dot_commands: bool,
    /// A cast on a literal names the type that the server would have inferred and prints (PostgreSQL). Where it is
    /// not set a cast is an ordinary expression: in SQLite it has an affinity that the literal has not.
    pub typed_literals: bool,
    /// Column names are equal whatever their case, quoted or not (MySQL, SQLite); otherwise a bare word means its
    /// lower-case form and a quoted name itself (PostgreSQL).
    pub case_insensitive_names: bool,
}

impl Lexicon {
    /// Standard SQL without any extension: the base of a dialect's own.
    pub const STANDARD: Lexicon = Lexicon {
        backslash_escapes: false,
        dollar_quotes: false,
        backtick_identifiers: false,
        bracket_identifiers: false,
        double_quoted_strings: false,
        nested_comments: false,
        hash_comments: false,
        dash_comment_needs_space: false,
        conditional_comments: false,
        escape_string_prefix: false,
        charset_introducers: false,
        custom_operators: false,
        logical_symbols: false,
        digit_first_words: false,
        question_parameters: false,
        named_parameters: false,
        at_variables: false,
        delimiter_command: false,
        trigger_bodies: false,
        atomic_bodies: false,
        parenthesised_bodies: false,
        psql_meta: false,
        dot_commands: false,
        typed_literals: false,
        case_insensitive_names: false,
    };
}

impl Default for Lexicon {
    fn default() -> Self {
        Lexicon::STANDARD
    }
}
