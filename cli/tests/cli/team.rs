//! The everyday work of a team: branches, two heads, merges, moves, files.

use std::fs;

use crate::project::Project;

/// Two branches on one revision, with dates, so that it is known which is newer.
fn two_heads(one: &str, other: &str) -> Project {
    let project = Project::empty();
    project.file("aludel.yaml", "dialects: [sqlite, postgres]\ndatabases: {default: 'sqlite:app.db'}\n");
    let file = |id: &str, parent: &str, day: u8, steps: &str| {
        let text = format!(
            "# {id}, by hand\nrevision: {id}\ndown_revision:   {parent}  # where it stands\nmessage: make {id}\n\
             created: 2026-01-{day:02}T10:00:00Z\n\nupgrade:\n  - {steps}\n"
        );
        project.file(&format!("migrations/{id}.yaml"), &text);
    };
    file("aaaa", "null", 1, "create_table: {table: users, columns: {id: {type: integer, primary_key: true}}}");
    file("bbbb", "aaaa", 2, one);
    file("cccc", "aaaa", 3, "create_table: {table: orders, columns: {id: {type: integer, primary_key: true}}}");
    file("dddd", "cccc", 4, other);
    project
}

fn peaceful() -> Project {
    two_heads(
        "add_column: {table: users, column: mail, type: text}",
        "add_column: {table: orders, column: total, type: integer}",
    )
}

fn fighting() -> Project {
    two_heads(
        "add_column: {table: users, column: mail, type: text}",
        "add_column: {table: users, column: mail, type: 'varchar(99)'}",
    )
}

#[test]
fn two_heads_that_commute() {
    let project = peaceful();
    insta::assert_snapshot!(project.session(&[
        &["check"],
        &["upgrade", "head"],
        &["history", "--graph"],
        &["branches"],
        &["merge", "--rev-id", "mmmm"],
        &["check"],
        &["upgrade", "bbbb"],
        &["history", "--graph", "-i"],
        &["upgrade"],
        &["branches", "-v"],
        &["history", "--graph", "-v", "-r", "cccc:"],
    ]));
    let merged = fs::read_dir(project.root.join("migrations")).unwrap().count();
    assert_eq!(merged, 5);
}

#[test]
fn two_heads_that_do_not() {
    let project = fighting();
    insta::assert_snapshot!(project.session(&[
        &["check"],
        &["merge"],
        &["merge", "--accept-conflicts"],
        &["rebase", "cccc", "--onto", "bbbb"],
        &["heads"],
    ]));
}

#[test]
fn accepting_a_conflict_is_a_decision() {
    let project = two_heads(
        "add_column: {table: users, column: mail, type: text}",
        "add_column: {table: users, column: phone, type: text}",
    );
    project.run(&["merge"]).expect(1);
    let document = project.run(&["--json", "merge", "--accept-conflicts"]).expect(0).document();
    assert_eq!(
        (&document["commutes"], &document["message"]),
        (&serde_json::Value::Null, &"merge bbbb and dddd".into())
    );
    project.run(&["check"]).expect(0);
    project.run(&["upgrade"]).expect(0);
}

#[test]
fn a_move_changes_one_word() {
    let project = peaceful();
    let path = project.root.join("migrations/cccc.yaml");
    let before = fs::read_to_string(&path).unwrap();
    assert_eq!(project.run(&["rebase", "cccc", "--dry-run"]).expect(0).stdout.lines().count(), 2);
    assert_eq!(fs::read_to_string(&path).unwrap(), before);
    let ran = project.run(&["rebase", "cccc"]).expect(0);
    assert!(ran.stdout.contains("`cccc` follows `bbbb` now") && ran.stdout.contains("with it: dddd"), "{}", ran.stdout);
    assert_eq!(fs::read_to_string(&path).unwrap(), before.replace("aaaa", "bbbb"));
    assert!(project.run(&["check"]).expect(0).stdout.contains("1 head"));
    // Windows line ends and a byte order mark stay too.
    let windows = format!("\u{feff}{}", before.replace('\n', "\r\n"));
    fs::write(&path, &windows).unwrap();
    project.run(&["rebase", "cccc", "--onto", "bbbb"]).expect(0);
    assert_eq!(fs::read_to_string(&path).unwrap(), windows.replace("aaaa", "bbbb"));
    assert!(project.run(&["rebase", "cccc", "--onto", "bbbb"]).expect(0).stdout.contains("already"));
    assert_eq!(fs::read_dir(project.root.join("migrations")).unwrap().count(), 4, "nothing is left beside it");
}

#[test]
fn moves_that_are_refused() {
    let project = peaceful();
    project.run(&["upgrade", "dddd"]).expect(0);
    project.file("migrations/eeee.yaml", "revision: eeee\ndown_revision: [bbbb, dddd]\nmessage: e\nupgrade: []\n");
    insta::assert_snapshot!(project.session(&[
        &["rebase", "cccc"],
        &["rebase", "cccc", "--onto", "dddd"],
        &["rebase", "cccc", "--onto", "cccc"],
        &["rebase", "eeee", "--onto", "bbbb"],
        &["rebase", "cccc", "--onto", "bbbb"],
        &["rebase", "dddd", "--onto", "bbbb", "--unapplied"],
        &["rebase", "bbbb", "--onto", "base"],
        &["rebase", "bbbb", "--onto", "nope"],
        &["-d", "sqlite:/nowhere/at/all.db", "rebase", "bbbb", "--onto", "cccc"],
    ]));
    project.file("aludel.yaml", "databases: {default: 'postgres://u@127.0.0.1:1/none'}\n");
    let ran = project.run(&["rebase", "bbbb", "--onto", "dddd"]).expect(1);
    assert!(ran.stderr.contains("--unapplied"), "{}", ran.stderr);
}

#[test]
fn merges_that_are_refused() {
    let project = peaceful();
    insta::assert_snapshot!(project.session(&[
        &["merge", "bbbb"],
        &["merge", "aaaa", "bbbb"],
        &["merge", "cccc", "bbbb"],
        &["merge", "base", "bbbb"],
        &["merge", "bbbb", "nope"],
        &["merge", "--rev-id", "bbbb"],
    ]));
    let spliced = project.run(&["merge", "cccc", "bbbb", "--splice", "--rev-id", "ssss"]).expect(0);
    assert!(spliced.stdout.ends_with("merge_cccc_and_bbbb.yaml\n"), "{}", spliced.stdout);
}

#[test]
fn what_check_finds() {
    let project = Project::empty();
    project.file("aludel.yaml", "dialects: [sqlite, postgres, mysql, mariadb]\n");
    assert_eq!(project.run(&["check"]).expect(0).stdout.lines().count(), 4);
    project.revision("aaaa", "null", "- create_table: {table: t, columns: {id: integer}}");
    project.revision("bbbb", "aaaa", "- add_column: {table: tt, column: x, type: integer}");
    let steps = project.says(&["check"]);
    project.revision("bbbb", "zzzz", "- add_column: {table: t, column: x, type: integer}");
    let graph = project.says(&["check"]);
    project.file("migrations/bbbb.yaml", "revision: bbbb\ndown_revision: aaaa\nupgade: []\n");
    let files = project.says(&["check"]);
    project.revision("bbbb", "aaaa", "- create_magic: {}");
    let unknown = project.says(&["check"]);
    insta::assert_snapshot!([steps, graph, files, unknown].join("\n"));
    project.revision("bbbb", "null", "- create_table: {table: u, columns: {id: integer}}");
    project.run(&["check"]).expect(3);
    project.run(&["check", "--allow-heads"]).expect(0);
}

#[test]
fn heads_that_cannot_be_in_one_database_are_not_broken_files() {
    let project = fighting();
    let document = project.run(&["check", "--json"]).expect(3).document();
    assert_eq!(document["problems"], serde_json::json!([]), "{document}");
    let ran = project.run(&["upgrade", "heads"]).expect(1);
    assert!(ran.stderr.contains("mail"), "{}", ran.stderr);
    assert!(!project.root.join("app.db").exists());
}

#[cfg(unix)]
#[test]
fn files_are_edited_and_checked() {
    let project = peaceful();
    let edit = |editor: &str, arguments: &[&str]| {
        let arguments: Vec<&str> = ["edit"].iter().chain(arguments).copied().collect();
        let mut command = project.command(&arguments);
        command.env_remove("VISUAL").env("EDITOR", editor);
        crate::project::Ran::of(command.output().unwrap())
    };
    let ran = edit("sed -i 's/total/sum/'", &["dddd"]).expect(0);
    assert_eq!(ran.stdout, "migrations/dddd.yaml: nothing is wrong with it\n");
    assert!(fs::read_to_string(project.root.join("migrations/dddd.yaml")).unwrap().contains("sum"));
    let ran = edit("sed -i 's/orders/order/'", &["dddd"]).expect(1);
    assert!(ran.stderr.contains("migrations/dddd.yaml:8"), "{}", ran.stderr);
    // A file that is broken can be opened by its id, and mended.
    edit("sed -i 's/message/mesage/'", &["dddd"]).expect(1);
    edit("sed -i -e 's/mesage/message/' -e 's/order,/orders,/'", &["dddd"]).expect(0);
    assert!(edit("true", &["heads"]).expect(0).stdout.contains("bbbb.yaml"));
    assert!(edit("false", &["dddd"]).expect(1).stderr.contains("ended with 1"));
    assert!(edit("no-such-editor --x", &["dddd"]).expect(1).stderr.contains("`no-such-editor` cannot be started"));
    assert!(edit(" ", &["dddd"]).expect(1).stderr.contains("neither $VISUAL nor $EDITOR"));
    assert!(edit("true", &["head"]).expect(1).stderr.contains("E0423"));
}

#[test]
fn new_files() {
    let project = Project::empty();
    let settings = "migrations: [migrations, billing/migrations]\nfile_template: '{year}/{rev}-{slug}'\ndatabases: {default: 'sqlite:app.db'}\n";
    project.file("aludel.yaml", settings);
    project.file("billing/migrations/.keep", "");
    let made = |arguments: &[&str]| {
        let arguments: Vec<&str> = ["revision"].iter().chain(arguments).copied().collect();
        let ran = project.run(&arguments).expect(0);
        ran.stdout.trim().replace(|c: char| c.is_ascii_digit(), "0")
    };
    assert_eq!(made(&["-m", "First one", "--rev-id", "aaaa"]), "migrations/0000/aaaa-first_one.yaml");
    let root = ["-m", "Bills", "--rev-id", "bbbb", "--head", "base", "--branch-label", "billing"];
    let refused = project.run(&[&["revision"], &root[..]].concat()).expect(2);
    assert!(refused.stderr.contains("--version-path"), "{}", refused.stderr);
    assert_eq!(
        made(&[&root[..], &["--version-path", "billing/migrations"]].concat()),
        "billing/migrations/0000/bbbb-bills.yaml"
    );
    assert_eq!(made(&["--head", "billing@head", "--rev-id", "cccc"]), "billing/migrations/0000/cccc.yaml");
    assert_eq!(
        made(&["--head", "aaaa", "--rev-id", "dddd", "--depends-on", "billing", "--depends-on", "cccc"]),
        "migrations/0000/dddd.yaml"
    );
    project.run(&["revision", "--head", "aaaa"]).expect(1);
    assert_eq!(made(&["--head", "aaaa", "--splice", "--rev-id", "eeee"]), "migrations/0000/eeee.yaml");
    assert!(project.run(&["revision"]).expect(1).stderr.contains("E0423"));
    assert_eq!(project.run(&["heads", "--resolve-dependencies"]).expect(0).stdout.lines().count(), 2);
    assert_eq!(project.run(&["heads"]).expect(0).stdout.lines().count(), 3);
    project.file("aludel.yaml", &format!("{settings}hooks: {{after_revision: [\"sh -c 'echo no >&2; exit 7'\"]}}\n"));
    let failed = project.run(&["revision", "--head", "dddd", "--rev-id", "ffff"]).expect(1);
    assert!(failed.stderr.contains("exit status 7") && failed.stderr.contains("the file stays"), "{}", failed.stderr);
}

#[test]
fn a_file_is_not_a_directory() {
    let project = peaceful();
    let ran = project.run(&["-C", "aludel.yaml", "heads"]).expect(1);
    assert!(ran.stderr.contains("is a file"), "{}", ran.stderr);
    project.run(&["-c", "aludel.yaml", "heads"]).expect(0);
}
