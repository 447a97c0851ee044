//! What a database says of the revisions that are applied in it, for plans: the tags they ran with, and what they did where
//! their files are not here.

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};

use super::planning::{Planning, refused};
use crate::diagnostic::{Diagnostic, Diagnostics, codes};
use crate::execute::{AppliedRevision, DatabaseState, Recorded};
use crate::plan::{Record, Unreadable};
use crate::revision::{Graph, Header, ReferenceError, RevisionId};
use crate::source::{FileId, Span, Spanned};

/// What a database said of what is applied.
#[derive(Debug, Default)]
pub(super) struct Known {
    /// The tags that revisions ran with, of those whose record says so.
    pub(super) tags: BTreeMap<RevisionId, BTreeSet<String>>,
    /// What ran, of the revisions whose files are not here.
    pub(super) records: BTreeMap<RevisionId, Record>,
    /// The applied revisions whose files changed their meaning, between being found and being compared.
    pub(super) changed: Vec<RevisionId>,
    /// The applied revisions without a file that an upgrade goes on beside.
    pub(super) beside: Vec<RevisionId>,
    /// The revisions whose files are not here, with what is known of them.
    unknown: BTreeMap<RevisionId, Recorded>,
}

impl Planning<'_> {
    /// Takes in what the database says of what is applied.
    pub(super) fn learn(&mut self, state: &DatabaseState) {
        let graph = &self.history.graph;
        let unknown = state.recorded.iter().filter(|(id, _)| !graph.contains(id));
        let unknown: BTreeMap<RevisionId, Recorded> = unknown.map(|(id, known)| (id.clone(), known.clone())).collect();
        let readable = |(id, known): (&RevisionId, &Recorded)| Some((id.clone(), known.record.clone().ok()?));
        let tags = state.standing.iter().map(|(id, standing)| (id.clone(), standing.tags.clone()));
        let records = unknown.iter().filter_map(readable).collect();
        self.known = Known { tags: tags.collect(), records, changed: Vec::new(), beside: Vec::new(), unknown };
    }

    /// The applied revisions whose files are not here: those in the version table, and those that the history says they
    /// came after.
    pub(super) fn without_file(&self, state: &DatabaseState) -> Vec<RevisionId> {
        let graph = &self.history.graph;
        let rows: Vec<RevisionId> = state.rows.iter().filter(|id| !graph.contains(id)).cloned().collect();
        if rows.is_empty() {
            return rows;
        }
        let others = state.standing.keys().filter(|id| !graph.contains(id) && !rows.contains(id)).cloned();
        rows.iter().cloned().chain(others).collect()
    }

    /// The graph of the files, with the applied revisions that have no file here put in as the database recorded them.
    pub(super) fn graph(&self, rows: &BTreeSet<RevisionId>) -> Result<Cow<'_, Graph>, Diagnostics> {
        let files = &self.history.graph;
        let mut wanted: Vec<&RevisionId> = rows.iter().filter(|id| !files.contains(id)).collect();
        if wanted.is_empty() {
            return Ok(Cow::Borrowed(files));
        }
        let mut added: BTreeMap<&RevisionId, &Record> = BTreeMap::new();
        let mut diagnostics = Diagnostics::default();
        while let Some(id) = wanted.pop() {
            if added.contains_key(id) {
                continue;
            }
            match self.known.records.get(id) {
                Some(record) => {
                    added.insert(id, record);
                    let before = record.down_revisions.iter().chain(&record.depends_on);
                    wanted.extend(before.filter(|id| !files.contains(id)));
                }
                None => diagnostics.push(self.no_record(id)),
            }
        }
        if diagnostics.has_errors() {
            return Err(diagnostics);
        }
        let headers = files.headers().cloned().chain(added.iter().map(|(id, record)| self.header(id, record)));
        let mut problems = Diagnostics::default();
        match Graph::build(headers.collect(), &mut problems) {
            Some(graph) => Ok(Cow::Owned(graph)),
            None => {
                for problem in problems.sorted() {
                    let bare = Diagnostic { labels: Vec::new(), fix: None, help: None, ..problem.clone() };
                    diagnostics.push(
                        bare.note("this is so with the revisions that the database recorded, whose files are not here"),
                    );
                }
                Err(diagnostics)
            }
        }
    }

    fn header(&self, id: &RevisionId, record: &Record) -> Header {
        fn nowhere<T>(value: T) -> Spanned<T> {
            Spanned::new(value, Span::default())
        }
        let graph = &self.history.graph;
        let free = |label: &&String| graph.labels().all(|(known, _)| known != label.as_str());
        let row = self.known.unknown.get(id).and_then(|known| known.row.as_ref());
        Header {
            id: nowhere(id.clone()),
            down_revisions: record.down_revisions.iter().cloned().map(nowhere).collect(),
            depends_on: record.depends_on.iter().map(|id| nowhere(id.to_string())).collect(),
            branch_labels: record.branch_labels.iter().filter(free).cloned().map(nowhere).collect(),
            message: row.and_then(|row| row.message.clone()).unwrap_or_default(),
            created: None,
            transaction: record.transaction,
            file: FileId::default(),
        }
    }

    /// Why a revision whose file is not here cannot be undone.
    fn no_record(&self, id: &RevisionId) -> Diagnostic {
        let known = self.known.unknown.get(id);
        let row = known.and_then(|known| known.row.as_ref());
        let why = match (row, known.map(|known| &known.record)) {
            (None, _) => "the database's history does not mention it".to_owned(),
            (Some(row), Some(Err(Unreadable::Newer))) => {
                format!("`{}` recorded it in a way that this version of Aludel does not know", row.tool)
            }
            (Some(row), _) if row.direction == "stamp" => "it was stamped and not run here".to_owned(),
            (Some(row), _) => format!("what `{}` recorded does not say what ran", row.tool),
        };
        let diagnostic = Diagnostic::error(
            &codes::NO_RECORD,
            format!("`{id}` is applied, its file is not here, and the database does not say what it did: {why}"),
        );
        let diagnostic = row.into_iter().fold(diagnostic, |diagnostic, row| diagnostic.note(happened(id, row)));
        diagnostic
            .help("use the files of the release that applied it; or undo it by hand and `aludel stamp` what is left")
    }

    /// That revisions without a file are applied, with what the database says of them.
    pub(super) fn unknown_applied(&self, ids: &[RevisionId]) -> Diagnostic {
        let diagnostic = Diagnostic::from(ReferenceError::UnknownApplied { ids: ids.to_vec() });
        let row = |id: &RevisionId| self.known.unknown.get(id).and_then(|known| known.row.clone());
        let told = ids.iter().filter_map(|id| Some(happened(id, &row(id)?)));
        told.fold(diagnostic, Diagnostic::note)
    }

    /// A reference that does not hold. Where the database has revisions of which there is no file, it says what is known of
    /// them and what can be done.
    pub(super) fn refused(&self, error: ReferenceError) -> Diagnostics {
        let ReferenceError::UnknownApplied { ids } = &error else { return refused(error) };
        let mut diagnostics = Diagnostics::default();
        diagnostics.push(self.unknown_applied(ids).help(
            "the database is newer than these files: use those of the release that migrated it; or go back to what these files know with `aludel downgrade`, which works from the database's own record (`aludel plan --down` shows it)",
        ));
        diagnostics
    }
}

/// When and by whom something was done.
pub(super) fn happened(id: &RevisionId, row: &AppliedRevision) -> String {
    let did = match row.direction.as_str() {
        "stamp" => "stamped",
        "downgrade" => "downgraded",
        _ => "applied",
    };
    let message = row.message.as_deref().and_then(|message| message.lines().next()).filter(|line| !line.is_empty());
    let message = message.map(|message| format!(" ({message})")).unwrap_or_default();
    let by = row.user.as_deref().filter(|user| !user.is_empty()).map(|user| format!(" by {user}")).unwrap_or_default();
    let host = row.host.as_deref().map(|host| format!(" from {host}")).unwrap_or_default();
    let when = row.started_at.split('.').next().unwrap_or_default();
    format!("`{id}`{message} was {did} at {when}{by}{host} with {}", row.tool)
}
