//! Tables.

use aludel_engine::change::TableProperties;
use aludel_engine::dialect::Unsupported;
use aludel_engine::plan::{LockLevel, Statement, Work};
use aludel_engine::schema::{ObjectName, OptionValue, Options, Table};

use super::support::{self, IDENTITY_INDEX};
use super::{Compiler, ddl};
use crate::literal::comment_text;
use crate::options::NUMBERED;
use crate::types;

impl Compiler<'_> {
    /// CREATE TABLE with all keys, checks, foreign keys and indexes, so that it is there as a whole or not at all.
    pub(super) fn create_table(&self, table: &Table, if_not_exists: bool) -> Result<Vec<Statement>, Unsupported> {
        let mut lines = Vec::new();
        for column in &table.columns {
            let definition =
                self.column_definition(table, column, self.after).map_err(|error| error.about(&column.name))?;
            lines.push(format!("{} {definition}", self.quote(&column.name)));
        }
        for constraint in &table.constraints {
            lines.push(self.constraint_clause(table, constraint)?);
        }
        for index in &table.indexes {
            lines.push(self.index_clause(table, index)?);
        }
        if let Some((_, columns)) =
            support::implied(self.dialect, table).iter().find(|(name, _)| name == IDENTITY_INDEX)
        {
            lines.push(format!("INDEX {IDENTITY_INDEX} ({})", self.names(columns)));
        }
        let mut sql = format!(
            "CREATE TABLE {}{} (\n  {}\n)",
            if if_not_exists { "IF NOT EXISTS " } else { "" },
            self.name(&table.name),
            lines.join(",\n  ")
        );
        for option in self.table_options(table)? {
            sql.push(' ');
            sql.push_str(&option);
        }
        let mut statement = ddl(sql, &table.name, Work::Metadata);
        for (_, key) in table.foreign_keys().filter(|(_, key)| key.referred_table != table.name) {
            // A new foreign key takes a metadata lock on the table it refers to.
            statement = statement.locks(&key.referred_table, LockLevel::BlocksAll);
        }
        for index in &table.indexes {
            if let Some(note) = self.index_note(index) {
                statement = statement.note(note);
            }
        }
        Ok(vec![statement])
    }

    /// What stands behind the closing parenthesis.
    pub(super) fn table_options(&self, table: &Table) -> Result<Vec<String>, Unsupported> {
        let mut clauses = self.option_clauses(&table.options)?;
        let start = table.options.integer("auto_increment").or_else(|| {
            support::identity(table).and_then(|column| column.identity.and_then(|identity| identity.start))
        });
        if let Some(start) = start {
            clauses.push(format!("AUTO_INCREMENT={start}"));
        }
        if let Some(comment) = &table.comment {
            clauses.push(format!("COMMENT={}", comment_text(comment)?));
        }
        if let Some(partition) = table.options.text("partition_by").filter(|text| !text.is_empty()) {
            clauses.push(format!("PARTITION BY {partition}"));
        }
        Ok(clauses)
    }

    fn option_clauses(&self, options: &Options) -> Result<Vec<String>, Unsupported> {
        let mut clauses = Vec::new();
        if let Some(engine) = options.text("engine") {
            clauses.push(format!("ENGINE={}", self.word("engine", engine)?));
        }
        if let Some(charset) = options.text("charset") {
            clauses.push(format!("DEFAULT CHARACTER SET={}", self.word("charset", charset)?));
        }
        if let Some(collation) = options.text("collate") {
            clauses.push(format!("COLLATE={}", self.word("collate", collation)?));
        }
        if let Some(format) = options.text("row_format") {
            clauses.push(format!("ROW_FORMAT={}", self.word("row_format", format)?.to_uppercase()));
        }
        if let Some(size) = options.integer("key_block_size") {
            clauses.push(format!("KEY_BLOCK_SIZE={size}"));
        }
        for (name, _) in NUMBERED {
            match options.get(name) {
                Some(OptionValue::Integer(number)) => clauses.push(format!("{}={number}", name.to_uppercase())),
                Some(OptionValue::Bool(flag)) => clauses.push(format!("{}={}", name.to_uppercase(), u8::from(*flag))),
                Some(OptionValue::Text(word)) => clauses.push(format!("{}={word}", name.to_uppercase())),
                _ => {}
            }
        }
        Ok(clauses)
    }

    /// The name of an engine, character set, collation or parser, which SQL writes bare.
    pub(super) fn word<'w>(&self, option: &str, word: &'w str) -> Result<&'w str, Unsupported> {
        match !word.is_empty() && word.chars().all(|c| c.is_ascii_alphanumeric() || c == '_') {
            true => Ok(word),
            false => {
                Err(Unsupported::new(format!("`{word}` is not a name for the option `{option}` of {}", self.title()))
                    .help("a name of letters, digits and underscores"))
            }
        }
    }

    pub(super) fn drop_table(&self, table: &ObjectName, if_exists: bool) -> Vec<Statement> {
        let guard = if if_exists { "IF EXISTS " } else { "" };
        let mut statement = ddl(format!("DROP TABLE {guard}{}", self.name(table)), table, Work::Metadata);
        if let Some(old) = self.before.table(table) {
            for (_, key) in old.foreign_keys().filter(|(_, key)| key.referred_table != *table) {
                statement = statement.locks(&key.referred_table, LockLevel::BlocksAll);
            }
        }
        vec![statement]
    }

    pub(super) fn rename_table(&self, from: &ObjectName, to: &ObjectName) -> Result<Vec<Statement>, Unsupported> {
        let sql = format!("RENAME TABLE {} TO {}", self.name(from), self.name(to));
        let mut statements = vec![ddl(sql, from, Work::Metadata)];
        statements.extend(self.followers()?);
        Ok(statements)
    }

    pub(super) fn alter_table(
        &self,
        table: &ObjectName,
        before: &TableProperties,
        after: &TableProperties,
    ) -> Result<Vec<Statement>, Unsupported> {
        let changed = |name: &str| before.options.get(name) != after.options.get(name);
        let mut changes = Options::default();
        for name in ["engine", "row_format", "key_block_size"].into_iter().filter(|name| changed(name)) {
            match (name, after.options.get(name)) {
                (_, Some(value)) => changes.set(name, value.clone()),
                ("engine", None) => changes.set(name, OptionValue::Text("InnoDB".to_owned())),
                ("row_format", None) => {
                    changes.set(name, OptionValue::Text("default".to_owned()));
                }
                (_, None) => changes.set(name, OptionValue::Integer(0)),
            }
        }
        for (name, _) in NUMBERED.into_iter().filter(|(name, _)| changed(name)) {
            let usual = if name.starts_with("stats_") {
                OptionValue::Text("DEFAULT".to_owned())
            } else {
                OptionValue::Integer(0)
            };
            changes.set(name, after.options.get(name).cloned().unwrap_or(usual));
        }
        let rebuilds = changes.0.keys().any(|name| !name.starts_with("stats_"));
        let mut clauses = self.option_clauses(&changes)?;
        if changed("auto_increment")
            && let Some(start) = after.options.integer("auto_increment")
        {
            clauses.push(format!("AUTO_INCREMENT={start}"));
        }
        if before.comment != after.comment {
            clauses.push(format!("COMMENT={}", comment_text(after.comment.as_deref().unwrap_or_default())?));
        }
        let mut statements = Vec::new();
        let mut work = if rebuilds { Work::Rebuild } else { Work::Metadata };
        if changed("charset") || changed("collate") {
            work = Work::Copy;
            let definition = self.table_after(table)?;
            let charset = after.options.text("charset");
            let collation = after.options.text("collate");
            if charset.is_none() && collation.is_none() {
                // Only CONVERT TO can name the default of the database. It takes every column with it, so those with
                // a collation of their own are put back.
                // <https://dev.mysql.com/doc/refman/8.4/en/alter-table.html#alter-table-character-set>
                statements.push(self.alter(table, &["CONVERT TO CHARACTER SET DEFAULT".to_owned()], Work::Copy));
                for column in definition.columns.iter().filter(|column| types::has_charset(&column.ty)) {
                    clauses.push(self.modify(definition, column, self.after)?);
                }
            } else {
                // DEFAULT CHARACTER SET alone would leave the columns as they are; CONVERT TO would also change those
                // with a collation of their own, and make TEXT columns larger.
                let mut default = Options::default();
                if let Some(charset) = charset {
                    default.set("charset", OptionValue::Text(charset.to_owned()));
                }
                if let Some(collation) = collation {
                    default.set("collate", OptionValue::Text(collation.to_owned()));
                }
                clauses.extend(self.option_clauses(&default)?);
                for column in definition.columns.iter().filter(|column| types::has_charset(&column.ty)) {
                    let mut column = column.clone();
                    if column.collation.is_none() && column.options.text("charset").is_none() {
                        if let Some(charset) = charset {
                            column.options.set("charset", OptionValue::Text(charset.to_owned()));
                        }
                        column.collation = collation.map(str::to_owned);
                    }
                    clauses.push(self.modify(definition, &column, self.after)?);
                }
            }
        }
        if !clauses.is_empty() {
            statements.push(self.alter(table, &clauses, work));
        }
        if changed("partition_by") {
            let clause = match after.options.text("partition_by").filter(|text| !text.is_empty()) {
                Some(partition) => format!("PARTITION BY {partition}"),
                None => "REMOVE PARTITIONING".to_owned(),
            };
            statements.push(self.alter(table, &[clause], Work::Copy));
        }
        Ok(statements)
    }
}
