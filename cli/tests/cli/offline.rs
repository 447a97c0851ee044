//! `--sql`: the script does what the live run does.

use crate::project::Project;

const SCHEMA: &str = "SELECT type, name, tbl_name, sql FROM sqlite_schema ORDER BY type, name;";
const RECORD: &str =
    "SELECT revision, direction, message, checksum, undo, finished_at IS NOT NULL FROM aludel_history ORDER BY id;";
const VERSION: &str = "SELECT revision FROM aludel_version ORDER BY 1;";

/// A history with a rebuild, data, a branch and a merge.
fn history() -> Project {
    let project = Project::empty();
    project.revision(
        "a1a1",
        "null",
        "- create_table:\n    table: users\n    columns:\n      id: {type: bigint, primary_key: true, identity: true}\n      name: {type: varchar(50), nullable: false}\n- insert: {table: users, rows: [{id: 1, name: \"it's; --\"}, {id: 2, name: b}]}\n- insert: {table: users, rows: [{id: 9, name: seed}]}\n  tags: [seed]",
    );
    project.revision(
        "b2b2",
        "a1a1",
        "- add_column: {table: users, column: age, type: integer, nullable: false, default: 0}",
    );
    project.revision("c3c3", "a1a1", "- alter_column: {table: users, column: name, type: text, nullable: true}");
    project.revision("d4d4", "[b2b2, c3c3]", "- create_index: {table: users, columns: [name]}");
    project.revision(
        "e5e5",
        "d4d4",
        "- execute: {sql: {sqlite: \"UPDATE users SET age = ${var:age}\"}, down: 'SELECT 1'}",
    );
    project
}

#[test]
fn the_script_is_the_run() {
    let project = history();
    let live = project.run(&["upgrade", "-x", "age=7"]).expect(0);
    assert!(live.stdout.contains("5 revisions"), "{}", live.stdout);
    let script = project.run(&["upgrade", "--sql", "--dialect", "sqlite", "-x", "age=7"]).expect(0);
    assert!(script.stderr.is_empty());
    project.sqlite3("offline.db", &script.stdout);
    for query in [SCHEMA, RECORD, VERSION, "SELECT * FROM users ORDER BY id;"] {
        assert_eq!(project.sqlite3("app.db", query), project.sqlite3("offline.db", query), "{query}");
    }
    assert_eq!(project.sqlite3("app.db", "SELECT * FROM users ORDER BY id;"), "1|it's; --|7\n2|b|7\n");
    let again = project.run(&["-d", "sqlite:offline.db", "upgrade"]).expect(0);
    assert!(again.stdout.starts_with("nothing to do"), "{}", again.stdout);
    let integrity = project.sqlite3("offline.db", "PRAGMA integrity_check; PRAGMA foreign_key_check;");
    assert_eq!(integrity, "ok\n");
}

#[test]
fn scripts_in_parts() {
    let project = history();
    for range in ["b2b2", "b2b2:d4d4", "d4d4:"] {
        let script = project.run(&["upgrade", "--sql", range, "-x", "age=7"]).expect(0).stdout;
        // The journal is made by the first of them.
        assert_eq!(script.contains("CREATE TABLE IF NOT EXISTS aludel_version"), range == "b2b2", "{range}");
        project.sqlite3("offline.db", &script);
    }
    assert_eq!(project.sqlite3("offline.db", VERSION), "e5e5\n");
    let script = project.run(&["downgrade", "--sql", "heads:base", "-x", "age=7"]).expect(0).stdout;
    project.sqlite3("offline.db", &script);
    assert_eq!(project.sqlite3("offline.db", VERSION), "");
    let left = project.sqlite3(
        "offline.db",
        "SELECT name FROM sqlite_schema WHERE name NOT LIKE 'aludel%' AND name NOT LIKE 'sqlite%';",
    );
    assert_eq!(left, "");
}

#[test]
fn stamps_and_tags() {
    let project = history();
    let script = project.run(&["stamp", "--sql", "d4d4"]).expect(0).stdout;
    project.sqlite3("offline.db", &script);
    assert_eq!(project.sqlite3("offline.db", VERSION), "d4d4\n");
    let script = project.run(&["stamp", "--sql", "d4d4:a1a1"]).expect(0).stdout;
    project.sqlite3("offline.db", &script);
    assert_eq!(project.sqlite3("offline.db", VERSION), "a1a1\n");
    let rows = "SELECT count(*) FROM users;";
    project.run(&["upgrade", "a1a1", "--with", "seed"]).expect(0);
    assert_eq!(project.sqlite3("app.db", rows), "3\n");
}

#[test]
fn the_script_as_it_looks() {
    let project = Project::example();
    // The record has a hash of the text.
    for file in std::fs::read_dir(project.root.join("migrations")).unwrap().map(|file| file.unwrap().path()) {
        let text = std::fs::read_to_string(&file).unwrap();
        let lines = text.lines().filter(|line| !line.starts_with("created:"));
        std::fs::write(&file, lines.map(|line| format!("{line}\n")).collect::<String>()).unwrap();
    }
    insta::assert_snapshot!(project.says(&["upgrade", "--sql", "head-1:head"]));
    insta::assert_snapshot!(project.says(&["downgrade", "--sql", "head:base", "--dialect", "sqlite@3.50"]));
}
