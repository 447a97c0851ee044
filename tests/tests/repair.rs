//! A half-run revision is shown, finished, taken back, or settled by hand.

use std::process::{Child, Command, Stdio};
use std::time::Duration;

use aludel_tests::{Database, Product, Project, binary};

const TABLE: &str = "upgrade:
  - create_table: {table: t, columns: {id: {type: bigint, primary_key: true}, name: {type: varchar(40), index: true}}}
  - insert: {table: t, rows: [{id: 1, name: a}, {id: 2, name: b}]}
";

const CHANGES: &str = "transaction: false
upgrade:
  - add_column: {table: t, column: size, type: integer, nullable: false, default: 7}
  - insert: {table: t, rows: [{id: 3, name: c, size: 1}]}
  - rename_column: {table: t, column: name, to: title}
  - create_index: {table: t, columns: size, name: ix_size}
  - create_table: {table: u, columns: {id: {type: bigint, primary_key: true}}}
  - drop_index: {table: t, index: ix_size}
  - execute: {sql: INSERT INTO u VALUES (1), down: DELETE FROM u}
  - execute: {sql: BROKEN, down: SELECT 1}
";

/// A database with one revision, and a second that fails in its last statement.
fn failed(product: Product) -> (Database, Project, String) {
    let (database, project) = (Database::new(product), Project::new());
    project.revision("first", None, TABLE);
    project.run(&database, &["upgrade"]).expect(0);
    let before = database.catalog();
    project.revision("second", Some("first"), &CHANGES.replace("BROKEN", "INSERT INTO nowhere VALUES (1)"));
    let said = project.run(&database, &["upgrade"]).expect(1).stderr;
    for part in ["aludel upgrade` goes on from there", "`aludel repair --undo` takes back"] {
        assert!(said.contains(part), "{part} is not in\n{said}");
    }
    (database, project, before)
}

fn heads(database: &Database) -> Option<String> {
    database.cell("SELECT revision FROM aludel_version")
}

fn unfinished(database: &Database) -> Option<String> {
    database.cell("SELECT count(*) FROM aludel_history WHERE finished_at IS NULL")
}

/// It fails, is shown and is undone: everything is as before; then it is mended and runs.
#[test]
fn a_failed_revision_is_taken_back() {
    for product in Product::ALL {
        let (database, project, before) = failed(product);
        let shown = project.run(&database, &["repair"]).expect(0).stdout;
        for part in ["upgrade half run: a statement failed", "done", "failed", "nowhere", "--finish", "--undo"] {
            assert!(shown.contains(part), "{product:?}: {part} is not in\n{shown}");
        }
        let said = project.run(&database, &["current"]).expect(0).stdout;
        assert!(said.contains("the upgrade is half run; `aludel repair` shows"), "{said}");
        let said = project.run(&database, &["repair", "--undo"]).expect(1).stderr;
        assert!(said.contains("E0466") && said.contains("--yes"), "{said}");
        let said = project.run(&database, &["repair", "--undo", "--yes"]).expect(0);
        assert!(said.stdout.contains("undone in") && said.stdout.contains("second"), "{}", said.stdout);
        assert_eq!(database.catalog(), before, "{product:?}");
        assert_eq!(database.cell("SELECT count(*) FROM t").as_deref(), Some("2"));
        assert_eq!(unfinished(&database).as_deref(), Some("0"));
        assert_eq!(heads(&database).as_deref(), Some("first"));
        let said = project.run(&database, &["repair", "--undo", "--yes"]).expect(0).stdout;
        assert!(said.contains("nothing is half run"), "{said}");

        // The file of what was undone may change as one likes.
        project.revision(
            "second",
            Some("first"),
            &CHANGES.replace("BROKEN", "SELECT 1").replace("default: 7", "default: 8"),
        );
        project.run(&database, &["upgrade"]).expect(0);
        project.run(&database, &["upgrade"]).expect(0);
        assert_eq!(heads(&database).as_deref(), Some("second"));
        project.run(&database, &["downgrade", "first", "--yes"]).expect(0);
        assert_eq!(database.catalog(), before, "{product:?}");
    }
}

/// A half-run downgrade is taken back too: the revision is applied again, and its record stands.
#[test]
fn a_failed_downgrade_is_taken_back() {
    for product in Product::ALL {
        let (database, project) = (Database::new(product), Project::new());
        project.revision("first", None, TABLE);
        let fails = CHANGES.replace("  - execute: {sql: BROKEN, down: SELECT 1}\n", "");
        let fails = fails
            .replace("  - insert:", "  - execute: {sql: SELECT 1, down: INSERT INTO nowhere VALUES (1)}\n  - insert:");
        // Rows that are lost on the way down do not come back.
        let fails = fails.replace("  - insert: {table: t, rows: [{id: 3, name: c, size: 1}]}\n", "");
        project.revision("second", Some("first"), &fails);
        project.run(&database, &["upgrade"]).expect(0);
        let before = database.catalog();
        let said = project.run(&database, &["downgrade", "-1", "--yes"]).expect(1).stderr;
        assert!(said.contains("nowhere") && said.contains("`aludel repair --finish` goes on"), "{product:?}: {said}");
        project.run(&database, &["repair", "--undo", "--yes"]).expect(0);
        assert_eq!(database.catalog(), before, "{product:?}");
        assert_eq!(heads(&database).as_deref(), Some("second"));
        project.run(&database, &["upgrade"]).expect(0);
        project.revision("second", Some("first"), &fails.replace("ix_size", "ix_other"));
        let said = project.run(&database, &["upgrade"]).expect(1).stderr;
        assert!(said.contains("E0460"), "{said}");
    }
}

/// Finishing does what the next upgrade does, and nothing else.
#[test]
fn a_failed_revision_is_finished() {
    for product in Product::ALL {
        let (database, project, _) = failed(product);
        project.run(&database, &["repair", "--finish", "--yes"]).expect(1);
        project.revision("second", Some("first"), &CHANGES.replace("BROKEN", "SELECT 1"));
        project.revision("third", Some("second"), "upgrade:\n  - drop_table: {table: u}\n");
        project.run(&database, &["repair", "--finish", "--yes"]).expect(0);
        assert_eq!(heads(&database).as_deref(), Some("second"), "{product:?}");
        // What is recorded is what ran in the end, so nothing counts as changed.
        project.run(&database, &["upgrade"]).expect(0);
        assert_eq!(heads(&database).as_deref(), Some("third"));
    }
}

/// What cannot be taken back is said before anything is undone.
#[test]
fn what_cannot_be_undone_stays() {
    for product in [Product::Mysql, Product::Mariadb] {
        let (database, project) = (Database::new(product), Project::new());
        project.revision("first", None, TABLE);
        project.run(&database, &["upgrade"]).expect(0);
        let body = "upgrade:
  - add_column: {table: t, column: size, type: integer}
  - execute: {sql: UPDATE t SET size = 1}
  - execute: {sql: DROP TABLE nowhere}
";
        project.revision("second", Some("first"), body);
        project.run(&database, &["upgrade"]).expect(1);
        let shown = project.run(&database, &["repair"]).expect(0).stdout;
        assert!(shown.contains("It cannot be undone: `execute` without `down`"), "{shown}");
        let said = project.run(&database, &["repair", "--undo", "--yes"]).expect(1).stderr;
        assert!(said.contains("E0464") && said.contains("nothing has been undone"), "{said}");
        assert_eq!(database.cell("SELECT count(*) FROM t WHERE size = 1").as_deref(), Some("2"));
    }
}

fn spawn(project: &Project, database: &Database, arguments: &[&str]) -> Child {
    Command::new(binary())
        .args(project.arguments(database, arguments))
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .expect("the binary starts")
}

/// The upgrade is killed at some moment, the undo is killed again and again: in the end everything is as before.
#[test]
fn an_undo_survives_being_killed() {
    for product in [Product::Mysql, Product::Mariadb] {
        let (database, project) = (Database::new(product), Project::new());
        project.revision("first", None, TABLE);
        project.run(&database, &["upgrade"]).expect(0);
        let before = database.catalog();
        let mut body = "upgrade:\n".to_owned();
        for number in 0..12 {
            body.push_str(&format!(
                "  - add_column: {{table: t, column: c{number}, type: integer}}\n  - create_index: {{table: t, columns: c{number}}}\n  - insert: {{table: t, rows: [{{id: {}, name: x}}]}}\n",
                100 + number
            ));
        }
        body.push_str("  - execute: {sql: DO SLEEP(5), down: DO 0}\n");
        project.revision("second", Some("first"), &body);
        for part in [200, 500, 900] {
            let mut child = spawn(&project, &database, &["upgrade"]);
            std::thread::sleep(Duration::from_millis(part));
            child.kill().expect("the process can be killed");
            child.wait().expect("the process ends");
            for moment in [60, 120, 180, 240] {
                let mut child = spawn(&project, &database, &["repair", "--undo", "--yes"]);
                std::thread::sleep(Duration::from_millis(moment));
                child.kill().expect("the process can be killed");
                child.wait().expect("the process ends");
            }
            let said = project.run(&database, &["repair", "--undo", "--yes"]);
            if said.code != 0 {
                // Raw SQL has no trace in the catalog: what became of it is for a person to say.
                assert!(said.stderr.contains("E0605") && said.stderr.contains("SLEEP"), "{}", said.stderr);
                project.run(&database, &["repair", "--mark", "not-run", "--yes"]).expect(0);
                project.run(&database, &["repair", "--undo", "--yes"]).expect(0);
            }
            assert_eq!(database.catalog(), before, "{product:?} after {part} ms");
            assert_eq!(database.cell("SELECT count(*) FROM t").as_deref(), Some("2"));
            assert_eq!(unfinished(&database).as_deref(), Some("0"));
        }
    }
}

/// An interrupted undo is finished by whatever runs next; then that does what it was asked for.
#[test]
fn the_next_upgrade_goes_on_with_an_undo() {
    let (database, project, _) = failed(Product::Mysql);
    // The inverse of the last done statement fails until its table is there again.
    database.execute(&["RENAME TABLE u TO hidden"]);
    let said = project.run(&database, &["repair", "--undo", "--yes"]).expect(1).stderr;
    assert!(said.contains("undoing the upgrade of `second` failed"), "{said}");
    let shown = project.run(&database, &["repair"]).expect(0).stdout;
    assert!(shown.contains("half undone") && shown.contains("taking it back"), "{shown}");
    database.execute(&["RENAME TABLE hidden TO u"]);
    project.revision("second", Some("first"), &CHANGES.replace("BROKEN", "SELECT 1"));
    project.run(&database, &["upgrade"]).expect(0);
    assert_eq!(heads(&database).as_deref(), Some("second"));
    assert_eq!(database.cell("SELECT count(*) FROM t").as_deref(), Some("3"));
}

/// A statement that was run by hand is recorded as done.
#[test]
fn a_statement_is_settled_by_hand() {
    for product in [Product::Mysql, Product::Mariadb] {
        let (database, project, _) = failed(product);
        let said = project.run(&database, &["repair", "--mark", "not-run", "--yes"]).expect(1).stderr;
        assert!(said.contains("E0463"), "{said}");
        project.run(&database, &["repair", "--mark", "done", "--yes"]).expect(0);
        project.run(&database, &["repair", "--finish", "--yes"]).expect(0);
        assert_eq!(heads(&database).as_deref(), Some("second"));
        let said = project.run(&database, &["repair", "--mark", "done", "--yes"]).expect(1).stderr;
        assert!(said.contains("E0463"), "{said}");
    }
}

/// Several undo at once: one does it, the others wait and find nothing to do.
#[test]
fn two_undo_at_once() {
    for product in Product::ALL {
        let (database, project, before) = failed(product);
        let children: Vec<Child> = (0..4).map(|_| spawn(&project, &database, &["repair", "--undo", "--yes"])).collect();
        for mut child in children {
            assert!(child.wait().expect("the binary ends").success(), "{product:?}");
        }
        assert_eq!(database.catalog(), before, "{product:?}");
        let undone = "SELECT count(*) FROM aludel_history WHERE direction = 'undo'";
        assert_eq!(database.cell(undone).as_deref(), Some("1"));
    }
}
