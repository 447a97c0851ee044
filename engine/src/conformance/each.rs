//! One case for every item of a list: `each: names.yaml`.
//!
//! The list is a file in the directory of specs. An item is `{about, is, unless}`; in the case `<each>` stands for the item
//! itself, `<each as object>` for it as the name of a table or enum in the language, `<"each">` for it as an identifier and
//! `<'each'>` as a text in SQL. Such cases run live only, because nobody would read a snapshot of every item.

use std::path::Path;

use crate::diagnostic::{Diagnostic, Diagnostics, codes, render};
use crate::dialect::Dialect;
use crate::schema::{ObjectName, Type, Value};
use crate::source::{Key, MapReader, Node, NodeKind, Sources, Span, items as list, parse};

/// An item of a list.
#[derive(Debug, Clone)]
pub(super) struct Item {
    /// What is special about it; the name of its tests.
    pub(super) about: String,
    /// The item.
    is: String,
    /// Who must refuse it.
    pub(super) unless: Node,
}

impl Item {
    /// The case with the item in its place.
    pub(super) fn fill(&self, node: &Node, dialect: &dyn Dialect) -> Result<Node, Diagnostic> {
        let text = |text: &str| -> Result<String, Diagnostic> {
            let mut text = text.replace("<\"each\">", &dialect.quote(&self.is));
            if text.contains("<'each'>") {
                let literal = dialect.literal(&Value::Text(self.is.clone()), &Type::Text);
                let literal = literal.map_err(|why| Diagnostic::error(&codes::UNSUPPORTED, why.message))?;
                text = text.replace("<'each'>", &literal);
            }
            let object = ObjectName::new(self.is.as_str()).to_string();
            Ok(text.replace("<each as object>", &object).replace("<each>", &self.is))
        };
        let kind = match &node.kind {
            NodeKind::String(found) => NodeKind::String(text(found)?),
            NodeKind::Sequence(items) => {
                NodeKind::Sequence(items.iter().map(|item| self.fill(item, dialect)).collect::<Result<_, _>>()?)
            }
            NodeKind::Mapping(entries) => {
                let mut filled = Vec::with_capacity(entries.len());
                for (key, value) in entries {
                    filled.push((Key { name: text(&key.name)?, span: key.span }, self.fill(value, dialect)?));
                }
                NodeKind::Mapping(filled)
            }
            other => other.clone(),
        };
        Ok(Node { span: node.span, kind })
    }
}

/// The items that a case is for; none when it is a case of its own.
///
/// # Errors
/// When the list cannot be read. A case that cannot be read says so itself, later.
pub(super) fn items(specs: &Path, case: &Path) -> Result<Option<Vec<Item>>, String> {
    let read = |path: &Path| std::fs::read_to_string(path).map_err(|error| format!("{}: {error}", path.display()));
    let text = read(case)?;
    if !text.lines().any(|line| line.starts_with("each:")) {
        return Ok(None);
    }
    let mut sources = Sources::default();
    let mut diagnostics = Diagnostics::default();
    let file = sources.add(case.display().to_string(), text);
    let node = parse(&sources, file, &mut diagnostics);
    let Some(NodeKind::String(name)) = node.as_ref().and_then(|node| node.get("each")).map(|node| &node.kind) else {
        return Ok(None);
    };
    let file = sources.add(name.clone(), read(&specs.join(name))?);
    let found = parse(&sources, file, &mut diagnostics).and_then(|node| {
        let items = list(&node, &mut diagnostics)?;
        items.iter().map(|node| item(node, &mut diagnostics)).collect::<Option<Vec<_>>>()
    });
    match found {
        Some(found) if !diagnostics.has_errors() => Ok(Some(found)),
        _ => Err(diagnostics.sorted().iter().map(|found| render(found, &sources, false)).collect()),
    }
}

fn item(node: &Node, diagnostics: &mut Diagnostics) -> Option<Item> {
    let nothing = || Node { span: Span::default(), kind: NodeKind::Mapping(Vec::new()) };
    let mut map = MapReader::new(node, "an item", diagnostics)?;
    let about = map.need("about", diagnostics);
    let is = map.need("is", diagnostics);
    let unless = map.optional("unless").cloned().unwrap_or_else(nothing);
    map.finish(diagnostics);
    Some(Item { about: about?, is: is?, unless })
}
