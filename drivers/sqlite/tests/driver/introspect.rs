//! Definitions that other hands wrote: every style of quoting, comments, odd layout.

use aludel_engine::dialect::Dialect;
use aludel_engine::driver::{ConnectOptions, Connection, Driver, Scope};
use aludel_engine::schema::{ConstraintKind, Deferral, IndexKey, Match, ReferentialAction, Schema, Table, Type, Value};
use aludel_sqlite::{DRIVER, Sqlite};
use proptest::prelude::*;

fn read(sql: &[&str]) -> Schema {
    let mut connection = connect();
    for statement in sql {
        connection.execute(statement).unwrap_or_else(|error| panic!("{error}: {statement}"));
    }
    connection.introspect(&Scope::default()).expect("introspect")
}

fn connect() -> Box<dyn Connection> {
    DRIVER.connect(&"sqlite::memory:".parse().expect("url"), &ConnectOptions::default()).expect("memory")
}

fn one(sql: &str) -> Table {
    let schema = read(&["CREATE TABLE p (id INTEGER PRIMARY KEY, code TEXT UNIQUE)", sql]);
    let table = schema.tables().find(|table| table.name.name != "p").expect("table");
    Table::clone(table)
}

#[test]
fn every_style_of_quoting_and_odd_layout() {
    let table = one(
        "create  table if not exists main . [odd t](\n  -- a comment, with ( and '\n  \"a\"\"b\" /* x ) */ VARCHAR ( 20 )NOT NULL on conflict ignore,\n  `c d` double  precision default -1.5e3, [e] text default 'it''s' collate \"nocase\"\n  , 'f' int constraint \"nn\" not null constraint ck check(f<>')'), g default (1+(2)) unique on conflict replace,\n  h GENERATED ALWAYS AS (g || ',') STORED, i AS (g), constraint [p k] primary key (`e` collate nocase desc, f) on conflict fail\n  constraint u unique('f') check (g is not null), foreign key (e) references p(code) on delete set null on update cascade match full deferrable initially deferred,\n  constraint \"fk 2\" foreign key(f) references \"P\" not deferrable) without rowid",
    );
    assert_eq!(table.name.name, "odd t");
    let names: Vec<&str> = table.columns.iter().map(|column| column.name.as_str()).collect();
    assert_eq!(names, ["a\"b", "c d", "e", "f", "g", "h", "i"]);
    let types: Vec<String> = table.columns.iter().map(|column| column.ty.to_string()).collect();
    assert_eq!(types, ["varchar(20)", "double", "text", "integer", "", "", ""]);
    assert_eq!(table.columns[0].options.text("on_conflict"), Some("ignore"));
    assert_eq!(table.columns[1].default, Some(Value::Sql("-1.5e3".to_owned())));
    assert_eq!(table.columns[2].default, Some(Value::Sql("'it''s'".to_owned())));
    assert_eq!(table.columns[2].collation.as_deref(), Some("nocase"));
    assert!(!table.columns[2].nullable, "the key of a table without rowid is NOT NULL");
    assert_eq!(table.columns[4].default, Some(Value::Sql("1+(2)".to_owned())));
    assert!(table.columns[5].computed.as_ref().is_some_and(|c| c.stored && c.sql == "g || ','"));
    assert!(table.columns[6].computed.as_ref().is_some_and(|c| !c.stored));
    assert_eq!(table.primary_key_columns(), ["e", "f"]);
    let key = table.constraint("p k").expect("named");
    assert_eq!(key.options.text("on_conflict"), Some("fail"));
    let checks: Vec<_> = table
        .constraints
        .iter()
        .filter_map(|c| match &c.kind {
            ConstraintKind::Check { sql } => Some((c.name.as_deref(), sql.as_str())),
            _ => None,
        })
        .collect();
    assert_eq!(checks, [(Some("ck"), "f<>')'"), (None, "g is not null")]);
    let keys: Vec<_> = table.foreign_keys().collect();
    assert_eq!(keys[0].0.deferral, Deferral::InitiallyDeferred);
    assert_eq!(keys[0].1.on_delete, ReferentialAction::SetNull);
    assert_eq!(keys[0].1.on_update, ReferentialAction::Cascade);
    assert_eq!(keys[0].1.matching, Match::Full);
    assert_eq!(keys[1].0.name.as_deref(), Some("fk 2"));
    assert_eq!(keys[1].1.referred_table.name, "p");
    assert_eq!(keys[1].1.referred_columns, ["id"], "a key that names no columns means the primary key");
}

#[test]
fn what_numbers_rows_and_what_does_not() {
    for (sql, identity, nullable) in [
        ("CREATE TABLE t (id INTEGER PRIMARY KEY AUTOINCREMENT)", true, false),
        ("CREATE TABLE t (id INTEGER CONSTRAINT k PRIMARY KEY ON CONFLICT ABORT AUTOINCREMENT)", true, false),
        ("CREATE TABLE t (id INTEGER, PRIMARY KEY (id AUTOINCREMENT))", true, false),
        ("CREATE TABLE t (id INTEGER PRIMARY KEY)", false, false),
        ("CREATE TABLE t (id INTEGER PRIMARY KEY DESC)", false, true),
        ("CREATE TABLE t (id BIGINT PRIMARY KEY)", false, true),
        ("CREATE TABLE t (id BIGINT PRIMARY KEY) WITHOUT ROWID", false, false),
    ] {
        let table = one(sql);
        assert_eq!(table.columns[0].identity.is_some(), identity, "{sql}");
        let takes_null = table.columns[0].nullable || table.columns[0].options.flag("null_key");
        assert_eq!(takes_null, nullable, "{sql}");
    }
}

#[test]
fn indexes_in_every_shape() {
    let schema = read(&[
        "CREATE TABLE t (a, b COLLATE NOCASE, \"desc\")",
        "CREATE INDEX i1 ON t (a DESC, [b] COLLATE rtrim asc, \"desc\")",
        "create unique index if not exists main.`i 2` on \"t\" (lower(a) desc, (a+b) , a||'x,y' collate nocase) where a > ')' -- end",
        "CREATE INDEX i3 ON t (\"desc\" DESC)",
    ]);
    let table = schema.table(&"t".into()).expect("t");
    let parts: Vec<String> = table
        .indexes
        .iter()
        .flat_map(|index| &index.parts)
        .map(|part| {
            let key = match &part.key {
                IndexKey::Column(name) => name.clone(),
                IndexKey::Expression(sql) => format!("({sql})"),
            };
            format!("{key} {} {}", part.descending, part.collation.as_deref().unwrap_or("-"))
        })
        .collect();
    assert_eq!(
        parts,
        [
            "a true -",
            "b false rtrim",
            "desc false -",
            "(lower(a)) true -",
            "(a+b) false -",
            "(a||'x,y') false nocase",
            "desc true -"
        ]
    );
    assert_eq!(table.indexes[1].name, "i 2");
    assert_eq!(table.indexes[1].predicate.as_deref(), Some("a > ')'"));
    assert!(table.indexes[1].unique && !table.indexes[0].unique);
}

#[test]
fn what_is_no_table_of_ours_is_left_out() {
    let mut connection = connect();
    for sql in [
        "CREATE TABLE a (x UNIQUE)",
        "CREATE TABLE B (x REFERENCES A)",
        "CREATE VIEW v AS SELECT 1",
        "CREATE VIRTUAL TABLE f USING fts5(x)",
        "CREATE TABLE c (id INTEGER PRIMARY KEY AUTOINCREMENT)",
        "ANALYZE",
        "CREATE TEMP TABLE d (x)",
        "CREATE TABLE e AS SELECT 1 AS \"x y\", 'a' AS z",
    ] {
        connection.execute(sql).expect(sql);
    }
    let names = |scope: &Scope, connection: &mut Box<dyn Connection>| -> Vec<String> {
        let schema = connection.introspect(scope).expect("introspect");
        schema.tables().map(|table| table.name.to_string()).collect()
    };
    assert_eq!(names(&Scope::default(), &mut connection), ["B", "a", "c", "e"]);
    let exclude = Scope { exclude: vec!["A".into(), "b".into()], ..Scope::default() };
    assert_eq!(names(&exclude, &mut connection), ["c", "e"]);
    let only = Scope { only: Some(vec!["b".into()]), ..Scope::default() };
    assert_eq!(names(&only, &mut connection), ["B"]);
}

/// Column definitions, put together at random.
fn column_text() -> impl Strategy<Value = String> {
    let name = prop::sample::select(vec!["\"a b\"", "[c]", "`d`", "e", "é", "\"select\"", "'f'"]);
    let ty = prop::sample::select(vec![
        "",
        "INTEGER",
        "int",
        "VARCHAR(20)",
        "decimal ( 10 , 2 )",
        "UNSIGNED BIG INT",
        "TEXT /* t */",
        "double precision",
    ]);
    let constraint = prop::sample::select(vec![
        "NOT NULL",
        "DEFAULT 5",
        "DEFAULT 'x''y'",
        "DEFAULT (1 + 2)",
        "COLLATE nocase",
        "CHECK (1 < 2)",
        "UNIQUE",
        "CONSTRAINT n NOT NULL",
        "REFERENCES p",
        "REFERENCES p (id) ON DELETE CASCADE DEFERRABLE",
        "DEFAULT -1",
        "DEFAULT CURRENT_TIMESTAMP",
        "NOT NULL ON CONFLICT IGNORE",
        "CONSTRAINT [u 1] UNIQUE ON CONFLICT REPLACE",
    ]);
    (name, ty, prop::collection::vec(constraint, 0..4))
        .prop_map(|(name, ty, constraints)| format!("{name} {ty} {}", constraints.join(" -- c\n ")))
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 300, failure_persistence: None, ..ProptestConfig::default() })]

    /// What is read from the text is what SQLite itself says of the columns.
    #[test]
    fn the_text_is_read_as_sqlite_reads_it(
        columns in prop::collection::vec(column_text(), 1..5),
        tail in prop::sample::select(vec!["", ", CHECK (2 > 1)", ", CONSTRAINT x UNIQUE (z)", ", CHECK (1) CHECK (2)"]),
        options in prop::sample::select(vec!["", " STRICT", " /* end */"]),
    ) {
        let sql = format!("CREATE TABLE t (z ANY, {}{tail}){options}", columns.join(",\n"));
        let mut connection = connect();
        connection.execute("CREATE TABLE p (id INTEGER PRIMARY KEY)").expect("p");
        // A name that is there twice, or a type that STRICT lacks, is not our business.
        prop_assume!(connection.execute(&sql).is_ok());
        let schema = connection.introspect(&Scope::default()).expect("introspect");
        let table = schema.table(&"t".into()).expect("t");
        let rows = connection.query("SELECT name, type, \"notnull\", dflt_value FROM pragma_table_xinfo('t')").expect("pragma");
        prop_assert_eq!(rows.len(), table.columns.len());
        let dialect = Sqlite::running().expect("version");
        for (row, column) in rows.iter().zip(&table.columns) {
            prop_assert_eq!(row[0].as_deref(), Some(column.name.as_str()));
            let declared = row[1].clone().unwrap_or_default();
            prop_assert_eq!(dialect.parse_type(&declared), column.ty.clone(), "{}", sql);
            prop_assert_eq!(row[2].as_deref() == Some("0"), column.nullable, "{}", sql);
            let default = row[3].as_deref().map(|text| text.replace(' ', ""));
            let ours = match &column.default {
                Some(Value::Sql(sql)) => Some(sql.replace(' ', "")),
                _ => None,
            };
            prop_assert_eq!(default, ours, "{}", sql);
        }
        let normal = dialect.normalize(&schema);
        prop_assert_eq!(dialect.normalize(&normal), normal.clone());
    }
}

#[test]
fn a_type_that_nobody_knows_stays_as_it_is() {
    let table = one("CREATE TABLE t (a \"geo metry\"(1, 2), b X Y Z, c)");
    assert_eq!(table.columns[1].ty, Type::Native("X Y Z".to_owned()));
    assert_eq!(table.columns[2].ty, Type::Native(String::new()));
}

#[test]
fn bytes_that_are_no_text_are_told_by_name() {
    let mut connection = connect();
    for sql in [
        "CREATE TABLE t (a TEXT DEFAULT 'MARK')",
        "CREATE TABLE ok (a INT, b TEXT DEFAULT '\u{FFFD}', c 'my type', d 'INTEGER')",
        "CREATE INDEX ix ON ok (a) WHERE b <> 'MARK'",
        "CREATE VIEW v AS SELECT 'MARK' AS x",
        "CREATE TRIGGER tr AFTER INSERT ON ok BEGIN SELECT 'MARK'; END",
        "PRAGMA writable_schema = on",
        "UPDATE sqlite_schema SET sql = replace(sql, 'MARK', CAST(X'E9' AS TEXT))",
    ] {
        connection.execute(sql).unwrap_or_else(|error| panic!("{error}: {sql}"));
    }
    let found = connection.introspect(&Scope::default()).expect("a schema");
    let ok = found.table(&"ok".into()).expect("a table");
    assert_eq!((found.tables().count(), found.objects().count(), ok.indexes.len()), (1, 0, 0));
    assert_eq!(ok.columns[2].ty, Type::Native("\"my type\"".to_owned()));
    assert_eq!(ok.columns[3].ty, Type::Integer);
    let told: Vec<String> =
        connection.unheld(&Scope::default()).expect("a list").iter().map(ToString::to_string).collect();
    let why = "its definition could not be read: it holds bytes that are not UTF-8";
    let expected = ["table `t`", "index `ix` on `ok`", "view `v`", "trigger `tr` on `ok`"];
    assert_eq!(told, expected.map(|what| format!("{what}: {why}")));
}
