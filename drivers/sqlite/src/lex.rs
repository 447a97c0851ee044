//! SQL text as tokens, for the reader of definitions: the engine's scanner with the habits of SQLite.

use aludel_engine::sql::{Lexicon, Token, TokenKind};

/// How SQLite writes strings, identifiers and comments. <https://sqlite.org/lang_keywords.html>
pub static LEXICON: Lexicon = Lexicon {
    backtick_identifiers: true,
    bracket_identifiers: true,
    question_parameters: true,
    named_parameters: true,
    at_variables: true,
    trigger_bodies: true,
    dot_commands: true,
    case_insensitive_names: true,
    ..Lexicon::STANDARD
};

/// The tokens of a text without blanks and comments. Total: what is not closed runs to the end.
pub fn tokens(sql: &str) -> Vec<Token> {
    aludel_engine::sql::tokens(sql, &LEXICON).filter(Token::is_significant).collect()
}

/// The name that a word, a quoted identifier or (as SQLite allows) a string stands for.
pub fn name(token: &Token, sql: &str) -> String {
    let text = token.text(sql);
    let mut chars = text.chars();
    let close = match chars.next() {
        Some('[') => ']',
        Some(quote @ ('"' | '`' | '\'')) => quote,
        _ => return text.to_owned(),
    };
    let inner = chars.as_str();
    let inner = inner.strip_suffix(close).unwrap_or(inner);
    match close {
        ']' => inner.to_owned(),
        quote => inner.replace(&format!("{quote}{quote}"), &quote.to_string()),
    }
}

/// Whether a token can name something.
pub fn is_name(token: &Token) -> bool {
    matches!(token.kind, TokenKind::Word | TokenKind::QuotedIdentifier | TokenKind::String)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_come_out_of_their_quotes() {
        let sql = "a \"b\"\"c\" `d` [e f] 'g''h'";
        let names: Vec<String> = tokens(sql).iter().map(|token| name(token, sql)).collect();
        assert_eq!(names, ["a", "b\"c", "d", "e f", "g'h"]);
    }
}
