//! Indexes.

use serde::{Deserialize, Serialize};

use super::Options;

/// An index of a table.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Index {
    /// Its name.
    pub name: String,
    /// What it sorts by, in order.
    pub parts: Vec<IndexPart>,
    /// Whether no two rows may have the same key.
    #[serde(default)]
    pub unique: bool,
    /// The condition of a partial index.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub predicate: Option<String>,
    /// Its comment.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub comment: Option<String>,
    /// What only this dialect knows: method, included columns, storage.
    #[serde(default, skip_serializing_if = "Options::is_empty")]
    pub options: Options,
}

/// One key of an index.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct IndexPart {
    /// The column or expression.
    pub key: IndexKey,
    /// Descending.
    #[serde(default)]
    pub descending: bool,
    /// Where NULLs sort, if not where the database puts them by itself.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub nulls: Option<Nulls>,
    /// How many characters or bytes of the column count.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub length: Option<u32>,
    /// The operator class.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub opclass: Option<String>,
    /// The collation.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub collation: Option<String>,
}

/// A column or an expression.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum IndexKey {
    /// A column by name.
    Column(String),
    /// An expression, without the parentheses around it.
    Expression(String),
}

/// Where NULLs sort.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Nulls {
    /// Before everything else.
    First,
    /// After everything else.
    Last,
}

impl IndexPart {
    /// A plain ascending column.
    pub fn column(name: impl Into<String>) -> Self {
        IndexPart {
            key: IndexKey::Column(name.into()),
            descending: false,
            nulls: None,
            length: None,
            opclass: None,
            collation: None,
        }
    }

    /// The name of the column, if it is one.
    #[must_use]
    pub fn column_name(&self) -> Option<&str> {
        match &self.key {
            IndexKey::Column(name) => Some(name),
            IndexKey::Expression(_) => None,
        }
    }
}
