//! Short ways to write models.

use std::sync::Arc;

use aludel_engine::change::{Change, Position};
use aludel_engine::schema::{
    Column, Constraint, ConstraintKind, Enum, ForeignKey, Identity, Index, IndexKey, IndexPart, OptionValue, Options,
    Table, Type, Value,
};

pub fn ty(text: &str) -> Type {
    Type::parse(text).unwrap_or_else(|_| Type::Native(text.to_owned()))
}

pub fn column(name: &str, text: &str) -> Column {
    Column::new(name, ty(text))
}

pub fn with_default(mut column: Column, default: Value) -> Column {
    column.default = Some(default);
    column
}

pub fn text(text: &str) -> Value {
    Value::Text(text.to_owned())
}

pub fn sql(text: &str) -> Value {
    Value::Sql(text.to_owned())
}

pub fn id() -> Column {
    let mut column = column("id", "bigint").not_null();
    column.identity = Some(Identity::default());
    column
}

pub fn constraint(name: &str, kind: ConstraintKind) -> Constraint {
    Constraint::new(Some(name.to_owned()), kind)
}

pub fn names(names: &[&str]) -> Vec<String> {
    names.iter().map(|name| (*name).to_owned()).collect()
}

pub fn primary_key(name: &str, columns: &[&str]) -> Constraint {
    constraint(name, ConstraintKind::PrimaryKey { columns: names(columns) })
}

pub fn unique(name: &str, columns: &[&str]) -> Constraint {
    constraint(name, ConstraintKind::Unique { columns: names(columns) })
}

pub fn check(name: &str, sql: &str) -> Constraint {
    constraint(name, ConstraintKind::Check { sql: sql.to_owned() })
}

pub fn foreign_key(name: &str, columns: &[&str], table: &str, referred: &[&str]) -> Constraint {
    constraint(
        name,
        ConstraintKind::ForeignKey(ForeignKey {
            columns: names(columns),
            referred_table: table.into(),
            referred_columns: names(referred),
            on_delete: Default::default(),
            on_update: Default::default(),
            matching: Default::default(),
        }),
    )
}

pub fn index(name: &str, columns: &[&str]) -> Index {
    Index {
        name: name.to_owned(),
        parts: columns.iter().map(|column| IndexPart::column(*column)).collect(),
        unique: false,
        predicate: None,
        comment: None,
        options: Options::default(),
    }
}

pub fn expression(sql: &str) -> IndexPart {
    IndexPart { key: IndexKey::Expression(sql.to_owned()), ..IndexPart::column("") }
}

pub fn list(items: &[&str]) -> OptionValue {
    OptionValue::List(items.iter().map(|item| OptionValue::Text((*item).to_owned())).collect())
}

pub fn map(name: &str, value: OptionValue) -> OptionValue {
    OptionValue::Map([(name.to_owned(), value)].into())
}

pub fn table(name: &str, columns: Vec<Column>, constraints: Vec<Constraint>, indexes: Vec<Index>) -> Table {
    Table { columns, constraints, indexes, ..Table::new(name) }
}

pub fn create(table: Table) -> Change {
    Change::CreateTable { table: Arc::new(table), if_not_exists: false }
}

pub fn enumeration(name: &str, values: &[&str]) -> Arc<Enum> {
    Arc::new(Enum { name: name.into(), values: names(values), comment: None })
}

pub fn create_enum(name: &str, values: &[&str]) -> Change {
    Change::CreateEnum { enumeration: enumeration(name, values) }
}

pub fn add_column(table: &str, column: Column) -> Change {
    Change::AddColumn { table: table.into(), column, position: Position::Last, if_not_exists: false }
}

pub fn add_constraint(table: &str, constraint: Constraint) -> Change {
    Change::AddConstraint { table: table.into(), constraint }
}

pub fn create_index(table: &str, index: Index) -> Change {
    Change::CreateIndex { table: table.into(), index, if_not_exists: false }
}

pub fn alter_column(table: &str, before: &Column, after: &Column) -> Change {
    Change::AlterColumn {
        table: table.into(),
        before: before.clone(),
        after: after.clone(),
        using: None,
        using_down: None,
        existing_null_value: None,
    }
}
