//! A pair on a database.

use super::case::{Case, Expected};
use super::offline::{described, read};
use super::{between, is_order, said, steps};
use crate::change::invert_all;
use crate::conformance::catalog::{self, View};
use crate::conformance::difference::lines;
use crate::conformance::history::namespaces;
use crate::conformance::live::introspect;
use crate::conformance::scratch::Scratch;
use crate::conformance::{Suite, standing};
use crate::diff::{ByDatabase, Difference, Side};
use crate::driver::Connection;
use crate::operation::Context;
use crate::plan::compile_changes;
use crate::schema::Schema;

/// Runs a pair on an empty database.
pub(super) fn run(
    suite: &Suite,
    case: &Case,
    context: &Context,
    connection: &mut dyn Connection,
) -> Result<(), String> {
    let (from, to) = read(case, context)?;
    let mut ground = Ground { case, context, connection, namespaces: namespaces(&[&from, &to]) };
    standing::create(ground.connection, &from).map_err(|why| format!("`from` cannot be made: {why}"))?;
    let catalog = ground.introspect()?;
    ground.nothing(&catalog, &from, "`from` and its own database differ")?;
    let Expected::Steps(_) = &case.then else {
        return ground.nothing(&catalog, &to, "`to` differs from the database, which is the same in other words");
    };
    let found = ground.difference(Side::found_as(&catalog, &from), &to)?;
    steps::expect(&case.found, &steps::written(context, &found.start, &found.changes)?)?;
    said(case, &found)?;
    if !case.drift.is_empty() {
        let told = ground.difference_to(&to, &catalog)?.remarks;
        if told != case.drift {
            return Err(format!("the drift is to be {:#?} and is {told:#?}", case.drift));
        }
    }
    if !found.remarks.iter().all(|remark| is_order(remark)) {
        return Ok(());
    }

    let mut reached = from.clone();
    let (changes, _) = steps::lowered(case, context, &from, &case.found)?;
    standing::run(ground.connection, &*context.dialect, &mut reached, &changes)
        .map_err(|why| format!("the steps do not run: {why}"))?;
    ground.arrived(suite, &to)?;
    // The way back that a revision has by itself, and the same way again.
    if case.back
        && let Ok(inverse) = invert_all(&changes)
        && compile_changes(&*context.dialect, &inverse, &to).is_ok()
    {
        standing::run(ground.connection, &*context.dialect, &mut reached, &inverse)
            .map_err(|why| format!("the derived downgrade does not run: {why}"))?;
        ground.arrived(suite, &from).map_err(|why| format!("after the derived downgrade {why}"))?;
        standing::run(ground.connection, &*context.dialect, &mut reached, &changes)
            .map_err(|why| format!("the steps do not run again: {why}"))?;
    }
    if !case.back {
        return Ok(());
    }

    let catalog = ground.introspect()?;
    let back = ground.difference(Side::found_as(&catalog, &to), &from)?;
    let list = steps::written(context, &back.start, &back.changes)?;
    if steps::loses_words(&list, &case.answers) {
        return Ok(());
    }
    let (changes, _) = steps::lowered(case, context, &to, &list)?;
    // That rows were checked cannot be taken back, and what needs an expression is refused.
    if changes.is_empty() || compile_changes(&*context.dialect, &changes, &to).is_err() {
        return Ok(());
    }
    let mut reached = to.clone();
    standing::run(ground.connection, &*context.dialect, &mut reached, &changes)
        .map_err(|why| format!("the way back does not run: {why}\nof:\n{}", described(&back)))?;
    ground.arrived(suite, &from).map_err(|why| format!("after the way back {why}"))
}

struct Ground<'a> {
    case: &'a Case,
    context: &'a Context,
    connection: &'a mut dyn Connection,
    namespaces: Vec<String>,
}

impl Ground<'_> {
    fn introspect(&mut self) -> Result<Schema, String> {
        introspect(self.connection, &self.namespaces)
    }

    /// What leads from what was found to a schema.
    fn difference_from(&mut self, catalog: &Schema, to: &Schema) -> Result<Difference, String> {
        self.difference(Side::found(catalog), to)
    }

    fn difference(&mut self, found: Side<'_>, to: &Schema) -> Result<Difference, String> {
        let mut judge = ByDatabase { connection: self.connection, from_is_found: true };
        between(self.case, self.context, found, Side::written(to), &mut judge)
    }

    fn difference_to(&mut self, from: &Schema, catalog: &Schema) -> Result<Difference, String> {
        let mut judge = ByDatabase { connection: self.connection, from_is_found: false };
        between(self.case, self.context, Side::written(from), Side::found(catalog), &mut judge)
    }

    /// Sees that nothing lies between a schema and what was found, in either direction.
    fn nothing(&mut self, catalog: &Schema, schema: &Schema, what: &str) -> Result<(), String> {
        for found in [self.difference_from(catalog, schema)?, self.difference_to(schema, catalog)?] {
            if !found.changes.is_empty() || !found.remarks.iter().all(|remark| is_order(remark)) {
                return Err(format!("{what}:\n{}", described(&found)));
            }
        }
        Ok(())
    }

    /// Sees that the database has become what was wanted, to the last word of a database that was made so at once.
    fn arrived(&mut self, suite: &Suite, wanted: &Schema) -> Result<(), String> {
        let dialect = &*self.context.dialect;
        let catalog = self.introspect()?;
        self.nothing(&catalog, wanted, "what is wanted and the database still differ")?;
        let other = Scratch::create(suite, dialect.name())?;
        let mut fresh = other.connect()?;
        standing::create(&mut *fresh, wanted).map_err(|why| format!("`to` cannot be made at once: {why}"))?;
        let text = |schema: &Schema| catalog::text(dialect, schema, View::UNORDERED);
        let (expected, reached) = (text(&introspect(&mut *fresh, &self.namespaces)?), text(&catalog));
        match expected == reached {
            true => Ok(()),
            false => Err(format!(
                "the catalog is another than that of a database made at once\n- wanted, + reached\n{}",
                lines(&expected, &reached)
            )),
        }
    }
}
