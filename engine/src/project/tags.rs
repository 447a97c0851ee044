//! The tags that the steps of a project have.

use std::collections::BTreeSet;

use super::{History, Project};
use crate::diagnostic::{Diagnostic, Diagnostics, codes};
use crate::source::{Node, NodeKind, nearest};

/// What is wrong with the tags asked for: a misspelt one would leave its steps out, and the revision would count as applied
/// without them.
pub(super) fn unknown(asked: &BTreeSet<String>, project: &Project, history: &mut History) -> Diagnostics {
    let mut diagnostics = Diagnostics::default();
    if asked.is_empty() {
        return diagnostics;
    }
    history.load_all_bodies(project, &mut diagnostics);
    if diagnostics.has_errors() {
        return diagnostics;
    }
    let bodies: Vec<_> = history.ids().filter_map(|id| history.body(id)).collect();
    let lists = bodies.iter().flat_map(|body| [body.upgrade(), body.downgrade()]).flatten();
    let known: BTreeSet<&str> = lists.flat_map(elements).filter_map(|step| step.get("tags")).flat_map(words).collect();
    for tag in asked.iter().filter(|tag| !known.contains(tag.as_str())) {
        let problem = Diagnostic::error(&codes::NO_SUCH_TAG, format!("no step of this project has the tag `{tag}`"));
        diagnostics.push(match nearest(tag, known.iter().copied()) {
            Some(near) => problem.help(format!("did you mean `{near}`?")),
            None if known.is_empty() => problem.note("no step has a tag"),
            None => problem.note(format!("the tags are {}", known.iter().copied().collect::<Vec<_>>().join(", "))),
        });
    }
    diagnostics
}

fn elements(node: &Node) -> &[Node] {
    match &node.kind {
        NodeKind::Sequence(items) => items,
        _ => &[],
    }
}

/// The words of a list, or the only one.
fn words(node: &Node) -> Vec<&str> {
    let texts = std::iter::once(node).chain(elements(node)).map(|node| match &node.kind {
        NodeKind::String(text) => Some(text.as_str()),
        _ => None,
    });
    texts.flatten().collect()
}
