//! An older release of the user's code meets a database that a newer one migrated: what the database recorded is enough to go
//! back.

use aludel_tests::{Database, Product, Project, on_every_product};

const FIRST: &str = "upgrade:
  - create_enum: {enum: mood, values: [good, bad]}
  - create_table:
      table: t
      columns:
        id: {type: bigint, primary_key: true}
        name: {type: varchar(40), nullable: false, default: none, index: true}
        mood: {type: enum(mood), nullable: false, default: good}
  - insert: {table: t, rows: [{id: 1, name: a}, {id: 2, name: b}]}
";

on_every_product!(back_without_the_files);

/// Two branches, a merge, a dependency, a written downgrade, tags and variables above what the older release knows.
fn back_without_the_files(product: Product) {
    let (database, project) = (Database::new(product), Project::new());
    project.revision("first", None, FIRST);
    project.run(&database, &["upgrade"]).expect(0);
    let before = database.catalog();

    project.revision(
        "lefta",
        Some("first"),
        "upgrade:
  - alter_column: {table: t, column: name, type: varchar(80), nullable: true}
  - alter_enum: {enum: mood, add: [sad]}
  - insert: {table: t, rows: [{id: 3, name: c}]}
    tags: seed
",
    );
    project.revision(
        "right",
        Some("first"),
        "branch_labels: side
upgrade:
  - create_table:
      table: u
      columns:
        id: {type: bigint, primary_key: true}
        t_id: {type: bigint, references: {table: t, on_delete: cascade}}
  - drop_column: {table: t, column: mood}
downgrade:
  - add_column: {table: t, column: mood, type: enum(mood), nullable: false, default: good}
  - drop_table: {table: u}
",
    );
    project.revision("merged", None, "upgrade:\n  - rename_table: {table: u, to: v}\n");
    let text = std::fs::read_to_string(project.root().join("migrations/merged.yaml")).expect("the file");
    project.write("migrations/merged.yaml", &text.replace("down_revision: null", "down_revision: [lefta, right]"));
    project.revision(
        "apart",
        None,
        "depends_on: right\nupgrade:\n  - create_index: {table: t, columns: id, name: ix}\n",
    );
    project.run(&database, &["upgrade", "--with", "seed"]).expect(0);
    assert_eq!(database.cell("SELECT count(*) FROM t").as_deref(), Some("3"));

    for file in ["lefta", "right", "merged", "apart"] {
        project.remove(&format!("migrations/{file}.yaml"));
    }
    let said = project.run(&database, &["current"]).expect(0).stdout;
    assert!(said.contains("merged") && said.contains("apart") && said.contains("can undo it"), "{said}");
    let said = project.run(&database, &["history", "--applied"]).expect(0).stdout;
    assert!(said.contains("revision lefta"), "{said}");
    let said = project.run(&database, &["upgrade"]).expect(1).stderr;
    for part in ["E0428", "`merged` (revision merged) was applied at", "with aludel", "aludel downgrade"] {
        assert!(said.contains(part), "{part} is not in\n{said}");
    }
    let said = project.run(&database, &["plan", "--down", "first"]).expect(0).stdout;
    assert!(said.contains("4 revisions"), "{said}");
    // Between the unknown ones too.
    project.run(&database, &["downgrade", "apart@-1", "--yes"]).expect(0);
    project.run(&database, &["downgrade", "lefta", "--yes"]).expect(0);
    let rows = "SELECT count(*) FROM aludel_version";
    assert_eq!(database.cell(rows).as_deref(), Some("2"), "both sides of the merge");
    project.run(&database, &["downgrade", "first", "--yes"]).expect(0);
    assert_eq!(database.catalog(), before);
    assert_eq!(database.cell("SELECT count(*) FROM t").as_deref(), Some("2"), "what the tag ran is undone too");
    project.run(&database, &["upgrade"]).expect(0);
    project.run(&database, &["downgrade", "base", "--yes"]).expect(0);
    assert_eq!(database.catalog(), Database::new(product).catalog());
}

/// What could not be undone when it was applied is refused for the recorded reason, before anything runs.
#[test]
fn what_cannot_be_undone_is_named() {
    for product in Product::ALL {
        let (database, project) = (Database::new(product), Project::new());
        project.revision("first", None, FIRST);
        project.revision("second", Some("first"), "upgrade:\n  - execute: {sql: UPDATE t SET name = 'x'}\n");
        project.revision("third", Some("second"), "upgrade:\n  - drop_table: {table: t}\n");
        project.run(&database, &["upgrade"]).expect(0);
        project.remove("migrations/second.yaml");
        project.remove("migrations/third.yaml");
        let said = project.run(&database, &["downgrade", "first", "--yes"]).expect(1).stderr;
        assert!(said.contains("`execute` without `down` cannot be taken back"), "{said}");
        assert!(said.contains("the database's own record"), "{said}");
        assert_eq!(database.cell("SELECT revision FROM aludel_version").as_deref(), Some("third"));
        project.run(&database, &["downgrade", "second", "--yes"]).expect(0);
        assert_eq!(database.cell("SELECT count(*) FROM t").as_deref(), Some("0"));
    }
}

/// A record of a newer form, and a revision that was stamped, are named and not guessed at.
#[test]
fn what_is_not_recorded_is_named() {
    let (database, project) = (Database::new(Product::Sqlite), Project::new());
    project.revision("first", None, FIRST);
    project.revision("second", Some("first"), "upgrade:\n  - drop_column: {table: t, column: mood}\n");
    project.run(&database, &["upgrade", "first"]).expect(0);
    project.run(&database, &["stamp", "second"]).expect(0);
    let text = std::fs::read_to_string(project.root().join("migrations/second.yaml")).expect("the file");
    project.remove("migrations/second.yaml");
    let said = project.run(&database, &["downgrade", "first", "--yes"]).expect(1).stderr;
    assert!(said.contains("E0461") && said.contains("it was stamped and not run here"), "{said}");
    project.run(&database, &["stamp", "first", "--purge"]).expect(0);
    project.write("migrations/second.yaml", &text);
    project.run(&database, &["upgrade"]).expect(0);
    project.remove("migrations/second.yaml");
    let newer = "UPDATE aludel_history SET operations = REPLACE(operations, '\"format\":1', '\"format\":9'), \
                 tool = 'aludel 9.1' WHERE revision = 'second'";
    database.execute(&[newer]);
    let said = project.run(&database, &["downgrade", "first", "--yes"]).expect(1).stderr;
    assert!(said.contains("`aludel 9.1` recorded it in a way that this version"), "{said}");
    let other = "UPDATE aludel_history SET operations = REPLACE(REPLACE(operations, '\"format\":9', '\"format\":1'), \
                 'drop_column', 'split_column') WHERE revision = 'second'";
    database.execute(&[other]);
    let said = project.run(&database, &["downgrade", "first", "--yes"]).expect(1).stderr;
    assert!(said.contains("E0461"), "{said}");
}

/// Tags: what ran is what is undone, whatever the command line says.
#[test]
fn a_downgrade_undoes_the_tagged_steps_that_ran() {
    for product in Product::ALL {
        let (database, project) = (Database::new(product), Project::new());
        project.revision("first", None, FIRST);
        let rows = "upgrade:\n  - insert: {table: t, rows: [{id: 7, name: x}]}\n    tags: seed\n";
        project.revision("second", Some("first"), rows);
        project.run(&database, &["upgrade", "--with", "seed"]).expect(0);
        assert_eq!(database.cell("SELECT count(*) FROM t").as_deref(), Some("3"));
        project.run(&database, &["downgrade", "-1", "--yes"]).expect(0);
        assert_eq!(database.cell("SELECT count(*) FROM t").as_deref(), Some("2"), "{product:?}");
        project.run(&database, &["upgrade"]).expect(0);
        database.execute(&["INSERT INTO t (id, name) VALUES (7, 'mine')"]);
        project.run(&database, &["downgrade", "-1", "--yes", "--with", "seed"]).expect(0);
        assert_eq!(database.cell("SELECT count(*) FROM t").as_deref(), Some("3"), "{product:?}: it is not ours");
    }
}

mod beside {
    use super::beside_a_branch_without_files;
    use aludel_tests::on_every_product;

    on_every_product!(beside_a_branch_without_files);
}

/// A database that also has a branch of which there is no file here, as after a switch of branches in the source.
fn beside_a_branch_without_files(product: Product) {
    let (database, project) = (Database::new(product), Project::new());
    project.revision("first", None, FIRST);
    project.revision("theirs1", Some("first"), "upgrade:\n  - create_table: {table: theirs, columns: {id: integer}}\n");
    project.revision("theirs2", Some("theirs1"), "upgrade:\n  - add_column: {table: theirs, column: x, type: text}\n");
    project.run(&database, &["upgrade"]).expect(0);
    let theirs: Vec<String> = ["theirs1", "theirs2"]
        .map(|id| std::fs::read_to_string(project.root().join(format!("migrations/{id}.yaml"))).expect("the file"))
        .into();
    project.remove("migrations/theirs1.yaml");
    project.remove("migrations/theirs2.yaml");

    // It can be looked at all the same, with the file as it was.
    let said = project.run(&database, &["show", "theirs1"]).expect(0).stdout;
    for part in ["follows", "first", "no file here", "record: applied at", "- create table theirs"] {
        assert!(said.contains(part), "{part} is not in\n{said}");
    }
    let said = project.run(&database, &["show", "theirs2", "-v"]).expect(0).stdout;
    assert!(said.contains("(current)") && said.contains("column: x, type: text"), "{said}");
    assert!(project.run(&database, &["show", "current"]).expect(0).stdout.contains("theirs2"));
    assert!(project.run(&database, &["show", "theirs"]).expect(1).stderr.contains("E0421"));
    assert!(project.run(&database, &["show", "nowhere"]).expect(1).stderr.contains("E0421"));

    // With nothing to run the database is newer than the files, and that is said.
    let said = project.run(&database, &["upgrade"]).expect(1).stderr;
    assert!(said.contains("E0428") && said.contains("the database is newer than these files"), "{said}");

    // What gets in the way of the other branch is not run, and it is said what.
    project.revision("ours", Some("first"), "upgrade:\n  - create_table: {table: theirs, columns: {n: integer}}\n");
    let said = project.run(&database, &["upgrade"]).expect(1).stderr;
    for part in ["E0428", "both branches alter the table `theirs`", "ours.yaml", "`theirs1` did", "aludel downgrade"] {
        assert!(said.contains(part), "{part} is not in\n{said}");
    }
    project.revision("ours", Some("first"), "upgrade:\n  - execute: {sql: SELECT 1, down: SELECT 1}\n");
    project.run(&database, &["upgrade"]).expect(1);

    // What does not is run, from wherever it is counted.
    project.revision("ours", Some("first"), "upgrade:\n  - create_table: {table: ours, columns: {n: integer}}\n");
    project.revision("more", Some("ours"), "upgrade:\n  - add_column: {table: ours, column: m, type: integer}\n");
    let said = project.run(&database, &["plan"]).expect(0);
    assert!(said.stderr.contains("theirs2 is applied too") && said.stdout.contains("2 revisions"), "{}", said.stderr);
    project.run(&database, &["upgrade", "+1"]).expect(1);
    project.run(&database, &["upgrade", "first@ours"]).expect(0);
    let said = project.run(&database, &["upgrade", "head"]).expect(0).stderr;
    assert!(said.contains("theirs2 is applied too"), "{said}");
    assert_eq!(database.cell("SELECT count(*) FROM aludel_version").as_deref(), Some("2"));
    let said = project.run(&database, &["upgrade"]).expect(0);
    assert!(said.stdout.contains("nothing to do") && said.stderr.contains("theirs2 is"), "{}", said.stderr);
    // A changed file under them is found all the same.
    let text = std::fs::read_to_string(project.root().join("migrations/first.yaml")).expect("the file");
    project.write("migrations/first.yaml", &text.replace("varchar(40)", "varchar(41)"));
    let said = project.run(&database, &["upgrade"]).expect(1).stderr;
    assert!(said.contains("E0460"), "{said}");
    project.write("migrations/first.yaml", &text);

    // Both are as they would be with all files.
    project.write("migrations/theirs1.yaml", &theirs[0]);
    project.write("migrations/theirs2.yaml", &theirs[1]);
    project.run(&database, &["upgrade"]).expect(0);
    let fresh = Database::new(product);
    project.run(&fresh, &["upgrade"]).expect(0);
    assert_eq!(database.catalog(), fresh.catalog());

    // The database of another project is none to go on in.
    let other = Project::new();
    other.revision("apart", None, "upgrade:\n  - create_table: {table: apart, columns: {n: integer}}\n");
    let said = other.run(&database, &["upgrade"]).expect(1).stderr;
    assert!(said.contains("E0428") && said.contains("another project"), "{said}");
}
