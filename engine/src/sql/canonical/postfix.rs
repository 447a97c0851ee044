//! The tightest level of the grammar: atoms, calls, casts and what follows them.

use super::lexeme::{Lexeme, join};
use super::parse::Parser;
use super::tree::{Builder, Node};
use crate::sql::TokenKind;
use crate::sql::identifiers::is_reserved_everywhere;

const UNITS: [&str; 9] = ["microsecond", "second", "minute", "hour", "day", "week", "month", "quarter", "year"];

impl<'a> Parser<'a> {
    pub(super) fn postfix(&mut self) -> Option<Node> {
        let mut node = self.primary()?;
        loop {
            if self.eat("::") {
                self.link()?;
                let to = self.type_name()?;
                node = self.builder.cast(node, to);
            } else if self.eat("[") {
                self.link()?;
                let at = self.expression()?;
                self.expect("]")?;
                node = Node::Subscript(Box::new(node), Box::new(at));
            } else if self.eat(".") {
                self.link()?;
                node = Node::Field(Box::new(node), self.name_part()?);
            } else if self.eat("collate") {
                self.link()?;
                let mut name = self.name_part()?;
                while self.eat(".") {
                    name = format!("{name}.{}", self.name_part()?);
                }
                node = Node::Collate(Box::new(node), name);
            } else if self.looking_at(&["at", "time", "zone"]) {
                self.position += 3;
                self.link()?;
                let mut zone = self.primary()?;
                while self.eat("::") {
                    let to = self.type_name()?;
                    zone = self.builder.cast(zone, to);
                }
                node = Node::Zone(Box::new(node), Box::new(zone));
            } else {
                return Some(node);
            }
        }
    }

    fn name_part(&mut self) -> Option<String> {
        let lexeme = self.next()?;
        let name = matches!(lexeme.kind, TokenKind::Word | TokenKind::QuotedIdentifier);
        (name || lexeme.text == "*").then(|| lexeme.text.clone())
    }

    fn primary(&mut self) -> Option<Node> {
        let lexeme = self.next()?;
        match lexeme.kind {
            TokenKind::Number => Some(Node::Number(lexeme.text.clone())),
            // Strings side by side are one string in some databases, an alias in others.
            TokenKind::String if self.peek().is_some_and(|next| next.kind == TokenKind::String) => None,
            TokenKind::String if lexeme.is_text() => Some(Node::Text(lexeme.text.clone())),
            TokenKind::String | TokenKind::Parameter => Some(Node::Atom(lexeme.text.clone())),
            TokenKind::QuotedIdentifier => self.name(lexeme),
            TokenKind::Word => self.word(lexeme),
            TokenKind::Punctuation if lexeme.text == "(" => self.parenthesis(),
            _ => None,
        }
    }

    fn starts_query(&self) -> bool {
        self.peek().is_some_and(|next| ["select", "with", "values"].iter().any(|word| next.is_word(word)))
    }

    fn parenthesis(&mut self) -> Option<Node> {
        if self.starts_query() {
            let raw = self.until_closing()?;
            return Some(Node::Subquery(join(raw)));
        }
        let mut items = self.list(")")?;
        match items.len() {
            0 => None,
            1 => items.pop(),
            _ => Some(Node::Tuple(items)),
        }
    }

    fn word(&mut self, lexeme: &'a Lexeme) -> Option<Node> {
        let next_is_text = self.peek().is_some_and(Lexeme::is_text);
        match lexeme.text.as_str() {
            "null" => Some(Node::Null),
            "true" | "false" => Some(Node::Atom(lexeme.text.clone())),
            "case" => self.case(),
            "cast" if self.eat("(") => {
                let node = self.expression()?;
                if !self.eat("as") {
                    return None;
                }
                let to = self.cast_type()?;
                Some(self.builder.cast(node, to))
            }
            "array" if self.eat("[") => Some(Node::Array(self.list("]")?)),
            "interval" => self.interval(),
            "date" | "time" | "timestamp" | "timestamptz" if next_is_text => {
                self.position -= 1;
                let to = self.type_name()?;
                let text = self.next()?.text.clone();
                Some(self.builder.cast(Node::Text(text), to))
            }
            "exists" => self.name(lexeme),
            word if is_reserved_everywhere(word) => None,
            _ => self.name(lexeme),
        }
    }

    fn interval(&mut self) -> Option<Node> {
        let amount = self.next()?;
        let unit = self.peek().filter(|next| UNITS.iter().any(|unit| next.is_word(unit)));
        match unit {
            Some(unit) if matches!(amount.kind, TokenKind::Number | TokenKind::Word) || amount.is_text() => {
                self.position += 1;
                Some(Node::Atom(format!("interval {} {}", amount.text, unit.text)))
            }
            None if amount.is_text() => Some(self.builder.cast(Node::Text(amount.text.clone()), "interval".to_owned())),
            _ => None,
        }
    }

    fn name(&mut self, first: &Lexeme) -> Option<Node> {
        let mut parts = vec![first.text.clone()];
        while self.eat(".") {
            parts.push(self.name_part()?);
        }
        if !self.eat("(") {
            // A string behind a word makes it something else than a name.
            return (!self.peek().is_some_and(|next| next.kind == TokenKind::String)).then_some(Node::Name(parts));
        }
        let name = parts.join(".");
        let start = self.position;
        if let Some(args) = self.list(")") {
            return Some(Builder::call(name, args));
        }
        self.position = start;
        let raw = self.until_closing()?;
        Some(Node::OpaqueCall(name, join(raw)))
    }

    fn case(&mut self) -> Option<Node> {
        let of = if self.looking_at(&["when"]) { None } else { Some(Box::new(self.expression()?)) };
        let mut arms = Vec::new();
        while self.eat("when") {
            let when = self.expression()?;
            if !self.eat("then") {
                return None;
            }
            arms.push((when, self.expression()?));
        }
        let otherwise = if self.eat("else") { Some(Box::new(self.expression()?)) } else { None };
        (self.eat("end") && !arms.is_empty()).then_some(Node::Case(of, arms, otherwise))
    }
}
