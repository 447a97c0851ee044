//! What the catalog must say once a change has taken effect.
//!
//! Used after a crash: when the catalog is no longer what it was before the statement in doubt and these facts hold, the
//! statement took effect. They are structural on purpose, because the server prints types and expressions in its own words.

use serde::{Deserialize, Serialize};

use super::Change;
use crate::schema::{Column, Constraint, ConstraintKind, ObjectId, ObjectName, Options, Schema};

/// A structural fact of a catalog.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[allow(missing_docs)]
pub enum Fact {
    TableExists {
        table: ObjectName,
    },
    TableMissing {
        table: ObjectName,
    },
    ColumnExists {
        table: ObjectName,
        column: String,
    },
    ColumnMissing {
        table: ObjectName,
        column: String,
    },
    /// The whole definition, in the dialect's normal form.
    ColumnIs {
        table: ObjectName,
        column: Box<Column>,
    },
    /// Comment and options, in the dialect's normal form.
    TableIs {
        table: ObjectName,
        comment: Option<String>,
        options: Options,
    },
    ConstraintExists {
        table: ObjectName,
        name: String,
    },
    ConstraintMissing {
        table: ObjectName,
        name: String,
    },
    IndexExists {
        table: ObjectName,
        index: String,
    },
    IndexMissing {
        table: ObjectName,
        index: String,
    },
    ObjectExists {
        id: ObjectId,
    },
    ObjectMissing {
        id: ObjectId,
    },
    EnumExists {
        name: ObjectName,
    },
    EnumMissing {
        name: ObjectName,
    },
    EnumHas {
        name: ObjectName,
        values: Vec<String>,
    },
}

impl Fact {
    /// Whether a catalog says so. Names are compared without regard to case, because some servers fold them.
    #[must_use]
    pub fn holds(&self, schema: &Schema) -> bool {
        let table_of =
            |name: &ObjectName| schema.tables_with_name(&name.name).find(|table| same_object(&table.name, name));
        let column_of = |table: &ObjectName, column: &str| {
            table_of(table).and_then(|table| table.columns.iter().find(|c| same(&c.name, column)))
        };
        // A server that knows no difference between a unique constraint and a unique index may report one as the other.
        let constraint = |table: &ObjectName, name: &str| {
            table_of(table).is_some_and(|table| {
                table.constraints.iter().any(|c| c.name.as_deref().is_some_and(|n| same(n, name)))
                    || table.indexes.iter().any(|i| i.unique && same(&i.name, name))
            })
        };
        let index = |table: &ObjectName, name: &str| {
            table_of(table).is_some_and(|table| {
                let unique = |c: &Constraint| matches!(c.kind, ConstraintKind::Unique { .. });
                table.indexes.iter().any(|i| same(&i.name, name))
                    || table.constraints.iter().any(|c| unique(c) && c.name.as_deref().is_some_and(|n| same(n, name)))
            })
        };
        let object = |id: &ObjectId| schema.objects().any(|object| same_id(&object.id(), id));
        match self {
            Fact::TableExists { table } => table_of(table).is_some(),
            Fact::TableMissing { table } => table_of(table).is_none(),
            Fact::ColumnExists { table, column } => column_of(table, column).is_some(),
            Fact::ColumnMissing { table, column } => column_of(table, column).is_none(),
            Fact::ColumnIs { table, column } => column_of(table, &column.name).is_some_and(|found| found == &**column),
            Fact::TableIs { table, comment, options } => {
                table_of(table).is_some_and(|table| table.comment == *comment && table.options == *options)
            }
            Fact::ConstraintExists { table, name } => constraint(table, name),
            Fact::ConstraintMissing { table, name } => !constraint(table, name),
            Fact::IndexExists { table, index: name } => index(table, name),
            Fact::IndexMissing { table, index: name } => !index(table, name),
            Fact::ObjectExists { id } => object(id),
            Fact::ObjectMissing { id } => !object(id),
            Fact::EnumExists { name } => schema.enumeration(name).is_some(),
            Fact::EnumMissing { name } => schema.enumeration(name).is_none(),
            // Where an enum is no object of its own, the catalog has nothing to say about it.
            Fact::EnumHas { name, values } => schema.enumeration(name).is_none_or(|e| e.values == *values),
        }
    }
}

impl Fact {
    /// The fact with definitions as a normalised schema has them, so that it can be compared with what a server reports.
    #[must_use]
    pub fn in_words_of(self, normal: &Schema) -> Fact {
        match self {
            Fact::ColumnIs { table, column } => {
                let found = normal.table(&table).and_then(|found| found.column(&column.name)).cloned();
                Fact::ColumnIs { table, column: found.map_or(column, Box::new) }
            }
            Fact::TableIs { table, comment, options } => match normal.table(&table) {
                Some(found) => Fact::TableIs { table, comment: found.comment.clone(), options: found.options.clone() },
                None => Fact::TableIs { table, comment, options },
            },
            other => other,
        }
    }
}

fn same(a: &str, b: &str) -> bool {
    a.eq_ignore_ascii_case(b)
}

fn same_object(a: &ObjectName, b: &ObjectName) -> bool {
    same(&a.to_string(), &b.to_string())
}

/// Whether two ids are of one object, with or without its qualifier.
fn same_id(a: &ObjectId, b: &ObjectId) -> bool {
    let qualifiers = match (&a.qualifier, &b.qualifier) {
        (Some(a), Some(b)) => same(a, b),
        _ => true,
    };
    a.class == b.class && same_object(&a.name, &b.name) && qualifiers
}

impl Change {
    /// The facts that say this took effect. None for rows and raw SQL: those cannot be read off the catalog.
    #[must_use]
    pub fn facts(&self) -> Vec<Fact> {
        match self {
            Change::CreateTable { table, .. } => vec![Fact::TableExists { table: table.name.clone() }],
            Change::DropTable { table } => vec![Fact::TableMissing { table: table.name.clone() }],
            Change::DropTableIfExists { table } => vec![Fact::TableMissing { table: table.clone() }],
            Change::RenameTable { from, to } => {
                vec![Fact::TableMissing { table: from.clone() }, Fact::TableExists { table: to.clone() }]
            }
            Change::AlterTable { table, after, .. } => vec![Fact::TableIs {
                table: table.clone(),
                comment: after.comment.clone(),
                options: after.options.clone(),
            }],
            Change::AddColumn { table, column, .. } => {
                vec![Fact::ColumnExists { table: table.clone(), column: column.name.clone() }]
            }
            Change::DropColumn { table, column, .. } => {
                vec![Fact::ColumnMissing { table: table.clone(), column: column.name.clone() }]
            }
            Change::RenameColumn { table, from, to } => vec![
                Fact::ColumnMissing { table: table.clone(), column: from.clone() },
                Fact::ColumnExists { table: table.clone(), column: to.clone() },
            ],
            Change::AlterColumn { table, after, .. } => {
                vec![Fact::ColumnIs { table: table.clone(), column: Box::new(after.clone()) }]
            }
            Change::AddConstraint { table, constraint } => match &constraint.name {
                Some(name) if !constraint.is_primary_key() => {
                    vec![Fact::ConstraintExists { table: table.clone(), name: name.clone() }]
                }
                _ => Vec::new(),
            },
            Change::DropConstraint { table, constraint } => match &constraint.name {
                Some(name) => vec![Fact::ConstraintMissing { table: table.clone(), name: name.clone() }],
                None => Vec::new(),
            },
            Change::RenameConstraint { table, from, to } => vec![
                Fact::ConstraintMissing { table: table.clone(), name: from.clone() },
                Fact::ConstraintExists { table: table.clone(), name: to.clone() },
            ],
            Change::CreateIndex { table, index, .. } => {
                vec![Fact::IndexExists { table: table.clone(), index: index.name.clone() }]
            }
            Change::DropIndex { table, index } => {
                vec![Fact::IndexMissing { table: table.clone(), index: index.name.clone() }]
            }
            Change::RenameIndex { table, from, to } => vec![
                Fact::IndexMissing { table: table.clone(), index: from.clone() },
                Fact::IndexExists { table: table.clone(), index: to.clone() },
            ],
            Change::CreateEnum { enumeration } => vec![Fact::EnumExists { name: enumeration.name.clone() }],
            Change::DropEnum { enumeration } => vec![Fact::EnumMissing { name: enumeration.name.clone() }],
            Change::AlterEnum { after, .. } => {
                vec![Fact::EnumHas { name: after.name.clone(), values: after.values.clone() }]
            }
            Change::CreateObject { object, .. } => vec![Fact::ObjectExists { id: object.id() }],
            Change::DropObject { object } => vec![Fact::ObjectMissing { id: object.id() }],
            Change::DropObjectIfExists { id } => vec![Fact::ObjectMissing { id: id.clone() }],
            Change::RenameObject { id, to } => vec![
                Fact::ObjectMissing { id: id.clone() },
                Fact::ObjectExists { id: ObjectId { name: to.clone(), ..id.clone() } },
            ],
            // A server prints definitions in its own words, so what it says of one proves nothing.
            Change::AlterObject { .. }
            | Change::ValidateConstraint { .. }
            | Change::InvalidateConstraint { .. }
            | Change::InsertRows(_)
            | Change::DeleteRows(_)
            | Change::Backfill(_)
            | Change::UpdateRows(_)
            | Change::DeleteWhere(_)
            | Change::Assert(_)
            | Change::LoadRows(_)
            | Change::UnloadRows(_)
            | Change::Execute(_) => Vec::new(),
            Change::Several(changes) => changes.iter().flat_map(Change::facts).collect(),
        }
    }
}
