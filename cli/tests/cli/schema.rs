//! The schema of a database: written down, compared, taken into care, proven.

use crate::project::Project;

const SHOP: &str = "
CREATE TABLE users (id INTEGER PRIMARY KEY AUTOINCREMENT, email VARCHAR(200) NOT NULL UNIQUE);
CREATE TABLE orders (id INTEGER PRIMARY KEY, user_id INTEGER NOT NULL REFERENCES users (id) ON DELETE CASCADE,
  total DECIMAL(12,2) NOT NULL DEFAULT 0 CHECK (total >= 0), note TEXT);
CREATE INDEX ix_orders_user ON orders (user_id);
CREATE VIEW large AS SELECT * FROM orders WHERE total > 100;
CREATE TRIGGER seen AFTER INSERT ON orders BEGIN UPDATE users SET email = lower(email) WHERE id = new.user_id; END;
";

/// A directory with a database, and no project.
fn shop() -> Project {
    let project = Project::nowhere();
    project.sqlite3("app.db", SHOP);
    project
}

#[test]
fn a_database_is_written_down() {
    let project = shop();
    insta::assert_snapshot!(project.session(&[
        &["inspect", "-d", "sqlite:app.db"],
        &["inspect", "-d", "sqlite:app.db", "--format", "sql"],
        &["inspect", "-d", "sqlite:app.db", "--format", "mermaid"],
        &["inspect", "-d", "sqlite:app.db", "--format", "dot"],
        &["inspect", "-d", "sqlite:app.db", "--format", "html", "-o", "shop.html"],
        &["inspect", "-d", "sqlite:app.db", "--split", "schema"],
        &["inspect", "-d", "sqlite:app.db", "--split", "schema"],
        &["inspect", "-d", "sqlite:app.db", "--include", "o*"],
        &["inspect", "-d", "sqlite:app.db", "--exclude", "orders", "--exclude", "large"],
        &["inspect", "-d", "sqlite:none.db"],
        &["inspect"],
    ]));
    let page = std::fs::read_to_string(project.root.join("shop.html")).unwrap();
    assert!(page.contains("<a href=\"#users\">users</a>") && page.contains("<section id=\"orders\">"), "{page}");
    assert!(!page.contains("src=") && !page.contains("http"), "the page needs nothing else");
    // The split files are the same schema as the one file.
    project.run(&["inspect", "-d", "sqlite:app.db", "-o", "whole.yaml"]).expect(0);
    project.run(&["diff", "schema", "whole.yaml", "--dialect", "sqlite"]).expect(0);
}

#[test]
fn what_the_model_cannot_hold_is_named() {
    let project = Project::nowhere();
    project.sqlite3("app.db", "CREATE TABLE t (id INTEGER); CREATE VIRTUAL TABLE words USING fts5(word);");
    let ran = project.run(&["inspect", "-q", "-d", "sqlite:app.db"]).expect(0);
    assert!(ran.stderr.contains("`words`"), "{}", ran.stderr);
    let document = project.run(&["inspect", "--json", "-d", "sqlite:app.db"]).expect(0).document();
    assert_eq!(document["unheld"][0]["name"], "words");
}

#[test]
fn a_database_is_taken_into_care() {
    let project = shop();
    let before = project.sqlite3("app.db", ".schema");
    insta::assert_snapshot!(project.session(&[
        &["adopt"],
        &["adopt", "-d", "sqlite:none.db"],
        &["adopt", "-d", "sqlite:app.db", "--rev-id", "first", "--dry-run"],
        &["adopt", "-d", "sqlite:app.db", "--rev-id", "first", "-m", "the shop"],
        &["current"],
        &["check", "-d", "default"],
        &["diff", "@head", "default"],
        &["diff", "schema", "default"],
        &["revision", "--autogenerate", "-m", "nothing"],
        &["adopt"],
        &["verify"],
    ]));
    let after = project.sqlite3("app.db", ".schema");
    let own = |text: &str| text.lines().filter(|line| !line.contains("aludel_")).map(str::to_owned).collect::<Vec<_>>();
    assert!(own(&before).iter().all(|line| own(&after).contains(line)), "{after}");
    let unknown = project.run(&["check", "-d", "sqlite:plain.db"]);
    assert!(unknown.stdout.contains("`sqlite:plain.db` is not there yet"), "{}", unknown.stdout);
    project.sqlite3("plain.db", SHOP);
    let unknown = project.run(&["check", "-d", "sqlite:plain.db"]).expect(3);
    assert!(unknown.stderr.contains("nothing is applied there"), "{}", unknown.stderr);
    // The revision makes the same database somewhere else.
    project.run(&["upgrade", "-d", "sqlite:other.db"]).expect(0);
    project.run(&["diff", "sqlite:app.db", "sqlite:other.db"]).expect(0);
    // A second project finds it in care.
    let other = Project::nowhere();
    let url = format!("sqlite:{}", project.root.join("app.db").display());
    let refused = other.run(&["adopt", "-d", &url]).expect(1);
    assert!(refused.stderr.contains("E0744"), "{}", refused.stderr);
    assert_eq!(std::fs::read_dir(&other.root).unwrap().count(), 0);
}

#[test]
fn a_secret_is_not_written_down() {
    // There is no such server, so nothing is written; what would be is in the settings.
    let text = aludel_engine::project::init::settings_for("${DATABASE_URL}", Some("postgres"));
    assert!(text.contains("default: \"${DATABASE_URL}\"\n") && text.contains("\ndialects: [postgres]\n"), "{text}");
    let project = shop();
    project.run(&["-C", "sub", "adopt", "-d", "sqlite:app.db"]).expect(0);
    let settings = std::fs::read_to_string(project.root.join("sub/aludel.yaml")).unwrap();
    assert!(settings.contains(&format!("default: \"sqlite:{}/app.db\"", project.root.display())), "{settings}");
    project.run(&["-C", "sub", "check", "-d", "default"]).expect(0);
}

#[test]
fn what_was_changed_by_hand_is_named() {
    let project = shop();
    project.run(&["adopt", "-d", "sqlite:app.db", "--rev-id", "first"]).expect(0);
    project.sqlite3(
        "app.db",
        "ALTER TABLE users ADD COLUMN phone TEXT; DROP INDEX ix_orders_user; DROP VIEW large;
         CREATE VIEW large AS SELECT * FROM orders WHERE total > 1000; CREATE TABLE extra (a INTEGER);",
    );
    insta::assert_snapshot!(project.session(&[
        &["check", "-d", "default"],
        &["check"],
        &["diff", "@head", "default"],
        &["diff", "default", "@head", "--format", "sql"],
        &["diff", "schema", "default", "--include", "users"],
        &["diff", "schemas", "default"],
        &["diff", "first", "default"],
        &["diff", "@head", "default", "--dialect", "mysql"],
    ]));
}

#[test]
fn the_desired_schema_is_reached_or_not() {
    let project = Project::example();
    project.run(&["upgrade"]).expect(0);
    project.run(&["inspect", "-o", "schema/schema.yaml"]).expect(0);
    project.run(&["check"]).expect(0);
    let text = std::fs::read_to_string(project.root.join("schema/schema.yaml")).unwrap();
    project.file("schema/schema.yaml", &text.replace("      name:", "      phone: varchar(20)\n      name:"));
    insta::assert_snapshot!(project.session(&[&["check"], &["diff", "@head", "schema"]]));
    project.file("schema/schema.yaml", "tables: {users: {columns: {id: strng}}}\n");
    project.run(&["check"]).expect(3);
    project.revision("more", "8d3b7a10c4ef", "- create_table: {table: t, columns: {id: integer}}");
    std::fs::remove_file(project.root.join("schema/schema.yaml")).unwrap();
    let behind = project.run(&["check", "-d", "default"]).expect(0).stdout;
    assert!(behind.contains("is as the history says at 8d3b7a10c4ef; 1 revision not applied yet"), "{behind}");
}

/// What differs is named, so that no two lines read the same.
#[test]
fn small_differences_are_named() {
    let project = Project::empty();
    let before = "\
tables:
  p: {columns: {id: {type: integer, primary_key: true}, n: text}, indexes: [{columns: [n], name: ix_n}]}
  c: {columns: {p: integer}, foreign_keys: [{columns: [p], references: {table: p}}]}
views: {v: {sql: SELECT n FROM p}}
";
    let after = before
        .replace("name: ix_n}", "name: ix_n, postgres: {using: hash, with: {fillfactor: 70}}, comment: by name}")
        .replace("{table: p}}", "{table: p}, on_delete: cascade, deferrable: true, initially: deferred}")
        .replace("FROM p}", "FROM p, comment: names, postgres: {with: {security_barrier: true}}}");
    project.file("aludel.yaml", "schema: schema\ndialects: [postgres]\ndatabases: {default: 'sqlite:app.db'}\n");
    project.file("schema/s.yaml", before);
    project.session(&[&["revision", "--autogenerate", "--rev-id", "aaaa"]]);
    project.file("schema/s.yaml", &after);
    insta::assert_snapshot!(project.session(&[&["check"]]));
}

#[test]
fn a_history_that_lies_is_found_out() {
    let project = Project::empty();
    project.revision("a", "null", "- create_table: {table: t, columns: {id: integer}}");
    project.revision("b", "a", "- execute: {sql: 'ALTER TABLE t ADD COLUMN hidden TEXT'}");
    let ran = project.run(&["verify"]).expect(3);
    assert!(ran.stdout.contains("+ column t.hidden text"), "{}", ran.stdout);
    project.revision("b", "a", "- execute: {sql: 'SELECT 1'}");
    project.revision("c", "b", "- add_column: {table: t, column: x, type: text}");
    let ran = project.run(&["verify"]).expect(0);
    assert!(ran.stdout.contains("down 1 revision: as the model says"), "{}", ran.stdout);
    assert!(!project.root.join("app.db").exists(), "the database of the project is not touched");
    project.file("aludel.yaml", "dialects: [postgres]\n");
    project.revision("b", "a", "- add_column: {table: t, column: x, type: text}");
    std::fs::remove_file(project.root.join("migrations/c.yaml")).unwrap();
    let nothing = project.run(&["verify"]).expect(3);
    assert!(nothing.stdout.contains("?  postgres  no server"), "{}", nothing.stdout);
}

#[test]
fn a_server_that_is_not_reached_proves_nothing() {
    let project = Project::empty();
    project.revision("a", "null", "- create_table: {table: t, columns: {id: integer}}");
    // Nobody listens there.
    for url in ["postgres://app@127.0.0.1:1/app", "mysql://app@127.0.0.1:1/app"] {
        let dialect = url.split(':').next().unwrap();
        let ran = project.run(&["verify", "-d", url, "--dialect", dialect]).expect(1);
        assert!(ran.stdout.contains(&format!("?  {dialect}  it could not be tried")), "{}", ran.stdout);
        assert!(ran.stderr.contains("E0746"), "{}", ran.stderr);
        let ran = project.run(&["--json", "verify", "-d", url]).expect(1);
        let document: serde_json::Value = serde_json::from_str(&ran.stdout).unwrap();
        assert_eq!(document["ok"], false);
    }
    // What is known is an answer all the same.
    project.revision("b", "a", "- execute: {sql: 'ALTER TABLE t ADD COLUMN hidden TEXT'}");
    project.run(&["verify", "-d", "postgres://app@127.0.0.1:1/app"]).expect(3);
}

#[test]
fn what_refers_to_nothing_and_what_is_of_other_tools_is_left_out_by_name() {
    let project = Project::nowhere();
    project.sqlite3(
        "app.db",
        "CREATE TABLE t (id INTEGER PRIMARY KEY, gone INT REFERENCES gone (id), a 'weird type');
         CREATE TABLE alembic_version (version_num VARCHAR(32) NOT NULL);
         CREATE TABLE schema_migrations (version VARCHAR NOT NULL PRIMARY KEY);
         CREATE TABLE knex_migrations (id INTEGER PRIMARY KEY, mine TEXT);",
    );
    let told = [
        "table `alembic_version`: another migration tool keeps it for itself",
        "table `schema_migrations`: another migration tool keeps it for itself",
        "foreign key `(unnamed)` on `t`: it refers to `gone`, which is not here",
    ];
    let says = |text: &str| {
        told.iter().for_each(|line| assert!(text.contains(line), "{line}: {text}"));
        assert!(!text.contains("`knex_migrations`") && !text.contains("--schemas"), "{text}");
    };
    says(&project.run(&["inspect", "-d", "sqlite:app.db"]).expect(0).stderr);
    let named = project.run(&["inspect", "-d", "sqlite:app.db", "--include", "alembic*"]).expect(0);
    assert!(named.stdout.contains("version_num") && named.stderr.is_empty(), "{}", named.stderr);
    says(&project.run(&["adopt", "-d", "sqlite:app.db"]).expect(0).stderr);
    says(&project.run(&["check", "-d", "default"]).expect(0).stdout);
    says(&project.run(&["diff", "@head", "default"]).expect(0).stderr);
    let nothing = project.run(&["revision", "--autogenerate", "--against", "default", "-m", "x"]).expect(0);
    assert!(nothing.stdout.contains("nothing to do"), "{}", nothing.stdout);
    // What is added by hand is seen as ever.
    project.sqlite3("app.db", "CREATE TABLE more (id INT REFERENCES t (id));");
    assert!(project.run(&["check", "-d", "default"]).expect(3).stdout.contains("+ table more"));
}

#[test]
fn where_a_database_cannot_be_told_nothing_is_left() {
    let project = shop();
    let file = project.root.join("app.db");
    let rights = |read_only: bool| {
        let mut permissions = std::fs::metadata(&file).unwrap().permissions();
        permissions.set_readonly(read_only);
        std::fs::set_permissions(&file, permissions).unwrap();
    };
    // Who may write everything may write this too, so the journal is in the way of itself as well.
    project.sqlite3("app.db", "CREATE VIEW aludel_history AS SELECT 1 AS x;");
    rights(true);
    let listed = || {
        let mut names: Vec<_> =
            std::fs::read_dir(&project.root).unwrap().map(|entry| entry.unwrap().file_name()).collect();
        names.sort();
        names
    };
    let before = listed();
    let refused = project.run(&["adopt", "-d", "sqlite:app.db"]).expect(1).stderr;
    assert_eq!(listed(), before, "{refused}");
    rights(false);
    project.sqlite3("app.db", "DROP VIEW aludel_history;");
    project.run(&["adopt", "-d", "sqlite:app.db"]).expect(0);
    let refused = project.run(&["inspect", "--split", "migrations"]).expect(1);
    assert!(refused.stderr.contains("`migrations` is for revisions"), "{}", refused.stderr);
}
