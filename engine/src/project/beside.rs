//! An upgrade of a database that has revisions of a branch whose files are not here.
//!
//! It goes on where that is proven to be safe: what the database recorded of those revisions comes after revisions that are
//! here, and commutes with what is to run. A database that has everything these files have, and something after the end of
//! them, is newer than they are, and is left to the release that migrated it.

use std::collections::BTreeSet;

use super::planning::{Planning, context, refused};
use crate::diagnostic::{Diagnostic, Diagnostics};
use crate::plan::{Conflict, Origin, Source, conflicts};
use crate::revision::{Graph, Reference, ReferenceError, RevisionId, Symbol};

/// How many conflicts a message lists.
const LISTED: usize = 5;

impl Planning<'_> {
    /// The applied revisions without a file here that the last plan of an upgrade goes on beside.
    #[must_use]
    pub fn beside(&self) -> &[RevisionId] {
        &self.known.beside
    }

    /// The path of an upgrade beside applied revisions that have no file here.
    pub(super) fn upgrade_beside(
        &mut self,
        rows: &BTreeSet<RevisionId>,
        target: &str,
        unknown: Vec<RevisionId>,
    ) -> Result<Vec<RevisionId>, Diagnostics> {
        let newer = |planning: &Self| planning.refused(ReferenceError::UnknownApplied { ids: unknown.clone() });
        // What the database did not record cannot be looked at.
        let Ok(graph) = self.graph(rows) else { return Err(newer(self)) };
        let graph = graph.into_owned();
        let files = &self.history.graph;
        let below = |id: &RevisionId| graph.applied(&BTreeSet::from([id.clone()])).unwrap_or_default();
        let path = self.path_beside(&graph, rows, target)?;
        let heads = files.heads();
        let is_stranger = |id: &&RevisionId| !below(id).iter().any(|earlier| files.contains(earlier));
        let ahead = |id: &RevisionId| heads.iter().any(|head| below(id).contains(head));
        if path.is_empty() && unknown.iter().any(|id| is_stranger(&id) || ahead(id)) {
            return Err(newer(self));
        }
        if let Some(stranger) = unknown.iter().find(is_stranger) {
            return Err(only(self.unknown_applied(&unknown).note(format!(
                "what the database recorded of `{stranger}` comes after no revision that is here"
            )).help(
                "perhaps this is the database of another project, or of another history: give each one a `version_table` of its own in aludel.yaml",
            )));
        }
        let found = match path.is_empty() {
            true => Vec::new(),
            false => self.conflicts_with_recorded(&graph, rows, &path)?,
        };
        if found.is_empty() {
            self.known.beside = unknown;
            return Ok(path);
        }
        let mut diagnostic = self.unknown_applied(&unknown);
        for conflict in found.iter().take(LISTED) {
            diagnostic =
                diagnostic.note(format!("it is not proven that the upgrade can go on beside that: {}", conflict.what));
            for party in &conflict.parties {
                diagnostic = match self.history.graph.contains(&party.revision) {
                    true => diagnostic.at(party.span, format!("{}: {}", party.revision, party.does)),
                    false => diagnostic.note(format!("in the way is what `{}` did: {}", party.revision, party.does)),
                };
            }
        }
        Err(only(diagnostic.help(
            "get the files of that branch, and `aludel merge` or `aludel rebase`; or take it down first with `aludel downgrade`, which works from the database's own record; or use another database for this branch",
        )))
    }

    /// What is to run: targets are looked for in the files, and counted from what is applied in either.
    fn path_beside(
        &self,
        graph: &Graph,
        rows: &BTreeSet<RevisionId>,
        target: &str,
    ) -> Result<Vec<RevisionId>, Diagnostics> {
        let mut path = BTreeSet::new();
        for place in graph.places(target) {
            let counted = Reference::parse(place).map_err(refused)?.symbol == Symbol::Current;
            let names = match counted {
                true => vec![place.to_owned()],
                false => {
                    let found = self.history.graph.resolve(place, None).map_err(refused)?;
                    found.iter().map(ToString::to_string).collect()
                }
            };
            for name in names {
                path.extend(graph.upgrade(rows, &name).map_err(refused)?);
            }
        }
        Ok(graph.headers().map(|header| &header.id.value).filter(|id| path.contains(*id)).cloned().collect())
    }

    fn conflicts_with_recorded(
        &mut self,
        graph: &Graph,
        rows: &BTreeSet<RevisionId>,
        path: &[RevisionId],
    ) -> Result<Vec<Conflict>, Diagnostics> {
        let applied = graph.applied_in_order(rows).map_err(refused)?;
        let (common, recorded): (Vec<RevisionId>, Vec<RevisionId>) =
            applied.into_iter().partition(|id| self.history.graph.contains(id));
        let all: Vec<RevisionId> = common.iter().chain(path).cloned().collect();
        let mut diagnostics = Diagnostics::default();
        self.history.load_bodies(self.project, &all, &mut diagnostics);
        if diagnostics.has_errors() {
            return Err(diagnostics);
        }
        let context = context(&self.reading, self.history, &all);
        let records = recorded.iter().filter_map(|id| {
            let record = self.known.records.get(id)?;
            Some(Source { id: id.clone(), origin: Origin::Record(record) })
        });
        let files = |ids: &[RevisionId]| super::planning::sources(self.history, ids);
        conflicts(&context, &files(&common), &records.collect::<Vec<_>>(), &files(path))
    }
}

fn only(diagnostic: Diagnostic) -> Diagnostics {
    let mut diagnostics = Diagnostics::default();
    diagnostics.push(diagnostic);
    diagnostics
}
