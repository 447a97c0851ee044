//! The model back in the language: the inverse of reading.
//!
//! A table, a constraint, a view … becomes the keys that a person would have written for it: what is a default, or is what the
//! naming rules give, is left out, and what belongs to one column stands on the column. Reading it again gives the same
//! model. [`print()`] lays the result out.

mod column;
mod constraint;
mod index;
mod json;
mod object;
mod print;
mod step;
mod table;
mod value;

use std::sync::Arc;

use serde_yaml::{Mapping, Value as Yaml};

use crate::dialect::{Dialect, ObjectKind, OptionKind};
use crate::operation::{Context, Names, Naming};
use crate::schema::{Column, Constraint, ConstraintKind, ObjectName, OptionValue, Options, Schema, Table, Type};

pub use print::print;
pub use step::{ASK, WrittenStep, is_question};

/// What it takes to write a model down: the dialect it is resolved for, and the naming rules of the project.
#[derive(Debug, Clone)]
pub struct Notation {
    dialect: Arc<dyn Dialect>,
    naming: Arc<Naming>,
    /// Whether the words of the dialect stand under its name, because there are others.
    by_dialect: bool,
    /// Whether the dialect keeps the names of primary keys.
    names_keys: bool,
}

impl Notation {
    /// For a schema of a dialect, in a project that has no other.
    #[must_use]
    pub fn new(dialect: Arc<dyn Dialect>, naming: Arc<Naming>) -> Self {
        let names_keys = names_keys(&*dialect);
        Notation { dialect, naming, by_dialect: false, names_keys }
    }

    /// With the dialect and the rules that texts are read by.
    #[must_use]
    pub fn of(context: &Context) -> Self {
        Notation::new(Arc::clone(&context.dialect), Arc::clone(&context.naming))
    }

    /// For a project of several dialects: native types and collations stand under the dialect's name, so that compiling for
    /// another one asks what it has instead.
    #[must_use]
    pub fn by_dialect(mut self) -> Self {
        self.by_dialect = true;
        self
    }

    fn names(&self) -> Names<'_> {
        Names { naming: &self.naming, dialect: &*self.dialect }
    }

    /// Words of the dialect, under its name where there are others.
    fn own_words(&self, text: &str) -> Yaml {
        match self.by_dialect {
            true => Keys::one(self.dialect.name(), text.into()),
            false => text.into(),
        }
    }

    /// Adds the map of the dialect, with the options of a kind of object.
    fn options(&self, kind: ObjectKind, options: &Options, keys: &mut Keys) {
        if !options.is_empty() {
            let specs = self.dialect.options(kind);
            let map = options.0.iter().map(|(name, value)| {
                let spec = specs.iter().find(|spec| spec.name == name);
                (name.as_str().into(), spec.map_or_else(|| option(value), |spec| typed_option(value, spec.kind)))
            });
            keys.put(self.dialect.name(), Yaml::Mapping(map.collect()));
        }
    }
}

/// Whether a dialect keeps the name of a primary key: MySQL calls every one PRIMARY.
fn names_keys(dialect: &dyn Dialect) -> bool {
    let mut table = Table::new("t");
    table.columns.push(Column::new("a", Type::Varchar(Some(10))).not_null());
    let kind = ConstraintKind::PrimaryKey { columns: vec!["a".to_owned()] };
    table.constraints.push(Constraint::new(Some("k".to_owned()), kind));
    let name = table.name.clone();
    let mut schema = Schema::default();
    schema.put_table(table);
    let normal = dialect.normalize(&schema);
    normal.table(&name).and_then(|table| table.primary_key()).is_none_or(|key| key.name.is_some())
}

/// An option as the language takes it; catalogs have flags as numbers and the like.
fn typed_option(value: &OptionValue, kind: OptionKind) -> Yaml {
    match (kind, value) {
        (OptionKind::Bool, OptionValue::Integer(number)) => (*number != 0).into(),
        (OptionKind::Integer, OptionValue::Bool(on)) => i64::from(*on).into(),
        (OptionKind::Text | OptionKind::Word(_), OptionValue::Integer(number)) => number.to_string().into(),
        (OptionKind::Text | OptionKind::Word(_), OptionValue::Bool(on)) => on.to_string().into(),
        (OptionKind::List, OptionValue::Text(text)) => Yaml::Sequence(vec![text.as_str().into()]),
        _ => option(value),
    }
}

fn option(value: &OptionValue) -> Yaml {
    match value {
        OptionValue::Bool(value) => (*value).into(),
        OptionValue::Integer(value) => (*value).into(),
        OptionValue::Text(text) => text.as_str().into(),
        OptionValue::List(items) => Yaml::Sequence(items.iter().map(option).collect()),
        OptionValue::Map(map) => {
            Yaml::Mapping(map.iter().map(|(name, value)| (name.as_str().into(), option(value))).collect())
        }
    }
}

/// A map that is written key by key.
#[derive(Debug, Default)]
struct Keys(Mapping);

impl Keys {
    /// A map of one key.
    fn one(key: &str, value: Yaml) -> Yaml {
        let mut keys = Keys::default();
        keys.put(key, value);
        Yaml::Mapping(keys.0)
    }

    fn put(&mut self, key: &str, value: Yaml) {
        self.0.insert(key.into(), value);
    }

    /// A value, if there is one.
    fn maybe(&mut self, key: &str, value: Option<impl Into<Yaml>>) {
        if let Some(value) = value {
            self.put(key, value.into());
        }
    }

    /// A key that is off unless said.
    fn flag(&mut self, key: &str, on: bool) {
        if on {
            self.put(key, true.into());
        }
    }

    /// A list of names.
    fn names<S: AsRef<str>>(&mut self, key: &str, names: &[S]) {
        self.put(key, Yaml::Sequence(names.iter().map(|name| name.as_ref().into()).collect()));
    }

    fn object(&mut self, key: &str, name: &ObjectName) {
        self.put(key, name.to_string().into());
    }

    /// A list, if there is anything in it.
    fn list(&mut self, key: &str, items: Vec<Yaml>) {
        if !items.is_empty() {
            self.put(key, Yaml::Sequence(items));
        }
    }
}
