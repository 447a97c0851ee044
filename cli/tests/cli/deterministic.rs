//! The same question a hundred times: the same bytes.

use std::collections::BTreeSet;

use crate::project::Project;

/// Runs of the binary that ask for everything that is computed.
const QUESTIONS: &[&[&str]] = &[
    &["heads", "-v"],
    &["branches", "--json"],
    &["history", "--graph"],
    &["history", "-r", "-3:", "--json"],
    &["check", "--json"],
    &["upgrade", "--sql", "--dialect", "postgres"],
    &["upgrade", "--sql", "r2,apart1:heads", "--dialect", "mysql"],
    &["stamp", "--sql", "--purge", "heads", "--dialect", "mariadb"],
    &["downgrade", "--sql", "heads:base", "--dialect", "sqlite"],
    &["plan", "--dialect", "mariadb", "--json"],
];

/// Branches with labels, dependencies, a merge, and two heads that conflict.
fn project() -> Project {
    let project = Project::empty();
    project
        .file("aludel.yaml", "dialects: [sqlite, postgres, mysql, mariadb]\ndatabases: {default: 'sqlite:app.db'}\n");
    let mut parent = "null".to_owned();
    for number in 0..3 {
        let id = format!("r{number}");
        project.revision(
            &id,
            &parent,
            &format!("- create_table: {{table: t{number}, columns: {{id: integer, a: text}}}}"),
        );
        for side in ["x", "y", "z"] {
            let steps = format!("- add_column: {{table: t{number}, column: {side}, type: integer}}");
            project.revision(&format!("{side}{number}"), &id, &steps);
        }
        project.revision(&format!("m{number}"), &format!("[x{number}, y{number}]"), "[]");
        parent = format!("m{number}");
    }
    // A history of its own with a label, which needs the other one and is needed by it.
    project.file(
        "migrations/apart1.yaml",
        "revision: apart1\ndown_revision: null\nbranch_labels: [apart, aside]\ndepends_on: [x1]\nmessage: a\nupgrade:\n  - create_table: {table: u, columns: {id: integer}}\n",
    );
    project.file(
        "migrations/apart2.yaml",
        "revision: apart2\ndown_revision: m2\ndepends_on: [apart, z0, z1]\nmessage: b\nupgrade:\n  - add_column: {table: u, column: n, type: integer}\n",
    );
    project
}

#[test]
fn a_hundred_runs() {
    let project = project();
    for question in QUESTIONS {
        // A process has its own seeds of hash maps, so each run is one.
        let answers: BTreeSet<(i32, String, String)> = (0..100)
            .map(|_| {
                let ran = project.run(question);
                (ran.code, ran.stdout, ran.stderr)
            })
            .collect();
        assert_eq!(answers.len(), 1, "{question:?}");
    }
}
