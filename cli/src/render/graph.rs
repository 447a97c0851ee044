//! The history as a picture: a lane for each line of descent, newest first, as readers of `git log --graph` know it.

use std::collections::HashMap;

use super::lists::details;
use super::style::{FAINT, MARK, PLAIN, REVISION, paint};
use super::words::{MESSAGE, columns, cut, screen};
use crate::commands::RevisionDocument;
use crate::commands::history::HistoryDocument;

/// How far texts are moved to the right so that they line up; a wider picture pushes its own line only.
const ALIGNED: usize = 20;

/// Revisions, newest first, with lines to what they follow. What a revision depends on stands beside it.
pub(crate) fn graph(document: &HistoryDocument, verbose: bool) -> String {
    if document.revisions.is_empty() {
        return "no revisions\n".to_owned();
    }
    let indicates = document.database.is_some();
    let drawn = draw(&neighbours(&document.revisions));
    let width = drawn.iter().map(|row| row.node.chars().count()).max().unwrap_or(0).min(ALIGNED);
    let mut text = String::new();
    for (row, revision) in drawn.iter().zip(&document.revisions) {
        for line in &row.above {
            text.push_str(&lane(line));
            text.push('\n');
        }
        let (sign, style) = match (indicates, revision.applied) {
            (true, Some(false)) => ("○", FAINT),
            _ => ("●", MARK),
        };
        let (before, after) = row.node.split_once(NODE).unwrap_or((&row.node, ""));
        let room = " ".repeat(width.saturating_sub(row.node.chars().count()) + 2);
        text.push_str(&format!("{}{}{}{room}", lane(before), paint(style, sign), lane(after)));
        match verbose {
            false => text.push_str(&short(revision, width.max(row.node.chars().count()) + 2)),
            true => {
                let described = details(revision);
                let mut lines = described.lines();
                text.push_str(lines.next().unwrap_or_default());
                let room = " ".repeat(width.saturating_sub(row.below.chars().count()) + 2);
                for line in lines.chain([""]) {
                    let line = format!("\n{}{room}{line}", lane(&row.below));
                    text.push_str(line.trim_end_matches(' '));
                }
            }
        }
        text.push('\n');
    }
    if indicates {
        text.push_str(&format!("\n{}\n", paint(FAINT, "● applied  ○ not applied")));
    }
    text
}

fn lane(text: &str) -> String {
    if text.trim().is_empty() { text.to_owned() } else { paint(FAINT, text) }
}

/// A revision in a line.
fn short(revision: &RevisionDocument, used: usize) -> String {
    let date = revision.created.as_deref().and_then(|created| created.split(['T', ' ']).next()).unwrap_or_default();
    let needs = match revision.depends_on.is_empty() {
        true => String::new(),
        false => format!("needs {}", revision.depends_on.join(", ")),
    };
    let marks = super::history::marks(revision);
    let around = [&revision.revision, date, &needs, &marks].iter().map(|text| columns(text) + 2).sum::<usize>();
    let room = screen().map_or(MESSAGE, |width| width.saturating_sub(used + around).clamp(16, MESSAGE));
    let parts = [
        paint(REVISION, &revision.revision),
        paint(FAINT, date),
        paint(PLAIN, &cut(&revision.message, room)),
        paint(FAINT, &needs),
        paint(MARK, &marks),
    ];
    let plain = [&revision.revision, date, &revision.message, &needs, &marks];
    let shown = parts.iter().zip(plain).filter(|(_, plain)| !plain.is_empty());
    shown.map(|(part, _)| part.as_str()).collect::<Vec<_>>().join("  ")
}

/// What each revision follows, by place, of those that are shown.
fn neighbours(revisions: &[RevisionDocument]) -> Vec<Vec<usize>> {
    let places: HashMap<&str, usize> =
        revisions.iter().enumerate().map(|(place, revision)| (revision.revision.as_str(), place)).collect();
    let of = |revision: &RevisionDocument| {
        revision.down_revisions.iter().filter_map(|parent| places.get(parent.as_str()).copied()).collect()
    };
    revisions.iter().map(of).collect()
}

/// Where the sign of a revision stands in a line of lanes.
const NODE: char = '*';

/// The lines of a picture that belong to one revision.
#[derive(Debug, Default, PartialEq, Eq)]
struct Drawn {
    /// Above it, where lanes come together or, after the revision before, part.
    above: Vec<String>,
    /// Its own line.
    node: String,
    /// The lanes that go on below it.
    below: String,
}

/// How a lane meets a line across.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Meets {
    /// It begins below.
    Begins,
    /// It ends above.
    Ends,
    /// It goes on.
    Joins,
}

/// Draws a graph whose every node comes before what it follows.
fn draw(parents: &[Vec<usize>]) -> Vec<Drawn> {
    let mut drawn = Vec::with_capacity(parents.len());
    // For each lane the node it leads to.
    let mut lanes: Vec<Option<usize>> = Vec::new();
    let mut parted = None;
    for (node, follows) in parents.iter().enumerate() {
        let mut row = Drawn::default();
        row.above.extend(parted.take());
        let own: Vec<usize> = (0..lanes.len()).filter(|&at| lanes[at] == Some(node)).collect();
        let at = match own.split_first() {
            None => free(&mut lanes, 0),
            Some((&first, [])) => first,
            Some((&first, others)) => {
                let ends: Vec<_> = others.iter().map(|&at| (at, Meets::Ends)).collect();
                row.above.push(across(&lanes, first, &ends));
                others.iter().for_each(|&at| lanes[at] = None);
                first
            }
        };
        lanes[at] = Some(node);
        row.node = upright(&lanes, Some(at));
        lanes[at] = follows.first().copied();
        let mut targets: Vec<(usize, Meets)> = Vec::new();
        for &parent in follows.iter().skip(1) {
            let known = (0..lanes.len()).find(|&lane| lane != at && lanes[lane] == Some(parent));
            let target = match known {
                Some(lane) => (lane, Meets::Joins),
                None => {
                    let lane = free(&mut lanes, at + 1);
                    lanes[lane] = Some(parent);
                    (lane, Meets::Begins)
                }
            };
            targets.push(target);
        }
        if !targets.is_empty() {
            parted = Some(across(&lanes, at, &targets));
        }
        while lanes.last().is_some_and(Option::is_none) {
            lanes.pop();
        }
        row.below = upright(&lanes, None);
        drawn.push(row);
    }
    drawn
}

/// The first free lane from a place on.
fn free(lanes: &mut Vec<Option<usize>>, from: usize) -> usize {
    if let Some(at) = (from..lanes.len()).find(|&at| lanes[at].is_none()) {
        return at;
    }
    lanes.push(None);
    lanes.len() - 1
}

/// The lanes as they run, with a node in one of them.
fn upright(lanes: &[Option<usize>], node: Option<usize>) -> String {
    let sign = |(at, lane): (usize, &Option<usize>)| match (node == Some(at), lane) {
        (true, _) => NODE,
        (false, Some(_)) => '│',
        (false, None) => ' ',
    };
    let signs: Vec<String> = lanes.iter().enumerate().map(sign).map(String::from).collect();
    signs.join(" ").trim_end().to_owned()
}

/// A line across from one lane to others.
fn across(lanes: &[Option<usize>], from: usize, targets: &[(usize, Meets)]) -> String {
    let least = targets.iter().map(|(at, _)| *at).fold(from, usize::min);
    let most = targets.iter().map(|(at, _)| *at).fold(from, usize::max);
    let mut line = String::new();
    for (at, lane) in lanes.iter().enumerate() {
        let target = targets.iter().find(|(target, _)| *target == at).map(|(_, meets)| *meets);
        line.push(match target {
            _ if at == from => match (least < from, most > from) {
                (true, true) => '┼',
                (true, false) => '┤',
                _ => '├',
            },
            Some(Meets::Begins) if at == most => '╮',
            Some(Meets::Ends) if at == most => '╯',
            Some(Meets::Joins) if at == most => '┤',
            Some(Meets::Begins) if at == least => '╭',
            Some(Meets::Ends) if at == least => '╰',
            Some(Meets::Joins) if at == least => '├',
            Some(Meets::Begins) => '┬',
            Some(Meets::Ends) => '┴',
            Some(Meets::Joins) => '┼',
            // A lane that has nothing to do with it passes in front.
            None if lane.is_some() => '│',
            None if (least..most).contains(&at) => '─',
            None => ' ',
        });
        line.push(if (least..most).contains(&at) { '─' } else { ' ' });
    }
    line.trim_end().to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The picture of a graph given as `node: parents`, newest first.
    fn picture(graph: &[(&str, &[&str])]) -> String {
        let place = |name: &&str| graph.iter().position(|(node, _)| node == name);
        let parents: Vec<Vec<usize>> =
            graph.iter().map(|(_, parents)| parents.iter().filter_map(place).collect()).collect();
        let mut text = String::from("\n");
        for (row, (name, _)) in draw(&parents).iter().zip(graph) {
            row.above.iter().for_each(|line| text.push_str(&format!("{line}\n")));
            text.push_str(&format!("{} {name}\n", row.node));
        }
        text
    }

    #[test]
    fn a_line() {
        assert_eq!(picture(&[("c", &["b"]), ("b", &["a"]), ("a", &[])]), "\n* c\n* b\n* a\n");
    }

    #[test]
    fn two_branches_and_their_merge() {
        let graph: &[(&str, &[&str])] = &[
            ("n", &["m"]),
            ("m", &["l2", "r2"]),
            ("l2", &["l1"]),
            ("r2", &["r1"]),
            ("r1", &["a"]),
            ("l1", &["a"]),
            ("a", &[]),
        ];
        let expected = "
* n
* m
├─╮
* │ l2
│ * r2
│ * r1
* │ l1
├─╯
* a
";
        assert_eq!(picture(graph), expected);
    }

    #[test]
    fn three_heads() {
        let graph: &[(&str, &[&str])] = &[("x", &["a"]), ("y", &["a"]), ("z", &["a"]), ("a", &[])];
        assert_eq!(picture(graph), "\n* x\n│ * y\n│ │ * z\n├─┴─╯\n* a\n");
    }

    #[test]
    fn a_merge_of_three_and_a_second_merge_of_two_of_them() {
        let graph: &[(&str, &[&str])] =
            &[("m", &["x", "y", "z"]), ("k", &["y", "x"]), ("z", &["a"]), ("y", &["a"]), ("x", &["a"]), ("a", &[])];
        let expected = "
* m
├─┬─╮
│ │ │ * k
├─│─│─┤
│ │ * │ z
│ ├─│─╯
│ * │ y
* │ │ x
├─┴─╯
* a
";
        assert_eq!(picture(graph), expected);
    }

    #[test]
    fn histories_that_never_meet() {
        let graph: &[(&str, &[&str])] = &[("b2", &["b1"]), ("a2", &["a1"]), ("b1", &[]), ("a1", &[])];
        assert_eq!(picture(graph), "\n* b2\n│ * a2\n* │ b1\n  * a1\n");
    }

    #[test]
    fn a_free_lane_is_used_again() {
        let graph: &[(&str, &[&str])] =
            &[("m", &["l", "r"]), ("l", &["a"]), ("r", &["a"]), ("a", &["z"]), ("s", &["z"]), ("z", &[])];
        assert_eq!(picture(graph), "\n* m\n├─╮\n* │ l\n│ * r\n├─╯\n* a\n│ * s\n├─╯\n* z\n");
    }
}
