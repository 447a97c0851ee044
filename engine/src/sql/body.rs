//! Knows, token by token, whether a statement is inside a body that holds statements of its own.

use super::scanner::Scanner;
use super::{Lexicon, Token, TokenKind};

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Head {
    Start,
    Create,
    Definer,
    Routine,
    Other,
}

/// A block that only an END closes. `closes_anywhere`: its END may follow an expression, as that of CASE.
#[derive(Debug, Clone, Copy)]
struct Block {
    offset: usize,
    closes_anywhere: bool,
}

/// The state of one statement. A new statement takes a new one.
#[derive(Debug)]
pub(super) struct Body<'a> {
    text: &'a str,
    lexicon: &'a Lexicon,
    head: Head,
    blocks: Vec<Block>,
    previous: String,
    handler: bool,
}

impl<'a> Body<'a> {
    pub(super) fn new(text: &'a str, lexicon: &'a Lexicon) -> Self {
        Body { text, lexicon, head: Head::Start, blocks: Vec::new(), previous: String::new(), handler: false }
    }

    /// Where the innermost open block starts. While there is one, a terminator ends nothing.
    pub(super) fn open(&self) -> Option<usize> {
        self.blocks.last().map(|block| block.offset)
    }

    /// Takes the next significant token; `after` stands behind it and is only looked through.
    pub(super) fn feed(&mut self, token: Token, after: Scanner<'a>) {
        let text = token.text(self.text);
        let word = match token.kind {
            TokenKind::Word => text.to_ascii_uppercase(),
            TokenKind::Punctuation => text.to_owned(),
            TokenKind::Conditional => return,
            // Anything but a keyword; must not look like one.
            _ => "?".to_owned(),
        };
        match self.head {
            Head::Routine => self.inside(&word, token.start, after),
            _ => self.head = self.begin(&word, token.start, after),
        }
        self.previous = word;
    }

    fn begin(&mut self, word: &str, offset: usize, after: Scanner<'a>) -> Head {
        let routines = self.lexicon.trigger_bodies || self.lexicon.atomic_bodies;
        match (self.head, word) {
            (Head::Start, "CREATE" | "ALTER") if routines => Head::Create,
            (Head::Start, "BEGIN") if self.lexicon.trigger_bodies && self.upcoming(after, &["NOT", "ATOMIC"]) => {
                self.blocks.push(Block { offset, closes_anywhere: false });
                Head::Routine
            }
            (Head::Create | Head::Definer, "TRIGGER" | "PROCEDURE" | "FUNCTION" | "EVENT") => Head::Routine,
            (Head::Create, "OR" | "REPLACE" | "TEMP" | "TEMPORARY" | "AGGREGATE") => Head::Create,
            (Head::Create, "DEFINER") => Head::Definer,
            (Head::Definer, "VIEW" | "SQL") => Head::Other,
            (Head::Definer, _) => Head::Definer,
            _ => Head::Other,
        }
    }

    fn inside(&mut self, word: &str, offset: usize, after: Scanner<'a>) {
        if self.previous == "." {
            return;
        }
        let nested = !self.blocks.is_empty();
        let fresh = match self.previous.as_str() {
            ";" | ":" | "BEGIN" | "THEN" | "ELSE" | "DO" | "LOOP" | "REPEAT" | "ATOMIC" => true,
            "TRIGGER" | "PROCEDURE" | "FUNCTION" | "EVENT" => false,
            _ => !nested,
        };
        let opens = match word {
            _ if !nested && !self.lexicon.trigger_bodies => word == "BEGIN" && self.upcoming(after, &["ATOMIC"]),
            "BEGIN" => fresh || self.handler,
            "CASE" | "IF" | "WHILE" | "LOOP" | "FOR" | "REPEAT" if self.previous == "END" => false,
            "CASE" => true,
            "IF" => fresh && !self.function_if(after),
            "WHILE" | "LOOP" => fresh,
            "FOR" => fresh && !self.upcoming(after, &["EACH"]),
            "REPEAT" => fresh && !self.upcoming(after, &["("]),
            _ => false,
        };
        if opens {
            self.blocks.push(Block { offset, closes_anywhere: matches!(word, "CASE" | "REPEAT") });
        }
        match word {
            "END" if fresh || self.blocks.last().is_some_and(|block| block.closes_anywhere) => {
                self.blocks.pop();
            }
            "HANDLER" => self.handler = true,
            ";" | "BEGIN" => self.handler = false,
            _ => {}
        }
    }

    fn upcoming(&self, mut after: Scanner<'a>, words: &[&str]) -> bool {
        words
            .iter()
            .all(|word| after.significant().is_some_and(|token| token.text(self.text).eq_ignore_ascii_case(word)))
    }

    /// Whether an IF is the function `IF(a, b, c)`, not the statement `IF (a) THEN`.
    fn function_if(&self, mut after: Scanner<'a>) -> bool {
        let mut depth = 0;
        while let Some(token) = after.significant() {
            match token.text(self.text) {
                "(" => depth += 1,
                ")" if depth <= 1 => return false,
                ")" => depth -= 1,
                "," if depth == 1 => return true,
                _ if depth == 0 => return false,
                _ => {}
            }
        }
        false
    }
}
