//! A history of 20,000 revisions: nothing may recurse, and nothing may take more than linear time.

use std::collections::BTreeSet;
use std::time::Instant;

use aludel_engine::diagnostic::Diagnostics;
use aludel_engine::revision::{Graph, Header};
use aludel_engine::source::Spanned;

use super::{header, id, ids};

const BRANCHES: u32 = 200;
const LENGTH: u32 = 99;

/// A trunk of 200, of which each grows a branch of 99; every second branch is merged with the one before.
fn history() -> Vec<Header> {
    let mut headers = Vec::new();
    let mut add = |name: String, parents: &[String]| {
        let mut new = header(&name, 0);
        new.down_revisions = parents.iter().map(|parent| Spanned::new(id(parent), new.id.span)).collect();
        headers.push(new);
    };
    for branch in 0..BRANCHES {
        let below = branch.checked_sub(1).map(|below| format!("t{below:04}"));
        add(format!("t{branch:04}"), below.as_slice());
        for step in 0..LENGTH {
            let parent = if step == 0 { format!("t{branch:04}") } else { format!("b{branch:04}_{:03}", step - 1) };
            let other = format!("b{:04}_{step:03}", branch.saturating_sub(1));
            let merge = branch % 2 == 1 && step == LENGTH - 1;
            let parents = [parent, other];
            add(format!("b{branch:04}_{step:03}"), &parents[..if merge { 2 } else { 1 }]);
        }
    }
    headers
}

#[test]
fn twenty_thousand_revisions() {
    let headers = history();
    let mut diagnostics = Diagnostics::default();
    let clock = Instant::now();
    let graph = Graph::build(headers, &mut diagnostics).unwrap();
    println!("build {:?}", clock.elapsed());
    assert_eq!(graph.len(), 20_000);
    assert_eq!(graph.heads().len(), 100);

    let clock = Instant::now();
    let steps = graph.upgrade(&BTreeSet::new(), "heads").unwrap();
    println!("upgrade {:?}", clock.elapsed());
    assert_eq!(steps.len(), 20_000);

    let clock = Instant::now();
    let mut rows = BTreeSet::new();
    for step in &steps {
        assert!(graph.rows_for_upgrade(&rows, step).unwrap().iter().all(|change| change.apply(&mut rows)));
    }
    println!("rows up {:?}", clock.elapsed());
    assert_eq!(rows, graph.heads().into_iter().collect());

    let clock = Instant::now();
    for step in graph.downgrade(&rows, "base").unwrap() {
        assert!(graph.rows_for_downgrade(&rows, &step).unwrap().iter().all(|change| change.apply(&mut rows)));
    }
    println!("rows down {:?}", clock.elapsed());
    assert!(rows.is_empty());

    let clock = Instant::now();
    assert!(graph.range("-20:", None).unwrap().len() > 2000);
    println!("range {:?}", clock.elapsed());
    let clock = Instant::now();
    let error = graph.resolve("head", None).unwrap_err();
    println!("head {:?}: {error}", clock.elapsed());
    assert!(graph.upgrade(&ids(["b0000_050"]), "t0199").unwrap().len() == 199);
}

#[test]
fn a_line_of_a_hundred_thousand() {
    let mut headers: Vec<Header> = Vec::new();
    for at in 0..100_000 {
        let mut new = header(&format!("{at:06}"), 0);
        new.down_revisions = headers.last().map(|last| last.id.clone()).into_iter().collect();
        headers.push(new);
    }
    let first = headers[99_999].id.clone();
    let graph = Graph::build(headers.clone(), &mut Diagnostics::default()).unwrap();
    assert_eq!(graph.resolve("head-99999", None).unwrap(), [id("000000")]);
    headers[0].down_revisions.push(first);
    let mut diagnostics = Diagnostics::default();
    assert!(Graph::build(headers, &mut diagnostics).is_none());
    let said = diagnostics.sorted()[0];
    assert_eq!(said.labels.len(), 32);
    assert!(said.message.ends_with("99968 more → `000000`"), "{}", said.message);
}
