//! Sets of revisions and the two walks that everything else is made of.
//!
//! A revision's number is its place in an order in which everything comes after what it waits for. So one pass over the
//! numbers, downwards, finds all ancestors of a set, and one pass upwards all descendants: no stack, no visited list.

use super::graph::Graph;

/// A revision, by its place in the order in which the graph would run.
pub(super) type Rev = usize;

/// Which references to follow.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Edges {
    /// `down_revision` only: what makes a branch.
    Parents,
    /// `depends_on` too: what must be applied first.
    All,
}

/// A set of revisions of one graph.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Marks(Vec<bool>);

impl Marks {
    /// Whether the revision is in the set.
    pub(super) fn has(&self, rev: Rev) -> bool {
        self.0.get(rev).copied().unwrap_or(false)
    }

    /// Adds a revision.
    pub(super) fn add(&mut self, rev: Rev) {
        if let Some(mark) = self.0.get_mut(rev) {
            *mark = true;
        }
    }

    /// The members, in the order in which they would run.
    pub(super) fn iter(&self) -> impl DoubleEndedIterator<Item = Rev> + '_ {
        self.0.iter().enumerate().filter_map(|(rev, mark)| mark.then_some(rev))
    }

    /// What is in both sets.
    pub(super) fn and(mut self, other: &Marks) -> Marks {
        self.0.iter_mut().zip(&other.0).for_each(|(mine, theirs)| *mine &= *theirs);
        self
    }

    /// What is in either set.
    pub(super) fn or(mut self, other: &Marks) -> Marks {
        self.0.iter_mut().zip(&other.0).for_each(|(mine, theirs)| *mine |= *theirs);
        self
    }

    /// What is here but not there.
    pub(super) fn without(mut self, other: &Marks) -> Marks {
        self.0.iter_mut().zip(&other.0).for_each(|(mine, theirs)| *mine &= !*theirs);
        self
    }
}

impl Graph {
    /// A set of these revisions and nothing else.
    pub(super) fn marks(&self, members: impl IntoIterator<Item = Rev>) -> Marks {
        let mut marks = Marks(vec![false; self.len()]);
        members.into_iter().for_each(|rev| marks.add(rev));
        marks
    }

    /// What a revision refers to.
    pub(super) fn before(&self, rev: Rev, edges: Edges) -> impl Iterator<Item = Rev> + '_ {
        let node = &self.nodes[rev];
        let dependencies: &[Rev] = if edges == Edges::All { &node.dependencies } else { &[] };
        node.parents.iter().chain(dependencies).copied()
    }

    /// What refers to a revision.
    pub(super) fn after(&self, rev: Rev, edges: Edges) -> impl Iterator<Item = Rev> + '_ {
        let node = &self.nodes[rev];
        let dependents: &[Rev] = if edges == Edges::All { &node.dependents } else { &[] };
        node.children.iter().chain(dependents).copied()
    }

    /// These revisions and everything they come after.
    pub(super) fn ancestors(&self, of: impl IntoIterator<Item = Rev>, edges: Edges) -> Marks {
        let mut marks = self.marks(of);
        for rev in (0..self.len()).rev() {
            if marks.has(rev) {
                self.before(rev, edges).for_each(|earlier| marks.add(earlier));
            }
        }
        marks
    }

    /// These revisions and everything that comes after them.
    pub(super) fn descendants(&self, of: impl IntoIterator<Item = Rev>, edges: Edges) -> Marks {
        let mut marks = self.marks(of);
        for rev in 0..self.len() {
            if marks.has(rev) {
                self.after(rev, edges).for_each(|later| marks.add(later));
            }
        }
        marks
    }

    /// Everything on the line of a revision: what leads to it and what comes out of it, by `down_revision`.
    pub(super) fn lineage(&self, of: Rev) -> Marks {
        self.ancestors([of], Edges::Parents).or(&self.descendants([of], Edges::Parents))
    }
}
