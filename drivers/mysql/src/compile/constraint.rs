//! Keys, checks and foreign keys.

use aludel_engine::dialect::{Dialect, Unsupported};
use aludel_engine::plan::{LockLevel, Statement, Work};
use aludel_engine::schema::{
    Column, Constraint, ConstraintKind, Deferral, ForeignKey, Match, ObjectName, OptionValue, ReferentialAction, Table,
    Type,
};
use aludel_engine::sql::mentions;

use super::index::no_prefix;
use super::{Compiler, support};
use crate::dialect::Flavour;
use crate::{expression, types};

impl Compiler<'_> {
    /// A constraint as it stands in CREATE TABLE and behind ADD.
    pub(super) fn constraint_clause(&self, table: &Table, constraint: &Constraint) -> Result<String, Unsupported> {
        self.refuse_constraint(table, constraint)?;
        let name = match &constraint.name {
            Some(name) => format!("CONSTRAINT {} ", self.quote(name)),
            None => String::new(),
        };
        Ok(match &constraint.kind {
            // The server calls every primary key PRIMARY, whatever it is told.
            ConstraintKind::PrimaryKey { columns } => {
                let part = |column: &String| match constraint.options.number_of("lengths", column) {
                    Some(length) => format!("{}({length})", self.quote(column)),
                    None => self.quote(column),
                };
                format!("PRIMARY KEY ({})", columns.iter().map(part).collect::<Vec<_>>().join(", "))
            }
            ConstraintKind::Unique { columns } => format!("{name}UNIQUE ({})", self.names(columns)),
            ConstraintKind::Check { sql } => {
                let rest = if enforced(constraint) { "" } else { " NOT ENFORCED" };
                format!("{name}CHECK {}{rest}", expression::parenthesised(sql, self.dialect.lexicon()))
            }
            ConstraintKind::ForeignKey(key) => format!("{name}{}", self.foreign_key(key)),
            ConstraintKind::Exclude(_) => return Err(self.exclusion(constraint)),
        })
    }

    fn exclusion(&self, constraint: &Constraint) -> Unsupported {
        let (title, dialect) = (self.title(), self.dialect.flavour().name());
        let name = constraint.name.as_deref().unwrap_or("(unnamed)");
        Unsupported::new(format!("{title} has no exclusion constraints such as `{name}`")).about(name).help(format!(
            "keep it from {title}, with `except: [{dialect}]` or, in `create_table`, `{dialect}: {{exclude: []}}`; what is equal is excluded by a unique constraint, what overlaps by a trigger"
        ))
    }

    fn foreign_key(&self, key: &ForeignKey) -> String {
        let mut sql = format!(
            "FOREIGN KEY ({}) REFERENCES {} ({})",
            self.names(&key.columns),
            self.name(&key.referred_table),
            self.names(&key.referred_columns)
        );
        for (word, action) in [("DELETE", key.on_delete), ("UPDATE", key.on_update)] {
            if action != ReferentialAction::NoAction {
                sql.push_str(&format!(" ON {word} {}", action.sql()));
            }
        }
        sql
    }

    fn refuse_constraint(&self, table: &Table, constraint: &Constraint) -> Result<(), Unsupported> {
        let what = match &constraint.name {
            Some(name) => format!("the {} `{name}` of `{}`", constraint.describe(), table.name),
            None => format!("the {} of `{}`", constraint.describe(), table.name),
        };
        let refused = |message: String, help: &str| {
            let error = Unsupported::new(message).help(help);
            Err(match &constraint.name {
                Some(name) => error.about(name),
                None => error,
            })
        };
        if constraint.deferral != Deferral::NotDeferrable {
            return refused(
                format!("{what} cannot be deferred: {} checks at once", self.title()),
                "leave `deferrable` out for this dialect: `mysql: {deferrable: false}`",
            );
        }
        if !constraint.validated {
            return refused(
                format!("{what} cannot be added without looking at the rows: {} has no `not_valid`", self.title()),
                "leave `not_valid` out for this dialect",
            );
        }
        if constraint.comment.is_some() {
            return refused(
                format!("{what} has a comment, which {} has no place for", self.title()),
                "put the comment on the table or a column",
            );
        }
        if let (ConstraintKind::Unique { .. } | ConstraintKind::ForeignKey(_), Some(name)) =
            (&constraint.kind, &constraint.name)
        {
            self.refuse_index_name(name)?;
        }
        match &constraint.kind {
            ConstraintKind::PrimaryKey { columns } | ConstraintKind::Unique { columns } => {
                let of_key = columns.iter().filter_map(|name| table.column(name));
                for column in of_key {
                    let ty = types::canonical(&column.ty);
                    match constraint.options.number_of("lengths", &column.name) {
                        None if types::is_long(&ty) => {
                            return refused(
                                format!("{what} is built on `{}`, which is of unlimited length", column.name),
                                match constraint.is_primary_key() {
                                    true => {
                                        "make the column a `varchar` of limited size, or say how much of it counts: `mysql: {lengths: {…: 191}}`"
                                    }
                                    false => {
                                        "make the column a `varchar` of limited size, or use a unique index with a `length`"
                                    }
                                },
                            );
                        }
                        Some(length) => {
                            let why = u32::try_from(length).map_or_else(
                                |_| Some("which is no length".to_owned()),
                                |length| no_prefix(&ty, length),
                            );
                            if let Some(why) = why {
                                return refused(
                                    format!("{what} is to have {length} characters of `{}`, {why}", column.name),
                                    "leave it out of `lengths`",
                                );
                            }
                        }
                        None => {}
                    }
                }
                if let Some(OptionValue::Map(lengths)) = constraint.options.get("lengths")
                    && let Some(other) = lengths.keys().find(|name| !columns.contains(name))
                {
                    return refused(format!("{what} does not have the column `{other}`"), "take it out of `lengths`");
                }
            }
            ConstraintKind::ForeignKey(key) => self.refuse_foreign_key(table, key, &what)?,
            ConstraintKind::Check { .. } if !enforced(constraint) && self.dialect.flavour() == Flavour::MariaDb => {
                return refused(
                    format!("{what} is not to be enforced, and MariaDB enforces every check"),
                    "say what MariaDB does instead: `mariadb: {enforced: true}`, or keep the check from it with `except: [mariadb]`",
                );
            }
            ConstraintKind::Check { .. } => {}
            ConstraintKind::Exclude(_) => return Err(self.exclusion(constraint)),
        }
        let checked = table.foreign_keys().filter(|(other, _)| *other == constraint || !is_foreign_key(constraint));
        for (other, key) in checked.filter(|(_, key)| writes_columns(key)) {
            let mut checks = table.constraints.iter().filter(|one| is_foreign_key(constraint) || *one == constraint);
            let found = checks.find_map(|check| match &check.kind {
                ConstraintKind::Check { sql } => {
                    let lexicon = self.dialect.lexicon();
                    key.columns.iter().find(|column| mentions(sql, column, lexicon)).map(|column| (check, column))
                }
                _ => None,
            });
            if let Some((check, column)) = found {
                let shown = |constraint: &Constraint| constraint.name.clone().unwrap_or_else(|| "(unnamed)".to_owned());
                return refused(
                    format!(
                        "the check `{}` of `{}` is about `{column}`, which the foreign key `{}` changes by itself; {} refuses the two together",
                        shown(check),
                        table.name,
                        shown(other),
                        self.title()
                    ),
                    "leave the check out, or use `restrict`, `no action` or `on_delete: cascade` alone",
                );
            }
        }
        Ok(())
    }

    fn refuse_foreign_key(&self, table: &Table, key: &ForeignKey, what: &str) -> Result<(), Unsupported> {
        let actions = [key.on_delete, key.on_update];
        if actions.contains(&ReferentialAction::SetDefault) {
            // InnoDB parses it and then refuses, or on MariaDB ignores it.
            // <https://dev.mysql.com/doc/refman/8.4/en/create-table-foreign-keys.html#foreign-key-referential-actions>
            return Err(Unsupported::new(format!("{what} sets the default, which InnoDB cannot do"))
                .help("use `set null`, `cascade` or `restrict`, or a trigger"));
        }
        if key.matching == Match::Full && key.columns.len() > 1 {
            return Err(Unsupported::new(format!("{what} matches in full, which {} cannot do", self.title()))
                .help("leave `match` out and add a check that all of its columns are null or none is"));
        }
        if actions.contains(&ReferentialAction::SetNull) {
            let fixed = key.columns.iter().filter_map(|name| table.column(name)).find(|column| !column.nullable);
            if let Some(column) = fixed {
                return Err(Unsupported::new(format!("{what} sets `{}` to null, which is NOT NULL", column.name))
                    .help("make the column nullable or choose another action"));
            }
        }
        // <https://dev.mysql.com/doc/refman/8.4/en/create-table-foreign-keys.html>
        let text = |ty: &Type| matches!(ty, Type::Char(_) | Type::Varchar(_) | Type::Native(_));
        let referred = if key.referred_table == table.name {
            Some(table)
        } else {
            self.after.table(&key.referred_table).map(AsRef::as_ref)
        };
        let pairs = key.columns.iter().zip(&key.referred_columns);
        let columns = pairs.filter_map(|(own, other)| Some((table.column(own)?, referred?.column(other)?)));
        for (own, other) in columns {
            let (ty, wanted) = (types::canonical(&own.ty), types::canonical(&other.ty));
            let sign = own.options.flag("unsigned") != other.options.flag("unsigned");
            if sign || (ty != wanted && !(text(&ty) && text(&wanted))) {
                let unsigned = |column: &Column| if column.options.flag("unsigned") { " unsigned" } else { "" };
                return Err(Unsupported::new(format!(
                    "{what}: `{}` is {}{} and refers to `{}`, which is {}{}; {} wants the very same type",
                    own.name,
                    own.ty,
                    unsigned(own),
                    other.name,
                    other.ty,
                    unsigned(other),
                    self.title()
                ))
                .help("give both columns the same type"));
            }
        }
        // <https://dev.mysql.com/doc/refman/8.4/en/create-table-check-constraints.html>
        let changes = key.on_update == ReferentialAction::Cascade || actions.contains(&ReferentialAction::SetNull);
        let speaks = |sql: &str| key.columns.iter().find(|name| mentions(sql, name, self.dialect.lexicon()));
        let checked = table.constraints.iter().find_map(|other| match &other.kind {
            ConstraintKind::Check { sql } if changes => speaks(sql),
            _ => None,
        });
        match checked {
            None => Ok(()),
            Some(column) => Err(Unsupported::new(format!(
                "{what} may change `{column}`, of which a check speaks; {} refuses the two together",
                self.title()
            ))
            .help("leave `on_update: cascade` and `set null` out, or drop the check")),
        }
    }

    pub(super) fn add_constraint(
        &self,
        name: &ObjectName,
        constraint: &Constraint,
    ) -> Result<Vec<Statement>, Unsupported> {
        let (before, after) = (self.table_before(name)?, self.table_after(name)?);
        let mut clauses = vec![format!("ADD {}", self.constraint_clause(after, constraint)?)];
        clauses.extend(self.support(before, after, None));
        let mut statement = self.alter(name, &clauses, add_work(constraint));
        if let Some(key) = constraint.foreign_key().filter(|key| key.referred_table != *name) {
            statement = statement.locks(&key.referred_table, LockLevel::BlocksAll);
        }
        Ok(vec![statement])
    }

    /// The clause that drops a constraint, without what follows from it.
    pub(super) fn drop_constraint_clause(&self, constraint: &Constraint) -> Result<String, Unsupported> {
        if constraint.is_primary_key() {
            return Ok("DROP PRIMARY KEY".to_owned());
        }
        let Some(name) = &constraint.name else {
            return Err(Unsupported::new(format!("a {} without a name cannot be dropped", constraint.describe()))
                .help("give it a name in the step that creates it, or see SHOW CREATE TABLE and use `execute`"));
        };
        let name = self.quote(name);
        Ok(match &constraint.kind {
            ConstraintKind::Unique { .. } => format!("DROP INDEX {name}"),
            ConstraintKind::ForeignKey(_) => format!("DROP FOREIGN KEY {name}"),
            _ => format!("{} {name}", self.dialect.features.drop_check),
        })
    }

    pub(super) fn drop_constraint(
        &self,
        name: &ObjectName,
        constraint: &Constraint,
    ) -> Result<Vec<Statement>, Unsupported> {
        let mut clauses = vec![self.drop_constraint_clause(constraint)?];
        clauses.extend(self.support(self.table_before(name)?, self.table_after(name)?, None));
        let work = if constraint.is_primary_key() { Work::Copy } else { Work::Metadata };
        Ok(vec![self.alter(name, &clauses, work)])
    }

    /// A unique constraint is an index, which has a name to change; a check or foreign key is dropped and added again
    /// in one statement, so that no row slips through.
    pub(super) fn rename_constraint(
        &self,
        name: &ObjectName,
        from: &str,
        to: &str,
    ) -> Result<Vec<Statement>, Unsupported> {
        let (before, after) = (self.table_before(name)?, self.table_after(name)?);
        let (Some(old), Some(new)) = (before.constraint(from), after.constraint(to)) else {
            return Err(Unsupported::new(format!("there is no constraint `{from}` on `{name}`")).about(from));
        };
        let rename = |from: &str, to: &str| format!("RENAME INDEX {} TO {}", self.quote(from), self.quote(to));
        Ok(match &old.kind {
            // Primary keys have no names of their own here.
            ConstraintKind::PrimaryKey { .. } => Vec::new(),
            ConstraintKind::Unique { .. } => {
                self.refuse_index_name(to)?;
                vec![self.alter(name, &[rename(from, to)], Work::Metadata)]
            }
            ConstraintKind::Exclude(_) => return Err(self.exclusion(old)),
            ConstraintKind::Check { .. } => {
                let clauses =
                    [self.drop_constraint_clause(old)?, format!("ADD {}", self.constraint_clause(after, new)?)];
                vec![self.alter(name, &clauses, Work::Copy)]
            }
            ConstraintKind::ForeignKey(key) => {
                let mut statements = Vec::new();
                let mut clauses = vec![self.drop_constraint_clause(old)?];
                // Names that differ in case only are the same while both are in one ALTER TABLE.
                if from.eq_ignore_ascii_case(to) {
                    statements.push(self.alter(name, &std::mem::take(&mut clauses), Work::Metadata));
                }
                if support::implied(self.dialect, before).iter().any(|(index, _)| index == from) {
                    clauses.push(rename(from, to));
                }
                clauses.push(format!("ADD {}", self.constraint_clause(after, new)?));
                statements.push(self.alter(name, &clauses, Work::Copy));
                statements.into_iter().map(|one| one.locks(&key.referred_table, LockLevel::BlocksAll)).collect()
            }
        })
    }
}

fn enforced(constraint: &Constraint) -> bool {
    constraint.options.get("enforced") != Some(&OptionValue::Bool(false))
}

fn is_foreign_key(constraint: &Constraint) -> bool {
    constraint.foreign_key().is_some()
}

/// Whether a foreign key writes into its own columns, which no check may then be about (error 3823, MariaDB 1901).
/// <https://dev.mysql.com/doc/refman/8.4/en/create-table-check-constraints.html>
fn writes_columns(key: &ForeignKey) -> bool {
    key.on_delete == ReferentialAction::SetNull
        || matches!(key.on_update, ReferentialAction::SetNull | ReferentialAction::Cascade)
}

fn add_work(constraint: &Constraint) -> Work {
    match &constraint.kind {
        ConstraintKind::PrimaryKey { .. } => Work::Rebuild,
        ConstraintKind::Unique { .. } => Work::Index,
        ConstraintKind::Check { .. } | ConstraintKind::ForeignKey(_) | ConstraintKind::Exclude(_) => Work::Copy,
    }
}
