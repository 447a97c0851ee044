//! `drop_index`

use std::sync::Arc;

use super::{Context, Lowering, ObjectReader, Operate, table_name};
use crate::change::Change;
use crate::diagnostic::{Diagnostic, Diagnostics, codes};
use crate::dialect::ObjectKind;
use crate::schema::{Index, Object, ObjectName, Options, Table, View};
use crate::source::{Node, Span, Spanned, nearest};

/// Drops an index. `table` may be left out where only one table has an index of that name. Foreign keys that rely on a
/// unique index are an error that names them. Undone by making it again.
#[derive(Debug, Clone)]
pub struct DropIndex {
    index: Spanned<String>,
    table: Option<Spanned<ObjectName>>,
    if_exists: bool,
    options: Options,
}

impl Operate for DropIndex {
    fn read(node: &Node, _: Span, context: &Context, diagnostics: &mut Diagnostics) -> Option<Self> {
        let mut reader = ObjectReader::new(node, "drop_index", Some(ObjectKind::DropIndex), context, diagnostics)?;
        let index = reader.need("index", diagnostics);
        let table = optional_table(&mut reader, diagnostics);
        let if_exists = reader.flag("if_exists", diagnostics);
        let options = reader.options(context, diagnostics);
        reader.finish(context, diagnostics);
        Some(DropIndex { index: index?, table, if_exists, options })
    }

    fn lower(&self, lowering: &mut Lowering<'_>) -> Option<()> {
        if self.if_exists && !is_known(&self.index.value, lowering) {
            return Some(());
        }
        if let Some(view) = self.indexed_view(lowering) {
            let mut after = view.clone();
            let name = lowering.context.fit(&self.index.value);
            after.indexes.retain(|index| index.name != name);
            return lowering.emit(Change::AlterObject {
                before: Arc::new(Object::View(view)),
                after: Arc::new(Object::View(after)),
            });
        }
        let (table, mut index) = find_index(&self.index, self.table.as_ref(), lowering)?;
        let mut changed = Table::clone(&table);
        changed.indexes.retain(|other| *other != index);
        lowering.keys_stay(&table, &changed, &format!("unique index `{}`", index.name), self.index.span)?;
        for (name, option) in &self.options.0 {
            index.options.set(name.clone(), option.clone());
        }
        lowering.emit(Change::DropIndex { table: table.name.clone(), index })
    }
}

impl DropIndex {
    /// The materialized view that has the index, if it is one of a view.
    fn indexed_view(&self, lowering: &Lowering<'_>) -> Option<View> {
        let name = lowering.context.fit(&self.index.value);
        let named = |view: &&View| self.table.as_ref().is_none_or(|table| table.value == view.name);
        let has = |view: &&View| view.indexes.iter().any(|index| index.name == name);
        lowering.schema.views().filter(named).find(has).cloned()
    }
}

fn is_known(name: &str, lowering: &Lowering<'_>) -> bool {
    let name = lowering.context.fit(name);
    lowering.schema.tables_with_name(&name).any(|table| table.index(&name).is_some())
        || lowering.schema.views().any(|view| view.indexes.iter().any(|index| index.name == name))
}

/// Reads `table:` where it may be left out.
pub(super) fn optional_table(
    reader: &mut ObjectReader<'_>,
    diagnostics: &mut Diagnostics,
) -> Option<Spanned<ObjectName>> {
    reader.node("table").is_some().then(|| table_name(reader, "table", diagnostics)).flatten()
}

/// The index of a name, on the table named or on the only one that has it.
pub(super) fn find_index(
    name: &Spanned<String>,
    table: Option<&Spanned<ObjectName>>,
    lowering: &mut Lowering<'_>,
) -> Option<(Arc<Table>, Index)> {
    let fitted = lowering.context.fit(&name.value);
    if let Some(table) = table {
        let table = lowering.table(table)?;
        if let Some(index) = table.index(&fitted) {
            let index = index.clone();
            return Some((table, index));
        }
        let names: Vec<String> = table.indexes.iter().map(|index| index.name.clone()).collect();
        report_missing(name, &names, &format!("the table `{}` has no index `{}`", table.name, name.value), lowering);
        return None;
    }
    let owners: Vec<Arc<Table>> =
        lowering.schema.tables_with_name(&fitted).filter(|t| t.index(&fitted).is_some()).cloned().collect();
    match owners.as_slice() {
        [table] => table.index(&fitted).map(|index| (Arc::clone(table), index.clone())),
        [] => {
            let names: Vec<String> = lowering
                .schema
                .tables()
                .flat_map(|table| table.indexes.iter().map(|index| index.name.clone()))
                .collect();
            report_missing(name, &names, &format!("there is no index `{}`", name.value), lowering);
            None
        }
        several => {
            let tables = several.iter().map(|table| format!("`{}`", table.name)).collect::<Vec<_>>().join(", ");
            let message = format!("several tables have an index `{}`: {tables}", name.value);
            lowering.refuse(&codes::MISSING_INDEX, message, name.span, "say which with `table:`")
        }
    }
}

fn report_missing(name: &Spanned<String>, names: &[String], message: &str, lowering: &mut Lowering<'_>) {
    let fitted = lowering.context.fit(&name.value);
    if lowering.is_missing_by_error(&name.value) || lowering.is_refused_name(&fitted) {
        return;
    }
    let diagnostic = Diagnostic::error(&codes::MISSING_INDEX, message).at(name.span, "no such index at this point");
    lowering.report(match nearest(&name.value, names.iter().map(String::as_str)) {
        Some(near) => diagnostic.help(format!("did you mean `{near}`?")).fix(name.span, near),
        None => diagnostic,
    });
}
