//! The dialect: MySQL, and MariaDB where it differs.

use std::ops::RangeInclusive;
use std::time::Duration;

use aludel_engine::change::Change;
use aludel_engine::dialect::{
    Capabilities, Compile, Dialect, IdentifierLimit, NameScope, ObjectKind, OptionSpec, RunLock, Unsupported, Version,
    quoted_with,
};
use aludel_engine::plan::Statement;
use aludel_engine::schema::{Column, Schema, Table, Type, Value};
use aludel_engine::sql::{Lexicon, TokenKind, ends_in_comment, tokens};

use crate::keywords::is_reserved;
use crate::{compile, literal, normalize, options, types};

/// Which product it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Flavour {
    /// Oracle's MySQL and what is built from it.
    MySql,
    /// MariaDB.
    MariaDb,
}

impl Flavour {
    /// The name users write.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Flavour::MySql => "mysql",
            Flavour::MariaDb => "mariadb",
        }
    }

    /// The name in messages.
    #[must_use]
    pub fn title(self) -> &'static str {
        match self {
            Flavour::MySql => "MySQL",
            Flavour::MariaDb => "MariaDB",
        }
    }

    /// The version to compile for when nobody said, and the oldest one that is supported.
    #[must_use]
    pub fn versions(self) -> (Version, Version) {
        match self {
            // 8.0 stands for its late releases: CHECK is enforced from 8.0.16 on.
            Flavour::MySql => (Version::new(8, 0, 0), Version::new(8, 0, 0)),
            Flavour::MariaDb => (Version::new(10, 6, 0), Version::new(10, 5, 0)),
        }
    }
}

/// What differs between products and versions, in one place.
#[derive(Debug, Clone, Copy)]
#[allow(clippy::struct_excessive_bools)]
pub(crate) struct Features {
    /// What drops a check: `DROP CHECK` (8.0.16) or `DROP CONSTRAINT` (MariaDB; MySQL has it from 8.0.19 on).
    pub drop_check: &'static str,
    /// A native UUID type. <https://mariadb.com/kb/en/uuid-data-type/>
    pub uuid: bool,
    /// Expressions as index keys. <https://dev.mysql.com/doc/refman/8.0/en/create-index.html#create-index-functional-key-parts>
    pub expression_index: bool,
    /// Index keys are kept in descending order; otherwise DESC is read and forgotten.
    pub descending_index: bool,
    /// The word that hides an index from the optimizer.
    pub hidden_index: Option<&'static str>,
    /// `IF NOT EXISTS` for columns and indexes.
    pub if_not_exists: bool,
    /// TEXT, BLOB and JSON take a default only in parentheses.
    /// <https://dev.mysql.com/doc/refman/8.0/en/data-type-defaults.html>
    pub long_default_needs_parentheses: bool,
    /// The name of new values in `ON DUPLICATE KEY UPDATE`: an alias of the row (8.0.19), otherwise `VALUES(column)`.
    pub row_alias: bool,
    /// `DROP COLUMN` changes only the catalog.
    pub instant_drop: bool,
    /// RENAME COLUMN rewrites the checks and generated columns that mention it; otherwise the server refuses.
    pub rename_follows: bool,
    /// A default that refuses present rows: an expression that is NULL but that the server cannot know to be.
    pub refusing_default: &'static str,
    /// The same for a TIMESTAMP, where MariaDB takes NULL for the present moment: an expression that is no moment.
    /// <https://mariadb.com/kb/en/timestamp/>
    pub refusing_moment: &'static str,
    /// `ADD COLUMN` with a default that gives each row another value is refused (error 1674).
    pub varying_default_refused: bool,
    /// The collation of a new database when nobody said.
    pub default_collation: &'static str,
}

impl Features {
    fn of(flavour: Flavour, version: Version) -> Self {
        match flavour {
            Flavour::MySql => Features {
                drop_check: "DROP CHECK",
                uuid: false,
                expression_index: true,
                descending_index: true,
                hidden_index: Some("INVISIBLE"),
                if_not_exists: false,
                long_default_needs_parentheses: true,
                row_alias: version >= Version::new(8, 0, 19),
                instant_drop: version >= Version::new(8, 0, 29),
                rename_follows: false,
                refusing_default: "(nullif(1, 1))",
                refusing_moment: "(nullif(1, 1))",
                varying_default_refused: true,
                default_collation: "utf8mb4_0900_ai_ci",
            },
            Flavour::MariaDb => Features {
                drop_check: "DROP CONSTRAINT",
                uuid: version >= Version::new(10, 7, 0),
                expression_index: false,
                descending_index: version >= Version::new(10, 8, 0),
                hidden_index: (version >= Version::new(10, 6, 0)).then_some("IGNORED"),
                if_not_exists: true,
                long_default_needs_parentheses: false,
                row_alias: false,
                instant_drop: true,
                rename_follows: true,
                // A constant expression is refused at once (1067), and `rand()` is silently turned into a zero.
                refusing_default: "(nullif(length(uuid()), 36))",
                refusing_moment: "(uuid())",
                varying_default_refused: false,
                default_collation: if version >= Version::new(11, 6, 0) {
                    "utf8mb4_uca1400_ai_ci"
                } else {
                    "utf8mb4_general_ci"
                },
            },
        }
    }
}

const CAPABILITIES: Capabilities = Capabilities {
    transactional_ddl: false,
    merges_changes: false,
    identifier_limit: IdentifierLimit::Characters(64),
    namespaces: true,
    folds_case: true,
    index_names: NameScope::Table,
    // FOREIGN KEY names are unique in a database on both (InnoDB); CHECK names on MySQL only, where they share no
    // space with the former. One rule for both keeps a history portable.
    keys_name_indexes: true,
    constraint_names: NameScope::Namespace,
    named_enums: false,
    comments: true,
    run_lock: RunLock::Session,
    binary_collation: Some("utf8mb4_bin"),
    begin: "START TRANSACTION",
};

/// What the session of every run and the head of every script set.
///
/// `sql_mode` is strict, so that a value that does not fit is refused; without ANSI_QUOTES and NO_BACKSLASH_ESCAPES, so
/// that a literal has one meaning; with NO_AUTO_VALUE_ON_ZERO, so that a 0 in a row stays a 0. The time zone is UTC,
/// so that a TIMESTAMP written as text is the same moment on every server.
/// `explicit_defaults_for_timestamp` off would give the first TIMESTAMP column a default that nobody wrote.
/// <https://dev.mysql.com/doc/refman/8.4/en/sql-mode.html>,
/// <https://dev.mysql.com/doc/refman/8.4/en/server-system-variables.html#sysvar_explicit_defaults_for_timestamp>
const SESSION: [&str; 4] = [
    "SET NAMES utf8mb4",
    "SET SESSION sql_mode = 'STRICT_TRANS_TABLES,NO_ZERO_IN_DATE,NO_ZERO_DATE,ERROR_FOR_DIVISION_BY_ZERO,\
     NO_ENGINE_SUBSTITUTION,NO_AUTO_VALUE_ON_ZERO'",
    "SET SESSION time_zone = '+00:00'",
    "SET SESSION explicit_defaults_for_timestamp = ON",
];

pub(crate) const LEXICON: Lexicon = Lexicon {
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

/// MySQL or MariaDB in one version.
#[derive(Debug, Clone)]
pub struct MySql {
    flavour: Flavour,
    version: Version,
    pub(crate) features: Features,
    default_collation: String,
}

impl MySql {
    /// The dialect for a version.
    #[must_use]
    pub fn new(flavour: Flavour, version: Version) -> Self {
        let features = Features::of(flavour, version);
        MySql { flavour, version, features, default_collation: features.default_collation.to_owned() }
    }

    /// The same, for a database whose default collation is known.
    #[must_use]
    pub fn with_default_collation(mut self, collation: impl Into<String>) -> Self {
        self.default_collation = collation.into();
        self
    }

    /// Which product it is.
    #[must_use]
    pub fn flavour(&self) -> Flavour {
        self.flavour
    }

    /// The collation that a table has when nobody said.
    pub(crate) fn default_collation(&self) -> &str {
        &self.default_collation
    }

    /// The product and version, for messages.
    pub(crate) fn title(&self) -> String {
        format!("{} {}", self.flavour.title(), self.version)
    }
}

impl Dialect for MySql {
    fn name(&self) -> &'static str {
        self.flavour.name()
    }

    fn inherits(&self) -> Option<&'static str> {
        (self.flavour == Flavour::MariaDb).then_some("mysql")
    }

    fn version(&self) -> Version {
        self.version
    }

    fn capabilities(&self) -> &Capabilities {
        &CAPABILITIES
    }

    fn lexicon(&self) -> &Lexicon {
        &LEXICON
    }

    fn options(&self, object: ObjectKind) -> &'static [OptionSpec] {
        options::of(object)
    }

    /// <https://dev.mysql.com/doc/refman/8.4/en/identifiers.html>
    /// <https://dev.mysql.com/doc/refman/8.4/en/innodb-limits.html>,
    /// <https://dev.mysql.com/doc/refman/8.4/en/create-index.html>
    fn refuses_identifier(&self, identifier: &str, object: ObjectKind) -> Option<&'static str> {
        let is_one_of = |names: &[&str]| names.iter().any(|name| identifier.eq_ignore_ascii_case(name));
        match object {
            ObjectKind::Column if is_one_of(&["db_row_id", "db_trx_id", "db_roll_ptr"]) => {
                return Some("InnoDB keeps for a column of its own");
            }
            ObjectKind::Index | ObjectKind::Unique if is_one_of(&["primary"]) => {
                return Some("is that of every primary key");
            }
            ObjectKind::Index | ObjectKind::Unique if is_one_of(&["gen_clust_index"]) => {
                return Some("InnoDB keeps for an index of its own");
            }
            _ => {}
        }
        if identifier.contains('\r') {
            return Some("has a carriage return, which the clients drop from scripts");
        }
        if identifier.chars().any(|c| c > '\u{FFFF}') {
            return Some("has a character beyond U+FFFF, such as an emoji");
        }
        identifier.ends_with(' ').then_some("ends with a space")
    }

    fn quote(&self, identifier: &str) -> String {
        let plain = identifier.starts_with(|c: char| c.is_ascii_lowercase() || c == '_')
            && identifier.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_')
            && !is_reserved(identifier);
        if plain { identifier.to_owned() } else { quoted_with(identifier, '`') }
    }

    fn literal(&self, value: &Value, ty: &Type) -> Result<String, Unsupported> {
        literal::render(self, value, ty)
    }

    fn whole_numbers(&self, column: &Column) -> Option<RangeInclusive<i128>> {
        types::whole_numbers(column)
    }

    fn render_type(&self, ty: &Type, schema: &Schema) -> Result<String, Unsupported> {
        types::render(self, ty, schema)
    }

    fn parse_type(&self, text: &str) -> Type {
        types::parse(text).ty
    }

    fn check_table(&self, table: &Table, schema: &Schema) -> Vec<Unsupported> {
        compile::check_table(self, table, schema)
    }

    fn normalize(&self, schema: &Schema) -> Schema {
        normalize::schema(self, schema)
    }

    fn compile(&self, context: &Compile<'_>, changes: &[Change]) -> Result<Vec<Statement>, Unsupported> {
        compile::changes(self, context, changes)
    }

    fn session(&self) -> Vec<String> {
        SESSION.iter().map(|&line| line.to_owned()).collect()
    }

    fn script_rows(
        &self,
        _: &str,
        data: &aludel_engine::plan::Data,
        rows: &mut dyn aludel_engine::data::RowSource,
        text: &mut String,
    ) -> Result<(), aludel_engine::data::DataError> {
        aludel_engine::dialect::write_batches(self, data, rows, text)
    }

    fn script_header(&self) -> Vec<String> {
        // Both clients stop at the first error by themselves, unless they are called with --force.
        Vec::new()
    }

    fn terminated(&self, sql: &str) -> String {
        // The client cuts at every semicolon, also inside the body of a trigger or procedure.
        let compound =
            tokens(sql, self.lexicon()).any(|token| token.kind == TokenKind::Punctuation && token.text(sql) == ";");
        let separator = if ends_in_comment(sql, self.lexicon()) { "\n" } else { "" };
        match compound {
            true => format!("DELIMITER $$\n{sql}{separator}$$\nDELIMITER ;"),
            false => format!("{sql}{separator};"),
        }
    }

    fn lock_timeout(&self, timeout: Option<Duration>) -> Option<String> {
        // Whole seconds on both, and at least one: 0 would mean not to wait at all.
        // <https://dev.mysql.com/doc/refman/8.4/en/server-system-variables.html#sysvar_lock_wait_timeout>
        Some(match timeout {
            None => "SET SESSION lock_wait_timeout = DEFAULT, SESSION innodb_lock_wait_timeout = DEFAULT".to_owned(),
            Some(timeout) => {
                let seconds = timeout.as_millis().div_ceil(1000).clamp(1, 31_536_000);
                format!("SET SESSION lock_wait_timeout = {seconds}, SESSION innodb_lock_wait_timeout = {seconds}")
            }
        })
    }

    fn clock(&self) -> &'static str {
        // SYSDATE() does not stand still within a statement as NOW() does; the session's time zone is UTC.
        "sysdate(6)"
    }

    fn session_user(&self) -> &'static str {
        "current_user()"
    }
}
