//! Many containers start at once: one does the work, the others wait or find nothing to do, and all succeed.

use std::process::{Child, Command, Stdio};

use aludel_tests::{Database, Product, Project, binary, on_every_product};

const RACERS: usize = 5;
const REVISIONS: usize = 12;

on_every_product!(race);

fn history() -> Project {
    let project = Project::new();
    for number in 0..REVISIONS {
        let id = format!("rev{number:04}");
        let parent = number.checked_sub(1).map(|parent| format!("rev{parent:04}"));
        let body = format!(
            "upgrade:\n  - create_table:\n      table: t{number}\n      columns:\n        id: {{type: bigint, primary_key: true}}\n        name: {{type: varchar(40), index: true}}\n  - insert: {{table: t{number}, rows: [{{id: {number}, name: it}}]}}\n"
        );
        project.revision(&id, parent.as_deref(), &body);
    }
    project
}

fn race(product: Product) {
    let database = Database::new(product);
    let project = history();
    let children: Vec<Child> = (0..RACERS)
        .map(|_| {
            Command::new(binary())
                .args(project.arguments(&database, &["upgrade"]))
                .stdin(Stdio::null())
                .stdout(Stdio::piped())
                .stderr(Stdio::piped())
                .spawn()
                .expect("the binary starts")
        })
        .collect();
    for child in children {
        let output = child.wait_with_output().expect("the binary ends");
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    }
    let count = |sql: &str| database.cell(sql).expect("a count");
    assert_eq!(count("SELECT count(*) FROM aludel_history"), REVISIONS.to_string());
    assert_eq!(count("SELECT count(DISTINCT revision) FROM aludel_history"), REVISIONS.to_string());
    assert_eq!(count("SELECT count(*) FROM aludel_history WHERE finished_at IS NULL"), "0");
    assert_eq!(count("SELECT revision FROM aludel_version"), format!("rev{:04}", REVISIONS - 1));
    assert_eq!(count("SELECT count(*) FROM t7"), "1");
}
