//! `aludel revision --autogenerate`.

use std::collections::BTreeSet;

use aludel_engine::diagnostic::{Diagnostic, Diagnostics, codes};
use aludel_engine::diff::ByDatabase;
use aludel_engine::project::DesiredFiles;
use aludel_engine::project::autogenerate::{self, Against, Generated};
use aludel_engine::project::planning::Reading;
use aludel_engine::revision::RevisionId;
use aludel_engine::schema::Schema;
use serde::Serialize;
use serde_json::Value;

use super::difference::question;
use super::inspect::tell_unheld;
use super::new_file::NewDocument;
use super::revision::Revision;
use crate::catalog::{Catalog, Filters, narrowed};
use crate::database::Database;
use crate::failure::{Answer, Failure};
use crate::render::count;
use crate::workspace::Workspace;

/// What was generated.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct GeneratedDocument {
    /// The new revision; null where nothing is to be done, or only the SQL was asked for.
    pub revision: Option<NewDocument>,
    /// Its steps, as they stand in the file.
    pub steps: Vec<Value>,
    /// What is to be answered before it can run, and what may be one thing under two names.
    pub questions: Vec<String>,
    /// What a step loses or may fail for, and what is different and no step brings about (`not done: `).
    pub remarks: Vec<String>,
    /// The SQL, where it was asked for.
    pub sql: Option<String>,
}

impl Revision {
    /// Makes a revision of what leads to the desired schema.
    pub(super) fn generate(self, workspace: &mut Workspace<'_>, parents: Vec<RevisionId>) -> Result<Answer, Failure> {
        let app = workspace.app;
        let generated = self.generated(workspace, &parents)?;
        let left: Vec<String> = generated.remarks().iter().map(|remark| format!("not done: {remark}")).collect();
        let asked = generated.questions();
        let names: Vec<String> = generated.lookalikes().into_iter().map(question).collect();
        let mut document = GeneratedDocument {
            revision: None,
            steps: generated.steps.iter().filter_map(|step| serde_json::to_value(step.document()).ok()).collect(),
            questions: names.iter().chain(&asked).cloned().collect(),
            remarks: generated.warnings().into_iter().chain(left.iter().cloned()).collect(),
            sql: None,
        };
        left.iter().for_each(|remark| app.terminal.note(remark));
        if self.sql {
            let sql = self.sql_of(workspace, &generated, &names, &left)?;
            let told =
                |kind: &str, words: &[String]| words.iter().map(|words| format!("{kind}: {words}")).collect::<Vec<_>>();
            let lines: Vec<String> =
                [told("question", &document.questions), told("mind", &generated.warnings())].concat();
            lines.iter().for_each(|line| app.terminal.note(line));
            document.sql = Some(sql.clone());
            app.terminal.result(&document, || sql)?;
            return Ok(Answer::Done);
        }
        if generated.is_empty() {
            app.terminal.result(&document, || "nothing to do: the desired schema is reached\n".to_owned())?;
            return Ok(Answer::Done);
        }
        let created = self.file.create(workspace, parents, self.message, Some(generated.text()))?;
        if !asked.is_empty() {
            let what = count(asked.len(), "question");
            app.terminal.note(&format!("{what} to be answered in it: look for `ask`"));
        }
        document.revision = Some(created.clone());
        app.terminal.result(&document, || format!("{}\n", created.file))?;
        Ok(Answer::Done)
    }

    fn generated(&self, workspace: &mut Workspace<'_>, parents: &[RevisionId]) -> Result<Generated, Failure> {
        let mut diagnostics = Diagnostics::default();
        let files = DesiredFiles::load(&mut workspace.project, &mut diagnostics);
        if diagnostics.has_errors() {
            return Err(workspace.refuse_for(diagnostics));
        }
        let Some(files) = files else {
            return Err(workspace.refuse(
                Diagnostic::error(&codes::NO_DESIRED_SCHEMA, "aludel.yaml names no desired schema")
                    .help("write `schema: schema` there and the tables into `schema/`; `aludel inspect` makes such files from a database"),
            ));
        };
        let mut rows: BTreeSet<RevisionId> = parents.iter().cloned().collect();
        for dependency in self.file.dependencies(workspace)? {
            rows.extend(workspace.resolve(&[dependency])?);
        }
        let readings = self.readings(workspace)?;
        let made = match &self.against {
            None => {
                autogenerate::autogenerate(&workspace.project, &mut workspace.history, &readings, &files, &rows, None)
            }
            Some(name) => {
                let database = against(workspace, name)?;
                let session = database.connect(workspace, false)?;
                let mut connection = session.connection;
                let only: Vec<Reading> = readings
                    .into_iter()
                    .filter(|reading| reading.dialect.name() == connection.dialect().name())
                    .map(|reading| Reading { dialect: connection.dialect(), ..reading })
                    .collect();
                if only.is_empty() {
                    let name = connection.dialect().name();
                    return Err(workspace.refuse(
                        Diagnostic::error(&codes::USAGE, format!("the project has no dialect `{name}`"))
                            .help("`--against` takes a database of one of the project's dialects"),
                    ));
                }
                let Known { namespaces, schema: known } = known(workspace, &only, &files, &rows)?;
                let scope = Filters::default().scope(&session.journal, &workspace.project.config, namespaces);
                let found =
                    connection.introspect(&scope).map_err(|error| workspace.refuse(database.uninspectable(&error)))?;
                let mut found = Catalog { schema: narrowed(&found, &scope), unheld: Vec::new() };
                if let Some(reading) = only.first() {
                    found.beside(&known, &scope, reading, &workspace.notation(reading));
                }
                tell_unheld(workspace.app, &database.name, &found.unheld);
                let found = found.schema;
                let mut judge = ByDatabase { connection: &mut *connection, from_is_found: true };
                let against = Against { found: &found, judge: &mut judge };
                autogenerate::autogenerate(
                    &workspace.project,
                    &mut workspace.history,
                    &only,
                    &files,
                    &rows,
                    Some(against),
                )
            }
        };
        made.map_err(|failure| match failure {
            autogenerate::Failure::Refused(problems) => workspace.refuse_for(problems),
            autogenerate::Failure::Database(error) => {
                workspace.refuse(Diagnostic::error(&codes::CONNECTION, format!("the database did not answer: {error}")))
            }
        })
    }

    /// The dialects of the project, or the one that the SQL is asked for.
    fn readings(&self, workspace: &Workspace<'_>) -> Result<Vec<Reading>, Failure> {
        if !self.sql {
            let readings = workspace.readings();
            if readings.is_empty() {
                return Err(Failure::usage(
                    "nothing says for which dialects the project is",
                    "name them under `dialects` in aludel.yaml, or a database under `databases`",
                ));
            }
            return Ok(readings);
        }
        let (dialect, database) = workspace.offline_dialect(self.dialect.as_deref())?;
        Ok(vec![workspace.reading(dialect, database.as_ref()).map_err(|problem| workspace.refuse(problem))?])
    }

    /// The statements, with what is not said and what is lost as comments: first what is about no statement, then at each.
    fn sql_of(
        &self,
        workspace: &Workspace<'_>,
        generated: &Generated,
        names: &[String],
        left: &[String],
    ) -> Result<String, Failure> {
        let Some((reading, ..)) = generated.by_dialect.first() else { return Ok(String::new()) };
        let script = generated.script(reading.dialect.name()).map_err(|problem| workspace.refuse(problem))?;
        let mut sql = String::new();
        let comment =
            |sql: &mut String, words: &str| words.lines().for_each(|line| sql.push_str(&format!("-- {line}\n")));
        names.iter().for_each(|words| comment(&mut sql, &format!("question: {words}")));
        left.iter().for_each(|words| comment(&mut sql, words));
        for group in script {
            group.questions.iter().for_each(|words| comment(&mut sql, &format!("question: {words}")));
            group.remarks.iter().for_each(|words| comment(&mut sql, &format!("mind: {words}")));
            for statement in group.statements {
                statement.notes.iter().for_each(|note| comment(&mut sql, note));
                for text in statement.prologue.iter().chain([&statement.sql]).chain(&statement.epilogue) {
                    sql.push_str(&reading.dialect.terminated(text));
                    sql.push('\n');
                }
            }
        }
        Ok(sql)
    }
}

/// The database to start from: the one named, or that of `-d`.
fn against(workspace: &Workspace<'_>, name: &str) -> Result<Database, Failure> {
    let configured = workspace.project.config.databases.contains_key(name);
    match name == "database" && !configured {
        true => Database::choose(workspace),
        false => Database::of(workspace, name),
    }
}

/// What the history or the desired schema speaks of.
struct Known {
    namespaces: Vec<String>,
    schema: Schema,
}

fn known(
    workspace: &mut Workspace<'_>,
    readings: &[Reading],
    files: &DesiredFiles,
    rows: &BTreeSet<RevisionId>,
) -> Result<Known, Failure> {
    let mut namespaces: BTreeSet<String> = BTreeSet::new();
    let mut known = Schema::default();
    for reading in readings {
        let present = autogenerate::schema_at(&workspace.project, &mut workspace.history, reading, rows)
            .map_err(|problems| workspace.refuse_for(problems))?;
        let desired = files.read(reading, &mut Diagnostics::default());
        for schema in [&desired.schema, &present] {
            namespaces.extend(schema.namespaces());
            schema.tables().cloned().for_each(|table| known.put_table(table));
            schema.enums().cloned().for_each(|found| known.put_enum(found));
            schema.objects().cloned().for_each(|object| known.put_object(object));
        }
    }
    Ok(Known { namespaces: namespaces.into_iter().collect(), schema: known })
}
