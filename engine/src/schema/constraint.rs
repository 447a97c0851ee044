//! Constraints of a table.

use serde::{Deserialize, Serialize};

use super::{IndexKey, IndexPart, ObjectName, Options};

/// A constraint. Its kind is known from the replay, so that nobody needs to repeat it when it is dropped.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Constraint {
    /// Its name; none where the database keeps none (a MySQL primary key) or the author asked for none.
    pub name: Option<String>,
    /// What it demands.
    pub kind: ConstraintKind,
    /// Whether it can wait until the commit.
    #[serde(default)]
    pub deferral: Deferral,
    /// False while rows from before it was added have not been checked (`not_valid`).
    #[serde(default = "yes")]
    pub validated: bool,
    /// What only this dialect knows.
    #[serde(default, skip_serializing_if = "Options::is_empty")]
    pub options: Options,
    /// Its comment.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub comment: Option<String>,
}

fn yes() -> bool {
    true
}

/// What a constraint demands.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ConstraintKind {
    /// The columns that name a row.
    PrimaryKey {
        /// In order.
        columns: Vec<String>,
    },
    /// No two rows alike.
    Unique {
        /// In order.
        columns: Vec<String>,
    },
    /// A condition on each row.
    Check {
        /// The condition.
        sql: String,
    },
    /// A reference to a row of another table.
    ForeignKey(ForeignKey),
    /// No two rows whose elements all compare true.
    Exclude(Exclude),
}

/// No two rows may have elements that all compare true, each under its operator: rooms and times that overlap.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Exclude {
    /// The index method that looks for such rows: `gist`.
    pub method: String,
    /// What is compared, in order.
    pub elements: Vec<ExcludeElement>,
    /// The condition of the rows it is about; all when there is none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub predicate: Option<String>,
}

/// What two rows are compared by.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ExcludeElement {
    /// The column or expression, as in an index.
    #[serde(flatten)]
    pub part: IndexPart,
    /// The operator: `=`, `&&`.
    pub operator: String,
}

/// A reference to a row of another table.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ForeignKey {
    /// The referring columns.
    pub columns: Vec<String>,
    /// The table referred to.
    pub referred_table: ObjectName,
    /// Its columns, in the order of `columns`.
    pub referred_columns: Vec<String>,
    /// What happens here when the row referred to is deleted.
    #[serde(default)]
    pub on_delete: ReferentialAction,
    /// What happens here when its key changes.
    #[serde(default)]
    pub on_update: ReferentialAction,
    /// How NULLs in a composite key count.
    #[serde(default)]
    pub matching: Match,
}

/// What happens to a referring row.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ReferentialAction {
    /// Refuse, at the end of the statement or when deferred at the commit.
    #[default]
    NoAction,
    /// Refuse at once.
    Restrict,
    /// Do the same to the referring row.
    Cascade,
    /// Set the referring columns to NULL.
    SetNull,
    /// Set them to their defaults.
    SetDefault,
}

impl ReferentialAction {
    /// Every action with its name in the language.
    pub const ALL: [(&'static str, ReferentialAction); 5] = [
        ("no action", ReferentialAction::NoAction),
        ("restrict", ReferentialAction::Restrict),
        ("cascade", ReferentialAction::Cascade),
        ("set null", ReferentialAction::SetNull),
        ("set default", ReferentialAction::SetDefault),
    ];

    /// Its name in SQL, the same in every dialect.
    #[must_use]
    pub fn sql(self) -> &'static str {
        match self {
            ReferentialAction::NoAction => "NO ACTION",
            ReferentialAction::Restrict => "RESTRICT",
            ReferentialAction::Cascade => "CASCADE",
            ReferentialAction::SetNull => "SET NULL",
            ReferentialAction::SetDefault => "SET DEFAULT",
        }
    }
}

/// How NULLs in a composite foreign key count.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Match {
    /// Any NULL frees the row from the reference.
    #[default]
    Simple,
    /// All or none may be NULL.
    Full,
}

/// Whether a constraint can wait until the commit.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Deferral {
    /// Always checked at once.
    #[default]
    NotDeferrable,
    /// Checked at once unless the transaction says otherwise.
    InitiallyImmediate,
    /// Checked at the commit.
    InitiallyDeferred,
}

impl Constraint {
    /// A constraint with nothing special.
    #[must_use]
    pub fn new(name: Option<String>, kind: ConstraintKind) -> Self {
        Constraint {
            name,
            kind,
            deferral: Deferral::default(),
            validated: true,
            options: Options::default(),
            comment: None,
        }
    }

    /// Its own columns; none for a check or an exclusion, whose expressions name them.
    #[must_use]
    pub fn columns(&self) -> &[String] {
        match &self.kind {
            ConstraintKind::PrimaryKey { columns } | ConstraintKind::Unique { columns } => columns,
            ConstraintKind::ForeignKey(key) => &key.columns,
            ConstraintKind::Check { .. } | ConstraintKind::Exclude(_) => &[],
        }
    }

    /// What it is, for a message.
    #[must_use]
    pub fn describe(&self) -> &'static str {
        match self.kind {
            ConstraintKind::PrimaryKey { .. } => "primary key",
            ConstraintKind::Unique { .. } => "unique constraint",
            ConstraintKind::Check { .. } => "check constraint",
            ConstraintKind::ForeignKey(_) => "foreign key",
            ConstraintKind::Exclude(_) => "exclusion constraint",
        }
    }

    /// The foreign key, if it is one.
    #[must_use]
    pub fn foreign_key(&self) -> Option<&ForeignKey> {
        match &self.kind {
            ConstraintKind::ForeignKey(key) => Some(key),
            _ => None,
        }
    }

    /// The exclusion, if it is one.
    #[must_use]
    pub fn exclude(&self) -> Option<&Exclude> {
        match &self.kind {
            ConstraintKind::Exclude(exclude) => Some(exclude),
            _ => None,
        }
    }

    /// The expressions in it: the condition of a check, those of an exclusion's elements and its condition.
    pub fn expressions(&self) -> impl Iterator<Item = &str> {
        let check = match &self.kind {
            ConstraintKind::Check { sql } => Some(sql.as_str()),
            _ => None,
        };
        let parts = self.exclude().into_iter().flat_map(|exclude| &exclude.elements);
        let elements = parts.filter_map(|element| match &element.part.key {
            IndexKey::Expression(sql) => Some(sql.as_str()),
            IndexKey::Column(_) => None,
        });
        check.into_iter().chain(elements).chain(self.exclude().and_then(|exclude| exclude.predicate.as_deref()))
    }

    /// The same, to be changed.
    pub fn expressions_mut(&mut self) -> impl Iterator<Item = &mut String> {
        let (check, exclude) = match &mut self.kind {
            ConstraintKind::Check { sql } => (Some(sql), None),
            ConstraintKind::Exclude(exclude) => (None, Some(exclude)),
            _ => (None, None),
        };
        let (elements, predicate) = match exclude {
            Some(exclude) => (exclude.elements.as_mut_slice(), exclude.predicate.as_mut()),
            None => (&mut [][..], None),
        };
        let elements = elements.iter_mut().filter_map(|element| match &mut element.part.key {
            IndexKey::Expression(sql) => Some(sql),
            IndexKey::Column(_) => None,
        });
        check.into_iter().chain(elements).chain(predicate)
    }

    /// The columns it names outside expressions: its own, an exclusion's, and those that its options name.
    pub fn named_columns(&self) -> impl Iterator<Item = &str> {
        let parts = self.exclude().into_iter().flat_map(|exclude| &exclude.elements);
        let elements = parts.filter_map(|element| element.part.column_name());
        self.columns().iter().map(String::as_str).chain(elements).chain(self.options.columns())
    }

    /// Whether it is the primary key.
    #[must_use]
    pub fn is_primary_key(&self) -> bool {
        matches!(self.kind, ConstraintKind::PrimaryKey { .. })
    }
}
