//! Applied revisions whose files are not what they were.
//!
//! A file is recognised by a hash of its text before anything is parsed. Only where that differs is its meaning compared,
//! and only where that differs too what it does in this database: comments, layout, notes and what concerns other
//! dialects may change.

use std::collections::BTreeSet;

use super::applied::happened;
use super::parallel;
use super::planning::{Planning, refused};
use crate::change::Change;
use crate::diagnostic::{Diagnostic, Diagnostics, codes};
use crate::execute::{Acceptance, DatabaseState, Recorded, Standing};
use crate::operation::Operation;
use crate::plan::{Record, Replayed};
use crate::revision::RevisionId;
use crate::source::{Difference, Key, Node, NodeKind, Part, Sources, Span, differences, parse};

/// How many differences a message lists.
const LISTED: usize = 12;
/// How many of them it points at in the file.
const POINTED: usize = 6;
/// How much of a text it shows.
const SHOWN: usize = 160;

impl Planning<'_> {
    /// Takes note that the files of some revisions were changed on purpose, and that this database has what they say now.
    pub fn accept(&mut self, revisions: impl IntoIterator<Item = RevisionId>) {
        self.accepted.extend(revisions);
    }

    /// The revisions of which the whole record is needed: those without a file, and those whose files changed their meaning.
    ///
    /// # Errors
    ///
    /// When a changed file cannot be read.
    pub fn wants(&mut self, state: &DatabaseState) -> Result<Vec<RevisionId>, Diagnostics> {
        let mut wanted = self.without_file(state);
        let changed = self.changed(state)?;
        wanted.extend(changed.iter().cloned());
        self.known.changed = changed;
        Ok(wanted)
    }

    /// The applied revisions whose files have another meaning than was recorded. Those that are half run are compared
    /// statement by statement when they are finished.
    fn changed(&mut self, state: &DatabaseState) -> Result<Vec<RevisionId>, Diagnostics> {
        let known = self.in_files(state);
        let mut applied = self.history.graph.applied(&known).map_err(refused)?;
        if known.len() < state.rows.len() {
            // Revisions without a file came after others, of which the rows say nothing and the history does.
            applied.extend(state.standing.keys().filter(|id| self.history.graph.contains(id)).cloned());
        }
        let standing: Vec<(&RevisionId, &Standing)> = state
            .standing
            .iter()
            .filter(|(id, standing)| !standing.fingerprint.text.is_empty() && applied.contains(*id))
            .filter(|(id, _)| state.unfinished.iter().all(|half| half.revision != **id))
            .collect();
        let (history, project) = (&*self.history, self.project);
        let same =
            parallel::map(&standing, |(id, standing)| history.is_as_recorded(id, &standing.fingerprint, project));
        let suspects: Vec<(RevisionId, &Standing)> =
            standing.into_iter().zip(same).filter(|(_, same)| !same).map(|((id, was), _)| (id.clone(), was)).collect();
        let mut diagnostics = Diagnostics::default();
        self.history.load_bodies(self.project, suspects.iter().map(|(id, _)| id), &mut diagnostics);
        if diagnostics.has_errors() {
            return Err(diagnostics);
        }
        let differs = |(id, standing): &(RevisionId, &Standing)| {
            self.history.body(id).is_some_and(|body| body.checksum != standing.fingerprint.meaning)
        };
        Ok(suspects.into_iter().filter(differs).map(|(id, _)| id).collect())
    }

    fn in_files(&self, state: &DatabaseState) -> BTreeSet<RevisionId> {
        state.rows.iter().filter(|id| self.history.graph.contains(id)).cloned().collect()
    }

    /// Compares what is applied with the files, and takes in what the database says of it: the same state that
    /// [`Planning::wants`] was asked about, with the records. Gives the changes that the user accepts and that are not
    /// recorded yet.
    ///
    /// # Errors
    ///
    /// The changes that nobody accepted, each with what was and what is.
    pub fn compare(&mut self, state: &DatabaseState) -> Result<Vec<Acceptance>, Diagnostics> {
        let changed = std::mem::take(&mut self.known.changed);
        self.learn(state);
        if changed.is_empty() {
            return Ok(Vec::new());
        }
        let mut order = self.history.graph.applied_in_order(&self.in_files(state)).map_err(refused)?;
        if changed.iter().any(|id| !order.contains(id))
            && let Ok(graph) = self.graph(&state.rows)
        {
            order = graph.applied_in_order(&state.rows).map_err(refused)?;
        }
        let mut broken = Diagnostics::default();
        let replayed = self.replayed(&order, &mut broken);
        let mut diagnostics = Diagnostics::default();
        let mut acceptances = Vec::new();
        for id in changed {
            let (Some(header), Some(standing)) = (self.history.graph.get(&id), state.standing.get(&id)) else {
                continue;
            };
            let now = replayed.iter().find(|replayed| replayed.id == id);
            let recorded = state.recorded.get(&id);
            let record = recorded.and_then(|recorded| recorded.record.as_ref().ok());
            // After an acceptance the record no longer says what the file said.
            let comparable = record.filter(|_| !standing.accepted());
            if let (Some(record), Some(now)) = (comparable, now)
                && record.does_the_same(now, header.transaction)
            {
                continue;
            }
            if self.accepted.contains(&id) {
                acceptances.push(Acceptance {
                    revision: id.clone(),
                    message: header.message.clone(),
                    was: standing.fingerprint.clone(),
                    file: self.history.revision_file(&id, self.project),
                });
                continue;
            }
            diagnostics.push(self.told(&id, standing, recorded, comparable, now));
        }
        // What is accepted has to hold together with the rest.
        if !acceptances.is_empty() && !diagnostics.has_errors() {
            diagnostics = broken;
        }
        if diagnostics.has_errors() { Err(diagnostics) } else { Ok(acceptances) }
    }

    /// The message about a changed file.
    fn told(
        &self,
        id: &RevisionId,
        standing: &Standing,
        recorded: Option<&Recorded>,
        record: Option<&Record>,
        now: Option<&Replayed>,
    ) -> Diagnostic {
        let mut diagnostic = Diagnostic::error(
            &codes::APPLIED_CHANGED,
            format!("the revision `{id}` is applied, and its file was changed"),
        );
        let mut said = false;
        if let (Some(body), Some(text)) = (self.history.body(id), recorded.map(|recorded| recorded.text.as_str())) {
            for change in changes(text, &body.node, &self.project.sources) {
                said = true;
                diagnostic = change.add_to(diagnostic);
            }
            for name in standing.fingerprint.files.keys().chain(body.file_hashes.keys()).collect::<BTreeSet<_>>() {
                if standing.fingerprint.files.get(name) == body.file_hashes.get(name) {
                    continue;
                }
                said = true;
                let what = match (standing.fingerprint.files.contains_key(name), body.file_hashes.contains_key(name)) {
                    (true, false) => "cannot be read any more, or is not named any more",
                    (false, true) => "was not named, or could not be read",
                    _ => "has another text",
                };
                diagnostic = diagnostic.note(format!("the file `{name}` {what}"));
            }
        }
        if let (Some(record), Some(now)) = (record, now) {
            for line in effects(record, now) {
                diagnostic = diagnostic.note(line);
            }
        }
        if diagnostic.labels.is_empty()
            && let Some(header) = self.history.graph.get(id)
        {
            diagnostic = diagnostic.at(header.id.span, if said { "" } else { "this revision" });
        }
        if let Some(row) = recorded.and_then(|recorded| recorded.row.as_ref()) {
            diagnostic = diagnostic.note(happened(id, row));
        }
        if standing.accepted() {
            diagnostic = diagnostic.note("an earlier change of the file was accepted; this is compared with that");
        }
        diagnostic.help(format!(
            "put the file back, and write what is missing as a new revision; or, if this database has what the file says now, say so with `--accept-changed {id}`"
        ))
    }
}

/// One thing that was changed in a file.
struct FileChange {
    place: String,
    was: Option<String>,
    is: Option<String>,
    at: Span,
    more: usize,
    pointed: bool,
}

impl FileChange {
    fn add_to(self, diagnostic: Diagnostic) -> Diagnostic {
        let FileChange { place, was, is, at, .. } = &self;
        let (label, note) = match (was, is) {
            (Some(was), Some(is)) => (format!("was `{was}`"), format!("{place}: was `{was}`, is `{is}`")),
            (Some(was), None) => (format!("lacks `{was}`"), format!("{place}: was `{was}`, is gone")),
            (None, Some(is)) => ("is new".to_owned(), format!("{place}: is new: `{is}`")),
            (None, None) => (String::new(), place.clone()),
        };
        let diagnostic = if self.pointed { diagnostic.at(*at, label) } else { diagnostic };
        let diagnostic = diagnostic.note(note);
        match self.more {
            0 => diagnostic,
            more => diagnostic.note(format!("and {more} more")),
        }
    }
}

/// What differs between the text that was recorded and the file, where the text can still be read.
fn changes(text: &str, now: &Node, present: &Sources) -> Vec<FileChange> {
    if text.is_empty() {
        return Vec::new();
    }
    let mut past = Sources::default();
    let file = past.add("as it was applied", text);
    let Some(then) = parse(&past, file, &mut Diagnostics::default()) else { return Vec::new() };
    let found = differences(&that_counts(&then), &that_counts(now));
    let more = found.len().saturating_sub(LISTED);
    let last = found.len().min(LISTED);
    let shown = found.into_iter().take(LISTED).enumerate();
    let change = |(number, difference): (usize, Difference)| {
        let text = |sources: &Sources, span: Option<Span>| span.map(|span| line(sources.text(span)));
        FileChange {
            place: place(&difference, if difference.is.is_some() { now } else { &then }),
            was: text(&past, difference.was).filter(|_| !difference.order),
            is: text(present, difference.is).filter(|_| !difference.order),
            at: difference.at,
            more: if number + 1 == last { more } else { 0 },
            pointed: number < POINTED,
        }
    };
    shown.map(change).collect()
}

/// The part of a revision file whose meaning is compared.
fn that_counts(node: &Node) -> Node {
    let counts = |key: &Key| matches!(key.name.as_str(), "upgrade" | "downgrade" | "transaction");
    match &node.kind {
        NodeKind::Mapping(entries) => {
            let entries = entries.iter().filter(|(key, _)| counts(key)).cloned().collect();
            Node { span: node.span, kind: NodeKind::Mapping(entries) }
        }
        _ => node.clone(),
    }
}

/// Where in a revision file something stands, in words: ``step 2, `add_column`: column.type``.
fn place(difference: &Difference, file: &Node) -> String {
    let mut words = Vec::new();
    let mut parts = difference.path.as_slice();
    match parts {
        [Part::Key(key), rest @ ..] if key == "upgrade" || key == "downgrade" => {
            if key == "downgrade" {
                words.push("downgrade".to_owned());
            }
            parts = rest;
            if let [Part::Item(number), rest @ ..] = parts {
                let step = file.get(key).and_then(|steps| match &steps.kind {
                    NodeKind::Sequence(items) => items.get(*number),
                    _ => None,
                });
                let operation = step.and_then(operation_of);
                words.push(match operation {
                    Some(operation) => format!("step {}, `{operation}`", number + 1),
                    None => format!("step {}", number + 1),
                });
                parts = match rest {
                    [Part::Key(key), rest @ ..] if operation == Some(key.as_str()) => rest,
                    rest => rest,
                };
            }
        }
        _ => {}
    }
    let path = parts.iter().map(|part| match part {
        Part::Key(key) => key.clone(),
        Part::Item(number) => (number + 1).to_string(),
    });
    let path = path.collect::<Vec<_>>().join(".");
    if !path.is_empty() {
        words.push(format!("`{path}`"));
    }
    let words = words.join(", ");
    if difference.order { format!("{words}: its keys stand in another order") } else { words }
}

fn operation_of(step: &Node) -> Option<&str> {
    match &step.kind {
        NodeKind::Mapping(entries) => {
            entries.iter().map(|(key, _)| key.name.as_str()).find(|name| Operation::NAMES.contains(name))
        }
        _ => None,
    }
}

/// What the changed file would do that was not done, and what was done that it does not do, in words.
fn effects(record: &Record, now: &Replayed) -> Vec<String> {
    let was: Vec<String> = record.upgrade.iter().flat_map(|step| &step.changes).map(Change::describe).collect();
    let is: Vec<String> = now.upgrade.iter().flat_map(|step| &step.changes).map(Change::describe).collect();
    let only = |some: &[String], others: &[String], word: &str| {
        let lines = some.iter().filter(|line| !others.contains(line)).take(LISTED).cloned();
        let lines: Vec<String> = lines.collect();
        (!lines.is_empty()).then(|| format!("{word}: {}", lines.join("; ")))
    };
    only(&was, &is, "was run here").into_iter().chain(only(&is, &was, "the file says now")).collect()
}

/// A text in one line, cut.
fn line(text: &str) -> String {
    let line = text.split_whitespace().collect::<Vec<_>>().join(" ");
    match line.char_indices().nth(SHOWN) {
        Some((end, _)) => format!("{}…", &line[..end]),
        None => line,
    }
}
