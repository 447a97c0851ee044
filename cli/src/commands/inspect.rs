//! `aludel inspect`.

use std::path::{Path, PathBuf};

use aludel_engine::desired;
use aludel_engine::diagnostic::{Diagnostic, codes};
use aludel_engine::diff::creation;
use aludel_engine::execute::statements_script;
use aludel_engine::plan::{Statement, compile_changes};
use aludel_engine::project::planning::Reading;
use aludel_engine::project::write;
use aludel_engine::schema::Schema;
use clap::{Args, ValueEnum};
use serde::Serialize;

use super::script::unsupported;
use crate::app::App;
use crate::catalog::{Catalog, Filters, UnheldDocument, makeable, writable};
use crate::database::{Database, DatabaseDocument};
use crate::failure::{Answer, Failure};
use crate::machine;
use crate::render;
use crate::workspace::Workspace;

/// Show a database as a desired schema, as SQL or as a diagram
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub struct Inspect {
    /// What to make of it
    #[arg(long, value_enum, default_value = "yaml", hide_default_value = true)]
    pub format: Format,
    /// Write it to this file instead; no file is overwritten
    #[arg(short, long, value_name = "FILE")]
    pub output: Option<PathBuf>,
    /// Write a desired schema to this directory, one file for each table
    #[arg(long, value_name = "DIR", conflicts_with = "output")]
    pub split: Option<PathBuf>,
    /// Which part of the database
    #[command(flatten)]
    pub filters: Filters,
}

const EXAMPLES: &str = "\
Examples:
  aludel inspect -d postgres://app@localhost/shop     any database, with no project at hand
  aludel inspect -o schema.yaml                       the database `default` of the project
  aludel inspect --split schema                       one file for each table
  aludel inspect --format sql --include 'order*'      the CREATE statements of some tables
  aludel inspect --format mermaid -o schema.mmd
  aludel inspect --schemas app,audit --exclude '*_old'

A pattern without a dot is about the default schema, as in `tmp_*`; `audit.*` is about another.
The tables that Aludel keeps for itself are left out. What the language has no word for is told by
name. What is written is read again and compared with the database before it is given out.";

/// A form.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Format {
    /// A desired schema.
    Yaml,
    /// The statements that make it, for this kind of database.
    Sql,
    /// An entity-relationship diagram for Mermaid.
    Mermaid,
    /// A graph for Graphviz.
    Dot,
    /// One page for a browser.
    Html,
}

/// A database, written down.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct InspectDocument {
    /// The database.
    pub database: DatabaseDocument,
    /// The form.
    pub format: Format,
    /// How much there is.
    pub counts: Counts,
    /// The texts; of one text the path is null unless it was written to a file.
    pub files: Vec<InspectedFile>,
    /// What the model has no word for.
    pub unheld: Vec<UnheldDocument>,
}

/// How much there is in a database.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct Counts {
    /// Tables.
    pub tables: usize,
    /// Enums.
    pub enums: usize,
    /// Views, sequences, functions, triggers and the others.
    pub objects: usize,
}

/// A text.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct InspectedFile {
    /// Where it was written.
    pub path: Option<String>,
    /// The text.
    pub text: String,
}

impl Inspect {
    pub(crate) fn run(self, app: &App) -> Result<Answer, Failure> {
        if self.split.is_some() && self.format != Format::Yaml {
            return Err(Failure::usage("`--split` is for YAML alone", "leave `--format` out, or `--split`"));
        }
        let workspace = Workspace::open_anywhere(app)?;
        let database = Database::choose(&workspace)?;
        let mut session = database.connect(&workspace, false)?;
        let dialect = session.connection.dialect();
        let document = database.document(&*dialect);
        let reading = workspace.reading(dialect, Some(&database)).map_err(|problem| workspace.refuse(problem))?;
        let scope = self.filters.scope(&session.journal, &workspace.project.config, []);
        let mut found = session.catalog(&scope).map_err(|problem| workspace.refuse(problem))?;
        if self.filters.include.is_empty() {
            found.without_tools();
        }
        found.cut_loose();
        found.schema = desired::plain(&found.schema, &*reading.dialect);
        let notation = workspace.notation(&reading);
        let odd = match self.format {
            Format::Yaml => found.without_odd(&reading, &|schema| writable(&reading, &notation, schema)),
            Format::Sql => found.without_odd(&reading, &|schema| makeable(&reading, schema)),
            Format::Mermaid | Format::Dot | Format::Html => Ok(()),
        };
        odd.map_err(|problem| workspace.refuse(problem))?;
        let Catalog { schema, unheld } = found;
        let texts = match self.format {
            Format::Yaml => written(&workspace, &reading, &schema, self.split.is_some())?,
            Format::Sql => vec![(String::new(), statements(&workspace, &reading, &schema, &document)?)],
            Format::Mermaid => vec![(String::new(), render::er::mermaid(&schema))],
            Format::Dot => vec![(String::new(), render::er::dot(&schema))],
            Format::Html => vec![(String::new(), render::er::html(&schema, &document.name))],
        };
        let target = |path: &str| match (&self.split, &self.output) {
            (Some(directory), _) => Some(directory.join(path)),
            (None, Some(file)) => Some(file.clone()),
            (None, None) => None,
        };
        let texts: Vec<(Option<PathBuf>, String)> =
            texts.into_iter().map(|(path, text)| (target(&path), text)).collect();
        create_all(&texts).map_err(|problem| workspace.refuse(problem))?;
        tell_unheld(app, &document.name, &unheld);
        let files = texts
            .into_iter()
            .map(|(path, text)| InspectedFile { path: path.map(|path| path.display().to_string()), text });
        let answer = InspectDocument {
            database: document,
            format: self.format,
            counts: counts(&schema),
            files: files.collect(),
            unheld,
        };
        match answer.files.as_slice() {
            [only] if only.path.is_none() => app.terminal.script(&answer, &only.text)?,
            _ => app.terminal.result(&answer, || {
                let paths: Vec<String> = answer.files.iter().filter_map(|file| file.path.clone()).collect();
                render::made(&paths)
            })?,
        }
        Ok(Answer::Done)
    }
}

/// How much there is.
pub(super) fn counts(schema: &Schema) -> Counts {
    Counts { tables: schema.tables().count(), enums: schema.enums().count(), objects: schema.objects().count() }
}

/// A schema as the files of a desired schema, by path, after the proof that they read back as it.
pub(super) fn written(
    workspace: &Workspace<'_>,
    reading: &Reading,
    schema: &Schema,
    split: bool,
) -> Result<Vec<(String, String)>, Failure> {
    let notation = workspace.notation(reading);
    let texts = match split {
        true => desired::files(schema, &notation),
        false => vec![("schema.yaml".to_owned(), desired::write(schema, &notation))],
    };
    desired::reads_back(&texts, schema, &reading.context()).map_err(|differences| {
        let message = "what was found does not read back as the same, so nothing is written";
        let diagnostic = Diagnostic::error(&codes::NOT_WRITTEN_DOWN, message);
        workspace.refuse(differences.into_iter().take(20).fold(diagnostic, Diagnostic::note))
    })?;
    Ok(texts)
}

fn statements(
    workspace: &Workspace<'_>,
    reading: &Reading,
    schema: &Schema,
    document: &DatabaseDocument,
) -> Result<String, Failure> {
    let changes = creation(schema);
    let dialect = &*reading.dialect;
    let compiled = compile_changes(dialect, &changes, &Schema::default());
    let compiled = compiled.map_err(|refusal| unsupported(workspace, refusal))?;
    let statements: Vec<Statement> = compiled.into_iter().flat_map(|(_, statements)| statements).collect();
    let words = format!("{}: {} as it is\nfor {} {}", machine::TOOL, document.name, document.dialect, document.version);
    Ok(statements_script(&statements, dialect, &words))
}

/// Makes files, or none of them.
pub(super) fn create_all(texts: &[(Option<PathBuf>, String)]) -> Result<(), Diagnostic> {
    let paths = || texts.iter().filter_map(|(path, _)| path.as_deref());
    refuse_present(paths())?;
    for (path, text) in texts {
        if let Some(path) = path {
            write::create(path, text)?;
        }
    }
    Ok(())
}

/// Refuses files that are there already.
pub(super) fn refuse_present<'p>(paths: impl Iterator<Item = &'p Path>) -> Result<(), Diagnostic> {
    for path in paths {
        if path.symlink_metadata().is_ok() {
            return Err(Diagnostic::error(&codes::FILE_EXISTS, format!("`{}` exists already", path.display()))
                .help("no file is overwritten; remove it, or name another place"));
        }
    }
    Ok(())
}

/// Tells what the model has no word for.
pub(super) fn tell_unheld(app: &App, name: &str, unheld: &[UnheldDocument]) {
    if unheld.is_empty() {
        return;
    }
    let lines: Vec<String> = unheld.iter().map(|one| format!("  {}", one.line())).collect();
    app.terminal.caution(&format!("not in the model of `{name}`, so not in what is written:\n{}", lines.join("\n")));
}
