//! `create_domain`, `alter_domain`, `drop_domain`

use std::sync::Arc;

use super::definition::{collation, type_definition, value};
use super::namespace;
use super::text::sql_text;
use super::{Context, Lowering, Naming, ObjectReader, Operate, table_name};
use crate::change::Change;
use crate::diagnostic::{Diagnostic, Diagnostics, codes};
use crate::dialect::ObjectKind;
use crate::schema::{Domain, DomainCheck, Object, ObjectClass, ObjectName, Type, Value};
use crate::source::{Node, NodeKind, Span, Spanned, items};

/// Makes a domain: a type with conditions of its own (PostgreSQL). A column has it as `type: {native: email}` or, where other
/// databases do without, `type: {postgres: email, mysql: "varchar(255)", …}`. Undone by dropping it.
#[derive(Debug, Clone)]
pub struct CreateDomain {
    name: Spanned<ObjectName>,
    ty: Type,
    nullable: bool,
    default: Option<Value>,
    checks: Vec<Check>,
    collation: Option<String>,
    comment: Option<String>,
}

/// A condition, perhaps without a name.
#[derive(Debug, Clone)]
struct Check {
    name: Option<String>,
    sql: String,
}

impl Operate for CreateDomain {
    fn read(node: &Node, _: Span, context: &Context, diagnostics: &mut Diagnostics) -> Option<Self> {
        let mut reader = ObjectReader::new(node, "create_domain", Some(ObjectKind::Domain), context, diagnostics)?;
        let name = table_name(&mut reader, "domain", diagnostics);
        let ty = reader.need_node("type", diagnostics).and_then(|node| type_definition(node, context, diagnostics));
        let nullable = reader.get("nullable", diagnostics).unwrap_or(true);
        let default = reader.node("default");
        let checks = match reader.node("checks") {
            Some(node) => checks(node, context, diagnostics),
            None => Some(Vec::new()),
        };
        let collation = reader.node("collation").and_then(|node| collation(node, context, diagnostics));
        let comment = reader.get("comment", diagnostics);
        reader.finish(context, diagnostics);
        let ty = ty?.value.ty;
        let default = match default {
            Some(node) => Some(value(node, &ty, context, diagnostics)?),
            None => None,
        };
        Some(CreateDomain { name: name?, ty, nullable, default, checks: checks?, collation, comment })
    }

    fn lower(&self, lowering: &mut Lowering<'_>) -> Option<()> {
        lowering.free_table_name(&self.name, None)?;
        let domain = Domain {
            name: self.name.value.clone(),
            ty: self.ty.clone(),
            nullable: self.nullable,
            default: self.default.clone(),
            checks: named(&self.checks, &self.name.value, lowering),
            collation: self.collation.clone(),
            comment: self.comment.clone(),
        };
        namespace::create(Object::Domain(domain), false, self.name.span, lowering)
    }
}

/// Changes a domain: `nullable`, `default` (`null` drops it), `comment`, and `checks`, which is then the whole list. The type stays:
/// for another one, make another domain and give it to the columns. Undone by the old properties.
#[derive(Debug, Clone)]
pub struct AlterDomain {
    name: Spanned<ObjectName>,
    nullable: Option<bool>,
    default: Option<Node>,
    checks: Option<Vec<Check>>,
    comment: Option<Option<String>>,
}

impl Operate for AlterDomain {
    fn read(node: &Node, _: Span, context: &Context, diagnostics: &mut Diagnostics) -> Option<Self> {
        let mut reader = ObjectReader::new(node, "alter_domain", Some(ObjectKind::Domain), context, diagnostics)?;
        let name = table_name(&mut reader, "domain", diagnostics);
        let nullable = reader.get("nullable", diagnostics);
        let default = reader.nullable("default").cloned();
        let checks = match reader.node("checks") {
            Some(node) => Some(checks(node, context, diagnostics)?),
            None => None,
        };
        let comment = match reader.nullable("comment") {
            None => None,
            Some(node) if node.kind == NodeKind::Null => Some(None),
            Some(_) => Some(reader.get("comment", diagnostics)),
        };
        if let Some(node) = reader.node("type") {
            diagnostics.push(
                Diagnostic::error(&codes::CONTRADICTION, "the type of a domain cannot change")
                    .at(node.span, "not here")
                    .help("make another domain, and give it to the columns with `alter_column`"),
            );
        }
        reader.finish(context, diagnostics);
        Some(AlterDomain { name: name?, nullable, default, checks, comment })
    }

    fn lower(&self, lowering: &mut Lowering<'_>) -> Option<()> {
        let before = lowering.object(ObjectClass::Domain, &self.name)?;
        let Object::Domain(old) = &*before else { return None };
        let mut after = old.clone();
        after.nullable = self.nullable.unwrap_or(old.nullable);
        match &self.default {
            None => {}
            Some(node) if node.kind == NodeKind::Null => after.default = None,
            Some(node) => after.default = Some(value(node, &old.ty, lowering.context, lowering.diagnostics)?),
        }
        if let Some(checks) = &self.checks {
            after.checks = named(checks, &old.name, lowering);
        }
        if let Some(comment) = &self.comment {
            after.comment.clone_from(comment);
        }
        lowering.emit(Change::AlterObject { after: Arc::new(Object::Domain(after)), before })
    }
}

/// Drops a domain that no column has any more. `if_exists: true` allows for one that the history does not know. Undone by making
/// it again.
#[derive(Debug, Clone)]
pub struct DropDomain {
    name: Spanned<ObjectName>,
    if_exists: bool,
}

impl Operate for DropDomain {
    fn read(node: &Node, _: Span, context: &Context, diagnostics: &mut Diagnostics) -> Option<Self> {
        let mut reader = ObjectReader::new(node, "drop_domain", None, context, diagnostics)?;
        let name = table_name(&mut reader, "domain", diagnostics);
        let if_exists = reader.flag("if_exists", diagnostics);
        reader.finish(context, diagnostics);
        Some(DropDomain { name: name?, if_exists })
    }

    fn lower(&self, lowering: &mut Lowering<'_>) -> Option<()> {
        let domain = &self.name.value;
        let quoted = lowering.context.dialect.quote_name(domain);
        let is_it = |ty: &Type| matches!(ty, Type::Native(text) if *text == domain.to_string() || *text == quoted);
        let tables = lowering.schema.tables();
        let users: Vec<String> = tables
            .flat_map(|table| {
                let own = table.columns.iter().filter(|column| is_it(&column.ty));
                own.map(move |column| format!("`{}.{}`", table.name, column.name))
            })
            .collect();
        if !users.is_empty() {
            lowering.report(
                Diagnostic::error(&codes::IN_USE, format!("columns have the domain `{domain}`"))
                    .at(self.name.span, "cannot be dropped yet")
                    .note(format!("columns: {}", users.join(", ")))
                    .help("drop those columns or change their type first"),
            );
            return None;
        }
        namespace::drop(ObjectClass::Domain, &self.name, self.if_exists, lowering)
    }
}

/// A list of `{sql, name}`.
fn checks(node: &Node, context: &Context, diagnostics: &mut Diagnostics) -> Option<Vec<Check>> {
    let mut read = Vec::new();
    for item in items(node, diagnostics)? {
        let mut reader = ObjectReader::new(item, "checks", None, context, diagnostics)?;
        let name = reader.get("name", diagnostics);
        let sql = reader.need_node("sql", diagnostics).and_then(|node| sql_text(node, context, diagnostics));
        reader.finish(context, diagnostics);
        read.push(Check { name, sql: sql? });
    }
    Some(read)
}

/// Checks with the names that the rules give to those without one.
fn named(checks: &[Check], domain: &ObjectName, lowering: &Lowering<'_>) -> Vec<DomainCheck> {
    let base = Naming::fill::<&str>(&lowering.context.naming.check, domain, &[], None);
    let mut found: Vec<DomainCheck> = Vec::with_capacity(checks.len());
    for check in checks {
        let mut name = check.name.clone().unwrap_or_else(|| base.clone());
        let mut number = 2;
        while found.iter().any(|other| other.name == name) {
            name = format!("{base}_{number}");
            number += 1;
        }
        found.push(DomainCheck { name: lowering.context.fit(&name), sql: check.sql.clone() });
    }
    found
}
