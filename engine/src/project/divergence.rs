//! Branches that have grown apart: what each has that the others lack, and whether they can run in either order.

use std::collections::BTreeSet;

use super::planning::{Reading, context, sources};
use super::{History, Project};
use crate::diagnostic::{Diagnostic, Diagnostics, codes};
use crate::plan::{Conflict, conflicts};
use crate::revision::RevisionId;

/// Two heads, or other revisions that do not follow each other.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Divergence {
    /// One of them.
    pub one: RevisionId,
    /// The other.
    pub other: RevisionId,
    /// The newest revisions that both come after; none when they have nothing in common.
    pub parted_at: Vec<RevisionId>,
    /// What only the one comes after, itself included, in order.
    pub one_alone: Vec<RevisionId>,
    /// What only the other comes after, itself included, in order.
    pub other_alone: Vec<RevisionId>,
    /// Why they cannot run in either order, each with the dialects it is about; nothing when they can.
    pub conflicts: Vec<(Conflict, Vec<&'static str>)>,
}

impl Divergence {
    /// Whether the two can run in either order.
    #[must_use]
    pub fn commutes(&self) -> bool {
        self.conflicts.is_empty()
    }

    /// The conflicts as messages.
    #[must_use]
    pub fn diagnostics(&self, readings: usize) -> Diagnostics {
        let mut diagnostics = Diagnostics::default();
        for (conflict, dialects) in &self.conflicts {
            let mut diagnostic = Diagnostic::error(
                &codes::BRANCHES_CONFLICT,
                format!("`{}` and `{}` cannot run in either order: {}", self.one, self.other, conflict.what),
            );
            for party in &conflict.parties {
                diagnostic = diagnostic.at(party.span, format!("{}: {}", party.revision, party.does));
            }
            if dialects.len() < readings {
                diagnostic = diagnostic.note(format!("on {}", dialects.join(", ")));
            }
            diagnostics.push(diagnostic);
        }
        diagnostics
    }
}

/// How two revisions have grown apart, and whether they can run in either order in every reading given. With no reading
/// nothing is looked at but the graph.
///
/// # Errors
///
/// What is wrong with the files of either.
pub fn divergence(
    project: &Project,
    history: &mut History,
    readings: &[Reading],
    one: &RevisionId,
    other: &RevisionId,
) -> Result<Divergence, Diagnostics> {
    let refused = |error: crate::revision::ReferenceError| {
        let mut diagnostics = Diagnostics::default();
        diagnostics.push(Diagnostic::from(error));
        diagnostics
    };
    let parting = history.graph.parting(one, other).map_err(refused)?;
    let common: BTreeSet<RevisionId> = parting.common.iter().cloned().collect();
    let newest = |id: &&RevisionId| {
        !history.graph.children(id).iter().chain(&history.graph.dependents(id)).any(|later| common.contains(later))
    };
    let parted_at = parting.common.iter().filter(newest).cloned().collect();
    let mut diagnostics = Diagnostics::default();
    let all: Vec<RevisionId> = [&parting.common, &parting.one, &parting.other].into_iter().flatten().cloned().collect();
    if !readings.is_empty() {
        history.load_bodies(project, &all, &mut diagnostics);
    }
    if diagnostics.has_errors() {
        return Err(diagnostics);
    }
    let history = &*history;
    let mut found: Vec<(Conflict, Vec<&'static str>)> = Vec::new();
    for reading in readings {
        let context = context(reading, history, &all);
        let of = |ids: &[RevisionId]| sources(history, ids);
        match conflicts(&context, &of(&parting.common), &of(&parting.one), &of(&parting.other)) {
            Err(problems) => diagnostics.extend(problems),
            Ok(conflicts) => {
                for conflict in conflicts {
                    match found.iter_mut().find(|(known, _)| *known == conflict) {
                        Some((_, dialects)) => dialects.push(reading.dialect.name()),
                        None => found.push((conflict, vec![reading.dialect.name()])),
                    }
                }
            }
        }
    }
    if diagnostics.has_errors() {
        return Err(diagnostics);
    }
    Ok(Divergence {
        one: one.clone(),
        other: other.clone(),
        parted_at,
        one_alone: parting.one,
        other_alone: parting.other,
        conflicts: found,
    })
}
