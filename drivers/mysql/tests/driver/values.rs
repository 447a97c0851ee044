//! Rows.

use aludel_engine::change::{Change, DeleteRows, InsertRows, OnConflict};
use aludel_engine::schema::{Function, Value};

use crate::support::{Database, Server, column, create, foreign_key, primary_key, table, text, ty};

crate::on_both_servers!(values_arrive_as_they_are, conflicts, many_rows, rows_that_refer_to_each_other);

fn insert(columns: &[(&str, &str)], rows: Vec<Vec<Value>>, on_conflict: OnConflict, key: &[&str]) -> InsertRows {
    InsertRows {
        table: "t".into(),
        columns: columns.iter().map(|(name, text)| ((*name).to_owned(), ty(text))).collect(),
        rows,
        on_conflict,
        key: crate::support::names(key),
    }
}

fn values_arrive_as_they_are(server: &Server) {
    let mut database = Database::new(server);
    let columns = [
        ("id", "integer", Value::Integer(0)),
        ("t", "text", text("it's \\ \"q\" `b` % _ \n\t é 😀 -- ; /* */ \u{1a}")),
        ("b", "boolean", Value::Bool(true)),
        ("n", "decimal(30,10)", Value::Number("12345678901234567890.0123456789".to_owned())),
        ("d", "double", Value::Number("-1.5e300".to_owned())),
        ("j", "json", Value::Json("{\"a\": \"it's \\\\ \\\"x\\\" \\n\"}".to_owned())),
        ("day", "date", text("2024-02-29")),
        ("ts", "timestamp", text("2026-11-20T10:30:00.123456")),
        ("tz", "timestamptz", text("2026-11-20T10:30:00.5+02:00")),
        ("vb", "varbinary(20)", text("é'\\")),
        ("raw", "blob", Value::Bytes(vec![0, 0xff, 0x27])),
        ("big", "bigint", Value::Integer(i64::MIN)),
        ("nil", "text", Value::Null),
        ("expr", "integer", Value::Sql("1 + 1".to_owned())),
        ("today", "date", Value::Function(Function::Today)),
    ];
    let definitions = columns.iter().map(|(name, ty, _)| column(name, ty)).collect();
    database.run(&create(table("t", definitions, vec![primary_key(&["id"])])));
    let types: Vec<(&str, &str)> = columns.iter().map(|(name, ty, _)| (*name, *ty)).collect();
    let row: Vec<Value> = columns.iter().map(|(_, _, value)| value.clone()).collect();
    let change = Change::InsertRows(insert(&types, vec![row], OnConflict::Error, &["id"]));
    database.there_and_back(&change);
    assert_eq!(database.rows("SELECT t FROM t"), "it's \\ \"q\" `b` % _ \n\t é 😀 -- ; /* */ \u{1a}");
    assert_eq!(
        database
            .rows("SELECT b, n, d, day, ts, tz, vb, raw, big, nil, expr, json_unquote(json_extract(j, '$.a')) FROM t"),
        "1|12345678901234567890.0123456789|-1.5e300|2024-02-29|2026-11-20 10:30:00.123456|2026-11-20 08:30:00.500000|\
         c3a9275c|00ff27|-9223372036854775808|NULL|2|it's \\ \"x\" \n"
    );
}

fn conflicts(server: &Server) {
    let mut database = Database::new(server);
    let columns = vec![column("id", "integer"), column("v", "varchar(5)")];
    database.run(&create(table("t", columns, vec![primary_key(&["id"])])));
    let with = |on_conflict, rows: &[(i64, &str)]| {
        let rows = rows.iter().map(|(id, v)| vec![Value::Integer(*id), text(v)]).collect();
        Change::InsertRows(insert(&[("id", "integer"), ("v", "varchar(5)")], rows, on_conflict, &["id"]))
    };
    database.run(&with(OnConflict::Error, &[(1, "a"), (2, "b")]));
    assert!(database.refuse(&with(OnConflict::Error, &[(1, "x")])).contains("Duplicate"));
    database.run(&with(OnConflict::Ignore, &[(1, "x"), (3, "c")]));
    assert_eq!(database.rows("SELECT * FROM t ORDER BY id"), "1|a\n2|b\n3|c");
    assert!(database.refuse(&with(OnConflict::Ignore, &[(9, "too long")])).contains("too long"));
    database.run(&with(OnConflict::Update, &[(1, "y"), (4, "d")]));
    assert_eq!(database.rows("SELECT * FROM t ORDER BY id"), "1|y\n2|b\n3|c\n4|d");
}

fn many_rows(server: &Server) {
    let mut database = Database::new(server);
    database.run(&create(table("t", vec![column("a", "integer"), column("b", "varchar(20)")], vec![])));
    let rows: Vec<Vec<Value>> = (0..1203)
        .map(|number| {
            vec![if number % 7 == 0 { Value::Null } else { Value::Integer(number) }, text(&number.to_string())]
        })
        .collect();
    let rows = insert(&[("a", "integer"), ("b", "varchar(20)")], rows, OnConflict::Error, &["a", "b"]);
    let (statements, _) = database.compile(&Change::InsertRows(rows.clone())).expect("it");
    assert_eq!(statements.len(), 3);
    database.run(&Change::InsertRows(rows.clone()));
    assert_eq!(database.rows("SELECT count(*) FROM t"), "1203");
    database.run(&Change::DeleteRows(DeleteRows(rows)));
    assert_eq!(database.rows("SELECT count(*) FROM t"), "0");
}

fn rows_that_refer_to_each_other(server: &Server) {
    let mut database = Database::new(server);
    let columns = vec![column("id", "integer"), column("parent", "integer")];
    database.run(&create(table(
        "t",
        columns,
        vec![primary_key(&["id"]), foreign_key("fk", &["parent"], "t", &["id"])],
    )));
    let rows = vec![
        vec![Value::Integer(1), Value::Null],
        vec![Value::Integer(2), Value::Integer(1)],
        vec![Value::Integer(3), Value::Integer(2)],
    ];
    database.there_and_back(&Change::InsertRows(insert(
        &[("id", "integer"), ("parent", "integer")],
        rows,
        OnConflict::Error,
        &["id"],
    )));
}
