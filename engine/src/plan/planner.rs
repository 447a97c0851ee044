//! Steps through the graph to a plan.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use serde::Serialize;
use sha2::{Digest, Sha256};

use super::compile::{Group, compile};
use super::lacking::{Lacking, Seen};
use super::record::{Fingerprint, Record, RevisionFile};
use super::replay::{Irreversible, Replayed};
use super::{Statement, Transaction, Work};
use crate::diagnostic::{Diagnostic, Diagnostics};
use crate::dialect::Dialect;
use crate::operation::LoweredStep;
use crate::revision::{Graph, RevisionId, RowChange};
use crate::schema::Schema;

/// Which way.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Direction {
    /// To newer revisions.
    Upgrade,
    /// Back.
    Downgrade,
}

impl Direction {
    /// The word for it, as the journal has it.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Direction::Upgrade => "upgrade",
            Direction::Downgrade => "downgrade",
        }
    }
}

/// What will run, in order.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Plan {
    /// The dialect compiled for.
    pub dialect: &'static str,
    /// Its version.
    pub version: String,
    /// Which way.
    pub direction: Direction,
    /// The revisions.
    pub revisions: Vec<RevisionPlan>,
    /// The columns for which rows that are there would lack a value.
    #[serde(skip)]
    pub lacking: Vec<Lacking>,
}

/// What will run for one revision.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct RevisionPlan {
    /// Its id.
    pub id: RevisionId,
    /// The revisions it follows.
    pub parents: Vec<RevisionId>,
    /// What the author said.
    pub message: String,
    /// What tells its file from another; empty when the file is not here.
    #[serde(skip)]
    pub fingerprint: Fingerprint,
    /// What the journal keeps of an upgrade.
    #[serde(skip)]
    pub record: Option<Arc<Record>>,
    /// The tags its steps were chosen by.
    #[serde(skip)]
    pub tags: BTreeSet<String>,
    /// The steps, for a reader.
    pub steps: Vec<StepInfo>,
    /// The statements with the changes they come from.
    pub groups: Vec<Group>,
    /// How the table of applied heads changes.
    pub rows: Vec<RowChange>,
    /// Whether it is one transaction, which commits as a whole.
    pub atomic: bool,
    /// What takes an upgrade back, or why nothing does.
    pub undo: Result<Vec<UndoStatement>, String>,
}

/// A step as a reader of the plan sees it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct StepInfo {
    /// The operation.
    pub operation: String,
    /// Why, in the author's words.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub note: Option<String>,
    /// Hazards that the author accepts.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub allow: Vec<String>,
    /// Whether it is left out because none of its tags was asked for.
    pub skipped: bool,
}

/// A statement of the undo that the journal keeps.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, serde::Deserialize)]
pub struct UndoStatement {
    /// The text.
    pub sql: String,
    /// Whether it must run outside a transaction.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub outside: bool,
    /// Session settings to make before.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub prologue: Vec<String>,
    /// Session settings to restore after.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub epilogue: Vec<String>,
    /// The data file whose rows it is about; without that file it cannot be run.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub file: Option<String>,
}

/// What a plan is made of.
#[derive(Debug, Clone)]
pub struct Request<'a> {
    /// The dialect to compile for.
    pub dialect: &'a dyn Dialect,
    /// The graph.
    pub graph: &'a Graph,
    /// The rows of the version table now.
    pub rows: BTreeSet<RevisionId>,
    /// Which way.
    pub direction: Direction,
    /// The revisions to run, in order.
    pub path: Vec<RevisionId>,
    /// The tags asked for.
    pub tags: &'a BTreeSet<String>,
    /// The tags that applied revisions ran with, where the database says so: what ran is what is undone.
    pub ran_with: &'a BTreeMap<RevisionId, BTreeSet<String>>,
    /// Whether the project wants transactions at all.
    pub transactions: bool,
}

/// Makes a plan. The replay must hold every revision of the path.
pub fn plan<'a>(
    request: &Request<'_>,
    replayed: impl Fn(&RevisionId) -> Option<&'a Replayed>,
    file: impl Fn(&RevisionId) -> RevisionFile,
    diagnostics: &mut Diagnostics,
) -> Plan {
    let mut rows = request.rows.clone();
    let mut revisions = Vec::with_capacity(request.path.len());
    let (mut seen, mut lacking) = (Seen::default(), Vec::new());
    for id in &request.path {
        let Some(replayed) = replayed(id) else { continue };
        if let (Direction::Downgrade, Ok(steps)) = (request.direction, &replayed.downgrade) {
            let tags = request.ran_with.get(id).unwrap_or(request.tags);
            lacking.extend(seen.lacking(replayed, &without_skipped(steps, tags)));
        }
        if let Some(revision) = revision_plan(request, replayed, &mut rows, file(id), diagnostics) {
            revisions.push(revision);
        }
    }
    Plan {
        dialect: request.dialect.name(),
        version: request.dialect.version().to_string(),
        direction: request.direction,
        revisions,
        lacking,
    }
}

fn revision_plan(
    request: &Request<'_>,
    replayed: &Replayed,
    rows: &mut BTreeSet<RevisionId>,
    file: RevisionFile,
    diagnostics: &mut Diagnostics,
) -> Option<RevisionPlan> {
    // Before anything can be refused, so that the revisions after this one start from the right rows.
    let changed = match request.direction {
        Direction::Upgrade => request.graph.rows_for_upgrade(rows, &replayed.id),
        Direction::Downgrade => request.graph.rows_for_downgrade(rows, &replayed.id),
    };
    let changed = match changed {
        Ok(changed) => changed,
        Err(error) => {
            diagnostics.push((&error).into());
            return None;
        }
    };
    for change in &changed {
        change.apply(rows);
    }
    let (steps, before) = match request.direction {
        Direction::Upgrade => (&replayed.upgrade, &replayed.before),
        Direction::Downgrade => match &replayed.downgrade {
            Ok(steps) => (steps, &replayed.after),
            Err(irreversible) => {
                diagnostics.push(irreversible.diagnostic(&replayed.id));
                return None;
            }
        },
    };
    let tags = match request.direction {
        Direction::Upgrade => request.tags,
        Direction::Downgrade => request.ran_with.get(&replayed.id).unwrap_or(request.tags),
    };
    let active = without_skipped(steps, tags);
    let header = request.graph.get(&replayed.id)?;
    let wants_transaction = request.transactions && header.transaction;
    let mut found = Diagnostics::default();
    let groups = compile(request.dialect, &active, before, wants_transaction, &mut found);
    diagnostics.extend(if replayed.recorded { from_record(&replayed.id, &found) } else { found });
    let groups = guarded(request.dialect, groups);
    let atomic = wants_transaction
        && request.dialect.capabilities().transactional_ddl
        && statements_of(&groups).all(|statement| statement.transaction == Transaction::Inside);
    let undo = match request.direction {
        Direction::Upgrade => undo(request.dialect, &replayed.downgrade, &replayed.after, tags),
        Direction::Downgrade => Ok(Vec::new()),
    };
    let summary = || groups.iter().flat_map(|group| group.summary.iter().cloned()).collect();
    let record = match request.direction {
        Direction::Upgrade => Some(Arc::new(Record::of(replayed, request.graph, summary(), file.text))),
        Direction::Downgrade => None,
    };
    Some(RevisionPlan {
        id: replayed.id.clone(),
        parents: request.graph.parents(&replayed.id),
        message: header.message.clone(),
        fingerprint: file.fingerprint,
        record,
        tags: tags.clone(),
        steps: steps.iter().map(|step| step_info(step, tags)).collect(),
        groups,
        rows: changed,
        atomic,
        undo,
    })
}

/// What cannot be compiled of a revision whose file is not here: there is no place to point at.
fn from_record(id: &RevisionId, found: &Diagnostics) -> Diagnostics {
    let mut told = Diagnostics::default();
    for problem in found.sorted() {
        let bare = Diagnostic { labels: Vec::new(), fix: None, ..problem.clone() };
        told.push(bare.note(format!("this is from the database's own record of `{id}`, whose file is not here")));
    }
    told
}

fn is_skipped(step: &LoweredStep, tags: &BTreeSet<String>) -> bool {
    !step.tags.is_empty() && !step.tags.iter().any(|tag| tags.contains(tag))
}

/// The steps with the changes of those left out removed, so that places stay the same.
fn without_skipped(steps: &[LoweredStep], tags: &BTreeSet<String>) -> Vec<LoweredStep> {
    let mut steps = steps.to_vec();
    steps.iter_mut().filter(|step| is_skipped(step, tags)).for_each(|step| step.changes.clear());
    steps
}

fn step_info(step: &LoweredStep, tags: &BTreeSet<String>) -> StepInfo {
    StepInfo {
        operation: step.operation.clone(),
        note: step.note.clone(),
        allow: step.allow.clone(),
        skipped: is_skipped(step, tags),
    }
}

/// The statements that take an upgrade back, as the journal keeps them.
fn undo(
    dialect: &dyn Dialect,
    downgrade: &Result<Vec<LoweredStep>, Irreversible>,
    after: &Schema,
    tags: &BTreeSet<String>,
) -> Result<Vec<UndoStatement>, String> {
    let steps = downgrade.as_ref().map_err(|irreversible| irreversible.reason.clone())?;
    let mut diagnostics = Diagnostics::default();
    let groups = compile(dialect, &without_skipped(steps, tags), after, true, &mut diagnostics);
    let groups = guarded(dialect, groups);
    if let Some(first) = diagnostics.sorted().first() {
        return Err(first.message.clone());
    }
    Ok(groups
        .into_iter()
        .flat_map(|group| group.statements)
        .map(|statement| UndoStatement {
            outside: statement.transaction == Transaction::Outside,
            sql: statement.sql,
            prologue: statement.prologue,
            epilogue: statement.epilogue,
            file: statement.data.map(|data| data.load.file.name),
        })
        .collect())
}

/// Where one change needs session settings that weaken what others in its transaction rely on (SQLite's `foreign_keys`),
/// the dialect checks that whole transaction instead.
fn guarded(dialect: &dyn Dialect, groups: Vec<Group>) -> Vec<Group> {
    let mut guarded = Vec::with_capacity(groups.len());
    let mut together: Vec<Group> = Vec::new();
    for group in groups {
        let inside = group.statements.iter().all(|statement| statement.transaction == Transaction::Inside);
        if !inside {
            guarded.extend(guarded_transaction(dialect, std::mem::take(&mut together)));
            guarded.push(group);
        } else {
            together.push(group);
        }
    }
    guarded.extend(guarded_transaction(dialect, together));
    guarded
}

/// Statements that were recorded one by one, guarded as the groups of a plan are.
#[must_use]
pub fn guarded_statements(dialect: &dyn Dialect, statements: Vec<Statement>) -> Vec<Statement> {
    let group =
        |statement| Group { steps: Vec::new(), summary: Vec::new(), losses: Vec::new(), statements: vec![statement] };
    let groups = guarded(dialect, statements.into_iter().map(group).collect());
    groups.into_iter().flat_map(|group| group.statements).collect()
}

fn guarded_transaction(dialect: &dyn Dialect, mut groups: Vec<Group>) -> Vec<Group> {
    let has_settings = |group: &Group| group.statements.iter().any(|statement| !statement.prologue.is_empty());
    let writes_rows = |group: &Group| group.statements.iter().any(|statement| statement.work == Work::Rows);
    let mixed =
        groups.iter().any(has_settings) && groups.iter().any(|group| !has_settings(group) && writes_rows(group));
    let Some((opening, closing)) = dialect.transaction_guards().filter(|_| mixed) else { return groups };
    let group = |statements: Vec<Statement>, what: &str| Group {
        steps: Vec::new(),
        summary: vec![what.to_owned()],
        losses: Vec::new(),
        statements,
    };
    groups.insert(0, group(opening, "note which foreign keys are violated before"));
    groups.push(group(closing, "check that no further one is"));
    groups
}

fn statements_of(groups: &[Group]) -> impl Iterator<Item = &Statement> {
    groups.iter().flat_map(|group| &group.statements)
}

impl RevisionPlan {
    /// The statements, in order.
    pub fn statements(&self) -> impl Iterator<Item = &Statement> {
        statements_of(&self.groups)
    }

    /// What is lost, in words.
    pub fn losses(&self) -> impl Iterator<Item = &str> {
        self.groups.iter().flat_map(|group| &group.losses).map(String::as_str)
    }

    /// Session settings to make before the transactions and to restore after them, each once. A statement outside a
    /// transaction has its own around it.
    #[must_use]
    pub fn session_settings(&self) -> (Vec<&str>, Vec<&str>) {
        let mut settings = (Vec::new(), Vec::new());
        for statement in self.statements().filter(|statement| statement.transaction == Transaction::Inside) {
            for (wanted, list) in [(&statement.prologue, &mut settings.0), (&statement.epilogue, &mut settings.1)] {
                for sql in wanted {
                    if !list.contains(&sql.as_str()) {
                        list.push(sql.as_str());
                    }
                }
            }
        }
        settings
    }
}

impl Plan {
    /// Whether nothing will run.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.revisions.is_empty()
    }

    /// The hash of every statement in order, in hexadecimal: two plans with the same hash do the same.
    #[must_use]
    pub fn hash(&self) -> String {
        let mut hasher = Sha256::new();
        for revision in &self.revisions {
            hasher.update(revision.id.as_str().as_bytes());
            for statement in revision.statements() {
                hasher.update([0]);
                hasher.update(statement.sql.as_bytes());
            }
            hasher.update([1]);
        }
        hasher.finalize().iter().map(|byte| format!("{byte:02x}")).collect()
    }
}
