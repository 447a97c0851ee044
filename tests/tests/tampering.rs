//! Files of applied revisions that were changed: what may change, what is refused, and what is accepted on purpose.

use aludel_tests::{Database, Product, Project, aludel, on_every_product};

const BODY: &str = "upgrade:
  - create_table:
      table: t
      columns:
        id: {type: bigint, primary_key: true}
        name: {type: varchar(40), nullable: false, default: none}
  - execute: {sql: {file: fill.sql}, down: DELETE FROM t}
  - create_index: {table: t, columns: name, OTHER: {unique: true}}
";

/// A database where the first of two revisions is applied. The index is unique in another dialect only.
fn applied(product: Product) -> (Database, Project) {
    let (database, project) = (Database::new(product), Project::new());
    project.write("fill.sql", "INSERT INTO t (id) VALUES (1);\n");
    project.revision("first", None, &body(product));
    project.run(&database, &["upgrade"]).expect(0);
    (database, project)
}

fn body(product: Product) -> String {
    BODY.replace("OTHER", if product == Product::Postgres { "sqlite" } else { "postgres" })
}

on_every_product!(changed_files);

fn changed_files(product: Product) {
    let (database, project) = applied(product);
    let body = body(product);
    let write = |body: &str| project.revision("first", None, body);
    let heads = || database.cell("SELECT revision FROM aludel_version");

    // Comments, layout, line ends, notes and what another database gets may change.
    for same in [
        body.replace("upgrade:", "# a comment\r\nupgrade:  # another"),
        body.replace("{type: bigint, primary_key: true}", "\n          type: 'bigint'\n          primary_key: true"),
        body.replace("unique: true", "unique: false"),
        body.replace("columns: name,", "columns: name, ")
            .replace("  - create_index", "  - note: why\n    create_index"),
    ] {
        write(&same);
        let said = project.run(&database, &["upgrade"]).expect(0);
        assert!(said.stdout.contains("nothing to do"), "{}{}", said.stdout, said.stderr);
    }

    // The meaning may not, whatever is to be run.
    write(&body.replace("varchar(40)", "varchar(50)").replace("default: none", "default: some"));
    project.revision("second", Some("first"), "upgrade:\n  - add_column: {table: t, column: n, type: integer}\n");
    for command in [&["upgrade"][..], &["plan"], &["downgrade", "base", "--yes"], &["plan", "--down", "base"]] {
        let said = project.run(&database, command).expect(1).stderr;
        for part in [
            "E0460",
            "first.yaml:9:22",
            "`first` is applied, and its file was changed",
            "step 1, `create_table`, `columns.name.type`: was `varchar(40)`, is `varchar(50)`",
            "step 1, `create_table`, `columns.name.default`: was `none`, is `some`",
            "(revision first) was applied at",
        ] {
            assert!(said.contains(part), "{command:?}: {part} is not in\n{said}");
        }
    }
    assert_eq!(heads().as_deref(), Some("first"));

    // Nor may the text of a file that it names.
    write(&body);
    project.write("fill.sql", "INSERT INTO t (id) VALUES (1);\r\n");
    project.run(&database, &["plan"]).expect(0);
    project.write("fill.sql", "INSERT INTO t (id) VALUES (2);\n");
    let said = project.run(&database, &["upgrade"]).expect(1).stderr;
    assert!(said.contains("the file `fill.sql` has another text"), "{said}");
    assert!(said.contains("was run here: execute INSERT INTO t (id) VALUES (1)"), "{said}");

    // A decision is recorded once, and compared with from then on.
    project.run(&database, &["plan", "--accept-changed", "first"]).expect(0);
    project.run(&database, &["upgrade"]).expect(1);
    let said = project.run(&database, &["--json", "upgrade", "--accept-changed", "first"]).expect(0);
    assert!(said.stdout.contains("\"accepted\": [\n    \"first\"\n  ]"), "{}", said.stdout);
    assert_eq!(heads().as_deref(), Some("second"));
    project.run(&database, &["upgrade"]).expect(0);
    let said = project.run(&database, &["upgrade", "--accept-changed", "first"]).expect(0).stderr;
    assert!(said.contains("nothing to accept"), "{said}");
    let accepted = "SELECT count(*) FROM aludel_history WHERE direction = 'accept' AND finished_at IS NOT NULL";
    assert_eq!(database.cell(accepted).as_deref(), Some("1"));
    project.write("fill.sql", "INSERT INTO t (id) VALUES (1);\n");
    let said = project.run(&database, &["upgrade"]).expect(1).stderr;
    assert!(said.contains("an earlier change of the file was accepted"), "{said}");
    project.write("fill.sql", "INSERT INTO t (id) VALUES (2);\n");
    project.run(&database, &["downgrade", "base", "--yes"]).expect(0);

    // Applied again, it is compared with what was applied last.
    project.run(&database, &["upgrade"]).expect(0);
    project.run(&database, &["upgrade"]).expect(0);
    write(&body.replace("varchar(40)", "varchar(60)"));
    let said = project.run(&database, &["upgrade"]).expect(1).stderr;
    assert!(!said.contains("an earlier change"), "{said}");
}

/// What was stamped has no record, so there is nothing to compare it with.
#[test]
fn a_stamped_revision_is_not_compared() {
    let (database, project) = applied(Product::Sqlite);
    let changed = body(Product::Sqlite).replace("varchar(40)", "varchar(50)");
    project.run(&database, &["stamp", "base"]).expect(0);
    project.revision("second", Some("first"), "upgrade: []\n");
    project.run(&database, &["stamp", "second"]).expect(0);
    project.revision("first", None, &changed);
    project.run(&database, &["upgrade"]).expect(0);
}

/// A script records what it applies as a run does.
#[test]
fn what_a_script_applied_is_compared_too() {
    let (database, project) = (Database::new(Product::Sqlite), Project::new());
    project.write("fill.sql", "INSERT INTO t (id) VALUES (1);\n");
    let body = body(Product::Sqlite);
    project.revision("first", None, &body);
    let root = project.root().to_str().expect("a readable path").to_owned();
    let script = aludel(["-C", &root, "upgrade", "--sql", "--dialect", "sqlite"]).expect(0).stdout;
    let script: String = script.lines().filter(|line| !line.starts_with('.')).map(|line| format!("{line}\n")).collect();
    let mut connection = database.connect();
    let dialect = connection.dialect();
    for piece in aludel_engine::sql::split(&script, dialect.lexicon()).expect("a script") {
        connection.execute(piece.text(&script)).unwrap_or_else(|error| panic!("{error}\n{}", piece.text(&script)));
    }
    drop(connection);
    project.run(&database, &["upgrade"]).expect(0);
    project.revision("first", None, &body.replace("varchar(40)", "varchar(50)"));
    let said = project.run(&database, &["upgrade"]).expect(1).stderr;
    assert!(said.contains("was `varchar(40)`, is `varchar(50)`"), "{said}");
}

/// The journal's tables of an earlier version get the columns that they lack; a table of another tool is not touched.
#[test]
fn tables_that_are_there_already() {
    for product in Product::ALL {
        let (database, project) = applied(product);
        for column in ["text_hash", "files", "tags"] {
            database.execute(&[&format!("ALTER TABLE aludel_history DROP COLUMN {column}")]);
        }
        project.run(&database, &["current"]).expect(0);
        project.run(&database, &["upgrade"]).expect(0);
        project.revision("second", Some("first"), "upgrade:\n  - drop_table: {table: t}\n");
        project.run(&database, &["upgrade"]).expect(0);
        let hashed = "SELECT count(*) FROM aludel_history WHERE text_hash IS NOT NULL";
        assert_eq!(database.cell(hashed).as_deref(), Some("1"), "{product:?}");

        let other = Database::new(product);
        other.execute(&["CREATE TABLE aludel_version (version_num VARCHAR(32) NOT NULL)"]);
        for command in ["current", "upgrade", "plan"] {
            let said = project.run(&other, &[command]).expect(1).stderr;
            assert!(said.contains("E0465") && said.contains("`version_num`"), "{product:?} {command}: {said}");
        }
    }
}
