//! Changes into statements, one function for each kind of change.
//!
//! Changes of one table that follow each other come together. Where SQLite can alter in place they become one statement
//! each; where one of them cannot, the table is rebuilt once for all of them ([`rebuild`]).

pub mod alter;
mod assert;
mod backfill;
pub mod check;
pub mod column;
pub mod constraint;
pub mod data;
pub mod enumeration;
pub mod execute;
mod guard;
pub mod index;
mod object;
pub mod rebuild;
mod rows;
mod source;
pub mod table;

use aludel_engine::change::Change;
use aludel_engine::dialect::{Compile, Unsupported};
use aludel_engine::plan::Statement;
use aludel_engine::schema::{ObjectName, Schema};

use crate::dialect::Sqlite;
use crate::lex::LEXICON;

/// The statements that make changes happen.
///
/// # Errors
/// When SQLite cannot do it with the meaning kept.
pub fn compile(dialect: &Sqlite, context: &Compile<'_>, changes: &[Change]) -> Result<Vec<Statement>, Unsupported> {
    let mut statements = Vec::new();
    let mut before = context.before.clone();
    let mut rest = changes;
    while let Some(first) = rest.first() {
        let together = match first.alters_table() {
            true => rest.iter().take_while(|change| change.alters_table() && change.table() == first.table()).count(),
            false => 1,
        };
        let (group, others) = rest.split_at(together);
        let after = applied(&before, group)?;
        statements.extend(compile_group(dialect, &before, &after, group)?);
        before = after;
        rest = others;
    }
    Ok(statements)
}

/// A schema with changes applied. The engine has applied them before, so this does not fail.
pub(crate) fn applied(schema: &Schema, changes: &[Change]) -> Result<Schema, Unsupported> {
    let mut schema = schema.clone();
    for change in changes {
        change.apply(&mut schema, &LEXICON).map_err(|conflict| Unsupported::new(conflict.to_string()))?;
    }
    Ok(schema)
}

fn compile_group(
    dialect: &Sqlite,
    before: &Schema,
    after: &Schema,
    group: &[Change],
) -> Result<Vec<Statement>, Unsupported> {
    let [change, ..] = group else {
        return Ok(Vec::new());
    };
    if let Some(table) = change.table() {
        refuse_namespace(table)?;
    }
    match change {
        Change::CreateTable { table, if_not_exists } => table::create(dialect, table, *if_not_exists, after),
        Change::DropTable { table } => Ok(table::drop(&table.name)),
        Change::DropTableIfExists { table } => Ok(table::drop_if_exists(table)),
        Change::RenameTable { from, to } => table::rename(from, to),
        Change::AlterTable { .. }
        | Change::AddColumn { .. }
        | Change::DropColumn { .. }
        | Change::RenameColumn { .. }
        | Change::AlterColumn { .. }
        | Change::AddConstraint { .. }
        | Change::DropConstraint { .. }
        | Change::RenameConstraint { .. }
        | Change::ValidateConstraint { .. }
        | Change::InvalidateConstraint { .. }
        | Change::CreateIndex { .. }
        | Change::DropIndex { .. }
        | Change::RenameIndex { .. } => object::around(before, after, alter::compile(dialect, before, after, group)?),
        // An enum is nothing but the checks of the columns that have it.
        Change::CreateEnum { .. } | Change::DropEnum { .. } => Ok(Vec::new()),
        Change::AlterEnum { before: old, after: new, renamed, replaced } => {
            enumeration::alter(dialect, before, after, old, new, &[renamed.as_slice(), replaced.as_slice()].concat())
        }
        Change::CreateObject { .. }
        | Change::DropObject { .. }
        | Change::DropObjectIfExists { .. }
        | Change::AlterObject { .. }
        | Change::RenameObject { .. } => object::change(dialect, before, after, change),
        Change::InsertRows(rows) => data::insert(rows),
        Change::DeleteRows(rows) => data::delete(&rows.0),
        Change::Backfill(backfill) => backfill::backfill(dialect, backfill),
        Change::UpdateRows(update) => rows::update(update),
        Change::DeleteWhere(delete) => rows::delete(delete),
        Change::Assert(assert) => assert::statement(assert).map(|statement| vec![statement]),
        Change::LoadRows(load) => Ok(vec![data::load(load)]),
        Change::UnloadRows(load) => Ok(vec![data::unload(load)]),
        Change::Several(changes) => self::compile(dialect, &Compile { before, after }, changes),
        Change::Execute(execute) => execute::statements(execute),
    }
}

/// SQLite has no namespaces: what looks like one is another file that a session attached.
pub(crate) fn refuse_namespace(name: &ObjectName) -> Result<(), Unsupported> {
    match &name.schema {
        None => Ok(()),
        Some(schema) => {
            Err(Unsupported::new(format!("SQLite has no namespaces, so there is no table `{name}` in `{schema}`"))
                .about(name.to_string())
                .help("leave the namespace out for SQLite, with a step that is `only: [sqlite]` if need be"))
        }
    }
}
