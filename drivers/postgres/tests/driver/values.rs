//! Columns of every type, and defaults of every kind.

use aludel_engine::schema::{Computed, Function, Table, Value};

use crate::build::*;
use crate::database::Database;

/// A column of every type.
fn every_type(version: u32) -> Table {
    let types = [
        "boolean",
        "smallint",
        "integer",
        "bigint",
        "decimal",
        "decimal(12,2)",
        "real",
        "double",
        "char",
        "char(3)",
        "varchar",
        "varchar(40)",
        "text",
        "binary(16)",
        "varbinary(9)",
        "blob",
        "date",
        "time",
        "time(0)",
        "timestamp",
        "timestamp(3)",
        "timestamptz",
        "timestamptz(0)",
        "interval",
        "uuid",
        "json",
        "jsonb",
        "inet",
        "cidr",
        "macaddr",
        "tsvector",
        "bit",
        "bit(8)",
        "money",
        "xml",
        "int4range",
        "int8range",
        "numrange",
        "tsrange",
        "tstzrange",
        "daterange",
        "text[]",
        "integer[]",
        "varchar(5)[]",
        "bit varying(4)",
        "interval(3)",
        "int4[]",
        "time with time zone",
        "numeric(3,-1)",
        "\"char\"",
        "oid",
        "point",
    ];
    // A negative scale came with PostgreSQL 15.
    let types = types.iter().filter(|ty| version >= 15 || !ty.contains(",-"));
    let columns = types.enumerate().map(|(place, ty)| column(&format!("c{place}"), ty)).collect();
    table("every_type", columns, vec![], vec![])
}

/// A default of every kind.
fn every_default(version: u32) -> Table {
    let json = |text: &str| Value::Json(text.to_owned());
    let number = |text: &str| Value::Number(text.to_owned());
    let defaults = [
        ("boolean", Value::Bool(true)),
        ("boolean", text("yes")),
        ("boolean", Value::Integer(0)),
        ("smallint", Value::Integer(-5)),
        ("integer", Value::Integer(0)),
        ("integer", Value::Bool(true)),
        ("bigint", Value::Integer(-9_223_372_036_854_775_808)),
        ("bigint", Value::Integer(9_000_000_000)),
        ("decimal(12,2)", Value::Integer(0)),
        ("decimal(12,2)", number("-1.50")),
        ("decimal", number("12345678901234567890.123")),
        ("decimal", number(".nan")),
        ("real", number("1.5")),
        ("double", Value::Integer(-3)),
        ("double", number("1e10")),
        ("double", number(".inf")),
        ("char(3)", text("abc")),
        ("varchar(40)", text("it's \\ \"here\"")),
        ("varchar(40)", Value::Integer(7)),
        ("varchar", Value::Null),
        ("varchar(9)", Value::Null),
        ("text", text("")),
        ("text", text("null")),
        ("text", text("größe\nzwei")),
        ("text", Value::Function(Function::CurrentUser)),
        ("blob", text("abc")),
        ("blob", text("\\x00ff")),
        ("blob", Value::Bytes(vec![0, 0xff, 0x27])),
        ("varbinary(9)", Value::Bytes(vec![])),
        ("date", text("2020-01-31")),
        ("date", Value::Function(Function::Today)),
        ("date", Value::Function(Function::Now)),
        ("time", text("09:30")),
        ("time(0)", text("09:30:00")),
        ("time", Value::Function(Function::Now)),
        ("timestamp", text("2020-01-31")),
        ("timestamp(3)", text("2020-01-31T10:20:30.500")),
        ("timestamp", Value::Function(Function::Now)),
        ("timestamptz", Value::Function(Function::Now)),
        ("timestamptz(3)", Value::Function(Function::Now)),
        ("timestamp", sql("now() AT TIME ZONE 'utc'")),
        ("uuid", Value::Function(Function::Uuid)),
        ("uuid", text("A0EEBC99-9C0B-4EF8-BB6D-6BB9BD380A11")),
        ("json", json("{\"b\":1,\"a\":\"it's\"}")),
        ("jsonb", json("{\"b\":1,\"a\":[1,{}],\"aa\":null}")),
        ("jsonb", Value::Integer(5)),
        ("text[]", Value::List(Vec::new())),
        ("text[]", Value::List(vec![text("a b"), text("c")])),
        ("integer[]", Value::List(vec![Value::Integer(1), Value::Integer(2)])),
        ("bit(4)", text("1010")),
        ("inet", text("10.0.0.1")),
        ("int4range", text("[1,5)")),
        ("integer", sql("1 + 2")),
        ("text", sql("'a' || 'b'")),
        ("varchar(20)", sql("upper('a')")),
    ];
    // Before 14 the server prints AT TIME ZONE as the call of a function.
    let known = |value: &Value| match value {
        Value::Function(Function::Uuid) => version >= 13,
        Value::Sql(sql) => version >= 14 || !sql.contains("AT TIME ZONE"),
        _ => true,
    };
    let columns = defaults
        .into_iter()
        .filter(|(_, value)| known(value))
        .enumerate()
        .map(|(place, (ty, value))| with_default(column(&format!("c{place}"), ty), value))
        .collect();
    table("every_default", columns, vec![], vec![])
}

#[test]
fn every_type_and_every_default() {
    let mut database = Database::new();
    let version = database.dialect.version().major;
    database.up_and_down(&[create(every_type(version)), create(every_default(version))]);
}

#[test]
fn virtual_columns() {
    let mut database = Database::new();
    if database.dialect.version().major < 18 {
        return;
    }
    let mut before = column("twice", "integer");
    before.computed = Some(Computed { sql: "a * 2".to_owned(), stored: false });
    let mut after = before.clone();
    after.computed = Some(Computed { sql: "a * 20".to_owned(), stored: false });
    let mut stored = after.clone();
    stored.computed = Some(Computed { sql: "a * 20".to_owned(), stored: true });
    database.apply(&create(table("t", vec![column("a", "integer"), before.clone()], vec![], vec![])));
    database.run("INSERT INTO t VALUES (3)");
    database.up_and_down(&[alter_column("t", &before, &after), alter_column("t", &after, &stored)]);
    assert_eq!(database.rows("SELECT twice FROM t"), "6");
}
