//! Random graphs against an oracle that knows nothing but sets of ancestors.
//!
//! `PROPTEST_CASES=10000` runs the nightly share.

use std::collections::{BTreeMap, BTreeSet};

use aludel_engine::diagnostic::Diagnostics;
use aludel_engine::revision::{Graph, Header, RevisionId};
use aludel_engine::source::Spanned;
use proptest::prelude::*;

use super::{header, id, newest};

type Set = BTreeSet<RevisionId>;

/// Revisions that refer only to earlier ones of this list, under names whose order says nothing.
fn project() -> impl Strategy<Value = Vec<Header>> {
    let one = (0..10_u8, any::<[prop::sample::Index; 3]>(), any::<u16>(), any::<bool>());
    prop::collection::vec(one, 1..200).prop_map(|rows| {
        let mut headers: Vec<Header> = Vec::new();
        for (at, (kind, picks, salt, labelled)) in rows.iter().enumerate() {
            let mut new = header(&format!("{salt:04x}{at:03}"), u32::try_from(at).unwrap());
            let pick = |n: usize| headers[picks[n].index(headers.len())].clone();
            if at > 0 {
                let newest = headers[at - 1].clone();
                let parents = match kind {
                    0 => vec![],
                    1 | 2 => vec![pick(0)],
                    3 | 4 => vec![pick(0), pick(1)],
                    5 => vec![pick(0), pick(1), pick(2)],
                    _ => vec![newest],
                };
                for parent in parents {
                    if new.down_revisions.iter().all(|known| known.value != parent.id.value) {
                        new.down_revisions.push(parent.id);
                    }
                }
                if matches!(kind, 0 | 1 | 6) {
                    let target = pick(2);
                    let name = target.branch_labels.first().map_or(target.id.to_string(), |l| l.value.clone());
                    new.depends_on.push(Spanned::new(name, new.id.span));
                }
            }
            if *labelled && salt % 3 == 0 {
                new.branch_labels.push(Spanned::new(format!("label_{at}"), new.id.span));
            }
            headers.push(new);
        }
        headers
    })
}

struct Oracle {
    graph: Graph,
    /// Each revision and all it needs, itself included.
    closed: BTreeMap<RevisionId, Set>,
    /// Each revision and all it follows, itself included.
    line: BTreeMap<RevisionId, Set>,
    /// Each revision and what it follows.
    parents: BTreeMap<RevisionId, Set>,
    labels: BTreeMap<String, RevisionId>,
}

impl Oracle {
    fn new(headers: Vec<Header>) -> Self {
        let mut labels = BTreeMap::new();
        let mut closed: BTreeMap<RevisionId, Set> = BTreeMap::new();
        let mut line: BTreeMap<RevisionId, Set> = BTreeMap::new();
        let mut parents: BTreeMap<RevisionId, Set> = BTreeMap::new();
        for header in &headers {
            header.branch_labels.iter().for_each(|l| drop(labels.insert(l.value.clone(), header.id.value.clone())));
            let mut all = Set::from([header.id.value.clone()]);
            let needs = header.depends_on.iter().map(|d| labels.get(&d.value).cloned().unwrap_or_else(|| id(&d.value)));
            for needed in header.down_revisions.iter().map(|d| d.value.clone()).chain(needs) {
                all.extend(closed[&needed].iter().cloned());
            }
            closed.insert(header.id.value.clone(), all);
            let follows: Set = header.down_revisions.iter().map(|d| d.value.clone()).collect();
            let mut all: Set = follows.iter().flat_map(|parent| line[parent].iter().cloned()).collect();
            all.insert(header.id.value.clone());
            line.insert(header.id.value.clone(), all);
            parents.insert(header.id.value.clone(), follows);
        }
        let mut diagnostics = Diagnostics::default();
        let graph = Graph::build(headers, &mut diagnostics).unwrap();
        assert!(diagnostics.is_empty());
        Oracle { graph, closed, line, parents, labels }
    }

    fn close<'a>(&self, of: impl IntoIterator<Item = &'a RevisionId>) -> Set {
        of.into_iter().flat_map(|id| self.closed[id].iter().cloned()).collect()
    }

    fn children(&self, of: &RevisionId) -> Vec<RevisionId> {
        let follows = |h: &&Header| h.down_revisions.iter().any(|d| d.value == *of);
        self.graph.headers().filter(follows).map(|h| h.id.value.clone()).collect()
    }

    /// Whether a label holds for a revision: it comes after the one that carries it, or leads to it and to nothing else.
    fn holds(&self, carrier: &RevisionId, revision: &RevisionId) -> bool {
        if self.line[revision].contains(carrier) {
            return true;
        }
        let mut at = revision.clone();
        loop {
            match self.children(&at).as_slice() {
                [only] if self.parents[only].len() == 1 => at = only.clone(),
                _ => return false,
            }
            if at == *carrier {
                return true;
            }
        }
    }

    /// Whether a revision is on the line of another: it leads there or comes from there.
    fn related(&self, one: &RevisionId, other: &RevisionId) -> bool {
        self.line[one].contains(other) || self.line[other].contains(one)
    }

    fn pick(&self, at: prop::sample::Index) -> RevisionId {
        self.closed.keys().nth(at.index(self.closed.len())).unwrap().clone()
    }

    /// Runs the steps; everything a step needs must be there, and the rows must be right all the way.
    fn run(&self, applied: &mut Set, rows: &mut Set, steps: &[RevisionId], up: bool) {
        for step in steps {
            let changes =
                if up { self.graph.rows_for_upgrade(rows, step) } else { self.graph.rows_for_downgrade(rows, step) };
            changes.unwrap().iter().for_each(|change| assert!(change.apply(rows), "{change:?}"));
            assert!(if up { applied.insert(step.clone()) } else { applied.remove(step) });
            assert_eq!(*applied, self.close(applied.iter()), "something is applied without what it needs");
            assert_eq!(*rows, newest(&self.graph, applied));
            assert_eq!(self.graph.applied(rows).unwrap(), *applied);
        }
    }
}

/// A share of the nightly number, unless the environment says otherwise.
fn count() -> u32 {
    std::env::var("PROPTEST_CASES").ok().and_then(|text| text.parse().ok()).unwrap_or(300)
}

proptest! {
    #![proptest_config(ProptestConfig { cases: count(), failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn agrees_with_sets(
        headers in project(),
        first in any::<[prop::sample::Index; 2]>(),
        up in any::<prop::sample::Index>(),
        down in any::<prop::sample::Index>(),
        stamped in any::<[prop::sample::Index; 2]>(),
        turn in any::<prop::sample::Index>(),
        branch in any::<prop::sample::Index>(),
    ) {
        let oracle = Oracle::new(headers.clone());
        let graph = &oracle.graph;

        let mut turned = headers;
        let by = turn.index(turned.len());
        turned.rotate_left(by);
        let same = Graph::build(turned, &mut Diagnostics::default()).unwrap();
        let order = |g: &Graph| g.headers().map(|h| h.id.value.clone()).collect::<Vec<_>>();
        prop_assert_eq!(order(graph), order(&same), "the order of files shows");

        let mut applied = oracle.close(first.map(|at| oracle.pick(at)).iter());
        let mut rows = newest(graph, &applied);
        prop_assert_eq!(&graph.applied(&rows).unwrap(), &applied);

        let target = oracle.pick(up);
        let steps = graph.upgrade(&rows, target.as_str()).unwrap();
        let wanted: Set = oracle.closed[&target].difference(&applied).cloned().collect();
        prop_assert_eq!(steps.iter().cloned().collect::<Set>(), wanted);
        oracle.run(&mut applied, &mut rows, &steps, true);

        let target = oracle.pick(down);
        match graph.downgrade(&rows, target.as_str()) {
            Err(_) => prop_assert!(!applied.contains(&target)),
            Ok(steps) => {
                let children = oracle.children(&target);
                let doomed = |id: &&RevisionId| children.iter().any(|child| oracle.closed[*id].contains(child));
                let wanted: Set = applied.iter().filter(doomed).cloned().collect();
                prop_assert_eq!(steps.iter().cloned().collect::<Set>(), wanted);
                oracle.run(&mut applied, &mut rows, &steps, false);
            }
        }

        // Down to the base of a branch: what is on its line, and what needs any of that.
        if let Some((label, carrier)) = oracle.labels.iter().nth(branch.index(oracle.labels.len().max(1))) {
            let on_line = |id: &&RevisionId| oracle.related(id, carrier) && oracle.parents[*id].is_empty();
            let roots: Set = oracle.parents.keys().filter(on_line).cloned().collect();
            let doomed = |id: &&RevisionId| roots.iter().any(|root| oracle.closed[*id].contains(root));
            let wanted: Set = applied.iter().filter(doomed).cloned().collect();
            let steps = graph.downgrade(&rows, &format!("{label}@base")).unwrap();
            prop_assert_eq!(steps.into_iter().collect::<Set>(), wanted);
            for revision in [&target, carrier] {
                let labelled = graph.labels_of(revision).contains(&label.as_str());
                prop_assert_eq!(labelled, oracle.holds(carrier, revision));
            }
            let heads: Set = graph.resolve(&format!("{label}@heads"), None).unwrap().into_iter().collect();
            let ends = |id: &&RevisionId| oracle.children(id).is_empty() && oracle.related(id, carrier);
            prop_assert_eq!(heads, oracle.parents.keys().filter(ends).cloned().collect::<Set>());
        }

        let targets = stamped.map(|at| oracle.pick(at));
        let parting = graph.parting(&targets[0], &targets[1]).unwrap();
        let (one, other) = (&oracle.closed[&targets[0]], &oracle.closed[&targets[1]]);
        prop_assert_eq!(parting.common.into_iter().collect::<Set>(), one & other);
        prop_assert_eq!(parting.one.into_iter().collect::<Set>(), one - other);
        prop_assert_eq!(parting.other.into_iter().collect::<Set>(), other - one);
        match graph.range(&format!("{}:{}", targets[0], targets[1]), None) {
            Err(_) => prop_assert!(!other.contains(&targets[0])),
            Ok(range) => {
                let between: Set = other.iter().filter(|id| oracle.closed[*id].contains(&targets[0])).cloned().collect();
                prop_assert_eq!(range.into_iter().collect::<Set>(), between);
            }
        }
        let names = [targets[0].as_str(), targets[1].as_str()];
        let mut after = rows.clone();
        for change in graph.rows_for_stamp(&rows, &names, false).unwrap() {
            prop_assert!(change.apply(&mut after));
        }
        let touched = |row: &RevisionId| {
            targets.iter().any(|t| oracle.closed[t].contains(row) || oracle.closed[row].contains(t))
        };
        let kept = rows.iter().filter(|row| !touched(row)).chain(&targets);
        prop_assert_eq!(&after, &newest(graph, &oracle.close(kept)));

        let steps = graph.downgrade(&rows, "base").unwrap();
        prop_assert_eq!(steps.len(), applied.len());
        oracle.run(&mut applied, &mut rows, &steps, false);
        prop_assert!(rows.is_empty());
        let steps = graph.upgrade(&rows, "heads").unwrap();
        prop_assert_eq!(steps, order(graph));
    }
}
