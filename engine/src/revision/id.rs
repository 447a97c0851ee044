//! The name of a revision.

use std::fmt;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

/// Words that mean something else where a revision is asked for.
const RESERVED: [&str; 5] = ["head", "heads", "base", "current", "none"];

/// The characters that build relative references and ranges.
const OPERATORS: [char; 4] = ['@', '-', '+', ':'];

/// The longest id, in characters: the width of the column of the version table.
const LONGEST: usize = 128;

/// The name of a revision: 12 hexadecimal digits unless the author chose another. Cheap to clone.
///
/// No id can be taken for a reference: `head`, `a-1` or `a:b` are not ids. Ids differ by case.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct RevisionId(Arc<str>);

impl RevisionId {
    /// Takes a text as an id.
    ///
    /// # Errors
    ///
    /// The reason, as a sentence without a subject ("contains `-`, which …"), when it cannot be one.
    pub fn parse(text: &str) -> Result<Self, String> {
        check_name(text)?;
        Ok(RevisionId(Arc::from(text)))
    }

    /// A new id from 48 random bits: 12 hexadecimal digits.
    #[must_use]
    pub fn from_random(bits: [u8; 6]) -> Self {
        RevisionId(bits.iter().map(|byte| format!("{byte:02x}")).collect::<String>().into())
    }

    /// The text of the id.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// The rules that ids and branch labels share, because both are written in the same places.
pub(super) fn check_name(text: &str) -> Result<(), String> {
    if text.is_empty() {
        return Err("is empty".to_owned());
    }
    let length = text.chars().count();
    if length > LONGEST {
        return Err(format!("has {length} characters; {LONGEST} are the most"));
    }
    if let Some(found) = text.chars().find(|c| OPERATORS.contains(c)) {
        return Err(format!("contains `{found}`, which has a meaning in references such as `head-1` and `a:b`"));
    }
    if text.chars().any(char::is_whitespace) {
        return Err("contains white space".to_owned());
    }
    if let Some(found) = text.chars().find(|c| c.is_control()) {
        return Err(format!("contains the control character U+{:04X}", u32::from(found)));
    }
    if is_reserved(text) {
        return Err("is a reserved word".to_owned());
    }
    Ok(())
}

/// Whether the word means something else where a revision is asked for, in whatever case it is written.
pub(super) fn is_reserved(text: &str) -> bool {
    RESERVED.iter().any(|word| word.eq_ignore_ascii_case(text))
}

impl fmt::Display for RevisionId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl AsRef<str> for RevisionId {
    fn as_ref(&self) -> &str {
        &self.0
    }
}

impl std::borrow::Borrow<str> for RevisionId {
    fn borrow(&self) -> &str {
        &self.0
    }
}

impl std::str::FromStr for RevisionId {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        RevisionId::parse(text)
    }
}

impl TryFrom<String> for RevisionId {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        RevisionId::parse(&text).map_err(|reason| format!("the revision id `{text}` {reason}"))
    }
}

impl From<RevisionId> for String {
    fn from(id: RevisionId) -> String {
        id.0.as_ref().to_owned()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_an_id() {
        for good in ["3f2a9c41d7e0", "a", "1e10", "0001_initial", "añadir", "v1.2", &"x".repeat(128)] {
            assert_eq!(RevisionId::parse(good).unwrap().as_str(), good);
        }
        for bad in ["", "a-b", "a+1", "x@y", "a:b", "a b", "a\tb", "a\u{7}", "head", "HEADS", "base", "Current", "None"]
        {
            assert!(RevisionId::parse(bad).is_err(), "{bad}");
        }
        assert!(RevisionId::parse(&"é".repeat(128)).is_ok());
        assert!(RevisionId::parse(&"x".repeat(129)).unwrap_err().contains("129"));
    }

    #[test]
    fn new_ids_are_twelve_digits() {
        assert_eq!(RevisionId::from_random([0x3f, 0x2a, 0x9c, 0x41, 0xd7, 0x00]).as_str(), "3f2a9c41d700");
    }

    #[test]
    fn an_id_is_a_string_in_data() {
        let id = RevisionId::parse("abc").unwrap();
        assert_eq!(serde_json::to_string(&id).unwrap(), "\"abc\"");
        assert_eq!(serde_json::from_str::<RevisionId>("\"abc\"").unwrap(), id);
        assert!(serde_json::from_str::<RevisionId>("\"a b\"").is_err());
    }
}
