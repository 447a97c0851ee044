//! Views and materialized views, and what has to be made anew with what they are built on.

use std::sync::Arc;

use aludel_engine::dialect::Unsupported;
use aludel_engine::plan::{LockLevel, Statement, Work};
use aludel_engine::schema::{Object, ObjectName, OptionValue, Options, Schema, Trigger, View, ViewCheck};
use aludel_engine::sql::selects_everything;

use super::rights;
use super::{Compiled, Context, comment, index, names, storage_parameters, trigger};
use crate::expression::LEXICON;
use crate::identifier::quote;
use crate::types::quote_name;

/// A view appears.
pub fn create(context: &Context<'_>, view: &View, if_not_exists: bool) -> Compiled {
    let mut statements = vec![definition(view, if_not_exists)?];
    statements.extend(comment::on_new(&object(view), view.comment.as_deref())?);
    for found in &view.indexes {
        statements.extend(index::create(context, &view.name, found, false)?);
    }
    Ok(statements)
}

/// A view goes.
pub fn drop(view: &View) -> Statement {
    Statement::ddl(format!("DROP {}", object(view))).locks(&view.name, LockLevel::BlocksAll)
}

/// A view gets another definition. `CREATE OR REPLACE VIEW` can neither take columns away nor change them, so the view is made
/// anew with everything that is built on it; rights and owners are carried over.
pub fn replace(context: &Context<'_>, before: &View, after: &View) -> Compiled {
    let bare = |view: &View| View { indexes: Vec::new(), comment: None, ..view.clone() };
    if bare(before) == bare(after) {
        return small_changes(context, before, after);
    }
    let views: Vec<Arc<Object>> = std::iter::once(Arc::new(Object::View(before.clone())))
        .chain(context.before.dependent_views(&before.name, &LEXICON))
        .collect();
    let again: Vec<Arc<Object>> = std::iter::once(Arc::new(Object::View(after.clone())))
        .chain(context.after.dependent_views(&after.name, &LEXICON))
        .collect();
    let mut statements = take_off(context, &views)?;
    statements.extend(put_back(context, &again)?);
    Ok(statements)
}

/// The comment and the indexes.
fn small_changes(context: &Context<'_>, before: &View, after: &View) -> Compiled {
    let mut statements = Vec::new();
    for gone in before.indexes.iter().filter(|index| !after.indexes.contains(index)) {
        statements.extend(index::drop(&before.name, gone));
    }
    for new in after.indexes.iter().filter(|index| !before.indexes.contains(index)) {
        statements.extend(index::create(context, &after.name, new, false)?);
    }
    statements.extend(comment::changed(&object(after), before.comment.as_deref(), after.comment.as_deref())?);
    Ok(statements)
}

/// A view gets another name.
pub fn rename(view: &View, to: &ObjectName) -> Vec<Statement> {
    let mut statements = Vec::new();
    let mut current = view.clone();
    if let Some(schema) = to.schema.as_ref().filter(|schema| view.name.schema.as_ref() != Some(schema)) {
        statements.push(Statement::ddl(format!("ALTER {} SET SCHEMA {}", object(&current), quote(schema))));
        current.name.schema = Some(schema.clone());
    }
    if view.name.name != to.name {
        statements.push(Statement::ddl(format!("ALTER {} RENAME TO {}", object(&current), quote(&to.name))));
    }
    statements
}

/// Statements around a change of a table's column that the server refuses while a view reads the column: the views go
/// before it and come back after it.
pub fn around(context: &Context<'_>, tables: &[&ObjectName], statements: Vec<Statement>) -> Compiled {
    let views = built_on(context.before, tables);
    if views.is_empty() {
        return Ok(statements);
    }
    for object in &views {
        if let Object::View(view) = &**object
            && selects_everything(&view.sql, &LEXICON)
        {
            return Err(Unsupported::new(format!(
                "the view `{}` selects every column with `*`, so it cannot be made anew as it is",
                view.name
            ))
            .about(view.name.to_string())
            .help("give it the list of its columns with `replace_view` first: `*` would now take others as well"));
        }
    }
    let mut wrapped = take_off(context, &views)?;
    wrapped.extend(statements);
    wrapped.extend(put_back(context, &built_on(context.after, tables))?);
    Ok(wrapped)
}

/// The views that are built on any of these tables, in an order in which they can be made.
fn built_on(schema: &Schema, tables: &[&ObjectName]) -> Vec<Arc<Object>> {
    let mut found: Vec<Arc<Object>> = Vec::new();
    for table in tables {
        // One that is built on two of them may read a view that only the second has, so it moves behind that.
        let more = schema.dependent_views(table, &LEXICON);
        found.retain(|view| !more.contains(view));
        found.extend(more);
    }
    found
}

/// Drops views, the last made first, after their rights are noted.
fn take_off(context: &Context<'_>, views: &[Arc<Object>]) -> Compiled {
    let found: Vec<&View> = views.iter().filter_map(|object| as_view(object)).collect();
    let listed: Vec<String> = found.iter().map(|view| view.name.to_string()).collect();
    let noted = rights::note(&found)
        .note(format!("PostgreSQL makes these views anew: {}; rights and owners are carried over", listed.join(", ")));
    let mut statements = vec![noted];
    for view in found.iter().rev() {
        let own: Vec<&Trigger> = context.before.triggers_of(&view.name).collect();
        statements.extend(own.into_iter().map(trigger::drop));
        statements.push(drop(view));
    }
    Ok(statements)
}

/// Makes views again, with their triggers and rights.
fn put_back(context: &Context<'_>, views: &[Arc<Object>]) -> Compiled {
    let mut statements = Vec::new();
    for view in views.iter().filter_map(|object| as_view(object)) {
        statements.extend(create(context, view, false)?);
        for own in context.after.triggers_of(&view.name) {
            statements.extend(trigger::create(own)?);
        }
    }
    statements.push(rights::restore());
    Ok(statements)
}

fn as_view(object: &Object) -> Option<&View> {
    match object {
        Object::View(view) => Some(view),
        _ => None,
    }
}

/// `VIEW v` or `MATERIALIZED VIEW v`, for statements about it.
fn object(view: &View) -> String {
    format!("{} {}", kind(view), quote_name(&view.name))
}

fn kind(view: &View) -> &'static str {
    if view.materialized { "MATERIALIZED VIEW" } else { "VIEW" }
}

fn definition(view: &View, if_not_exists: bool) -> Result<Statement, Unsupported> {
    if if_not_exists && !view.materialized {
        return Err(Unsupported::new("PostgreSQL has no CREATE VIEW IF NOT EXISTS")
            .about(view.name.to_string())
            .help("leave `if_not_exists` out; only a materialized view can have it"));
    }
    let mut sql = format!("CREATE {}", kind(view));
    if if_not_exists {
        sql.push_str(" IF NOT EXISTS");
    }
    sql.push_str(&format!(" {}", quote_name(&view.name)));
    if !view.columns.is_empty() {
        sql.push_str(&format!(" ({})", names(&view.columns)));
    }
    if let Some(parameters) = storage_parameters(&view.options)? {
        sql.push_str(&format!(" WITH ({parameters})"));
    }
    if let Some(tablespace) = view.options.text("tablespace") {
        match view.materialized {
            true => sql.push_str(&format!(" TABLESPACE {}", quote(tablespace))),
            false => return Err(only_materialized("tablespace")),
        }
    }
    sql.push_str(&format!(" AS\n{}", view.sql));
    match view.check {
        None => {}
        Some(ViewCheck::Local) => sql.push_str("\nWITH LOCAL CHECK OPTION"),
        Some(ViewCheck::Cascaded) => sql.push_str("\nWITH CASCADED CHECK OPTION"),
    }
    if without_data(&view.options) {
        match view.materialized {
            true => sql.push_str("\nWITH NO DATA"),
            false => return Err(only_materialized("with_data")),
        }
    }
    let work = if view.materialized && !without_data(&view.options) { Work::Rows } else { Work::Metadata };
    Ok(Statement::ddl(sql).work(work))
}

fn without_data(options: &Options) -> bool {
    options.get("with_data") == Some(&OptionValue::Bool(false))
}

fn only_materialized(option: &str) -> Unsupported {
    Unsupported::new(format!("`{option}` is for materialized views")).help("add `materialized: true`, or leave it out")
}
