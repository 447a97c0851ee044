//! `rename_table`, `rename_column`, `rename_index`, `rename_constraint`

use super::drop_constraint::find_constraint;
use super::drop_index::find_index;
use super::lowering::object_kind;
use super::{Context, Lowering, ObjectReader, Operate, table_name};
use crate::change::Change;
use crate::diagnostic::{Diagnostics, codes};
use crate::dialect::ObjectKind;
use crate::schema::{ObjectName, Table};
use crate::source::{Node, Span, Spanned};

/// Gives a table another name. Foreign keys that refer to it follow; names of constraints and indexes stay.
#[derive(Debug, Clone)]
pub struct RenameTable {
    table: Spanned<ObjectName>,
    to: Spanned<String>,
}

impl Operate for RenameTable {
    fn read(node: &Node, _: Span, context: &Context, diagnostics: &mut Diagnostics) -> Option<Self> {
        let mut reader = ObjectReader::new(node, "rename_table", None, context, diagnostics)?;
        let table = table_name(&mut reader, "table", diagnostics);
        let to = reader.need("to", diagnostics);
        reader.finish(context, diagnostics);
        Some(RenameTable { table: table?, to: to? })
    }

    fn lower(&self, lowering: &mut Lowering<'_>) -> Option<()> {
        let from = lowering.table(&self.table)?.name.clone();
        // A bare name stays in the namespace, as in SQL.
        let to = match ObjectName::from(self.to.value.as_str()) {
            ObjectName { schema: None, name } => from.sibling(name),
            qualified => qualified,
        };
        // Another case of its own name is a new one; the very same is not.
        let own = (from != to).then_some(&from);
        lowering.free_table_name(&Spanned::new(to.clone(), self.to.span), own)?;
        lowering.emit(Change::RenameTable { from, to })
    }
}

/// Gives a column another name. Keys, indexes, checks, computed columns and references from other tables follow.
#[derive(Debug, Clone)]
pub struct RenameColumn {
    table: Spanned<ObjectName>,
    column: Spanned<String>,
    to: Spanned<String>,
}

impl Operate for RenameColumn {
    fn read(node: &Node, _: Span, context: &Context, diagnostics: &mut Diagnostics) -> Option<Self> {
        let mut reader = ObjectReader::new(node, "rename_column", None, context, diagnostics)?;
        let table = table_name(&mut reader, "table", diagnostics);
        let column = reader.need("column", diagnostics);
        let to = reader.need("to", diagnostics);
        reader.finish(context, diagnostics);
        Some(RenameColumn { table: table?, column: column?, to: to? })
    }

    fn lower(&self, lowering: &mut Lowering<'_>) -> Option<()> {
        let table = lowering.table(&self.table)?;
        lowering.own_columns(&table, self.table.span)?;
        lowering.column(&table, &self.column)?;
        lowering.identifier(&self.to.value, ObjectKind::Column, self.to.span)?;
        let folds = lowering.context.dialect.capabilities().folds_case;
        let taken = table.columns.iter().find(|column| {
            column.name == self.to.value
                || folds && column.name != self.column.value && column.name.eq_ignore_ascii_case(&self.to.value)
        });
        if let Some(taken) = taken {
            let message = format!("the table `{}` has a column `{}` already", table.name, taken.name);
            return lowering.refuse(&codes::COLUMN_EXISTS, message, self.to.span, "taken");
        }
        lowering.no_text_depends(&table.name, &self.column.value, Some(&self.to.value), self.column.span)?;
        lowering.emit(Change::RenameColumn {
            table: table.name.clone(),
            from: self.column.value.clone(),
            to: self.to.value.clone(),
        })
    }
}

/// Gives an index another name. `table` may be left out where only one table has an index of that name.
#[derive(Debug, Clone)]
pub struct RenameIndex {
    index: Spanned<String>,
    table: Option<Spanned<ObjectName>>,
    to: Spanned<String>,
}

impl Operate for RenameIndex {
    fn read(node: &Node, _: Span, context: &Context, diagnostics: &mut Diagnostics) -> Option<Self> {
        let mut reader = ObjectReader::new(node, "rename_index", None, context, diagnostics)?;
        let index = reader.need("index", diagnostics);
        let table = super::drop_index::optional_table(&mut reader, diagnostics);
        let to = reader.need("to", diagnostics);
        reader.finish(context, diagnostics);
        Some(RenameIndex { index: index?, table, to: to? })
    }

    fn lower(&self, lowering: &mut Lowering<'_>) -> Option<()> {
        let (table, index) = find_index(&self.index, self.table.as_ref(), lowering)?;
        let (from, to) = (index.name.clone(), lowering.context.fit(&self.to.value));
        lowering.identifier(&to, ObjectKind::Index, self.to.span)?;
        let mut rest = Table::clone(&table);
        if from != to {
            rest.indexes.retain(|other| *other != index);
        }
        lowering.free_index_name(&rest, &to, self.to.span)?;
        lowering.emit(Change::RenameIndex { table: table.name.clone(), from, to })
    }
}

/// Gives a constraint another name; its kind is known from the replay.
#[derive(Debug, Clone)]
pub struct RenameConstraint {
    table: Spanned<ObjectName>,
    constraint: Spanned<String>,
    to: Spanned<String>,
}

impl Operate for RenameConstraint {
    fn read(node: &Node, _: Span, context: &Context, diagnostics: &mut Diagnostics) -> Option<Self> {
        let mut reader = ObjectReader::new(node, "rename_constraint", None, context, diagnostics)?;
        let table = table_name(&mut reader, "table", diagnostics);
        let constraint = reader.need("constraint", diagnostics);
        let to = reader.need("to", diagnostics);
        reader.finish(context, diagnostics);
        Some(RenameConstraint { table: table?, constraint: constraint?, to: to? })
    }

    fn lower(&self, lowering: &mut Lowering<'_>) -> Option<()> {
        let table = lowering.table(&self.table)?;
        let mut constraint = find_constraint(&table, &self.constraint, lowering)?;
        let from = constraint.name.clone().unwrap_or_default();
        let to = lowering.context.fit(&self.to.value);
        lowering.identifier(&to, object_kind(&constraint), self.to.span)?;
        let mut rest = Table::clone(&table);
        if from != to {
            rest.constraints.retain(|other| *other != constraint);
        }
        constraint.name = Some(to.clone());
        lowering.free_constraint_name(&rest, &constraint, self.to.span)?;
        lowering.emit(Change::RenameConstraint { table: table.name.clone(), from, to })
    }
}
