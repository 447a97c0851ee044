//! SQL text as tokens, for the reader of definitions.

/// What a token is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// A bare word: keyword or identifier.
    Word,
    /// An identifier in double quotes, backticks or brackets.
    Quoted,
    /// A string in single quotes, or a blob literal.
    String,
    /// A number.
    Number,
    /// An operator of one or two characters.
    Operator,
    /// One of `( ) , ; .` or a character that SQL does not use.
    Punctuation,
}

/// A token: a kind and a byte range of the text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Token {
    /// What it is.
    pub kind: Kind,
    /// First byte.
    pub start: usize,
    /// One past the last byte.
    pub end: usize,
}

impl Token {
    /// Its text.
    pub fn text<'a>(&self, sql: &'a str) -> &'a str {
        sql.get(self.start..self.end).unwrap_or_default()
    }
}

const OPERATORS: [&str; 10] = ["->>", "||", "<<", ">>", "<=", ">=", "==", "!=", "<>", "->"];

/// The tokens of a text without blanks and comments. Total: what is not closed runs to the end.
pub fn tokens(sql: &str) -> Vec<Token> {
    let bytes = sql.as_bytes();
    let mut found = Vec::new();
    let mut at = 0;
    while let Some(&byte) = bytes.get(at) {
        let start = at;
        let rest = &bytes[at..];
        let kind = match byte {
            b' ' | b'\t' | b'\n' | b'\r' | 0x0c => {
                at += 1;
                continue;
            }
            _ if rest.starts_with(b"--") => {
                at += rest.iter().position(|b| *b == b'\n').unwrap_or(rest.len());
                continue;
            }
            _ if rest.starts_with(b"/*") => {
                let close = rest.windows(2).skip(2).position(|pair| pair == b"*/");
                at += close.map_or(rest.len(), |close| close + 4);
                continue;
            }
            b'\'' => {
                at = closing(bytes, at, b'\'');
                Kind::String
            }
            b'x' | b'X' if rest.get(1) == Some(&b'\'') => {
                at = closing(bytes, at + 1, b'\'');
                Kind::String
            }
            b'"' | b'`' => {
                at = closing(bytes, at, byte);
                Kind::Quoted
            }
            b'[' => {
                at += rest.iter().position(|b| *b == b']').map_or(rest.len(), |close| close + 1);
                Kind::Quoted
            }
            b'0'..=b'9' => {
                at = number(bytes, at);
                Kind::Number
            }
            b'.' if rest.get(1).is_some_and(u8::is_ascii_digit) => {
                at = number(bytes, at);
                Kind::Number
            }
            _ if is_word(byte) => {
                at += rest.iter().position(|b| !is_word(*b)).unwrap_or(rest.len());
                Kind::Word
            }
            _ => match OPERATORS.iter().find(|operator| rest.starts_with(operator.as_bytes())) {
                Some(operator) => {
                    at += operator.len();
                    Kind::Operator
                }
                None => {
                    at += 1;
                    if b"+-*/%&|~<>=".contains(&byte) { Kind::Operator } else { Kind::Punctuation }
                }
            },
        };
        found.push(Token { kind, start, end: at });
    }
    found
}

fn is_word(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || byte == b'_' || byte == b'$' || byte >= 0x80
}

/// One past the quote that closes the one at `open`; a doubled quote does not.
fn closing(bytes: &[u8], open: usize, quote: u8) -> usize {
    let mut at = open + 1;
    while at < bytes.len() {
        if bytes[at] != quote {
            at += 1;
        } else if bytes.get(at + 1) == Some(&quote) {
            at += 2;
        } else {
            return at + 1;
        }
    }
    bytes.len()
}

fn number(bytes: &[u8], start: usize) -> usize {
    let mut at = start;
    while let Some(&byte) = bytes.get(at) {
        let sign = matches!(byte, b'+' | b'-') && matches!(bytes[at - 1], b'e' | b'E') && at > start;
        let hexadecimal = bytes.get(start + 1).is_some_and(|b| matches!(b, b'x' | b'X'));
        if !(byte.is_ascii_alphanumeric() || byte == b'.' || byte == b'_' || (sign && !hexadecimal)) {
            break;
        }
        at += 1;
    }
    at
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

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn tokens_are_cut_where_sqlite_cuts_them() {
        let sql = "a \"b\"\"c\" `d` [e f] 'g''h' x'0F' 1.5e-3 -- x\n<>/* y */(";
        let texts: Vec<&str> = tokens(sql).iter().map(|token| token.text(sql)).collect();
        assert_eq!(texts, ["a", "\"b\"\"c\"", "`d`", "[e f]", "'g''h'", "x'0F'", "1.5e-3", "<>", "("]);
        let names: Vec<String> = tokens(sql).iter().take(5).map(|token| name(token, sql)).collect();
        assert_eq!(names, ["a", "b\"c", "d", "e f", "g'h"]);
    }

    proptest! {
        #[test]
        fn no_text_makes_it_panic(sql in "[ a'\"`\\[\\]x0-9.e+\\-*/(),;é\n]{0,40}") {
            for token in tokens(&sql) {
                prop_assert!(sql.get(token.start..token.end).is_some());
                let _ = name(&token, &sql);
            }
        }
    }
}
