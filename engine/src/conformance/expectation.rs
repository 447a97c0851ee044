//! What a case expects of the schema: a partial match, in which `null` says that something is not there.

use serde_json::Value as Json;

use super::json::{node, schema};
use crate::schema::Schema;
use crate::source::Node;

/// Compares the schema with what is expected of it. Expected are tables by name, and `enums` by name under that key.
///
/// # Errors
/// A line for each thing that is otherwise.
pub(super) fn check(expected: &Node, found: &Schema) -> Result<(), String> {
    let mut found = schema(found);
    let enums = found["enums"].take();
    let mut found = found["tables"].take();
    if let Json::Object(tables) = &mut found {
        tables.insert("enums".to_owned(), enums);
    }
    let mut lines = Vec::new();
    compare("", &node(expected), Some(&found), &mut lines);
    if lines.is_empty() { Ok(()) } else { Err(format!("the schema is not as expected\n{}", lines.join("\n"))) }
}

fn compare(place: &str, expected: &Json, found: Option<&Json>, lines: &mut Vec<String>) {
    match (expected, found) {
        (Json::Object(keys), Some(Json::Object(map))) => {
            for (key, expected) in keys {
                let inner = if place.is_empty() { key.clone() } else { format!("{place}.{key}") };
                compare(&inner, expected, map.get(key), lines);
            }
        }
        (Json::Null, None | Some(Json::Null)) => {}
        (expected, None) => lines.push(format!("  {place}: expected {expected}, there is none")),
        (expected, Some(found)) if expected == found => {}
        (expected, Some(found)) => lines.push(format!("  {place}: expected {expected}, found {found}")),
    }
}
