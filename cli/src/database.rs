//! The database that a command works on.

use std::sync::Arc;

use aludel_engine::diagnostic::{Diagnostic, Diagnostics, codes};
use aludel_engine::dialect::Dialect;
use aludel_engine::driver::{ConnectOptions, Connection, ConnectionUrl, Driver, DriverError};
use aludel_engine::execute::{AppliedRevision, DatabaseState, Journal};
use aludel_engine::project::DatabaseConfig;
use aludel_engine::project::planning::Planning;
use aludel_engine::revision::RevisionId;
use serde::Serialize;

use crate::app::App;
use crate::failure::Failure;
use crate::machine::environment;
use crate::workspace::Workspace;

/// The variable that names a database where `-d` does not.
const VARIABLE: &str = "ALUDEL_DATABASE";

/// A database, not connected to.
pub(crate) struct Database {
    /// What it is called: its name in the settings, or its URL without its password.
    pub(crate) name: String,
    pub(crate) settings: DatabaseConfig,
    pub(crate) url: ConnectionUrl,
    pub(crate) driver: &'static dyn Driver,
}

/// A database as a document says it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct DatabaseDocument {
    /// Its name in aludel.yaml, or its URL.
    pub name: String,
    /// Its URL, without its password.
    pub url: String,
    /// Its dialect.
    pub dialect: String,
    /// The version found, or assumed where the database is not there yet.
    pub version: String,
}

impl Database {
    /// Whether a database was named on the command line or in the environment.
    pub(crate) fn is_named(app: &App) -> bool {
        app.global.database.is_some() || named(app).is_some()
    }

    /// The database that was named, or `default`.
    pub(crate) fn choose(workspace: &Workspace<'_>) -> Result<Self, Failure> {
        let app = workspace.app;
        if app.global.database.as_ref().is_some_and(|name| name.trim().is_empty()) {
            // Most likely a variable of a script that is not set: `default` is not what was meant.
            return Err(Failure::usage("`-d` names no database", "give it a name or a URL, or leave it out"));
        }
        match named(app) {
            Some(name) => Database::of(workspace, &name),
            None => Database::named(workspace, "default", false),
        }
    }

    /// A database by its name in aludel.yaml or its URL.
    pub(crate) fn of(workspace: &Workspace<'_>, name: &str) -> Result<Self, Failure> {
        Database::named(workspace, name, true)
    }

    fn named(workspace: &Workspace<'_>, name: &str, asked: bool) -> Result<Self, Failure> {
        let app = workspace.app;
        let name = name.to_owned();
        let config = &workspace.project.config;
        let (name, settings, url) = match name.contains(':') {
            true => {
                let parsed = name.trim().parse::<ConnectionUrl>();
                let url = parsed.map_err(|error| Failure::usage(error.to_string(), "give `-d` a name or a URL"))?;
                (url.redacted(), DatabaseConfig::of_url(&url), url)
            }
            false => {
                let settings = config.database(&name).map_err(|problem| {
                    workspace.refuse(match asked {
                        true => problem,
                        false => problem.note("neither `-d` nor $ALUDEL_DATABASE says another"),
                    })
                })?;
                let url = workspace.project.url(settings, &environment).map_err(|problem| workspace.refuse(problem))?;
                (name, settings.clone(), url)
            }
        };
        app.terminal.keep_secret(url.expose(), &url.redacted());
        let driver = app.registry.driver(&url).map_err(|problem| workspace.refuse(problem))?;
        Ok(Database { name, settings, url, driver })
    }

    /// Opens a connection. Where `create` is false, an embedded database that is not there is an error.
    pub(crate) fn connect(&self, workspace: &Workspace<'_>, create: bool) -> Result<Session, Failure> {
        let options =
            ConnectOptions { statement_timeout: self.settings.statement_timeout, create, ..ConnectOptions::default() };
        let connection =
            self.driver.connect(&self.url, &options).map_err(|error| workspace.refuse(self.unreachable(&error)))?;
        let journal = Journal::new(connection.dialect(), &workspace.project.config.version_table);
        Ok(Session { connection, journal })
    }

    /// What is applied and recorded; nothing when an embedded database is not there yet.
    pub(crate) fn look(&self, workspace: &Workspace<'_>, history: bool) -> Result<Look, Failure> {
        if let Some(dialect) = self.driver.absent(&self.url) {
            let document = self.document(&*dialect);
            let state = DatabaseState::default();
            return Ok(Look { state, applied: Vec::new(), dialect, document, absent: true, session: None });
        }
        let Session { mut connection, journal } = self.connect(workspace, false)?;
        let failed = |error: DriverError| workspace.refuse(self.unreadable(&error));
        let mut state = journal.full_state(&mut *connection).map_err(failed)?;
        if !state.initialised
            && let Some(foreign) = journal.foreign(&mut *connection).map_err(failed)?
        {
            return Err(workspace.refuse(foreign.diagnostic()));
        }
        for half in &mut state.unfinished {
            half.position = journal.position(&mut *connection, half).map_err(failed)?;
        }
        let applied = match history && state.initialised {
            true => journal.history(&mut *connection).map_err(failed)?,
            false => Vec::new(),
        };
        let dialect = connection.dialect();
        let document = self.document(&*dialect);
        let session = Some(Session { connection, journal });
        Ok(Look { state, applied, dialect, document, absent: false, session })
    }

    pub(crate) fn document(&self, dialect: &dyn Dialect) -> DatabaseDocument {
        DatabaseDocument {
            name: self.name.clone(),
            url: self.url.redacted(),
            dialect: dialect.name().to_owned(),
            version: dialect.version().to_string(),
        }
    }

    fn unreachable(&self, error: &DriverError) -> Diagnostic {
        let what = match self.name == self.url.redacted() {
            true => format!("cannot connect to {}", self.url),
            false => format!("cannot connect to `{}` ({})", self.name, self.url),
        };
        told(Diagnostic::error(&codes::CONNECTION, format!("{what}: {}", error.message)), error)
    }

    pub(crate) fn uninspectable(&self, error: &DriverError) -> Diagnostic {
        told(
            Diagnostic::error(
                &codes::CONNECTION,
                format!("the catalog of `{}` cannot be read: {}", self.name, error.message),
            ),
            error,
        )
    }

    pub(crate) fn unreadable(&self, error: &DriverError) -> Diagnostic {
        told(Diagnostic::error(&codes::JOURNAL, format!("the journal cannot be read: {}", error.message)), error)
    }
}

/// A connection with what goes with it.
pub(crate) struct Session {
    pub(crate) connection: Box<dyn Connection>,
    pub(crate) journal: Journal,
}

/// What a database says of itself.
pub(crate) struct Look {
    pub(crate) state: DatabaseState,
    /// The journal, oldest first, where it was asked for.
    pub(crate) applied: Vec<AppliedRevision>,
    pub(crate) dialect: Arc<dyn Dialect>,
    pub(crate) document: DatabaseDocument,
    /// Whether there is no such database yet.
    pub(crate) absent: bool,
    /// The connection, unless there is no such database.
    pub(crate) session: Option<Session>,
}

impl Look {
    /// Reads the whole of what the history has of some revisions.
    pub(crate) fn read(&mut self, ids: &[RevisionId]) -> Result<(), DriverError> {
        if let (Some(Session { connection, journal }), false) = (&mut self.session, ids.is_empty()) {
            self.state.recorded = journal.recorded(&mut **connection, ids, &self.state.standing)?;
        }
        Ok(())
    }

    /// Takes what is applied into a plan: refuses changed files that are not accepted, and lets revisions without a file be
    /// undone from the database's record.
    pub(crate) fn compare(&mut self, planning: &mut Planning<'_>, database: &Database) -> Result<(), Diagnostics> {
        let wanted = planning.wants(&self.state)?;
        self.read(&wanted).map_err(|error| {
            let mut diagnostics = Diagnostics::default();
            diagnostics.push(database.unreadable(&error));
            diagnostics
        })?;
        planning.compare(&self.state).map(|_| ())
    }
}

fn named(app: &App) -> Option<String> {
    app.global.database.clone().or_else(|| environment(VARIABLE)).filter(|name| !name.trim().is_empty())
}

/// Adds what the server said besides its message.
fn told(mut diagnostic: Diagnostic, error: &DriverError) -> Diagnostic {
    if let Some(code) = &error.code {
        diagnostic = diagnostic.note(format!("the database's code: {code}"));
    }
    if let Some(detail) = &error.detail {
        diagnostic = diagnostic.note(detail.clone());
    }
    match &error.hint {
        Some(hint) => diagnostic.help(hint.clone()),
        None => diagnostic,
    }
}
