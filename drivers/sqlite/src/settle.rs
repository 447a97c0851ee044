//! Whether two texts mean the same: SQLite keeps what was written, so they do when both are compiled to the same program.
//!
//! The programs are made in a database in memory that has the definitions of the one in question and no rows. What EXPLAIN
//! prints of a program is all of it, but for what is named in [`fragile`]. <https://sqlite.org/opcode.html>

use aludel_engine::diff::words::{Answer, Doubt, Owner, Part, Question, texts};
use aludel_engine::driver::{Connection, DriverError};
use aludel_engine::schema::{ObjectClass, ObjectId, ObjectName, Value};
use aludel_engine::sql::{TokenKind, tokens};
use rusqlite::types::ValueRef;

use crate::connection::SqliteConnection;
use crate::identifier::quote;
use crate::lex::LEXICON;
use crate::literal;

/// How many digits of a number EXPLAIN prints.
const DIGITS: usize = 15;

/// The definitions, in an order in which they run again.
const DEFINITIONS: &str = "SELECT sql FROM sqlite_schema WHERE sql IS NOT NULL AND name NOT LIKE 'sqlite\\_%' ESCAPE '\\' \
     ORDER BY CASE type WHEN 'table' THEN 1 WHEN 'index' THEN 2 WHEN 'view' THEN 3 ELSE 4 END, rowid";

/// Answers the question.
pub fn settle(connection: &mut SqliteConnection, question: &Question<'_>) -> Result<Vec<Answer>, DriverError> {
    let definitions = connection.query(DEFINITIONS)?;
    let memory = rusqlite::Connection::open_in_memory().map_err(|e| crate::error::error(&e))?;
    let session = connection.dialect().session();
    let definitions = definitions.into_iter().filter_map(|row| row.into_iter().next().flatten());
    for sql in session.into_iter().chain(definitions) {
        // What does not run here (a virtual table of a module that is not there) is missed by those that speak of it alone.
        let _ = memory.execute_batch(&sql);
    }
    Ok(question.doubts.iter().map(|doubt| answer(&memory, question, doubt)).collect())
}

fn answer(memory: &rusqlite::Connection, question: &Question<'_>, doubt: &Doubt) -> Answer {
    let mut reason = None;
    for (place, candidate) in doubt.candidates.iter().enumerate() {
        match same(memory, question, doubt, candidate) {
            Ok(true) => return Answer::Same(place),
            Ok(false) => {}
            Err(why) => reason = Some(why.to_string()),
        }
    }
    match reason {
        Some(why) => Answer::Undecided(format!("it does not run as it is here: {why}")),
        None => Answer::Different,
    }
}

/// Whether the texts of a doubt and of a place where it may be mean the same.
fn same(
    memory: &rusqlite::Connection,
    question: &Question<'_>,
    doubt: &Doubt,
    candidate: &Part,
) -> rusqlite::Result<bool> {
    let owner = &doubt.place.owner;
    let own = written(question, owner, &doubt.place.part);
    let found = texts(question.found, owner, candidate);
    if own.len() != found.len() {
        return Ok(false);
    }
    for (own, found) in own.iter().zip(&found) {
        if fragile(own) != fragile(found) {
            return Ok(false);
        }
        let programs = [own, found].map(|sql| match owner {
            Owner::Table(table) if !matches!(candidate, Part::Default(_)) => {
                program(memory, &format!("SELECT ({sql}\n) FROM {}", quote(&table.name)))
            }
            Owner::Table(_) => program(memory, &format!("SELECT ({sql}\n)")),
            Owner::Object(id) => match (id.class, &id.qualifier) {
                (ObjectClass::Trigger, Some(table)) => triggered(memory, id, &ObjectName::from(table.as_str()), sql),
                _ => query(memory, sql),
            },
        });
        let [own, found] = programs;
        if own? != found? {
            return Ok(false);
        }
    }
    Ok(true)
}

/// The texts as the author wrote them; a default also where it is a value.
fn written(question: &Question<'_>, owner: &Owner, part: &Part) -> Vec<String> {
    if let (Owner::Table(table), Part::Default(name)) = (owner, part)
        && let Some(column) = question.model.table(table).and_then(|table| table.column(name))
        && let Some(default) = &column.default
        && !matches!(default, Value::Sql(_))
    {
        return literal::literal(default, &column.ty).into_iter().collect();
    }
    texts(question.model, owner, part)
}

/// The literals of which EXPLAIN does not print everything: bytes, and numbers of many digits.
fn fragile(sql: &str) -> Vec<String> {
    let is_fragile = |kind: TokenKind, text: &str| match kind {
        TokenKind::String => text.starts_with(['x', 'X']),
        TokenKind::Number => text.chars().filter(char::is_ascii_digit).count() > DIGITS,
        _ => false,
    };
    tokens(sql, &LEXICON)
        .filter(|token| is_fragile(token.kind, token.text(sql)))
        .map(|token| token.text(sql).to_ascii_lowercase())
        .collect()
}

/// The program of a statement, a line for each instruction.
fn program(memory: &rusqlite::Connection, sql: &str) -> rusqlite::Result<Vec<String>> {
    let mut statement = memory.prepare(&format!("EXPLAIN {sql}"))?;
    let mut rows = statement.raw_query();
    let mut lines = Vec::new();
    while let Some(row) = rows.next()? {
        let mut line = String::new();
        // Number, opcode and operands; the last column is a comment.
        for at in 0..7 {
            match row.get_ref(at)? {
                ValueRef::Null => line.push('-'),
                ValueRef::Integer(number) => line.push_str(&number.to_string()),
                ValueRef::Real(number) => line.push_str(&number.to_string()),
                ValueRef::Text(text) | ValueRef::Blob(text) => line.push_str(&String::from_utf8_lossy(text)),
            }
            line.push('\u{1f}');
        }
        lines.push(match line.split('\u{1f}').nth(1) {
            // It names the trigger in its author's spelling.
            Some("Init" | "Trace") => line.split("--").next().unwrap_or_default().to_owned(),
            // It counts the changes of the schema.
            Some("Transaction") => line.split('\u{1f}').take(4).collect(),
            _ => line,
        });
    }
    Ok(lines)
}

/// The program of a query and the names of its columns.
fn query(memory: &rusqlite::Connection, sql: &str) -> rusqlite::Result<Vec<String>> {
    let mut lines: Vec<String> = memory.prepare(sql)?.column_names().map(str::to_owned).collect();
    lines.extend(program(memory, sql)?);
    Ok(lines)
}

/// The programs of everything that can fire a trigger, when it is the only one of its table.
fn triggered(
    memory: &rusqlite::Connection,
    id: &ObjectId,
    table: &ObjectName,
    sql: &str,
) -> rusqlite::Result<Vec<String>> {
    memory.execute_batch("SAVEPOINT trial")?;
    let programs = only_trigger(memory, id, table, sql);
    memory.execute_batch("ROLLBACK TO trial; RELEASE trial")?;
    programs
}

fn only_trigger(
    memory: &rusqlite::Connection,
    id: &ObjectId,
    table: &ObjectName,
    sql: &str,
) -> rusqlite::Result<Vec<String>> {
    let names = |sql: &str, parameter: &str| -> rusqlite::Result<Vec<String>> {
        memory.prepare(sql)?.query_map([parameter], |row| row.get(0))?.collect()
    };
    let triggers =
        names("SELECT name FROM sqlite_schema WHERE type = 'trigger' AND tbl_name = ? COLLATE NOCASE", &table.name)?;
    for trigger in triggers {
        memory.execute_batch(&format!("DROP TRIGGER {}", quote(&trigger)))?;
    }
    memory.execute_batch(sql)?;
    let made =
        names("SELECT sql FROM sqlite_schema WHERE type = 'trigger' AND name = ? COLLATE NOCASE", &id.name.name)?;
    let mut lines = vec![made.len().to_string()];
    let columns = names("SELECT name FROM pragma_table_xinfo(?) WHERE hidden = 0", &table.name)?;
    let table = quote(&table.name);
    let mut statements = vec![format!("INSERT INTO {table} DEFAULT VALUES"), format!("DELETE FROM {table}")];
    statements.extend(columns.iter().map(|column| format!("UPDATE {table} SET {0} = {0}", quote(column))));
    for statement in statements {
        // A view can be written only in the way that it has a trigger for.
        match program(memory, &statement) {
            Ok(program) => lines.extend(program),
            Err(why) => lines.push(why.to_string()),
        }
    }
    Ok(lines)
}
