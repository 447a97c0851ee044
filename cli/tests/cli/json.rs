//! `--json`: one document on standard output, with stable keys.

use serde_json::Value;

use crate::project::Project;

/// The shape of a document: its keys with the kinds of their values, lists by their first item.
fn shape(value: &Value, indent: usize, text: &mut String) {
    match value {
        Value::Object(map) => {
            for (key, value) in map {
                text.push_str(&format!("{}{key}: {}\n", "  ".repeat(indent), kind(value)));
                shape(value, indent + 1, text);
            }
        }
        Value::Array(items) => {
            if let Some(first) = items.first() {
                shape(first, indent, text);
            }
        }
        _ => {}
    }
}

fn kind(value: &Value) -> String {
    match value {
        Value::Null => "null".to_owned(),
        Value::Bool(_) => "bool".to_owned(),
        Value::Number(_) => "number".to_owned(),
        Value::String(_) => "string".to_owned(),
        Value::Array(items) => format!("list of {}", items.first().map_or_else(|| "nothing".to_owned(), kind)),
        Value::Object(_) => "map".to_owned(),
    }
}

#[test]
fn every_command_gives_a_document() {
    let project = Project::nowhere();
    let runs: &[(&[&str], i32)] = &[
        (&["init", "--example"], 0),
        (&["plan"], 0),
        (&["upgrade"], 0),
        (&["plan", "--down", "-1"], 0),
        (&["current", "--check-heads"], 0),
        (&["history"], 0),
        (&["history", "-i"], 0),
        (&["history", "--applied"], 0),
        (&["heads"], 0),
        (&["show", "head"], 0),
        (&["upgrade", "--sql"], 0),
        (&["stamp", "head", "--sql"], 0),
        (&["stamp", "head"], 0),
        (&["downgrade", "-1"], 1),
        (&["downgrade", "-1", "--yes"], 0),
        (&["current", "--check-heads"], 3),
        (&["check"], 0),
        (&["branches"], 0),
        (&["revision", "-m", "x"], 0),
        (&["repair"], 0),
        (&["revision", "-m", "y", "--head", "head-1", "--splice", "--rev-id", "other"], 0),
        (&["branches"], 0),
        (&["check"], 3),
        (&["rebase", "other", "--dry-run"], 0),
        (&["merge"], 0),
        (&["inspect"], 0),
        (&["diff", "@base", "@head", "--dialect", "sqlite"], 3),
        (&["diff", "@base", "default", "--format", "sql"], 3),
        (&["check", "-d", "default", "--allow-heads"], 0),
        (&["verify"], 0),
        (&["adopt", "--dry-run"], 1),
        (&["explain", "301"], 0),
        (&["upgrade", "nowhere"], 1),
        (&["upgrade", "--nonsense"], 2),
        (&["-d", "nothing", "current"], 1),
    ];
    let mut text = String::new();
    for (arguments, code) in runs {
        let arguments: Vec<&str> = [&["--json"], *arguments].concat();
        let ran = project.run(&arguments).expect(*code);
        text.push_str(&format!("$ aludel {}\n", arguments.join(" ")));
        shape(&ran.document(), 1, &mut text);
        text.push('\n');
    }
    insta::assert_snapshot!(text);
}

#[test]
fn errors_have_places() {
    let project = Project::empty();
    project.revision("a", "null", "- add_column: {table: users, column: x, type: text}");
    let document = project.run(&["upgrade", "--json"]).expect(1).document();
    let diagnostic = &document["error"]["diagnostics"][0];
    assert_eq!(diagnostic["code"], "E0301");
    assert_eq!(diagnostic["labels"][0]["file"], "migrations/a.yaml");
    assert_eq!(diagnostic["labels"][0]["line"], 5);
    assert_eq!(document["error"]["message"], "1 error");
}

#[test]
fn what_ran_before_a_failure_is_told() {
    let project = Project::empty();
    project.revision("a", "null", "- create_table: {table: t, columns: {id: integer}}");
    project.revision("b", "a", "- execute: {sql: 'INSERT INTO missing VALUES (1)', down: 'SELECT 1'}");
    let ran = project.run(&["upgrade", "--json"]).expect(1);
    assert_eq!(ran.document()["error"]["done"], serde_json::json!(["a"]));
    assert_eq!(ran.document()["error"]["diagnostics"][0]["code"], "E0601");
}
