//! Projects made for a test.

use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU32, Ordering};

use crate::{Database, Output, aludel};

/// A project in a folder of its own, which goes when it is dropped.
#[derive(Debug)]
pub struct Project {
    root: PathBuf,
}

impl Project {
    /// A project for all four dialects, without revisions.
    #[must_use]
    pub fn new() -> Self {
        static NUMBER: AtomicU32 = AtomicU32::new(0);
        let name = format!("aludel-project-{}-{}", std::process::id(), NUMBER.fetch_add(1, Ordering::Relaxed));
        let root = std::env::temp_dir().join(name);
        std::fs::create_dir_all(root.join("migrations")).expect("a temporary folder can be made");
        let project = Project { root };
        project.write("aludel.yaml", "migrations: migrations\ndialects: [sqlite, postgres, mysql, mariadb]\n");
        project
    }

    /// Its folder.
    #[must_use]
    pub fn root(&self) -> &Path {
        &self.root
    }

    /// Writes a file of it.
    pub fn write(&self, path: &str, text: &str) {
        std::fs::write(self.root.join(path), text).expect("a file of the project can be written");
    }

    /// Removes a file of it.
    pub fn remove(&self, path: &str) {
        std::fs::remove_file(self.root.join(path)).expect("a file of the project can be removed");
    }

    /// Writes a revision that follows another.
    pub fn revision(&self, id: &str, down_revision: Option<&str>, body: &str) {
        let down = down_revision.unwrap_or("null");
        let text = format!("revision: {id}\ndown_revision: {down}\nmessage: revision {id}\n{body}");
        self.write(&format!("migrations/{id}.yaml"), &text);
    }

    /// Runs the binary on it, with a database.
    pub fn run(&self, database: &Database, arguments: &[&str]) -> Output {
        aludel(self.arguments(database, arguments))
    }

    /// The arguments for the binary.
    #[must_use]
    pub fn arguments(&self, database: &Database, arguments: &[&str]) -> Vec<String> {
        let root = self.root.to_str().expect("temporary folders have readable names");
        ["-C", root, "-d", database.argument()].iter().chain(arguments).map(|text| (*text).to_owned()).collect()
    }
}

impl Default for Project {
    fn default() -> Self {
        Self::new()
    }
}

impl Drop for Project {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.root);
    }
}
