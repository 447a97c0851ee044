//! Types as the language writes them.

use crate::diagnostic::{Diagnostic, Diagnostics, codes};
use crate::operation::Context;
use crate::operation::text::by_dialect;
use crate::schema::{Enum, ObjectName, Type};
use crate::source::{Decode, Node, NodeKind, Spanned, nearest, wrong_type};

/// A type, with the enum that it declares on the spot.
#[derive(Debug, Clone, PartialEq)]
pub struct TypeDefinition {
    /// The type.
    pub ty: Type,
    /// The enum declared with it.
    pub inline_enum: Option<Spanned<Enum>>,
}

/// Reads `type:`.
pub fn type_definition(
    node: &Node,
    context: &Context,
    diagnostics: &mut Diagnostics,
) -> Option<Spanned<TypeDefinition>> {
    let plain = |ty: Type| Some(Spanned::new(TypeDefinition { ty, inline_enum: None }, node.span));
    match &node.kind {
        NodeKind::String(text) => plain(portable(text, node, diagnostics)?),
        NodeKind::Mapping(_) => {
            if let Some(native) = node.get("native") {
                let text = String::decode(native, diagnostics)?;
                return plain(context.dialect.parse_type(&text));
            }
            if node.get("enum").is_some() {
                return inline_enum(node, diagnostics);
            }
            let chosen = by_dialect(node, context, diagnostics)?;
            let text = String::decode(chosen, diagnostics)?;
            plain(context.dialect.parse_type(&text))
        }
        _ => {
            diagnostics.push(wrong_type(node, "a type such as `varchar(40)`"));
            None
        }
    }
}

fn portable(text: &str, node: &Node, diagnostics: &mut Diagnostics) -> Option<Type> {
    match Type::parse(text) {
        Ok(ty) => Some(ty),
        Err(reason) => {
            let word = text.split(['(', ' ', '[']).next().unwrap_or_default().to_ascii_lowercase();
            let alias = ALIASES.iter().find(|(alias, _)| *alias == word).map(|(_, name)| *name);
            let near = alias.or_else(|| nearest(&word, Type::names()).filter(|near| *near != word));
            let diagnostic = Diagnostic::error(&codes::UNKNOWN_TYPE, reason).at(node.span, "this type");
            diagnostics.push(match near {
                // `{type: decimal(10,2)}` is `decimal(10` and a key `2)` to YAML.
                _ if text.contains('(') && !text.contains(')') => diagnostic.help(format!(
                    "inside `{{…}}` a comma ends the value: put the type in quotes, as in `\"{}(10,2)\"`",
                    near.unwrap_or(&word)
                )),
                Some(near) => {
                    let replaced = format!("{near}{}", &text.trim_start()[word.len()..]);
                    diagnostic.help(format!("did you mean `{replaced}`?")).fix(node.span, replaced)
                }
                None => diagnostic.help(
                    "for a type that only one database has, write `type: {native: \"…\"}` or name it by dialect: `type: {postgres: citext, sqlite: text}`",
                ),
            });
            None
        }
    }
}

/// Names other tools and databases use, and ours.
const ALIASES: &[(&str, &str)] = &[
    ("int", "integer"),
    ("int4", "integer"),
    ("int8", "bigint"),
    ("int2", "smallint"),
    ("bool", "boolean"),
    ("string", "varchar"),
    ("str", "varchar"),
    ("numeric", "decimal"),
    ("number", "decimal"),
    ("float", "double"),
    ("float4", "real"),
    ("float8", "double"),
    ("datetime", "timestamp"),
    ("bytes", "blob"),
    ("bytea", "blob"),
    ("longtext", "text"),
    ("clob", "text"),
    ("guid", "uuid"),
    ("serial", "integer"),
    ("bigserial", "bigint"),
];

fn inline_enum(node: &Node, diagnostics: &mut Diagnostics) -> Option<Spanned<TypeDefinition>> {
    let mut reader = crate::source::MapReader::new(node, "an inline enum", diagnostics)?;
    let name: Option<Spanned<String>> = reader.need("enum", diagnostics);
    let values = reader.required("values", diagnostics).and_then(|node| enum_values(node, diagnostics));
    reader.finish(diagnostics);
    let name = ObjectName::from(name?.value);
    let enumeration = Enum { name: name.clone(), values: values?, comment: None };
    let inline_enum = Some(Spanned::new(enumeration, node.span));
    Some(Spanned::new(TypeDefinition { ty: Type::Enum(name), inline_enum }, node.span))
}

/// Reads the values of an enum: at least one, none twice.
pub fn enum_values(node: &Node, diagnostics: &mut Diagnostics) -> Option<Vec<String>> {
    let values: Vec<Spanned<String>> = Decode::decode(node, diagnostics)?;
    if values.is_empty() {
        diagnostics.push(
            Diagnostic::error(&codes::ENUM_VALUES, "an enum needs at least one value").at(node.span, "no value here"),
        );
        return None;
    }
    let mut seen: Vec<&Spanned<String>> = Vec::new();
    for value in &values {
        if let Some(first) = seen.iter().find(|other| other.value == value.value) {
            diagnostics.push(
                Diagnostic::error(&codes::ENUM_VALUES, format!("the value `{}` is listed twice", value.value))
                    .at(value.span, "again here")
                    .at(first.span, "first here"),
            );
            return None;
        }
        seen.push(value);
    }
    Some(values.into_iter().map(|value| value.value).collect())
}
