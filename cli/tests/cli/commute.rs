//! Runs `specs/commute`: whether two branches can be merged, and, where they can, that both orders lead to the same.

use std::path::Path;

use aludel_engine::diagnostic::Diagnostics;
use aludel_engine::source::{NodeKind, Sources, items, parse, text};
use serde_json::Value;

use crate::project::Project;

const SCHEMA: &str =
    "SELECT type, name, tbl_name, sql FROM sqlite_schema WHERE name NOT LIKE 'aludel%' ORDER BY 1, 2, 3;";

struct Case {
    about: String,
    /// The steps given, of the one branch, and of the other, as they stand in the file.
    steps: [String; 3],
    says: Vec<String>,
}

fn cases() -> Vec<Case> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../specs/commute/cases.yaml");
    let mut sources = Sources::default();
    let mut problems = Diagnostics::default();
    let file = sources.read(&path).unwrap();
    let root = parse(&sources, file, &mut problems).unwrap();
    let read = |node: &aludel_engine::source::Node| Case {
        about: sources.text(node.get("about").unwrap().span).to_owned(),
        steps: ["given", "one", "other"].map(|key| sources.text(node.get(key).unwrap().span).to_owned()),
        says: match &node.get("says").unwrap().kind {
            NodeKind::Sequence(list) => {
                list.iter().filter_map(|item| text(item, &mut Diagnostics::default())).collect()
            }
            _ => panic!("`says` is a list"),
        },
    };
    items(&root, &mut problems).unwrap().iter().map(read).collect()
}

fn project(case: &Case) -> Project {
    let project = Project::empty();
    let settings = "dialects: [sqlite, postgres, mysql, mariadb]\ndatabases: {default: 'sqlite:app.db'}\n";
    project.file("aludel.yaml", settings);
    for ((id, parent), steps) in [("base1", "null"), ("one1", "base1"), ("other1", "base1")].iter().zip(&case.steps) {
        let file = format!("revision: {id}\ndown_revision: {parent}\nmessage: {id}\nupgrade: {steps}\n");
        project.file(&format!("migrations/{id}.yaml"), &file);
    }
    project
}

#[test]
fn branches_commute_or_not() {
    let mut failures = Vec::new();
    for case in cases() {
        let project = project(&case);
        let ran = project.run(&["check", "--json"]).expect(3);
        let document = ran.document();
        let found: Vec<&str> = document["divergences"][0]["conflicts"]
            .as_array()
            .unwrap()
            .iter()
            .filter_map(|c| c["message"].as_str())
            .collect();
        let known = |says: &String| found.iter().any(|message| message.contains(says.as_str()));
        let right = case.says.iter().all(known)
            && case.says.is_empty() == found.is_empty()
            && document["problems"] == Value::Array(Vec::new())
            && document["divergences"][0]["commutes"] == Value::Bool(case.says.is_empty());
        if !right {
            failures.push(format!("{}: {found:?} {}", case.about, document["problems"]));
            continue;
        }
        assert_eq!(project.run(&["merge"]).code, i32::from(!case.says.is_empty()), "{}", case.about);
        if case.says.is_empty() {
            let [forth, back] = [("one1", "forth.db"), ("other1", "back.db")].map(|(first, file)| {
                let url = format!("sqlite:{file}");
                for target in ["base1", first, "heads"] {
                    project.run(&["-d", &url, "upgrade", target]).expect(0);
                }
                project.sqlite3(file, SCHEMA)
            });
            assert_eq!(forth, back, "{}", case.about);
        }
    }
    assert!(failures.is_empty(), "{}", failures.join("\n"));
}
