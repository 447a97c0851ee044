//! Whether two texts mean the same, as SQLite compiles them.

use aludel_engine::diff::reconcile;
use aludel_engine::diff::words::{Owner, Part, put, texts};
use aludel_engine::driver::{ConnectOptions, Connection, Driver, Pattern, Scope};
use aludel_engine::schema::{ObjectClass, ObjectId, Schema};
use aludel_sqlite::DRIVER;

const MADE: [&str; 7] = [
    "CREATE TABLE t (id INTEGER PRIMARY KEY, a INTEGER DEFAULT (5 - 3), s TEXT DEFAULT 'x', b BLOB, \
     twice AS (a * 2), CONSTRAINT ck_a CHECK (a <> 1), CHECK (b IS NOT x'0001'), CHECK (a IN (1, 2)))",
    "CREATE INDEX ix ON t (lower(s)) WHERE a IN (1, 2)",
    "CREATE VIEW v AS SELECT id, s FROM t WHERE a <> 1",
    "CREATE TRIGGER tr AFTER UPDATE OF a ON t WHEN new.a <> 1 BEGIN DELETE FROM t WHERE id = new.id + 1; END",
    "CREATE TRIGGER iv INSTEAD OF INSERT ON v BEGIN INSERT INTO t (id) VALUES (new.id); END",
    "CREATE VIRTUAL TABLE words USING fts5 (body)",
    "CREATE TABLE other (id INTEGER PRIMARY KEY)",
];

fn made() -> (Box<dyn Connection>, Schema) {
    let url = "sqlite::memory:".parse().expect("a URL");
    let mut connection = DRIVER.connect(&url, &ConnectOptions::default()).expect("memory");
    for sql in MADE {
        connection.execute(sql).unwrap_or_else(|error| panic!("{error}: {sql}"));
    }
    let found = connection.introspect(&Scope::default()).expect("a schema");
    (connection, found)
}

fn table() -> Owner {
    Owner::Table("t".into())
}

fn object(class: ObjectClass, name: &str) -> Owner {
    Owner::Object(ObjectId::new(class, name))
}

fn trigger(table: &str, name: &str) -> Owner {
    Owner::Object(ObjectId::trigger(&table.into(), name))
}

/// Whether another text at a place means what is there.
fn means(owner: &Owner, part: &Part, written: &[&str]) -> Result<bool, String> {
    let (mut connection, found) = made();
    let mut model = found.clone();
    let written: Vec<String> = written.iter().map(|&text| text.to_owned()).collect();
    assert_eq!(texts(&model, owner, part).len(), written.len(), "{owner:?} {part:?}");
    put(&mut model, owner, part, &written);
    let normal = connection.dialect().normalize(&found);
    let reconciled = reconcile(&mut *connection, &model, &found).expect("answers");
    match reconciled.undecided.first() {
        Some(one) => Err(one.reason.clone()),
        None => Ok(reconciled.model == normal),
    }
}

#[test]
fn what_compiles_to_the_same_is_the_same() {
    let check = || Part::Constraint("ck_a".to_owned());
    let trigger_sql = |rest: &str| format!("CREATE TRIGGER tr AFTER UPDATE OF {rest}; END");
    let cases: [(Owner, Part, &[&str], bool); 22] = [
        (table(), check(), &["a != 1"], true),
        (table(), check(), &["((t.a) != (1))"], true),
        (table(), check(), &["NOT a = 1"], false),
        (table(), check(), &["a <> 2"], false),
        (table(), check(), &["id <> 1"], false),
        (table(), Part::Default("a".to_owned()), &["(5)-(+3)"], true),
        (table(), Part::Default("a".to_owned()), &["5 - 4"], false),
        (table(), Part::Default("a".to_owned()), &["5 - 3.0"], false),
        (table(), Part::Computed("twice".to_owned()), &["t.a * 0x2"], true),
        (table(), Part::Computed("twice".to_owned()), &["a * 3"], false),
        (table(), Part::Index("ix".to_owned()), &["lower(t.s)", "a in (0x1, 2)"], true),
        (table(), Part::Index("ix".to_owned()), &["upper(s)", "a in (1, 2)"], false),
        (table(), Part::Index("ix".to_owned()), &["lower(s)", "a in (1, 3)"], false),
        (object(ObjectClass::View, "v"), Part::Definition, &["select t.id, t.s from t where a != 1"], true),
        (object(ObjectClass::View, "v"), Part::Definition, &["select id, s from t where a <> 2"], false),
        (object(ObjectClass::View, "v"), Part::Definition, &["select id, s as q from t where a <> 1"], false),
        (
            trigger("t", "tr"),
            Part::Definition,
            &[&trigger_sql("a ON t WHEN new.a != 1 BEGIN DELETE FROM t WHERE (id = new.id + 1)")],
            true,
        ),
        (
            trigger("t", "tr"),
            Part::Definition,
            &[&trigger_sql("s ON t WHEN new.a <> 1 BEGIN DELETE FROM t WHERE id = new.id + 1")],
            false,
        ),
        (
            trigger("t", "tr"),
            Part::Definition,
            &[&trigger_sql("a ON t WHEN new.a <> 1 BEGIN DELETE FROM t WHERE id = new.id + 2")],
            false,
        ),
        (
            trigger("t", "tr"),
            Part::Definition,
            &[
                "CREATE TRIGGER tr BEFORE UPDATE OF a ON t WHEN new.a <> 1 BEGIN DELETE FROM t WHERE id = new.id + 1; END",
            ],
            false,
        ),
        (
            trigger("v", "iv"),
            Part::Definition,
            &["CREATE TRIGGER iv INSTEAD OF INSERT ON v BEGIN INSERT INTO t (id) VALUES ((new.id)); END"],
            true,
        ),
        (
            trigger("v", "iv"),
            Part::Definition,
            &["CREATE TRIGGER iv INSTEAD OF INSERT ON v BEGIN INSERT INTO t (id) VALUES (-new.id); END"],
            false,
        ),
    ];
    for (owner, part, written, same) in cases {
        assert_eq!(means(&owner, &part, written), Ok(same), "{written:?}");
    }
}

#[test]
fn what_does_not_run_is_told() {
    let reason = means(&table(), &Part::Constraint("ck_a".to_owned()), &["missing <> 1"]).expect_err("a reason");
    assert!(reason.starts_with("it does not run as it is here: no such column: missing"), "{reason}");
}

#[test]
fn bytes_that_explain_does_not_print_count() {
    let (mut connection, found) = made();
    let mut model = found.clone();
    let mut own = aludel_engine::schema::Table::clone(found.table(&"t".into()).expect("a table"));
    for constraint in &mut own.constraints {
        for sql in constraint.expressions_mut() {
            *sql = sql.replace("0001", "0002");
        }
    }
    model.put_table(own);
    let reconciled = reconcile(&mut *connection, &model, &found).expect("answers");
    assert_ne!(reconciled.model, connection.dialect().normalize(&found));
}

#[test]
fn what_the_model_cannot_hold_is_told_by_name() {
    let (mut connection, found) = made();
    let told: Vec<String> =
        connection.unheld(&Scope::default()).expect("a list").iter().map(ToString::to_string).collect();
    assert_eq!(told, ["virtual table `words`: it would be missing, with what its module keeps"]);
    let names: Vec<String> = found.tables().map(|table| table.name.to_string()).collect();
    assert_eq!(names, ["other", "t"]);
    let scope = Scope { excluding: vec![Pattern::new("?")], ..Scope::default() };
    let schema = connection.introspect(&scope).expect("a schema");
    assert_eq!((schema.tables().count(), schema.objects().count()), (1, 0));
}
