//! `drop_constraint`

use super::{Context, Lowering, ObjectReader, Operate, table_name};
use crate::change::Change;
use crate::diagnostic::{Diagnostic, Diagnostics, codes};
use crate::schema::{Constraint, ObjectName, Table};
use crate::source::{Node, Span, Spanned, nearest};

/// Drops a constraint; its kind is known from the replay. Foreign keys that rely on a key that is dropped are an error
/// that names them. Undone by adding it again.
#[derive(Debug, Clone)]
pub struct DropConstraint {
    table: Spanned<ObjectName>,
    constraint: Spanned<String>,
    if_exists: bool,
}

impl Operate for DropConstraint {
    fn read(node: &Node, _: Span, context: &Context, diagnostics: &mut Diagnostics) -> Option<Self> {
        let mut reader = ObjectReader::new(node, "drop_constraint", None, context, diagnostics)?;
        let table = table_name(&mut reader, "table", diagnostics);
        let constraint = reader.need("constraint", diagnostics);
        let if_exists = reader.flag("if_exists", diagnostics);
        reader.finish(context, diagnostics);
        Some(DropConstraint { table: table?, constraint: constraint?, if_exists })
    }

    fn lower(&self, lowering: &mut Lowering<'_>) -> Option<()> {
        let table = lowering.table(&self.table)?;
        if self.if_exists && table.constraint(&lowering.context.fit(&self.constraint.value)).is_none() {
            return Some(());
        }
        let constraint = find_constraint(&table, &self.constraint, lowering)?;
        let mut changed = Table::clone(&table);
        changed.constraints.retain(|other| *other != constraint);
        let what = format!("{} `{}`", constraint.describe(), self.constraint.value);
        lowering.keys_stay(&table, &changed, &what, self.constraint.span)?;
        lowering.emit(Change::DropConstraint { table: table.name.clone(), constraint })
    }
}

/// The constraint of a name.
pub(super) fn find_constraint(
    table: &Table,
    name: &Spanned<String>,
    lowering: &mut Lowering<'_>,
) -> Option<Constraint> {
    let fitted = lowering.context.fit(&name.value);
    if let Some(constraint) = table.constraint(&fitted) {
        return Some(constraint.clone());
    }
    if lowering.is_missing_by_error(&name.value) || lowering.is_refused_name(&fitted) {
        return None;
    }
    let message = format!("the table `{}` has no constraint `{}`", table.name, name.value);
    let names = table.constraints.iter().filter_map(|constraint| constraint.name.as_deref());
    let diagnostic =
        Diagnostic::error(&codes::MISSING_CONSTRAINT, message).at(name.span, "no such constraint at this point");
    let diagnostic = match nearest(&name.value, names.clone()) {
        Some(near) => diagnostic.help(format!("did you mean `{near}`?")).fix(name.span, near),
        None if table.constraints.is_empty() => diagnostic.note("the table has no constraint"),
        None => diagnostic.note(format!("it has {}", names.map(|n| format!("`{n}`")).collect::<Vec<_>>().join(", "))),
    };
    lowering.report(diagnostic);
    None
}
