//! `insert`

use super::cell::{fitting, missing, target};
use super::lowering::is_key;
use super::text::names;
use super::{Context, Lowering, ObjectReader, Operate, table_name};
use crate::change::{Change, InsertRows, OnConflict};
use crate::diagnostic::{Diagnostic, Diagnostics, codes};
use crate::schema::{ObjectName, Table, Value};
use crate::source::{Key, Node, Span, Spanned, entries, items, one_of};

/// Inserts rows.
///
/// Values are checked against the types of the columns. Rows need not have the same columns: what a row leaves out gets
/// its default. `on_conflict: ignore` leaves a row whose key is there, `update` gives it the new values. Undone by
/// deleting the rows by `key`, which is unique, or by their primary key where every row has it; otherwise, where a key
/// value is left to the database, and with `ignore` without a `key`, the revision is irreversible.
#[derive(Debug, Clone)]
pub struct Insert {
    table: Spanned<ObjectName>,
    rows: Vec<Vec<(Key, Node)>>,
    on_conflict: OnConflict,
    key: Option<Spanned<Vec<String>>>,
}

impl Operate for Insert {
    fn read(node: &Node, _: Span, context: &Context, diagnostics: &mut Diagnostics) -> Option<Self> {
        const CONFLICT: [(&str, OnConflict); 3] =
            [("error", OnConflict::Error), ("ignore", OnConflict::Ignore), ("update", OnConflict::Update)];
        let mut reader = ObjectReader::new(node, "insert", None, context, diagnostics)?;
        let table = table_name(&mut reader, "table", diagnostics);
        let rows = reader.need_node("rows", diagnostics).and_then(|node| items(node, diagnostics)).map(|rows| {
            let read = rows.iter().filter_map(|row| entries(row, diagnostics));
            read.map(<[(Key, Node)]>::to_vec).collect::<Vec<_>>()
        });
        let on_conflict =
            reader.node("on_conflict").and_then(|node| one_of(node, "conflict rule", &CONFLICT, diagnostics));
        let key =
            reader.node("key").and_then(|node| names(node, diagnostics).map(|names| Spanned::new(names, node.span)));
        reader.finish(context, diagnostics);
        Some(Insert { table: table?, rows: rows?, on_conflict: on_conflict.unwrap_or_default(), key })
    }

    fn lower(&self, lowering: &mut Lowering<'_>) -> Option<()> {
        let table = lowering.table(&self.table)?;
        if let Some(key) = &self.key {
            lowering.columns(&table, &key.value, key.span)?;
            if !is_key(&table, &key.value) {
                let message = format!(
                    "`{}` ({}) is neither the primary key nor unique, so other rows could have the same values",
                    table.name,
                    key.value.join(", ")
                );
                return lowering.refuse(&codes::NOT_A_KEY, message, key.span, "these columns do not name one row");
            }
        }
        let mut complete = true;
        let mut batches: Vec<InsertRows> = Vec::new();
        for row in &self.rows {
            let Some(values) = self.row(&table, row, lowering) else {
                complete = false;
                continue;
            };
            let columns: Vec<String> = row.iter().map(|(key, _)| key.name.clone()).collect();
            // Rows with the same columns one after another become one statement; the order of rows is kept.
            match batches.last_mut() {
                Some(batch) if batch.columns.iter().map(|(name, _)| name).eq(&columns) => batch.rows.push(values),
                _ => batches.push(self.batch(&table, &columns, values)),
            }
        }
        complete.then_some(())?;
        for batch in batches {
            if self.on_conflict == OnConflict::Update && batch.key.is_empty() {
                let message = "`on_conflict: update` needs `key:` or the primary key in every row";
                return lowering.refuse(&codes::CONTRADICTION, message, self.table.span, "of this insert");
            }
            lowering.emit(Change::InsertRows(batch))?;
        }
        Some(())
    }
}

impl Insert {
    fn row(&self, table: &Table, row: &[(Key, Node)], lowering: &mut Lowering<'_>) -> Option<Vec<Value>> {
        let mut values = Vec::with_capacity(row.len());
        let mut complete = true;
        for (key, node) in row {
            let column = target(table, key, lowering);
            let Some((value, column)) = column.and_then(|column| Some((fitting(node, &column, lowering)?, column)))
            else {
                complete = false;
                continue;
            };
            if value == Value::Null && self.key.as_ref().is_some_and(|names| names.value.contains(&column.name)) {
                let message = format!("the key column `{}` is NULL, which any number of rows may be", column.name);
                complete = false;
                lowering.report(
                    Diagnostic::error(&codes::NOT_A_KEY, message)
                        .at(node.span, "does not name the row")
                        .help("give it a value, or insert this row in a step of its own without that `key`"),
                );
                continue;
            }
            values.push(value);
        }
        complete.then_some(())?;
        if let Some(missing) = missing(table, |column| row.iter().any(|(key, _)| key.name == column)) {
            let message = format!("a row leaves out {missing}, which is NOT NULL and has no default");
            let span = row.first().map_or(self.table.span, |(key, _)| key.span);
            return lowering.refuse(&codes::WRONG_VALUE, message, span, "in this row");
        }
        Some(values)
    }

    fn batch(&self, table: &Table, columns: &[String], first: Vec<Value>) -> InsertRows {
        let key = match &self.key {
            Some(key) => key.value.clone(),
            None => table.primary_key_columns().to_vec(),
        };
        // A row that `ignore` left alone may have been there before, so only an explicit key makes it this revision's.
        let owned = self.on_conflict != OnConflict::Ignore || self.key.is_some();
        let named = owned && !key.is_empty() && key.iter().all(|column| columns.contains(column));
        InsertRows {
            table: table.name.clone(),
            columns: columns
                .iter()
                .filter_map(|name| table.column(name).map(|column| (name.clone(), column.ty.clone())))
                .collect(),
            rows: vec![first],
            on_conflict: self.on_conflict,
            key: if named { key } else { Vec::new() },
        }
    }
}
