use super::*;
use crate::project::test_directory::{TestDirectory, said};

fn revision(id: &str, down: &str, rest: &str) -> String {
    format!("revision: {id}\ndown_revision: {down}\n{rest}")
}

fn load(files: &[(&str, &str)]) -> (TestDirectory, Project, History, Diagnostics) {
    let directory = TestDirectory::new(&[("aludel.yaml", "{}"), ("migrations/.gitkeep", "")]);
    files.iter().for_each(|(name, text)| directory.write(name, text));
    let mut diagnostics = Diagnostics::default();
    let mut project = directory.open(&mut diagnostics);
    let history = History::load(&mut project, &mut diagnostics);
    (directory, project, history, diagnostics)
}

fn id(text: &str) -> RevisionId {
    text.parse().unwrap()
}

#[test]
fn headers_first_bodies_when_asked() {
    let one = revision("one", "null", "upgrade:\n- execute: {sql: {file: sql/a.sql}}\n");
    let two = revision("two", "one", "upgrade: [\n");
    let (_directory, project, mut history, mut diagnostics) =
        load(&[("migrations/1.yaml", &one), ("migrations/2.yaml", &two), ("sql/a.sql", "\u{feff}select 1;\n")]);
    assert_eq!(said(&diagnostics), Vec::<String>::new());
    assert_eq!(history.graph.heads(), [id("two")]);
    assert!(history.body(&id("one")).is_none());
    history.load_bodies(&project, [&id("one"), &id("one"), &id("absent")], &mut diagnostics);
    assert!(diagnostics.is_empty());
    let body = history.body(&id("one")).unwrap();
    assert_eq!(body.sql_files.get(Path::new("sql/a.sql")), Some(&Ok("select 1;\n".to_owned())));
    assert_eq!(history.sql_files(), body.sql_files);
    history.load_all_bodies(&project, &mut diagnostics);
    assert!(history.body(&id("two")).is_none());
    assert_eq!(said(&diagnostics).len(), 1);
    assert!(history.path(&id("two"), &project).unwrap().ends_with("migrations/2.yaml"));
}

#[test]
fn only_the_meaning_counts() {
    let checksum = |text: &str, sql: &str| {
        let (_directory, project, mut history, mut diagnostics) = load(&[("migrations/1.yaml", text), ("a.sql", sql)]);
        history.load_all_bodies(&project, &mut diagnostics);
        assert!(!diagnostics.has_errors(), "{:?}", said(&diagnostics));
        history.body(&id("a")).unwrap().checksum.clone()
    };
    let base = "revision: a\ndown_revision: null\nupgrade:\n- execute: {sql: {sqlite: {file: a.sql}}}\n";
    let sum = checksum(base, "x;\ny;\n");
    for same in [
        "revision: a\ndown_revision: null\nmessage: other\ncreated: now\ntransaction: true\n# c\nupgrade:\n  - execute:\n      sql: {'sqlite': {file: \"a.sql\"}}\ndowngrade:\n",
        "upgrade: [execute: {sql: {sqlite: {file: a.sql}}}]\nrevision: a\ndown_revision: []\nbranch_labels: b\n",
    ] {
        assert_eq!(checksum(same, "x;\r\ny;\r\n"), sum, "{same}");
    }
    assert_ne!(checksum(base, "x;\nz;\n"), sum);
    for other in [
        base.replace("upgrade", "transaction: false\nupgrade"),
        base.replace("upgrade", "downgrade: irreversible\nupgrade"),
        base.replace("upgrade", "downgrade: []\nupgrade"),
        base.replace("{sqlite: {file: a.sql}}", "{file: a.sql}"),
    ] {
        assert_ne!(checksum(&other, "x;\ny;\n"), sum, "{other}");
    }
    assert_eq!(checksum(&revision("a", "null", "upgrade: []"), ""), checksum(&revision("a", "null", ""), ""));
    // Stored in the histories of users' databases: it must not change.
    let frozen = "abeb959b5558ae61bb7658723e3b4d5d678dc53995702ff529bd716f1294f908";
    assert_eq!(sum, frozen);
}

#[test]
fn sql_files_of_the_project_alone() {
    let files = ["../x.sql", "/abs/x.sql", "a/../../x.sql", "absent.sql", "latin.sql", "a/../ok.sql", "sql"];
    let steps: String = files.iter().map(|file| format!("- execute: {{sql: {{file: {file}}}}}\n")).collect();
    let other = "- insert: {table: t, rows: [{file: not.sql}]}\n- load: {file: not.csv}\n";
    let text = revision("a", "null", &format!("upgrade:\n{steps}{other}"));
    let (directory, project, mut history, mut diagnostics) =
        load(&[("migrations/1.yaml", &text), ("ok.sql", "ok"), ("a/x", ""), ("sql/x", "")]);
    directory.write("latin.sql", b"caf\xe9");
    history.load_all_bodies(&project, &mut diagnostics);
    let found: Vec<(String, String)> = (history.body(&id("a")).unwrap().sql_files.iter())
        .map(|(path, text)| (path.display().to_string(), text.clone().unwrap_or_else(|reason| reason)))
        .collect();
    let expected = [
        ("/abs/x.sql", "leads out"),
        ("../x.sql", "leads out"),
        ("a/../../x.sql", "leads out"),
        ("a/../ok.sql", "ok"),
        ("absent.sql", "No such file"),
        ("latin.sql", "not UTF-8, from byte 3"),
        ("sql", "is a directory"),
    ];
    assert_eq!(found.len(), expected.len(), "{found:?}");
    for ((path, text), (name, part)) in found.iter().zip(expected) {
        assert!(path == name && text.contains(part), "{path}: {text}");
    }
}

#[test]
fn every_file_reports() {
    let (_directory, project, mut history, mut diagnostics) = load(&[
        ("migrations/1.yaml", &revision("a", "null", "upgrade: []")),
        ("migrations/2.yaml", &revision("b", "a", "mesage: x\nbranch_labels: [l]\nupgrade: []")),
        ("migrations/3.yaml", &revision("c", "b", "depends_on: l\nupgrade: [a: {]")),
        ("migrations/4.yaml", &revision("d", "zzz", "")),
        ("migrations/5.yaml", &revision("a", "null", "")),
    ]);
    history.load_all_bodies(&project, &mut diagnostics);
    let said = said(&diagnostics);
    let codes: Vec<&str> = said.iter().map(|line| &line[..5]).collect();
    assert_eq!(codes, ["E0201", "E0101", "E0404", "E0403"], "{said:?}");
    assert!(history.graph.is_empty());
    assert_eq!(history.ids().count(), 4);
    assert!(history.body(&id("a")).is_some());
}

#[test]
fn a_file_that_cannot_be_read_hides_no_more_than_itself() {
    let (_directory, _project, history, diagnostics) = load(&[
        ("migrations/1.yaml", "revision: [\n"),
        ("migrations/2.yaml", &revision("b", "gone", "upgrade: []")),
        ("migrations/3.yaml", &revision("b", "null", "upgrade: []")),
    ]);
    let said = said(&diagnostics);
    assert_eq!(said.len(), 2, "{said:?}");
    assert!(said[0].starts_with("E0101") && said[1].starts_with("E0403"), "{said:?}");
    assert!(history.graph.is_empty());
}
