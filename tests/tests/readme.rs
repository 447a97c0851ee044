//! Every command of the README's tour is run in the order it stands there, and its output is what the README says.

use std::path::Path;
use std::process::{Command, Stdio};

use aludel_tests::{Project, binary, repository};

/// A command with the output that is claimed for it.
struct Example {
    line: usize,
    command: String,
    output: Vec<String>,
}

#[test]
fn the_tour_is_true() {
    let text = std::fs::read_to_string(repository().join("README.md")).expect("there is a README");
    let folder = Project::new();
    let mut cwd = folder.root().join("tour");
    std::fs::create_dir_all(&cwd).expect("a temporary folder can be made");
    let examples = examples(&text);
    assert!(examples.len() >= 10, "the tour is not there");
    for example in examples {
        if let Some(directory) = example.command.strip_prefix("cd ") {
            cwd = cwd.join(directory);
            continue;
        }
        let found = run(&example.command, &cwd);
        let found: Vec<&str> = found.lines().map(str::trim_end).collect();
        assert!(
            matches(&example.output, &found),
            "README.md:{}: $ {}\n--- claimed\n{}\n--- found\n{}",
            example.line,
            example.command,
            example.output.join("\n"),
            found.join("\n")
        );
    }
}

fn examples(text: &str) -> Vec<Example> {
    let mut examples: Vec<Example> = Vec::new();
    let mut inside = false;
    for (number, line) in text.lines().enumerate() {
        match line {
            "```console" => inside = true,
            "```" => inside = false,
            _ if !inside => {}
            _ => match (line.strip_prefix("$ "), examples.last_mut()) {
                (Some(command), _) => {
                    let command = command.to_owned();
                    examples.push(Example { line: number + 1, command, output: Vec::new() });
                }
                (None, Some(example)) => example.output.push(line.trim_end().to_owned()),
                (None, None) => {}
            },
        }
    }
    examples
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
