//! Columns whose definition changes, with rows in the table.

use aludel_engine::change::Change;
use aludel_engine::schema::{Column, Computed, Deferral, Function, Identity, OptionValue, Value};

use crate::build::*;
use crate::database::Database;

/// A table with one column to change, rows in it, and the change up and down.
fn conversion(before: Column, rows: &str, after: Column, using: Option<&str>, seen: &str) {
    let mut database = Database::new();
    if [&before, &after].iter().any(|column| column.ty.enum_name().is_some()) {
        database.apply(&create_enum("mood", &["sad", "happy"]));
    }
    database.apply(&create(table("t", vec![id(), before.clone()], vec![primary_key("pk_t", &["id"])], vec![])));
    database.run(&format!("INSERT INTO t ({}) VALUES {rows}", before.name));
    let start = database.rows("SELECT * FROM t ORDER BY id");
    let mut change = alter_column("t", &before, &after);
    if let Change::AlterColumn { using: place, .. } = &mut change {
        *place = using.map(str::to_owned);
    }
    database.apply(&change);
    assert_eq!(database.rows(&format!("SELECT {} FROM t ORDER BY id", after.name)), seen);
    if using.is_none() {
        database.apply(&change.invert().expect("an inverse"));
        let end = database.rows("SELECT * FROM t ORDER BY id");
        assert_eq!(end, start, "{} to {} and back", before.ty, after.ty);
    }
}

#[test]
fn types_change_with_their_rows_and_defaults() {
    let with = |ty: &str, default: Value| with_default(column("c", ty), default);
    conversion(column("c", "varchar(5)"), "('a'), (NULL)", column("c", "text"), None, "a NULL");
    conversion(with("varchar(5)", text("7")), "('12'), (NULL)", with("integer", Value::Integer(7)), None, "12 NULL");
    conversion(
        with("integer", Value::Integer(1)),
        "(0), (1), (NULL)",
        with("boolean", Value::Bool(true)),
        None,
        "f t NULL",
    );
    conversion(with("bigint", Value::Integer(0)), "(1)", with("boolean", Value::Bool(false)), None, "t");
    conversion(with("text", text("sad")), "('happy')", with("enum(mood)", text("sad")), None, "happy");
    conversion(with("integer", Value::Integer(-1)), "(-3)", with("bigint", Value::Integer(-1)), None, "-3");
    conversion(
        with("text", text("5")),
        "('5')",
        with("decimal(5,2)", Value::Integer(5)),
        Some("c::numeric * 2"),
        "10.00",
    );
    conversion(column("c", "text"), "('größe')", column("c", "blob"), None, "6772c3b6c39f65");
    conversion(column("c", "text"), "('{\"a\": 1}')", column("c", "jsonb"), None, "{\"a\": 1}");
    conversion(
        with("timestamp", Value::Function(Function::Now)),
        "('2020-01-02 03:04:05')",
        with("date", Value::Function(Function::Today)),
        Some("c::date"),
        "2020-01-02",
    );
    conversion(
        column("c", "uuid"),
        "('a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11')",
        column("c", "text"),
        None,
        "a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11",
    );
    conversion(column("c", "text[]"), "('{1,2}')", column("c", "integer[]"), None, "{1,2}");
}

#[test]
fn nulls_get_a_value_before_they_are_forbidden() {
    let mut database = Database::new();
    let (mut before, mut after) = (column("c", "varchar(9)"), column("c", "integer").not_null());
    before.collation = Some("C".to_owned());
    after.default = Some(Value::Integer(3));
    let mut to_itself = foreign_key("fk_t", &["parent"], "t", &["id"]);
    to_itself.deferral = Deferral::InitiallyDeferred;
    database.apply(&create(table(
        "t",
        vec![id(), column("parent", "bigint"), before.clone()],
        vec![primary_key("pk_t", &["id"]), to_itself],
        vec![],
    )));
    database.run("INSERT INTO t (parent, c) VALUES (1, '7'), (1, NULL)");
    let change = Change::AlterColumn {
        table: "t".into(),
        before: before.clone(),
        after,
        using: None,
        using_down: None,
        existing_null_value: Some(Value::Integer(42)),
    };
    database.apply(&change);
    assert_eq!(database.rows("SELECT c FROM t ORDER BY id"), "7 42");
    database.apply(&change.invert().expect("an inverse"));
    let mut strict = before.clone();
    strict.nullable = false;
    database.run("UPDATE t SET c = NULL WHERE id = 1");
    database.apply(&Change::AlterColumn {
        table: "t".into(),
        before,
        after: strict,
        using: None,
        using_down: None,
        existing_null_value: Some(text("it's")),
    });
    assert_eq!(database.rows("SELECT c FROM t ORDER BY id"), "it's 42");
}

#[test]
fn identity_comes_changes_and_goes() {
    let mut database = Database::new();
    let plain = column("n", "integer").not_null();
    let mut numbered = plain.clone();
    numbered.identity = Some(Identity::default());
    let mut strict = numbered.clone();
    strict.identity = Some(Identity { always: true, start: Some(50), increment: Some(5) });
    let mut wide = strict.clone();
    wide.ty = ty("bigint");
    database.apply(&create(table("t", vec![column("a", "text"), plain.clone()], vec![], vec![])));
    database.run("INSERT INTO t VALUES ('x', 7), ('y', 9)");
    database.up_and_down(&[
        alter_column("t", &plain, &numbered),
        alter_column("t", &numbered, &strict),
        alter_column("t", &strict, &wide),
    ]);
    database.apply(&alter_column("t", &plain, &numbered));
    database.run("INSERT INTO t (a) VALUES ('z')");
    assert_eq!(database.rows("SELECT n FROM t ORDER BY 1"), "7 9 10");
}

#[test]
fn serial_becomes_identity() {
    let mut database = Database::new();
    database.run("CREATE TABLE t (id serial PRIMARY KEY, a text)");
    database.run("INSERT INTO t (a) VALUES ('x'), ('y')");
    database.schema = database.connection.introspect(&Default::default()).expect("a schema");
    let before = database.schema.table(&"t".into()).expect("a table").columns[0].clone();
    assert!(before.default.is_none() && before.identity.is_some() && before.options.flag("serial"), "{before:?}");
    let mut after = before.clone();
    after.options.set("serial", aludel_engine::schema::OptionValue::Bool(false));
    let change = alter_column("t", &before, &after);
    database.apply(&change);
    database.run("INSERT INTO t (a) VALUES ('z')");
    assert_eq!(database.rows("SELECT id FROM t ORDER BY 1"), "1 2 3");
    database.apply(&change.invert().expect("an inverse"));
    database.run("INSERT INTO t (a) VALUES ('serial')");
    assert_eq!(database.rows("SELECT max(id) FROM t"), "4");
}

/// A default that reads a sequence which belongs to nobody is a default, and the sequence stays.
#[test]
fn a_sequence_of_its_own_becomes_identity() {
    let mut database = Database::new();
    database.run("CREATE SEQUENCE numbers");
    database.run("CREATE TABLE t (id integer PRIMARY KEY DEFAULT nextval('numbers'), a text)");
    database.run("INSERT INTO t (a) VALUES ('x'), ('y')");
    database.schema = database.connection.introspect(&Default::default()).expect("a schema");
    let before = database.schema.table(&"t".into()).expect("a table").columns[0].clone();
    assert_eq!(before.default, Some(sql("nextval('numbers'::regclass)")));
    let mut after = before.clone();
    after.default = None;
    after.identity = Some(Identity::default());
    let change = alter_column("t", &before, &after);
    database.apply(&change);
    database.run("INSERT INTO t (a) VALUES ('z')");
    assert_eq!(database.rows("SELECT id FROM t ORDER BY 1"), "1 2 3");
    database.apply(&change.invert().expect("an inverse"));
}

#[test]
fn expressions_change() {
    let mut database = Database::new();
    let mut before = column("twice", "integer");
    before.computed = Some(Computed { sql: "a * 2".to_owned(), stored: true });
    before.comment = Some("derived".to_owned());
    let mut after = before.clone();
    after.computed = Some(Computed { sql: "a * 20".to_owned(), stored: true });
    let mut partial = index("ix_t", &["a"]);
    partial.predicate = Some("twice > 0".to_owned());
    let (old, mut new) = (column("a", "integer"), column("a", "bigint"));
    new.comment = Some("wide".to_owned());
    database.apply(&create(table(
        "t",
        vec![old.clone(), before.clone(), column("b", "text")],
        vec![check("ck_t", "twice < 1000000"), unique("uq_t", &["twice", "b"])],
        vec![partial, index("ix_t_twice", &["twice"])],
    )));
    database.run("INSERT INTO t (a, b) VALUES (3, 'x')");
    let change = alter_column("t", &before, &after);
    database.apply(&change);
    assert_eq!(database.rows("SELECT twice FROM t"), "60");
    database.apply(&change.invert().expect("an inverse"));
    // The type of a column that a generated one reads.
    database.up_and_down(&[alter_column("t", &old, &new)]);
    assert_eq!(database.rows("SELECT a, b, twice FROM t"), "3|x|6");
    if database.dialect.version().major < 13 {
        return;
    }
    let mut ordinary = before.clone();
    ordinary.computed = None;
    database.apply(&alter_column("t", &before, &ordinary));
    assert_eq!(database.rows("SELECT twice FROM t"), "6");
}

#[test]
fn comments_collations_and_options_change() {
    let before = column("c", "varchar(20)");
    let mut after = before.clone();
    after.comment = Some("it's new".to_owned());
    after.collation = Some("C".to_owned());
    after.options.set("storage", OptionValue::Text("external".to_owned()));
    after.options.set("statistics", OptionValue::Integer(42));
    let mut retyped = after.clone();
    retyped.ty = ty("text");
    let mut database = Database::new();
    if database.dialect.version().major >= 14 {
        retyped.options.set("compression", OptionValue::Text("pglz".to_owned()));
    }
    database.apply(&create(table("t", vec![before.clone()], vec![], vec![index("ix_t", &["c"])])));
    database.run("INSERT INTO t VALUES ('a')");
    database.up_and_down(&[alter_column("t", &before, &after), alter_column("t", &after, &retyped)]);
    assert_eq!(database.rows("SELECT c FROM t"), "a");
}
