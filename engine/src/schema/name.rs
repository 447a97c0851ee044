//! Names of objects.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

/// The name of a table, enum or other object that lives in a namespace, with that namespace when it is not the default one.
///
/// Written `users` or `app.users`, and `"a.b"` for a name that itself contains a dot. Names are kept exactly as written;
/// quoting in SQL is the dialect's business.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Default, Serialize, Deserialize)]
#[serde(into = "String", try_from = "String")]
pub struct ObjectName {
    /// The namespace ("schema" in PostgreSQL, "database" in MySQL); none for the connection's default.
    pub schema: Option<String>,
    /// The name itself.
    pub name: String,
}

impl ObjectName {
    /// A name in the default namespace.
    pub fn new(name: impl Into<String>) -> Self {
        ObjectName { schema: None, name: name.into() }
    }

    /// A name in a namespace.
    pub fn qualified(schema: impl Into<String>, name: impl Into<String>) -> Self {
        ObjectName { schema: Some(schema.into()), name: name.into() }
    }

    /// Another name in the same namespace.
    #[must_use]
    pub fn sibling(&self, name: impl Into<String>) -> Self {
        ObjectName { schema: self.schema.clone(), name: name.into() }
    }
}

impl fmt::Display for ObjectName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(schema) = &self.schema {
            write_part(f, schema)?;
            f.write_str(".")?;
        }
        write_part(f, &self.name)
    }
}

/// Writes a part of a name, in double quotes where it would be read as something else without them.
fn write_part(f: &mut fmt::Formatter<'_>, part: &str) -> fmt::Result {
    match part.is_empty() || part.contains('.') || part.starts_with('"') || part.trim() != part {
        true => write!(f, "\"{}\"", part.replace('"', "\"\"")),
        false => f.write_str(part),
    }
}

impl FromStr for ObjectName {
    type Err = std::convert::Infallible;

    /// Splits at the first dot. A part in double quotes is taken as it is, a quote in it doubled: `"a.b"` is a name with
    /// a dot, `app."a.b"` one in a namespace.
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Ok(match first_part(text) {
            (name, None) => ObjectName::new(name),
            (schema, Some(rest)) => match first_part(rest) {
                (name, None) => ObjectName::qualified(schema, name),
                _ => ObjectName::qualified(schema, rest),
            },
        })
    }
}

/// The first part of a name, and what follows the dot after it. A text that is no name in parts is one part.
fn first_part(text: &str) -> (String, Option<&str>) {
    if let Some((part, end)) = quoted_part(text) {
        match text[end..].strip_prefix('.') {
            Some(rest) if !rest.is_empty() => return (part, Some(rest)),
            None if end == text.len() => return (part, None),
            _ => {}
        }
    }
    match text.split_once('.') {
        Some((part, rest)) if !part.is_empty() && !rest.is_empty() => (part.to_owned(), Some(rest)),
        _ => (text.to_owned(), None),
    }
}

/// The part in quotes that a text begins with, and where it ends.
fn quoted_part(text: &str) -> Option<(String, usize)> {
    let mut part = String::new();
    let mut rest = text.strip_prefix('"')?;
    loop {
        let (before, after) = rest.split_once('"')?;
        part.push_str(before);
        match after.strip_prefix('"') {
            Some(more) => {
                part.push('"');
                rest = more;
            }
            None => return Some((part, text.len() - after.len())),
        }
    }
}

impl From<ObjectName> for String {
    fn from(name: ObjectName) -> String {
        name.to_string()
    }
}

impl From<String> for ObjectName {
    fn from(text: String) -> ObjectName {
        match text.parse() {
            Ok(name) => name,
            Err(never) => match never {},
        }
    }
}

impl From<&str> for ObjectName {
    fn from(text: &str) -> ObjectName {
        ObjectName::from(text.to_owned())
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn parts_may_be_quoted() {
        for (text, schema, name) in [
            ("users", None, "users"),
            ("app.users", Some("app"), "users"),
            ("\"a.b\"", None, "a.b"),
            ("app.\"a.b\"", Some("app"), "a.b"),
            ("\"my.app\".users", Some("my.app"), "users"),
            ("\"say \"\"x\"\"\"", None, "say \"x\""),
            ("\"\"\"x\"\"\"", None, "\"x\""),
            ("say \"x\"", None, "say \"x\""),
            ("\"", None, "\""),
            ("\"a\"b", None, "\"a\"b"),
            (".a", None, ".a"),
            ("a.", None, "a."),
            ("a.b.c", Some("a"), "b.c"),
        ] {
            assert_eq!(ObjectName::from(text), ObjectName { schema: schema.map(str::to_owned), name: name.to_owned() });
        }
    }

    proptest! {
        #[test]
        fn what_is_written_reads_back(schema in proptest::option::of("[a\". ]{0,4}|.{0,3}"), name in "[a\". ]{0,5}|.{0,3}") {
            let object = ObjectName { schema, name };
            prop_assert_eq!(ObjectName::from(object.to_string()), object);
        }
    }
}
