//! The settings of a project, read from `aludel.yaml`.

mod conceal;
mod database;
mod dialects;
mod duration;
mod environment;
mod settings;

pub(super) use conceal::conceal;
pub use database::{DatabaseConfig, beside_project};
pub use dialects::{DialectTarget, KnownDialects};
pub use duration::parse_duration;
pub use environment::EnvText;
pub use settings::TransactionMode;

use std::collections::BTreeMap;
use std::path::PathBuf;

use super::hooks::Hooks;
use crate::diagnostic::{Diagnostic, Diagnostics, codes};
use crate::operation::Naming;
use crate::schema::ObjectName;
use crate::source::{Decode, MapReader, Node, NodeKind, Sources, Span, Spanned, entries, nearest};

/// What `aludel.yaml` says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Config {
    /// The directories of revision files, relative to the project's directory.
    pub migrations: Vec<PathBuf>,
    /// Where that is said.
    pub migrations_span: Option<Span>,
    /// The desired schema, a file or a directory, relative to the project's directory.
    pub schema: Option<Spanned<PathBuf>>,
    /// Patterns of the tables and views that other programs own in the databases: nothing that reads a database looks at them.
    pub exclude: Vec<String>,
    /// The dialects that every revision must compile for: those named, or those of the URLs of the databases as far as
    /// they are known without the environment.
    pub dialects: Vec<Spanned<DialectTarget>>,
    /// The databases by name.
    pub databases: BTreeMap<String, DatabaseConfig>,
    /// The version table.
    pub version_table: ObjectName,
    /// What commits together.
    pub transaction: TransactionMode,
    /// How constraints and indexes are named that the author left unnamed.
    pub naming: Naming,
    /// How new revision files are named.
    pub file_template: String,
    /// The values of `${var:name}`.
    pub variables: BTreeMap<String, String>,
    /// Commands to run after something was done.
    pub hooks: Hooks,
}

impl Default for Config {
    /// What holds when the file says nothing.
    fn default() -> Self {
        Config {
            migrations: vec![PathBuf::from("migrations")],
            migrations_span: None,
            schema: None,
            exclude: Vec::new(),
            dialects: Vec::new(),
            databases: BTreeMap::new(),
            version_table: ObjectName::new("aludel_version"),
            transaction: TransactionMode::Revision,
            naming: Naming::default(),
            file_template: "{date}_{rev}_{slug}".to_owned(),
            variables: BTreeMap::new(),
            hooks: Hooks::default(),
        }
    }
}

impl Config {
    /// Reads the settings. Every mistake is reported; a setting that could not be read has its default, except that no
    /// directory is searched in place of one that is not known.
    pub fn decode(node: &Node, known: &KnownDialects<'_>, sources: &Sources, diagnostics: &mut Diagnostics) -> Config {
        let mut config = Config::default();
        let Some(mut map) = MapReader::new(node, "aludel.yaml", diagnostics) else {
            config.migrations.clear();
            return config;
        };
        // A key with nothing under it, because all of that is commented out, is as good as none.
        let mut given = |key: &'static str| map.optional(key).filter(|value| value.kind != NodeKind::Null);
        if let Some(value) = given("migrations") {
            config.migrations = settings::directories(value, diagnostics);
            config.migrations_span = Some(value.span);
        }
        config.schema = given("schema").and_then(|value| settings::path(value, diagnostics));
        if let Some(value) = given("exclude") {
            config.exclude = Decode::decode(value, diagnostics).unwrap_or_default();
        }
        let dialects = given("dialects");
        if let Some(value) = dialects {
            config.dialects = dialects::read(value, known, diagnostics);
        }
        if let Some(value) = given("databases") {
            config.read_databases(value, known, sources, diagnostics, dialects.is_none());
        }
        if let Some(name) = given("version_table").and_then(|value| settings::table(value, diagnostics)) {
            config.version_table = name;
        }
        if let Some(mode) = given("transaction").and_then(|value| settings::transaction(value, diagnostics)) {
            config.transaction = mode;
        }
        if let Some(value) = given("naming") {
            config.naming = settings::naming(value, sources, diagnostics);
        }
        if let Some(read) = given("file_template").and_then(|v| settings::file_template(v, sources, diagnostics)) {
            config.file_template = read;
        }
        if let Some(value) = given("variables") {
            config.variables = settings::variables(value, diagnostics);
        }
        if let Some(value) = given("hooks") {
            config.hooks = Hooks::read(value, diagnostics);
        }
        map.finish(diagnostics);
        settings::refuse_environment(node, sources, diagnostics);
        config
    }

    fn read_databases(
        &mut self,
        node: &Node,
        known: &KnownDialects<'_>,
        sources: &Sources,
        diagnostics: &mut Diagnostics,
        dialects: bool,
    ) {
        for (key, value) in entries(node, diagnostics).unwrap_or_default() {
            if key.name.is_empty() || key.name.contains(':') {
                diagnostics.push(
                    Diagnostic::error(&codes::PROJECT_SETTING, "this cannot be the name of a database")
                        .at(key.span, "empty, or with a colon")
                        .help("`-d` takes a name or a URL, and a name with a colon would look like a URL"),
                );
            }
            let Some(database) = DatabaseConfig::read(&key.name, value, known, sources, diagnostics) else { continue };
            let dialect = database.url.scheme().and_then(|scheme| known.of_scheme(&scheme));
            if let Some(name) = dialect.filter(|_| dialects)
                && self.dialects.iter().all(|target| target.name != name)
            {
                let target = DialectTarget { name: name.to_owned(), version: None };
                self.dialects.push(Spanned::new(target, database.url.span()));
            }
            self.databases.insert(key.name.clone(), database);
        }
    }

    /// A database by its name.
    ///
    /// # Errors
    ///
    /// When there is none of this name.
    pub fn database(&self, name: &str) -> Result<&DatabaseConfig, Diagnostic> {
        if let Some(database) = self.databases.get(name) {
            return Ok(database);
        }
        let names: Vec<&str> = self.databases.keys().map(String::as_str).collect();
        let diagnostic = Diagnostic::error(&codes::UNKNOWN_DATABASE, format!("there is no database `{name}`"));
        Err(match (nearest(name, names.iter().copied()), names.is_empty()) {
            (Some(near), _) => diagnostic.help(format!("did you mean `{near}`?")),
            (None, true) => diagnostic.help("write one under `databases` in aludel.yaml, or give its URL with `-d`"),
            (None, false) => diagnostic
                .note(format!("the databases are {}", names.join(", ")))
                .help("name one of them with `-d`, or give a URL"),
        })
    }

    /// The dialects to compile for.
    ///
    /// # Errors
    ///
    /// When the file does not say and the URLs do not tell.
    pub fn targets(&self) -> Result<&[Spanned<DialectTarget>], Diagnostic> {
        if self.dialects.is_empty() {
            return Err(Diagnostic::error(&codes::NO_DIALECT, "nothing says which dialects to compile for")
                .help("write `dialects: […]` in aludel.yaml, or name one with `--dialect`"));
        }
        Ok(&self.dialects)
    }

    /// The values of `${var:name}`: those of the project, over them those of the database, over them those of `-x`.
    ///
    /// # Errors
    ///
    /// When one of the database names a variable of the environment that is not set.
    pub fn variables_for(
        &self,
        database: Option<&DatabaseConfig>,
        overrides: &BTreeMap<String, String>,
        env: &dyn Fn(&str) -> Option<String>,
    ) -> Result<BTreeMap<String, String>, Diagnostic> {
        let mut variables = self.variables.clone();
        if let Some(database) = database {
            variables.extend(database.variables(env)?);
        }
        variables.extend(overrides.iter().map(|(name, value)| (name.clone(), value.clone())));
        Ok(variables)
    }
}

#[cfg(test)]
#[path = "tests.rs"]
mod tests;
