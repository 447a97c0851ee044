//! Parser events to nodes, with anchors, and the limits that keep a hostile file small.

use std::collections::HashMap;

use granit_parser::{Event, ScalarStyle, StructureStyle};

use super::syntax::span;
use super::yaml::DEPTH_LIMIT;
use super::{FileId, Key, Node, NodeKind, Span, mapping, scalar, tag};
use crate::diagnostic::{Diagnostic, Diagnostics, codes};

/// How many values, and how many bytes of text, all aliases of a file together may repeat.
const ALIAS_NODES: usize = 250_000;
const ALIAS_BYTES: usize = 32 * 1024 * 1024;

/// An error after which the rest of the file cannot be understood.
type Fatal = Box<Diagnostic>;

pub(super) struct Builder<'t> {
    text: &'t str,
    file: FileId,
    open: Vec<Frame>,
    root: Option<Node>,
    anchors: HashMap<usize, Anchored>,
    nodes_left: usize,
    bytes_left: usize,
    pub(super) diagnostics: Diagnostics,
}

struct Anchored {
    node: Node,
    size: Size,
}

#[derive(Default, Clone, Copy)]
struct Size {
    height: usize,
    nodes: usize,
    bytes: usize,
}

/// A collection that is not closed yet.
struct Frame {
    span: Span,
    block: bool,
    anchor: usize,
    content: Content,
}

enum Content {
    Sequence(Vec<Node>),
    Mapping { entries: Vec<(Key, Node)>, key: Option<Pending>, merges: Vec<(Span, Node)> },
}

/// A key that waits for its value.
enum Pending {
    Key(Key),
    Merge(Span),
}

impl<'t> Builder<'t> {
    pub(super) fn new(text: &'t str, file: FileId) -> Self {
        Builder {
            text,
            file,
            open: Vec::new(),
            root: None,
            anchors: HashMap::new(),
            nodes_left: ALIAS_NODES,
            bytes_left: ALIAS_BYTES,
            diagnostics: Diagnostics::default(),
        }
    }

    pub(super) fn finish(self) -> (Option<Node>, Diagnostics) {
        (self.root, self.diagnostics)
    }

    pub(super) fn event(&mut self, event: Event<'_>, place: &granit_parser::Span) -> Result<(), Fatal> {
        let range = place.byte_range().unwrap_or_default();
        let file = self.file;
        let at = span(file, range.start, range.end);
        let tag_place = || {
            let range = place.tag_span().unwrap_or(*place).byte_range().unwrap_or_default();
            span(file, range.start, range.end)
        };
        match event {
            Event::Scalar(value, style, anchor, tag) => {
                // Block scalars reach into the indentation of the line after them.
                let written = self.text.get(range.clone()).unwrap_or("");
                let written = written.trim_end_matches([' ', '\t', '\r', '\n']);
                let at = span(self.file, range.start, range.start + written.len());
                let merge = style == ScalarStyle::Plain && value == "<<" && tag.is_none();
                let kind = match tag {
                    Some(tag) => tag::scalar(&value, style, &tag, tag_place(), &mut self.diagnostics),
                    // The parser gives `~` for nothing at all.
                    None if style == ScalarStyle::Plain && written.is_empty() => NodeKind::Null,
                    None if style == ScalarStyle::Plain => scalar::resolve(&value),
                    None => NodeKind::String(value.into_owned()),
                };
                self.value(Node { span: at, kind }, anchor, merge)
            }
            Event::SequenceStart(style, anchor, tag) => {
                tag::collection(tag.as_deref(), "seq", tag_place(), &mut self.diagnostics);
                self.push(at, style == StructureStyle::Block, anchor, Content::Sequence(Vec::new()))
            }
            Event::MappingStart(style, anchor, tag) => {
                tag::collection(tag.as_deref(), "map", tag_place(), &mut self.diagnostics);
                let content = Content::Mapping { entries: Vec::new(), key: None, merges: Vec::new() };
                self.push(at, style == StructureStyle::Block, anchor, content)
            }
            Event::SequenceEnd | Event::MappingEnd => self.close(at),
            Event::Alias(id) => self.alias(id, at),
            _ => Ok(()),
        }
    }

    fn push(&mut self, span: Span, block: bool, anchor: usize, content: Content) -> Result<(), Fatal> {
        if self.open.len() >= DEPTH_LIMIT {
            return Err(too_deep(span));
        }
        self.open.push(Frame { span, block, anchor, content });
        Ok(())
    }

    fn close(&mut self, end: Span) -> Result<(), Fatal> {
        let Some(frame) = self.open.pop() else {
            return Ok(());
        };
        let (kind, last) = match frame.content {
            Content::Sequence(items) => {
                let last = items.last().map(|item| item.span);
                (NodeKind::Sequence(items), last)
            }
            Content::Mapping { mut entries, merges, .. } => {
                let last = entries.last().map(|(key, value)| key.span.to(value.span));
                mapping::refuse_duplicates(&mut entries, &mut self.diagnostics);
                mapping::merge(&mut entries, merges, &mut self.diagnostics);
                (NodeKind::Mapping(entries), last)
            }
        };
        // The end of a block collection is the start of whatever comes next; what it holds ends before that.
        let end = if frame.block { last.filter(|last| last.start >= frame.span.start) } else { Some(end) };
        let node = Node { span: end.map_or(frame.span, |end| frame.span.to(end)), kind };
        self.value(node, frame.anchor, false)
    }

    fn value(&mut self, node: Node, anchor: usize, merge: bool) -> Result<(), Fatal> {
        if anchor != 0 {
            let size = measure(&node);
            self.charge(size, node.span)?;
            self.anchors.insert(anchor, Anchored { node: node.clone(), size });
        }
        match self.open.last_mut().map(|frame| &mut frame.content) {
            None => {
                self.root.get_or_insert(node);
            }
            Some(Content::Sequence(items)) => items.push(node),
            Some(Content::Mapping { entries, key, merges }) => match key.take() {
                Some(Pending::Key(key)) => entries.push((key, node)),
                Some(Pending::Merge(at)) => merges.push((at, node)),
                None if merge => *key = Some(Pending::Merge(node.span)),
                None => *key = Some(Pending::Key(mapping::key_of(node, self.text, &mut self.diagnostics))),
            },
        }
        Ok(())
    }

    fn alias(&mut self, id: usize, at: Span) -> Result<(), Fatal> {
        let Some(anchored) = self.anchors.get(&id) else {
            let message = "an alias stands inside the value it repeats";
            return Err(Box::new(Diagnostic::error(&codes::UNKNOWN_ALIAS, message).at(at, "this would never end")));
        };
        let size = anchored.size;
        if self.open.len() + size.height > DEPTH_LIMIT {
            return Err(too_deep(at));
        }
        // The place of the alias is where a wrong value is to be mended; what is inside keeps its own place.
        let mut node = Node { span: at, kind: NodeKind::Null };
        self.charge(size, at)?;
        if let Some(anchored) = self.anchors.get(&id) {
            node.kind.clone_from(&anchored.node.kind);
        }
        self.value(node, 0, false)
    }

    fn charge(&mut self, size: Size, at: Span) -> Result<(), Fatal> {
        match (self.nodes_left.checked_sub(size.nodes), self.bytes_left.checked_sub(size.bytes)) {
            (Some(nodes), Some(bytes)) => {
                self.nodes_left = nodes;
                self.bytes_left = bytes;
                Ok(())
            }
            _ => Err(Box::new(
                Diagnostic::error(&codes::TOO_MANY_ALIASES, "the aliases of this file expand to too many values")
                    .at(at, format!("with this one there are more than {ALIAS_NODES} values or 32 MiB of text")),
            )),
        }
    }
}

fn too_deep(at: Span) -> Fatal {
    Box::new(
        Diagnostic::error(&codes::TOO_DEEP, "maps and lists are nested too deeply")
            .at(at, format!("deeper than {DEPTH_LIMIT} levels")),
    )
}

fn measure(node: &Node) -> Size {
    let mut size = Size { height: 0, nodes: 1, bytes: 0 };
    let mut add = |child: Size| {
        size.height = size.height.max(child.height + 1);
        size.nodes += child.nodes;
        size.bytes += child.bytes;
    };
    match &node.kind {
        NodeKind::Sequence(items) => {
            add(Size::default());
            items.iter().for_each(|item| add(measure(item)));
        }
        NodeKind::Mapping(entries) => {
            add(Size::default());
            for (key, value) in entries {
                let value = measure(value);
                add(Size { bytes: value.bytes + key.name.len(), ..value });
            }
        }
        NodeKind::String(text) | NodeKind::Number(text) => size.bytes = text.len(),
        NodeKind::Null | NodeKind::Bool(_) | NodeKind::Integer(_) => {}
    }
    size
}
