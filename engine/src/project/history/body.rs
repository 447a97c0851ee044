//! What a revision does: its steps as nodes, the SQL files they name, and a hash of all that.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Component, Path, PathBuf};

use crate::data::Found;
use crate::diagnostic::Diagnostics;
use crate::operation::DataFiles;
use crate::project::layout::Project;
use crate::source::{FileId, Key, Node, NodeKind, Span, checksum, parse, read_bytes, text_hash};

/// What a revision does.
#[derive(Debug, Clone)]
pub struct Body {
    /// The whole file.
    pub node: Node,
    /// A hash of what it means: its steps, whether it runs in a transaction, and the SQL files it names. Comments and
    /// layout do not count, nor does its place in the graph.
    pub checksum: String,
    /// The texts of those SQL files, by path as written, or why there is none.
    pub sql_files: BTreeMap<PathBuf, Result<String, String>>,
    /// The data files it names, by path as written.
    pub data_files: DataFiles,
    /// A hash of each file that its steps refer to, as far as it can be read, by path as written.
    pub file_hashes: BTreeMap<String, String>,
}

impl Body {
    /// The steps that lead up, as a list; none when there is no such key.
    #[must_use]
    pub fn upgrade(&self) -> Option<&Node> {
        self.node.get("upgrade")
    }

    /// What stands under `downgrade`.
    #[must_use]
    pub fn downgrade(&self) -> Option<&Node> {
        self.node.get("downgrade")
    }

    pub(super) fn read(project: &Project, file: FileId, diagnostics: &mut Diagnostics) -> Option<Body> {
        let node = parse(&project.sources, file, diagnostics)?;
        let mut names = BTreeSet::new();
        let mut data = BTreeSet::new();
        for key in ["upgrade", "downgrade"] {
            if let Some(steps) = node.get(key) {
                sql_files(steps, false, &mut names);
                data_files(steps, false, &mut data);
            }
        }
        let sql_files: BTreeMap<PathBuf, Result<String, String>> =
            names.into_iter().map(|name| (PathBuf::from(&name), read_sql(project, &name))).collect();
        let data_files: DataFiles =
            data.into_iter().map(|name| (PathBuf::from(&name), read_data(project, &name))).collect();
        let hash = |(path, text): (&PathBuf, &Result<String, String>)| {
            Some((path.to_string_lossy().into_owned(), text_hash(text.as_ref().ok()?)))
        };
        let sql_hashes = sql_files.iter().filter_map(hash).collect();
        let data_hashes = data_hashes(&data_files);
        let checksum = meaning(&node, &sql_hashes, &data_hashes);
        let file_hashes = sql_hashes.into_iter().chain(data_hashes).collect();
        Some(Body { node, checksum, sql_files, data_files, file_hashes })
    }
}

/// The SQL files that steps name: `{file: x.sql}` as a SQL text, for all dialects or for one.
fn sql_files(node: &Node, is_text: bool, names: &mut BTreeSet<String>) {
    match &node.kind {
        NodeKind::Sequence(items) => items.iter().for_each(|item| sql_files(item, false, names)),
        NodeKind::Mapping(entries) => {
            if let ([(key, Node { kind: NodeKind::String(name), .. })], true) = (entries.as_slice(), is_text)
                && key.name == "file"
            {
                names.insert(name.clone());
                return;
            }
            for (key, value) in entries {
                // Below `sql` stand dialects, and below them texts again.
                sql_files(value, is_text || matches!(key.name.as_str(), "sql" | "down"), names);
            }
        }
        _ => {}
    }
}

/// The data files that steps name: `file` of `load`, for all dialects or for one.
fn data_files(node: &Node, is_load: bool, names: &mut BTreeSet<String>) {
    match &node.kind {
        NodeKind::Sequence(items) => items.iter().for_each(|item| data_files(item, false, names)),
        NodeKind::Mapping(entries) => {
            for (key, value) in entries {
                match &value.kind {
                    NodeKind::String(name) if is_load && key.name == "file" => {
                        names.insert(name.clone());
                    }
                    _ => data_files(value, is_load || key.name == "load", names),
                }
            }
        }
        _ => {}
    }
}

/// Reads through a data file of the project.
fn read_data(project: &Project, name: &str) -> Result<Found, String> {
    inside(name)?;
    Found::read(name, &project.path(Path::new(name))).map_err(|error| error.to_string())
}

/// Whether a file that a revision refers to has a hash that [`Body::file_hashes`] had.
pub(super) fn has_hash(project: &Project, name: &str, hash: &str) -> bool {
    read_data(project, name).is_ok_and(|found| found.file.sha256 == hash)
        || read_sql(project, name).is_ok_and(|text| text_hash(&text) == hash)
}

/// The hashes of the data files that can be read, by path as written.
fn data_hashes(files: &DataFiles) -> BTreeMap<String, String> {
    let hash = |(path, found): (&PathBuf, &Result<Found, String>)| {
        Some((path.to_string_lossy().into_owned(), found.as_ref().ok()?.file.sha256.clone()))
    };
    files.iter().filter_map(hash).collect()
}

/// Reads a SQL file of the project. Symbolic links are followed: they are the project's own.
fn read_sql(project: &Project, name: &str) -> Result<String, String> {
    inside(name)?;
    let bytes = read_bytes(&project.path(Path::new(name))).map_err(|problem| {
        // The message that this becomes a part of names the file.
        let reason = problem.message.split_once("`: ").map(|(_, reason)| reason.to_owned());
        reason.unwrap_or(problem.message)
    })?;
    let text = String::from_utf8(bytes).map_err(|error| {
        format!("the file is not UTF-8, from byte {} on; save it as UTF-8", error.utf8_error().valid_up_to())
    })?;
    Ok(text.strip_prefix('\u{feff}').map(str::to_owned).unwrap_or(text))
}

/// Whether a path stays in the project's directory.
fn inside(name: &str) -> Result<(), String> {
    let mut depth = 0_usize;
    for part in Path::new(name).components() {
        match part {
            Component::Normal(_) => depth += 1,
            Component::CurDir => {}
            Component::ParentDir if depth > 0 => depth -= 1,
            _ => return Err("the path leads out of the project's directory".to_owned()),
        }
    }
    Ok(())
}

/// The checksum of a body. It is stored in users' databases, so what goes into it never changes: a map with the hashes
/// of the parts, where a part that says what holds anyway is left out.
fn meaning(node: &Node, files: &BTreeMap<String, String>, data: &BTreeMap<String, String>) -> String {
    let mut parts = Vec::new();
    for key in ["upgrade", "downgrade"] {
        if let Some(value) = node.get(key).filter(|value| !says_nothing(key, value)) {
            parts.push((key.to_owned(), NodeKind::String(checksum(value))));
        }
    }
    if let Some(NodeKind::Bool(false)) = node.get("transaction").map(|value| &value.kind) {
        parts.push(("transaction".to_owned(), NodeKind::Bool(false)));
    }
    let files: Vec<_> = files.iter().map(|(path, hash)| (path.clone(), NodeKind::String(hash.clone()))).collect();
    if !files.is_empty() {
        parts.push(("files".to_owned(), mapping(files)));
    }
    let data: Vec<_> = data.iter().map(|(path, hash)| (path.clone(), NodeKind::String(hash.clone()))).collect();
    if !data.is_empty() {
        parts.push(("data".to_owned(), mapping(data)));
    }
    checksum(&Node { span: Span::default(), kind: mapping(parts) })
}

/// An empty `upgrade` is as good as none; an empty `downgrade` says that nothing is undone.
fn says_nothing(key: &str, value: &Node) -> bool {
    match &value.kind {
        NodeKind::Null => true,
        NodeKind::Sequence(steps) => key == "upgrade" && steps.is_empty(),
        _ => false,
    }
}

fn mapping(entries: Vec<(String, NodeKind)>) -> NodeKind {
    let span = Span::default();
    let entries = entries.into_iter().map(|(name, kind)| (Key { name, span }, Node { span, kind }));
    NodeKind::Mapping(entries.collect())
}
