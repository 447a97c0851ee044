//! What the journal keeps of a revision that was applied: enough to compare it with its file later, and to undo it without.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use super::replay::{Irreversible, Replayed, derive};
use crate::change::{Change, Conflict};
use crate::operation::LoweredStep;
use crate::revision::{Graph, RevisionId};
use crate::schema::Schema;
use crate::source::Span;
use crate::sql::Lexicon;

/// The form of [`Record`] that this version writes. It is raised when an older version could misread a newer record.
const FORMAT: u32 = 1;

/// A revision file as a run meets it.
#[derive(Debug, Clone, Default)]
pub struct RevisionFile {
    /// What tells it from another.
    pub fingerprint: Fingerprint,
    /// Its text.
    pub text: String,
}

/// What tells a revision file from another: hashes, in hexadecimal.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Fingerprint {
    /// Of what it means; comments and layout do not count.
    pub meaning: String,
    /// Of its text, so that an unchanged file is recognised before it is parsed.
    pub text: String,
    /// Of the texts of the files that it refers to, by path as written.
    pub files: BTreeMap<String, String>,
}

/// What the journal keeps of a revision that was applied.
///
/// The changes are those that ran, with the definitions before and after: they are compiled anew for the server that is
/// there when they are undone.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Record {
    /// The form of this record.
    format: u32,
    /// What happened, a line for each change, for a person who reads the table.
    pub summary: Vec<String>,
    /// The revisions it follows.
    #[serde(default)]
    pub down_revisions: Vec<RevisionId>,
    /// The revisions of other branches that it depends on.
    #[serde(default)]
    pub depends_on: Vec<RevisionId>,
    /// The branch labels it carries.
    #[serde(default)]
    pub branch_labels: Vec<String>,
    /// Whether it may run in a transaction.
    #[serde(default = "yes")]
    pub transaction: bool,
    /// What the upgrade does.
    #[serde(default)]
    pub upgrade: Vec<RecordedStep>,
    /// What leads back.
    #[serde(default)]
    pub downgrade: WayBack,
    /// The text of the file.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub text: String,
}

/// A step that was lowered.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct RecordedStep {
    /// The operation.
    pub operation: String,
    /// It runs only when one of these is asked for.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub tags: Vec<String>,
    /// What it does.
    pub changes: Vec<Change>,
}

/// What leads back from a revision.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum WayBack {
    /// The reverse of the upgrade.
    #[default]
    Derived,
    /// These steps, which its author wrote.
    Written(Vec<RecordedStep>),
    /// Nothing, for this reason.
    Impossible(String),
}

/// Why a record cannot be used.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Unreadable {
    /// A newer version wrote it.
    #[error("it is of a form that this version does not know")]
    Newer,
    /// It is not a record.
    #[error("it does not say what ran")]
    NoRecord,
}

impl Record {
    /// What is worth keeping of a revision that is about to be applied.
    #[must_use]
    pub fn of(replayed: &Replayed, graph: &Graph, summary: Vec<String>, text: String) -> Self {
        let header = graph.get(&replayed.id);
        let labels = header.map(|header| header.branch_labels.iter().map(|label| label.value.clone()).collect());
        Record {
            format: FORMAT,
            summary,
            down_revisions: graph.parents(&replayed.id),
            depends_on: graph.dependencies(&replayed.id),
            branch_labels: labels.unwrap_or_default(),
            transaction: header.is_none_or(|header| header.transaction),
            upgrade: replayed.upgrade.iter().map(RecordedStep::of).collect(),
            downgrade: WayBack::of(replayed),
            text,
        }
    }

    /// A record that says in words what happened, and nothing that anybody acts on.
    #[must_use]
    pub fn summary(summary: Vec<String>) -> Self {
        Record {
            format: FORMAT,
            summary,
            down_revisions: Vec::new(),
            depends_on: Vec::new(),
            branch_labels: Vec::new(),
            transaction: true,
            upgrade: Vec::new(),
            downgrade: WayBack::Derived,
            text: String::new(),
        }
    }

    /// Reads a record as the journal has it.
    ///
    /// # Errors
    /// When another version wrote it, and this one could misread it.
    pub fn read(text: &str) -> Result<Self, Unreadable> {
        #[derive(Deserialize)]
        struct Form {
            format: u32,
        }
        let form: Form = serde_json::from_str(text).map_err(|_| Unreadable::NoRecord)?;
        if form.format > FORMAT {
            return Err(Unreadable::Newer);
        }
        // A kind of change that this version does not know.
        serde_json::from_str(text).map_err(|_| Unreadable::Newer)
    }

    /// Whether a file does for this database what the record says was done: then what was changed in it concerns other
    /// databases, or is a note.
    #[must_use]
    pub fn does_the_same(&self, replayed: &Replayed, transaction: bool) -> bool {
        let upgrade: Vec<RecordedStep> = replayed.upgrade.iter().map(RecordedStep::of).collect();
        let acts = |steps: &[RecordedStep]| -> Vec<RecordedStep> {
            steps.iter().filter(|step| !step.changes.is_empty()).cloned().collect()
        };
        self.transaction == transaction
            && acts(&self.upgrade) == acts(&upgrade)
            && match (&self.downgrade, &WayBack::of(replayed)) {
                (WayBack::Written(was), WayBack::Written(is)) => acts(was) == acts(is),
                (was, is) => was == is,
            }
    }

    /// The revision as if its file had been replayed, from the schema before it.
    ///
    /// # Errors
    /// When its changes do not fit that schema.
    pub fn replay(&self, id: &RevisionId, before: &Schema, lexicon: &Lexicon) -> Result<Replayed, Conflict> {
        let upgrade: Vec<LoweredStep> = self.upgrade.iter().map(RecordedStep::lowered).collect();
        let mut after = before.clone();
        for change in upgrade.iter().flat_map(|step| &step.changes) {
            change.apply(&mut after, lexicon)?;
        }
        let downgrade = match &self.downgrade {
            WayBack::Derived => derive(&upgrade),
            WayBack::Written(steps) => Ok(steps.iter().map(RecordedStep::lowered).collect()),
            WayBack::Impossible(reason) => Err(Irreversible { reason: reason.clone(), span: None }),
        };
        Ok(Replayed { id: id.clone(), before: before.clone(), after, upgrade, downgrade, recorded: true })
    }

    /// The tags that any of its steps has.
    #[must_use]
    pub fn tags(&self) -> BTreeSet<&str> {
        self.upgrade.iter().flat_map(|step| &step.tags).map(String::as_str).collect()
    }
}

impl RecordedStep {
    fn of(step: &LoweredStep) -> Self {
        RecordedStep { operation: step.operation.clone(), tags: step.tags.clone(), changes: step.changes.clone() }
    }

    fn lowered(&self) -> LoweredStep {
        LoweredStep {
            operation: self.operation.clone(),
            span: Span::default(),
            tags: self.tags.clone(),
            allow: Vec::new(),
            note: None,
            changes: self.changes.clone(),
        }
    }
}

impl WayBack {
    fn of(replayed: &Replayed) -> Self {
        match &replayed.downgrade {
            Err(irreversible) => WayBack::Impossible(irreversible.reason.clone()),
            Ok(steps) => {
                let recorded = |steps: &[LoweredStep]| steps.iter().map(RecordedStep::of).collect::<Vec<_>>();
                match derive(&replayed.upgrade) {
                    Ok(derived) if recorded(&derived) == recorded(steps) => WayBack::Derived,
                    _ => WayBack::Written(recorded(steps)),
                }
            }
        }
    }
}

fn yes() -> bool {
    true
}
