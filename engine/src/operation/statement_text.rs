//! The whole `CREATE …` statement of a trigger or routine, which only its database can word.

use super::Context;
use super::text::{by_dialect, fill_variables};
use crate::diagnostic::{Diagnostic, Diagnostics, codes};
use crate::source::{Decode, Node, Span};
use crate::sql::{Token, TokenKind, split, tokens};

/// A statement that was read, with the words that its head is made of.
#[derive(Debug, Clone)]
pub(super) struct StatementText {
    /// The statement, without a terminator.
    pub(super) sql: String,
    /// Where it stands.
    pub(super) span: Span,
    /// Its words and names up to the first parenthesis or body, names without their quotes.
    words: Vec<Word>,
}

#[derive(Debug, Clone)]
struct Word {
    text: String,
    quoted: bool,
}

/// Reads a text, or one by dialect, that must be exactly one statement that begins with `CREATE`.
pub(super) fn statement_text(node: &Node, context: &Context, diagnostics: &mut Diagnostics) -> Option<StatementText> {
    let chosen = by_dialect(node, context, diagnostics)?;
    let text = String::decode(chosen, diagnostics)?;
    let text = fill_variables(&text, chosen, context, diagnostics)?;
    let lexicon = context.dialect.lexicon();
    let mut refuse = |message: String, label: &str| {
        diagnostics.push(Diagnostic::error(&codes::WRONG_STATEMENT, message).at(chosen.span, label));
    };
    let pieces = match split(&text, lexicon) {
        Ok(pieces) => pieces,
        Err(error) => {
            refuse(error.to_string(), "this SQL cannot be split into statements");
            return None;
        }
    };
    let [piece] = pieces.as_slice() else {
        refuse(
            format!("one statement is needed here, and these are {}", pieces.len()),
            "give each an operation of its own",
        );
        return None;
    };
    let sql = piece.text(&text).trim().to_owned();
    let words: Vec<Word> = tokens(&sql, lexicon)
        .filter(|token| token.kind != TokenKind::Comment)
        .filter_map(|token| word(&token, &sql))
        .take(40)
        .collect();
    if !words.first().is_some_and(|word| word.is("create")) {
        refuse(
            "the statement must begin with CREATE".to_owned(),
            "write the whole statement, as for the database's own client",
        );
        return None;
    }
    Some(StatementText { sql, span: chosen.span, words })
}

fn word(token: &Token, sql: &str) -> Option<Word> {
    let text = token.text(sql);
    match token.kind {
        TokenKind::QuotedIdentifier => {
            let quote = text.chars().next_back()?;
            let inner = text.get(1..text.len().saturating_sub(1))?;
            Some(Word { text: inner.replace(&format!("{quote}{quote}"), &quote.to_string()), quoted: true })
        }
        _ if text.trim().is_empty() => None,
        _ => Some(Word { text: text.to_owned(), quoted: false }),
    }
}

impl Word {
    fn is(&self, keyword: &str) -> bool {
        !self.quoted && self.text.eq_ignore_ascii_case(keyword)
    }
}

impl StatementText {
    /// Whether a keyword is among the words of the head before any parenthesis.
    pub(super) fn makes(&self, keyword: &str) -> bool {
        self.words.iter().take_while(|word| !word.is("(")).take(12).any(|word| word.is(keyword))
    }

    /// The name, without its namespace, behind a keyword and `IF NOT EXISTS`.
    pub(super) fn name_after(&self, keyword: &str) -> Option<&str> {
        let mut at = self.words.iter().position(|word| word.is(keyword))? + 1;
        while self.words.get(at).is_some_and(|word| word.is("if") || word.is("not") || word.is("exists")) {
            at += 1;
        }
        while self.words.get(at + 1).is_some_and(|word| word.is(".")) {
            at += 2;
        }
        self.words.get(at).map(|word| word.text.as_str())
    }

    /// Reports that the statement is about something else than the operation says.
    pub(super) fn mismatch(&self, what: &str, said: &str, found: Option<&str>, diagnostics: &mut Diagnostics) {
        let message = match found {
            Some(found) => format!("the operation says the {what} `{said}`, and its statement `{found}`"),
            None => format!("the statement does not make a {what}"),
        };
        diagnostics.push(
            Diagnostic::error(&codes::WRONG_STATEMENT, message)
                .at(self.span, "this statement")
                .help("the two must be the same, or dropping it would drop something else"),
        );
    }
}
