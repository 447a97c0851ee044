//! Texts that a person would write: read, written again, and what is said of wrong ones.

use std::sync::Arc;

use proptest::prelude::*;

use super::{Desired, files, read, write};
use crate::diagnostic::Diagnostics;
use crate::notation::Notation;
use crate::operation::{Context, Lowering, steps};
use crate::schema::{Column, ObjectName, Schema, Table, Type, Value};
use crate::source::{Node, Sources, parse};
use crate::testing::{Plain, context};

fn desired_for(context: &Context, texts: &[&str]) -> (Desired, Vec<String>) {
    let mut sources = Sources::default();
    let mut diagnostics = Diagnostics::default();
    let nodes: Vec<Node> = texts
        .iter()
        .enumerate()
        .map(|(place, text)| {
            let file = sources.add(format!("{place}.yaml"), *text);
            parse(&sources, file, &mut diagnostics).unwrap()
        })
        .collect();
    let desired = read(&nodes.iter().collect::<Vec<_>>(), context, &mut diagnostics);
    let said = diagnostics.sorted().into_iter().map(|found| format!("{} {}", found.code.id, found.message));
    let said = said.collect();
    (desired, said)
}

fn desired(text: &str) -> Desired {
    let (desired, said) = desired_for(&context(), &[text]);
    assert_eq!(said, Vec::<String>::new());
    desired
}

/// What a history makes.
fn history(text: &str) -> Schema {
    let mut sources = Sources::default();
    let file = sources.add("history.yaml", text);
    let mut diagnostics = Diagnostics::default();
    let node = parse(&sources, file, &mut diagnostics).unwrap();
    let context = context();
    let read = steps(&node, &context, &mut diagnostics);
    let mut lowering = Lowering::new(&context, Schema::default(), &mut diagnostics);
    lowering.steps(&read);
    let schema = lowering.schema;
    assert!(!diagnostics.has_errors(), "{:?}", diagnostics.sorted());
    schema
}

const HEADER: &str = "\
# The desired schema: what the database should hold. `aludel revision --autogenerate` writes the
# revision that leads from the history to here.

";

/// What a person might have written, with everything in the place and order that writing gives it.
const EXAMPLE: &str = "\
schemas: [app]
extensions: [citext]
enums:
  order_status: [new, paid, shipped]
domains:
  email: {type: varchar(255), nullable: false, checks: [{sql: \"VALUE like '%@%'\"}]}
sequences:
  numbers: {start: 10, cycle: true, owned_by: orders.number}
tables:
  customers:
    columns:
      id: {type: bigint, primary_key: true, identity: true}
      favourite: {type: bigint, references: {table: orders, column: id}}
  lines:
    columns:
      order_id: bigint
      place: integer
      note: text
    primary_key: {columns: [order_id, place]}
    foreign_keys:
      - {columns: [order_id], references: {table: orders, column: id}, deferrable: true, initially: deferred}
  orders:
    columns:
      id: {type: bigint, primary_key: true, identity: true}
      number: varchar(40)
      customer_id: {type: bigint, nullable: false, references: {table: customers, column: id, on_delete: cascade}}
      status: {type: enum(order_status), nullable: false, default: new}
      total: {type: \"decimal(12,2)\", nullable: false, default: 0.50, check: \"total >= 0\"}
      total_gross: {type: \"decimal(12,2)\", computed: {sql: \"total * 1.2\"}}
      created_at: {type: timestamptz, nullable: false, default: {fn: now}}
      email: {type: varchar(255), unique: true, comment: contact}
      about: {type: json, default: {}}
      seen: {type: boolean, index: true}
      picture: {type: blob, default: {hex: \"00ff\"}}
      tags: {type: \"text[]\", default: [a, b]}
      place: {type: {native: \"geometry(Point,4326)\"}, collation: x}
    unique:
      - {columns: [number, email]}
      - {columns: [number], name: nobody_twice}
    checks: [{sql: \"total < total_gross\", name: null}]
    exclude: [{elements: [{column: seen, with: \"=\"}], using: btree, where: seen}]
    indexes:
      - columns: [status, {expr: lower(email)}, {column: created_at, order: desc, nulls: last}]
        where: \"status <> 'done'\"
        plain: {using: hash}
      - {columns: [total], unique: true}
    comment: customer orders
    plain: {engine: InnoDB}
  app.parts:
    columns:
      id: bigint
functions:
  total_of:
    sql: |-
      create function total_of() returns int as $$
        select 1
      $$ language sql
views:
  open_orders: {sql: select id from orders, materialized: true, columns: [number], indexes: [{columns: [number]}]}
triggers:
  audit:
    - {table: customers, sql: create trigger audit after insert on customers execute function total_of()}
    - {table: orders, sql: create trigger audit after insert on orders execute function total_of()}
";

#[test]
fn what_is_written_is_what_a_person_would_write() {
    let found = desired(EXAMPLE);
    let text = write(&found.schema, &Notation::of(&context()));
    assert_eq!(text, format!("{HEADER}{EXAMPLE}"));
    let several = files(&found.schema, &Notation::of(&context()));
    let names: Vec<&str> = several.iter().map(|(name, _)| name.as_str()).collect();
    assert_eq!(
        names,
        ["schema.yaml", "tables/customers.yaml", "tables/lines.yaml", "tables/orders.yaml", "tables/app.parts.yaml"]
    );
    let texts: Vec<&str> = several.iter().map(|(_, text)| text.as_str()).collect();
    let (again, said) = desired_for(&context(), &texts);
    assert_eq!(said, Vec::<String>::new());
    assert_eq!(again.schema, found.schema);
}

/// The table of FORMAT, section 5, means the same in a desired schema, in whatever order the tables stand.
#[test]
fn a_table_means_what_create_table_means() {
    let table = "columns:
  id: {type: bigint, primary_key: true, identity: true}
  number: varchar(40)
  customer_id: {type: bigint, nullable: false, references: {table: customers, column: id, on_delete: cascade}}
  status: {type: enum(order_status), nullable: false, default: new}
  total: {type: \"decimal(12,2)\", nullable: false, default: 0}
  total_gross: {type: \"decimal(12,2)\", computed: {sql: \"total * 1.2\", stored: true}}
  created_at: {type: timestamptz, nullable: false, default: {fn: now}}
  email: {type: varchar(255), unique: true, index: false, collation: {plain: \"C\"}, comment: contact}
  note: text
unique: [{columns: [number]}]
checks: [{sql: \"total >= 0\"}, {sql: \"total < 10\"}]
foreign_keys: [{columns: [number], references: {table: customers, columns: [number]}, on_update: set null, deferrable: false,
                initially: immediate, match: simple, name: fk}]
indexes: [{columns: [status, {expr: \"lower(email)\"}, {column: created_at, order: desc, nulls: last}, {column: note, length: 20}],
           unique: false, where: \"status <> 'done'\", plain: {using: hash}}]
comment: customer orders
plain: {engine: InnoDB}
";
    let customers = "{columns: {id: {type: bigint, primary_key: true}, number: {type: varchar(40), unique: true}}}";
    let indented = |by: usize| table.lines().map(|line| format!("{}{line}\n", " ".repeat(by))).collect::<String>();
    let found = desired(&format!(
        "tables:\n  orders:\n{}  customers: {customers}\nviews:\n  open_orders: {{sql: \"select id from orders\"}}\n\
         enums: {{order_status: [new, paid, shipped]}}\n",
        indented(4)
    ));
    let made = history(&format!(
        "- create_enum: {{enum: order_status, values: [new, paid, shipped]}}\n- create_table: {{table: customers, {}\n\
         - create_table:\n    table: orders\n{}- create_view: {{view: open_orders, sql: \"select id from orders\"}}\n",
        &customers[1..],
        indented(4)
    ));
    assert_eq!(found.schema, made);
}

#[test]
fn tables_may_refer_to_each_other_in_a_circle() {
    let found = desired(
        "tables:
  a: {columns: {id: {type: bigint, primary_key: true}, b: {type: bigint, references: {table: b}}}}
  part: {partition_of: whole, values: from (1) to (2), foreign_keys: [{columns: [id], references: {table: a}}]}
  b: {columns: {id: {type: bigint, primary_key: true}, a: {type: bigint, references: {table: a}}, e: enum(e)}}
  whole: {columns: {id: bigint, e: {type: {enum: e, values: [x]}}}, plain: {partition_by: range (id)}}
",
    );
    let key = |table: &str| found.schema.table(&table.into()).unwrap().foreign_keys().count();
    assert_eq!((key("a"), key("b"), key("part")), (1, 1, 1));
    assert_eq!(found.schema.table(&"part".into()).unwrap().columns.len(), 2);
}

#[test]
fn renames_are_kept_apart_from_the_schema() {
    let found = desired(
        "tables:
  app.orders:
    renamed_from: purchase
    columns:
      id: {type: bigint, renamed_from: nr, primary_key: true}
      note: text
    checks: [{sql: id > 0, name: positive, renamed_from: above}]
    indexes: [{columns: [note], name: by_note, renamed_from: ix_note}]
    other: {columns: {id: {type: bigint, renamed_from: elsewhere}}}
enums: {mood: {values: [good], renamed_from: humour}}
views: {v: {sql: select 1, renamed_from: old.v}}
",
    );
    let orders = ObjectName::qualified("app", "orders");
    let text = |text: &str| text.to_owned();
    assert_eq!(found.renames.tables, [(ObjectName::qualified("app", "purchase"), orders.clone())]);
    assert_eq!(found.renames.columns, [(orders.clone(), text("nr"), text("id"))]);
    assert_eq!(found.renames.constraints, [(orders.clone(), text("above"), text("positive"))]);
    assert_eq!(found.renames.indexes, [(orders, text("ix_note"), text("by_note"))]);
    assert_eq!(found.renames.enums, [("humour".into(), "mood".into())]);
    assert_eq!(found.renames.objects[0].0.name, ObjectName::qualified("old", "v"));
}

#[test]
fn an_object_is_for_the_dialects_that_it_names() {
    let text = "extensions: {citext: {only: [other]}}
tables:
  a: {except: [other], columns: {id: bigint}}
  b: {columns: {id: bigint}}
";
    let (plain, said) = desired_for(&context(), &[text]);
    assert_eq!((plain.schema.tables().count(), plain.schema.objects().count(), said.len()), (2, 0, 0));
    let other = Context { dialect: Plain::named("other", None), ..context() };
    let (other, said) = desired_for(&other, &[text]);
    assert_eq!((other.schema.tables().count(), other.schema.objects().count(), said.len()), (1, 1, 0));
}

#[test]
fn a_project_of_several_dialects_names_the_words_of_one() {
    let found = desired("tables: {t: {columns: {a: {type: {native: citext}, collation: C}}}}");
    let text = write(&found.schema, &Notation::new(Arc::clone(&context().dialect), Arc::default()).by_dialect());
    assert!(text.contains("a: {type: {plain: citext}, collation: {plain: C}}"), "{text}");
}

#[test]
fn the_example_of_the_documentation_is_one() {
    let path = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs/desired-schema.md");
    let page = std::fs::read_to_string(path).unwrap();
    let example = page.split("```yaml\n").nth(1).and_then(|rest| rest.split("```").next()).unwrap();
    let dialects: Arc<[_]> = ["postgres", "mysql", "sqlite", "mariadb"].map(|name| Plain::named(name, None)).into();
    for dialect in dialects.iter() {
        let context = Context { dialect: Arc::clone(dialect), dialects: Arc::clone(&dialects), ..context() };
        let (found, said) = desired_for(&context, &[example]);
        assert_eq!(said, Vec::<String>::new());
        assert_eq!((found.schema.tables().count(), found.renames.columns.len()), (2, 1));
    }
}

/// A type with a value of it.
fn value() -> impl Strategy<Value = (Type, Value)> {
    let text = || "(\\PC|[ \\n\\t:#'\"{},-]){0,10}|no|null|~|0x1|1e3|<<|007|\u{7}|\u{85}|\u{feff}|a\n\nb\n";
    let json = || {
        let leaf = prop_oneof![
            Just("null".to_owned()),
            Just("1.10".to_owned()),
            any::<i32>().prop_map(|n| n.to_string()),
            text().prop_map(|text| serde_json::Value::from(text).to_string()),
        ];
        leaf.prop_recursive(3, 12, 3, |inner| {
            prop_oneof![
                prop::collection::vec(inner.clone(), 0..3).prop_map(|items| format!("[{}]", items.join(","))),
                inner.clone().prop_map(|value| format!("{{\"sql\":{value}}}")),
                inner.prop_map(|value| format!("{{\"b\": {value}, \"a\":1}}")),
            ]
        })
    };
    prop_oneof![
        text().prop_map(|text| (Type::Text, Value::Text(text))),
        prop::collection::vec(any::<u8>(), 0..5).prop_map(|bytes| (Type::Blob, Value::Bytes(bytes))),
        "-?[0-9]{1,3}\\.[0-9]{0,4}".prop_map(|words| (Type::Decimal(None), Value::Number(words))),
        any::<i32>().prop_map(|n| (Type::Integer, Value::Integer(n.into()))),
        any::<bool>().prop_map(|on| (Type::Boolean, Value::Bool(on))),
        json().prop_map(|text| (Type::Json, Value::Json(text))),
        prop::collection::vec(text(), 0..3).prop_map(|texts| {
            (Type::Array(Box::new(Type::Text)), Value::List(texts.into_iter().map(Value::Text).collect()))
        }),
        json().prop_map(|text| (Type::Array(Box::new(Type::Json)), Value::List(vec![Value::Json(text), Value::Null]))),
    ]
}

proptest! {
    #[test]
    fn names_values_and_comments_read_back(
        (ty, value) in value(),
        table in "[a-z\". ]{1,6}|\\PC{1,6}|null|no",
        name in "[a-z: ]{1,6}|\\PC{1,6}|true|1",
        comment in prop::option::of("(\\PC|[ \\n\\t]){0,20}"),
    ) {
        let mut wanted = Table::new(ObjectName::new(table));
        wanted.columns.push(Column { default: Some(value), comment: comment.clone(), ..Column::new(name, ty) });
        wanted.comment = comment;
        let mut schema = Schema::default();
        schema.put_table(wanted);
        let text = write(&schema, &Notation::of(&context()));
        let (found, said) = desired_for(&context(), &[&text]);
        prop_assert_eq!(said, Vec::<String>::new(), "{}", text);
        prop_assert_eq!(found.schema, schema, "{}", text);
    }
}
