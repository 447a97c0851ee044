//! Columns as `create_table` and `add_column` write them.

use super::{type_definition, value};
use crate::diagnostic::{Diagnostic, Diagnostics, codes};
use crate::dialect::ObjectKind;
use crate::operation::text::{by_dialect, names, sql_text};
use crate::operation::{Context, ObjectReader};
use crate::schema::{Column, Computed, Enum, ForeignKey, Identity, Match, ReferentialAction, Type};
use crate::source::{Decode, Node, NodeKind, Span, Spanned, one_of, wrong_type};

/// A column with what the column keys ask for beside it.
#[derive(Debug, Clone)]
pub struct ColumnDefinition {
    /// The column; NOT NULL already if it is the primary key.
    pub column: Column,
    /// Where its name stands.
    pub span: Span,
    /// Where its type stands.
    pub type_span: Span,
    /// Where its default stands.
    pub default_span: Option<Span>,
    /// Whether it is the primary key.
    pub primary_key: bool,
    /// Whether it is unique by itself.
    pub unique: bool,
    /// Whether it gets an index of its own.
    pub index: bool,
    /// What it refers to.
    pub references: Option<Spanned<ForeignKey>>,
    /// A check of its own.
    pub check: Option<Spanned<String>>,
    /// The enum that its type declares.
    pub inline_enum: Option<Spanned<Enum>>,
}

impl ColumnDefinition {
    /// Reads a column: a type, or a map.
    pub fn read(name: &str, span: Span, node: &Node, context: &Context, diagnostics: &mut Diagnostics) -> Option<Self> {
        match node.kind {
            NodeKind::Mapping(_) => {
                let mut reader = ObjectReader::new(node, "column", Some(ObjectKind::Column), context, diagnostics)?;
                let definition = Self::read_keys(name, span, &mut reader, context, diagnostics);
                reader.finish(context, diagnostics);
                definition
            }
            _ => {
                let ty = type_definition(node, context, diagnostics)?;
                Some(ColumnDefinition {
                    column: context.dialect.settle_column(Column::new(name, ty.value.ty.clone())),
                    span,
                    type_span: ty.span,
                    default_span: None,
                    primary_key: false,
                    unique: false,
                    index: false,
                    references: None,
                    check: None,
                    inline_enum: ty.value.inline_enum,
                })
            }
        }
    }

    /// Reads the column keys of a map.
    pub fn read_keys(
        name: &str,
        span: Span,
        reader: &mut ObjectReader<'_>,
        context: &Context,
        diagnostics: &mut Diagnostics,
    ) -> Option<Self> {
        let ty = reader.need_node("type", diagnostics).and_then(|node| type_definition(node, context, diagnostics));
        let placeholder = Type::Text;
        let known = ty.as_ref().map_or(&placeholder, |ty| &ty.value.ty);
        let mut column = Column::new(name, known.clone());
        let primary_key = reader.flag("primary_key", diagnostics);
        let nullable: Option<Spanned<bool>> = reader.get("nullable", diagnostics);
        if let Some(nullable) = nullable.filter(|nullable| primary_key && nullable.value) {
            diagnostics.push(
                Diagnostic::error(&codes::CONTRADICTION, format!("the primary key column `{name}` cannot be nullable"))
                    .at(nullable.span, "remove this"),
            );
        }
        column.nullable = nullable.map_or(!primary_key, |nullable| nullable.value) && !primary_key;
        let default_node = reader.node("default");
        if ty.is_some() {
            column.default = default_node.and_then(|node| value(node, known, context, diagnostics));
        }
        column.identity = reader.node("identity").and_then(|node| identity(node, diagnostics)).flatten();
        if column.identity.is_some() {
            column.nullable = false;
        }
        column.computed = reader.node("computed").and_then(|node| computed(node, context, diagnostics));
        column.collation = reader.node("collation").and_then(|node| collation(node, context, diagnostics));
        column.comment = reader.get("comment", diagnostics);
        let unique = reader.flag("unique", diagnostics);
        let index = reader.flag("index", diagnostics);
        let references = reader.node("references").and_then(|node| {
            references(node, vec![name.to_owned()], context, diagnostics).map(|key| Spanned::new(key, node.span))
        });
        let check = reader
            .node("check")
            .and_then(|node| sql_text(node, context, diagnostics).map(|sql| Spanned::new(sql, node.span)));
        column.options = reader.options(context, diagnostics);
        for (key, given) in [("default", column.default.is_some()), ("identity", column.identity.is_some())] {
            if given && column.computed.is_some() {
                diagnostics.push(
                    Diagnostic::error(
                        &codes::CONTRADICTION,
                        format!("the computed column `{name}` cannot have `{key}` too"),
                    )
                    .at(span, "computed here"),
                );
            }
        }
        let ty = ty?;
        Some(ColumnDefinition {
            column: context.dialect.settle_column(column),
            span,
            type_span: ty.span,
            default_span: default_node.map(|node| node.span),
            primary_key,
            unique,
            index,
            references,
            check,
            inline_enum: ty.value.inline_enum,
        })
    }
}

/// Reads `identity:`. The outer option is whether it could be read, the inner one whether there is one.
pub fn identity(node: &Node, diagnostics: &mut Diagnostics) -> Option<Option<Identity>> {
    match node.kind {
        NodeKind::Bool(on) => Some(on.then(Identity::default)),
        NodeKind::Mapping(_) => {
            let mut reader = crate::source::MapReader::new(node, "identity", diagnostics)?;
            let identity = Identity {
                always: reader.get("always", diagnostics).unwrap_or(false),
                start: reader.get("start", diagnostics),
                increment: reader.get("increment", diagnostics),
            };
            reader.finish(diagnostics);
            Some(Some(identity))
        }
        _ => {
            diagnostics.push(wrong_type(node, "`true` or a map such as `{start: 1000}`"));
            None
        }
    }
}

/// Reads `computed:`.
pub fn computed(node: &Node, context: &Context, diagnostics: &mut Diagnostics) -> Option<Computed> {
    let mut reader = crate::source::MapReader::new(node, "computed", diagnostics)?;
    let sql = reader.required("sql", diagnostics).and_then(|node| sql_text(node, context, diagnostics));
    let stored = reader.get("stored", diagnostics).unwrap_or(true);
    reader.finish(diagnostics);
    Some(Computed { sql: sql?, stored })
}

/// Reads `collation:`: a name, or a map by dialect; a dialect the map does not name keeps its own default.
pub fn collation(node: &Node, context: &Context, diagnostics: &mut Diagnostics) -> Option<String> {
    if let NodeKind::Mapping(_) = node.kind
        && !context.lineage().iter().any(|name| node.get(name).is_some())
    {
        return None;
    }
    String::decode(by_dialect(node, context, diagnostics)?, diagnostics)
}

/// Reads `references:` and the actions in it.
pub fn references(
    node: &Node,
    columns: Vec<String>,
    context: &Context,
    diagnostics: &mut Diagnostics,
) -> Option<ForeignKey> {
    let mut reader = ObjectReader::new(node, "references", None, context, diagnostics)?;
    let table = super::super::table_name(&mut reader, "table", diagnostics);
    let one = reader.get::<String>("column", diagnostics).map(|name| vec![name]);
    let many = reader.node("columns").and_then(|node| names(node, diagnostics));
    let action = |node: Option<&Node>, diagnostics: &mut Diagnostics| {
        node.and_then(|node| one_of(node, "referential action", &ReferentialAction::ALL, diagnostics))
            .unwrap_or_default()
    };
    let on_delete = action(reader.node("on_delete"), diagnostics);
    let on_update = action(reader.node("on_update"), diagnostics);
    let matching = matching(reader.node("match"), diagnostics);
    reader.finish(context, diagnostics);
    Some(ForeignKey {
        columns,
        referred_table: table?.value,
        // Empty means the primary key, which lowering fills in.
        referred_columns: one.or(many).unwrap_or_default(),
        on_delete,
        on_update,
        matching,
    })
}

/// Reads `match:`.
pub fn matching(node: Option<&Node>, diagnostics: &mut Diagnostics) -> Match {
    const WORDS: [(&str, Match); 2] = [("simple", Match::Simple), ("full", Match::Full)];
    node.and_then(|node| one_of(node, "match", &WORDS, diagnostics)).unwrap_or_default()
}
