//! What a database holds besides tables and enums: namespaces, extensions, domains, sequences, functions, views, triggers.
//!
//! They share one life: they appear, change as a whole, get another name and go. So the schema keeps them in one map, and
//! a [`Change`](crate::change::Change) carries them whole; only what a dialect makes of each differs.

use std::fmt;

use serde::{Deserialize, Serialize};

use super::{ObjectName, Options, Type, Value};

/// An object that is neither a table nor an enum.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Object {
    /// A namespace for tables and other objects.
    Namespace(Namespace),
    /// A package of the database product.
    Extension(Extension),
    /// A type with conditions of its own.
    Domain(Domain),
    /// A source of numbers.
    Sequence(Sequence),
    /// A function or procedure.
    Routine(Routine),
    /// A query with a name.
    View(View),
    /// What runs when rows of a table change.
    Trigger(Trigger),
}

/// The kinds of objects, in an order in which they can be made: what a kind may build on comes before it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[allow(missing_docs)]
pub enum ObjectClass {
    Namespace,
    Extension,
    Domain,
    Sequence,
    Routine,
    View,
    Trigger,
}

/// What tells an object from all others.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct ObjectId {
    /// Its kind.
    pub class: ObjectClass,
    /// Its name; that of a namespace or an extension has no namespace.
    pub name: ObjectName,
    /// What else it takes to name it: the table of a trigger, the argument types of a routine of which there are several.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub qualifier: Option<String>,
}

/// A namespace.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Namespace {
    /// Its name.
    pub name: String,
    /// Its comment.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub comment: Option<String>,
    /// What only this dialect knows.
    #[serde(default, skip_serializing_if = "Options::is_empty")]
    pub options: Options,
}

/// An extension.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Extension {
    /// Its name.
    pub name: String,
    /// The version, where the author asked for one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub version: Option<String>,
    /// The namespace its objects live in, where the author asked for one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub schema: Option<String>,
}

/// A domain.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Domain {
    /// Its name.
    pub name: ObjectName,
    /// The type underneath.
    pub ty: Type,
    /// Whether it may be NULL.
    pub nullable: bool,
    /// The default of columns that say none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub default: Option<Value>,
    /// Its conditions on `VALUE`.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub checks: Vec<DomainCheck>,
    /// Its collation, in the words of the dialect.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub collation: Option<String>,
    /// Its comment.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub comment: Option<String>,
}

/// A condition of a domain.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct DomainCheck {
    /// Its name.
    pub name: String,
    /// The condition.
    pub sql: String,
}

/// A sequence.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Sequence {
    /// Its name.
    pub name: ObjectName,
    /// The first number.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub start: Option<i64>,
    /// The step.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub increment: Option<i64>,
    /// The smallest number.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub min: Option<i64>,
    /// The largest number.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub max: Option<i64>,
    /// Whether it begins again at the end.
    #[serde(default)]
    pub cycle: bool,
    /// How many numbers a session takes at once.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cache: Option<i64>,
    /// The table and column it goes with.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub owned_by: Option<(ObjectName, String)>,
    /// Its comment.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub comment: Option<String>,
    /// What only this dialect knows.
    #[serde(default, skip_serializing_if = "Options::is_empty")]
    pub options: Options,
}

/// A function or procedure, as the statement that makes it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Routine {
    /// Its name.
    pub name: ObjectName,
    /// Its argument types, where there are several of the name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub arguments: Option<String>,
    /// Whether it is a procedure.
    #[serde(default)]
    pub procedure: bool,
    /// The whole `CREATE …` statement, in the words of the dialect.
    pub sql: String,
    /// Its comment.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub comment: Option<String>,
}

/// A view.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct View {
    /// Its name.
    pub name: ObjectName,
    /// The query.
    pub sql: String,
    /// Whether its rows are kept.
    #[serde(default)]
    pub materialized: bool,
    /// The names of its columns, where the author gave some.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub columns: Vec<String>,
    /// Whether a row written through it must be one that it shows.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub check: Option<ViewCheck>,
    /// The indexes of a materialized view.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub indexes: Vec<super::Index>,
    /// Its comment.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub comment: Option<String>,
    /// What only this dialect knows.
    #[serde(default, skip_serializing_if = "Options::is_empty")]
    pub options: Options,
}

/// How far the check on rows written through a view goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ViewCheck {
    /// This view's condition only.
    Local,
    /// Those of the views beneath it as well.
    Cascaded,
}

/// A trigger, as the statement that makes it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Trigger {
    /// Its name, in the namespace of its table.
    pub name: String,
    /// The table or view whose rows it watches.
    pub table: ObjectName,
    /// The whole `CREATE …` statement, in the words of the dialect.
    pub sql: String,
    /// Its comment.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub comment: Option<String>,
}

impl Sequence {
    /// A sequence that is in everything as the database makes one.
    #[must_use]
    pub fn named(name: ObjectName) -> Self {
        Sequence {
            name,
            start: None,
            increment: None,
            min: None,
            max: None,
            cycle: false,
            cache: None,
            owned_by: None,
            comment: None,
            options: Options::default(),
        }
    }
}

impl View {
    /// A view of which nothing is said yet.
    #[must_use]
    pub fn named(name: ObjectName) -> Self {
        View {
            name,
            sql: String::new(),
            materialized: false,
            columns: Vec::new(),
            check: None,
            indexes: Vec::new(),
            comment: None,
            options: Options::default(),
        }
    }
}

impl ObjectClass {
    /// Every kind, in the order in which they can be made.
    pub const ALL: [ObjectClass; 7] = [
        ObjectClass::Namespace,
        ObjectClass::Extension,
        ObjectClass::Domain,
        ObjectClass::Sequence,
        ObjectClass::Routine,
        ObjectClass::View,
        ObjectClass::Trigger,
    ];

    /// The word of the language for it.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            ObjectClass::Namespace => "schema",
            ObjectClass::Extension => "extension",
            ObjectClass::Domain => "domain",
            ObjectClass::Sequence => "sequence",
            ObjectClass::Routine => "function",
            ObjectClass::View => "view",
            ObjectClass::Trigger => "trigger",
        }
    }

    /// Whether it is made after the tables, because it may be built on them.
    #[must_use]
    pub fn follows_tables(self) -> bool {
        matches!(self, ObjectClass::Routine | ObjectClass::View | ObjectClass::Trigger)
    }
}

impl Object {
    /// What tells it from all others.
    #[must_use]
    pub fn id(&self) -> ObjectId {
        let id = |class, name| ObjectId { class, name, qualifier: None };
        match self {
            Object::Namespace(found) => id(ObjectClass::Namespace, ObjectName::new(&found.name)),
            Object::Extension(found) => id(ObjectClass::Extension, ObjectName::new(&found.name)),
            Object::Domain(found) => id(ObjectClass::Domain, found.name.clone()),
            Object::Sequence(found) => id(ObjectClass::Sequence, found.name.clone()),
            Object::View(found) => id(ObjectClass::View, found.name.clone()),
            Object::Routine(found) => {
                ObjectId { qualifier: found.arguments.clone(), ..id(ObjectClass::Routine, found.name.clone()) }
            }
            Object::Trigger(found) => ObjectId::trigger(&found.table, &found.name),
        }
    }

    /// Its kind.
    #[must_use]
    pub fn class(&self) -> ObjectClass {
        match self {
            Object::Namespace(_) => ObjectClass::Namespace,
            Object::Extension(_) => ObjectClass::Extension,
            Object::Domain(_) => ObjectClass::Domain,
            Object::Sequence(_) => ObjectClass::Sequence,
            Object::Routine(_) => ObjectClass::Routine,
            Object::View(_) => ObjectClass::View,
            Object::Trigger(_) => ObjectClass::Trigger,
        }
    }

    /// The SQL that it is made of and that may speak of tables and other objects; none where there is no such text.
    #[must_use]
    pub fn definition(&self) -> Option<&str> {
        match self {
            Object::View(found) => Some(&found.sql),
            Object::Routine(found) => Some(&found.sql),
            Object::Trigger(found) => Some(&found.sql),
            Object::Namespace(_) | Object::Extension(_) | Object::Domain(_) | Object::Sequence(_) => None,
        }
    }

    /// The same SQL, to be changed.
    pub fn definition_mut(&mut self) -> Option<&mut String> {
        match self {
            Object::View(found) => Some(&mut found.sql),
            Object::Routine(found) => Some(&mut found.sql),
            Object::Trigger(found) => Some(&mut found.sql),
            Object::Namespace(_) | Object::Extension(_) | Object::Domain(_) | Object::Sequence(_) => None,
        }
    }
}

impl ObjectId {
    /// An object that its name alone tells from all others of its kind.
    #[must_use]
    pub fn new(class: ObjectClass, name: impl Into<ObjectName>) -> Self {
        ObjectId { class, name: name.into(), qualifier: None }
    }

    /// A trigger, which has its table's namespace.
    #[must_use]
    pub fn trigger(table: &ObjectName, name: &str) -> Self {
        ObjectId { class: ObjectClass::Trigger, name: table.sibling(name), qualifier: Some(table.name.clone()) }
    }
}

impl fmt::Display for ObjectId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.class.word(), self.name)?;
        match (&self.qualifier, self.class) {
            (Some(table), ObjectClass::Trigger) => write!(f, " on {table}"),
            (Some(arguments), _) => write!(f, "({arguments})"),
            (None, _) => Ok(()),
        }
    }
}
