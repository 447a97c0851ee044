//! Rebuilding tables: what `ALTER TABLE` cannot do, in plain SQL that works the same in a run and in a script.
//!
//! The procedure of <https://sqlite.org/lang_altertable.html#otheralter> with what it leaves out:
//! - `foreign_keys` is off before the transaction, and that is asserted inside it: with it on, DROP TABLE deletes the rows
//!   first and every ON DELETE CASCADE empties another table;
//! - columns and indexes that the history does not know stop it, because they would be lost;
//! - rowids are copied, and the counter of AUTOINCREMENT;
//! - `legacy_alter_table` is on around the rename, so that views and triggers over the table do not fail it;
//! - triggers, which go with their table, are written back into `sqlite_schema` as they were, whoever made them. The
//!   history does not know them, so a script cannot spell them out; `writable_schema=RESET` reads the schema again;
//! - violations of foreign keys are counted before and after, so that old ones are not blamed on it.

use aludel_engine::change::Change;
use aludel_engine::dialect::{Unsupported, comma_list, string_literal};
use aludel_engine::plan::{LockLevel, Statement, Work};
use aludel_engine::schema::{Schema, Table};

use super::guard::Guard;
use super::source::Source;
use super::{check, index, table};
use crate::dialect::Sqlite;
use crate::identifier::{quote, quote_list};
use crate::normalize::rowid_column;

const TRIGGERS: &str = "_aludel_triggers";
const VIOLATIONS: &str = "_aludel_violations";
const OUTER_VIOLATIONS: &str = "_aludel_violations_before";
const ALL_VIOLATIONS: &str = "SELECT \"table\" AS child, rowid AS place, parent, count(*) AS times FROM pragma_foreign_key_check GROUP BY 1, 2, 3";

/// A table to rebuild.
#[derive(Debug, Clone)]
pub struct Rebuild {
    /// As it is.
    pub before: Table,
    /// As it will be.
    pub after: Table,
    /// Where the values of each new column come from, in the order of the columns.
    sources: Vec<(String, Source)>,
}

impl Rebuild {
    /// The rebuild that makes changes happen, none of which renames a column.
    pub fn of(
        dialect: &Sqlite,
        before: &Table,
        after: &Table,
        schema: &Schema,
        changes: &[Change],
    ) -> Result<Self, Unsupported> {
        check::refuse(dialect, after, schema)?;
        let mut sources: Vec<(String, Source)> =
            before.columns.iter().map(|column| (column.name.clone(), Source::column(&column.name))).collect();
        for change in changes {
            match change {
                Change::AddColumn { column, .. } => {
                    let source = if column.identity.is_some() { Source::Rowid } else { Source::Default };
                    sources.push((column.name.clone(), source));
                }
                Change::DropColumn { column, .. } => sources.retain(|(name, _)| *name != column.name),
                Change::AlterColumn { before, after, using, existing_null_value, .. } => {
                    if let Some((_, source)) = sources.iter_mut().find(|(name, _)| *name == after.name) {
                        let old = match std::mem::replace(source, Source::Default) {
                            // Rows had the default the column was added with, which the table no longer has.
                            Source::Default if before.computed.is_none() => Source::default_of(before)?,
                            other => other,
                        };
                        *source = old.altered(before, after, using.as_deref(), existing_null_value.as_ref())?;
                    }
                }
                _ => {}
            }
        }
        let find = |name: &str| sources.iter().find(|(known, _)| known == name).map(|(_, source)| source.clone());
        let sources = after
            .columns
            .iter()
            .map(|column| {
                let source = match column.computed {
                    Some(_) => Source::Default,
                    None => find(&column.name).unwrap_or(Source::Default),
                };
                (column.name.clone(), source)
            })
            .collect();
        Ok(Rebuild { before: before.clone(), after: after.clone(), sources })
    }

    /// Says where the values of a column come from.
    pub fn set_source(&mut self, column: &str, source: Source) {
        if let Some((_, old)) = self.sources.iter_mut().find(|(name, _)| name == column) {
            *old = source;
        }
    }

    fn name(&self) -> &str {
        &self.after.name.name
    }

    fn temporary(&self) -> String {
        format!("_aludel_new_{}", self.name())
    }

    /// A name for the rowid that no column has taken. <https://sqlite.org/lang_createtable.html#rowid>
    fn rowid(&self) -> Option<&'static str> {
        let taken = |name: &str| {
            self.before.columns.iter().chain(&self.after.columns).any(|column| column.name.eq_ignore_ascii_case(name))
        };
        ["rowid", "_rowid_", "oid"].into_iter().find(|name| !taken(name))
    }

    fn copy(&self) -> String {
        let mut targets = Vec::new();
        let mut values = Vec::new();
        let had_rowid = !self.before.options.flag("without_rowid");
        let has_rowid = !self.after.options.flag("without_rowid");
        if let Some(rowid) = self.rowid()
            && had_rowid
            && has_rowid
            && rowid_column(&self.after).is_none()
        {
            targets.push(rowid.to_owned());
            values.push(rowid.to_owned());
        }
        for (column, source) in &self.sources {
            let value = match source {
                Source::Default => continue,
                Source::Rowid => match self.rowid().filter(|_| had_rowid) {
                    Some(rowid) => rowid.to_owned(),
                    None => continue,
                },
                Source::Expression { sql, .. } => sql.clone(),
            };
            targets.push(quote(column));
            values.push(value);
        }
        // ON CONFLICT REPLACE or IGNORE in a definition would lose rows here: https://sqlite.org/lang_conflict.html
        let conflicts = self.after.columns.iter().any(|column| column.options.get("on_conflict").is_some())
            || self.after.constraints.iter().any(|constraint| constraint.options.get("on_conflict").is_some());
        let verb = if conflicts { "INSERT OR ABORT INTO" } else { "INSERT INTO" };
        let (new, old) = (quote(&self.temporary()), quote(self.name()));
        if targets.is_empty() {
            let names: Vec<&String> = self.after.columns.iter().map(|column| &column.name).take(1).collect();
            return format!("{verb} {new} ({}) SELECT NULL FROM {old}", quote_list(&names));
        }
        format!("{verb} {new} ({})\nSELECT {}\nFROM {old}", comma_list(targets), comma_list(values))
    }

    /// The statements for the counter of AUTOINCREMENT, which must not fall back to the largest number in use.
    fn counter(&self) -> Vec<String> {
        let (had, has) = (counts(&self.before), counts(&self.after));
        let (old, new) = (string_literal(self.name()), string_literal(&self.temporary()));
        let mut statements = Vec::new();
        if had && has {
            statements.push(format!("DELETE FROM sqlite_sequence WHERE name = {new}"));
            statements.push(format!(
                "INSERT INTO sqlite_sequence (name, seq) SELECT {new}, seq FROM sqlite_sequence WHERE name = {old}"
            ));
        }
        let first = |table: &Table| table.columns.iter().find_map(table::first_number).map(|(_, start)| start);
        if let Some(start) = first(&self.after).filter(|start| first(&self.before) != Some(*start)) {
            let last = start.saturating_sub(1);
            statements.push(table::start_at(&self.temporary(), start));
            statements.push(format!("UPDATE sqlite_sequence SET seq = {last} WHERE name = {new} AND seq < {last}"));
        }
        statements
    }

    /// Statements that do nothing but make SQLite compile every trigger of the table: one that uses a column that is gone
    /// would otherwise fail at the next write of the application.
    fn probes(&self) -> Vec<String> {
        let gone = |name: &str| self.after.column(name).is_none();
        if !self.before.columns.iter().any(|column| gone(&column.name)) {
            return Vec::new();
        }
        trigger_probes(&self.after)
    }
}

/// Statements that do nothing but make SQLite compile every trigger of a table.
pub fn trigger_probes(table: &Table) -> Vec<String> {
    let Some(column) = table.columns.iter().find(|column| column.computed.is_none()) else {
        return Vec::new();
    };
    let (table, column) = (quote(&table.name.name), quote(&column.name));
    vec![
        format!("INSERT INTO {table} ({column}) SELECT {column} FROM {table} WHERE 0"),
        format!("UPDATE {table} SET {column} = {column} WHERE 0"),
        format!("DELETE FROM {table} WHERE 0"),
    ]
}

/// Whether a table has AUTOINCREMENT.
fn counts(table: &Table) -> bool {
    use aludel_engine::schema::OptionValue;
    table.columns.iter().any(|column| {
        column.identity.is_some() && column.options.get("autoincrement") != Some(&OptionValue::Bool(false))
    })
}

/// The statements that rebuild tables together.
pub fn statements(rebuilds: &[Rebuild], schema: &Schema, why: &str) -> Result<Vec<Statement>, Unsupported> {
    let tables = comma_list(rebuilds.iter().map(|rebuild| string_literal(&rebuild.name().to_ascii_lowercase())));
    let shown = comma_list(rebuilds.iter().map(|rebuild| rebuild.before.name.to_string()));
    let guard = guard(rebuilds, &tables);
    let mut list = vec![
        Statement::ddl(guard.create())
            .within("PRAGMA foreign_keys = OFF", "PRAGMA foreign_keys = ON")
            .note(format!("SQLite cannot do this in place, so {shown} is rebuilt: {why}")),
    ];
    if let Some(first) = list.first_mut() {
        // What a statement below sets and an error leaves.
        first.epilogue.push("PRAGMA legacy_alter_table = OFF".to_owned());
        first.epilogue.push("PRAGMA writable_schema = OFF".to_owned());
    }
    let mut ddl = |sql: String| list.push(Statement::ddl(sql));
    guard.check(0).into_iter().for_each(&mut ddl);
    ddl(format!("CREATE TEMP TABLE {VIOLATIONS} AS\n{}", violations(&tables)));
    ddl(format!(
        "CREATE TEMP TABLE {TRIGGERS} AS\nSELECT rowid AS place, type, name, tbl_name, rootpage, sql FROM sqlite_schema\nWHERE type = 'trigger' AND lower(tbl_name) IN ({tables})"
    ));
    for rebuild in rebuilds {
        let body = table::body(&rebuild.after, &rebuild.temporary(), schema)?;
        list.push(Statement::ddl(format!("CREATE TABLE {body}")));
        list.push(Statement::dml(rebuild.copy()).work(Work::Copy).locks(&rebuild.before.name, LockLevel::BlocksWrites));
        list.extend(rebuild.counter().into_iter().map(Statement::dml));
    }
    list.extend(guard.check(1).map(|sql| Statement::ddl(sql).work(Work::Scan)));
    for rebuild in rebuilds {
        list.push(
            Statement::ddl(format!("DROP TABLE {}", quote(rebuild.name())))
                .locks(&rebuild.before.name, LockLevel::BlocksWrites),
        );
    }
    list.push(Statement::ddl("PRAGMA legacy_alter_table = ON"));
    for rebuild in rebuilds {
        let (new, name) = (quote(&rebuild.temporary()), quote(rebuild.name()));
        list.push(
            Statement::ddl(format!("ALTER TABLE {new} RENAME TO {name}"))
                .locks(&rebuild.before.name, LockLevel::BlocksWrites),
        );
    }
    list.push(Statement::ddl("PRAGMA legacy_alter_table = OFF"));
    for rebuild in rebuilds {
        for one in &rebuild.after.indexes {
            list.push(index::create(&rebuild.after.name, one, false)?);
        }
    }
    list.push(Statement::ddl("PRAGMA writable_schema = ON"));
    list.push(Statement::ddl(format!(
        "INSERT INTO sqlite_schema (type, name, tbl_name, rootpage, sql)\nSELECT type, name, tbl_name, rootpage, sql FROM temp.{TRIGGERS} ORDER BY place"
    )));
    list.push(Statement::ddl("PRAGMA writable_schema = RESET"));
    list.extend(rebuilds.iter().flat_map(Rebuild::probes).map(Statement::ddl));
    list.extend(guard.check(2).map(|sql| Statement::ddl(sql).work(Work::Scan)));
    list.push(Statement::ddl(format!("DROP TABLE temp.{TRIGGERS}")));
    list.push(Statement::ddl(format!("DROP TABLE temp.{VIOLATIONS}")));
    list.push(Statement::ddl(guard.drop()));
    Ok(list)
}

/// The statements around a transaction that rebuilds a table and also writes rows: foreign keys are off for all of it, so
/// they are checked for every table at its end.
pub fn transaction_guards() -> (Vec<Statement>, Vec<Statement>) {
    let opening = Statement::ddl(format!("CREATE TEMP TABLE {OUTER_VIOLATIONS} AS\n{ALL_VIOLATIONS}"));
    let mut guard = Guard::default();
    guard.group();
    guard.assert(
        "violations",
        "rows of this revision refer to rows that are not there: a foreign key is violated",
        format!("SELECT count(*) FROM (\n{ALL_VIOLATIONS}\nEXCEPT SELECT * FROM temp.{OUTER_VIOLATIONS})"),
    );
    let mut closing = vec![Statement::ddl(guard.create())];
    closing.extend(guard.check(0).map(|sql| Statement::ddl(sql).work(Work::Scan)));
    closing.push(Statement::ddl(format!("DROP TABLE temp.{OUTER_VIOLATIONS}")));
    closing.push(Statement::ddl(guard.drop()));
    (vec![opening.note("foreign keys are off while a table is rebuilt; they are checked at the end")], closing)
}

fn guard(rebuilds: &[Rebuild], tables: &str) -> Guard {
    let mut guard = Guard::default();
    let numbered = |name: &str, place: usize| match rebuilds.len() {
        1 => name.to_owned(),
        _ => format!("{name}_{}", place + 1),
    };
    guard.group();
    guard.assert(
        "foreign_keys",
        "foreign keys must be off while a table is rebuilt, or rows of other tables would be deleted",
        "SELECT foreign_keys FROM pragma_foreign_keys",
    );
    for (place, rebuild) in rebuilds.iter().enumerate() {
        let name = string_literal(rebuild.name());
        let known =
            |names: Vec<String>| comma_list(names.iter().map(|name| string_literal(&name.to_ascii_lowercase())));
        let columns = known(rebuild.before.columns.iter().map(|column| column.name.clone()).collect());
        let indexes = known(rebuild.before.indexes.iter().map(|index| index.name.clone()).collect());
        guard.assert(
            numbered("unknown_columns", place),
            format!("table {} has columns that the history does not know, which a rebuild would lose", rebuild.name()),
            format!("SELECT count(*) FROM pragma_table_xinfo({name}) WHERE lower(name) NOT IN ({columns})"),
        );
        guard.assert(
            numbered("unknown_indexes", place),
            format!("table {} has indexes that the history does not know, which a rebuild would lose", rebuild.name()),
            format!(
                "SELECT count(*) FROM sqlite_schema WHERE type = 'index' AND sql IS NOT NULL AND lower(tbl_name) = lower({name}) AND lower(name) NOT IN ({indexes})"
            ),
        );
    }
    guard.group();
    for (place, rebuild) in rebuilds.iter().enumerate() {
        let (old, new) = (quote(rebuild.name()), quote(&rebuild.temporary()));
        guard.assert(
            numbered("lost_rows", place),
            format!("rows of {} were lost on the way", rebuild.name()),
            format!("SELECT (SELECT count(*) FROM {old}) - (SELECT count(*) FROM {new})"),
        );
        for (column, source) in &rebuild.sources {
            if let Source::Expression { must_be: Some(kinds), .. } = source {
                guard.assert(
                    quote(&numbered(&format!("values_of_{column}"), place)),
                    format!(
                        "{}.{column} has values that are not {}; say with using how to convert them",
                        rebuild.name(),
                        kinds.describe()
                    ),
                    format!("SELECT count(*) FROM {new} WHERE typeof({}) NOT IN ({})", quote(column), kinds.allowed()),
                );
            }
        }
    }
    guard.group();
    guard.assert(
        "violations",
        "rows would refer to rows that are not there: a foreign key is violated",
        format!("SELECT count(*) FROM (\n{}\nEXCEPT SELECT * FROM temp.{VIOLATIONS})", violations(tables)),
    );
    guard
}

/// The violations of the foreign keys of tables and of all that refer to them, each with how often it is there: rows of a
/// table WITHOUT ROWID look alike. <https://sqlite.org/pragma.html#pragma_foreign_key_check>
fn violations(tables: &str) -> String {
    format!(
        "SELECT v.\"table\" AS child, v.rowid AS place, v.parent AS parent, count(*) AS times\n\
         FROM (SELECT DISTINCT s.name FROM sqlite_schema AS s LEFT JOIN pragma_foreign_key_list(s.name) AS f\n  \
         WHERE s.type = 'table' AND (lower(s.name) IN ({tables}) OR lower(f.\"table\") IN ({tables}))) AS c,\n  \
         pragma_foreign_key_check(c.name) AS v\n\
         GROUP BY 1, 2, 3"
    )
}
