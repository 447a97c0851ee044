//! Rows: putting them in, reading them as text, and seeing that they were kept.
//!
//! Cells are compared as the text the server prints. What a case expects is put into a second database with the same
//! schema and read back from there, so that the server itself says how a value looks.

use super::difference::lines;
use super::history::{History, Stop};
use super::spec::Spec;
use super::standing;
use crate::diagnostic::Diagnostics;
use crate::driver::{Connection, Row};
use crate::schema::{Column, ObjectName, Schema, Table};
use crate::source::{Key, Node, NodeKind};

/// The rows of every table.
pub(super) struct Rows(Vec<TableRows>);

struct TableRows {
    table: ObjectName,
    columns: Vec<(Column, Option<Vec<String>>)>,
    rows: Vec<Row>,
}

/// Puts rows into tables, with the statements of the `insert` operation.
pub(super) fn put(
    connection: &mut dyn Connection,
    history: &History,
    spec: &Spec,
    stop: Stop,
    tables: &[(String, Node)],
) -> Result<(), String> {
    let mut schema = history.model(stop).clone();
    for (table, rows) in tables {
        let mut diagnostics = Diagnostics::default();
        let changes = history.lower(stop, &insert(table, rows), &mut diagnostics);
        if diagnostics.has_errors() {
            return Err(spec.shown(&diagnostics));
        }
        for change in changes {
            standing::run(connection, &*history.dialect, &mut schema, &[change])
                .map_err(|why| format!("the rows of the case cannot be put into `{table}`: {why}"))?;
        }
    }
    Ok(())
}

/// `- insert: {table: …, rows: …}`
fn insert(table: &str, rows: &Node) -> Node {
    let span = rows.span;
    let map = |entries: Vec<(&str, Node)>| {
        let entries = entries.into_iter().map(|(name, node)| (Key { name: name.to_owned(), span }, node)).collect();
        Node { span, kind: NodeKind::Mapping(entries) }
    };
    let table = Node { span, kind: NodeKind::String(table.to_owned()) };
    let step = map(vec![("insert", map(vec![("table", table), ("rows", rows.clone())]))]);
    Node { span, kind: NodeKind::Sequence(vec![step]) }
}

/// Reads the rows of every table of a schema.
pub(super) fn read(connection: &mut dyn Connection, schema: &Schema) -> Result<Rows, String> {
    let mut all = Vec::new();
    for table in schema.tables() {
        let names: Vec<&str> = table.columns.iter().map(|column| column.name.as_str()).collect();
        let enums = |column: &Column| {
            column.ty.enum_name().and_then(|name| schema.enumeration(name)).map(|found| found.values.clone())
        };
        all.push(TableRows {
            table: table.name.clone(),
            columns: table.columns.iter().map(|column| (column.clone(), enums(column))).collect(),
            rows: select(connection, table, &names)?,
        });
    }
    Ok(Rows(all))
}

/// Some columns of all rows, in an order that depends on nothing but the cells.
fn select(connection: &mut dyn Connection, table: &Table, columns: &[&str]) -> Result<Vec<Row>, String> {
    let dialect = connection.dialect();
    let list: Vec<String> = columns.iter().map(|name| dialect.quote(name)).collect();
    let sql = format!("SELECT {} FROM {}", list.join(", "), dialect.quote_name(&table.name));
    let mut rows = connection.query(&sql).map_err(|error| format!("{error}\n  in: {sql}"))?;
    rows.sort();
    Ok(rows)
}

impl Rows {
    /// Sees that rows are the same later on, as far as they can be compared: in tables that are there both times, and
    /// in columns whose definition is the same. Tables that the case speaks of are compared with that instead. With
    /// `middle`, columns that were gone in between do not count; where the steps make rows, there may be more.
    ///
    /// # Errors
    /// The difference.
    pub(super) fn kept(
        &self,
        later: &Rows,
        except: &[(String, Node)],
        middle: Option<&Rows>,
        may_grow: bool,
    ) -> Result<(), String> {
        for before in &self.0 {
            let Some(after) = later.table(&before.table) else { continue };
            if except.iter().any(|(name, _)| *name == before.table.to_string()) {
                continue;
            }
            let names: Vec<&str> = before
                .columns
                .iter()
                .filter(|(column, enums)| {
                    after.has(column, enums.as_ref())
                        && middle.is_none_or(|middle| {
                            middle.table(&before.table).is_some_and(|middle| middle.has(column, enums.as_ref()))
                        })
                })
                .map(|(column, _)| column.name.as_str())
                .collect();
            let lost = middle.is_some_and(|middle| middle.table(&before.table).is_none());
            let (old, new) = (before.project(&names), after.project(&names));
            let same = old == new || may_grow && contains(&new, &old);
            if !lost && !same {
                return Err(format!(
                    "the rows of `{}` are not what they were ({})\n- before, + after\n{}",
                    before.table,
                    names.join(" | "),
                    lines(&shown(&old), &shown(&new))
                ));
            }
        }
        Ok(())
    }

    fn table(&self, name: &ObjectName) -> Option<&TableRows> {
        self.0.iter().find(|found| found.table == *name)
    }
}

impl TableRows {
    /// Whether there is a column with the same kind of values.
    fn has(&self, column: &Column, enums: Option<&Vec<String>>) -> bool {
        self.columns.iter().any(|(other, values)| {
            other.name == column.name
                && other.ty == column.ty
                && other.nullable == column.nullable
                && other.computed == column.computed
                && values.as_ref() == enums
        })
    }

    fn project(&self, names: &[&str]) -> Vec<Row> {
        let places: Vec<usize> =
            names.iter().filter_map(|name| self.columns.iter().position(|(column, _)| column.name == *name)).collect();
        let pick = |row: &Row| places.iter().map(|place| row.get(*place).cloned().flatten()).collect();
        let mut rows: Vec<Row> = self.rows.iter().map(pick).collect();
        rows.sort();
        rows
    }
}

/// Compares the rows of tables with those a case expects. `standing` is an empty database with the same schema, which is
/// emptied of nothing: it is used once.
pub(super) fn expect(
    connection: &mut dyn Connection,
    standing: &mut dyn Connection,
    history: &History,
    spec: &Spec,
    stop: Stop,
    expected: &[(String, Node)],
) -> Result<(), String> {
    let given: Vec<(String, Node)> =
        expected.iter().map(|(name, rows)| (name.clone(), without_computed(history, stop, name, rows))).collect();
    put(standing, history, spec, stop, &given)?;
    for (name, rows) in expected {
        let Some(table) = history.model(stop).table(&ObjectName::from(name.as_str())) else {
            return Err(format!("rows are expected of `{name}`, which is no table"));
        };
        let columns = columns_of(rows);
        let columns: Vec<&str> = match columns.as_slice() {
            [] => table.columns.iter().map(|column| column.name.as_str()).collect(),
            some => some.iter().map(String::as_str).collect(),
        };
        let wanted = select(standing, table, &columns)?;
        let found = select(connection, table, &columns)?;
        if wanted != found {
            return Err(format!(
                "the rows of `{name}` are not as expected ({})\n- expected, + found\n{}",
                columns.join(" | "),
                lines(&shown(&wanted), &shown(&found))
            ));
        }
    }
    Ok(())
}

/// Compares the rows of a table with texts, as the server prints them.
pub(super) fn expect_cells(connection: &mut dyn Connection, table: &Table, expected: &Node) -> Result<(), String> {
    let columns = columns_of(expected);
    let columns: Vec<&str> = columns.iter().map(String::as_str).collect();
    let mut wanted = Vec::new();
    if let NodeKind::Sequence(rows) = &expected.kind {
        for row in rows {
            let cell = |name: &&str| match row.get(name).map(|node| &node.kind) {
                Some(NodeKind::String(text) | NodeKind::Number(text)) => Some(text.clone()),
                Some(NodeKind::Integer(number)) => Some(number.to_string()),
                _ => None,
            };
            wanted.push(columns.iter().map(cell).collect::<Row>());
        }
    }
    wanted.sort();
    let found = select(connection, table, &columns)?;
    if wanted == found {
        return Ok(());
    }
    Err(format!(
        "the cells of `{}` are not as expected ({})\n- expected, + found\n{}",
        table.name,
        columns.join(" | "),
        lines(&shown(&wanted), &shown(&found))
    ))
}

/// Whether each of some rows is among others, as often as it is there.
fn contains(rows: &[Row], some: &[Row]) -> bool {
    let mut rest: Vec<&Row> = rows.iter().collect();
    some.iter().all(|row| rest.iter().position(|other| *other == row).map(|place| rest.swap_remove(place)).is_some())
}

/// The columns that any of the rows names, in the order of the first mention.
fn columns_of(rows: &Node) -> Vec<String> {
    let mut names: Vec<String> = Vec::new();
    let NodeKind::Sequence(rows) = &rows.kind else { return names };
    for row in rows {
        let NodeKind::Mapping(cells) = &row.kind else { continue };
        for (key, _) in cells {
            if !names.contains(&key.name) {
                names.push(key.name.clone());
            }
        }
    }
    names
}

/// Rows without the cells that the database computes.
fn without_computed(history: &History, stop: Stop, table: &str, rows: &Node) -> Node {
    let table = history.model(stop).table(&ObjectName::from(table));
    let computed =
        |name: &str| table.and_then(|table| table.column(name)).is_some_and(|column| column.computed.is_some());
    let cells = |row: &Node| match &row.kind {
        NodeKind::Mapping(cells) => {
            let cells = cells.iter().filter(|(key, _)| !computed(&key.name)).cloned().collect();
            Node { span: row.span, kind: NodeKind::Mapping(cells) }
        }
        _ => row.clone(),
    };
    match &rows.kind {
        NodeKind::Sequence(items) => {
            Node { span: rows.span, kind: NodeKind::Sequence(items.iter().map(cells).collect()) }
        }
        _ => rows.clone(),
    }
}

fn shown(rows: &[Row]) -> String {
    let cell = |cell: &Option<String>| cell.clone().map_or_else(|| "NULL".to_owned(), |text| format!("{text:?}"));
    let lines: Vec<String> = rows.iter().map(|row| row.iter().map(cell).collect::<Vec<_>>().join(" | ")).collect();
    lines.join("\n")
}
