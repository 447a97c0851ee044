//! CREATE INDEX. <https://sqlite.org/lang_createindex.html>

use aludel_engine::schema::{Index, IndexKey, IndexPart};

use super::{Parser, Unread};
use aludel_engine::sql::TokenKind;

use crate::lex;

/// Reads an index definition; the table it is on comes from the catalog.
pub fn index(sql: &str) -> Result<Index, Unread> {
    let mut parser = Parser::new(sql);
    parser.expect(&["CREATE"])?;
    let unique = parser.eat(&["UNIQUE"]);
    parser.expect(&["INDEX"])?;
    let _ = parser.eat(&["IF", "NOT", "EXISTS"]);
    let name = parser.qualified_name()?;
    parser.expect(&["ON"])?;
    parser.name()?;
    let list = parser.parenthesised()?;
    let mut keys = Parser::new(&list);
    let mut parts = Vec::new();
    while !keys.at_end() {
        let text = keys.until(|parser| parser.is(&[","]))?;
        parts.push(part(text));
        let _ = keys.eat(&[","]);
    }
    let predicate = match parser.eat(&["WHERE"]) {
        true => Some(parser.until(|_| false)?.trim().to_owned()),
        false => None,
    };
    Ok(Index { name, parts, unique, predicate, comment: None, options: Default::default() })
}

/// One key: an expression, then perhaps a collation and a direction, which are words at its very end.
fn part(text: &str) -> IndexPart {
    let mut tokens = lex::tokens(text);
    let mut descending = false;
    let mut collation = None;
    if let Some(last) = tokens.last().filter(|token| token.kind == TokenKind::Word && tokens.len() > 1) {
        let word = last.text(text);
        descending = word.eq_ignore_ascii_case("DESC");
        if descending || word.eq_ignore_ascii_case("ASC") {
            tokens.pop();
        }
    }
    if let [.., before, last] = tokens.as_slice()
        && before.kind == TokenKind::Word
        && before.text(text).eq_ignore_ascii_case("COLLATE")
    {
        collation = Some(lex::name(last, text));
        tokens.truncate(tokens.len() - 2);
    }
    let key = match tokens.as_slice() {
        [one] if one.kind == TokenKind::Word || one.kind == TokenKind::QuotedIdentifier => {
            IndexKey::Column(lex::name(one, text))
        }
        [] => IndexKey::Expression(String::new()),
        [first, .., last] => IndexKey::Expression(slice(text, first.start, last.end)),
        [one] => IndexKey::Expression(slice(text, one.start, one.end)),
    };
    IndexPart { key, descending, nulls: None, length: None, opclass: None, collation }
}

fn slice(text: &str, start: usize, end: usize) -> String {
    crate::expression::without_parentheses(text.get(start..end).unwrap_or_default()).to_owned()
}
