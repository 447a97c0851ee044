//! Assertions in plain SQL: a row that a temporary table refuses.
//!
//! The same statements stop a run and a script in the sqlite3 shell, and the name of the check is the message.

use aludel_engine::dialect::{comma_list, quoted_with};

use crate::error::GUARD;

/// The temporary table.
const TABLE: &str = "_aludel_guard";

/// A number that must be 0.
struct Assertion {
    name: String,
    message: String,
    count: String,
}

/// Assertions, in groups that are made at different times.
#[derive(Default)]
pub struct Guard {
    groups: Vec<Vec<Assertion>>,
}

impl Guard {
    /// Begins the assertions of a later time.
    pub fn group(&mut self) {
        self.groups.push(Vec::new());
    }

    /// Adds an expression that must be 0, with what it means when it is not.
    pub fn assert(&mut self, name: impl Into<String>, message: impl Into<String>, count: impl Into<String>) {
        let assertion = Assertion { name: name.into(), message: message.into(), count: count.into() };
        if let Some(group) = self.groups.last_mut() {
            group.push(assertion);
        }
    }

    /// Makes the table.
    pub fn create(&self) -> String {
        let columns = self.groups.iter().flatten().map(|assertion| {
            let name = quoted_with(&format!("{GUARD}{}", assertion.message), '"');
            format!("  {0} CONSTRAINT {name} CHECK ({0} = 0)", assertion.name)
        });
        format!("CREATE TEMP TABLE {TABLE} (\n{}\n)", columns.collect::<Vec<_>>().join(",\n"))
    }

    /// Makes the assertions of a group; none when it has none.
    pub fn check(&self, group: usize) -> Option<String> {
        let group = self.groups.get(group).filter(|group| !group.is_empty())?;
        let names = comma_list(group.iter().map(|assertion| &assertion.name));
        let counts = group.iter().map(|assertion| format!("  ({})", assertion.count)).collect::<Vec<_>>().join(",\n");
        Some(format!("INSERT INTO temp.{TABLE} ({names}) SELECT\n{counts}"))
    }

    /// Removes the table.
    pub fn drop(&self) -> String {
        format!("DROP TABLE temp.{TABLE}")
    }
}
