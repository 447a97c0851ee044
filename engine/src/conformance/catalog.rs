//! Comparing a catalog with the model, and with another catalog.

use super::difference::lines;
use crate::dialect::Dialect;
use crate::schema::{Index, IndexKey, Object, Schema, Table, Value};

/// What stands for an expression where only its place counts.
const EXPRESSION: &str = "…";

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
    shown(&settled(&dialect.normalize(schema), view, false))
}

/// Compares what a server has with what the replay says it has.
///
/// An expression that the server prints in other words than ours does not count here: [`super::standing`] asks the
/// server itself whether the two are the same.
///
/// # Errors
/// The difference, `-` for the model and `+` for the server.
pub(super) fn compare(dialect: &dyn Dialect, model: &Schema, found: &Schema, view: View) -> Result<(), String> {
    let (model, found) = (dialect.normalize(model), dialect.normalize(found));
    let found = without_given_names(&model, &found);
    if settled(&model, view, false) == settled(&found, view, false) {
        return Ok(());
    }
    let (blank_model, blank_found) = (settled(&model, view, true), settled(&found, view, true));
    if blank_model == blank_found {
        return Ok(());
    }
    let difference = lines(&shown(&blank_model), &shown(&blank_found));
    Err(format!("- the model, + the catalog\n{difference}"))
}

fn settled(schema: &Schema, view: View, blank: bool) -> Schema {
    let mut settled = Schema::default();
    schema.enums().for_each(|found| settled.put_enum(found.clone()));
    for object in schema.objects() {
        let mut object = Object::clone(object);
        if blank {
            blank_object(&mut object);
        }
        settled.put_object(object);
    }
    for table in schema.tables() {
        let mut table = Table::clone(table);
        if blank {
            blank_expressions(&mut table);
        }
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

/// A catalog without the names that the server gave to constraints for which the author wanted none.
fn without_given_names(model: &Schema, found: &Schema) -> Schema {
    let mut changed = found.clone();
    for table in model.tables().filter(|table| table.constraints.iter().any(|constraint| constraint.name.is_none())) {
        let Some(own) = found.table(&table.name) else { continue };
        let mut own = Table::clone(own);
        let is_named = |name: &Option<String>| table.constraints.iter().any(|constraint| constraint.name == *name);
        own.constraints.iter_mut().filter(|found| !is_named(&found.name)).for_each(|found| found.name = None);
        changed.put_table(own);
    }
    changed
}

fn blank_object(object: &mut Object) {
    if let Some(sql) = object.definition_mut() {
        EXPRESSION.clone_into(sql);
    }
    if let Object::View(view) = object {
        view.indexes.iter_mut().for_each(blank_index);
    }
    if let Object::Domain(domain) = object {
        domain.checks.iter_mut().for_each(|check| EXPRESSION.clone_into(&mut check.sql));
        if let Some(Value::Sql(sql)) = &mut domain.default {
            EXPRESSION.clone_into(sql);
        }
    }
}

fn blank_expressions(table: &mut Table) {
    for column in &mut table.columns {
        if let Some(Value::Sql(sql)) = &mut column.default {
            EXPRESSION.clone_into(sql);
        }
        if let Some(computed) = &mut column.computed {
            EXPRESSION.clone_into(&mut computed.sql);
        }
    }
    for constraint in &mut table.constraints {
        constraint.expressions_mut().for_each(|sql| EXPRESSION.clone_into(sql));
    }
    table.indexes.iter_mut().for_each(blank_index);
}

fn blank_index(index: &mut Index) {
    for part in &mut index.parts {
        if let IndexKey::Expression(sql) = &mut part.key {
            EXPRESSION.clone_into(sql);
        }
    }
    if let Some(sql) = &mut index.predicate {
        EXPRESSION.clone_into(sql);
    }
}

fn shown(schema: &Schema) -> String {
    serde_yaml::to_string(schema).unwrap_or_else(|_| format!("{schema:#?}"))
}
