//! The oracle of differences: what lies between two schemas leads from the one to the other, whichever they are.

use std::collections::BTreeMap;

use super::chain::{self, Chain};
use super::document::Document;
use super::fault::{Fault, Step};
use super::run::introspect;
use crate::change::Change;
use crate::conformance::catalog::{self, View};
use crate::conformance::difference::lines;
use crate::conformance::scratch::Scratch;
use crate::conformance::{Suite, desired, differences, standing};
use crate::desired::{Renames, write};
use crate::diff::{self, ByDatabase, Difference, Side};
use crate::driver::Connection;
use crate::notation::Notation;
use crate::operation::Context;
use crate::plan::compile_changes;
use crate::schema::Schema;

/// Any two schemas of each history, the empty one among them.
pub(super) fn of_histories(suite: &Suite, context: &Context, histories: &[Document]) -> Result<(), Fault> {
    for document in histories {
        let chain = chain::read(document, context)?;
        let mut models: Vec<&Schema> = (0..=chain.len()).map(|place| chain.model(place)).collect();
        models.dedup();
        oracle(suite, context, &models)?;
    }
    Ok(())
}

/// The schemas that histories end with, which know nothing of each other.
pub(super) fn of_heads(suite: &Suite, context: &Context, histories: &[Document]) -> Result<(), Fault> {
    let chains = histories.iter().map(|document| chain::read(document, context)).collect::<Result<Vec<Chain>, _>>()?;
    let empty = Schema::default();
    let heads = chains.iter().map(|chain| chain.model(chain.len()));
    let models: Vec<&Schema> = std::iter::once(&empty).chain(heads).collect();
    oracle(suite, context, &models)
}

/// Each schema reads back from its files and differs from itself in nothing; the difference of any two leads from one to the
/// other, in the model and on a database.
fn oracle(suite: &Suite, context: &Context, models: &[&Schema]) -> Result<(), Fault> {
    for model in models {
        desired::check_model(context, model).map_err(|why| Fault::new(Step::Written, why))?;
        differences::itself(context, model).map_err(|why| Fault::new(Step::Lead, why))?;
    }
    for from in models {
        for to in models.iter().filter(|to| *to != from) {
            differences::lead(context, from, to)
                .map_err(|why| Fault::new(Step::Lead, format!("{why}\n{}", pair(context, from, to))))?;
        }
    }
    let mut walk = Walk { suite, context, models, expected: BTreeMap::new(), ground: Ground::new(suite, context)? };
    let mut place = 0;
    for (turn, next) in tour(models.len()).into_iter().enumerate() {
        walk.go(place, next, turn % 2 == 0).map_err(|fault| {
            let about = pair(context, models[place], models[next]);
            Fault::new(fault.step, format!("{}\n{about}", fault.message))
        })?;
        place = next;
    }
    Ok(())
}

/// The places to go to from the first: from end to end inwards, then up one by one, and down.
fn tour(count: usize) -> Vec<usize> {
    let last = count - 1;
    let inwards = (0..last).map(|turn| if turn % 2 == 0 { last - turn / 2 } else { turn.div_ceil(2) });
    let mut tour: Vec<usize> = inwards.chain(0..count).chain((0..count).rev()).collect();
    tour.dedup();
    tour
}

/// A database that goes from schema to schema.
struct Ground {
    _scratch: Scratch,
    connection: Box<dyn Connection>,
}

impl Ground {
    fn new(suite: &Suite, context: &Context) -> Result<Self, Fault> {
        let wrong = |why: String| Fault::new(Step::Database, why);
        let scratch = Scratch::create(suite, context.dialect.name()).map_err(wrong)?;
        let connection = scratch.connect().map_err(wrong)?;
        Ok(Ground { _scratch: scratch, connection })
    }

    /// A database with a schema that was made from nothing.
    fn with(suite: &Suite, context: &Context, model: &Schema) -> Result<Self, Fault> {
        let mut ground = Ground::new(suite, context)?;
        standing::create(&mut *ground.connection, model)
            .map_err(|why| Fault::new(Step::Standing, format!("the schema cannot be made from nothing: {why}")))?;
        Ok(ground)
    }
}

struct Walk<'a> {
    suite: &'a Suite,
    context: &'a Context,
    models: &'a [&'a Schema],
    /// The catalogs of databases that were made from nothing, as text.
    expected: BTreeMap<usize, String>,
    ground: Ground,
}

impl Walk<'_> {
    /// Carries out what lies between two schemas: by the models alone, or by what the database reports of the first.
    fn go(&mut self, from: usize, to: usize, by_model: bool) -> Result<(), Fault> {
        let wanted = self.models[to];
        let found = introspect(&mut *self.ground.connection)?;
        let difference = match by_model {
            true => differences::between(self.context, self.models[from], wanted),
            false => self.compare_found((&found, self.models[from]), wanted),
        };
        let wrong = |why: String| Fault::new(Step::Walk, why);
        let difference = difference.map_err(wrong)?;
        if let Some(remark) = difference.remarks.iter().find(|remark| !differences::is_order(remark)) {
            return Err(wrong(format!("the difference cannot be carried out: {remark}")));
        }
        let steps = match by_model {
            true => None,
            false => differences::written_as_steps(self.context, &difference.start, wanted, &difference.changes),
        };
        // What the steps say is carried out on top of the history, which has the first schema in its author's words.
        let changes = match steps {
            Some(text) => differences::read_steps(self.context, self.models[from], &text).map_err(wrong)?.0,
            None => difference.changes,
        };
        self.run(from, to, &changes)?;
        let found = introspect(&mut *self.ground.connection)?;
        differences::nothing(&mut *self.ground.connection, &found, wanted, View::UNORDERED)
            .map_err(|why| Fault::new(Step::Nothing, why))?;
        self.compare(to, &found, &changes)
    }

    fn compare_found(&mut self, (found, known): (&Schema, &Schema), to: &Schema) -> Result<Difference, String> {
        let mut judge = ByDatabase { connection: &mut *self.ground.connection, from_is_found: true };
        let (from, to) = (Side::found_as(found, known), Side::written(to));
        diff::between(&*self.context.dialect, from, to, &Renames::default(), &mut judge)
            .map_err(|error| error.to_string())
    }

    fn run(&mut self, from: usize, to: usize, changes: &[Change]) -> Result<(), Fault> {
        let dialect = &*self.context.dialect;
        // What needs an expression that nobody can guess is said before anything runs.
        if compile_changes(dialect, changes, self.models[from]).is_err() {
            self.ground = Ground::with(self.suite, self.context, self.models[to])?;
            return Ok(());
        }
        let mut reached = self.models[from].clone();
        standing::run(&mut *self.ground.connection, dialect, &mut reached, changes).map_err(|why| {
            let described = differences::described(changes);
            Fault::new(Step::Walk, format!("the difference does not run: {why}\nof:\n{described}"))
        })
    }

    /// Compares a catalog with that of a database whose schema was made from nothing.
    fn compare(&mut self, place: usize, found: &Schema, changes: &[Change]) -> Result<(), Fault> {
        let dialect = &*self.context.dialect;
        let text = |schema: &Schema| catalog::text(dialect, schema, View::UNORDERED);
        if !self.expected.contains_key(&place) {
            let mut fresh = Ground::with(self.suite, self.context, self.models[place])?;
            let made = introspect(&mut *fresh.connection)?;
            differences::nothing(&mut *fresh.connection, &made, self.models[place], View::FULL)
                .map_err(|why| Fault::new(Step::Nothing, why))?;
            desired::check_catalog(self.context, &made).map_err(|why| Fault::new(Step::Written, why))?;
            self.expected.insert(place, text(&made));
        }
        let expected = self.expected.get(&place).map_or("", String::as_str);
        let reached = text(found);
        match *expected == reached {
            true => Ok(()),
            false => Err(Fault::new(
                Step::Walk,
                format!(
                    "the difference leads to another catalog\n- wanted, + reached\n{}\nby:\n{}",
                    lines(expected, &reached),
                    differences::described(changes)
                ),
            )),
        }
    }
}

/// Two schemas as a pair of `specs/diff`.
fn pair(context: &Context, from: &Schema, to: &Schema) -> String {
    let notation = Notation::of(context);
    format!("from:\n{}\nto:\n{}", write(from, &notation), write(to, &notation))
}

#[cfg(test)]
mod tests {
    use super::tour;

    #[test]
    fn a_tour_goes_far_and_near() {
        assert_eq!(tour(1), [0]);
        assert_eq!(tour(2), [1, 0, 1, 0]);
        assert_eq!(tour(4), [3, 1, 2, 0, 1, 2, 3, 2, 1, 0]);
    }
}
