//! The changes that lead from one schema to another.
//!
//! Both sides are put in the words of the server ([`Dialect::normalize`]) and compared as such; what a change carries is the
//! definition as its author wrote it. Where two texts differ and may still mean the same, a [`Judge`] is asked: with a
//! database at hand that is the server itself, without one the canonical text decides.
//!
//! The changes come in an order in which they run: what is built on something goes before it and comes after it, and the
//! changes of one table stand together as far as that allows, because a dialect may carry them out together.

mod borrow;
mod code;
mod compare;
mod course;
mod creation;
mod enums;
mod hints;
mod kinds;
mod lookalike;
mod order;
mod reconcile;
mod renames;
mod tables;
pub mod words;

pub use creation::creation;
pub use lookalike::Lookalike;
pub use reconcile::{Reconciled, Undecided, reconcile};

use std::collections::BTreeSet;
use std::sync::Arc;

use crate::change::Change;
use crate::desired::Renames;
use crate::dialect::Dialect;
use crate::driver::{Connection, DriverError};
use crate::schema::{ObjectName, Schema, Table};
use compare::Comparison;
use course::Course;

/// One side of a comparison.
#[derive(Debug, Clone, Copy)]
pub struct Side<'a> {
    /// What is there.
    pub schema: &'a Schema,
    /// Whether it was read from a database, which has its own words for everything and no word for some things.
    pub found: bool,
    /// What the history says of it, where it was read from a database: what a database has no word for is told from that. The
    /// judge is asked with this side first.
    pub known: Option<&'a Schema>,
}

impl<'a> Side<'a> {
    /// A schema as files have it.
    #[must_use]
    pub fn written(schema: &'a Schema) -> Self {
        Side { schema, found: false, known: None }
    }

    /// A schema as a database has it.
    #[must_use]
    pub fn found(schema: &'a Schema) -> Self {
        Side { schema, found: true, known: None }
    }

    /// A schema as a database has it, of which a history says what it should be.
    #[must_use]
    pub fn found_as(schema: &'a Schema, known: &'a Schema) -> Self {
        Side { schema, found: true, known: Some(known) }
    }
}

/// Says which texts mean the same.
pub trait Judge {
    /// Both schemas in the words of the server, with the same text wherever they mean the same. What could not be decided is
    /// told and stays different.
    ///
    /// # Errors
    /// When a database had to be asked and did not answer.
    fn agree(&mut self, dialect: &dyn Dialect, from: &Schema, to: &Schema) -> Result<Agreement, DriverError>;
}

/// Two schemas with the same text wherever they mean the same.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Agreement {
    /// The one.
    pub from: Schema,
    /// The other.
    pub to: Schema,
    /// What could not be decided, and why.
    pub undecided: Vec<Undecided>,
}

/// Decides by the canonical text alone.
#[derive(Debug, Clone, Copy, Default)]
pub struct ByText;

impl Judge for ByText {
    fn agree(&mut self, dialect: &dyn Dialect, from: &Schema, to: &Schema) -> Result<Agreement, DriverError> {
        Ok(Agreement { from: dialect.normalize(from), to: dialect.normalize(to), undecided: Vec::new() })
    }
}

/// Asks the database that one of the sides was found in.
pub struct ByDatabase<'a> {
    /// A session with it.
    pub connection: &'a mut dyn Connection,
    /// Whether the side that the changes lead from is the one that was found.
    pub from_is_found: bool,
}

impl Judge for ByDatabase<'_> {
    fn agree(&mut self, dialect: &dyn Dialect, from: &Schema, to: &Schema) -> Result<Agreement, DriverError> {
        let (model, found) = if self.from_is_found { (to, from) } else { (from, to) };
        let settled = reconcile(self.connection, model, found)?;
        let found = dialect.normalize(found);
        let undecided = settled.undecided;
        Ok(match self.from_is_found {
            true => Agreement { from: found, to: settled.model, undecided },
            false => Agreement { from: settled.model, to: found, undecided },
        })
    }
}

/// What lies between two schemas.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Difference {
    /// The schema that the changes start from: the first, with what its database has no word for.
    pub start: Schema,
    /// The changes that lead from the one to the other, in an order in which they run.
    pub changes: Vec<Change>,
    /// What is different and no change brings about, or could not be decided: a sentence each.
    pub remarks: Vec<String>,
    /// What goes and comes and may be one thing under two names.
    pub lookalikes: Vec<Lookalike>,
    /// Names that hints hand on in a circle, of which nothing tells whether that has been done: a sentence each. It is not
    /// done.
    pub unclear: Vec<String>,
    /// Both schemas in the same words, the first with the names of the second where something is renamed: what a change
    /// carries may differ in words that mean the same.
    pub words: Agreement,
}

impl Difference {
    /// Whether the schemas are the same.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.changes.is_empty() && self.remarks.is_empty()
    }

    /// Whether the schemas are the same but for the order of columns, which a database that was taken down and up again may
    /// have changed: most can add a column at the end only.
    #[must_use]
    pub fn is_at_most_order(&self) -> bool {
        self.changes.is_empty() && self.remarks.iter().all(|remark| tables::is_about_order(remark))
    }
}

/// A side in the words of its history where it has them and they are true, and the tables of which that is so throughout.
fn recognised(
    dialect: &dyn Dialect,
    side: Side<'_>,
    judge: &mut dyn Judge,
) -> Result<(Schema, BTreeSet<ObjectName>), DriverError> {
    let mut schema = side.schema.clone();
    let Some(known) = side.known else { return Ok((schema, BTreeSet::new())) };
    schema = kinds::in_kinds_of(dialect, &schema, known);
    enums::lend(dialect, known, &mut schema);
    let agreement = judge.agree(dialect, &schema, known)?;
    schema = borrow::borrow((&schema, &agreement.from), (known, &agreement.to));
    let same = |table: &&Arc<Table>| agreement.to.table(&table.name).is_some_and(|known| is_same(known, table));
    let tables = agreement.from.tables().filter(same).map(|table| table.name.clone()).collect();
    Ok((schema, tables))
}

/// Whether two tables are the same but for the order of columns, which a database may have lost.
fn is_same(one: &Table, other: &Table) -> bool {
    let sorted = |table: &Table| {
        let mut table = table.clone();
        table.columns.sort_by(|one, other| one.name.cmp(&other.name));
        table
    };
    one == other || sorted(one) == sorted(other)
}

/// The changes that lead from one schema to another.
///
/// # Errors
/// When a database had to be asked and did not answer.
pub fn between(
    dialect: &dyn Dialect,
    from: Side<'_>,
    to: Side<'_>,
    renames: &Renames,
    judge: &mut dyn Judge,
) -> Result<Difference, DriverError> {
    let (start, recognised) = recognised(dialect, from, judge)?;
    let mut course = Course::new(dialect, start);
    let mut wanted = enums::adopt(dialect, &mut course, from, to);
    match (from.found, to.found) {
        (true, false) if from.known.is_none() => {
            course.reached = kinds::in_kinds_of(dialect, &course.reached, &wanted);
        }
        (false, true) => wanted = kinds::in_kinds_of(dialect, &wanted, &course.reached),
        _ => {}
    }
    let start = course.reached.clone();
    let unclear = renames::follow(&mut course, &wanted, renames);
    renames::recase(&mut course, &wanted);
    enums::alter(&mut course, &wanted);
    let agreement = judge.agree(dialect, &course.reached, &wanted)?;
    match (from.found, to.found) {
        (true, false) => {
            let known: Vec<_> = recognised.iter().filter_map(|name| course.reached.table(name).cloned()).collect();
            course.reached = borrow::borrow((&course.reached, &agreement.from), (&wanted, &agreement.to));
            known.into_iter().for_each(|table| course.reached.put_table(table));
        }
        (false, true) => wanted = borrow::borrow((&wanted, &agreement.to), (&course.reached, &agreement.from)),
        _ => {}
    }
    let mut plan = Comparison::of(&course.reached, &wanted, &agreement.from, &agreement.to);
    plan.weigh_validity(from.found, to.found);
    renames::withdraw(&mut course, &mut plan);
    // What could not be asked because it speaks of what is yet to come is made anew with it.
    let waits = |one: &&Undecided| match &one.place.owner {
        words::Owner::Object(id) => plan.has_tables() || !course.changes.is_empty() || plan.has_other_code(id),
        words::Owner::Table(table) => plan.changes_columns(table),
    };
    let undecided = agreement.undecided.iter().filter(|one| !waits(one));
    course.remarks.extend(undecided.map(|one| format!("{}: {}", one.place, one.reason)));
    let lookalikes = lookalike::find(&plan, &agreement);
    course.remarks.extend(plan.remarks.iter().cloned());
    order::carry_out(&mut course, &wanted, plan);
    Ok(Difference { start, changes: course.changes, remarks: course.remarks, lookalikes, unclear, words: agreement })
}
