//! `aludel verify`.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::sync::atomic::Ordering;

use aludel_engine::desired::Renames;
use aludel_engine::diagnostic::{Diagnostic, Diagnostics, codes, to_json};
use aludel_engine::dialect::Dialect;
use aludel_engine::diff::{ByDatabase, Side, between};
use aludel_engine::driver::{ConnectionUrl, Driver, DriverError, ErrorKind, Scope};
use aludel_engine::execute::{Outcome, RunError, Runner};
use aludel_engine::plan::{Direction, Replayed};
use aludel_engine::project::DatabaseConfig;
use aludel_engine::project::planning::{Planning, TargetPlanner};
use aludel_engine::revision::RevisionId;
use aludel_engine::schema::Schema;
use clap::Args;
use serde::Serialize;
use serde_json::Value;

use super::difference::DifferenceDocument;
use super::scratch::{self, Scratch};
use crate::app::App;
use crate::catalog::unreadable;
use crate::database::{Database, Session};
use crate::failure::{Answer, Failure};
use crate::interruption::Interruption;
use crate::machine::environment;
use crate::render::{self, Progress};
use crate::run::settings;
use crate::workspace::Workspace;

/// Prove the history on scratch databases: up, down, up, and compare each time
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub struct Verify {
    /// Only this dialect; can be repeated
    #[arg(long, value_name = "NAME")]
    pub dialect: Vec<String>,
}

const EXAMPLES: &str = "\
Examples:
  aludel verify                                  every dialect that has a server in aludel.yaml
  aludel verify -d postgres://app@localhost/dev  with the server of this URL for its dialect
  aludel verify --dialect sqlite

For each dialect an empty database is made beside the one of the URL, whose own data is not touched,
and dropped again. The whole history is applied, with every tagged step; the catalog is compared with
the replayed model; the history is taken back as far as it can be, compared, applied again, compared.
SQLite needs no server. Exit code 3 says that something did not come out as the model says, or that
there was no server for any dialect; 1 that a server could not be reached or makes no database.";

/// What was proven.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct VerifyDocument {
    /// Whether something ran, and all of it came out as the model says.
    pub ok: bool,
    /// The dialects of the project.
    pub dialects: Vec<VerifiedDialect>,
}

/// A dialect.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct VerifiedDialect {
    /// Its name.
    pub dialect: String,
    /// The version of the server found; null where there was none.
    pub version: Option<String>,
    /// Whether everything came out as the model says; null where that is not known, because nothing could be tried.
    pub ok: Option<bool>,
    /// Which database's server it ran on, or why it did not run.
    pub about: String,
    /// What was done, in order.
    pub stages: Vec<Stage>,
    /// Why it stopped, as messages have it.
    pub problems: Vec<Value>,
}

/// Something that was done and looked at.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Stage {
    /// `up`, `down` or `up again`.
    pub name: &'static str,
    /// The applied heads afterwards; none is the empty database.
    pub applied: Vec<RevisionId>,
    /// How many revisions ran.
    pub revisions: usize,
    /// What lies between the model, first, and the database, second.
    pub difference: DifferenceDocument,
}

/// A server to make a scratch database on.
struct Server {
    /// Where that is: beside the database that it is the server of, or in a file.
    place: String,
    config: DatabaseConfig,
    url: ConnectionUrl,
    driver: &'static dyn Driver,
}

impl Verify {
    pub(crate) fn run(self, app: &App) -> Result<Answer, Failure> {
        let mut workspace = Workspace::open(app)?;
        let problems = workspace.problems();
        if problems.has_errors() {
            return Err(workspace.refuse_for(problems));
        }
        let targets = workspace.project.config.targets().map_err(|problem| workspace.refuse(problem))?;
        let mut names: Vec<String> = targets.iter().map(|target| target.name.clone()).collect();
        let named = match Database::is_named(app) {
            true => Some(Database::choose(&workspace)?),
            false => None,
        };
        if let Some(database) = &named {
            let name = database.driver.dialect_of_url(&database.url).to_owned();
            if !names.contains(&name) {
                names.push(name);
            }
        }
        if let Some(unknown) = self.dialect.iter().find(|asked| !names.contains(asked)) {
            return Err(Failure::usage(
                format!("`{unknown}` is no dialect of this project"),
                format!("its dialects are {}", names.join(", ")),
            ));
        }
        names.retain(|name| self.dialect.is_empty() || self.dialect.contains(name));
        let interruption = Interruption::install(&app.terminal);
        let mut dialects = Vec::new();
        for name in names {
            if interruption.asked.load(Ordering::SeqCst) {
                break;
            }
            dialects.push(match server(&workspace, named.as_ref(), &name) {
                Ok(server) => on(&mut workspace, &name, &server, &interruption),
                Err(about) => {
                    let (stages, problems) = (Vec::new(), Vec::new());
                    VerifiedDialect { dialect: name, version: None, ok: None, about, stages, problems }
                }
            });
        }
        // Where nothing ran, nothing is proven.
        let proven = dialects.iter().any(|one| one.ok == Some(true));
        let open = |one: &VerifiedDialect| one.ok == Some(false) || !one.problems.is_empty();
        let document = VerifyDocument { ok: proven && !dialects.iter().any(open), dialects };
        app.terminal.result(&document, || render::verify(&document))?;
        // A mismatch is an answer. Where there is none, a server that could not be reached has left the question open.
        let told = |ok: Option<bool>| document.dialects.iter().any(|one| one.ok == ok && !one.problems.is_empty());
        let no = document.dialects.iter().any(|one| one.ok == Some(false));
        Ok(match (document.ok, no) {
            (true, _) => Answer::Done,
            (false, false) if told(None) => Answer::Failed,
            _ => Answer::No,
        })
    }
}

/// The server for a dialect: that of the database that was named, of `default`, or of another of the project. Where databases
/// are files, it is a temporary one.
fn server(workspace: &Workspace<'_>, named: Option<&Database>, dialect: &str) -> Result<Server, String> {
    let embedded = workspace.app.registry.embedded(dialect, &std::env::temp_dir());
    match (configured(workspace, named, dialect), embedded) {
        (Ok(server), None) => Ok(server),
        (found, Some((driver, url))) => {
            let config = found.map_or_else(|_| DatabaseConfig::of_url(&url), |server| server.config);
            Ok(Server { place: "in a temporary file".to_owned(), config, url, driver })
        }
        (Err(unknown), None) if unknown.is_empty() => {
            Err("no server: no database of aludel.yaml is of this dialect, and `-d` names none".to_owned())
        }
        (Err(unknown), None) => {
            Err(format!("no server: the environment does not say where {} is", unknown.join(" and ")))
        }
    }
}

/// The database that was named, or the first of the project, of a dialect; else those that cannot be known here.
fn configured(workspace: &Workspace<'_>, named: Option<&Database>, dialect: &str) -> Result<Server, Vec<String>> {
    let of_dialect = |driver: &'static dyn Driver, url: &ConnectionUrl| driver.dialect_of_url(url) == dialect;
    let place = |name: &str| format!("beside `{name}`");
    if let Some(database) = named.filter(|database| of_dialect(database.driver, &database.url)) {
        let (config, url, driver) = (database.settings.clone(), database.url.clone(), database.driver);
        return Ok(Server { place: place(&database.name), config, url, driver });
    }
    let databases = &workspace.project.config.databases;
    let default = databases.get_key_value("default");
    let mut unknown = Vec::new();
    for (name, config) in default.into_iter().chain(databases.iter().filter(|(name, _)| *name != "default")) {
        let Ok(url) = workspace.project.url(config, &environment) else {
            unknown.push(format!("`{name}`"));
            continue;
        };
        workspace.app.terminal.keep_secret(url.expose(), &url.redacted());
        if let Ok(driver) = workspace.app.registry.driver(&url)
            && of_dialect(driver, &url)
        {
            return Ok(Server { place: place(name), config: config.clone(), url, driver });
        }
    }
    Err(unknown)
}

/// Why a proof stopped.
enum Stop {
    /// The server could not be reached, or makes no database: nothing is known of the history.
    Unable(Diagnostics),
    /// The history does not run.
    No(Diagnostics),
}

impl From<Diagnostics> for Stop {
    fn from(problems: Diagnostics) -> Self {
        Stop::No(problems)
    }
}

/// The proof for one dialect.
fn on(workspace: &mut Workspace<'_>, dialect: &str, server: &Server, interruption: &Interruption) -> VerifiedDialect {
    let terminal = &workspace.app.terminal;
    terminal.note(&format!("{dialect}: on a scratch database {}", server.place));
    let mut verified = VerifiedDialect {
        dialect: dialect.to_owned(),
        version: None,
        ok: Some(false),
        about: server.place.clone(),
        stages: Vec::new(),
        problems: Vec::new(),
    };
    let proven = prove(workspace, server, interruption, &mut verified);
    match proven {
        Ok(()) => verified.ok = Some(verified.stages.iter().all(|stage| stage.difference.same)),
        Err(stop) => {
            let problems = match stop {
                Stop::No(problems) => problems,
                Stop::Unable(problems) => {
                    verified.ok = None;
                    verified.about = format!("it could not be tried {}", server.place);
                    problems
                }
            };
            let sources = &workspace.project.sources;
            verified.problems = problems.sorted().iter().map(|problem| to_json(problem, sources)).collect();
            if !workspace.app.global.json {
                workspace.app.terminal.findings(&problems, sources);
            }
        }
    }
    verified
}

fn prove(
    workspace: &mut Workspace<'_>,
    server: &Server,
    interruption: &Interruption,
    verified: &mut VerifiedDialect,
) -> Result<(), Stop> {
    for (name, gone) in scratch::sweep(server.driver, &server.url) {
        let what = if gone { "dropped" } else { "could not drop" };
        workspace.app.terminal.note(&format!("  {what} {name}, which an earlier run left behind"));
    }
    let refused = |error: DriverError| {
        let message = format!("no scratch database can be made {}: {}", server.place, error.message);
        Stop::Unable(one(Diagnostic::error(&codes::SCRATCH, message)))
    };
    let scratch = Scratch::create(server.driver, &server.url).map_err(refused)?;
    workspace.app.terminal.keep_secret(scratch.url.expose(), &scratch.url.redacted());
    let database = Database {
        name: scratch.url.redacted(),
        settings: server.config.clone(),
        url: scratch.url.clone(),
        driver: server.driver,
    };
    let connected = database.connect(workspace, true);
    let Session { mut connection, journal } = connected.map_err(|failure| Stop::Unable(diagnostics(failure)))?;
    scratch.hold(&mut *connection).map_err(refused)?;
    interruption.watch(connection.interrupter());
    let dialect = connection.dialect();
    verified.version = Some(dialect.version().to_string());
    let reading = workspace.reading(Arc::clone(&dialect), Some(&database)).map_err(one)?;
    let mut tags = Vec::new();
    let (heads, kept) = {
        let rows = workspace.history.graph.rows_at("heads").map_err(|error| one(Diagnostic::from(&error)))?;
        let mut planning = workspace.planning(reading.clone(), &[]);
        let replayed = planning.replay(&rows)?;
        let steps = replayed.iter().flat_map(|revision| &revision.upgrade);
        tags.extend(steps.flat_map(|step| step.tags.clone()).collect::<BTreeSet<_>>());
        (rows, furthest(&mut planning, &replayed))
    };
    let down = kept.as_ref().map_or("base", RevisionId::as_str).to_owned();
    let stages = [
        ("up", Direction::Upgrade, "heads"),
        ("down", Direction::Downgrade, down.as_str()),
        ("up again", Direction::Upgrade, "heads"),
    ];
    for (name, direction, target) in stages {
        if name == "down" && kept.as_ref().is_some_and(|kept| heads.contains(kept)) {
            workspace.app.terminal.note(&format!("  nothing can be taken back: {down} is irreversible"));
            break;
        }
        workspace.app.terminal.note(&format!("  {name}: {} to {target}", direction.name()));
        let run_settings = settings(workspace, &database, format!("verify: {name}"), &tags);
        let mut progress = Progress::start(&workspace.app.terminal);
        let mut planning = workspace.planning(reading.clone(), &tags);
        let mut planner = TargetPlanner { planning: &mut planning, direction, target: target.to_owned() };
        let asked = interruption.asked.clone();
        let mut runner = Runner::new(&mut *connection, journal.clone(), run_settings, &mut progress, asked);
        let ran = runner.run(&mut planner);
        progress.end();
        let outcome = ran.map_err(stopped)?;
        let model = last(planning.replay(&outcome.rows)?);
        let scope = Scope {
            exclude: journal.table_names(),
            namespaces: last(planning.replay(&heads)?).namespaces().into_iter().collect(),
            ..Scope::default()
        };
        let stage = look(&mut *connection, &*dialect, &scope, &model, name, &outcome)?;
        let same = stage.difference.same;
        verified.stages.push(stage);
        if !same {
            break;
        }
    }
    Ok(())
}

/// The revision that the history can be taken back to; none when that is all the way.
fn furthest(planning: &mut Planning<'_>, replayed: &[Replayed]) -> Option<RevisionId> {
    let place = replayed.iter().rposition(|revision| revision.downgrade.is_err())?;
    let rows: BTreeSet<RevisionId> = planning.rows_at("heads").unwrap_or_default();
    // On one line that is the newest irreversible one; with branches another may have to stay too.
    let reachable = |id: &&RevisionId| planning.to(&rows, Direction::Downgrade, id.as_str()).is_ok();
    let candidates: Vec<RevisionId> = replayed[place..].iter().map(|revision| revision.id.clone()).collect();
    let mut reachable = reachable;
    candidates.iter().find(|id| reachable(id)).cloned().or_else(|| candidates.last().cloned())
}

fn look(
    connection: &mut dyn aludel_engine::driver::Connection,
    dialect: &dyn Dialect,
    scope: &Scope,
    model: &Schema,
    name: &'static str,
    outcome: &Outcome,
) -> Result<Stage, Diagnostics> {
    let found = connection.introspect(scope).map_err(|error| one(unreadable(&error)))?;
    let mut judge = ByDatabase { connection, from_is_found: false };
    let (from, to) = (Side::written(model), Side::found(&found));
    let difference = between(dialect, from, to, &Renames::default(), &mut judge);
    let difference = difference.map_err(|error| one(unreadable(&error)))?;
    Ok(Stage {
        name,
        applied: outcome.rows.iter().cloned().collect(),
        revisions: outcome.revisions.len(),
        difference: DifferenceDocument::of(dialect, &difference),
    })
}

fn last(replayed: Vec<Replayed>) -> Schema {
    replayed.into_iter().next_back().map(|revision| revision.after).unwrap_or_default()
}

fn one(diagnostic: Diagnostic) -> Diagnostics {
    let mut diagnostics = Diagnostics::default();
    diagnostics.push(diagnostic);
    diagnostics
}

fn stopped(error: RunError) -> Stop {
    let gone = |error: &DriverError| matches!(error.kind, ErrorKind::Lost | ErrorKind::Unreachable);
    match error {
        RunError::Plan(diagnostics) => Stop::No(diagnostics),
        RunError::Statement(failure) if !gone(&failure.error) => {
            Stop::No(RunError::Statement(failure).into_diagnostics())
        }
        other => Stop::Unable(other.into_diagnostics()),
    }
}

fn diagnostics(failure: Failure) -> Diagnostics {
    match failure {
        Failure::Refused(report) | Failure::Usage(report) => report.diagnostics,
        Failure::Output(error) => one(Diagnostic::error(&codes::TERMINAL, error.to_string())),
    }
}
