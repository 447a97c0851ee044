//! The keys of a desired schema file: each holds one kind of object.

use crate::schema::ObjectClass;

/// A kind of object that a file lists.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Section {
    /// The key in the file.
    pub(super) key: &'static str,
    /// The operation whose keys its objects have.
    pub(super) operation: &'static str,
    /// The key of that operation that names the object.
    pub(super) names: &'static str,
    /// The kind among the objects that are neither tables nor enums.
    pub(super) class: Option<ObjectClass>,
}

const fn section(
    key: &'static str,
    operation: &'static str,
    names: &'static str,
    class: Option<ObjectClass>,
) -> Section {
    Section { key, operation, names, class }
}

pub(super) const SCHEMAS: Section = section("schemas", "create_schema", "schema", Some(ObjectClass::Namespace));
pub(super) const EXTENSIONS: Section =
    section("extensions", "create_extension", "extension", Some(ObjectClass::Extension));
pub(super) const ENUMS: Section = section("enums", "create_enum", "enum", None);
pub(super) const DOMAINS: Section = section("domains", "create_domain", "domain", Some(ObjectClass::Domain));
pub(super) const SEQUENCES: Section = section("sequences", "create_sequence", "sequence", Some(ObjectClass::Sequence));
pub(super) const TABLES: Section = section("tables", "create_table", "table", None);
pub(super) const FUNCTIONS: Section = section("functions", "create_function", "function", Some(ObjectClass::Routine));
pub(super) const VIEWS: Section = section("views", "create_view", "view", Some(ObjectClass::View));
pub(super) const TRIGGERS: Section = section("triggers", "create_trigger", "trigger", Some(ObjectClass::Trigger));

/// Every section, in an order in which the objects can be made.
pub(super) const ALL: [Section; 9] =
    [SCHEMAS, EXTENSIONS, ENUMS, DOMAINS, SEQUENCES, TABLES, FUNCTIONS, VIEWS, TRIGGERS];

impl Section {
    /// Whether its objects are listed by their names alone where nothing else is said of them.
    pub(super) fn lists_names(self) -> bool {
        self == SCHEMAS || self == EXTENSIONS
    }

    /// Whether several objects may have one name, told apart by their table or their arguments.
    pub(super) fn shares_names(self) -> bool {
        self == FUNCTIONS || self == TRIGGERS
    }

    /// Whether nothing at all needs to be said of an object but its name.
    pub(super) fn takes_nothing(self) -> bool {
        self.lists_names() || self == SEQUENCES
    }
}
