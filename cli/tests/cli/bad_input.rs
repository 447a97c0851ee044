//! Bad input: every message says what is wrong, where, and what to do.

use crate::project::Project;

/// A project with one table.
fn users() -> Project {
    let project = Project::empty();
    project.revision("a1a1", "null", "- create_table: {table: users, columns: {id: integer, name: text}}");
    project
}

macro_rules! refused {
    ($project:expr, $($arguments:expr),+) => {
        let project = $project;
        let said = project.session(&[$(&$arguments),+]);
        assert!(said.contains("[exit 1]"), "{said}");
        insta::assert_snapshot!(said);
    };
}

#[test]
fn no_project() {
    refused!(Project::nowhere(), ["upgrade"], ["-c", "nothing.yaml", "current"], ["-C", "nothing", "current"]);
}

#[test]
fn a_project_that_exists() {
    refused!(users(), ["init"]);
}

#[test]
fn a_read_only_database() {
    let project = users();
    project.sqlite3("app.db", "CREATE TABLE x (y);");
    refused!(project, ["-d", "sqlite:app.db?mode=ro", "upgrade"]);
}

#[test]
fn a_directory_in_place_of_a_database() {
    refused!(users(), ["-d", "sqlite:migrations", "upgrade"], ["-d", "sqlite:no/app.db", "upgrade"]);
}

#[test]
fn not_a_database() {
    refused!(users(), ["-d", "sqlite:aludel.yaml", "upgrade"], ["-d", "sqlite:aludel.yaml", "current"]);
}

#[test]
fn nothing_to_downgrade() {
    refused!(users(), ["downgrade", "-1"]);
}

#[test]
fn unknown_databases() {
    let project = users();
    project.file("aludel.yaml", "databases:\n  staging: sqlite:s.db\n  production: {url: '${NO_SUCH_VARIABLE}'}\n");
    refused!(
        project,
        ["current"],
        ["-d", "prodution", "current"],
        ["-d", "production", "current"],
        ["-d", "oracle://u:hunter2@h/d", "current"],
        ["-d", "sqlit:x.db", "current"]
    );
}

#[test]
fn unsound_histories() {
    let project = users();
    project.file("migrations/copy.yaml", "revision: a1a1\ndown_revision: null\n");
    project.revision("b2b2", "missing", "[]");
    project.revision("c3c3", "d4d4", "[]");
    project.revision("d4d4", "c3c3", "- drop_table: {tabel: users}");
    refused!(project, ["upgrade"]);
}

#[test]
fn not_yaml() {
    let project = users();
    project.file("migrations/broken.yaml", "revision: b\n\tdown_revision: [a\n");
    project.file("migrations/binary.yaml", "\u{1}\u{2}");
    project.file("migrations/empty.yaml", "\n");
    refused!(project, ["history"]);
}

#[test]
fn everything_wrong_is_told_at_once() {
    let project = users();
    project.file("aludel.yaml", "databases: {default: 'sqlite:app.db'}\ntransactions: none\n");
    project.revision(
        "b2b2",
        "a1a1",
        "- add_column: {table: users, column: name, type: text}\n- drop_tabel: {table: users}",
    );
    project.revision(
        "c3c3",
        "b2b2",
        "- create_index: {table: user, columns: [name]}\n- drop_column: {table: users, column: nam}",
    );
    project.revision(
        "d4d4",
        "c3c3",
        "- create_table: {table: t, sqlite: {stric: true}, columns: {i: interval, j: strng}}",
    );
    refused!(project, ["upgrade"]);
}

#[test]
fn what_a_dialect_lacks() {
    let project = users();
    project.revision("b2b2", "a1a1", "- add_column: {table: users, column: i, type: interval}\n- create_table: {table: t, sqlite: {enigne: x}, columns: {i: integer}}");
    project.file("aludel.yaml", "databases: {default: 'sqlite:app.db'}\ndialects: [sqlite, mysql, mariadb]\n");
    refused!(project, ["plan"], ["upgrade", "--sql", "--dialect", "sqlite"], ["upgrade", "a1a1:b2b2"]);
}

#[test]
fn irreversible() {
    let project = users();
    project.revision("b2b2", "a1a1", "- execute: {sql: 'SELECT 1'}");
    project.run(&["upgrade"]).expect(0);
    refused!(project, ["downgrade", "base", "--yes"], ["current"], ["show", "head"]);
}

#[test]
fn references() {
    let project = users();
    project.revision("b2b2", "a1a1", "[]");
    project.revision("b2c3", "a1a1", "[]");
    refused!(
        project,
        ["upgrade", "head"],
        ["upgrade", "b2"],
        ["upgrade", "b2b3"],
        ["upgrade", "+9"],
        ["upgrade", "-1"],
        ["upgrade", "a1a1:head"],
        ["upgrade", "--sql", "current:heads"],
        ["history", "-r", "head:base"],
        ["history", "-r", "a"],
        ["show", "a-5"]
    );
}

#[test]
fn a_database_of_a_newer_release() {
    let project = users();
    project.revision("b2b2", "a1a1", "[]");
    project.run(&["upgrade"]).expect(0);
    std::fs::remove_file(project.root.join("migrations/b2b2.yaml")).unwrap();
    refused!(project, ["current"], ["upgrade"], ["history", "-i"], ["stamp", "head"], ["downgrade", "-1"], ["upgrade"]);
}

#[test]
fn a_database_that_another_project_stamped() {
    let project = users();
    project.revision("b2b2", "a1a1", "[]");
    project.run(&["stamp", "head"]).expect(0);
    std::fs::remove_file(project.root.join("migrations/b2b2.yaml")).unwrap();
    refused!(project, ["current"], ["downgrade", "-1"], ["stamp", "head", "--purge"], ["current"]);
}

#[test]
fn an_applied_file_that_was_changed() {
    let project = users();
    project.run(&["upgrade"]).expect(0);
    project.revision("a1a1", "null", "- create_table: {table: users, columns: {id: bigint}}");
    refused!(project, ["upgrade"], ["plan"], ["upgrade", "--accept-changed", "a1a1"], ["upgrade"], ["repair"]);
}

#[test]
fn a_statement_that_fails() {
    let project = users();
    project.revision("b2b2", "a1a1", "- execute: {sql: 'INSERT INTO usres VALUES (1)', down: 'SELECT 1'}");
    refused!(project, ["upgrade"], ["current"]);
}

#[test]
fn a_failed_plan_leaves_no_database() {
    let project = users();
    project.run(&["upgrade", "nowhere"]).expect(1);
    project.run(&["stamp", "nowhere"]).expect(1);
    for command in ["plan", "current"] {
        project.run(&[command]).expect(0);
    }
    assert!(!project.root.join("app.db").exists());
}

#[test]
fn no_database_at_all() {
    let project = users();
    for arguments in [&["-d", "", "upgrade"][..], &["-d", " ", "plan"], &["-d", "", "upgrade", "--sql"]] {
        let ran = project.run(arguments).expect(2);
        assert!(ran.stderr.contains("`-d` names no database"), "{}", ran.stderr);
    }
    assert!(!project.root.join("app.db").exists());
}

#[test]
fn tags_that_no_step_has() {
    let project = users();
    project.revision("b2b2", "a1a1", "- insert: {table: users, rows: [{id: 1}]}\n  tags: [seed]");
    let said = project.session(&[
        &["upgrade", "--with", "sed"],
        &["upgrade", "a1a1", "--with", "demo"],
        &["upgrade", "--sql", "--with", "seeds", "--with", "demo"],
    ]);
    insta::assert_snapshot!(said);
    project.run(&["upgrade", "a1a1", "--with", "seed"]).expect(0);
    project.run(&["upgrade", "--with", "seed"]).expect(0);
    // With nothing to run no file is read.
    project.run(&["upgrade", "--with", "whatever"]).expect(0);
}

#[test]
fn a_script_in_the_wrong_direction() {
    let project = users();
    project.revision("b2b2", "a1a1", "[]");
    for range in ["head:base", "b2b2:a1a1"] {
        let ran = project.run(&["upgrade", "--sql", range]).expect(2);
        assert!(ran.stderr.contains("no way up") && ran.stdout.is_empty(), "{}", ran.stderr);
    }
    project.run(&["upgrade", "--sql", "head:head"]).expect(0);
}

#[test]
fn a_version_table_with_a_name_that_is_cut() {
    let project = users();
    let name = "v".repeat(60);
    project.file("aludel.yaml", &format!("databases: {{default: 'sqlite:app.db'}}\nversion_table: {name}\n"));
    insta::assert_snapshot!(project.says(&["upgrade", "--sql", "--dialect", "postgres"]));
    project.run(&["upgrade", "--sql", "--dialect", "sqlite"]).expect(0);
}

/// A column that took no NULL has no value for the rows that are there: that is found before anything runs.
#[test]
fn rows_that_would_lack_a_value() {
    let project = Project::empty();
    project.file("aludel.yaml", "databases: {default: 'sqlite:app.db'}\n");
    let columns = "{id: {type: integer, primary_key: true}, a: text, b: {type: text, nullable: false}, c: {type: text, nullable: false}}";
    project.revision("aaaa00000001", "null", &format!("- create_table: {{table: t, columns: {columns}}}"));
    project.revision(
        "aaaa00000002",
        "aaaa00000001",
        "- drop_column: {table: t, column: a}\n- drop_column: {table: t, column: b}\n- alter_column: {table: t, column: c, nullable: true}",
    );
    project.run(&["upgrade"]).expect(0);
    project.run(&["downgrade", "-1", "--yes"]).expect(0);
    project.run(&["upgrade"]).expect(0);
    project.sqlite3("app.db", "INSERT INTO t (id, c) VALUES (1, NULL);");
    insta::assert_snapshot!(project.session(&[&["downgrade", "-1", "--yes"], &["current"]]));
    project.sqlite3("app.db", "DELETE FROM t;");
    project.run(&["downgrade", "-1", "--yes"]).expect(0);
}
