//! What a change does to the model.

use std::sync::Arc;

use thiserror::Error;

use super::expression::rename_qualifiers;
use super::{Change, Position, object, rename_in_table};
use crate::schema::{Constraint, ConstraintKind, ObjectName, Schema, Table, Value};
use crate::sql::Lexicon;

/// A change that does not fit the schema it is applied to. Lowering finds such mistakes first and points at the text;
/// this is the model's own guard, for changes that come from a journal or a diff.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[allow(missing_docs)]
pub enum Conflict {
    #[error("there is no {what} `{name}`")]
    Missing { what: &'static str, name: String },
    #[error("there is a {what} `{name}` already")]
    Exists { what: &'static str, name: String },
}

pub(super) fn missing(what: &'static str, name: impl ToString) -> Conflict {
    Conflict::Missing { what, name: name.to_string() }
}

pub(super) fn exists(what: &'static str, name: impl ToString) -> Conflict {
    Conflict::Exists { what, name: name.to_string() }
}

impl Change {
    /// Applies this to a schema. The lexicon says how the dialect writes identifiers, which a renamed column needs
    /// where an expression mentions it.
    ///
    /// # Errors
    /// When the change does not fit; the schema is then unchanged.
    pub fn apply(&self, schema: &mut Schema, lexicon: &Lexicon) -> Result<(), Conflict> {
        match self {
            Change::CreateTable { table, .. } => {
                if schema.table(&table.name).is_some() {
                    return Err(exists("table", &table.name));
                }
                schema.put_table(Arc::clone(table));
            }
            Change::DropTable { table } => {
                schema.remove_table(&table.name).ok_or_else(|| missing("table", &table.name))?;
            }
            Change::RenameTable { from, to } => rename_table(schema, from, to, lexicon)?,
            Change::RenameColumn { table, from, to } => rename_column(schema, table, from, to, lexicon)?,
            Change::CreateEnum { enumeration } => {
                if schema.enumeration(&enumeration.name).is_some() {
                    return Err(exists("enum", &enumeration.name));
                }
                schema.put_enum(Arc::clone(enumeration));
            }
            Change::DropEnum { enumeration } => {
                schema.remove_enum(&enumeration.name).ok_or_else(|| missing("enum", &enumeration.name))?;
            }
            Change::AlterEnum { after, renamed, .. } => {
                schema.put_enum(Arc::clone(after));
                rename_enum_defaults(schema, &after.name, renamed);
            }
            Change::CreateObject { object, .. } => object::create(schema, object)?,
            Change::DropObject { object } => object::drop(schema, &object.id())?,
            Change::AlterObject { before, after } => object::alter(schema, before, after)?,
            Change::RenameObject { id, to } => object::rename(schema, id, to, lexicon)?,
            Change::Execute(execute) => {
                for change in &execute.effect {
                    change.apply(schema, lexicon)?;
                }
            }
            Change::Several(changes) => {
                for change in changes {
                    change.apply(schema, lexicon)?;
                }
            }
            Change::DropTableIfExists { .. }
            | Change::DropObjectIfExists { .. }
            | Change::Backfill(_)
            | Change::InsertRows(_)
            | Change::DeleteRows(_)
            | Change::UpdateRows(_)
            | Change::DeleteWhere(_)
            | Change::Assert(_)
            | Change::LoadRows(_)
            | Change::UnloadRows(_) => {}
            Change::AlterTable { table, .. }
            | Change::AddColumn { table, .. }
            | Change::DropColumn { table, .. }
            | Change::AlterColumn { table, .. }
            | Change::AddConstraint { table, .. }
            | Change::DropConstraint { table, .. }
            | Change::RenameConstraint { table, .. }
            | Change::ValidateConstraint { table, .. }
            | Change::InvalidateConstraint { table, .. }
            | Change::CreateIndex { table, .. }
            | Change::DropIndex { table, .. }
            | Change::RenameIndex { table, .. } => {
                let table = schema.table(table).ok_or_else(|| missing("table", table))?;
                let mut table = Table::clone(table);
                self.apply_to_table(&mut table)?;
                let name = table.name.clone();
                schema.put_table(table);
                self.apply_to_partitions(&name, schema)?;
            }
        }
        Ok(())
    }

    /// What happens to the columns of a table happens to those of its partitions, and of theirs.
    fn apply_to_partitions(&self, name: &ObjectName, schema: &mut Schema) -> Result<(), Conflict> {
        let primary_key = matches!(self, Change::AddConstraint { constraint, .. } if constraint.is_primary_key());
        let columns = matches!(self, Change::AddColumn { .. } | Change::DropColumn { .. } | Change::AlterColumn { .. });
        if !columns && !primary_key {
            return Ok(());
        }
        let partitions: Vec<Arc<Table>> = schema.partitions_of(name).cloned().collect();
        for partition in partitions {
            let mut partition = Table::clone(&partition);
            match self {
                Change::AddConstraint { constraint, .. } => not_null(&mut partition, constraint.columns()),
                change => change.apply_to_table(&mut partition)?,
            }
            let name = partition.name.clone();
            schema.put_table(partition);
            self.apply_to_partitions(&name, schema)?;
        }
        Ok(())
    }

    /// Applies a change of one table's definition that needs to look at no other table.
    fn apply_to_table(&self, table: &mut Table) -> Result<(), Conflict> {
        match self {
            Change::AlterTable { after, .. } => {
                table.comment.clone_from(&after.comment);
                table.options = after.options.clone();
            }
            Change::AddColumn { column, position, .. } => {
                if table.column(&column.name).is_some() {
                    return Err(exists("column", &column.name));
                }
                let index = match position {
                    Position::Last => table.columns.len(),
                    Position::First => 0,
                    Position::After(name) => table.position(name).ok_or_else(|| missing("column", name))? + 1,
                };
                table.columns.insert(index, column.clone());
            }
            Change::DropColumn { column, .. } => {
                let index = table.position(&column.name).ok_or_else(|| missing("column", &column.name))?;
                table.columns.remove(index);
            }
            Change::AlterColumn { after, .. } => {
                let index = table.position(&after.name).ok_or_else(|| missing("column", &after.name))?;
                table.columns[index] = after.clone();
            }
            Change::AddConstraint { constraint, .. } => {
                if let Some(name) = &constraint.name
                    && table.constraint(name).is_some()
                {
                    return Err(exists("constraint", name));
                }
                table.constraints.push(constraint.clone());
                if let ConstraintKind::PrimaryKey { columns } = &constraint.kind {
                    not_null(table, columns);
                }
            }
            Change::DropConstraint { constraint, .. } => {
                let same = |c: &Constraint| match &constraint.name {
                    Some(name) => c.name.as_ref() == Some(name),
                    None => c.kind == constraint.kind,
                };
                let index = table
                    .constraints
                    .iter()
                    .position(same)
                    .ok_or_else(|| missing("constraint", constraint.name.as_deref().unwrap_or("")))?;
                table.constraints.remove(index);
            }
            Change::RenameConstraint { from, to, .. } => {
                let constraint = table
                    .constraints
                    .iter_mut()
                    .find(|constraint| constraint.name.as_ref() == Some(from))
                    .ok_or_else(|| missing("constraint", from))?;
                constraint.name = Some(to.clone());
            }
            Change::ValidateConstraint { name, .. } | Change::InvalidateConstraint { name, .. } => {
                let constraint = table
                    .constraints
                    .iter_mut()
                    .find(|constraint| constraint.name.as_ref() == Some(name))
                    .ok_or_else(|| missing("constraint", name))?;
                constraint.validated = matches!(self, Change::ValidateConstraint { .. });
            }
            Change::CreateIndex { index, .. } => {
                if table.index(&index.name).is_some() {
                    return Err(exists("index", &index.name));
                }
                table.indexes.push(index.clone());
            }
            Change::DropIndex { index, .. } => {
                let at = table.indexes.iter().position(|i| i.name == index.name);
                table.indexes.remove(at.ok_or_else(|| missing("index", &index.name))?);
            }
            Change::RenameIndex { from, to, .. } => {
                let index =
                    table.indexes.iter_mut().find(|index| index.name == *from).ok_or_else(|| missing("index", from))?;
                index.name.clone_from(to);
            }
            // These look at more than one table's definition, and `apply` has done them.
            Change::CreateTable { .. }
            | Change::DropTable { .. }
            | Change::DropTableIfExists { .. }
            | Change::RenameTable { .. }
            | Change::RenameColumn { .. }
            | Change::CreateEnum { .. }
            | Change::DropEnum { .. }
            | Change::AlterEnum { .. }
            | Change::CreateObject { .. }
            | Change::DropObject { .. }
            | Change::DropObjectIfExists { .. }
            | Change::AlterObject { .. }
            | Change::RenameObject { .. }
            | Change::UpdateRows(_)
            | Change::DeleteWhere(_)
            | Change::Assert(_)
            | Change::LoadRows(_)
            | Change::UnloadRows(_)
            | Change::Several(_)
            | Change::InsertRows(_)
            | Change::DeleteRows(_)
            | Change::Backfill(_)
            | Change::Execute(_) => {}
        }
        Ok(())
    }
}

fn not_null(table: &mut Table, columns: &[String]) {
    for column in table.columns.iter_mut().filter(|column| columns.contains(&column.name)) {
        column.nullable = false;
    }
}

fn rename_table(schema: &mut Schema, from: &ObjectName, to: &ObjectName, lexicon: &Lexicon) -> Result<(), Conflict> {
    if schema.table(to).is_some() {
        return Err(exists("table", to));
    }
    let table = schema.remove_table(from).ok_or_else(|| missing("table", from))?;
    let mut table = Table::clone(&table);
    table.name = to.clone();
    rename_qualifiers(&mut table, from, to, lexicon);
    schema.put_table(table);
    object::follow_relation(schema, from, to, lexicon);
    let partitions: Vec<Arc<Table>> = schema.partitions_of(from).cloned().collect();
    for partition in partitions {
        let mut partition = Table::clone(&partition);
        partition.partition.iter_mut().for_each(|partition| partition.of = to.clone());
        schema.put_table(partition);
    }
    let referring: Vec<Arc<Table>> = schema.references_to(from).map(|(table, _, _)| Arc::clone(table)).collect();
    for table in referring {
        let mut table = Table::clone(&table);
        for constraint in &mut table.constraints {
            if let ConstraintKind::ForeignKey(key) = &mut constraint.kind
                && key.referred_table == *from
            {
                key.referred_table = to.clone();
            }
        }
        schema.put_table(table);
    }
    Ok(())
}

fn rename_column(
    schema: &mut Schema,
    name: &ObjectName,
    from: &str,
    to: &str,
    lexicon: &Lexicon,
) -> Result<(), Conflict> {
    let table = schema.table(name).ok_or_else(|| missing("table", name))?;
    if table.column(from).is_none() {
        return Err(missing("column", from));
    }
    if table.column(to).is_some() {
        return Err(exists("column", to));
    }
    let mut table = Table::clone(table);
    rename_in_table(&mut table, from, to, lexicon);
    schema.put_table(table);
    object::follow_column(schema, name, from, to, lexicon);
    let partitions: Vec<ObjectName> = schema.partitions_of(name).map(|partition| partition.name.clone()).collect();
    for partition in &partitions {
        rename_column(schema, partition, from, to, lexicon)?;
    }
    let referring: Vec<Arc<Table>> = schema.references_to(name).map(|(table, _, _)| Arc::clone(table)).collect();
    for table in referring {
        let mut table = Table::clone(&table);
        for constraint in &mut table.constraints {
            if let ConstraintKind::ForeignKey(key) = &mut constraint.kind
                && key.referred_table == *name
            {
                rename_in(&mut key.referred_columns, from, to);
            }
        }
        schema.put_table(table);
    }
    Ok(())
}

/// A default that is a renamed word of an enum is the new word from then on.
fn rename_enum_defaults(schema: &mut Schema, name: &ObjectName, renamed: &[(String, String)]) {
    let new_value = |default: &Option<Value>| default.as_ref().and_then(|value| renamed_words(value, renamed));
    let holders: Vec<Arc<Table>> = schema
        .enum_columns(name)
        .filter(|(_, column)| new_value(&column.default).is_some())
        .map(|(table, _)| Arc::clone(table))
        .collect();
    for table in holders {
        let mut table = Table::clone(&table);
        for column in table.columns.iter_mut().filter(|column| column.ty.enum_name() == Some(name)) {
            if let Some(value) = new_value(&column.default) {
                column.default = Some(value);
            }
        }
        schema.put_table(table);
    }
}

/// A value with the new words in place of the old; none when it has none of them.
fn renamed_words(value: &Value, renamed: &[(String, String)]) -> Option<Value> {
    match value {
        Value::Text(word) => renamed.iter().find(|(old, _)| old == word).map(|(_, new)| Value::Text(new.clone())),
        Value::List(items) => {
            let new: Vec<Option<Value>> = items.iter().map(|item| renamed_words(item, renamed)).collect();
            let changed = new.iter().any(Option::is_some);
            let all = new.into_iter().zip(items).map(|(new, old)| new.unwrap_or_else(|| old.clone()));
            changed.then(|| Value::List(all.collect()))
        }
        _ => None,
    }
}

/// Renames an entry of a list of names.
pub(super) fn rename_in(names: &mut [String], from: &str, to: &str) {
    for name in names.iter_mut().filter(|name| *name == from) {
        to.clone_into(name);
    }
}
