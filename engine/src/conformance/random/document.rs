//! A random history as a document: the operations of each revision and the rows put in after it, as YAML.

use serde_yaml::{Mapping, Value as Yaml};

/// Rows for a table.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Fill {
    pub(super) table: String,
    pub(super) rows: Vec<Mapping>,
}

/// The operations of a revision, and rows that somebody puts in after it.
#[derive(Debug, Clone, PartialEq, Default)]
pub(super) struct Part {
    pub(super) operations: Vec<Yaml>,
    pub(super) fills: Vec<Fill>,
}

/// A history.
#[derive(Debug, Clone, PartialEq, Default)]
pub(super) struct Document {
    pub(super) parts: Vec<Part>,
}

/// A map of the language.
pub(super) fn map<K: Into<String>>(entries: impl IntoIterator<Item = (K, Yaml)>) -> Yaml {
    Yaml::Mapping(entries.into_iter().map(|(key, value)| (Yaml::from(key.into()), value)).collect())
}

/// A list of the language.
pub(super) fn list(items: impl IntoIterator<Item = impl Into<Yaml>>) -> Yaml {
    Yaml::Sequence(items.into_iter().map(Into::into).collect())
}

/// The name of the revision at a place.
pub(super) fn revision_id(place: usize) -> String {
    format!("r{place:04}")
}

impl Document {
    /// The text of the file of a revision.
    pub(super) fn file(&self, place: usize) -> String {
        let parent = place.checked_sub(1).map_or(Yaml::Null, |parent| Yaml::from(revision_id(parent)));
        text(&map([
            ("revision", Yaml::from(revision_id(place))),
            ("down_revision", parent),
            ("message", Yaml::from("made at random")),
            ("upgrade", Yaml::Sequence(self.parts[place].operations.clone())),
        ]))
    }

    /// How many operations there are.
    pub(super) fn operations(&self) -> usize {
        self.parts.iter().map(|part| part.operations.len()).sum()
    }

    /// The history as a case for `specs/`: the last revision is what it is about, the rows of those before it are put in
    /// before that.
    pub(super) fn case(&self, about: &str) -> String {
        let mut given = Vec::new();
        let mut rows = Mapping::new();
        let (last, before) = match self.parts.split_last() {
            // What fails comes after the last rows.
            Some((last, _)) if !last.fills.is_empty() => (Vec::new(), &self.parts[..]),
            Some((last, before)) => (last.operations.clone(), before),
            None => (Vec::new(), &[][..]),
        };
        for part in before {
            given.extend(part.operations.iter().cloned());
            for fill in &part.fills {
                let known = rows.entry(Yaml::from(fill.table.clone())).or_insert(Yaml::Sequence(Vec::new()));
                if let Yaml::Sequence(known) = known {
                    known.extend(fill.rows.iter().cloned().map(Yaml::Mapping));
                }
            }
        }
        let mut entries = vec![("about", Yaml::from(about)), ("given", Yaml::Sequence(given))];
        if !rows.is_empty() {
            entries.push(("rows", Yaml::Mapping(rows)));
        }
        entries.push(("when", Yaml::Sequence(last)));
        text(&map(entries))
    }
}

/// A value as YAML text.
pub(super) fn text(value: &Yaml) -> String {
    serde_yaml::to_string(value).unwrap_or_default()
}
