//! Tables made from the model on a real SQLite, read back and compared, in both directions, with rows kept.

use crate::lab::*;
use aludel_engine::change::{Change, InsertRows, OnConflict, Position, TableProperties};
use aludel_engine::schema::{
    Computed, ConstraintKind, Deferral, Function, IndexKey, IndexPart, Match, Nulls, OptionValue, Options,
    ReferentialAction, Table, Type, Value,
};

fn flag(name: &str) -> Options {
    let mut options = Options::default();
    options.set(name, OptionValue::Bool(true));
    options
}

/// A table with one of everything.
fn orders() -> Table {
    let mut number = col("number", "varchar(40)").not_null();
    number.collation = Some("NOCASE".to_owned());
    let mut total = col("total", "decimal(12,2)").not_null();
    total.default = Some(Value::Integer(0));
    let mut gross = col("gross", "decimal(12,2)");
    gross.computed = Some(Computed { sql: "total * 1.2".to_owned(), stored: true });
    let mut double = col("double", "decimal(12,2)");
    double.computed = Some(Computed { sql: "total * 2".to_owned(), stored: false });
    let mut created = col("created_at", "timestamptz").not_null();
    created.default = Some(Value::Function(Function::Now));
    let mut token = col("token", "uuid");
    token.default = Some(Value::Function(Function::Uuid));
    let mut note = col("note", "text");
    note.default = Some(Value::Text("it's \\ \"new\"".to_owned()));
    let mut active = col("active", "boolean").not_null();
    active.default = Some(Value::Bool(true));
    let mut data = col("data", "json");
    data.default = Some(Value::Json("{}".to_owned()));
    let mut deferred = fk("fk_orders_parent", "parent_id", "orders", ReferentialAction::SetNull);
    deferred.deferral = Deferral::InitiallyDeferred;
    let mut table = table(
        "orders",
        vec![
            number,
            total,
            gross,
            double,
            created,
            token,
            note,
            active,
            data,
            col("parent_id", "bigint"),
            col("Odd Name", "date"),
        ],
        vec![
            unique("uq_orders_number", &["number"]),
            check("ck_orders_total", "total >= 0 AND \"Odd Name\" <> ''"),
            deferred,
        ],
    );
    let mut partial = index("ix_orders_open", &["active"]);
    partial.parts[0].descending = true;
    partial.predicate = Some("note <> 'done'".to_owned());
    let mut expression = index("ix_orders_lower", &["total"]);
    expression.unique = true;
    expression.parts.push(IndexPart { key: IndexKey::Expression("lower(note)".to_owned()), ..IndexPart::column("") });
    let mut collated = index("ix_orders_note", &["note"]);
    collated.parts[0].collation = Some("NOCASE".to_owned());
    collated.parts[0].nulls = Some(Nulls::First);
    table.indexes = vec![partial, expression, collated];
    table
}

#[test]
fn everything_is_created_and_read_back() {
    everywhere(|lab| {
        lab.there_and_back(&[create(orders())]);
        lab.sql("INSERT INTO orders (number, note, \"Odd Name\") VALUES ('a', 'x', 'y')");
        assert_eq!(lab.text("SELECT id, total, gross, active, data, length(token) FROM orders"), "1|0|0|1|{}|36");
    });
}

#[test]
fn every_type_is_read_back() {
    everywhere(|lab| {
        let types = [
            "boolean",
            "smallint",
            "integer",
            "bigint",
            "decimal",
            "decimal(12,2)",
            "real",
            "double",
            "char(3)",
            "char",
            "varchar",
            "varchar(255)",
            "text",
            "binary(3)",
            "varbinary(9)",
            "blob",
            "date",
            "time",
            "time(0)",
            "timestamp(3)",
            "timestamptz",
            "uuid",
            "json",
            "jsonb",
        ];
        let mut columns: Vec<_> = types.iter().enumerate().map(|(place, ty)| col(&format!("c{place}"), ty)).collect();
        for (place, native) in ["NVARCHAR(160)", "", "UNSIGNED BIG INT", "DECIMAL(10,-2)"].iter().enumerate() {
            let mut column = col(&format!("n{place}"), "text");
            column.ty = Type::Native((*native).to_owned());
            columns.push(column);
        }
        let mut wide = table("wide", columns.clone(), vec![]);
        wide.comment = Some("kept nowhere".to_owned());
        lab.there_and_back(&[create(wide)]);
        let mut strict = table("strict", columns[..24].to_vec(), vec![]);
        strict.options = flag("strict");
        lab.there_and_back(&[create(strict)]);
    });
}

#[test]
fn table_options_are_made_and_changed() {
    everywhere(|lab| {
        let mut plain = Table::new("plain");
        plain.columns = vec![col("a", "text").not_null(), col("b", "integer").not_null(), col("c", "real")];
        plain.constraints = vec![pk("plain", &["a", "b"])];
        lab.apply(&[create(plain)]);
        lab.sql("INSERT INTO plain VALUES ('x', 1, 2.5), ('y', 2, NULL)");
        let mut both = flag("strict");
        both.set("without_rowid", OptionValue::Bool(true));
        let after = TableProperties { comment: None, options: both };
        lab.there_and_back(&[Change::AlterTable { table: "plain".into(), before: TableProperties::default(), after }]);
        assert!(lab.rebuilt());
        assert_eq!(lab.text("SELECT * FROM plain"), "x|1|2.5 y|2|NULL");
        let before =
            TableProperties { comment: None, options: lab.schema.table(&"plain".into()).expect("t").options.clone() };
        let after = TableProperties { comment: Some("hello".to_owned()), options: before.options.clone() };
        lab.apply(&[Change::AlterTable { table: "plain".into(), before, after }]);
        assert!(lab.last.is_empty());
    });
}

#[test]
fn conflict_clauses_are_kept_and_lose_no_rows() {
    everywhere(|lab| {
        let word = |word: &str| {
            let mut options = Options::default();
            options.set("on_conflict", OptionValue::Text(word.to_owned()));
            options
        };
        let mut b = col("b", "integer").not_null();
        b.options = word("ignore");
        let mut key = pk("t", &["a"]);
        key.options = word("replace");
        let mut one = unique("uq_t_b", &["b"]);
        one.options = word("ignore");
        let mut t = Table::new("t");
        t.columns = vec![col("a", "text").not_null(), b, col("c", "text")];
        t.constraints = vec![key, one];
        lab.apply(&[create(t)]);
        lab.sql("INSERT INTO t VALUES ('x', 1, '1'), ('y', 2, '2')");
        lab.there_and_back(&[alter(lab, "t", "c", |column| column.ty = ty("integer"))]);
        assert_eq!(lab.text("SELECT a, b, typeof(c) FROM t ORDER BY a"), "x|1|integer y|2|integer");
        // A new conflict clause must not drop rows on the way.
        let mut c = unique("uq_t_c", &["c"]);
        c.options = word("replace");
        lab.sql("UPDATE t SET c = 7");
        let error = lab.try_apply(&[add_constraint("t", c)]).expect_err("two rows are alike");
        assert!(error.contains("UNIQUE constraint failed"), "{error}");
        assert_eq!(lab.text("SELECT count(*) FROM t"), "2");
    });
}

#[test]
fn columns_are_added_in_place_where_sqlite_can() {
    everywhere(|lab| {
        lab.apply(&[create(table("p", vec![], vec![])), create(table("t", vec![col("a", "text")], vec![]))]);
        lab.sql("INSERT INTO p (id) VALUES (1)");
        lab.sql("INSERT INTO t (a) VALUES ('x'), ('y')");
        lab.there_and_back(&[add("t", col("b", "integer"))]);
        assert!(!lab.rebuilt());
        let mut c = col("c", "integer").not_null();
        c.default = Some(Value::Integer(-7));
        lab.there_and_back(&[add("t", c)]);
        assert!(!lab.rebuilt());
        lab.there_and_back(&[
            add("t", col("p_id", "bigint")),
            add_constraint("t", fk("fk_t_p", "p_id", "p", ReferentialAction::Cascade)),
            add_constraint("t", check("ck_t_p", "p_id > 0")),
            create_index("t", index("ix_t_p", &["p_id"])),
        ]);
        assert!(!lab.rebuilt());
        let mut virtual_column = col("v", "integer");
        virtual_column.computed = Some(Computed { sql: "c * 2".to_owned(), stored: false });
        lab.there_and_back(&[add("t", virtual_column)]);
        assert!(!lab.rebuilt());
        assert_eq!(lab.text("SELECT id, a, b, c, p_id, v FROM t"), "1|x|NULL|-7|NULL|-14 2|y|NULL|-7|NULL|-14");
    });
}

#[test]
fn columns_are_added_by_a_rebuild_where_sqlite_cannot() {
    everywhere(|lab| {
        lab.apply(&[create(table("t", vec![col("a", "text")], vec![]))]);
        lab.sql("INSERT INTO t (a) VALUES ('x'), ('y')");
        let mut now = col("made", "timestamp").not_null();
        now.default = Some(Value::Function(Function::Now));
        let mut token = col("token", "uuid").not_null();
        token.default = Some(Value::Function(Function::Uuid));
        let mut stored = col("s", "text");
        stored.computed = Some(Computed { sql: "a || a".to_owned(), stored: true });
        lab.there_and_back(&[
            add("t", now),
            add_at("t", token, Position::First),
            add_at("t", stored, Position::After("id".to_owned())),
            add_constraint("t", unique("uq_t_token", &["token"])),
        ]);
        assert!(lab.rebuilt());
        assert_eq!(lab.text("SELECT count(DISTINCT token), count(made), min(s) FROM t"), "2|2|xx");
        let error = lab.try_apply(&[add("t", col("must", "integer").not_null())]).expect_err("rows have no value");
        assert!(error.contains("NOT NULL"), "{error}");
        lab.compare();
    });
}

#[test]
fn identity_is_added_to_rows_that_are_there() {
    everywhere(|lab| {
        let mut t = Table::new("t");
        t.columns = vec![col("a", "text")];
        lab.apply(&[create(t)]);
        lab.sql("INSERT INTO t VALUES ('x'), ('y'), ('z')");
        lab.sql("DELETE FROM t WHERE a = 'y'");
        lab.there_and_back(&[add_at("t", id(), Position::First), add_constraint("t", pk("t", &["id"]))]);
        assert_eq!(lab.text("SELECT id, a FROM t"), "1|x 3|z");
    });
}

#[test]
fn identity_begins_where_it_is_told() {
    everywhere(|lab| {
        let mut t = table("t", vec![col("a", "text")], vec![]);
        t.columns[0].identity = Some(aludel_engine::schema::Identity { start: Some(1000), ..Default::default() });
        lab.apply(&[create(t)]);
        lab.sql("INSERT INTO t (a) VALUES ('x')");
        lab.there_and_back(&[alter(lab, "t", "a", |column| column.ty = ty("blob"))]);
        lab.sql("INSERT INTO t (a) VALUES ('y')");
        assert_eq!(lab.text("SELECT id FROM t"), "1000 1001");
        lab.apply(&[alter(lab, "t", "id", |column| {
            column.identity = Some(aludel_engine::schema::Identity { start: Some(5000), ..Default::default() });
        })]);
        lab.sql("INSERT INTO t (a) VALUES ('z')");
        assert_eq!(lab.text("SELECT id FROM t"), "1000 1001 5000");
        let mut plain = Options::default();
        plain.set("autoincrement", OptionValue::Bool(false));
        lab.there_and_back(&[alter(lab, "t", "id", |column| {
            column.identity = Some(Default::default());
            column.options = plain.clone();
        })]);
        assert_eq!(lab.text("SELECT id FROM t"), "1000 1001 5000");
    });
}

#[test]
fn columns_are_altered_with_their_rows() {
    everywhere(|lab| {
        lab.apply(&[create(table("t", vec![col("a", "text"), col("b", "integer"), col("c", "double")], vec![]))]);
        lab.sql("INSERT INTO t (a, b, c) VALUES ('12', 1, 1.5), ('-3', NULL, 2), (NULL, 3, NULL)");
        lab.there_and_back(&[alter(lab, "t", "a", |column| column.ty = ty("integer"))]);
        assert_eq!(lab.text("SELECT a, typeof(a) FROM t"), "12|integer -3|integer NULL|null");
        lab.there_and_back(&[alter(lab, "t", "b", |column| column.ty = ty("varchar(10)"))]);
        assert_eq!(lab.text("SELECT b, typeof(b) FROM t"), "1|text NULL|null 3|text");
        lab.there_and_back(&[alter(lab, "t", "c", |column| column.default = Some(Value::Number("0.5".to_owned())))]);
        lab.there_and_back(&[alter(lab, "t", "b", |column| column.collation = Some("nocase".to_owned()))]);
        lab.there_and_back(&[alter(lab, "t", "b", |column| column.comment = Some("why".to_owned()))]);
        assert!(lab.last.is_empty());
        let mut change = alter(lab, "t", "b", |column| column.nullable = false);
        let refused = lab.try_apply(std::slice::from_ref(&change)).expect_err("a NULL is there");
        assert!(refused.contains("NOT NULL"), "{refused}");
        lab.compare();
        if let Change::AlterColumn { using_down: None, existing_null_value, .. } = &mut change {
            *existing_null_value = Some(Value::Text("none's".to_owned()));
        }
        lab.there_and_back(&[change]);
        assert_eq!(lab.rebuilt(), lab.mode != Mode::Running);
        assert_eq!(lab.text("SELECT b FROM t"), "1 none's 3");
        let computed = alter(lab, "t", "c", |column| {
            column.default = None;
            column.computed = Some(Computed { sql: "a + 1".to_owned(), stored: true });
        });
        lab.there_and_back(&[computed]);
        assert_eq!(lab.text("SELECT c FROM t"), "13.0 -2.0 NULL");
    });
}

#[test]
fn a_conversion_that_would_lose_something_is_refused() {
    everywhere(|lab| {
        lab.apply(&[create(table("t", vec![col("a", "text"), col("r", "double")], vec![]))]);
        lab.sql("INSERT INTO t (a, r) VALUES ('12', 1.5), ('abc', 2.0)");
        let change = alter(lab, "t", "a", |column| column.ty = ty("integer"));
        let error = lab.try_apply(&[change]).expect_err("abc is no number");
        assert!(error.contains("t.a has values that are not whole numbers"), "{error}");
        let change = alter(lab, "t", "r", |column| column.ty = ty("bigint"));
        assert!(lab.try_apply(&[change]).expect_err("1.5").contains("t.r has values"));
        assert_eq!(lab.text("SELECT a, r FROM t"), "12|1.5 abc|2.0");
        lab.compare();
        let mut change = alter(lab, "t", "r", |column| column.ty = ty("bigint"));
        if let Change::AlterColumn { using, .. } = &mut change {
            *using = Some("CAST(round(r) AS INTEGER)".to_owned());
        }
        lab.apply(&[change]);
        assert_eq!(lab.text("SELECT r, typeof(r) FROM t"), "2|integer 2|integer");
    });
}

#[test]
fn columns_and_tables_are_renamed_with_everything_on_them() {
    everywhere(|lab| {
        lab.apply(&[create(orders())]);
        lab.sql("INSERT INTO orders (number, note, \"Odd Name\") VALUES ('a', 'x', 'y')");
        lab.sql("CREATE VIEW v AS SELECT total, note FROM orders");
        lab.there_and_back(&[rename_column("orders", "total", "amount"), rename_column("orders", "note", "Note!")]);
        assert!(!lab.rebuilt());
        assert_eq!(lab.text("SELECT * FROM v"), "0|x");
        lab.there_and_back(&[Change::RenameTable { from: "orders".into(), to: "Purchases".into() }]);
        assert_eq!(lab.text("SELECT * FROM v"), "0|x");
        assert!(
            lab.text("SELECT sql FROM sqlite_schema WHERE name = 'Purchases'").contains("REFERENCES \"Purchases\"")
        );
    });
}

#[test]
fn renames_share_a_rebuild_with_their_neighbours() {
    everywhere(|lab| {
        lab.apply(&[create(table("t", vec![col("a", "text"), col("b", "text"), col("c", "text")], vec![]))]);
        lab.sql("INSERT INTO t (a, b, c) VALUES ('1', '2', '3')");
        let a = alter(lab, "t", "a", |column| column.ty = ty("integer"));
        let c = alter(lab, "t", "c", |column| column.ty = ty("integer"));
        lab.there_and_back(&[a, rename_column("t", "b", "bb"), c]);
        assert_eq!(lab.last.iter().filter(|s| s.sql == "DROP TABLE t").count(), 1);
        assert_eq!(lab.text("SELECT a, bb, c FROM t"), "1|2|3");
        // Names that change places.
        lab.there_and_back(&[
            rename_column("t", "a", "x"),
            rename_column("t", "bb", "a"),
            rename_column("t", "x", "bb"),
        ]);
        assert_eq!(lab.text("SELECT a, bb, c FROM t"), "2|1|3");
        let bb = alter(lab, "t", "bb", |column| column.ty = ty("text"));
        lab.there_and_back(&[bb, rename_column("t", "bb", "y")]);
        assert_eq!(lab.text("SELECT a, y, typeof(y) FROM t"), "2|1|text");
    });
}

#[test]
fn constraints_come_and_go() {
    everywhere(|lab| {
        lab.apply(&[
            create(table("p", vec![col("x", "integer"), col("y", "integer")], vec![unique("uq_p", &["x", "y"])])),
            create(table("t", vec![col("a", "integer"), col("b", "integer"), col("p_id", "bigint")], vec![])),
        ]);
        lab.sql("INSERT INTO p (x, y) VALUES (1, 2)");
        lab.sql("INSERT INTO t (a, b, p_id) VALUES (1, 2, 1)");
        lab.there_and_back(&[add_constraint("t", check("ck_t", "a < b"))]);
        assert_eq!(lab.rebuilt(), lab.mode != Mode::Running);
        lab.there_and_back(&[add_constraint("t", unique("uq_t", &["a", "b"]))]);
        lab.there_and_back(&[add_constraint("t", fk("fk_t_p", "p_id", "p", ReferentialAction::Restrict))]);
        let mut composite = fk("fk_t_ab", "a", "p", ReferentialAction::SetDefault);
        if let ConstraintKind::ForeignKey(key) = &mut composite.kind {
            key.columns = vec!["a".to_owned(), "b".to_owned()];
            key.referred_columns = vec!["x".to_owned(), "y".to_owned()];
            key.on_update = ReferentialAction::Cascade;
            key.matching = Match::Simple;
        }
        composite.deferral = Deferral::InitiallyImmediate;
        lab.there_and_back(&[add_constraint("t", composite)]);
        for name in ["ck_t", "uq_t", "fk_t_p"] {
            let rename =
                Change::RenameConstraint { table: "t".into(), from: name.to_owned(), to: format!("{name}_new") };
            lab.there_and_back(&[rename]);
        }
        for name in ["ck_t_new", "uq_t_new", "fk_t_p_new", "fk_t_ab", "pk_t"] {
            if name == "pk_t" {
                let plain = alter(lab, "t", "id", |column| column.identity = None);
                lab.apply(&[plain, drop_constraint(lab, "t", name)]);
            } else {
                lab.there_and_back(&[drop_constraint(lab, "t", name)]);
            }
        }
        assert_eq!(lab.text("SELECT * FROM t"), "1|1|2|1");
    });
}

#[test]
fn rows_that_violate_a_new_constraint_stop_it() {
    everywhere(|lab| {
        lab.apply(&[create(table("p", vec![], vec![])), create(table("t", vec![col("a", "bigint")], vec![]))]);
        lab.sql("INSERT INTO t (a) VALUES (7), (7)");
        for (constraint, part) in [
            (check("ck_t", "a < 5"), "CHECK constraint failed"),
            (unique("uq_t", &["a"]), "UNIQUE constraint failed"),
            (fk("fk_t", "a", "p", ReferentialAction::NoAction), "a foreign key is violated"),
        ] {
            let error = lab.try_apply(&[add_constraint("t", constraint)]).expect_err(part);
            let native_check = lab.mode == Mode::Running && part.starts_with("CHECK");
            assert!(error.contains(part) || native_check && error.contains("constraint failed"), "{error}");
            lab.compare();
        }
        assert_eq!(lab.text("SELECT a FROM t"), "7 7");
    });
}

#[test]
fn indexes_come_and_go() {
    everywhere(|lab| {
        lab.apply(&[create(table("t", vec![col("a", "text"), col("b", "integer")], vec![]))]);
        let mut ix = index("ix_t", &["a", "b"]);
        ix.parts[1].descending = true;
        ix.parts[1].nulls = Some(Nulls::Last);
        ix.parts[0].length = Some(20);
        lab.there_and_back(&[create_index("t", ix.clone())]);
        assert!(!lab.last[0].notes.is_empty());
        lab.there_and_back(&[Change::RenameIndex { table: "t".into(), from: "ix_t".into(), to: "Ix T".into() }]);
        ix.name = "Ix T".to_owned();
        lab.there_and_back(&[Change::DropIndex { table: "t".into(), index: ix }]);
    });
}

#[test]
fn enums_are_checks_that_follow_their_values() {
    everywhere(|lab| {
        let status = enumeration("status", &["new", "it's", "done"]);
        let mut column = col("status", "enum(status)").not_null();
        column.default = Some(Value::Text("new".to_owned()));
        lab.apply(&[
            Change::CreateEnum { enumeration: status.clone().into() },
            create(table("t", vec![column.clone(), col("n", "integer")], vec![])),
            create(table("u", vec![col("n", "integer")], vec![])),
        ]);
        lab.there_and_back(&[add("u", column)]);
        assert!(!lab.rebuilt());
        lab.sql("INSERT INTO t (status) VALUES ('new'), ('it''s'), ('done')");
        assert!(lab.connection.execute("INSERT INTO t (status) VALUES ('nope')").is_err());
        let after = enumeration("status", &["fresh", "it's", "closed", "lost"]);
        lab.apply(&[Change::AlterEnum {
            before: status.clone().into(),
            after: after.clone().into(),
            renamed: vec![("new".to_owned(), "fresh".to_owned())],
            replaced: vec![("done".to_owned(), "it's".to_owned())],
        }]);
        assert_eq!(lab.text("SELECT status FROM t"), "fresh it's it's");
        assert!(lab.connection.execute("INSERT INTO t (status) VALUES ('done')").is_err());
        lab.sql("INSERT INTO t (n) VALUES (1)");
        assert_eq!(lab.text("SELECT status FROM t WHERE n = 1"), "fresh");
        // A value that rows hold cannot go without a word in its place.
        let fewer = enumeration("status", &["it's"]);
        let drop = |to: aludel_engine::schema::Enum| Change::AlterEnum {
            before: after.clone().into(),
            after: to.into(),
            renamed: vec![],
            replaced: vec![],
        };
        assert!(lab.try_apply(&[drop(fewer)]).is_err());
        lab.compare();
        lab.there_and_back(&[rename_column("t", "status", "state")]);
        lab.there_and_back(&[Change::RenameTable { from: "t".into(), to: "tt".into() }]);
        let text = alter(lab, "tt", "state", |column| column.ty = ty("text"));
        lab.there_and_back(&[text]);
        lab.there_and_back(&[drop_column(lab, "u", "status")]);
        lab.apply(&[Change::DropEnum { enumeration: after.into() }]);
    });
}

#[test]
fn rows_are_inserted_and_taken_back() {
    everywhere(|lab| {
        lab.apply(&[create(table("t", vec![col("a", "text"), col("b", "json"), col("c", "blob")], vec![]))]);
        let row = |id: i64, a: Value| {
            vec![Value::Integer(id), a, Value::Json("{\"k\":[1]}".to_owned()), Value::Bytes(vec![0xc3, 0xa9])]
        };
        let columns = ["id bigint", "a text", "b json", "c blob"]
            .iter()
            .map(|pair| pair.split_once(' ').map(|(name, text)| (name.to_owned(), ty(text))).expect("pair"))
            .collect();
        let mut rows = InsertRows {
            table: "t".into(),
            columns,
            rows: (1..=1201).map(|id| row(id, Value::Text(format!("it's {id}")))).collect(),
            on_conflict: OnConflict::Error,
            key: vec!["id".to_owned()],
        };
        lab.there_and_back(&[Change::InsertRows(rows.clone())]);
        assert_eq!(lab.last.len(), 3);
        assert_eq!(lab.text("SELECT count(*), max(a), min(c) FROM t"), "1201|it's 999|c3a9");
        rows.rows = vec![row(1, Value::Text("new".to_owned())), row(5000, Value::Null)];
        rows.on_conflict = OnConflict::Ignore;
        lab.apply(&[Change::InsertRows(rows.clone())]);
        assert_eq!(lab.text("SELECT id, a FROM t WHERE id IN (1, 5000)"), "1|it's 1 5000|NULL");
        rows.on_conflict = OnConflict::Update;
        lab.apply(&[Change::InsertRows(rows.clone())]);
        assert_eq!(lab.text("SELECT id, a FROM t WHERE id IN (1, 5000)"), "1|new 5000|NULL");
        rows.key = vec!["id".to_owned(), "a".to_owned()];
        rows.on_conflict = OnConflict::Error;
        lab.apply(&[Change::InsertRows(rows).invert().expect("key")]);
        assert_eq!(lab.text("SELECT count(*) FROM t"), "1200");
    });
}

#[test]
fn names_may_change_their_case_alone() {
    everywhere(|lab| {
        let own = fk("fk_users", "parent", "users", ReferentialAction::NoAction);
        lab.apply(&[create(table("users", vec![col("a", "text"), col("parent", "bigint")], vec![own]))]);
        lab.sql("INSERT INTO users (a) VALUES ('x')");
        lab.there_and_back(&[rename_column("users", "a", "A")]);
        lab.there_and_back(&[Change::RenameTable { from: "users".into(), to: "Users".into() }]);
        assert_eq!(lab.text("SELECT a FROM users"), "x");
    });
}

#[test]
fn an_unknown_table_goes_unless_others_refer_to_it() {
    everywhere(|lab| {
        let drop = |name: &str| Change::DropTableIfExists { table: name.into() };
        lab.apply(&[drop("nowhere")]);
        lab.sql("CREATE TABLE Old (id INTEGER PRIMARY KEY, self REFERENCES old)");
        lab.sql("CREATE TABLE child (old_id REFERENCES old (id) ON DELETE CASCADE)");
        lab.sql("INSERT INTO old (id) VALUES (1)");
        lab.sql("INSERT INTO child VALUES (1)");
        let error = lab.try_apply(&[drop("old")]).expect_err("the child's rows would go too");
        assert!(error.contains("other tables refer to old"), "{error}");
        lab.sql("DROP TABLE child");
        lab.apply(&[drop("old")]);
    });
}
