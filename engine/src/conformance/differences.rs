//! The difference of every two schemas that a case knows leads from the one to the other.

use super::difference::lines;
use super::history::{History, Stop};
use super::scratch::Scratch;
use super::{Suite, catalog, standing};
use serde_yaml::Value as Yaml;

use crate::change::Change;
use crate::desired::Renames;
use crate::diagnostic::{Diagnostics, render};
use crate::diff::{self, ByDatabase, ByText, Side};
use crate::driver::Connection;
use crate::notation::{Notation, is_question, print};
use crate::operation::{Context, Lowering, steps as operation_steps};
use crate::plan::compile_changes;
use crate::schema::{ObjectName, Schema};
use crate::source::{Sources, parse};

/// Sees that the difference between a schema and itself is nothing, and that the changes from one to the other lead there,
/// in the model.
pub(super) fn in_the_model(history: &History) -> Result<(), String> {
    let (given, when) = (history.model(Stop::Given), history.model(Stop::When));
    lead(&history.context, given, when)?;
    lead(&history.context, when, given)?;
    [given, when].into_iter().try_for_each(|schema| itself(&history.context, schema))
}

/// Sees that a schema differs from itself in nothing.
pub(super) fn itself(context: &Context, schema: &Schema) -> Result<(), String> {
    let found = between(context, schema, schema)?;
    match found.is_empty() && found.lookalikes.is_empty() {
        true => Ok(()),
        false => Err(format!("a schema differs from itself:\n{}", described(&found.changes))),
    }
}

/// Sees that the changes from one schema to the other lead there, and the steps of a revision file that say them.
pub(super) fn lead(context: &Context, from: &Schema, to: &Schema) -> Result<(), String> {
    let found = between(context, from, to)?;
    let told = |remark: &&String| is_order(remark) || is_partition(remark);
    if let Some(remark) = found.remarks.iter().find(|remark| !told(remark)) {
        return Err(format!("the difference cannot be carried out: {remark}"));
    }
    if found.remarks.iter().any(|remark| is_partition(remark)) {
        return Ok(());
    }
    let mut reached = from.clone();
    for change in &found.changes {
        change.apply(&mut reached, context.dialect.lexicon()).map_err(|conflict| conflict.to_string())?;
    }
    let reached = catalog::text(&*context.dialect, &reached, catalog::View::UNORDERED);
    let wanted = catalog::text(&*context.dialect, to, catalog::View::UNORDERED);
    if reached != wanted {
        return Err(format!(
            "the difference leads elsewhere\n- wanted, + reached\n{}\nby:\n{}",
            lines(&wanted, &reached),
            described(&found.changes)
        ));
    }
    let Some(text) = written_as_steps(context, from, to, &found.changes) else { return Ok(()) };
    let (_, reached) = read_steps(context, from, &text)?;
    let reached = catalog::text(&*context.dialect, &reached, catalog::View::UNORDERED);
    match reached == wanted {
        true => Ok(()),
        false => Err(format!("the steps lead elsewhere\n- wanted, + reached\n{}\n{text}", lines(&wanted, &reached))),
    }
}

/// The steps that a revision file has for a difference; nothing where the language has no name for it, which is said to their
/// author.
pub(super) fn written_as_steps(context: &Context, from: &Schema, to: &Schema, changes: &[Change]) -> Option<String> {
    let written = Notation::of(context).steps(from, changes).ok()?;
    let steps = written.into_iter().map(|step| {
        let mut keys = Yaml::Mapping(step.keys);
        answer(&mut keys, to);
        Yaml::Mapping([(step.operation.into(), keys)].into_iter().collect())
    });
    Some(print(&Yaml::Sequence(steps.collect())))
}

/// What the steps of a text do on top of a schema, and where they lead.
pub(super) fn read_steps(context: &Context, from: &Schema, text: &str) -> Result<(Vec<Change>, Schema), String> {
    let mut sources = Sources::default();
    let mut diagnostics = Diagnostics::default();
    let file = sources.add("steps.yaml", text);
    let Some(node) = parse(&sources, file, &mut diagnostics) else { return Err(format!("not YAML:\n{text}")) };
    let steps = operation_steps(&node, context, &mut diagnostics);
    let mut lowering = Lowering::new(context, from.clone(), &mut diagnostics);
    let changes = lowering.steps(&steps).into_iter().flat_map(|step| step.changes).collect();
    let reached = lowering.schema;
    if diagnostics.has_errors() {
        let said: Vec<String> = diagnostics.sorted().iter().map(|found| render(found, &sources, false)).collect();
        return Err(format!("the difference as steps is refused\n{}\n{text}", said.join("\n")));
    }
    Ok((changes, reached))
}

/// Answers questions as somebody would whose tables are empty.
fn answer(keys: &mut Yaml, wanted: &Schema) {
    let Yaml::Mapping(map) = keys else { return };
    map.retain(|_, value| !is_question(value));
    let name = map.get("enum").and_then(Yaml::as_str).map(ObjectName::from);
    let word = name.and_then(|name| wanted.enumeration(&name)?.values.first().cloned());
    if let (Some(Yaml::Mapping(lost)), Some(word)) = (map.get_mut("drop"), word) {
        lost.iter_mut().for_each(|(_, replacement)| *replacement = word.clone().into());
    }
}

/// Makes the schema that is there before, carries out the difference, and compares with the schema made from nothing.
pub(super) fn on_a_database(suite: &Suite, history: &History, introspect: Introspect<'_>) -> Result<(), String> {
    let dialect = &*history.dialect;
    let (from, to) = (history.model(Stop::Given), history.model(Stop::When));
    if from == to {
        return Ok(());
    }
    let database = Scratch::create(suite, dialect.name())?;
    let mut connection = database.connect()?;
    standing::create(&mut *connection, from)?;
    let found = between(&history.context, from, to)?;
    // What the dialect refuses (a conversion that needs an expression, another partitioning) is said before anything runs.
    if !found.remarks.is_empty() || compile_changes(dialect, &found.changes, from).is_err() {
        return Ok(());
    }
    let mut reached = from.clone();
    standing::run(&mut *connection, dialect, &mut reached, &found.changes)
        .map_err(|why| format!("the difference does not run: {why}\nof:\n{}", described(&found.changes)))?;
    let other = Scratch::create(suite, dialect.name())?;
    let mut fresh = other.connect()?;
    standing::create(&mut *fresh, to)?;
    let (expected, reached) = (introspect(&mut *fresh)?, introspect(&mut *connection)?);
    let expected = catalog::text(dialect, &expected, catalog::View::UNORDERED);
    let reached = catalog::text(dialect, &reached, catalog::View::UNORDERED);
    match expected == reached {
        true => Ok(()),
        false => Err(format!(
            "the difference leads to another catalog\n- wanted, + reached\n{}\nby:\n{}",
            lines(&expected, &reached),
            described(&found.changes)
        )),
    }
}

/// Sees that a database that is as the model says differs from it in nothing, in either direction.
pub(super) fn nothing(
    connection: &mut dyn Connection,
    found: &Schema,
    model: &Schema,
    view: catalog::View,
) -> Result<(), String> {
    let dialect = connection.dialect();
    for from_is_found in [true, false] {
        let (from, to) = match from_is_found {
            true => (Side::found(found), Side::written(model)),
            false => (Side::written(model), Side::found(found)),
        };
        let mut judge = ByDatabase { connection: &mut *connection, from_is_found };
        let difference =
            diff::between(&*dialect, from, to, &Renames::default(), &mut judge).map_err(|error| error.to_string())?;
        let mut difference = difference;
        difference.changes.retain(|change| view.validated || !matches!(change, Change::ValidateConstraint { .. }));
        let remarks: Vec<&String> = difference.remarks.iter().filter(|remark| !is_order(remark)).collect();
        if !difference.changes.is_empty() || !remarks.is_empty() {
            return Err(format!(
                "the model and its own database differ (database first: {from_is_found})\n{}{remarks:?}",
                described(&difference.changes)
            ));
        }
    }
    Ok(())
}

/// Reads a catalog.
pub(super) type Introspect<'a> = &'a dyn Fn(&mut dyn Connection) -> Result<Schema, String>;

/// What lies between two schemas, without a database.
pub(super) fn between(context: &Context, from: &Schema, to: &Schema) -> Result<diff::Difference, String> {
    let (from, to) = (Side::written(from), Side::written(to));
    diff::between(&*context.dialect, from, to, &Renames::default(), &mut ByText).map_err(|error| error.to_string())
}

/// Whether a remark says no more than that columns stand in another order, which changes leave as it is.
pub(super) fn is_order(remark: &str) -> bool {
    remark.contains("stand in the order")
}

fn is_partition(remark: &str) -> bool {
    remark.contains("is another partition")
}

/// Changes in words, a line each.
pub(super) fn described(changes: &[Change]) -> String {
    changes.iter().map(|change| format!("  {}\n", change.describe())).collect()
}
