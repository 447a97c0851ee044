//! Enums.

use serde::{Deserialize, Serialize};

use super::ObjectName;

/// A declared list of words that a column may hold.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Enum {
    /// Its name.
    pub name: ObjectName,
    /// Its values, in order.
    pub values: Vec<String>,
    /// Its comment.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub comment: Option<String>,
}
