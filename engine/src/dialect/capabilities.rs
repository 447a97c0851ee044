//! What a dialect can do, as data: read by the planner, the conformance runner and the documentation.

/// What a product can do in a version, where the engine must know.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[allow(clippy::struct_excessive_bools)]
pub struct Capabilities {
    /// Whether definitions roll back with their transaction.
    pub transactional_ddl: bool,
    /// Whether changes of one table that follow each other are compiled together (a SQLite rebuild does many at once).
    pub merges_changes: bool,
    /// How long an identifier may be.
    pub identifier_limit: IdentifierLimit,
    /// Whether tables live in namespaces.
    pub namespaces: bool,
    /// Whether identifiers that differ in case only are the same column or table.
    pub folds_case: bool,
    /// Where the name of an index must be unique.
    pub index_names: NameScope,
    /// Whether a primary key or unique constraint is an index of the same name, so that its name must be free where
    /// [`Capabilities::index_names`] says; otherwise in the table alone.
    pub keys_name_indexes: bool,
    /// Where the name of a foreign key or check must be unique.
    pub constraint_names: NameScope,
    /// Whether an enum is an object with a name of its own.
    pub named_enums: bool,
    /// Whether tables and columns keep comments.
    pub comments: bool,
    /// What keeps two runs apart.
    pub run_lock: RunLock,
    /// The collation in which texts are equal only if they are the same to the bit, where that is not the default.
    pub binary_collation: Option<&'static str>,
    /// What begins a transaction that will write.
    pub begin: &'static str,
}

/// How long an identifier may be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum IdentifierLimit {
    /// Any length.
    None,
    /// In bytes of UTF-8.
    Bytes(usize),
    /// In characters.
    Characters(usize),
}

/// Where a name must be unique.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NameScope {
    /// In the table.
    Table,
    /// Among all of its kind in the namespace.
    Namespace,
    /// Among all tables, views and indexes of the namespace.
    Relations,
}

/// What keeps two runs apart.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RunLock {
    /// A lock that the session holds across transactions.
    Session,
    /// The write transaction itself: each revision is one, and looks at the applied heads again inside it.
    Transaction,
}

impl IdentifierLimit {
    /// The size of an identifier in the unit of the limit, and the limit; none when there is no limit.
    #[must_use]
    pub fn measure(self, identifier: &str) -> Option<(usize, usize)> {
        match self {
            IdentifierLimit::None => None,
            IdentifierLimit::Bytes(limit) => Some((identifier.len(), limit)),
            IdentifierLimit::Characters(limit) => Some((identifier.chars().count(), limit)),
        }
    }
}
