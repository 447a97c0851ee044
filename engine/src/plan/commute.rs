//! Whether two branches of a history can run in either order.
//!
//! A merge revision says that its parents may have run one after the other or the other way round: a database that has one
//! of them gets the other one later, and a new database gets both in the order of the graph. That is sound when the
//! branches commute. It is proven here from the model, and what cannot be proven counts as a conflict.

use std::collections::{BTreeMap, BTreeSet};

use super::replay::{Replayed, Source, differences, replay_onto};
use crate::change::{Part, Touch, Touched};
use crate::diagnostic::Diagnostics;
use crate::operation::Context;
use crate::revision::RevisionId;
use crate::schema::{Object, ObjectName, Schema};
use crate::source::Span;

/// How many conflicts are told; more of them say nothing new.
const TOLD: usize = 20;

/// A reason why two branches cannot run in either order.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Conflict {
    /// What is wrong, a line without a full stop.
    pub what: String,
    /// The step of one branch, and that of the other, as far as there is one.
    pub parties: Vec<Party>,
}

/// A step that takes part in a conflict.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Party {
    /// Its revision.
    pub revision: RevisionId,
    /// What it does, in words.
    pub does: String,
    /// Where it stands.
    pub span: Span,
}

/// Why the revisions of two branches, each in order, cannot run in either order on top of what both have; nothing when they
/// can.
///
/// They can when no change of one touches what the other alters, raw SQL counting as altering anything, and when the
/// replay of both orders succeeds and leads to the same schema.
///
/// # Errors
///
/// What is wrong with the files of one branch by itself.
pub fn conflicts(
    context: &Context,
    common: &[Source<'_>],
    left: &[Source<'_>],
    right: &[Source<'_>],
) -> Result<Vec<Conflict>, Diagnostics> {
    let mut diagnostics = Diagnostics::default();
    let start = last(&replay_onto(context, Schema::default(), common, &mut diagnostics), Schema::default());
    let one = replay_onto(context, start.clone(), left, &mut diagnostics);
    let other = replay_onto(context, start.clone(), right, &mut diagnostics);
    if diagnostics.has_errors() {
        return Err(diagnostics);
    }
    let (one_side, other_side) = (Side::of(&one), Side::of(&other));
    let mut found = one_side.against(&other_side, context);
    if !found.is_empty() {
        return Ok(found);
    }
    let mut problems = Diagnostics::default();
    let forth = last(&replay_onto(context, last(&one, start.clone()), right, &mut problems), start.clone());
    let back = last(&replay_onto(context, last(&other, start.clone()), left, &mut problems), start);
    for problem in problems.sorted() {
        let label = problem.labels.first();
        let party = label.and_then(|label| one_side.at(label.span).or_else(|| other_side.at(label.span)));
        found.push(Conflict {
            what: format!("after the other branch it fails: {}", problem.message),
            parties: party.cloned().into_iter().collect(),
        });
    }
    if found.is_empty() {
        let (forth, back) = (context.dialect.normalize(&forth), context.dialect.normalize(&back));
        found = different(&forth, &back, &one_side, &other_side);
    }
    found.truncate(TOLD);
    Ok(found)
}

fn last(replayed: &[Replayed], otherwise: Schema) -> Schema {
    replayed.last().map_or(otherwise, |revision| revision.after.clone())
}

/// What the steps of a branch touch.
struct Side {
    parties: Vec<Party>,
    /// By table, in lower case; under none what is not about a table. Each with the step it is of.
    touches: BTreeMap<Option<String>, Vec<(usize, Touch)>>,
}

impl Side {
    fn of(replayed: &[Replayed]) -> Self {
        let mut side = Side { parties: Vec::new(), touches: BTreeMap::new() };
        for revision in replayed {
            for step in &revision.upgrade {
                let does: Vec<String> = step.changes.iter().map(|change| change.describe()).collect();
                let party = side.parties.len();
                side.parties.push(Party {
                    revision: revision.id.clone(),
                    does: does.first().map_or_else(|| step.operation.clone(), ToString::to_string),
                    span: step.span,
                });
                let touches = step.changes.iter().flat_map(|change| change.touches());
                for mut touch in touches {
                    if touch.alters && fires(&touch, &revision.before) {
                        touch.object = Touched::Anything;
                    }
                    let table = touch.object.table().map(|table| table.name.to_lowercase());
                    side.touches.entry(table).or_default().push((party, touch));
                }
            }
        }
        side
    }

    /// The step at a place.
    fn at(&self, span: Span) -> Option<&Party> {
        let inside = |party: &&Party| {
            party.span.file == span.file && party.span.start <= span.start && span.start <= party.span.end
        };
        self.parties.iter().find(inside).or_else(|| self.parties.iter().find(|party| party.span.file == span.file))
    }

    /// The first step that alters columns of a table.
    fn columns_of(&self, table: &ObjectName) -> Option<&Party> {
        let touches = self.touches.get(&Some(table.name.to_lowercase()))?;
        let alters = |touch: &Touch| touch.alters && matches!(touch.object, Touched::Table(_, Part::Column(_)));
        touches.iter().find(|(_, touch)| alters(touch)).and_then(|(party, _)| self.parties.get(*party))
    }

    fn against(&self, other: &Side, context: &Context) -> Vec<Conflict> {
        let lexicon = context.dialect.lexicon();
        let mut found = Vec::new();
        let mut told = BTreeSet::new();
        for (table, touches) in &self.touches {
            // What is not about a table, such as raw SQL, may get in the way of everything.
            let everything: Vec<&Vec<(usize, Touch)>> = match table {
                None => other.touches.values().collect(),
                Some(_) => [other.touches.get(table), other.touches.get(&None)].into_iter().flatten().collect(),
            };
            for (mine, touch) in touches {
                for (theirs, counterpart) in everything.iter().copied().flatten() {
                    if touch.conflicts(counterpart, lexicon) && told.insert((*mine, *theirs)) {
                        found.push(self.conflict((*mine, touch), other, (*theirs, counterpart)));
                    }
                    if found.len() == TOLD {
                        return found;
                    }
                }
            }
        }
        found
    }

    fn conflict(
        &self,
        (mine, touch): (usize, &Touch),
        other: &Side,
        (theirs, counterpart): (usize, &Touch),
    ) -> Conflict {
        let sql = [touch, counterpart].iter().any(|touch| touch.object == Touched::Anything);
        let what = match (sql, touch.alters && counterpart.alters) {
            (true, _) => {
                "what raw SQL or a trigger touches is not known, so nothing beside it is known to be independent"
                    .to_owned()
            }
            (false, true) => format!("both branches alter {}", narrower(&touch.object, &counterpart.object)),
            (false, false) => {
                let altered = if touch.alters { &touch.object } else { &counterpart.object };
                format!("one branch alters {altered}, and the other one relies on it")
            }
        };
        let parties = [self.parties.get(mine), other.parties.get(theirs)].into_iter().flatten().cloned();
        Conflict { what, parties: parties.collect() }
    }
}

/// Whether what is touched are rows of a table with triggers, which do as they please.
fn fires(touch: &Touch, schema: &Schema) -> bool {
    let Touched::Table(table, Part::Rows) = &touch.object else { return false };
    schema.objects().any(
        |object| matches!(&**object, Object::Trigger(trigger) if trigger.table.name.eq_ignore_ascii_case(&table.name)),
    )
}

/// The one of two that overlap that says more.
fn narrower<'t>(a: &'t Touched, b: &'t Touched) -> &'t Touched {
    if matches!(a, Touched::Table(_, Part::All | Part::Itself)) { b } else { a }
}

/// Where the two orders lead to different schemas.
fn different(forth: &Schema, back: &Schema, one: &Side, other: &Side) -> Vec<Conflict> {
    let mut found = Vec::new();
    for table in forth.tables() {
        let Some(counterpart) = back.table(&table.name).filter(|counterpart| counterpart.columns != table.columns)
        else {
            continue;
        };
        let names = |columns: &[crate::schema::Column]| columns.iter().map(|c| c.name.clone()).collect::<BTreeSet<_>>();
        let what = match names(&table.columns) == names(&counterpart.columns) {
            true => format!("the order of the columns of `{}` depends on which branch runs first", table.name),
            false => format!("the columns of `{}` depend on which branch runs first", table.name),
        };
        let parties =
            [one.columns_of(&table.name), other.columns_of(&table.name)].into_iter().flatten().cloned().collect();
        found.push(Conflict { what, parties });
    }
    if found.is_empty() {
        let lines = differences(forth, back);
        let told =
            |line| Conflict { what: format!("the two orders lead to different schemas: {line}"), parties: Vec::new() };
        found.extend(lines.into_iter().map(told));
    }
    found
}
