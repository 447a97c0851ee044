//! What the version table says: one row for each applied revision that no other applied revision follows or depends on.
//!
//! A row is left out where another one implies it, and comes back when that one is undone. So the rows are always the
//! newest elements of what is applied, and what is applied can always be told from the rows.

use std::collections::BTreeSet;

use serde::Serialize;

use super::error::ReferenceError;
use super::graph::Graph;
use super::id::RevisionId;
use super::reference::{Reference, Symbol};
use super::set::{Edges, Marks, Rev};

/// A change of the version table; each must find exactly the row that it expects.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum RowChange {
    /// A new row.
    Insert(RevisionId),
    /// A row goes away.
    Delete(RevisionId),
    /// A row changes its id.
    Update {
        /// The id it has.
        from: RevisionId,
        /// The id it gets.
        to: RevisionId,
    },
}

/// What a stamp changes.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Restated {
    /// The rows.
    pub changes: Vec<RowChange>,
    /// The revisions that count as applied afterwards and did not before.
    pub applied: Vec<RevisionId>,
    /// The revisions that do not count as applied any more.
    pub forgotten: Vec<RevisionId>,
    /// After a purge, every revision that counts as applied: whatever else the database recorded is forgotten.
    pub only: Option<Vec<RevisionId>>,
}

impl RowChange {
    /// The revision that gets a row, or loses one.
    #[must_use]
    pub fn subject(&self) -> &RevisionId {
        let (RowChange::Insert(id) | RowChange::Update { to: id, .. } | RowChange::Delete(id)) = self;
        id
    }

    /// Makes the change to a set of rows; says whether they were as expected.
    pub fn apply(&self, rows: &mut BTreeSet<RevisionId>) -> bool {
        match self {
            RowChange::Insert(id) => rows.insert(id.clone()),
            RowChange::Delete(id) => rows.remove(id),
            RowChange::Update { from, to } => rows.remove(from) & rows.insert(to.clone()),
        }
    }
}

impl Graph {
    /// How the rows change when a revision has been applied. Rows of other projects' revisions are left alone.
    ///
    /// # Errors
    ///
    /// When the graph does not have the revision, or its row is there already.
    pub fn rows_for_upgrade(
        &self,
        rows: &BTreeSet<RevisionId>,
        id: &RevisionId,
    ) -> Result<Vec<RowChange>, ReferenceError> {
        let rev = self.rev(id)?;
        if rows.contains(id) {
            return Err(ReferenceError::RowMismatch { revision: id.clone(), present: true });
        }
        let absorbed = self.before(rev, Edges::All).map(|earlier| self.id(earlier)).filter(|id| rows.contains(*id));
        Ok(changes(absorbed.cloned().collect(), vec![id.clone()]))
    }

    /// How the rows change when a revision has been undone: what it followed or depended on gets a row again, unless
    /// another row implies it.
    ///
    /// # Errors
    ///
    /// When the graph does not have the revision, or it has no row, so that something applied still needs it.
    pub fn rows_for_downgrade(
        &self,
        rows: &BTreeSet<RevisionId>,
        id: &RevisionId,
    ) -> Result<Vec<RowChange>, ReferenceError> {
        let rev = self.rev(id)?;
        if !rows.contains(id) {
            return Err(ReferenceError::RowMismatch { revision: id.clone(), present: false });
        }
        let others: Vec<Rev> = rows.iter().filter(|row| *row != id).filter_map(|row| self.position(row)).collect();
        let exposed: Vec<Rev> = self.before(rev, Edges::All).collect();
        let back = self.uncovered(&exposed, &others);
        Ok(changes(vec![id.clone()], self.ids(back)))
    }

    /// How the rows change when the applied revisions are declared instead of run. Each target takes the place of the rows on
    /// its line (what it comes after, and what comes after it, dependencies included); `base` takes all rows away,
    /// `label@base` those of the branch. With `purge` all rows go first, known or not.
    ///
    /// # Errors
    ///
    /// When a target names nothing or is ambiguous, or, without `purge`, a row is unknown.
    pub fn rows_for_stamp(
        &self,
        rows: &BTreeSet<RevisionId>,
        targets: &[&str],
        purge: bool,
    ) -> Result<Vec<RowChange>, ReferenceError> {
        let kept: BTreeSet<RevisionId> = if purge { BTreeSet::new() } else { rows.clone() };
        let before = self.known(&kept)?;
        let mut gone = self.marks([]);
        let mut declared = Vec::new();
        for target in targets {
            let reference = Reference::parse(target)?;
            let found = self.find(&reference, Some(&before))?;
            gone = gone.or(&match &reference.branch {
                _ if !found.is_empty() => self.related(&found),
                Some(branch) => self.related(&[self.name(branch, None)?]),
                None if reference.symbol == Symbol::Base || reference.offset != 0 => self.marks(0..self.len()),
                None => self.marks([]),
            });
            declared.extend(found);
        }
        let stay: Vec<Rev> = before.iter().copied().filter(|&rev| !gone.has(rev)).collect();
        declared.sort_unstable();
        declared.dedup();
        let after: BTreeSet<RevisionId> =
            self.ids(stay.iter().copied().chain(self.uncovered(&declared, &stay))).into_iter().collect();
        if purge {
            let deletes = rows.iter().cloned().map(RowChange::Delete);
            return Ok(deletes.chain(after.into_iter().map(RowChange::Insert)).collect());
        }
        Ok(changes(rows.difference(&after).cloned().collect(), after.difference(rows).cloned().collect()))
    }

    /// A stamp as [`Graph::rows_for_stamp`] has it, with the revisions that it moves.
    ///
    /// # Errors
    ///
    /// As there.
    pub fn restated(
        &self,
        rows: &BTreeSet<RevisionId>,
        targets: &[&str],
        purge: bool,
    ) -> Result<Restated, ReferenceError> {
        let changes = self.rows_for_stamp(rows, targets, purge)?;
        let mut after = rows.clone();
        for change in &changes {
            change.apply(&mut after);
        }
        // What the project does not know is not followed further than its row.
        let all = |rows: &BTreeSet<RevisionId>| {
            let (known, unknown): (BTreeSet<_>, BTreeSet<_>) = rows.iter().cloned().partition(|id| self.contains(id));
            let mut all = self.applied(&known)?;
            all.extend(unknown);
            Ok::<_, ReferenceError>(all)
        };
        let (before, after) = (all(rows)?, all(&after)?);
        Ok(Restated {
            changes,
            applied: after.difference(&before).cloned().collect(),
            forgotten: before.difference(&after).cloned().collect(),
            only: purge.then(|| after.into_iter().collect()),
        })
    }

    /// The references that a text with commas between them is made of; a name with a comma in it is one.
    #[must_use]
    pub fn places<'t>(&self, text: &'t str) -> Vec<&'t str> {
        match self.names.contains_key(text) || !text.contains(',') {
            true => vec![text],
            false => text.split(',').map(str::trim).collect(),
        }
    }

    /// The rows of a version table that stands at a place of the history, or at several, with commas between, as a database
    /// with several heads does.
    ///
    /// # Errors
    ///
    /// When a place names nothing, or is known only with a database.
    pub fn rows_at(&self, place: &str) -> Result<BTreeSet<RevisionId>, ReferenceError> {
        let names = self.places(place);
        for name in &names {
            self.resolve(name, None)?;
        }
        let mut rows = BTreeSet::new();
        for change in self.rows_for_stamp(&BTreeSet::new(), &names, false)? {
            change.apply(&mut rows);
        }
        Ok(rows)
    }

    /// What these come after and what comes after them.
    fn related(&self, revs: &[Rev]) -> Marks {
        let above = self.descendants(revs.iter().copied(), Edges::All);
        self.ancestors(revs.iter().copied(), Edges::All).or(&above)
    }

    /// Those of `revs` that nothing in `others`, and nothing else in `revs`, implies.
    fn uncovered(&self, revs: &[Rev], others: &[Rev]) -> Vec<Rev> {
        let Some(&lowest) = revs.iter().min() else { return Vec::new() };
        if revs.len() == 1 && others.iter().all(|&other| other < lowest) {
            return revs.to_vec();
        }
        // Only what lies between the lowest of them and the highest row can cover anything.
        let highest = revs.iter().chain(others).copied().max().unwrap_or(lowest);
        let mut covered = vec![false; highest - lowest + 1];
        others.iter().filter(|&&other| other >= lowest).for_each(|&other| covered[other - lowest] = true);
        let mut reached = covered.clone();
        revs.iter().for_each(|&rev| reached[rev - lowest] = true);
        for rev in (lowest..=highest).rev() {
            if !reached[rev - lowest] {
                continue;
            }
            for earlier in self.before(rev, Edges::All).filter(|&earlier| earlier >= lowest) {
                reached[earlier - lowest] = true;
                covered[earlier - lowest] = true;
            }
        }
        revs.iter().copied().filter(|&rev| !covered[rev - lowest]).collect()
    }

    fn rev(&self, id: &RevisionId) -> Result<Rev, ReferenceError> {
        self.position(id).ok_or_else(|| ReferenceError::Unknown { name: id.to_string(), nearest: None })
    }
}

/// The fewest changes that replace some rows by others: deletes, at most one update, inserts.
fn changes(mut gone: Vec<RevisionId>, mut new: Vec<RevisionId>) -> Vec<RowChange> {
    let update = match (gone.pop(), new.pop()) {
        (Some(from), Some(to)) => Some(RowChange::Update { from, to }),
        (from, to) => {
            gone.extend(from);
            new.extend(to);
            None
        }
    };
    gone.into_iter().map(RowChange::Delete).chain(update).chain(new.into_iter().map(RowChange::Insert)).collect()
}
