//! The process is killed in the middle, again and again; the next run continues, and the end is the same as without.

use std::process::{Command, Stdio};
use std::time::Duration;

use aludel_tests::{Database, Product, Project, binary, on_every_product};

const REVISIONS: usize = 10;

on_every_product!(kill_and_continue);

/// Every revision has several statements, definitions and rows mixed; PostgreSQL builds indexes outside transactions.
fn history() -> Project {
    let project = Project::new();
    for number in 0..REVISIONS {
        let id = format!("rev{number:04}");
        let parent = number.checked_sub(1).map(|parent| format!("rev{parent:04}"));
        let body = format!(
            "upgrade:
  - create_table:
      table: t{number}
      columns:
        id: {{type: bigint, primary_key: true}}
        name: {{type: varchar(40), nullable: false, default: none}}
  - insert: {{table: t{number}, rows: [{{id: 1, name: a}}, {{id: 2, name: b}}]}}
  - add_column: {{table: t{number}, column: size, type: integer, nullable: false, default: 7}}
  - create_index: {{table: t{number}, columns: name, postgres: {{concurrently: true}}}}
  - alter_column: {{table: t{number}, column: name, type: varchar(80)}}
  - insert: {{table: t{number}, rows: [{{id: 3, name: c, size: 1}}]}}
  - rename_column: {{table: t{number}, column: size, to: amount}}
"
        );
        project.revision(&id, parent.as_deref(), &body);
    }
    project
}

fn kill_and_continue(product: Product) {
    let project = history();
    let undisturbed = Database::new(product);
    let began = std::time::Instant::now();
    project.run(&undisturbed, &["upgrade"]).expect(0);
    let whole = began.elapsed();

    let database = Database::new(product);
    // Different moments of the run, from its first statement to near its end.
    for part in 1..10 {
        let mut child = Command::new(binary())
            .args(project.arguments(&database, &["upgrade"]))
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .expect("the binary starts");
        let moment = whole.mul_f64(f64::from(part) * 0.03);
        std::thread::sleep(moment.max(Duration::from_millis(5)));
        child.kill().expect("the process can be killed");
        child.wait().expect("the process ends");
    }
    project.run(&database, &["upgrade"]).expect(0);
    assert_eq!(undisturbed.catalog(), database.catalog());
    for number in 0..REVISIONS {
        let rows = database.cell(&format!("SELECT count(*) FROM t{number}"));
        assert_eq!(rows.as_deref(), Some("3"), "rows of t{number}");
    }
    let unfinished = "SELECT count(*) FROM aludel_history WHERE finished_at IS NULL";
    assert_eq!(database.cell(unfinished).as_deref(), Some("0"));

    project.run(&database, &["downgrade", "base", "--yes"]).expect(0);
    let empty = Database::new(product);
    assert_eq!(empty.catalog(), database.catalog());
}
