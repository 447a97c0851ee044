//! Rows and raw SQL.

use aludel_engine::change::{Change, Execute, InsertRows, OnConflict};
use aludel_engine::schema::{Column, Function, Value};

use crate::build::*;
use crate::database::Database;

fn insert(columns: &[Column], rows: Vec<Vec<Value>>, on_conflict: OnConflict, key: &[&str]) -> Change {
    Change::InsertRows(InsertRows {
        table: "t".into(),
        columns: columns.iter().map(|column| (column.name.clone(), column.ty.clone())).collect(),
        rows,
        on_conflict,
        key: names(key),
    })
}

#[test]
fn rows_come_and_go() {
    let mut database = Database::new();
    let columns = vec![
        id(),
        column("name", "varchar(40)"),
        column("born", "date"),
        column("score", "real"),
        column("data", "jsonb"),
        column("raw", "blob"),
        column("at", "timestamptz"),
        column("tags", "text[]"),
    ];
    database.apply(&create(table("t", columns.clone(), vec![primary_key("pk_t", &["id"])], vec![])));
    let row = |id: i64, name: Value| {
        vec![
            Value::Integer(id),
            name,
            text("2020-01-02"),
            Value::Number("1.1".to_owned()),
            Value::Json("{\"a\":1}".to_owned()),
            Value::Bytes(b"a\0b".to_vec()),
            Value::Function(Function::Now),
            Value::List(vec![text("x y")]),
        ]
    };
    let rows: Vec<_> = vec![row(5, text("it's \\ here")), row(6, Value::Null), row(7, sql("upper('x') || 'y'"))];
    let change = insert(&columns, rows.clone(), OnConflict::Error, &["id"]);
    database.apply(&change);
    let seen = "5|it's \\ here|2020-01-02|1.1|{\"a\": 1}|610062|{\"x y\"}";
    let query = "SELECT id, name, born, score, data, raw, tags FROM t ORDER BY id LIMIT 1";
    assert_eq!(database.rows(query), seen);
    // The next row of its own accord does not collide with the numbers that were given.
    database.run("INSERT INTO t (name) VALUES ('next')");
    assert_eq!(database.rows("SELECT max(id) FROM t"), "8");
    database.apply(&change.invert().expect("an inverse"));
    assert_eq!(database.rows("SELECT id FROM t"), "8");
    database.run("DELETE FROM t");
    database.apply(&insert(&columns, rows.clone(), OnConflict::Error, &["born", "score", "name"]));
    database.apply(&insert(&columns, rows.clone(), OnConflict::Ignore, &["id"]));
    let changed: Vec<_> = vec![row(5, text("new name"))];
    database.apply(&insert(&columns, changed, OnConflict::Update, &["id"]));
    assert_eq!(database.rows("SELECT count(*), min(name) FROM t WHERE id = 5"), "1|new name");
    let by_others =
        insert(&columns[..4], vec![row(6, Value::Null)[..4].to_vec()], OnConflict::Error, &["name", "born", "score"]);
    database.apply(&by_others.invert().expect("an inverse"));
    assert_eq!(database.rows("SELECT id FROM t ORDER BY 1"), "5 7");
}

#[test]
fn many_rows_go_in_several_statements() {
    let mut database = Database::new();
    let columns = vec![column("a", "integer"), column("b", "text")];
    database.apply(&create(table("t", columns.clone(), vec![primary_key("pk_t", &["a"])], vec![])));
    let rows = (0..1201).map(|n| vec![Value::Integer(n), text(&"x".repeat(300))]).collect();
    let change = insert(&columns, rows, OnConflict::Error, &["a"]);
    assert_eq!(database.compile(&change).0.len(), 3);
    database.apply(&change);
    assert_eq!(database.rows("SELECT count(*) FROM t"), "1201");
    let long = (0..4).map(|n| vec![Value::Integer(5000 + n), text(&"y".repeat(200_000))]).collect();
    let long = insert(&columns, long, OnConflict::Error, &["a"]);
    assert_eq!(database.compile(&long).0.len(), 4);
    database.apply(&change.invert().expect("an inverse"));
    assert_eq!(database.rows("SELECT count(*) FROM t"), "0");
}

#[test]
fn numbers_that_the_server_always_makes_can_be_given() {
    let mut database = Database::new();
    let mut number = id();
    number.identity = Some(aludel_engine::schema::Identity { always: true, start: None, increment: None });
    let columns = vec![number, column("b", "text")];
    database.apply(&create(table("t", columns.clone(), vec![primary_key("pk_t", &["id"])], vec![])));
    database.apply(&insert(&columns, vec![vec![Value::Integer(3), Value::Null]], OnConflict::Error, &["id"]));
    assert_eq!(database.rows("SELECT id FROM t"), "3");
}

#[test]
fn raw_sql_runs_as_it_is() {
    let mut database = Database::new();
    let execute = |statements: &[&str]| {
        Change::Execute(Execute { statements: names(statements), undo: Some(vec![]), effect: vec![] })
    };
    database.apply(&create(table("t", vec![column("a", "integer")], vec![], vec![])));
    database.apply(&execute(&[
        "CREATE FUNCTION f() RETURNS integer LANGUAGE plpgsql AS $$ BEGIN RETURN 1; END $$",
        "INSERT INTO t SELECT f() -- one",
        "VACUUM t",
    ]));
    assert_eq!(database.rows("SELECT a FROM t"), "1");
}

#[test]
fn a_serial_column_goes_on_behind_given_numbers() {
    let mut database = Database::new();
    let mut number = column("id", "integer");
    number.ty = aludel_engine::schema::Type::Native("serial".to_owned());
    let columns = vec![number, column("a", "varchar(10)")];
    database.apply(&create(table("t", columns.clone(), vec![], vec![])));
    database.apply(&insert(&columns, vec![vec![Value::Integer(40), text("given")]], OnConflict::Error, &["id"]));
    database.run("INSERT INTO t (a) VALUES ('next')");
    assert_eq!(database.rows("SELECT max(id) FROM t"), "41");
}
