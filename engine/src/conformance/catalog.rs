//! Comparing a catalog with the model, and with another catalog.

use std::sync::Arc;

use super::difference::lines;
use crate::dialect::Dialect;
use crate::diff::reconcile;
use crate::driver::Connection;
use crate::schema::{Schema, Table};

/// What counts in a comparison, after what a database has been through.
#[derive(Debug, Clone, Copy)]
pub(super) struct View {
    /// Whether columns stand where the model has them.
    pub(super) ordered: bool,
    /// Whether a constraint counts as unchecked where the model says so. Taking a validation back touches no database.
    pub(super) validated: bool,
}

impl View {
    /// Everything counts.
    pub(super) const FULL: View = View { ordered: true, validated: true };
    /// Everything but the order of columns and whether rows were checked: no change takes those back.
    pub(super) const UNORDERED: View = View { ordered: false, validated: false };
}

/// A schema as text: in the words of the server, constraints and indexes by name.
pub(super) fn text(dialect: &dyn Dialect, schema: &Schema, view: View) -> String {
    shown(&settled(&dialect.normalize(schema), view))
}

/// Compares what a server has with what the replay says it has, in every text. Where texts differ the server itself is asked
/// whether they mean the same, and must know.
///
/// # Errors
/// The difference, `-` for the model and `+` for the server.
pub(super) fn compare(
    connection: &mut dyn Connection,
    model: &Schema,
    found: &Schema,
    view: View,
) -> Result<(), String> {
    let reconciled =
        reconcile(connection, model, found).map_err(|error| format!("the server cannot be asked: {error}"))?;
    if let Some(undecided) = reconciled.undecided.first() {
        return Err(format!("the server cannot say whether {} is the same: {}", undecided.place, undecided.reason));
    }
    let found = connection.dialect().normalize(found);
    let (model, found) = (settled(&reconciled.model, view), settled(&found, view));
    if model == found {
        return Ok(());
    }
    Err(format!("- the model, + the catalog\n{}", lines(&shown(&model), &shown(&found))))
}

fn settled(schema: &Schema, view: View) -> Schema {
    let mut settled = Schema::default();
    schema.enums().for_each(|found| settled.put_enum(found.clone()));
    schema.objects().for_each(|object| settled.put_object(Arc::clone(object)));
    for table in schema.tables() {
        let mut table = Table::clone(table);
        if !view.ordered {
            table.columns.sort_by(|a, b| a.name.cmp(&b.name));
        }
        if !view.validated {
            table.constraints.iter_mut().for_each(|constraint| constraint.validated = true);
        }
        table.constraints.sort_by_cached_key(|found| (found.describe(), found.name.clone(), format!("{found:?}")));
        table.indexes.sort_by(|a, b| a.name.cmp(&b.name));
        settled.put_table(table);
    }
    settled
}

fn shown(schema: &Schema) -> String {
    serde_yaml::to_string(schema).unwrap_or_else(|_| format!("{schema:#?}"))
}
