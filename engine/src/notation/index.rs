//! Indexes.

use serde_yaml::{Mapping, Value as Yaml};

use super::{Keys, Notation};
use crate::dialect::ObjectKind;
use crate::schema::{Index, IndexKey, IndexPart, Nulls, Table};

impl Notation {
    /// An index as the list of its table has it, which is also what `create_index` takes beside `table`.
    #[must_use]
    pub fn index(&self, table: &Table, index: &Index) -> Mapping {
        let mut keys = Keys::default();
        let parts = index.parts.iter().map(|part| match part.column_name() {
            Some(name) if *part == IndexPart::column(name) => name.into(),
            _ => Yaml::Mapping(self.part(part).0),
        });
        keys.put("columns", Yaml::Sequence(parts.collect()));
        keys.flag("unique", index.unique);
        keys.maybe("where", index.predicate.as_deref());
        if !self.is_index_named_by_rule(table, index) {
            keys.put("name", index.name.as_str().into());
        }
        keys.maybe("comment", index.comment.as_deref());
        self.options(ObjectKind::Index, &index.options, &mut keys);
        keys.0
    }

    /// The column whose `index: true` says all of an index.
    pub(super) fn index_of_column<'i>(&self, table: &Table, index: &'i Index) -> Option<&'i str> {
        let [part] = index.parts.as_slice() else { return None };
        let column = part.column_name().filter(|name| *part == IndexPart::column(*name))?;
        let plain = !index.unique && index.predicate.is_none() && index.comment.is_none() && index.options.is_empty();
        (plain && self.is_index_named_by_rule(table, index)).then_some(column)
    }

    fn is_index_named_by_rule(&self, table: &Table, index: &Index) -> bool {
        index.name == self.names().index(table, &index.parts)
    }

    /// A key of an index.
    pub(super) fn part(&self, part: &IndexPart) -> Keys {
        let mut keys = Keys::default();
        match &part.key {
            IndexKey::Column(name) => keys.put("column", name.as_str().into()),
            IndexKey::Expression(sql) => keys.put("expr", sql.as_str().into()),
        }
        if part.descending {
            keys.put("order", "desc".into());
        }
        keys.maybe(
            "nulls",
            part.nulls.map(|nulls| match nulls {
                Nulls::First => "first",
                Nulls::Last => "last",
            }),
        );
        keys.maybe("length", part.length);
        keys.maybe("opclass", part.opclass.as_deref());
        keys.maybe("collation", part.collation.as_deref().map(|name| self.own_words(name)));
        keys
    }
}
