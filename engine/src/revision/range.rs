//! Ranges of the history: `a:b`, `a:`, `:b`.

use std::collections::BTreeSet;

use super::error::ReferenceError;
use super::graph::Graph;
use super::id::RevisionId;
use super::reference::{Reference, Symbol};
use super::set::{Edges, Marks, Rev};

/// The two sides of a range as they were typed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RangeText<'a> {
    /// Before the colon, unless empty.
    pub start: Option<&'a str>,
    /// Behind the colon, unless empty.
    pub end: Option<&'a str>,
}

impl<'a> RangeText<'a> {
    /// Takes a range apart.
    ///
    /// # Errors
    ///
    /// [`ReferenceError::Syntax`] unless there is one colon.
    pub fn parse(text: &'a str) -> Result<Self, ReferenceError> {
        let wrong = |reason: String| ReferenceError::Syntax { text: text.to_owned(), reason };
        let (start, end) =
            text.split_once(':').ok_or_else(|| wrong(format!("a range is `{text}:`, `:{text}` or `start:end`")))?;
        if end.contains(':') {
            return Err(wrong("a range has one colon".to_owned()));
        }
        let side = |text: &'a str| if text.is_empty() { None } else { Some(text) };
        Ok(RangeText { start: side(start), end: side(end) })
    }
}

impl Graph {
    /// The revisions between two, both included, in the order in which they would run: what the end comes after and the start
    /// leads to. Without a start, from the base; without an end, to the heads.
    ///
    /// A count alone is relative to the other side: `-20:` is what lies at most 20 steps below the heads, `a:+2` ends two
    /// above `a`. `rows` are needed only where `current` is.
    ///
    /// # Errors
    ///
    /// When a side names nothing or is ambiguous, or the start does not lead to the end.
    pub fn range(&self, text: &str, rows: Option<&BTreeSet<RevisionId>>) -> Result<Vec<RevisionId>, ReferenceError> {
        let RangeText { start, end } = RangeText::parse(text)?;
        let rows = rows.map(|rows| self.known(rows)).transpose()?;
        let start = start.map(Reference::parse).transpose()?;
        let end = end.map(Reference::parse).transpose()?;
        let ends = match &end {
            None => self.head_revs().collect(),
            Some(end) if end.bare && end.offset > 0 => self.above(start.as_ref(), end, rows.as_deref())?,
            Some(end) => self.find(end, rows.as_deref())?,
        };
        let below = self.ancestors(ends.iter().copied(), Edges::All);
        let Some(start) = &start else { return Ok(self.ids(below.iter())) };
        let line = self.branch(start)?;
        if start.bare && start.offset < 0 {
            let ends = ends.into_iter().filter(|&rev| line.as_ref().is_none_or(|line| line.has(rev)));
            return Ok(self.ids(self.within(ends, start.offset.unsigned_abs()).iter()));
        }
        let mut starts = self.find(start, rows.as_deref())?;
        if starts.is_empty() {
            starts = self.base_revs().filter(|&rev| line.as_ref().is_none_or(|line| line.has(rev))).collect();
            starts.retain(|&rev| below.has(rev));
        }
        if starts.iter().any(|&rev| !below.has(rev)) {
            let above = self.ancestors(starts, Edges::All);
            return Err(ReferenceError::NotAncestor {
                start: start.to_string(),
                end: end.map_or_else(|| "heads".to_owned(), |end| end.to_string()),
                reversed: !ends.is_empty() && ends.iter().all(|&rev| above.has(rev)),
            });
        }
        Ok(self.ids(self.descendants(starts, Edges::All).and(&below).iter()))
    }

    /// The end of `start:+N`.
    fn above(
        &self,
        start: Option<&Reference>,
        end: &Reference,
        rows: Option<&[Rev]>,
    ) -> Result<Vec<Rev>, ReferenceError> {
        let counted = match start {
            None => Reference { symbol: Symbol::Base, bare: false, ..end.clone() },
            Some(start) if start.bare => end.clone(),
            Some(start) if start.symbol == Symbol::Current => Reference { bare: false, ..end.clone() },
            Some(start) => {
                let branch = end.branch.clone().or_else(|| start.branch.clone());
                Reference { branch, offset: start.offset.saturating_add(end.offset), ..start.clone() }
            }
        };
        self.find(&counted, rows)
    }

    /// What lies at most so many steps below these.
    fn within(&self, ends: impl Iterator<Item = Rev>, steps: u64) -> Marks {
        let mut near: Vec<Option<u64>> = vec![None; self.len()];
        ends.for_each(|rev| near[rev] = Some(0));
        for rev in (0..self.len()).rev() {
            let Some(distance) = near[rev].filter(|&distance| distance < steps) else { continue };
            for earlier in self.before(rev, Edges::All) {
                let least = near[earlier].map_or(distance + 1, |known| known.min(distance + 1));
                near[earlier] = Some(least);
            }
        }
        self.marks(near.iter().enumerate().filter_map(|(rev, distance)| distance.map(|_| rev)))
    }
}
