//! A database that is no longer as its history says: `revision --autogenerate --against` writes what brings it back, and leads
//! on from there; what other programs own is left alone.

use aludel_tests::{Database, Product, Project, on_every_product};
use serde_json::Value;

on_every_product!(brought_back);

mod others {
    use super::*;

    on_every_product!(left_alone);
}

const HISTORY: &str = "upgrade:
  - create_table:
      table: p
      columns:
        id: {type: integer, primary_key: true}
        n: {type: varchar(20), nullable: false}
        m: integer
      indexes: [{columns: [n], name: ix_n}]
  - create_view: {view: shown, sql: select id from p}
";

/// The history, and one table more.
const DESIRED: &str = "tables:
  p:
    columns:
      id: {type: integer, primary_key: true}
      n: {type: varchar(20), nullable: false}
      m: integer
    indexes: [{columns: [n], name: ix_n}]
  q:
    columns: {id: {type: integer, primary_key: true}}
views:
  shown: {sql: select id from p}
";

/// What somebody did by hand: things more, things less and one that is another.
fn by_hand(product: Product) -> Vec<&'static str> {
    let drop_index = match product {
        Product::Sqlite | Product::Postgres => "DROP INDEX ix_n",
        Product::Mysql | Product::Mariadb => "DROP INDEX ix_n ON p",
    };
    let mut statements = vec![
        "INSERT INTO p (id, n, m) VALUES (1, 'one', 10)",
        "CREATE TABLE foreign_app (i integer)",
        "ALTER TABLE p ADD y integer",
        drop_index,
        "DROP VIEW shown",
        "CREATE VIEW shown_too AS SELECT n FROM p",
        "CREATE INDEX ix_m ON p (m)",
    ];
    match product {
        Product::Sqlite => {}
        Product::Postgres => statements.extend([
            "ALTER TABLE p ALTER n DROP NOT NULL",
            "CREATE SEQUENCE counted",
            "CREATE FUNCTION answer() RETURNS integer LANGUAGE sql AS 'SELECT 42'",
            "COMMENT ON TABLE p IS 'by hand'",
        ]),
        Product::Mysql | Product::Mariadb => statements.extend([
            "ALTER TABLE p MODIFY n varchar(20) NULL",
            "CREATE FUNCTION answer() RETURNS integer DETERMINISTIC RETURN 42",
            "CREATE TRIGGER first_of BEFORE INSERT ON p FOR EACH ROW BEGIN SET NEW.m = 1; SET NEW.n = 'x'; END",
        ]),
    }
    statements
}

fn project(product: Product, settings: &str) -> Project {
    let project = Project::new();
    project.write("aludel.yaml", &format!("dialects: [{}]\nschema: schema.yaml\n{settings}", product.dialect()));
    project.revision("one", None, HISTORY);
    project.write("schema.yaml", DESIRED);
    project
}

fn brought_back(product: Product) {
    let project = project(product, "");
    let database = Database::new(product);
    project.run(&database, &["upgrade"]).expect(0);
    database.execute(&by_hand(product));
    let drifted = database.catalog();
    project.run(&database, &["check"]).expect(3);

    let written =
        project.run(&database, &["--json", "revision", "--autogenerate", "--rev-id", "two", "--against"]).expect(0);
    let written: Value = serde_json::from_str(&written.stdout).expect("JSON");
    let steps = written["steps"].as_array().expect("steps");
    assert!(steps.iter().any(|step| step["create_table"]["table"] == "q"), "{written}");
    assert!(steps.iter().all(|step| step["execute"].is_null() || step["only"][0] == product.dialect()), "{written}");

    project.run(&database, &["upgrade"]).expect(0);
    project.run(&database, &["check"]).expect(0);
    assert_eq!(database.cell("SELECT n FROM p WHERE id = 1 AND m = 10").as_deref(), Some("one"));

    // The SQL has a way back, to what was found.
    project.run(&database, &["downgrade", "-1", "--yes"]).expect(0);
    let columns_go_to_the_end = |catalog: &str| {
        let mut lines: Vec<String> = catalog.lines().map(str::to_owned).collect();
        lines.sort();
        lines
    };
    assert_eq!(columns_go_to_the_end(&database.catalog()), columns_go_to_the_end(&drifted));
    project.run(&database, &["upgrade"]).expect(0);
    project.run(&database, &["check"]).expect(0);
}

fn left_alone(product: Product) {
    let project = project(product, "exclude: [foreign_*]\n");
    let database = Database::new(product);
    project.run(&database, &["upgrade"]).expect(0);
    database.execute(&["CREATE TABLE foreign_app (i integer)"]);
    let checked = project.run(&database, &["--json", "check"]).expect(3);
    let checked: Value = serde_json::from_str(&checked.stdout).expect("JSON");
    let of = |name: &str| {
        let checks = checked["checks"].as_array().expect("checks");
        checks.iter().find(|check| check["name"] == name).unwrap_or_else(|| panic!("{checked}"))["ok"].clone()
    };
    assert_eq!((of("drift"), of("schema")), (Value::Bool(true), Value::Bool(false)));
    let written =
        project.run(&database, &["--json", "revision", "--autogenerate", "--rev-id", "two", "--against"]).expect(0);
    let written: Value = serde_json::from_str(&written.stdout).expect("JSON");
    assert_eq!(written["steps"].as_array().map(Vec::len), Some(1), "{written}");
    project.run(&database, &["upgrade"]).expect(0);
    project.run(&database, &["check"]).expect(0);
    assert!(!project.run(&database, &["inspect"]).expect(0).stdout.contains("foreign_app"));
}
