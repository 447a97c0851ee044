//! Files to a schema.

use std::collections::BTreeSet;

use super::item::{Item, items};
use super::section::{ALL, SEQUENCES, Section, TABLES, VIEWS};
use super::{Desired, Renames, rename};
use crate::diagnostic::Diagnostics;
use crate::operation::{Context, CreateTable, Lowering, Operation};
use crate::schema::{ObjectName, Schema, Table};
use crate::source::{Key, Node, NodeKind, Span};

/// Where everything that a desired schema speaks of has to be.
const SCOPE: &str = "in the desired schema";

/// Reads files that make up one desired schema, for the dialect of a context.
///
/// Objects may refer to each other in any order and across files, foreign keys also in a circle. Every mistake of all files is
/// reported; what is returned is complete only when there is none.
#[must_use]
pub fn read(files: &[&Node], context: &Context, diagnostics: &mut Diagnostics) -> Desired {
    let mut renames = Renames::default();
    let mut found = items(files, context, diagnostics);
    for item in &mut found {
        rename::take(item, &mut renames, context, diagnostics);
    }
    let mut objects = Objects { found, context };
    let tables = objects.tables(diagnostics);
    let mut lowering = Lowering::new(context, Schema::default(), diagnostics).within(SCOPE);
    for section in ALL {
        match section {
            TABLES => make_tables(&tables, &mut lowering),
            // One that goes with a column comes after the tables.
            SEQUENCES => objects.make(section, |item| item.node.get("owned_by").is_none(), &mut lowering),
            section => objects.make(section, |_| true, &mut lowering),
        }
        if section == TABLES {
            objects.make(SEQUENCES, |item| item.node.get("owned_by").is_some(), &mut lowering);
        }
    }
    Desired { schema: lowering.schema, renames }
}

/// A table that was read, or that could not be.
struct TableItem {
    name: ObjectName,
    span: Span,
    table: Option<CreateTable>,
}

struct Objects<'c> {
    found: Vec<Item>,
    context: &'c Context,
}

impl Objects<'_> {
    fn tables(&mut self, diagnostics: &mut Diagnostics) -> Vec<TableItem> {
        let found = self.found.iter().filter(|item| item.section == TABLES);
        let read = found.map(|item| {
            let table = CreateTable::read_as("table", &item.node, self.context, diagnostics);
            let name = table.as_ref().map_or_else(|| item.name.clone(), |table| table.name().clone());
            TableItem { name, span: item.span, table }
        });
        read.collect()
    }

    /// Makes the objects of a section with their operation.
    fn make(&mut self, section: Section, which: impl Fn(&Item) -> bool, lowering: &mut Lowering<'_>) {
        for item in self.found.iter_mut().filter(|item| item.section == section && which(item)) {
            let indexes = if section == VIEWS { indexes_of(&mut item.node, &item.name, item.span) } else { Vec::new() };
            make(section.operation, &item.node, item.span, Some(item.name.to_string()), self.context, lowering);
            for index in indexes {
                make("create_index", &index, index.span, None, self.context, lowering);
            }
        }
    }
}

fn make(
    operation: &str,
    node: &Node,
    span: Span,
    subject: Option<String>,
    context: &Context,
    lowering: &mut Lowering<'_>,
) {
    lowering.attempt(span, subject, |lowering| {
        Operation::read(operation, node, span, context, lowering.diagnostics)?.lower(lowering)
    });
}

/// Takes the list of indexes out of a view; each as the map of the operation that makes it.
fn indexes_of(view: &mut Node, name: &ObjectName, span: Span) -> Vec<Node> {
    let NodeKind::Mapping(keys) = &mut view.kind else { return Vec::new() };
    let is_list = |(key, node): &(Key, Node)| key.name == "indexes" && matches!(node.kind, NodeKind::Sequence(_));
    let Some(place) = keys.iter().position(is_list) else { return Vec::new() };
    let NodeKind::Sequence(items) = keys.remove(place).1.kind else { return Vec::new() };
    let owner = Node { span, kind: NodeKind::String(name.to_string()) };
    let operation = |item: Node| {
        let NodeKind::Mapping(keys) = item.kind else { return item };
        let table = (Key { name: "table".to_owned(), span }, owner.clone());
        let keys = [table].into_iter().chain(keys).collect();
        Node { span: item.span, kind: NodeKind::Mapping(keys) }
    };
    items.into_iter().map(operation).collect()
}

/// Makes the tables. Each is lowered as a whole, so that it means what `create_table` means, in a schema that has the others
/// already: those that come later as stand-ins.
fn make_tables(tables: &[TableItem], lowering: &mut Lowering<'_>) {
    let ahead = stand_ins(tables, lowering);
    let inline = ahead.enums().filter(|found| lowering.schema.enumeration(&found.name).is_none());
    inline.cloned().collect::<Vec<_>>().into_iter().for_each(|found| lowering.schema.put_enum(found));
    ahead.tables().for_each(|table| lowering.schema.put_table(stand_in(table)));
    tables.iter().filter(|item| ahead.table(&item.name).is_none()).for_each(|item| lowering.poison(&item.name));
    for item in tables {
        lowering.schema.remove_table(&item.name);
        let known = ahead.table(&item.name);
        lowering.attempt(item.span, None, |lowering| item.table.as_ref()?.lower_with(lowering));
        // Where it is only its references that are wrong, others may refer to it all the same.
        if let Some(known) = known.filter(|_| lowering.schema.table(&item.name).is_none()) {
            lowering.schema.put_table(stand_in(known));
        }
    }
}

/// The tables with no more than others may need of them, as far as they can be made. Whoever makes them in earnest says what is
/// wrong with the others.
fn stand_ins(tables: &[TableItem], lowering: &Lowering<'_>) -> Schema {
    let mut unheard = Diagnostics::default();
    let mut ahead = Lowering::new(lowering.context, lowering.schema.clone(), &mut unheard);
    for table in tables.iter().filter_map(|item| item.table.as_ref()) {
        for found in table.inline_enums() {
            ahead.attempt(found.span, None, |ahead| ahead.declare_enum(Some(found)));
        }
    }
    let mut waiting: Vec<&CreateTable> = tables.iter().filter_map(|item| item.table.as_ref()).collect();
    let mut made = BTreeSet::new();
    while !waiting.is_empty() {
        // A partition has the columns of its table, which has to be there.
        let ready = |table: &&CreateTable| table.partition_of().is_none_or(|of| made.contains(of));
        let (now, later): (Vec<&CreateTable>, Vec<&CreateTable>) = waiting.into_iter().partition(ready);
        if now.is_empty() {
            break;
        }
        for table in now {
            ahead.attempt(Span::default(), None, |ahead| table.bare().lower_with(ahead));
            made.insert(table.name().clone());
        }
        waiting = later;
    }
    ahead.schema
}

/// A table with its columns and keys, whose names nobody minds yet: whoever comes second gets the message.
fn stand_in(table: &Table) -> Table {
    let mut table = table.clone();
    table.constraints.iter_mut().for_each(|constraint| constraint.name = None);
    table.indexes.iter_mut().for_each(|index| index.name = String::new());
    table
}
