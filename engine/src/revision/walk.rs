//! What to run to come from what is applied to where a target is.

use std::collections::BTreeSet;

use super::error::ReferenceError;
use super::graph::Graph;
use super::id::RevisionId;
use super::reference::{Reference, Symbol};
use super::resolve::Place;
use super::set::{Edges, Rev};

impl Graph {
    /// The revisions to run, in order, so that the target is applied: everything it comes after or depends on that is not
    /// applied yet. `rows` are the rows of the version table. Nothing to run is not an error. Several targets stand with
    /// commas between them.
    ///
    /// # Errors
    ///
    /// When the target names nothing or is ambiguous, or a row is unknown.
    pub fn upgrade(&self, rows: &BTreeSet<RevisionId>, target: &str) -> Result<Vec<RevisionId>, ReferenceError> {
        let rows = self.known(rows)?;
        let mut targets = Vec::new();
        for place in self.places(target) {
            let reference = Reference::parse(place)?;
            if reference.symbol == Symbol::Current && reference.offset < 0 {
                return Err(ReferenceError::WrongDirection { reference: reference.to_string(), upgrade: true });
            }
            targets.extend(self.find(&reference, Some(&rows))?);
        }
        let wanted = self.ancestors(targets, Edges::All).without(&self.ancestors(rows, Edges::All));
        Ok(self.ids(wanted.iter()))
    }

    /// The revisions to undo, in order, newest first, so that nothing that comes after the target is applied: its children, and
    /// everything that follows or depends on them. What the target itself depends on stays, and so do other branches.
    ///
    /// `-N` undoes the newest N revisions of the one applied line, together with what depends on them. With a branch
    /// (`branch@revision`, `branch@base`, `branch@-1`) only what is on the branch, and what depends on it, is undone.
    /// Several targets, with commas between them, are what several branches come down to: what comes after one of them is
    /// undone, unless another one is it or comes after it.
    ///
    /// # Errors
    ///
    /// When a target names nothing, is ambiguous or is not applied, when one undoes what another one keeps, or a row is
    /// unknown.
    pub fn downgrade(&self, rows: &BTreeSet<RevisionId>, target: &str) -> Result<Vec<RevisionId>, ReferenceError> {
        let rows = self.known(rows)?;
        let active = self.ancestors(rows.iter().copied(), Edges::All);
        let (mut roots, mut kept) = (Vec::new(), Vec::new());
        for place in self.places(target) {
            let reference = Reference::parse(place)?;
            match (&reference.symbol, reference.offset) {
                (Symbol::Current, 0) => {}
                (Symbol::Current, 1..) => {
                    return Err(ReferenceError::WrongDirection { reference: reference.to_string(), upgrade: false });
                }
                (Symbol::Current, _) => roots.push((self.last_to_undo(&reference, &rows)?, Some(place))),
                _ => {
                    let line = self.branch(&reference)?;
                    let on_line = |rev: &Rev| line.as_ref().is_none_or(|line| line.has(*rev));
                    match self.find_one(&reference, Some(&rows))? {
                        Place::Base => roots.extend(self.base_revs().filter(on_line).map(|rev| (rev, None))),
                        Place::At(rev) if active.has(rev) => {
                            let after = self.nodes[rev].children.iter().copied().filter(on_line);
                            roots.extend(after.map(|rev| (rev, None)));
                            kept.push(rev);
                        }
                        Place::At(rev) => {
                            return Err(ReferenceError::NotApplied {
                                revision: self.id(rev).clone(),
                                rows: self.ids(rows),
                            });
                        }
                    }
                }
            }
        }
        let kept = self.ancestors(kept, Edges::All);
        if let Some((rev, Some(place))) = roots.iter().find(|(rev, counted)| counted.is_some() && kept.has(*rev)) {
            let (place, revision) = ((*place).to_owned(), self.id(*rev).clone());
            return Err(ReferenceError::Contradiction { reference: target.to_owned(), place, revision });
        }
        let roots = roots.into_iter().map(|(rev, _)| rev);
        let doomed = self.descendants(roots, Edges::All).and(&active).without(&kept);
        Ok(self.ids(doomed.iter().rev()))
    }

    /// The oldest revision that `-N` undoes. The walk stops on it and not on what is below it, because below a merge there
    /// are two revisions, and undoing just the merge is not ambiguous.
    fn last_to_undo(&self, reference: &Reference, rows: &[Rev]) -> Result<Rev, ReferenceError> {
        let line = self.branch(reference)?;
        let asked = reference.offset.unsigned_abs();
        let too_far = |found| ReferenceError::TooFar { reference: reference.to_string(), asked, found };
        let start = self.current_tip(reference, line.as_ref(), Some(rows))?;
        if start == Place::Base {
            return Err(too_far(0));
        }
        match self.walk(start, reference, reference.offset + 1, line.as_ref()) {
            Ok(Place::At(rev)) => Ok(rev),
            Ok(Place::Base) => Err(too_far(asked - 1)),
            Err(ReferenceError::TooFar { found, .. }) => Err(too_far(found)),
            Err(other) => Err(other),
        }
    }

    /// Everything that is applied, given the rows of the version table: the rows and all they come after or depend on.
    ///
    /// # Errors
    ///
    /// When a row is unknown.
    pub fn applied(&self, rows: &BTreeSet<RevisionId>) -> Result<BTreeSet<RevisionId>, ReferenceError> {
        Ok(self.applied_in_order(rows)?.into_iter().collect())
    }

    /// Everything that is applied, in the order in which it would run.
    ///
    /// # Errors
    ///
    /// When a row is unknown.
    pub fn applied_in_order(&self, rows: &BTreeSet<RevisionId>) -> Result<Vec<RevisionId>, ReferenceError> {
        let rows = self.known(rows)?;
        Ok(self.ids(self.ancestors(rows, Edges::All).iter()))
    }

    /// The newest applied revision of each branch, in order: the rows, and those that have no row because an applied revision
    /// of another branch depends on them.
    ///
    /// # Errors
    ///
    /// When a row is unknown.
    pub fn applied_heads(&self, rows: &BTreeSet<RevisionId>) -> Result<Vec<RevisionId>, ReferenceError> {
        let rows = self.known(rows)?;
        Ok(self.ids(self.tips(&self.ancestors(rows, Edges::All))))
    }

    /// How two lines have grown apart: what both come after or depend on, and what only the one and only the other one
    /// does, themselves included; each in order.
    ///
    /// # Errors
    ///
    /// When one of them is unknown.
    pub fn parting(&self, one: &RevisionId, other: &RevisionId) -> Result<Parting, ReferenceError> {
        let closed = |id: &RevisionId| -> Result<_, ReferenceError> {
            Ok(self.ancestors(self.known(&BTreeSet::from([id.clone()]))?, Edges::All))
        };
        let (one, other) = (closed(one)?, closed(other)?);
        Ok(Parting {
            common: self.ids(one.clone().and(&other).iter()),
            one: self.ids(one.clone().without(&other).iter()),
            other: self.ids(other.without(&one).iter()),
        })
    }

    /// Everything that comes after a revision or depends on what does, itself included, in order.
    #[must_use]
    pub fn descendants_of(&self, id: &RevisionId) -> Vec<RevisionId> {
        self.ids(self.descendants(self.position(id), Edges::All).iter())
    }
}

/// How two lines have grown apart.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Parting {
    /// What both have.
    pub common: Vec<RevisionId>,
    /// What only the first has.
    pub one: Vec<RevisionId>,
    /// What only the second has.
    pub other: Vec<RevisionId>,
}
