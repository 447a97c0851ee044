//! `aludel diff`.

use std::collections::BTreeSet;
use std::fmt::Write;
use std::path::PathBuf;
use std::sync::Arc;

use aludel_engine::desired::Renames;
use aludel_engine::diagnostic::{Diagnostic, Diagnostics, codes};
use aludel_engine::dialect::Dialect;
use aludel_engine::diff::{ByDatabase, ByText, Difference, Side, between};
use aludel_engine::driver::ConnectionUrl;
use aludel_engine::execute::{Journal, runnable, statements_script};
use aludel_engine::notation::{Notation, WrittenStep, print};
use aludel_engine::plan::{Statement, compile_changes};
use aludel_engine::project::DesiredFiles;
use aludel_engine::project::planning::Reading;
use aludel_engine::schema::Schema;
use aludel_engine::source::nearest;
use clap::{Args, ValueEnum};
use serde::Serialize;
use serde_json::Value;
use serde_yaml::{Mapping, Value as Yaml};

use super::difference::DifferenceDocument;
use super::script::unsupported;
use crate::app::App;
use crate::catalog::{Filters, UnheldDocument, narrowed, unreadable};
use crate::database::{Database, Session};
use crate::failure::{Answer, Failure};
use crate::machine;
use crate::workspace::Workspace;

/// Show what lies between two schemas: databases, revisions or desired schemas
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub struct Diff {
    /// A database (name or URL), a revision (`@head`), or the path of a desired schema
    pub from: String,
    /// The same; the operations lead there
    pub to: String,
    /// The operations as steps of a revision, or as the SQL that they compile to
    #[arg(long, value_enum, default_value = "yaml", hide_default_value = true)]
    pub format: Form,
    /// The dialect to compare for where no side is a database, as in `postgres` or `postgres@14`
    #[arg(long, value_name = "NAME[@VERSION]")]
    pub dialect: Option<String>,
    /// Which part of each side
    #[command(flatten)]
    pub filters: Filters,
}

const EXAMPLES: &str = "\
Examples:
  aludel diff @head schema                    what `aludel revision --autogenerate` would write
  aludel diff @head default                   how the database differs from the history
  aludel diff staging production              two databases of one kind
  aludel diff @3f2a @head --dialect postgres  what some revisions do together
  aludel diff sqlite:old.db new.yaml --format sql

A path that is also the name of a database is written with `./`. Where one side is a database, it is
asked itself whether two texts mean the same. Nothing is run or written.
Exit code 0 says that the two are the same, 3 that they differ.";

/// A form.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Form {
    /// Steps as in a revision.
    Yaml,
    /// Statements.
    Sql,
}

/// What lies between two schemas.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct DiffDocument {
    /// The first side.
    pub from: SideDocument,
    /// The second side.
    pub to: SideDocument,
    /// The dialect compared for.
    pub dialect: String,
    /// Its version.
    pub version: String,
    /// What differs.
    #[serde(flatten)]
    pub difference: DifferenceDocument,
    /// The steps that lead from the first to the second; null where the language has no words for one of them.
    pub steps: Option<Vec<Value>>,
    /// The statements to run, in order; null unless `--format sql` asked for them.
    pub statements: Option<Vec<String>>,
}

/// A side of a comparison.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct SideDocument {
    /// `database`, `revision` or `schema`.
    pub kind: &'static str,
    /// What it is called: a name or URL without its password, a reference, a path.
    pub name: String,
    /// What a database has that cannot be compared, because the model has no word for it.
    pub unheld: Vec<UnheldDocument>,
}

/// A side that has not been read.
enum Named {
    Database(Box<Database>),
    Revision(String),
    Schema(PathBuf),
}

/// A side that has been read.
struct Read {
    document: SideDocument,
    schema: Schema,
    renames: Renames,
    session: Option<Session>,
}

impl Diff {
    pub(crate) fn run(self, app: &App) -> Result<Answer, Failure> {
        let mut workspace = Workspace::open_anywhere(app)?;
        let sides = [self.side(&workspace, &self.from)?, self.side(&workspace, &self.to)?];
        let mut sessions = [open(&workspace, &sides[0])?, open(&workspace, &sides[1])?];
        let (dialect, reading) = self.reading(&workspace, &sides, &sessions)?;
        let models = [model(&mut workspace, &reading, &sides[0])?, model(&mut workspace, &reading, &sides[1])?];
        let namespaces: BTreeSet<String> =
            models.iter().flatten().flat_map(|(schema, _)| schema.namespaces()).collect();
        let journal = Journal::new(Arc::clone(&dialect), &workspace.project.config.version_table);
        let scope = self.filters.scope(&journal, &workspace.project.config, namespaces);
        let mut read = Vec::new();
        let known: Vec<Option<Schema>> = models.iter().map(|model| Some(model.as_ref()?.0.clone())).collect();
        for (place, (named, model)) in sides.iter().zip(models).enumerate() {
            let (kind, name) = match named {
                Named::Database(database) => ("database", database.name.clone()),
                Named::Revision(reference) => ("revision", format!("@{reference}")),
                Named::Schema(path) => ("schema", path.display().to_string()),
            };
            let mut document = SideDocument { kind, name, unheld: Vec::new() };
            let (schema, renames, session) = match (sessions[place].take(), model) {
                (Some(mut session), _) => {
                    let mut found = session.catalog(&scope).map_err(|problem| workspace.refuse(problem))?;
                    if let Some(other) = known.iter().rev().nth(place).and_then(Option::as_ref) {
                        found.beside(other, &scope, &reading, &workspace.notation(&reading));
                    }
                    document.unheld = found.unheld;
                    (found.schema, Renames::default(), Some(session))
                }
                (None, Some((schema, renames))) => (narrowed(&schema, &scope), renames, None),
                (None, None) => (Schema::default(), Renames::default(), None),
            };
            read.push(Read { document, schema, renames, session });
        }
        let [mut from, mut to] = <[Read; 2]>::try_from(read)
            .map_err(|_| Failure::usage("two sides are compared", "name two: `aludel diff @head schema`"))?;
        let difference = compare(&*dialect, &mut from, &mut to).map_err(|problem| workspace.refuse(problem))?;
        self.answer(&workspace, &reading, &from, to.document, &difference)
    }

    fn answer(
        &self,
        workspace: &Workspace<'_>,
        reading: &Reading,
        from: &Read,
        to: SideDocument,
        difference: &Difference,
    ) -> Result<Answer, Failure> {
        let dialect = &*reading.dialect;
        let (before, from) = (&difference.start, from.document.clone());
        let notation = workspace.notation(reading);
        let steps = notation.steps(before, &difference.changes);
        let written = DifferenceDocument::of(dialect, difference);
        let statements = match self.format {
            Form::Yaml => None,
            Form::Sql => {
                let compiled = compile_changes(dialect, &difference.changes, before);
                let compiled = compiled.map_err(|refusal| unsupported(workspace, refusal))?;
                Some(compiled.into_iter().flat_map(|(_, statements)| statements).collect::<Vec<Statement>>())
            }
        };
        let text = match &statements {
            Some(_) if difference.changes.is_empty() => String::new(),
            Some(statements) => {
                let words = format!("{}: from {} to {}", machine::TOOL, from.name, to.name);
                let kind = format!("for {} {}", dialect.name(), dialect.version());
                statements_script(statements, dialect, &format!("{words}\n{kind}"))
            }
            None => steps_text(&steps, &written),
        };
        let document = DiffDocument {
            from,
            to,
            dialect: dialect.name().to_owned(),
            version: dialect.version().to_string(),
            steps: steps.as_ref().ok().map(|steps| steps.iter().map(|step| as_json(&step_yaml(step))).collect()),
            statements: statements.map(|statements| runnable(&statements, dialect)),
            difference: written,
        };
        let terminal = &workspace.app.terminal;
        for side in [&document.from, &document.to].into_iter().filter(|side| !side.unheld.is_empty()) {
            let lines: Vec<String> = side.unheld.iter().map(|one| format!("  {}", one.line())).collect();
            terminal.note(&format!(
                "not compared, because the model has no word for it, in {}:\n{}",
                side.name,
                lines.join("\n")
            ));
        }
        if document.difference.same {
            terminal.note(&format!("{} and {} are the same", document.from.name, document.to.name));
        } else if document.statements.is_some() {
            for remark in document.difference.remarks.iter().chain(&document.difference.questions) {
                terminal.note(remark);
            }
        }
        terminal.script(&document, &text)?;
        Ok(if document.difference.same { Answer::Done } else { Answer::No })
    }

    /// What a side is.
    fn side(&self, workspace: &Workspace<'_>, text: &str) -> Result<Named, Failure> {
        if let Some(reference) = text.strip_prefix('@') {
            return Ok(Named::Revision(reference.to_owned()));
        }
        let databases = &workspace.project.config.databases;
        let is_url = || {
            let url = text.parse::<ConnectionUrl>();
            url.is_ok_and(|url| workspace.app.registry.driver(&url).is_ok())
        };
        if databases.contains_key(text) || is_url() {
            return Ok(Named::Database(Box::new(Database::of(workspace, text)?)));
        }
        let path = PathBuf::from(text);
        if path.exists() {
            return Ok(Named::Schema(path));
        }
        if text.contains("://") {
            return Ok(Named::Database(Box::new(Database::of(workspace, text)?)));
        }
        let names = databases.keys().map(String::as_str);
        let diagnostic = Diagnostic::error(
            &codes::NO_SUCH_SIDE,
            format!("`{text}` is no database of aludel.yaml, no URL and no file or directory"),
        );
        let graph = &workspace.history.graph;
        Err(workspace.refuse(match nearest(text, names) {
            Some(near) => diagnostic.help(format!("did you mean `{near}`?")),
            None if graph.resolve(text, None).is_ok() => {
                diagnostic.help(format!("a revision is written with an `@`: `@{text}`"))
            }
            None => diagnostic.help("a revision is written with an `@`, as in `@head`"),
        }))
    }

    /// The dialect to compare for, and how files are read for it.
    fn reading(
        &self,
        workspace: &Workspace<'_>,
        sides: &[Named; 2],
        sessions: &[Option<Session>; 2],
    ) -> Result<(Arc<dyn Dialect>, Reading), Failure> {
        let found: Vec<(&Database, Arc<dyn Dialect>)> = sides
            .iter()
            .zip(sessions)
            .filter_map(|(side, session)| match (side, session) {
                (Named::Database(database), Some(session)) => Some((&**database, session.connection.dialect())),
                _ => None,
            })
            .collect();
        let of =
            |(database, dialect): &(&Database, Arc<dyn Dialect>)| format!("`{}` is {}", database.name, dialect.name());
        if let [first, second] = found.as_slice()
            && first.1.name() != second.1.name()
        {
            let diagnostic = Diagnostic::error(
                &codes::TWO_DIALECTS,
                format!("{} and {}: what they mean cannot be compared", of(first), of(second)),
            );
            return Err(workspace
                .refuse(diagnostic.help("compare each with what both are made from, as in `aludel diff @head NAME`")));
        }
        let (dialect, database) = match found.first() {
            None => workspace.offline_dialect(self.dialect.as_deref())?,
            Some((database, dialect)) => {
                let asked = self.dialect.as_deref().map(|text| text.split('@').next().unwrap_or(text));
                if let Some(asked) = asked.filter(|asked| *asked != dialect.name()) {
                    let message = format!("`{}` is {}, not {asked}", database.name, dialect.name());
                    let diagnostic = Diagnostic::error(&codes::TWO_DIALECTS, message);
                    return Err(workspace.refuse(diagnostic.help("leave `--dialect` out: the database says it")));
                }
                let reading = workspace.reading(Arc::clone(dialect), Some(database));
                return Ok((Arc::clone(dialect), reading.map_err(|problem| workspace.refuse(problem))?));
            }
        };
        let reading = workspace.reading(Arc::clone(&dialect), database.as_ref());
        Ok((dialect, reading.map_err(|problem| workspace.refuse(problem))?))
    }
}

fn open(workspace: &Workspace<'_>, side: &Named) -> Result<Option<Session>, Failure> {
    match side {
        Named::Database(database) => database.connect(workspace, false).map(Some),
        _ => Ok(None),
    }
}

/// The schema of a side that is no database.
fn model(workspace: &mut Workspace<'_>, reading: &Reading, side: &Named) -> Result<Option<(Schema, Renames)>, Failure> {
    match side {
        Named::Database(_) => Ok(None),
        Named::Revision(reference) => {
            let rows = workspace.history.graph.rows_at(reference).map_err(|error| workspace.reference(error))?;
            let replayed = workspace.planning(reading.clone(), &[]).replay(&rows);
            let replayed = replayed.map_err(|problems| workspace.refuse_with_all(problems))?;
            let schema = replayed.into_iter().next_back().map(|last| last.after).unwrap_or_default();
            Ok(Some((schema, Renames::default())))
        }
        Named::Schema(path) => {
            let mut diagnostics = Diagnostics::default();
            let files = DesiredFiles::at(&mut workspace.project, path, None, &mut diagnostics);
            let desired = files.read(reading, &mut diagnostics);
            if diagnostics.has_errors() {
                return Err(workspace.refuse_for(diagnostics));
            }
            Ok(Some((desired.schema, desired.renames)))
        }
    }
}

/// What lies between two sides. Where one of them is a database, it is asked what means the same.
fn compare(dialect: &dyn Dialect, from: &mut Read, to: &mut Read) -> Result<Difference, Diagnostic> {
    let sessions = (from.session.take(), to.session.take());
    let (from_is_found, to_is_found) = (sessions.0.is_some(), sessions.1.is_some());
    let from = Side { found: from_is_found, ..Side::written(&from.schema) };
    let side = Side { found: to_is_found, ..Side::written(&to.schema) };
    let difference = match sessions {
        (Some(mut session), None) | (None, Some(mut session)) => {
            let mut judge = ByDatabase { connection: &mut *session.connection, from_is_found };
            between(dialect, from, side, &to.renames, &mut judge)
        }
        _ => between(dialect, from, side, &to.renames, &mut ByText),
    };
    difference.map_err(|error| unreadable(&error))
}

/// The steps of a revision, each with what its author should know, and what no step does.
fn steps_text(steps: &Result<Vec<WrittenStep>, String>, difference: &DifferenceDocument) -> String {
    let mut text = String::new();
    let comment = |text: &mut String, words: &str| {
        for line in words.lines() {
            let _ = writeln!(text, "# {line}");
        }
    };
    match steps {
        Ok(steps) => {
            for step in steps {
                for remark in &step.remarks {
                    comment(&mut text, remark);
                }
                text.push_str(&print(&Yaml::Sequence(vec![step_yaml(step)])));
            }
        }
        Err(reason) => {
            comment(&mut text, &format!("no steps: {reason}"));
            difference.changes.iter().for_each(|change| comment(&mut text, &change.change));
        }
    }
    difference.remarks.iter().for_each(|remark| comment(&mut text, &format!("not in the steps: {remark}")));
    difference.questions.iter().for_each(|question| comment(&mut text, question));
    text
}

/// A step as YAML.
pub(super) fn step_yaml(step: &WrittenStep) -> Yaml {
    let mut map = Mapping::new();
    map.insert(step.operation.into(), Yaml::Mapping(step.keys.clone()));
    Yaml::Mapping(map)
}

/// What lies between two schemas as the steps of a revision.
pub(super) fn steps(
    notation: &Notation,
    before: &Schema,
    difference: &Difference,
) -> Result<Vec<WrittenStep>, Diagnostic> {
    notation.steps(before, &difference.changes).map_err(|reason| {
        Diagnostic::error(&codes::NOT_A_STEP, format!("the language has no words for a part of this: {reason}"))
    })
}

fn as_json(value: &Yaml) -> Value {
    match value {
        Yaml::Null => Value::Null,
        Yaml::Bool(value) => (*value).into(),
        Yaml::Number(number) => number
            .as_i64()
            .map(Value::from)
            .or_else(|| number.as_f64().and_then(serde_json::Number::from_f64).map(Value::Number))
            .unwrap_or_else(|| number.to_string().into()),
        Yaml::String(text) => text.as_str().into(),
        Yaml::Sequence(items) => items.iter().map(as_json).collect(),
        Yaml::Mapping(map) => map
            .iter()
            .map(|(key, value)| (key.as_str().map_or_else(String::new, str::to_owned), as_json(value)))
            .collect(),
        Yaml::Tagged(tagged) => as_json(&tagged.value),
    }
}
