//! A small parser for what all databases agree on. Anything else is `None`, and the caller compares lexemes.

use super::lexeme::Lexeme;
use super::tree::{Builder, Node};
use crate::sql::TokenKind;

/// How deep an expression may nest, and how many operators may stand in left-associative chains, so that neither
/// parsing nor printing can exhaust the stack.
const DEPTH: usize = 64;
const LINKS: usize = 256;

pub(super) struct Parser<'a> {
    lexemes: &'a [Lexeme],
    pub(super) position: usize,
    depth: usize,
    links: usize,
    pub(super) builder: Builder<'a>,
}

pub(super) fn parse<'a>(lexemes: &'a [Lexeme], builder: Builder<'a>) -> Option<Node> {
    let mut parser = Parser { lexemes, position: 0, depth: 0, links: 0, builder };
    let node = parser.expression()?;
    (parser.position == lexemes.len()).then_some(node)
}

impl<'a> Parser<'a> {
    pub(super) fn peek(&self) -> Option<&'a Lexeme> {
        self.lexemes.get(self.position)
    }

    pub(super) fn next(&mut self) -> Option<&'a Lexeme> {
        let lexeme = self.lexemes.get(self.position)?;
        self.position += 1;
        Some(lexeme)
    }

    /// Whether the next lexemes are these words or symbols.
    pub(super) fn looking_at(&self, texts: &[&str]) -> bool {
        let symbol =
            |lexeme: &Lexeme| matches!(lexeme.kind, TokenKind::Word | TokenKind::Punctuation | TokenKind::Operator);
        texts.iter().enumerate().all(|(ahead, text)| {
            self.lexemes.get(self.position + ahead).is_some_and(|lexeme| symbol(lexeme) && lexeme.text == *text)
        })
    }

    pub(super) fn eat(&mut self, symbol: &str) -> bool {
        let found = self.looking_at(&[symbol]);
        self.position += usize::from(found);
        found
    }

    pub(super) fn expect(&mut self, symbol: &str) -> Option<()> {
        self.eat(symbol).then_some(())
    }

    pub(super) fn link(&mut self) -> Option<()> {
        self.links += 1;
        (self.links <= LINKS).then_some(())
    }

    /// The lexemes up to the parenthesis that closes the one just read, which is read too.
    pub(super) fn until_closing(&mut self) -> Option<&'a [Lexeme]> {
        let start = self.position;
        let mut depth = 0;
        while let Some(lexeme) = self.next() {
            // The mark of a conditional comment would hide part of the text from some servers.
            match (lexeme.kind, lexeme.text.as_str()) {
                (TokenKind::Conditional, _) => return None,
                (TokenKind::Punctuation, "(") => depth += 1,
                (TokenKind::Punctuation, ")") if depth == 0 => {
                    return self.lexemes.get(start..self.position - 1);
                }
                (TokenKind::Punctuation, ")") => depth -= 1,
                _ => {}
            }
        }
        None
    }

    /// Expressions with commas between them, and the closing symbol.
    pub(super) fn list(&mut self, close: &str) -> Option<Vec<Node>> {
        let mut items = Vec::new();
        if self.eat(close) {
            return Some(items);
        }
        loop {
            items.push(self.expression()?);
            if self.eat(close) {
                return Some(items);
            }
            self.expect(",")?;
        }
    }

    pub(super) fn expression(&mut self) -> Option<Node> {
        if self.depth >= DEPTH {
            return None;
        }
        self.depth += 1;
        let node = self.chain("or", Builder::or, |parser| parser.chain("and", Builder::and, Self::negation));
        self.depth -= 1;
        node
    }

    fn chain(
        &mut self,
        word: &str,
        build: fn(Vec<Node>) -> Node,
        part: impl Fn(&mut Self) -> Option<Node>,
    ) -> Option<Node> {
        let mut parts = vec![part(self)?];
        while self.eat(word) {
            parts.push(part(self)?);
        }
        if parts.len() == 1 { parts.pop() } else { Some(build(parts)) }
    }

    fn negation(&mut self) -> Option<Node> {
        let mut count = 0_usize;
        while self.eat("not") {
            self.link()?;
            count += 1;
        }
        let mut node = self.comparison()?;
        for _ in 0..count {
            node = Node::Not(Box::new(node));
        }
        Some(node)
    }

    /// One comparison. Databases disagree about a second one behind it, which is then left over and not parsed.
    fn comparison(&mut self) -> Option<Node> {
        let left = self.operators()?;
        for operator in ["=", "<>", "<", ">", "<=", ">=", "<=>"] {
            if self.eat(operator) {
                let right = self.operators()?;
                return Some(self.builder.compare(operator, left, right));
            }
        }
        if self.eat("is") {
            return self.is(left);
        }
        for (word, what) in [("isnull", "null"), ("notnull", "not null")] {
            if self.eat(word) {
                return Some(Node::Is(Box::new(left), what.to_owned()));
            }
        }
        let negated = self.eat("not");
        if negated && self.eat("null") {
            return Some(Node::Is(Box::new(left), "not null".to_owned()));
        }
        if self.eat("between") {
            let low = self.operators()?;
            if !self.eat("and") {
                return None;
            }
            let high = self.operators()?;
            return Some(self.builder.between(negated, left, low, high));
        }
        if self.eat("in") {
            return self.member(negated, left);
        }
        for word in ["like", "ilike", "glob", "regexp", "rlike", "match"] {
            if self.eat(word) {
                let right = self.operators()?;
                let like = Node::Binary(word.to_owned(), Box::new(left), Box::new(right));
                let escape = if self.eat("escape") { Some(self.operators()?) } else { None };
                let node = match escape {
                    Some(escape) => Node::Escaped(Box::new(like), Box::new(escape)),
                    None => like,
                };
                return Some(Builder::not_if(negated, node));
            }
        }
        (!negated).then_some(left)
    }

    fn is(&mut self, left: Node) -> Option<Node> {
        let negated = self.eat("not");
        let not = if negated { "not " } else { "" };
        for what in ["null", "true", "false", "unknown"] {
            if self.eat(what) {
                return Some(Node::Is(Box::new(left), format!("{not}{what}")));
            }
        }
        let distinct = self.looking_at(&["distinct", "from"]);
        self.position += if distinct { 2 } else { 0 };
        let operator = format!("is {not}{}", if distinct { "distinct from" } else { "" });
        let right = self.operators()?;
        Some(Node::Binary(operator.trim_end().to_owned(), Box::new(left), Box::new(right)))
    }

    fn member(&mut self, negated: bool, left: Node) -> Option<Node> {
        if self.looking_at(&["(", "select"]) || self.looking_at(&["(", "with"]) || self.looking_at(&["(", "values"]) {
            let query = self.operators()?;
            return Some(Builder::not_if(negated, Node::Binary("in".to_owned(), Box::new(left), Box::new(query))));
        }
        self.expect("(")?;
        let items = self.list(")")?;
        Some(Builder::not_if(negated, self.builder.in_list(left, items)))
    }

    /// Operators such as `||`, `->` and `&`. They bind tighter than comparisons everywhere; beside arithmetic and beside
    /// each other the databases disagree, so that only a chain of one of them (or of `->` and `->>`) is parsed.
    fn operators(&mut self) -> Option<Node> {
        let (mut left, tight) = self.additive()?;
        let mut first: Option<&str> = None;
        while let Some(operator) = self.other_operator() {
            let family = if operator == "->>" { "->" } else { operator };
            if !tight || first.is_some_and(|first| first != family) {
                return None;
            }
            first = Some(family);
            self.position += 1;
            self.link()?;
            let right = self.sign()?;
            let (name, negated) = match operator {
                "~~" => ("like", false),
                "!~~" => ("like", true),
                "~~*" => ("ilike", false),
                "!~~*" => ("ilike", true),
                other => (other, false),
            };
            left = Builder::not_if(negated, Node::Binary(name.to_owned(), Box::new(left), Box::new(right)));
        }
        Some(left)
    }

    fn other_operator(&self) -> Option<&'a str> {
        const KNOWN: [&str; 16] =
            ["=", "<>", "<", ">", "<=", ">=", "<=>", "+", "-", "*", "/", "%", ":=", "=>", "::", "!"];
        let lexeme = self.peek()?;
        let other = lexeme.kind == TokenKind::Operator && !KNOWN.contains(&lexeme.text.as_str());
        other.then_some(lexeme.text.as_str())
    }

    /// Arithmetic; also whether it is one operand without a sign, to which another operator may be tied.
    fn additive(&mut self) -> Option<(Node, bool)> {
        let start = self.position;
        let mut left = self.multiplicative()?;
        while let Some(operator) = self.one_of(&["+", "-"]) {
            self.link()?;
            let right = self.multiplicative()?;
            left = Node::Binary(operator, Box::new(left), Box::new(right));
        }
        let between = self.lexemes.get(start..self.position).unwrap_or(&[]);
        Some((left, is_one_operand(between)))
    }

    fn multiplicative(&mut self) -> Option<Node> {
        let mut left = self.sign()?;
        while let Some(operator) = self.one_of(&["*", "/", "%", "div", "mod"]) {
            self.link()?;
            let right = self.sign()?;
            left = Node::Binary(operator, Box::new(left), Box::new(right));
        }
        Some(left)
    }

    fn sign(&mut self) -> Option<Node> {
        let mut signs = Vec::new();
        while let Some(sign) = self.one_of(&["-", "+"]) {
            self.link()?;
            signs.push(sign);
        }
        let mut node = self.postfix()?;
        if !signs.is_empty() && matches!(node, Node::Collate(..) | Node::Zone(..)) {
            return None;
        }
        while let Some(sign) = signs.pop() {
            node = Node::Sign(sign, Box::new(node));
        }
        Some(node)
    }

    fn one_of(&mut self, symbols: &[&str]) -> Option<String> {
        let found = symbols.iter().find(|symbol| self.looking_at(&[symbol]))?;
        self.position += 1;
        Some((*found).to_owned())
    }
}

/// Whether no arithmetic stands outside brackets, except inside CASE … END.
fn is_one_operand(lexemes: &[Lexeme]) -> bool {
    let mut depth = 0_i32;
    for lexeme in lexemes {
        match (lexeme.kind, lexeme.text.as_str()) {
            (TokenKind::Punctuation, "(" | "[") | (TokenKind::Word, "case") => depth += 1,
            (TokenKind::Punctuation, ")" | "]") | (TokenKind::Word, "end") => depth -= 1,
            (TokenKind::Operator, "+" | "-" | "*" | "/" | "%") | (TokenKind::Word, "div" | "mod") if depth <= 0 => {
                return false;
            }
            _ => {}
        }
    }
    true
}
