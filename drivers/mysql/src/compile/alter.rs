//! Changes of a column's definition, in the order that works with rows in the table.

use aludel_engine::change::Position;
use aludel_engine::dialect::{Dialect, Unsupported};
use aludel_engine::plan::{Statement, Work};
use aludel_engine::schema::{Column, Computed, ObjectName, Table, Type, Value};

use super::Compiler;
use crate::dialect::Flavour;
use crate::types;

impl Compiler<'_> {
    pub(super) fn alter_column(
        &self,
        name: &ObjectName,
        before: &Column,
        after: &Column,
        using: Option<&str>,
        existing_null_value: Option<&Value>,
    ) -> Result<Vec<Statement>, Unsupported> {
        let table = self.table_after(name)?;
        self.refuse_in_foreign_key(name, before, after)?;
        if let Some(refill) = self.must_refill(before, after) {
            let value = using.map(str::to_owned).or(refill);
            return self.replace_column(name, before, after, value, existing_null_value);
        }
        if let Some(using) = using
            && after.computed.is_none()
        {
            return self.replace_column(name, before, after, Some(using.to_owned()), existing_null_value);
        }
        let mut statements = Vec::new();
        if becomes_boolean(before, after) {
            // A TINYINT(1) holds more than two numbers, and `flag = TRUE` would not find a 5.
            let column = self.quote(&after.name);
            let value = format!("{column} <> 0");
            let condition = format!("{column} NOT IN (0, 1)");
            statements.push(self.update(Some(table), name, &after.name, &value, Some(&condition)));
        }
        if let Some(value) = existing_null_value
            && before.nullable
            && !after.nullable
        {
            let value = self.dialect.literal(value, &after.ty)?;
            let condition = format!("{} IS NULL", self.quote(&after.name));
            if before.ty != after.ty || before.options != after.options {
                // The value may not fit the old type, so that the type goes first.
                let mut open = after.clone();
                open.nullable = true;
                let clause = self.modify(table, &open, self.after)?;
                statements.push(self.alter(name, &[clause], Work::Copy));
            }
            statements.push(self.update(Some(table), name, &after.name, &value, Some(&condition)));
        }
        let mut clauses = vec![self.modify(table, after, self.after)?];
        clauses.extend(self.support(self.table_before(name)?, table, None));
        if let Some(start) = after.identity.and_then(|identity| identity.start)
            && before.identity.and_then(|identity| identity.start) != Some(start)
        {
            clauses.push(format!("AUTO_INCREMENT={start}"));
        }
        if self.dialect.flavour() == Flavour::MariaDb && before.computed != after.computed {
            // In place, MariaDB 10.11 leaves stored columns and indexes that are made of this one as they were.
            clauses.push("ALGORITHM=COPY".to_owned());
        }
        let mut statement = self.alter(name, &clauses, self.alter_work(before, after));
        if self.is_held(name, before, after)? {
            statement = statement
                .within("SET SESSION foreign_key_checks = 0", "SET SESSION foreign_key_checks = 1")
                .note(format!(
                    "{} refuses this on a column of a foreign key unless the checks are off; its values stay",
                    self.title()
                ));
        }
        statements.push(statement);
        Ok(statements)
    }

    /// Whether the server refuses a change for a foreign key that goes on to hold (errors 1832 and 1833): AUTO_INCREMENT,
    /// and the length of texts where the table is copied for it.
    fn is_held(&self, name: &ObjectName, before: &Column, after: &Column) -> Result<bool, Unsupported> {
        let counts = before.identity.is_some() != after.identity.is_some();
        let resized = types::canonical(&before.ty) != types::canonical(&after.ty);
        Ok((counts || resized) && self.foreign_key_on(name, &before.name)?.is_some())
    }

    /// A foreign key that is built on a column or refers to it, with the table that it belongs to.
    fn foreign_key_on(&self, name: &ObjectName, column: &str) -> Result<Option<(ObjectName, String)>, Unsupported> {
        let is = |columns: &[String]| columns.iter().any(|other| other == column);
        let table = self.table_before(name)?;
        let own = table.foreign_keys().filter(|(_, key)| is(&key.columns)).map(|(one, _)| (name, one));
        let others = self.before.references_to(name).filter(|(_, _, key)| is(&key.referred_columns));
        let found = own.chain(others.map(|(table, one, _)| (&table.name, one))).next();
        Ok(found.map(|(owner, one)| (owner.clone(), one.name.clone().unwrap_or_else(|| "(unnamed)".to_owned()))))
    }

    /// Whether MODIFY cannot lead from one definition to the other because a generated column begins or ends, and if so
    /// what the new column is filled with: nothing when it computes itself.
    /// <https://dev.mysql.com/doc/refman/8.4/en/alter-table-generated-columns.html>
    fn must_refill(&self, before: &Column, after: &Column) -> Option<Option<String>> {
        let stored = |computed: &Option<Computed>| computed.as_ref().map(|computed| computed.stored);
        match (stored(&before.computed), stored(&after.computed)) {
            (None, None) | (Some(true), Some(true)) | (Some(false), Some(false)) => None,
            (_, Some(_)) => Some(None),
            (Some(_), None) => Some(Some(self.quote(&before.name))),
        }
    }

    /// The columns of a foreign key have one type on both sides, so none of them can change alone (errors 1832, 1833, 3780).
    /// The lengths of texts may differ.
    fn refuse_in_foreign_key(&self, name: &ObjectName, before: &Column, after: &Column) -> Result<(), Unsupported> {
        // MariaDB refuses another length too, whatever its checks are set to.
        let mysql = self.dialect.flavour() == Flavour::MySql;
        let lengthy = |ty: &Type| mysql && matches!(ty, Type::Varchar(_) | Type::Char(_));
        let (old, new) = (types::canonical(&before.ty), types::canonical(&after.ty));
        let sign = before.options.flag("unsigned") != after.options.flag("unsigned");
        let letters =
            before.collation != after.collation || before.options.get("charset") != after.options.get("charset");
        if (old == new || (lengthy(&old) && lengthy(&new))) && !sign && !letters {
            return Ok(());
        }
        let what = if letters { "collation" } else { "type" };
        match self.foreign_key_on(name, &before.name)? {
            None => Ok(()),
            Some((owner, constraint)) => Err(Unsupported::new(format!(
                "the {what} of `{name}.{}` cannot change while the foreign key `{constraint}` of `{owner}` is built on it",
                before.name,
            ))
            .about(&before.name)
            .help("drop the foreign key, change the columns on both sides, and create it again")),
        }
    }

    fn alter_work(&self, before: &Column, after: &Column) -> Work {
        let same_type = before.ty == after.ty
            && before.collation == after.collation
            && ["unsigned", "charset"].iter().all(|name| before.options.get(name) == after.options.get(name));
        let mut work = if same_type || grows(&before.ty, &after.ty) { Work::Metadata } else { Work::Copy };
        if before.nullable != after.nullable {
            work = work.max(Work::Rebuild);
        }
        if before.identity != after.identity || before.computed != after.computed {
            work = Work::Copy;
        }
        work
    }

    /// `UPDATE … SET column = value`, which leaves the columns alone that an update would touch by itself.
    pub(super) fn update(
        &self,
        table: Option<&Table>,
        name: &ObjectName,
        column: &str,
        value: &str,
        condition: Option<&str>,
    ) -> Statement {
        let mut sql = format!("UPDATE {} SET {} = {value}", self.name(name), self.quote(column));
        for other in table.iter().flat_map(|table| &table.columns) {
            if other.options.get("on_update").is_some() && other.name != column {
                let other = self.quote(&other.name);
                sql.push_str(&format!(", {other} = {other}"));
            }
        }
        if let Some(condition) = condition {
            sql.push_str(" WHERE ");
            sql.push_str(condition);
        }
        Statement::dml(sql).locks(name, aludel_engine::plan::LockLevel::BlocksWrites)
    }

    /// The position that puts a column where it stands in a table.
    pub(super) fn standing(&self, table: &Table, column: &str) -> Position {
        match table.position(column) {
            None | Some(0) => Position::First,
            Some(at) => table.columns.get(at - 1).map_or(Position::Last, |left| Position::After(left.name.clone())),
        }
    }
}

/// Whether a column of numbers becomes one of truth values.
fn becomes_boolean(before: &Column, after: &Column) -> bool {
    let old = types::canonical(&before.ty);
    let number = types::is_integer(&old) || matches!(old, Type::Decimal(_) | Type::Real | Type::Double);
    number && before.computed.is_none() && types::canonical(&after.ty) == Type::Boolean
}

/// Whether one VARCHAR becomes a longer one without a rewrite: its length takes one byte before and after, or two.
/// <https://dev.mysql.com/doc/refman/8.4/en/innodb-online-ddl-operations.html#online-ddl-column-operations>
fn grows(before: &Type, after: &Type) -> bool {
    match (types::canonical(before), types::canonical(after)) {
        (Type::Varchar(Some(old)), Type::Varchar(Some(new))) => old <= new && (old * 4 > 255) == (new * 4 > 255),
        (old, new) => old == new,
    }
}
