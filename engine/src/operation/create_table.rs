//! `create_table`

use std::sync::Arc;

use super::definition::{ColumnDefinition, ConstraintDefinition, IndexDefinition, constraint, fit_value, index};
use super::{Context, Lowering, ObjectReader, Operate, table_name};
use crate::change::Change;
use crate::diagnostic::{Diagnostic, Diagnostics, codes};
use crate::dialect::ObjectKind;
use crate::schema::{Constraint, ConstraintKind, Enum, Index, IndexPart, ObjectName, Options, Partition, Table};
use crate::source::{Node, NodeKind, Span, Spanned, entries, items};

/// Makes a table with its columns, constraints and indexes.
///
/// Columns are a map, in order; a value is a type, or a map of column keys. What is left unnamed is named by the
/// project's `naming:` rules, so that it can be dropped or renamed later. Undone by dropping the table;
/// with `if_not_exists` it may be older than the revision, which is then irreversible.
///
/// With `partition_of` and `values` it is a partition of another table, whose columns it has.
#[derive(Debug, Clone)]
pub struct CreateTable {
    table: Spanned<ObjectName>,
    if_not_exists: bool,
    columns: Vec<ColumnDefinition>,
    partition: Option<PartitionDefinition>,
    constraints: Vec<ConstraintDefinition>,
    indexes: Vec<IndexDefinition>,
    comment: Option<String>,
    options: Options,
}

impl Operate for CreateTable {
    fn read(node: &Node, _: Span, context: &Context, diagnostics: &mut Diagnostics) -> Option<Self> {
        CreateTable::read_as("create_table", node, context, diagnostics)
    }

    fn lower(&self, lowering: &mut Lowering<'_>) -> Option<()> {
        self.lower_with(lowering)
    }
}

impl CreateTable {
    /// Reads the keys of a table. `what` names it in messages.
    pub(crate) fn read_as(
        what: &str,
        node: &Node,
        context: &Context,
        diagnostics: &mut Diagnostics,
    ) -> Option<CreateTable> {
        let mut reader = ObjectReader::new(node, what, Some(ObjectKind::Table), context, diagnostics)?;
        let table = table_name(&mut reader, "table", diagnostics);
        let if_not_exists = reader.flag("if_not_exists", diagnostics);
        let partition = partition(&mut reader, diagnostics);
        let columns = match (&partition, reader.node("columns")) {
            (Some(_), None) => Some(Vec::new()),
            (Some(partition), Some(node)) => {
                let message = format!("a partition has the columns of its table, `{}`", partition.0.value.of);
                diagnostics.push(
                    Diagnostic::error(&codes::CONTRADICTION, message).at(node.span, "remove these").help(
                        "what is a partition's own are its `checks`, `indexes`, keys and foreign keys, its comment and its options",
                    ),
                );
                None
            }
            // That a word of it is missing has been said.
            (None, None) if reader.node("partition_of").is_some() => None,
            (None, _) => reader.need_node("columns", diagnostics).and_then(|node| columns(node, context, diagnostics)),
        };
        let mut constraints = Vec::new();
        if let Some(node) = reader.node("primary_key") {
            constraints.extend(read_constraint(node, "primary_key", ObjectKind::PrimaryKey, context, diagnostics));
        }
        for (key, kind) in [
            ("unique", ObjectKind::Unique),
            ("checks", ObjectKind::Check),
            ("foreign_keys", ObjectKind::ForeignKey),
            ("exclude", ObjectKind::Exclude),
        ] {
            for node in reader.node(key).and_then(|node| items(node, diagnostics)).unwrap_or_default() {
                constraints.extend(read_constraint(node, key, kind, context, diagnostics));
            }
        }
        let mut indexes = Vec::new();
        for node in reader.node("indexes").and_then(|node| items(node, diagnostics)).unwrap_or_default() {
            let reader = ObjectReader::new(node, "indexes", Some(ObjectKind::Index), context, diagnostics);
            indexes.extend(reader.and_then(|mut reader| {
                let definition = index(&mut reader, context, diagnostics);
                reader.finish(context, diagnostics);
                definition
            }));
        }
        let comment = reader.get("comment", diagnostics);
        let options = reader.options(context, diagnostics);
        reader.finish(context, diagnostics);
        let (table, columns) = (table?, columns?);
        Some(CreateTable { table, if_not_exists, columns, partition, constraints, indexes, comment, options })
    }

    /// The name of the table.
    pub(crate) fn name(&self) -> &ObjectName {
        &self.table.value
    }

    /// The table that it is a partition of.
    pub(crate) fn partition_of(&self) -> Option<&ObjectName> {
        self.partition.as_ref().map(|partition| &partition.0.value.of)
    }

    /// The enums that its columns declare.
    pub(crate) fn inline_enums(&self) -> impl Iterator<Item = &Spanned<Enum>> {
        self.columns.iter().filter_map(|column| column.inline_enum.as_ref())
    }

    /// The table with no more than what others may need of it: its columns and what foreign keys can refer to.
    pub(crate) fn bare(&self) -> CreateTable {
        let mut table = self.clone();
        for column in &mut table.columns {
            (column.references, column.check, column.index) = (None, None, false);
        }
        let is_key =
            |kind: &ConstraintKind| matches!(kind, ConstraintKind::PrimaryKey { .. } | ConstraintKind::Unique { .. });
        table.constraints.retain(|definition| is_key(&definition.constraint.kind));
        table.indexes.retain(|definition| definition.index.unique);
        table
    }

    /// Lowers it.
    pub(crate) fn lower_with(&self, lowering: &mut Lowering<'_>) -> Option<()> {
        if self.if_not_exists && lowering.schema.table(&self.table.value).is_some() {
            return Some(());
        }
        lowering.free_table_name(&self.table, None)?;
        for column in &self.columns {
            lowering.declare_enum(column.inline_enum.as_ref())?;
        }
        let mut table = Table::new(self.table.value.clone());
        table.comment.clone_from(&self.comment);
        table.options = self.options.clone();
        table.columns = match &self.partition {
            None => self.columns.iter().map(|column| column.column.clone()).collect(),
            Some(PartitionDefinition(partition)) => {
                table.partition = Some(partition.value.clone());
                lowering.table(&Spanned::new(partition.value.of.clone(), partition.span))?.columns.clone()
            }
        };
        self.check_columns(lowering)?;
        let mut complete = true;
        // A key to the table itself may refer to what is said after it.
        let mut pending: Vec<(usize, PendingConstraint)> =
            self.all_constraints(lowering)?.into_iter().enumerate().collect();
        pending.sort_by_key(|(_, (constraint, ..))| {
            constraint.foreign_key().is_some_and(|key| key.referred_table == self.table.value)
        });
        let mut places = Vec::with_capacity(pending.len());
        for (place, (constraint, unnamed, own_column, span)) in pending {
            match lowering.complete_constraint(&table, constraint, unnamed, own_column.as_deref(), span) {
                Some(constraint) => {
                    if let ConstraintKind::PrimaryKey { columns } = &constraint.kind {
                        table.columns.iter_mut().filter(|c| columns.contains(&c.name)).for_each(|c| c.nullable = false);
                    }
                    table.constraints.push(constraint);
                    places.push(place);
                }
                None => complete = false,
            }
        }
        let mut constraints: Vec<_> = places.into_iter().zip(table.constraints).collect();
        constraints.sort_by_key(|(place, _)| *place);
        table.constraints = constraints.into_iter().map(|(_, constraint)| constraint).collect();
        for (index, span) in self.all_indexes() {
            match lowering.complete_index(&table, index, span) {
                Some(index) => table.indexes.push(index),
                None => complete = false,
            }
        }
        let place =
            |name: &str| self.columns.iter().find(|column| column.column.name == name).map(|column| column.type_span);
        // Without all of its constraints it would be refused for what is not there.
        complete.then_some(())?;
        lowering.check_table(&table, self.table.span, place)?;
        lowering.emit(Change::CreateTable { table: Arc::new(table), if_not_exists: self.if_not_exists })
    }
}

/// What a table is a partition of, as written.
#[derive(Debug, Clone)]
struct PartitionDefinition(Spanned<Partition>);

/// Reads `partition_of` and `values`, which go together.
fn partition(reader: &mut ObjectReader<'_>, diagnostics: &mut Diagnostics) -> Option<PartitionDefinition> {
    let of: Option<Spanned<String>> = reader.get("partition_of", diagnostics);
    let values: Option<Spanned<String>> = reader.get("values", diagnostics);
    match (of, values) {
        (Some(of), Some(values)) => {
            let partition = Partition { of: ObjectName::from(of.value.as_str()), values: values.value };
            Some(PartitionDefinition(Spanned::new(partition, of.span)))
        }
        (None, None) => None,
        (Some(lone), None) => {
            diagnostics.push(
                Diagnostic::error(&codes::MISSING_KEY, "`values` says which rows a partition has")
                    .at(lone.span, "`values` is missing")
                    .help("write it as `values: \"from (1) to (10)\"`, or `values: default` for what fits no other"),
            );
            None
        }
        (None, Some(lone)) => {
            diagnostics.push(
                Diagnostic::error(&codes::MISSING_KEY, "`values` is about a partition, and `partition_of` is missing")
                    .at(lone.span, "of which table?"),
            );
            None
        }
    }
}

type PendingConstraint = (Constraint, bool, Option<String>, Span);

impl CreateTable {
    fn check_columns(&self, lowering: &mut Lowering<'_>) -> Option<()> {
        let mut fine = true;
        let folds = lowering.context.dialect.capabilities().folds_case;
        for (place, column) in self.columns.iter().enumerate() {
            fine &= check_column(column, lowering).is_some();
            let name = &column.column.name;
            let twin = self.columns[..place].iter().find(|other| folds && other.column.name.eq_ignore_ascii_case(name));
            if let Some(twin) = twin {
                let dialect = lowering.context.dialect.name();
                lowering.report(
                    Diagnostic::error(
                        &codes::COLUMN_EXISTS,
                        format!("`{name}` and `{}` are the same column for {dialect}", twin.column.name),
                    )
                    .at(column.span, "differs in case only"),
                );
                fine = false;
            }
        }
        fine.then_some(())
    }

    /// The constraints in the order they are made: primary key, then those of columns, then those of the table.
    fn all_constraints(&self, lowering: &mut Lowering<'_>) -> Option<Vec<PendingConstraint>> {
        let mut pending = Vec::new();
        let flagged: Vec<&ColumnDefinition> = self.columns.iter().filter(|column| column.primary_key).collect();
        let listed = self.constraints.iter().find(|definition| definition.constraint.is_primary_key());
        match (flagged.as_slice(), listed) {
            ([], None) => {}
            ([first, ..], None) => {
                let columns = flagged.iter().map(|column| column.column.name.clone()).collect();
                let kind = ConstraintKind::PrimaryKey { columns };
                pending.push((Constraint::new(None, kind), true, None, first.span));
            }
            ([], Some(listed)) => pending.push((listed.constraint.clone(), listed.unnamed, None, listed.span)),
            ([first, ..], Some(listed)) => {
                lowering.report(
                    Diagnostic::error(&codes::CONTRADICTION, "the primary key is given twice")
                        .at(listed.span, "as `primary_key:` of the table")
                        .at(first.span, "and on this column"),
                );
                return None;
            }
        }
        for definition in &self.columns {
            pending.extend(column_constraints(definition));
        }
        for definition in self.constraints.iter().filter(|definition| !definition.constraint.is_primary_key()) {
            pending.push((definition.constraint.clone(), definition.unnamed, None, definition.span));
        }
        Some(pending)
    }

    fn all_indexes(&self) -> Vec<(Index, Span)> {
        let of_columns = self.columns.iter().filter_map(column_index);
        of_columns.chain(self.indexes.iter().map(|definition| (definition.index.clone(), definition.span))).collect()
    }
}

/// The constraints that the keys of a column ask for, its primary key aside.
pub(super) fn column_constraints(definition: &ColumnDefinition) -> Vec<PendingConstraint> {
    let name = &definition.column.name;
    let mut pending = Vec::new();
    if definition.unique {
        let kind = ConstraintKind::Unique { columns: vec![name.clone()] };
        pending.push((Constraint::new(None, kind), true, None, definition.span));
    }
    if let Some(check) = &definition.check {
        let kind = ConstraintKind::Check { sql: check.value.clone() };
        pending.push((Constraint::new(None, kind), true, Some(name.clone()), check.span));
    }
    if let Some(references) = &definition.references {
        let kind = ConstraintKind::ForeignKey(references.value.clone());
        pending.push((Constraint::new(None, kind), true, None, references.span));
    }
    pending
}

/// The index that `index: true` asks for.
pub(super) fn column_index(definition: &ColumnDefinition) -> Option<(Index, Span)> {
    definition.index.then(|| {
        let index = Index {
            name: String::new(),
            parts: vec![IndexPart::column(definition.column.name.clone())],
            unique: false,
            predicate: None,
            comment: None,
            options: Options::default(),
        };
        (index, definition.span)
    })
}

/// Whether a column's name, type and default hold together.
pub(super) fn check_column(definition: &ColumnDefinition, lowering: &mut Lowering<'_>) -> Option<()> {
    let column = &definition.column;
    lowering.identifier(&column.name, ObjectKind::Column, definition.span)?;
    if let Some(name) = column.ty.enum_name() {
        lowering.enumeration(&Spanned::new(name.clone(), definition.type_span))?;
    }
    if let Some(default) = &column.default
        && let Err(reason) = fit_value(default, column, lowering.context, &lowering.schema)
    {
        let span = definition.default_span.unwrap_or(definition.span);
        return lowering.refuse(&codes::WRONG_VALUE, reason, span, "this default does not fit the type");
    }
    Some(())
}

fn columns(node: &Node, context: &Context, diagnostics: &mut Diagnostics) -> Option<Vec<ColumnDefinition>> {
    let map = entries(node, diagnostics)?;
    if map.is_empty() {
        diagnostics.push(
            Diagnostic::error(&codes::MISSING_KEY, "a table needs at least one column").at(node.span, "none here"),
        );
        return None;
    }
    let read: Vec<Option<ColumnDefinition>> =
        map.iter().map(|(key, node)| ColumnDefinition::read(&key.name, key.span, node, context, diagnostics)).collect();
    read.into_iter().collect()
}

fn read_constraint(
    node: &Node,
    key: &str,
    kind: ObjectKind,
    context: &Context,
    diagnostics: &mut Diagnostics,
) -> Option<ConstraintDefinition> {
    // `primary_key: [a, b]` is the list of columns alone.
    if kind == ObjectKind::PrimaryKey && matches!(node.kind, NodeKind::Sequence(_)) {
        let columns = super::text::names(node, diagnostics)?;
        let constraint = Constraint::new(None, ConstraintKind::PrimaryKey { columns });
        return Some(ConstraintDefinition { constraint, unnamed: true, span: node.span });
    }
    let mut reader = ObjectReader::new(node, key, Some(kind), context, diagnostics)?;
    let definition = constraint(kind, &mut reader, context, diagnostics);
    reader.finish(context, diagnostics);
    definition
}
