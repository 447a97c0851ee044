//! JSON lines: an object on each line. Numbers are kept in the words they are written in.

use std::fmt;

use serde::de::{Deserialize, Deserializer, Error, MapAccess, Visitor};
use serde_json::value::RawValue;

/// The members of an object, in order, their values as they are written.
pub(super) struct Members<'t>(pub(super) Vec<(String, &'t RawValue)>);

impl<'de> Deserialize<'de> for Members<'de> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Reader;

        impl<'de> Visitor<'de> for Reader {
            type Value = Members<'de>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a JSON object")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
                let mut members: Vec<(String, &RawValue)> = Vec::new();
                while let Some((name, value)) = map.next_entry::<String, &RawValue>()? {
                    if members.iter().any(|(known, _)| *known == name) {
                        return Err(A::Error::custom(format!("the name `{name}` is in the object twice")));
                    }
                    members.push((name, value));
                }
                Ok(Members(members))
            }
        }
        deserializer.deserialize_map(Reader)
    }
}

/// Reads a line.
pub(super) fn members(line: &str) -> Result<Members<'_>, String> {
    serde_json::from_str(line).map_err(|error| {
        let text = error.to_string();
        // The line of the file is told by the caller; that of the text is always 1.
        text.split(" at line ").next().unwrap_or_default().to_owned()
    })
}

/// The names of the members of the first object of a file, given its beginning.
pub(crate) fn names(head: &[u8]) -> Result<Vec<String>, String> {
    let text = std::str::from_utf8(head).map_err(|_| "the text is not UTF-8; save the file as UTF-8".to_owned())?;
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    match text.lines().find(|line| !line.trim().is_empty()) {
        Some(line) => Ok(members(line)?.0.into_iter().map(|(name, _)| name).collect()),
        None => Ok(Vec::new()),
    }
}
