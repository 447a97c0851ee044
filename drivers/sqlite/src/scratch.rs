//! Databases for tests and proofs: files beside the given one.

use std::path::{Path, PathBuf};

use aludel_engine::driver::{ConnectionUrl, DriverError, ErrorKind};

use crate::url::Target;

/// The files that may stand beside a database. <https://sqlite.org/tempfiles.html>
const COMPANIONS: [&str; 4] = ["", "-journal", "-wal", "-shm"];

/// Makes room for an empty database beside the one of the URL and gives its URL. The file itself appears when it is
/// opened.
pub fn create(url: &ConnectionUrl, name: &str) -> Result<ConnectionUrl, DriverError> {
    if name.is_empty() || !name.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '_' | '-')) {
        return Err(DriverError::new(ErrorKind::Other, format!("`{name}` cannot be the name of a scratch database"))
            .hint("letters, digits, `_` and `-` only"));
    }
    let directory = match Target::parse(url)?.path {
        Some(path) => path.parent().map(Path::to_path_buf).unwrap_or_default(),
        None => std::env::temp_dir(),
    };
    let path = directory.join(format!("{name}.db"));
    remove_files(&path)?;
    let text = path.to_string_lossy().replace('%', "%25").replace('?', "%3F");
    format!("sqlite:{text}").parse().map_err(|_| DriverError::new(ErrorKind::Other, "the path cannot be a URL"))
}

/// Removes a scratch database.
pub fn remove(url: &ConnectionUrl) -> Result<(), DriverError> {
    match Target::parse(url)?.path {
        Some(path) => remove_files(&path),
        None => Ok(()),
    }
}

fn remove_files(path: &Path) -> Result<(), DriverError> {
    for companion in COMPANIONS {
        let mut name = path.as_os_str().to_owned();
        name.push(companion);
        match std::fs::remove_file(PathBuf::from(&name)) {
            Ok(()) => {}
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => {}
            Err(error) => {
                let file = PathBuf::from(name);
                return Err(DriverError::new(
                    ErrorKind::Denied,
                    format!("{} cannot be removed: {error}", file.display()),
                ));
            }
        }
    }
    Ok(())
}
