//! Raw SQL: verbatim, with a look at the first words for where it has to run.

use aludel_engine::change::Execute;
use aludel_engine::dialect::Unsupported;
use aludel_engine::plan::{Statement, TimeoutClass};
use aludel_engine::sql::tokens;

use super::Compiled;
use crate::expression::LEXICON;

/// How many words of a statement are looked at.
const WORDS: usize = 12;

/// Raw SQL.
pub fn execute(execute: &Execute) -> Compiled {
    let mut statements = execute.statements.iter().map(|sql| statement(sql)).collect::<Result<Vec<_>, _>>()?;
    let touched = |name: &str| execute.statements.iter().any(|sql| sets(sql, name));
    let back = RELIED_ON.iter().filter(|(name, _)| touched(name)).map(|(_, sql)| {
        Statement::dml(*sql).note("settings of the session hold until the end of the step that makes them")
    });
    statements.extend(back);
    Ok(statements)
}

/// The settings that what follows relies on, and how each is put back: what names mean, what literals mean, who runs.
const RELIED_ON: [(&str, &str); 6] = [
    ("search_path", "RESET search_path"),
    ("role", "RESET ROLE"),
    ("authorization", "RESET SESSION AUTHORIZATION"),
    ("client_encoding", "SET client_encoding = 'UTF8'"),
    ("standard_conforming_strings", "SET standard_conforming_strings = on"),
    ("datestyle", "SET datestyle = 'ISO, MDY'"),
];

/// Whether a statement changes a setting beyond its transaction: `SET name`, `set_config('name', …)` as pg_dump has it.
fn sets(sql: &str, name: &str) -> bool {
    let words = leading_words(sql);
    let words: Vec<&str> = words.iter().map(String::as_str).collect();
    match words.as_slice() {
        ["set", "local", ..] => false,
        ["set", "session", setting, ..] | ["set", setting, ..] => *setting == name,
        ["select", rest @ ..] => {
            rest.windows(3).any(|three| three[0] == "set_config" && three[2] == format!("'{name}'"))
                && !rest.contains(&"true")
        }
        _ => false,
    }
}

fn statement(sql: &str) -> Result<Statement, Unsupported> {
    let words = leading_words(sql);
    let words: Vec<&str> = words.iter().map(String::as_str).collect();
    refuse(&words)?;
    let statement = match words.first() {
        Some(&("create" | "alter" | "drop" | "comment" | "grant" | "revoke" | "set" | "reset")) => Statement::ddl(sql),
        _ => Statement::dml(sql),
    };
    Ok(match runs_outside(&words) {
        true => statement.outside().timeout(TimeoutClass::Online),
        false => statement,
    })
}

/// The first words, in lower case, without comments.
pub fn leading_words(sql: &str) -> Vec<String> {
    tokens(sql, &LEXICON)
        .filter(|token| token.is_significant())
        .take(WORDS)
        .map(|token| sql.get(token.start..token.end).unwrap_or_default().to_ascii_lowercase())
        .collect()
}

/// What cannot be sent in a migration at all.
fn refuse(words: &[&str]) -> Result<(), Unsupported> {
    match words {
        ["begin" | "commit" | "rollback" | "abort" | "end" | "savepoint" | "release", ..]
        | ["start", "transaction", ..]
        | ["prepare", "transaction", ..] => Err(Unsupported::new(format!(
            "`{}` would end or split the transaction that the revision runs in",
            words.iter().take(2).copied().collect::<Vec<_>>().join(" ").to_uppercase()
        ))
        .help("remove it; a revision runs in one transaction unless it says `transaction: false`")),
        ["copy", .., "stdin" | "stdout"] => Err(copy_refused()),
        ["copy", rest @ ..] if rest.windows(2).any(|w| matches!(w, ["from", "stdin"] | ["to", "stdout"])) => {
            Err(copy_refused())
        }
        _ => Ok(()),
    }
}

fn copy_refused() -> Unsupported {
    Unsupported::new("COPY with STDIN or STDOUT needs a client that sends and takes the data")
        .help("use `load` or `insert`, or COPY with a file on the server")
}

/// Whether the server refuses a statement inside a transaction (`PreventInTransactionBlock`), or a transaction makes
/// its outcome useless.
fn runs_outside(words: &[&str]) -> bool {
    let has = |word: &str| words.contains(&word);
    match words {
        ["vacuum", ..] => true,
        ["create", "index", "concurrently", ..] | ["create", "unique", "index", "concurrently", ..] => true,
        ["drop", "index", "concurrently", ..] => true,
        ["reindex", ..] => has("concurrently") || has("database") || has("system") || has("schema"),
        ["create" | "drop", "database" | "tablespace" | "subscription", ..] => true,
        ["alter", "system", ..] => true,
        ["alter", "database", ..] => has("tablespace"),
        ["alter", "type", ..] => words.windows(2).any(|pair| pair == ["add", "value"]),
        ["alter", "table", ..] => words.windows(2).any(|pair| pair[0] == "detach") && has("concurrently"),
        ["alter", "subscription", ..] => has("refresh") || has("publication"),
        ["cluster"] => true,
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use aludel_engine::plan::Transaction;

    #[test]
    fn what_a_script_set_is_put_back() {
        let sql = |text: &str| {
            let run = Execute { statements: vec![text.to_owned()], undo: None, effect: Vec::new() };
            execute(&run).expect(text).into_iter().skip(1).map(|statement| statement.sql).collect::<Vec<_>>()
        };
        assert_eq!(sql("SET search_path TO app"), ["RESET search_path"]);
        assert_eq!(sql("SELECT pg_catalog.set_config('search_path', '', false)"), ["RESET search_path"]);
        assert_eq!(sql("SET SESSION AUTHORIZATION app"), ["RESET SESSION AUTHORIZATION"]);
        assert_eq!(sql("set standard_conforming_strings = off"), ["SET standard_conforming_strings = on"]);
        for other in ["SET LOCAL search_path TO app", "SET statement_timeout = 0", "UPDATE t SET role = 1", "SELECT 1"]
        {
            assert_eq!(sql(other), Vec::<String>::new(), "{other}");
        }
    }

    #[test]
    fn the_first_words_decide_where_it_runs() {
        for (sql, outside) in [
            ("-- why\nCREATE INDEX CONCURRENTLY i ON t (a)", true),
            ("create /* x */ unique index concurrently i on t (a)", true),
            ("CREATE INDEX i ON t (a)", false),
            ("VACUUM t", true),
            ("ALTER TYPE app.mood ADD VALUE 'x'", true),
            ("ALTER TYPE mood RENAME VALUE 'x' TO 'y'", false),
            ("REINDEX TABLE CONCURRENTLY t", true),
            ("REINDEX TABLE t", false),
            ("UPDATE t SET a = 'vacuum'", false),
            ("ALTER TABLE t DETACH PARTITION p CONCURRENTLY", true),
        ] {
            let statement = statement(sql).expect(sql);
            assert_eq!(statement.transaction == Transaction::Outside, outside, "{sql}");
            assert_eq!(statement.sql, sql);
        }
        for sql in ["BEGIN", "commit", "COPY t FROM STDIN", "copy t (a, b) from stdin csv", "PREPARE TRANSACTION 'x'"] {
            assert!(statement(sql).is_err(), "{sql}");
        }
    }
}
