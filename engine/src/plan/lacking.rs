//! Columns that take no NULL and come back without a value for the rows that are there. Where a definition commits by itself
//! the database would refuse that in the middle of a revision, so the rows are looked for before anything runs.

use std::collections::BTreeSet;

use super::Replayed;
use crate::change::Change;
use crate::diagnostic::{Diagnostic, codes};
use crate::dialect::Dialect;
use crate::operation::LoweredStep;
use crate::revision::RevisionId;
use crate::schema::{Column, ObjectName, Type};
use crate::source::Span;

/// A column whose rows would lack a value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Lacking {
    /// The revision whose downgrade brings the column back.
    pub revision: RevisionId,
    /// Its table.
    pub table: ObjectName,
    /// The column.
    pub column: String,
    /// Whether it is there already and takes NULL until then.
    pub present: bool,
    /// The step that says so; none where it is from the database's own record.
    pub span: Option<Span>,
}

impl Lacking {
    /// A query that gives a row where a value would be lacking.
    #[must_use]
    pub fn query(&self, dialect: &dyn Dialect) -> String {
        let table = dialect.quote_name(&self.table);
        match self.present {
            true => format!("SELECT 1 FROM {table} WHERE {} IS NULL LIMIT 1", dialect.quote(&self.column)),
            false => format!("SELECT 1 FROM {table} LIMIT 1"),
        }
    }

    /// Why the downgrade is not begun.
    #[must_use]
    pub fn diagnostic(&self) -> Diagnostic {
        let (table, column) = (&self.table, &self.column);
        let why = match self.present {
            true => format!("`{table}.{column}` takes no NULL before `{}`, and rows hold NULL there", self.revision),
            false => format!("`{table}.{column}` comes back without a default, takes no NULL, and the table has rows"),
        };
        let help = "say what the rows get: write the revision's `downgrade:` out, with `add_column` and a `default` or \
                    with `alter_column` and `existing_null_value`, or update the rows before";
        let diagnostic = Diagnostic::error(&codes::LACKING_VALUE, format!("rows would lack a value: {why}"));
        let diagnostic = diagnostic.note("nothing has been run").help(help);
        match self.span {
            Some(span) => diagnostic.at(span, "because of this step"),
            None => diagnostic,
        }
    }
}

/// What of a plan has been seen to change rows or names, so that the tables are no longer as they are now.
#[derive(Debug, Default)]
pub(super) struct Seen {
    tables: BTreeSet<ObjectName>,
    all: bool,
}

impl Seen {
    /// The columns of a downgrade that lack values, as far as that can be known from the rows that are there now.
    pub(super) fn lacking(&mut self, replayed: &Replayed, steps: &[LoweredStep]) -> Vec<Lacking> {
        let mut found = Vec::new();
        for step in steps {
            for change in &step.changes {
                let of = |table: &ObjectName, column: &Column, present: bool| Lacking {
                    revision: replayed.id.clone(),
                    table: table.clone(),
                    column: column.name.clone(),
                    present,
                    span: (!replayed.recorded).then_some(step.span),
                };
                match change {
                    Change::AddColumn { table, column, .. } if needs_value(column) && !self.has(table) => {
                        found.push(of(table, column, false));
                    }
                    Change::AlterColumn { table, before, after, using: None, existing_null_value: None, .. }
                        if before.nullable && needs_value(after) && before.computed.is_none() && !self.has(table) =>
                    {
                        found.push(of(table, before, true));
                    }
                    _ => self.see(change),
                }
            }
        }
        found
    }

    fn has(&self, table: &ObjectName) -> bool {
        self.all || self.tables.contains(table)
    }

    fn see(&mut self, change: &Change) {
        match change {
            Change::Execute(_) | Change::Several(_) | Change::LoadRows(_) | Change::UnloadRows(_) => self.all = true,
            Change::RenameTable { from, to } => self.tables.extend([from.clone(), to.clone()]),
            Change::CreateTable { table, .. } | Change::DropTable { table } => {
                self.tables.insert(table.name.clone());
            }
            Change::InsertRows(_)
            | Change::DeleteRows(_)
            | Change::UpdateRows(_)
            | Change::DeleteWhere(_)
            | Change::Backfill(_) => self.tables.extend(change.table().cloned()),
            _ => {}
        }
    }
}

/// Whether a row cannot get a column without being given a value. Of a domain it is not known.
fn needs_value(column: &Column) -> bool {
    let makes_its_own = column.default.is_some() || column.identity.is_some() || column.computed.is_some();
    !column.nullable && !makes_its_own && !matches!(column.ty, Type::Native(_))
}
