//! Ctrl-C during a long statement: it is stopped, the journal says so, and the next run continues.

use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use aludel_tests::{Database, Product, Project, binary, on_every_product};

on_every_product!(interrupt);

/// The second revision takes for ever, until the table `go` has a row.
fn history() -> Project {
    let project = Project::new();
    project.revision(
        "first",
        None,
        "upgrade:\n  - create_table: {table: go, columns: {id: {type: bigint, primary_key: true}}}\n",
    );
    project.revision(
        "second",
        Some("first"),
        "upgrade:
  - create_table: {table: a, columns: {id: {type: bigint, primary_key: true}}}
  - execute:
      sql:
        postgres: SELECT CASE WHEN count(*) = 0 THEN pg_sleep(60) END FROM go
        mysql: INSERT INTO a SELECT SLEEP(IF(COUNT(*) = 0, 60, 0)) FROM go
        sqlite: >-
          INSERT INTO a WITH RECURSIVE c(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM c
          WHERE x < (SELECT CASE WHEN count(*) = 0 THEN 3000000000 ELSE 1 END FROM go)) SELECT count(*) FROM c
      down: SELECT 1
  - create_table: {table: b, columns: {id: {type: bigint, primary_key: true}}}
",
    );
    project
}

fn interrupt(product: Product) {
    let database = Database::new(product);
    let project = history();
    project.run(&database, &["upgrade", "first"]).expect(0);
    let child = Command::new(binary())
        .args(project.arguments(&database, &["upgrade"]))
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("the binary starts");
    std::thread::sleep(Duration::from_millis(1500));
    let began = Instant::now();
    let sent = Command::new("kill").args(["-INT", &child.id().to_string()]).status().expect("kill is there");
    assert!(sent.success(), "the process is gone already");
    let output = child.wait_with_output().expect("the binary ends");
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(began.elapsed() < Duration::from_secs(20), "it took {:?} to stop:\n{said}", began.elapsed());
    assert_eq!(output.status.code(), Some(1), "{said}");
    assert!(said.contains("interrupted"), "{said}");
    let state = database.cell("SELECT state FROM aludel_run ORDER BY fence DESC");
    assert_eq!(state.as_deref(), Some("interrupted"), "{said}");

    database.execute(&["INSERT INTO go VALUES (1)"]);
    project.run(&database, &["upgrade"]).expect(0);
    assert_eq!(database.cell("SELECT revision FROM aludel_version").as_deref(), Some("second"));
    assert_eq!(database.cell("SELECT count(*) FROM b").as_deref(), Some("0"));
}
