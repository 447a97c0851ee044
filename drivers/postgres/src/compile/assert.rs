//! Assertions of authors: a block that raises an error when one does not hold.

use aludel_engine::change::Assert;
use aludel_engine::dialect::{Unsupported, string_literal};
use aludel_engine::plan::Statement;
use aludel_engine::schema::{Type, Value};

use super::Context;
use crate::error::GUARD;
use crate::expression::parenthesised;
use crate::literal;

/// The statement (manual, 43.9.1). The query stands in a text of its own, so that none of its names means a variable of
/// the block.
pub fn statement(context: &Context<'_>, assert: &Assert) -> Result<Statement, Unsupported> {
    let mut holds = Vec::new();
    for (operator, value) in assert.expected.comparisons() {
        let render = |ty: &Type| literal::render(value, ty, context.features);
        holds.push(match value {
            Value::Null => "found IS NULL".to_owned(),
            Value::Bool(value) => format!("found IS {}", if *value { "TRUE" } else { "FALSE" }),
            Value::Integer(_) | Value::Number(_) => format!("found {operator} {}", render(&Type::Decimal(None))?),
            _ => format!("found::text COLLATE \"C\" {operator} {}", render(&Type::Text)?),
        });
    }
    let query = format!(
        "SELECT left(coalesce(found::text, 'NULL'), 60) FROM (SELECT {} AS found) AS asserted WHERE ({}) IS NOT TRUE",
        parenthesised(&assert.sql),
        holds.join(" AND ")
    );
    let (before, after) = assert.complaint();
    let body = format!(
        "DECLARE\n  wrong text;\nBEGIN\n  EXECUTE {}\n  INTO wrong;\n  IF wrong IS NOT NULL THEN\n    RAISE EXCEPTION USING ERRCODE = '{GUARD}', MESSAGE = {} || wrong || {};\n  END IF;\nEND",
        string_literal(&query),
        string_literal(&before),
        string_literal(&after)
    );
    let tag = tag(&body);
    Ok(Statement::assertion(format!("DO {tag}\n{body}\n{tag}"), assert))
}

/// A dollar quote that does not stand in a text.
fn tag(body: &str) -> String {
    let mut tag = "$assert$".to_owned();
    while body.contains(&tag) {
        tag.insert(tag.len() - 1, '_');
    }
    tag
}
