//! Pairs: the files, and how one is read.

use std::path::{Path, PathBuf};

use serde_yaml::{Mapping, Value as Yaml};

use crate::conformance::neighbours::without_others;
use crate::conformance::spec::{Unless, refusal, shown, unless};
use crate::desired::{Desired, read};
use crate::diagnostic::{Diagnostic, Diagnostics, codes};
use crate::dialect::Dialect;
use crate::operation::Context;
use crate::source::{MapReader, Node, NodeKind, Sources, Span, entries, one_or_many, parse};

/// The directory of pairs.
const DIRECTORY: &str = "diff";

/// A pair in a file.
#[derive(Debug)]
pub(in crate::conformance) struct Pair {
    file: PathBuf,
    /// Its name in the file, if that has several.
    name: Option<String>,
}

/// Every pair, by file and then as written.
///
/// # Errors
/// When a file cannot be read.
pub(in crate::conformance) fn find(specs: &Path) -> Result<Vec<Pair>, String> {
    let Ok(files) = std::fs::read_dir(specs.join(DIRECTORY)) else { return Ok(Vec::new()) };
    let mut paths: Vec<PathBuf> = files.filter_map(|file| Some(file.ok()?.path())).collect();
    paths.retain(|path| path.extension().is_some_and(|ending| ending == "yaml"));
    paths.sort();
    let mut pairs = Vec::new();
    for file in paths {
        let (sources, node) = document(&file)?;
        let mut diagnostics = Diagnostics::default();
        match node.get("cases").map(|cases| entries(cases, &mut diagnostics)) {
            None => pairs.push(Pair { file, name: None }),
            Some(Some(cases)) => {
                let names = cases.iter().map(|(key, _)| Pair { file: file.clone(), name: Some(key.name.clone()) });
                pairs.extend(names);
            }
            Some(None) => return Err(shown(&diagnostics, &sources)),
        }
    }
    Ok(pairs)
}

fn document(file: &Path) -> Result<(Sources, Node), String> {
    let text = std::fs::read_to_string(file).map_err(|error| format!("{}: {error}", file.display()))?;
    let name = file.file_name().unwrap_or_default().to_string_lossy();
    let mut sources = Sources::default();
    let mut diagnostics = Diagnostics::default();
    let id = sources.add(format!("specs/{DIRECTORY}/{name}"), text);
    match parse(&sources, id, &mut diagnostics) {
        Some(node) if !diagnostics.has_errors() => Ok((sources, node)),
        _ => Err(shown(&diagnostics, &sources)),
    }
}

impl Pair {
    /// `indexes::predicate_changed`, for the name of a test.
    pub(in crate::conformance) fn path(&self) -> String {
        let file = self.file.file_stem().unwrap_or_default().to_string_lossy();
        match &self.name {
            Some(name) => format!("{file}::{name}"),
            None => file.into_owned(),
        }
    }

    /// Reads the pair as the dialects of one driver see it, for one of them.
    pub(super) fn read(&self, own: &[&str], dialect: &dyn Dialect) -> Result<Case, String> {
        let (sources, node) = document(&self.file)?;
        let mut diagnostics = Diagnostics::default();
        let case = self.own(&node, &mut diagnostics).and_then(|(node, common)| {
            Case::read(&without_others(node, own), common.as_ref(), dialect, &mut diagnostics)
        });
        match case {
            Some(mut case) if !diagnostics.has_errors() => {
                case.sources = sources;
                Ok(case)
            }
            _ => Err(shown(&diagnostics, &sources)),
        }
    }

    /// The map of the pair, and the `only` of its file.
    fn own<'n>(&self, file: &'n Node, diagnostics: &mut Diagnostics) -> Option<(&'n Node, Option<Node>)> {
        let Some(name) = &self.name else { return Some((file, None)) };
        let mut map = MapReader::new(file, "file of pairs", diagnostics)?;
        let _: Option<String> = map.need("about", diagnostics);
        let only = map.optional("only").cloned();
        let cases = map.required("cases", diagnostics)?;
        map.finish(diagnostics);
        cases.get(name).map(|case| (case, only))
    }
}

/// What a case expects: the two are the same, or these steps.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Expected {
    /// Nothing, by the text already.
    Same,
    /// Nothing, once the database has been asked.
    SameToTheDatabase,
    /// Steps.
    Steps(Vec<Yaml>),
}

/// What a pair says, for one dialect.
#[derive(Debug)]
pub(super) struct Case {
    from: Node,
    to: Node,
    pub(super) then: Expected,
    /// The steps where the database was asked.
    pub(super) found: Vec<Yaml>,
    pub(super) remarks: Vec<String>,
    pub(super) lookalikes: Vec<String>,
    /// What no step brings about where `to` is the history of a database that is as `from` says.
    pub(super) drift: Vec<String>,
    pub(super) answers: Mapping,
    /// Whether the way back can be taken on a database.
    pub(super) back: bool,
    unless: Vec<Unless>,
    only: Option<Vec<String>>,
    sources: Sources,
}

impl Case {
    fn read(node: &Node, common: Option<&Node>, dialect: &dyn Dialect, diagnostics: &mut Diagnostics) -> Option<Case> {
        let nothing = || Node { span: Span::default(), kind: NodeKind::Mapping(Vec::new()) };
        let mut map = MapReader::new(node, "pair", diagnostics)?;
        let _: Option<String> = map.need("about", diagnostics);
        let only = map.optional("only").or(common).and_then(|node| one_or_many(node, diagnostics));
        let from = map.optional("from").cloned().unwrap_or_else(nothing);
        let to = map.optional("to").cloned();
        let same = map.optional("same").cloned();
        let mut list = |key: &'static str| map.optional(key).map(|node| of_dialect(node, dialect));
        let (then, found, remarks, lookalikes) = (list("then"), list("found"), list("remarks"), list("lookalikes"));
        let drift = list("drift");
        let answers = map.optional("answers").map(yaml);
        let back = map.get("back", diagnostics).unwrap_or(true);
        let unless = map.optional("unless").and_then(|node| unless(node, diagnostics)).unwrap_or_default();
        map.finish(diagnostics);
        let then = match (&same.as_ref().map(|node| &node.kind), then) {
            (Some(NodeKind::Bool(true)), None) => Expected::Same,
            (Some(NodeKind::String(word)), None) if word == "database" => Expected::SameToTheDatabase,
            (None, Some(steps)) => Expected::Steps(steps),
            (None, None) => Expected::Steps(Vec::new()),
            _ => {
                let message = "a pair has `then`, or `same: true` or `same: database`";
                diagnostics.push(Diagnostic::error(&codes::CONTRADICTION, message).at(node.span, "in this one"));
                return None;
            }
        };
        let found = match (found, &then) {
            (Some(steps), _) => steps,
            (None, Expected::Steps(steps)) => steps.clone(),
            _ => Vec::new(),
        };
        let words = |items: Option<Vec<Yaml>>| {
            items.unwrap_or_default().iter().filter_map(|item| item.as_str().map(str::to_owned)).collect()
        };
        Some(Case {
            to: to.unwrap_or_else(|| if matches!(then, Expected::Steps(_)) { nothing() } else { from.clone() }),
            from,
            then,
            found,
            remarks: words(remarks),
            lookalikes: words(lookalikes),
            drift: words(drift),
            answers: match answers {
                Some(Yaml::Mapping(map)) => map,
                _ => Mapping::new(),
            },
            back,
            unless,
            only,
            sources: Sources::default(),
        })
    }

    /// Whether the case says anything for a dialect.
    pub(super) fn is_for(&self, dialect: &str) -> bool {
        self.only.as_ref().is_none_or(|only| only.iter().any(|name| name == dialect))
    }

    /// The code of the refusal that is due.
    pub(super) fn refusal(&self, context: &Context) -> Option<&str> {
        refusal(&self.unless, context.dialect.name(), context.dialect.version())
    }

    /// The schema before.
    pub(super) fn from(&self, context: &Context, diagnostics: &mut Diagnostics) -> Desired {
        read(&[&self.from], context, diagnostics)
    }

    /// The schema after.
    pub(super) fn to(&self, context: &Context, diagnostics: &mut Diagnostics) -> Desired {
        read(&[&self.to], context, diagnostics)
    }

    /// Messages with the lines they are about.
    pub(super) fn shown(&self, diagnostics: &Diagnostics) -> String {
        shown(diagnostics, &self.sources)
    }
}

/// The list that counts for a dialect: the list itself, or that of a map by dialect.
fn of_dialect(node: &Node, dialect: &dyn Dialect) -> Vec<Yaml> {
    let own = [Some(dialect.name()), dialect.inherits(), Some("others")];
    let list = match &node.kind {
        NodeKind::Mapping(_) => own.into_iter().flatten().find_map(|name| node.get(name)),
        _ => Some(node),
    };
    match list.map(yaml) {
        Some(Yaml::Sequence(items)) => items,
        _ => Vec::new(),
    }
}

/// What stands in a case, in the order written.
pub(super) fn yaml(node: &Node) -> Yaml {
    match &node.kind {
        NodeKind::Null => Yaml::Null,
        NodeKind::Bool(value) => (*value).into(),
        NodeKind::Integer(number) => (*number).into(),
        NodeKind::Number(text) => serde_yaml::from_str(text).unwrap_or_else(|_| text.as_str().into()),
        NodeKind::String(text) => text.as_str().into(),
        NodeKind::Sequence(items) => Yaml::Sequence(items.iter().map(yaml).collect()),
        NodeKind::Mapping(entries) => {
            Yaml::Mapping(entries.iter().map(|(key, value)| (key.name.as_str().into(), yaml(value))).collect())
        }
    }
}
