//! Tables, columns, constraints and indexes: made, renamed, dropped, and back again.

use std::sync::Arc;

use aludel_engine::change::{Change, Position, TableProperties};
use aludel_engine::schema::{
    Column, Computed, ConstraintKind, Deferral, Function, Identity, Match, Namespace, Nulls, Object, OptionValue,
    Options, Partition, ReferentialAction, Table, Value,
};

use crate::build::*;
use crate::database::Database;

fn customers() -> Table {
    let mut email = column("email", "varchar(255)").not_null();
    email.collation = Some("C".to_owned());
    email.comment = Some("it's a contact".to_owned());
    let mut table = table(
        "customers",
        vec![id(), email, column("Note", "text"), column("region", "integer"), column("area", "integer")],
        vec![
            primary_key("pk_customers", &["id"]),
            unique("uq_customers_email", &["email"]),
            unique("uq_customers_place", &["region", "area"]),
        ],
        vec![],
    );
    table.comment = Some("who buys".to_owned());
    table
}

fn orders() -> Table {
    let mut gross = column("gross", "decimal(12,2)");
    gross.computed = Some(Computed { sql: "total * 1.2".to_owned(), stored: true });
    let mut number = column("order", "varchar(40)").not_null();
    number.options.set("storage", OptionValue::Text("external".to_owned()));
    number.options.set("statistics", OptionValue::Integer(500));
    let mut sequence = column("line", "integer").not_null();
    sequence.identity = Some(Identity { always: true, start: Some(1000), increment: Some(-10) });
    let mut to_customer = foreign_key("fk_orders_customer", &["customer_id"], "customers", &["id"]);
    let mut to_place = foreign_key("fk_orders_place", &["region", "area"], "customers", &["region", "area"]);
    if let ConstraintKind::ForeignKey(key) = &mut to_customer.kind {
        key.on_delete = ReferentialAction::Cascade;
        key.on_update = ReferentialAction::SetNull;
    }
    if let ConstraintKind::ForeignKey(key) = &mut to_place.kind {
        key.matching = Match::Full;
        key.on_delete = ReferentialAction::SetDefault;
        key.on_update = ReferentialAction::Restrict;
    }
    to_place.deferral = Deferral::InitiallyDeferred;
    to_place.comment = Some("where".to_owned());
    let mut number_key = unique("uq_orders_order", &["order"]);
    number_key.deferral = Deferral::InitiallyImmediate;
    number_key.options.set("include", list(&["total"]));
    number_key.options.set("with", map("fillfactor", OptionValue::Integer(70)));
    let mut old = check("ck_orders_old", "total < 1000000");
    old.validated = false;
    let mut by_place = index("ix_orders_place", &["region", "area"]);
    by_place.parts[0].descending = true;
    by_place.parts[1].nulls = Some(Nulls::First);
    by_place.predicate = Some("total > 0 AND \"order\" <> 'x'".to_owned());
    by_place.options.set("include", list(&["total", "order"]));
    by_place.comment = Some("for maps".to_owned());
    let mut by_name = index("ix_orders_name", &["order"]);
    by_name.parts.push(expression("lower(\"order\")"));
    by_name.parts.push(expression("coalesce(region, 0) + 1"));
    by_name.parts[0].opclass = Some("text_pattern_ops".to_owned());
    by_name.unique = true;
    let mut by_tags = index("ix_orders_tags", &["tags"]);
    by_tags.options.set("using", OptionValue::Text("gin".to_owned()));
    by_tags.options.set("with", map("fastupdate", OptionValue::Text("off".to_owned())));
    let mut table = table(
        "orders",
        vec![
            id(),
            number,
            column("customer_id", "bigint"),
            with_default(column("total", "decimal(12,2)").not_null(), Value::Integer(0)),
            gross,
            sequence,
            column("region", "integer"),
            column("area", "integer"),
            column("tags", "text[]"),
        ],
        vec![
            primary_key("pk_orders", &["id"]),
            number_key,
            check("ck_orders_total", "total >= 0 AND (region IS NULL OR region IN (1, 2, 3))"),
            to_customer,
            to_place,
            old,
        ],
        vec![by_place, by_name, by_tags],
    );
    table.options.set("with", map("fillfactor", OptionValue::Integer(80)));
    table
}

#[test]
fn tables_with_everything() {
    let mut database = Database::new();
    database.up_and_down(&[create(customers()), create(orders())]);
    assert_eq!(database.rows("SELECT count(*) FROM pg_class WHERE relnamespace = 'public'::regnamespace"), "0");
}

#[test]
fn partitioned_and_unlogged_tables() {
    let mut database = Database::new();
    let mut log = table(
        "log",
        vec![column("at", "timestamptz").not_null(), column("what", "text")],
        vec![],
        vec![index("ix_log_at", &["at"])],
    );
    log.options.set("partition_by", OptionValue::Text("range (at)".to_owned()));
    let mut quick = table("Quick", vec![column("a", "integer")], vec![], vec![]);
    quick.options.set("unlogged", OptionValue::Bool(true));
    quick.options.set("with", map("autovacuum_enabled", OptionValue::Bool(false)));
    let mut part = table("log_1", log.columns.clone(), vec![], vec![]);
    part.partition = Some(Partition { of: "log".into(), values: "default".to_owned() });
    database.apply(&create(log));
    database.apply(&create(part));
    database.up_and_down(&[create(quick)]);
}

#[test]
fn a_table_is_altered_and_renamed() {
    let mut database = Database::new();
    database.apply(&create(customers()));
    database.run("INSERT INTO customers (email) VALUES ('a'), ('b')");
    let properties = |comment: Option<&str>, options: &[(&str, OptionValue)]| {
        let mut properties = TableProperties { comment: comment.map(str::to_owned), ..TableProperties::default() };
        for (name, value) in options {
            properties.options.set(*name, value.clone());
        }
        properties
    };
    database.up_and_down(&[
        Change::AlterTable {
            table: "customers".into(),
            before: properties(Some("who buys"), &[]),
            after: properties(
                Some("it's others"),
                &[("with", map("fillfactor", OptionValue::Integer(50))), ("unlogged", OptionValue::Bool(true))],
            ),
        },
        Change::RenameTable { from: "customers".into(), to: "Clients".into() },
        Change::RenameColumn { table: "Clients".into(), from: "email".into(), to: "E-Mail".into() },
        Change::RenameConstraint {
            table: "Clients".into(),
            from: "uq_customers_email".into(),
            to: "uq_clients_email".into(),
        },
    ]);
    assert_eq!(database.rows("SELECT id, email FROM customers ORDER BY 1"), "1|a 2|b");
}

#[test]
fn columns_come_and_go() {
    let mut database = Database::new();
    database.apply(&create(customers()));
    database.run("INSERT INTO customers (email) VALUES ('a'), ('b')");
    let mut stored = column("twice", "integer");
    stored.computed = Some(Computed { sql: "region * 2".to_owned(), stored: true });
    let mut numbered = column("number", "integer").not_null();
    numbered.identity = Some(Identity::default());
    let changes: Vec<Change> = vec![
        add_column("customers", with_default(column("score", "integer").not_null(), Value::Integer(-1))),
        add_column("customers", with_default(column("key", "double").not_null(), sql("random()"))),
        add_column("customers", with_default(column("seen", "timestamptz"), Value::Function(Function::Now))),
        add_column("customers", stored),
        add_column("customers", numbered),
        Change::DropColumn {
            table: "customers".into(),
            column: column("Note", "text"),
            position: Position::After("email".to_owned()),
        },
    ];
    database.up_and_down(&changes);
    assert_eq!(database.rows("SELECT id, email FROM customers ORDER BY 1"), "1|a 2|b");
}

#[test]
fn constraints_and_indexes_come_and_go() {
    let mut database = Database::new();
    let (full, mut bare) = (orders(), orders());
    bare.constraints.clear();
    bare.indexes.clear();
    database.apply(&create(customers()));
    database.apply(&create(bare));
    database.run("INSERT INTO orders (\"order\", total) VALUES ('a', 1), ('b', 2)");
    let mut changes: Vec<Change> =
        full.constraints.iter().map(|constraint| add_constraint("orders", constraint.clone())).collect();
    changes.extend(full.indexes.iter().map(|index| create_index("orders", index.clone())));
    changes.push(Change::RenameIndex { table: "orders".into(), from: "ix_orders_tags".into(), to: "Tags".into() });
    let mut nulls = unique("uq_orders_nulls", &["region"]);
    nulls.name = None;
    database.up_and_down(&changes);
    database.run("DELETE FROM orders WHERE \"order\" = 'b'");
    nulls.options.set("nulls_not_distinct", OptionValue::Bool(true));
    let mut distinct = index("ix_nulls", &["area"]);
    distinct.unique = true;
    distinct.options.set("nulls_not_distinct", OptionValue::Bool(true));
    if database.dialect.version().major >= 15 {
        database.up_and_down(&[add_constraint("orders", nulls), create_index("orders", distinct)]);
    }
    assert_eq!(database.rows("SELECT \"order\", total, gross FROM orders ORDER BY 1"), "a|1.00|1.20");
}

#[test]
fn a_constraint_is_validated_later() {
    let mut database = Database::new();
    database.apply(&create(customers()));
    let mut late = check("ck_late", "region > 0");
    late.validated = false;
    database.apply(&add_constraint("customers", late));
    database.apply(&Change::ValidateConstraint { table: "customers".into(), name: "ck_late".into() });
    let mut late = foreign_key("fk_late", &["region", "area"], "customers", &["region", "area"]);
    late.validated = false;
    database.apply(&add_constraint("customers", late));
    database.apply(&Change::ValidateConstraint { table: "customers".into(), name: "fk_late".into() });
}

#[test]
fn indexes_are_built_and_dropped_concurrently() {
    let mut database = Database::new();
    database.apply(&create(customers()));
    let mut slow = index("ix_slow", &["region"]);
    slow.options.set("concurrently", OptionValue::Bool(true));
    slow.comment = Some("built while others write".to_owned());
    database.up_and_down(&[create_index("customers", slow)]);
}

#[test]
fn an_invalid_index_is_seen_and_cleared() {
    let mut database = Database::new();
    database.apply(&create(customers()));
    database.run("INSERT INTO customers (email, \"Note\") VALUES ('a', 'same'), ('b', 'same')");
    let names = ["customers".into()];
    let before = database.connection.pre_image(&names).expect("facts");
    let mut only = index("ix_only", &["Note"]);
    only.unique = true;
    only.options.set("concurrently", OptionValue::Bool(true));
    let (statements, _) = database.compile(&create_index("customers", only));
    let error = database.connection.execute(&statements[0].sql).expect_err("two rows alike");
    assert_eq!(error.kind, aludel_engine::driver::ErrorKind::Constraint);
    let broken = database.connection.pre_image(&names).expect("facts");
    assert_ne!(broken, before);
    assert!(broken.lines().any(|line| line.contains("ix_only") && line.contains("false")), "{broken}");
    database.run(&statements[0].cleanup.as_ref().expect("a way to clear it").sql);
    assert_eq!(database.connection.pre_image(&names).expect("facts"), before);
    database.run("INSERT INTO customers (email) VALUES ('c')");
    assert_eq!(database.connection.pre_image(&names).expect("facts"), before, "rows do not count");
}

#[test]
fn if_exists_and_if_not_exists() {
    let mut database = Database::new();
    let customers = Arc::new(customers());
    database.apply(&Change::CreateTable { table: Arc::clone(&customers), if_not_exists: true });
    database.schema = Default::default();
    database.apply(&Change::CreateTable { table: customers, if_not_exists: true });
    let again: Column = database.schema.table(&"customers".into()).expect("a table").columns[2].clone();
    let change =
        Change::AddColumn { table: "customers".into(), column: again, position: Position::Last, if_not_exists: true };
    let context = aludel_engine::dialect::Compile { before: &database.schema, after: &database.schema };
    let statements = database.dialect.compile(&context, &[change]).expect("statements");
    database.run(&statements[0].sql);
    database.run("DROP TABLE customers");
    database.schema = Default::default();
    database.apply(&Change::DropTableIfExists { table: "customers".into() });
}

#[test]
fn another_namespace() {
    let mut database = Database::new();
    database.run("CREATE SCHEMA \"App\"");
    let customers = customers();
    database.apply(&create(customers));
    let (statements, after) =
        database.compile(&Change::RenameTable { from: "customers".into(), to: "App.clients".into() });
    for statement in &statements {
        database.run(&statement.sql);
    }
    let scope = aludel_engine::driver::Scope { namespaces: vec!["App".to_owned()], ..Default::default() };
    let found = database.connection.introspect(&scope).expect("a schema");
    let mut after = after;
    after.put_object(Object::Namespace(Namespace {
        name: "App".to_owned(),
        comment: None,
        options: Options::default(),
    }));
    assert!(database.dialect.normalize(&found) == database.dialect.normalize(&after));
}
