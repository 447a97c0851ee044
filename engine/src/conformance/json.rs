//! Schemas and expectations as JSON: what a case expects is written in the words of the language, so the model is put
//! into the same words before the two are compared.

use serde_json::{Map, Value as Json, json};

use crate::schema::{
    Column, Constraint, ConstraintKind, Deferral, Enum, ExcludeElement, Function, Index, IndexKey, IndexPart, Match,
    Nulls, Schema, Table, Value, hexadecimal_digits,
};
use crate::source::{Node, NodeKind};

/// A schema: tables by name, and `enums`.
pub(super) fn schema(schema: &Schema) -> Json {
    let tables = schema.tables().map(|found| (found.name.to_string(), table(found))).collect::<Map<_, _>>();
    let enums = schema.enums().map(|found| (found.name.to_string(), enumeration(found))).collect::<Map<_, _>>();
    json!({ "tables": tables, "enums": enums })
}

fn enumeration(found: &Enum) -> Json {
    json!(found.values)
}

fn table(table: &Table) -> Json {
    let columns: Map<String, Json> = table.columns.iter().map(|found| (found.name.clone(), column(found))).collect();
    let constraints: Map<String, Json> = table
        .constraints
        .iter()
        .map(|found| (found.name.clone().unwrap_or_else(|| found.describe().to_owned()), constraint(found)))
        .collect();
    let indexes: Map<String, Json> = table.indexes.iter().map(|found| (found.name.clone(), index(found))).collect();
    json!({
        "order": table.columns.iter().map(|column| &column.name).collect::<Vec<_>>(),
        "columns": columns,
        "constraints": constraints,
        "indexes": indexes,
        "comment": table.comment,
        "partition": table.partition,
        "options": table.options,
    })
}

fn column(column: &Column) -> Json {
    json!({
        "type": column.ty.to_string(),
        "nullable": column.nullable,
        "default": column.default.as_ref().map(value),
        "identity": column.identity,
        "computed": column.computed,
        "collation": column.collation,
        "comment": column.comment,
        "options": column.options,
    })
}

fn constraint(constraint: &Constraint) -> Json {
    let mut shown = json!({
        "kind": constraint.describe(),
        "deferrable": constraint.deferral != Deferral::NotDeferrable,
        "initially": if constraint.deferral == Deferral::InitiallyDeferred { "deferred" } else { "immediate" },
        "validated": constraint.validated,
        "comment": constraint.comment,
        "options": constraint.options,
    });
    match &constraint.kind {
        ConstraintKind::PrimaryKey { columns } | ConstraintKind::Unique { columns } => {
            shown["columns"] = json!(columns)
        }
        ConstraintKind::Check { sql } => shown["sql"] = json!(sql),
        ConstraintKind::ForeignKey(key) => {
            shown["columns"] = json!(key.columns);
            shown["references"] = json!({ "table": key.referred_table, "columns": key.referred_columns });
            shown["on_delete"] = json!(key.on_delete.sql().to_ascii_lowercase());
            shown["on_update"] = json!(key.on_update.sql().to_ascii_lowercase());
            shown["match"] = json!(if key.matching == Match::Full { "full" } else { "simple" });
        }
        ConstraintKind::Exclude(exclude) => {
            shown["using"] = json!(exclude.method);
            shown["where"] = json!(exclude.predicate);
            shown["elements"] = exclude.elements.iter().map(element).collect();
        }
    }
    shown
}

fn element(element: &ExcludeElement) -> Json {
    let mut shown = match part(&element.part) {
        Json::Object(shown) => shown,
        name => Map::from_iter([("column".to_owned(), name)]),
    };
    shown.insert("with".to_owned(), json!(element.operator));
    Json::Object(shown)
}

fn index(index: &Index) -> Json {
    json!({
        "columns": index.parts.iter().map(part).collect::<Vec<_>>(),
        "unique": index.unique,
        "where": index.predicate,
        "comment": index.comment,
        "options": index.options,
    })
}

fn part(part: &IndexPart) -> Json {
    let mut shown = Map::new();
    match &part.key {
        IndexKey::Column(name) => shown.insert("column".to_owned(), json!(name)),
        IndexKey::Expression(sql) => shown.insert("expr".to_owned(), json!(sql)),
    };
    if part.descending {
        shown.insert("order".to_owned(), json!("desc"));
    }
    if let Some(nulls) = part.nulls {
        shown.insert("nulls".to_owned(), json!(if nulls == Nulls::First { "first" } else { "last" }));
    }
    for (key, found) in [
        ("length", part.length.map(Json::from)),
        ("opclass", part.opclass.clone().map(Json::from)),
        ("collation", part.collation.clone().map(Json::from)),
    ] {
        shown.extend(found.map(|found| (key.to_owned(), found)));
    }
    match shown.get("column").filter(|_| shown.len() == 1) {
        Some(name) => name.clone(),
        None => Json::Object(shown),
    }
}

fn value(found: &Value) -> Json {
    match found {
        Value::Null => Json::Null,
        Value::Bool(value) => json!(value),
        Value::Integer(number) => json!(number),
        Value::Number(text) | Value::Text(text) => json!(text),
        Value::Json(text) => serde_json::from_str(text).unwrap_or_else(|_| json!(text)),
        Value::List(items) => Json::Array(items.iter().map(value).collect()),
        Value::Bytes(bytes) => match std::str::from_utf8(bytes) {
            Ok(text) => json!(text),
            Err(_) => json!({ "hex": hexadecimal_digits(bytes) }),
        },
        Value::Function(function) => {
            let name = Function::ALL.iter().find(|(_, known)| known == function).map_or("", |(name, _)| name);
            json!({ "fn": name })
        }
        Value::Sql(sql) => json!({ "sql": sql }),
    }
}

/// What stands in a case.
pub(super) fn node(node: &Node) -> Json {
    match &node.kind {
        NodeKind::Null => Json::Null,
        NodeKind::Bool(value) => json!(value),
        NodeKind::Integer(number) => json!(number),
        NodeKind::Number(text) | NodeKind::String(text) => json!(text),
        NodeKind::Sequence(items) => Json::Array(items.iter().map(self::node).collect()),
        NodeKind::Mapping(entries) => {
            Json::Object(entries.iter().map(|(key, value)| (key.name.clone(), self::node(value))).collect())
        }
    }
}
