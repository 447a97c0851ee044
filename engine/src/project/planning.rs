//! Plans over a project: for a run, for a script, for a reviewer.
//!
//! The graph says what is to be done from the headers alone. Only when there is something to do are the files read whole,
//! replayed and compiled.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::Arc;

use super::applied::Known;
use super::{History, Project, TransactionMode, tags};
use crate::diagnostic::{Diagnostic, Diagnostics};
use crate::dialect::Dialect;
use crate::execute::{Acceptance, DatabaseState, Planner, UnfinishedRevision};
use crate::operation::{Context, Naming};
use crate::plan::{Direction, Origin, Plan, Replayed, Request, RevisionPlan, Source, plan, replay};
use crate::revision::{Graph, ReferenceError, RevisionId};
use crate::schema::Schema;

/// What the meaning of a project's files depends on besides the files.
#[derive(Debug, Clone)]
pub struct Reading {
    /// The dialect to read and compile for.
    pub dialect: Arc<dyn Dialect>,
    /// Every dialect there is.
    pub dialects: Arc<[Arc<dyn Dialect>]>,
    /// The values of `${var:name}`.
    pub variables: Arc<BTreeMap<String, String>>,
    /// How constraints and indexes are named.
    pub naming: Arc<Naming>,
}

impl Reading {
    /// The same for texts that name no files.
    #[must_use]
    pub fn context(&self) -> Context {
        Context {
            dialect: Arc::clone(&self.dialect),
            dialects: Arc::clone(&self.dialects),
            naming: Arc::clone(&self.naming),
            variables: Arc::clone(&self.variables),
            files: Arc::default(),
            data: Arc::default(),
        }
    }
}

/// Makes plans for one dialect from the files of a project.
#[derive(Debug)]
pub struct Planning<'p> {
    pub(super) project: &'p Project,
    pub(super) history: &'p mut History,
    pub(super) reading: Reading,
    /// The tags asked for.
    tags: BTreeSet<String>,
    /// What the database said of what is applied.
    pub(super) known: Known,
    /// Revisions whose changed files the user accepts.
    pub(super) accepted: BTreeSet<RevisionId>,
    /// The last plan and what it was made from: a run asks again once it has the lock.
    last: Option<(Question, Plan)>,
    /// Whether plans are asked for again: only a run does, and a copy of a long plan is large.
    remember: bool,
}

/// What a plan is made from.
type Question = (BTreeSet<RevisionId>, Direction, Vec<RevisionId>);

impl<'p> Planning<'p> {
    /// Plans for a project whose history is sound.
    pub fn new(
        project: &'p Project,
        history: &'p mut History,
        reading: Reading,
        tags: impl IntoIterator<Item = String>,
    ) -> Self {
        let (known, accepted) = (Known::default(), BTreeSet::new());
        Planning {
            project,
            history,
            reading,
            tags: tags.into_iter().collect(),
            known,
            accepted,
            last: None,
            remember: false,
        }
    }

    /// The dialect that plans are made for.
    #[must_use]
    pub fn dialect(&self) -> &Arc<dyn Dialect> {
        &self.reading.dialect
    }

    /// The plan that leads from these applied heads to a target.
    ///
    /// # Errors
    ///
    /// What is wrong with the target or with the files that are needed. A plan with nothing in it reads no file.
    pub fn to(&mut self, rows: &BTreeSet<RevisionId>, direction: Direction, target: &str) -> Result<Plan, Diagnostics> {
        let path = match direction {
            Direction::Upgrade => match self.history.graph.upgrade(rows, target) {
                Err(ReferenceError::UnknownApplied { ids }) => self.upgrade_beside(rows, target, ids)?,
                path => path.map_err(refused)?,
            },
            Direction::Downgrade => self.graph(rows)?.downgrade(rows, target).map_err(refused)?,
        };
        if !path.is_empty() {
            let unknown = tags::unknown(&self.tags, self.project, self.history);
            if unknown.has_errors() {
                return Err(unknown);
            }
        }
        self.along(rows, direction, path)
    }

    /// The plan that leads from one place of the history to another, with no database at hand. `start` is `base` for
    /// an upgrade and `heads` for a downgrade unless given, `end` the other way round.
    ///
    /// # Errors
    ///
    /// As [`Planning::to`]; a place that counts from what is applied is an error too.
    pub fn between(
        &mut self,
        start: Option<&str>,
        end: Option<&str>,
        direction: Direction,
    ) -> Result<Plan, Diagnostics> {
        let (first, last) = match direction {
            Direction::Upgrade => ("base", "heads"),
            Direction::Downgrade => ("heads", "base"),
        };
        let rows = self.rows_at(start.unwrap_or(first)).map_err(refused)?;
        self.to(&rows, direction, end.unwrap_or(last))
    }

    /// The rows of a version table that stands at a place of the history, or at several, with commas between.
    ///
    /// # Errors
    ///
    /// When the place names nothing, or is known only with a database.
    pub fn rows_at(&self, place: &str) -> Result<BTreeSet<RevisionId>, ReferenceError> {
        self.history.graph.rows_at(place)
    }

    /// The schema of a database in which these revisions are applied.
    ///
    /// # Errors
    ///
    /// What is wrong with the files that are needed.
    pub fn schema(&mut self, rows: &BTreeSet<RevisionId>) -> Result<Schema, Diagnostics> {
        let mut diagnostics = Diagnostics::default();
        let order = self.graph(rows)?.applied_in_order(rows).map_err(refused)?;
        let replayed = self.replayed(&order, &mut diagnostics);
        match diagnostics.has_errors() {
            true => Err(diagnostics),
            false => Ok(replayed.last().map(|last| last.after.clone()).unwrap_or_default()),
        }
    }

    /// The plan of one revision as a step up from what it follows, whatever is applied.
    ///
    /// # Errors
    ///
    /// What is wrong with the files that are needed.
    pub fn alone(&mut self, id: &RevisionId) -> Result<Option<RevisionPlan>, Diagnostics> {
        let graph = &self.history.graph;
        let needed = [graph.parents(id), graph.dependencies(id)].concat();
        let names: Vec<&str> = needed.iter().map(RevisionId::as_str).collect();
        let changes = graph.rows_for_stamp(&BTreeSet::new(), &names, false).map_err(refused)?;
        let mut rows = BTreeSet::new();
        for change in changes {
            change.apply(&mut rows);
        }
        Ok(self.along(&rows, Direction::Upgrade, vec![id.clone()])?.revisions.pop())
    }

    /// The plan of a revision that is half run, to finish it; none when its file is not here.
    ///
    /// # Errors
    ///
    /// What is wrong with the files that are needed.
    pub fn unfinished(
        &mut self,
        state: &DatabaseState,
        unfinished: &UnfinishedRevision,
    ) -> Result<Option<RevisionPlan>, Diagnostics> {
        self.learn(state);
        if !self.history.graph.contains(&unfinished.revision) {
            return Ok(None);
        }
        // It is finished as it was begun, whatever tags are asked for now.
        let begun_with = unfinished.tags.clone().unwrap_or_else(|| self.tags.clone());
        let asked = std::mem::replace(&mut self.tags, begun_with);
        self.last = None;
        let made = self.along(&state.rows, unfinished.direction, vec![unfinished.revision.clone()]);
        self.tags = asked;
        self.last = None;
        Ok(made?.revisions.pop())
    }

    /// What is applied according to the rows of a version table, replayed in an order in which it could have run. The schema
    /// after the last is the one that the database should have.
    ///
    /// # Errors
    ///
    /// What is wrong with the files that are needed.
    pub fn replay(&mut self, rows: &BTreeSet<RevisionId>) -> Result<Vec<Replayed>, Diagnostics> {
        let order = self.graph(rows)?.applied_in_order(rows).map_err(|error| self.refused(error))?;
        let mut diagnostics = Diagnostics::default();
        let replayed = self.replayed(&order, &mut diagnostics);
        if diagnostics.has_errors() { Err(diagnostics) } else { Ok(replayed) }
    }

    fn along(
        &mut self,
        rows: &BTreeSet<RevisionId>,
        direction: Direction,
        path: Vec<RevisionId>,
    ) -> Result<Plan, Diagnostics> {
        let question = (rows.clone(), direction, path);
        if let Some((asked, plan)) = &self.last
            && *asked == question
        {
            return Ok(plan.clone());
        }
        let plan = self.make(&question)?;
        self.last = self.remember.then(|| (question, plan.clone()));
        Ok(plan)
    }

    fn make(&mut self, (rows, direction, path): &Question) -> Result<Plan, Diagnostics> {
        let mut diagnostics = Diagnostics::default();
        let replayed = match path.is_empty() {
            true => Vec::new(),
            false => {
                let order = order(&*self.graph(rows)?, rows, *direction, path)?;
                self.replayed(&order, &mut diagnostics)
            }
        };
        let made = plan(
            &Request {
                dialect: &*self.reading.dialect,
                graph: &*self.graph(rows)?,
                rows: rows.clone(),
                direction: *direction,
                path: path.clone(),
                tags: &self.tags,
                ran_with: &self.known.tags,
                transactions: self.project.config.transaction != TransactionMode::None,
            },
            by_id(&replayed),
            |id| self.history.revision_file(id, self.project),
            &mut diagnostics,
        );
        if diagnostics.has_errors() { Err(diagnostics) } else { Ok(made) }
    }

    /// Replays revisions in an order in which they could have run: their files, or what the database recorded of them.
    pub(super) fn replayed(&mut self, order: &[RevisionId], diagnostics: &mut Diagnostics) -> Vec<Replayed> {
        self.history.load_bodies(self.project, order, diagnostics);
        let context = context(&self.reading, self.history, order);
        let source = |id: &RevisionId| {
            let origin = match self.known.records.get(id) {
                Some(record) => Origin::Record(record),
                None => Origin::File(&self.history.body(id)?.node),
            };
            Some(Source { id: id.clone(), origin })
        };
        let sources: Vec<Source<'_>> = order.iter().filter_map(source).collect();
        replay(&context, &sources, diagnostics)
    }
}

/// Everything that is applied before or after the path, in an order in which it could have run. A downgrade is replayed as
/// if the revisions to undo had come last: that is the schema the database has when each is undone, also where branches
/// have grown side by side.
fn order(
    graph: &Graph,
    rows: &BTreeSet<RevisionId>,
    direction: Direction,
    path: &[RevisionId],
) -> Result<Vec<RevisionId>, Diagnostics> {
    let mut order = graph.applied_in_order(rows).map_err(refused)?;
    match direction {
        Direction::Upgrade => order.extend_from_slice(path),
        Direction::Downgrade => {
            let undone: BTreeSet<&RevisionId> = path.iter().collect();
            order.retain(|id| !undone.contains(id));
            order.extend(path.iter().rev().cloned());
        }
    }
    Ok(order)
}

/// Plans to one target, for a [`Runner`](crate::execute::Runner).
#[derive(Debug)]
pub struct TargetPlanner<'a, 'p> {
    /// What makes the plans.
    pub planning: &'a mut Planning<'p>,
    /// Which way.
    pub direction: Direction,
    /// What the user asked for.
    pub target: String,
}

impl Planner for TargetPlanner<'_, '_> {
    fn wants(&mut self, state: &DatabaseState) -> Result<Vec<RevisionId>, Diagnostics> {
        self.planning.wants(state)
    }

    fn compare(&mut self, state: &DatabaseState) -> Result<Vec<Acceptance>, Diagnostics> {
        self.planning.compare(state)
    }

    fn plan(&mut self, state: &DatabaseState) -> Result<Plan, Diagnostics> {
        self.planning.remember = true;
        self.planning.to(&state.rows, self.direction, &self.target)
    }

    fn revision(
        &mut self,
        state: &DatabaseState,
        unfinished: &UnfinishedRevision,
    ) -> Result<Option<RevisionPlan>, Diagnostics> {
        self.planning.unfinished(state, unfinished)
    }
}

pub(super) fn context(reading: &Reading, history: &History, ids: &[RevisionId]) -> Context {
    let bodies = || ids.iter().filter_map(|id| history.body(id));
    let data = bodies().flat_map(|body| &body.data_files).map(|(path, found)| (path.clone(), found.clone())).collect();
    let files = bodies().flat_map(|body| &body.sql_files).map(|(path, text)| (path.clone(), text.clone())).collect();
    Context {
        dialect: reading.dialect.clone(),
        dialects: reading.dialects.clone(),
        naming: reading.naming.clone(),
        variables: reading.variables.clone(),
        files: Arc::new(files),
        data: Arc::new(data),
    }
}

pub(super) fn sources<'h>(history: &'h History, ids: &[RevisionId]) -> Vec<Source<'h>> {
    ids.iter().filter_map(|id| Some(Source { id: id.clone(), origin: Origin::File(&history.body(id)?.node) })).collect()
}

pub(super) fn by_id<'r>(replayed: &'r [Replayed]) -> impl Fn(&RevisionId) -> Option<&'r Replayed> + use<'r> {
    let places: HashMap<RevisionId, &Replayed> =
        replayed.iter().map(|revision| (revision.id.clone(), revision)).collect();
    move |id| places.get(id).copied()
}

pub(super) fn refused(error: ReferenceError) -> Diagnostics {
    let mut diagnostics = Diagnostics::default();
    diagnostics.push(Diagnostic::from(&error));
    diagnostics
}
