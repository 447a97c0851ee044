//! `revision --autogenerate`: the steps that lead from the history to the desired schema.

use std::fs;

use crate::project::Project;

const BEFORE: &str = "\
enums: {order_status: [new, paid, shipped]}
tables:
  customers:
    columns:
      id: {type: bigint, primary_key: true, identity: true}
      email: {type: varchar(255), nullable: false, unique: true}
      note: text
  orders:
    columns:
      id: {type: bigint, primary_key: true, identity: true}
      customer_id: {type: bigint, nullable: false, references: {table: customers, on_delete: cascade}}
      status: {type: enum(order_status), nullable: false, default: new}
      total: {type: \"decimal(12,2)\", nullable: false, default: 0, mysql: {unsigned: true}}
    indexes: [{columns: [status, id], name: ix_open, postgres: {using: btree}}]
views:
  open_orders: {sql: \"SELECT id, total FROM orders WHERE status = 'new'\"}
";

/// A project of four dialects that has a desired schema.
fn project(schema: &str) -> Project {
    let project = Project::empty();
    project.file(
        "aludel.yaml",
        "schema: schema\nfile_template: '{rev}'\ndialects: [sqlite, postgres, mysql, mariadb]\n\
         databases: {default: 'sqlite:app.db'}\n",
    );
    project.file("schema/shop.yaml", schema);
    project
}

fn text(project: &Project, name: &str) -> String {
    let text = fs::read_to_string(project.root.join("migrations").join(format!("{name}.yaml"))).unwrap();
    text.lines().filter(|line| !line.starts_with("created:")).map(|line| format!("{line}\n")).collect()
}

#[test]
fn a_first_revision_and_nothing_after_it() {
    let project = project(BEFORE);
    insta::assert_snapshot!(project.session(&[
        &["revision", "--autogenerate", "-m", "first", "--rev-id", "aaaa"],
        &["upgrade"],
        &["revision", "--autogenerate", "-m", "again"],
        &["revision", "--autogenerate", "--against", "default", "-m", "again"],
        &["check"],
        &["downgrade", "base", "--yes"],
    ]));
    insta::assert_snapshot!(text(&project, "aaaa"));
}

#[test]
fn what_is_not_said_is_asked() {
    let project = project(BEFORE);
    project.session(&[&["revision", "--autogenerate", "--rev-id", "aaaa"]]);
    let after = BEFORE
        .replace("email: {type: varchar(255)", "mail: {type: varchar(200)")
        .replace("note: text", "note: {type: text, nullable: false}")
        .replace("[new, paid, shipped]", "[new, shipped, lost]")
        .replace("      total: {type", "      amount: {type")
        .replace("SELECT id, total", "SELECT id, amount AS total");
    project.file("schema/shop.yaml", &after);
    project.session(&[&["revision", "--autogenerate", "--rev-id", "bbbb"]]);
    insta::assert_snapshot!(text(&project, "bbbb"));
    insta::assert_snapshot!(project.session(&[&["check"], &["upgrade"]]));
    fs::remove_file(project.root.join("migrations/bbbb.yaml")).unwrap();
    let renamed = after
        .replace("mail: {type", "mail: {renamed_from: email, type")
        .replace("amount: {type", "amount: {renamed_from: total, type");
    project.file("schema/shop.yaml", &renamed);
    project.session(&[&["revision", "--autogenerate", "--rev-id", "cccc"]]);
    insta::assert_snapshot!(text(&project, "cccc"));
}

#[test]
fn a_column_that_may_be_another_is_a_question() {
    let project = project("tables: {t: {columns: {id: {type: integer, primary_key: true}, old: text}}}\n");
    project.session(&[&["revision", "--autogenerate", "--rev-id", "aaaa"]]);
    project.file("schema/shop.yaml", "tables: {t: {columns: {id: {type: integer, primary_key: true}, fresh: text}}}\n");
    project.session(&[&["revision", "--autogenerate", "--rev-id", "bbbb"]]);
    insta::assert_snapshot!(text(&project, "bbbb"));
}

#[test]
fn columns_that_change_names_are_refused_where_nothing_tells_which_is_which() {
    let before = "tables: {t: {columns: {id: {type: integer, primary_key: true}, a: text, b: text}}}\n";
    let project = project(before);
    project.session(&[&["revision", "--autogenerate", "--rev-id", "aaaa"]]);
    let swapped =
        before.replace("a: text, b: text", "a: {type: text, renamed_from: b}, b: {type: text, renamed_from: a}");
    project.file("schema/shop.yaml", &swapped);
    insta::assert_snapshot!(project.session(&[&["revision", "--autogenerate", "--rev-id", "bbbb"]]));
}

#[test]
fn what_becomes_of_null_is_said() {
    let before = "tables: {t: {columns: {id: {type: integer, primary_key: true}, a: integer}}}\n";
    let project = project(before);
    project.session(&[&["revision", "--autogenerate", "--rev-id", "aaaa"]]);
    let after = before.replace("a: integer", "a: {type: integer, nullable: false, default: 7}");
    project.file("schema/shop.yaml", &after);
    project.session(&[&["revision", "--autogenerate", "--rev-id", "bbbb"]]);
    insta::assert_snapshot!(text(&project, "bbbb"));
}

#[test]
fn only_the_sql() {
    let project = project("tables: {t: {columns: {id: {type: integer, primary_key: true}, a: text}}}\n");
    project.session(&[&["revision", "--autogenerate", "--rev-id", "aaaa"]]);
    project.file("schema/shop.yaml", "tables: {t: {columns: {id: {type: integer, primary_key: true}, a: {type: text, index: true, nullable: false, default: x, postgres: {}}, b: {type: bigint, nullable: false}}}}\n");
    insta::assert_snapshot!(project.session(&[
        &["revision", "--autogenerate", "--sql", "--dialect", "postgres"],
        &["revision", "--autogenerate", "--sql", "--dialect", "sqlite"],
        &["revision", "--autogenerate", "--sql", "--dialect", "oracle"],
    ]));
}

#[test]
fn what_a_dialect_has_of_its_own() {
    let project = project(
        "tables:\n  t:\n    columns:\n      id: {type: integer, primary_key: true}\n      name: {type: text, sqlite: {type: varchar(9)}}\n      tags: {type: {postgres: 'text[]', sqlite: text, mysql: json}}\n    indexes: [{columns: [id], name: i, where: 'id > 0', mysql: {where: null}}]\n\
         views: {v: {sql: {postgres: 'SELECT 1 AS a', sqlite: 'SELECT 2 AS a', mysql: 'SELECT 3 AS a'}}}\n",
    );
    insta::assert_snapshot!(project.session(&[
        &["revision", "--autogenerate", "--rev-id", "aaaa"],
        &["check"],
        &["revision", "--autogenerate"],
    ]));
    insta::assert_snapshot!(text(&project, "aaaa"));
}

#[test]
fn without_a_desired_schema() {
    let project = Project::empty();
    project.file("aludel.yaml", "databases: {default: 'sqlite:app.db'}\n");
    insta::assert_snapshot!(project.session(&[
        &["revision", "--autogenerate"],
        &["revision", "--sql"],
        &["revision", "--against", "default"],
    ]));
}

/// A question that takes two lines is one, and whoever reads JSON or only the SQL is asked and told the same.
#[test]
fn what_is_asked_is_counted_and_told() {
    let before = "tables: {t: {columns: {id: {type: integer, primary_key: true}, n: varchar(20), gone: text}}}\n";
    let project = project(before);
    project.session(&[&["revision", "--autogenerate", "--rev-id", "aaaa"]]);
    let after = "tables: {t: {columns: {id: {type: integer, primary_key: true}, n: integer, m: {type: integer, nullable: false}}}}\n";
    project.file("schema/shop.yaml", after);
    insta::assert_snapshot!(project.session(&[
        &["revision", "--autogenerate", "--sql", "--dialect", "mysql"],
        &["revision", "--autogenerate", "--rev-id", "bbbb"],
    ]));
    fs::remove_file(project.root.join("migrations/bbbb.yaml")).unwrap();
    let json = project.session(&[&["--json", "revision", "--autogenerate", "--rev-id", "cccc"]]);
    let from = json.find("\"questions\"").unwrap();
    insta::assert_snapshot!(&json[from..]);
}

/// A database that somebody changed by hand: what the history does not know goes by SQL.
#[test]
fn a_database_that_differs_from_the_history() {
    let project = project("tables: {t: {columns: {id: {type: integer, primary_key: true}, a: text}}}\n");
    project.session(&[&["revision", "--autogenerate", "--rev-id", "aaaa"], &["upgrade"]]);
    project.sqlite3("app.db", "ALTER TABLE t ADD COLUMN by_hand TEXT;");
    insta::assert_snapshot!(project.session(&[
        &["revision", "--autogenerate", "--against", "default", "--rev-id", "bbbb"],
        &["upgrade"],
        &["check", "-d", "default"],
    ]));
    insta::assert_snapshot!(text(&project, "bbbb"));
}

/// What a database has no word for is told from the history: an enum that no column has any more, the type of a numbered key.
#[test]
fn a_database_whose_history_knows_more() {
    let before = "\
enums: {mood: [sad, ok], idle: [x]}
tables: {t: {columns: {id: {type: bigint, primary_key: true, identity: true}, m: enum(mood), n: enum(mood)}}}
";
    let after = "\
enums: {idle: [x, y]}
tables: {t: {columns: {id: {type: integer, primary_key: true}, n: text}}}
";
    let project = project(before);
    project.session(&[&["revision", "--autogenerate", "--rev-id", "aaaa"], &["upgrade"]]);
    project.file("schema/shop.yaml", after);
    insta::assert_snapshot!(project.session(&[&[
        "revision",
        "--autogenerate",
        "--against",
        "default",
        "--rev-id",
        "bbbb"
    ]]));
    insta::assert_snapshot!(text(&project, "bbbb"));
}

/// What the history knows of a table counts where its columns stand in another order too: the type of a key that numbers rows,
/// for which SQLite has no word.
#[test]
fn columns_in_another_order() {
    let before = "tables: {t: {columns: {id: {type: smallint, primary_key: true, identity: true}, a: text}}}\n";
    let project = project(before);
    project.session(&[&["revision", "--autogenerate", "--rev-id", "aaaa"], &["upgrade"]]);
    project.sqlite3(
        "app.db",
        "DROP TABLE t; CREATE TABLE t (a TEXT, id INTEGER CONSTRAINT pk_t PRIMARY KEY AUTOINCREMENT);",
    );
    project.file("schema/shop.yaml", "tables: {t: {columns: {id: integer, a: text}}}\n");
    project.session(&[&["revision", "--autogenerate", "--against", "default", "--rev-id", "bbbb"]]);
    insta::assert_snapshot!(text(&project, "bbbb"));
}
