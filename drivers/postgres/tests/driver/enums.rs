//! Enums: values come, go, change their word and their place.

use std::sync::Arc;

use aludel_engine::change::Change;
use aludel_engine::schema::{Computed, Enum, Value};

use crate::build::*;
use crate::database::Database;

fn alter(before: &[&str], after: &[&str], renamed: &[(&str, &str)], replaced: &[(&str, &str)]) -> Change {
    let pairs = |pairs: &[(&str, &str)]| pairs.iter().map(|(a, b)| ((*a).to_owned(), (*b).to_owned())).collect();
    Change::AlterEnum {
        before: enumeration("status", before),
        after: enumeration("status", after),
        renamed: pairs(renamed),
        replaced: pairs(replaced),
    }
}

const VALUES: [&str; 3] = ["new", "paid", "it's done"];

/// Two tables that use the enum in every way.
fn database() -> Database {
    let mut database = Database::new();
    database.apply(&create_enum("status", &VALUES));
    let status = with_default(column("status", "enum(status)").not_null(), text("new"));
    let mut open = column("open", "boolean");
    open.computed = Some(Computed { sql: "status <> 'it''s done'".to_owned(), stored: true });
    let mut partial = index("ix_orders_open", &["id"]);
    partial.predicate = Some("status = 'new'".to_owned());
    let many = with_default(column("many", "enum(status)[]"), Value::List(vec![text("new"), text("paid")]));
    database.apply(&create(table(
        "states",
        vec![column("status", "enum(status)").not_null()],
        vec![primary_key("pk_states", &["status"])],
        vec![],
    )));
    database.run("INSERT INTO states SELECT unnest(enum_range(NULL::status))");
    database.apply(&create(table(
        "orders",
        vec![id(), status, many, open],
        vec![
            primary_key("pk_orders", &["id"]),
            check("ck_orders_status", "status IN ('new', 'paid') OR id > 0"),
            foreign_key("fk_orders_status", &["status"], "states", &["status"]),
        ],
        vec![partial, index("ix_orders_status", &["status", "id"])],
    )));
    database
        .run("INSERT INTO orders (status, many) VALUES ('new', '{paid,new}'), ('paid', '{}'), ('it''s done', NULL)");
    database
}

const ROWS: &str = "SELECT status, many, open FROM orders ORDER BY id";

#[test]
fn values_are_added_anywhere_and_taken_away_again() {
    let mut database = database();
    let start = database.rows(ROWS);
    database.up_and_down(&[alter(&VALUES, &["first", "new", "then", "paid", "it's done", "z"], &[], &[])]);
    assert_eq!(database.rows(ROWS), start);
}

#[test]
fn a_value_is_dropped_for_another() {
    let mut database = database();
    database.run("UPDATE orders SET status = 'new' WHERE false");
    database.run("DELETE FROM orders WHERE status = 'paid'");
    database.run("DELETE FROM states WHERE status = 'paid'");
    let change = alter(&["new", "paid", "it's done"], &["it's done", "new", "late"], &[], &[("paid", "new")]);
    // The check and a default of the model speak of `paid`, which goes; a history changes them first.
    let many = with_default(column("many", "enum(status)[]"), Value::List(vec![text("new"), text("paid")]));
    database.apply(&alter_column("orders", &many, &column("many", "enum(status)[]")));
    let check = check("ck_orders_status", "status IN ('new', 'paid') OR id > 0");
    database.apply(&Change::DropConstraint { table: "orders".into(), constraint: check });
    database.apply(&change);
    assert_eq!(database.rows(ROWS), "new|{new,new}|t it's done|NULL|f");
    assert_eq!(database.rows("SELECT count(*) FROM pg_type WHERE typname LIKE 'status%'"), "1");
    database.run("INSERT INTO orders DEFAULT VALUES");
    database.apply(&change.invert().expect("an inverse"));
}

#[test]
fn values_change_places() {
    let mut database = database();
    let start = database.rows(ROWS);
    database.up_and_down(&[alter(&VALUES, &["it's done", "paid", "new"], &[], &[])]);
    assert_eq!(database.rows(ROWS), start);
}

#[test]
fn values_change_their_words() {
    let mut database = Database::new();
    database.apply(&create_enum("status", &VALUES));
    let status = with_default(column("status", "enum(status)"), text("new"));
    database.apply(&create(table("orders", vec![id(), status, column("many", "enum(status)[]")], vec![], vec![])));
    database.run("INSERT INTO orders (status, many) VALUES ('new', '{paid,new}'), ('paid', '{}')");
    let rows = "SELECT status, many FROM orders ORDER BY id";
    let start = database.rows(rows);
    let swapped = alter(&VALUES, &["paid", "new", "it's done"], &[("new", "paid"), ("paid", "new")], &[]);
    database.apply(&swapped);
    assert_eq!(database.rows(rows), "paid|{new,paid} new|{}");
    database.apply(&swapped.invert().expect("an inverse"));
    assert_eq!(database.rows(rows), start);
    // Renamed, moved and added at once.
    let all = alter(&VALUES, &["it's done", "fresh", "paid", "x"], &[("new", "fresh")], &[]);
    database.apply(&all);
    assert_eq!(database.rows(rows), "fresh|{paid,fresh} paid|{}");
    database.apply(&all.invert().expect("an inverse"));
    assert_eq!(database.rows(rows), start);
}

#[test]
fn comments_and_namespaces() {
    let mut database = Database::new();
    let commented = |comment: Option<&str>| {
        Arc::new(Enum { comment: comment.map(str::to_owned), ..Enum::clone(&enumeration("Status", &["a"])) })
    };
    database.up_and_down(&[
        Change::CreateEnum { enumeration: commented(Some("it's one")) },
        Change::AlterEnum {
            before: commented(Some("it's one")),
            after: commented(None),
            renamed: vec![],
            replaced: vec![],
        },
    ]);
}
