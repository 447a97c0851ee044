//! What `--help` says. It touches nothing, so it works anywhere.

use crate::project::Project;

#[test]
fn every_command_explains_itself() {
    let project = Project::nowhere();
    let commands = [
        "",
        "init",
        "adopt",
        "revision",
        "upgrade",
        "downgrade",
        "plan",
        "current",
        "history",
        "heads",
        "branches",
        "show",
        "edit",
        "check",
        "verify",
        "inspect",
        "diff",
        "merge",
        "rebase",
        "stamp",
        "repair",
        "explain",
    ];
    for command in commands {
        let arguments: Vec<&str> = [command, "--help"].into_iter().filter(|word| !word.is_empty()).collect();
        let ran = project.run(&arguments).expect(0);
        // The global options are the same everywhere.
        let own = match command {
            "" => ran.stdout.as_str(),
            _ => ran.stdout.split("Global options:").next().unwrap(),
        };
        let after = ran.stdout.rsplit("\n\n").collect::<Vec<_>>();
        assert!(after.iter().any(|part| part.contains("aludel ")), "{command} has no example");
        let examples = match command {
            "" => String::new(),
            _ => ran.stdout.find("\nExample").map(|at| ran.stdout[at..].to_owned()).unwrap_or_default(),
        };
        let name = if command.is_empty() { "help" } else { command };
        insta::assert_snapshot!(format!("help_{name}"), format!("{}{examples}", own.trim_end()));
        assert!(ran.stdout.lines().all(|line| line.chars().count() <= 110), "{command}");
    }
    assert!(project.run(&["--version"]).expect(0).stdout.starts_with("aludel "));
}

#[test]
fn wrong_usage() {
    let project = Project::example();
    let runs: &[&[&str]] = &[
        &["upgrad"],
        &["downgrade"],
        &["plan", "--down"],
        &["upgrade", "--dialect", "sqlite"],
        &["upgrade", "--sql", "--dialect", "postgers"],
        &["upgrade", "--sql", "--dialect", "sqlite@x"],
        &["upgrade", "--sql", "--dialect", "sqlite@3.1"],
        &["upgrade", "heads", "--sql", "base:head"],
        &["downgrade", "--sql", "head"],
        &["-x", "secretvalue", "current"],
        &["-q", "-v", "current"],
        &["-d", "db:", "current"],
        &["explain", "nothing"],
    ];
    insta::assert_snapshot!(project.session(runs));
    for arguments in runs {
        let code = project.run(arguments).code;
        let expected = if arguments.contains(&"sqlite@3.1") || arguments.contains(&"db:") { 1 } else { 2 };
        assert_eq!(code, expected, "{arguments:?}");
    }
}
