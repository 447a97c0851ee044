//! The graph of all revisions of a project.

use std::collections::BTreeMap;
use std::sync::OnceLock;

use super::header::Header;
use super::id::RevisionId;
use super::set::{Edges, Marks, Rev};

/// A revision with its neighbours.
#[derive(Debug, Clone)]
pub(super) struct Node {
    pub(super) header: Header,
    /// As the author listed them.
    pub(super) parents: Vec<Rev>,
    /// As the author listed them, without those that are parents too.
    pub(super) dependencies: Vec<Rev>,
    /// In order.
    pub(super) children: Vec<Rev>,
    /// In order.
    pub(super) dependents: Vec<Rev>,
}

/// All revisions of a project, known to be sound; made by [`Graph::build`].
///
/// The revisions stand in the order in which the whole graph would run, see [`Graph::headers`]. Whatever subset of them
/// is asked for comes in this order too, so that two databases never run two revisions in different orders because
/// they started from different places.
#[derive(Debug, Clone, Default)]
pub struct Graph {
    pub(super) nodes: Vec<Node>,
    /// Sorted, so that it answers prefixes.
    pub(super) names: BTreeMap<RevisionId, Rev>,
    pub(super) labels: BTreeMap<String, Rev>,
    /// Where each label holds, found once and only when asked for.
    pub(super) reach: OnceLock<Vec<(String, Marks)>>,
}

impl Graph {
    /// How many revisions there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.nodes.len()
    }

    /// Whether there is no revision.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.nodes.is_empty()
    }

    /// All revisions in the order in which they would run: everything after what it follows or depends on, the revisions
    /// of a branch together as far as dependencies allow, and otherwise the branch with the older head first.
    pub fn headers(&self) -> impl DoubleEndedIterator<Item = &Header> + ExactSizeIterator {
        self.nodes.iter().map(|node| &node.header)
    }

    /// The header of a revision.
    #[must_use]
    pub fn get(&self, id: &RevisionId) -> Option<&Header> {
        self.names.get(id).map(|&rev| &self.nodes[rev].header)
    }

    /// Whether there is a revision of this id.
    #[must_use]
    pub fn contains(&self, id: &RevisionId) -> bool {
        self.names.contains_key(id)
    }

    /// The place of a revision in [`Graph::headers`].
    #[must_use]
    pub fn position(&self, id: &RevisionId) -> Option<usize> {
        self.names.get(id).copied()
    }

    /// The revisions it follows, as its author listed them.
    #[must_use]
    pub fn parents(&self, id: &RevisionId) -> Vec<RevisionId> {
        self.neighbours(id, |node| &node.parents)
    }

    /// The revisions it depends on, labels resolved, without those that are its parents anyway.
    #[must_use]
    pub fn dependencies(&self, id: &RevisionId) -> Vec<RevisionId> {
        self.neighbours(id, |node| &node.dependencies)
    }

    /// The revisions that follow it, in order.
    #[must_use]
    pub fn children(&self, id: &RevisionId) -> Vec<RevisionId> {
        self.neighbours(id, |node| &node.children)
    }

    /// The revisions that depend on it, in order.
    #[must_use]
    pub fn dependents(&self, id: &RevisionId) -> Vec<RevisionId> {
        self.neighbours(id, |node| &node.dependents)
    }

    /// The revisions that no other follows, in order: one for each branch, whether another branch depends on it or not.
    #[must_use]
    pub fn heads(&self) -> Vec<RevisionId> {
        self.ids(self.head_revs())
    }

    /// The revisions that no other follows or depends on: the rows of the version table when everything is applied.
    #[must_use]
    pub fn heads_resolving_dependencies(&self) -> Vec<RevisionId> {
        self.ids((0..self.len()).filter(|&rev| self.after(rev, Edges::All).next().is_none()))
    }

    /// The heads that a revision leads to by `down_revision`, in order; itself when nothing follows it.
    #[must_use]
    pub fn heads_of(&self, id: &RevisionId) -> Vec<RevisionId> {
        let reached = self.descendants(self.position(id), Edges::Parents);
        self.ids(self.head_revs().filter(|&head| reached.has(head)))
    }

    /// The revisions that follow none, in order.
    #[must_use]
    pub fn bases(&self) -> Vec<RevisionId> {
        self.ids(self.base_revs())
    }

    /// The revisions that more than one other follows, in order.
    #[must_use]
    pub fn branch_points(&self) -> Vec<RevisionId> {
        self.ids((0..self.len()).filter(|&rev| self.nodes[rev].children.len() > 1))
    }

    /// The branch labels, with the revision that carries each.
    pub fn labels(&self) -> impl Iterator<Item = (&str, &RevisionId)> {
        self.labels.iter().map(|(label, &rev)| (label.as_str(), self.id(rev)))
    }

    /// The labels that hold for a revision: those of its ancestors and its own, and those of a descendant that it leads to
    /// without a branch point or a merge between.
    #[must_use]
    pub fn labels_of(&self, id: &RevisionId) -> Vec<&str> {
        self.names.get(id).map(|&rev| self.labels_on(rev)).unwrap_or_default()
    }

    pub(super) fn labels_on(&self, rev: Rev) -> Vec<&str> {
        let reach = self.reach.get_or_init(|| {
            self.labels.iter().map(|(label, &carrier)| (label.clone(), self.reach_of(carrier))).collect()
        });
        reach.iter().filter(|(_, holds)| holds.has(rev)).map(|(label, _)| label.as_str()).collect()
    }

    /// Where the labels of a revision hold.
    fn reach_of(&self, carrier: Rev) -> Marks {
        let mut holds = self.descendants([carrier], Edges::Parents);
        let mut at = carrier;
        // Down to the branch point, which is not of the branch any more, or to a merge, which is of several.
        while let [only] = self.nodes[at].parents[..]
            && self.nodes[only].children.len() == 1
        {
            holds.add(only);
            at = only;
        }
        holds
    }

    pub(super) fn head_revs(&self) -> impl Iterator<Item = Rev> + '_ {
        (0..self.len()).filter(|&rev| self.nodes[rev].children.is_empty())
    }

    pub(super) fn base_revs(&self) -> impl Iterator<Item = Rev> + '_ {
        (0..self.len()).filter(|&rev| self.nodes[rev].parents.is_empty())
    }

    pub(super) fn id(&self, rev: Rev) -> &RevisionId {
        &self.nodes[rev].header.id.value
    }

    pub(super) fn ids(&self, revs: impl IntoIterator<Item = Rev>) -> Vec<RevisionId> {
        revs.into_iter().map(|rev| self.id(rev).clone()).collect()
    }

    fn neighbours(&self, id: &RevisionId, which: impl Fn(&Node) -> &[Rev]) -> Vec<RevisionId> {
        self.names.get(id).map(|&rev| self.ids(which(&self.nodes[rev]).iter().copied())).unwrap_or_default()
    }
}
