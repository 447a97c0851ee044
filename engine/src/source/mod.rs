//! Text to nodes: the one place that reads YAML.

mod node;
mod span;

pub use node::{Key, Node, NodeKind};
pub use span::{FileId, Span, Spanned};

use std::path::{Path, PathBuf};

/// One file that was read.
#[derive(Debug, Clone)]
pub struct SourceFile {
    /// The path as the user would name it.
    pub path: PathBuf,
    /// Its text.
    pub text: String,
}

/// Every file a command has read, so that a [`Span`] can be shown to a person.
#[derive(Debug, Clone, Default)]
pub struct Sources {
    files: Vec<SourceFile>,
}

impl Sources {
    /// Adds a file and names it.
    pub fn add(&mut self, path: impl Into<PathBuf>, text: impl Into<String>) -> FileId {
        let id = FileId(u32::try_from(self.files.len()).unwrap_or(u32::MAX));
        self.files.push(SourceFile { path: path.into(), text: text.into() });
        id
    }

    /// The file of an id, if it is of this collection.
    #[must_use]
    pub fn get(&self, id: FileId) -> Option<&SourceFile> {
        self.files.get(id.0 as usize)
    }

    /// The path of a file, or an empty path.
    #[must_use]
    pub fn path(&self, id: FileId) -> &Path {
        self.get(id).map_or(Path::new(""), |file| &file.path)
    }
}
