//! From references to revisions.

use std::collections::BTreeSet;
use std::ops::Bound;

use super::error::{Candidate, ReferenceError};
use super::graph::Graph;
use super::id::RevisionId;
use super::reference::{Reference, Symbol};
use super::set::{Edges, Marks, Rev};
use crate::source::nearest;

/// The least number of characters that may stand for a whole id.
const SHORTEST: usize = 4;

/// Where a walk stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Place {
    /// Before the first revision.
    Base,
    /// On a revision.
    At(Rev),
}

impl Graph {
    /// The revisions that a reference names, in order; none for `base`. `rows` are the rows of the version table, for
    /// references that count from what is applied; without them such a reference is an error.
    ///
    /// # Errors
    ///
    /// When it names nothing, or more than its form allows.
    pub fn resolve(&self, text: &str, rows: Option<&BTreeSet<RevisionId>>) -> Result<Vec<RevisionId>, ReferenceError> {
        let rows = rows.map(|rows| self.known(rows)).transpose()?;
        Ok(self.ids(self.find(&Reference::parse(text)?, rows.as_deref())?))
    }

    /// The one revision that a reference names; `None` for `base`.
    ///
    /// # Errors
    ///
    /// As [`Graph::resolve`], and when it names several.
    pub fn resolve_one(
        &self,
        text: &str,
        rows: Option<&BTreeSet<RevisionId>>,
    ) -> Result<Option<RevisionId>, ReferenceError> {
        let rows = rows.map(|rows| self.known(rows)).transpose()?;
        Ok(match self.find_one(&Reference::parse(text)?, rows.as_deref())? {
            Place::Base => None,
            Place::At(rev) => Some(self.id(rev).clone()),
        })
    }

    /// The rows of a version table as revisions of this graph, in order.
    pub(super) fn known(&self, rows: &BTreeSet<RevisionId>) -> Result<Vec<Rev>, ReferenceError> {
        let ids: Vec<RevisionId> = rows.iter().filter(|id| !self.contains(id)).cloned().collect();
        if !ids.is_empty() {
            return Err(ReferenceError::UnknownApplied { ids });
        }
        let mut revs: Vec<Rev> = rows.iter().filter_map(|id| self.position(id)).collect();
        revs.sort_unstable();
        Ok(revs)
    }

    pub(super) fn find_one(&self, reference: &Reference, rows: Option<&[Rev]>) -> Result<Place, ReferenceError> {
        match self.find(reference, rows)?[..] {
            [] => Ok(Place::Base),
            [only] => Ok(Place::At(only)),
            ref several => Err(ReferenceError::SeveralTargets {
                reference: reference.to_string(),
                candidates: self.candidates(several, |_, id| id.to_string()),
            }),
        }
    }

    /// The revisions a reference names, in order; none is the base.
    pub(super) fn find(&self, reference: &Reference, rows: Option<&[Rev]>) -> Result<Vec<Rev>, ReferenceError> {
        let line = self.branch(reference)?;
        if reference.offset == 0 {
            return self.symbol(reference, line.as_ref(), rows);
        }
        let start = match reference.symbol {
            Symbol::Current if reference.offset > 0 => self.current_below(reference, line.as_ref(), rows)?,
            Symbol::Current => self.current_tip(reference, line.as_ref(), rows)?,
            _ => match self.symbol(reference, line.as_ref(), rows)?[..] {
                [] => Place::Base,
                [only] => Place::At(only),
                ref several => return Err(self.several_heads(reference, several)),
            },
        };
        Ok(match self.walk(start, reference, reference.offset, line.as_ref())? {
            Place::Base => Vec::new(),
            Place::At(rev) => vec![rev],
        })
    }

    /// The line that a reference is confined to.
    pub(super) fn branch(&self, reference: &Reference) -> Result<Option<Marks>, ReferenceError> {
        reference.branch.as_ref().map(|name| Ok(self.lineage(self.name(name, None)?))).transpose()
    }

    fn symbol(
        &self,
        reference: &Reference,
        line: Option<&Marks>,
        rows: Option<&[Rev]>,
    ) -> Result<Vec<Rev>, ReferenceError> {
        let on_line = |rev: &Rev| line.is_none_or(|line| line.has(*rev));
        match &reference.symbol {
            Symbol::Base => Ok(Vec::new()),
            Symbol::Heads => Ok(self.head_revs().filter(on_line).collect()),
            Symbol::Head => {
                let heads: Vec<Rev> = self.head_revs().filter(on_line).collect();
                if heads.len() > 1 { Err(self.several_heads(reference, &heads)) } else { Ok(heads) }
            }
            Symbol::Current => Ok(self.rows(reference, rows)?.iter().copied().filter(on_line).collect()),
            Symbol::Name(name) => {
                let branch = reference.branch.as_deref().zip(line);
                Ok(vec![self.name(name, branch)?])
            }
        }
    }

    /// The revision of an id, of a label, or of the beginning of either; exact names win.
    pub(super) fn name(&self, name: &str, branch: Option<(&str, &Marks)>) -> Result<Rev, ReferenceError> {
        let inside = |rev: Rev| branch.is_none_or(|(_, line)| line.has(rev));
        let outside = |rev: Rev, branch: &str| ReferenceError::NotInBranch {
            revision: self.id(rev).clone(),
            branch: branch.to_owned(),
        };
        let exact = self.names.get(name).or_else(|| self.labels.get(name));
        if let Some(&rev) = exact {
            return match branch {
                Some((branch, line)) if !line.has(rev) => Err(outside(rev, branch)),
                _ => Ok(rev),
            };
        }
        let from = (Bound::Included(name), Bound::Unbounded);
        let ids = self.names.range::<str, _>(from).map(|(id, &rev)| (id.as_str(), rev));
        let labels = self.labels.range::<str, _>(from).map(|(label, &rev)| (label.as_str(), rev));
        let begins = |(text, _): &(&str, Rev)| text.starts_with(name);
        let all: BTreeSet<Rev> = ids.take_while(begins).chain(labels.take_while(begins)).map(|(_, rev)| rev).collect();
        let found: Vec<Rev> = all.iter().copied().filter(|&rev| inside(rev)).collect();
        let candidates = || self.candidates(&found, |_, id| id.to_string());
        match (&found[..], all.first(), branch) {
            ([_, ..], ..) if name.chars().count() < SHORTEST => {
                Err(ReferenceError::TooShort { name: name.to_owned(), candidates: candidates() })
            }
            (&[only], ..) => Ok(only),
            ([_, ..], ..) => Err(ReferenceError::AmbiguousPrefix { name: name.to_owned(), candidates: candidates() }),
            ([], Some(&elsewhere), Some((branch, _))) => Err(outside(elsewhere, branch)),
            ([], ..) => {
                let known = self.names.keys().map(RevisionId::as_str).chain(self.labels.keys().map(String::as_str));
                let nearest = nearest(name, known).map(str::to_owned);
                Err(ReferenceError::Unknown { name: name.to_owned(), nearest })
            }
        }
    }

    fn rows<'a>(&self, reference: &Reference, rows: Option<&'a [Rev]>) -> Result<&'a [Rev], ReferenceError> {
        rows.ok_or_else(|| ReferenceError::NeedsDatabase { reference: reference.to_string() })
    }

    /// Where `+N` starts. On a branch that is not begun, that is where it parts from what is applied.
    pub(super) fn current_below(
        &self,
        reference: &Reference,
        line: Option<&Marks>,
        rows: Option<&[Rev]>,
    ) -> Result<Place, ReferenceError> {
        let rows = self.rows(reference, rows)?;
        let Some(line) = line else { return self.single(reference, rows) };
        let mut starts: Vec<Rev> = rows.iter().copied().filter(|&rev| line.has(rev)).collect();
        if starts.is_empty() {
            starts = self.tips(&self.ancestors(rows.iter().copied(), Edges::All).and(line));
        }
        self.single(reference, &starts)
    }

    /// Where `-N` starts: the newest that is applied, or the newest of a branch, which may have no row of its own because
    /// another branch depends on it.
    pub(super) fn current_tip(
        &self,
        reference: &Reference,
        line: Option<&Marks>,
        rows: Option<&[Rev]>,
    ) -> Result<Place, ReferenceError> {
        let rows = self.rows(reference, rows)?;
        let Some(line) = line else { return self.single(reference, rows) };
        let mut starts: Vec<Rev> = rows.iter().copied().filter(|&rev| line.has(rev)).collect();
        if starts.is_empty() {
            starts = self.tips(&self.ancestors(rows.iter().copied(), Edges::All));
            starts.retain(|&rev| line.has(rev));
        }
        self.single(reference, &starts)
    }

    fn single(&self, reference: &Reference, starts: &[Rev]) -> Result<Place, ReferenceError> {
        match *starts {
            [] => Ok(Place::Base),
            [only] => Ok(Place::At(only)),
            _ => Err(self.ambiguous(reference, "applied are".to_owned(), starts)),
        }
    }

    /// The members that no other member follows.
    pub(super) fn tips(&self, set: &Marks) -> Vec<Rev> {
        set.iter().filter(|&rev| !self.after(rev, Edges::Parents).any(|later| set.has(later))).collect()
    }

    /// Goes up or down, one revision at a time, and never guesses.
    pub(super) fn walk(
        &self,
        start: Place,
        reference: &Reference,
        offset: i64,
        line: Option<&Marks>,
    ) -> Result<Place, ReferenceError> {
        let mut place = start;
        for found in 0..offset.unsigned_abs() {
            let ways: Vec<Rev> = match place {
                Place::Base if offset > 0 => self.base_revs().collect(),
                Place::Base => Vec::new(),
                Place::At(rev) if offset > 0 => self.nodes[rev].children.clone(),
                Place::At(rev) => self.nodes[rev].parents.clone(),
            };
            let ways: Vec<Rev> = ways.into_iter().filter(|&rev| line.is_none_or(|line| line.has(rev))).collect();
            place = match (&ways[..], place) {
                (&[only], _) => Place::At(only),
                ([], Place::At(_)) if offset < 0 => Place::Base,
                ([], _) => {
                    let reference = reference.to_string();
                    return Err(ReferenceError::TooFar { reference, asked: offset.unsigned_abs(), found });
                }
                (several, Place::Base) => {
                    return Err(self.ambiguous(reference, "the first revisions are".to_owned(), several));
                }
                (several, Place::At(rev)) => {
                    let verb = if offset > 0 { "is followed by" } else { "follows" };
                    return Err(self.ambiguous(reference, format!("`{}` {verb}", self.id(rev)), several));
                }
            };
        }
        Ok(place)
    }

    pub(super) fn ambiguous(&self, reference: &Reference, from: String, ways: &[Rev]) -> ReferenceError {
        let candidates = self.candidates(ways, |label, id| reference.on(label.unwrap_or(id.as_str())));
        ReferenceError::AmbiguousStep { reference: reference.to_string(), from, candidates }
    }

    fn several_heads(&self, reference: &Reference, heads: &[Rev]) -> ReferenceError {
        let candidates = self.candidates(heads, |label, id| match label {
            Some(label) => reference.on(label),
            None if reference.offset == 0 => id.to_string(),
            None => reference.on(id.as_str()),
        });
        ReferenceError::SeveralHeads { reference: reference.to_string(), candidates }
    }

    /// Candidates with what to say for each, given a label that holds for this one only, if there is one.
    fn candidates(&self, revs: &[Rev], say: impl Fn(Option<&str>, &RevisionId) -> String) -> Vec<Candidate> {
        let labels: Vec<Vec<&str>> = revs.iter().map(|&rev| self.labels_on(rev)).collect();
        let own = |at: usize| {
            let others = |label: &str| labels.iter().enumerate().any(|(i, all)| i != at && all.contains(&label));
            labels[at].iter().copied().find(|label| !others(label))
        };
        revs.iter()
            .enumerate()
            .map(|(at, &rev)| Candidate { id: self.id(rev).clone(), say: say(own(at), self.id(rev)) })
            .collect()
    }
}
