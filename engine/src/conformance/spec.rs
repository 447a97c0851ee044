//! Cases: the files, and how one is read.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use super::each::{self, Item};
use super::neighbours::without_others;
use crate::diagnostic::{Diagnostic, Diagnostics, codes, render};
use crate::dialect::{Dialect, Version};
use crate::operation::Operation;
use crate::source::{Decode, FileId, MapReader, Node, NodeKind, Sources, Span, entries, one_or_many, parse};

/// Directories of cases that are about no operation in particular.
const TOPICS: [&str; 3] = ["dialects", "identifiers", "revisions"];

/// A file with a case.
#[derive(Debug)]
pub(super) struct Case {
    /// The directory: an operation or a topic.
    pub(super) operation: String,
    /// The name of the file without its ending.
    pub(super) name: String,
    file: PathBuf,
    /// The item of the list that the case is written for, if it is one of many.
    pub(super) item: Option<Item>,
}

impl Case {
    /// `add_column::nullable`, for the name of a test.
    pub(super) fn path(&self) -> String {
        match &self.item {
            None => format!("{}::{}", self.operation, self.name),
            Some(item) => format!("{}::{}::{}", self.operation, self.name, item.about),
        }
    }

    /// Where the file is, from the root of the repository.
    pub(super) fn shown(&self) -> String {
        format!("specs/{}/{}.yaml", self.operation, self.name)
    }

    /// Reads the case as the dialects of one driver see it, for one of them.
    pub(super) fn read(&self, own: &[&str], dialect: &dyn Dialect) -> Result<Spec, String> {
        let text = std::fs::read_to_string(&self.file).map_err(|error| format!("{}: {error}", self.shown()))?;
        let mut sources = Sources::default();
        let file = sources.add(self.shown(), text);
        let mut diagnostics = Diagnostics::default();
        let spec = parse(&sources, file, &mut diagnostics).and_then(|node| {
            let node = match &self.item {
                None => node,
                Some(item) => item.fill(&node, dialect).map_err(|why| diagnostics.push(why)).ok()?,
            };
            let mut spec = Spec::read(&without_others(&node, own), dialect.name(), file, &mut diagnostics)?;
            if let Some(item) = &self.item {
                spec.unless.extend(unless(&without_others(&item.unless, own), &mut diagnostics)?);
            }
            Some(spec)
        });
        match spec {
            Some(mut spec) if !diagnostics.has_errors() => {
                spec.sources = sources;
                Ok(spec)
            }
            _ => Err(shown(&diagnostics, &sources)),
        }
    }
}

/// Every case in a directory, by name.
pub(super) fn find(specs: &Path) -> Result<Vec<Case>, String> {
    let mut cases = Vec::new();
    for operation in Operation::NAMES.iter().copied().chain(TOPICS) {
        let directory = specs.join(operation);
        let Ok(files) = std::fs::read_dir(&directory) else { continue };
        for file in files {
            let file = file.map_err(|error| format!("{}: {error}", directory.display()))?.path();
            let name = file.file_stem().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
            if file.extension().is_some_and(|ending| ending == "yaml") {
                let case =
                    |item| Case { operation: operation.to_owned(), name: name.clone(), file: file.clone(), item };
                match each::items(specs, &file)? {
                    None => cases.push(case(None)),
                    Some(items) => cases.extend(items.into_iter().map(|item| case(Some(item)))),
                }
            }
        }
    }
    cases.sort_by_key(Case::path);
    Ok(cases)
}

/// What a case says, for one dialect.
#[derive(Debug)]
pub(super) struct Spec {
    /// What it shows, in a sentence.
    pub(super) about: String,
    /// The steps before.
    pub(super) given: Node,
    /// Rows to put in between: table and rows.
    pub(super) rows: Vec<(String, Node)>,
    /// The steps it is about.
    pub(super) when: Node,
    /// The written downgrade of those, if the case has one.
    pub(super) downgrade: Option<Node>,
    /// Whether the steps may run in a transaction.
    pub(super) transaction: bool,
    /// What the schema looks like after them, in part.
    pub(super) schema: Option<Node>,
    /// The rows after them, by table. Tables not named keep theirs.
    pub(super) rows_after: Vec<(String, Node)>,
    /// The rows after them in the words the server prints, by table; for texts, whose way into the database is at stake.
    pub(super) cells_after: Vec<(String, Node)>,
    /// The rows after the downgrade, by table.
    pub(super) rows_after_down: Vec<(String, Node)>,
    /// Whether the steps can be taken back.
    pub(super) reversible: bool,
    /// The database is to refuse the steps for the rows that are there, with a message that has these words. What was
    /// there before is there afterwards.
    pub(super) fails: Option<String>,
    /// Refusals by dialect and version.
    pub(super) unless: Vec<Unless>,
    /// The dialects it is for; all when none.
    pub(super) only: Option<Vec<String>>,
    /// Files beside the revisions: path and text.
    pub(super) files: Vec<(String, String)>,
    /// The values of `${var:name}`.
    pub(super) variables: BTreeMap<String, String>,
    /// The text, for messages.
    pub(super) sources: Sources,
    /// The file in it.
    pub(super) file: FileId,
}

/// A dialect that has to refuse the case.
#[derive(Debug)]
pub(super) struct Unless {
    dialect: String,
    /// This version and those before it.
    up_to: Option<Version>,
    /// How many numbers of the version count.
    parts: usize,
    /// The code of the error.
    pub(super) code: String,
}

impl Spec {
    fn read(node: &Node, dialect: &str, file: FileId, diagnostics: &mut Diagnostics) -> Option<Spec> {
        let nothing = || Node { span: Span::default(), kind: NodeKind::Sequence(Vec::new()) };
        let mut map = MapReader::new(node, "case", diagnostics)?;
        let about = map.need("about", diagnostics);
        map.optional("each");
        let given = map.optional("given").cloned().unwrap_or_else(nothing);
        let rows = map.optional("rows").map(|node| tables(node, diagnostics)).unwrap_or_default();
        let when = map.required("when", diagnostics).cloned();
        let downgrade = map.optional("downgrade").cloned();
        let transaction = map.get("transaction", diagnostics).unwrap_or(true);
        let then =
            map.optional("then").cloned().unwrap_or(Node { span: node.span, kind: NodeKind::Mapping(Vec::new()) });
        let own = then.get(dialect).cloned();
        let mut schema = None;
        let mut rows_after = Vec::new();
        let mut cells_after = Vec::new();
        let mut reversible = true;
        let mut fails = None;
        for (part, is_own) in [(Some(&then), false), (own.as_ref(), true)] {
            let Some(mut then) = part.and_then(|node| MapReader::new(node, "then", diagnostics)) else { continue };
            schema = then.optional("schema").cloned().or(schema);
            if let Some(node) = then.optional("rows") {
                rows_after = tables(node, diagnostics);
            }
            if let Some(node) = then.optional("cells") {
                cells_after = tables(node, diagnostics);
            }
            reversible = then.get("reversible", diagnostics).unwrap_or(reversible);
            fails = then.get("fails", diagnostics).or(fails);
            if !is_own {
                for dialect in ["sqlite", "postgres", "mysql", "mariadb"] {
                    then.optional(dialect);
                }
            }
            then.finish(diagnostics);
        }
        let rows_after_down = map.optional("rows_after_down").map(|node| tables(node, diagnostics)).unwrap_or_default();
        let unless = map.optional("unless").and_then(|node| unless(node, diagnostics)).unwrap_or_default();
        let only = map.optional("only").and_then(|node| one_or_many(node, diagnostics));
        let files = map.optional("files").and_then(|node| variables(node, diagnostics));
        let variables = map.optional("variables").and_then(|node| variables(node, diagnostics)).unwrap_or_default();
        let files = files.unwrap_or_default().into_iter().collect();
        map.finish(diagnostics);
        Some(Spec {
            about: about?,
            given,
            rows,
            when: when?,
            downgrade,
            transaction,
            schema,
            rows_after,
            cells_after,
            rows_after_down,
            reversible,
            fails,
            unless,
            only,
            files,
            variables,
            sources: Sources::default(),
            file,
        })
    }

    /// Whether the case says anything for a dialect.
    pub(super) fn is_for(&self, dialect: &str) -> bool {
        self.only.as_ref().is_none_or(|only| only.iter().any(|name| name == dialect))
    }

    /// The code of the refusal that is due from a dialect.
    pub(super) fn refusal(&self, dialect: &str, version: Version) -> Option<&str> {
        refusal(&self.unless, dialect, version)
    }

    /// Messages with the lines they are about.
    pub(super) fn shown(&self, diagnostics: &Diagnostics) -> String {
        shown(diagnostics, &self.sources)
    }
}

/// The code of the refusal that is due from a dialect.
pub(super) fn refusal<'u>(unless: &'u [Unless], dialect: &str, version: Version) -> Option<&'u str> {
    let applies = |unless: &&Unless| {
        unless.dialect == dialect
            && unless.up_to.is_none_or(|up_to| {
                let parts = |version: Version| [version.major, version.minor, version.patch];
                parts(version)[..unless.parts] <= parts(up_to)[..unless.parts]
            })
    };
    unless.iter().find(applies).map(|unless| unless.code.as_str())
}

/// Messages with the lines they are about.
pub(super) fn shown(diagnostics: &Diagnostics, sources: &Sources) -> String {
    let texts: Vec<String> = diagnostics.sorted().iter().map(|found| render(found, sources, false)).collect();
    texts.join("\n\n")
}

fn tables(node: &Node, diagnostics: &mut Diagnostics) -> Vec<(String, Node)> {
    entries(node, diagnostics).unwrap_or_default().iter().map(|(key, rows)| (key.name.clone(), rows.clone())).collect()
}

fn variables(node: &Node, diagnostics: &mut Diagnostics) -> Option<BTreeMap<String, String>> {
    let pairs = entries(node, diagnostics)?;
    pairs.iter().map(|(key, value)| Some((key.name.clone(), String::decode(value, diagnostics)?))).collect()
}

/// Reads who must refuse a case.
pub(super) fn unless(node: &Node, diagnostics: &mut Diagnostics) -> Option<Vec<Unless>> {
    let mut list = Vec::new();
    for (key, value) in entries(node, diagnostics)? {
        let (dialect, version) = match key.name.split_once('@') {
            Some((dialect, version)) => (dialect, Some(version)),
            None => (key.name.as_str(), None),
        };
        let up_to = match version.map(str::parse::<Version>).transpose() {
            Ok(up_to) => up_to,
            Err(why) => {
                diagnostics.push(Diagnostic::error(&codes::WRONG_VALUE, why).at(key.span, "here"));
                return None;
            }
        };
        let mut map = MapReader::new(value, "unless", diagnostics)?.needs(&["code", "reason"]);
        let code: Option<String> = map.need("code", diagnostics);
        let reason: Option<String> = map.need("reason", diagnostics);
        map.finish(diagnostics);
        let parts = version.map_or(0, |version| version.split('.').count()).min(3);
        list.push(Unless { dialect: dialect.to_owned(), up_to, parts, code: reason.and(code)? });
    }
    Some(list)
}
