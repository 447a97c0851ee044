//! Searches directories for revision files.

use std::collections::HashSet;
use std::fs::{self, FileType};
use std::io;
use std::path::{Path, PathBuf};

/// A search that remembers where it has been, so that symbolic links lead neither in a circle nor to a file twice.
#[derive(Debug, Default)]
pub(super) struct Walk {
    /// The files, as a person would name them.
    pub(super) files: Vec<PathBuf>,
    /// The real paths of files and directories seen.
    seen: HashSet<PathBuf>,
}

impl Walk {
    /// Searches a directory and those below it, by name.
    pub(super) fn directory(&mut self, path: &Path) -> io::Result<()> {
        let real = fs::canonicalize(path)?;
        self.enter(path, real)
    }

    fn enter(&mut self, path: &Path, real: PathBuf) -> io::Result<()> {
        if !self.seen.insert(real.clone()) {
            return Ok(());
        }
        let mut entries = Vec::new();
        for entry in fs::read_dir(path)? {
            let entry = entry?;
            let name = entry.file_name();
            // Hidden files, and the backups and lock files of editors; those with another ending are none of ours anyway.
            if name.as_encoded_bytes().starts_with(b".") || name.as_encoded_bytes().starts_with(b"#") {
                continue;
            }
            entries.push((name, entry.file_type()?));
        }
        entries.sort_by(|(a, _), (b, _)| a.cmp(b));
        for (name, kind) in entries {
            let shown = match path == Path::new(".") {
                true => PathBuf::from(&name),
                false => path.join(&name),
            };
            self.entry(shown, real.join(&name), kind)?;
        }
        Ok(())
    }

    fn entry(&mut self, shown: PathBuf, mut real: PathBuf, kind: FileType) -> io::Result<()> {
        let mut directory = kind.is_dir();
        let mut file = kind.is_file();
        if kind.is_symlink() {
            // A link that leads nowhere is kept, so that reading it says so.
            file = true;
            if let Ok(target) = fs::canonicalize(&shown) {
                directory = target.is_dir();
                file = target.is_file();
                real = target;
            }
        }
        if directory {
            return self.enter(&shown, real);
        }
        // Reading a pipe or a device might never end.
        if file && is_revision(&shown) && self.seen.insert(real) {
            self.files.push(shown);
        }
        Ok(())
    }
}

fn is_revision(path: &Path) -> bool {
    path.extension().is_some_and(|ending| ending.eq_ignore_ascii_case("yaml") || ending.eq_ignore_ascii_case("yml"))
}
