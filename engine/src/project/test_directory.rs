//! A directory for one test, removed at its end.

use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU32, Ordering};

use super::{KnownDialects, Place, Project};
use crate::diagnostic::Diagnostics;

pub(super) const KNOWN: KnownDialects<'static> = KnownDialects {
    names: &["sqlite", "postgres", "mysql", "mariadb"],
    schemes: &[
        ("sqlite", "sqlite"),
        ("postgres", "postgres"),
        ("postgresql", "postgres"),
        ("mysql", "mysql"),
        ("mariadb", "mariadb"),
    ],
};

pub(super) struct TestDirectory {
    path: PathBuf,
}

impl TestDirectory {
    pub(super) fn new(files: &[(&str, &str)]) -> Self {
        static COUNT: AtomicU32 = AtomicU32::new(0);
        let count = COUNT.fetch_add(1, Ordering::Relaxed);
        let path = std::env::temp_dir().join(format!("aludel-project-{}-{count}", std::process::id()));
        let _ = std::fs::remove_dir_all(&path);
        std::fs::create_dir_all(&path).unwrap();
        // The directory for temporary files may be reached through a link.
        let directory = TestDirectory { path: path.canonicalize().unwrap() };
        files.iter().for_each(|(name, text)| directory.write(name, text));
        directory
    }

    pub(super) fn path(&self) -> &Path {
        &self.path
    }

    pub(super) fn write(&self, name: &str, text: impl AsRef<[u8]>) {
        let path = self.path.join(name);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, text).unwrap();
    }

    pub(super) fn open(&self, diagnostics: &mut Diagnostics) -> Project {
        Project::open(&Place::Directory(self.path.clone()), &KNOWN, diagnostics).unwrap()
    }
}

impl Drop for TestDirectory {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.path);
    }
}

/// The messages, each as its code and text.
pub(super) fn said(diagnostics: &Diagnostics) -> Vec<String> {
    diagnostics.sorted().iter().map(|d| format!("{} {}", d.code.id, d.message)).collect()
}
