//! `create_primary_key`, `create_unique_constraint`, `create_check_constraint`, `create_foreign_key`,
//! `create_exclude_constraint`

use super::definition::{ConstraintDefinition, constraint};
use super::{Context, Lowering, ObjectReader, Operate, table_name};
use crate::change::Change;
use crate::diagnostic::{Diagnostics, codes};
use crate::dialect::ObjectKind;
use crate::schema::{Column, ObjectName, Table};
use crate::source::{Node, Span, Spanned};

/// A constraint for a table that is there.
#[derive(Debug, Clone)]
struct CreateConstraint {
    table: Spanned<ObjectName>,
    definition: ConstraintDefinition,
}

impl CreateConstraint {
    fn read(
        node: &Node,
        what: &str,
        kind: ObjectKind,
        context: &Context,
        diagnostics: &mut Diagnostics,
    ) -> Option<Self> {
        let mut reader = ObjectReader::new(node, what, Some(kind), context, diagnostics)?;
        let table = table_name(&mut reader, "table", diagnostics);
        let definition = constraint(kind, &mut reader, context, diagnostics);
        reader.finish(context, diagnostics);
        Some(CreateConstraint { table: table?, definition: definition? })
    }

    fn lower(&self, lowering: &mut Lowering<'_>) -> Option<()> {
        let table = lowering.table(&self.table)?;
        let ConstraintDefinition { constraint, unnamed, span } = &self.definition;
        if let (true, Some(key)) = (constraint.is_primary_key(), table.primary_key()) {
            let message = format!("the table `{}` has a primary key already: {}", table.name, key.columns().join(", "));
            return lowering.refuse(&codes::PRIMARY_KEY_EXISTS, message, *span, "drop that one first");
        }
        let constraint = lowering.complete_constraint(&table, constraint.clone(), *unnamed, None, *span)?;
        let mut changed = Table::clone(&table);
        changed.constraints.push(constraint.clone());
        lowering.check_table(&changed, *span, |_| None)?;
        if constraint.is_primary_key() {
            // A step of its own, so that taking back the key gives the columns their NULLs again.
            for before in table.columns.iter().filter(|c| c.nullable && constraint.columns().contains(&c.name)) {
                let after = Column { nullable: false, ..before.clone() };
                let (before, table) = (before.clone(), table.name.clone());
                lowering.emit(Change::alter_column(table, before, after))?;
            }
        }
        lowering.emit(Change::AddConstraint { table: table.name.clone(), constraint })
    }
}

macro_rules! create_constraint {
    ($(#[$doc:meta])* $type:ident, $key:literal, $kind:expr) => {
        $(#[$doc])*
        #[derive(Debug, Clone)]
        pub struct $type(CreateConstraint);

        impl Operate for $type {
            fn read(node: &Node, _: Span, context: &Context, diagnostics: &mut Diagnostics) -> Option<Self> {
                CreateConstraint::read(node, $key, $kind, context, diagnostics).map(Self)
            }

            fn lower(&self, lowering: &mut Lowering<'_>) -> Option<()> {
                self.0.lower(lowering)
            }
        }
    };
}

create_constraint! {
    /// Gives a table its primary key; the columns become NOT NULL. Undone by dropping it.
    CreatePrimaryKey, "create_primary_key", ObjectKind::PrimaryKey
}

create_constraint! {
    /// Demands that no two rows are alike in some columns. Undone by dropping it.
    CreateUniqueConstraint, "create_unique_constraint", ObjectKind::Unique
}

create_constraint! {
    /// Demands a condition of each row. With `not_valid: true`, where the database has it, rows that are there already
    /// are checked later, by `validate_constraint`. Undone by dropping it.
    CreateCheckConstraint, "create_check_constraint", ObjectKind::Check
}

create_constraint! {
    /// Makes columns refer to a row of another table. With `not_valid: true`, where the database has it, rows that are
    /// there already are checked later, by `validate_constraint`. Undone by dropping it.
    CreateForeignKey, "create_foreign_key", ObjectKind::ForeignKey
}

create_constraint! {
    /// Demands that no two rows have elements that all compare true, each under its operator: `{column: room, with: "="}`
    /// and `{column: during, with: "&&"}` keep a room from being booked twice at a time. Undone by dropping it.
    CreateExcludeConstraint, "create_exclude_constraint", ObjectKind::Exclude
}
