//! Rows, and raw SQL.

use aludel_engine::change::{Execute, InsertRows, OnConflict};
use aludel_engine::dialect::{Dialect, Unsupported};
use aludel_engine::plan::{LockLevel, Statement, TimeoutClass};
use aludel_engine::schema::{Type, Value};
use aludel_engine::sql::{TokenKind, tokens};

use super::Compiler;
use super::rows::parenthesised;
use crate::dialect::LEXICON;

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
    ///
    /// Settings hold until the end of the step: what it set is put back to what literals and rows rely on.
    pub(super) fn execute(&self, execute: &Execute) -> Result<Vec<Statement>, Unsupported> {
        let mut statements = Vec::with_capacity(execute.statements.len());
        for sql in &execute.statements {
            refuse(sql)?;
            statements.push(match is_transactional(sql) {
                true => Statement::dml(sql.clone()),
                false => Statement::ddl(sql.clone()).outside().timeout(TimeoutClass::Heavy),
            });
        }
        if execute.statements.iter().any(|sql| sets_session(sql)) {
            let note = "settings of the session hold until the end of the step that makes them";
            // One of them cannot be set in a transaction, by the author neither.
            let session = self.dialect.session().into_iter();
            let session = session.filter(|sql| !sql.contains("explicit_defaults_for_timestamp")).map(Statement::dml);
            statements.extend(session.enumerate().map(|(place, statement)| match place {
                0 => statement.note(note),
                _ => statement,
            }));
        }
        Ok(statements)
    }
}

/// What would take the transaction, the database or the tables of the journal from the run.
fn refuse(sql: &str) -> Result<(), Unsupported> {
    let words = words(sql, 3);
    let words: Vec<&str> = words.iter().map(String::as_str).collect();
    let (message, help) = match words.as_slice() {
        ["begin", "not", "atomic"] => return Ok(()),
        ["begin" | "commit" | "rollback" | "savepoint" | "xa", ..]
        | ["start", "transaction", ..]
        | ["release", "savepoint", ..] => (
            "would take the transaction out of the hands of the run",
            "leave it out: rows are changed in a transaction of the revision, and everything else commits by itself",
        ),
        ["set", "autocommit", ..] | ["set", "session" | "local", "autocommit"] => (
            "would take the transaction out of the hands of the run",
            "leave it out: rows are changed in a transaction of the revision, and everything else commits by itself",
        ),
        ["use", ..] => (
            "would take the rest of the run to another database",
            "name the database in front of the table: `other.users`",
        ),
        ["lock" | "unlock", "tables" | "table", ..] => {
            ("would keep the run from its own tables", "leave it out: only one run at a time works on a database")
        }
        ["source" | "delimiter", ..] => ("is a command of the client, not SQL", "give the file as `{file: …}`"),
        _ => return Ok(()),
    };
    let shown: Vec<String> = words.iter().take(2).map(|word| word.to_uppercase()).collect();
    Err(Unsupported::new(format!("`{}` {message}", shown.join(" "))).help(help))
}

/// Whether a statement changes settings of the session that the statements after it would run under.
fn sets_session(sql: &str) -> bool {
    let words = words(sql, 4);
    words.first().is_some_and(|word| word == "set")
        && !matches!(words.get(1).map(String::as_str), Some("global" | "persist" | "password" | "default" | "role"))
        && !words.get(1).is_some_and(|word| word.starts_with('@') && !word.starts_with("@@"))
}

/// The first words of a statement in lower case, without comments; the text of a conditional comment counts.
fn words(sql: &str, count: usize) -> Vec<String> {
    tokens(sql, &LEXICON)
        .filter(|token| token.is_significant() && token.kind != TokenKind::Conditional)
        .take(count)
        .map(|token| token.text(sql).to_ascii_lowercase())
        .collect()
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
    use super::{is_transactional, refuse, sets_session};

    #[test]
    fn what_would_take_the_run_elsewhere_is_refused() {
        for sql in [
            "BEGIN",
            "/* x */ start transaction",
            "COMMIT",
            "rollback to x",
            "SET autocommit = 0",
            "USE other",
            "LOCK TABLES t WRITE",
            "/*!40000 UNLOCK TABLES */",
            "source x.sql",
        ] {
            assert!(refuse(sql).is_err(), "{sql}");
        }
        for sql in ["BEGIN NOT ATOMIC SELECT 1; END", "SELECT 'COMMIT'", "START REPLICA", "SET @a = 1"] {
            assert!(refuse(sql).is_ok(), "{sql}");
        }
    }

    #[test]
    fn settings_of_the_session_are_seen() {
        for sql in [
            "SET sql_mode = ''",
            "/*!40101 SET NAMES latin1 */",
            "set session time_zone = 'SYSTEM'",
            "SET @@sql_mode=''",
        ] {
            assert!(sets_session(sql), "{sql}");
        }
        for sql in ["SET @a = 1", "SET GLOBAL x = 1", "UPDATE t SET a = 1", "SET @OLD_SQL_MODE = @@SQL_MODE"] {
            assert!(!sets_session(sql), "{sql}");
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
