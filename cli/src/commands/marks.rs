//! A revision as documents and lists have it.

use std::collections::BTreeSet;

use aludel_engine::revision::RevisionId;
use serde::Serialize;

use crate::workspace::Workspace;

/// A revision.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct RevisionDocument {
    /// Its id.
    pub revision: String,
    /// The revisions it follows.
    pub down_revisions: Vec<String>,
    /// The revisions that follow it.
    pub children: Vec<String>,
    /// The revisions of other branches that must be applied first.
    pub depends_on: Vec<String>,
    /// The branch labels it carries.
    pub branch_labels: Vec<String>,
    /// The branch labels that hold for it.
    pub branches: Vec<String>,
    /// What the author said.
    pub message: String,
    /// When it was written.
    pub created: Option<String>,
    /// Its file.
    pub file: String,
    /// What is special about it.
    pub marks: Vec<Mark>,
    /// Whether it is applied; null where no database was asked.
    pub applied: Option<bool>,
}

/// What is special about a revision.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Mark {
    /// It follows nothing.
    Base,
    /// Nothing follows it.
    Head,
    /// Several follow it.
    Branchpoint,
    /// It follows several.
    Merge,
    /// It is one of the applied heads.
    Current,
}

/// What is applied in a database.
#[derive(Debug, Default)]
pub(crate) struct Applied {
    pub(crate) rows: BTreeSet<RevisionId>,
    pub(crate) all: BTreeSet<RevisionId>,
}

impl Applied {
    /// What is applied according to the rows of a version table. Rows of revisions that have no file are passed over.
    pub(crate) fn of(workspace: &Workspace<'_>, rows: &BTreeSet<RevisionId>) -> Self {
        let graph = &workspace.history.graph;
        let known: BTreeSet<RevisionId> = rows.iter().filter(|id| graph.contains(id)).cloned().collect();
        let all = graph.applied(&known).unwrap_or_default();
        Applied { rows: known, all }
    }
}

/// A revision of the project as a document.
pub(crate) fn document(workspace: &Workspace<'_>, id: &RevisionId, applied: Option<&Applied>) -> RevisionDocument {
    let graph = &workspace.history.graph;
    let header = graph.get(id);
    let text = |ids: Vec<RevisionId>| ids.iter().map(ToString::to_string).collect::<Vec<_>>();
    let (parents, children) = (graph.parents(id), graph.children(id));
    let is_current = applied.is_some_and(|applied| applied.rows.contains(id));
    let marks = [
        (parents.is_empty(), Mark::Base),
        (children.is_empty(), Mark::Head),
        (children.len() > 1, Mark::Branchpoint),
        (parents.len() > 1, Mark::Merge),
        (is_current, Mark::Current),
    ];
    RevisionDocument {
        revision: id.to_string(),
        down_revisions: text(parents),
        children: text(children),
        depends_on: text(graph.dependencies(id)),
        branch_labels: header.map(|h| h.branch_labels.iter().map(|l| l.value.clone()).collect()).unwrap_or_default(),
        branches: graph.labels_of(id).into_iter().map(str::to_owned).collect(),
        message: header.map(|header| header.message.clone()).unwrap_or_default(),
        created: header.and_then(|header| header.created.clone()),
        file: workspace.path_of(id),
        marks: marks.into_iter().filter(|(holds, _)| *holds).map(|(_, mark)| mark).collect(),
        applied: applied.map(|applied| applied.all.contains(id)),
    }
}
