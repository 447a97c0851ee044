//! `assert`

use super::condition::whole;
use super::text::sql_text;
use super::{Context, Lowering, ObjectReader, Operate};
use crate::change::{Assert as Assertion, Change, Expectation};
use crate::diagnostic::{Diagnostic, Diagnostics, codes};
use crate::schema::Value;
use crate::source::{Node, NodeKind, Span};
use crate::sql::tokens;

/// Stops the run unless a query gives what it should.
///
/// `sql` is a query of one row and one column. `equals` takes a number, a text, a boolean or `null`; `at_least` and
/// `at_most`, alone or together, a number or a text. A number must be one in the database too; a text is compared with
/// the value as a text, character by character; NULL equals `null` only and lies within no bounds, and a query without a
/// row gives NULL. `message` says what it means when it does not hold. Nothing of the steps after it has run then: what
/// is one transaction is rolled back, elsewhere the next run begins with the assertion. It is made on the way up only.
#[derive(Debug, Clone)]
pub struct Assert {
    sql: String,
    expected: Expectation,
    message: Option<String>,
}

impl Operate for Assert {
    fn read(node: &Node, span: Span, context: &Context, diagnostics: &mut Diagnostics) -> Option<Self> {
        let mut reader = ObjectReader::new(node, "assert", None, context, diagnostics)?;
        let sql = reader.need_node("sql", diagnostics).and_then(|node| {
            let text = sql_text(node, context, diagnostics)?;
            let text = text.trim().trim_end_matches(';').trim_end().to_owned();
            whole(&text, node.span, context, diagnostics)?;
            query(&text, node.span, context, diagnostics)?;
            Some(text)
        });
        let equals = reader.nullable("equals").map(|node| scalar(node, true, diagnostics));
        let at_least = reader.node("at_least").map(|node| scalar(node, false, diagnostics));
        let at_most = reader.node("at_most").map(|node| scalar(node, false, diagnostics));
        let message = reader.get("message", diagnostics);
        reader.finish(context, diagnostics);
        let expected = match (equals, at_least, at_most) {
            (Some(value), None, None) => Expectation::Equals(value?),
            (None, least, most) if least.is_some() || most.is_some() => {
                let bound = |bound: Option<Option<Value>>| match bound {
                    Some(read) => read.map(Some),
                    None => Some(None),
                };
                Expectation::Within { at_least: bound(least)?, at_most: bound(most)? }
            }
            (found, _, _) => {
                let message = match found {
                    Some(_) => "`equals` says it all, and `at_least` or `at_most` something else beside it",
                    None => "the assertion does not say what it expects",
                };
                diagnostics.push(
                    Diagnostic::error(&codes::NO_EXPECTATION, message)
                        .at(span, "of this assertion")
                        .help("give `equals`, or `at_least` and `at_most` or one of them"),
                );
                return None;
            }
        };
        Some(Assert { sql: sql?, expected, message })
    }

    fn lower(&self, lowering: &mut Lowering<'_>) -> Option<()> {
        lowering.emit(Change::Assert(Assertion {
            sql: self.sql.clone(),
            expected: self.expected.clone(),
            message: self.message.clone(),
        }))
    }
}

/// Whether a text begins as a query does.
fn query(text: &str, span: Span, context: &Context, diagnostics: &mut Diagnostics) -> Option<()> {
    let first = tokens(text, context.dialect.lexicon()).find(|token| token.is_significant() && token.text(text) != "(");
    let word = first.map_or("", |token| token.text(text)).to_ascii_lowercase();
    if ["select", "with", "values", "table"].contains(&word.as_str()) {
        return Some(());
    }
    diagnostics.push(
        Diagnostic::error(&codes::WRONG_VALUE, format!("an assertion needs a query, and this begins with `{word}`"))
            .at(span, "not a query")
            .help("write a SELECT of one value: `SELECT count(*) FROM users WHERE email IS NULL`"),
    );
    None
}

fn scalar(node: &Node, exact: bool, diagnostics: &mut Diagnostics) -> Option<Value> {
    let wanted = match exact {
        true => "a number, a text, a boolean or null",
        false => "a number or a text",
    };
    match &node.kind {
        NodeKind::Integer(number) => return Some(Value::Integer(*number)),
        // Infinity and not-a-number are no bounds that every database knows.
        NodeKind::Number(text) if !text.to_ascii_lowercase().contains(['n', 'i']) => {
            return Some(Value::Number(text.clone()));
        }
        NodeKind::String(text) => return Some(Value::Text(text.clone())),
        NodeKind::Bool(value) if exact => return Some(Value::Bool(*value)),
        NodeKind::Null if exact => return Some(Value::Null),
        _ => {}
    }
    diagnostics.push(crate::source::wrong_type(node, wanted));
    None
}
