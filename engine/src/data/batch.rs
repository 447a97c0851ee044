//! Rows in batches, each compiled as an insert of so many rows would be.

use super::{DataError, Row, RowSource};
use crate::change::{Change, DeleteRows, InsertRows, LoadRows, OnConflict};
use crate::dialect::{Compile, Unsupported};
use crate::plan::Statement;
use crate::schema::{Schema, Value};

/// How many rows a batch has at most.
const ROWS: usize = 500;

/// The statements of one batch, and the lines of the file that its first and last row begin on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Batch {
    /// The statements.
    pub statements: Vec<String>,
    /// The line of the first row.
    pub first: u64,
    /// The line of the last row.
    pub last: u64,
}

/// Rows of a file as statements, batch by batch.
pub struct Batches<'b> {
    compile: &'b CompileBatch<'b>,
    load: &'b LoadRows,
    remove: bool,
    rows: &'b mut dyn RowSource,
}

impl std::fmt::Debug for Batches<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Batches").field("file", &self.load.file.name).finish_non_exhaustive()
    }
}

/// What compiles a batch: a dialect.
pub type CompileBatch<'b> = dyn Fn(&Compile<'_>, &[Change]) -> Result<Vec<Statement>, Unsupported> + 'b;

impl<'b> Batches<'b> {
    /// The rows of a file as INSERT statements, or as DELETE statements that find them by their key.
    pub fn new(
        compile: &'b CompileBatch<'b>,
        load: &'b LoadRows,
        remove: bool,
        rows: &'b mut dyn RowSource,
    ) -> Batches<'b> {
        Batches { compile, load, remove, rows }
    }

    /// The next batch; none at the end.
    ///
    /// # Errors
    /// What is wrong with a row.
    pub fn next_batch(&mut self) -> Result<Option<Batch>, DataError> {
        let mut rows: Vec<Row> = Vec::with_capacity(ROWS);
        while rows.len() < ROWS
            && let Some(row) = self.rows.next_row()?
        {
            rows.push(row);
        }
        let (Some(first), Some(last)) = (rows.first().map(|row| row.line), rows.last().map(|row| row.line)) else {
            return Ok(None);
        };
        let lines: Vec<u64> = rows.iter().map(|row| row.line).collect();
        let values: Vec<Vec<Value>> = rows.into_iter().map(|row| row.values).collect();
        let mut insert = self.insert(values);
        let (statements, refused) = self.compile(&mut insert);
        let statements = match refused {
            None => statements,
            Some(refusal) => {
                // One of them; each by itself says which.
                let each = lines.iter().zip(insert.rows).find_map(|(line, row)| {
                    let refusal = self.compile(&mut self.insert(vec![row])).1?;
                    Some((*line, refusal))
                });
                let (line, refusal) = each.unwrap_or((first, refusal));
                let column = refusal.object.map(|object| object.rsplit('.').next().unwrap_or_default().to_owned());
                let file = self.load.file.name.clone();
                return Err(DataError::Row { file, line, column, reason: refusal.message });
            }
        };
        Ok(Some(Batch { statements, first, last }))
    }

    fn insert(&self, rows: Vec<Vec<Value>>) -> InsertRows {
        InsertRows {
            table: self.load.table.clone(),
            columns: self.load.columns().map(|column| (column.name.clone(), column.ty.clone())).collect(),
            rows,
            on_conflict: OnConflict::Error,
            key: self.load.key.clone(),
        }
    }

    /// The statements for some rows, or why there are none.
    fn compile(&self, insert: &mut InsertRows) -> (Vec<String>, Option<Unsupported>) {
        let schema = Schema::default();
        let context = Compile { before: &schema, after: &schema };
        let owned = std::mem::replace(insert, self.insert(Vec::new()));
        let change = match self.remove {
            true => Change::DeleteRows(DeleteRows(owned)),
            false => Change::InsertRows(owned),
        };
        let compiled = (self.compile)(&context, std::slice::from_ref(&change));
        if let Change::InsertRows(rows) | Change::DeleteRows(DeleteRows(rows)) = change {
            *insert = rows;
        }
        match compiled {
            Ok(statements) => (statements.into_iter().map(|statement| statement.sql).collect(), None),
            Err(refusal) => (Vec::new(), Some(refusal)),
        }
    }
}
