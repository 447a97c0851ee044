//! A schema in the language, and back: what the replay of a case leads to must survive being written down, as a desired
//! schema and as the operations that make a part of it.

use serde_yaml::{Mapping, Value as Yaml};

use super::difference;
use super::history::{History, Stop};
use crate::desired::{files, read, write};
use crate::diagnostic::{Diagnostics, render};
use crate::dialect::Dialect;
use crate::notation::{Notation, print};
use crate::operation::{Context, Lowering, steps};
use crate::schema::{ConstraintKind, Object, Schema, Table};
use crate::source::{Node, Sources, parse};

/// Sees that the model of a case, and what the database would report of it, read back as they were.
pub(super) fn check(history: &History) -> Result<(), String> {
    check_catalog(&history.context, history.model(Stop::Given))?;
    check_catalog(&history.context, &history.dialect.normalize(history.model(Stop::Given)))?;
    check_model(&history.context, history.model(Stop::When))
}

/// Sees that a model, and what the database would report of it, reads back as it was, and each part of it made by itself.
pub(super) fn check_model(context: &Context, model: &Schema) -> Result<(), String> {
    let notation = Notation::of(context);
    for schema in [model, &context.dialect.normalize(model)] {
        whole(context, &notation, schema)?;
        parts(context, &notation, schema)?;
    }
    Ok(())
}

/// Sees that what a database reports reads back: that is what `inspect` writes.
pub(super) fn check_catalog(context: &Context, catalog: &Schema) -> Result<(), String> {
    whole(context, &Notation::of(context), catalog)
}

/// As a desired schema, in one file and in several.
fn whole(context: &Context, notation: &Notation, schema: &Schema) -> Result<(), String> {
    let one = vec![("schema.yaml".to_owned(), write(schema, notation))];
    for texts in [one, files(schema, notation)] {
        let mut sources = Sources::default();
        let mut diagnostics = Diagnostics::default();
        let parsed = texts.iter().filter_map(|(path, text)| {
            let file = sources.add(path, text.as_str());
            parse(&sources, file, &mut diagnostics)
        });
        let nodes: Vec<Node> = parsed.collect();
        let found = read(&nodes.iter().collect::<Vec<_>>(), context, &mut diagnostics);
        let text = texts.iter().map(|(_, text)| text.as_str()).collect::<Vec<_>>().join("\n---\n");
        said(&diagnostics, &sources, &text)?;
        same(&*context.dialect, schema, &found.schema, &text)?;
    }
    Ok(())
}

/// Each constraint, index and object taken away, and made again by its own operation.
fn parts(context: &Context, notation: &Notation, schema: &Schema) -> Result<(), String> {
    // A partition in the words of its database has no columns, which its constraints would name.
    for table in schema.tables().filter(|table| !table.columns.is_empty()) {
        let without = |change: &dyn Fn(&mut Table)| {
            let (mut rest, mut changed) = (schema.clone(), Table::clone(table));
            change(&mut changed);
            rest.put_table(changed);
            rest
        };
        for (place, constraint) in table.constraints.iter().enumerate() {
            let operation = match constraint.kind {
                ConstraintKind::PrimaryKey { .. } => "create_primary_key",
                ConstraintKind::Unique { .. } => "create_unique_constraint",
                ConstraintKind::Check { .. } => "create_check_constraint",
                ConstraintKind::ForeignKey(_) => "create_foreign_key",
                ConstraintKind::Exclude(_) => "create_exclude_constraint",
            };
            let rest = without(&|table| drop(table.constraints.remove(place)));
            let keys = notation.constraint(table, constraint);
            again(context, operation, ("table", &table.name.to_string()), keys, (rest, schema))?;
        }
        for (place, index) in table.indexes.iter().enumerate() {
            let rest = without(&|table| drop(table.indexes.remove(place)));
            let keys = notation.index(table, index);
            again(context, "create_index", ("table", &table.name.to_string()), keys, (rest, schema))?;
        }
    }
    for object in schema.objects() {
        let id = object.id();
        let (operation, key, name) = match &**object {
            Object::Namespace(found) => ("create_schema", "schema", found.name.clone()),
            Object::Extension(found) => ("create_extension", "extension", found.name.clone()),
            Object::Domain(_) => ("create_domain", "domain", id.name.to_string()),
            Object::Sequence(_) => ("create_sequence", "sequence", id.name.to_string()),
            Object::Routine(_) => ("create_function", "function", id.name.to_string()),
            Object::Trigger(found) => ("create_trigger", "trigger", found.name.clone()),
            // Its indexes are made afterwards.
            Object::View(view) if !view.indexes.is_empty() => continue,
            Object::View(_) => ("create_view", "view", id.name.to_string()),
        };
        let mut rest = schema.clone();
        rest.remove_object(&id);
        again(context, operation, (key, &name), notation.object(object), (rest, schema))?;
    }
    Ok(())
}

/// Makes one thing again in a schema that has all but that.
fn again(
    context: &Context,
    operation: &str,
    (key, name): (&str, &str),
    keys: Mapping,
    (rest, whole): (Schema, &Schema),
) -> Result<(), String> {
    let mut body = Mapping::from_iter([(Yaml::from(key), Yaml::from(name))]);
    body.extend(keys);
    let step = Mapping::from_iter([(Yaml::from(operation), Yaml::Mapping(body))]);
    let text = print(&Yaml::Sequence(vec![Yaml::Mapping(step)]));
    let mut sources = Sources::default();
    let mut diagnostics = Diagnostics::default();
    let file = sources.add("step.yaml", text.as_str());
    let node = parse(&sources, file, &mut diagnostics).ok_or_else(|| text.clone())?;
    let read = steps(&node, context, &mut diagnostics);
    let mut lowering = Lowering::new(context, rest, &mut diagnostics);
    lowering.steps(&read);
    let made = lowering.schema;
    said(&diagnostics, &sources, &text)?;
    same(&*context.dialect, whole, &made, &text)
}

fn said(diagnostics: &Diagnostics, sources: &Sources, text: &str) -> Result<(), String> {
    if !diagnostics.has_errors() {
        return Ok(());
    }
    let said: Vec<String> = diagnostics.sorted().iter().map(|found| render(found, sources, false)).collect();
    Err(format!("what was written is not valid:\n{}\n{text}", said.join("\n")))
}

fn same(dialect: &dyn Dialect, before: &Schema, after: &Schema, text: &str) -> Result<(), String> {
    let (before, after) = (dialect.normalize(before), dialect.normalize(after));
    if before == after {
        return Ok(());
    }
    Err(format!(
        "what was written reads back as another\n{}\n{text}",
        difference::lines(&listed(&before), &listed(&after))
    ))
}

/// Everything in a schema, in order.
fn listed(schema: &Schema) -> String {
    let enums: Vec<_> = schema.enums().collect();
    let tables: Vec<_> = schema.tables().collect();
    let objects: Vec<_> = schema.objects().collect();
    format!("{enums:#?}\n{tables:#?}\n{objects:#?}")
}
