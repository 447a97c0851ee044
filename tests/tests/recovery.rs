//! What interruptions leave behind, and how the next run deals with it.

use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use aludel_engine::driver::Connection;
use aludel_tests::{Database, Product, Project, binary};

fn spawn(project: &Project, database: &Database, arguments: &[&str]) -> Child {
    Command::new(binary())
        .args(project.arguments(database, arguments))
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("the binary starts")
}

fn cell(connection: &mut dyn Connection, sql: &str) -> Option<String> {
    let rows = connection.query(sql).expect("a query");
    rows.into_iter().next().and_then(|row| row.into_iter().next()).flatten()
}

/// A database with a table, and a next revision that builds an index outside a transaction.
fn before_a_concurrent_index() -> (Database, Project) {
    let database = Database::new(Product::Postgres);
    let project = Project::new();
    let table =
        "upgrade:\n  - create_table: {table: t, columns: {id: {type: bigint, primary_key: true}, n: integer}}\n";
    project.revision("first", None, table);
    let index = "upgrade:\n  - create_index: {table: t, columns: n, name: ix_n, postgres: {concurrently: true}}\n";
    project.revision("second", Some("first"), index);
    project.run(&database, &["upgrade", "first"]).expect(0);
    (database, project)
}

/// A build that was interrupted leaves an INVALID index: it must not count as done.
#[test]
fn an_invalid_index_is_built_again() {
    let (database, project) = before_a_concurrent_index();

    // A transaction that has written to the table keeps the build waiting.
    let mut writer = database.connect();
    for sql in ["BEGIN", "INSERT INTO t VALUES (1, 1)"] {
        writer.execute(sql).expect("a statement");
    }
    let child = spawn(&project, &database, &["upgrade"]);
    let mut watcher = database.connect();
    let began = Instant::now();
    while cell(&mut *watcher, "SELECT count(*) FROM pg_class WHERE relname = 'ix_n'").as_deref() != Some("1") {
        assert!(began.elapsed() < Duration::from_secs(20), "the build does not begin");
        std::thread::sleep(Duration::from_millis(20));
    }
    let sent = Command::new("kill").args(["-INT", &child.id().to_string()]).status().expect("kill is there");
    assert!(sent.success());
    let output = child.wait_with_output().expect("the binary ends");
    assert_eq!(output.status.code(), Some(1), "{}", String::from_utf8_lossy(&output.stderr));
    writer.execute("COMMIT").expect("a commit");

    project.run(&database, &["upgrade"]).expect(0);
    let valid = "SELECT indisvalid FROM pg_index WHERE indexrelid = 'ix_n'::regclass";
    assert_eq!(cell(&mut *watcher, valid).as_deref(), Some("t"));
    assert_eq!(database.cell("SELECT revision FROM aludel_version").as_deref(), Some("second"));
}

/// An index of that name that somebody else made is not ours to drop.
#[test]
fn a_foreign_index_is_left_alone() {
    let (database, project) = before_a_concurrent_index();
    database.execute(&["CREATE INDEX ix_n ON t (n)"]);
    let said = project.run(&database, &["upgrade"]).expect(1).stderr;
    assert!(said.contains("already exists"), "{said}");
    assert_eq!(database.cell("SELECT count(*) FROM pg_class WHERE relname = 'ix_n'").as_deref(), Some("1"));
}

/// Two processes and a revision that is not one transaction: one runs it, the other waits and finds it done.
#[test]
fn sqlite_runs_a_revision_without_a_transaction_once() {
    let database = Database::new(Product::Sqlite);
    let project = Project::new();
    let table =
        "upgrade:\n  - create_table: {table: t, columns: {id: {type: bigint, primary_key: true}, n: integer}}\n";
    project.revision("first", None, table);
    project.revision(
        "second",
        Some("first"),
        "transaction: false\nupgrade:
  - insert: {table: t, rows: [{id: 1, n: 1}]}
  - execute: {sql: VACUUM, down: VACUUM}
  - execute: {sql: 'UPDATE t SET n = n + 1', down: 'UPDATE t SET n = n - 1'}
  - add_column: {table: t, column: m, type: integer}
",
    );
    project.run(&database, &["upgrade", "first"]).expect(0);
    let children: Vec<Child> = (0..4).map(|_| spawn(&project, &database, &["upgrade"])).collect();
    for child in children {
        let output = child.wait_with_output().expect("the binary ends");
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    }
    assert_eq!(database.cell("SELECT n FROM t").as_deref(), Some("2"));
    let count = "SELECT count(*) FROM aludel_history WHERE revision = 'second'";
    assert_eq!(database.cell(count).as_deref(), Some("1"));
}

/// A statement fails half way on a database without transactional definitions; the file is mended, the run goes on.
#[test]
fn a_half_run_revision_goes_on_when_it_is_mended() {
    for product in [Product::Mysql, Product::Mariadb] {
        let database = Database::new(product);
        let project = Project::new();
        let body = |name: &str| {
            format!(
                "upgrade:
  - create_table: {{table: t, columns: {{id: {{type: bigint, primary_key: true}}}}}}
  - execute: {{sql: 'CREATE TABLE {name} (id BIGINT)', down: 'DROP TABLE {name}'}}
  - add_column: {{table: t, column: n, type: integer}}
"
            )
        };
        project.revision("first", None, &body("no.such.place"));
        let said = project.run(&database, &["upgrade"]).expect(1).stderr;
        assert!(said.contains("1 of 3 statements"), "{said}");
        assert_eq!(database.cell("SELECT state FROM aludel_run").as_deref(), Some("failed"));
        project.revision("first", None, &body("other").replace("table: t,", "table: u,"));
        let said = project.run(&database, &["upgrade"]).expect(1).stderr;
        assert!(said.contains("changed in a part that has run"), "{said}");
        project.revision("first", None, &body("other"));
        project.run(&database, &["upgrade"]).expect(0);
        assert_eq!(database.cell("SELECT revision FROM aludel_version").as_deref(), Some("first"));
        project.run(&database, &["downgrade", "base", "--yes"]).expect(0);
        assert_eq!(database.catalog(), Database::new(product).catalog());
    }
}

/// Stamping settles what is half run, and says so: nothing will finish or undo it any more.
#[test]
fn a_stamp_says_what_it_settles() {
    let database = Database::new(Product::Mysql);
    let project = Project::new();
    let steps = "
  - create_table: {table: t, columns: {id: {type: bigint, primary_key: true}}}
  - execute: {sql: 'CREATE TABLE no.such (id BIGINT)', down: 'DROP TABLE no.such'}
";
    project.revision("first", None, "upgrade: []\n");
    project.revision("second", Some("first"), &format!("upgrade:{steps}"));
    project.run(&database, &["upgrade"]).expect(1);
    let stamped = project.run(&database, &["stamp", "first"]).expect(0);
    assert!(stamped.stderr.contains("the upgrade of second was half run and counts as settled"), "{}", stamped.stderr);
    let again = project.run(&database, &["--json", "stamp", "first"]).expect(0);
    assert!(again.stdout.contains("\"settled\": []"), "{}", again.stdout);
}

/// The journal holds what the database's own character set cannot, and no more of a long text than its columns do.
#[test]
fn the_journal_takes_any_text() {
    for product in Product::ALL {
        let database = Database::new(product);
        if matches!(product, Product::Mysql | Product::Mariadb) {
            let name = database.cell("SELECT database()").expect("a name");
            database.execute(&[&format!("ALTER DATABASE `{name}` CHARACTER SET latin1")]);
        }
        let project = Project::new();
        let table = "upgrade:\n  - create_table: {table: таблица, columns: {id: {type: bigint, primary_key: true}}}\n";
        let message = format!("добавить 😀 {}", "ж".repeat(2000));
        let text = format!("revision: first\ndown_revision: null\nmessage: \"{message}\"\n{table}");
        project.write("migrations/first.yaml", &text);
        let tag = "длинный ".repeat(100);
        project.run(&database, &["upgrade", "--tag", &tag]).expect(0);
        let kept: String = message.chars().take(1000).collect();
        assert_eq!(database.cell("SELECT message FROM aludel_history"), Some(kept), "{product:?}");
        project.run(&database, &["downgrade", "base", "--yes"]).expect(0);
    }
}

/// A script that stopped is named, not guessed at; stamping settles it.
#[test]
fn a_script_that_stopped_is_named() {
    let database = Database::new(Product::Mysql);
    let project = Project::new();
    let table = "upgrade:\n  - create_table: {table: t, columns: {id: {type: bigint, primary_key: true}}}\n";
    project.revision("first", None, table);
    let root = project.root().to_str().expect("a readable path").to_owned();
    let script = aludel_tests::aludel(["-C", &root, "upgrade", "--sql", "--dialect", "mysql"]).expect(0).stdout;
    let cut = script.find("CREATE TABLE t").expect("the script makes the table");
    let mut connection = database.connect();
    let dialect = connection.dialect();
    let mut part = script[..cut].to_owned();
    part.push_str("COMMIT;\n");
    for piece in aludel_engine::sql::split(&part, dialect.lexicon()).expect("a script") {
        connection.execute(piece.text(&part)).unwrap_or_else(|error| panic!("{error}\n{}", piece.text(&part)));
    }
    let said = project.run(&database, &["upgrade"]).expect(1).stderr;
    assert!(said.contains("E0610"), "{said}");
    project.run(&database, &["stamp", "base"]).expect(0);
    project.run(&database, &["upgrade"]).expect(0);
    assert_eq!(database.cell("SELECT count(*) FROM t").as_deref(), Some("0"));
}

/// Revision ids that differ in case only are different revisions on every database.
#[test]
fn ids_that_differ_in_case_are_different() {
    for product in Product::ALL {
        let database = Database::new(product);
        let project = Project::new();
        for (id, parent) in [("root", None), ("abcd", Some("root")), ("ABCD", Some("root"))] {
            let table = format!(
                "upgrade:\n  - create_table: {{table: t{}, columns: {{id: bigint}}}}\n",
                u32::from(id.as_bytes()[0])
            );
            project.revision(id, parent, &table);
        }
        project.run(&database, &["upgrade", "heads"]).expect(0);
        assert_eq!(database.cell("SELECT count(*) FROM aludel_version").as_deref(), Some("2"), "{product:?}");
        project.run(&database, &["downgrade", "base", "--yes"]).expect(0);
    }
}
