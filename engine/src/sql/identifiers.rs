//! The column names in an expression: found, listed and renamed by their tokens.
//!
//! An expression is not parsed, so that a name counts where a column could stand: a bare word or quoted identifier,
//! also behind a qualifier (`t.col`), but not a function (`col(`), a qualifier itself (`col.x`), a type (`::col`,
//! `AS col`), a collation, the unit of an interval, or a word that is reserved everywhere.

use super::scanner::Scanner;
use super::token::unquoted;
use super::{Lexicon, Token, TokenKind, reserved};

/// Words that no database takes as a bare column name.
const RESERVED: [&str; 24] = [
    "and", "as", "between", "case", "collate", "distinct", "else", "exists", "false", "from", "in", "interval", "is",
    "like", "not", "null", "or", "order", "select", "then", "true", "using", "when", "where",
];

/// Whether a lower-case word can nowhere be a bare name.
pub(super) fn is_reserved_everywhere(word: &str) -> bool {
    RESERVED.contains(&word)
}

pub(super) struct Name {
    pub(super) token: Token,
    pub(super) value: String,
    quoted: bool,
}

/// Whether an expression mentions a column. [`Lexicon::case_insensitive_names`] says how names compare.
#[must_use]
pub fn mentions(expression: &str, column: &str, lexicon: &Lexicon) -> bool {
    names(expression, lexicon).iter().any(|name| is(name, column, lexicon))
}

/// The names that an expression mentions, each once, in order. Bare words in lower case where names are case-sensitive.
///
/// With no knowledge of the columns this holds anything that could be one: a bare keyword of one database only, or
/// an argument such as the `day` of `date_trunc(day, x)`.
#[must_use]
pub fn identifiers(expression: &str, lexicon: &Lexicon) -> Vec<String> {
    let case_insensitive = lexicon.case_insensitive_names;
    let mut found: Vec<String> = Vec::new();
    for name in names(expression, lexicon) {
        let value = if name.quoted || case_insensitive { name.value } else { name.value.to_ascii_lowercase() };
        let known = |other: &String| *other == value || (case_insensitive && same(other, &value));
        if !found.iter().any(known) {
            found.push(value);
        }
    }
    found
}

/// The names on the left of a comparison in a condition without a subquery, as far as they can be nothing but columns of
/// the one table it is about. Bare words in lower case where names are case-sensitive.
#[must_use]
pub fn compared_names(expression: &str, lexicon: &Lexicon) -> Vec<String> {
    const COMPARISONS: [&str; 14] =
        ["=", "==", "<>", "!=", "<", ">", "<=", ">=", "<=>", "is", "in", "like", "between", "not"];
    // Words that are values by themselves, and columns that no definition lists.
    const ELSEWHERE: [&str; 18] = [
        "current_date",
        "current_time",
        "current_timestamp",
        "current_user",
        "current_role",
        "current_schema",
        "session_user",
        "user",
        "localtime",
        "localtimestamp",
        "utc_date",
        "rowid",
        "oid",
        "_rowid_",
        "ctid",
        "xmin",
        "tableoid",
        "end",
    ];
    let mut scanner = Scanner::new(expression, lexicon);
    let found: Vec<Token> = std::iter::from_fn(|| scanner.significant()).collect();
    let is_word =
        |token: &Token, words: &[&str]| words.iter().any(|word| token.text(expression).eq_ignore_ascii_case(word));
    if found.iter().any(|token| is_word(token, &["select", "values", "table"])) {
        return Vec::new();
    }
    let compared = |name: &Name| {
        let next = found.iter().position(|token| token.start == name.token.start).and_then(|at| found.get(at + 1));
        next.is_some_and(|next| is_word(next, &COMPARISONS)) && (name.quoted || !is_word(&name.token, &ELSEWHERE))
    };
    names(expression, lexicon)
        .into_iter()
        .filter(compared)
        .map(
            |name| {
                if name.quoted || lexicon.case_insensitive_names { name.value } else { name.value.to_ascii_lowercase() }
            },
        )
        .collect()
}

/// The expression with every mention of the column `from` named `to`; all else is kept byte for byte. A quoted
/// mention keeps its quotes, a bare one gets some only if the new name needs them.
#[must_use]
pub fn rename_identifier(expression: &str, from: &str, to: &str, lexicon: &Lexicon) -> String {
    let mut out = String::with_capacity(expression.len() + to.len());
    let mut copied = 0;
    for name in names(expression, lexicon) {
        if is(&name, from, lexicon) {
            out.push_str(expression.get(copied..name.token.start).unwrap_or(""));
            out.push_str(&spelled(&name, expression, to, lexicon));
            copied = name.token.end;
        }
    }
    out.push_str(expression.get(copied..).unwrap_or(""));
    out
}

/// The expression with every mention of the table `from` before a column (`from.n`) named `to`; all else is kept byte for
/// byte. A table that is itself qualified (`app.from.n`) is another one unless `schema` says so.
#[must_use]
pub fn rename_qualifier(expression: &str, schema: Option<&str>, from: &str, to: &str, lexicon: &Lexicon) -> String {
    let mut scanner = Scanner::new(expression, lexicon);
    let found: Vec<Token> = std::iter::from_fn(|| scanner.significant()).collect();
    let text = |at: Option<usize>| at.and_then(|at| found.get(at)).map_or("", |token| token.text(expression));
    let mut out = String::with_capacity(expression.len() + to.len());
    let mut copied = 0;
    for (at, token) in found.iter().enumerate() {
        // A function behind the point makes the name that of a namespace.
        let qualifies = text(Some(at + 1)) == "." && !matches!(text(Some(at + 3)), "(" | ".");
        let Some(name) = name_of(token, expression).filter(|name| qualifies && is(name, from, lexicon)) else {
            continue;
        };
        if text(at.checked_sub(1)) == "." {
            let before = at.checked_sub(2).and_then(|at| found.get(at)).and_then(|token| name_of(token, expression));
            if !before.is_some_and(|before| schema.is_some_and(|schema| is(&before, schema, lexicon))) {
                continue;
            }
        }
        out.push_str(expression.get(copied..token.start).unwrap_or(""));
        out.push_str(&spelled(&name, expression, to, lexicon));
        copied = token.end;
    }
    out.push_str(expression.get(copied..).unwrap_or(""));
    out
}

/// Whether a string literal of an expression is this text.
#[must_use]
pub fn mentions_text(expression: &str, wanted: &str, lexicon: &Lexicon) -> bool {
    super::tokens(expression, lexicon)
        .filter(|token| token.kind == TokenKind::String)
        .any(|token| text_of(token.text(expression), lexicon).is_some_and(|text| text == wanted))
}

/// The expression with every string literal that is the one text replaced by one of another; all else is kept byte for byte.
#[must_use]
pub fn rename_text(expression: &str, from: &str, to: &str, lexicon: &Lexicon) -> String {
    let mut out = String::with_capacity(expression.len() + to.len());
    let mut copied = 0;
    for token in super::tokens(expression, lexicon).filter(|token| token.kind == TokenKind::String) {
        if text_of(token.text(expression), lexicon).is_some_and(|text| text == from) {
            out.push_str(expression.get(copied..token.start).unwrap_or(""));
            out.push_str(&format!("'{}'", to.replace('\'', "''")));
            copied = token.end;
        }
    }
    out.push_str(expression.get(copied..).unwrap_or(""));
    out
}

/// What a string literal holds, its prefix aside. Escapes other than that of a quote or backslash are not decoded.
fn text_of(literal: &str, lexicon: &Lexicon) -> Option<String> {
    if let Some(rest) = literal.strip_prefix('$') {
        let (tag, rest) = rest.split_once('$')?;
        return rest.strip_suffix('$')?.strip_suffix(tag)?.strip_suffix('$').map(str::to_owned);
    }
    let start = literal.find(['\'', '"'])?;
    let (prefix, quoted) = literal.split_at(start);
    let mut inner = quoted.chars();
    let quote = inner.next()?;
    let inner = inner.as_str().strip_suffix(quote)?;
    let escapes = lexicon.backslash_escapes || (lexicon.escape_string_prefix && prefix.eq_ignore_ascii_case("e"));
    let mut text = String::with_capacity(inner.len());
    let mut chars = inner.chars();
    while let Some(c) = chars.next() {
        match c {
            c if c == quote => text.extend(chars.next()),
            '\\' if escapes => text.extend(chars.next()),
            c => text.push(c),
        }
    }
    Some(text)
}

/// How another name is spelled in the place of one.
pub(super) fn spelled(old: &Name, expression: &str, to: &str, lexicon: &Lexicon) -> String {
    let quote = match (old.token.text(expression).bytes().next(), old.quoted) {
        (Some(b'['), true) if !to.contains(']') => return format!("[{to}]"),
        (Some(b'`'), true) => '`',
        (_, true) => '"',
        (_, false) if is_bare(to, lexicon) => return to.to_owned(),
        (_, false) => identifier_quote(lexicon),
    };
    let doubled = to.replace(quote, &format!("{quote}{quote}"));
    format!("{quote}{doubled}{quote}")
}

/// The quote that always makes an identifier.
pub(super) fn identifier_quote(lexicon: &Lexicon) -> char {
    if lexicon.double_quoted_strings && lexicon.backtick_identifiers { '`' } else { '"' }
}

/// Whether a name means itself without quotes.
fn is_bare(name: &str, lexicon: &Lexicon) -> bool {
    let plain =
        |b: u8| b == b'_' || b.is_ascii_lowercase() || (lexicon.case_insensitive_names && b.is_ascii_uppercase());
    name.bytes().next().is_some_and(plain)
        && name.bytes().all(|b| plain(b) || b.is_ascii_digit())
        && !reserved::is_reserved(&name.to_ascii_lowercase())
}

fn same(a: &str, b: &str) -> bool {
    a == b || a.to_lowercase() == b.to_lowercase()
}

/// Whether a name in a text means an identifier.
pub(super) fn is(name: &Name, column: &str, lexicon: &Lexicon) -> bool {
    match (lexicon.case_insensitive_names, name.quoted) {
        (true, _) => same(&name.value, column),
        (false, true) => name.value == column,
        (false, false) => name.value.to_ascii_lowercase() == column,
    }
}

fn names(expression: &str, lexicon: &Lexicon) -> Vec<Name> {
    let mut scanner = Scanner::new(expression, lexicon);
    let found: Vec<Token> = std::iter::from_fn(|| scanner.significant()).collect();
    let text = |at: Option<usize>| at.and_then(|at| found.get(at)).map_or("", |token| token.text(expression));
    let bare = |at: Option<usize>, word: &str| text(at).eq_ignore_ascii_case(word);
    let has_case = found.iter().any(|token| token.text(expression).eq_ignore_ascii_case("case"));
    let mut names = Vec::new();
    for (at, token) in found.iter().enumerate() {
        let Some(name) = name_of(token, expression) else { continue };
        let (before, before_two, after) = (at.checked_sub(1), at.checked_sub(2), Some(at + 1));
        let qualified = text(before) == ".";
        let role =
            matches!(text(after), "(" | ".") || text(before) == "::" || bare(before, "as") || bare(before, "collate");
        let literal = found.get(at + 1).is_some_and(|next| next.kind == TokenKind::String);
        let reserved = RESERVED.iter().any(|word| name.value.eq_ignore_ascii_case(word))
            || (has_case && name.value.eq_ignore_ascii_case("end"));
        let unit =
            bare(before_two, "interval") || (bare(before_two, "extract") && text(before) == "(" && bare(after, "from"));
        if !role && (name.quoted || qualified || !(literal || reserved || unit)) {
            names.push(name);
        }
    }
    names
}

/// The token as a name, if it can be one.
pub(super) fn name_of(token: &Token, expression: &str) -> Option<Name> {
    let text = token.text(expression);
    let (value, quoted) = match token.kind {
        TokenKind::Word => (text.to_owned(), false),
        TokenKind::QuotedIdentifier if token.terminated => (unquoted(text)?, true),
        _ => return None,
    };
    Some(Name { token: *token, value, quoted })
}

#[cfg(test)]
#[path = "identifiers_tests.rs"]
mod tests;
