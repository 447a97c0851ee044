//! Expressions: their text made comparable, and the parentheses around them.

use crate::identifier::is_plain;
use crate::lex::{self, Kind, Token, tokens};

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

/// An expression in the spelling that two texts share when they differ only in what SQLite does not see: blanks,
/// comments, the case of words, needless quotes and parentheses around the whole.
pub fn canonical(sql: &str) -> String {
    let sql = without_parentheses(sql);
    let mut text = String::new();
    for token in tokens(sql) {
        let piece = match token.kind {
            Kind::Word => token.text(sql).to_ascii_lowercase(),
            Kind::Quoted => {
                let name = lex::name(&token, sql).to_ascii_lowercase();
                if is_plain(&name) { name } else { crate::identifier::quote(&name) }
            }
            Kind::Operator => match token.text(sql) {
                "==" => "=".to_owned(),
                "!=" => "<>".to_owned(),
                other => other.to_owned(),
            },
            _ => token.text(sql).to_owned(),
        };
        let tight = text.is_empty() || text.ends_with(['(', '.']) || matches!(piece.as_str(), ")" | "," | ".");
        if !tight && !(piece == "(" && text.ends_with(|c: char| c.is_ascii_alphanumeric() || c == '_')) {
            text.push(' ');
        }
        text.push_str(&piece);
    }
    text
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
