//! The tree of an expression. Its constructors know the equivalences.

use crate::sql::Lexicon;

#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Node {
    /// A parameter, a keyword that is a value, a string that is not understood.
    Atom(String),
    Number(String),
    /// A string literal, in single quotes.
    Text(String),
    Null,
    Name(Vec<String>),
    Call(String, Vec<Node>),
    /// A call whose arguments are not expressions, as those of `extract(year from x)`.
    OpaqueCall(String, String),
    /// A subquery, without its parentheses.
    Subquery(String),
    Tuple(Vec<Node>),
    Array(Vec<Node>),
    Sign(String, Box<Node>),
    Binary(String, Box<Node>, Box<Node>),
    And(Vec<Node>),
    Or(Vec<Node>),
    Not(Box<Node>),
    In(Box<Node>, Vec<Node>),
    Escaped(Box<Node>, Box<Node>),
    Is(Box<Node>, String),
    Cast(Box<Node>, String),
    Case(Option<Box<Node>>, Vec<(Node, Node)>, Option<Box<Node>>),
    Collate(Box<Node>, String),
    Zone(Box<Node>, Box<Node>),
    Subscript(Box<Node>, Box<Node>),
    Field(Box<Node>, String),
}

/// Builds nodes by what is known of the database and the table.
#[derive(Clone, Copy)]
pub(super) struct Builder<'a> {
    pub lexicon: &'a Lexicon,
    pub textual: &'a dyn Fn(&str) -> bool,
}

impl Builder<'_> {
    /// `AND` and `OR` are associative, so that a nested one joins its parent.
    pub(super) fn and(parts: Vec<Node>) -> Node {
        let flat = parts.into_iter().flat_map(|part| match part {
            Node::And(inner) => inner,
            other => vec![other],
        });
        Node::And(flat.collect())
    }

    pub(super) fn or(parts: Vec<Node>) -> Node {
        let flat = parts.into_iter().flat_map(|part| match part {
            Node::Or(inner) => inner,
            other => vec![other],
        });
        Node::Or(flat.collect())
    }

    pub(super) fn not_if(negated: bool, node: Node) -> Node {
        if negated { Node::Not(Box::new(node)) } else { node }
    }

    pub(super) fn compare(&self, operator: &str, left: Node, right: Node) -> Node {
        match (operator, right) {
            ("=", Node::Call(name, mut args)) if name == "any" && matches!(args.as_slice(), [Node::Array(_)]) => {
                match args.pop() {
                    Some(Node::Array(items)) => self.in_list(left, items),
                    _ => Node::Null,
                }
            }
            ("<>", Node::Call(name, mut args)) if name == "all" && matches!(args.as_slice(), [Node::Array(_)]) => {
                match args.pop() {
                    Some(Node::Array(items)) => Node::Not(Box::new(self.in_list(left, items))),
                    _ => Node::Null,
                }
            }
            (_, right) => Node::Binary(operator.to_owned(), Box::new(self.exact(left)), Box::new(self.exact(right))),
        }
    }

    pub(super) fn in_list(&self, left: Node, items: Vec<Node>) -> Node {
        let mut items: Vec<Node> = items.into_iter().map(|item| self.exact(item)).collect();
        // A column on the right may have an affinity that the list would drop, so only a literal makes it a comparison.
        match items.pop() {
            Some(item) if items.is_empty() && is_literal(&item) => self.compare("=", left, item),
            last => {
                items.extend(last);
                Node::In(Box::new(self.exact(left)), items)
            }
        }
    }

    pub(super) fn between(&self, negated: bool, value: Node, low: Node, high: Node) -> Node {
        let (first, second) = if negated { ("<", ">") } else { (">=", "<=") };
        let parts = vec![self.compare(first, value.clone(), low), self.compare(second, value, high)];
        if negated { Node::Or(parts) } else { Node::And(parts) }
    }

    /// A cast, unless it says what the server would have said by itself.
    pub(super) fn cast(&self, node: Node, to: String) -> Node {
        if self.lexicon.typed_literals {
            let text = |to: &str| matches!(to, "text" | "character varying");
            match node {
                Node::Text(_) | Node::Null if text(&to) => return node,
                Node::Name(ref parts) if text(&to) && parts.last().is_some_and(|name| self.is_textual(name)) => {
                    return node;
                }
                Node::Array(ref items)
                    if to.strip_suffix("[]").is_some_and(text)
                        && items.iter().all(|item| matches!(item, Node::Text(_))) =>
                {
                    return node;
                }
                Node::Text(ref value) => {
                    if let Some(number) = number(value.trim_matches('\''), &to) {
                        return number;
                    }
                }
                _ => {}
            }
        }
        Node::Cast(Box::new(node), to)
    }

    fn is_textual(&self, name: &str) -> bool {
        let name = name.strip_prefix('"').and_then(|name| name.strip_suffix('"')).unwrap_or(name);
        (self.textual)(&name.replace("\"\"", "\""))
    }

    /// A number compared as `numeric` is compared by its value; the server writes the cast for a numeric column.
    fn exact(&self, node: Node) -> Node {
        match node {
            Node::Cast(inner, to) if self.lexicon.typed_literals && to == "numeric" && is_number(&inner) => *inner,
            other => other,
        }
    }

    pub(super) fn call(name: String, args: Vec<Node>) -> Node {
        match (name.as_str(), args.as_slice()) {
            ("now" | "current_timestamp", []) => Node::Atom("current_timestamp".to_owned()),
            ("current_date" | "current_time" | "current_user", []) => Node::Atom(name),
            ("now", [Node::Number(_)]) => Node::Call("current_timestamp".to_owned(), args),
            ("some", _) => Node::Call("any".to_owned(), args),
            _ => Node::Call(name, args),
        }
    }
}

fn is_number(node: &Node) -> bool {
    match node {
        Node::Number(_) => true,
        Node::Sign(sign, inner) => sign == "-" && matches!(**inner, Node::Number(_)),
        _ => false,
    }
}

fn is_literal(node: &Node) -> bool {
    matches!(node, Node::Text(_) | Node::Null) || is_number(node)
}

/// The number that a typed string is, if a bare number of that spelling has the very same type.
fn number(value: &str, to: &str) -> Option<Node> {
    let digits = value.strip_prefix('-').unwrap_or(value);
    let plain = |text: &str| !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit());
    let fits = match digits.split_once('.') {
        Some((whole, part)) => to == "numeric" && plain(whole) && plain(part),
        None if plain(digits) && (digits == "0" || !digits.starts_with('0')) => match value.parse::<i64>() {
            Ok(number) if i32::try_from(number).is_ok() && i32::try_from(-number).is_ok() => to == "integer",
            Ok(_) => to == "bigint",
            Err(_) => false,
        },
        None => false,
    };
    let number = Node::Number(digits.to_owned());
    match (fits, digits.len() < value.len()) {
        (false, _) => None,
        (true, false) => Some(number),
        (true, true) => Some(Node::Sign("-".to_owned(), Box::new(number))),
    }
}
