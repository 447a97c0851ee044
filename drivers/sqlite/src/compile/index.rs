//! Indexes.

use aludel_engine::dialect::{Unsupported, comma_list};
use aludel_engine::plan::{LockLevel, Statement, Work};
use aludel_engine::schema::{Index, IndexKey, IndexPart, ObjectName};

use super::check;
use super::column::collation_name;
use crate::expression::parenthesised;
use crate::identifier::quote;

/// CREATE INDEX.
pub fn create(table: &ObjectName, index: &Index, if_not_exists: bool) -> Result<Statement, Unsupported> {
    check::index(index)?;
    let parts = comma_list(index.parts.iter().map(part));
    let unique = if index.unique { "UNIQUE " } else { "" };
    let guard = if if_not_exists { "IF NOT EXISTS " } else { "" };
    let mut sql = format!("CREATE {unique}INDEX {guard}{} ON {} ({parts})", quote(&index.name), quote(&table.name));
    if let Some(predicate) = &index.predicate {
        sql.push_str(&format!(" WHERE {predicate}"));
    }
    let mut statement = Statement::ddl(sql).work(Work::Index).locks(table, LockLevel::BlocksWrites);
    if index.parts.iter().any(|part| part.length.is_some()) {
        statement = statement.note("SQLite has no prefix indexes: the whole column is indexed");
    }
    if index.parts.iter().any(|part| part.opclass.is_some()) {
        statement = statement.note("SQLite has no operator classes: the column is indexed in its own order");
    }
    Ok(statement)
}

/// DROP INDEX.
pub fn drop(table: &ObjectName, name: &str) -> Statement {
    Statement::ddl(format!("DROP INDEX {}", quote(name))).locks(table, LockLevel::BlocksWrites)
}

fn part(part: &IndexPart) -> String {
    let mut text = match &part.key {
        IndexKey::Column(name) => quote(name),
        IndexKey::Expression(sql) => parenthesised(sql),
    };
    if let Some(collation) = &part.collation {
        text.push_str(&format!(" COLLATE {}", collation_name(collation)));
    }
    if part.descending {
        text.push_str(" DESC");
    }
    text
}
