//! Columns. MySQL's MODIFY forgets whatever it is not told, so every change restates the whole definition.

use aludel_engine::change::{Fact, Position, column_mentions, divides};
use aludel_engine::dialect::{Dialect, Unsupported};
use aludel_engine::plan::{Statement, Work};
use aludel_engine::schema::{
    Column, ConstraintKind, IndexKey, ObjectName, Schema, Table, Type, Value, hexadecimal_digits,
};
use aludel_engine::sql::{Lexicon, mentions};

use super::Compiler;
use crate::dialect::Flavour;
use crate::literal::comment_text;
use crate::{expression, types};

impl Compiler<'_> {
    /// What follows the name of a column.
    pub(super) fn column_definition(
        &self,
        table: &Table,
        column: &Column,
        schema: &Schema,
    ) -> Result<String, Unsupported> {
        self.refuse(table, column)?;
        let mut sql = types::render(self.dialect, &column.ty, schema)?;
        let mut add = |text: &str| {
            sql.push(' ');
            sql.push_str(text);
        };
        if column.options.flag("unsigned") {
            add("unsigned");
        }
        if let Some(charset) = column.options.text("charset") {
            add(&format!("CHARACTER SET {}", self.word("charset", charset)?));
        }
        if let Some(collation) = &column.collation {
            add(&format!("COLLATE {}", self.word("collation", collation)?));
        }
        if let Some(computed) = &column.computed {
            let kind = if computed.stored { "STORED" } else { "VIRTUAL" };
            add(&format!(
                "GENERATED ALWAYS AS {} {kind}",
                expression::parenthesised(&computed.sql, self.dialect.lexicon())
            ));
        }
        // MariaDB does not take NOT NULL on a generated column: <https://mariadb.com/kb/en/generated-columns/>
        let generated = column.computed.is_some() && self.dialect.flavour() == Flavour::MariaDb;
        match column.nullable {
            false if generated => {
                return Err(Unsupported::new(format!(
                    "the generated column `{}` cannot be NOT NULL in MariaDB",
                    column.name
                ))
                .about(&column.name)
                .help("leave `nullable` out, and add a check that it is not null"));
            }
            false => add("NOT NULL"),
            // Without the word a TIMESTAMP may become NOT NULL with a default that nobody wrote.
            true if matches!(types::canonical(&column.ty), Type::TimestampTz(_)) && !generated => add("NULL"),
            true => {}
        }
        if let Some(default) = &column.default {
            add(&format!("DEFAULT {}", self.default(default, &column.ty)?));
        }
        if let Some(on_update) = self.on_update(column) {
            add(&format!("ON UPDATE {on_update}"));
        }
        if column.options.flag("invisible") {
            add("INVISIBLE");
        }
        if column.identity.is_some() {
            add("AUTO_INCREMENT");
        }
        if let Some(comment) = &column.comment {
            add(&format!("COMMENT {}", comment_text(comment)?));
        }
        Ok(sql)
    }

    /// What this dialect cannot hold.
    fn refuse(&self, table: &Table, column: &Column) -> Result<(), Unsupported> {
        let refused = |message: String, help: &str| Err(Unsupported::new(message).about(&column.name).help(help));
        let place = format!("`{}.{}`", table.name, column.name);
        if let Some(identity) = column.identity {
            if identity.always {
                return refused(
                    format!("{} cannot refuse values given for the identity column {place}", self.title()),
                    "write `identity: true`, or override it: `mysql: {identity: true}`",
                );
            }
            if identity.increment.is_some_and(|increment| increment != 1) {
                return refused(
                    format!("{} has no step for the numbers of {place}", self.title()),
                    "the step is a setting of the server, `auto_increment_increment`; leave `increment` out",
                );
            }
            if !types::is_integer(&types::canonical(&column.ty)) {
                return refused(
                    format!("the identity column {place} is not a whole number"),
                    "make its type `smallint`, `integer` or `bigint`",
                );
            }
            if column.default.is_some() {
                return refused(format!("the identity column {place} has a default"), "remove one of the two");
            }
        }
        if column.computed.is_some() && column.default.is_some() {
            return refused(format!("the generated column {place} has a default"), "remove one of the two");
        }
        if column.options.flag("unsigned") && !is_numeric(&types::canonical(&column.ty)) {
            return refused(format!("{place} is not a number, so it cannot be unsigned"), "remove `unsigned`");
        }
        if column.options.get("charset").is_some() && !types::has_charset(&types::canonical(&column.ty)) {
            return refused(format!("{place} is not a text, so it has no character set"), "remove `charset`");
        }
        if column.collation.is_some() && !types::has_charset(&types::canonical(&column.ty)) {
            return refused(format!("{place} is not a text, so it has no collation"), "write `collation: null`");
        }
        let valued = column.default.is_some() || column.identity.is_some() || column.computed.is_some();
        let hidden = column.options.flag("invisible") && !column.nullable && !valued;
        if hidden && self.dialect.flavour() == Flavour::MariaDb {
            return refused(
                format!("{place} is invisible and NOT NULL, and MariaDB wants a default for it"),
                "give it a `default`, or make it nullable",
            );
        }
        if column.identity.is_some()
            && let Some(user) = expression_of(table, &column.name, self.dialect.lexicon())
        {
            return refused(
                format!(
                    "{user} of `{}` speaks of the identity column {place}, which {} refuses",
                    table.name,
                    self.title()
                ),
                "leave the numbers of an identity column to the database, and drop the expression",
            );
        }
        Ok(())
    }

    /// What a generated column cannot read: one that is generated and stands after it (error 3107), and, unless MariaDB
    /// makes it when it is read, the identity column (3109).
    /// <https://dev.mysql.com/doc/refman/8.4/en/create-table-generated-columns.html>
    pub(super) fn refuse_generated(&self, table: &Table, column: &Column) -> Option<Unsupported> {
        let computed = column.computed.as_ref()?;
        let place = table.position(&column.name)?;
        let counted = computed.stored || self.dialect.flavour() == Flavour::MySql;
        let read = |other: &&Column| mentions(&computed.sql, &other.name, self.dialect.lexicon());
        let later = table.columns.iter().skip(place + 1).filter(|other| other.computed.is_some()).find(read);
        let identity = table.columns.iter().filter(|other| counted && other.identity.is_some()).find(read);
        let name = &column.name;
        let refused = match (later, identity) {
            (Some(later), _) => Unsupported::new(format!(
                "the generated column `{name}` of `{}` reads the generated column `{}`, which stands after it",
                table.name, later.name
            ))
            .help(format!("put `{}` before it, or write its expression out", later.name)),
            (None, Some(identity)) => Unsupported::new(format!(
                "the generated column `{name}` of `{}` reads `{}`, whose numbers {} makes later",
                table.name,
                identity.name,
                self.title()
            ))
            .help("make it a view or an index over the expression, or leave `identity` out"),
            (None, None) => return None,
        };
        Some(refused.about(name))
    }

    /// A default as it stands behind DEFAULT. Expressions need parentheses; `CURRENT_TIMESTAMP` on a date and time does not.
    /// <https://dev.mysql.com/doc/refman/8.4/en/data-type-defaults.html>
    pub(super) fn default(&self, value: &Value, ty: &Type) -> Result<String, Unsupported> {
        let text = self.dialect.literal(value, ty)?;
        let ty = types::canonical(ty);
        let moment = matches!(ty, Type::Timestamp(_) | Type::TimestampTz(_));
        let long = self.dialect.features.long_default_needs_parentheses && types::is_long(&ty);
        // The catalog shows a plain default as characters, and bytes that are none as nothing or `?`. An expression it shows
        // as written, but for MariaDB, which makes characters of a hexadecimal literal there too.
        let is_plain = match value {
            Value::Bytes(bytes) => !bytes.contains(&0) && std::str::from_utf8(bytes).is_ok(),
            _ => true,
        };
        let text = match value {
            Value::Bytes(bytes) if !is_plain && self.dialect.flavour() == Flavour::MariaDb => {
                format!("unhex('{}')", hexadecimal_digits(bytes))
            }
            _ => text,
        };
        let bare = match value {
            Value::Function(aludel_engine::schema::Function::Now) => moment,
            Value::Function(_) => false,
            Value::Sql(sql) => expression::is_parenthesised(sql) || (!long && is_simple(sql, moment)),
            Value::Null => true,
            Value::Bytes(_) => !long && is_plain,
            _ => !long,
        };
        Ok(if bare { text } else { format!("({text})") })
    }

    fn on_update(&self, column: &Column) -> Option<String> {
        column.options.text("on_update")?;
        Some(match types::canonical(&column.ty) {
            Type::Timestamp(precision @ 1..) | Type::TimestampTz(precision @ 1..) => {
                format!("CURRENT_TIMESTAMP({precision})")
            }
            _ => "CURRENT_TIMESTAMP".to_owned(),
        })
    }

    /// `MODIFY COLUMN` with the whole definition.
    pub(super) fn modify(&self, table: &Table, column: &Column, schema: &Schema) -> Result<String, Unsupported> {
        let definition = self.column_definition(table, column, schema)?;
        Ok(format!("MODIFY COLUMN {} {definition}", self.quote(&column.name)))
    }

    pub(super) fn position(&self, position: &Position) -> String {
        match position {
            Position::Last => String::new(),
            Position::First => " FIRST".to_owned(),
            Position::After(name) => format!(" AFTER {}", self.quote(name)),
        }
    }

    pub(super) fn add_column(
        &self,
        name: &ObjectName,
        column: &Column,
        position: &Position,
        if_not_exists: bool,
    ) -> Result<Vec<Statement>, Unsupported> {
        if if_not_exists && !self.dialect.features.if_not_exists {
            return Err(Unsupported::new(format!("{} has no ADD COLUMN IF NOT EXISTS", self.title()))
                .about(&column.name)
                .help("leave `if_not_exists` out: the history knows whether the column is there"));
        }
        let guard = if if_not_exists { "IF NOT EXISTS " } else { "" };
        let table = self.table_after(name)?;
        let definition = self.column_definition(table, column, self.after)?;
        let add = |definition: &str| {
            format!("ADD COLUMN {guard}{} {definition}{}", self.quote(&column.name), self.position(position))
        };
        let has_value = column.default.is_some() || column.computed.is_some() || column.identity.is_some();
        if !column.nullable && !has_value {
            return self.add_required_column(table, column, &add);
        }
        if self.varies(column) {
            return self.add_varying_column(table, column, &add);
        }
        let mut clauses = vec![add(&definition)];
        clauses.extend(self.support(self.table_before(name)?, table, None));
        let mut statement = self.alter(name, &clauses, self.add_column_work(column));
        if let Some(start) = column.identity.and_then(|identity| identity.start) {
            statement.sql.push_str(&format!(", AUTO_INCREMENT={start}"));
        }
        Ok(vec![statement])
    }

    /// A column that is NOT NULL and has no value for the rows that are there. The server would give them a zero, an empty
    /// text or the first word of an enum and say nothing
    /// (<https://dev.mysql.com/doc/refman/8.4/en/data-type-defaults.html#data-type-defaults-implicit>); every other
    /// database refuses. A default that turns out to be NULL makes it refuse too, as one atomic statement, when there is
    /// a row; the second statement takes that default away.
    fn add_required_column(
        &self,
        table: &Table,
        column: &Column,
        add: &dyn Fn(&str) -> String,
    ) -> Result<Vec<Statement>, Unsupported> {
        let mut guarded = column.clone();
        let features = &self.dialect.features;
        let refusing = match types::canonical(&column.ty) {
            Type::TimestampTz(_) => features.refusing_moment,
            _ => features.refusing_default,
        };
        guarded.default = Some(Value::Sql(refusing.to_owned()));
        let definition = self.column_definition(table, &guarded, self.after)?;
        let first = self.alter(&table.name, &[add(&definition)], Work::Copy).note(format!(
            "{} has no default: this fails when there are rows, instead of filling them with zeros",
            column.name
        ));
        let clause = self.modify(table, column, self.after)?;
        let added = Fact::ColumnExists { table: table.name.clone(), column: column.name.clone() };
        Ok(vec![first.proves(added), self.alter(&table.name, &[clause], Work::Metadata)])
    }

    /// Whether the default is another one for each row, in a way that ADD COLUMN refuses (error 1674).
    fn varies(&self, column: &Column) -> bool {
        self.dialect.features.varying_default_refused
            && match &column.default {
                Some(Value::Function(aludel_engine::schema::Function::Uuid)) => true,
                Some(Value::Sql(sql)) => {
                    let sql = sql.to_ascii_lowercase();
                    ["uuid", "rand(", "random_bytes", "sysdate", "connection_id", "user("]
                        .iter()
                        .any(|f| sql.contains(f))
                }
                _ => false,
            }
    }

    /// The column without its default, then a value for each row, then the whole definition.
    fn add_varying_column(
        &self,
        table: &Table,
        column: &Column,
        add: &dyn Fn(&str) -> String,
    ) -> Result<Vec<Statement>, Unsupported> {
        let mut bare = column.clone();
        bare.default = None;
        bare.nullable = true;
        let definition = self.column_definition(table, &bare, self.after)?;
        let value = match &column.default {
            Some(default) => self.dialect.literal(default, &column.ty)?,
            None => "NULL".to_owned(),
        };
        let clause = self.modify(table, column, self.after)?;
        let work = if column.nullable { Work::Metadata } else { Work::Rebuild };
        let added = Fact::ColumnExists { table: table.name.clone(), column: column.name.clone() };
        Ok(vec![
            self.alter(&table.name, &[add(&definition)], Work::Metadata).proves(added),
            self.update(self.before.table(&table.name).map(AsRef::as_ref), &table.name, &column.name, &value, None),
            self.alter(&table.name, &[clause], work),
        ])
    }

    fn add_column_work(&self, column: &Column) -> Work {
        let computed = column.computed.as_ref().map(|computed| computed.stored);
        let literal = column.default.as_ref().is_none_or(Value::is_literal);
        match (computed, column.identity.is_some()) {
            (Some(true), _) | (_, true) => Work::Copy,
            (Some(false), _) => Work::Metadata,
            (None, _) if literal || self.dialect.flavour() == Flavour::MariaDb => Work::Metadata,
            (None, _) => Work::Copy,
        }
    }

    pub(super) fn drop_column(&self, name: &ObjectName, column: &Column) -> Result<Vec<Statement>, Unsupported> {
        let (before, after) = (self.table_before(name)?, self.table_after(name)?);
        let mut clauses = vec![format!("DROP COLUMN {}", self.quote(&column.name))];
        clauses.extend(self.support(before, after, Some(&column.name)));
        let stored = column.computed.as_ref().is_none_or(|computed| computed.stored);
        // InnoDB hides a column that goes at once under a longer name, and cuts that name inside a character: "Failed to
        // update columns dictionary object".
        let cut = self.dialect.flavour() == Flavour::MySql && !column.name.is_ascii() && column.name.len() > 32;
        if cut && stored {
            clauses.push("ALGORITHM=INPLACE".to_owned());
        }
        let instant = (self.dialect.features.instant_drop && !cut) || !stored;
        Ok(vec![self.alter(name, &clauses, if instant { Work::Metadata } else { Work::Rebuild })])
    }

    /// RENAME COLUMN. MySQL refuses it while a check (error 3959), a generated column (3108) or a functional index (3837)
    /// mentions the column, unless the same ALTER TABLE states them anew; MariaDB rewrites them by itself.
    pub(super) fn rename_column(&self, name: &ObjectName, from: &str, to: &str) -> Result<Vec<Statement>, Unsupported> {
        let rename = format!("RENAME COLUMN {} TO {}", self.quote(from), self.quote(to));
        if self.dialect.features.rename_follows {
            return Ok(vec![self.alter(name, &[rename], Work::Metadata)]);
        }
        let (before, after) = (self.table_before(name)?, self.table_after(name)?);
        if divides(before, from, self.dialect.lexicon()) {
            // Error 3855.
            return Err(Unsupported::new(format!(
                "`{name}` is divided into partitions by `{from}`, which MySQL cannot rename then"
            ))
            .about(from)
            .help("make the table whole first, with `alter_table` and `partition_by: \"\"`, and divide it again afterwards"));
        }
        let mentions = column_mentions(before, from, self.dialect.lexicon());
        let mut clauses = Vec::new();
        let mut added = Vec::new();
        let mut work = Work::Metadata;
        for place in mentions.own_constraints.iter().chain(&mentions.shared_constraints) {
            let (Some(old), Some(new)) = (before.constraints.get(*place), after.constraints.get(*place)) else {
                continue;
            };
            if matches!(old.kind, aludel_engine::schema::ConstraintKind::Check { .. }) {
                work = Work::Copy;
                clauses.push(self.drop_constraint_clause(old)?);
                added.push(format!("ADD {}", self.constraint_clause(after, new)?));
            }
        }
        for place in mentions.own_indexes.iter().chain(&mentions.shared_indexes) {
            let (Some(old), Some(new)) = (before.indexes.get(*place), after.indexes.get(*place)) else { continue };
            if old.parts.iter().any(|part| matches!(part.key, IndexKey::Expression(_))) {
                work = work.max(Work::Index);
                clauses.push(format!("DROP INDEX {}", self.quote(&old.name)));
                added.push(format!("ADD {}", self.index_clause(after, new)?));
            }
        }
        // A column of a foreign key is renamed in place, a check is added by a copy: one ALTER TABLE cannot do both.
        // <https://dev.mysql.com/doc/refman/8.4/en/innodb-online-ddl-operations.html>
        let in_key = self.is_in_foreign_key(before, from);
        if in_key && !mentions.computed.is_empty() {
            return Err(Unsupported::new(format!(
                "MySQL cannot rename `{from}` of `{name}`, which has a foreign key and of which a generated column is made"
            ))
            .about(from)
            .help("drop the generated column or the foreign key first, and make it again after the rename"));
        }
        if in_key && !clauses.is_empty() {
            return Ok(vec![
                self.alter(name, &clauses, Work::Metadata),
                self.alter(name, &[rename], Work::Metadata),
                self.alter(name, &added, work),
            ]);
        }
        clauses.push(rename);
        for place in mentions.computed {
            let Some(column) = after.columns.get(place) else { continue };
            work = work.max(Work::Rebuild);
            clauses.push(self.modify(after, column, self.after)?);
        }
        clauses.append(&mut added);
        Ok(vec![self.alter(name, &clauses, work)])
    }
}

impl Compiler<'_> {
    /// Whether a column refers to another, or is referred to.
    fn is_in_foreign_key(&self, table: &Table, column: &str) -> bool {
        let is = |name: &String| name == column;
        table.foreign_keys().any(|(_, key)| key.columns.iter().any(is))
            || self.before.references_to(&table.name).any(|(_, _, key)| key.referred_columns.iter().any(is))
    }
}

fn is_numeric(ty: &Type) -> bool {
    // With a precision the server has them and the model does not.
    let is_float = |text: &str| matches!(text.split('(').next().map(str::trim), Some("float" | "double"));
    types::is_integer(ty)
        || matches!(ty, Type::Decimal(_) | Type::Real | Type::Double | Type::Boolean)
        || matches!(ty, Type::Native(text) if is_float(text))
}

/// Whether a default written as SQL is a literal, or the present moment for a date and time.
fn is_simple(sql: &str, moment: bool) -> bool {
    let sql = sql.trim();
    let lower = sql.to_ascii_lowercase();
    if crate::literal::is_number(sql) || matches!(lower.as_str(), "null" | "true" | "false") {
        return true;
    }
    let body = lower.strip_prefix("_utf8mb4").unwrap_or(&lower);
    let body = body.strip_prefix(['b', 'x', 'n']).filter(|rest| rest.starts_with('\'')).unwrap_or(body);
    if let Some(inner) = body.strip_prefix('\'').and_then(|rest| rest.strip_suffix('\'')) {
        return !inner.replace("\\\\", "").replace("\\'", "").replace("''", "").contains('\'')
            && !inner.ends_with('\\');
    }
    let words = ["current_timestamp", "now(", "localtime", "localtimestamp"];
    let call = words.iter().any(|word| lower.starts_with(word));
    moment && call && lower.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '_' | '(' | ')'))
}

/// A check, generated column or functional index that speaks of a column, in words.
fn expression_of(table: &Table, name: &str, lexicon: &Lexicon) -> Option<String> {
    let speaks = |sql: &str| mentions(sql, name, lexicon);
    let checks = table.constraints.iter().find_map(|constraint| match &constraint.kind {
        ConstraintKind::Check { sql } if speaks(sql) => {
            Some(format!("the check `{}`", constraint.name.as_deref().unwrap_or("(unnamed)")))
        }
        _ => None,
    });
    let generated = table.columns.iter().find(|other| other.computed.as_ref().is_some_and(|one| speaks(&one.sql)));
    let indexed = table
        .indexes
        .iter()
        .find(|index| index.parts.iter().any(|part| matches!(&part.key, IndexKey::Expression(sql) if speaks(sql))));
    let indexed = indexed.map(|index| format!("the index `{}`", index.name));
    checks.or(indexed).or_else(|| generated.map(|other| format!("the generated column `{}`", other.name)))
}
