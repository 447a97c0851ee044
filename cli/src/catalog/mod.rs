//! What a database holds.

mod aside;

use aludel_engine::desired;
use aludel_engine::diagnostic::{Diagnostic, codes};
use aludel_engine::driver::{DriverError, Pattern, Scope, Unheld};
use aludel_engine::execute::Journal;
use aludel_engine::project::Config;
use aludel_engine::schema::{Object, Schema};
use clap::Args;
use serde::Serialize;

use crate::database::Session;

pub(crate) use aside::{makeable, writable};

/// Which part of a database is meant.
#[derive(Debug, Clone, Default, Args)]
pub struct Filters {
    /// Schemas (namespaces) to read besides the default one, with commas between; can be repeated
    #[arg(long, value_name = "NAME", value_delimiter = ',')]
    pub schemas: Vec<String>,
    /// Only tables and views of these names; `*` and `?` stand for others; can be repeated
    #[arg(long, value_name = "PATTERN")]
    pub include: Vec<String>,
    /// No tables and views of these names; can be repeated
    #[arg(long, value_name = "PATTERN")]
    pub exclude: Vec<String>,
}

/// Something that a database has and the model has no word for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct UnheldDocument {
    /// What it is: `event trigger`, `foreign table`.
    pub kind: String,
    /// Its name.
    pub name: String,
    /// The table or view that it is on, where it has a name of its own; null otherwise.
    pub on: Option<String>,
    /// What a copy made from the model would lack.
    pub why: String,
}

impl From<Unheld> for UnheldDocument {
    fn from(found: Unheld) -> Self {
        UnheldDocument { kind: found.kind, name: found.name, on: found.on, why: found.why }
    }
}

impl UnheldDocument {
    /// One line.
    pub(crate) fn line(&self) -> String {
        let UnheldDocument { kind, name, on, why } = self.clone();
        Unheld { kind, name, on, why }.to_string()
    }
}

/// What was found in a database.
#[derive(Debug)]
pub(crate) struct Catalog {
    pub(crate) schema: Schema,
    pub(crate) unheld: Vec<UnheldDocument>,
}

impl Filters {
    /// What to read, without the tables of the journal and what the project says is not its own.
    pub(crate) fn scope(&self, journal: &Journal, config: &Config, more: impl IntoIterator<Item = String>) -> Scope {
        let mut namespaces: Vec<String> = self
            .schemas
            .iter()
            .map(|name| name.trim().to_owned())
            .chain(more)
            .filter(|name| !name.is_empty())
            .collect();
        namespaces.sort();
        namespaces.dedup();
        let patterns = |texts: &[String]| -> Vec<Pattern> { texts.iter().map(|text| Pattern::new(text)).collect() };
        Scope {
            namespaces,
            exclude: journal.table_names(),
            including: patterns(&self.include),
            excluding: [patterns(&self.exclude), patterns(&config.exclude)].concat(),
            only: None,
        }
    }
}

impl Session {
    /// Reads the catalog.
    pub(crate) fn catalog(&mut self, scope: &Scope) -> Result<Catalog, Diagnostic> {
        let schema = self.connection.introspect(scope).map_err(|error| unreadable(&error))?;
        // A driver may leave the patterns to whoever asks.
        let schema = narrowed(&schema, scope);
        let unheld = self.connection.unheld(scope).map_err(|error| unreadable(&error))?;
        Ok(Catalog { schema, unheld: unheld.into_iter().map(UnheldDocument::from).collect() })
    }
}

impl Catalog {
    /// Takes away the foreign keys that refer to tables outside of what was read, which a schema of its own cannot have,
    /// and tells them.
    pub(crate) fn cut_loose(&mut self) {
        let mut told = Vec::new();
        desired::dangling(&mut self.schema, &mut told);
        self.unheld.extend(told.into_iter().map(UnheldDocument::from));
    }
}

/// What of a schema is meant by patterns.
pub(crate) fn narrowed(schema: &Schema, scope: &Scope) -> Schema {
    let mut narrow = schema.clone();
    for table in schema.tables().filter(|table| !scope.admits(&table.name)) {
        narrow.remove_table(&table.name);
    }
    for object in schema.objects() {
        let out = match &**object {
            Object::View(view) => !scope.admits(&view.name),
            Object::Trigger(trigger) => !scope.admits(&trigger.table),
            _ => false,
        };
        if out {
            narrow.remove_object(&object.id());
        }
    }
    narrow
}

/// Why the catalog could not be read.
pub(crate) fn unreadable(error: &DriverError) -> Diagnostic {
    let diagnostic = Diagnostic::error(&codes::CATALOG, format!("the catalog cannot be read: {}", error.message));
    match &error.hint {
        Some(hint) => diagnostic.help(hint.clone()),
        None => diagnostic,
    }
}
