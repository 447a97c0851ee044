//! `aludel adopt`.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use aludel_engine::change::Change;
use aludel_engine::desired::{Renames, plain};
use aludel_engine::diagnostic::{Diagnostic, Diagnostics, codes};
use aludel_engine::dialect::Dialect;
use aludel_engine::diff::{ByDatabase, ByText, Side, between, creation};
use aludel_engine::driver::Scope;
use aludel_engine::notation::print;
use aludel_engine::plan::{Origin, Source, compile_changes, replay};
use aludel_engine::project::planning::Reading;
use aludel_engine::project::write::{NewRevision, file_name};
use aludel_engine::project::{DialectTarget, PROJECT_FILE, init};
use aludel_engine::revision::RevisionId;
use aludel_engine::schema::{ForeignKey, ObjectName, Schema, Table};
use aludel_engine::source::{Sources, parse};
use clap::Args;
use serde::Serialize;
use serde_yaml::Value as Yaml;

use super::check::is_bare;
use super::diff::{step_yaml, steps};
use super::inspect::{Counts, InspectedFile, counts, create_all, refuse_present, tell_unheld, written};
use super::new_file::hooks;
use super::script::unsupported;
use super::stamp::stamp;
use crate::app::App;
use crate::catalog::{Catalog, Filters, UnheldDocument, makeable, unreadable, writable};
use crate::database::{Database, DatabaseDocument, Session};
use crate::failure::{Answer, Failure};
use crate::machine;
use crate::render;
use crate::workspace::Workspace;

/// Take a database that is there into care: its schema as files, a first revision, a stamp
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub struct Adopt {
    /// What the first revision does, in your words
    #[arg(short, long, value_name = "TEXT", default_value = "what was there", hide_default_value = true)]
    pub message: String,
    /// The id of the first revision, instead of twelve hexadecimal digits
    #[arg(long, value_name = "ID")]
    pub rev_id: Option<String>,
    /// The desired schema as one file, not one for each table
    #[arg(long)]
    pub one_file: bool,
    /// Schemas (namespaces) to take in besides the default one, with commas between; can be repeated
    #[arg(long, value_name = "NAME", value_delimiter = ',')]
    pub schemas: Vec<String>,
    /// Show what would be written; write nothing and leave the database as it is
    #[arg(long)]
    pub dry_run: bool,
}

const EXAMPLES: &str = "\
Examples:
  aludel adopt -d postgres://app@localhost/shop     in an empty directory
  aludel adopt --dry-run -d sqlite:app.db           what would be written
  aludel adopt                                      the database `default` of a new project

The database is read; its schema is written as the desired schema and as a first revision that
makes all of it; and the database is told that it has that revision. Nothing in it changes but
Aludel's own tables. Without a project, one is made here. Before anything is written, the files are
read again and compared with the database. A password is not written down: aludel.yaml then reads
the URL from the variable DATABASE_URL. From there on, change the desired schema and say
`aludel revision --autogenerate`, or write revisions by hand.";

/// A database that was taken into care.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct AdoptDocument {
    /// The database.
    pub database: DatabaseDocument,
    /// How much there is in it.
    pub counts: Counts,
    /// The first revision.
    pub revision: RevisionId,
    /// The files that were written, or would be.
    pub files: Vec<InspectedFile>,
    /// What the database has and the model has no word for.
    pub unheld: Vec<UnheldDocument>,
    /// The applied heads now; none after a dry run.
    pub applied: Vec<RevisionId>,
    /// Whether nothing was written.
    pub dry_run: bool,
}

impl Adopt {
    pub(crate) fn run(self, app: &App) -> Result<Answer, Failure> {
        let (workspace, is_new) = self.workspace(app)?;
        if let Some(id) = workspace.history.ids().next() {
            let message = format!("the project has revisions already, such as `{id}`");
            let diagnostic = Diagnostic::error(&codes::HAS_REVISIONS, message);
            let diagnostic = diagnostic.note(format!("the project is `{}`", workspace.project.config_path.display()));
            return Err(workspace.refuse(diagnostic.help(
                "`aludel diff @head DATABASE` shows what lies between the two; a database that has everything is told so \
                 with `aludel stamp head`",
            )));
        }
        let database = Database::choose(&workspace)?;
        let mut session = self.untouched(&workspace, &database)?;
        let dialect = session.connection.dialect();
        let document = database.document(&*dialect);
        let reading =
            workspace.reading(Arc::clone(&dialect), Some(&database)).map_err(|problem| workspace.refuse(problem))?;
        let found = self.found(&workspace, &reading, &mut session)?;
        let id = match &self.rev_id {
            Some(text) => RevisionId::parse(text)
                .map_err(|reason| Failure::usage(format!("the revision `{text}` {reason}"), "choose another id"))?,
            None => RevisionId::from_random(machine::random_bytes()),
        };
        let (path, text) = self.revision(&workspace, &reading, &id, &found.schema)?;
        let mut texts = Vec::new();
        if is_new {
            let pinned = pinned(&workspace, &*dialect, &found.schema);
            let settings = settings(&workspace, &database, pinned.as_deref())?;
            texts.push((workspace.project.path(Path::new(PROJECT_FILE)), settings));
        }
        texts.extend(self.desired(&workspace, &reading, &found.schema)?);
        prove(&workspace, &reading, &mut session, &id, &text, &found.schema)?;
        texts.push((path.clone(), text));
        drop(session);
        tell_unheld(app, &document.name, &found.unheld);
        let mut answer = AdoptDocument {
            database: document,
            counts: counts(&found.schema),
            revision: id.clone(),
            files: files(&texts),
            unheld: found.unheld,
            applied: Vec::new(),
            dry_run: self.dry_run,
        };
        if self.dry_run {
            refuse_present(texts.iter().map(|(path, _)| path.as_path()))
                .map_err(|problem| workspace.refuse(problem))?;
        } else {
            let texts: Vec<(Option<PathBuf>, String)> =
                texts.into_iter().map(|(path, text)| (Some(path), text)).collect();
            create_all(&texts).map_err(|problem| workspace.refuse(problem))?;
            hooks(&workspace, &path)?;
            // From here on it is a project like any other.
            let mut workspace = Workspace::open(app)?;
            answer.applied = stamp(&mut workspace, &database, &[id.as_str()], false)?.applied;
            let problems = workspace.problems();
            if problems.has_errors() {
                app.terminal.warnings(&problems, &workspace.project.sources);
                app.terminal.note("the other dialects of the project need more; see `aludel check`");
            }
        }
        app.terminal.result(&answer, || render::adopted(&answer))?;
        Ok(Answer::Done)
    }

    /// The project, or one that is still to be made.
    fn workspace<'a>(&self, app: &'a App) -> Result<(Workspace<'a>, bool), Failure> {
        match Workspace::open(app) {
            Err(Failure::Refused(report)) if Workspace::is_missing(&report) && app.global.config.is_none() => {
                if !Database::is_named(app) {
                    return Err(Failure::usage(
                        "there is no project here, and nothing says which database is meant",
                        "name it with `-d`, as in `aludel adopt -d postgres://app@localhost/shop`",
                    ));
                }
                let root = app.global.project.clone().unwrap_or_default();
                Ok((Workspace::to_be(app, root)?, true))
            }
            opened => Ok((opened?, false)),
        }
    }

    /// A session with the database, which no history may take care of already.
    fn untouched(&self, workspace: &Workspace<'_>, database: &Database) -> Result<Session, Failure> {
        let look = database.look(workspace, false)?;
        if let Some(id) = look.state.rows.iter().chain(look.state.unfinished.iter().map(|half| &half.revision)).next() {
            let message = format!("`{}` is in care already: it has the revision `{id}`", database.name);
            let diagnostic = Diagnostic::error(&codes::IN_CARE, message);
            return Err(workspace.refuse(diagnostic.help(
                "go on in the project that the revision belongs to; or forget it with `aludel stamp base --purge`",
            )));
        }
        look.session.ok_or_else(|| {
            let message = format!("`{}` is not there", database.name);
            workspace.refuse(Diagnostic::error(&codes::NOTHING_TO_ADOPT, message).help("look at the path in its URL"))
        })
    }

    /// Everything in the database that can be taken in.
    fn found(&self, workspace: &Workspace<'_>, reading: &Reading, session: &mut Session) -> Result<Catalog, Failure> {
        let filters = Filters { schemas: self.schemas.clone(), ..Filters::default() };
        let scope = filters.scope(&session.journal, &workspace.project.config, []);
        let mut found = session.catalog(&scope).map_err(|problem| workspace.refuse(problem))?;
        found.without_tools();
        let was_empty = found.schema.is_empty();
        let outside = outside(&found.schema, &scope);
        if !outside.is_empty() {
            let diagnostic = Diagnostic::error(
                &codes::NOT_WRITTEN_DOWN,
                "foreign keys refer to tables outside of what is taken in, so a part of them would be missing",
            );
            return Err(workspace.refuse(
                outside
                    .into_iter()
                    .take(20)
                    .fold(diagnostic, Diagnostic::note)
                    .help("take the schema of those tables in with `--schemas`"),
            ));
        }
        found.cut_loose();
        found.schema = plain(&found.schema, &*session.connection.dialect());
        let notation = workspace.notation(reading);
        let test = |schema: &Schema| {
            writable(reading, &notation, schema)?;
            makeable(reading, schema)
        };
        found.without_odd(reading, &test).map_err(|problem| workspace.refuse(problem))?;
        if found.schema.is_empty() {
            let words = match was_empty && found.unheld.is_empty() {
                true => "the database is empty",
                false => "the database has nothing that the model can hold",
            };
            let diagnostic = Diagnostic::error(&codes::NOTHING_TO_ADOPT, words);
            let diagnostic = found.unheld.iter().take(20).map(UnheldDocument::line).fold(diagnostic, Diagnostic::note);
            return Err(
                workspace.refuse(diagnostic.help("begin with `aludel init`; or name further schemas with `--schemas`"))
            );
        }
        Ok(found)
    }

    /// The path and text of the first revision.
    fn revision(
        &self,
        workspace: &Workspace<'_>,
        reading: &Reading,
        id: &RevisionId,
        schema: &Schema,
    ) -> Result<(PathBuf, String), Failure> {
        let nothing = Schema::default();
        let (from, to) = (Side::written(&nothing), Side::found(schema));
        let difference = between(&*reading.dialect, from, to, &Renames::default(), &mut ByText)
            .map_err(|error| workspace.refuse(unreadable(&error)))?;
        let steps = steps(&workspace.notation(reading), &nothing, &difference);
        let steps = steps.map_err(|problem| workspace.refuse(problem))?;
        let list = print(&Yaml::Sequence(steps.iter().map(step_yaml).collect()));
        let text = list.lines().map(|line| format!("  {line}").trim_end().to_owned() + "\n").collect();
        let now = machine::now();
        let new = NewRevision {
            id: id.clone(),
            down_revisions: Vec::new(),
            branch_labels: Vec::new(),
            depends_on: Vec::new(),
            message: self.message.clone(),
            created: now.to_string(),
            steps: Some(text),
        };
        let project = &workspace.project;
        let directory = project.new_revision_directory(None).map_err(|problem| workspace.refuse(problem))?;
        let path = directory.join(file_name(&project.config.file_template, id, &self.message, &now));
        Ok((path, new.text().map_err(|problem| workspace.refuse(problem))?))
    }

    /// The files of the desired schema.
    fn desired(
        &self,
        workspace: &Workspace<'_>,
        reading: &Reading,
        schema: &Schema,
    ) -> Result<Vec<(PathBuf, String)>, Failure> {
        let Some(setting) = &workspace.project.config.schema else {
            workspace.app.terminal.note("aludel.yaml names no `schema`, so no desired schema is written");
            return Ok(Vec::new());
        };
        let path = workspace.project.path(&setting.value);
        let is_file = path.extension().is_some_and(|end| end == "yaml" || end == "yml");
        if path.exists() && !is_bare(&path) {
            let message = format!("there is a desired schema in `{}` already", path.display());
            return Err(workspace.refuse(
                Diagnostic::error(&codes::FILE_EXISTS, message).help("no file is overwritten; put it elsewhere first"),
            ));
        }
        let texts = written(workspace, reading, schema, !is_file && !self.one_file)?;
        let place = |name: String| if is_file { path.clone() } else { path.join(name) };
        Ok(texts.into_iter().map(|(name, text)| (place(name), text)).collect())
    }
}

/// The foreign keys that refer to tables of namespaces that were not read, as sentences.
fn outside(schema: &Schema, scope: &Scope) -> Vec<String> {
    let unread = |name: &ObjectName| name.schema.as_ref().is_some_and(|space| !scope.namespaces.contains(space));
    let of = |table: &Arc<Table>| {
        let keys = table.constraints.iter().filter_map(|found| Some((found.name.as_deref(), found.foreign_key()?)));
        let keys = keys.filter(|(_, key)| unread(&key.referred_table));
        let words = |(name, key): (Option<&str>, &ForeignKey)| {
            let name = name.unwrap_or("(unnamed)");
            format!("foreign key `{name}` on `{}`: it refers to `{}`", table.name, key.referred_table)
        };
        keys.map(words).collect::<Vec<_>>()
    };
    schema.tables().flat_map(of).collect()
}

/// Sees that the first revision, as it is written, makes what was found.
fn prove(
    workspace: &Workspace<'_>,
    reading: &Reading,
    session: &mut Session,
    id: &RevisionId,
    text: &str,
    schema: &Schema,
) -> Result<(), Failure> {
    let mut sources = Sources::default();
    let mut diagnostics = Diagnostics::default();
    let file = sources.add("revision.yaml", text);
    let refuse = |notes: Vec<String>| {
        let message = "the first revision would not make what was found, so nothing is written";
        let diagnostic = Diagnostic::error(&codes::NOT_WRITTEN_DOWN, message);
        workspace.refuse(notes.into_iter().take(20).fold(diagnostic, Diagnostic::note))
    };
    let node = parse(&sources, file, &mut diagnostics);
    let source = node.as_ref().map(|node| Source { id: id.clone(), origin: Origin::File(node) });
    let replayed = replay(&reading.context(), source.as_slice(), &mut diagnostics);
    let (Some(made), false) = (replayed.last(), diagnostics.has_errors()) else {
        return Err(refuse(diagnostics.sorted().iter().map(|found| found.message.clone()).collect()));
    };
    let changes: Vec<Change> = made.upgrade.iter().flat_map(|step| step.changes.clone()).collect();
    compile_changes(&*reading.dialect, &changes, &Schema::default())
        .map_err(|refusal| unsupported(workspace, refusal))?;
    let mut judge = ByDatabase { connection: &mut *session.connection, from_is_found: true };
    let (from, to) = (Side::found(schema), Side::written(&made.after));
    let difference = between(&*reading.dialect, from, to, &Renames::default(), &mut judge)
        .map_err(|error| workspace.refuse(unreadable(&error)))?;
    if difference.is_empty() {
        return Ok(());
    }
    Err(refuse(difference.changes.iter().map(Change::describe).chain(difference.remarks).collect()))
}

/// The dialect with its version, where the schema has what the version does not have that is assumed without one.
fn pinned(workspace: &Workspace<'_>, dialect: &dyn Dialect, schema: &Schema) -> Option<String> {
    let target = DialectTarget { name: dialect.name().to_owned(), version: None };
    let assumed = workspace.app.registry.dialect(&target).ok()?;
    let found = dialect.version();
    let holds = schema.tables().all(|table| assumed.check_table(table, schema).is_empty());
    let makes = compile_changes(&*assumed, &creation(schema), &Schema::default()).is_ok();
    (!holds || !makes).then(|| match assumed.version().minor {
        0 => format!("{}@{}", dialect.name(), found.major),
        _ => format!("{}@{}.{}", dialect.name(), found.major, found.minor),
    })
}

/// The settings of a new project. A URL with a secret stays in the environment, and a path is found from the project.
fn settings(workspace: &Workspace<'_>, database: &Database, pinned: Option<&str>) -> Result<String, Failure> {
    let (whole, shown) = (database.url.expose(), database.url.redacted());
    if whole != shown {
        let words = "the password is not written down: set DATABASE_URL to the URL of the database";
        workspace.app.terminal.note(words);
        return Ok(init::settings_for(
            "${DATABASE_URL}",
            Some(pinned.unwrap_or(database.driver.dialect_of_url(&database.url))),
        ));
    }
    let rest = database.url.expose_rest();
    let relative = !rest.starts_with(['/', '\\', ':', '?']) && !rest.starts_with("file:");
    if !relative || workspace.project.root.as_os_str().is_empty() {
        return Ok(init::settings_for(whole, pinned));
    }
    let path = std::path::absolute(rest)?;
    Ok(init::settings_for(&format!("{}:{}", database.url.scheme(), path.display()), pinned))
}

fn files(texts: &[(PathBuf, String)]) -> Vec<InspectedFile> {
    let file =
        |(path, text): &(PathBuf, String)| InspectedFile { path: Some(path.display().to_string()), text: text.clone() };
    texts.iter().map(file).collect()
}
