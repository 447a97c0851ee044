//! Rows in batches.

use aludel_engine::change::Backfill;
use aludel_engine::dialect::Unsupported;
use aludel_engine::plan::{Batches, KeyColumn, Statement};

use crate::dialect::Sqlite;
use crate::identifier::quote;

/// UPDATE in batches. `quote()` gives a value as a literal of its own storage class, numbers to the last bit.
/// <https://sqlite.org/lang_corefunc.html#quote>
pub fn backfill(dialect: &Sqlite, backfill: &Backfill) -> Result<Vec<Statement>, Unsupported> {
    let column = |name: &str| {
        let sql = quote(name);
        KeyColumn { name: name.to_owned(), column: sql.clone(), literal: format!("quote({sql})"), sql }
    };
    let key = backfill.key.iter().map(|(name, _)| column(name)).collect();
    Ok(vec![Statement::batched(Batches::new(dialect, backfill, key)?)])
}
