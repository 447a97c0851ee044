//! The tags of the core schema, <https://yaml.org/spec/1.2.2/#103-core-schema>; every other one is refused.

use granit_parser::{ScalarStyle, Tag};

use super::scalar as core;
use super::{NodeKind, Span};
use crate::diagnostic::{Diagnostic, Diagnostics, codes};

/// What a scalar with a tag is.
pub(super) fn scalar(
    value: &str,
    style: ScalarStyle,
    tag: &Tag,
    place: Span,
    diagnostics: &mut Diagnostics,
) -> NodeKind {
    let resolved = core::resolve(value);
    let number = core::number(value);
    let string = NodeKind::String(value.to_owned());
    let kind = match tag.core_suffix() {
        Some("str") => Some(string.clone()),
        None if tag.handle().is_empty() && tag.suffix() == "!" => Some(string.clone()),
        Some("null") if resolved == NodeKind::Null => Some(resolved.clone()),
        Some("bool") if matches!(resolved, NodeKind::Bool(_)) => Some(resolved.clone()),
        Some("int") => number.filter(|n| match n {
            NodeKind::Number(text) => text.bytes().all(|b| b.is_ascii_digit() || matches!(b, b'+' | b'-')),
            _ => true,
        }),
        Some("float") => number.map(|_| NodeKind::Number(value.to_owned())),
        _ => None,
    };
    kind.unwrap_or_else(|| {
        refuse(tag, place, diagnostics);
        if style == ScalarStyle::Plain { resolved } else { string }
    })
}

/// Refuses every tag on a list (`seq`) or map (`map`) but its own.
pub(super) fn collection(tag: Option<&Tag>, fits: &str, place: Span, diagnostics: &mut Diagnostics) {
    if let Some(tag) = tag
        && !tag.is_yaml_core_schema_tag(fits)
        && !(tag.handle().is_empty() && tag.suffix() == "!")
    {
        refuse(tag, place, diagnostics);
    }
}

fn refuse(tag: &Tag, place: Span, diagnostics: &mut Diagnostics) {
    let message = if tag.is_custom() {
        format!("the tag `{}` is not known here", tag.original())
    } else {
        format!("the tag `{}` does not fit its value", tag.original())
    };
    diagnostics.push(
        Diagnostic::error(&codes::UNKNOWN_TAG, message)
            .at(place, "")
            .help("remove the tag, or quote the text if the `!` belongs to it"),
    );
}
