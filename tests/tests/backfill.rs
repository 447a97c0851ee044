//! Backfills that are killed, interrupted, run twice at once, blocked, and fed to the databases' own clients: every row is
//! changed once.

use std::process::{Child, Command, Output, Stdio};
use std::time::{Duration, Instant};

use aludel_tests::{Database, Product, Project, aludel, binary};

use crate::scripts::feed;

const ROWS: u64 = 3000;

mod killed {
    aludel_tests::on_every_product!(super::kill_and_continue);
}
mod interrupted {
    aludel_tests::on_every_product!(super::interrupt_and_continue);
}
mod raced {
    aludel_tests::on_every_product!(super::several_at_once);
}
mod written_to {
    aludel_tests::on_every_product!(super::rows_that_appear_meanwhile);
}
mod failed {
    aludel_tests::on_every_product!(super::a_row_that_cannot_be_changed);
}
mod scripted {
    aludel_tests::on_every_product!(super::script_for_the_client);
}

/// A table of numbers, and a revision that adds one to each of them.
fn counters(database: &Database, rows: u64, keys: &str) -> Project {
    let project = Project::new();
    let table = "upgrade:
  - create_table: {table: t, columns: {id: {type: bigint, primary_key: true}, n: {type: bigint, nullable: false}}}
";
    project.revision("first", None, table);
    project.run(database, &["upgrade", "first"]).expect(0);
    fill(database, rows);
    project.revision("second", Some("first"), &counting(keys));
    project
}

fn fill(database: &Database, rows: u64) {
    let values: Vec<String> = (1..=rows).map(|id| format!("({id}, {})", id * 10)).collect();
    for chunk in values.chunks(500) {
        database.execute(&[&format!("INSERT INTO t (id, n) VALUES {}", chunk.join(", "))]);
    }
}

fn counting(keys: &str) -> String {
    format!(
        "upgrade:
  - add_column: {{table: t, column: before, type: integer}}
  - backfill: {{table: t, set: {{n: {{sql: n + 1}}}}, {keys}, down: {{set: {{n: {{sql: n - 1}}}}}}}}
  - add_column: {{table: t, column: after, type: integer}}
"
    )
}

fn spawn(project: &Project, database: &Database) -> Child {
    Command::new(binary())
        .args(project.arguments(database, &["upgrade"]))
        .env("NO_COLOR", "1")
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("the binary starts")
}

fn signal(child: &Child, name: &str) {
    let sent = Command::new("kill").args([name, &child.id().to_string()]).status().expect("kill is there");
    assert!(sent.success(), "the process is gone already");
}

fn said(output: &Output) -> String {
    String::from_utf8_lossy(&output.stderr).into_owned()
}

/// How many rows the journal says are changed; none while a batch keeps us from looking.
fn position(database: &Database) -> Option<u64> {
    let sql = "SELECT progress FROM aludel_step WHERE progress IS NOT NULL ORDER BY seq DESC";
    let rows = database.connect().query(sql).ok()?;
    let text = rows.into_iter().next()?.into_iter().next()??;
    let (_, tail) = text.split_once("\"rows\":")?;
    tail.split(|c: char| !c.is_ascii_digit()).next()?.parse().ok()
}

/// Waits until the journal says that more rows are changed than that.
fn wait_beyond(database: &Database, rows: u64, child: &mut Child) -> u64 {
    let began = Instant::now();
    loop {
        if let Some(now) = position(database).filter(|now| *now > rows) {
            return now;
        }
        assert!(child.try_wait().expect("the process is ours").is_none(), "it ended before it was to");
        assert!(began.elapsed() < Duration::from_secs(60), "the backfill does not move beyond {rows} rows");
        std::thread::sleep(Duration::from_millis(5));
    }
}

fn changed_once(database: &Database, rows: u64) {
    let wrong = database.cell("SELECT count(*) FROM t WHERE n <> id * 10 + 1");
    assert_eq!(wrong.as_deref(), Some("0"), "rows that were not changed once");
    assert_eq!(database.cell("SELECT count(*) FROM t"), Some(rows.to_string()));
    assert_eq!(database.cell("SELECT revision FROM aludel_version").as_deref(), Some("second"));
    let unfinished = "SELECT count(*) FROM aludel_history WHERE finished_at IS NULL";
    assert_eq!(database.cell(unfinished).as_deref(), Some("0"));
}

/// Killed again and again, at moments spread over the batches and what lies between them.
fn kill_and_continue(product: Product) {
    let database = Database::new(product);
    // On SQLite nobody can look but in the pauses, and after a kill the next run first sees that nothing moves any more.
    let (kills, batches) = match product {
        Product::Sqlite => (5, "batch: 10, pause: 40ms"),
        _ => (15, "batch: 20, pause: 2ms"),
    };
    let project = counters(&database, ROWS, batches);
    let mut reached = 0;
    for kill in 0..kills {
        let mut child = spawn(&project, &database);
        reached = wait_beyond(&database, reached, &mut child);
        std::thread::sleep(Duration::from_micros(1700 * kill));
        child.kill().expect("the process can be killed");
        child.wait().expect("the process ends");
    }
    assert!(reached < ROWS, "it was done before it was killed often enough");
    project.revision("second", Some("first"), &counting("batch: 500, pause: 0s"));
    project.run(&database, &["upgrade"]).expect(0);
    changed_once(&database, ROWS);
    project.run(&database, &["downgrade", "first", "--yes"]).expect(0);
    assert_eq!(database.cell("SELECT count(*) FROM t WHERE n <> id * 10").as_deref(), Some("0"));
}

/// Ctrl-C, then what is known of it, then on with other batches.
fn interrupt_and_continue(product: Product) {
    let database = Database::new(product);
    let project = counters(&database, 300, "batch: 7, pause: 30ms");
    let mut child = spawn(&project, &database);
    wait_beyond(&database, 20, &mut child);
    signal(&child, "-INT");
    let output = child.wait_with_output().expect("the binary ends");
    assert_eq!(output.status.code(), Some(1), "{}", said(&output));
    assert!(said(&output).contains("interrupted"), "{}", said(&output));
    let state = database.cell("SELECT state FROM aludel_run ORDER BY fence DESC");
    assert_eq!(state.as_deref(), Some("interrupted"));

    let reached = position(&database).expect("a position");
    assert!(reached > 20 && reached < 300, "{reached}");
    let current = project.run(&database, &["current"]).expect(0).stdout;
    assert!(current.contains(&format!("{reached} of about 300 rows of its backfill done")), "{current}");
    let json = project.run(&database, &["--json", "current"]).expect(0).stdout;
    assert!(json.contains(&format!("\"rows\": {reached}")), "{json}");

    // Another expression would leave two kinds of rows.
    project.revision("second", Some("first"), &counting("batch: 7").replace("n + 1", "n + 2"));
    let refused = project.run(&database, &["upgrade"]).expect(1).stderr;
    assert!(refused.contains("E0606"), "{refused}");

    project.revision("second", Some("first"), &counting("batch: 100, pause: 0s"));
    project.run(&database, &["upgrade"]).expect(0);
    changed_once(&database, 300);
}

/// Several processes: one does it, the others wait and find it done.
fn several_at_once(product: Product) {
    let database = Database::new(product);
    let project = counters(&database, 400, "batch: 10, pause: 10ms");
    let children: Vec<Child> = (0..4).map(|_| spawn(&project, &database)).collect();
    for child in children {
        let output = child.wait_with_output().expect("the binary ends");
        assert!(output.status.success(), "{}", said(&output));
    }
    changed_once(&database, 400);
    let count = "SELECT count(*) FROM aludel_history WHERE revision = 'second'";
    assert_eq!(database.cell(count).as_deref(), Some("1"));
}

/// Others get in between two batches, on SQLite too. Rows ahead are reached; rows behind where the condition says that
/// they are still to do.
fn rows_that_appear_meanwhile(product: Product) {
    let database = Database::new(product);
    let project = Project::new();
    let table = "upgrade:
  - create_table: {table: t, columns: {id: {type: bigint, primary_key: true}, n: bigint}}
  - create_table: {table: u, columns: {id: {type: bigint, primary_key: true}, n: bigint}}
";
    project.revision("first", None, table);
    project.run(&database, &["upgrade", "first"]).expect(0);
    let rows: Vec<String> = (10..30).map(|id| format!("({id}, NULL)")).collect();
    for table in ["t", "u"] {
        database.execute(&[&format!("INSERT INTO {table} (id, n) VALUES {}", rows.join(", "))]);
    }
    project.revision(
        "second",
        Some("first"),
        "upgrade:
  - backfill: {table: t, set: {n: {sql: id}}, where: n IS NULL, batch: 2, pause: 200ms, down: ''}
  - backfill: {table: u, set: {n: {sql: 'coalesce(n, 0) + 1'}}, batch: 2, pause: 200ms, down: ''}
",
    );
    let mut child = spawn(&project, &database);
    wait_beyond(&database, 3, &mut child);
    database.execute(&["INSERT INTO t (id, n) VALUES (1, NULL), (11000, NULL), (2, 5)"]);
    let began = Instant::now();
    while database.cell("SELECT count(*) FROM u WHERE n = 1").as_deref() < Some("2") {
        assert!(began.elapsed() < Duration::from_secs(60), "the second backfill does not begin");
        std::thread::sleep(Duration::from_millis(10));
    }
    database.execute(&["INSERT INTO u (id, n) VALUES (1, 0), (11000, 0)"]);
    let output = child.wait_with_output().expect("the binary ends");
    assert!(output.status.success(), "{}", said(&output));
    assert_eq!(database.cell("SELECT count(*) FROM t WHERE n IS NULL OR n <> id").as_deref(), Some("1"));
    assert_eq!(database.cell("SELECT n FROM t WHERE id = 2").as_deref(), Some("5"));
    assert_eq!(database.cell("SELECT count(*) FROM u WHERE n = 1").as_deref(), Some("21"));
    assert_eq!(database.cell("SELECT n FROM u WHERE id = 1").as_deref(), Some("0"), "it appeared behind");
    assert_eq!(database.cell("SELECT n FROM u WHERE id = 11000").as_deref(), Some("1"), "it appeared ahead");
}

/// A row breaks a constraint: its batch is rolled back, those before it stay, and it goes on when the row is mended.
fn a_row_that_cannot_be_changed(product: Product) {
    let database = Database::new(product);
    let project = Project::new();
    let table = "upgrade:
  - create_table:
      table: t
      columns: {id: {type: bigint, primary_key: true}, n: {type: bigint, nullable: false, check: n <> 501}}
";
    project.revision("first", None, table);
    project.run(&database, &["upgrade", "first"]).expect(0);
    fill(&database, 100);
    project.revision("second", Some("first"), &counting("batch: 9, pause: 0s"));
    let refused = project.run(&database, &["upgrade"]).expect(1).stderr;
    assert!(refused.contains("E0601"), "{refused}");
    assert!(refused.contains("1 of 3 statements") && refused.contains("45 rows"), "{refused}");
    assert_eq!(database.cell("SELECT count(*) FROM t WHERE n = id * 10 + 1").as_deref(), Some("45"), "{refused}");
    assert_eq!(position(&database), Some(45));
    database.execute(&["UPDATE t SET n = 499 WHERE id = 50"]);
    project.run(&database, &["upgrade"]).expect(0);
    assert_eq!(database.cell("SELECT n FROM t WHERE id = 50").as_deref(), Some("500"));
    database.execute(&["DELETE FROM t WHERE id = 50"]);
    changed_once(&database, 99);
}

/// The script does what a live run does, up and down.
fn script_for_the_client(product: Product) {
    let database = Database::new(product);
    let project = counters(&database, 23, "batch: 5, pause: 1ms");
    let root = project.root().to_str().expect("a readable path").to_owned();
    let script = |arguments: [&str; 3]| {
        aludel(["-C", &root].iter().chain(&arguments).chain(&["--dialect", product.dialect()])).expect(0).stdout
    };
    feed(&database, &script(["upgrade", "--sql", "first:second"]));
    changed_once(&database, 23);
    assert!(project.run(&database, &["upgrade"]).expect(0).stdout.contains("nothing to do"));
    feed(&database, &script(["downgrade", "--sql", "second:first"]));
    assert_eq!(database.cell("SELECT count(*) FROM t WHERE n <> id * 10").as_deref(), Some("0"));
}

/// On SQLite a rebuild in the same revision switches foreign keys off, but not for the backfill.
#[test]
fn a_script_checks_foreign_keys() {
    let project = Project::new();
    let tables = "upgrade:
  - create_table: {table: a, columns: {id: {type: bigint, primary_key: true}}}
  - create_table: {table: t, columns: {id: {type: bigint, primary_key: true}, a: {type: bigint, references: {table: a}}, n: bigint}}
";
    project.revision("first", None, tables);
    let [scripted, live] = [(); 2].map(|()| {
        let database = Database::new(Product::Sqlite);
        project.run(&database, &["upgrade", "first"]).expect(0);
        database.execute(&["INSERT INTO a VALUES (1)", "INSERT INTO t VALUES (1, 1, 1), (2, 1, 2)"]);
        database
    });
    let body = "upgrade:
  - backfill: {table: t, set: {a: {sql: id}}, down: ''}
  - alter_column: {table: t, column: n, nullable: false}
";
    project.revision("second", Some("first"), body);
    let root = project.root().to_str().expect("a readable path").to_owned();
    let script = aludel(["-C", &root, "upgrade", "--sql", "first:second", "--dialect", "sqlite"]).expect(0).stdout;
    assert!(std::panic::catch_unwind(|| feed(&scripted, &script)).is_err(), "a row refers to nothing:\n{script}");
    let refused = project.run(&live, &["upgrade"]).expect(1).stderr;
    assert!(refused.contains("FOREIGN KEY"), "{refused}");
    for database in [scripted, live] {
        assert_eq!(database.cell("SELECT count(*) FROM t WHERE a = 1").as_deref(), Some("2"));
    }
}

/// Where a table is in a namespace, its key has several columns and its names are words, the loop of the script holds too.
#[test]
fn a_script_loops_through_odd_names() {
    let database = Database::new(Product::Postgres);
    let project = Project::new();
    database.execute(&[
        "CREATE SCHEMA \"App\"",
        "CREATE TABLE \"App\".\"Order\" (\"found\" text, \"Group\" int, n int, PRIMARY KEY (\"found\", \"Group\"))",
        "INSERT INTO \"App\".\"Order\" SELECT 'k' || i % 3, i, i FROM generate_series(1, 20) AS i",
    ]);
    let table = "upgrade:
  - execute:
      sql: SELECT 1
      down: SELECT 1
      effect:
        - create_table: {schema: App, table: Order, columns: {found: text, Group: integer, n: integer}, primary_key: [found, Group]}
";
    project.revision("first", None, table);
    let body = "upgrade:
  - backfill:
      schema: App
      table: Order
      set: {n: {sql: 'n + 100 -- more'}}
      where: found <> 'k1' AND (found, \"Group\") IS NOT NULL -- $aludel$
      batch: 3
      pause: 0s
      down: ''
";
    project.revision("second", Some("first"), body);
    let root = project.root().to_str().expect("a readable path").to_owned();
    let script = aludel(["-C", &root, "upgrade", "--sql", "--dialect", "postgres"]).expect(0).stdout;
    feed(&database, &script);
    let sum =
        "SELECT sum(CASE WHEN \"found\" = 'k1' THEN n - \"Group\" ELSE n - \"Group\" - 100 END) FROM \"App\".\"Order\"";
    assert_eq!(database.cell(sum).as_deref(), Some("0"));
    project.run(&database, &["downgrade", "first", "--yes"]).expect(0);
    project.run(&database, &["upgrade"]).expect(0);
    let twice = "SELECT count(*) FROM \"App\".\"Order\" WHERE \"found\" <> 'k1' AND n = \"Group\" + 200";
    assert_eq!(database.cell(twice).as_deref(), Some("13"));
}

/// A row that somebody else has locked is waited for as long as the settings say, then the batch is tried again.
#[test]
fn a_locked_row_is_tried_again() {
    for product in [Product::Postgres, Product::Mysql, Product::Mariadb] {
        let database = Database::new(product);
        let project = counters(&database, 30, "batch: 10, pause: 0s");
        let settings = format!(
            "migrations: migrations\ndatabases:\n  default: {{url: \"{}\", lock_timeout: 1s}}\n",
            database.argument()
        );
        project.write("aludel.yaml", &settings);
        let mut other = database.connect();
        let begin = other.dialect().capabilities().begin;
        // The definition before it must not wait.
        project.run(&database, &["upgrade", "first"]).expect(0);
        for sql in [begin, "UPDATE t SET n = n WHERE id = 15"] {
            other.execute(sql).expect("a statement");
        }
        project.revision(
            "second",
            Some("first"),
            "upgrade:\n  - backfill: {table: t, set: {n: {sql: n + 1}}, batch: 10, pause: 0s, down: ''}\n",
        );
        let root = project.root().to_str().expect("a readable path").to_owned();
        let child = Command::new(binary())
            .args(["-C", &root, "upgrade"])
            .stderr(Stdio::piped())
            .stdout(Stdio::null())
            .spawn()
            .expect("the binary starts");
        std::thread::sleep(Duration::from_millis(1800));
        other.execute("COMMIT").expect("a commit");
        let output = child.wait_with_output().expect("the binary ends");
        assert!(output.status.success(), "{}", said(&output));
        assert!(said(&output).contains("attempt 2"), "{product:?}: {}", said(&output));
        changed_once(&database, 30);
    }
}
