//! Indexes.

use aludel_engine::dialect::{Unsupported, string_literal};
use aludel_engine::plan::{LockLevel, Statement, TimeoutClass, Work};
use aludel_engine::schema::{Index, IndexKey, IndexPart, Nulls, ObjectName, Table};

use super::column::collation_name;
use super::{Compiled, Context, comment, detach, names, storage_parameters};
use crate::identifier::quote;
use crate::types::quote_name;
use crate::{check, expression};

/// An index appears.
pub fn create(context: &Context<'_>, table: &ObjectName, index: &Index, if_not_exists: bool) -> Compiled {
    let concurrently = index.options.flag("concurrently");
    if concurrently && is_divided(context, table) {
        return Err(Unsupported::new(format!(
            "PostgreSQL cannot create the index `{}` concurrently on the partitioned table `{table}`",
            index.name
        ))
        .about(&index.name)
        .help("remove `concurrently`, or create the index on each partition concurrently first"));
    }
    let statement = Statement::ddl(definition(context, table, index, if_not_exists, concurrently)?).work(Work::Index);
    let statement = match concurrently {
        false => statement.locks(table, LockLevel::BlocksWrites),
        true => statement.outside().timeout(TimeoutClass::Online).locks(table, LockLevel::Online).cleanup(
            unusable(table, index),
            format!("DROP INDEX CONCURRENTLY IF EXISTS {}", quoted_name(table, index)),
        ),
    };
    let mut statements = vec![statement];
    statements.extend(comment_on_new(table, index)?);
    Ok(statements)
}

fn quoted_name(table: &ObjectName, index: &Index) -> String {
    quote_name(&table.sibling(&index.name))
}

/// A query that has a row if the index is what an interrupted build left, and nobody is building it at this moment.
fn unusable(table: &ObjectName, index: &Index) -> String {
    let name = string_literal(&quoted_name(table, index));
    format!(
        "SELECT 1 FROM pg_catalog.pg_index WHERE indexrelid = pg_catalog.to_regclass({name}) AND NOT indisvalid \
         AND NOT EXISTS (SELECT FROM pg_catalog.pg_stat_progress_create_index p WHERE p.index_relid = indexrelid)"
    )
}

/// An index of a table that is made at the same time: nobody is in its way, so it needs no `concurrently`.
pub fn create_on_new_table(context: &Context<'_>, table: &Table, index: &Index, if_not_exists: bool) -> Compiled {
    let mut statements = vec![Statement::ddl(definition(context, &table.name, index, if_not_exists, false)?)];
    statements.extend(comment_on_new(&table.name, index)?);
    Ok(statements)
}

fn comment_on_new(table: &ObjectName, index: &Index) -> Result<Option<Statement>, Unsupported> {
    comment::on_new(&format!("INDEX {}", quote_name(&table.sibling(&index.name))), index.comment.as_deref())
}

fn definition(
    context: &Context<'_>,
    table: &ObjectName,
    index: &Index,
    if_not_exists: bool,
    concurrently: bool,
) -> Result<String, Unsupported> {
    check::index(index, context.features)?;
    let mut sql = format!(
        "CREATE {}INDEX {}{}{} ON {} ",
        if index.unique { "UNIQUE " } else { "" },
        if concurrently { "CONCURRENTLY " } else { "" },
        if if_not_exists { "IF NOT EXISTS " } else { "" },
        quote(&index.name),
        quote_name(table),
    );
    if let Some(method) = index.options.text("using") {
        sql.push_str(&format!("USING {} ", quote(&method.to_lowercase())));
    }
    let parts: Vec<String> = index.parts.iter().map(part).collect();
    sql.push_str(&format!("({})", parts.join(", ")));
    let included = index.options.texts("include");
    if !included.is_empty() {
        sql.push_str(&format!(" INCLUDE ({})", names(included)));
    }
    if index.options.flag("nulls_not_distinct") {
        sql.push_str(" NULLS NOT DISTINCT");
    }
    if let Some(parameters) = storage_parameters(&index.options)? {
        sql.push_str(&format!(" WITH ({parameters})"));
    }
    if let Some(tablespace) = index.options.text("tablespace") {
        sql.push_str(&format!(" TABLESPACE {}", quote(tablespace)));
    }
    if let Some(predicate) = &index.predicate {
        sql.push_str(&format!(" WHERE {predicate}"));
    }
    Ok(sql)
}

/// A key of an index or an exclusion.
pub fn part(part: &IndexPart) -> String {
    let mut sql = match &part.key {
        IndexKey::Column(name) => quote(name),
        IndexKey::Expression(text) => expression::parenthesised(text),
    };
    if let Some(collation) = &part.collation {
        sql.push_str(&format!(" COLLATE {}", collation_name(collation)));
    }
    if let Some(opclass) = &part.opclass {
        sql.push_str(&format!(" {}", operator_class(opclass)));
    }
    if part.descending {
        sql.push_str(" DESC");
    }
    match part.nulls {
        Some(Nulls::First) => sql.push_str(" NULLS FIRST"),
        Some(Nulls::Last) => sql.push_str(" NULLS LAST"),
        None => {}
    }
    sql
}

/// An operator class, which may have parameters: `gist_trgm_ops (siglen = 32)`.
fn operator_class(text: &str) -> String {
    let (name, parameters) = match text.split_once('(') {
        Some((name, parameters)) => (name.trim(), Some(parameters)),
        None => (text.trim(), None),
    };
    let name: Vec<String> = name.split('.').map(quote).collect();
    match parameters {
        Some(parameters) => format!("{} ({parameters}", name.join(".")),
        None => name.join("."),
    }
}

/// Whether a table is divided into partitions, whose indexes nobody can drop while others work.
fn is_divided(context: &Context<'_>, table: &ObjectName) -> bool {
    context.table_before(table).is_some_and(|table| table.options.text("partition_by").is_some())
}

/// An index goes; foreign keys that another key of the same columns can serve are bound to that one.
pub fn drop_key(context: &Context<'_>, table: &ObjectName, index: &Index) -> Compiled {
    if index.options.flag("concurrently") && is_divided(context, table) {
        return Err(Unsupported::new(format!(
            "PostgreSQL cannot drop the index `{}` of the partitioned table `{table}` concurrently",
            index.name
        ))
        .about(&index.name)
        .help("remove `concurrently`"));
    }
    let columns: Vec<&str> = index.parts.iter().filter_map(IndexPart::column_name).collect();
    if !index.unique || index.predicate.is_some() || columns.len() < index.parts.len() {
        return Ok(drop(table, index));
    }
    let mut detached = detach::from_key(context, table, &columns)?;
    if index.options.flag("concurrently") && !detached.drop.is_empty() {
        return Err(Unsupported::new(format!(
            "a foreign key may be bound to the index `{}`, and would be missing while that is dropped concurrently",
            index.name
        ))
        .about(&index.name)
        .help("remove `concurrently`: the foreign key is then bound to the other key in one transaction"));
    }
    let mut statements = std::mem::take(&mut detached.drop);
    statements.extend(drop(table, index));
    statements.append(&mut detached.restore);
    Ok(statements)
}

/// An index goes.
pub fn drop(table: &ObjectName, index: &Index) -> Vec<Statement> {
    let name = quote_name(&table.sibling(&index.name));
    vec![match index.options.flag("concurrently") {
        false => Statement::ddl(format!("DROP INDEX {name}")).locks(table, LockLevel::BlocksAll),
        true => Statement::ddl(format!("DROP INDEX CONCURRENTLY {name}"))
            .outside()
            .timeout(TimeoutClass::Online)
            .locks(table, LockLevel::Online),
    }]
}

/// An index gets another name, which locks the index and not the table.
pub fn rename(table: &ObjectName, from: &str, to: &str) -> Vec<Statement> {
    vec![Statement::ddl(format!("ALTER INDEX {} RENAME TO {}", quote_name(&table.sibling(from)), quote(to)))]
}
