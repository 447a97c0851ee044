//! A document as a history of revisions in one line, read as files are.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use super::document::Document;
use super::fault::{Fault, Step};
use crate::change::Change;
use crate::diagnostic::{Diagnostics, render};
use crate::dialect::Dialect;
use crate::execute::{DatabaseState, Planner, UnfinishedRevision};
use crate::operation::Context;
use crate::plan::{Direction, Origin, Plan, Replayed, Request, RevisionFile, RevisionPlan, Source, plan, replay};
use crate::revision::{Graph, Header, RevisionId};
use crate::schema::Schema;
use crate::source::{Node, Sources, parse};

/// A history of revisions in one line.
pub(super) struct Chain {
    pub(super) context: Context,
    sources: Sources,
    graph: Graph,
    ids: Vec<RevisionId>,
    replayed: Vec<Replayed>,
    empty: Schema,
}

impl Chain {
    /// Reads and replays a document.
    pub(super) fn read(document: &Document, context: Context) -> Result<Chain, Fault> {
        let mut sources = Sources::default();
        let mut said = Diagnostics::default();
        let mut headers = Vec::new();
        let mut nodes: Vec<(RevisionId, Node)> = Vec::new();
        for place in 0..document.parts.len() {
            let file = sources.add(format!("{place}.yaml"), document.file(place));
            let Some(node) = parse(&sources, file, &mut said) else { continue };
            let Some(header) = Header::decode(&node, file, &mut said) else { continue };
            nodes.push((header.id.value.clone(), node));
            headers.push(header);
        }
        let read: Vec<Source<'_>> =
            nodes.iter().map(|(id, node)| Source { id: id.clone(), origin: Origin::File(node) }).collect();
        let replayed = replay(&context, &read, &mut said);
        let graph = Graph::build(headers, &mut said);
        match graph {
            Some(graph) if !said.has_errors() => {
                let ids = nodes.into_iter().map(|(id, _)| id).collect();
                Ok(Chain { context, sources, graph, ids, replayed, empty: Schema::default() })
            }
            _ => Err(Fault::refused(&said, &sources)),
        }
    }

    /// How many revisions there are.
    pub(super) fn len(&self) -> usize {
        self.ids.len()
    }

    /// The schema after so many revisions.
    pub(super) fn model(&self, place: usize) -> &Schema {
        place.checked_sub(1).and_then(|last| self.replayed.get(last)).map_or(&self.empty, |replayed| &replayed.after)
    }

    /// What happens on the way from one place to the next, or back.
    pub(super) fn changes(&self, lower: usize, direction: Direction) -> Vec<&Change> {
        let Some(replayed) = self.replayed.get(lower) else { return Vec::new() };
        let steps = match direction {
            Direction::Upgrade => &replayed.upgrade[..],
            Direction::Downgrade => replayed.downgrade.as_deref().unwrap_or_default(),
        };
        steps.iter().flat_map(|step| &step.changes).collect()
    }

    /// The plan from some applied heads to a place.
    pub(super) fn plan(
        &self,
        dialect: &dyn Dialect,
        rows: &BTreeSet<RevisionId>,
        wanted: usize,
    ) -> Result<Plan, Diagnostics> {
        let applied = self.ids.iter().rposition(|id| rows.contains(id)).map_or(0, |place| place + 1);
        let (direction, path) = if applied > wanted {
            (Direction::Downgrade, self.ids[wanted..applied].iter().rev().cloned().collect())
        } else {
            (Direction::Upgrade, self.ids[applied..wanted].to_vec())
        };
        let tags = BTreeSet::new();
        let graph = &self.graph;
        let rows = rows.clone();
        let ran_with = &BTreeMap::new();
        let request = Request { dialect, graph, rows, direction, path, tags: &tags, ran_with, transactions: true };
        let mut said = Diagnostics::default();
        let known = |id: &RevisionId| self.replayed.iter().find(|replayed| replayed.id == *id);
        let plan = plan(&request, known, |_| RevisionFile::default(), &mut said);
        if said.has_errors() { Err(said) } else { Ok(plan) }
    }

    /// The applied heads at a place.
    pub(super) fn rows_at(&self, place: usize) -> BTreeSet<RevisionId> {
        place.checked_sub(1).and_then(|last| self.ids.get(last)).cloned().into_iter().collect()
    }

    /// Messages with the lines they are about.
    pub(super) fn shown(&self, said: &Diagnostics) -> String {
        let shown: Vec<String> = said.sorted().iter().map(|found| render(found, &self.sources, false)).collect();
        shown.join("\n\n")
    }
}

/// Plans to a place, and keeps the SQL of the last plan that was asked for.
pub(super) struct To<'c> {
    pub(super) chain: &'c Chain,
    pub(super) dialect: Arc<dyn Dialect>,
    pub(super) place: usize,
}

impl Planner for To<'_> {
    fn plan(&mut self, state: &DatabaseState) -> Result<Plan, Diagnostics> {
        self.chain.plan(&*self.dialect, &state.rows, self.place)
    }

    fn revision(&mut self, _: &DatabaseState, _: &UnfinishedRevision) -> Result<Option<RevisionPlan>, Diagnostics> {
        Ok(None)
    }
}

/// A document read for one dialect, of which the last operation may be the one that is refused.
///
/// # Errors
/// [`Step::Replay`] where something else is wrong with it.
pub(super) fn read(document: &Document, context: &Context) -> Result<Chain, Fault> {
    let fault = match Chain::read(document, context.clone()) {
        Ok(chain) => return Ok(chain),
        Err(fault) => fault,
    };
    let mut shorter = document.clone();
    if let Some(part) = shorter.parts.last_mut() {
        part.operations.pop();
    }
    match Chain::read(&shorter, context.clone()) {
        Ok(_) => Err(fault),
        Err(_) => Err(fault.at(Step::Replay)),
    }
}
