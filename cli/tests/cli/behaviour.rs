//! How the program behaves among others: pipes, colours, signals, secrets.

use std::process::Stdio;
use std::time::{Duration, Instant};

use crate::project::{Project, Ran};

#[test]
fn a_reader_may_leave() {
    let project = Project::empty();
    for number in 0..2000 {
        let parent = if number == 0 { "null".to_owned() } else { format!("r{}", number - 1) };
        project.file(
            &format!("migrations/{number}.yaml"),
            &format!("revision: r{number}\ndown_revision: {parent}\nmessage: {}\n", "x".repeat(60)),
        );
    }
    let binary = env!("CARGO_BIN_EXE_aludel");
    let script = format!("set -o pipefail; '{binary}' history | head -1; echo $?; '{binary}' history --json | head -1");
    let output = std::process::Command::new("bash").args(["-c", &script]).current_dir(&project.root).output().unwrap();
    let ran = Ran::of(output);
    assert_eq!((ran.stderr.as_str(), ran.stdout.lines().count()), ("", 3), "{}", ran.stdout);
    assert!(ran.stdout.lines().nth(1) == Some("0"), "{}", ran.stdout);
}

#[cfg(target_os = "linux")]
#[test]
fn a_full_disk_is_told() {
    let project = Project::example();
    let full = std::fs::OpenOptions::new().write(true).open("/dev/full").unwrap();
    let ran = Ran::of(project.command(&["history"]).stdout(full).output().unwrap()).expect(1);
    assert!(ran.stderr.contains("could not be written"), "{}", ran.stderr);
}

#[test]
fn colours_are_for_terminals() {
    let project = Project::example();
    let coloured = |arguments: &[&str]| {
        let ran = project.run(arguments);
        ran.stdout.contains('\u{1b}') || ran.stderr.contains('\u{1b}')
    };
    assert!(!coloured(&["history"]) && !coloured(&["upgrade", "x"]));
    assert!(coloured(&["history", "--color", "always"]) && coloured(&["upgrade", "x", "--color=always"]));
    assert!(coloured(&["bogus", "--color", "always"]) && !coloured(&["bogus"]));
    assert!(!coloured(&["upgrade", "--sql", "--color", "always"]), "a script has no colours");
}

#[test]
fn texts_cannot_drive_the_terminal() {
    let project = Project::empty();
    project.file(
        "migrations/a.yaml",
        "revision: a\ndown_revision: null\nmessage: \"x\\e[31m\\rred\\u202e\"\nupgrade: []\n",
    );
    for arguments in [&["history"][..], &["plan"], &["upgrade"], &["show", "a"], &["history", "--applied"]] {
        let ran = project.run(arguments).expect(0);
        for text in [ran.stdout, ran.stderr] {
            assert!(!text.contains(['\u{1b}', '\r', '\u{202e}']), "{arguments:?}: {text:?}");
        }
    }
}

#[test]
fn a_message_stays_in_its_line() {
    let project = Project::empty();
    project.file(
        "migrations/a.yaml",
        "revision: a\ndown_revision: null\nmessage: \"x\\n  can be undone\"\nupgrade:\n  - create_table: {table: \"t\\nu\", columns: {id: integer}}\n    note: \"y\\nz\"\n",
    );
    let plan = project.run(&["plan"]).expect(0).stdout;
    assert!(plan.contains("a  x can be undone\n") && plan.contains("- create table t u\n"), "{plan}");
    assert!(plan.contains("why: y z\n"), "{plan}");
    let shown = project.run(&["show", "a"]).expect(0).stdout;
    assert!(shown.starts_with("a  x  (base) (head)\n    can be undone\n  follows"), "{shown}");
}

#[test]
fn no_secret_is_repeated() {
    let project = Project::example();
    project.file(
        "aludel.yaml",
        "databases: {default: 'postgres://u:hunter2@127.0.0.1:1/d', bad: 'sqlit://u:hunter2@h/d'}\nunknown: 1\n",
    );
    let url = "mysql://u:hunter2@127.0.0.1:1/d?password=hunter2";
    let runs: &[&[&str]] = &[
        &["current"],
        &["upgrade"],
        &["-d", url, "upgrade"],
        &["upgrade", url],
        &["stamp", url],
        &["bogus", url],
        &["current", url],
        &["-d", "nothing", "history", "-r", url],
        &["upgrade", "--sql", url],
        &["show", url, "--json"],
        &["current", "-d", url, "--json"],
        &["current", url, "--json"],
    ];
    let fixed = "databases: {default: 'postgres://u:hunter2@127.0.0.1:1/d'}\n";
    for settings in [None, Some(fixed)] {
        if let Some(text) = settings {
            project.file("aludel.yaml", text);
        }
        for arguments in runs {
            let ran = project.run(arguments);
            assert!(ran.code == 1 || ran.code == 2, "{arguments:?}");
            for text in [&ran.stdout, &ran.stderr] {
                assert!(!text.contains("hunter2"), "{arguments:?}: {text}");
            }
        }
        let mut command = project.command(&["current"]);
        let ran = Ran::of(command.env("ALUDEL_DATABASE", url).output().unwrap()).expect(1);
        assert!(!ran.stderr.contains("hunter2"), "{}", ran.stderr);
    }
    // What a person forgot to escape.
    for scheme in ["postgres", "mysql", "mariadb"] {
        for password in [
            "hunter2?x",
            "x?hunter2",
            "1?hunter2",
            "1?x&hunter2",
            "hunter2#x",
            "x/hunter2?y",
            "hunter2[x",
            "x:?hunter2",
        ] {
            let url = format!("{scheme}://u:{password}@127.0.0.1:1/d");
            for arguments in
                [&["inspect", "-d", &url][..], &["--json", "diff", &url, "aludel.yaml"], &["adopt", "-d", &url]]
            {
                let ran = project.run(arguments);
                assert!(
                    !format!("{}{}", ran.stdout, ran.stderr).contains("hunter2"),
                    "{arguments:?}: {}{}",
                    ran.stdout,
                    ran.stderr
                );
            }
        }
    }
}

#[test]
fn the_environment_names_a_database() {
    let project = Project::example();
    let mut command = project.command(&["upgrade"]);
    Ran::of(command.env("ALUDEL_DATABASE", "sqlite:other.db").output().unwrap()).expect(0);
    assert!(project.root.join("other.db").exists() && !project.root.join("app.db").exists());
}

#[test]
fn from_a_directory_below() {
    let project = Project::example();
    let below = project.root.join("migrations");
    Ran::of(project.command(&["upgrade"]).current_dir(&below).output().unwrap()).expect(0);
    assert!(project.root.join("app.db").exists(), "a path in the settings is relative to them");
    let root = project.root.to_str().unwrap();
    Ran::of(project.command(&["-C", root, "current"]).current_dir("/").output().unwrap()).expect(0);
}

#[test]
fn quiet_is_quiet() {
    let project = Project::example();
    assert_eq!(project.run(&["upgrade", "-q"]).expect(0).stderr, "");
    assert!(project.run(&["upgrade", "nowhere", "-q"]).expect(1).stderr.contains("E0421"));
}

/// A statement that does not end by itself is interrupted, and the next run continues.
#[cfg(unix)]
#[test]
fn ctrl_c() {
    let project = Project::empty();
    let forever = "- execute: {sql: 'WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT count(*) FROM n', down: 'SELECT 1'}";
    project.revision("a", "null", "- create_table: {table: t, columns: {id: integer}}");
    project.revision("b", "a", &format!("- create_table: {{table: u, columns: {{id: integer}}}}\n{forever}"));
    let child = project.command(&["upgrade"]).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    let began = Instant::now();
    let applied = || {
        let shell = std::env::var("ALUDEL_TEST_SQLITE3").unwrap_or_else(|_| "sqlite3".to_owned());
        let output = std::process::Command::new(shell)
            .args(["-readonly", "app.db", "SELECT count(*) FROM aludel_version"])
            .current_dir(&project.root)
            .output()
            .unwrap();
        output.stdout.starts_with(b"1")
    };
    while !applied() {
        assert!(began.elapsed() < Duration::from_secs(20), "the first revision is not applied");
        std::thread::sleep(Duration::from_millis(50));
    }
    std::thread::sleep(Duration::from_millis(300));
    std::process::Command::new("kill").args(["-INT", &child.id().to_string()]).status().unwrap();
    let ran = Ran::of(child.wait_with_output().unwrap()).expect(1);
    assert!(ran.stderr.contains("E0608") && ran.stderr.contains("stopping:"), "{}", ran.stderr);
    assert!(ran.stderr.contains("done before that: a"), "{}", ran.stderr);
    assert_eq!(project.sqlite3("app.db", "SELECT name FROM sqlite_schema WHERE name IN ('t', 'u');"), "t\n");
    assert_eq!(project.sqlite3("app.db", "SELECT state FROM aludel_run;"), "interrupted\n");
    project.revision("b", "a", "- create_table: {table: u, columns: {id: integer}}");
    assert!(project.run(&["upgrade"]).expect(0).stdout.contains("by 1 revision"));
}

/// Nothing to do is the commonest answer, and is found from the headers alone.
#[test]
fn a_no_op_reads_no_body() {
    let project = Project::empty();
    // Without the variable the body cannot be read.
    let steps = "- create_table: {table: t, columns: {id: integer}}\n- execute: {sql: 'INSERT INTO t VALUES (${var:n})', down: DELETE FROM t}";
    project.revision("a1a1", "null", steps);
    project.run(&["upgrade", "-x", "n=1"]).expect(0);
    assert!(project.run(&["upgrade"]).expect(0).stdout.starts_with("nothing to do"));
    project.run(&["current", "--check-heads"]).expect(0);
    project.run(&["downgrade", "base", "--yes"]).expect(1);
    // Nor is one that was stamped, whatever it says.
    project.run(&["downgrade", "base", "--yes", "-x", "n=1"]).expect(0);
    project.run(&["stamp", "head"]).expect(0);
    project.file("migrations/a1a1.yaml", "revision: a1a1\ndown_revision: null\nupgrade: [{no_such_operation: }]\n");
    assert!(project.run(&["upgrade"]).expect(0).stdout.starts_with("nothing to do"));
    project.run(&["downgrade", "base", "--yes"]).expect(1);
}

/// What is undone is compiled for the schema that the database has then, not for the one from before other branches grew.
#[test]
fn undoing_one_branch_leaves_the_others() {
    let project = Project::empty();
    project.revision("root", "null", "- create_table: {table: t, columns: {id: integer, name: varchar(5)}}");
    project.revision("wide", "root", "- alter_column: {table: t, column: name, type: text}");
    project.revision(
        "more",
        "root",
        "- add_column: {table: t, column: extra, type: text}\n- create_index: {table: t, columns: [extra]}",
    );
    project.run(&["upgrade", "wide"]).expect(0);
    project.run(&["upgrade"]).expect(0);
    project.sqlite3("app.db", "INSERT INTO t VALUES (1, 'abc', 'kept');");
    project.run(&["downgrade", "wide@-1", "--yes"]).expect(0);
    assert_eq!(project.sqlite3("app.db", "SELECT * FROM t;"), "1|abc|kept\n");
    let indexes = project.sqlite3("app.db", "SELECT name FROM sqlite_schema WHERE type = 'index' AND tbl_name = 't';");
    assert_eq!(indexes, "ix_t_extra\n");
    assert_eq!(project.sqlite3("app.db", "SELECT revision FROM aludel_version;"), "more\n");
    project.run(&["upgrade"]).expect(0);
    project.run(&["downgrade", "base", "--yes"]).expect(0);
}

/// A second run waits for the first, and one that finds nothing to do takes no lock.
#[test]
fn two_runs_at_once() {
    let project = Project::example();
    let start =
        |_| project.command(&["upgrade", "--json"]).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    let children: Vec<_> = (0..4).map(start).collect();
    let mut ran = 0;
    for child in children {
        let document = Ran::of(child.wait_with_output().unwrap()).expect(0).document();
        ran += document["revisions"].as_array().unwrap().len();
    }
    assert_eq!(ran, 2);
    assert_eq!(project.sqlite3("app.db", "SELECT count(*) FROM aludel_history;"), "2\n");
}
