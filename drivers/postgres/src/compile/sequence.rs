//! Sequences.

use aludel_engine::plan::{LockLevel, Statement};
use aludel_engine::schema::{ObjectName, Sequence};

use super::{Compiled, comment};
use crate::identifier::quote;
use crate::types::quote_name;

/// A sequence appears.
pub fn create(sequence: &Sequence, if_not_exists: bool) -> Compiled {
    let exists = if if_not_exists { "IF NOT EXISTS " } else { "" };
    let mut sql = format!("CREATE SEQUENCE {exists}{}", quote_name(&sequence.name));
    if let Some(ty) = sequence.options.text("as") {
        sql.push_str(&format!(" AS {}", ty.to_ascii_lowercase()));
    }
    for (word, value) in numbers(sequence) {
        if let Some(value) = value {
            sql.push_str(&format!(" {word} {value}"));
        }
    }
    if sequence.cycle {
        sql.push_str(" CYCLE");
    }
    if let Some(owner) = &sequence.owned_by {
        sql.push_str(&format!(" OWNED BY {}", column(owner)));
    }
    let mut statements = vec![Statement::ddl(sql)];
    statements.extend(comment::on_new(&object(&sequence.name), sequence.comment.as_deref())?);
    Ok(statements)
}

/// A sequence goes.
pub fn drop(name: &ObjectName, if_exists: bool) -> Statement {
    let exists = if if_exists { "IF EXISTS " } else { "" };
    Statement::ddl(format!("DROP SEQUENCE {exists}{}", quote_name(name))).locks(name, LockLevel::BlocksAll)
}

/// A sequence gets another name. Defaults know it by what it is, and follow.
pub fn rename(from: &ObjectName, to: &ObjectName) -> Vec<Statement> {
    let mut statements = Vec::new();
    let mut current = from.clone();
    if let Some(schema) = to.schema.as_ref().filter(|schema| from.schema.as_ref() != Some(schema)) {
        let sql = format!("ALTER SEQUENCE {} SET SCHEMA {}", quote_name(&current), quote(schema));
        statements.push(Statement::ddl(sql).locks(from, LockLevel::BlocksAll));
        current.schema = Some(schema.clone());
    }
    if from.name != to.name {
        let sql = format!("ALTER SEQUENCE {} RENAME TO {}", quote_name(&current), quote(&to.name));
        statements.push(Statement::ddl(sql).locks(from, LockLevel::BlocksAll));
    }
    statements
}

/// The properties of a sequence change; the number it has reached stays.
pub fn alter(before: &Sequence, after: &Sequence) -> Compiled {
    let mut actions = Vec::new();
    if before.options.text("as") != after.options.text("as") {
        actions.push(format!("AS {}", after.options.text("as").unwrap_or("bigint").to_ascii_lowercase()));
    }
    for ((word, old), (_, new)) in numbers(before).into_iter().zip(numbers(after)) {
        match new {
            new if old == new => {}
            Some(value) => actions.push(format!("{word} {value}")),
            None => actions.push(usual(word, after)),
        }
    }
    match (before.cycle, after.cycle) {
        (false, true) => actions.push("CYCLE".to_owned()),
        (true, false) => actions.push("NO CYCLE".to_owned()),
        _ => {}
    }
    if before.owned_by != after.owned_by {
        let owner = after.owned_by.as_ref().map_or_else(|| "NONE".to_owned(), column);
        actions.push(format!("OWNED BY {owner}"));
    }
    let mut statements = Vec::new();
    if !actions.is_empty() {
        let name = quote_name(&after.name);
        statements.push(
            Statement::ddl(format!("ALTER SEQUENCE {name} {}", actions.join(" ")))
                .locks(&after.name, LockLevel::BlocksWrites),
        );
    }
    let object = object(&after.name);
    statements.extend(comment::changed(&object, before.comment.as_deref(), after.comment.as_deref())?);
    Ok(statements)
}

fn object(name: &ObjectName) -> String {
    format!("SEQUENCE {}", quote_name(name))
}

fn column((table, column): &(ObjectName, String)) -> String {
    format!("{}.{}", quote_name(table), quote(column))
}

/// The clauses that take a number, in the order in which they can be given.
fn numbers(sequence: &Sequence) -> [(&'static str, Option<i64>); 5] {
    [
        ("INCREMENT BY", sequence.increment),
        ("MINVALUE", sequence.min),
        ("MAXVALUE", sequence.max),
        ("START WITH", sequence.start),
        ("CACHE", sequence.cache),
    ]
}

/// What a clause is when nobody says.
fn usual(word: &str, sequence: &Sequence) -> String {
    let ascending = sequence.increment.unwrap_or(1) > 0;
    match word {
        "INCREMENT BY" => "INCREMENT BY 1".to_owned(),
        "MINVALUE" => "NO MINVALUE".to_owned(),
        "MAXVALUE" => "NO MAXVALUE".to_owned(),
        "CACHE" => "CACHE 1".to_owned(),
        _ => match (ascending, sequence.min, sequence.max) {
            (true, min, _) => format!("START WITH {}", min.unwrap_or(1)),
            (false, _, max) => format!("START WITH {}", max.unwrap_or(-1)),
        },
    }
}
