//! Where a project is and which files belong to it.

use std::path::{Component, Path, PathBuf};

use super::config::{self, Config, DatabaseConfig, KnownDialects};
use super::discovery;
use crate::diagnostic::{Diagnostic, Diagnostics, codes};
use crate::driver::ConnectionUrl;
use crate::source::{Sources, parse};

/// The name of the project file.
pub const PROJECT_FILE: &str = "aludel.yaml";

/// Where to look for a project.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Place {
    /// In this directory and every one above it.
    Directory(PathBuf),
    /// This file.
    File(PathBuf),
}

/// A project: its directory, its settings, and every file that was read of it.
#[derive(Debug, Clone)]
pub struct Project {
    /// The directory of the project file; paths in settings are relative to it.
    pub root: PathBuf,
    /// The project file, as a person would name it from where the command runs.
    pub config_path: PathBuf,
    /// What it says.
    pub config: Config,
    /// The files read, for messages.
    pub sources: Sources,
}

impl Project {
    /// Finds a project and reads its settings.
    ///
    /// A mistake in the file is reported, and the project returned all the same, so that the mistakes in its revisions
    /// are found in the same run: ask `diagnostics` whether to go on.
    ///
    /// # Errors
    ///
    /// When there is no project file.
    pub fn open(
        place: &Place,
        known: &KnownDialects<'_>,
        diagnostics: &mut Diagnostics,
    ) -> Result<Project, Diagnostic> {
        let config_path = match place {
            Place::Directory(directory) => find(directory)?,
            Place::File(file) => named(file)?,
        };
        let root = config_path.parent().map(Path::to_owned).unwrap_or_default();
        let mut sources = Sources::default();
        let file = match sources.read(&config_path) {
            Ok(file) => Some(file),
            Err(problem) => {
                diagnostics.push(problem);
                None
            }
        };
        let node = file.and_then(|file| parse(&sources, file, diagnostics));
        // Without settings it is not known which directories to search.
        let unknown = || Config { migrations: Vec::new(), ..Config::default() };
        let config = node.as_ref().map_or_else(unknown, |node| Config::decode(node, known, &sources, diagnostics));
        if let Some(file) = file {
            config::conceal(&mut sources, file, node.as_ref());
        }
        Ok(Project { root, config_path, config, sources })
    }

    /// A path of the settings, from where the command runs.
    #[must_use]
    pub fn path(&self, path: &Path) -> PathBuf {
        let mut joined = self.root.clone();
        joined.extend(path.components().filter(|part| *part != Component::CurDir));
        if joined.as_os_str().is_empty() { PathBuf::from(".") } else { joined }
    }

    /// The address of a database of this project, filled in from the environment; a path in it is relative to the project.
    ///
    /// # Errors
    ///
    /// As [`DatabaseConfig::url`].
    pub fn url(
        &self,
        database: &DatabaseConfig,
        env: &dyn Fn(&str) -> Option<String>,
    ) -> Result<ConnectionUrl, Diagnostic> {
        Ok(config::beside_project(database.url(env)?, &self.root))
    }

    /// The revision files of all directories, without reading them. The order is that of the directories in the
    /// settings, and by name within each; a file that is reached twice stands once.
    #[must_use]
    pub fn revision_files(&self, diagnostics: &mut Diagnostics) -> Vec<PathBuf> {
        let mut walk = discovery::Walk::default();
        for directory in &self.config.migrations {
            let path = self.path(directory);
            if let Err(reason) = walk.directory(&path) {
                diagnostics.push(self.unreadable(&path, &reason));
            }
        }
        walk.files
    }

    /// The directory that a new revision goes to: the one asked for, which must be one that is searched, or the first.
    ///
    /// # Errors
    ///
    /// When the one asked for is not searched, or there is none.
    pub fn new_revision_directory(&self, asked: Option<&Path>) -> Result<PathBuf, Diagnostic> {
        let searched: Vec<PathBuf> = self.config.migrations.iter().map(|directory| self.path(directory)).collect();
        let names = || searched.iter().map(|path| format!("`{}`", path.display())).collect::<Vec<_>>().join(", ");
        match asked {
            None => searched
                .first()
                .cloned()
                .ok_or_else(|| Diagnostic::error(&codes::NO_MIGRATIONS, "no directory of revisions is known")),
            Some(asked) => {
                // From where the command runs, or as aludel.yaml names it.
                let inside = |path: &Path| searched.iter().any(|directory| same_or_under(path, directory));
                let from_root = self.path(asked);
                match [asked, from_root.as_path()].into_iter().find(|path| inside(path)) {
                    Some(path) => Ok(path.to_owned()),
                    None => Err(Diagnostic::error(
                        &codes::NO_MIGRATIONS,
                        format!("no revisions are searched in `{}`", asked.display()),
                    )
                    .note(format!("searched are {}", names()))
                    .help("add it to `migrations` in aludel.yaml")),
                }
            }
        }
    }

    fn unreadable(&self, path: &Path, reason: &std::io::Error) -> Diagnostic {
        let name = path.display();
        let at = |diagnostic: Diagnostic| match self.config.migrations_span {
            Some(span) => diagnostic.at(span, "searched for revisions"),
            None => diagnostic.note("`migrations` is the directory of revisions unless aludel.yaml says otherwise"),
        };
        if reason.kind() == std::io::ErrorKind::NotFound {
            let message = format!("the directory of revisions `{name}` does not exist");
            return at(Diagnostic::error(&codes::NO_MIGRATIONS, message))
                .help(format!("make the directory (`mkdir -p {name}`), or correct `migrations` in aludel.yaml"));
        }
        if path.is_file() {
            return at(Diagnostic::error(&codes::NO_MIGRATIONS, format!("`{name}` is a file, not a directory")))
                .help("name the directory that the file is in");
        }
        at(Diagnostic::error(&codes::NO_MIGRATIONS, format!("the directory `{name}` cannot be read: {reason}")))
    }
}

fn same_or_under(path: &Path, directory: &Path) -> bool {
    let (Ok(path), Ok(directory)) = (std::path::absolute(path), std::path::absolute(directory)) else { return false };
    path.strip_prefix(&directory).is_ok_and(|rest| rest.components().all(|part| matches!(part, Component::Normal(_))))
}

/// Finds the project file in a directory or above it.
fn find(start: &Path) -> Result<PathBuf, Diagnostic> {
    let here = start.as_os_str().is_empty() || start == Path::new(".");
    let beside = if here { PathBuf::from(PROJECT_FILE) } else { start.join(PROJECT_FILE) };
    if beside.is_file() {
        return Ok(beside);
    }
    if start.is_file() {
        let message = format!("`{}` is a file, not the directory of a project", start.display());
        return Err(
            Diagnostic::error(&codes::NO_PROJECT, message).help("name the directory, or the file itself with `-c`")
        );
    }
    let shown = if here { "this directory".to_owned() } else { format!("`{}`", start.display()) };
    let missing = |message: String| {
        Diagnostic::error(&codes::NO_PROJECT, message)
            .help("make a project with `aludel init`, or say where one is with `-C DIR` or `-c FILE`")
    };
    // What `..` means depends on symbolic links, so the directories above are those of the real path.
    let real = std::fs::canonicalize(if here { Path::new(".") } else { start })
        .map_err(|error| missing(format!("{shown} cannot be searched for `{PROJECT_FILE}`: {error}")))?;
    let mut up = PathBuf::new();
    for directory in real.ancestors().skip(1) {
        up.push("..");
        if directory.join(PROJECT_FILE).is_file() {
            // From the directory the command runs in, `../aludel.yaml` is how people say it.
            return Ok(if here { up.join(PROJECT_FILE) } else { directory.join(PROJECT_FILE) });
        }
    }
    let diagnostic = missing(format!("no `{PROJECT_FILE}` in {shown} or above it"));
    Err(match real.join("aludel.yml").is_file() {
        true => diagnostic.note("there is an `aludel.yml`; the name is `aludel.yaml`"),
        false => diagnostic,
    })
}

fn named(file: &Path) -> Result<PathBuf, Diagnostic> {
    match std::fs::metadata(file) {
        Ok(metadata) if metadata.is_dir() => Err(Diagnostic::error(
            &codes::NO_PROJECT,
            format!("`{}` is a directory, not a project file", file.display()),
        )
        .help("name the file itself, or the directory with `-C`")),
        Ok(_) => Ok(file.strip_prefix(".").unwrap_or(file).to_owned()),
        Err(error) => Err(Diagnostic::error(
            &codes::NO_PROJECT,
            format!("the project file `{}` cannot be read: {error}", file.display()),
        )),
    }
}

#[cfg(test)]
#[path = "layout_tests.rs"]
mod tests;
