//! `execute`

use std::path::Path;

use super::text::{by_dialect, fill_variables};
use super::{Context, Lowering, ObjectReader, Operate, Step, steps};
use crate::change::{self, Change};
use crate::diagnostic::{Diagnostic, Diagnostics, codes};
use crate::source::{Decode, MapReader, Node, NodeKind, Span};
use crate::sql::split;

/// Runs SQL: a text, a map by dialect, or `{file: x.sql}`.
///
/// A text of several statements is split as the database's own client would. `down` takes it back; without it the
/// revision is irreversible. `effect` says as operations what the SQL does to the schema; they are applied to the model
/// and not run, so that later steps and downgrades know.
#[derive(Debug, Clone)]
pub struct Execute {
    statements: Vec<String>,
    undo: Option<Vec<String>>,
    effect: Vec<Step>,
}

impl Operate for Execute {
    fn read(node: &Node, _: Span, context: &Context, diagnostics: &mut Diagnostics) -> Option<Self> {
        // `execute: "…"` is the text alone.
        if let NodeKind::String(_) = node.kind {
            return Some(Execute { statements: script(node, context, diagnostics)?, undo: None, effect: Vec::new() });
        }
        let mut reader = ObjectReader::new(node, "execute", None, context, diagnostics)?;
        let statements = reader.need_node("sql", diagnostics).and_then(|node| script(node, context, diagnostics));
        let undo = reader.node("down").map(|node| script(node, context, diagnostics));
        let effect = reader.node("effect").map(|node| steps(node, context, diagnostics)).unwrap_or_default();
        reader.finish(context, diagnostics);
        let undo = match undo {
            None => None,
            Some(read) => Some(read?),
        };
        Some(Execute { statements: statements?, undo, effect })
    }

    fn lower(&self, lowering: &mut Lowering<'_>) -> Option<()> {
        let mut inner = Lowering::new(lowering.context, lowering.schema.clone(), lowering.diagnostics);
        let lowered = inner.steps(&self.effect);
        for step in &lowered {
            // Both would be dropped in silence: an effect is applied to the model and not run.
            let problem = match (step.tags.is_empty(), step.changes.iter().any(Change::is_data)) {
                (false, _) => "an effect is there whenever the SQL runs",
                (true, true) => "an effect is not run, and rows are nothing of the model",
                (true, false) => continue,
            };
            lowering.report(
                Diagnostic::error(
                    &codes::CONTRADICTION,
                    "`effect` says what the SQL does to the schema, and nothing else",
                )
                .at(step.span, problem)
                .help("remove it, or make it a step of the revision"),
            );
            return None;
        }
        let effect: Vec<Change> = lowered.into_iter().flat_map(|step| step.changes).collect();
        lowering.emit(Change::Execute(change::Execute {
            statements: self.statements.clone(),
            undo: self.undo.clone(),
            effect,
        }))
    }
}

/// Reads a SQL text or file as statements.
pub(super) fn script(node: &Node, context: &Context, diagnostics: &mut Diagnostics) -> Option<Vec<String>> {
    let (text, place) = match node.get("file") {
        Some(_) => (file_text(node, context, diagnostics)?, node),
        None => {
            let chosen = by_dialect(node, context, diagnostics)?;
            match chosen.get("file") {
                Some(_) => (file_text(chosen, context, diagnostics)?, chosen),
                None => (String::decode(chosen, diagnostics)?, chosen),
            }
        }
    };
    let text = fill_variables(&text, place, context, diagnostics)?;
    match split(&text, context.dialect.lexicon()) {
        Ok(pieces) => Some(pieces.into_iter().map(|piece| piece.text(&text).to_owned()).collect()),
        Err(error) => {
            diagnostics.push(
                Diagnostic::error(&codes::SQL_SPLIT, error.to_string())
                    .at(place.span, "this SQL cannot be split into statements"),
            );
            None
        }
    }
}

fn file_text(node: &Node, context: &Context, diagnostics: &mut Diagnostics) -> Option<String> {
    let mut reader = MapReader::new(node, "sql", diagnostics)?;
    let path: Option<String> = reader.need("file", diagnostics);
    reader.finish(diagnostics);
    let path = path?;
    match context.files.get(Path::new(&path)) {
        Some(Ok(text)) => Some(text.clone()),
        Some(Err(reason)) => {
            diagnostics.push(
                Diagnostic::error(&codes::FILE_UNREADABLE, format!("the file `{path}` cannot be read: {reason}"))
                    .at(node.span, "named here")
                    .help("a path is relative to the project's directory"),
            );
            None
        }
        None => {
            diagnostics.push(
                Diagnostic::error(&codes::FILE_UNREADABLE, format!("the file `{path}` was not read"))
                    .at(node.span, "named here"),
            );
            None
        }
    }
}
