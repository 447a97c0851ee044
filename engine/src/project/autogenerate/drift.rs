//! What a database has otherwise than its history says, brought back by SQL: the history has no words for what it does not
//! know, so its model stays as it is.

use serde_yaml::Mapping;

use super::{Against, Failure, Generated, Reading, downgrade, merge, proven, steps_of_each, together};
use crate::change::{Change, invert_all};
use crate::desired::{Desired, Renames};
use crate::diagnostic::{Diagnostic, Diagnostics, codes};
use crate::dialect::Dialect;
use crate::diff::{ByText, Difference, Side, between};
use crate::notation::WrittenStep;
use crate::plan::{Statement, compile_changes};
use crate::schema::Schema;

const ALONE: &str = "this database is not as its history says, and the SQL brings it back to that; it fails on every \
                     database that is as its history says";

/// What leads from a database to the desired schema that is not as its history says: first what brings it back to that, as
/// SQL, then what leads on from there.
pub(super) fn generated(
    reading: &Reading,
    against: Against<'_>,
    known: &Schema,
    desired: &Desired,
) -> Result<Generated, Failure> {
    let dialect = &*reading.dialect;
    let (from, to) = (Side::found_as(against.found, known), Side::written(known));
    let back = between(dialect, from, to, &Renames::default(), against.judge)?;
    let on = between(dialect, Side::written(known), Side::written(&desired.schema), &desired.renames, &mut ByText)?;
    let mended = steps(dialect, &back)?;
    let readings = std::slice::from_ref(reading);
    let by_dialect = vec![(reading.clone(), on)];
    let ordinary = together(readings, steps_of_each(readings, &by_dialect)?);
    proven(&ordinary, readings, std::slice::from_ref(known), &[&desired.schema])?;

    let mut generated = Generated { steps: ordinary, by_dialect, downgrade: None };
    generated.downgrade = downgrade(readings, &generated, std::slice::from_ref(known)).and_then(|mut steps| {
        let undone: Option<Vec<WrittenStep>> = mended.iter().rev().map(undone).collect();
        steps.extend(merge::only(dialect.name(), undone?));
        Some(steps)
    });
    generated.steps.splice(0..0, merge::only(dialect.name(), mended));
    generated.by_dialect.insert(0, (reading.clone(), back));
    Ok(generated)
}

/// The steps that bring a database back to what its history says.
fn steps(dialect: &dyn Dialect, back: &Difference) -> Result<Vec<WrittenStep>, Diagnostics> {
    let mut steps = Vec::new();
    let mut diagnostics = Diagnostics::default();
    let mut before = back.start.clone();
    for change in &back.changes {
        match step(dialect, &mut before, change) {
            Ok(step) => steps.push(step),
            Err(reason) => diagnostics.push(
                Diagnostic::error(
                    &codes::NOT_A_STEP,
                    format!("the database is not as its history says, and no step mends that: {}", change.describe()),
                )
                .note(reason)
                .help("mend it by hand and generate again; `aludel check --database` tells all that differs"),
            ),
        }
    }
    if diagnostics.has_errors() {
        return Err(diagnostics);
    }
    if let Some(first) = steps.first_mut() {
        first.remarks.insert(0, ALONE.to_owned());
    }
    Ok(steps)
}

/// One change as SQL of the dialect.
fn step(dialect: &dyn Dialect, before: &mut Schema, change: &Change) -> Result<WrittenStep, String> {
    let start = before.clone();
    change.apply(before, dialect.lexicon()).map_err(|conflict| conflict.to_string())?;
    let sql = text(dialect, std::slice::from_ref(change), &start)?;
    let down = invert_all(std::slice::from_ref(change)).ok();
    let down = down.and_then(|inverse| text(dialect, &inverse, before).ok());
    let mut keys = Mapping::new();
    keys.insert("sql".into(), sql.into());
    if let Some(down) = down {
        keys.insert("down".into(), down.into());
    }
    let loss = if change.loses_data() { ", and what it holds is lost" } else { "" };
    let remarks = vec![format!("{}{loss}", change.describe())];
    Ok(WrittenStep { operation: "execute", subject: change.describe(), keys, remarks })
}

/// What takes such a step back.
fn undone(step: &WrittenStep) -> Option<WrittenStep> {
    let mut keys = Mapping::new();
    keys.insert("sql".into(), step.keys.get("down")?.clone());
    Some(WrittenStep { keys, remarks: Vec::new(), ..step.clone() })
}

/// Changes as a text that `execute` runs as it stands.
fn text(dialect: &dyn Dialect, changes: &[Change], before: &Schema) -> Result<String, String> {
    let compiled = compile_changes(dialect, changes, before).map_err(|refusal| refusal.message)?;
    let statements: Vec<Statement> = compiled.into_iter().flat_map(|(_, statements)| statements).collect();
    if statements.iter().any(|statement| !statement.prologue.is_empty() || statement.batches.is_some()) {
        return Err("the table has to be rebuilt, which is no SQL that could stand by itself".to_owned());
    }
    let terminated = statements.iter().map(|statement| dialect.terminated(&statement.sql));
    Ok(terminated.collect::<Vec<_>>().join("\n"))
}
