//! `aludel check`.

use aludel_engine::diagnostic::{Diagnostic, Diagnostics, Severity, codes, to_json};
use aludel_engine::project::divergence::{Divergence, divergence};
use aludel_engine::revision::RevisionId;
use clap::Args;
use serde::Serialize;
use serde_json::Value;

use super::marks::{RevisionDocument, document};
use crate::app::App;
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
}

const EXAMPLES: &str = "\
Examples:
  aludel check                            in CI, for every pull request
  aludel check --allow-heads              for a history whose branches never meet
  aludel check --json

Checked are: the settings and every file, the graph that the files form, that it has one head, and
that the whole history holds together and compiles for every dialect of the project. Of two heads
it is said which files they are, whether they can simply be merged, and what is in the way if not.
No database is needed. Exit code 3 says that something was found.";

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
    /// What is wrong, as messages have it.
    pub problems: Vec<Value>,
}

/// One thing that was checked.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Checked {
    /// `files`, `graph`, `heads` or `steps`.
    pub name: &'static str,
    /// Whether nothing was found; null where it could not be checked because of what was found before.
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
        let divergences = match sound && heads.len() > 1 && !self.allow_heads {
            true => apart(&mut workspace, &heads, steps > 0, &mut conflicts),
            false => Vec::new(),
        };
        let sources = &workspace.project.sources;
        let answer = CheckDocument {
            ok: checks.iter().all(|check| check.ok == Some(true)) && !found.has_errors(),
            checks,
            dialects,
            revisions: count,
            heads: heads.iter().map(|id| document(&workspace, id, None)).collect(),
            divergences,
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
