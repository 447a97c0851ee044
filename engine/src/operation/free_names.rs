//! Names that are still free. Which things share their names is the dialect's, as data.

use super::Lowering;
use crate::diagnostic::{Code, Diagnostic, codes};
use crate::dialect::{NameScope, ObjectKind};
use crate::schema::{Bearer, Constraint, ConstraintKind, ObjectClass, ObjectName, Table};
use crate::source::{Span, Spanned};

impl Lowering<'_> {
    /// A name that no table has, nor anything that shares its names with tables. `renamed` is the table that gets it, if
    /// there is one already: its old name does not count.
    pub fn free_table_name(&mut self, name: &Spanned<ObjectName>, renamed: Option<&ObjectName>) -> Option<()> {
        if let Some((code, message, label)) = self.table_name_collision(&name.value, renamed) {
            return self.refuse(code, message, name.span, label);
        }
        self.qualified_identifier(&name.value, ObjectKind::Table, name.span)
    }

    fn table_name_collision(
        &self,
        wanted: &ObjectName,
        renamed: Option<&ObjectName>,
    ) -> Option<(Code, String, &'static str)> {
        let capabilities = self.context.dialect.capabilities();
        let same = |other: &ObjectName| {
            self.same_name(&other.name, &wanted.name) && same_namespace(other, wanted, capabilities.folds_case)
        };
        for other in self.schema.tables_with_name(&wanted.name) {
            if Some(&other.name) != renamed && same(&other.name) {
                return Some((
                    &codes::TABLE_EXISTS,
                    format!("there is a table `{}` already", other.name),
                    "made earlier",
                ));
            }
            let relations = capabilities.index_names == NameScope::Relations;
            if relations && other.name.schema == wanted.schema && self.has_index_name(other, &wanted.name) {
                let message = format!("the name `{}` is that of an index of the table `{}`", wanted.name, other.name);
                return Some((&codes::NAME_TAKEN, message, "tables and indexes share their names"));
            }
        }
        let types = capabilities.named_enums;
        let shares_names = |class| match class {
            ObjectClass::View | ObjectClass::Sequence => true,
            ObjectClass::Domain => types,
            _ => false,
        };
        self.schema.bearers(&wanted.name).find_map(|bearer| match bearer {
            Bearer::Object(id) if shares_names(id.class) && Some(&id.name) != renamed && same(&id.name) => {
                let message = format!("the name `{wanted}` is that of the {id}");
                Some((&codes::NAME_TAKEN, message, "made earlier"))
            }
            Bearer::Enum(other) if types && same(other) => {
                let message = format!("the name `{}` is that of an enum", wanted.name);
                Some((&codes::NAME_TAKEN, message, "a table is a type, and types share their names"))
            }
            _ => None,
        })
    }

    /// A name for an enum that is free where enums are types beside tables, which are types as well.
    pub fn free_enum_name(&mut self, name: &ObjectName, span: Span) -> Option<()> {
        if self.context.dialect.capabilities().named_enums && self.schema.table(name).is_some() {
            let message = format!("the name `{name}` is that of a table");
            return self.refuse(&codes::NAME_TAKEN, message, span, "a table is a type, and types share their names");
        }
        self.qualified_identifier(name, ObjectKind::Enum, span)
    }

    /// A name that the dialect can hold, with its namespace.
    fn qualified_identifier(&mut self, name: &ObjectName, kind: ObjectKind, span: Span) -> Option<()> {
        if let Some(schema) = &name.schema {
            self.identifier(schema, kind, span)?;
        }
        self.identifier(&name.name, kind, span)
    }

    /// Whether the dialect takes two names for one.
    fn same_name(&self, a: &str, b: &str) -> bool {
        a == b || (self.context.dialect.capabilities().folds_case && a.eq_ignore_ascii_case(b))
    }

    /// Whether a constraint with a name of its own fits into the schema. The table does not have it yet.
    pub fn free_constraint_name(&mut self, table: &Table, constraint: &Constraint, span: Span) -> Option<()> {
        let Some(name) = &constraint.name else { return Some(()) };
        match &constraint.kind {
            ConstraintKind::PrimaryKey { .. } | ConstraintKind::Unique { .. } | ConstraintKind::Exclude(_) => {
                match self.context.dialect.capabilities().keys_name_indexes {
                    true => self.free_index_name(table, name, span),
                    false => self.free_name(table, name, span, |_, _| false),
                }
            }
            kind => {
                // Foreign keys and checks are names of different kinds: MySQL manual, "CHECK Constraints".
                let others = self.context.dialect.capabilities().constraint_names != NameScope::Table;
                self.free_name(table, name, span, |lowering, other| {
                    others
                        && other.constraints.iter().any(|constraint| {
                            std::mem::discriminant(&constraint.kind) == std::mem::discriminant(kind)
                                && constraint.name.as_ref().is_some_and(|taken| lowering.same_name(taken, name))
                        })
                })
            }
        }
    }

    /// Whether the name of an index is free. The table does not have it yet.
    pub fn free_index_name(&mut self, table: &Table, name: &str, span: Span) -> Option<()> {
        let scope = self.context.dialect.capabilities().index_names;
        if scope == NameScope::Relations && self.same_name(&table.name.name, name) {
            return self.name_taken(name, &table.name, span);
        }
        self.free_name(table, name, span, |lowering, other| match scope {
            NameScope::Table => false,
            NameScope::Namespace => lowering.has_index_name(other, name),
            NameScope::Relations => lowering.has_index_name(other, name) || lowering.same_name(&other.name.name, name),
        })
    }

    /// Whether an index of the table, or a constraint that is one, has a name.
    fn has_index_name(&self, table: &Table, name: &str) -> bool {
        let keys = self.context.dialect.capabilities().keys_name_indexes;
        let constraints = table.constraints.iter().filter_map(|constraint| match &constraint.kind {
            ConstraintKind::PrimaryKey { .. } | ConstraintKind::Unique { .. } | ConstraintKind::Exclude(_) => {
                constraint.name.as_deref().filter(|_| keys)
            }
            ConstraintKind::Check { .. } | ConstraintKind::ForeignKey(_) => None,
        });
        constraints
            .chain(table.indexes.iter().map(|index| index.name.as_str()))
            .any(|other| self.same_name(other, name))
    }

    /// Whether nothing of the table has a name, and nothing of another table that would collide with it.
    fn free_name(
        &mut self,
        table: &Table,
        name: &str,
        span: Span,
        collides: impl Fn(&Self, &Table) -> bool,
    ) -> Option<()> {
        let constraints = table.constraints.iter().filter_map(|constraint| constraint.name.as_deref());
        let mut own = constraints.chain(table.indexes.iter().map(|index| index.name.as_str()));
        if own.any(|other| self.same_name(other, name)) {
            return self.name_taken(name, &table.name, span);
        }
        let owner = {
            let mut others = self.schema.tables_with_name(name).filter(|other| other.name.schema == table.name.schema);
            others.find(|other| other.name != table.name && collides(self, other)).map(|other| other.name.clone())
        };
        match owner {
            None => Some(()),
            Some(owner) => self.name_taken(name, &owner, span),
        }
    }

    fn name_taken(&mut self, name: &str, owner: &ObjectName, span: Span) -> Option<()> {
        let message = format!("the name `{name}` is taken, on the table `{owner}`");
        self.report(
            Diagnostic::error(&codes::NAME_TAKEN, message)
                .at(span, "needs another name")
                .help("give it a `name:` of its own"),
        );
        None
    }
}

/// Whether two names are in one namespace.
fn same_namespace(a: &ObjectName, b: &ObjectName, folds_case: bool) -> bool {
    a.schema == b.schema
        || matches!((&a.schema, &b.schema), (Some(a), Some(b)) if folds_case && a.eq_ignore_ascii_case(b))
}
