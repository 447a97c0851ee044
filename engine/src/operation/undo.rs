//! `down`: what takes a change of rows back, in SQL or as operations.

use super::execute::script;
use super::{Context, Lowering, ObjectReader, Step, steps};
use crate::change::{Change, Execute};
use crate::diagnostic::{Diagnostic, Diagnostics, codes};
use crate::source::NodeKind;

/// What takes a change of rows back.
#[derive(Debug, Clone)]
pub(super) enum Undo {
    /// Statements.
    Sql(Vec<String>),
    /// Operations.
    Steps(Vec<Step>),
}

impl Undo {
    /// Reads `down`, if it is there: a SQL text as in `execute`, or a list of operations.
    ///
    /// # Errors
    /// When it is there and cannot be read, which has been reported.
    pub(super) fn read(
        reader: &mut ObjectReader<'_>,
        context: &Context,
        diagnostics: &mut Diagnostics,
    ) -> Result<Option<Self>, ()> {
        let Some(node) = reader.node("down") else { return Ok(None) };
        match &node.kind {
            NodeKind::Sequence(_) => Ok(Some(Undo::Steps(steps(node, context, diagnostics)))),
            _ => script(node, context, diagnostics).map(|statements| Some(Undo::Sql(statements))).ok_or(()),
        }
    }

    /// Checks it against the schema after the change, which is the one before it too.
    pub(super) fn lower(&self, lowering: &mut Lowering<'_>) -> Option<Vec<Change>> {
        let steps = match self {
            Undo::Sql(statements) => {
                let execute = Execute { statements: statements.clone(), undo: None, effect: Vec::new() };
                return Some(vec![Change::Execute(execute)]);
            }
            Undo::Steps(steps) => steps,
        };
        let mut inner = Lowering::new(lowering.context, lowering.schema.clone(), lowering.diagnostics);
        let lowered = inner.steps(steps);
        let mut fine = steps.iter().all(|step| step.operation.is_some());
        for step in &lowered {
            let problem = match step.changes.iter().all(Change::is_data) {
                false => Some("this changes the schema, and what it takes back does not"),
                true if !step.tags.is_empty() => {
                    Some("a step of `down` runs whenever what it takes back is taken back")
                }
                true => None,
            };
            if let Some(problem) = problem {
                fine = false;
                lowering.report(
                    Diagnostic::error(&codes::DOWN_OF_ROWS, "`down` may change rows only, and has no tags")
                        .at(step.span, problem)
                        .help("write what changes the schema as steps of the revision"),
                );
            }
        }
        fine.then(|| lowered.into_iter().flat_map(|step| step.changes).collect())
    }
}
