//! Every command of the README's tour is run in the order it stands there, and its output is what the README says.

use std::path::Path;
use std::process::{Command, Stdio};

use aludel_tests::{Project, binary, repository};

/// A thing to do in the tour.
enum Step {
    /// A command with the output that is claimed for it.
    Command { line: usize, command: String, output: Vec<String> },
    /// A file to write; its name may begin with a `*`.
    File { path: String, text: String },
}

#[test]
fn the_tour_is_true() {
    let text = std::fs::read_to_string(repository().join("README.md")).expect("there is a README");
    let folder = Project::new();
    let mut cwd = folder.root().join("tour");
    std::fs::create_dir_all(&cwd).expect("a temporary folder can be made");
    let steps = steps(&text);
    assert!(steps.len() >= 10, "the tour is not there");
    for step in steps {
        match step {
            Step::File { path, text } => write(&cwd, &path, &text),
            Step::Command { command, .. } if command.starts_with("cd ") => cwd = cwd.join(&command[3..]),
            Step::Command { line, command, output } => {
                let found = run(&command, &cwd);
                let found: Vec<&str> = found.lines().map(str::trim_end).collect();
                assert!(
                    matches(&output, &found),
                    "README.md:{line}: $ {command}\n--- claimed\n{}\n--- found\n{}",
                    output.join("\n"),
                    found.join("\n")
                );
            }
        }
    }
}

/// Writes a file, over the one that the pattern means if there is one.
fn write(cwd: &Path, pattern: &str, text: &str) {
    let (folder, name) = pattern.rsplit_once('/').expect("a path with a folder");
    let folder = cwd.join(folder);
    let end = name.trim_start_matches('*');
    let mut entries = std::fs::read_dir(&folder).expect("the folder is there");
    let meant = entries.find_map(|entry| {
        let path = entry.expect("a folder can be read").path();
        path.to_string_lossy().ends_with(end).then_some(path)
    });
    std::fs::write(meant.unwrap_or_else(|| folder.join(end)), text).expect("a file can be written");
}

fn steps(readme: &str) -> Vec<Step> {
    let mut steps: Vec<Step> = Vec::new();
    let mut inside = None;
    let mut file = None;
    for (number, line) in readme.lines().enumerate() {
        match (inside, line) {
            (None, line) if line.starts_with("<!-- file: ") => {
                file = line.strip_prefix("<!-- file: ").and_then(|rest| rest.strip_suffix(" -->")).map(str::to_owned);
            }
            (None, "```console") => inside = Some("console"),
            (None, "```yaml") if file.is_some() => {
                inside = Some("file");
                steps.push(Step::File { path: file.take().unwrap_or_default(), text: String::new() });
            }
            (None, line) if line.starts_with("```") => inside = Some("other"),
            (Some(_), "```") => inside = None,
            (Some("console"), line) => match (line.strip_prefix("$ "), steps.last_mut()) {
                (Some(command), _) => {
                    let command = command.to_owned();
                    steps.push(Step::Command { line: number + 1, command, output: Vec::new() });
                }
                (None, Some(Step::Command { output, .. })) => output.push(line.trim_end().to_owned()),
                (None, _) => {}
            },
            (Some("file"), line) => {
                if let Some(Step::File { text, .. }) = steps.last_mut() {
                    text.push_str(line);
                    text.push('\n');
                }
            }
            _ => {}
        }
    }
    steps
}

/// What a command prints, both streams in the order they came.
fn run(command: &str, cwd: &Path) -> String {
    let binary = binary();
    let folder = binary.parent().expect("a binary is in a folder").to_owned();
    let path = std::env::var("PATH").unwrap_or_default();
    let output = Command::new("sh")
        .args(["-c", &format!("{command} 2>&1")])
        .current_dir(cwd)
        .env("PATH", format!("{}:{path}", folder.display()))
        .env("NO_COLOR", "1")
        .env_remove("ALUDEL_DATABASE")
        .stdin(Stdio::null())
        .output()
        .expect("a shell starts");
    String::from_utf8_lossy(&output.stdout).into_owned()
}

/// Whether lines are as claimed. A claimed line `…` stands for any lines, and `…` in a line for any text.
fn matches(claimed: &[String], found: &[&str]) -> bool {
    match claimed.split_first() {
        None => found.iter().all(|line| line.is_empty()),
        Some((first, rest)) if first == "…" => (0..=found.len()).any(|skip| matches(rest, &found[skip..])),
        Some((first, rest)) => match found.split_first() {
            Some((line, others)) => same(first, line) && matches(rest, others),
            None => claimed.iter().all(String::is_empty),
        },
    }
}

fn same(claimed: &str, found: &str) -> bool {
    let parts: Vec<&str> = claimed.split('…').collect();
    let [first, middle @ .., last] = parts.as_slice() else { return claimed == found };
    let Some(mut rest) = found.strip_prefix(first) else { return false };
    for part in middle {
        match rest.find(part) {
            Some(at) => rest = &rest[at + part.len()..],
            None => return false,
        }
    }
    rest.ends_with(last)
}
