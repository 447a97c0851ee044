//! The scanner behind [`tokens`](super::tokens): one token at a time from a position, so that the splitter can
//! change the terminator on the way.

use super::{Lexicon, Token, TokenKind};

/// A position in a text.
#[derive(Debug, Clone, Copy)]
pub(super) struct Scanner<'a> {
    pub(super) text: &'a str,
    pub(super) lexicon: &'a Lexicon,
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

    pub(super) fn byte(&self, at: usize) -> u8 {
        self.text.as_bytes().get(at).copied().unwrap_or(0)
    }

    pub(super) fn rest(&self, at: usize) -> &'a [u8] {
        self.text.as_bytes().get(at..).unwrap_or(&[])
    }

    pub(super) fn run(&self, mut at: usize, accept: impl Fn(u8) -> bool) -> usize {
        while at < self.text.len() && accept(self.byte(at)) {
            at += 1;
        }
        at
    }

    /// The end of a quoted run whose opening quote is at `open`, and whether it is closed.
    pub(super) fn quoted(&self, open: usize, close: u8, doubles: bool, backslash: bool) -> (usize, bool) {
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

    fn scan(&mut self) -> (TokenKind, usize, bool) {
        let start = self.position;
        let lexicon = self.lexicon;
        // A byte order mark may stand in the middle where files were put together.
        let bom = if self.rest(start).starts_with(b"\xef\xbb\xbf") { 3 } else { 0 };
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

pub(super) fn is_word_start(byte: u8) -> bool {
    byte.is_ascii_alphabetic() || byte == b'_' || byte >= 0x80
}

/// Whether a byte may stand inside a word.
pub(super) fn is_word(byte: u8) -> bool {
    is_word_start(byte) || byte.is_ascii_digit() || byte == b'$'
}

pub(super) fn is_operator(byte: u8) -> bool {
    b"+-*/<>=~!@#%^&|`?".contains(&byte)
}
