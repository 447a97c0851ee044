//! Expressions and other texts of the user inside statements.

use aludel_engine::sql::Lexicon;

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

/// An expression in one spelling, for comparison.
#[must_use]
pub fn canonical(sql: &str) -> String {
    sql.trim().to_owned()
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
}
