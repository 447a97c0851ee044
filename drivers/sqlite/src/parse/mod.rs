//! Reading the definitions that `sqlite_schema` keeps: the author's own text, with comments and odd spelling.
//!
//! Names of constraints, checks, collations, AUTOINCREMENT, conflict clauses and deferral are nowhere else.

mod index;
mod table;
mod view;

pub use index::index;
pub use table::{collated_keys, table};
pub use view::view;

use crate::expression::matching;
use aludel_engine::sql::{Token, TokenKind};

use crate::lex::{self, tokens};

/// A definition that could not be read: a sentence without a full stop.
pub type Unread = String;

/// A position in the tokens of a definition.
pub(crate) struct Parser<'a> {
    sql: &'a str,
    tokens: Vec<Token>,
    at: usize,
}

impl<'a> Parser<'a> {
    pub(crate) fn new(sql: &'a str) -> Self {
        Parser { sql, tokens: tokens(sql), at: 0 }
    }

    fn text_at(&self, place: usize) -> &'a str {
        self.tokens.get(place).map_or("", |token| token.text(self.sql))
    }

    /// The text of the next token; empty at the end.
    pub(crate) fn peek(&self) -> &'a str {
        self.text_at(self.at)
    }

    /// Whether the next tokens are these keywords or signs.
    pub(crate) fn is(&self, words: &[&str]) -> bool {
        words.iter().enumerate().all(|(offset, word)| {
            let bare = self.tokens.get(self.at + offset).is_some_and(|token| token.kind != TokenKind::QuotedIdentifier);
            bare && self.text_at(self.at + offset).eq_ignore_ascii_case(word)
        })
    }

    /// Steps over these keywords or signs if they are next.
    pub(crate) fn eat(&mut self, words: &[&str]) -> bool {
        let found = self.is(words);
        if found {
            self.at += words.len();
        }
        found
    }

    pub(crate) fn expect(&mut self, words: &[&str]) -> Result<(), Unread> {
        match self.eat(words) {
            true => Ok(()),
            false => Err(format!("expected {} before `{}`", words.join(" "), self.peek())),
        }
    }

    /// The next name, in any of the four styles of quoting.
    pub(crate) fn name(&mut self) -> Result<String, Unread> {
        let token = self.tokens.get(self.at).ok_or("a name is missing at the end")?;
        if lex::is_name(token) {
            self.at += 1;
            return Ok(lex::name(token, self.sql));
        }
        Err(format!("expected a name before `{}`", self.peek()))
    }

    /// A name that may have a database before it.
    pub(crate) fn qualified_name(&mut self) -> Result<String, Unread> {
        let name = self.name()?;
        if self.eat(&["."]) { self.name() } else { Ok(name) }
    }

    /// The text between the parenthesis that is next and the one that closes it.
    pub(crate) fn parenthesised(&mut self) -> Result<String, Unread> {
        let open = self.at;
        if self.peek() != "(" {
            return Err(format!("expected ( before `{}`", self.peek()));
        }
        let close = matching(self.sql, &self.tokens, open).ok_or("a parenthesis is not closed")?;
        self.at = close + 1;
        let (first, last) = (self.tokens[open].end, self.tokens[close].start);
        Ok(self.sql.get(first..last).unwrap_or_default().trim().to_owned())
    }

    /// The tokens from one place to before another, as text.
    fn slice(&self, from: usize, to: usize) -> &'a str {
        match (self.tokens.get(from), to.checked_sub(1).and_then(|last| self.tokens.get(last))) {
            (Some(first), Some(last)) if from < to => self.sql.get(first.start..last.end).unwrap_or_default(),
            _ => "",
        }
    }

    /// Steps over tokens up to one of these words outside parentheses, and gives their text.
    pub(crate) fn until(&mut self, stop: impl Fn(&Self) -> bool) -> Result<&'a str, Unread> {
        let from = self.at;
        while self.at < self.tokens.len() && !stop(self) {
            match self.peek() {
                "(" => self.at = matching(self.sql, &self.tokens, self.at).ok_or("a parenthesis is not closed")? + 1,
                _ => self.at += 1,
            }
        }
        Ok(self.slice(from, self.at))
    }

    /// Everything from the next token on.
    pub(crate) fn rest(&self) -> &'a str {
        self.tokens.get(self.at).map_or("", |token| self.sql.get(token.start..).unwrap_or_default())
    }

    pub(crate) fn at_end(&self) -> bool {
        self.at >= self.tokens.len()
    }

    /// Takes one token whatever it is.
    pub(crate) fn take(&mut self) -> &'a str {
        let text = self.peek();
        self.at += 1;
        text
    }

    /// The names in the parentheses that are next; sorting and collation of a key are left out.
    pub(crate) fn names(&mut self) -> Result<Names, Unread> {
        self.expect(&["("])?;
        let mut found = Names::default();
        loop {
            let name = self.name()?;
            while !self.is(&[","]) && !self.is(&[")"]) && !self.at_end() {
                let word = self.take();
                found.autoincrement |= word.eq_ignore_ascii_case("AUTOINCREMENT");
                if word.eq_ignore_ascii_case("COLLATE") {
                    found.collated.push(name.clone());
                }
            }
            found.names.push(name);
            if !self.eat(&[","]) {
                break;
            }
        }
        self.expect(&[")"])?;
        Ok(found)
    }
}

/// A list of columns in parentheses.
#[derive(Default)]
pub(crate) struct Names {
    pub(crate) names: Vec<String>,
    /// Whether AUTOINCREMENT stands behind one of them.
    pub(crate) autoincrement: bool,
    /// Those with a collation.
    pub(crate) collated: Vec<String>,
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn soup() -> impl Strategy<Value = String> {
        let words = [
            "CREATE",
            "TABLE",
            "INDEX",
            "UNIQUE",
            "ON",
            "t",
            "(",
            ")",
            ",",
            "a",
            "\"b\"",
            "[c",
            "'d",
            "INTEGER",
            "PRIMARY",
            "KEY",
            "NOT",
            "NULL",
            "DEFAULT",
            "CHECK",
            "REFERENCES",
            "CONSTRAINT",
            "GENERATED",
            "ALWAYS",
            "AS",
            "STORED",
            "COLLATE",
            "DEFERRABLE",
            "INITIALLY",
            "DEFERRED",
            "FOREIGN",
            "MATCH",
            "FULL",
            "CONFLICT",
            "STRICT",
            "WITHOUT",
            "ROWID",
            "DESC",
            "WHERE",
            "-",
            "1",
            ".",
            ";",
            "--",
            "/*",
            "é",
            "DELETE",
            "SET",
            "CASCADE",
        ];
        prop::collection::vec(prop::sample::select(words.to_vec()), 0..40).prop_map(|words| words.join(" "))
    }

    proptest! {
        #![proptest_config(ProptestConfig { cases: 2000, failure_persistence: None, ..ProptestConfig::default() })]

        #[test]
        fn no_text_makes_it_panic(text in soup(), any in ".{0,60}") {
            for sql in [
                text.clone(),
                any.clone(),
                format!("CREATE TABLE t (a {text}"),
                format!("CREATE TABLE t (a {text}, b {any})"),
                format!("CREATE INDEX i ON t ({text}"),
                format!("CREATE INDEX i ON t ({text}) WHERE {any}"),
            ] {
                let _ = table(&sql);
                let _ = index(&sql);
                let _ = view(&sql);
            }
        }
    }
}
