//! A project that a command works on.

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;
use std::sync::Arc;

use aludel_engine::diagnostic::{Diagnostic, Diagnostics, codes};
use aludel_engine::dialect::Dialect;
use aludel_engine::notation::Notation;
use aludel_engine::project::divergence::{Divergence, divergence};
use aludel_engine::project::planning::{Planning, Reading};
use aludel_engine::project::problems::problems;
use aludel_engine::project::{Config, DialectTarget, History, KnownDialects, PROJECT_FILE, Project};
use aludel_engine::revision::{ReferenceError, RevisionId};
use aludel_engine::source::{Sources, Span, Spanned};

use crate::app::App;
use crate::database::Database;
use crate::failure::{Failure, Report};
use crate::machine::environment;

/// A project whose settings and headers have been read and hold.
#[derive(Debug)]
pub(crate) struct Workspace<'a> {
    pub(crate) app: &'a App,
    pub(crate) project: Project,
    pub(crate) history: History,
    /// The values given with `-x`.
    overrides: BTreeMap<String, String>,
}

impl<'a> Workspace<'a> {
    /// Finds the project and reads the headers of its revisions. When something is wrong with them, the rest of every
    /// file is looked at too, so that one run tells everything.
    pub(crate) fn open(app: &'a App) -> Result<Self, Failure> {
        let (mut workspace, diagnostics) = Workspace::read(app)?;
        if diagnostics.has_errors() {
            return Err(workspace.refuse_with_all(diagnostics));
        }
        if !diagnostics.is_empty() {
            app.terminal.warnings(&diagnostics, &workspace.project.sources);
        }
        Ok(workspace)
    }

    /// The same, or a workspace without settings and revisions where nobody named a project and there is none.
    pub(crate) fn open_anywhere(app: &'a App) -> Result<Self, Failure> {
        match Workspace::open(app) {
            Err(Failure::Refused(report)) if !app.names_project() && Workspace::is_missing(&report) => {
                Workspace::bare(app, PathBuf::new())
            }
            opened => opened,
        }
    }

    /// A workspace for a project that is still to be made in a directory, with the settings it will have.
    pub(crate) fn to_be(app: &'a App, root: PathBuf) -> Result<Self, Failure> {
        let mut workspace = Workspace::bare(app, root)?;
        let config = &mut workspace.project.config;
        config.migrations = Config::default().migrations;
        config.schema = Some(Spanned::new(PathBuf::from("schema"), Span::default()));
        Ok(workspace)
    }

    fn bare(app: &'a App, root: PathBuf) -> Result<Self, Failure> {
        let config = Config { migrations: Vec::new(), ..Config::default() };
        let config_path = root.join(PROJECT_FILE);
        let mut project = Project { root, config_path, config, sources: Sources::default() };
        let history = History::load(&mut project, &mut Diagnostics::default());
        Ok(Workspace { app, project, history, overrides: app.global.variables()? })
    }

    /// Whether a report says that there is no project.
    pub(crate) fn is_missing(report: &Report) -> bool {
        report.diagnostics.sorted().iter().any(|diagnostic| diagnostic.code.id == codes::NO_PROJECT.id)
    }

    /// Finds the project and reads the headers of its revisions, with what is wrong in either.
    pub(crate) fn read(app: &'a App) -> Result<(Self, Diagnostics), Failure> {
        let overrides = app.global.variables()?;
        let names = app.registry.names();
        let schemes = app.registry.schemes();
        let known = KnownDialects { names: &names, schemes: &schemes };
        let mut diagnostics = Diagnostics::default();
        let mut project = Project::open(&app.place(), &known, &mut diagnostics)?;
        let history = History::load(&mut project, &mut diagnostics);
        Ok((Workspace { app, project, history, overrides }, diagnostics))
    }

    /// A refusal for one reason.
    pub(crate) fn refuse(&self, diagnostic: impl Into<Diagnostic>) -> Failure {
        let mut diagnostics = Diagnostics::default();
        diagnostics.push(diagnostic.into());
        self.refuse_for(diagnostics)
    }

    /// A refusal for several reasons.
    pub(crate) fn refuse_for(&self, diagnostics: Diagnostics) -> Failure {
        let sources = self.project.sources.clone();
        Failure::Refused(Report { diagnostics, sources, done: Vec::new() })
    }

    /// A refusal because of the files: with everything else that is wrong in them, for every dialect of the project.
    pub(crate) fn refuse_with_all(&mut self, mut diagnostics: Diagnostics) -> Failure {
        let about_files = |d: &&Diagnostic| !d.labels.is_empty() && d.code.id != codes::IRREVERSIBLE.id;
        if diagnostics.sorted().iter().any(about_files) {
            diagnostics.extend(self.problems());
        }
        self.refuse_for(diagnostics)
    }

    /// Everything that is wrong in the files, for every dialect of the project.
    pub(crate) fn problems(&mut self) -> Diagnostics {
        let readings = self.readings();
        problems(&self.project, &mut self.history, &readings)
    }

    /// How the files are read for each dialect of the project.
    pub(crate) fn readings(&self) -> Vec<Reading> {
        self.targets().into_iter().map(|target| self.reading_of(target)).collect()
    }

    /// How two revisions have grown apart.
    pub(crate) fn divergence(&mut self, one: &RevisionId, other: &RevisionId) -> Result<Divergence, Failure> {
        let readings = self.readings();
        let found = divergence(&self.project, &mut self.history, &readings, one, other);
        found.map_err(|problems| self.refuse_with_all(problems))
    }

    /// The dialects that the project is for, as far as they can be had.
    pub(crate) fn targets(&self) -> Vec<Arc<dyn Dialect>> {
        let targets = self.project.config.targets().unwrap_or_default();
        targets.iter().filter_map(|target| self.app.registry.dialect(target).ok()).collect()
    }

    /// The dialect for a command that needs no database: the one asked for, or that of the database's URL, or the only
    /// one of the project. With it the database, where that is what says it.
    pub(crate) fn offline_dialect(&self, asked: Option<&str>) -> Result<(Arc<dyn Dialect>, Option<Database>), Failure> {
        let named = Database::is_named(self.app);
        if let Some(asked) = asked {
            let target = DialectTarget::parse(asked)
                .map_err(|reason| Failure::usage(reason, "a dialect is named as in `postgres` or `postgres@14`"))?;
            let dialect = self.app.registry.dialect(&self.versioned(target)).map_err(wrong_dialect)?;
            let database = if named { Some(Database::choose(self)?) } else { None };
            return Ok((dialect, database));
        }
        if !named && let [only] = self.project.config.dialects.as_slice() {
            return Ok((self.app.registry.dialect(only).map_err(|problem| self.refuse(problem))?, None));
        }
        if named || self.project.config.databases.contains_key("default") {
            let database = Database::choose(self)?;
            let name = database.driver.dialect_of_url(&database.url).to_owned();
            let target = self.versioned(DialectTarget { name, version: None });
            let dialect = self.app.registry.dialect(&target).map_err(|problem| self.refuse(problem))?;
            return Ok((dialect, Some(database)));
        }
        Err(Failure::usage("nothing says which dialect is meant", "name one with `--dialect`, or a database with `-d`"))
    }

    /// A dialect in the version that the project names for it, unless another one was asked for.
    fn versioned(&self, target: DialectTarget) -> DialectTarget {
        let same = |known: &&aludel_engine::source::Spanned<DialectTarget>| known.name == target.name;
        match (&target.version, self.project.config.dialects.iter().find(same)) {
            (None, Some(known)) => known.value.clone(),
            _ => target,
        }
    }

    /// How the files are read for a database.
    pub(crate) fn reading(
        &self,
        dialect: Arc<dyn Dialect>,
        database: Option<&Database>,
    ) -> Result<Reading, Diagnostic> {
        let settings = database.map(|database| &database.settings);
        let variables = self.project.config.variables_for(settings, &self.overrides, &environment)?;
        Ok(Reading { variables: Arc::new(variables), ..self.reading_of(dialect) })
    }

    /// How the files are read for no database in particular.
    fn reading_of(&self, dialect: Arc<dyn Dialect>) -> Reading {
        let mut variables = self.project.config.variables.clone();
        variables.extend(self.overrides.clone());
        Reading {
            dialect,
            dialects: self.app.registry.all(),
            variables: Arc::new(variables),
            naming: Arc::new(self.project.config.naming.clone()),
        }
    }

    /// How a model is written down for this project.
    pub(crate) fn notation(&self, reading: &Reading) -> Notation {
        let notation = Notation::of(&reading.context());
        let dialects: BTreeSet<&str> = self.project.config.dialects.iter().map(|target| target.name.as_str()).collect();
        if dialects.len() > 1 { notation.by_dialect() } else { notation }
    }

    /// The revisions that references name, with no database at hand.
    pub(crate) fn resolve(&self, references: &[String]) -> Result<Vec<RevisionId>, Failure> {
        let each = references.iter().map(|reference| self.history.graph.resolve(reference, None));
        let found: Result<Vec<_>, _> = each.collect();
        Ok(found.map_err(|error| self.reference(error))?.into_iter().flatten().collect())
    }

    /// Makes plans.
    pub(crate) fn planning(&mut self, reading: Reading, tags: &[String]) -> Planning<'_> {
        Planning::new(&self.project, &mut self.history, reading, tags.iter().cloned())
    }

    /// A reference that does not hold.
    pub(crate) fn reference(&self, error: ReferenceError) -> Failure {
        self.refuse(Diagnostic::from(&error))
    }

    /// The path of a revision's file, as a person would name it.
    pub(crate) fn path_of(&self, id: &RevisionId) -> String {
        self.history.path(id, &self.project).map(|path| path.display().to_string()).unwrap_or_default()
    }
}

/// A dialect on the command line that is not known is wrong usage; one that is too old for us is a refusal.
fn wrong_dialect(problem: Diagnostic) -> Failure {
    match problem.code.id == codes::UNKNOWN_DIALECT.id {
        true => Failure::Usage(Report::of(problem)),
        false => Failure::from(problem),
    }
}
