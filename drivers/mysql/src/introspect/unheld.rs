//! What the catalog has and the model does not, in one query.

use aludel_engine::driver::{DriverError, Unheld};
use aludel_engine::schema::ObjectName;

use super::{Reader, text};
use crate::dialect::Flavour;
use crate::options::NUMBERED;

/// Words of `create_options` that the model has, or that say nothing.
const KNOWN: [&str; 4] = ["row_format", "key_block_size", "partitioned", "change"];

impl Reader<'_> {
    pub(super) fn unheld(&mut self) -> Result<Vec<Unheld>, DriverError> {
        let sql = self.unheld_query();
        let mut found = Vec::new();
        for row in self.query(&sql)? {
            let name = self.name(text(&row, 1), text(&row, 2));
            let relation = text(&row, 3);
            if !relation.is_empty() && !self.wanted(&self.name(text(&row, 1), relation)) {
                continue;
            }
            if relation.is_empty() && self.scope.only.is_some() {
                continue;
            }
            match text(&row, 0) {
                "table options" => found.extend(options(&name, text(&row, 4))),
                kind => {
                    found.push(Unheld { kind: kind.to_owned(), name: name.to_string(), why: text(&row, 4).to_owned() })
                }
            }
        }
        found.sort();
        found.dedup();
        Ok(found)
    }

    /// Kind, database, name, the table that it belongs to if it does, and what is lost.
    fn unheld_query(&self) -> String {
        let databases = &self.databases;
        let missing = "it would be missing";
        let mut parts = vec![
            format!(
                "SELECT 'event' k, event_schema d, event_name n, '' t, '{missing}' w FROM information_schema.events \
                 WHERE event_schema IN ({databases})"
            ),
            format!(
                "SELECT 'table options', table_schema, table_name, table_name, create_options \
                 FROM information_schema.tables WHERE table_schema IN ({databases}) AND create_options <> '' \
                 AND table_type IN ('BASE TABLE', 'SYSTEM VERSIONED')"
            ),
        ];
        let hidden = "this user may not read its text";
        parts.extend([
            format!(
                "SELECT 'routine', routine_schema, routine_name, '', '{hidden}' FROM information_schema.routines \
                 WHERE routine_schema IN ({databases}) AND routine_type IN ('FUNCTION', 'PROCEDURE') \
                 AND routine_definition IS NULL"
            ),
            format!(
                "SELECT 'view', table_schema, table_name, table_name, '{hidden}' FROM information_schema.views \
                 WHERE table_schema IN ({databases}) AND coalesce(view_definition, '') = ''"
            ),
            format!(
                "SELECT 'column option', c.table_schema, concat(c.table_name, '.', c.column_name), c.table_name, \
                 'numbers would not be filled with zeros' FROM information_schema.columns c \
                 JOIN information_schema.tables t ON t.table_schema = c.table_schema AND t.table_name = c.table_name \
                 WHERE c.table_schema IN ({databases}) AND c.column_type LIKE '% zerofill' AND t.table_type <> 'VIEW'"
            ),
        ]);
        match self.dialect.flavour() {
            Flavour::MariaDb => parts.extend([
                format!(
                    "SELECT 'system versioning', table_schema, table_name, table_name, \
                     'rows of the past would not be kept' FROM information_schema.tables \
                     WHERE table_schema IN ({databases}) AND table_type = 'SYSTEM VERSIONED'"
                ),
                format!(
                    "SELECT 'package', routine_schema, routine_name, '', '{missing}' FROM information_schema.routines \
                     WHERE routine_schema IN ({databases}) AND routine_type LIKE 'PACKAGE%'"
                ),
                format!(
                    "SELECT 'column option', table_schema, concat(table_name, '.', column_name), table_name, \
                     'values would not be compressed' FROM information_schema.columns \
                     WHERE table_schema IN ({databases}) AND column_type LIKE '%COMPRESSED%'"
                ),
            ]),
            Flavour::MySql => parts.extend([
                format!(
                    "SELECT 'column option', table_schema, concat(table_name, '.', column_name), table_name, \
                     concat('the column would take points of any SRID, not of ', srs_id, ' alone') \
                     FROM information_schema.columns WHERE table_schema IN ({databases}) AND srs_id IS NOT NULL"
                ),
                format!(
                    "SELECT 'column option', table_schema, concat(table_name, '.', column_name), table_name, \
                     'a secondary engine would load it' FROM information_schema.columns WHERE table_schema IN ({databases}) AND extra LIKE '%secondary%'"
                ),
            ]),
        }
        parts.join(" UNION ALL ")
    }
}

/// The options of a table that the model does not have.
fn options(table: &ObjectName, text: &str) -> Option<Unheld> {
    let known = |name: &str| KNOWN.contains(&name) || NUMBERED.iter().any(|(other, _)| *other == name);
    let strange: Vec<&str> = text
        .split_whitespace()
        .filter(|option| !known(&option.split('=').next().unwrap_or_default().to_ascii_lowercase()))
        .filter(|option| {
            !option.eq_ignore_ascii_case("encryption='n'") && !option.eq_ignore_ascii_case("encryption=\"n\"")
        })
        .collect();
    (!strange.is_empty()).then(|| Unheld {
        kind: "table options".to_owned(),
        name: table.to_string(),
        why: format!("{} would not be set", strange.join(" ")),
    })
}
