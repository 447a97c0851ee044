//! Values: defaults of columns and cells of rows.

use serde::{Deserialize, Serialize};

/// A portable function without arguments.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Function {
    /// The present moment, at the precision of the column.
    Now,
    /// The present date.
    Today,
    /// A new random identifier.
    Uuid,
    /// The database user.
    CurrentUser,
}

impl Function {
    /// Every function with its name in the language.
    pub const ALL: [(&'static str, Function); 4] = [
        ("now", Function::Now),
        ("today", Function::Today),
        ("uuid", Function::Uuid),
        ("current_user", Function::CurrentUser),
    ];
}

/// A value as the language writes it; the dialect renders it for the type of its column.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Value {
    /// SQL NULL.
    Null,
    /// True or false.
    Bool(bool),
    /// A whole number.
    Integer(i64),
    /// Any other number, in the words it was written in.
    Number(String),
    /// A text.
    Text(String),
    /// A JSON document, in the words it was written in.
    Json(String),
    /// The elements of an array; of an array of arrays, lists.
    List(Vec<Value>),
    /// Bytes.
    #[serde(with = "hexadecimal")]
    Bytes(Vec<u8>),
    /// A portable function.
    Function(Function),
    /// Raw SQL of one dialect.
    Sql(String),
}

impl Value {
    /// Whether the value is a constant that does not depend on when or where it is computed.
    #[must_use]
    pub fn is_literal(&self) -> bool {
        match self {
            Value::Function(_) | Value::Sql(_) => false,
            Value::List(items) => items.iter().all(Value::is_literal),
            _ => true,
        }
    }
}

/// Bytes as hexadecimal digits, which a journal can hold in a quarter of the space of a list of numbers.
mod hexadecimal {
    use serde::de::Error;
    use serde::{Deserialize, Deserializer, Serializer};

    use super::hexadecimal_digits;

    pub(super) fn serialize<S: Serializer>(bytes: &[u8], serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&hexadecimal_digits(bytes))
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<u8>, D::Error> {
        let text = String::deserialize(deserializer)?;
        let byte = |at: usize| text.get(at..at + 2).and_then(|pair| u8::from_str_radix(pair, 16).ok());
        let bytes: Option<Vec<u8>> = (0..text.len()).step_by(2).map(byte).collect();
        bytes.ok_or_else(|| D::Error::custom("not hexadecimal"))
    }
}

/// Bytes as lower-case hexadecimal digits, two for each.
#[must_use]
pub fn hexadecimal_digits(bytes: &[u8]) -> String {
    let digit = |value: u8| char::from_digit(u32::from(value), 16).unwrap_or('0');
    bytes.iter().flat_map(|byte| [digit(byte >> 4), digit(byte & 15)]).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bytes_are_kept_in_a_journal() {
        let value = Value::Bytes(vec![0, 0x9f, 255]);
        let text = serde_json::to_string(&value).expect("JSON");
        assert_eq!(text, r#"{"bytes":"009fff"}"#);
        assert_eq!(serde_json::from_str::<Value>(&text).expect("a value"), value);
        assert!(serde_json::from_str::<Value>(r#"{"bytes":"0"}"#).is_err());
    }
}
