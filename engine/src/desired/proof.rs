//! The proof that a schema survives being written down.

use super::read;
use crate::desired::Renames;
use crate::diagnostic::Diagnostics;
use crate::diff::{ByText, Side, between};
use crate::operation::Context;
use crate::schema::Schema;
use crate::source::{Node, Sources, parse};

/// Sees that files, by path, say what a schema is when they are read as a desired schema.
///
/// # Errors
/// How they differ: a sentence each.
pub fn reads_back(texts: &[(String, String)], schema: &Schema, context: &Context) -> Result<(), Vec<String>> {
    let mut sources = Sources::default();
    let mut diagnostics = Diagnostics::default();
    let nodes: Vec<Node> = texts
        .iter()
        .filter_map(|(path, text)| {
            let file = sources.add(path, text.as_str());
            parse(&sources, file, &mut diagnostics)
        })
        .collect();
    let desired = read(&nodes.iter().collect::<Vec<_>>(), context, &mut diagnostics);
    if diagnostics.has_errors() {
        return Err(diagnostics.sorted().iter().map(|found| found.message.clone()).collect());
    }
    let dialect = &*context.dialect;
    if dialect.normalize(&desired.schema) == dialect.normalize(schema) {
        return Ok(());
    }
    let (from, to) = (Side::found(schema), Side::written(&desired.schema));
    let difference =
        between(dialect, from, to, &Renames::default(), &mut ByText).map_err(|error| vec![error.message])?;
    let changes = difference.changes.iter().map(crate::change::Change::describe);
    let differences: Vec<String> = changes.chain(difference.remarks).collect();
    match differences.is_empty() {
        true => Err(vec!["the order of something that stands in an order is another".to_owned()]),
        false => Err(differences),
    }
}
