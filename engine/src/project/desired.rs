//! The files of the desired schema.

use std::path::Path;

use super::Project;
use super::discovery::Walk;
use super::parallel;
use super::planning::Reading;
use crate::desired::{Desired, read};
use crate::diagnostic::{Diagnostic, Diagnostics, codes};
use crate::source::{Node, Span, parse, read_bytes};

/// The files that make up a desired schema, read once and for every dialect.
#[derive(Debug, Clone)]
pub struct DesiredFiles {
    nodes: Vec<Node>,
}

impl DesiredFiles {
    /// Reads what `schema` in aludel.yaml names; none when it names nothing. What is wrong is reported, and the texts stay in the
    /// project's sources.
    pub fn load(project: &mut Project, diagnostics: &mut Diagnostics) -> Option<DesiredFiles> {
        let setting = project.config.schema.clone()?;
        let path = project.path(&setting.value);
        Some(DesiredFiles::at(project, &path, Some(setting.span), diagnostics))
    }

    /// Reads a file, or every file of a directory that ends in `.yaml` or `.yml`. `span` is where the path is named, if in a file.
    pub fn at(project: &mut Project, path: &Path, span: Option<Span>, diagnostics: &mut Diagnostics) -> DesiredFiles {
        let mut walk = Walk::default();
        let mut refuse = |message: String, help: &str| {
            let diagnostic = Diagnostic::error(&codes::NO_DESIRED_SCHEMA, message).help(help);
            diagnostics.push(match span {
                Some(span) => diagnostic.at(span, "the desired schema"),
                None => diagnostic,
            });
        };
        let name = path.display();
        match std::fs::metadata(path) {
            Ok(metadata) if metadata.is_dir() => match walk.directory(path) {
                Ok(()) if walk.files.is_empty() => refuse(
                    format!("there is no file of a desired schema in `{name}`"),
                    "files that end in `.yaml` or `.yml` are searched; `tables: {}` is a schema with nothing in it",
                ),
                Ok(()) => {}
                Err(reason) => {
                    refuse(format!("the directory `{name}` cannot be read: {reason}"), "see that it can be read");
                }
            },
            Ok(_) => walk.files.push(path.to_owned()),
            Err(reason) => refuse(
                format!("the desired schema `{name}` cannot be read: {reason}"),
                "make it, for example with `aludel inspect`, or correct `schema` in aludel.yaml",
            ),
        }
        let texts = parallel::map(&walk.files, |file| read_bytes(file));
        let mut files = Vec::with_capacity(texts.len());
        for (path, bytes) in walk.files.iter().zip(texts) {
            match bytes.and_then(|bytes| project.sources.add_bytes(path, bytes)) {
                Ok(file) => files.push(file),
                Err(problem) => diagnostics.push(problem),
            }
        }
        let sources = &project.sources;
        let parsed = parallel::map(&files, |file| {
            let mut own = Diagnostics::default();
            (parse(sources, *file, &mut own), own)
        });
        let mut nodes = Vec::with_capacity(parsed.len());
        for (node, problems) in parsed {
            diagnostics.extend(problems);
            nodes.extend(node);
        }
        DesiredFiles { nodes }
    }

    /// The schema for a dialect. It is complete only when nothing is reported.
    #[must_use]
    pub fn read(&self, reading: &Reading, diagnostics: &mut Diagnostics) -> Desired {
        read(&self.nodes.iter().collect::<Vec<_>>(), &reading.context(), diagnostics)
    }
}

#[cfg(test)]
mod tests {
    use super::super::test_directory::TestDirectory;
    use super::*;
    use crate::diagnostic::render;
    use crate::testing::context;

    /// The tables of a project, and what is said.
    fn load(files: &[(&str, &str)]) -> (Vec<String>, String) {
        let directory = TestDirectory::new(files);
        let mut diagnostics = Diagnostics::default();
        let mut project = directory.open(&mut diagnostics);
        let context = context();
        let reading = Reading {
            dialect: context.dialect,
            dialects: context.dialects,
            variables: context.variables,
            naming: context.naming,
        };
        let found = DesiredFiles::load(&mut project, &mut diagnostics);
        let desired = found.map(|files| files.read(&reading, &mut diagnostics)).unwrap_or_default();
        let tables = desired.schema.tables().map(|table| table.name.to_string()).collect();
        let said: Vec<String> =
            diagnostics.sorted().iter().map(|found| render(found, &project.sources, false)).collect();
        let shown = said.join("\n").replace(&directory.path().display().to_string(), "");
        (tables, shown)
    }

    #[test]
    fn files_are_searched_below_a_directory() {
        let settings = ("aludel.yaml", "dialects: [sqlite]\nschema: schema\n");
        let (tables, said) = load(&[
            settings,
            ("schema/tables/a.yaml", "tables: {a: {columns: {id: {type: bigint, primary_key: true}}}}"),
            ("schema/b.yml", "tables: {b: {columns: {a_id: {type: bigint, references: {table: a}}}}}"),
            ("schema/.hidden.yaml", "nonsense"),
            ("schema/notes.txt", "nonsense"),
        ]);
        assert_eq!((tables, said.as_str()), (vec!["a".to_owned(), "b".to_owned()], ""));
        let (_, said) = load(&[settings, ("schema/notes.txt", "nonsense")]);
        assert!(said.contains("there is no file of a desired schema"), "{said}");
        assert!(said.contains("aludel.yaml:2:9"), "{said}");
        let (_, said) = load(&[settings]);
        assert!(said.contains("E0717") && said.contains("aludel inspect"), "{said}");
    }

    #[test]
    fn a_mistake_names_its_file() {
        let (_, said) = load(&[
            ("aludel.yaml", "dialects: [sqlite]\nschema: schema.yaml\n"),
            ("schema.yaml", "tables:\n  a:\n    colums: {id: bigint}\n"),
        ]);
        assert!(said.contains("schema.yaml:3:5"), "{said}");
        assert!(said.contains("did you mean `columns`?"), "{said}");
        let (tables, said) = load(&[("aludel.yaml", "dialects: [sqlite]\n")]);
        assert_eq!((tables.len(), said.as_str()), (0, ""));
    }
}
