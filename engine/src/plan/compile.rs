//! Steps to statements: groups of changes go to the dialect, which gives statements back.

use std::sync::Arc;

use serde::Serialize;

use super::replay::{changes_of, fills_what_goes};
use super::{Inverse, Statement, Transaction};
use crate::change::{Change, Fact, invert_all};
use crate::diagnostic::{Diagnostic, Diagnostics, codes};
use crate::dialect::{Compile, Dialect, Unsupported};
use crate::operation::LoweredStep;
use crate::schema::{Object, ObjectName, Schema};

/// Changes that were compiled together, and their statements.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Group {
    /// The steps the changes come from, by place in the revision.
    pub steps: Vec<usize>,
    /// What happens, a line for each change.
    pub summary: Vec<String>,
    /// Which rows or values are lost; none where nothing is.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub losses: Vec<String>,
    /// The statements.
    pub statements: Vec<Statement>,
}

/// Compiles the steps of a revision, from the schema before them.
///
/// Adjacent changes of one table are compiled together where the dialect can make use of it. Unless the revision is one
/// transaction, every statement gets the footprint and facts of its changes, and the last of a change its inverse.
///
/// Where the author wants no transaction, a change of one statement runs by itself; rows, and changes that take several
/// statements (a SQLite rebuild), still commit as a whole, or a crash in between would lose what is there.
pub(super) fn compile(
    dialect: &dyn Dialect,
    steps: &[LoweredStep],
    before: &Schema,
    transaction: bool,
    diagnostics: &mut Diagnostics,
) -> Vec<Group> {
    let mut schema = before.clone();
    let mut compiled: Vec<Compiled> = Vec::new();
    for (places, changes) in grouped(dialect, steps) {
        let start = schema.clone();
        for change in &changes {
            if let Err(conflict) = change.apply(&mut schema, dialect.lexicon()) {
                diagnostics.push(
                    Diagnostic::error(&codes::CONFLICT, conflict.to_string()).at(steps[places[0]].span, "in this step"),
                );
                return compiled.into_iter().map(|compiled| compiled.group).collect();
            }
        }
        let context = Compile { before: &start, after: &schema };
        match dialect.compile(&context, &changes) {
            Ok(mut statements) => {
                if !transaction && runs_alone(&statements, &changes) {
                    statements.iter_mut().for_each(|statement| statement.transaction = Transaction::Outside);
                }
                let span = steps[places[0]].span;
                statements.iter_mut().for_each(|statement| statement.span = Some(span));
                let group = Group {
                    summary: changes.iter().map(Change::describe).collect(),
                    losses: changes.iter().filter(|change| change.loses_data()).map(Change::describe).collect(),
                    statements,
                    steps: places,
                };
                compiled.push(Compiled { group, changes, before: start, after: schema.clone() });
            }
            Err(refusal) => {
                let name = dialect.name();
                let help = refusal.help.unwrap_or_else(|| {
                    format!("say what {name} does instead, or keep the step from it with `except: [{name}]`")
                });
                let span = steps[places[places.len() - 1]].span;
                diagnostics.push(
                    Diagnostic::error(&codes::UNSUPPORTED, refusal.message)
                        .at(span, format!("not possible in {name}"))
                        .help(help),
                );
            }
        }
    }
    let inside = |compiled: &Compiled| {
        compiled.group.statements.iter().all(|statement| statement.transaction == Transaction::Inside)
    };
    // What commits as a whole is never half run.
    let whole = transaction && dialect.capabilities().transactional_ddl && compiled.iter().all(inside);
    let annotated = |mut compiled: Compiled| {
        if !whole {
            compiled.annotate(dialect, steps);
        }
        compiled.group
    };
    compiled.into_iter().map(annotated).collect()
}

/// A group with what it was compiled from.
struct Compiled {
    group: Group,
    changes: Vec<Change>,
    before: Schema,
    after: Schema,
}

impl Compiled {
    /// Adds what follows from the changes: which tables are touched, what shows that it took effect, what takes it back.
    fn annotate(&mut self, dialect: &dyn Dialect, steps: &[LoweredStep]) {
        annotate(dialect, &mut self.group.statements, &self.changes, &self.before, &self.after);
        let inverse = self.inverse(dialect, steps);
        if let Some((last, others)) = self.group.statements.split_last_mut() {
            others.iter_mut().for_each(|statement| statement.continues = true);
            last.inverse = Some(inverse);
        }
    }

    fn inverse(&self, dialect: &dyn Dialect, steps: &[LoweredStep]) -> Inverse {
        let inverted = match invert_all(&self.changes) {
            Ok(inverted) => inverted,
            Err(_) if self.group.steps.iter().all(|place| fills_what_goes(&steps[..*place], &steps[*place])) => {
                return Inverse::By { statements: Vec::new(), lost: Vec::new() };
            }
            Err(irreversible) => return Inverse::Impossible(irreversible.reason),
        };
        match dialect.compile(&Compile { before: &self.after, after: &self.before }, &inverted) {
            Ok(mut statements) => {
                annotate(dialect, &mut statements, &inverted, &self.after, &self.before);
                Inverse::By { statements, lost: self.group.losses.clone() }
            }
            Err(refusal) => Inverse::Impossible(refusal.message),
        }
    }
}

/// Whether a change can do without a transaction: raw SQL, whose author asked for it, and single definitions.
fn runs_alone(statements: &[Statement], changes: &[Change]) -> bool {
    // An assertion has no trace in the catalog either, and can be made again.
    let rows = changes.iter().any(|change| change.is_data() && !matches!(change, Change::Execute(_)));
    let raw = changes.iter().all(|change| matches!(change, Change::Execute(_)));
    raw || (!rows && statements.len() == 1)
}

/// The changes in the groups that are compiled together, each with the steps it comes from.
fn grouped(dialect: &dyn Dialect, steps: &[LoweredStep]) -> Vec<(Vec<usize>, Vec<Change>)> {
    let merges = dialect.capabilities().merges_changes;
    let mut groups: Vec<(Vec<usize>, Vec<Change>)> = Vec::new();
    for (place, change) in changes_of(steps) {
        match groups.last_mut() {
            Some((places, changes)) if merges && joins(changes, change) => {
                if places.last() != Some(&place) {
                    places.push(place);
                }
                changes.push(change.clone());
            }
            _ => groups.push((vec![place], vec![change.clone()])),
        }
    }
    groups
}

/// Whether a change can be compiled together with those before it.
fn joins(group: &[Change], change: &Change) -> bool {
    change.alters_table() && group.last().is_some_and(|last| last.alters_table() && last.table() == change.table())
}

/// Changes that were compiled together, and the statements that carry them out.
pub type CompiledChanges<'a> = (&'a [Change], Vec<Statement>);

/// Compiles changes that belong to no revision, from the schema before them: adjacent changes of one table together where
/// the dialect can make use of it. Each group has the changes that its statements carry out.
///
/// # Errors
/// When a change does not fit the schema, or the dialect cannot carry it out.
pub fn compile_changes<'a>(
    dialect: &dyn Dialect,
    changes: &'a [Change],
    before: &Schema,
) -> Result<Vec<CompiledChanges<'a>>, Unsupported> {
    let merges = dialect.capabilities().merges_changes;
    let mut compiled = Vec::new();
    let mut schema = before.clone();
    let mut rest = changes;
    while !rest.is_empty() {
        let mut size = 1;
        while merges && size < rest.len() && joins(&rest[..size], &rest[size]) {
            size += 1;
        }
        let (group, others) = rest.split_at(size);
        let start = schema.clone();
        for change in group {
            change.apply(&mut schema, dialect.lexicon()).map_err(|conflict| Unsupported::new(conflict.to_string()))?;
        }
        compiled.push((group, dialect.compile(&Compile { before: &start, after: &schema }, group)?));
        rest = others;
    }
    Ok(compiled)
}

/// Adds which tables the statements touch and what shows that they took effect.
fn annotate(dialect: &dyn Dialect, statements: &mut [Statement], changes: &[Change], before: &Schema, after: &Schema) {
    // What raw SQL did cannot be read off the catalog, whatever its author says of its effect.
    if changes.iter().any(|change| matches!(change, Change::Execute(_))) {
        return;
    }
    // Those inside a transaction are never in doubt.
    let outside = |statement: &Statement| statement.transaction == Transaction::Outside;
    if !statements.iter().any(outside) {
        return;
    }
    let footprint = footprint(changes, before);
    for statement in statements.iter_mut() {
        if statement.footprint.is_empty() {
            statement.footprint.clone_from(&footprint);
        }
    }
    if let Some(last) = statements.iter_mut().rev().find(|statement| outside(statement)) {
        last.facts = decisive_facts(dialect, changes, &footprint, before, after);
    }
}

/// The facts that the changes make true. One that held before says nothing, so if any did, none is kept and the
/// statement counts as in doubt rather than as done.
fn decisive_facts(
    dialect: &dyn Dialect,
    changes: &[Change],
    footprint: &[ObjectName],
    before: &Schema,
    after: &Schema,
) -> Vec<Fact> {
    let part = |schema: &Schema| {
        let mut part = Schema::default();
        footprint.iter().filter_map(|name| schema.table(name)).for_each(|table| part.put_table(Arc::clone(table)));
        schema.enums().for_each(|enumeration| part.put_enum(Arc::clone(enumeration)));
        let named = |object: &Object| footprint.contains(&object.id().name);
        schema.objects().filter(|object| named(object)).for_each(|object| part.put_object(Arc::clone(object)));
        dialect.normalize(&part)
    };
    let (before, after) = (part(before), part(after));
    let facts: Vec<Fact> = changes.iter().flat_map(Change::facts).map(|fact| fact.in_words_of(&after)).collect();
    if facts.iter().any(|fact| fact.holds(&before)) { Vec::new() } else { facts }
}

fn footprint(changes: &[Change], before: &Schema) -> Vec<ObjectName> {
    let mut names: Vec<ObjectName> = Vec::new();
    let mut add = |name: &ObjectName| {
        if !names.contains(name) {
            names.push(name.clone());
        }
    };
    for change in changes {
        if let Some(table) = change.table() {
            add(table);
        }
        match change {
            Change::RenameTable { to, .. } => add(to),
            Change::CreateObject { object, .. } | Change::DropObject { object } => touches(object, &mut add),
            Change::AlterObject { before, after } => {
                touches(before, &mut add);
                touches(after, &mut add);
            }
            Change::DropObjectIfExists { id } => add(&id.name),
            Change::RenameObject { id, to } => {
                add(&id.name);
                add(to);
            }
            Change::AlterEnum { before: enumeration, .. } => {
                before.enum_columns(&enumeration.name).for_each(|(table, _)| add(&table.name));
            }
            _ => {}
        }
    }
    names
}

/// An object and the table it hangs on.
fn touches(object: &Object, add: &mut impl FnMut(&ObjectName)) {
    add(&object.id().name);
    match object {
        Object::Trigger(trigger) => add(&trigger.table),
        Object::Sequence(sequence) => sequence.owned_by.iter().for_each(|(table, _)| add(table)),
        _ => {}
    }
}
