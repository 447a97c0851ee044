//! Raw SQL: verbatim, and whether a transaction can hold it.

use aludel_engine::change::Execute;
use aludel_engine::dialect::Unsupported;
use aludel_engine::plan::{Statement, Work};

use aludel_engine::sql::TokenKind;

use crate::lex::tokens;

/// Settings that do nothing, or fail, inside a transaction. <https://sqlite.org/pragma.html>
const OUTSIDE_PRAGMAS: &[&str] = &[
    "FOREIGN_KEYS",
    "JOURNAL_MODE",
    "SYNCHRONOUS",
    "AUTO_VACUUM",
    "PAGE_SIZE",
    "WAL_CHECKPOINT",
    "LOCKING_MODE",
    "ENCODING",
];

/// The statements of an author, each with what its first words say about it.
pub fn statements(execute: &Execute) -> Result<Vec<Statement>, Unsupported> {
    execute.statements.iter().map(|sql| statement(sql)).collect()
}

fn statement(sql: &str) -> Result<Statement, Unsupported> {
    let words = keywords(sql, 3);
    let words: Vec<&str> = words.iter().map(String::as_str).collect();
    Ok(match words.as_slice() {
        ["BEGIN" | "COMMIT" | "END" | "ROLLBACK" | "SAVEPOINT" | "RELEASE", ..] => {
            return Err(Unsupported::new(format!(
                "`{}` would take the transaction out of the hands of the run",
                sql.trim()
            ))
            .about(sql.trim().to_owned())
            .help("leave it out: the revision is one transaction; `transaction: false` gives it none"));
        }
        ["VACUUM" | "ATTACH" | "DETACH", ..] => Statement::ddl(sql).work(Work::Rebuild).outside(),
        ["PRAGMA", setting, ..] if OUTSIDE_PRAGMAS.contains(setting) => Statement::ddl(sql).outside(),
        ["INSERT" | "UPDATE" | "DELETE" | "REPLACE" | "WITH" | "SELECT" | "VALUES", ..] => Statement::dml(sql),
        ["CREATE", "INDEX", ..] | ["CREATE", "UNIQUE", ..] | ["REINDEX", ..] => Statement::ddl(sql).work(Work::Index),
        ["CREATE", "TABLE", ..] if is_create_as(sql) => Statement::ddl(sql).work(Work::Rows),
        ["ANALYZE", ..] => Statement::ddl(sql).work(Work::Scan),
        _ => Statement::ddl(sql),
    })
}

fn is_create_as(sql: &str) -> bool {
    keywords(sql, 6).iter().any(|word| word == "AS")
}

/// The first words of a statement, in upper case, comments left out.
pub fn keywords(sql: &str, count: usize) -> Vec<String> {
    tokens(sql)
        .iter()
        .take_while(|token| token.kind == TokenKind::Word)
        .take(count)
        .map(|token| token.text(sql).to_ascii_uppercase())
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use aludel_engine::plan::Transaction;

    #[test]
    fn first_words_decide() {
        let of = |sql: &str| {
            statements(&Execute { statements: vec![sql.to_owned()], undo: None, effect: Vec::new() })
                .map(|mut found| found.remove(0))
        };
        for (sql, transaction, work) in [
            ("/* x */ vacuum", Transaction::Outside, Work::Rebuild),
            ("PRAGMA journal_mode = WAL", Transaction::Outside, Work::Metadata),
            ("PRAGMA user_version = 3", Transaction::Inside, Work::Metadata),
            ("update t set a = 1", Transaction::Inside, Work::Rows),
            ("CREATE UNIQUE INDEX i ON t (a)", Transaction::Inside, Work::Index),
            ("CREATE VIEW v AS SELECT 1", Transaction::Inside, Work::Metadata),
        ] {
            let statement = of(sql).expect(sql);
            assert_eq!((statement.sql.as_str(), statement.transaction, statement.work), (sql, transaction, work));
        }
        assert!(of("COMMIT").is_err());
    }
}
