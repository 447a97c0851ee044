//! Places of texts in a schema.

use std::fmt;
use std::sync::Arc;

use crate::schema::{
    Constraint, Index, IndexKey, Object, ObjectClass, ObjectId, ObjectName, OptionValue, Schema, Table, Value,
};

/// The option of a table that says how it is divided.
pub(super) const PARTITION_BY: &str = "partition_by";

/// Where a text stands.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Place {
    /// What it belongs to.
    pub owner: Owner,
    /// Which of its texts.
    pub part: Part,
}

/// What a text belongs to.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum Owner {
    /// A table.
    Table(ObjectName),
    /// Another object.
    Object(ObjectId),
}

/// A part of a table or object with one text or a few that go together.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum Part {
    /// The default of a column.
    Default(String),
    /// The expression of a generated column.
    Computed(String),
    /// The expressions of a check or exclusion.
    Constraint(String),
    /// The same, by its place among the constraints, because the author gave no name.
    Unnamed(usize),
    /// The expressions and the condition of an index.
    Index(String),
    /// How a table is divided.
    PartitionBy,
    /// Which rows a partition has.
    PartitionValues,
    /// The query of a view; the statement that makes a routine or trigger.
    Definition,
    /// The default of a domain.
    DomainDefault,
    /// A condition of a domain.
    DomainCheck(String),
}

/// The texts at a place; none where there is no such place.
#[must_use]
pub fn texts(schema: &Schema, owner: &Owner, part: &Part) -> Vec<String> {
    let cloned = |slots: Vec<&mut String>| slots.into_iter().map(|slot| slot.clone()).collect();
    match owner {
        Owner::Table(name) => match schema.table(name) {
            Some(table) => cloned(of_table(&mut Table::clone(table), part)),
            None => Vec::new(),
        },
        Owner::Object(id) => match object(schema, id) {
            Some(object) => cloned(of_object(&mut Object::clone(object), part)),
            None => Vec::new(),
        },
    }
}

/// An object; a routine also where only one of the two sides says what its arguments are, because there is one of the name.
pub(super) fn object<'s>(schema: &'s Schema, id: &ObjectId) -> Option<&'s Arc<Object>> {
    let alone = || {
        let mut alike = schema.objects().filter(|other| {
            let other = other.id();
            other.class == ObjectClass::Routine && other.name == id.name
        });
        alike.next().filter(|_| alike.next().is_none())
    };
    schema.object(id).or_else(|| (id.class == ObjectClass::Routine).then(alone).flatten())
}

/// Puts texts at a place.
pub fn put(schema: &mut Schema, owner: &Owner, part: &Part, texts: &[String]) {
    let write = |slots: Vec<&mut String>| slots.into_iter().zip(texts).for_each(|(slot, text)| slot.clone_from(text));
    match owner {
        Owner::Table(name) => {
            let Some(mut table) = schema.table(name).map(|table| Table::clone(table)) else { return };
            // A default may be a value as yet.
            if let Part::Default(column) = part
                && let Some(column) = table.columns.iter_mut().find(|found| found.name == *column)
            {
                column.default = Some(Value::Sql(String::new()));
            }
            write(of_table(&mut table, part));
            schema.put_table(Arc::new(table));
        }
        Owner::Object(id) => {
            let Some(mut object) = self::object(schema, id).map(|object| Object::clone(object)) else { return };
            if let (Object::Domain(domain), Part::DomainDefault) = (&mut object, part) {
                domain.default = Some(Value::Sql(String::new()));
            }
            write(of_object(&mut object, part));
            schema.put_object(object);
        }
    }
}

/// The texts of a part of a table, to be read or changed.
pub(super) fn of_table<'t>(table: &'t mut Table, part: &Part) -> Vec<&'t mut String> {
    match part {
        Part::Default(name) => match table.columns.iter_mut().find(|column| column.name == *name) {
            Some(column) => sql(column.default.as_mut()),
            None => Vec::new(),
        },
        Part::Computed(name) => {
            let column = table.columns.iter_mut().find(|column| column.name == *name);
            column.and_then(|column| column.computed.as_mut()).map(|computed| &mut computed.sql).into_iter().collect()
        }
        Part::Constraint(name) => {
            let named = |constraint: &&mut Constraint| constraint.name.as_ref() == Some(name);
            table.constraints.iter_mut().filter(named).flat_map(Constraint::expressions_mut).collect()
        }
        Part::Unnamed(at) => {
            table.constraints.iter_mut().skip(*at).take(1).flat_map(Constraint::expressions_mut).collect()
        }
        Part::Index(name) => of_indexes(&mut table.indexes, name),
        Part::PartitionBy => match table.options.0.get_mut(PARTITION_BY) {
            Some(OptionValue::Text(text)) => vec![text],
            _ => Vec::new(),
        },
        Part::PartitionValues => table.partition.as_mut().map(|partition| &mut partition.values).into_iter().collect(),
        Part::Definition | Part::DomainDefault | Part::DomainCheck(_) => Vec::new(),
    }
}

/// The texts of a part of an object, to be read or changed.
pub(super) fn of_object<'o>(object: &'o mut Object, part: &Part) -> Vec<&'o mut String> {
    match (object, part) {
        (object, Part::Definition) => object.definition_mut().into_iter().collect(),
        (Object::View(view), Part::Index(name)) => of_indexes(&mut view.indexes, name),
        (Object::Domain(domain), Part::DomainDefault) => sql(domain.default.as_mut()),
        (Object::Domain(domain), Part::DomainCheck(name)) => {
            domain.checks.iter_mut().filter(|check| check.name == *name).map(|check| &mut check.sql).collect()
        }
        _ => Vec::new(),
    }
}

fn sql(value: Option<&mut Value>) -> Vec<&mut String> {
    match value {
        Some(Value::Sql(sql)) => vec![sql],
        _ => Vec::new(),
    }
}

fn of_indexes<'i>(indexes: &'i mut [Index], name: &str) -> Vec<&'i mut String> {
    indexes.iter_mut().filter(|index| index.name == name).flat_map(of_index).collect()
}

pub(super) fn of_index(index: &mut Index) -> impl Iterator<Item = &mut String> {
    let keys = index.parts.iter_mut().filter_map(|part| match &mut part.key {
        IndexKey::Expression(sql) => Some(sql),
        IndexKey::Column(_) => None,
    });
    keys.chain(&mut index.predicate)
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.part {
            Part::Default(column) => write!(f, "the default of `{column}` of ")?,
            Part::Computed(column) => write!(f, "the expression of `{column}` of ")?,
            Part::Constraint(name) => write!(f, "the constraint `{name}` of ")?,
            Part::Unnamed(at) => write!(f, "the unnamed constraint {} of ", at + 1)?,
            Part::Index(name) => write!(f, "the index `{name}` of ")?,
            Part::PartitionBy => f.write_str("the division of ")?,
            Part::PartitionValues => f.write_str("the rows of ")?,
            Part::Definition => {}
            Part::DomainDefault => f.write_str("the default of ")?,
            Part::DomainCheck(name) => write!(f, "the condition `{name}` of ")?,
        }
        match &self.owner {
            Owner::Table(name) => write!(f, "the table `{name}`"),
            Owner::Object(id) => match (id.class, &id.qualifier) {
                (ObjectClass::Trigger, Some(table)) => write!(f, "the trigger `{}` on `{table}`", id.name.name),
                (class, _) => write!(f, "the {} `{}`", class.word(), id.name),
            },
        }
    }
}
