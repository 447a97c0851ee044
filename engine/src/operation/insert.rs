//! `insert`

use super::definition::{fit_value, value};
use super::lowering::is_key;
use super::text::names;
use super::{Context, Lowering, ObjectReader, Operate, table_name};
use crate::change::{Change, InsertRows, OnConflict};
use crate::diagnostic::{Diagnostic, Diagnostics, codes};
use crate::schema::{Column, ObjectName, Table, Type, Value};
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
            let Some(column) = lowering.column(table, &Spanned::new(key.name.clone(), key.span)) else {
                complete = false;
                continue;
            };
            if column.computed.is_some() {
                let message = format!("the column `{}` is computed and takes no value", column.name);
                complete = false;
                lowering.report(Diagnostic::error(&codes::WRONG_VALUE, message).at(key.span, "remove this"));
                continue;
            }
            let Some(value) = value(node, &column.ty, lowering.context, lowering.diagnostics) else {
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
            let reason = match value {
                Value::Null if !column.nullable => Some(format!("the column `{}` is NOT NULL", column.name)),
                _ => fit_value(&value, &column, lowering.context, &lowering.schema).err(),
            };
            if reason.is_none()
                && let Err(refusal) = lowering.context.dialect.literal(&value, &column.ty)
            {
                complete = false;
                lowering.unsupported(refusal, node.span);
                continue;
            }
            if let Some(reason) = reason {
                complete = false;
                lowering
                    .report(Diagnostic::error(&codes::WRONG_VALUE, reason).at(node.span, "this value does not fit"));
                continue;
            }
            values.push(value);
        }
        complete.then_some(())?;
        Self::nothing_needed_is_left_out(table, row, self.table.span, lowering)?;
        Some(values)
    }

    /// A column that is NOT NULL and gets no value of its own accord must be in every row. What a native type makes of
    /// a row without a value (`serial`) is the database's to say.
    fn nothing_needed_is_left_out(
        table: &Table,
        row: &[(Key, Node)],
        span: Span,
        lowering: &mut Lowering<'_>,
    ) -> Option<()> {
        let needed = |column: &&Column| {
            !column.nullable
                && column.default.is_none()
                && column.identity.is_none()
                && column.computed.is_none()
                && !matches!(column.ty, Type::Native(_))
        };
        let given = |column: &&Column| row.iter().any(|(key, _)| key.name == column.name);
        let missing: Vec<String> = table
            .columns
            .iter()
            .filter(|column| needed(column) && !given(column))
            .map(|column| format!("`{}`", column.name))
            .collect();
        if missing.is_empty() {
            return Some(());
        }
        let message = format!("a row leaves out {}, which is NOT NULL and has no default", missing.join(", "));
        let span = row.first().map_or(span, |(key, _)| key.span);
        lowering.refuse(&codes::WRONG_VALUE, message, span, "in this row")
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
