//! Everything that can be wrong with the naming of a revision.

use super::id::RevisionId;
use crate::diagnostic::{Code, Diagnostic, codes};

/// How many candidates a message shows; a project may have hundreds of heads.
const SHOWN: usize = 8;

/// One of several revisions that a reference could mean.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Candidate {
    /// The revision.
    pub id: RevisionId,
    /// What to type to mean this one.
    pub say: String,
}

/// Why a reference does not name what is needed.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ReferenceError {
    /// It is not of the form of a reference.
    #[error("`{text}` does not name a revision: {reason}")]
    Syntax {
        /// What was typed.
        text: String,
        /// What is wrong with it.
        reason: String,
    },
    /// Nothing has this name.
    #[error("there is no revision or branch `{name}`")]
    Unknown {
        /// The name.
        name: String,
        /// A name that is near.
        nearest: Option<String>,
    },
    /// Revisions begin with this, but it is too short to rely on.
    #[error("`{name}` is too short to name a revision by: at least 4 characters are needed")]
    TooShort {
        /// The name.
        name: String,
        /// What begins with it.
        candidates: Vec<Candidate>,
    },
    /// Several revisions or labels begin with this.
    #[error("several revisions begin with `{name}`: {}", list(.candidates))]
    AmbiguousPrefix {
        /// The name.
        name: String,
        /// What begins with it.
        candidates: Vec<Candidate>,
    },
    /// `head` where there are several.
    #[error("`{reference}` could be any of {} heads: {}", .candidates.len(), list(.candidates))]
    SeveralHeads {
        /// What was typed.
        reference: String,
        /// The heads.
        candidates: Vec<Candidate>,
    },
    /// A count meets several ways on.
    #[error("`{reference}` is ambiguous: {from} {}", list(.candidates))]
    AmbiguousStep {
        /// What was typed.
        reference: String,
        /// Where the ways part, as the beginning of a sentence that the candidates end.
        from: String,
        /// The ways.
        candidates: Vec<Candidate>,
    },
    /// A count is greater than the number of revisions there.
    #[error("`{reference}` asks for {asked} revision{} and there {} {found} that way", plural(*.asked), are(*.found))]
    TooFar {
        /// What was typed.
        reference: String,
        /// How many it asks for.
        asked: u64,
        /// How many there are.
        found: u64,
    },
    /// The revision exists, but elsewhere.
    #[error("the revision `{revision}` is not on the branch `{branch}`")]
    NotInBranch {
        /// The revision.
        revision: RevisionId,
        /// The branch, as typed.
        branch: String,
    },
    /// A downgrade to what is not applied.
    #[error("`{revision}` is not applied, so there is no way down to it")]
    NotApplied {
        /// The revision.
        revision: RevisionId,
        /// The rows of the version table.
        rows: Vec<RevisionId>,
    },
    /// The version table has rows that the project has no files for.
    #[error("the database has {}, of which this project has no file", revisions(.ids))]
    UnknownApplied {
        /// The rows.
        ids: Vec<RevisionId>,
    },
    /// The start of a range does not lead to its end.
    #[error("`{start}` does not lead to `{end}`")]
    NotAncestor {
        /// The start.
        start: String,
        /// The end.
        end: String,
        /// Whether the range would hold the other way round.
        reversed: bool,
    },
    /// It counts from what is applied, and no database is at hand.
    #[error("`{reference}` counts from what is applied, which is not known without a database")]
    NeedsDatabase {
        /// What was typed.
        reference: String,
    },
    /// `upgrade -N` or `downgrade +N`.
    #[error("`{reference}` leads {}, and this is {}", if *.upgrade { "down" } else { "up" }, command(*.upgrade))]
    WrongDirection {
        /// What was typed.
        reference: String,
        /// Whether it was given to an upgrade.
        upgrade: bool,
    },
    /// Several revisions where one is needed.
    #[error("`{reference}` names several revisions where one is needed: {}", list(.candidates))]
    SeveralTargets {
        /// What was typed.
        reference: String,
        /// What it names.
        candidates: Vec<Candidate>,
    },
    /// Several targets of a downgrade, one of which undoes what another one keeps.
    #[error("`{reference}` contradicts itself: `{place}` undoes `{revision}`, and the rest of it keeps that")]
    Contradiction {
        /// What was typed.
        reference: String,
        /// The part that undoes.
        place: String,
        /// The revision.
        revision: RevisionId,
    },
    /// The version table does not say what a step of this revision expects.
    #[error("the version table {} a row for `{revision}`, so this step cannot be recorded", if *.present { "already has" } else { "does not have" })]
    RowMismatch {
        /// The revision of the step.
        revision: RevisionId,
        /// Whether its row is there.
        present: bool,
    },
}

impl ReferenceError {
    /// The stable code of the message.
    #[must_use]
    pub fn code(&self) -> Code {
        match self {
            ReferenceError::Syntax { .. } => &codes::REFERENCE_SYNTAX,
            ReferenceError::Unknown { .. } => &codes::UNKNOWN_REVISION,
            ReferenceError::TooShort { .. } => &codes::PREFIX_TOO_SHORT,
            ReferenceError::AmbiguousPrefix { .. } => &codes::AMBIGUOUS_PREFIX,
            ReferenceError::SeveralHeads { .. } => &codes::SEVERAL_HEADS,
            ReferenceError::AmbiguousStep { .. } => &codes::AMBIGUOUS_STEP,
            ReferenceError::TooFar { .. } => &codes::TOO_FAR,
            ReferenceError::NotInBranch { .. } => &codes::NOT_IN_BRANCH,
            ReferenceError::NotApplied { .. } => &codes::NOT_APPLIED,
            ReferenceError::UnknownApplied { .. } => &codes::UNKNOWN_APPLIED,
            ReferenceError::NotAncestor { .. } => &codes::NOT_ANCESTOR,
            ReferenceError::NeedsDatabase { .. } => &codes::NEEDS_DATABASE,
            ReferenceError::WrongDirection { .. } => &codes::WRONG_DIRECTION,
            ReferenceError::SeveralTargets { .. } => &codes::SEVERAL_TARGETS,
            ReferenceError::Contradiction { .. } => &codes::CONTRADICTORY_TARGETS,
            ReferenceError::RowMismatch { .. } => &codes::ROW_MISMATCH,
        }
    }

    /// What to type instead, where that can be said.
    #[must_use]
    pub fn help(&self) -> Option<String> {
        match self {
            ReferenceError::Unknown { nearest, .. } => nearest.as_ref().map(|name| format!("did you mean `{name}`?")),
            ReferenceError::TooShort { candidates, .. }
            | ReferenceError::AmbiguousPrefix { candidates, .. }
            | ReferenceError::AmbiguousStep { candidates, .. }
            | ReferenceError::SeveralTargets { candidates, .. } => Some(format!("say {}", say(candidates))),
            ReferenceError::SeveralHeads { candidates, .. } => {
                Some(format!("say {}, or `heads` where all of them are meant, or join them with `aludel merge`", say(candidates)))
            }
            ReferenceError::NotApplied { rows, .. } if rows.is_empty() => Some("nothing is applied".to_owned()),
            ReferenceError::NotApplied { rows, .. } => {
                Some(format!("applied are {} and what they come after", revisions(rows)))
            }
            ReferenceError::UnknownApplied { .. } => Some(
                "the database may have been migrated by a newer release or from another source branch: get the missing file"
                    .to_owned(),
            ),
            ReferenceError::NotAncestor { start, end, reversed: true } => Some(format!("say `{end}:{start}`")),
            ReferenceError::NeedsDatabase { .. } => {
                Some("give the database, or count from a revision, as in `head-1`".to_owned())
            }
            ReferenceError::WrongDirection { upgrade: true, .. } => Some("use `downgrade` to go down".to_owned()),
            ReferenceError::WrongDirection { upgrade: false, .. } => Some("use `upgrade` to go up".to_owned()),
            _ => None,
        }
    }
}

impl From<&ReferenceError> for Diagnostic {
    fn from(error: &ReferenceError) -> Self {
        let diagnostic = Diagnostic::error(error.code(), error.to_string());
        match error.help() {
            Some(help) => diagnostic.help(help),
            None => diagnostic,
        }
    }
}

impl From<ReferenceError> for Diagnostic {
    fn from(error: ReferenceError) -> Self {
        Diagnostic::from(&error)
    }
}

fn plural(count: u64) -> &'static str {
    if count == 1 { "" } else { "s" }
}

fn are(count: u64) -> &'static str {
    if count == 1 { "is" } else { "are" }
}

fn command(upgrade: bool) -> &'static str {
    if upgrade { "an upgrade" } else { "a downgrade" }
}

fn shortened(mut words: Vec<String>, joint: &str) -> String {
    let more = words.len().saturating_sub(SHOWN);
    words.truncate(SHOWN);
    if more > 0 {
        return format!("{} and {more} more", words.join(", "));
    }
    match words.pop() {
        Some(last) if !words.is_empty() => format!("{} {joint} {last}", words.join(", ")),
        Some(only) => only,
        None => "none".to_owned(),
    }
}

fn list(candidates: &[Candidate]) -> String {
    shortened(candidates.iter().map(|c| format!("`{}`", c.id)).collect(), "and")
}

fn say(candidates: &[Candidate]) -> String {
    shortened(candidates.iter().map(|c| format!("`{}`", c.say)).collect(), "or")
}

fn revisions(ids: &[RevisionId]) -> String {
    let names = shortened(ids.iter().map(|id| format!("`{id}`")).collect(), "and");
    format!("the revision{} {names}", if ids.len() == 1 { "" } else { "s" })
}
