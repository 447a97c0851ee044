//! The names in the head of a statement that makes a routine or a trigger.

use std::ops::Range;

use crate::schema::ObjectClass;
use crate::sql::{Lexicon, Token, TokenKind, tokens};

/// Where the names stand: that of the routine; that of the trigger and that of its table. None where the statement is not
/// understood.
pub(super) fn names(sql: &str, class: ObjectClass, lexicon: &Lexicon) -> Option<Vec<Range<usize>>> {
    let found: Vec<Token> = tokens(sql, lexicon).filter(Token::is_significant).collect();
    let is = |at: usize, words: &[&str]| {
        found.get(at).is_some_and(|token| {
            token.kind == TokenKind::Word && words.iter().any(|w| token.text(sql).eq_ignore_ascii_case(w))
        })
    };
    let behind = |from: usize, words: &[&str]| (from..found.len()).find(|at| is(*at, words)).map(|at| at + 1);
    match class {
        ObjectClass::Routine => {
            let at = behind(0, &["function", "procedure"])?;
            Some(vec![name(sql, &found, without_condition(at, is))?.0])
        }
        ObjectClass::Trigger => {
            let at = behind(0, &["trigger"])?;
            let (own, end) = name(sql, &found, without_condition(at, is))?;
            let (table, _) = name(sql, &found, behind(end, &["on"])?)?;
            Some(vec![own, table])
        }
        _ => Some(Vec::new()),
    }
}

/// The place behind `IF NOT EXISTS`.
fn without_condition(at: usize, is: impl Fn(usize, &[&str]) -> bool) -> usize {
    match is(at, &["if"]) && is(at + 1, &["not"]) && is(at + 2, &["exists"]) {
        true => at + 3,
        false => at,
    }
}

/// A name at a place, with what it is qualified by, and the place behind it.
fn name(sql: &str, found: &[Token], at: usize) -> Option<(Range<usize>, usize)> {
    let word =
        |at: usize| found.get(at).filter(|token| matches!(token.kind, TokenKind::Word | TokenKind::QuotedIdentifier));
    let first = word(at)?;
    let (mut last, mut end) = (first, at + 1);
    while found.get(end).is_some_and(|token| token.text(sql) == ".") {
        last = word(end + 1)?;
        end += 2;
    }
    Some((first.start..last.end, end))
}

/// The statement with other texts in these places.
pub(super) fn with(sql: &str, places: &[Range<usize>], texts: &[&str]) -> String {
    let mut out = String::with_capacity(sql.len());
    let mut copied = 0;
    for (place, text) in places.iter().zip(texts) {
        out.push_str(sql.get(copied..place.start).unwrap_or_default());
        out.push_str(text);
        copied = place.end;
    }
    out.push_str(sql.get(copied..).unwrap_or_default());
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_in_heads_are_found() {
        let lexicon = Lexicon::default();
        for (sql, class, expected) in [
            (
                "CREATE FUNCTION f(a int) RETURNS int …",
                ObjectClass::Routine,
                "CREATE FUNCTION <0>(a int) RETURNS int …",
            ),
            (
                "create or replace procedure app.\"F x\" () …",
                ObjectClass::Routine,
                "create or replace procedure <0> () …",
            ),
            (
                "CREATE TRIGGER IF NOT EXISTS t AFTER UPDATE OF a, b ON public . users FOR EACH ROW x ON y",
                ObjectClass::Trigger,
                "CREATE TRIGGER IF NOT EXISTS <0> AFTER UPDATE OF a, b ON <1> FOR EACH ROW x ON y",
            ),
        ] {
            let places = names(sql, class, &lexicon).expect(sql);
            assert_eq!(with(sql, &places, &["<0>", "<1>"]), expected);
        }
        assert_eq!(names("CREATE TRIGGER", ObjectClass::Trigger, &lexicon), None);
    }
}
