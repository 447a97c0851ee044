//! A case as a history of two revisions, for one dialect.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use super::Suite;
use super::files::Files;
use super::spec::Spec;
use crate::change::Change;
use crate::diagnostic::{Diagnostic, Diagnostics, codes};
use crate::dialect::Dialect;
use crate::execute::{DatabaseState, Planner, UnfinishedRevision};
use crate::operation::{Context, LoweredStep, Lowering, steps};
use crate::plan::{Direction, Origin, Plan, Replayed, Request, RevisionFile, RevisionPlan, Source, plan, replay};
use crate::revision::{Graph, Header, RevisionId};
use crate::schema::Schema;
use crate::source::{Key, Node, NodeKind, Span, Spanned};

/// The names of the two revisions, in order.
const NAMES: [&str; 2] = ["given", "when"];

/// Where to go.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Stop {
    /// An empty database.
    Base,
    /// After `given`.
    Given,
    /// After `when`.
    When,
}

/// A case as a history of two revisions.
pub(super) struct History {
    pub(super) dialect: Arc<dyn Dialect>,
    pub(super) context: Context,
    graph: Graph,
    ids: [RevisionId; 2],
    replayed: [Replayed; 2],
    /// They are there as long as this is.
    _files: Files,
}

impl History {
    /// Replays a case. What is wrong with it, or cannot be done in the dialect, is reported.
    pub(super) fn replay(
        suite: &Suite,
        spec: &Spec,
        dialect: Arc<dyn Dialect>,
        diagnostics: &mut Diagnostics,
    ) -> Option<History> {
        let files = match Files::write(&spec.files) {
            Ok(files) => files,
            Err(why) => {
                diagnostics.push(Diagnostic::error(&codes::FILE_UNREADABLE, why));
                return None;
            }
        };
        let context = match suite.context(Arc::clone(&dialect)) {
            Ok(context) => context,
            Err(why) => {
                diagnostics.push(Diagnostic::error(&codes::UNSUPPORTED, why));
                return None;
            }
        };
        let context = Context {
            variables: Arc::new(spec.variables.clone()),
            files: Arc::new(files.texts.clone()),
            data: Arc::new(files.data.clone()),
            ..context
        };
        let ids = ids(diagnostics)?;
        let nodes = [revision(&spec.given, None), revision(&spec.when, spec.downgrade.as_ref())];
        let sources: Vec<Source<'_>> =
            ids.iter().zip(&nodes).map(|(id, node)| Source { id: id.clone(), origin: Origin::File(node) }).collect();
        let replayed: [Replayed; 2] = replay(&context, &sources, diagnostics).try_into().ok()?;
        let headers = ids.iter().enumerate().map(|(place, id)| Header {
            id: Spanned::new(id.clone(), Span::default()),
            down_revisions: ids[..place].iter().map(|id| Spanned::new(id.clone(), Span::default())).collect(),
            depends_on: Vec::new(),
            branch_labels: Vec::new(),
            message: if place == 0 { "what is there".to_owned() } else { spec.about.clone() },
            created: None,
            transaction: place == 0 || spec.transaction,
            file: spec.file,
        });
        let graph = Graph::build(headers.collect(), diagnostics)?;
        Some(History { dialect, context, graph, ids, replayed, _files: files })
    }

    /// The schema at a place, as the replay has it.
    pub(super) fn model(&self, stop: Stop) -> &Schema {
        match stop {
            Stop::Base => &self.replayed[0].before,
            Stop::Given => &self.replayed[0].after,
            Stop::When => &self.replayed[1].after,
        }
    }

    /// The namespaces that it speaks of anywhere, besides the default one.
    pub(super) fn namespaces(&self) -> Vec<String> {
        namespaces(&[Stop::Given, Stop::When].map(|stop| self.model(stop)))
    }

    /// Whether what `when` does can be taken back.
    pub(super) fn is_reversible(&self) -> bool {
        self.replayed[1].downgrade.is_ok()
    }

    /// Whether everything can be taken back.
    pub(super) fn leads_to_base(&self) -> bool {
        self.replayed.iter().all(|replayed| replayed.downgrade.is_ok())
    }

    /// Every change of `when`, in one direction.
    pub(super) fn changes(&self, direction: Direction) -> Vec<&Change> {
        let all: &[LoweredStep] = match direction {
            Direction::Upgrade => &self.replayed[1].upgrade,
            Direction::Downgrade => self.replayed[1].downgrade.as_deref().unwrap_or_default(),
        };
        all.iter().flat_map(|step| &step.changes).collect()
    }

    /// Lowers further steps at a place of the history.
    pub(super) fn lower(&self, stop: Stop, list: &Node, diagnostics: &mut Diagnostics) -> Vec<Change> {
        let read = steps(list, &self.context, diagnostics);
        let mut lowering = Lowering::new(&self.context, self.model(stop).clone(), diagnostics);
        lowering.steps(&read).into_iter().flat_map(|step| step.changes).collect()
    }

    /// The plan from some applied heads to a place.
    pub(super) fn plan(&self, rows: &BTreeSet<RevisionId>, stop: Stop, diagnostics: &mut Diagnostics) -> Plan {
        let applied = self.ids.iter().rposition(|id| rows.contains(id)).map_or(0, |place| place + 1);
        let wanted = stop as usize;
        let (direction, path) = match applied.cmp(&wanted) {
            std::cmp::Ordering::Greater => {
                (Direction::Downgrade, self.ids[wanted..applied].iter().rev().cloned().collect())
            }
            _ => (Direction::Upgrade, self.ids[applied..wanted].to_vec()),
        };
        let request = Request {
            dialect: &*self.dialect,
            graph: &self.graph,
            rows: rows.clone(),
            direction,
            path,
            tags: &BTreeSet::new(),
            ran_with: &BTreeMap::new(),
            transactions: true,
        };
        plan(
            &request,
            |id| self.replayed.iter().find(|replayed| replayed.id == *id),
            |_| RevisionFile::default(),
            diagnostics,
        )
    }

    /// The plan of `when` alone, in one direction.
    pub(super) fn plan_of_when(&self, direction: Direction, diagnostics: &mut Diagnostics) -> Plan {
        let (from, stop) = match direction {
            Direction::Upgrade => (0, Stop::When),
            Direction::Downgrade => (1, Stop::Given),
        };
        self.plan(&BTreeSet::from([self.ids[from].clone()]), stop, diagnostics)
    }
}

/// The namespaces that schemas speak of, besides the default one.
pub(super) fn namespaces(schemas: &[&Schema]) -> Vec<String> {
    let all: BTreeSet<String> = schemas.iter().flat_map(|schema| schema.namespaces()).collect();
    all.into_iter().collect()
}

/// Plans for a run to a place.
pub(super) struct To<'h>(pub(super) &'h History, pub(super) Stop);

impl Planner for To<'_> {
    fn plan(&mut self, state: &DatabaseState) -> Result<Plan, Diagnostics> {
        let mut diagnostics = Diagnostics::default();
        let plan = self.0.plan(&state.rows, self.1, &mut diagnostics);
        if diagnostics.has_errors() { Err(diagnostics) } else { Ok(plan) }
    }

    fn revision(&mut self, _: &DatabaseState, _: &UnfinishedRevision) -> Result<Option<RevisionPlan>, Diagnostics> {
        Ok(None)
    }
}

fn ids(diagnostics: &mut Diagnostics) -> Option<[RevisionId; 2]> {
    let mut read = |name| match RevisionId::parse(name) {
        Ok(id) => Some(id),
        Err(why) => {
            diagnostics.push(Diagnostic::error(&codes::REVISION_ID, why));
            None
        }
    };
    Some([read(NAMES[0])?, read(NAMES[1])?])
}

/// Steps as the map of a revision file.
fn revision(upgrade: &Node, downgrade: Option<&Node>) -> Node {
    let entry = |name: &str, node: &Node| (Key { name: name.to_owned(), span: node.span }, node.clone());
    let entries = [Some(entry("upgrade", upgrade)), downgrade.map(|node| entry("downgrade", node))];
    Node { span: upgrade.span, kind: NodeKind::Mapping(entries.into_iter().flatten().collect()) }
}
