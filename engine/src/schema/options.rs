//! The options that one dialect adds to an object: storage engines, index methods and the like.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

/// The value of a dialect option.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(untagged)]
pub enum OptionValue {
    /// On or off.
    Bool(bool),
    /// A whole number.
    Integer(i64),
    /// A word or a text.
    Text(String),
    /// Several values, in order.
    List(Vec<OptionValue>),
    /// Named values.
    Map(BTreeMap<String, OptionValue>),
}

/// Dialect options by name. An object carries those of the dialect it was resolved for, and no others.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Default, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Options(pub BTreeMap<String, OptionValue>);

/// Options that name columns of their table, whatever dialect has them: they follow a column that is renamed.
const COLUMN_LISTS: [&str; 2] = ["include", "on_delete_columns"];

/// Options that say something of each column, by its name.
const COLUMN_MAPS: [&str; 1] = ["lengths"];

impl Options {
    /// Whether there are none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// An option.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<&OptionValue> {
        self.0.get(name)
    }

    /// Whether an on/off option is on.
    #[must_use]
    pub fn flag(&self, name: &str) -> bool {
        self.get(name) == Some(&OptionValue::Bool(true))
    }

    /// The text of an option.
    #[must_use]
    pub fn text(&self, name: &str) -> Option<&str> {
        match self.get(name) {
            Some(OptionValue::Text(text)) => Some(text),
            _ => None,
        }
    }

    /// The whole number of an option.
    #[must_use]
    pub fn integer(&self, name: &str) -> Option<i64> {
        match self.get(name) {
            Some(OptionValue::Integer(number)) => Some(*number),
            _ => None,
        }
    }

    /// The texts of a list option; a single text counts as a list of one.
    #[must_use]
    pub fn texts(&self, name: &str) -> Vec<&str> {
        match self.get(name) {
            Some(OptionValue::Text(text)) => vec![text],
            Some(OptionValue::List(items)) => items
                .iter()
                .filter_map(|item| match item {
                    OptionValue::Text(text) => Some(text.as_str()),
                    _ => None,
                })
                .collect(),
            _ => Vec::new(),
        }
    }

    /// The columns that options name.
    pub fn columns(&self) -> impl Iterator<Item = &str> {
        COLUMN_LISTS.into_iter().flat_map(|option| self.texts(option))
    }

    /// Renames a column where an option names it.
    pub fn rename_column(&mut self, from: &str, to: &str) {
        for option in COLUMN_MAPS {
            if let Some(OptionValue::Map(named)) = self.0.get_mut(option)
                && let Some(value) = named.remove(from)
            {
                named.insert(to.to_owned(), value);
            }
        }
        for option in COLUMN_LISTS {
            let texts: &mut [OptionValue] = match self.0.get_mut(option) {
                Some(OptionValue::List(items)) => items,
                Some(text) => std::slice::from_mut(text),
                None => &mut [],
            };
            for text in texts {
                match text {
                    OptionValue::Text(name) if name == from => to.clone_into(name),
                    _ => {}
                }
            }
        }
    }

    /// The number that an option has for a column or another name.
    #[must_use]
    pub fn number_of(&self, option: &str, name: &str) -> Option<i64> {
        match self.get(option) {
            Some(OptionValue::Map(numbers)) => match numbers.get(name) {
                Some(OptionValue::Integer(number)) => Some(*number),
                _ => None,
            },
            _ => None,
        }
    }

    /// Sets an option.
    pub fn set(&mut self, name: impl Into<String>, value: OptionValue) {
        self.0.insert(name.into(), value);
    }
}
