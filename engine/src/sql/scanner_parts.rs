//! The parts of the scanner that read one kind of token each.

use super::TokenKind;
use super::scanner::{Scanner, is_operator, is_word, is_word_start};

/// Operators where they are not made of any operator characters; longer ones first.
const FIXED_OPERATORS: [&str; 13] = ["->>", "<=>", "->", "<<", ">>", "<=", ">=", "<>", "!=", "==", "||", "&&", ":="];

impl Scanner<'_> {
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

    pub(super) fn comment(&mut self, start: usize) -> Option<(TokenKind, usize, bool)> {
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

    pub(super) fn dollar(&self, start: usize) -> (TokenKind, usize, bool) {
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

    pub(super) fn number(&self, start: usize) -> (TokenKind, usize, bool) {
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

    pub(super) fn word(&self, start: usize) -> (TokenKind, usize, bool) {
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

    pub(super) fn variable(&self, start: usize) -> (TokenKind, usize, bool) {
        let name = start + 1 + usize::from(self.byte(start + 1) == b'@');
        let quote = self.byte(name);
        if matches!(quote, b'\'' | b'"' | b'`') {
            let (end, closed) = self.quoted(name, quote, true, false);
            return (TokenKind::Parameter, end, closed);
        }
        (TokenKind::Parameter, self.run(name, |b| is_word(b) || b == b'.'), true)
    }

    pub(super) fn operator(&self, start: usize) -> Option<usize> {
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
}
