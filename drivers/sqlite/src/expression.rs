//! Expressions: their text made comparable, and the parentheses around them.

use aludel_engine::sql::{Token, TokenKind, ends_in_comment};

use crate::identifier::is_plain;
use crate::lex::{LEXICON, tokens};

/// A user's text inside parentheses, as it is. A line comment at its end must not swallow what follows.
pub fn parenthesised(sql: &str) -> String {
    match ends_in_comment(sql, &LEXICON) {
        true => format!("({sql}\n)"),
        false => format!("({sql})"),
    }
}

/// An expression without the parentheses that enclose the whole of it.
pub fn without_parentheses(sql: &str) -> &str {
    let mut sql = sql.trim();
    loop {
        let tokens = tokens(sql);
        let (Some(first), Some(last)) = (tokens.first(), tokens.last()) else {
            return sql;
        };
        if first.text(sql) != "(" || matching(sql, &tokens, 0) != Some(tokens.len() - 1) {
            return sql;
        }
        sql = sql.get(first.end..last.start).unwrap_or_default().trim();
    }
}

/// The place of the parenthesis that closes the one at `open`.
pub fn matching(sql: &str, tokens: &[Token], open: usize) -> Option<usize> {
    let mut depth = 0_usize;
    for (place, token) in tokens.iter().enumerate().skip(open) {
        match token.text(sql) {
            "(" => depth += 1,
            ")" => {
                depth = depth.checked_sub(1)?;
                if depth == 0 {
                    return Some(place);
                }
            }
            _ => {}
        }
    }
    None
}

/// An expression in the spelling that two texts share when they differ only in what SQLite does not see.
pub fn canonical(sql: &str) -> String {
    let text = aludel_engine::sql::canonical(without_parentheses(sql), &LEXICON);
    // Words such as `user`, which are functions elsewhere, are names like any other here: RENAME COLUMN writes them bare.
    let mut bare = String::with_capacity(text.len());
    let mut rest = 0;
    for token in tokens(&text).iter().filter(|token| token.kind == TokenKind::QuotedIdentifier) {
        let Some(name) = token.text(&text).strip_prefix('"').and_then(|name| name.strip_suffix('"')) else { continue };
        if is_plain(name) {
            bare.push_str(text.get(rest..token.start).unwrap_or_default());
            bare.push_str(name);
            rest = token.end;
        }
    }
    bare.push_str(text.get(rest..).unwrap_or_default());
    bare
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spelling_that_does_not_matter_goes() {
        for (a, b) in [
            ("( (total>=0) )", "total >= 0"),
            ("\"total\" != 1 /* why */", "TOTAL<>1"),
            ("lower( [email] )", "LOWER(email)"),
            ("status in ('New','b')", "status IN ('New', 'b')"),
        ] {
            assert_eq!(canonical(a), canonical(b));
        }
        assert_ne!(canonical("x = 'A'"), canonical("x = 'a'"));
        assert_eq!(without_parentheses("(a) + (b)"), "(a) + (b)");
        assert_eq!(canonical(&canonical("f(a.b, -1)")), canonical("f(a.b, -1)"));
    }
}
