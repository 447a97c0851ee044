//! A script into its statements, the way the client programs of the databases cut it.

use super::body::Body;
use super::scanner::Scanner;
use super::{Lexicon, Token, TokenKind};

/// One statement of a script: a byte range without the terminator and without comments before and after.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Piece {
    /// First byte.
    pub start: usize,
    /// One past the last byte.
    pub end: usize,
}

impl Piece {
    /// The statement's text in the script it was cut from.
    #[must_use]
    pub fn text<'a>(&self, script: &'a str) -> &'a str {
        script.get(self.start..self.end).unwrap_or("")
    }
}

/// Why a script cannot be cut into statements.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{reason}")]
pub struct SplitError {
    /// The byte of the script to point at.
    pub offset: usize,
    /// What is wrong there.
    pub reason: String,
}

/// The statements of a script, in order. A piece that holds only comments is dropped.
///
/// # Errors
///
/// When something is opened and never closed, and for what only a client program understands.
pub fn split(text: &str, lexicon: &Lexicon) -> Result<Vec<Piece>, SplitError> {
    let mut splitter = Splitter {
        text,
        lexicon,
        scanner: Scanner::new(text, lexicon),
        delimiter: ";",
        statement: Statement::new(text, lexicon),
        pieces: Vec::new(),
    };
    while splitter.step()? {}
    splitter.finish()?;
    Ok(splitter.pieces)
}

/// What is known of the statement being read.
struct Statement<'a> {
    body: Body<'a>,
    range: Option<Piece>,
    /// Whether it holds more than the marks of conditional comments.
    content: bool,
    parentheses: Vec<usize>,
    copy: bool,
    from: bool,
}

impl<'a> Statement<'a> {
    fn new(text: &'a str, lexicon: &'a Lexicon) -> Self {
        let body = Body::new(text, lexicon);
        Statement { body, range: None, content: false, parentheses: Vec::new(), copy: false, from: false }
    }
}

struct Splitter<'a> {
    text: &'a str,
    lexicon: &'a Lexicon,
    scanner: Scanner<'a>,
    delimiter: &'a str,
    statement: Statement<'a>,
    pieces: Vec<Piece>,
}

impl<'a> Splitter<'a> {
    /// Reads one token; false at the end.
    fn step(&mut self) -> Result<bool, SplitError> {
        let start = self.scanner.position;
        let custom = self.delimiter != ";";
        if !self.scanner.conditional && self.text.get(start..).is_some_and(|rest| rest.starts_with(self.delimiter)) {
            let held = !custom && (self.statement.body.open().is_some() || self.holds());
            if !held {
                self.scanner.position += self.delimiter.len();
                self.end();
                return Ok(true);
            }
        }
        let Some(token) = self.scanner.next() else {
            return Ok(false);
        };
        if !token.terminated {
            return Err(error(token.start, format!("this {} is never closed", noun(token.kind))));
        }
        if !token.is_significant() {
            return Ok(true);
        }
        if self.statement.range.is_none() && self.command(token)? {
            return Ok(true);
        }
        self.take(token, custom)?;
        Ok(true)
    }

    fn holds(&self) -> bool {
        self.lexicon.parenthesised_bodies && !self.statement.parentheses.is_empty()
    }

    fn take(&mut self, token: Token, custom: bool) -> Result<(), SplitError> {
        let word = token.text(self.text);
        let first = self.statement.range.is_none();
        if self.lexicon.psql_meta && word == "\\" {
            return Err(error(
                token.start,
                format!("`{}` is a command of psql, not SQL", self.rest_of_word(token.start)),
            ));
        }
        if self.lexicon.dot_commands && first && word == "." {
            return Err(error(
                token.start,
                format!("`{}` is a command of the sqlite3 shell, not SQL", self.rest_of_word(token.start)),
            ));
        }
        if !custom {
            self.statement.body.feed(token, self.scanner);
        }
        match word {
            "(" => self.statement.parentheses.push(token.start),
            ")" => {
                self.statement.parentheses.pop();
            }
            _ => {}
        }
        if self.lexicon.psql_meta && token.kind == TokenKind::Word {
            let is = |name: &str| word.eq_ignore_ascii_case(name);
            if self.statement.copy && self.statement.from && is("STDIN") {
                let reason = "COPY … FROM stdin takes its data from the client; write the rows as `insert`, or as INSERT statements";
                return Err(error(token.start, reason.to_owned()));
            }
            self.statement.copy |= first && is("COPY");
            self.statement.from = is("FROM");
        }
        self.statement.content |= token.kind != TokenKind::Conditional;
        self.statement.range.get_or_insert(Piece { start: token.start, end: token.end }).end = token.end;
        Ok(())
    }

    /// Carries out a client's command that stands where a statement would start.
    fn command(&mut self, token: Token) -> Result<bool, SplitError> {
        let word = token.text(self.text);
        if self.lexicon.delimiter_command && word.eq_ignore_ascii_case("DELIMITER") {
            let line_end = self.line_end(token.end);
            let line = self.text.get(token.end..line_end).unwrap_or("");
            let delimiter = line.split_whitespace().next().unwrap_or("");
            if delimiter.is_empty() || delimiter.contains('\\') {
                return Err(error(token.start, "DELIMITER needs a terminator without a backslash after it".to_owned()));
            }
            self.delimiter = delimiter;
            self.scanner.stop = (delimiter != ";").then_some(delimiter);
            self.scanner.position = line_end;
            return Ok(true);
        }
        if self.lexicon.psql_meta
            && word == "\\"
            && matches!(self.rest_of_word(token.start), "\\restrict" | "\\unrestrict")
        {
            // pg_dump frames its output with these; they limit psql and say nothing to the server.
            self.scanner.position = self.line_end(token.end);
            return Ok(true);
        }
        Ok(false)
    }

    fn line_end(&self, from: usize) -> usize {
        let rest = self.text.get(from..).unwrap_or("");
        from + rest.find(['\n', '\r']).unwrap_or(rest.len())
    }

    fn rest_of_word(&self, from: usize) -> &'a str {
        self.text.get(from..).unwrap_or("").split([' ', '\t', '\n', '\r', ';']).next().unwrap_or("")
    }

    fn end(&mut self) {
        let statement = std::mem::replace(&mut self.statement, Statement::new(self.text, self.lexicon));
        if statement.content {
            self.pieces.extend(statement.range);
        }
    }

    fn finish(&mut self) -> Result<(), SplitError> {
        if let Some(offset) = self.statement.body.open() {
            let reason = "this block is never closed: its END is missing, and so the statement has no end";
            return Err(error(offset, reason.to_owned()));
        }
        if self.holds() {
            let offset = self.statement.parentheses.first().copied().unwrap_or(0);
            return Err(error(offset, "this parenthesis is never closed".to_owned()));
        }
        if self.scanner.conditional {
            let offset = self.statement.range.map_or(0, |piece| piece.start);
            return Err(error(offset, "a `/*!` comment in this statement is never closed".to_owned()));
        }
        self.end();
        Ok(())
    }
}

fn error(offset: usize, reason: String) -> SplitError {
    SplitError { offset, reason }
}

fn noun(kind: TokenKind) -> &'static str {
    match kind {
        TokenKind::Comment => "comment",
        TokenKind::QuotedIdentifier => "quoted identifier",
        _ => "string",
    }
}

#[cfg(test)]
#[path = "split_tests.rs"]
mod tests;
