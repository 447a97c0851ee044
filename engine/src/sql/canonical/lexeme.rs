//! Tokens in one spelling each, without white space and comments.

use crate::sql::identifiers::identifier_quote;
use crate::sql::reserved::is_reserved;
use crate::sql::token::unquoted;
use crate::sql::{Lexicon, Token, TokenKind, tokens};

/// A token in its canonical spelling.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Lexeme {
    pub kind: TokenKind,
    pub text: String,
}

impl Lexeme {
    /// A string whose value is known: its text is the value in single quotes.
    pub(super) fn is_text(&self) -> bool {
        self.kind == TokenKind::String && self.text.starts_with('\'')
    }

    pub(super) fn is_word(&self, word: &str) -> bool {
        self.kind == TokenKind::Word && self.text == word
    }
}

pub(super) fn lexemes(text: &str, lexicon: &Lexicon) -> Vec<Lexeme> {
    let kept = |token: &Token| token.is_significant() || (token.kind == TokenKind::Comment && !token.terminated);
    let found: Vec<Token> = tokens(text, lexicon).filter(kept).collect();
    let mut lexemes = Vec::with_capacity(found.len());
    for (at, token) in found.iter().enumerate() {
        let raw = token.text(text);
        let next = found.get(at + 1);
        let introducer = lexicon.charset_introducers
            && token.kind == TokenKind::Word
            && is_utf8_introducer(raw)
            // A second one in a row is no SQL, and dropping it would make an introducer of the first.
            && !at.checked_sub(1).and_then(|before| found.get(before)).is_some_and(|t| is_utf8_introducer(t.text(text)))
            && next.is_some_and(|next| next.kind == TokenKind::String && next.text(text).starts_with(['\'', '"']));
        if !introducer {
            let called = next.is_some_and(|next| next.text(text) == "(");
            lexemes.push(lexeme(token, raw, called, lexicon));
        }
    }
    lexemes
}

fn is_utf8_introducer(word: &str) -> bool {
    ["_utf8mb4", "_utf8mb3", "_utf8"].iter().any(|name| word.eq_ignore_ascii_case(name))
}

/// The lexemes as a text that is cut into the same lexemes again.
pub(super) fn join(lexemes: &[Lexeme]) -> String {
    lexemes.iter().map(|lexeme| lexeme.text.as_str()).collect::<Vec<_>>().join(" ")
}

fn lexeme(token: &Token, raw: &str, called: bool, lexicon: &Lexicon) -> Lexeme {
    let mut kind = token.kind;
    let text = match kind {
        _ if !token.terminated => raw.to_owned(),
        TokenKind::Word | TokenKind::Number => raw.to_ascii_lowercase(),
        TokenKind::QuotedIdentifier => {
            let (new, text) = identifier(raw, called, lexicon);
            kind = new;
            text
        }
        TokenKind::String => match value(raw, lexicon) {
            Some(value) => literal(&value, lexicon),
            None => raw.to_owned(),
        },
        TokenKind::Operator => match raw {
            "!=" => "<>".to_owned(),
            "==" if !lexicon.custom_operators => "=".to_owned(),
            "||" | "&&" if lexicon.logical_symbols => {
                kind = TokenKind::Word;
                if raw == "||" { "or".to_owned() } else { "and".to_owned() }
            }
            _ => raw.to_owned(),
        },
        _ => raw.to_owned(),
    };
    Lexeme { kind, text }
}

/// Words that start a form of their own before a parenthesis, so that their quotes matter even there.
const FORMS: [&str; 18] = [
    "all", "and", "any", "array", "between", "case", "cast", "exists", "extract", "in", "interval", "is", "like",
    "not", "or", "row", "some", "values",
];

fn identifier(raw: &str, called: bool, lexicon: &Lexicon) -> (TokenKind, String) {
    let Some(mut name) = unquoted(raw) else { return (TokenKind::QuotedIdentifier, raw.to_owned()) };
    if lexicon.case_insensitive_names {
        name.make_ascii_lowercase();
    }
    let start = |b: u8| b.is_ascii_lowercase() || b == b'_';
    let plain = name.bytes().next().is_some_and(start) && name.bytes().all(|b| start(b) || b.is_ascii_digit());
    let special = FORMS.contains(&name.as_str()) || (!called && is_reserved(&name));
    // Bare, it could be read as the introducer of a string behind it.
    let prefix = lexicon.charset_introducers && name.starts_with('_');
    if plain && !special && !prefix {
        return (TokenKind::Word, name);
    }
    let quote = identifier_quote(lexicon);
    let doubled = name.replace(quote, &format!("{quote}{quote}"));
    (TokenKind::QuotedIdentifier, format!("{quote}{doubled}{quote}"))
}

fn literal(value: &str, lexicon: &Lexicon) -> String {
    let mut text = value.replace('\'', "''");
    if lexicon.backslash_escapes {
        text = text.replace('\\', "\\\\");
    }
    format!("'{text}'")
}

/// The value of a string literal, if its escapes are all understood.
fn value(raw: &str, lexicon: &Lexicon) -> Option<String> {
    if raw.starts_with('$') {
        let tag = raw.get(1..)?.find('$')? + 2;
        return raw.get(tag..raw.len().checked_sub(tag)?).map(str::to_owned);
    }
    let (quote, body, escape) = match raw.as_bytes() {
        [b'\'', .., b'\''] => ('\'', raw.get(1..raw.len() - 1)?, lexicon.backslash_escapes),
        [b'"', .., b'"'] => ('"', raw.get(1..raw.len() - 1)?, lexicon.backslash_escapes),
        [b'e' | b'E', b'\'', .., b'\''] => ('\'', raw.get(2..raw.len() - 1)?, true),
        _ => return None,
    };
    let mut out = String::with_capacity(body.len());
    let mut chars = body.chars();
    while let Some(c) = chars.next() {
        if c == quote {
            chars.next();
            out.push(c);
        } else if c == '\\' && escape {
            match (chars.next()?, lexicon.escape_string_prefix) {
                ('n', _) => out.push('\n'),
                ('r', _) => out.push('\r'),
                ('t', _) => out.push('\t'),
                ('b', _) => out.push('\u{8}'),
                (c @ ('\\' | '\'' | '"'), _) => out.push(c),
                ('0', false) => out.push('\0'),
                ('Z', false) => out.push('\u{1a}'),
                // Both keep their backslash outside patterns too.
                // https://dev.mysql.com/doc/refman/8.4/en/string-literals.html
                (c @ ('%' | '_'), false) => out.extend(['\\', c]),
                (c, false) => out.push(c),
                (_, true) => return None,
            }
        } else {
            out.push(c);
        }
    }
    Some(out)
}
