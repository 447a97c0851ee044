//! What changes become, without a server.

use aludel_engine::change::{Change, Execute, Position, TableProperties};
use aludel_engine::dialect::{Compile, Unsupported};
use aludel_engine::driver::Driver;
use aludel_engine::plan::{Statement, Transaction, Work};
use aludel_engine::schema::{
    Column, Constraint, ConstraintKind, Deferral, ReferentialAction, Schema, Table, Type, Value,
};
use aludel_mysql::DRIVER;

use crate::support::{check, column, create, foreign_key, primary_key, table, text, unique};

fn compile(dialect: &str, before: &Schema, change: &Change) -> Result<Vec<Statement>, Unsupported> {
    let dialect = DRIVER.dialect(dialect, None).expect("a dialect");
    let mut after = before.clone();
    change.apply(&mut after, dialect.lexicon()).expect("a change that fits");
    dialect.compile(&Compile { before, after: &after }, std::slice::from_ref(change))
}

fn sql(dialect: &str, before: &Schema, change: &Change) -> String {
    let statements = compile(dialect, before, change).unwrap_or_else(|error| panic!("{error:?}"));
    statements.into_iter().map(|statement| statement.sql).collect::<Vec<_>>().join(";\n")
}

/// Two tables: `p`, and `t` which refers to it.
fn schema() -> Schema {
    let mut schema = Schema::default();
    schema.put_table(table("p", vec![column("id", "integer").not_null()], vec![primary_key(&["id"])]));
    schema.put_table(table(
        "t",
        vec![column("id", "bigint").not_null(), column("a", "integer"), column("b", "varchar(20)")],
        vec![
            primary_key(&["id"]),
            unique("uq_b", &["b"]),
            check("ck_a", "a > 0"),
            foreign_key("fk_a", &["a"], "p", &["id"]),
        ],
    ));
    schema
}

fn drop(constraint: Constraint) -> Change {
    Change::DropConstraint { table: "t".into(), constraint }
}

fn add_column(column: Column, if_not_exists: bool) -> Change {
    Change::AddColumn { table: "t".into(), column, position: Position::After("id".to_owned()), if_not_exists }
}

#[test]
fn changes_become_sql() {
    let ck = || check("ck_a", "a > 0");
    let fk = || foreign_key("fk_a", &["a"], "p", &["id"]);
    let b = || column("b", "varchar(20)");
    let mut defaulted = b().not_null();
    defaulted.default = Some(text("x"));
    let mut order = create(table("order", vec![column("id", "integer").not_null(), b()], vec![primary_key(&["id"])]));
    if let Change::CreateTable { if_not_exists, .. } = &mut order {
        *if_not_exists = true;
    }
    for (change, mysql, mariadb) in [
        (
            order,
            "CREATE TABLE IF NOT EXISTS `order` (\n  id int NOT NULL,\n  b varchar(20),\n  PRIMARY KEY (id)\n)",
            "CREATE TABLE IF NOT EXISTS `order` (\n  id int NOT NULL,\n  b varchar(20),\n  PRIMARY KEY (id)\n)",
        ),
        (
            Change::RenameTable { from: "t".into(), to: "app.T".into() },
            "RENAME TABLE t TO app.`T`",
            "RENAME TABLE t TO app.`T`",
        ),
        (drop(ck()), "ALTER TABLE t DROP CHECK ck_a", "ALTER TABLE t DROP CONSTRAINT ck_a"),
        (
            drop(fk()),
            "ALTER TABLE t\n  DROP FOREIGN KEY fk_a,\n  DROP INDEX fk_a",
            "ALTER TABLE t\n  DROP FOREIGN KEY fk_a,\n  DROP INDEX fk_a",
        ),
        (drop(unique("uq_b", &["b"])), "ALTER TABLE t DROP INDEX uq_b", "ALTER TABLE t DROP INDEX uq_b"),
        (
            Change::RenameColumn { table: "t".into(), from: "a".into(), to: "amount".into() },
            // The column has a foreign key too, and one statement for all is error 1846.
            "ALTER TABLE t DROP CHECK ck_a;\nALTER TABLE t RENAME COLUMN a TO amount;\nALTER TABLE t ADD CONSTRAINT ck_a CHECK (amount > 0)",
            "ALTER TABLE t RENAME COLUMN a TO amount",
        ),
        (
            Change::AlterColumn {
                table: "t".into(),
                before: b(),
                after: defaulted,
                using: None,
                using_down: None,
                existing_null_value: Some(text("it's")),
            },
            "UPDATE t SET b = 'it''s' WHERE b IS NULL;\nALTER TABLE t MODIFY COLUMN b varchar(20) NOT NULL DEFAULT 'x'",
            "UPDATE t SET b = 'it''s' WHERE b IS NULL;\nALTER TABLE t MODIFY COLUMN b varchar(20) NOT NULL DEFAULT 'x'",
        ),
        (
            add_column(column("c", "uuid"), false),
            "ALTER TABLE t ADD COLUMN c char(36) AFTER id",
            "ALTER TABLE t ADD COLUMN c char(36) AFTER id",
        ),
        (
            add_column(column("c", "integer").not_null(), false),
            "ALTER TABLE t ADD COLUMN c int NOT NULL DEFAULT (nullif(1, 1)) AFTER id;\nALTER TABLE t MODIFY COLUMN c int NOT NULL",
            "ALTER TABLE t ADD COLUMN c int NOT NULL DEFAULT (nullif(length(uuid()), 36)) AFTER id;\n\
             ALTER TABLE t MODIFY COLUMN c int NOT NULL",
        ),
        (
            Change::AlterTable {
                table: "t".into(),
                before: TableProperties::default(),
                after: TableProperties { comment: Some("it's".to_owned()), ..TableProperties::default() },
            },
            "ALTER TABLE t COMMENT='it''s'",
            "ALTER TABLE t COMMENT='it''s'",
        ),
    ] {
        assert_eq!(sql("mysql", &schema(), &change), mysql);
        assert_eq!(sql("mariadb", &schema(), &change), mariadb);
    }
}

#[test]
fn what_cannot_be_held_is_refused_with_help() {
    let add = |constraint| Change::AddConstraint { table: "t".into(), constraint };
    let mut deferred = unique("uq_x", &["a"]);
    deferred.deferral = Deferral::InitiallyDeferred;
    let mut unchecked = check("ck_x", "a > 1");
    unchecked.validated = false;
    let mut to_default = foreign_key("fk_x", &["a"], "p", &["id"]);
    if let ConstraintKind::ForeignKey(key) = &mut to_default.kind {
        key.on_delete = ReferentialAction::SetDefault;
    }
    let mut always = column("c", "bigint").not_null();
    always.identity = Some(aludel_engine::schema::Identity { always: true, start: None, increment: None });
    let retype = |name: &str, before: &str, after: &str| Change::AlterColumn {
        table: name.into(),
        before: column(if name == "p" { "id" } else { "a" }, before),
        after: column(if name == "p" { "id" } else { "a" }, after),
        using: None,
        using_down: None,
        existing_null_value: None,
    };
    for (change, part) in [
        (add(deferred), "cannot be deferred"),
        (add(unchecked), "no `not_valid`"),
        (add(to_default), "sets the default"),
        (add_column(always, false), "cannot refuse values"),
        (add_column(column("c", "interval"), false), "no type `interval`"),
        (add_column(column("c", "text[]"), false), "no type `text[]`"),
        (add_column(Column::new("c", Type::Varchar(None)), false), "needs a size"),
        (retype("t", "integer", "bigint"), "foreign key `fk_a`"),
        (retype("p", "integer", "bigint"), "foreign key `fk_a` of `t`"),
    ] {
        for dialect in ["mysql", "mariadb"] {
            let refused = compile(dialect, &schema(), &change).expect_err(part);
            assert!(refused.message.contains(part) && refused.help.is_some(), "{refused:?}");
        }
    }
    let guarded = add_column(column("c", "integer"), true);
    assert!(compile("mysql", &schema(), &guarded).is_err() && compile("mariadb", &schema(), &guarded).is_ok());
}

#[test]
fn statements_say_what_they_do() {
    let schema = schema();
    let statements = compile("mysql", &schema, &add_column(column("c", "integer"), false)).expect("it");
    assert_eq!((statements[0].transaction, statements[0].work), (Transaction::Outside, Work::Metadata));
    let execute = Change::Execute(Execute {
        statements: vec!["UPDATE t SET a = 1".to_owned(), "CREATE VIEW v AS SELECT 1".to_owned()],
        undo: None,
        effect: Vec::new(),
    });
    let statements = compile("mysql", &schema, &execute).expect("it");
    assert_eq!(statements[0].transaction, Transaction::Inside);
    assert_eq!(statements[1].transaction, Transaction::Outside);
}

#[test]
fn tables_are_checked_as_a_whole() {
    let mut bad = Table::new("bad");
    for name in ["a", "b"] {
        let mut column = column(name, "bigint").not_null();
        column.identity = Some(Default::default());
        bad.columns.push(column);
    }
    bad.columns.push(column("c", "interval"));
    bad.columns.push(Column { default: Some(Value::Text("a\0b".to_owned())), ..column("d", "text") });
    bad.constraints.push(unique("uq", &["d"]));
    for dialect in ["mysql", "mariadb"] {
        let dialect = DRIVER.dialect(dialect, None).expect("a dialect");
        let refused = dialect.check_table(&bad, &Schema::default());
        let objects: Vec<&str> = refused.iter().filter_map(|error| error.object.as_deref()).collect();
        assert_eq!(objects, ["c", "d", "uq", "b"], "{refused:?}");
    }
}

#[test]
fn versions_have_a_lower_bound() {
    for (dialect, version) in [("mysql", "5.7"), ("mariadb", "10.4")] {
        assert!(DRIVER.dialect(dialect, Some(version.parse().expect("a version"))).is_err());
    }
    for (dialect, version) in [("mysql", "8.4"), ("mariadb", "11.8")] {
        let dialect = DRIVER.dialect(dialect, Some(version.parse().expect("a version"))).expect("a dialect");
        assert_eq!(dialect.version().to_string(), version);
    }
    let newer = DRIVER.dialect("mariadb", Some("10.7".parse().expect("a version"))).expect("a dialect");
    assert_eq!(newer.render_type(&Type::Uuid, &Schema::default()).expect("a type"), "uuid");
}
