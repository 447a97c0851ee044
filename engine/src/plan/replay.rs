//! The replay of a history: what each revision does, and the schema before and after it.
//!
//! Replay is the type checker. It needs no database.

use rayon::prelude::*;

use crate::change::{Change, invert_all};
use crate::diagnostic::{Diagnostic, Diagnostics, codes};
use crate::operation::{Context, Downgrade, LoweredStep, Lowering, Step, steps};
use crate::revision::RevisionId;
use crate::schema::Schema;
use crate::source::{Node, Span};

/// A revision to replay.
#[derive(Debug, Clone)]
pub struct Source<'a> {
    /// Its id.
    pub id: RevisionId,
    /// The map of its file.
    pub node: &'a Node,
}

/// A revision that was replayed.
#[derive(Debug, Clone)]
pub struct Replayed {
    /// Its id.
    pub id: RevisionId,
    /// The schema before it.
    pub before: Schema,
    /// The schema after it.
    pub after: Schema,
    /// What its upgrade does.
    pub upgrade: Vec<LoweredStep>,
    /// What its downgrade does.
    pub downgrade: Result<Vec<LoweredStep>, Irreversible>,
}

/// Why a revision cannot be taken back.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Irreversible {
    /// A sentence without a full stop.
    pub reason: String,
    /// The step it is about.
    pub span: Span,
}

impl Irreversible {
    /// The message that refuses a downgrade.
    #[must_use]
    pub fn diagnostic(&self, id: &RevisionId) -> Diagnostic {
        Diagnostic::error(&codes::IRREVERSIBLE, format!("the revision `{id}` cannot be downgraded: {}", self.reason))
            .at(self.span, "this cannot be taken back")
            .help("write a `downgrade:` in the revision, or give the step a `down`; nothing has been run")
    }
}

/// Replays revisions in order, from an empty schema. Every mistake of every revision is reported; the steps of files are
/// read in parallel, since they do not depend on each other.
#[must_use]
pub fn replay(context: &Context, sources: &[Source<'_>], diagnostics: &mut Diagnostics) -> Vec<Replayed> {
    replay_onto(context, Schema::default(), sources, diagnostics)
}

/// Replays revisions in order, from a schema that others led to.
#[must_use]
pub fn replay_onto(
    context: &Context,
    start: Schema,
    sources: &[Source<'_>],
    diagnostics: &mut Diagnostics,
) -> Vec<Replayed> {
    let read: Vec<(Vec<Step>, Downgrade, Diagnostics)> = sources
        .par_iter()
        .map(|source| {
            let mut own = Diagnostics::default();
            let upgrade = source.node.get("upgrade").map(|node| steps(node, context, &mut own)).unwrap_or_default();
            let downgrade = Downgrade::read(source.node.get("downgrade"), context, &mut own);
            (upgrade, downgrade, own)
        })
        .collect();
    let mut replayed = Vec::with_capacity(sources.len());
    let mut schema = start.clone();
    let mut lowered = Vec::with_capacity(sources.len());
    {
        let mut lowering = Lowering::new(context, start, diagnostics);
        for (steps, downgrade, own) in read {
            lowering.diagnostics.extend(own);
            let upgrade = lowering.steps(&steps);
            lowered.push((upgrade, lowering.schema.clone(), downgrade));
        }
    }
    for (source, (upgrade, after, downgrade)) in sources.iter().zip(lowered) {
        let before = std::mem::replace(&mut schema, after.clone());
        let downgrade = match downgrade {
            Downgrade::Derived => derive(&upgrade),
            Downgrade::Irreversible(span) => Err(Irreversible { reason: "the author says so".to_owned(), span }),
            Downgrade::Written(steps) => Ok(written(context, &steps, &before, &after, source, diagnostics)),
        };
        replayed.push(Replayed { id: source.id.clone(), before, after, upgrade, downgrade });
    }
    replayed
}

/// The downgrade as the reverse of the upgrade.
fn derive(upgrade: &[LoweredStep]) -> Result<Vec<LoweredStep>, Irreversible> {
    upgrade
        .iter()
        .enumerate()
        .rev()
        .map(|(place, step)| {
            let changes = match invert_all(&step.changes) {
                Ok(changes) => changes,
                Err(_) if fills_what_goes(&upgrade[..place], step) => Vec::new(),
                Err(error) => return Err(Irreversible { reason: error.reason, span: step.span }),
            };
            Ok(LoweredStep { changes, ..step.clone() })
        })
        .collect()
}

/// Whether a step fills nothing but columns that steps before it added, so that its values go with them.
fn fills_what_goes(before: &[LoweredStep], step: &LoweredStep) -> bool {
    let earlier = || changes_of(before).map(|(_, change)| change);
    step.changes.iter().all(|change| {
        let Change::Backfill(backfill) = change else { return false };
        let renames = |change: &Change| match change {
            Change::RenameTable { from, to } => *from == backfill.table || *to == backfill.table,
            Change::RenameColumn { table, .. } => *table == backfill.table,
            _ => false,
        };
        let added = |name: &str| {
            earlier().any(|change| match change {
                Change::CreateTable { table, if_not_exists: false } => table.name == backfill.table,
                Change::AddColumn { table, column, if_not_exists: false, .. } => {
                    *table == backfill.table && column.name == name
                }
                _ => false,
            })
        };
        !earlier().any(renames) && backfill.values.set.iter().all(|(name, ..)| added(name))
    })
}

/// A written downgrade: it must lead back to the schema from before.
fn written(
    context: &Context,
    steps: &[Step],
    before: &Schema,
    after: &Schema,
    source: &Source<'_>,
    diagnostics: &mut Diagnostics,
) -> Vec<LoweredStep> {
    let had_errors = diagnostics.len();
    let mut lowering = Lowering::new(context, after.clone(), diagnostics);
    let lowered = lowering.steps(steps);
    let reached = lowering.schema;
    if diagnostics.len() > had_errors {
        return lowered;
    }
    let (reached, wanted) = (context.dialect.normalize(&reached), context.dialect.normalize(before));
    let differences = differences(&reached, &wanted);
    if !differences.is_empty() {
        let span = source.node.get("downgrade").map_or(source.node.span, |node| node.span);
        let mut diagnostic = Diagnostic::error(
            &codes::DOWNGRADE_MISMATCH,
            format!("the downgrade of `{}` does not lead back", source.id),
        )
        .at(span, "the schema after this differs from the one before the revision");
        for difference in differences {
            diagnostic = diagnostic.note(difference);
        }
        diagnostics.push(diagnostic.help("add what is missing, or remove `downgrade:` so that it is derived"));
    }
    lowered
}

/// How two schemas differ, in words: a line for each table, enum or other object.
pub(super) fn differences(reached: &Schema, wanted: &Schema) -> Vec<String> {
    let mut lines = Vec::new();
    for table in wanted.tables() {
        match reached.table(&table.name) {
            None => lines.push(format!("the table `{}` is missing", table.name)),
            Some(other) if !same_table(other, table) => lines.push(format!("the table `{}` differs", table.name)),
            Some(_) => {}
        }
    }
    for table in reached.tables().filter(|table| wanted.table(&table.name).is_none()) {
        lines.push(format!("the table `{}` is left over", table.name));
    }
    for enumeration in wanted.enums() {
        match reached.enumeration(&enumeration.name) {
            None => lines.push(format!("the enum `{}` is missing", enumeration.name)),
            Some(other) if other.values != enumeration.values => {
                lines.push(format!("the enum `{}` has other values", enumeration.name));
            }
            Some(_) => {}
        }
    }
    for enumeration in reached.enums().filter(|enumeration| wanted.enumeration(&enumeration.name).is_none()) {
        lines.push(format!("the enum `{}` is left over", enumeration.name));
    }
    for object in wanted.objects() {
        let id = object.id();
        match reached.object(&id) {
            None => lines.push(format!("the {id} is missing")),
            Some(other) if other != object => lines.push(format!("the {id} differs")),
            Some(_) => {}
        }
    }
    for object in reached.objects().filter(|object| wanted.object(&object.id()).is_none()) {
        lines.push(format!("the {} is left over", object.id()));
    }
    lines
}

/// Whether two tables are alike but for the order in which constraints and indexes were made.
fn same_table(a: &crate::schema::Table, b: &crate::schema::Table) -> bool {
    a.columns == b.columns
        && a.comment == b.comment
        && a.options == b.options
        && a.constraints.len() == b.constraints.len()
        && a.constraints.iter().all(|constraint| b.constraints.contains(constraint))
        && a.indexes.len() == b.indexes.len()
        && a.indexes.iter().all(|index| b.indexes.contains(index))
}

/// All changes of some steps, in order.
pub(super) fn changes_of(steps: &[LoweredStep]) -> impl Iterator<Item = (usize, &Change)> {
    steps.iter().enumerate().flat_map(|(place, step)| step.changes.iter().map(move |change| (place, change)))
}
