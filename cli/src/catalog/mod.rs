//! What a database holds.

mod aside;
mod reliance;

use aludel_engine::desired;
use aludel_engine::diagnostic::{Diagnostic, codes};
use aludel_engine::driver::{DriverError, Namespaces, Pattern, Scope, Unheld};
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
    /// The namespaces of the database.
    pub(crate) spaces: Option<Namespaces>,
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
    /// Reads the catalog. What a user may not see is no empty database.
    pub(crate) fn catalog(&mut self, scope: &Scope) -> Result<Catalog, Diagnostic> {
        let spaces = self.connection.namespaces().map_err(|error| unreadable(&error))?;
        if let Some(Namespaces { current: None, hint, .. }) = &spaces {
            let message = "the catalog cannot be read: there is no schema that this user can use without naming it";
            return Err(Diagnostic::error(&codes::CATALOG, message).help(*hint));
        }
        let schema = self.connection.introspect(scope).map_err(|error| unreadable(&error))?;
        // A driver may leave the patterns to whoever asks.
        let schema = narrowed(&schema, scope);
        let unheld = self.connection.unheld(scope).map_err(|error| unreadable(&error))?;
        let unheld = unheld.into_iter().map(UnheldDocument::from).collect();
        Ok(Catalog { schema, unheld, spaces })
    }
}

impl Catalog {
    /// Refuses schemas that were asked for and are not there.
    pub(crate) fn expect(&self, asked: &[String]) -> Result<(), Diagnostic> {
        let Some(spaces) = &self.spaces else { return Ok(()) };
        let asked = asked.iter().map(|name| name.trim()).filter(|name| !name.is_empty());
        let Some(missing) = asked.into_iter().find(|name| !spaces.known.iter().any(|known| known == name)) else {
            return Ok(());
        };
        let diagnostic = Diagnostic::error(&codes::CATALOG, format!("there is no schema `{missing}` in this database"));
        Err(match aludel_engine::source::nearest(missing, spaces.known.iter().map(String::as_str)) {
            Some(near) => diagnostic.help(format!("did you mean `{near}`?")),
            None => diagnostic.help(format!("there are: {}", spaces.known.join(", "))),
        })
    }

    /// What was asked for and not found, and what was not asked for: a sentence each.
    pub(crate) fn remarks(&self, filters: &Filters, scope: &Scope) -> Vec<String> {
        let mut remarks = Vec::new();
        let names = || self.schema.tables().map(|table| &table.name).chain(self.schema.views().map(|view| &view.name));
        for text in &filters.include {
            let pattern = Pattern::new(text);
            if !names().any(|name| pattern.matches(name)) {
                remarks.push(format!("no table or view is called `{text}`"));
            }
        }
        let filled = self.spaces.iter().flat_map(|spaces| &spaces.filled);
        let others: Vec<&str> = filled.filter(|name| !scope.namespaces.contains(name)).map(String::as_str).collect();
        if !others.is_empty() {
            let shown = others.iter().take(10).copied().collect::<Vec<_>>().join(", ");
            let more = if others.len() > 10 { ", …" } else { "" };
            remarks.push(format!("schemas that were not asked for: {shown}{more}; `--schemas` takes them in"));
        }
        remarks
    }

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
