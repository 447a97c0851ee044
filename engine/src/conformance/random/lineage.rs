//! What becomes of tables and columns on the way of some changes, so that rows can be followed.

use std::collections::BTreeMap;

use crate::change::Change;
use crate::driver::Row;
use crate::schema::{Column, ObjectName, Schema, Table};

/// The rows of each table.
pub(super) type Rows = BTreeMap<ObjectName, Vec<Row>>;

/// Where a column comes from, and which words its values have now.
#[derive(Debug, Clone)]
struct Origin {
    column: String,
    words: Vec<(String, String)>,
}

/// Where a table comes from.
#[derive(Debug, Clone)]
struct Line {
    table: ObjectName,
    /// The columns whose values are the same, by their present names.
    columns: BTreeMap<String, Origin>,
    grows: bool,
    shrinks: bool,
    /// Whether numbers may be written in another way (SQLite's STRICT tables keep a decimal as a REAL).
    rewritten: bool,
}

/// Compares rows before some changes with those after them, as far as they are the same rows.
///
/// # Errors
/// The difference.
pub(super) fn compare(
    changes: &[&Change],
    (before, old): (&Schema, &Rows),
    (after, new): (&Schema, &Rows),
) -> Result<(), String> {
    for (name, line) in lines(changes, before) {
        let places = |table: &Table, column: &str| table.position(column);
        let (Some(first), Some(second)) = (before.table(&line.table), after.table(&name)) else { continue };
        let (Some(old), Some(new)) = (old.get(&line.table), new.get(&name)) else { continue };
        let mut pairs = Vec::new();
        for (column, origin) in &line.columns {
            if let (Some(from), Some(to)) = (places(first, &origin.column), places(second, column)) {
                pairs.push((from, to, &origin.words));
            }
        }
        let mut old: Vec<Row> =
            old.iter().map(|row| pairs.iter().map(|(from, _, words)| reworded(row, *from, words)).collect()).collect();
        let mut new: Vec<Row> =
            new.iter().map(|row| pairs.iter().map(|(_, to, _)| row.get(*to).cloned().flatten()).collect()).collect();
        if line.rewritten {
            old.iter_mut().chain(&mut new).for_each(|row| row.iter_mut().for_each(plain_number));
        }
        old.sort();
        new.sort();
        let same = old == new || line.grows && contains(&new, &old) || line.shrinks && contains(&old, &new);
        if !same {
            let columns: Vec<&str> = line.columns.keys().map(String::as_str).collect();
            return Err(format!(
                "the rows of a table are not what they were\n  in: {name} ({})\n  before: {old:?}\n  after:  {new:?}",
                columns.join(" | ")
            ));
        }
    }
    Ok(())
}

/// A number without the fraction that is none.
fn plain_number(cell: &mut Option<String>) {
    if let Some(text) = cell
        && let Some((whole, fraction)) = text.split_once('.')
        && fraction.bytes().all(|digit| digit == b'0')
    {
        *text = whole.to_owned();
    }
}

fn reworded(row: &Row, place: usize, words: &[(String, String)]) -> Option<String> {
    let cell = row.get(place).cloned().flatten()?;
    Some(words.iter().find(|(old, _)| *old == cell).map_or(cell, |(_, new)| new.clone()))
}

/// Whether each of some rows is among others, as often as it is there.
fn contains(rows: &[Row], some: &[Row]) -> bool {
    let mut rest: Vec<&Row> = rows.iter().collect();
    some.iter().all(|row| rest.iter().position(|other| *other == row).map(|place| rest.swap_remove(place)).is_some())
}

/// The tables that are still there, by their present names.
fn lines(changes: &[&Change], before: &Schema) -> BTreeMap<ObjectName, Line> {
    let mut lines: BTreeMap<ObjectName, Line> =
        before.tables().map(|table| (table.name.clone(), line(table, before))).collect();
    let mut schema_enums: BTreeMap<ObjectName, Vec<(ObjectName, String)>> = BTreeMap::new();
    for table in before.tables() {
        for column in &table.columns {
            if let Some(name) = column.ty.enum_name() {
                schema_enums.entry(name.clone()).or_default().push((table.name.clone(), column.name.clone()));
            }
        }
    }
    for change in changes {
        match change {
            Change::CreateTable { table, .. } | Change::DropTable { table } => drop(lines.remove(&table.name)),
            Change::RenameTable { from, to } => {
                if let Some(line) = lines.remove(from) {
                    lines.insert(to.clone(), line);
                }
            }
            Change::DropColumn { table, column, .. } | Change::AddColumn { table, column, .. } => {
                if let Some(line) = lines.get_mut(table) {
                    line.columns.remove(&column.name);
                }
            }
            Change::RenameColumn { table, from, to } => {
                if let Some(line) = lines.get_mut(table)
                    && let Some(origin) = line.columns.remove(from)
                {
                    line.columns.insert(to.clone(), origin);
                }
            }
            Change::AlterColumn { table, before, after, existing_null_value, .. } => {
                let other = before.ty != after.ty || before.computed != after.computed || existing_null_value.is_some();
                if let Some(line) = lines.get_mut(table).filter(|_| other) {
                    line.columns.remove(&after.name);
                }
            }
            Change::AlterEnum { before, renamed, replaced, .. } => {
                let columns = schema_enums.get(&before.name).cloned().unwrap_or_default();
                for line in lines.values_mut() {
                    for origin in line.columns.values_mut() {
                        if columns.contains(&(line.table.clone(), origin.column.clone())) {
                            origin.reword(renamed, replaced);
                        }
                    }
                }
            }
            Change::AlterTable { table, .. } => {
                if let Some(line) = lines.get_mut(table) {
                    line.rewritten = true;
                }
            }
            Change::InsertRows(rows) => {
                if let Some(line) = lines.get_mut(&rows.table) {
                    line.grows = true;
                }
            }
            Change::DeleteRows(rows) => {
                if let Some(line) = lines.get_mut(&rows.0.table) {
                    line.shrinks = true;
                }
            }
            _ => {}
        }
    }
    lines
}

fn line(table: &Table, schema: &Schema) -> Line {
    let kept = |column: &&Column| column.computed.is_none();
    let words = |column: &Column| {
        let found = column.ty.enum_name().and_then(|name| schema.enumeration(name));
        found.map(|found| found.values.iter().map(|word| (word.clone(), word.clone())).collect()).unwrap_or_default()
    };
    let origin = |column: &Column| (column.name.clone(), Origin { column: column.name.clone(), words: words(column) });
    let columns = table.columns.iter().filter(kept).map(origin).collect();
    Line { table: table.name.clone(), columns, grows: false, shrinks: false, rewritten: false }
}

impl Origin {
    /// Notes that words become others, all at once.
    fn reword(&mut self, renamed: &[(String, String)], replaced: &[(String, String)]) {
        for (_, now) in &mut self.words {
            if let Some((_, new)) = renamed.iter().chain(replaced).find(|(old, _)| old == now) {
                now.clone_from(new);
            }
        }
    }
}
