//! `aludel heads`.

use clap::Args;
use serde::Serialize;

use super::marks::{RevisionDocument, document};
use crate::app::App;
use crate::failure::{Answer, Failure};
use crate::render;
use crate::workspace::Workspace;

/// Show the ends of the history
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub struct Heads {
    /// Leave out the heads that another branch depends on
    #[arg(long)]
    pub resolve_dependencies: bool,
}

const EXAMPLES: &str = "\
Examples:
  aludel heads                            one line for each branch
  aludel heads -v                         with their files and neighbours
  aludel heads --resolve-dependencies     what the version table says when everything is applied";

/// The ends of the history.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct HeadsDocument {
    /// The revisions, in order.
    pub heads: Vec<RevisionDocument>,
}

impl Heads {
    pub(crate) fn run(self, app: &App) -> Result<Answer, Failure> {
        let workspace = Workspace::open(app)?;
        let graph = &workspace.history.graph;
        let ids = if self.resolve_dependencies { graph.heads_resolving_dependencies() } else { graph.heads() };
        let heads = HeadsDocument { heads: ids.iter().map(|id| document(&workspace, id, None)).collect() };
        app.terminal.result(&heads, || render::heads(&heads, app.global.verbose > 0))?;
        Ok(Answer::Done)
    }
}
