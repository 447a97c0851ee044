//! The traps of rebuilding a table in SQLite: each lost or broke something in another tool.

use crate::lab::*;
use aludel_engine::change::{Change, Position};
use aludel_engine::schema::{Column, OptionValue, Options, ReferentialAction, Table, Type};

/// A change of `t.x` that no version does in place.
fn rebuild(lab: &Lab) -> Change {
    alter(lab, "t", "x", |column| column.ty = if column.ty == Type::Text { ty("blob") } else { Type::Text })
}

fn t() -> Table {
    table("t", vec![col("x", "text"), col("y", "integer")], vec![])
}

/// Rebuilds once and back, and says that it was a rebuild.
fn rebuild_there_and_back(lab: &mut Lab) {
    let change = rebuild(lab);
    lab.there_and_back(&[change]);
    assert!(lab.rebuilt());
}

#[test]
fn children_keep_their_rows_whatever_the_action() {
    for action in [
        ReferentialAction::Cascade,
        ReferentialAction::SetNull,
        ReferentialAction::SetDefault,
        ReferentialAction::Restrict,
        ReferentialAction::NoAction,
    ] {
        everywhere(|lab| {
            let child = table("c", vec![col("t_id", "bigint")], vec![fk("fk_c", "t_id", "t", action)]);
            lab.apply(&[create(t()), create(child)]);
            lab.sql("INSERT INTO t (x) VALUES ('1'), ('2')");
            lab.sql("INSERT INTO c (t_id) VALUES (1), (2), (2), (NULL)");
            rebuild_there_and_back(lab);
            assert_eq!(lab.text("SELECT t_id FROM c"), "1 2 2 NULL");
            assert!(lab.text("SELECT sql FROM sqlite_schema WHERE name = 'c'").contains("REFERENCES t (id)"));
            assert!(lab.connection.execute("INSERT INTO c (t_id) VALUES (99)").is_err(), "the key is in force");
        });
    }
}

#[test]
fn a_chain_of_cascades_keeps_its_rows() {
    everywhere(|lab| {
        let cascade = ReferentialAction::Cascade;
        lab.apply(&[
            create(t()),
            create(table("c", vec![col("t_id", "bigint")], vec![fk("fk_c", "t_id", "t", cascade)])),
            create(table("d", vec![col("c_id", "bigint")], vec![fk("fk_d", "c_id", "c", cascade)])),
        ]);
        lab.sql("INSERT INTO t (x) VALUES ('1')");
        lab.sql("INSERT INTO c (t_id) VALUES (1)");
        lab.sql("INSERT INTO d (c_id) VALUES (1)");
        rebuild_there_and_back(lab);
        assert_eq!(lab.text("SELECT (SELECT count(*) FROM c), (SELECT count(*) FROM d)"), "1|1");
    });
}

#[test]
fn a_reference_to_itself_stays() {
    everywhere(|lab| {
        let mut own = t();
        own.columns.push(col("parent", "bigint"));
        own.constraints.push(fk("fk_t", "parent", "t", ReferentialAction::Cascade));
        lab.apply(&[create(own)]);
        lab.sql("INSERT INTO t (x, parent) VALUES ('1', NULL), ('2', 1)");
        rebuild_there_and_back(lab);
        assert_eq!(lab.text("SELECT id, parent FROM t"), "1|NULL 2|1");
        lab.sql("DELETE FROM t WHERE id = 1");
        assert_eq!(lab.text("SELECT count(*) FROM t"), "0");
    });
}

#[test]
fn views_and_triggers_that_nobody_told_us_of_stay() {
    everywhere(|lab| {
        lab.apply(&[create(t()), create(table("log", vec![col("m", "text")], vec![]))]);
        lab.sql("CREATE VIEW v AS SELECT id, y FROM t");
        lab.sql("CREATE VIEW w AS SELECT count(*) AS n FROM v");
        lab.sql("CREATE TRIGGER vt INSTEAD OF INSERT ON v BEGIN INSERT INTO t (y) VALUES (new.y); END");
        lab.sql("CREATE TRIGGER \"odd ; name\" AFTER INSERT ON \"T\" WHEN new.y > 0 BEGIN INSERT INTO log (m) VALUES ('; ' || new.y); END");
        lab.sql("CREATE TRIGGER up BEFORE UPDATE OF y ON t BEGIN INSERT INTO log (m) SELECT 'u' || old.y; END");
        lab.sql("CREATE TRIGGER other AFTER DELETE ON log BEGIN UPDATE t SET y = 0 WHERE id = 1; END");
        let before = lab.text(
            "SELECT type, name, tbl_name, sql FROM sqlite_schema WHERE type IN ('view', 'trigger') ORDER BY name",
        );
        rebuild_there_and_back(lab);
        let after = lab.text(
            "SELECT type, name, tbl_name, sql FROM sqlite_schema WHERE type IN ('view', 'trigger') ORDER BY name",
        );
        assert_eq!(before, after);
        lab.sql("INSERT INTO v (y) VALUES (5)");
        lab.sql("UPDATE t SET y = 6");
        assert_eq!(lab.text("SELECT m FROM log"), "; 5 u5");
        lab.sql("DELETE FROM log");
        assert_eq!(lab.text("SELECT n, (SELECT y FROM v) FROM w"), "1|0");
    });
}

#[test]
fn a_trigger_that_uses_a_dropped_column_stops_the_drop() {
    everywhere(|lab| {
        lab.apply(&[create(t()), create(table("log", vec![col("m", "text")], vec![]))]);
        lab.sql("CREATE TRIGGER tr AFTER UPDATE ON t BEGIN INSERT INTO log (m) SELECT new.y FROM t WHERE t.y > 0; END");
        let drop = drop_column(lab, "t", "y");
        let error = lab.try_apply(std::slice::from_ref(&drop)).expect_err("the trigger uses it");
        assert!(error.contains("no such column"), "{error}");
        let both = [rebuild(lab), drop];
        let error = lab.try_apply(&both).expect_err("the trigger uses it");
        assert!(error.contains("no such column"), "{error}");
        lab.compare();
        lab.sql("UPDATE t SET y = 1");
    });
}

#[test]
fn indexes_of_every_kind_stay() {
    everywhere(|lab| {
        let mut with = t();
        let mut i1 = index("i1", &["y"]);
        i1.parts[0].descending = true;
        let mut i2 = index("i2", &["y"]);
        i2.predicate = Some("y IS NOT NULL".to_owned());
        let mut i3 = index("i3", &["y"]);
        i3.parts[0].key = aludel_engine::schema::IndexKey::Expression("abs(y)".to_owned());
        let mut i4 = index("i4", &["x"]);
        i4.parts[0].collation = Some("NOCASE".to_owned());
        i4.unique = true;
        with.indexes = vec![i1, i2, i3, i4];
        lab.apply(&[create(with)]);
        rebuild_there_and_back(lab);
        for (name, part) in [("i1", "DESC"), ("i2", "WHERE y IS NOT NULL"), ("i3", "(abs(y))"), ("i4", "UNIQUE")] {
            let sql = lab.text(&format!("SELECT sql FROM sqlite_schema WHERE name = '{name}'"));
            assert!(sql.contains(part), "{sql}");
        }
    });
}

#[test]
fn deleted_numbers_are_not_used_again() {
    everywhere(|lab| {
        lab.apply(&[create(t())]);
        lab.sql("INSERT INTO t (x) VALUES ('1'), ('2'), ('3')");
        lab.sql("DELETE FROM t WHERE id = 3");
        rebuild_there_and_back(lab);
        lab.sql("INSERT INTO t (x) VALUES ('4')");
        assert_eq!(lab.text("SELECT max(id) FROM t"), "4");
        lab.sql("DELETE FROM t");
        rebuild_there_and_back(lab);
        lab.sql("INSERT INTO t (x) VALUES ('5')");
        assert_eq!(lab.text("SELECT id FROM t"), "5");
        assert_eq!(lab.text("SELECT * FROM sqlite_sequence"), "t|5");
    });
}

#[test]
fn rowids_stay() {
    everywhere(|lab| {
        let mut heap = Table::new("t");
        heap.columns = vec![col("x", "text"), col("rowid", "integer")];
        lab.apply(&[create(heap)]);
        lab.sql("INSERT INTO t (x) VALUES ('a'), ('b'), ('c')");
        lab.sql("DELETE FROM t WHERE x = 'b'");
        rebuild_there_and_back(lab);
        assert_eq!(lab.text("SELECT _rowid_, x FROM t"), "1|61 3|63");
    });
}

#[test]
fn strict_without_rowid_and_collations_stay() {
    everywhere(|lab| {
        let mut options = Options::default();
        options.set("strict", OptionValue::Bool(true));
        options.set("without_rowid", OptionValue::Bool(true));
        let mut own = Table::new("t");
        let mut x = col("x", "text");
        x.collation = Some("NOCASE".to_owned());
        own.columns = vec![col("k", "integer").not_null(), x, col("y", "integer")];
        own.constraints = vec![pk("t", &["k"])];
        own.options = options;
        lab.apply(&[create(own)]);
        lab.sql("INSERT INTO t VALUES (2, 'a', 1), (1, 'b', 2)");
        rebuild_there_and_back(lab);
        assert!(lab.text("SELECT sql FROM sqlite_schema WHERE name = 't'").ends_with("STRICT, WITHOUT ROWID"));
    });
}

#[test]
fn old_violations_are_not_blamed_on_a_rebuild_and_new_ones_stop_it() {
    everywhere(|lab| {
        let child = table("c", vec![col("t_id", "bigint")], vec![fk("fk_c", "t_id", "t", ReferentialAction::NoAction)]);
        lab.apply(&[create(t()), create(child)]);
        lab.sql("INSERT INTO t (x) VALUES ('1'), ('2')");
        lab.sql("PRAGMA foreign_keys = OFF");
        lab.sql("INSERT INTO c (t_id) VALUES (1), (77)");
        lab.sql("PRAGMA foreign_keys = ON");
        let change = rebuild(lab);
        lab.try_apply(&[change]).expect("the old violation was there before");
        lab.sql("DELETE FROM c WHERE t_id = 77");
        lab.compare();
        let mut change = alter(lab, "t", "id", |column| column.comment = Some("x".to_owned()));
        if let Change::AlterColumn { using, .. } = &mut change {
            *using = Some("id + 100".to_owned());
        }
        let error = lab.try_apply(&[change]).expect_err("the child would be an orphan");
        assert!(error.contains("a foreign key is violated"), "{error}");
        lab.compare();
    });
}

#[test]
fn what_the_history_does_not_know_stops_a_rebuild() {
    everywhere(|lab| {
        lab.apply(&[create(t())]);
        lab.sql("CREATE INDEX secret ON t (y)");
        let change = rebuild(lab);
        let error = lab.try_apply(std::slice::from_ref(&change)).expect_err("the index would be lost");
        assert!(error.contains("table t has indexes that the history does not know"), "{error}");
        lab.sql("DROP INDEX secret");
        lab.sql("ALTER TABLE t ADD COLUMN secret TEXT");
        let error = lab.try_apply(std::slice::from_ref(&change)).expect_err("the column would be lost");
        assert!(error.contains("table t has columns that the history does not know"), "{error}");
        lab.sql("ALTER TABLE t DROP COLUMN secret");
        lab.apply(&[change]);
    });
}

#[test]
fn a_rebuild_with_foreign_keys_on_is_refused() {
    let mut lab = Lab::new(Mode::Oldest);
    lab.apply(&[create(t())]);
    let change = rebuild(&lab);
    let (mut statements, _) = lab.compile(&[change]);
    statements.iter_mut().for_each(|statement| statement.prologue.clear());
    lab.sql("BEGIN IMMEDIATE");
    let error = statements.iter().find_map(|s| lab.connection.execute(&s.sql).err()).expect("asserted");
    assert!(error.message.contains("foreign keys must be off"), "{error:?}");
    lab.sql("ROLLBACK");
    lab.remove();
}

#[test]
fn a_failure_leaves_the_session_as_it_was() {
    let mut lab = Lab::new(Mode::Oldest);
    lab.apply(&[create(t())]);
    lab.sql("INSERT INTO t (y) VALUES (NULL)");
    let change = alter(&lab, "t", "y", |column| column.nullable = false);
    assert!(lab.try_apply(&[change]).is_err());
    for (setting, value) in [("foreign_keys", "1"), ("legacy_alter_table", "0"), ("writable_schema", "0")] {
        assert_eq!(lab.text(&format!("PRAGMA {setting}")), value, "{setting}");
    }
    let change = rebuild(&lab);
    lab.apply(&[change]);
    lab.remove();
}

#[test]
fn odd_names_survive() {
    everywhere(|lab| {
        let name = "it's \"a\" [table]; --";
        let mut odd =
            table(name, vec![col("select", "text"), col("a'b", "integer")], vec![check("ck \"1\"", "\"a'b\" > 0")]);
        odd.indexes.push(index("ix 'x'", &["select"]));
        lab.apply(&[create(odd)]);
        lab.sql("INSERT INTO \"it's \"\"a\"\" [table]; --\" (\"select\") VALUES ('x')");
        let change = alter(lab, name, "select", |column: &mut Column| column.ty = ty("blob"));
        let add = add_at(name, col("x\"y", "text"), Position::First);
        lab.there_and_back(&[change, add]);
        assert!(lab.rebuilt());
        assert_eq!(lab.text("SELECT count(*) FROM \"it's \"\"a\"\" [table]; --\""), "1");
    });
}
