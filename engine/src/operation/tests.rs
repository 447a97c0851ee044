//! The messages about operations that do not hold, as data: `specs/errors`, one case a file.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::{Context, Lowering, steps};
use crate::change::Change;
use crate::diagnostic::{Diagnostics, render};
use crate::dialect::{Dialect, NameScope};
use crate::schema::{Schema, Value};
use crate::source::{Node, NodeKind, Sources, entries, items, parse};
use crate::testing::{Plain, context};

#[test]
fn wrong_operations_are_explained() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../specs/errors");
    let mut paths: Vec<PathBuf> = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    paths.sort();
    assert!(paths.len() > 20, "the cases are not there");
    let failures: Vec<String> = paths.iter().filter_map(|path| case(path).err()).collect();
    assert!(failures.is_empty(), "{} of {} cases:\n{}", failures.len(), paths.len(), failures.join("\n"));
}

fn text<'n>(node: &'n Node, key: &str) -> Option<&'n str> {
    match node.get(key).map(|node| &node.kind) {
        Some(NodeKind::String(text)) => Some(text),
        _ => None,
    }
}

/// Lowers `upgrade`, or reads `schema` as a desired schema, and compares what is said with `errors`: in the order of the places, each with its code, the text it
/// points at and a part of the message or help.
fn case(path: &Path) -> Result<(), String> {
    let mut sources = Sources::default();
    let file = sources.read(path).map_err(|error| error.message)?;
    let mut said = Diagnostics::default();
    let node = parse(&sources, file, &mut said).ok_or("not YAML")?;
    let mut context = context();
    if let Some(files) = node.get("files").and_then(|files| entries(files, &mut Diagnostics::default())) {
        let found = files.iter().map(|(key, _)| {
            let text = text(node.get("files")?, &key.name)?;
            let found = crate::data::Found::scan(&key.name, Path::new(""), text.as_bytes());
            Some((PathBuf::from(&key.name), found.map_err(|error| error.to_string())))
        });
        context.data = Arc::new(found.collect::<Option<_>>().ok_or("`files` is not a map of texts")?);
    }
    match node.get("schema") {
        // A desired schema, or the list of its files.
        Some(Node { kind: NodeKind::Sequence(files), .. }) => {
            let _ = crate::desired::read(&files.iter().collect::<Vec<_>>(), &context, &mut said);
        }
        Some(file) => {
            let _ = crate::desired::read(&[file], &context, &mut said);
        }
        None => {
            let read = steps(node.get("upgrade").ok_or("no `upgrade`")?, &context, &mut said);
            Lowering::new(&context, Schema::default(), &mut said).steps(&read);
        }
    }
    let wanted = items(node.get("errors").ok_or("no `errors`")?, &mut Diagnostics::default()).ok_or("not a list")?;
    let found: Vec<String> = said.sorted().iter().map(|diagnostic| render(diagnostic, &sources, false)).collect();
    let fail = |what: &str| Err(format!("{}: {what}\n{}", path.display(), found.join("\n")));
    if found.len() != wanted.len() {
        return fail(&format!("expected {} messages, got {}", wanted.len(), found.len()));
    }
    for (diagnostic, wanted) in said.sorted().into_iter().zip(wanted) {
        let code = text(wanted, "code").ok_or("no `code`")?;
        if diagnostic.code.id != code {
            return fail(&format!("expected {code}, got {}", diagnostic.code.id));
        }
        let at = text(wanted, "at").ok_or("no `at`")?;
        let pointed = diagnostic.labels.first().map_or("", |label| sources.text(label.span));
        if !pointed.starts_with(at) {
            return fail(&format!("{code} should point at `{at}`, not at `{pointed}`"));
        }
        let says = text(wanted, "says").ok_or("no `says`")?;
        let labels: Vec<&str> = diagnostic.labels.iter().map(|label| label.text.as_str()).collect();
        let help = diagnostic.help.clone().unwrap_or_default();
        let all =
            [&diagnostic.message, &labels.join(" "), &help, &diagnostic.notes.join(" ")].map(String::as_str).join(" ");
        if !all.contains(says) {
            return fail(&format!("{code} should say `{says}`"));
        }
    }
    Ok(())
}

/// The changes of a list of operations and the schema after them; nothing may be wrong with them.
fn lowered(yaml: &str) -> (Vec<Change>, Schema) {
    let mut sources = Sources::default();
    let file = sources.add("x.yaml", yaml.to_owned());
    let mut said = Diagnostics::default();
    let node = parse(&sources, file, &mut said).unwrap();
    let context = context();
    let read = steps(&node, &context, &mut said);
    let mut lowering = Lowering::new(&context, Schema::default(), &mut said);
    let changes = lowering.steps(&read).into_iter().flat_map(|step| step.changes).collect();
    let schema = lowering.schema;
    assert!(!said.has_errors(), "{:?}", said.sorted());
    (changes, schema)
}

#[test]
fn words_of_an_enum_end_where_they_are_sent() {
    for (alter, values, renamed, replaced) in [
        ("rename: {x: y, y: x}", "y,x,z", "x>y,y>x", ""),
        ("rename: {x: y, y: w}", "y,w,z", "x>y,y>w", ""),
        ("drop: {x: y, y: z}", "z", "", "x>z,y>z"),
        ("rename: {x: w}, drop: {w: z}", "y,z", "", "x>z"),
        ("rename: {x: y, y: w}, drop: {y: w}", "w,z", "y>w", "x>w"),
        ("add: [w], drop: {z: w}", "x,y,w", "", "z>w"),
    ] {
        let yaml = format!("- create_enum: {{enum: e, values: [x, y, z]}}\n- alter_enum: {{enum: e, {alter}}}\n");
        let (changes, _) = lowered(&yaml);
        let Some(Change::AlterEnum { after, renamed: r, replaced: d, .. }) = changes.last() else {
            panic!("{alter}: {changes:?}");
        };
        let shown = |pairs: &[(String, String)]| {
            pairs.iter().map(|(old, new)| format!("{old}>{new}")).collect::<Vec<_>>().join(",")
        };
        assert_eq!(
            (after.values.join(",").as_str(), shown(r).as_str(), shown(d).as_str()),
            (values, renamed, replaced),
            "{alter}"
        );
    }
}

/// The codes of what is wrong with operations for a dialect.
fn codes_for(dialect: &Arc<dyn Dialect>, yaml: &str) -> Vec<&'static str> {
    let mut sources = Sources::default();
    let file = sources.add("x.yaml", yaml.to_owned());
    let mut said = Diagnostics::default();
    let node = parse(&sources, file, &mut said).unwrap();
    let context = Context { dialect: Arc::clone(dialect), ..context() };
    let read = steps(&node, &context, &mut said);
    Lowering::new(&context, Schema::default(), &mut said).steps(&read);
    said.sorted().iter().map(|diagnostic| diagnostic.code.id).collect()
}

#[test]
fn names_that_collide_depend_on_the_dialect() {
    let like_mysql = Plain::able("plain", None, |capabilities| {
        capabilities.folds_case = true;
        capabilities.named_enums = false;
        capabilities.index_names = NameScope::Table;
        capabilities.constraint_names = NameScope::Namespace;
    });
    let like_sqlite = Plain::able("plain", None, |capabilities| {
        capabilities.folds_case = true;
        capabilities.named_enums = false;
    });
    let like_postgres = Plain::named("plain", None);
    const TABLES: &str = "- create_table: {table: a, columns: {id: {type: bigint, primary_key: true}, n: bigint}}
- create_table: {table: b, columns: {id: {type: bigint, primary_key: true}, n: bigint}}
- create_index: {table: a, columns: n, name: ix}
- create_foreign_key: {table: a, columns: n, references: {table: b}, name: fk}
- create_check_constraint: {table: a, sql: n > 0, name: ck}
";
    let cases: [(&str, [&[&str]; 3]); 14] = [
        ("- create_foreign_key: {table: b, columns: n, references: {table: a}, name: ix}", [&[], &[], &[]]),
        ("- create_foreign_key: {table: b, columns: n, references: {table: a}, name: FK}", [&["E0309"], &[], &[]]),
        ("- create_check_constraint: {table: b, sql: n > 0, name: fk}", [&[], &[], &[]]),
        ("- create_check_constraint: {table: b, sql: n > 0, name: ck}", [&["E0309"], &[], &[]]),
        ("- create_check_constraint: {table: a, sql: n > 0, name: CK}", [&["E0309"], &["E0309"], &[]]),
        ("- create_index: {table: b, columns: n, name: IX}", [&[], &["E0309"], &[]]),
        ("- create_index: {table: b, columns: n, name: ix}", [&[], &["E0309"], &["E0309"]]),
        ("- create_index: {table: b, columns: n, name: fk}", [&[], &[], &[]]),
        ("- create_index: {table: b, columns: n, name: b}", [&[], &["E0309"], &["E0309"]]),
        ("- rename_index: {index: ix, to: IX}", [&[], &[], &[]]),
        ("- create_table: {table: ix, columns: {n: bigint}}", [&[], &["E0309"], &["E0309"]]),
        ("- rename_table: {table: a, to: A}", [&[], &[], &[]]),
        ("- create_enum: {enum: a, values: [x]}", [&[], &[], &["E0309"]]),
        ("- create_table: {table: c, columns: {n: {type: {enum: a, values: [x]}}}}", [&[], &[], &["E0309"]]),
    ];
    for (yaml, wanted) in cases {
        for (dialect, wanted) in [&like_mysql, &like_sqlite, &like_postgres].into_iter().zip(wanted) {
            let found = codes_for(dialect, &format!("{TABLES}{yaml}\n"));
            assert_eq!(found, wanted, "{yaml}: {:?}", dialect.capabilities());
        }
    }
    let enum_first = "- create_enum: {enum: e, values: [x]}\n- create_table: {table: e, columns: {n: bigint}}\n";
    assert_eq!(codes_for(&like_postgres, enum_first), ["E0309"]);
    assert!(codes_for(&like_mysql, enum_first).is_empty());
}

#[test]
fn a_primary_key_is_taken_back_with_its_not_null() {
    let (changes, before) =
        lowered("- create_table: {table: t, columns: {n: bigint}}\n- create_primary_key: {table: t, columns: [n]}\n");
    let context = context();
    let mut schema = before;
    for change in changes[1..].iter().rev() {
        change.invert().unwrap().apply(&mut schema, context.dialect.lexicon()).unwrap();
    }
    assert!(schema.table(&"t".into()).unwrap().column("n").unwrap().nullable, "{changes:?}");
}

#[test]
fn a_default_follows_its_word() {
    let (_, schema) = lowered(
        "- create_table: {table: t, columns: {a: {type: {enum: e, values: [x, y]}, default: x}}}
- alter_enum: {enum: e, rename: {x: y, y: x}}
",
    );
    let table = schema.table(&"t".into()).unwrap();
    assert_eq!(table.column("a").unwrap().default, Some(Value::Text("y".to_owned())));
}

#[test]
fn a_renamed_table_is_renamed_in_its_own_expressions() {
    let (_, schema) = lowered(
        "- create_table:
    table: t
    columns: {n: integer, m: {type: integer, computed: {sql: t.n + 1}}}
    checks: [{sql: t.n > 0, name: ck}]
    indexes: [{columns: [{expr: abs(t.n)}], where: t.n > other.n, name: ix}]
- rename_table: {table: t, to: u}
",
    );
    let text = serde_json::to_string(schema.table(&"u".into()).unwrap()).unwrap();
    for part in ["u.n + 1", "u.n > 0", "abs(u.n)", "u.n > other.n"] {
        assert!(text.contains(part), "{part}: {text}");
    }
}

mod round_trips {
    //! What an operation does to the model, its inversion takes back.

    use proptest::prelude::*;

    use super::{Diagnostics, Lowering, Schema, Sources, context, parse, steps};
    use crate::change::invert_all;

    /// An operation on a few names, so that many of them fit what is there.
    fn operation() -> impl Strategy<Value = String> {
        let table = prop::sample::select(vec!["a", "b", "c"]);
        let column = prop::sample::select(vec!["id", "x", "y", "z"]);
        let ty = prop::sample::select(vec![
            "integer",
            "bigint",
            "text",
            "varchar(20)",
            "boolean",
            "{enum: mood, values: [good, bad]}",
        ]);
        (0..19u8, table.clone(), table, column.clone(), column, ty, any::<bool>()).prop_map(
            |(kind, t, u, c, d, ty, flag)| match kind {
                0 | 1 => format!(
                    "create_table: {{table: {t}, columns: {{id: {{type: bigint, primary_key: true}}, {c}1: {{type: {ty}}}}}}}"
                ),
                2 => format!("drop_table: {{table: {t}, cascade: {flag}}}"),
                3 => format!("rename_table: {{table: {t}, to: {u}}}"),
                4 | 5 => {
                    format!("add_column: {{table: {t}, column: {c}, type: {ty}, nullable: {flag}, first: {flag}}}")
                }
                6 => format!("add_column: {{table: {t}, column: {c}, type: bigint, references: {{table: {u}}}}}"),
                7 => format!("drop_column: {{table: {t}, column: {c}, cascade: {flag}}}"),
                8 => format!("rename_column: {{table: {t}, column: {c}, to: {d}}}"),
                9 => format!("alter_column: {{table: {t}, column: {c}, type: {ty}, nullable: {flag}}}"),
                10 => format!("create_index: {{table: {t}, columns: [{c}, {{expr: lower(id)}}], unique: {flag}}}"),
                11 => format!("create_unique_constraint: {{table: {t}, columns: [{c}]}}"),
                12 => format!("create_check_constraint: {{table: {t}, sql: id > 0}}"),
                13 => format!("add_column: {{table: {t}, column: {c}, type: integer, computed: {{sql: id + 1}}}}"),
                14 => "alter_enum: {enum: mood, add: [{value: fine, after: good}], rename: {bad: sad}}".to_owned(),
                15 => format!("create_table: {{table: {t}, columns: {{n: bigint, {c}: {{type: {ty}}}}}}}"),
                16 => format!("create_primary_key: {{table: {t}, columns: [{c}]}}"),
                17 => format!("drop_constraint: {{table: {t}, constraint: pk_{t}}}"),
                _ => format!("drop_constraint: {{table: {t}, constraint: uq_{t}_{c}}}"),
            },
        )
    }

    proptest! {
        #[test]
        fn inversion_leads_back(operations in prop::collection::vec(operation(), 1..40)) {
            let yaml: String = operations.iter().map(|operation| format!("- {operation}\n")).collect();
            let mut sources = Sources::default();
            let file = sources.add("x.yaml", yaml);
            let mut said = Diagnostics::default();
            let node = parse(&sources, file, &mut said).unwrap();
            let context = context();
            let read = steps(&node, &context, &mut said);
            prop_assert!(!said.has_errors(), "{:?}", said.sorted());
            let lexicon = *context.dialect.lexicon();
            let mut states = vec![Schema::default()];
            let mut lowered = Vec::new();
            let mut lowering = Lowering::new(&context, Schema::default(), &mut said);
            for (step, text) in read.iter().zip(&operations) {
                if mentions_nothing(text, &lowering.schema) {
                    continue;
                }
                lowered.extend(lowering.steps(std::slice::from_ref(step)));
                states.push(lowering.schema.clone());
            }
            let mut schema = lowering.schema;
            for (step, before) in lowered.iter().zip(&states).rev() {
                for change in invert_all(&step.changes).unwrap() {
                    change.apply(&mut schema, &lexicon).unwrap();
                }
                prop_assert_eq!(sorted(&schema), sorted(before), "undoing {}", step.operation);
            }
        }
    }

    /// Whether an expression of the operation is about a column that is not there, which only a database would notice.
    fn mentions_nothing(operation: &str, schema: &Schema) -> bool {
        let has_id = |name: &str| schema.table(&name.into()).is_some_and(|table| table.column("id").is_some());
        let table = operation.split("table: ").nth(1).and_then(|rest| rest.get(..1)).unwrap_or_default();
        ["id > 0", "lower(id)", "id + 1"].iter().any(|sql| operation.contains(sql)) && !has_id(table)
    }

    /// A schema with constraints and indexes in an order of their own: what was dropped and came back is last.
    fn sorted(schema: &Schema) -> String {
        let mut text = String::new();
        for table in schema.tables() {
            let mut table = crate::schema::Table::clone(table);
            table.constraints.sort_by(|a, b| a.name.cmp(&b.name));
            table.indexes.sort_by(|a, b| a.name.cmp(&b.name));
            text.push_str(&serde_json::to_string_pretty(&table).unwrap());
        }
        for enumeration in schema.enums() {
            text.push_str(&serde_json::to_string(enumeration).unwrap());
        }
        text
    }
}
