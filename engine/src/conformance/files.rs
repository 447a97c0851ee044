//! The files of a case, in a directory of their own for as long as it runs.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU32, Ordering};

use crate::data::Found;
use crate::operation::DataFiles;

static NUMBER: AtomicU32 = AtomicU32::new(0);

/// The files of a case.
pub(super) struct Files {
    directory: Option<PathBuf>,
    /// Their texts, for operations that name SQL.
    pub(super) texts: BTreeMap<PathBuf, Result<String, String>>,
    /// What planning knows of them, for operations that name data.
    pub(super) data: DataFiles,
}

impl Files {
    /// Writes them.
    pub(super) fn write(files: &[(String, String)]) -> Result<Files, String> {
        let mut written = Files { directory: None, texts: BTreeMap::new(), data: DataFiles::new() };
        if files.is_empty() {
            return Ok(written);
        }
        let name = format!("aludel-spec-files-{}-{}", std::process::id(), NUMBER.fetch_add(1, Ordering::Relaxed));
        let directory = std::env::temp_dir().join(name);
        written.directory = Some(directory.clone());
        for (name, text) in files {
            let path = directory.join(name);
            let found = Self::put(&path, text).and_then(|()| Found::read(name, &path));
            let found = found.map_err(|error| format!("the file `{name}` of the case: {error}"))?;
            written.texts.insert(name.into(), Ok(text.clone()));
            written.data.insert(name.into(), Ok(found));
        }
        Ok(written)
    }

    fn put(path: &Path, text: &str) -> std::io::Result<()> {
        if let Some(parent) = path.parent() {
            std::fs::create_dir_all(parent)?;
        }
        std::fs::write(path, text)
    }
}

impl Drop for Files {
    fn drop(&mut self) {
        // What stays behind lies in the system's directory for such files.
        let _ = self.directory.as_ref().map(std::fs::remove_dir_all);
    }
}
