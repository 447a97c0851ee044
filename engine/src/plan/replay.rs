//! The replay of a history: what each revision does, and the schema before and after it.
//!
//! Replay is the type checker. It needs no database.

use rayon::prelude::*;

use super::record::Record;
use crate::change::{Change, Conflict, invert_all};
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
    /// Where it is known from.
    pub origin: Origin<'a>,
}

/// Where a revision is known from.
#[derive(Debug, Clone, Copy)]
pub enum Origin<'a> {
    /// The map of its file.
    File(&'a Node),
    /// The database's own record: its file is not here.
    Record(&'a Record),
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
    /// Whether it comes from the database's record, so that its spans mean nothing.
    pub recorded: bool,
}

/// Why a revision cannot be taken back.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Irreversible {
    /// A sentence without a full stop.
    pub reason: String,
    /// The step it is about; none when the file is not here.
    pub span: Option<Span>,
}

impl Irreversible {
    /// The message that refuses a downgrade.
    #[must_use]
    pub fn diagnostic(&self, id: &RevisionId) -> Diagnostic {
        let diagnostic = Diagnostic::error(
            &codes::IRREVERSIBLE,
            format!("the revision `{id}` cannot be downgraded: {}", self.reason),
        );
        match self.span {
            Some(span) => diagnostic
                .at(span, "this cannot be taken back")
                .help("write a `downgrade:` in the revision, or give the step a `down`; nothing has been run"),
            None => diagnostic
                .note("that was known when it was applied; its file is not here, so this is from the database's own record")
                .help("undo it by hand and stamp the revision before it, or stay above it; nothing has been run"),
        }
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
    let read: Vec<Option<(Vec<Step>, Downgrade, Diagnostics)>> = sources
        .par_iter()
        .map(|source| {
            let Origin::File(node) = source.origin else { return None };
            let mut own = Diagnostics::default();
            let upgrade = node.get("upgrade").map(|node| steps(node, context, &mut own)).unwrap_or_default();
            let downgrade = Downgrade::read(node.get("downgrade"), context, &mut own);
            Some((upgrade, downgrade, own))
        })
        .collect();
    let mut replayed = Vec::with_capacity(sources.len());
    let mut written = Vec::new();
    {
        let mut lowering = Lowering::new(context, start, diagnostics);
        for (source, read) in sources.iter().zip(read) {
            let before = lowering.schema.clone();
            match (source.origin, read) {
                (Origin::Record(record), _) => match record.replay(&source.id, &before, context.dialect.lexicon()) {
                    Ok(recorded) => {
                        lowering.schema = recorded.after.clone();
                        replayed.push(recorded);
                    }
                    Err(conflict) => lowering.diagnostics.push(misfit(&source.id, &conflict)),
                },
                (Origin::File(node), Some((steps, downgrade, own))) => {
                    lowering.diagnostics.extend(own);
                    let upgrade = lowering.steps(&steps);
                    let downgrade = match downgrade {
                        Downgrade::Derived => derive(&upgrade),
                        Downgrade::Irreversible(span) => Err(said_so(span)),
                        Downgrade::Written(steps) => {
                            written.push((replayed.len(), steps, node));
                            Ok(Vec::new())
                        }
                    };
                    let (id, after) = (source.id.clone(), lowering.schema.clone());
                    replayed.push(Replayed { id, before, after, upgrade, downgrade, recorded: false });
                }
                (Origin::File(_), None) => {}
            }
        }
    }
    for (place, steps, node) in written {
        let lowered = lead_back(context, &steps, &replayed[place], node, diagnostics);
        replayed[place].downgrade = Ok(lowered);
    }
    replayed
}

fn said_so(span: Span) -> Irreversible {
    Irreversible { reason: "the author says so".to_owned(), span: Some(span) }
}

/// Why a record cannot be put on top of the files.
fn misfit(id: &RevisionId, conflict: &Conflict) -> Diagnostic {
    Diagnostic::error(
        &codes::RECORD_MISFIT,
        format!("what the database recorded of `{id}` does not fit the files here"),
    )
    .note(format!("{conflict}, where the record of `{id}` begins"))
    .note("its own file is not here, so what it did is read from the database's record")
    .help("use the files of the release that applied it")
}

/// The downgrade as the reverse of the upgrade.
pub(super) fn derive(upgrade: &[LoweredStep]) -> Result<Vec<LoweredStep>, Irreversible> {
    upgrade
        .iter()
        .enumerate()
        .rev()
        .map(|(place, step)| {
            let changes = match invert_all(&step.changes) {
                Ok(changes) => changes,
                Err(_) if fills_what_goes(&upgrade[..place], step) => Vec::new(),
                Err(error) => return Err(Irreversible { reason: error.reason, span: Some(step.span) }),
            };
            Ok(LoweredStep { changes, ..step.clone() })
        })
        .collect()
}

/// Whether a step fills nothing but columns that steps before it added, so that its values go with them.
pub(super) fn fills_what_goes(before: &[LoweredStep], step: &LoweredStep) -> bool {
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
fn lead_back(
    context: &Context,
    steps: &[Step],
    replayed: &Replayed,
    node: &Node,
    diagnostics: &mut Diagnostics,
) -> Vec<LoweredStep> {
    let had_errors = diagnostics.len();
    let mut lowering = Lowering::new(context, replayed.after.clone(), diagnostics);
    let lowered = lowering.steps(steps);
    let reached = lowering.schema;
    if diagnostics.len() > had_errors {
        return lowered;
    }
    let (reached, wanted) = (context.dialect.normalize(&reached), context.dialect.normalize(&replayed.before));
    let differences = differences(&reached, &wanted);
    if !differences.is_empty() {
        let span = node.get("downgrade").map_or(node.span, |node| node.span);
        let mut diagnostic = Diagnostic::error(
            &codes::DOWNGRADE_MISMATCH,
            format!("the downgrade of `{}` does not lead back", replayed.id),
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
