//! A tree in its one spelling: every operand that is not an atom in parentheses.

use super::tree::Node;

pub(super) fn print(node: &Node) -> String {
    match node {
        Node::Atom(text) | Node::Number(text) | Node::Text(text) => text.clone(),
        Node::Null => "null".to_owned(),
        Node::Name(parts) => parts.join("."),
        Node::Call(name, args) => format!("{name}({})", list(args, ", ", print)),
        Node::OpaqueCall(name, args) => format!("{name}({args})"),
        Node::Subquery(text) => format!("({text})"),
        Node::Tuple(items) => format!("({})", list(items, ", ", print)),
        Node::Array(items) => format!("array[{}]", list(items, ", ", print)),
        Node::Sign(sign, inner) => format!("{sign}{}", operand(inner)),
        Node::Binary(operator, left, right) => format!("{} {operator} {}", operand(left), operand(right)),
        Node::And(parts) => list(parts, " and ", operand),
        Node::Or(parts) => list(parts, " or ", operand),
        Node::Not(inner) => format!("not {}", operand(inner)),
        Node::In(left, items) => format!("{} in ({})", operand(left), list(items, ", ", print)),
        Node::Escaped(like, escape) => format!("{} escape {}", print(like), operand(escape)),
        Node::Is(inner, what) => format!("{} is {what}", operand(inner)),
        Node::Cast(inner, to) => format!("cast({} as {to})", print(inner)),
        Node::Case(of, arms, otherwise) => {
            let mut text = "case".to_owned();
            if let Some(of) = of {
                text.push_str(&format!(" {}", operand(of)));
            }
            for (when, then) in arms {
                text.push_str(&format!(" when {} then {}", operand(when), operand(then)));
            }
            if let Some(otherwise) = otherwise {
                text.push_str(&format!(" else {}", operand(otherwise)));
            }
            text + " end"
        }
        Node::Collate(inner, name) => format!("{} collate {name}", operand(inner)),
        Node::Zone(inner, zone) => format!("{} at time zone {}", operand(inner), operand(zone)),
        Node::Subscript(inner, at) => format!("{}[{}]", operand(inner), print(at)),
        Node::Field(inner, name) => format!("({}).{name}", print(inner)),
    }
}

fn list(nodes: &[Node], glue: &str, show: fn(&Node) -> String) -> String {
    nodes.iter().map(show).collect::<Vec<_>>().join(glue)
}

fn operand(node: &Node) -> String {
    let atom = matches!(
        node,
        Node::Atom(_)
            | Node::Number(_)
            | Node::Text(_)
            | Node::Null
            | Node::Name(_)
            | Node::Call(..)
            | Node::OpaqueCall(..)
            | Node::Subquery(_)
            | Node::Tuple(_)
            | Node::Array(_)
            | Node::Cast(..)
    );
    if atom { print(node) } else { format!("({})", print(node)) }
}
