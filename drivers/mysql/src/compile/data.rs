//! Rows, and raw SQL.

use aludel_engine::change::{Execute, InsertRows, OnConflict};
use aludel_engine::dialect::{Dialect, Unsupported};
use aludel_engine::plan::{LockLevel, Statement, TimeoutClass};
use aludel_engine::schema::{Type, Value};
use aludel_engine::sql::{Lexicon, tokens};

use super::Compiler;
use super::rows::parenthesised;

/// How many rows one INSERT or DELETE takes at most.
const ROWS: usize = 500;
/// How many bytes of values one INSERT takes at most; the smallest `max_allowed_packet` in use is 1 MiB.
const BYTES: usize = 256 * 1024;

impl Compiler<'_> {
    pub(super) fn insert_rows(&self, insert: &InsertRows) -> Result<Vec<Statement>, Unsupported> {
        let names: Vec<&String> = insert.columns.iter().map(|(name, _)| name).collect();
        let head = format!("INSERT INTO {} ({}) VALUES", self.name(&insert.table), self.names(names));
        let tail = self.on_conflict(insert);
        let mut statements = Vec::new();
        let mut lines: Vec<String> = Vec::new();
        let mut size = 0;
        let flush = |lines: &mut Vec<String>, statements: &mut Vec<Statement>| {
            if !lines.is_empty() {
                let sql = format!("{head}\n  {}{tail}", lines.join(",\n  "));
                let mut statement = Statement::dml(sql);
                if insert.on_conflict != OnConflict::Error && insert.key.is_empty() {
                    statement = statement.note("a row counts as present when any unique key of the table has it");
                }
                statements.push(statement);
                lines.clear();
            }
        };
        for row in &insert.rows {
            let values = row
                .iter()
                .zip(&insert.columns)
                .map(|(value, (name, ty))| match value {
                    Value::Sql(sql) if needs_parentheses(sql) => Ok(parenthesised(sql)),
                    value => self.dialect.literal(value, ty).map_err(|error| error.about(name)),
                })
                .collect::<Result<Vec<_>, _>>()?;
            let line = format!("({})", values.join(", "));
            if lines.len() == ROWS || (size + line.len() > BYTES && !lines.is_empty()) {
                flush(&mut lines, &mut statements);
                size = 0;
            }
            size += line.len();
            lines.push(line);
        }
        flush(&mut lines, &mut statements);
        Ok(statements)
    }

    /// What happens to a row that is there. IGNORE would also hide values that do not fit, so a row that stays is one
    /// that is updated to what it is. <https://dev.mysql.com/doc/refman/8.4/en/insert-on-duplicate.html>
    fn on_conflict(&self, insert: &InsertRows) -> String {
        let key = insert.key.first().or(insert.columns.first().map(|(name, _)| name));
        match insert.on_conflict {
            OnConflict::Error => String::new(),
            OnConflict::Ignore => {
                let column = key.map(|name| self.quote(name)).unwrap_or_default();
                format!("\nON DUPLICATE KEY UPDATE {column} = {}.{column}", self.quote(&insert.table.name))
            }
            OnConflict::Update => {
                let alias = self.dialect.features.row_alias;
                let sets =
                    insert.columns.iter().map(|(name, _)| name).filter(|name| !insert.key.contains(name)).map(|name| {
                        match (self.quote(name), alias) {
                            (name, true) => format!("{name} = incoming.{name}"),
                            (name, false) => format!("{name} = VALUES({name})"),
                        }
                    });
                let mut sets: Vec<String> = sets.collect();
                if sets.is_empty() {
                    sets.extend(key.map(|name| {
                        let name = self.quote(name);
                        format!("{name} = {}.{name}", self.quote(&insert.table.name))
                    }));
                }
                let alias = if alias { " AS incoming" } else { "" };
                format!("{alias}\nON DUPLICATE KEY UPDATE {}", sets.join(", "))
            }
        }
    }

    /// DELETE by key, last row first: a row may refer to one before it.
    pub(super) fn delete_rows(&self, insert: &InsertRows) -> Result<Vec<Statement>, Unsupported> {
        let key: Vec<(usize, &String, &Type)> = insert
            .columns
            .iter()
            .enumerate()
            .filter(|(_, (name, _))| insert.key.contains(name))
            .map(|(place, (name, ty))| (place, name, ty))
            .collect();
        if key.is_empty() || key.len() < insert.key.len() {
            return Err(Unsupported::new(format!("the rows of `{}` have no key to be found by", insert.table))
                .help("give `key`, or the primary key in each row"));
        }
        let refers_to_itself = self
            .before
            .table(&insert.table)
            .is_some_and(|table| table.foreign_keys().any(|(_, key)| key.referred_table == insert.table));
        let rows: Vec<&Vec<Value>> = insert.rows.iter().rev().collect();
        let mut statements = Vec::new();
        for chunk in rows.chunks(if refers_to_itself { 1 } else { ROWS }) {
            let condition = self.find_rows(&key, chunk)?;
            statements.push(
                Statement::dml(format!("DELETE FROM {} WHERE {condition}", self.name(&insert.table)))
                    .locks(&insert.table, LockLevel::Online),
            );
        }
        Ok(statements)
    }

    fn find_rows(&self, key: &[(usize, &String, &Type)], rows: &[&Vec<Value>]) -> Result<String, Unsupported> {
        let value = |row: &[Value], place: usize| row.get(place).cloned().unwrap_or(Value::Null);
        if let [(place, name, ty)] = key
            && rows.iter().all(|row| value(row, *place) != Value::Null)
        {
            let values =
                rows.iter().map(|row| self.dialect.literal(&value(row, *place), ty)).collect::<Result<Vec<_>, _>>()?;
            return Ok(match values.as_slice() {
                [one] => format!("{} = {one}", self.quote(name)),
                many => format!("{} IN ({})", self.quote(name), many.join(", ")),
            });
        }
        let mut alternatives = Vec::with_capacity(rows.len());
        for row in rows {
            let mut conditions = Vec::with_capacity(key.len());
            for (place, name, ty) in key {
                let name = self.quote(name);
                conditions.push(match value(row, *place) {
                    Value::Null => format!("{name} IS NULL"),
                    value => format!("{name} = {}", self.dialect.literal(&value, ty)?),
                });
            }
            alternatives.push(conditions.join(" AND "));
        }
        Ok(match alternatives.as_slice() {
            [one] => one.clone(),
            many => format!("({})", many.join(")\n  OR (")),
        })
    }

    /// Raw SQL goes out as it is. What changes rows or looks at them runs in the transaction; whatever commits by itself,
    /// or may, does not. <https://dev.mysql.com/doc/refman/8.4/en/implicit-commit.html>
    pub(super) fn execute(&self, execute: &Execute) -> Result<Vec<Statement>, Unsupported> {
        let statement = |sql: &String| {
            refuse(sql, self.dialect.lexicon())?;
            Ok(match is_transactional(sql) {
                true => Statement::dml(sql.clone()),
                false => Statement::ddl(sql.clone()).outside().timeout(TimeoutClass::Heavy),
            })
        };
        execute.statements.iter().map(statement).collect()
    }
}

/// What would take the transaction, or the database that the journal is in, out of the hands of the run.
fn refuse(sql: &str, lexicon: &Lexicon) -> Result<(), Unsupported> {
    let significant = tokens(sql, lexicon).filter(aludel_engine::sql::Token::is_significant);
    let words: Vec<String> = significant.take(4).map(|token| token.text(sql).to_ascii_lowercase()).collect();
    let words: Vec<&str> = words.iter().map(String::as_str).collect();
    let (what, help) = match words.as_slice() {
        ["begin", "not", ..] => return Ok(()),
        ["begin" | "commit" | "rollback" | "savepoint" | "release" | "xa", ..] | ["start", "transaction", ..] => (
            "would begin, end or split a transaction, which is the run's to do",
            "remove it: changes of rows that follow each other are one transaction",
        ),
        ["set", rest @ ..] if rest.iter().any(|word| word.trim_start_matches('@').ends_with("autocommit")) => {
            ("would keep the journal from being committed", "remove it")
        }
        ["use", ..] => (
            "would take the session to another database, where the journal is not",
            "name the database before the table instead: `other.users`",
        ),
        _ => return Ok(()),
    };
    Err(Unsupported::new(format!("`{}` {what}", sql.trim())).help(help))
}

/// Whether a statement leaves the transaction open, by its first word. What is not known does not count: CALL may run
/// anything.
fn is_transactional(sql: &str) -> bool {
    let word = first_word(sql);
    ["select", "insert", "update", "delete", "replace", "with", "set", "do", "values", "table", "load"]
        .contains(&word.as_str())
}

/// Whether a text cannot stand between commas as it is: a subquery, or one that ends in a comment.
fn needs_parentheses(sql: &str) -> bool {
    sql.contains("--") || sql.contains('#') || ["select", "with", "values", "table"].contains(&first_word(sql).as_str())
}

/// The first word behind comments and opening parentheses, in lower case. The text of a conditional comment counts.
fn first_word(sql: &str) -> String {
    let mut rest = sql;
    loop {
        rest = rest.trim_start_matches(|c: char| c.is_whitespace() || c == '(' || c == ';');
        if rest.starts_with('#') || rest.starts_with("-- ") || rest.starts_with("--\n") {
            rest = rest.split_once('\n').map_or("", |(_, rest)| rest);
        } else if rest.starts_with("/*") && !rest.starts_with("/*!") && !rest.starts_with("/*M!") {
            rest = rest.split_once("*/").map_or("", |(_, rest)| rest);
        } else if let Some(code) = rest.strip_prefix("/*M!").or_else(|| rest.strip_prefix("/*!")) {
            rest = code.trim_start_matches(|c: char| c.is_ascii_digit());
        } else {
            break;
        }
    }
    rest.chars().take_while(char::is_ascii_alphabetic).collect::<String>().to_ascii_lowercase()
}

#[cfg(test)]
mod tests {
    use super::{is_transactional, refuse};
    use aludel_engine::dialect::Dialect;

    use crate::dialect::{Flavour, MySql};

    #[test]
    fn what_is_the_runs_to_do_is_refused() {
        let dialect = MySql::new(Flavour::MariaDb, Flavour::MariaDb.versions().0);
        for sql in [
            "COMMIT",
            "/* x */ begin",
            "START TRANSACTION READ ONLY",
            "SET autocommit = 0",
            "set session autocommit=0",
            "SET @@session.autocommit = 0",
            "USE other",
            "XA START 'x'",
        ] {
            assert!(refuse(sql, dialect.lexicon()).is_err(), "{sql}");
        }
        for sql in ["BEGIN NOT ATOMIC SELECT 1; END", "SET @a = 'autocommit'", "UPDATE t SET a = 'USE x'", ""] {
            assert!(refuse(sql, dialect.lexicon()).is_ok(), "{sql}");
        }
    }

    #[test]
    fn what_commits_by_itself_is_known_by_its_first_word() {
        for (sql, inside) in [
            ("INSERT INTO t VALUES (1)", true),
            ("  -- why\n/* and how */ (select 1)", true),
            ("# x\nupdate t set a = 1", true),
            ("CREATE TRIGGER x BEFORE INSERT ON t FOR EACH ROW SET @a = 1", false),
            ("/*!50003 CREATE VIEW v AS SELECT 1 */", false),
            ("/*!50003 INSERT INTO t VALUES (1) */", true),
            ("CALL p()", false),
            ("TRUNCATE t", false),
            ("", false),
        ] {
            assert_eq!(is_transactional(sql), inside, "{sql}");
        }
    }
}
