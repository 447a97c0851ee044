//! A step: one operation with its modifiers.

use super::text::names;
use super::{Context, Operation};
use crate::diagnostic::{Diagnostic, Diagnostics, codes};
use crate::notation::ASK;
use crate::source::{Decode, Key, Node, NodeKind, Span, entries, items, nearest, wrong_type};

/// One operation of a revision, with its modifiers.
#[derive(Debug, Clone)]
pub struct Step {
    /// The name of the operation.
    pub name: String,
    /// The operation; none when it could not be read, which has been reported.
    pub operation: Option<Operation>,
    /// Where its name stands.
    pub span: Span,
    /// The table or column it is about as far as the text tells, so that a step that could not be read does not cause
    /// further messages about what it would have made.
    pub subject: Option<String>,
    /// It runs only when one of these is asked for.
    pub tags: Vec<String>,
    /// Hazards that the author accepts, by id.
    pub allow: Vec<String>,
    /// Why.
    pub note: Option<String>,
}

/// What stands under `downgrade:`.
#[derive(Debug, Clone)]
pub enum Downgrade {
    /// Nothing: it is derived.
    Derived,
    /// `irreversible`, and where that stands.
    Irreversible(Span),
    /// Written out.
    Written(Vec<Step>),
}

impl Downgrade {
    /// Reads `downgrade:`.
    pub fn read(node: Option<&Node>, context: &Context, diagnostics: &mut Diagnostics) -> Self {
        match node.map(|node| (&node.kind, node)) {
            None | Some((NodeKind::Null, _)) => Downgrade::Derived,
            Some((NodeKind::String(word), node)) if word == "irreversible" => Downgrade::Irreversible(node.span),
            Some((NodeKind::Sequence(_), node)) => Downgrade::Written(steps(node, context, diagnostics)),
            Some((_, node)) => {
                diagnostics.push(wrong_type(node, "a list of operations or the word `irreversible`"));
                Downgrade::Derived
            }
        }
    }
}

/// Reads a list of steps, leaving out those that are not for the dialect.
pub fn steps(node: &Node, context: &Context, diagnostics: &mut Diagnostics) -> Vec<Step> {
    if node.kind == NodeKind::Null {
        return Vec::new();
    }
    let nodes = items(node, diagnostics).unwrap_or_default();
    nodes.iter().filter_map(|node| read_step(node, context, diagnostics)).collect()
}

const MODIFIERS: [&str; 5] = ["only", "except", "tags", "allow", "note"];

fn read_step(node: &Node, context: &Context, diagnostics: &mut Diagnostics) -> Option<Step> {
    let map = entries(node, diagnostics)?;
    let mut operations = Vec::new();
    for (key, value) in map {
        if Operation::NAMES.contains(&key.name.as_str()) {
            operations.push((key, value));
        } else if !MODIFIERS.contains(&key.name.as_str()) {
            diagnostics.push(unknown_operation(key));
        }
    }
    let (key, value) = match operations.as_slice() {
        [only] => *only,
        [] => {
            if map.iter().all(|(key, _)| MODIFIERS.contains(&key.name.as_str())) {
                diagnostics.push(
                    Diagnostic::error(&codes::STEP_SHAPE, "a step without an operation")
                        .at(node.span, "only modifiers here")
                        .help("a step is one operation: `- create_table: {…}`"),
                );
            }
            return None;
        }
        [(first, _), (second, _), ..] => {
            diagnostics.push(
                Diagnostic::error(&codes::STEP_SHAPE, "a step with more than one operation")
                    .at(second.span, "a second operation")
                    .at(first.span, "the first")
                    .help("begin another list item with `- `"),
            );
            return None;
        }
    };
    if !for_dialect(node, context, diagnostics) {
        return None;
    }
    let questions = questions(value);
    let answered = questions.is_empty();
    diagnostics.extend(questions);
    let list = |key: &str, diagnostics: &mut Diagnostics| {
        node.get(key).and_then(|node| names(node, diagnostics)).unwrap_or_default()
    };
    Some(Step {
        name: key.name.clone(),
        operation: answered.then(|| Operation::read(&key.name, value, key.span, context, diagnostics)).flatten(),
        span: key.span,
        subject: subject(&key.name, value),
        tags: list("tags", diagnostics),
        allow: list("allow", diagnostics),
        note: node.get("note").and_then(|node| String::decode(node, diagnostics)),
    })
}

/// The questions that stand where an answer belongs.
fn questions(node: &Node) -> Diagnostics {
    let mut found = Diagnostics::default();
    let mut left = vec![node];
    while let Some(node) = left.pop() {
        match &node.kind {
            NodeKind::Mapping(map) => match map.as_slice() {
                [(key, question)] if key.name == ASK => {
                    let text = match &question.kind {
                        NodeKind::String(text) => text.as_str(),
                        _ => "what belongs here?",
                    };
                    found.push(
                        Diagnostic::error(&codes::UNANSWERED, format!("a question is not answered yet: {text}"))
                            .at(node.span, "the answer belongs here")
                            .help("write the value in place of `{ask: …}`"),
                    );
                }
                entries => left.extend(entries.iter().map(|(_, value)| value)),
            },
            NodeKind::Sequence(items) => left.extend(items),
            _ => {}
        }
    }
    found
}

/// The subject of a step that makes an index or constraint of a name.
pub(super) fn own_name(name: &str) -> String {
    format!("\u{1}{name}")
}

/// What a step that cannot be read would have made or changed.
fn subject(operation: &str, node: &Node) -> Option<String> {
    let text = |key: &str| match node.get(key).map(|node| &node.kind) {
        Some(NodeKind::String(text)) => Some(text.clone()),
        _ => None,
    };
    match operation {
        "create_table" => text("table"),
        "rename_table" => text("to"),
        // A column that was to change is not known either.
        "add_column" | "alter_column" => Some(format!("{}\u{0}{}", text("table")?, text("column")?)),
        "rename_column" => Some(format!("{}\u{0}{}", text("table")?, text("to")?)),
        "create_enum" => text("enum"),
        "rename_index" | "rename_constraint" => text("to").as_deref().map(own_name),
        // An index, or a constraint of any kind.
        made if made.starts_with("create_") => text("name").as_deref().map(own_name),
        _ => None,
    }
}

fn unknown_operation(key: &Key) -> Diagnostic {
    let diagnostic = Diagnostic::error(&codes::UNKNOWN_OPERATION, format!("unknown operation `{}`", key.name))
        .at(key.span, "neither an operation nor a modifier");
    match nearest(&key.name, Operation::NAMES.iter().copied().chain(MODIFIERS)) {
        Some(near) => diagnostic.help(format!("did you mean `{near}`?")).fix(key.span, near),
        None => diagnostic.help("for what the language has no word for, use `execute: {sql: …}`"),
    }
}

/// Whether what has `only:` and `except:` in its map is for the dialect.
pub(crate) fn for_dialect(node: &Node, context: &Context, diagnostics: &mut Diagnostics) -> bool {
    let mut listed = |key: &str| -> Option<bool> {
        let list = node.get(key)?;
        let nodes: Vec<&Node> = match &list.kind {
            NodeKind::Sequence(items) => items.iter().collect(),
            _ => vec![list],
        };
        let mut found = false;
        for node in nodes {
            let Some(name) = String::decode(node, diagnostics) else { continue };
            if !context.is_dialect(&name) {
                let diagnostic = Diagnostic::error(&codes::UNKNOWN_DIALECT, format!("unknown dialect `{name}`"))
                    .at(node.span, "not a dialect");
                diagnostics.push(match nearest(&name, context.dialect_names()) {
                    Some(near) => diagnostic.help(format!("did you mean `{near}`?")).fix(node.span, near),
                    None => diagnostic,
                });
            }
            found |= name == context.dialect.name();
        }
        Some(found)
    };
    let only = listed("only").unwrap_or(true);
    let except = listed("except").unwrap_or(false);
    only && !except
}
