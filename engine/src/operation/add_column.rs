//! `add_column`

use super::create_table::{check_column, column_constraints, column_index};
use super::definition::ColumnDefinition;
use super::{Context, Lowering, ObjectReader, Operate, table_name};
use crate::change::{Change, Position};
use crate::diagnostic::{Diagnostic, Diagnostics, codes};
use crate::dialect::ObjectKind;
use crate::schema::{Constraint, ConstraintKind, ObjectName, Table};
use crate::source::{Node, Span, Spanned};

/// Adds a column, with the column keys of `create_table`.
///
/// It goes after the others unless `first: true` or `after: column` says otherwise, where the database can. Undone by
/// dropping it; with `if_not_exists` it may be older than the revision, which is then irreversible.
#[derive(Debug, Clone)]
pub struct AddColumn {
    table: Spanned<ObjectName>,
    definition: ColumnDefinition,
    position: Spanned<Position>,
    if_not_exists: bool,
}

impl Operate for AddColumn {
    fn read(node: &Node, span: Span, context: &Context, diagnostics: &mut Diagnostics) -> Option<Self> {
        let mut reader = ObjectReader::new(node, "add_column", Some(ObjectKind::Column), context, diagnostics)?;
        let table = table_name(&mut reader, "table", diagnostics);
        let name: Option<Spanned<String>> = reader.need("column", diagnostics);
        let (text, place) = name.as_ref().map_or(("", span), |name| (name.value.as_str(), name.span));
        let definition = ColumnDefinition::read_keys(text, place, &mut reader, context, diagnostics);
        let after: Option<Spanned<String>> = reader.get("after", diagnostics);
        let first: Option<Spanned<bool>> = reader.get("first", diagnostics);
        let if_not_exists = reader.flag("if_not_exists", diagnostics);
        reader.finish(context, diagnostics);
        let position = match (after, first) {
            (Some(after), Some(first)) if first.value => {
                diagnostics.push(
                    Diagnostic::error(&codes::CONTRADICTION, "a column goes either `first` or `after` another")
                        .at(after.span, "after")
                        .at(first.span, "and first"),
                );
                return None;
            }
            (Some(after), _) => after.map(Position::After),
            (None, Some(first)) if first.value => first.map(|_| Position::First),
            _ => Spanned::new(Position::Last, span),
        };
        name?;
        Some(AddColumn { table: table?, definition: definition?, position, if_not_exists })
    }

    fn lower(&self, lowering: &mut Lowering<'_>) -> Option<()> {
        let table = lowering.table(&self.table)?;
        lowering.own_columns(&table, self.table.span)?;
        let name = &self.definition.column.name;
        let folds = lowering.context.dialect.capabilities().folds_case;
        let same = |other: &str| other == name || folds && other.eq_ignore_ascii_case(name);
        if table.columns.iter().any(|column| same(&column.name)) {
            if self.if_not_exists {
                return Some(());
            }
            let message = format!("the table `{}` has a column `{name}` already", table.name);
            return lowering.refuse(&codes::COLUMN_EXISTS, message, self.definition.span, "taken");
        }
        if let Position::After(other) = &self.position.value {
            lowering.column(&table, &Spanned::new(other.clone(), self.position.span))?;
        }
        lowering.declare_enum(self.definition.inline_enum.as_ref())?;
        check_column(&self.definition, lowering)?;
        let mut changed = Table::clone(&table);
        let index = match &self.position.value {
            Position::Last => changed.columns.len(),
            Position::First => 0,
            Position::After(other) => changed.position(other).map_or(0, |index| index + 1),
        };
        changed.columns.insert(index, self.definition.column.clone());
        if self.definition.primary_key {
            let kind = ConstraintKind::PrimaryKey { columns: vec![name.clone()] };
            changed.constraints.push(Constraint::new(None, kind));
        }
        lowering.check_table(&changed, self.definition.span, |object| {
            (object == name.as_str()).then_some(self.definition.type_span)
        })?;
        lowering.emit(Change::AddColumn {
            table: table.name.clone(),
            column: self.definition.column.clone(),
            position: self.position.value.clone(),
            if_not_exists: self.if_not_exists,
        })?;
        self.add_constraints(lowering)
    }
}

impl AddColumn {
    fn add_constraints(&self, lowering: &mut Lowering<'_>) -> Option<()> {
        let mut pending = column_constraints(&self.definition);
        if self.definition.primary_key {
            let table = lowering.table(&self.table)?;
            if let Some(key) = table.primary_key() {
                let message =
                    format!("the table `{}` has a primary key already: {}", table.name, key.columns().join(", "));
                return lowering.refuse(&codes::PRIMARY_KEY_EXISTS, message, self.definition.span, "a second one");
            }
            let kind = ConstraintKind::PrimaryKey { columns: vec![self.definition.column.name.clone()] };
            pending.insert(0, (Constraint::new(None, kind), true, None, self.definition.span));
        }
        for (constraint, unnamed, own_column, span) in pending {
            let table = lowering.table(&self.table)?;
            let constraint = lowering.complete_constraint(&table, constraint, unnamed, own_column.as_deref(), span)?;
            lowering.emit(Change::AddConstraint { table: table.name.clone(), constraint })?;
        }
        if let Some((index, span)) = column_index(&self.definition) {
            let table = lowering.table(&self.table)?;
            let index = lowering.complete_index(&table, index, span)?;
            lowering.emit(Change::CreateIndex { table: table.name.clone(), index, if_not_exists: false })?;
        }
        Some(())
    }
}
