//! Everything that is wrong in the files of a project.

use std::collections::{BTreeMap, BTreeSet};

use rayon::prelude::*;

use super::planning::{Reading, by_id, context, sources};
use super::{History, Project, TransactionMode};
use crate::diagnostic::Diagnostics;
use crate::operation::{Downgrade, steps};
use crate::plan::{Direction, Request, RevisionFile, plan, replay};
use crate::revision::RevisionId;
use crate::source::NodeKind;

/// Everything that is wrong in the files of a project, for every reading given: the text, the language, the replay of the
/// whole history, and what a dialect cannot hold. A history whose graph is not sound is read but not replayed.
///
/// With several heads, what only shows when all of them are applied to one database is not a mistake of the files: then each
/// head is replayed with what it comes after.
#[must_use]
pub fn problems(project: &Project, history: &mut History, readings: &[Reading]) -> Diagnostics {
    let mut diagnostics = Diagnostics::default();
    history.load_all_bodies(project, &mut diagnostics);
    let history = &*history;
    let all: Vec<RevisionId> = history.graph.headers().map(|header| header.id.value.clone()).collect();
    let found: Vec<Diagnostics> = readings
        .par_iter()
        .map(|reading| {
            let mut own = Diagnostics::default();
            if all.is_empty() {
                read_only(reading, history, &mut own);
                return own;
            }
            compile(project, reading, history, &all, &mut own);
            let heads = history.graph.heads();
            if heads.len() == 1 || !own.has_errors() {
                return own;
            }
            let mut own = Diagnostics::default();
            for line in
                heads.into_iter().filter_map(|head| history.graph.applied_in_order(&BTreeSet::from([head])).ok())
            {
                compile(project, reading, history, &line, &mut own);
            }
            own
        })
        .collect();
    found.into_iter().for_each(|own| diagnostics.extend(own));
    diagnostics
}

/// Everything that is wrong when just these revisions run, in this order.
#[must_use]
pub fn problems_along(
    project: &Project,
    history: &mut History,
    readings: &[Reading],
    line: &[RevisionId],
) -> Diagnostics {
    let mut diagnostics = Diagnostics::default();
    history.load_bodies(project, line, &mut diagnostics);
    for reading in readings {
        compile(project, reading, history, line, &mut diagnostics);
    }
    diagnostics
}

fn read_only(reading: &Reading, history: &History, diagnostics: &mut Diagnostics) {
    let ids: Vec<RevisionId> = history.ids().cloned().collect();
    let context = context(reading, history, &ids);
    for body in ids.iter().filter_map(|id| history.body(id)) {
        if let Some(node) = body.upgrade() {
            steps(node, &context, diagnostics);
        }
        Downgrade::read(body.downgrade(), &context, diagnostics);
    }
}

/// Replays and compiles a line that starts from nothing, up and, where that is written, down.
fn compile(
    project: &Project,
    reading: &Reading,
    history: &History,
    line: &[RevisionId],
    diagnostics: &mut Diagnostics,
) {
    let replayed = replay(&context(reading, history, line), &sources(history, line), diagnostics);
    let ran_with = BTreeMap::new();
    let tags = replayed.iter().flat_map(|revision| &revision.upgrade).flat_map(|step| step.tags.clone()).collect();
    let known = by_id(&replayed);
    let request = |direction, rows, path| Request {
        dialect: &*reading.dialect,
        graph: &history.graph,
        rows,
        direction,
        path,
        tags: &tags,
        ran_with: &ran_with,
        transactions: project.config.transaction != TransactionMode::None,
    };
    let up = request(Direction::Upgrade, BTreeSet::new(), line.to_vec());
    let _ = plan(&up, &known, |_| RevisionFile::default(), diagnostics);
    // A derived downgrade that does not compile only makes the revision irreversible; a written one is a mistake.
    let written = |id: &&RevisionId| {
        let downgrade = history.body(id).and_then(|body| body.downgrade());
        downgrade.is_some_and(|node| matches!(node.kind, NodeKind::Sequence(_)))
    };
    for id in line.iter().filter(written) {
        let down = request(Direction::Downgrade, BTreeSet::from([id.clone()]), vec![id.clone()]);
        let _ = plan(&down, &known, |_| RevisionFile::default(), diagnostics);
    }
}
