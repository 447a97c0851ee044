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
            let relation =
                Some(text(&row, 3)).filter(|name| !name.is_empty()).map(|name| self.name(text(&row, 1), name));
            let (kind, why) = (text(&row, 0), text(&row, 4));
            match relation {
                None if self.scope.only.is_some() => {}
                Some(relation) if !self.wanted(&relation) => {}
                Some(relation) if kind == "table options" => found.extend(options(&relation, why)),
                Some(relation) => found.push(Unheld::of(&relation, kind, text(&row, 2), why)),
                None => found.push(Unheld::new(kind, self.name(text(&row, 1), text(&row, 2)).to_string(), why)),
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
        parts.extend(self.made_otherwise());
        match self.dialect.flavour() {
            Flavour::MariaDb => parts.extend([
                format!(
                    "SELECT 'column', table_schema, concat(table_name, '.', column_name), table_name, \
                     'it would be missing: it says which version of a row counts when' FROM information_schema.columns \
                     WHERE table_schema IN ({databases}) AND generation_expression IN ('ROW START', 'ROW END')"
                ),
                // Before 11.4 no table of the catalog knows periods, only the check that stands for one, and that a key
                // without overlaps has their ends before their starts.
                format!(
                    "SELECT 'check constraint', k.constraint_schema, k.constraint_name, k.table_name, \
                     'if it stands for a PERIOD, that would be missing, and keys would take what overlaps' \
                     FROM information_schema.check_constraints k \
                     JOIN information_schema.columns s ON s.table_schema = k.constraint_schema AND s.table_name = k.table_name \
                     JOIN information_schema.columns e ON e.table_schema = k.constraint_schema AND e.table_name = k.table_name \
                     AND e.column_type = s.column_type AND k.check_clause = concat('`', s.column_name, '` < `', e.column_name, '`') \
                     WHERE k.constraint_schema IN ({databases}) AND k.level = 'Table' \
                     AND s.data_type IN ('date', 'datetime', 'timestamp') AND s.is_nullable = 'NO' AND e.is_nullable = 'NO'"
                ),
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

impl Reader<'_> {
    /// Triggers, routines and views that a copy would have too, but would be made in another way: by another user, who counts
    /// where they run with the rights of who made them; under another `sql_mode`, which is kept with their text; in
    /// another order, which triggers of one event run in.
    fn made_otherwise(&self) -> Vec<String> {
        let databases = &self.databases;
        // A copy is made under the mode of this session or, by another tool, of the server.
        let mode = "(sql_mode NOT IN (@@session.sql_mode, @@global.sql_mode) OR sql_mode LIKE '%ANSI_QUOTES%' \
                    OR sql_mode LIKE '%PIPES_AS_CONCAT%' OR sql_mode LIKE '%NO_BACKSLASH_ESCAPES%')";
        let other = "definer <> current_user()";
        let why = |other: &str| {
            format!(
                "concat_ws('; ', CASE WHEN {mode} THEN concat('it would be made under another sql_mode than ', \
                 CASE WHEN sql_mode = '' THEN 'none' ELSE sql_mode END) END, \
                 CASE WHEN {other} THEN concat('it would run with the rights of ', current_user(), ', not of ', definer) END)"
            )
        };
        let of_routine = format!("({other} AND security_type = 'DEFINER')");
        // The model has no order of triggers: they are made by name.
        let events = "event_object_schema, event_object_table, action_timing, event_manipulation";
        vec![
            format!(
                "SELECT lower(routine_type), routine_schema, routine_name, '', {} FROM information_schema.routines \
                 WHERE routine_schema IN ({databases}) AND routine_type IN ('FUNCTION', 'PROCEDURE') \
                 AND routine_definition IS NOT NULL AND ({mode} OR {of_routine})",
                why(&of_routine)
            ),
            format!(
                "SELECT 'trigger', event_object_schema, trigger_name, event_object_table, {} FROM information_schema.triggers \
                 WHERE event_object_schema IN ({databases}) AND ({mode} OR {other})",
                why(other)
            ),
            format!(
                "SELECT 'view', table_schema, table_name, table_name, concat('it would be read with the rights of ', \
                 current_user(), ', not of ', definer) FROM information_schema.views \
                 WHERE table_schema IN ({databases}) AND {other} AND security_type = 'DEFINER' AND view_definition <> ''"
            ),
            format!(
                "SELECT 'trigger order', event_object_schema, event_object_table, event_object_table, \
                 concat(lower(action_timing), ' ', lower(event_manipulation), ', the triggers ', \
                 group_concat(trigger_name ORDER BY action_order SEPARATOR ', '), ' would run by their names') \
                 FROM (SELECT {events}, trigger_name, action_order, \
                 row_number() OVER (PARTITION BY {events} ORDER BY binary trigger_name) AS by_name \
                 FROM information_schema.triggers WHERE event_object_schema IN ({databases})) run \
                 GROUP BY {events} HAVING max(action_order <> by_name)"
            ),
        ]
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
    (!strange.is_empty())
        .then(|| Unheld::new("table options", table.to_string(), format!("{} would not be set", strange.join(" "))))
}
