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
use crate::operation::{Lowering, steps as operation_steps};
use crate::plan::compile_changes;
use crate::schema::{ObjectName, Schema};
use crate::source::{Sources, parse};

/// Sees that the difference between a schema and itself is nothing, and that the changes from one to the other lead there,
/// in the model.
pub(super) fn in_the_model(history: &History) -> Result<(), String> {
    for (from, to) in ways(history) {
        let found = between(history, from, to)?;
        let told = |remark: &&String| remark.contains("stand in the order") || remark.contains("is another partition");
        if let Some(remark) = found.remarks.iter().find(|remark| !told(remark)) {
            return Err(format!("the difference cannot be carried out: {remark}"));
        }
        if found.remarks.iter().any(|remark| remark.contains("is another partition")) {
            continue;
        }
        let mut reached = from.clone();
        for change in &found.changes {
            change.apply(&mut reached, history.dialect.lexicon()).map_err(|conflict| conflict.to_string())?;
        }
        let reached = catalog::text(&*history.dialect, &reached, catalog::View::UNORDERED);
        let wanted = catalog::text(&*history.dialect, to, catalog::View::UNORDERED);
        if reached != wanted {
            return Err(format!(
                "the difference leads elsewhere\n- wanted, + reached\n{}\nby:\n{}",
                lines(&wanted, &reached),
                described(&found.changes)
            ));
        }
    }
    for (from, to) in ways(history) {
        written_as_steps(history, from, to)?;
    }
    for schema in [Stop::Given, Stop::When].map(|stop| history.model(stop)) {
        let found = between(history, schema, schema)?;
        if !found.is_empty() {
            return Err(format!("a schema differs from itself:\n{}", described(&found.changes)));
        }
    }
    Ok(())
}

/// Sees that the steps that a revision file has for a difference read back, and lead to the other schema.
fn written_as_steps(history: &History, from: &Schema, to: &Schema) -> Result<(), String> {
    let found = between(history, from, to)?;
    if found.remarks.iter().any(|remark| remark.contains("is another partition")) {
        return Ok(());
    }
    let notation = Notation::of(&history.context);
    let written = match notation.steps(from, &found.changes) {
        Ok(written) => written,
        // Said, so that its author knows: the language has no name for it.
        Err(_) => return Ok(()),
    };
    let steps = written.into_iter().map(|step| {
        let mut keys = Yaml::Mapping(step.keys);
        answer(&mut keys, to);
        Yaml::Mapping([(step.operation.into(), keys)].into_iter().collect())
    });
    let text = print(&Yaml::Sequence(steps.collect()));
    let mut sources = Sources::default();
    let mut diagnostics = Diagnostics::default();
    let file = sources.add("steps.yaml", text.as_str());
    let Some(node) = parse(&sources, file, &mut diagnostics) else { return Err(format!("not YAML:\n{text}")) };
    let steps = operation_steps(&node, &history.context, &mut diagnostics);
    let mut lowering = Lowering::new(&history.context, from.clone(), &mut diagnostics);
    lowering.steps(&steps);
    let reached = lowering.schema;
    if diagnostics.has_errors() {
        let said: Vec<String> = diagnostics.sorted().iter().map(|found| render(found, &sources, false)).collect();
        return Err(format!("the difference as steps is refused\n{}\n{text}", said.join("\n")));
    }
    let reached = catalog::text(&*history.dialect, &reached, catalog::View::UNORDERED);
    let wanted = catalog::text(&*history.dialect, to, catalog::View::UNORDERED);
    match reached == wanted {
        true => Ok(()),
        false => Err(format!("the steps lead elsewhere\n- wanted, + reached\n{}\n{text}", lines(&wanted, &reached))),
    }
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
    let found = between(history, from, to)?;
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
pub(super) fn nothing(connection: &mut dyn Connection, found: &Schema, history: &History) -> Result<(), String> {
    let model = history.model(Stop::When);
    for from_is_found in [true, false] {
        let (from, to) = match from_is_found {
            true => (Side::found(found), Side::written(model)),
            false => (Side::written(model), Side::found(found)),
        };
        let mut judge = ByDatabase { connection: &mut *connection, from_is_found };
        let difference = diff::between(&*history.dialect, from, to, &Renames::default(), &mut judge)
            .map_err(|error| error.to_string())?;
        let remarks: Vec<&String> =
            difference.remarks.iter().filter(|remark| !remark.contains("stand in the order")).collect();
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

fn ways(history: &History) -> [(&Schema, &Schema); 2] {
    let (given, when) = (history.model(Stop::Given), history.model(Stop::When));
    [(given, when), (when, given)]
}

fn between(history: &History, from: &Schema, to: &Schema) -> Result<diff::Difference, String> {
    let (from, to) = (Side::written(from), Side::written(to));
    diff::between(&*history.dialect, from, to, &Renames::default(), &mut ByText).map_err(|error| error.to_string())
}

fn described(changes: &[Change]) -> String {
    changes.iter().map(|change| format!("  {}\n", change.describe())).collect()
}
