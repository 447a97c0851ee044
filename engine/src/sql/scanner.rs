//! The scanner behind [`tokens`](super::tokens): one token at a time from a position, so that the splitter can
//! change the terminator on the way.

use super::{Lexicon, Token, TokenKind};

/// Operators where they are not made of any operator characters; longer ones first.
const FIXED_OPERATORS: [&str; 13] = ["->>", "<=>", "->", "<<", ">>", "<=", ">=", "<>", "!=", "==", "||", "&&", ":="];

/// A position in a text.
#[derive(Debug, Clone, Copy)]
pub(super) struct Scanner<'a> {
    text: &'a str,
    lexicon: &'a Lexicon,
    /// The next byte to read.
    pub(super) position: usize,
    /// A terminator that no word or operator may swallow, as `$$` in `END$$`.
    pub(super) stop: Option<&'a str>,
    /// Inside a comment whose content is code.
    pub(super) conditional: bool,
}

impl<'a> Scanner<'a> {
    pub(super) fn new(text: &'a str, lexicon: &'a Lexicon) -> Self {
        Scanner { text, lexicon, position: 0, stop: None, conditional: false }
    }

    /// The next token that is neither white space nor comment.
    pub(super) fn significant(&mut self) -> Option<Token> {
        self.find(Token::is_significant)
    }

    fn byte(&self, at: usize) -> u8 {
        self.text.as_bytes().get(at).copied().unwrap_or(0)
    }

    fn rest(&self, at: usize) -> &'a [u8] {
        self.text.as_bytes().get(at..).unwrap_or(&[])
    }

    fn run(&self, mut at: usize, accept: impl Fn(u8) -> bool) -> usize {
        while at < self.text.len() && accept(self.byte(at)) {
            at += 1;
        }
        at
    }

    /// The end of a quoted run whose opening quote is at `open`, and whether it is closed.
    fn quoted(&self, open: usize, close: u8, doubles: bool, backslash: bool) -> (usize, bool) {
        let mut at = open + 1;
        while at < self.text.len() {
            let byte = self.byte(at);
            if backslash && byte == b'\\' {
                at += 2;
            } else if byte != close {
                at += 1;
            } else if doubles && self.byte(at + 1) == close {
                at += 2;
            } else {
                return (at + 1, true);
            }
        }
        (self.text.len(), false)
    }

    fn block_comment(&self, start: usize) -> (usize, bool) {
        let mut depth = 1;
        let mut at = start + 2;
        while at < self.text.len() {
            let rest = self.rest(at);
            if rest.starts_with(b"*/") {
                depth -= 1;
                at += 2;
                if depth == 0 {
                    return (at, true);
                }
            } else if self.lexicon.nested_comments && rest.starts_with(b"/*") {
                depth += 1;
                at += 2;
            } else {
                at += 1;
            }
        }
        (self.text.len(), false)
    }

    fn line(&self, start: usize) -> usize {
        self.run(start, |byte| byte != b'\n' && byte != b'\r')
    }

    fn comment(&mut self, start: usize) -> Option<(TokenKind, usize, bool)> {
        let rest = self.rest(start);
        if rest.starts_with(b"--") {
            let next = rest.get(2).copied();
            if !self.lexicon.dash_comment_needs_space || next.is_none_or(|b| b <= b' ') {
                return Some((TokenKind::Comment, self.line(start), true));
            }
        }
        if self.lexicon.hash_comments && rest.starts_with(b"#") {
            return Some((TokenKind::Comment, self.line(start), true));
        }
        if self.conditional && rest.starts_with(b"*/") {
            self.conditional = false;
            return Some((TokenKind::Conditional, start + 2, true));
        }
        if !rest.starts_with(b"/*") {
            return None;
        }
        if self.lexicon.conditional_comments && !self.conditional {
            let mark = if rest.starts_with(b"/*!") {
                3
            } else if rest.starts_with(b"/*M!") {
                4
            } else {
                0
            };
            if mark > 0 {
                let end = self.run(start + mark, |b| b.is_ascii_digit());
                // MariaDB's dumps open with a version that no server has; it is for the client alone.
                if self.text.get(start + mark..end) != Some("999999") {
                    self.conditional = true;
                    return Some((TokenKind::Conditional, end, true));
                }
            }
        }
        let (end, closed) = self.block_comment(start);
        Some((TokenKind::Comment, end, closed))
    }

    fn dollar(&self, start: usize) -> (TokenKind, usize, bool) {
        let next = self.byte(start + 1);
        if next.is_ascii_digit() {
            return (TokenKind::Parameter, self.run(start + 1, |b| b.is_ascii_digit()), true);
        }
        if self.lexicon.dollar_quotes {
            let tag = self.run(start + 1, |b| is_word(b) && b != b'$');
            if self.byte(tag) == b'$'
                && let Some(quote) = self.text.get(start..=tag)
            {
                let body = tag + 1;
                let close = self.text.get(body..).and_then(|rest| rest.find(quote));
                return match close {
                    Some(at) => (TokenKind::String, body + at + quote.len(), true),
                    None => (TokenKind::String, self.text.len(), false),
                };
            }
        }
        let kind = match self.lexicon.named_parameters && is_word_start(next) {
            true => TokenKind::Parameter,
            false => TokenKind::Word,
        };
        (kind, self.run(start + 1, is_word), true)
    }

    fn number(&self, start: usize) -> (TokenKind, usize, bool) {
        if self.byte(start) == b'0'
            && matches!(self.byte(start + 1), b'x' | b'X')
            && self.byte(start + 2).is_ascii_hexdigit()
        {
            return (TokenKind::Number, self.run(start + 2, |b| b.is_ascii_hexdigit() || b == b'_'), true);
        }
        let digits = |b: u8| b.is_ascii_digit() || b == b'_';
        let mut at = self.run(start, digits);
        let whole = at;
        if self.byte(at) == b'.' && (at == start || self.byte(at + 1) != b'.') {
            at = self.run(at + 1, digits);
        }
        if matches!(self.byte(at), b'e' | b'E') {
            let sign = usize::from(matches!(self.byte(at + 1), b'+' | b'-'));
            if self.byte(at + 1 + sign).is_ascii_digit() {
                at = self.run(at + 1 + sign, digits);
            }
        }
        if self.lexicon.digit_first_words && at == whole && is_word(self.byte(at)) {
            return (TokenKind::Word, self.run(at, is_word), true);
        }
        (TokenKind::Number, at, true)
    }

    fn word(&self, start: usize) -> (TokenKind, usize, bool) {
        let end = self.run(start, is_word);
        let first = self.byte(start).to_ascii_lowercase();
        let escapes = self.lexicon.escape_string_prefix;
        if end == start + 1
            && self.byte(end) == b'\''
            && (matches!(first, b'n' | b'x' | b'b') || (escapes && first == b'e'))
        {
            let backslash = self.lexicon.backslash_escapes || first == b'e';
            let (end, closed) = self.quoted(end, b'\'', true, backslash);
            return (TokenKind::String, end, closed);
        }
        if escapes && end == start + 1 && first == b'u' && self.byte(end) == b'&' {
            let quote = self.byte(end + 1);
            if quote == b'\'' || quote == b'"' {
                let kind = if quote == b'"' { TokenKind::QuotedIdentifier } else { TokenKind::String };
                let (end, closed) = self.quoted(end + 1, quote, true, false);
                return (kind, end, closed);
            }
        }
        (TokenKind::Word, end, true)
    }

    fn variable(&self, start: usize) -> (TokenKind, usize, bool) {
        let name = start + 1 + usize::from(self.byte(start + 1) == b'@');
        let quote = self.byte(name);
        if matches!(quote, b'\'' | b'"' | b'`') {
            let (end, closed) = self.quoted(name, quote, true, false);
            return (TokenKind::Parameter, end, closed);
        }
        (TokenKind::Parameter, self.run(name, |b| is_word(b) || b == b'.'), true)
    }

    fn operator(&self, start: usize) -> Option<usize> {
        let rest = self.rest(start);
        if rest.starts_with(b"::") || rest.starts_with(b":=") {
            return Some(start + 2);
        }
        if !is_operator(self.byte(start)) {
            return None;
        }
        if !self.lexicon.custom_operators {
            let fixed = FIXED_OPERATORS.iter().find(|op| rest.starts_with(op.as_bytes()));
            return Some(start + fixed.map_or(1, |op| op.len()));
        }
        let mut end = start;
        while is_operator(self.byte(end)) && !matches!(self.rest(end), [b'-', b'-', ..] | [b'/', b'*', ..]) {
            end += 1;
        }
        // A run may end in + or - only if it has one of these characters, so that `a*-1` is two operators.
        // https://www.postgresql.org/docs/current/sql-syntax-lexical.html#SQL-SYNTAX-OPERATORS
        let special = |b: &u8| b"~!@#%^&|`?".contains(b);
        while end > start + 1
            && matches!(self.byte(end - 1), b'+' | b'-')
            && !self.rest(start).iter().take(end - start).any(special)
        {
            end -= 1;
        }
        Some(end.max(start + 1))
    }

    fn scan(&mut self) -> (TokenKind, usize, bool) {
        let start = self.position;
        let lexicon = self.lexicon;
        let bom = if start == 0 && self.text.starts_with('\u{feff}') { 3 } else { 0 };
        let blank = self.run(start + bom, is_blank);
        if blank > start {
            return (TokenKind::Whitespace, blank, true);
        }
        if let Some(comment) = self.comment(start) {
            return comment;
        }
        let byte = self.byte(start);
        match byte {
            b'\'' => self.string(start, byte),
            b'"' if lexicon.double_quoted_strings => self.string(start, byte),
            b'"' => self.identifier(start, byte, true),
            b'`' if lexicon.backtick_identifiers => self.identifier(start, byte, true),
            b'[' if lexicon.bracket_identifiers => self.identifier(start, b']', false),
            b'$' => self.dollar(start),
            b'0'..=b'9' => self.number(start),
            b'.' if self.byte(start + 1).is_ascii_digit() => self.number(start),
            b'?' if lexicon.question_parameters => {
                (TokenKind::Parameter, self.run(start + 1, |b| b.is_ascii_digit()), true)
            }
            b':' if lexicon.named_parameters && is_word(self.byte(start + 1)) => {
                (TokenKind::Parameter, self.run(start + 1, is_word), true)
            }
            b'@' if lexicon.at_variables => self.variable(start),
            _ if is_word_start(byte) => self.word(start),
            _ => match self.operator(start) {
                Some(end) => (TokenKind::Operator, end, true),
                None => (TokenKind::Punctuation, start + 1, true),
            },
        }
    }

    fn string(&self, start: usize, quote: u8) -> (TokenKind, usize, bool) {
        let (end, closed) = self.quoted(start, quote, true, self.lexicon.backslash_escapes);
        (TokenKind::String, end, closed)
    }

    fn identifier(&self, start: usize, close: u8, doubles: bool) -> (TokenKind, usize, bool) {
        let (end, closed) = self.quoted(start, close, doubles, false);
        (TokenKind::QuotedIdentifier, end, closed)
    }

    /// Cuts a token short where the terminator starts inside it.
    fn stopped(&self, kind: TokenKind, start: usize, end: usize) -> usize {
        let solid = matches!(kind, TokenKind::String | TokenKind::QuotedIdentifier | TokenKind::Comment);
        match self.stop {
            Some(stop) if !solid => {
                (start + 1..end).find(|at| self.rest(*at).starts_with(stop.as_bytes())).unwrap_or(end)
            }
            _ => end,
        }
    }
}

impl Iterator for Scanner<'_> {
    type Item = Token;

    fn next(&mut self) -> Option<Token> {
        if self.position >= self.text.len() {
            return None;
        }
        let start = self.position;
        let (kind, end, terminated) = self.scan();
        // A backslash may have stepped over the end, or into the middle of a character.
        let mut end = self.stopped(kind, start, end).min(self.text.len());
        while !self.text.is_char_boundary(end) {
            end += 1;
        }
        self.position = end;
        Some(Token { kind, start, end, terminated })
    }
}

fn is_blank(byte: u8) -> bool {
    matches!(byte, b' ' | b'\t' | b'\n' | b'\r' | 0x0b | 0x0c)
}

fn is_word_start(byte: u8) -> bool {
    byte.is_ascii_alphabetic() || byte == b'_' || byte >= 0x80
}

/// Whether a byte may stand inside a word.
pub(super) fn is_word(byte: u8) -> bool {
    is_word_start(byte) || byte.is_ascii_digit() || byte == b'$'
}

fn is_operator(byte: u8) -> bool {
    b"+-*/<>=~!@#%^&|`?".contains(&byte)
}

#[cfg(test)]
pub(super) mod tests {
    use proptest::prelude::*;

    /// Texts that hold the hard parts of SQL more often than chance would.
    pub fn sql_like() -> impl Strategy<Value = String> {
        let parts = [
            "a",
            "b",
            "t",
            "'",
            "\"",
            "`",
            "[",
            "]",
            "(",
            ")",
            ";",
            ",",
            ".",
            "--",
            "/*",
            "*/",
            "/*!",
            "#",
            "$$",
            "$x$",
            "\\",
            "\n",
            " ",
            " ",
            "E'",
            "1",
            "1.5",
            "::",
            "text",
            "BEGIN",
            "END",
            "CASE",
            "WHEN",
            "THEN",
            "IF",
            "CREATE",
            "TRIGGER",
            "FUNCTION",
            "DELIMITER",
            "//",
            "ATOMIC",
            "AND",
            "OR",
            "NOT",
            "IN",
            "BETWEEN",
            "LIKE",
            "IS",
            "NULL",
            "=",
            "<>",
            "~~",
            "+",
            "-",
            "*",
            "||",
            "ARRAY",
            "ANY",
            "CAST",
            "AS",
            "COPY",
            "FROM",
            "STDIN",
            "é",
            "\u{feff}",
            "_utf8mb4",
            "'x'",
            "now",
            "\0",
            "@",
            ":",
            "?",
        ];
        let part = prop_oneof![
            8 => proptest::sample::select(parts.to_vec()).prop_map(str::to_owned),
            1 => any::<char>().prop_map(String::from),
        ];
        (proptest::collection::vec(part, 0..40), prop_oneof![Just(""), Just(" ")])
            .prop_map(|(parts, glue)| parts.join(glue))
    }
}
