//! Names of objects.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

/// The name of a table, enum or other object that lives in a namespace, with that namespace when it is not the default one.
///
/// Written `users` or `app.users`. Names are kept exactly as written; quoting is the dialect's business.
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
        match &self.schema {
            Some(schema) => write!(f, "{schema}.{}", self.name),
            None => f.write_str(&self.name),
        }
    }
}

impl FromStr for ObjectName {
    type Err = std::convert::Infallible;

    /// Splits at the first dot. A name that itself contains a dot is written with an explicit `schema:` beside it.
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Ok(match text.split_once('.') {
            Some((schema, name)) if !schema.is_empty() && !name.is_empty() => ObjectName::qualified(schema, name),
            _ => ObjectName::new(text),
        })
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
