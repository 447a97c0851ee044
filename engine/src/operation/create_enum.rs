//! `create_enum`

use std::sync::Arc;

use super::definition::enum_values;
use super::{Context, Lowering, ObjectReader, Operate, table_name};
use crate::change::Change;
use crate::diagnostic::{Diagnostics, codes};
use crate::dialect::ObjectKind;
use crate::schema::{Enum, ObjectName};
use crate::source::{Node, Span, Spanned};

/// Declares an enum, for columns of the type `enum(name)`. A type of its own where the database has such; elsewhere the
/// values stand with each column. Undone by dropping it.
#[derive(Debug, Clone)]
pub struct CreateEnum {
    name: Spanned<ObjectName>,
    values: Vec<String>,
    comment: Option<String>,
    if_not_exists: bool,
}

impl Operate for CreateEnum {
    fn read(node: &Node, _: Span, context: &Context, diagnostics: &mut Diagnostics) -> Option<Self> {
        let mut reader = ObjectReader::new(node, "create_enum", Some(ObjectKind::Enum), context, diagnostics)?;
        let name = table_name(&mut reader, "enum", diagnostics);
        let values = reader.need_node("values", diagnostics).and_then(|node| enum_values(node, diagnostics));
        let comment = reader.get("comment", diagnostics);
        let if_not_exists = reader.flag("if_not_exists", diagnostics);
        reader.finish(context, diagnostics);
        Some(CreateEnum { name: name?, values: values?, comment, if_not_exists })
    }

    fn lower(&self, lowering: &mut Lowering<'_>) -> Option<()> {
        if lowering.schema.enumeration(&self.name.value).is_some() {
            if self.if_not_exists {
                return Some(());
            }
            let message = format!("there is an enum `{}` already", self.name.value);
            return lowering.refuse(&codes::ENUM_EXISTS, message, self.name.span, "declared earlier");
        }
        lowering.free_enum_name(&self.name.value, self.name.span)?;
        let enumeration =
            Enum { name: self.name.value.clone(), values: self.values.clone(), comment: self.comment.clone() };
        lowering.emit(Change::CreateEnum { enumeration: Arc::new(enumeration) })
    }
}
