//! The making of a new project.

use std::path::{Path, PathBuf};

use super::calendar::Moment;
use super::layout::PROJECT_FILE;
use super::write;
use crate::diagnostic::{Diagnostic, codes};

/// The files of a new project, relative to its directory. With a moment there are two example revisions, made then.
#[must_use]
pub fn files(example: Option<&Moment>) -> Vec<(PathBuf, String)> {
    let mut files = vec![(PathBuf::from(PROJECT_FILE), SETTINGS.to_owned())];
    match example {
        Some(created) => {
            for (id, slug, text) in [(USERS_ID, "create_users", USERS), (EMAIL_ID, "add_email_to_users", EMAIL)] {
                let name = format!("migrations/{}_{id}_{slug}.yaml", created.date());
                files.push((PathBuf::from(name), text.replace("{created}", &created.to_string())));
            }
        }
        None => files.push((PathBuf::from("migrations/.gitkeep"), String::new())),
    }
    files.push((PathBuf::from("schema/.gitkeep"), String::new()));
    files
}

/// The settings of a project around a database that is there. The dialect is named where the URL, because it comes from the
/// environment, does not tell.
#[must_use]
pub fn settings_for(url: &str, dialect: Option<&str>) -> String {
    let quoted = serde_json::Value::String(url.to_owned()).to_string();
    let settings = SETTINGS.replace("default: sqlite:app.db", &format!("default: {quoted}"));
    match dialect {
        Some(name) => settings.replace("# dialects: [sqlite, postgres]", &format!("dialects: [{name}]")),
        None => settings,
    }
}

/// Makes a project in a directory, which is made too if need be, and gives the paths of its files.
///
/// # Errors
///
/// When one of the files is there already (nothing is made then), or cannot be made.
pub fn create(directory: &Path, example: Option<&Moment>) -> Result<Vec<PathBuf>, Diagnostic> {
    let files: Vec<(PathBuf, String)> = files(example)
        .into_iter()
        .map(|(path, text)| match directory == Path::new(".") {
            true => (path, text),
            false => (directory.join(path), text),
        })
        .collect();
    // A directory that is there keeps its `.gitkeep`; one that has revisions already is no reason to stop.
    let kept = |path: &Path| path.ends_with(".gitkeep");
    if let Some((path, _)) = files.iter().find(|(path, _)| !kept(path) && path.symlink_metadata().is_ok()) {
        return Err(Diagnostic::error(&codes::FILE_EXISTS, format!("`{}` exists already", path.display()))
            .help("no file is overwritten; choose another directory, or go on with the project that is there"));
    }
    let mut made = Vec::new();
    for (path, text) in files {
        if kept(&path) && path.parent().is_some_and(Path::is_dir) {
            continue;
        }
        write::create(&path, &text)?;
        made.push(path);
    }
    Ok(made)
}

const SETTINGS: &str = r"# The settings of this project. Every key can be left out.

# Where revisions are searched, with all directories below.
migrations: migrations

# The schema as it should be, for `aludel revision --autogenerate` and `aludel check`.
schema: schema

# Tables and views that other programs own in the databases: nobody looks at them.
# exclude: [django_*, 'audit.*']

# Every revision must compile for these: sqlite, postgres, mysql, mariadb. A version may follow, as in postgres@14.
# Without this line they are the dialects of the databases below.
# dialects: [sqlite, postgres]

# `default` is used unless `-d NAME` names another. ${NAME} reads the environment; no password need stand here.
databases:
  default: sqlite:app.db
  # production:
  #   url: ${DATABASE_URL}
  #   lock_timeout: 5s            # a migration does not make the application wait longer than this
  #   statement_timeout: 30m
";

const USERS_ID: &str = "1f0c6e5b2a94";
const EMAIL_ID: &str = "8d3b7a10c4ef";

const USERS: &str = "\
revision: 1f0c6e5b2a94
down_revision: null
message: create users
created: {created}

upgrade:
  - create_table:
      table: users
      columns:
        id: {type: bigint, primary_key: true, identity: true}
        name: {type: varchar(100), nullable: false}
        active: {type: boolean, nullable: false, default: true}
        created_at: {type: timestamptz, nullable: false, default: {fn: now}}

# There is no `downgrade:`. What takes a step back is derived from the step: here, dropping the table.
";

const EMAIL: &str = "\
revision: 8d3b7a10c4ef
down_revision: 1f0c6e5b2a94
message: add email to users
created: {created}

upgrade:
  - add_column: {table: users, column: email, type: varchar(255)}
  - create_index: {table: users, columns: [email], unique: true}
";

#[cfg(test)]
#[path = "init_tests.rs"]
mod tests;
