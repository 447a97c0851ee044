//! Expressions and other texts of the user inside statements.

use aludel_engine::sql::{Lexicon, Token, TokenKind, canonical_with, tokens};

/// How PostgreSQL writes strings, identifiers and comments (manual, 4.1).
pub static LEXICON: Lexicon = Lexicon {
    dollar_quotes: true,
    nested_comments: true,
    escape_string_prefix: true,
    custom_operators: true,
    atomic_bodies: true,
    parenthesised_bodies: true,
    psql_meta: true,
    typed_literals: true,
    ..Lexicon::STANDARD
};

/// A user's text inside parentheses, as it is. A line comment at its end must not swallow what follows.
#[must_use]
pub fn parenthesised(sql: &str) -> String {
    match sql.contains("--") {
        true => format!("({sql}\n)"),
        false => format!("({sql})"),
    }
}

/// A user's text where the grammar takes one operand only (`DEFAULT`, a cast): in parentheses unless it is one piece.
#[must_use]
pub fn operand(sql: &str) -> String {
    match is_one_piece(sql) {
        true => sql.to_owned(),
        false => parenthesised(sql),
    }
}

/// Whether a text is a literal, a word, a call or a text in parentheses. White space outside quotes and parentheses
/// says that it is not.
fn is_one_piece(sql: &str) -> bool {
    let mut depth = 0_usize;
    let mut quote = None;
    for c in sql.chars() {
        match (quote, c) {
            (Some(end), c) if c == end => quote = None,
            (Some(_), _) => {}
            (None, '\'' | '"') => quote = Some(c),
            (None, '(' | '[') => depth += 1,
            (None, ')' | ']') => match depth.checked_sub(1) {
                Some(less) => depth = less,
                None => return false,
            },
            (None, '$') => return false,
            (None, c) if depth == 0 && !(c.is_alphanumeric() || matches!(c, '_' | '.' | ':')) => return false,
            (None, _) => {}
        }
    }
    depth == 0 && quote.is_none() && !sql.is_empty() && !sql.contains("--") && !sql.contains("/*")
}

/// An expression in one spelling, for comparison. `textual` says whether a column holds a text, `enums` whether a type
/// is an enum of the schema: the server prints `'new'::status` where a person writes `'new'`.
#[must_use]
pub fn canonical(sql: &str, textual: &dyn Fn(&str) -> bool, enums: &dyn Fn(&str) -> bool) -> String {
    canonical_with(&without_enum_casts(sql, enums), &LEXICON, textual)
}

/// The text without the casts of string literals to an enum.
fn without_enum_casts(sql: &str, enums: &dyn Fn(&str) -> bool) -> String {
    let all: Vec<Token> = tokens(sql, &LEXICON).collect();
    let significant: Vec<usize> =
        all.iter().enumerate().filter(|(_, token)| token.is_significant()).map(|(place, _)| place).collect();
    let text = |place: usize| significant.get(place).and_then(|at| all.get(*at)).map_or("", |token| token.text(sql));
    let is_name = |place: usize| {
        significant
            .get(place)
            .and_then(|at| all.get(*at))
            .is_some_and(|token| matches!(token.kind, TokenKind::Word | TokenKind::QuotedIdentifier))
    };
    let mut skipped = vec![false; all.len()];
    for place in 0..significant.len() {
        let is_string = all.get(significant[place]).is_some_and(|token| token.kind == TokenKind::String);
        // The lexicon may give the two colons as one token or as two.
        let name_at = match (text(place + 1), text(place + 2)) {
            ("::", _) => place + 2,
            (":", ":") => place + 3,
            _ => continue,
        };
        if !is_string || !is_name(name_at) {
            continue;
        }
        let qualified = text(name_at + 1) == "." && is_name(name_at + 2);
        let last = if qualified { name_at + 2 } else { name_at };
        let name: String = (name_at..=last).map(text).collect();
        if enums(&name) && text(last + 1) != "[" {
            skipped[significant[place] + 1..=significant[last]].fill(true);
        }
    }
    all.iter().zip(skipped).filter(|(_, skipped)| !skipped).map(|(token, _)| token.text(sql)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parentheses_where_the_grammar_needs_them() {
        for (sql, text) in [
            ("now()", "now()"),
            ("'a b'::text", "'a b'::text"),
            ("(1 + 2)", "(1 + 2)"),
            ("1 + 2", "(1 + 2)"),
            ("-5", "(-5)"),
            ("a AND b", "(a AND b)"),
            ("now() AT TIME ZONE 'utc'", "(now() AT TIME ZONE 'utc')"),
            ("nextval('s'::regclass)", "nextval('s'::regclass)"),
            ("ARRAY[1, 2]::int[]", "ARRAY[1, 2]::int[]"),
            ("1 -- one", "(1 -- one\n)"),
            ("a) (b", "(a) (b)"),
        ] {
            assert_eq!(operand(sql), text);
        }
    }

    #[test]
    fn what_the_server_prints_equals_what_was_written() {
        let textual = |column: &str| column == "name";
        let enums = |ty: &str| matches!(ty, "status" | "app.mood");
        for (written, printed) in [
            ("status <> 'done'", "(status <> 'done'::status)"),
            ("m in ('a', 'b')", "((m = ANY (ARRAY['a'::app.mood, 'b'::app.mood])))"),
            ("name <> ''", "((name)::text <> ''::text)"),
            ("lower(name)", "lower((name)::text)"),
            ("total >= 0", "(total >= 0)"),
        ] {
            assert_eq!(canonical(written, &textual, &enums), canonical(printed, &textual, &enums), "{written}");
        }
    }
}
