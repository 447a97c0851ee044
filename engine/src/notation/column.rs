//! Columns.

use serde_yaml::{Mapping, Value as Yaml};

use super::{Keys, Notation};
use crate::dialect::ObjectKind;
use crate::schema::{Column, Computed, ForeignKey, Identity};

/// What the keys of a column say beside the column itself.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Own<'a> {
    /// It is the primary key.
    pub(super) primary_key: bool,
    /// It is part of a primary key, wherever that stands.
    pub(super) in_key: bool,
    /// It is unique by itself.
    pub(super) unique: bool,
    /// It has an index of its own.
    pub(super) index: bool,
    /// What it refers to.
    pub(super) references: Option<&'a ForeignKey>,
    /// Its check.
    pub(super) check: Option<&'a str>,
}

impl Notation {
    /// A column by itself: the bare type where nothing else is to be said, a map otherwise.
    #[must_use]
    pub fn column(&self, column: &Column) -> Yaml {
        self.column_with(column, Own::default())
    }

    /// The column keys by themselves, for `add_column`.
    #[must_use]
    pub fn column_keys(&self, column: &Column) -> Mapping {
        self.keys_of(column, Own::default())
    }

    pub(super) fn column_with(&self, column: &Column, own: Own<'_>) -> Yaml {
        let keys = self.keys_of(column, own);
        match (keys.len(), keys.get("type")) {
            (1, Some(word @ Yaml::String(_))) => word.clone(),
            _ => Yaml::Mapping(keys),
        }
    }

    pub(super) fn keys_of(&self, column: &Column, own: Own<'_>) -> Mapping {
        let mut keys = Keys::default();
        keys.put("type", self.ty(&column.ty));
        if !column.nullable && !own.in_key && column.identity.is_none() {
            keys.put("nullable", false.into());
        }
        keys.maybe("default", column.default.as_ref().map(|value| self.default(value, &column.ty)));
        keys.flag("primary_key", own.primary_key);
        keys.maybe("identity", column.identity.as_ref().map(|identity| self.identity(identity)));
        keys.flag("unique", own.unique);
        keys.flag("index", own.index);
        keys.maybe("references", own.references.map(|key| Yaml::Mapping(self.references(key, true))));
        keys.maybe("check", own.check);
        keys.maybe("computed", column.computed.as_ref().map(|computed| self.computed(computed)));
        keys.maybe("collation", column.collation.as_deref().map(|name| self.own_words(name)));
        keys.maybe("comment", column.comment.as_deref());
        self.options(ObjectKind::Column, &column.options, &mut keys);
        keys.0
    }

    /// What stands under `identity:`.
    #[must_use]
    pub fn identity(&self, identity: &Identity) -> Yaml {
        let mut keys = Keys::default();
        keys.flag("always", identity.always);
        keys.maybe("start", identity.start);
        keys.maybe("increment", identity.increment);
        if keys.0.is_empty() { true.into() } else { Yaml::Mapping(keys.0) }
    }

    /// What stands under `computed:`.
    #[must_use]
    pub fn computed(&self, computed: &Computed) -> Yaml {
        let mut keys = Keys::default();
        keys.put("sql", computed.sql.as_str().into());
        if !computed.stored {
            keys.put("stored", false.into());
        }
        Yaml::Mapping(keys.0)
    }
}
