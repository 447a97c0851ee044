//! Tokens of SQL text. Together they are the whole text: nothing is skipped, nothing panics.

use super::Lexicon;
use super::scanner::Scanner;

/// What a token is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum TokenKind {
    /// A bare word: keyword or identifier.
    Word,
    /// An identifier in quotes of any style.
    QuotedIdentifier,
    /// A string, with its prefix (`E'…'`, `x'…'`) if it has one.
    String,
    /// A number.
    Number,
    /// One of `( ) , ; . : [ ] { }` or a character that SQL does not use.
    Punctuation,
    /// An operator of one or more characters.
    Operator,
    /// A comment, to the end of the line (without it) or a block.
    Comment,
    /// The start (`/*!50001`) or end (`*/`) of a comment whose content is code.
    Conditional,
    /// Blanks and line ends.
    Whitespace,
    /// A parameter or a variable: `?`, `$1`, `:name`, `@name`.
    Parameter,
}

/// A token: a kind and a byte range of the text.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Token {
    /// What it is.
    pub kind: TokenKind,
    /// First byte.
    pub start: usize,
    /// One past the last byte.
    pub end: usize,
    /// False for a string, quoted identifier or block comment that the text ends in.
    pub terminated: bool,
}

impl Token {
    /// The token's text in the text it was cut from.
    #[must_use]
    pub fn text<'a>(&self, text: &'a str) -> &'a str {
        text.get(self.start..self.end).unwrap_or("")
    }

    /// Whether the token matters to the server: neither white space nor comment.
    #[must_use]
    pub fn is_significant(&self) -> bool {
        !matches!(self.kind, TokenKind::Whitespace | TokenKind::Comment)
    }
}

/// The tokens of a text, in order and without gaps.
pub fn tokens<'a>(text: &'a str, lexicon: &'a Lexicon) -> impl Iterator<Item = Token> + 'a {
    Scanner::new(text, lexicon)
}

/// The name that a [`TokenKind::QuotedIdentifier`] quotes. None for `U&"…"`, whose escapes are not decoded.
pub(super) fn unquoted(text: &str) -> Option<String> {
    let mut chars = text.chars();
    let open = chars.next()?;
    let close = match open {
        '"' | '`' => open,
        '[' => ']',
        _ => return None,
    };
    let inner = chars.as_str().strip_suffix(close)?;
    if open == '[' {
        return Some(inner.to_owned());
    }
    Some(inner.replace(&format!("{close}{close}"), &close.to_string()))
}

/// Whether a text ends in a comment, which would swallow what is written behind it on the same line.
#[must_use]
pub fn ends_in_comment(sql: &str, lexicon: &Lexicon) -> bool {
    tokens(sql, lexicon)
        .filter(|token| token.kind != TokenKind::Whitespace)
        .last()
        .is_some_and(|token| token.kind == TokenKind::Comment)
}

#[cfg(test)]
mod tests {
    use super::super::samples::{ALL, MYSQL, POSTGRES, SQLITE};
    use super::*;
    use TokenKind::*;
    use proptest::prelude::*;

    fn kinds(text: &str, lexicon: &Lexicon) -> Vec<(TokenKind, std::string::String)> {
        tokens(text, lexicon).filter(|t| t.kind != Whitespace).map(|t| (t.kind, t.text(text).to_owned())).collect()
    }

    #[track_caller]
    fn check(text: &str, lexicon: &Lexicon, expected: &[(TokenKind, &str)]) {
        let expected: Vec<_> = expected.iter().map(|(k, t)| (*k, (*t).to_owned())).collect();
        assert_eq!(kinds(text, lexicon), expected, "{text}");
    }

    #[test]
    fn common() {
        for lexicon in &ALL {
            check("a >= 1.5e-3", lexicon, &[(Word, "a"), (Operator, ">="), (Number, "1.5e-3")]);
            check("'it''s'", lexicon, &[(String, "'it''s'")]);
            check("x'0F' n'a' b'1'", lexicon, &[(String, "x'0F'"), (String, "n'a'"), (String, "b'1'")]);
            check("t.c", lexicon, &[(Word, "t"), (Punctuation, "."), (Word, "c")]);
            check("é_1$", lexicon, &[(Word, "é_1$")]);
            check("a -- b\nc", lexicon, &[(Word, "a"), (Comment, "-- b"), (Word, "c")]);
            check("/* a */b", lexicon, &[(Comment, "/* a */"), (Word, "b")]);
            check("0x1F .5 1.", lexicon, &[(Number, "0x1F"), (Number, ".5"), (Number, "1.")]);
            check("1..3", lexicon, &[(Number, "1"), (Punctuation, "."), (Number, ".3")]);
            check("$1", lexicon, &[(Parameter, "$1")]);
            check("\u{feff}a", lexicon, &[(Word, "a")]);
        }
    }

    #[test]
    fn postgres() {
        let l = &POSTGRES;
        check("$$a;'b$$", l, &[(String, "$$a;'b$$")]);
        check("$x$ $$ $y$ $x$;", l, &[(String, "$x$ $$ $y$ $x$"), (Punctuation, ";")]);
        check("E'a\\'b' 'a\\'", l, &[(String, "E'a\\'b'"), (String, "'a\\'")]);
        check("U&'a' U&\"b\"", l, &[(String, "U&'a'"), (QuotedIdentifier, "U&\"b\"")]);
        check("/* /* */ */a", l, &[(Comment, "/* /* */ */"), (Word, "a")]);
        check("a::text", l, &[(Word, "a"), (Operator, "::"), (Word, "text")]);
        check("a@>b", l, &[(Word, "a"), (Operator, "@>"), (Word, "b")]);
        check("a*-1", l, &[(Word, "a"), (Operator, "*"), (Operator, "-"), (Number, "1")]);
        check("a<--b", l, &[(Word, "a"), (Operator, "<"), (Comment, "--b")]);
        check("a@-b", l, &[(Word, "a"), (Operator, "@-"), (Word, "b")]);
        check("a ? 'b'", l, &[(Word, "a"), (Operator, "?"), (String, "'b'")]);
        check("a#>>'{}'", l, &[(Word, "a"), (Operator, "#>>"), (String, "'{}'")]);
        check("a[1]", l, &[(Word, "a"), (Punctuation, "["), (Number, "1"), (Punctuation, "]")]);
    }

    #[test]
    fn mysql() {
        let l = &MYSQL;
        check("'a\\'b'", l, &[(String, "'a\\'b'")]);
        check("\"a\"\"b\"", l, &[(String, "\"a\"\"b\"")]);
        check("`a``b`", l, &[(QuotedIdentifier, "`a``b`")]);
        check("5--1", l, &[(Number, "5"), (Operator, "-"), (Operator, "-"), (Number, "1")]);
        check("a # b\nc", l, &[(Word, "a"), (Comment, "# b"), (Word, "c")]);
        check("/*!50001 a*/ b", l, &[(Conditional, "/*!50001"), (Word, "a"), (Conditional, "*/"), (Word, "b")]);
        check("/*M!100100 a */", l, &[(Conditional, "/*M!100100"), (Word, "a"), (Conditional, "*/")]);
        check("/*!999999\\- x */ a", l, &[(Comment, "/*!999999\\- x */"), (Word, "a")]);
        check("root@localhost", l, &[(Word, "root"), (Parameter, "@localhost")]);
        check("@`a b` @@x.y", l, &[(Parameter, "@`a b`"), (Parameter, "@@x.y")]);
        check("1abc 1e5", l, &[(Word, "1abc"), (Number, "1e5")]);
        check("a<=>b||c", l, &[(Word, "a"), (Operator, "<=>"), (Word, "b"), (Operator, "||"), (Word, "c")]);
        check("a->>'$.x'", l, &[(Word, "a"), (Operator, "->>"), (String, "'$.x'")]);
    }

    #[test]
    fn sqlite() {
        let l = &SQLITE;
        check(
            "[a b]\"c\"`d`",
            l,
            &[(QuotedIdentifier, "[a b]"), (QuotedIdentifier, "\"c\""), (QuotedIdentifier, "`d`")],
        );
        check(
            "? ?1 :a $b @c",
            l,
            &[(Parameter, "?"), (Parameter, "?1"), (Parameter, ":a"), (Parameter, "$b"), (Parameter, "@c")],
        );
        check("a==b", l, &[(Word, "a"), (Operator, "=="), (Word, "b")]);
    }

    #[test]
    fn unterminated() {
        for text in ["'a", "\"a", "/* a", "'a''"] {
            for lexicon in &ALL {
                assert!(tokens(text, lexicon).any(|t| !t.terminated), "{text}");
            }
        }
        for text in ["$$a", "$x$a$$", "E'a\\'", "/* /* */", "U&\"a"] {
            assert!(tokens(text, &POSTGRES).any(|t| !t.terminated), "{text}");
        }
        assert!(tokens("'a\\'", &MYSQL).any(|t| !t.terminated));
        assert!(tokens("[a", &SQLITE).any(|t| !t.terminated));
        assert!(tokens("'a' \"b\" /* c */", &POSTGRES).all(|t| t.terminated));
    }

    #[test]
    fn unquotes() {
        assert_eq!(unquoted("\"a\"\"b\"").as_deref(), Some("a\"b"));
        assert_eq!(unquoted("`a`").as_deref(), Some("a"));
        assert_eq!(unquoted("[a]").as_deref(), Some("a"));
        assert_eq!(unquoted("U&\"a\""), None);
        assert_eq!(unquoted("\""), None);
    }

    proptest! {
        #[test]
        fn tokens_are_the_text(text in super::super::samples::sql_like()) {
            for lexicon in &ALL {
                let mut at = 0;
                for token in tokens(&text, lexicon) {
                    prop_assert_eq!(token.start, at);
                    prop_assert!(token.end > at);
                    prop_assert!(text.is_char_boundary(token.end));
                    at = token.end;
                }
                prop_assert_eq!(at, text.len());
            }
        }
    }
}
