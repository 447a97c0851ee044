//! JSON documents as YAML, where that says the same.

use serde_yaml::Value as Yaml;

/// A document as maps and lists; as its text where those would be read as another document, or as no document at all.
pub(super) fn document(text: &str) -> Yaml {
    let as_text = || Yaml::String(text.to_owned());
    match serde_yaml::from_str::<Yaml>(text) {
        // A string is read as the text of a document and null as no value.
        Ok(Yaml::String(_) | Yaml::Null | Yaml::Tagged(_)) | Err(_) => as_text(),
        Ok(Yaml::Mapping(map)) if map.len() == 1 && ["sql", "fn"].iter().any(|key| map.contains_key(*key)) => as_text(),
        Ok(value) => match compact(&value) {
            Some(written) if written == text => value,
            _ => as_text(),
        },
    }
}

/// The text that reading makes of a value.
fn compact(value: &Yaml) -> Option<String> {
    let quoted = |text: &str| serde_json::Value::from(text).to_string();
    Some(match value {
        Yaml::Null => "null".to_owned(),
        Yaml::Bool(value) => value.to_string(),
        Yaml::Number(_) => serde_yaml::to_string(value).ok()?.trim_end().to_owned(),
        Yaml::String(text) => quoted(text),
        Yaml::Sequence(items) => {
            let items: Option<Vec<String>> = items.iter().map(compact).collect();
            format!("[{}]", items?.join(","))
        }
        Yaml::Mapping(map) => {
            let entry = |(key, value): (&Yaml, &Yaml)| Some(format!("{}:{}", quoted(key.as_str()?), compact(value)?));
            let entries: Option<Vec<String>> = map.iter().map(entry).collect();
            format!("{{{}}}", entries?.join(","))
        }
        Yaml::Tagged(_) => return None,
    })
}
