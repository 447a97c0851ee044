//! The difference of every two schemas that a case knows leads from the one to the other.

use super::difference::lines;
use super::history::{History, Stop};
use super::scratch::Scratch;
use super::{Suite, catalog, standing};
use crate::change::Change;
use crate::desired::Renames;
use crate::diff::{self, ByText, Side};
use crate::driver::Connection;
use crate::schema::Schema;

/// Sees that the difference between a schema and itself is nothing, and that the changes from one to the other lead there,
/// in the model.
pub(super) fn in_the_model(history: &History) -> Result<(), String> {
    for (from, to) in ways(history) {
        let found = between(history, from, to)?;
        if let Some(remark) = found.remarks.iter().find(|remark| !remark.contains("stand in the order")) {
            return Err(format!("the difference cannot be carried out: {remark}"));
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
    for schema in [Stop::Given, Stop::When].map(|stop| history.model(stop)) {
        let found = between(history, schema, schema)?;
        if !found.is_empty() {
            return Err(format!("a schema differs from itself:\n{}", described(&found.changes)));
        }
    }
    Ok(())
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
