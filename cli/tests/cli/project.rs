//! A project in a directory of its own, and the binary run in it.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::atomic::{AtomicU32, Ordering};

use crate::tidy::tidy;

/// A directory that goes when it is dropped.
pub struct Project {
    pub root: PathBuf,
}

/// What a run of the binary gave.
pub struct Ran {
    pub code: i32,
    pub stdout: String,
    pub stderr: String,
}

impl Project {
    /// An empty directory.
    pub fn nowhere() -> Self {
        static NUMBER: AtomicU32 = AtomicU32::new(0);
        let number = NUMBER.fetch_add(1, Ordering::Relaxed);
        let root = std::env::temp_dir().join(format!("aludel-cli-{}-{number}", std::process::id()));
        fs::create_dir_all(&root).unwrap();
        Project { root }
    }

    /// A project without revisions, for SQLite alone.
    pub fn empty() -> Self {
        let project = Project::nowhere();
        project.file("aludel.yaml", "databases: {default: 'sqlite:app.db'}\n");
        fs::create_dir(project.root.join("migrations")).unwrap();
        project
    }

    /// The project of `init --example`.
    pub fn example() -> Self {
        let project = Project::nowhere();
        project.run(&["init", "--example"]).expect(0);
        project
    }

    /// Writes a file.
    pub fn file(&self, path: &str, text: &str) {
        let path = self.root.join(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }

    /// Writes a revision. `parent` is YAML.
    pub fn revision(&self, id: &str, parent: &str, steps: &str) {
        let steps: String = steps.lines().map(|line| format!("  {line}\n")).collect();
        let text = format!("revision: {id}\ndown_revision: {parent}\nmessage: make {id}\nupgrade:\n{steps}");
        self.file(&format!("migrations/{id}.yaml"), &text);
    }

    /// The binary with arguments, in this directory.
    pub fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_aludel"));
        command.args(arguments).current_dir(&self.root).stdin(Stdio::null());
        for variable in ["ALUDEL_DATABASE", "NO_COLOR", "CLICOLOR_FORCE", "CLICOLOR", "COLUMNS"] {
            command.env_remove(variable);
        }
        command
    }

    /// Runs the binary and waits.
    pub fn run(&self, arguments: &[&str]) -> Ran {
        Ran::of(self.command(arguments).output().expect("the binary starts"))
    }

    /// Runs the binary and gives everything it said, with what differs from run to run left out.
    pub fn says(&self, arguments: &[&str]) -> String {
        let ran = self.run(arguments);
        let mut text = format!("$ aludel {}\n", arguments.join(" "));
        for stream in [&ran.stderr, &ran.stdout] {
            text.push_str(&tidy(stream, &self.root));
        }
        if ran.code != 0 {
            text.push_str(&format!("[exit {}]\n", ran.code));
        }
        text
    }

    /// Several runs, one after the other.
    pub fn session(&self, runs: &[&[&str]]) -> String {
        runs.iter().map(|arguments| self.says(arguments)).collect::<Vec<_>>().join("\n")
    }

    /// Asks the `sqlite3` shell, or gives it a script.
    pub fn sqlite3(&self, database: &str, input: &str) -> String {
        sqlite3(&self.root, database, input)
    }
}

fn sqlite3(root: &Path, database: &str, input: &str) -> String {
    use std::io::Write;
    let shell = std::env::var("ALUDEL_TEST_SQLITE3").unwrap_or_else(|_| "sqlite3".to_owned());
    let mut child = Command::new(&shell)
        .arg(database)
        .current_dir(root)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("the sqlite3 shell starts; ALUDEL_TEST_SQLITE3 may name it");
    child.stdin.take().unwrap().write_all(input.as_bytes()).unwrap();
    let output = child.wait_with_output().unwrap();
    let stderr = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success() && stderr.is_empty(), "{stderr}\n{input}");
    String::from_utf8_lossy(&output.stdout).into_owned()
}

impl Ran {
    pub fn of(output: std::process::Output) -> Self {
        Ran {
            code: output.status.code().unwrap_or(-1),
            stdout: String::from_utf8_lossy(&output.stdout).into_owned(),
            stderr: String::from_utf8_lossy(&output.stderr).into_owned(),
        }
    }

    pub fn expect(self, code: i32) -> Self {
        assert_eq!(self.code, code, "stdout:\n{}\nstderr:\n{}", self.stdout, self.stderr);
        self
    }

    /// The document on standard output.
    pub fn document(&self) -> serde_json::Value {
        serde_json::from_str(&self.stdout).unwrap_or_else(|error| panic!("{error}\n{}", self.stdout))
    }
}

impl Drop for Project {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.root);
    }
}
