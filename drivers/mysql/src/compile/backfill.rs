//! Rows in batches.

use aludel_engine::change::Backfill;
use aludel_engine::dialect::{Dialect, Unsupported, string_literal};
use aludel_engine::plan::{Batches, KeyColumn, LockLevel, Statement};
use aludel_engine::schema::{Type, Value};
use aludel_engine::sql::mentions;

use super::Compiler;

/// From how many rows on the estimate of the catalog is used instead of counting.
const MANY: u32 = 100_000;

impl Compiler<'_> {
    /// UPDATE in batches. The optimizer makes no range of `(a, b) > (1, 2)`, so that is spelt out.
    /// <https://dev.mysql.com/doc/refman/8.4/en/row-constructor-optimization.html>
    pub(super) fn backfill(&self, backfill: &Backfill) -> Result<Vec<Statement>, Unsupported> {
        let key =
            backfill.key.iter().map(|(name, ty)| self.key_column(name, ty)).collect::<Result<Vec<_>, Unsupported>>()?;
        let mut ordered = backfill.clone();
        ordered.values.set = self.at_once(&backfill.values.set)?;
        let mut batches = Batches::new(self.dialect, &ordered, key)?;
        batches.row_values = false;
        if batches.condition.is_none() {
            let schema = match &backfill.table.schema {
                Some(schema) => string_literal(schema),
                None => "database()".to_owned(),
            };
            batches.estimate = format!(
                "SELECT CASE WHEN table_rows > {MANY} THEN table_rows ELSE (SELECT count(*) FROM {}) END \
                 FROM information_schema.tables WHERE table_schema = {schema} AND table_name = {}",
                batches.target,
                string_literal(&backfill.table.name)
            );
        }
        Ok(vec![Statement::batched(batches).locks(&backfill.table, LockLevel::Online)])
    }

    /// A column of the key. Numbers are compared as numbers, texts in the column's own collation whatever the character
    /// set of the session, and what has numbers behind its words (ENUM, SET) by those, as it is ordered.
    fn key_column(&self, name: &str, ty: &Type) -> Result<KeyColumn, Unsupported> {
        let column = self.quote(name);
        let rendered = self.dialect.render_type(ty, self.before)?.to_ascii_lowercase();
        let word: String = rendered.chars().take_while(char::is_ascii_alphanumeric).collect();
        let with =
            |sql: String, literal: String| KeyColumn { name: name.to_owned(), column: column.clone(), sql, literal };
        let plain = |literal: String| with(column.clone(), literal);
        Ok(match word.as_str() {
            "tinyint" | "smallint" | "mediumint" | "int" | "integer" | "bigint" | "decimal" | "numeric" | "dec"
            | "fixed" | "bool" | "boolean" | "year" | "serial" => plain(format!("CAST({column} AS CHAR)")),
            "char" | "varchar" | "tinytext" | "text" | "mediumtext" | "longtext" | "nchar" | "nvarchar"
            | "national" | "uuid" | "inet4" | "inet6" => {
                plain(format!("CONCAT('_utf8mb4 x''', HEX(CONVERT({column} USING utf8mb4)), '''')"))
            }
            "binary" | "varbinary" | "tinyblob" | "blob" | "mediumblob" | "longblob" => {
                plain(format!("CONCAT('x''', HEX({column}), '''')"))
            }
            "date" | "time" | "datetime" | "timestamp" => plain(format!("CONCAT('''', {column}, '''')")),
            "enum" | "set" | "bit" => {
                let number = format!("CAST({column} AS UNSIGNED)");
                with(number.clone(), format!("CAST({number} AS CHAR)"))
            }
            _ => {
                return Err(Unsupported::new(format!(
                    "the key column `{name}` is {rendered}, whose values do not compare exactly"
                ))
                .about(name)
                .help("change all rows in one statement: `execute: {sql: \"UPDATE …\"}`"));
            }
        })
    }

    /// The columns in an order in which every expression sees the old values: an assignment is seen by those behind it.
    /// <https://dev.mysql.com/doc/refman/8.4/en/update.html>
    fn at_once(&self, set: &[(String, Type, Value)]) -> Result<Vec<(String, Type, Value)>, Unsupported> {
        let lexicon = self.dialect.lexicon();
        let reads = |value: &Value, column: &str| matches!(value, Value::Sql(sql) if mentions(sql, column, lexicon));
        let mut left = set.to_vec();
        let mut ordered = Vec::with_capacity(left.len());
        while !left.is_empty() {
            let free = left
                .iter()
                .position(|(name, ..)| !left.iter().any(|(other, _, value)| other != name && reads(value, name)));
            let Some(place) = free else {
                let names: Vec<String> = left.iter().map(|(name, ..)| format!("`{name}`")).collect();
                return Err(Unsupported::new(format!(
                    "{} are set from each other, and {} would see some of them changed already",
                    names.join(" and "),
                    self.title()
                ))
                .help("use a column in between, in steps of their own"));
            };
            ordered.push(left.remove(place));
        }
        Ok(ordered)
    }
}
