use super::*;
use crate::diagnostic::Diagnostics;
use crate::project::test_directory::TestDirectory;
use crate::revision::Header;
use crate::source::{Node, Sources, meaning, parse, parse_header};

fn new(id: &str) -> NewRevision {
    NewRevision {
        id: id.parse().unwrap(),
        down_revisions: Vec::new(),
        branch_labels: Vec::new(),
        depends_on: Vec::new(),
        message: "add it".to_owned(),
        created: "2026-11-20T10:30:00Z".to_owned(),
        steps: None,
    }
}

/// Reads an emitted file; the head must be readable without the body.
fn reread(text: &str) -> (Header, Node) {
    let mut sources = Sources::default();
    let file = sources.add("x.yaml", text);
    let mut diagnostics = Diagnostics::default();
    let node = parse(&sources, file, &mut diagnostics).unwrap_or_else(|| panic!("{text}\n{diagnostics:?}"));
    let head = parse_header(&sources, file, &mut diagnostics).unwrap();
    let header = Header::decode(&head, file, &mut diagnostics);
    assert!(diagnostics.is_empty(), "{text}\n{diagnostics:?}");
    assert!(head.get("upgrade").is_none());
    (header.unwrap(), node)
}

#[test]
fn an_empty_revision() {
    let text =
        NewRevision { down_revisions: vec!["1a2b3c4d5e6f".parse().unwrap()], ..new("3f2a9c41d7e0") }.text().unwrap();
    assert_eq!(
        text,
        "revision: 3f2a9c41d7e0\ndown_revision: 1a2b3c4d5e6f\nmessage: add it\ncreated: 2026-11-20T10:30:00Z\n\nupgrade:\n  \
         # One step for each list item, such as:\n  # - add_column: {table: users, column: full_name, type: varchar(255)}\n\n\
         # The downgrade is derived from the steps. Where it should be another, write `downgrade:` with steps of its\n\
         # own, or `downgrade: irreversible`.\n"
    );
    let (header, _) = reread(&text);
    assert_eq!(header.down_revisions.len(), 1);
    // The example in the comment is a step that can be taken as it is.
    let (_, node) = reread(&text.replace("  # - add", "  - add"));
    assert!(node.get("upgrade").is_some_and(|steps| matches!(steps.kind, crate::source::NodeKind::Sequence(_))));
}

#[test]
fn every_id_is_read_back() {
    let ids = [
        "123456789012",
        "012345678901",
        "1e1234567890",
        "0x12",
        "0o17",
        "true",
        "null",
        "~",
        "y",
        "no",
        "a,b",
        "[x]",
        "{x",
        "#x",
        "a#b",
        "'q",
        "\"q",
        "*x",
        "&x",
        "!x",
        "%x",
        "|",
        ">",
        "?",
        "é",
        "1.5",
        ".5",
        "=",
        "<<",
        "`x",
        "a'b",
    ];
    for id in ids {
        let revision = NewRevision {
            down_revisions: ids.iter().filter(|other| **other != id).map(|id| id.parse().unwrap()).collect(),
            branch_labels: vec![id.to_owned()],
            depends_on: ids.iter().map(|id| (*id).to_owned()).collect(),
            ..new(id)
        };
        let (header, _) = reread(&revision.text().unwrap());
        assert_eq!(header.id.as_str(), id);
        assert_eq!(header.down_revisions.len(), ids.len() - 1);
        assert_eq!(header.depends_on.iter().map(|d| d.as_str()).collect::<Vec<_>>(), ids);
        let one = NewRevision { down_revisions: vec![id.parse().unwrap()], ..new("other") };
        assert_eq!(reread(&one.text().unwrap()).0.down_revisions[0].as_str(), id);
    }
}

#[test]
fn every_message_is_read_back() {
    for message in [
        "",
        " ",
        "a: b",
        "# no",
        "it's",
        "say \"it\"",
        "two\nlines\n",
        "\n\n lead",
        "tab\there",
        "- x",
        "null",
        "1e5",
        "no",
        "\u{7}bell",
        "émoji 🦀",
        "{x}",
        "@a",
        "trailing ",
        "a\r\nb",
        "\u{feff}bom",
        "...",
        "---",
        "upgrade:\nupgrade:",
        "\u{85}\u{2028}",
        &"long ".repeat(100),
    ] {
        let (header, _) = reread(&NewRevision { message: message.to_owned(), ..new("a") }.text().unwrap());
        assert_eq!(header.message, message);
    }
}

#[test]
fn operations_are_read_back() {
    let yaml = r#"
- create_table:
    table: users
    columns: {id: {type: bigint, primary_key: true}, note: {type: text, default: "it's\n  two\n\nlines"}}
- execute: {sql: "create view v as\n  select 1;\n\n  -- end\n", down: "  drop view v"}
- insert: {table: users, rows: [{id: 1, note: null}, {id: -2, note: "007"}, {id: 3, note: 'true'}], n: 1.5}
"#;
    let operations: serde_yaml::Value = serde_yaml::from_str(yaml).unwrap();
    let steps = crate::notation::print(&operations);
    let text = NewRevision { steps: Some(steps), ..new("a") }.text().unwrap();
    let (_, node) = reread(&text);
    let mut sources = Sources::default();
    let file = sources.add("y.yaml", yaml);
    let expected = parse(&sources, file, &mut Diagnostics::default()).unwrap();
    assert_eq!(meaning(node.get("upgrade").unwrap()), meaning(&expected), "{text}");
}

#[test]
fn files_are_made_once() {
    let directory = TestDirectory::new(&[("file", "")]);
    let path = directory.path().join("a/b/x.yaml");
    create(&path, "one").unwrap();
    assert_eq!(create(&path, "two").unwrap_err().code.id, "E0711");
    assert_eq!(std::fs::read_to_string(&path).unwrap(), "one");
    assert_eq!(create(&directory.path().join("file/x.yaml"), "").unwrap_err().code.id, "E0712");
}
