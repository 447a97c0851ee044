//! `where`: which rows an operation is about.

use super::definition::{fit_value, value};
use super::text::{by_dialect, sql_text};
use super::{Context, Lowering, ObjectReader};
use crate::change::Filter;
use crate::diagnostic::{Diagnostic, Diagnostics, codes};
use crate::schema::{Table, Type, Value};
use crate::source::{Key, Node, NodeKind, Span, Spanned, nearest, wrong_type};
use crate::sql::{compared_names, split};

/// Which rows: the word `all`, a SQL text (for all dialects or by dialect), or a map of columns and their values.
#[derive(Debug, Clone)]
pub(super) enum Condition {
    /// All of them.
    All,
    /// Those for which a text holds.
    Sql(Spanned<String>),
    /// Those that have these values.
    Equal(Vec<(Key, Node)>),
}

impl Condition {
    /// Reads `where`. A change of rows that says nothing of which rows is refused: it is more often forgotten than meant.
    pub(super) fn read(
        reader: &mut ObjectReader<'_>,
        what: &str,
        context: &Context,
        diagnostics: &mut Diagnostics,
    ) -> Option<Self> {
        let Some(node) = reader.node("where") else {
            diagnostics.push(
                Diagnostic::error(&codes::NO_CONDITION, format!("`{what}` does not say which rows it is about"))
                    .at(reader.span(), "`where` is missing")
                    .help("add `where:` with a condition, or `where: all` if every row is meant"),
            );
            return None;
        };
        match &node.kind {
            NodeKind::Mapping(map) if map.is_empty() => {
                diagnostics.push(wrong_type(node, "at least one column and its value"));
                None
            }
            NodeKind::Mapping(map) if !map.iter().all(|(key, _)| context.is_dialect(&key.name)) => {
                Some(Condition::Equal(map.clone()))
            }
            _ => {
                let chosen = by_dialect(node, context, diagnostics)?;
                match &chosen.kind {
                    NodeKind::Mapping(map) if !map.is_empty() => Some(Condition::Equal(map.clone())),
                    NodeKind::String(word) if word.trim() == "all" => Some(Condition::All),
                    _ => {
                        let text = sql_text(chosen, context, diagnostics)?;
                        whole(&text, chosen.span, context, diagnostics)?;
                        Some(Condition::Sql(Spanned::new(text, chosen.span)))
                    }
                }
            }
        }
    }

    /// Checks it against the table.
    pub(super) fn lower(&self, table: &Table, lowering: &mut Lowering<'_>) -> Option<Filter> {
        match self {
            Condition::All => Some(Filter::All),
            Condition::Sql(text) => {
                known_columns(&text.value, table, text.span, lowering)?;
                Some(Filter::Sql(text.value.clone()))
            }
            Condition::Equal(pairs) => {
                let read: Vec<_> = pairs.iter().map(|(key, node)| equal(table, key, node, lowering)).collect();
                read.into_iter().collect::<Option<Vec<_>>>().map(Filter::Equal)
            }
        }
    }
}

/// One SQL text that is an expression, not the end of one and the beginning of something else.
pub(super) fn whole(text: &str, span: Span, context: &Context, diagnostics: &mut Diagnostics) -> Option<()> {
    let reason = match split(text, context.dialect.lexicon()) {
        Ok(pieces) if pieces.len() == 1 && balanced(text, context) => return Some(()),
        Ok(pieces) if pieces.is_empty() => "this SQL is empty".to_owned(),
        Ok(pieces) if pieces.len() > 1 => "this SQL is more than one statement".to_owned(),
        Ok(_) => "the parentheses of this SQL do not match, or a `;` stands in it".to_owned(),
        Err(error) => error.to_string(),
    };
    diagnostics.push(Diagnostic::error(&codes::SQL_SPLIT, reason).at(span, "one expression is wanted here"));
    None
}

/// Whether every parenthesis has its counterpart and no statement ends inside.
fn balanced(text: &str, context: &Context) -> bool {
    let mut depth = 0_usize;
    for token in crate::sql::tokens(text, context.dialect.lexicon()).filter(|token| token.is_significant()) {
        match token.text(text) {
            "(" => depth += 1,
            ")" => match depth.checked_sub(1) {
                Some(less) => depth = less,
                None => return false,
            },
            ";" => return false,
            _ => {}
        }
    }
    depth == 0
}

/// Finds a name that can be nothing but a column and is none.
fn known_columns(text: &str, table: &Table, span: Span, lowering: &mut Lowering<'_>) -> Option<()> {
    let lexicon = *lowering.context.dialect.lexicon();
    let columns = || table.columns.iter().map(|column| column.name.as_str());
    for name in compared_names(text, &lexicon) {
        let known = columns()
            .any(|column| column == name || lexicon.case_insensitive_names && column.eq_ignore_ascii_case(&name));
        if known {
            continue;
        }
        let near = nearest(&name, columns());
        let diagnostic =
            Diagnostic::error(&codes::MISSING_COLUMN, format!("the table `{}` has no column `{name}`", table.name))
                .at(span, format!("`{name}` is compared here"));
        lowering.report(match near {
            Some(near) => diagnostic.help(format!("did you mean `{near}`?")),
            None => diagnostic.note(format!("its columns are {}", columns().collect::<Vec<_>>().join(", "))),
        });
        return None;
    }
    Some(())
}

fn equal(table: &Table, key: &Key, node: &Node, lowering: &mut Lowering<'_>) -> Option<(String, Type, Value)> {
    let column = lowering.column(table, &Spanned::new(key.name.clone(), key.span))?;
    if matches!(column.ty, Type::Json | Type::Jsonb) {
        let message =
            format!("`{}` is {}, and databases do not agree when two documents are equal", column.name, column.ty);
        return lowering.refuse(&codes::WRONG_VALUE, message, key.span, "write the condition as a SQL text");
    }
    let value = value(node, &column.ty, lowering.context, lowering.diagnostics)?;
    if !value.is_literal() {
        let message = "a map compares columns with plain values only";
        return lowering.refuse(&codes::WRONG_VALUE, message, node.span, "write the condition as a SQL text");
    }
    if let Err(reason) = fit_value(&value, &column, lowering.context, &lowering.schema) {
        return lowering.refuse(&codes::WRONG_VALUE, reason, node.span, "no row can have this value");
    }
    Some((column.name, column.ty, value))
}
