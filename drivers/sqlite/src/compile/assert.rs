//! Assertions of authors: a query that fails when one does not hold, and gives no row when it does.

use aludel_engine::change::Assert;
use aludel_engine::dialect::{Unsupported, string_literal};
use aludel_engine::plan::Statement;
use aludel_engine::schema::{Type, Value};

use super::rows::parenthesised;
use crate::error::GUARD;
use crate::literal::literal;

/// The statement.
///
/// What fails is a path that `json_extract` cannot read: SQLite has no other way to raise an error of one's own words
/// outside a trigger, and repeats the path in its message. `RAISE` takes no expression before 3.47. The query is counted
/// too, because a subquery of several rows would stand for the first of them.
/// <https://sqlite.org/json1.html#path_arguments>
pub fn statement(assert: &Assert) -> Result<Statement, Unsupported> {
    let mut holds = vec!["\"rows\" <= 1".to_owned()];
    for (operator, value) in assert.expected.comparisons() {
        holds.push(match value {
            Value::Null => "\"found\" IS NULL".to_owned(),
            Value::Bool(value) => format!("\"found\" IS {}", u8::from(*value)),
            Value::Integer(_) | Value::Number(_) => {
                // A text is greater than any number: https://sqlite.org/datatype3.html#sort_order
                let number = literal(value, &Type::Double)?;
                format!("typeof(\"found\") IN ('integer', 'real') AND \"found\" {operator} {number}")
            }
            value => format!("CAST(\"found\" AS TEXT) {operator} {}", literal(value, &Type::Text)?),
        });
    }
    let (before, after) = assert.complaint();
    let found = "CASE WHEN \"rows\" > 1 THEN \"rows\" || ' rows' ELSE coalesce(substr(CAST(\"found\" AS TEXT), 1, 60), 'NULL') END";
    Ok(Statement::assertion(
        format!(
            "WITH \"asserted\"(\"found\") AS {}\nSELECT json_extract('{{}}', {} || {found} || {})\nFROM (SELECT count(*) AS \"rows\", \"found\" FROM \"asserted\")\nWHERE NOT coalesce({}, 0)",
            parenthesised(&assert.sql),
            string_literal(&format!("{GUARD}{before}")),
            string_literal(&after),
            holds.join(" AND ")
        ),
        assert,
    ))
}
