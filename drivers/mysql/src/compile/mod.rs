//! From changes to statements: one function for each kind of change.

mod alter;
mod assert;
mod backfill;
mod clash;
mod column;
mod constraint;
mod data;
mod enumeration;
mod index;
mod object;
mod replace;
mod rows;
pub(crate) mod sequence;
mod support;
mod table;

pub(crate) use support::IDENTITY_INDEX;

use aludel_engine::change::Change;
use aludel_engine::dialect::{Compile, Dialect, Unsupported};
use aludel_engine::plan::{LockLevel, Statement, Work};
use aludel_engine::schema::{ObjectName, Schema, Table};

use crate::dialect::MySql;
use crate::partition;

/// The statements that make the changes happen.
pub(crate) fn changes(
    dialect: &MySql,
    context: &Compile<'_>,
    changes: &[Change],
) -> Result<Vec<Statement>, Unsupported> {
    let compiler = Compiler { dialect, before: context.before, after: context.after };
    let mut statements = Vec::new();
    for change in changes {
        statements.extend(compiler.change(change)?);
    }
    Ok(statements)
}

/// Everything about a table's definition that this dialect cannot hold.
pub(crate) fn check_table(dialect: &MySql, table: &Table, schema: &Schema) -> Vec<Unsupported> {
    let compiler = Compiler { dialect, before: schema, after: schema };
    let mut refused = Vec::new();
    for column in &table.columns {
        refused.extend(compiler.column_definition(table, column, schema).err().map(|e| e.about(&column.name)));
    }
    for constraint in &table.constraints {
        let name = constraint.name.clone().unwrap_or_else(|| constraint.describe().to_owned());
        refused.extend(compiler.constraint_clause(table, constraint).err().map(|e| e.about(name)));
    }
    for index in &table.indexes {
        refused.extend(compiler.index_clause(table, index).err().map(|e| e.about(&index.name)));
    }
    refused.extend(table.columns.iter().filter_map(|column| compiler.refuse_generated(table, column)));
    refused.extend(compiler.table_options(table).err());
    refused.extend(clash::found(dialect, table));
    refused.extend(partition::check(dialect, table, schema));
    let mut identities = table.columns.iter().filter(|column| column.identity.is_some());
    if let (Some(first), Some(second)) = (identities.next(), identities.next()) {
        refused.push(
            Unsupported::new(format!(
                "the table `{}` has two identity columns, `{}` and `{}`; {} allows one",
                table.name,
                first.name,
                second.name,
                dialect.flavour().title()
            ))
            .about(&second.name)
            .help("give one of them its numbers another way"),
        );
    }
    refused
}

/// The dialect with the schema around a change.
struct Compiler<'a> {
    dialect: &'a MySql,
    before: &'a Schema,
    after: &'a Schema,
}

impl Compiler<'_> {
    fn change(&self, change: &Change) -> Result<Vec<Statement>, Unsupported> {
        match change {
            Change::CreateTable { table, if_not_exists } => self.create_table(table, *if_not_exists),
            Change::DropTable { table } => Ok(self.drop_table(&table.name, false)),
            Change::DropTableIfExists { table } => Ok(self.drop_table(table, true)),
            Change::RenameTable { from, to } => self.rename_table(from, to),
            Change::AlterTable { table, before, after } => self.alter_table(table, before, after),
            Change::AddColumn { table, column, position, if_not_exists } => {
                self.add_column(table, column, position, *if_not_exists)
            }
            Change::DropColumn { table, column, .. } => self.drop_column(table, column),
            Change::RenameColumn { table, from, to } => {
                let mut statements = self.rename_column(table, from, to)?;
                statements.extend(self.followers()?);
                Ok(statements)
            }
            Change::AlterColumn { table, before, after, using, existing_null_value, using_down: _ } => {
                self.alter_column(table, before, after, using.as_deref(), existing_null_value.as_ref())
            }
            Change::AddConstraint { table, constraint } => self.add_constraint(table, constraint),
            Change::DropConstraint { table, constraint } => self.drop_constraint(table, constraint),
            Change::RenameConstraint { table, from, to } => self.rename_constraint(table, from, to),
            // Nothing can be there unchecked: `not_valid` is refused.
            Change::ValidateConstraint { .. } | Change::InvalidateConstraint { .. } => Ok(Vec::new()),
            Change::CreateIndex { table, index, if_not_exists } => self.create_index(table, index, *if_not_exists),
            Change::DropIndex { table, index } => self.drop_index(table, index),
            Change::RenameIndex { table, from, to } => self.rename_index(table, from, to),
            // An enum lives in the types of the columns that have it.
            Change::CreateEnum { .. } | Change::DropEnum { .. } => Ok(Vec::new()),
            Change::AlterEnum { before, after, renamed, replaced } => self.alter_enum(before, after, renamed, replaced),
            Change::CreateObject { .. }
            | Change::DropObject { .. }
            | Change::DropObjectIfExists { .. }
            | Change::AlterObject { .. }
            | Change::RenameObject { .. } => self.object(change),
            Change::InsertRows(rows) => self.insert_rows(rows),
            Change::DeleteRows(rows) => self.delete_rows(&rows.0),
            Change::Backfill(backfill) => self.backfill(backfill),
            Change::UpdateRows(update) => self.update_rows(update),
            Change::DeleteWhere(delete) => self.delete_where(delete),
            Change::Assert(assert) => self.assert(assert).map(|statement| vec![statement]),
            Change::LoadRows(load) => Ok(vec![self.load_rows(load)]),
            Change::UnloadRows(load) => Ok(vec![self.unload_rows(load)]),
            Change::Several(several) => {
                several.iter().map(|one| self.change(one)).collect::<Result<Vec<_>, _>>().map(|made| made.concat())
            }
            Change::Execute(execute) => self.execute(execute),
        }
    }

    fn quote(&self, identifier: &str) -> String {
        self.dialect.quote(identifier)
    }

    fn name(&self, name: &ObjectName) -> String {
        self.dialect.quote_name(name)
    }

    /// The product, for messages.
    fn title(&self) -> &'static str {
        self.dialect.flavour().title()
    }

    /// Names with commas between them.
    fn names<'n>(&self, names: impl IntoIterator<Item = &'n String>) -> String {
        aludel_engine::dialect::comma_list(names.into_iter().map(|name| self.quote(name)))
    }

    /// A table of the schema before the change.
    fn table_before(&self, name: &ObjectName) -> Result<&Table, Unsupported> {
        self.before
            .table(name)
            .map(AsRef::as_ref)
            .ok_or_else(|| Unsupported::new(format!("there is no table `{name}`")))
    }

    /// A table of the schema after the change.
    fn table_after(&self, name: &ObjectName) -> Result<&Table, Unsupported> {
        self.after.table(name).map(AsRef::as_ref).ok_or_else(|| Unsupported::new(format!("there is no table `{name}`")))
    }

    /// One ALTER TABLE. Short when there is one clause, a line for each otherwise.
    fn alter(&self, table: &ObjectName, clauses: &[String], work: Work) -> Statement {
        let name = self.name(table);
        let sql = match clauses {
            [clause] => format!("ALTER TABLE {name} {clause}"),
            clauses => format!("ALTER TABLE {name}\n  {}", clauses.join(",\n  ")),
        };
        ddl(sql, table, work)
    }
}

/// A statement that commits by itself, with the lock that its kind of work takes.
fn ddl(sql: String, table: &ObjectName, work: Work) -> Statement {
    let level = match work {
        // The exclusive metadata lock is held for an instant, but everybody queues behind a statement that waits for it.
        Work::Metadata => LockLevel::BlocksAll,
        Work::Scan | Work::Index | Work::Rebuild => LockLevel::Online,
        Work::Copy | Work::Rows => LockLevel::BlocksWrites,
    };
    Statement::ddl(sql).outside().work(work).locks(table, level)
}
