//! The names that the project's rules give to constraints and indexes.

use super::Naming;
use super::context::fit;
use crate::dialect::Dialect;
use crate::schema::{Constraint, ConstraintKind, IndexKey, IndexPart, Table};
use crate::sql::mentions;

/// The naming rules as one dialect carries them out: names are cut to what it takes.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Names<'a> {
    pub(crate) naming: &'a Naming,
    pub(crate) dialect: &'a dyn Dialect,
}

impl Names<'_> {
    /// The name of a constraint. A check or exclusion whose name is taken, by others of its table, gets a number.
    /// `own_column` is the column that a check stands on, whatever it mentions.
    pub(crate) fn constraint(
        &self,
        table: &Table,
        constraint: &Constraint,
        own_column: Option<&str>,
        taken: impl Fn(&str) -> bool,
    ) -> String {
        let naming = self.naming;
        let name = match &constraint.kind {
            ConstraintKind::PrimaryKey { columns } => Naming::fill(&naming.primary_key, &table.name, columns, None),
            ConstraintKind::Unique { columns } => Naming::fill(&naming.unique, &table.name, columns, None),
            ConstraintKind::ForeignKey(key) => {
                Naming::fill(&naming.foreign_key, &table.name, &key.columns, Some(&key.referred_table))
            }
            ConstraintKind::Check { sql } => {
                let mentioned: Vec<String> = match own_column {
                    Some(column) => vec![column.to_owned()],
                    None => self.mentioned(table, sql),
                };
                return self.numbered(&Naming::fill(&naming.check, &table.name, &mentioned, None), taken);
            }
            ConstraintKind::Exclude(exclude) => {
                let columns = self.named_by(table, exclude.elements.iter().map(|element| &element.part));
                return self.numbered(&Naming::fill(&naming.exclude, &table.name, &columns, None), taken);
            }
        };
        self.fit(&name)
    }

    /// The name of an index with these keys.
    pub(crate) fn index<'p>(&self, table: &Table, parts: impl IntoIterator<Item = &'p IndexPart>) -> String {
        self.fit(&Naming::fill(&self.naming.index, &table.name, &self.named_by(table, parts), None))
    }

    /// A name cut to what the dialect takes.
    pub(crate) fn fit(&self, name: &str) -> String {
        fit(name, self.dialect.capabilities().identifier_limit)
    }

    /// The columns of a table that an expression mentions, in the order of the table.
    pub(crate) fn mentioned(&self, table: &Table, sql: &str) -> Vec<String> {
        let names = table.columns.iter().map(|column| column.name.as_str());
        names.filter(|name| mentions(sql, name, self.dialect.lexicon())).map(str::to_owned).collect()
    }

    /// The columns that index keys have or mention, in order.
    fn named_by<'p>(&self, table: &Table, parts: impl IntoIterator<Item = &'p IndexPart>) -> Vec<String> {
        let columns = parts.into_iter().flat_map(|part| match &part.key {
            IndexKey::Column(name) => vec![name.clone()],
            IndexKey::Expression(sql) => self.mentioned(table, sql),
        });
        columns.collect()
    }

    fn numbered(&self, base: &str, taken: impl Fn(&str) -> bool) -> String {
        let mut name = self.fit(base);
        let mut number = 2;
        while taken(&name) {
            name = self.fit(&format!("{base}_{number}"));
            number += 1;
        }
        name
    }
}
