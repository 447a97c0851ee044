//! `aludel branches`.

use clap::Args;
use serde::Serialize;

use super::marks::{RevisionDocument, document};
use crate::app::App;
use crate::failure::{Answer, Failure};
use crate::render;
use crate::workspace::Workspace;

/// Show where the history branches, and where each branch leads
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub struct Branches {}

const EXAMPLES: &str = "\
Examples:
  aludel branches                         each branch point with what follows it
  aludel branches -v                      with their files and neighbours
  aludel history --graph                  the same as a picture";

/// The branch points of the history.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct BranchesDocument {
    /// In order; a history of several bases begins with those.
    pub branches: Vec<Branching>,
}

/// A place where the history branches.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Branching {
    /// The revision that several follow; null for the bases of a history that has several.
    pub point: Option<RevisionDocument>,
    /// What follows it.
    pub children: Vec<Branch>,
}

/// A branch.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Branch {
    /// The revision that it begins with.
    #[serde(flatten)]
    pub revision: RevisionDocument,
    /// The heads that it leads to.
    pub heads: Vec<String>,
}

impl Branches {
    pub(crate) fn run(self, app: &App) -> Result<Answer, Failure> {
        let workspace = Workspace::open(app)?;
        let graph = &workspace.history.graph;
        let branch = |id: &aludel_engine::revision::RevisionId| Branch {
            revision: document(&workspace, id, None),
            heads: graph.heads_of(id).iter().map(ToString::to_string).collect(),
        };
        let mut branches = Vec::new();
        let bases = graph.bases();
        if bases.len() > 1 {
            branches.push(Branching { point: None, children: bases.iter().map(branch).collect() });
        }
        for point in graph.branch_points() {
            let children = graph.children(&point).iter().map(branch).collect();
            branches.push(Branching { point: Some(document(&workspace, &point, None)), children });
        }
        let found = BranchesDocument { branches };
        app.terminal.result(&found, || render::branches(&found, app.global.verbose > 0))?;
        Ok(Answer::Done)
    }
}
