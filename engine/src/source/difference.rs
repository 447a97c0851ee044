//! What differs between two trees, as small as it can be said.

use super::checksum::meaning;
use super::{Node, NodeKind, Span};

/// Lists longer than this, squared, are compared place by place.
const ALIGNED: usize = 1_000_000;

/// A place where two trees differ.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Difference {
    /// The way to it from the root.
    pub path: Vec<Part>,
    /// Where it stands in the first tree, if it is there.
    pub was: Option<Span>,
    /// Where it stands in the second tree, if it is there.
    pub is: Option<Span>,
    /// Where to point in the second tree: at it, or at what lacks it.
    pub at: Span,
    /// Whether the same keys stand in another order, and nothing else differs.
    pub order: bool,
}

/// A part of the way to a place in a tree.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Part {
    /// The value of a key.
    Key(String),
    /// The item of a list, by its place in the second tree if it is there, else in the first.
    Item(usize),
}

/// What differs, in the order of the second tree.
#[must_use]
pub fn differences(was: &Node, is: &Node) -> Vec<Difference> {
    let mut walk = Walk { path: Vec::new(), found: Vec::new() };
    walk.node(was, is);
    walk.found
}

struct Walk {
    path: Vec<Part>,
    found: Vec<Difference>,
}

impl Walk {
    fn node(&mut self, was: &Node, is: &Node) {
        match (&was.kind, &is.kind) {
            (NodeKind::Mapping(_), NodeKind::Mapping(_)) => self.mapping(was, is),
            (NodeKind::Sequence(old), NodeKind::Sequence(new)) => self.sequence(old, new, is.span),
            (old, new) if old == new => {}
            _ => self.note(Some(was.span), Some(is.span), is.span, false),
        }
    }

    fn mapping(&mut self, was: &Node, is: &Node) {
        let (NodeKind::Mapping(old), NodeKind::Mapping(new)) = (&was.kind, &is.kind) else { return };
        let before = self.found.len();
        for (key, value) in new {
            self.path.push(Part::Key(key.name.clone()));
            match was.get(&key.name) {
                Some(other) => self.node(other, value),
                None => self.note(None, Some(key.span.to(value.span)), key.span, false),
            }
            self.path.pop();
        }
        for (key, value) in old.iter().filter(|(key, _)| is.get(&key.name).is_none()) {
            self.path.push(Part::Key(key.name.clone()));
            self.note(Some(key.span.to(value.span)), None, is.span, false);
            self.path.pop();
        }
        if self.found.len() == before && !old.iter().zip(new).all(|((a, _), (b, _))| a.name == b.name) {
            self.note(Some(was.span), Some(is.span), is.span, true);
        }
    }

    fn sequence(&mut self, old: &[Node], new: &[Node], whole: Span) {
        for (was, is) in aligned(old, new) {
            let Some(place) = is.or(was) else { continue };
            self.path.push(Part::Item(place));
            match (was.map(|place| &old[place]), is.map(|place| &new[place])) {
                (Some(was), Some(is)) => self.node(was, is),
                (Some(was), None) => self.note(Some(was.span), None, whole, false),
                (None, Some(is)) => self.note(None, Some(is.span), is.span, false),
                (None, None) => {}
            }
            self.path.pop();
        }
    }

    fn note(&mut self, was: Option<Span>, is: Option<Span>, at: Span, order: bool) {
        self.found.push(Difference { path: self.path.clone(), was, is, at, order });
    }
}

/// Which items of two lists belong together.
fn aligned(old: &[Node], new: &[Node]) -> Vec<(Option<usize>, Option<usize>)> {
    let values = |nodes: &[Node]| nodes.iter().map(meaning).collect::<Vec<_>>();
    let (a, b) = (values(old), values(new));
    let head = a.iter().zip(&b).take_while(|(a, b)| a == b).count();
    let tail = a[head..].iter().rev().zip(b[head..].iter().rev()).take_while(|(a, b)| a == b).count();
    let (rows, columns) = (a.len() - head - tail, b.len() - head - tail);
    let mut pairs: Vec<(Option<usize>, Option<usize>)> = (0..head).map(|place| (Some(place), Some(place))).collect();
    let same = match rows * columns > ALIGNED {
        true => Vec::new(),
        false => common(&a[head..head + rows], &b[head..head + columns]),
    };
    let (mut from, mut to) = (head, head);
    for (row, column) in same.into_iter().map(|(row, column)| (row + head, column + head)) {
        gap(old, new, from..row, to..column, &mut pairs);
        pairs.push((Some(row), Some(column)));
        (from, to) = (row + 1, column + 1);
    }
    gap(old, new, from..head + rows, to..head + columns, &mut pairs);
    pairs.extend((0..tail).map(|place| (Some(head + rows + place), Some(head + columns + place))));
    pairs
}

/// The longest common subsequence.
fn common(a: &[Vec<u8>], b: &[Vec<u8>]) -> Vec<(usize, usize)> {
    let mut length = vec![vec![0_usize; b.len() + 1]; a.len() + 1];
    for row in (0..a.len()).rev() {
        for column in (0..b.len()).rev() {
            length[row][column] = match a[row] == b[column] {
                true => length[row + 1][column + 1] + 1,
                false => length[row + 1][column].max(length[row][column + 1]),
            };
        }
    }
    let (mut row, mut column, mut pairs) = (0, 0, Vec::new());
    while row < a.len() && column < b.len() {
        if a[row] == b[column] {
            pairs.push((row, column));
            (row, column) = (row + 1, column + 1);
        } else if length[row + 1][column] >= length[row][column + 1] {
            row += 1;
        } else {
            column += 1;
        }
    }
    pairs
}

/// Pairs what is alike between two common items; the rest is gone or new.
fn gap(
    old: &[Node],
    new: &[Node],
    rows: std::ops::Range<usize>,
    columns: std::ops::Range<usize>,
    pairs: &mut Vec<(Option<usize>, Option<usize>)>,
) {
    let mut left: Vec<usize> = rows.collect();
    for column in columns {
        let partner = left.iter().position(|row| alike(&old[*row], &new[column]));
        // What was passed over is gone.
        let row = partner.map(|place| {
            pairs.extend(left.drain(..place).map(|row| (Some(row), None)));
            left.remove(0)
        });
        pairs.push((row, Some(column)));
    }
    pairs.extend(left.into_iter().map(|row| (Some(row), None)));
}

/// Whether one may have become the other: maps that share their first key, and scalars.
fn alike(a: &Node, b: &Node) -> bool {
    match (&a.kind, &b.kind) {
        (NodeKind::Mapping(a), NodeKind::Mapping(b)) => match (a.first(), b.first()) {
            (Some((a, _)), Some((b, _))) => a.name == b.name,
            _ => false,
        },
        (NodeKind::Sequence(_), NodeKind::Sequence(_)) => true,
        (NodeKind::Mapping(_) | NodeKind::Sequence(_), _) | (_, NodeKind::Mapping(_) | NodeKind::Sequence(_)) => false,
        _ => true,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::diagnostic::Diagnostics;
    use crate::source::{Sources, parse};

    /// Each difference as `path: was -> is`.
    fn told(was: &str, is: &str) -> Vec<String> {
        let mut sources = Sources::default();
        let mut read = |text: &str| {
            let file = sources.add("x.yaml", text);
            parse(&sources, file, &mut Diagnostics::default()).unwrap()
        };
        let (was, is) = (read(was), read(is));
        let text = |span: Option<Span>| span.map_or("-", |span| sources.text(span)).to_owned();
        let part = |part: &Part| match part {
            Part::Key(key) => format!(".{key}"),
            Part::Item(place) => format!("[{place}]"),
        };
        differences(&was, &is)
            .iter()
            .map(|d| {
                let path: String = d.path.iter().map(part).collect();
                let order = if d.order { " (order)" } else { "" };
                format!("{path}: {} -> {}{order}", text(d.was), text(d.is))
            })
            .collect()
    }

    #[test]
    fn the_smallest_difference_is_told() {
        let was = "- add: {table: t, type: int}\n- drop: a\n- add: {table: u}\n";
        let cases: &[(&str, &[&str])] = &[
            ("- add: {table: t, type: int}\n- {drop: a} # same\n- add: {table: u}\n", &[]),
            ("- add: {table: t, type: text}\n- drop: a\n- add: {table: u}\n", &["[0].add.type: int -> text"]),
            ("- add: {table: t}\n- drop: a\n- add: {table: u}\n", &["[0].add.type: type: int -> -"]),
            (
                "- add: {type: int, table: t}\n- drop: a\n- add: {table: u}\n",
                &["[0].add: {table: t, type: int} -> {type: int, table: t} (order)"],
            ),
            ("- add: {table: t, type: int}\n- add: {table: u}\n", &["[1]: drop: a -> -"]),
            (
                "- new: 1\n- add: {table: t, type: int}\n- drop: b\n- add: {table: u, n: 1}\n",
                &["[0]: - -> new: 1", "[2].drop: a -> b", "[3].add.n: - -> n: 1"],
            ),
            ("x: 1\n", &[": - add: {table: t, type: int}\n- drop: a\n- add: {table: u} -> x: 1"]),
        ];
        for (is, expected) in cases {
            let found: Vec<String> = told(was, is).into_iter().map(|line| line.trim_end().to_owned()).collect();
            assert_eq!(found, *expected, "{is}");
        }
    }
}
