//! A pair without a database.

use super::case::{Case, Expected};
use super::{between, is_order, said, steps};
use crate::change::Change;
use crate::conformance::catalog::{self, View};
use crate::conformance::difference::lines;
use crate::diagnostic::Diagnostics;
use crate::diff::{ByText, Difference, Side, creation};
use crate::operation::Context;
use crate::plan::compile_changes;
use crate::schema::Schema;

/// Runs a pair offline.
pub(super) fn run(case: &Case, context: &Context) -> Result<(), String> {
    if let Some(code) = case.refusal(context) {
        return refused(case, context, code);
    }
    let (from, to) = read(case, context)?;
    for schema in [&from, &to] {
        let found = by_text(case, context, schema, schema)?;
        if !found.is_empty() || !found.lookalikes.is_empty() {
            return Err(format!("a schema differs from itself:\n{}", described(&found)));
        }
    }
    let found = by_text(case, context, &from, &to)?;
    match &case.then {
        Expected::SameToTheDatabase if found.is_empty() => {
            Err("the texts are the same already: write `same: true`".to_owned())
        }
        Expected::SameToTheDatabase => Ok(()),
        Expected::Same if found.is_empty() && found.lookalikes.is_empty() => Ok(()),
        Expected::Same => Err(format!("there is to be no difference, and there is\n{}", described(&found))),
        Expected::Steps(expected) => {
            steps::expect(expected, &steps::written(context, &from, &found.changes)?)?;
            said(case, &found)?;
            if !found.remarks.iter().all(|remark| is_order(remark)) {
                return Ok(());
            }
            let (changes, reached) = steps::lowered(case, context, &from, expected)?;
            same(context, &to, &reached, "the steps lead elsewhere")?;
            compile_changes(&*context.dialect, &changes, &from)
                .map_err(|why| format!("the steps do not compile: {}", why.message))?;
            back(case, context, &from, &to)
        }
    }
}

/// Both schemas.
pub(super) fn read(case: &Case, context: &Context) -> Result<(Schema, Schema), String> {
    let mut diagnostics = Diagnostics::default();
    let from = case.from(context, &mut diagnostics).schema;
    let to = case.to(context, &mut diagnostics).schema;
    if diagnostics.has_errors() { Err(case.shown(&diagnostics)) } else { Ok((from, to)) }
}

/// Sees that a dialect refuses a pair with the code that is due: where it is read, made, or led from one to the other.
fn refused(case: &Case, context: &Context, code: &str) -> Result<(), String> {
    let mut diagnostics = Diagnostics::default();
    let from = case.from(context, &mut diagnostics).schema;
    let to = case.to(context, &mut diagnostics).schema;
    if let Some(other) = diagnostics.sorted().iter().find(|found| found.code.id != code) {
        return Err(format!("the refusal is to be {code}, not {}\n{}", other.code.id, case.shown(&diagnostics)));
    }
    if diagnostics.has_errors() {
        return Ok(());
    }
    let dialect = &*context.dialect;
    let nothing = Schema::default();
    let makes = |schema: &Schema| compile_changes(dialect, &creation(schema), &nothing).map(|_| ());
    let led = || -> Result<(), String> {
        let found = by_text(case, context, &from, &to)?;
        let list = steps::written(context, &from, &found.changes)?;
        let (changes, _) = steps::lowered(case, context, &from, &list)?;
        compile_changes(dialect, &changes, &from).map(|_| ()).map_err(|why| why.message)
    };
    match makes(&from).is_err() || makes(&to).is_err() || led().is_err() {
        true => Ok(()),
        false => Err(format!("{} is to refuse this with {code}, and takes it", dialect.name())),
    }
}

fn by_text(case: &Case, context: &Context, from: &Schema, to: &Schema) -> Result<Difference, String> {
    between(case, context, Side::written(from), Side::written(to), &mut ByText)
}

/// The changes of the way back, in the model. What has a new name has it back by going and coming.
fn back(case: &Case, context: &Context, from: &Schema, to: &Schema) -> Result<(), String> {
    let found = by_text(case, context, to, from)?;
    if let Some(remark) = found.remarks.iter().find(|remark| !is_order(remark)) {
        return Err(format!("the way back cannot be carried out: {remark}"));
    }
    let mut reached = to.clone();
    for change in &found.changes {
        change.apply(&mut reached, context.dialect.lexicon()).map_err(|conflict| conflict.to_string())?;
    }
    same(context, from, &reached, "the way back leads elsewhere")
}

fn same(context: &Context, wanted: &Schema, reached: &Schema, what: &str) -> Result<(), String> {
    let text = |schema: &Schema| catalog::text(&*context.dialect, schema, View::UNORDERED);
    let (wanted, reached) = (text(wanted), text(reached));
    match wanted == reached {
        true => Ok(()),
        false => Err(format!("{what}\n- wanted, + reached\n{}", lines(&wanted, &reached))),
    }
}

/// Everything in a difference, in words.
pub(super) fn described(found: &Difference) -> String {
    let changes = found.changes.iter().map(|change: &Change| format!("  {}\n", change.describe()));
    let remarks = found.remarks.iter().map(|remark| format!("  ({remark})\n"));
    let lookalikes = found.lookalikes.iter().map(|found| format!("  {}?\n", super::lookalike(found)));
    changes.chain(remarks).chain(lookalikes).collect()
}
