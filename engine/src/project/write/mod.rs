//! The making of a new revision file.

mod name;
mod parent;

pub use name::{file_name, slug};
pub(super) use parent::with_parent;

use std::fmt::Write as _;
use std::io::Write as _;
use std::path::Path;

use crate::diagnostic::{Diagnostic, codes};
use crate::revision::RevisionId;

/// What goes into a new revision file.
#[derive(Debug, Clone, PartialEq)]
pub struct NewRevision {
    /// Its name.
    pub id: RevisionId,
    /// The revisions it follows, in order.
    pub down_revisions: Vec<RevisionId>,
    /// The branches that begin with it.
    pub branch_labels: Vec<String>,
    /// Revisions or labels of other branches that must be applied first.
    pub depends_on: Vec<String>,
    /// What it does, in the author's words.
    pub message: String,
    /// When it was made, as it is to stand in the file.
    pub created: String,
    /// What stands under `upgrade:`, as text; an example in a comment when none.
    pub steps: Option<String>,
}

impl NewRevision {
    /// The text of the file.
    ///
    /// # Errors
    ///
    /// When a value cannot be written as YAML.
    pub fn text(&self) -> Result<String, Diagnostic> {
        let mut text = String::new();
        let names = |ids: &[RevisionId]| ids.iter().map(|id| id.as_str().to_owned()).collect::<Vec<_>>();
        text.push_str(&entry("revision", self.id.as_str())?);
        match self.down_revisions.as_slice() {
            [] => text.push_str("down_revision: null\n"),
            [only] => text.push_str(&entry("down_revision", only.as_str())?),
            several => line(&mut text, "down_revision", &list(&names(several))?),
        }
        if !self.branch_labels.is_empty() {
            line(&mut text, "branch_labels", &list(&self.branch_labels)?);
        }
        if !self.depends_on.is_empty() {
            line(&mut text, "depends_on", &list(&self.depends_on)?);
        }
        text.push_str(&entry("message", &self.message)?);
        text.push_str(&entry("created", &self.created)?);
        text.push_str("\nupgrade:\n");
        match &self.steps {
            Some(steps) => text.push_str(steps),
            None if self.down_revisions.len() > 1 => text.push_str(
                "  # This revision joins branches. Steps are seldom needed; they would stand here as in any other.\n",
            ),
            None => text.push_str(
                "  # One step for each list item, such as:\n  # - add_column: {table: users, column: full_name, type: varchar(255)}\n\n\
                 # The downgrade is derived from the steps. Where it should be another, write `downgrade:` with steps of its\n\
                 # own, or `downgrade: irreversible`.\n",
            ),
        }
        Ok(text)
    }
}

/// A text as a value on a line of its own, quoted as it needs to be.
fn scalar(text: &str) -> Result<String, Diagnostic> {
    Ok(yaml(&text.into())?.trim_end().to_owned())
}

/// One key with a text, quoted as it needs to be.
fn entry(key: &str, value: &str) -> Result<String, Diagnostic> {
    let mut map = serde_yaml::Mapping::new();
    map.insert(key.into(), value.into());
    yaml(&serde_yaml::Value::Mapping(map))
}

fn line(text: &mut String, key: &str, value: &str) {
    let _ = writeln!(text, "{key}: {value}");
}

/// A list on one line.
fn list(names: &[String]) -> Result<String, Diagnostic> {
    let words: Vec<String> = names.iter().map(|name| item(name)).collect::<Result<_, _>>()?;
    Ok(format!("[{}]", words.join(", ")))
}

/// A text as an item of such a list. In brackets more has to be quoted than elsewhere; a JSON string is one in YAML too.
fn item(text: &str) -> Result<String, Diagnostic> {
    let plain = scalar(text)?;
    let simple = plain.chars().all(|c| c.is_alphanumeric() || matches!(c, '_' | '.' | '/' | '\''));
    Ok(if simple { plain } else { serde_json::Value::String(text.to_owned()).to_string() })
}

/// Puts a new text into a file that is there, in one move: whoever reads it sees the old text or the new one.
///
/// # Errors
///
/// When it cannot be written; then it is as it was.
pub fn replace(path: &Path, text: &str) -> Result<(), Diagnostic> {
    let failed = |error: std::io::Error| {
        Diagnostic::error(&codes::FILE_UNWRITABLE, format!("`{}` cannot be written: {error}", path.display()))
    };
    // A symbolic link stays one.
    let real = std::fs::canonicalize(path).map_err(failed)?;
    let mut name = real.file_name().unwrap_or_default().to_owned();
    name.push(format!(".{}.new", std::process::id()));
    let beside = real.with_file_name(name);
    let written = || -> std::io::Result<()> {
        let mut file = std::fs::File::create_new(&beside)?;
        file.write_all(text.as_bytes())?;
        file.set_permissions(std::fs::metadata(&real)?.permissions())?;
        file.sync_all()?;
        std::fs::rename(&beside, &real)
    };
    written().map_err(|error| {
        // Should it stay behind, it is not taken for a revision: its name does not end in `.yaml`.
        let _ = std::fs::remove_file(&beside);
        failed(error)
    })
}

fn yaml(value: &serde_yaml::Value) -> Result<String, Diagnostic> {
    serde_yaml::to_string(value)
        .map_err(|error| Diagnostic::error(&codes::FILE_UNWRITABLE, format!("the revision cannot be written: {error}")))
}

/// Makes a file that is not there yet, with the directories it is in.
///
/// # Errors
///
/// When it is there, or cannot be made.
pub fn create(path: &Path, text: &str) -> Result<(), Diagnostic> {
    let name = path.display();
    let failed = |error: std::io::Error| match error.kind() {
        std::io::ErrorKind::AlreadyExists => {
            Diagnostic::error(&codes::FILE_EXISTS, format!("`{name}` exists already")).help("no file is overwritten")
        }
        _ => Diagnostic::error(&codes::FILE_UNWRITABLE, format!("`{name}` cannot be written: {error}")),
    };
    if let Some(directory) = path.parent().filter(|directory| !directory.as_os_str().is_empty()) {
        std::fs::create_dir_all(directory).map_err(|error| {
            let message = format!("the directory `{}` cannot be made: {error}", directory.display());
            Diagnostic::error(&codes::FILE_UNWRITABLE, message)
        })?;
    }
    let mut file = std::fs::File::create_new(path).map_err(failed)?;
    file.write_all(text.as_bytes()).map_err(failed)
}

#[cfg(test)]
#[path = "tests.rs"]
mod tests;
