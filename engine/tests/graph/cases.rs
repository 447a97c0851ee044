//! Runs `specs/graph`: graph, applied, command → steps and resulting rows, or an error.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use aludel_engine::diagnostic::{Diagnostic, Diagnostics};
use aludel_engine::revision::{Graph, Header, ReferenceError, RevisionId, RowChange};
use aludel_engine::source::{FileId, Node, NodeKind, Sources, Spanned, entries, items, parse, text};

use super::{header, ids, newest};

/// The files of a directory below `specs/graph`, by name.
pub fn files(directory: &str) -> Vec<PathBuf> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../specs/graph").join(directory);
    let mut paths: Vec<PathBuf> = std::fs::read_dir(root).unwrap().map(|entry| entry.unwrap().path()).collect();
    paths.retain(|path| path.extension().is_some_and(|e| e == "yaml"));
    paths.sort();
    assert!(!paths.is_empty());
    paths
}

pub fn read(path: &Path) -> Node {
    let mut sources = Sources::default();
    let file = sources.read(path).unwrap();
    let mut diagnostics = Diagnostics::default();
    let node = parse(&sources, file, &mut diagnostics);
    assert!(diagnostics.is_empty(), "{path:?}: {diagnostics:?}");
    node.unwrap()
}

pub fn words(node: Option<&Node>) -> Vec<String> {
    let mut ignored = Diagnostics::default();
    match node.map(|node| (&node.kind, node)) {
        None | Some((NodeKind::Null, _)) => Vec::new(),
        Some((NodeKind::Sequence(list), _)) => list.iter().filter_map(|item| text(item, &mut ignored)).collect(),
        Some((_, node)) => text(node, &mut ignored).into_iter().collect(),
    }
}

fn spanned<T>(values: Vec<T>, file: FileId) -> Vec<Spanned<T>> {
    let place = |at: usize| {
        let at = 10 + u32::try_from(at).unwrap() * 10;
        aludel_engine::source::Span { file, start: at, end: at + 1 }
    };
    values.into_iter().enumerate().map(|(at, value)| Spanned::new(value, place(at))).collect()
}

/// `b: a`, `b: [x, y]`, or `b: {after: a, needs: x, label: y, created: z}`; a list of such maps may repeat an id.
pub fn headers(node: &Node) -> Vec<Header> {
    let mut ignored = Diagnostics::default();
    let mut listed: Vec<(String, &Node)> = Vec::new();
    if let NodeKind::Sequence(list) = &node.kind {
        for item in list {
            listed.extend(entries(item, &mut ignored).unwrap().iter().map(|(key, value)| (key.name.clone(), value)));
        }
    } else {
        listed.extend(entries(node, &mut ignored).unwrap().iter().map(|(key, value)| (key.name.clone(), value)));
    }
    let mut out = Vec::new();
    for (file, (name, value)) in listed.into_iter().enumerate() {
        let mut header = header(&name, u32::try_from(file).unwrap());
        let map = matches!(value.kind, NodeKind::Mapping(_));
        let after = words(if map { value.get("after") } else { Some(value) });
        let parents = after.iter().map(|parent| super::id(parent)).collect();
        header.down_revisions = spanned(parents, header.file);
        header.depends_on = spanned(words(value.get("needs")), header.file);
        header.branch_labels = spanned(words(value.get("label")), header.file);
        header.created = words(value.get("created")).pop();
        out.push(header);
    }
    out
}

struct Case<'a> {
    graph: &'a Graph,
    node: &'a Node,
    rows: Option<BTreeSet<RevisionId>>,
}

impl Case<'_> {
    fn command(&self) -> (&str, Vec<String>) {
        let known = [
            "upgrade",
            "downgrade",
            "stamp",
            "resolve",
            "range",
            "applied",
            "real_heads",
            "labels",
            "rows_at",
            "parting",
            "heads",
        ];
        let name = known.iter().find(|name| self.node.get(name).is_some()).unwrap();
        (name, words(self.node.get(name)))
    }

    fn rows(&self) -> BTreeSet<RevisionId> {
        self.rows.clone().unwrap_or_default()
    }

    /// Runs steps one by one and gives the rows at the end, which must be those that the applied revisions ask for.
    fn run(&self, steps: &[RevisionId], up: bool) -> Result<BTreeSet<RevisionId>, ReferenceError> {
        let (mut rows, mut applied) = (self.rows(), self.graph.applied(&self.rows())?);
        for step in steps {
            let changes = if up {
                self.graph.rows_for_upgrade(&rows, step)?
            } else {
                self.graph.rows_for_downgrade(&rows, step)?
            };
            for change in &changes {
                assert!(change.apply(&mut rows), "{change:?} on {rows:?}");
            }
            assert!(if up { applied.insert(step.clone()) } else { applied.remove(step) }, "{step} twice");
            assert_eq!(rows, newest(self.graph, &applied), "rows after {step}");
        }
        Ok(rows)
    }

    fn outcome(&self) -> Result<Vec<(&'static str, Vec<String>)>, ReferenceError> {
        let strings = |ids: &mut dyn Iterator<Item = &RevisionId>| ids.map(ToString::to_string).collect::<Vec<_>>();
        let (command, arguments) = self.command();
        let first = arguments.first().map_or("", String::as_str);
        Ok(match command {
            "upgrade" | "downgrade" => {
                let up = command == "upgrade";
                let steps = if up {
                    self.graph.upgrade(&self.rows(), first)?
                } else {
                    self.graph.downgrade(&self.rows(), first)?
                };
                let rows = self.run(&steps, up)?;
                vec![("runs", strings(&mut steps.iter())), ("rows", strings(&mut rows.iter()))]
            }
            "stamp" => {
                let targets: Vec<&str> = arguments.iter().map(String::as_str).collect();
                let purge = self.node.get("purge").is_some();
                let changes = self.graph.rows_for_stamp(&self.rows(), &targets, purge)?;
                let mut rows = self.rows();
                changes.iter().for_each(|change| assert!(change.apply(&mut rows), "{change:?} on {rows:?}"));
                let changes = changes.iter().map(|change| match change {
                    RowChange::Insert(id) => format!("insert {id}"),
                    RowChange::Delete(id) => format!("delete {id}"),
                    RowChange::Update { from, to } => format!("update {from} to {to}"),
                });
                vec![("changes", changes.collect()), ("rows", strings(&mut rows.iter()))]
            }
            "resolve" => vec![("is", strings(&mut self.graph.resolve(first, self.rows.as_ref())?.iter()))],
            "range" => vec![("is", strings(&mut self.graph.range(first, self.rows.as_ref())?.iter()))],
            "applied" => {
                let rows = ids(arguments.iter().map(String::as_str));
                let heads = strings(&mut self.graph.applied_heads(&rows)?.iter());
                vec![("is", strings(&mut self.graph.applied_in_order(&rows)?.iter())), ("heads", heads)]
            }
            "rows_at" => vec![("is", strings(&mut self.graph.rows_at(first)?.iter()))],
            "parting" => {
                let found = self.graph.parting(&super::id(first), &super::id(&arguments[1]))?;
                let [common, one, other] = [found.common, found.one, found.other].map(|ids| strings(&mut ids.iter()));
                vec![("common", common), ("one", one), ("other", other)]
            }
            "labels" => vec![("is", self.graph.labels_of(&super::id(first)).into_iter().map(str::to_owned).collect())],
            "heads" => vec![("is", strings(&mut self.graph.heads().iter()))],
            _ => vec![("is", strings(&mut self.graph.heads_resolving_dependencies().iter()))],
        })
    }

    fn check(&self) -> Result<(), String> {
        match (self.outcome(), words(self.node.get("error")).first()) {
            (Err(error), Some(code)) => {
                let diagnostic = Diagnostic::from(&error);
                let said = format!("{} — {}", diagnostic.message, diagnostic.help.unwrap_or_default());
                if diagnostic.code.id != code {
                    return Err(format!("{}: {said}", diagnostic.code.id));
                }
                let missing: Vec<String> =
                    words(self.node.get("says")).into_iter().filter(|part| !said.contains(part.as_str())).collect();
                if missing.is_empty() { Ok(()) } else { Err(format!("{missing:?} is not in: {said}")) }
            }
            (Err(error), None) => Err(format!("{}: {error}", error.code().id)),
            (Ok(found), Some(code)) => Err(format!("expected {code}, got {found:?}")),
            (Ok(found), None) => {
                for (key, value) in found {
                    let expected = self.node.get(key).map(|node| words(Some(node)));
                    if expected.as_ref().is_some_and(|expected| *expected != value) {
                        return Err(format!("{key}: {value:?}"));
                    }
                }
                Ok(())
            }
        }
    }
}

#[test]
fn cases() {
    let mut failures = Vec::new();
    let mut count = 0;
    for path in files("") {
        let root = read(&path);
        for group in items(&root, &mut Diagnostics::default()).unwrap() {
            let mut diagnostics = Diagnostics::default();
            let graph = Graph::build(headers(group.get("graph").unwrap()), &mut diagnostics);
            assert!(diagnostics.is_empty(), "{path:?}: {diagnostics:?}");
            let graph = graph.unwrap();
            for node in items(group.get("cases").unwrap(), &mut Diagnostics::default()).unwrap() {
                let rows = node.get("from").map(|from| ids(words(Some(from)).iter().map(String::as_str)));
                let case = Case { graph: &graph, node, rows };
                count += 1;
                if let Err(failure) = case.check() {
                    let (command, arguments) = case.command();
                    let name = path.file_name().unwrap().to_string_lossy();
                    let from = words(node.get("from"));
                    failures.push(format!("{name}: {command} {arguments:?} from {from:?}: {failure}"));
                }
            }
        }
    }
    println!("{count} cases");
    assert!(failures.is_empty(), "{} of {count} failed\n{}", failures.len(), failures.join("\n"));
}
