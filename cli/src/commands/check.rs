//! `aludel check`.

use std::path::Path;

use aludel_engine::desired::{Desired, Renames};
use aludel_engine::diagnostic::{Diagnostic, Diagnostics, Severity, codes, to_json};
use aludel_engine::diff::{ByDatabase, ByText, Side, between};
use aludel_engine::project::DesiredFiles;
use aludel_engine::project::divergence::{Divergence, divergence};
use aludel_engine::revision::RevisionId;
use clap::Args;
use serde::Serialize;
use serde_json::Value;

use super::difference::DifferenceDocument;
use super::marks::{RevisionDocument, document};
use crate::app::App;
use crate::catalog::{Filters, UnheldDocument, unreadable};
use crate::database::{Database, DatabaseDocument};
use crate::failure::{Answer, Failure};
use crate::render;
use crate::workspace::Workspace;

/// How many heads are compared with each other; the pairs grow with the square of it.
const COMPARED: usize = 5;

/// Check everything that can be known without running anything
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub struct Check {
    /// Several heads are meant to be there
    #[arg(long)]
    pub allow_heads: bool,
    /// Schemas (namespaces) of the database to look at besides those of the history, with commas between
    #[arg(long, value_name = "NAME", value_delimiter = ',')]
    pub schemas: Vec<String>,
}

const EXAMPLES: &str = "\
Examples:
  aludel check                            in CI, for every pull request
  aludel check -d production              the database too: is it as the history says?
  aludel check --allow-heads              for a history whose branches never meet
  aludel check --json

Checked are: the settings and every file, the graph that the files form, that it has one head, that
the whole history holds together and compiles for every dialect of the project, and that it leads to
the desired schema that `schema` in aludel.yaml names. Of two heads it is said which files they are,
whether they can simply be merged, and what is in the way if not. None of that needs a database.
With `-d` a database is compared with what its applied revisions should have made of it; that it
is behind the newest revision is told, and is no mistake (`aludel current --check-heads` asks that).
Exit code 3 says that something was found.";

/// What was checked and what was found.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct CheckDocument {
    /// Whether nothing was found.
    pub ok: bool,
    /// What was checked.
    pub checks: Vec<Checked>,
    /// The dialects that everything was compiled for, with their versions.
    pub dialects: Vec<String>,
    /// How many revisions there are.
    pub revisions: usize,
    /// The heads.
    pub heads: Vec<RevisionDocument>,
    /// How the heads have grown apart, where there are several.
    pub divergences: Vec<DivergenceDocument>,
    /// Where the history and the desired schema, or the history and the database, are not the same.
    pub differences: Vec<FoundDifference>,
    /// The database; null where none was asked.
    pub database: Option<CheckedDatabase>,
    /// What is wrong, as messages have it.
    pub problems: Vec<Value>,
}

/// A difference that was found, between the history and something else.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct FoundDifference {
    /// `schema` or `drift`: the check that found it.
    pub check: &'static str,
    /// The dialect it is found in.
    pub dialect: String,
    /// The difference; the history is the first side.
    #[serde(flatten)]
    pub difference: DifferenceDocument,
}

/// A database that was checked.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct CheckedDatabase {
    /// The database.
    #[serde(flatten)]
    pub database: DatabaseDocument,
    /// The applied heads.
    pub applied: Vec<RevisionId>,
    /// The revisions that are not applied yet.
    pub behind: Vec<RevisionId>,
    /// What it has that was not compared, because the model has no word for it.
    pub unheld: Vec<UnheldDocument>,
}

/// One thing that was checked.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Checked {
    /// `files`, `graph`, `heads`, `steps`, `schema` or `drift`.
    pub name: &'static str,
    /// Whether nothing was found; null where it could not be checked because of what was found before, or there was
    /// nothing to check.
    pub ok: Option<bool>,
    /// What was checked, or found, in a few words.
    pub about: String,
}

/// Two heads that have grown apart.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct DivergenceDocument {
    /// One of them.
    pub one: RevisionDocument,
    /// The other.
    pub other: RevisionDocument,
    /// The newest revisions that both come after.
    pub parted_at: Vec<RevisionDocument>,
    /// What only the one comes after, itself included, in order.
    pub one_alone: Vec<String>,
    /// What only the other comes after, itself included, in order.
    pub other_alone: Vec<String>,
    /// Whether they can run in either order; null where their files do not hold.
    pub commutes: Option<bool>,
    /// What is in the way, as messages have it.
    pub conflicts: Vec<Value>,
}

impl Check {
    pub(crate) fn run(self, app: &App) -> Result<Answer, Failure> {
        let (mut workspace, mut found) = Workspace::read(app)?;
        let mut checks = Vec::new();
        let (graph, files) = split(&found, |d| d.code.id.starts_with("E04") && d.code.id != codes::REVISION_ID.id);
        let count = workspace.history.ids().count();
        let directories: Vec<String> =
            workspace.project.config.migrations.iter().map(|directory| directory.display().to_string()).collect();
        let place = format!("{} in {}", render::count(count, "revision"), directories.join(", "));
        checks.push(verdict("files", files, place));
        let bases = workspace.history.graph.bases().len();
        let heads: Vec<_> = workspace.history.graph.heads();
        let shape = format!("from {} to {}", render::count(bases, "base"), render::count(heads.len(), "head"));
        let sound = !found.has_errors();
        checks.push(match (graph, sound) {
            (0, false) => Checked { name: "graph", ok: None, about: "not known, because of the files".to_owned() },
            (errors, _) => verdict("graph", errors, shape),
        });
        checks.push(match (sound, heads.len()) {
            (false, _) => {
                let cause = if graph > 0 { "graph" } else { "files" };
                Checked { name: "heads", ok: None, about: format!("not known, because of the {cause}") }
            }
            (true, number) if number > 1 && !self.allow_heads => {
                Checked { name: "heads", ok: Some(false), about: format!("{number} heads where there should be one") }
            }
            (true, number) => Checked { name: "heads", ok: Some(true), about: render::count(number, "head") },
        });
        if let Err(problem) = workspace.project.config.targets() {
            found.push(problem);
        }
        let dialects: Vec<String> =
            workspace.targets().iter().map(|dialect| format!("{} {}", dialect.name(), dialect.version())).collect();
        let before = errors(&found);
        found.extend(workspace.problems());
        let about = format!("replayed and compiled for {}", dialects.join(", "));
        let steps = errors(&found) - before;
        checks.push(match (steps, sound, dialects.is_empty()) {
            (0, true, false) => verdict("steps", 0, about),
            (0, true, true) => Checked { name: "steps", ok: None, about: "no dialect to compile for".to_owned() },
            (0, false, _) => Checked { name: "steps", ok: None, about: "read, but not replayed".to_owned() },
            (errors, ..) => verdict("steps", errors, about),
        });
        let mut conflicts = Diagnostics::default();
        let mut differences = Vec::new();
        let holds = sound && steps == 0 && !dialects.is_empty();
        if let Some(check) = schema(&mut workspace, holds, &mut differences, &mut found) {
            checks.push(check);
        }
        let mut database = None;
        if app.global.database.is_some() {
            let (check, checked) = drift(&mut workspace, holds, &self.schemas, &mut differences, &mut found)?;
            checks.push(check);
            database = checked;
        }
        let divergences = match sound && heads.len() > 1 && !self.allow_heads {
            true => apart(&mut workspace, &heads, steps > 0, &mut conflicts),
            false => Vec::new(),
        };
        let sources = &workspace.project.sources;
        let answer = CheckDocument {
            ok: checks.iter().all(|check| check.ok != Some(false)) && !found.has_errors(),
            checks,
            dialects,
            revisions: count,
            heads: heads.iter().map(|id| document(&workspace, id, None)).collect(),
            divergences,
            differences,
            database,
            problems: found.sorted().iter().map(|problem| to_json(problem, sources)).collect(),
        };
        found.extend(conflicts);
        if !app.global.json && !found.is_empty() {
            app.terminal.findings(&found, sources);
        }
        app.terminal.result(&answer, || render::check(&answer))?;
        Ok(if answer.ok { Answer::Done } else { Answer::No })
    }
}

/// Whether the history leads to the desired schema, in every dialect. None where nothing is desired.
fn schema(
    workspace: &mut Workspace<'_>,
    holds: bool,
    differences: &mut Vec<FoundDifference>,
    found: &mut Diagnostics,
) -> Option<Checked> {
    let name = "schema";
    let setting = workspace.project.config.schema.clone()?;
    if is_bare(&workspace.project.path(&setting.value)) {
        let about = format!("left out: there is no file in `{}` yet", setting.value.display());
        return Some(Checked { name, ok: None, about });
    }
    let mut own = Diagnostics::default();
    let files = DesiredFiles::load(&mut workspace.project, &mut own)?;
    let readings = workspace.readings();
    let desired: Vec<Desired> = readings.iter().map(|reading| files.read(reading, &mut own)).collect();
    let mistakes = errors(&own);
    found.extend(own);
    if mistakes > 0 {
        return Some(verdict(name, mistakes, String::new()));
    }
    if !holds {
        return Some(Checked { name, ok: None, about: "read, but not compared with the history".to_owned() });
    }
    let mut names = Vec::new();
    for (reading, desired) in readings.iter().zip(&desired) {
        let dialect = &*reading.dialect;
        let Ok(rows) = workspace.history.graph.rows_at("heads") else { continue };
        let model = match workspace.planning(reading.clone(), &[]).replay(&rows) {
            Ok(replayed) => replayed.into_iter().next_back().map(|last| last.after).unwrap_or_default(),
            // Each head holds by itself, and not all of them together.
            Err(_) => {
                return Some(Checked { name, ok: None, about: "not known, because of the heads".to_owned() });
            }
        };
        let (from, to) = (Side::written(&model), Side::written(&desired.schema));
        // Nothing is asked that could fail to answer.
        let Ok(between) = between(dialect, from, to, &desired.renames, &mut ByText) else { continue };
        let difference = DifferenceDocument::of(dialect, &between);
        names.push(dialect.name());
        if !difference.same {
            differences.push(FoundDifference { check: name, dialect: dialect.name().to_owned(), difference });
        }
    }
    Some(match differences.iter().map(|one| one.difference.changes.len() + one.difference.remarks.len()).max() {
        None => {
            let about = format!("the history leads to `{}` in {}", setting.value.display(), names.join(", "));
            Checked { name, ok: Some(true), about }
        }
        Some(most) => {
            let about = format!("the history does not lead to `{}`: {}", setting.value.display(), many(most));
            Checked { name, ok: Some(false), about }
        }
    })
}

/// Whether a directory has no file of a desired schema, as in a new project.
pub(super) fn is_bare(path: &Path) -> bool {
    let Ok(mut entries) = std::fs::read_dir(path) else { return false };
    entries.all(|entry| {
        let hidden = |entry: std::fs::DirEntry| entry.file_name().to_string_lossy().starts_with('.');
        entry.is_ok_and(hidden)
    })
}

/// Whether a database is what its applied revisions should have made of it.
fn drift(
    workspace: &mut Workspace<'_>,
    holds: bool,
    schemas: &[String],
    differences: &mut Vec<FoundDifference>,
    found: &mut Diagnostics,
) -> Result<(Checked, Option<CheckedDatabase>), Failure> {
    let name = "drift";
    let database = Database::choose(workspace)?;
    let mut look = database.look(workspace, false)?;
    let rows = look.state.rows.clone();
    let upward = workspace.history.graph.upgrade(&rows, "heads").unwrap_or_default();
    let mut checked = CheckedDatabase {
        database: look.document.clone(),
        applied: rows.iter().cloned().collect(),
        behind: upward,
        unheld: Vec::new(),
    };
    let unknown = |about: String| Checked { name, ok: None, about };
    if look.absent {
        return Ok((unknown(format!("`{}` is not there yet", database.name)), Some(checked)));
    }
    if !holds {
        return Ok((unknown("not known, because of the steps".to_owned()), Some(checked)));
    }
    if let Some(half) = look.state.unfinished.first() {
        let about = format!("{} is half run; `aludel repair` shows it", half.revision);
        return Ok((Checked { name, ok: Some(false), about }, Some(checked)));
    }
    let reading =
        workspace.reading(look.dialect.clone(), Some(&database)).map_err(|problem| workspace.refuse(problem))?;
    let mut planning = workspace.planning(reading.clone(), &[]);
    let model = look.compare(&mut planning, &database).and_then(|()| planning.replay(&rows));
    let model = match model {
        Ok(replayed) => replayed.into_iter().next_back().map(|last| last.after).unwrap_or_default(),
        Err(problems) => {
            found.extend(problems);
            return Ok((unknown("not known, because of what is applied".to_owned()), Some(checked)));
        }
    };
    let Some(session) = &mut look.session else { return Ok((unknown("not connected".to_owned()), Some(checked))) };
    let filters = Filters { schemas: schemas.to_vec(), ..Filters::default() };
    let scope = filters.scope(&session.journal, &workspace.project.config, model.namespaces());
    let mut catalog = session.catalog(&scope).map_err(|problem| workspace.refuse(problem))?;
    catalog.beside(&model, &scope, &reading, &workspace.notation(&reading));
    checked.unheld = catalog.unheld;
    let dialect = &*look.dialect;
    let mut judge = ByDatabase { connection: &mut *session.connection, from_is_found: false };
    let (from, to) = (Side::written(&model), Side::found(&catalog.schema));
    let difference = between(dialect, from, to, &Renames::default(), &mut judge);
    let difference = difference.map_err(|error| workspace.refuse(unreadable(&error)))?;
    let difference = DifferenceDocument::of(dialect, &difference);
    let behind = match checked.behind.len() {
        0 => String::new(),
        number => format!("; {} not applied yet", render::count(number, "revision")),
    };
    let place = match rows.is_empty() {
        true => "with nothing applied".to_owned(),
        false => format!("at {}", rows.iter().map(RevisionId::as_str).collect::<Vec<_>>().join(" and ")),
    };
    let (ok, about) = match difference.same {
        true => (true, format!("`{}` is as the history says {place}{behind}", database.name)),
        false => {
            let number = many(difference.changes.len() + difference.remarks.len());
            (false, format!("`{}` is not as the history says {place}: {number}{behind}", database.name))
        }
    };
    if rows.is_empty() && !catalog.schema.is_empty() {
        let words = "nothing is applied there: `aludel stamp REVISION` says what it has, `aludel adopt` begins a history with it";
        workspace.app.terminal.note(words);
    }
    if !difference.same {
        differences.push(FoundDifference { check: name, dialect: dialect.name().to_owned(), difference });
    }
    Ok((Checked { name, ok: Some(ok), about }, Some(checked)))
}

fn many(number: usize) -> String {
    render::count(number, "difference")
}

/// The heads, pair by pair. Files that do not hold have been reported; then nothing is proven of them.
fn apart(
    workspace: &mut Workspace<'_>,
    heads: &[RevisionId],
    broken: bool,
    conflicts: &mut Diagnostics,
) -> Vec<DivergenceDocument> {
    let readings = if broken { Vec::new() } else { workspace.readings() };
    let mut pairs = Vec::new();
    for (place, one) in heads.iter().take(COMPARED).enumerate() {
        for other in heads.iter().take(COMPARED).skip(place + 1) {
            let Ok(found) = divergence(&workspace.project, &mut workspace.history, &readings, one, other) else {
                continue;
            };
            let messages = found.diagnostics(readings.len());
            pairs.push(pair(workspace, &found, (!readings.is_empty()).then(|| found.commutes()), &messages));
            conflicts.extend(messages);
        }
    }
    pairs
}

fn pair(
    workspace: &Workspace<'_>,
    found: &Divergence,
    commutes: Option<bool>,
    messages: &Diagnostics,
) -> DivergenceDocument {
    let of = |id: &RevisionId| document(workspace, id, None);
    let ids = |ids: &[RevisionId]| ids.iter().map(ToString::to_string).collect();
    let sources = &workspace.project.sources;
    DivergenceDocument {
        one: of(&found.one),
        other: of(&found.other),
        parted_at: found.parted_at.iter().map(of).collect(),
        one_alone: ids(&found.one_alone),
        other_alone: ids(&found.other_alone),
        commutes,
        conflicts: messages.sorted().iter().map(|message| to_json(message, sources)).collect(),
    }
}

fn verdict(name: &'static str, errors: usize, about: String) -> Checked {
    match errors {
        0 => Checked { name, ok: Some(true), about },
        number => Checked { name, ok: Some(false), about: render::count(number, "error") },
    }
}

fn errors(diagnostics: &Diagnostics) -> usize {
    diagnostics.sorted().iter().filter(|diagnostic| diagnostic.severity == Severity::Error).count()
}

/// How many errors are of a kind, and how many are not.
fn split(diagnostics: &Diagnostics, of_kind: impl Fn(&Diagnostic) -> bool) -> (usize, usize) {
    let all = diagnostics.sorted();
    let (yes, no): (Vec<_>, Vec<_>) =
        all.into_iter().filter(|d| d.severity == Severity::Error).partition(|diagnostic| of_kind(diagnostic));
    (yes.len(), no.len())
}
