//! `alter_column`

use super::definition::{TypeDefinition, collation, computed, fit_value, identity, refit, type_definition, value};
use super::text::sql_text;
use super::{Context, Lowering, ObjectReader, Operate, table_name};
use crate::change::Change;
use crate::diagnostic::{Diagnostics, codes};
use crate::dialect::ObjectKind;
use crate::schema::{Column, Computed, Identity, ObjectName, Options, Table, Type};
use crate::source::{Decode, Node, NodeKind, Span, Spanned};

/// Changes a column: any of `type`, `nullable`, `default`, `identity`, `computed`, `collation`, `comment` and the
/// dialect's options. What is not named stays as the history says it is; `default: null`, `comment: null`,
/// `computed: null`, `collation: null` and `null` for a dialect's option remove the property, `identity: false` the
/// numbering.
///
/// `using` is the expression that makes the new value from the old one where the type changes. `existing_null_value` is
/// the value that present NULLs get when the column becomes NOT NULL. Undone by the definition from before. A `using` that
/// does more than convert the type needs `using_down`, the expression that makes the old value of the new one, or the
/// revision is irreversible.
#[derive(Debug, Clone)]
pub struct AlterColumn {
    table: Spanned<ObjectName>,
    column: Spanned<String>,
    ty: Option<Spanned<TypeDefinition>>,
    nullable: Option<Spanned<bool>>,
    /// Kept as text, because how it reads depends on the type, which may be that of the history.
    default: Option<Node>,
    existing_null_value: Option<Node>,
    identity: Option<Option<Identity>>,
    computed: Option<Option<Computed>>,
    collation: Option<Option<String>>,
    comment: Option<Option<String>>,
    using: Option<Spanned<String>>,
    using_down: Option<String>,
    options: Options,
    cleared: Vec<&'static str>,
}

impl Operate for AlterColumn {
    fn read(node: &Node, _: Span, context: &Context, diagnostics: &mut Diagnostics) -> Option<Self> {
        let mut reader = ObjectReader::new(node, "alter_column", Some(ObjectKind::Column), context, diagnostics)?;
        let table = table_name(&mut reader, "table", diagnostics);
        let column = reader.need("column", diagnostics);
        let ty = reader.node("type").map(|node| type_definition(node, context, diagnostics));
        let nullable = reader.get("nullable", diagnostics);
        let default = reader.nullable("default").cloned();
        let existing_null_value = reader.node("existing_null_value").cloned();
        let identity = reader.nullable("identity").map(|node| match node.kind {
            NodeKind::Null => None,
            _ => identity(node, diagnostics).flatten(),
        });
        let computed = reader.nullable("computed").map(|node| match node.kind {
            NodeKind::Null => None,
            _ => computed(node, context, diagnostics),
        });
        let collation = reader.nullable("collation").map(|node| match node.kind {
            NodeKind::Null => None,
            _ => collation(node, context, diagnostics),
        });
        let comment = reader.nullable("comment").map(|node| match node.kind {
            NodeKind::Null => None,
            _ => String::decode(node, diagnostics),
        });
        let using = reader
            .node("using")
            .and_then(|node| sql_text(node, context, diagnostics).map(|sql| Spanned::new(sql, node.span)));
        let using_down = reader.node("using_down").and_then(|node| sql_text(node, context, diagnostics));
        let options = reader.options(context, diagnostics);
        let cleared = reader.cleared();
        reader.finish(context, diagnostics);
        let ty = match ty {
            None => None,
            Some(read) => Some(read?),
        };
        Some(AlterColumn {
            table: table?,
            column: column?,
            ty,
            nullable,
            default,
            existing_null_value,
            identity,
            computed,
            collation,
            comment,
            using,
            using_down,
            options,
            cleared,
        })
    }

    fn lower(&self, lowering: &mut Lowering<'_>) -> Option<()> {
        let table = lowering.table(&self.table)?;
        lowering.own_columns(&table, self.table.span)?;
        let before = lowering.column(&table, &self.column)?;
        if let Some(ty) = &self.ty {
            lowering.declare_enum(ty.value.inline_enum.as_ref())?;
            if let Type::Enum(name) = &ty.value.ty {
                lowering.enumeration(&Spanned::new(name.clone(), ty.span))?;
            }
        }
        let after = self.after(&before, lowering)?;
        if let Some(nullable) = self.nullable.filter(|nullable| nullable.value)
            && table.primary_key_columns().contains(&before.name)
        {
            let message = format!("`{}` is part of the primary key and cannot be nullable", before.name);
            return lowering.refuse(&codes::CONTRADICTION, message, nullable.span, "remove this");
        }
        let existing_null_value = match &self.existing_null_value {
            None => None,
            Some(node) => {
                let value = value(node, &after.ty, lowering.context, lowering.diagnostics)?;
                if let Err(reason) = fit_value(&value, &after, lowering.context, &lowering.schema) {
                    return lowering.refuse(&codes::WRONG_VALUE, reason, node.span, "this value does not fit the type");
                }
                Some(value)
            }
        };
        self.refuse_idle(&before, &after, lowering)?;
        if after == before && self.using.is_none() {
            return Some(());
        }
        let mut changed = Table::clone(&table);
        if let Some(place) = changed.position(&before.name) {
            changed.columns[place] = after.clone();
        }
        let span = self.ty.as_ref().map_or(self.column.span, |ty| ty.span);
        lowering.check_table(&changed, span, |_| None)?;
        if after.ty != before.ty {
            lowering.foreign_keys_hold(&changed, &after.name, span)?;
        }
        lowering.emit(Change::AlterColumn {
            table: table.name.clone(),
            before,
            after,
            using: self.using.as_ref().map(|using| using.value.clone()),
            using_down: self.using_down.clone(),
            existing_null_value,
        })
    }
}

impl AlterColumn {
    /// What would have no effect is refused, because its author expects one.
    fn refuse_idle(&self, before: &Column, after: &Column, lowering: &mut Lowering<'_>) -> Option<()> {
        if let Some(using) = self.using.as_ref().filter(|_| after.computed.is_some()) {
            let message =
                format!("the column `{}` is computed, so there is nothing for `using` to convert", after.name);
            return lowering.refuse(&codes::CONTRADICTION, message, using.span, "remove this");
        }
        let Some(value) = &self.existing_null_value else { return Some(()) };
        let idle = match (before.nullable, after.nullable) {
            (_, true) => "the column may be NULL after this step, so present NULLs stay: add `nullable: false`",
            (false, false) if self.using.is_none() => "the column is NOT NULL already, so there is no NULL to replace",
            _ => return Some(()),
        };
        let message = format!("`existing_null_value` of `{}` would have no effect", after.name);
        lowering.refuse(&codes::CONTRADICTION, message, value.span, idle)
    }

    fn after(&self, before: &Column, lowering: &mut Lowering<'_>) -> Option<Column> {
        let mut after = before.clone();
        if let Some(ty) = &self.ty {
            after.ty = ty.value.ty.clone();
            after.default = after.default.map(|default| refit(default, &after.ty));
        }
        if let Some(nullable) = self.nullable {
            after.nullable = nullable.value;
        }
        if let Some(identity) = self.identity {
            after.identity = identity;
            after.nullable &= identity.is_none();
        }
        if let Some(computed) = &self.computed {
            after.computed.clone_from(computed);
        }
        if let Some(collation) = &self.collation {
            after.collation.clone_from(collation);
        }
        if let Some(comment) = &self.comment {
            after.comment.clone_from(comment);
        }
        for (name, option) in &self.options.0 {
            after.options.set(name.clone(), option.clone());
        }
        for name in &self.cleared {
            after.options.0.remove(*name);
        }
        if let Some(node) = &self.default {
            after.default = match node.kind {
                NodeKind::Null => None,
                _ => Some(value(node, &after.ty, lowering.context, lowering.diagnostics)?),
            };
        }
        let after = lowering.context.dialect.settle_column(after);
        let made = if after.identity.is_some() { Some("identity") } else { after.default.as_ref().map(|_| "default") };
        if let Some(made) = made.filter(|_| after.computed.is_some()) {
            let message = format!("the computed column `{}` cannot have `{made}` too", after.name);
            let remove = if made == "identity" { "identity: false" } else { "default: null" };
            let label = format!("write `{remove}` beside `computed`, or `computed: null`");
            return lowering.refuse(&codes::CONTRADICTION, message, self.column.span, &label);
        }
        if let Some(default) = &after.default
            && let Err(reason) = fit_value(default, &after, lowering.context, &lowering.schema)
        {
            let span = self
                .default
                .as_ref()
                .map_or_else(|| self.ty.as_ref().map_or(self.column.span, |ty| ty.span), |n| n.span);
            let message = match self.default {
                Some(_) => reason,
                None => format!("the present default does not fit the new type: {reason}"),
            };
            return lowering.refuse(
                &codes::WRONG_VALUE,
                message,
                span,
                "give a `default:` that does, or `default: null`",
            );
        }
        Some(after)
    }
}
