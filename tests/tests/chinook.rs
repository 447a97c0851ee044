//! The Chinook sample database: our history gives what the official scripts give, keeps every row of theirs through
//! later revisions, and goes away without a trace.

use std::collections::BTreeMap;
use std::path::PathBuf;

use aludel_engine::driver::{Connection, Scope};
use aludel_engine::schema::{ConstraintKind, IndexKey, ObjectName, Schema, Table};
use aludel_engine::sql::split;
use aludel_tests::{Database, Product, aludel, repository};

/// The revision that the official scripts correspond to.
const OFFICIAL: &str = "3c1a5d20e002";

#[test]
fn on_sqlite() {
    chinook(Product::Sqlite, "Chinook_Sqlite.sql");
}

#[test]
fn on_postgres() {
    chinook(Product::Postgres, "Chinook_PostgreSql.sql");
}

#[test]
fn on_mysql() {
    chinook(Product::Mysql, "Chinook_MySql.sql");
}

/// There is no script for MariaDB; it runs that of MySQL.
#[test]
fn on_mariadb() {
    chinook(Product::Mariadb, "Chinook_MySql.sql");
}

fn chinook(product: Product, script: &str) {
    let official = Database::new(product);
    let ours = Database::new(product);
    let project = repository().join("specs/examples/chinook");
    let project = project.to_str().expect("the repository has a readable path");
    let run = |arguments: &[&str]| {
        aludel(["-C", project, "-d", ours.argument()].iter().chain(arguments)).expect(0);
    };

    let statements = official_statements(product, script);
    let (definitions, rows): (Vec<&String>, Vec<&String>) =
        statements.iter().partition(|sql| !sql.to_uppercase().starts_with("INSERT"));
    let mut connection = official.connect();
    for sql in definitions {
        connection.execute(sql).unwrap_or_else(|error| panic!("{error}\n{sql}"));
    }
    run(&["upgrade", OFFICIAL]);
    let mut own = ours.connect();
    let theirs = comparable(&catalog(&mut *connection));
    let made = comparable(&catalog(&mut *own));
    assert_same(&theirs, &made);

    for sql in rows {
        own.execute(&our_names(sql)).unwrap_or_else(|error| panic!("{error}\n{}", &sql[..200.min(sql.len())]));
    }
    let before = dump(&mut *own);
    assert_eq!(before["invoice_line"].len(), 2240);
    assert_eq!(before["track"].len(), 3503);

    run(&["upgrade"]);
    let after = dump(&mut *own);
    assert_rows_kept(&before, &after);

    run(&["downgrade", OFFICIAL, "--yes"]);
    let back = dump(&mut *own);
    assert_rows_came_back(&before, &back);
    let mut expected = made.clone();
    let mut found = comparable(&catalog(&mut *own));
    if product == Product::Postgres {
        // A column that comes back is the last one there: PostgreSQL has no other place for it.
        [&mut expected, &mut found].into_iter().for_each(forget_places);
    }
    assert_same(&expected, &found);

    run(&["upgrade"]);
    run(&["downgrade", "base", "--yes"]);
    let left = catalog(&mut *own);
    assert!(left.is_empty(), "left over: {:?}", left.tables().map(|table| &table.name).collect::<Vec<_>>());
}

/// The statements of the official script that belong into the database itself.
fn official_statements(product: Product, script: &str) -> Vec<String> {
    let folder =
        std::env::var_os("ALUDEL_TEST_CORPORA").map_or_else(|| repository().join("../shared/corpora"), PathBuf::from);
    let path = folder.join("chinook").join(script);
    let text = std::fs::read_to_string(&path).unwrap_or_else(|error| {
        panic!("the official script {script} is needed beside the repository or in ALUDEL_TEST_CORPORA: {error}")
    });
    let text: String = text
        .trim_start_matches('\u{feff}')
        .lines()
        .filter(|line| !line.trim_start().starts_with('\\'))
        .map(|line| format!("{line}\n"))
        .collect();
    let dialect = product.driver().dialect(product.dialect(), None).expect("the dialect is there");
    split(&text, dialect.lexicon())
        .expect("the script can be split")
        .iter()
        .map(|piece| piece.text(&text).to_owned())
        .filter(|sql| {
            let upper = sql.to_uppercase();
            !["DROP", "CREATE DATABASE", "USE"].iter().any(|word| upper.starts_with(word))
        })
        .collect()
}

/// An official INSERT with our names for the table and columns; the values are as they are.
fn our_names(sql: &str) -> String {
    let (head, values) = sql.split_once("VALUES").expect("an INSERT has VALUES");
    let mut names = String::new();
    let mut previous = ' ';
    for c in head["INSERT INTO".len()..].chars().filter(|c| !matches!(c, '[' | ']' | '`')) {
        if c.is_uppercase() && previous.is_lowercase() {
            names.push('_');
        }
        names.extend(c.to_lowercase());
        previous = c;
    }
    format!("INSERT INTO{names}VALUES{values}")
}

fn journal_tables() -> Vec<ObjectName> {
    ["version", "history", "run", "step"].map(|what| ObjectName::new(format!("aludel_{what}"))).to_vec()
}

fn catalog(connection: &mut dyn Connection) -> Schema {
    let scope = Scope { exclude: journal_tables(), ..Scope::default() };
    let schema = connection.introspect(&scope).expect("the catalog can be read");
    connection.dialect().normalize(&schema)
}

/// A table by its parts, in words that do not depend on how names are spelt: the scripts spell them differently, and that
/// of SQLite names no foreign key.
fn comparable(schema: &Schema) -> BTreeMap<String, Vec<String>> {
    schema.tables().map(|table| (fold(&table.name.name), parts(table))).collect()
}

fn fold(name: &str) -> String {
    name.chars().filter(|c| *c != '_').flat_map(char::to_lowercase).collect()
}

fn parts(table: &Table) -> Vec<String> {
    let list = |names: &[String]| names.iter().map(|name| fold(name)).collect::<Vec<_>>().join(",");
    let mut lines: Vec<String> = table
        .columns
        .iter()
        .enumerate()
        .map(|(place, column)| {
            let mut bare = column.clone();
            bare.name = fold(&column.name);
            format!("{place:02} {}", serde_json::to_string(&bare).expect("a column can be written"))
        })
        .collect();
    let mut others: Vec<String> = Vec::new();
    for constraint in &table.constraints {
        others.push(match &constraint.kind {
            ConstraintKind::PrimaryKey { columns } => format!("primary key ({})", list(columns)),
            ConstraintKind::Unique { columns } => format!("unique ({})", list(columns)),
            ConstraintKind::Check { sql } => format!("check ({sql})"),
            ConstraintKind::Exclude(exclude) => format!("exclude {exclude:?}"),
            ConstraintKind::ForeignKey(key) => format!(
                "foreign key ({}) to {} ({}) {:?} {:?} {:?} {:?}",
                list(&key.columns),
                fold(&key.referred_table.name),
                list(&key.referred_columns),
                key.on_delete,
                key.on_update,
                key.matching,
                constraint.deferral,
            ),
        });
    }
    for index in &table.indexes {
        let keys: Vec<String> = index
            .parts
            .iter()
            .map(|part| match &part.key {
                IndexKey::Column(name) => format!("{}{}", fold(name), if part.descending { " desc" } else { "" }),
                IndexKey::Expression(sql) => format!("({sql})"),
            })
            .collect();
        others.push(format!("{}index ({})", if index.unique { "unique " } else { "" }, keys.join(",")));
    }
    others.sort();
    lines.extend(others);
    lines.push(format!("comment {:?} options {:?}", table.comment, table.options));
    lines
}

fn forget_places(tables: &mut BTreeMap<String, Vec<String>>) {
    for lines in tables.values_mut() {
        for line in lines.iter_mut().filter(|line| line.contains("{\"name\"")) {
            line.replace_range(..3, "");
        }
        lines.sort();
    }
}

fn assert_same(expected: &BTreeMap<String, Vec<String>>, found: &BTreeMap<String, Vec<String>>) {
    let names = |map: &BTreeMap<String, Vec<String>>| map.keys().cloned().collect::<Vec<_>>();
    assert_eq!(names(expected), names(found));
    for (table, lines) in expected {
        assert_eq!(lines.join("\n"), found[table].join("\n"), "the table {table}");
    }
}

type Dump = BTreeMap<String, BTreeMap<String, BTreeMap<String, Option<String>>>>;

/// Every value of every row: table → primary key → column → value.
fn dump(connection: &mut dyn Connection) -> Dump {
    let dialect = connection.dialect();
    let schema = catalog(connection);
    schema
        .tables()
        .map(|table| {
            let names: Vec<&str> = table.columns.iter().map(|column| column.name.as_str()).collect();
            let list = names.iter().map(|name| dialect.quote(name)).collect::<Vec<_>>().join(", ");
            let rows = connection
                .query(&format!("SELECT {list} FROM {}", dialect.quote_name(&table.name)))
                .expect("the rows can be read");
            let rows = rows.into_iter().map(|row| {
                let row: BTreeMap<String, Option<String>> = names.iter().map(|n| (*n).to_owned()).zip(row).collect();
                let key: Vec<String> = table
                    .primary_key_columns()
                    .iter()
                    .map(|column| row[column].clone().expect("a key is not NULL"))
                    .collect();
                (key.join("/"), row)
            });
            (table.name.name.clone(), rows.collect())
        })
        .collect()
}

/// The later revisions change these values as written, and no others.
fn assert_rows_kept(before: &Dump, after: &Dump) {
    for (table, rows) in before {
        let renamed = if table == "media_type" { "media_format" } else { table };
        assert_eq!(rows.len(), after[renamed].len(), "rows of {table}");
        for (key, row) in rows {
            let new = &after[renamed][key];
            for (column, value) in row {
                match (table.as_str(), column.as_str()) {
                    ("customer" | "employee", "fax") => assert!(!new.contains_key("fax")),
                    ("customer", "support_rep_id") => assert_eq!(value, &new["support_employee_id"]),
                    ("track", "milliseconds") => assert_eq!(value, &new["duration_ms"]),
                    (_, "unit_price") => assert_eq!(number(value), number(&new[column]), "{table} {key}"),
                    _ => assert_eq!(value, &new[column], "{table} {key} {column}"),
                }
            }
        }
    }
    for (key, row) in &after["customer"] {
        let language = if before["customer"][key]["country"].as_deref() == Some("Brazil") { "pt" } else { "en" };
        assert_eq!(row["language"].as_deref(), Some(language));
    }
    assert!(after["invoice"].values().all(|row| row["status"].as_deref() == Some("paid")));
    for row in after["invoice_line"].values() {
        let total = number(&row["line_total"]);
        assert!((total - number(&row["unit_price"]) * number(&row["quantity"])).abs() < 1e-9);
    }
}

/// A downgrade brings back everything but what a dropped column held.
fn assert_rows_came_back(before: &Dump, back: &Dump) {
    for (table, rows) in before {
        assert_eq!(rows.len(), back[table].len(), "rows of {table}");
        for (key, row) in rows {
            for (column, value) in row {
                let now = &back[table][key][column];
                match column.as_str() {
                    "fax" => assert_eq!(*now, None),
                    "unit_price" => assert_eq!(number(value), number(now), "{table} {key}"),
                    _ => assert_eq!(value, now, "{table} {key} {column}"),
                }
            }
        }
    }
}

fn number(value: &Option<String>) -> f64 {
    value.as_deref().and_then(|text| text.parse().ok()).expect("a number")
}
