//! JSON documents. Their text is kept as it is written, because a number that went through a float would be another one.

use std::collections::BTreeSet;
use std::fmt;

use serde::de::{Deserialize, Deserializer, Error, MapAccess, SeqAccess, Visitor};

use crate::diagnostic::{Diagnostic, Diagnostics, codes};
use crate::schema::Value;
use crate::source::{Node, NodeKind, entries};

/// A YAML value as JSON. A string is the text of the document itself, so that `'{}'` is what it looks like.
pub(super) fn json_value(node: &Node, diagnostics: &mut Diagnostics) -> Option<Value> {
    match &node.kind {
        NodeKind::Null => Some(Value::Null),
        NodeKind::String(text) => match serde_json::from_str::<Document>(text) {
            Ok(Document) => Some(Value::Json(text.clone())),
            Err(error) => {
                diagnostics.push(
                    Diagnostic::error(&codes::WRONG_VALUE, format!("the text is not a JSON document: {error}"))
                        .at(node.span, "a string is read as the text of the document")
                        .help(format!("for a JSON string write '{}'", quoted(text))),
                );
                None
            }
        },
        _ => {
            let mut text = String::new();
            write(node, &mut text, diagnostics)?;
            Some(Value::Json(text))
        }
    }
}

/// Whether a text is a JSON document.
///
/// # Errors
/// Why it is none: a sentence without a full stop.
pub fn check_json(text: &str) -> Result<(), String> {
    match serde_json::from_str::<Document>(text) {
        Ok(Document) => Ok(()),
        Err(error) => Err(format!("the text is not a JSON document: {error}")),
    }
}

/// A text as a JSON string.
fn quoted(text: &str) -> String {
    serde_json::Value::from(text).to_string()
}

/// Writes a YAML value as compact JSON.
fn write(node: &Node, text: &mut String, diagnostics: &mut Diagnostics) -> Option<()> {
    match &node.kind {
        NodeKind::Null => text.push_str("null"),
        NodeKind::Bool(value) => text.push_str(if *value { "true" } else { "false" }),
        NodeKind::Integer(value) => text.push_str(&value.to_string()),
        NodeKind::String(value) => text.push_str(&quoted(value)),
        NodeKind::Number(value) => match number(value) {
            Some(number) => text.push_str(&number),
            None => {
                diagnostics.push(
                    Diagnostic::error(&codes::WRONG_VALUE, format!("JSON has no number `{value}`"))
                        .at(node.span, "in this document")
                        .help("put it in quotes to keep it as a text"),
                );
                return None;
            }
        },
        NodeKind::Sequence(items) => {
            text.push('[');
            for (place, item) in items.iter().enumerate() {
                if place > 0 {
                    text.push(',');
                }
                write(item, text, diagnostics)?;
            }
            text.push(']');
        }
        NodeKind::Mapping(_) => {
            text.push('{');
            for (place, (key, value)) in entries(node, diagnostics)?.iter().enumerate() {
                if place > 0 {
                    text.push(',');
                }
                text.push_str(&quoted(&key.name));
                text.push(':');
                write(value, text, diagnostics)?;
            }
            text.push('}');
        }
    }
    Some(())
}

/// A YAML number in the notation of JSON, digit for digit; none for infinity, not-a-number and what is hexadecimal.
fn number(text: &str) -> Option<String> {
    let (sign, unsigned) = match text.strip_prefix('-') {
        Some(rest) => ("-", rest),
        None => ("", text.strip_prefix('+').unwrap_or(text)),
    };
    let (mantissa, exponent) = match unsigned.find(['e', 'E']) {
        Some(at) => unsigned.split_at(at),
        None => (unsigned, ""),
    };
    let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
    let digits = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
    if !digits(whole) || !digits(fraction) || (whole.is_empty() && fraction.is_empty()) {
        return None;
    }
    let whole = match whole.trim_start_matches('0') {
        "" => "0",
        whole => whole,
    };
    let point = if fraction.is_empty() { "" } else { "." };
    Some(format!("{sign}{whole}{point}{fraction}{exponent}"))
}

/// A JSON document of which nothing is kept: it is only looked at, for keys that are written twice.
struct Document;

impl<'de> Deserialize<'de> for Document {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(Document)
    }
}

impl<'de> Visitor<'de> for Document {
    type Value = Document;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a JSON document")
    }

    fn visit_unit<E: Error>(self) -> Result<Document, E> {
        Ok(self)
    }

    fn visit_bool<E: Error>(self, _: bool) -> Result<Document, E> {
        Ok(self)
    }

    fn visit_i64<E: Error>(self, _: i64) -> Result<Document, E> {
        Ok(self)
    }

    fn visit_u64<E: Error>(self, _: u64) -> Result<Document, E> {
        Ok(self)
    }

    fn visit_f64<E: Error>(self, _: f64) -> Result<Document, E> {
        Ok(self)
    }

    fn visit_str<E: Error>(self, _: &str) -> Result<Document, E> {
        Ok(self)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Document, A::Error> {
        while items.next_element::<Document>()?.is_some() {}
        Ok(self)
    }

    fn visit_map<A: MapAccess<'de>>(self, mut members: A) -> Result<Document, A::Error> {
        let mut seen = BTreeSet::new();
        while let Some((key, Document)) = members.next_entry::<String, Document>()? {
            if seen.contains(&key) {
                return Err(A::Error::custom(format!("the key `{key}` is written twice")));
            }
            seen.insert(key);
        }
        Ok(self)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::source::{Sources, parse};

    fn read(yaml: &str) -> Result<Value, String> {
        let mut sources = Sources::default();
        let file = sources.add("x.yaml", yaml.to_owned());
        let mut said = Diagnostics::default();
        let node = parse(&sources, file, &mut said).expect("YAML");
        let value = json_value(&node, &mut said);
        value.ok_or_else(|| said.sorted().iter().map(|d| d.message.clone()).collect())
    }

    #[test]
    fn documents_are_kept_to_the_digit() {
        for (yaml, json) in [
            ("{a: 12345678901234567890123, b: 1.10}", r#"{"a":12345678901234567890123,"b":1.10}"#),
            ("[.5, -.5, 1., +7, 007, -0, 1E-3, 1.e3]", "[0.5,-0.5,1,7,7,-0,1E-3,1e3]"),
            ("{b: 1, a: [null, true, \"it's\\n\"]}", r#"{"b":1,"a":[null,true,"it's\n"]}"#),
            ("'{\"b\": 1.10,  \"a\": 12345678901234567890123}'", "{\"b\": 1.10,  \"a\": 12345678901234567890123}"),
            ("'\"text\"'", "\"text\""),
            ("1.50", "1.50"),
        ] {
            assert_eq!(read(yaml), Ok(Value::Json(json.to_owned())), "{yaml}");
            assert!(serde_json::from_str::<Document>(json).is_ok(), "{json}");
        }
    }

    #[test]
    fn what_json_cannot_say_is_refused() {
        for (yaml, part) in [
            ("[.inf]", "no number `.inf`"),
            ("{a: .nan}", "no number `.nan`"),
            ("-.INF", "no number `-.INF`"),
            ("'{\"a\": 1, \"a\": 2}'", "`a` is written twice"),
            ("'[{\"x\": {\"a\": 1, \"\\u0061\": 2}}]'", "`a` is written twice"),
            ("'{} {}'", "trailing"),
            ("'hello'", "not a JSON document"),
        ] {
            let message = read(yaml).expect_err(yaml);
            assert!(message.contains(part), "{yaml}: {message}");
        }
    }
}
