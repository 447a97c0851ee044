//! Changes as statements: one function per change.

mod alter_column;
mod assert;
mod backfill;
mod column;
mod comment;
mod constraint;
mod data;
mod detach;
mod domain;
mod enumeration;
mod execute;
mod index;
mod namespace;
mod numbering;
mod object;
mod rewrite;
mod rights;
mod routine;
mod rows;
mod sequence;
mod table;
#[cfg(test)]
mod tests;
mod trigger;
mod using;
mod view;

use aludel_engine::change::Change;
use aludel_engine::dialect::{Compile, Dialect, Unsupported};
use aludel_engine::plan::Statement;
use aludel_engine::schema::{ObjectName, OptionValue, Options, Schema, Table};

use crate::identifier::quote;
use crate::version::Features;

pub(crate) use column::default_storage;
pub(crate) use execute::leading_words;

/// What every part of the compiler looks at.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Context<'a> {
    /// The dialect itself.
    pub dialect: &'a dyn Dialect,
    /// The schema before the change.
    pub before: &'a Schema,
    /// The schema after it.
    pub after: &'a Schema,
    /// What the version has.
    pub features: &'a Features,
}

impl<'a> Context<'a> {
    /// A table as the change finds it.
    fn table_before(&self, name: &'a ObjectName) -> Option<&'a Table> {
        self.before.table(name).map(AsRef::as_ref)
    }

    /// A table as the change leaves it.
    fn table_after(&self, name: &'a ObjectName) -> Option<&'a Table> {
        self.after.table(name).map(AsRef::as_ref)
    }
}

pub(crate) type Compiled = Result<Vec<Statement>, Unsupported>;

/// The statements that make changes happen.
///
/// # Errors
/// When PostgreSQL cannot do it with the meaning kept.
pub fn changes(dialect: &dyn Dialect, context: &Compile<'_>, features: &Features, changes: &[Change]) -> Compiled {
    let context = Context { dialect, before: context.before, after: context.after, features };
    let mut statements = Vec::new();
    for change in changes {
        statements.extend(self::change(&context, change)?);
    }
    Ok(statements)
}

fn change(context: &Context<'_>, change: &Change) -> Compiled {
    match change {
        Change::CreateTable { table, if_not_exists } => table::create(context, table, *if_not_exists),
        Change::DropTable { table } => Ok(table::drop(context, table)),
        Change::DropTableIfExists { table } => Ok(table::drop_if_exists(table)),
        Change::RenameTable { from, to } => table::rename(from, to),
        Change::AlterTable { table, before, after } => table::alter(table, before, after),
        Change::AddColumn { table, column, position, if_not_exists } => {
            column::add(context, table, column, position, *if_not_exists)
        }
        Change::DropColumn { table, column, .. } => Ok(column::drop(context, table, column)),
        Change::RenameColumn { table, from, to } => Ok(column::rename(table, from, to)),
        Change::AlterColumn { table, before, after, using, existing_null_value, using_down: _ } => {
            let alter = alter_column::AlterColumn {
                table,
                before,
                after,
                using: using.as_deref(),
                existing_null_value: existing_null_value.as_ref(),
            };
            let statements = alter_column::compile(context, &alter)?;
            match alter.replaces() {
                true => view::around(context, &[table], statements),
                false => Ok(statements),
            }
        }
        Change::AddConstraint { table, constraint } => constraint::add(context, table, constraint),
        Change::DropConstraint { table, constraint } => constraint::drop_key(context, table, constraint),
        Change::RenameConstraint { table, from, to } => Ok(constraint::rename(table, from, to)),
        Change::ValidateConstraint { table, name } => Ok(constraint::validate(context, table, name)),
        // Nothing in the catalog says that a constraint is to be looked at again, and what holds goes on holding.
        Change::InvalidateConstraint { .. } => Ok(Vec::new()),
        Change::CreateIndex { table, index, if_not_exists } => index::create(context, table, index, *if_not_exists),
        Change::DropIndex { table, index } => index::drop_key(context, table, index),
        Change::RenameIndex { table, from, to } => Ok(index::rename(table, from, to)),
        Change::CreateEnum { enumeration } => enumeration::create(enumeration),
        Change::DropEnum { enumeration } => Ok(enumeration::drop(enumeration)),
        Change::AlterEnum { before, after, renamed, replaced } => {
            enumeration::alter(context, &enumeration::AlterEnum { before, after, renamed, replaced })
        }
        Change::CreateObject { .. }
        | Change::DropObject { .. }
        | Change::DropObjectIfExists { .. }
        | Change::AlterObject { .. }
        | Change::RenameObject { .. } => object::change(context, change),
        Change::InsertRows(rows) => data::insert(context, rows),
        Change::DeleteRows(rows) => data::delete(context, &rows.0),
        Change::Backfill(backfill) => backfill::backfill(context.dialect, backfill),
        Change::UpdateRows(update) => rows::update(context, update),
        Change::DeleteWhere(delete) => rows::delete(context, delete),
        Change::Assert(assert) => assert::statement(context, assert).map(|statement| vec![statement]),
        Change::LoadRows(load) => Ok(data::load(context, load)),
        Change::UnloadRows(load) => Ok(vec![data::unload(load)]),
        Change::Several(several) => several
            .iter()
            .map(|one| self::change(context, one))
            .collect::<Result<Vec<_>, _>>()
            .map(|made| made.concat()),
        Change::Execute(execute) => execute::execute(execute),
    }
}

/// Names, quoted, with commas between them.
fn names<T: AsRef<str>>(names: impl IntoIterator<Item = T>) -> String {
    let quoted: Vec<String> = names.into_iter().map(|name| quote(name.as_ref())).collect();
    quoted.join(", ")
}

/// Storage parameters: `fillfactor = 70, autovacuum_enabled = false`.
fn storage_parameters(options: &Options) -> Result<Option<String>, Unsupported> {
    let Some(OptionValue::Map(parameters)) = options.get("with") else {
        return Ok(None);
    };
    let mut parts = Vec::new();
    for (name, value) in parameters {
        parts.push(format!("{} = {}", parameter_name(name), parameter_value(name, value)?));
    }
    Ok((!parts.is_empty()).then(|| parts.join(", ")))
}

/// The name of a storage parameter, of which the ones for the TOAST table have a namespace: `toast.autovacuum_enabled`.
fn parameter_name(name: &str) -> String {
    match name.split_once('.') {
        Some((namespace, name)) => format!("{}.{}", quote(namespace), quote(name)),
        None => quote(name),
    }
}

fn parameter_value(name: &str, value: &OptionValue) -> Result<String, Unsupported> {
    match value {
        OptionValue::Bool(flag) => Ok(flag.to_string()),
        OptionValue::Integer(number) => Ok(number.to_string()),
        OptionValue::Text(text) if crate::literal::is_decimal(text) => Ok(text.clone()),
        OptionValue::Text(text) => crate::literal::string(text, &aludel_engine::schema::Type::Text),
        OptionValue::List(_) | OptionValue::Map(_) => {
            Err(Unsupported::new(format!("the storage parameter `{name}` takes one value")).about(name))
        }
    }
}
