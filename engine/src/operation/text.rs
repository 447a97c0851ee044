//! SQL texts: one for all dialects or one for each, with `${var:name}` filled in.

use super::Context;
use crate::diagnostic::{Diagnostic, Diagnostics, codes};
use crate::source::{Decode, Node, NodeKind, entries, nearest, wrong_type};

/// Reads a SQL text: a string, or a map by dialect.
pub fn sql_text(node: &Node, context: &Context, diagnostics: &mut Diagnostics) -> Option<String> {
    let chosen = by_dialect(node, context, diagnostics)?;
    let text = String::decode(chosen, diagnostics)?;
    fill_variables(&text, chosen, context, diagnostics)
}

/// Of a map by dialect, the value for the dialect resolved for; any other node is for all dialects.
pub fn by_dialect<'n>(node: &'n Node, context: &Context, diagnostics: &mut Diagnostics) -> Option<&'n Node> {
    let NodeKind::Mapping(map) = &node.kind else { return Some(node) };
    for (key, _) in map.iter().filter(|(key, _)| !context.is_dialect(&key.name)) {
        let diagnostic = Diagnostic::error(&codes::UNKNOWN_DIALECT, format!("unknown dialect `{}`", key.name))
            .at(key.span, "not a dialect");
        diagnostics.push(match nearest(&key.name, context.dialect_names()) {
            Some(near) => diagnostic.help(format!("did you mean `{near}`?")).fix(key.span, near),
            None => {
                diagnostic.note(format!("the dialects are {}", context.dialect_names().collect::<Vec<_>>().join(", ")))
            }
        });
    }
    let found = context.lineage().into_iter().rev().find_map(|name| node.get(name));
    if found.is_none()
        && entries(node, diagnostics).is_some_and(|map| map.iter().all(|(key, _)| context.is_dialect(&key.name)))
    {
        let name = context.dialect.name();
        diagnostics.push(
            Diagnostic::error(&codes::NO_TEXT_FOR_DIALECT, format!("nothing is said for the dialect `{name}`"))
                .at(node.span, format!("add `{name}:` here"))
                .help(format!(
                    "say what {name} does, or keep the step from it with `only:` or `except: [{name}]` beside the operation"
                )),
        );
    }
    found
}

/// Fills in the variables of a SQL text.
pub fn fill_variables(text: &str, node: &Node, context: &Context, diagnostics: &mut Diagnostics) -> Option<String> {
    const START: &str = "${var:";
    let mut filled = String::with_capacity(text.len());
    let mut rest = text;
    let mut complete = true;
    while let Some(start) = rest.find(START) {
        filled.push_str(&rest[..start]);
        let Some(length) = rest[start..].find('}') else {
            diagnostics.push(
                Diagnostic::error(&codes::UNKNOWN_VARIABLE, "`${var:` without its closing brace")
                    .at(node.span, "in this text"),
            );
            return None;
        };
        let name = &rest[start + START.len()..start + length];
        match context.variables.get(name) {
            Some(value) => filled.push_str(value),
            None => {
                complete = false;
                let near = nearest(name, context.variables.keys().map(String::as_str));
                diagnostics.push(
                    Diagnostic::error(&codes::UNKNOWN_VARIABLE, format!("the variable `{name}` has no value"))
                        .at(node.span, format!("`${{var:{name}}}` in this text"))
                        .help(near.map_or_else(
                            || format!("set it under `variables:` in aludel.yaml or with `-x {name}=…`"),
                            |near| format!("did you mean `{near}`?"),
                        )),
                );
            }
        }
        rest = &rest[start + length + 1..];
    }
    filled.push_str(rest);
    complete.then_some(filled)
}

/// A list of names, or one name.
pub fn names(node: &Node, diagnostics: &mut Diagnostics) -> Option<Vec<String>> {
    match &node.kind {
        NodeKind::Sequence(items) if items.is_empty() => {
            diagnostics.push(wrong_type(node, "at least one name"));
            None
        }
        NodeKind::Sequence(_) => Vec::decode(node, diagnostics),
        _ => String::decode(node, diagnostics).map(|name| vec![name]),
    }
}
