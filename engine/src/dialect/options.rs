//! The options that a dialect adds to objects, as data: the decoder checks them, the documentation lists them.

use std::fmt;

/// What kind of object an option belongs to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
#[allow(missing_docs)]
pub enum ObjectKind {
    Table,
    Column,
    PrimaryKey,
    Unique,
    Check,
    ForeignKey,
    Exclude,
    Index,
    /// The dropping of an index (`concurrently`).
    DropIndex,
    Enum,
    Namespace,
    Extension,
    Domain,
    Sequence,
    Routine,
    View,
    Trigger,
}

impl fmt::Display for ObjectKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            ObjectKind::Table => "table",
            ObjectKind::Column => "column",
            ObjectKind::PrimaryKey => "primary key",
            ObjectKind::Unique => "unique constraint",
            ObjectKind::Check => "check constraint",
            ObjectKind::ForeignKey => "foreign key",
            ObjectKind::Exclude => "exclusion constraint",
            ObjectKind::Index | ObjectKind::DropIndex => "index",
            ObjectKind::Enum => "enum",
            ObjectKind::Namespace => "schema",
            ObjectKind::Extension => "extension",
            ObjectKind::Domain => "domain",
            ObjectKind::Sequence => "sequence",
            ObjectKind::Routine => "function",
            ObjectKind::View => "view",
            ObjectKind::Trigger => "trigger",
        })
    }
}

/// An option of a dialect.
#[derive(Debug, Clone, Copy)]
pub struct OptionSpec {
    /// Its key in the dialect's map.
    pub name: &'static str,
    /// What it takes.
    pub kind: OptionKind,
    /// What it does, in one sentence.
    pub about: &'static str,
}

/// What an option takes.
#[derive(Debug, Clone, Copy)]
pub enum OptionKind {
    /// `true` or `false`.
    Bool,
    /// A whole number.
    Integer,
    /// A text.
    Text,
    /// One of these words.
    Word(&'static [&'static str]),
    /// A list of texts.
    List,
    /// Named texts or numbers.
    Map,
}
