//! What a newcomer does, from `init` on.

use crate::project::Project;

#[test]
fn the_tour() {
    let project = Project::nowhere();
    let runs: &[&[&str]] = &[
        &["init", "--example"],
        &["plan"],
        &["upgrade", "--dry-run"],
        &["current"],
        &["upgrade"],
        &["upgrade"],
        &["current"],
        &["current", "-v"],
        &["history"],
        &["history", "-i"],
        &["history", "-v"],
        &["heads"],
        &["show", "head"],
        &["plan", "--down", "-1"],
        &["downgrade", "-1"],
        &["downgrade", "-1", "--yes"],
        &["current", "--check-heads"],
        &["up", "+1"],
        &["down", "base", "-y"],
        &["current"],
        &["stamp", "head"],
        &["stamp", "base"],
        &["explain", "e0301"],
    ];
    insta::assert_snapshot!(project.session(runs));
}

#[test]
fn the_record() {
    let project = Project::example();
    project.run(&["upgrade", "--tag", "release 7"]).expect(0);
    project.run(&["downgrade", "-1", "--yes"]).expect(0);
    let said = project.says(&["history", "--applied"]);
    assert_eq!(said.lines().count(), 5, "{said}");
    for (line, word) in [(2, "↓"), (3, "↑"), (4, "↑")] {
        assert!(said.lines().nth(line).unwrap().contains(word), "{said}");
    }
    assert_eq!(project.sqlite3("app.db", "SELECT target FROM aludel_run LIMIT 1;"), "heads [release 7]\n");
}

#[test]
fn new_revisions() {
    let project = Project::empty();
    let made = project.run(&["revision", "-m", "Create notes!"]).expect(0).stdout;
    let text = std::fs::read_to_string(project.root.join(made.trim())).unwrap();
    assert!(made.trim().ends_with("_create_notes.yaml") && text.contains("down_revision: null"), "{made}\n{text}");
    project.run(&["revision", "-m", "two", "--rev-id", "two"]).expect(0);
    project.run(&["revision", "-m", "three", "--rev-id", "three", "--head", "two"]).expect(0);
    let runs: &[&[&str]] = &[
        &["revision", "-m", "again", "--rev-id", "two"],
        &["revision", "-m", "fork", "--rev-id", "fork", "--head", "two"],
        &["revision", "-m", "root", "--rev-id", "root", "--head", "base"],
        &["revision", "-m", "bad", "--rev-id", "a-b"],
        &["revision", "-m", "needs", "--depends-on", "nothing"],
        &["revision", "-m", "elsewhere", "--version-path", "elsewhere"],
    ];
    let refused = project.session(runs);
    project.run(&["revision", "-m", "fork", "--rev-id", "fork", "--head", "two", "--splice"]).expect(0);
    let ambiguous = project.says(&["revision", "-m", "more"]);
    project
        .run(&["revision", "--rev-id", "root", "--head", "base", "--branch-label", "side", "--depends-on", "thre"])
        .expect(0);
    let root = std::fs::read_to_string(
        project.root.join("migrations").join(
            project
                .run(&["show", "root"])
                .stdout
                .lines()
                .find_map(|l| l.trim().strip_prefix("file"))
                .unwrap()
                .trim()
                .trim_start_matches("migrations/"),
        ),
    );
    assert!(root.unwrap().contains("depends_on: [three]"));
    project.run(&["upgrade"]).expect(0);
    insta::assert_snapshot!([refused, ambiguous, project.says(&["current"])].join("\n"));
}

#[test]
fn hooks_run_on_a_new_file() {
    let project = Project::empty();
    project.file("mark.sh", "echo '# touched' >> \"$1\"\n");
    let settings =
        "databases: {default: 'sqlite:app.db'}\nhooks: {after_revision: ['sh mark.sh {file}', 'cat {file}']}\n";
    project.file("aludel.yaml", settings);
    let ran = project.run(&["revision", "-m", "x"]).expect(0);
    assert!(ran.stderr.contains("touched") && ran.stdout.lines().count() == 1, "{}", ran.stderr);
    project.file("aludel.yaml", "databases: {default: 'sqlite:app.db'}\nhooks: {after_revision: [\"false\"]}\n");
    let ran = project.run(&["revision", "-m", "y", "--rev-id", "y"]).expect(1);
    assert!(ran.stderr.contains("E0710"), "{}", ran.stderr);
}
