//! The dialect: what the engine asks, answered by the modules beside this one.

use std::time::Duration;

use aludel_engine::change::Change;
use aludel_engine::dialect::{Capabilities, Compile, Dialect, ObjectKind, OptionSpec, Unsupported, Version};
use aludel_engine::plan::Statement;
use aludel_engine::schema::{Schema, Table, Type, Value};
use aludel_engine::sql::Lexicon;

use crate::features::{CAPABILITIES, Features, MINIMUM_VERSION};
use crate::lex::LEXICON;
use crate::{compile, identifier, literal, lock, normalize, options, types};

/// SQLite in one version.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Sqlite {
    version: Version,
    features: Features,
}

impl Sqlite {
    /// The dialect of a version.
    ///
    /// # Errors
    /// When the version is too old.
    pub fn new(version: Version) -> Result<Self, Unsupported> {
        if version < MINIMUM_VERSION {
            return Err(Unsupported::new(format!("SQLite {version} is not supported"))
                .help(format!("the oldest version supported is {MINIMUM_VERSION}")));
        }
        Ok(Sqlite { version, features: Features::of(version) })
    }

    /// The dialect of the SQLite that is compiled in.
    ///
    /// # Errors
    /// When that is too old.
    pub fn running() -> Result<Self, Unsupported> {
        let version = rusqlite::version().parse().map_err(Unsupported::new)?;
        Sqlite::new(version)
    }

    /// What this version can do.
    #[must_use]
    pub fn features(&self) -> Features {
        self.features
    }
}

impl Dialect for Sqlite {
    fn name(&self) -> &'static str {
        "sqlite"
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
        options::options(object)
    }

    /// <https://sqlite.org/lang_createtable.html>, "Table names that begin with sqlite_"
    fn refuses_identifier(&self, identifier: &str, object: ObjectKind) -> Option<&'static str> {
        let prefix = identifier.get(..7).unwrap_or_default();
        match object {
            ObjectKind::Table | ObjectKind::Index if prefix.eq_ignore_ascii_case("sqlite_") => {
                Some("begins as the names that SQLite keeps for itself do")
            }
            _ if identifier.contains('\r') => Some("has a carriage return, which the shell drops from scripts"),
            _ => None,
        }
    }

    fn quote(&self, identifier: &str) -> String {
        identifier::quote(identifier)
    }

    fn literal(&self, value: &Value, ty: &Type) -> Result<String, Unsupported> {
        literal::literal(value, ty)
    }

    fn render_type(&self, ty: &Type, _schema: &Schema) -> Result<String, Unsupported> {
        types::render(ty)
    }

    /// The parent column's affinity is applied to the child's value: <https://sqlite.org/foreignkeys.html#fk_indexes>
    fn converts_references(&self) -> bool {
        true
    }

    fn parse_type(&self, text: &str) -> Type {
        types::parse(text)
    }

    fn check_table(&self, table: &Table, schema: &Schema) -> Vec<Unsupported> {
        compile::check::table(self, table, schema)
    }

    fn normalize(&self, schema: &Schema) -> Schema {
        normalize::normalize(schema)
    }

    fn compile(&self, context: &Compile<'_>, changes: &[Change]) -> Result<Vec<Statement>, Unsupported> {
        compile::compile(self, context, changes)
    }

    fn session(&self) -> Vec<String> {
        vec!["PRAGMA foreign_keys = ON".to_owned()]
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
        // A rebuild writes the triggers of its table back into sqlite_schema, which some builds of the shell refuse
        // unless told otherwise: https://sqlite.org/cli.html#database_settings
        vec![".bail on".to_owned(), ".dbconfig defensive off".to_owned()]
    }

    // RAISE is for triggers only (lang_createtrigger.html); the message of a CHECK that fails is its name.
    fn stop_unless(&self, condition: &str, message: &str) -> Option<Vec<String>> {
        let name = self.quote(message);
        Some(vec![
            format!("CREATE TEMP TABLE aludel_guard (holds INTEGER CONSTRAINT {name} CHECK (holds))"),
            format!("INSERT INTO temp.aludel_guard SELECT {condition}"),
            "DROP TABLE temp.aludel_guard".to_owned(),
        ])
    }

    fn transaction_guards(&self) -> Option<(Vec<Statement>, Vec<Statement>)> {
        Some(compile::rebuild::transaction_guards())
    }

    fn lock_timeout(&self, timeout: Option<Duration>) -> Option<String> {
        Some(lock::timeout_statement(timeout))
    }

    fn clock(&self) -> &'static str {
        "strftime('%Y-%m-%d %H:%M:%f', 'now')"
    }

    fn session_user(&self) -> &'static str {
        "''"
    }
}
