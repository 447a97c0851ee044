//! Enums, views, triggers, sequences and the other objects.

use serde_yaml::{Mapping, Value as Yaml};

use super::{Keys, Notation};
use crate::dialect::ObjectKind;
use crate::operation::Naming;
use crate::schema::{Domain, Enum, Extension, Namespace, Object, Routine, Sequence, Table, Trigger, View, ViewCheck};

impl Notation {
    /// An enum: the keys of `create_enum` but for `enum`.
    #[must_use]
    pub fn enumeration(&self, found: &Enum) -> Mapping {
        let mut keys = Keys::default();
        keys.names("values", &found.values);
        keys.maybe("comment", found.comment.as_deref());
        keys.0
    }

    /// Any other object: the keys of its `create_…` operation but for the one that names it.
    #[must_use]
    pub fn object(&self, object: &Object) -> Mapping {
        let mut keys = Keys::default();
        match object {
            Object::Namespace(Namespace { comment, options, .. }) => {
                keys.maybe("comment", comment.as_deref());
                self.options(ObjectKind::Namespace, options, &mut keys);
            }
            Object::Extension(Extension { version, schema, .. }) => {
                keys.maybe("version", version.as_deref());
                keys.maybe("schema", schema.as_deref());
            }
            Object::Domain(domain) => self.domain(domain, &mut keys),
            Object::Sequence(sequence) => self.sequence(sequence, &mut keys),
            Object::Routine(Routine { arguments, sql, comment, .. }) => {
                keys.maybe("arguments", arguments.as_deref());
                keys.put("sql", sql.as_str().into());
                keys.maybe("comment", comment.as_deref());
            }
            Object::View(view) => self.view(view, &mut keys),
            Object::Trigger(Trigger { table, sql, comment, .. }) => {
                keys.object("table", table);
                keys.put("sql", sql.as_str().into());
                keys.maybe("comment", comment.as_deref());
            }
        }
        keys.0
    }

    /// The indexes of a materialized view, which `create_index` makes.
    #[must_use]
    pub fn view_indexes(&self, view: &View) -> Vec<Yaml> {
        let table = Table::new(view.name.clone());
        view.indexes.iter().map(|index| Yaml::Mapping(self.index(&table, index))).collect()
    }

    fn view(&self, view: &View, keys: &mut Keys) {
        keys.put("sql", view.sql.as_str().into());
        keys.flag("materialized", view.materialized);
        if !view.columns.is_empty() {
            keys.names("columns", &view.columns);
        }
        keys.maybe(
            "with_check",
            view.check.map(|check| match check {
                ViewCheck::Local => "local",
                ViewCheck::Cascaded => "cascaded",
            }),
        );
        keys.maybe("comment", view.comment.as_deref());
        self.options(ObjectKind::View, &view.options, keys);
    }

    fn domain(&self, domain: &Domain, keys: &mut Keys) {
        keys.put("type", self.ty(&domain.ty));
        if !domain.nullable {
            keys.put("nullable", false.into());
        }
        keys.maybe("default", domain.default.as_ref().map(|value| self.default(value, &domain.ty)));
        let base = Naming::fill::<&str>(&self.naming.check, &domain.name, &[], None);
        let checks = domain.checks.iter().enumerate().map(|(place, check)| {
            let mut keys = Keys::default();
            keys.put("sql", check.sql.as_str().into());
            // Only the first is sure to get the plain name when it is read again.
            if place > 0 || check.name != self.names().fit(&base) {
                keys.put("name", check.name.as_str().into());
            }
            Yaml::Mapping(keys.0)
        });
        keys.list("checks", checks.collect());
        keys.maybe("collation", domain.collation.as_deref().map(|name| self.own_words(name)));
        keys.maybe("comment", domain.comment.as_deref());
    }

    fn sequence(&self, sequence: &Sequence, keys: &mut Keys) {
        keys.maybe("start", sequence.start);
        keys.maybe("increment", sequence.increment);
        keys.maybe("min", sequence.min);
        keys.maybe("max", sequence.max);
        keys.flag("cycle", sequence.cycle);
        keys.maybe("cache", sequence.cache);
        keys.maybe("owned_by", sequence.owned_by.as_ref().map(|(table, column)| format!("{table}.{column}")));
        keys.maybe("comment", sequence.comment.as_deref());
        self.options(ObjectKind::Sequence, &sequence.options, keys);
    }
}
