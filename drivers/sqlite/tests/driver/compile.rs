//! What changes become, and what is refused.

use crate::lab::*;
use aludel_engine::change::{Change, DeleteRows, Execute, InsertRows, OnConflict, Position, TableProperties};
use aludel_engine::dialect::{Compile, Dialect, Unsupported};
use aludel_engine::plan::{Transaction, Work};
use aludel_engine::schema::{
    Computed, ConstraintKind, Deferral, ForeignKey, Function, Identity, Match, Nulls, ObjectName, OptionValue,
    ReferentialAction, Schema, Table, Value,
};
use aludel_sqlite::{DEFAULT_VERSION, Sqlite};

fn dialect() -> Sqlite {
    Sqlite::new(DEFAULT_VERSION).expect("version")
}

fn schema_with(tables: Vec<Table>) -> Schema {
    let mut schema = Schema::default();
    tables.into_iter().for_each(|table| schema.put_table(table));
    schema
}

fn compile(
    dialect: &Sqlite,
    before: &Schema,
    changes: &[Change],
) -> Result<Vec<aludel_engine::plan::Statement>, Unsupported> {
    let mut after = before.clone();
    for change in changes {
        change.apply(&mut after, dialect.lexicon()).expect("fits");
    }
    dialect.compile(&Compile { before, after: &after }, changes)
}

fn sql(before: &Schema, changes: &[Change]) -> Vec<String> {
    let statements = compile(&dialect(), before, changes).expect("compiles");
    statements.into_iter().map(|statement| statement.sql).collect()
}

#[test]
fn a_table_reads_well() {
    let mut created = col("created_at", "timestamptz").not_null();
    created.default = Some(Value::Function(Function::Now));
    let mut gross = col("gross", "decimal(12,2)");
    gross.computed = Some(Computed { sql: "total * 1.2".to_owned(), stored: true });
    let mut users = table(
        "users",
        vec![col("Email", "varchar(255)").not_null(), col("order", "integer"), col("total", "real"), gross, created],
        vec![unique("uq_users_email", &["Email"]), fk("fk_users", "order", "orders", ReferentialAction::Cascade)],
    );
    users.options.set("strict", OptionValue::Bool(false));
    users.indexes.push(index("ix_users_total", &["total"]));
    assert_eq!(
        sql(&Schema::default(), &[create(users)]),
        [
            "CREATE TABLE users (\n  id INTEGER CONSTRAINT pk_users PRIMARY KEY AUTOINCREMENT,\n  \"Email\" VARCHAR(255) NOT NULL,\n  \"order\" INTEGER,\n  total REAL,\n  gross DECIMAL(12,2) GENERATED ALWAYS AS (total * 1.2) STORED,\n  created_at DATETIME NOT NULL DEFAULT CURRENT_TIMESTAMP,\n  CONSTRAINT uq_users_email UNIQUE (\"Email\"),\n  CONSTRAINT fk_users FOREIGN KEY (\"order\") REFERENCES orders (id) ON DELETE CASCADE\n)",
            "CREATE INDEX ix_users_total ON users (total)",
        ]
    );
}

#[test]
fn a_rebuild_reads_well() {
    let before = schema_with(vec![table("t", vec![col("a", "text")], vec![])]);
    let t = before.table(&"t".into()).expect("t");
    let mut after = t.columns[1].clone();
    after.ty = ty("integer");
    after.nullable = false;
    let change = Change::AlterColumn {
        table: "t".into(),
        before: t.columns[1].clone(),
        after,
        using: None,
        using_down: None,
        existing_null_value: Some(Value::Integer(0)),
    };
    let statements = compile(&dialect(), &before, &[change]).expect("compiles");
    let first = &statements[0];
    assert_eq!(first.prologue, ["PRAGMA foreign_keys = OFF"]);
    assert_eq!(
        first.epilogue,
        ["PRAGMA foreign_keys = ON", "PRAGMA legacy_alter_table = OFF", "PRAGMA writable_schema = OFF"]
    );
    assert_eq!(
        first.notes,
        ["SQLite cannot do this in place, so t is rebuilt: alter column t.a: type text to integer, not null"]
    );
    assert!(statements.iter().all(|statement| statement.transaction == Transaction::Inside));
    let texts: Vec<&str> = statements.iter().map(|statement| statement.sql.as_str()).collect();
    assert_eq!(
        texts[4..6],
        [
            "CREATE TABLE _aludel_new_t (\n  id INTEGER CONSTRAINT pk_t PRIMARY KEY AUTOINCREMENT,\n  a INTEGER NOT NULL\n)",
            "INSERT INTO _aludel_new_t (id, a)\nSELECT id, coalesce(a, 0)\nFROM t",
        ]
    );
    assert!(texts.contains(&"ALTER TABLE _aludel_new_t RENAME TO t"));
    assert_eq!(statements[5].work, Work::Copy);
}

#[test]
fn rows_are_written_in_chunks() {
    let rows = |count: usize, text: &str| InsertRows {
        table: "t".into(),
        columns: vec![("id".to_owned(), ty("integer")), ("a".to_owned(), ty("text"))],
        rows: (0..count).map(|_| vec![Value::Integer(1), Value::Text(text.to_owned())]).collect(),
        on_conflict: OnConflict::Update,
        key: vec!["id".to_owned()],
    };
    let schema = Schema::default();
    assert_eq!(
        sql(&schema, &[Change::InsertRows(rows(1, "x"))]),
        ["INSERT INTO t (id, a) VALUES\n  (1, 'x')\nON CONFLICT (id) DO UPDATE SET a = excluded.a"]
    );
    assert_eq!(sql(&schema, &[Change::InsertRows(rows(1001, "x"))]).len(), 3);
    assert_eq!(sql(&schema, &[Change::InsertRows(rows(3, &"x".repeat(200_000)))]).len(), 3);
    assert!(sql(&schema, &[Change::InsertRows(rows(0, "x"))]).is_empty());
    let mut two = rows(1, "x");
    two.rows.push(vec![Value::Null, Value::Null]);
    assert_eq!(
        sql(&schema, &[Change::DeleteRows(DeleteRows(two.clone()))]),
        ["DELETE FROM t WHERE id IN (1)", "DELETE FROM t WHERE id IS NULL"]
    );
    two.key = vec!["id".to_owned(), "a".to_owned()];
    assert_eq!(
        sql(&schema, &[Change::DeleteRows(DeleteRows(two))]),
        ["DELETE FROM t WHERE (id IS 1 AND a IS 'x')\n  OR (id IS NULL AND a IS NULL)"]
    );
}

#[test]
fn raw_sql_goes_in_as_it_is() {
    let execute =
        |text: &str| Change::Execute(Execute { statements: vec![text.to_owned()], undo: None, effect: Vec::new() });
    let schema = Schema::default();
    assert_eq!(sql(&schema, &[execute("CREATE VIEW v AS SELECT 1;")]), ["CREATE VIEW v AS SELECT 1;"]);
    let vacuum = compile(&dialect(), &schema, &[execute("VACUUM")]).expect("compiles");
    assert_eq!(vacuum[0].transaction, Transaction::Outside);
    assert!(compile(&dialect(), &schema, &[execute("ROLLBACK TO x")]).is_err());
}

#[test]
fn newer_versions_rebuild_less() {
    let before = schema_with(vec![table(
        "t",
        vec![col("a", "text"), col("p", "bigint")],
        vec![
            check("ck", "a <> ''"),
            fk("fk", "p", "t", ReferentialAction::Cascade),
            fk("fk_default", "p", "t", ReferentialAction::SetDefault),
        ],
    )]);
    let t = before.table(&"t".into()).expect("t");
    let drop =
        |name: &str| Change::DropConstraint { table: "t".into(), constraint: t.constraint(name).expect("c").clone() };
    let not_null = Change::AlterColumn {
        table: "t".into(),
        before: t.columns[1].clone(),
        after: t.columns[1].clone().not_null(),
        using: None,
        using_down: None,
        existing_null_value: Some(Value::Text("x".to_owned())),
    };
    for (version, change, expected) in [
        ("3.37", not_null.clone(), None),
        ("3.53", not_null, Some("UPDATE t SET a = 'x' WHERE a IS NULL; ALTER TABLE t ALTER COLUMN a SET NOT NULL")),
        ("3.37", drop("ck"), None),
        ("3.53", drop("ck"), Some("ALTER TABLE t DROP CONSTRAINT ck")),
        ("3.53", drop("fk"), None),
        ("3.54", drop("fk"), Some("ALTER TABLE t DROP CONSTRAINT fk")),
        ("3.54", drop("fk_default"), None),
        (
            "3.53",
            add_constraint("t", check("ck2", "a > 'a'")),
            Some("ALTER TABLE t ADD CONSTRAINT ck2 CHECK (a > 'a')"),
        ),
        ("3.54", add_constraint("t", unique("uq", &["a"])), None),
    ] {
        let dialect = Sqlite::new(version.parse().expect("version")).expect("supported");
        let statements = compile(&dialect, &before, &[change]).expect("compiles");
        let texts: Vec<String> = statements.into_iter().map(|statement| statement.sql).collect();
        match expected {
            Some(expected) => assert_eq!(texts.join("; "), expected, "{version}"),
            None => {
                assert!(texts.iter().any(|text| text.starts_with("CREATE TABLE _aludel_new_t")), "{version} {texts:?}")
            }
        }
    }
    assert!(Sqlite::new("3.34.1".parse().expect("version")).is_err());
}

#[test]
fn what_cannot_be_kept_is_refused_with_a_way_out() {
    let with = |change: &dyn Fn(&mut Table)| {
        let mut one = table("t", vec![col("a", "text"), col("b", "integer")], vec![]);
        change(&mut one);
        create(one)
    };
    let identity = |identity: Identity| with(&move |t| t.columns[0].identity = Some(identity));
    let with_index = |change: &dyn Fn(&mut aludel_engine::schema::Index)| {
        with(&|t| {
            let mut one = index("ix", &["a"]);
            change(&mut one);
            t.indexes.push(one);
        })
    };
    let add_existing = Change::AddColumn {
        table: "t".into(),
        column: col("z", "text"),
        position: Position::Last,
        if_not_exists: true,
    };
    let mut not_valid = check("ck", "a > 1");
    not_valid.validated = false;
    let mut late = unique("uq", &["a"]);
    late.deferral = Deferral::InitiallyDeferred;
    let full = aludel_engine::schema::Constraint::new(
        Some("fk".to_owned()),
        ConstraintKind::ForeignKey(ForeignKey {
            columns: vec!["a".to_owned(), "b".to_owned()],
            referred_table: "p".into(),
            referred_columns: vec!["x".to_owned(), "y".to_owned()],
            on_delete: ReferentialAction::NoAction,
            on_update: ReferentialAction::NoAction,
            matching: Match::Full,
        }),
    );
    let cases: Vec<(Change, &str)> = vec![
        (with(&|t| t.columns[1].ty = ty("interval")), "SQLite has no type `interval`"),
        (with(&|t| t.columns[1].ty = ty("text[]")), "SQLite has no type `text[]`"),
        (with(&|t| t.name = ObjectName::qualified("app", "t")), "no namespaces"),
        (identity(Identity { always: true, ..Identity::default() }), "cannot refuse a value"),
        (identity(Identity { increment: Some(2), ..Identity::default() }), "by ones"),
        (with(&|t| t.constraints.clear()), "not the primary key"),
        (with(&|t| t.options.set("without_rowid", OptionValue::Bool(true))), "WITHOUT ROWID"),
        (with(&|t| t.columns[1].default = Some(Value::Function(Function::CurrentUser))), "no users"),
        (with(&|t| t.columns[1].options.set("on_conflict", OptionValue::Text("ignore".to_owned()))), "may be NULL"),
        (with(&|t| t.columns[1].ty = ty("enum(nope)")), "there is no enum `nope`"),
        (with_index(&|index| index.parts[0].nulls = Some(Nulls::Last)), "where NULLs sort"),
        (
            with_index(&|index| {
                index.unique = true;
                index.parts[0].length = Some(3);
            }),
            "`length`",
        ),
        (with(&|t| t.constraints.push(not_valid.clone())), "checks every row"),
        (with(&|t| t.constraints.push(late.clone())), "defers foreign keys only"),
        (with(&|t| t.constraints.push(full.clone())), "MATCH FULL"),
    ];
    for (change, part) in cases {
        let error = compile(&dialect(), &Schema::default(), std::slice::from_ref(&change)).expect_err(part);
        assert!(error.message.contains(part), "{error:?}");
        if let Change::CreateTable { table, .. } = &change {
            let found = dialect().check_table(table, &Schema::default());
            assert!(found.contains(&error), "check_table finds it before: {found:?}");
        }
    }
    let before = schema_with(vec![table("t", vec![], vec![])]);
    assert!(compile(&dialect(), &before, &[add_existing]).expect_err("no such syntax").help.is_some());
}

#[test]
fn comments_are_kept_by_the_model_alone() {
    let mut one = table("t", vec![col("a", "text")], vec![]);
    one.comment = Some("about".to_owned());
    one.columns[1].comment = Some("about".to_owned());
    let texts = sql(&Schema::default(), &[create(one.clone())]);
    assert!(!texts[0].contains("about"));
    let before = schema_with(vec![one]);
    let after = TableProperties { comment: None, ..TableProperties::default() };
    let properties = TableProperties { comment: Some("about".to_owned()), ..TableProperties::default() };
    assert!(sql(&before, &[Change::AlterTable { table: "t".into(), before: properties, after }]).is_empty());
    assert!(dialect().normalize(&before).table(&"t".into()).expect("t").comment.is_none());
}
