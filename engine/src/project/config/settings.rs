//! The single settings of `aludel.yaml`.

use std::collections::BTreeMap;
use std::path::{Component, Path, PathBuf};

use super::environment::names_environment;
use crate::diagnostic::{Diagnostic, Diagnostics, codes};
use crate::operation::Naming;
use crate::project::template::{self, Piece, within};
use crate::schema::ObjectName;
use crate::source::{Decode, MapReader, Node, NodeKind, Sources, Span, Spanned, entries, one_of, text, wrong_type};

/// What commits together, on databases whose DDL is transactional.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum TransactionMode {
    /// Each revision.
    #[default]
    Revision,
    /// All revisions of a run.
    Run,
    /// Each statement.
    None,
}

/// The placeholders of `file_template`.
const FILE_PLACEHOLDERS: [&str; 10] =
    ["date", "rev", "slug", "year", "month", "day", "hour", "minute", "second", "epoch"];

pub(super) fn transaction(node: &Node, diagnostics: &mut Diagnostics) -> Option<TransactionMode> {
    let words =
        [("revision", TransactionMode::Revision), ("run", TransactionMode::Run), ("none", TransactionMode::None)];
    one_of(node, "transaction mode", &words, diagnostics)
}

pub(super) fn path(node: &Node, diagnostics: &mut Diagnostics) -> Option<Spanned<PathBuf>> {
    filled(node, "a path", diagnostics).map(|path| path.map(PathBuf::from))
}

pub(super) fn directories(node: &Node, diagnostics: &mut Diagnostics) -> Vec<PathBuf> {
    let mut found: Vec<PathBuf> = Vec::new();
    let nodes = match &node.kind {
        NodeKind::Sequence(items) if items.is_empty() => {
            diagnostics.push(wrong_type(node, "at least one directory"));
            return found;
        }
        NodeKind::Sequence(items) => items.as_slice(),
        _ => std::slice::from_ref(node),
    };
    for item in nodes {
        let Some(directory) = path(item, diagnostics) else { continue };
        if found.contains(&directory) {
            let message = format!("the directory `{}` is named twice", directory.display());
            diagnostics.push(Diagnostic::error(&codes::PROJECT_SETTING, message).at(item.span, "again here"));
            continue;
        }
        found.push(directory.value);
    }
    found
}

pub(super) fn table(node: &Node, diagnostics: &mut Diagnostics) -> Option<ObjectName> {
    filled(node, "the name of a table", diagnostics).map(|name| ObjectName::from(name.value))
}

pub(super) fn naming(node: &Node, sources: &Sources, diagnostics: &mut Diagnostics) -> Naming {
    const ALL: [&str; 2] = ["table", "columns"];
    const FOREIGN: [&str; 3] = ["table", "columns", "referred_table"];
    let mut naming = Naming::default();
    let Some(mut map) = MapReader::new(node, "naming", diagnostics) else { return naming };
    let mut read = |key: &'static str, known: &[&str], slot: &mut String| {
        let Some(value) = map.optional(key).and_then(|node| filled(node, "a template", diagnostics)) else { return };
        template::check(&value, known, sources, diagnostics);
        *slot = value.value;
    };
    read("primary_key", &ALL, &mut naming.primary_key);
    read("unique", &ALL, &mut naming.unique);
    read("check", &ALL, &mut naming.check);
    read("foreign_key", &FOREIGN, &mut naming.foreign_key);
    read("exclude", &ALL, &mut naming.exclude);
    read("index", &ALL, &mut naming.index);
    map.finish(diagnostics);
    naming
}

/// Reads the template of file names. What it makes must be found again, so it stays inside and is not hidden.
pub(super) fn file_template(node: &Node, sources: &Sources, diagnostics: &mut Diagnostics) -> Option<String> {
    let read = filled(node, "a template", diagnostics)?;
    let before = diagnostics.len();
    template::check(&read, &FILE_PLACEHOLDERS, sources, diagnostics);
    let mut refuse = |message: &str, help: &str| {
        let diagnostic = Diagnostic::error(&codes::PLACEHOLDER, message.to_owned()).at(read.span, "");
        diagnostics.push(diagnostic.help(help));
    };
    let path = Path::new(&read.value);
    if path.components().any(|part| !matches!(part, Component::Normal(_))) {
        refuse("the template leads out of the directory of revisions", "leave out `..`, `.` and a leading `/`");
    } else if path.components().any(|part| part.as_os_str().to_string_lossy().starts_with('.')) {
        refuse("the template makes a hidden file or directory", "names that begin with a dot are not searched");
    }
    let unique = |piece: &Piece<'_>| matches!(piece, Piece::Placeholder("rev" | "slug" | "epoch"));
    if diagnostics.len() == before && !template::pieces(&read).iter().any(unique) {
        let diagnostic = Diagnostic::error(&codes::PLACEHOLDER, "the template gives many revisions the same name");
        diagnostics.push(diagnostic.at(read.span, "").help("use `{rev}`, `{slug}` or `{epoch}` in it"));
    }
    (diagnostics.len() == before).then_some(read.value)
}

pub(super) fn variables(node: &Node, diagnostics: &mut Diagnostics) -> BTreeMap<String, String> {
    let entries = entries(node, diagnostics).unwrap_or_default();
    entries.iter().filter_map(|(key, value)| Some((key.name.clone(), text(value, diagnostics)?))).collect()
}

/// Reports `${NAME}` anywhere but under `databases`: it would be taken for what it is.
pub(super) fn refuse_environment(node: &Node, sources: &Sources, diagnostics: &mut Diagnostics) {
    let NodeKind::Mapping(entries) = &node.kind else { return };
    for (_, value) in entries.iter().filter(|(key, _)| key.name != "databases") {
        walk(value, &mut |text, span| {
            if let Some(found) = names_environment(text) {
                diagnostics.push(
                    Diagnostic::error(&codes::ENVIRONMENT_SYNTAX, "the environment is not read here")
                        .at(within(sources, span, found), "would stay as it is")
                        .help("`${NAME}` is replaced under `databases` only; give values that differ with `-x` or in the `variables` of a database"),
                );
            }
        });
    }
}

fn walk(node: &Node, visit: &mut impl FnMut(&str, Span)) {
    match &node.kind {
        NodeKind::String(text) => visit(text, node.span),
        NodeKind::Sequence(items) => items.iter().for_each(|item| walk(item, visit)),
        NodeKind::Mapping(entries) => entries.iter().for_each(|(_, value)| walk(value, visit)),
        _ => {}
    }
}

/// A text that is not empty.
fn filled(node: &Node, what: &str, diagnostics: &mut Diagnostics) -> Option<Spanned<String>> {
    let read = Spanned::<String>::decode(node, diagnostics)?;
    if read.trim().is_empty() {
        let message = format!("expected {what}, found an empty text");
        diagnostics.push(Diagnostic::error(&codes::PROJECT_SETTING, message).at(node.span, "empty"));
        return None;
    }
    Some(read)
}
