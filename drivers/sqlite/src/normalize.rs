//! A schema in the words that SQLite itself would report.

use std::sync::Arc;

use aludel_engine::schema::{
    Column, Constraint, ConstraintKind, Identity, Index, IndexKey, IndexPart, Match, Object, OptionValue, Options,
    Schema, Table, Type, Value,
};

use crate::compile::enumeration;
use crate::expression::canonical;
use crate::identifier::quote;
use crate::{literal, types};

/// A schema in canonical form.
pub fn normalize(schema: &Schema) -> Schema {
    let mut normal = Schema::default();
    for table in schema.tables() {
        normal.put_table(table_form(table, schema));
    }
    for object in schema.objects() {
        normal.put_object(object_form(object));
    }
    normal
}

fn object_form(object: &Object) -> Object {
    let mut normal = object.clone();
    match &mut normal {
        Object::View(view) => view.comment = None,
        Object::Trigger(trigger) => trigger.comment = None,
        _ => {}
    }
    if let Some(sql) = normal.definition_mut() {
        *sql = canonical(sql);
    }
    normal
}

fn table_form(table: &Arc<Table>, schema: &Schema) -> Table {
    let mut normal = Table::clone(table);
    for column in &table.columns {
        if let Some(check) = enumeration::check(&table.name, column, schema) {
            normal.constraints.push(check);
        }
    }
    let strict = table.options.flag("strict");
    let rowid = rowid_column(table).map(str::to_owned);
    let key: Vec<String> = table.primary_key_columns().to_vec();
    for column in &mut normal.columns {
        let is_rowid = rowid.as_deref() == Some(column.name.as_str());
        column_form(column, strict, is_rowid, key.contains(&column.name));
        if !is_plain_integer(table, &column.name) {
            column.options.0.remove("rowid");
        }
        if !admits_null(table, &column.name) {
            column.options.0.remove("null_key");
        }
    }
    normal.comment = None;
    drop_false(&mut normal.options);
    for constraint in &mut normal.constraints {
        constraint_form(constraint, &table.name.name);
    }
    let order = |kind: &ConstraintKind| match kind {
        ConstraintKind::PrimaryKey { .. } => 0,
        ConstraintKind::Unique { .. } => 1,
        ConstraintKind::Check { .. } => 2,
        ConstraintKind::ForeignKey(_) => 3,
        ConstraintKind::Exclude(_) => 4,
    };
    normal.constraints.sort_by_cached_key(|constraint| {
        (order(&constraint.kind), constraint.name.clone(), format!("{:?}", constraint.kind))
    });
    for index in &mut normal.indexes {
        index_form(index, table);
    }
    normal.indexes.sort_by(|a, b| a.name.cmp(&b.name));
    normal
}

/// The column that is the rowid under another name. <https://sqlite.org/lang_createtable.html#rowid>
pub fn rowid_column(table: &Table) -> Option<&str> {
    if table.options.flag("without_rowid") {
        return None;
    }
    let [key] = table.primary_key_columns() else {
        return None;
    };
    let column = table.column(key)?;
    let is_integer = is_integer(table, column) && !is_plain_integer(table, key);
    (column.identity.is_some() || is_integer).then_some(column.name.as_str())
}

fn is_integer(table: &Table, column: &Column) -> bool {
    let declared = match table.options.flag("strict") {
        true => types::render_strict(&column.ty),
        false => types::render(&column.ty),
    };
    declared.is_ok_and(|declared| declared.eq_ignore_ascii_case("INTEGER"))
}

/// Whether a column is a primary key that would be the rowid if its type were not written INT.
pub fn is_plain_integer(table: &Table, column: &str) -> bool {
    table.primary_key_columns() == [column]
        && !table.options.flag("without_rowid")
        && table.column(column).is_some_and(|column| {
            column.options.get("rowid") == Some(&OptionValue::Bool(false))
                && column.identity.is_none()
                && is_integer(table, column)
        })
}

/// Whether a column of the primary key is one in which NULL may stand. The rowid never is, nor what stands in its place.
/// <https://sqlite.org/lang_createtable.html#the_primary_key>
pub fn admits_null(table: &Table, column: &str) -> bool {
    table.primary_key_columns().iter().any(|name| name == column)
        && table.column(column).is_some_and(|column| column.options.flag("null_key"))
        && !table.options.flag("without_rowid")
        && !table.options.flag("strict")
        && rowid_column(table) != Some(column)
}

fn column_form(column: &mut Column, strict: bool, is_rowid: bool, in_key: bool) {
    column.comment = None;
    column.default = column.default.as_ref().and_then(|value| default_form(value, &column.ty));
    if column.identity.is_some() {
        let plain = column.options.get("autoincrement") == Some(&OptionValue::Bool(false));
        column.identity = (!plain).then(Identity::default);
        column.ty = Type::Integer;
    }
    column.options.0.remove("autoincrement");
    if column.nullable || (is_rowid && in_key) {
        column.options.0.remove("on_conflict");
    }
    drop_abort(&mut column.options);
    let declared = if strict { types::render_strict(&column.ty) } else { types::render(&column.ty) };
    if let Ok(declared) = declared {
        column.ty = types::parse(&declared);
    }
    if is_rowid {
        column.nullable = false;
    }
    column.collation = column.collation.as_deref().and_then(collation_form);
    if let Some(computed) = &mut column.computed {
        computed.sql = canonical(&computed.sql);
    }
}

fn collation_form(name: &str) -> Option<String> {
    let name = name.to_ascii_uppercase();
    (name != "BINARY").then_some(name)
}

fn default_form(value: &Value, ty: &Type) -> Option<Value> {
    let sql = match value {
        Value::Null => return None,
        Value::Sql(sql) => sql.clone(),
        other => literal::literal(other, ty).ok()?,
    };
    // TRUE and FALSE are other names of 1 and 0: https://sqlite.org/datatype3.html#boolean_datatype
    let text = canonical(&sql);
    let text = match ty {
        Type::Decimal(_) | Type::Real | Type::Double => without_zeros(&text),
        _ => text.as_str(),
    };
    match text {
        "null" => None,
        "true" => Some(Value::Sql("1".to_owned())),
        "false" => Some(Value::Sql("0".to_owned())),
        text => Some(Value::Sql(text.to_owned())),
    }
}

/// `1.50` → `1.5`, which is the same number in a column of numbers.
fn without_zeros(text: &str) -> &str {
    let is_decimal = text.split_once('.').is_some_and(|(whole, fraction)| {
        let digits = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
        digits(whole.strip_prefix('-').unwrap_or(whole)) && digits(fraction)
    });
    if is_decimal { text.trim_end_matches('0').trim_end_matches('.') } else { text }
}

fn constraint_form(constraint: &mut Constraint, table: &str) {
    constraint.comment = None;
    constraint.validated = true;
    drop_abort(&mut constraint.options);
    match &mut constraint.kind {
        ConstraintKind::Check { sql } => {
            *sql = canonical(sql);
            // The name of an enum's check does not follow a renamed table or column; it says nothing anyway.
            if let Some(name) = &constraint.name
                && enumeration::is_check_name(name)
                && let Some(column) = enumeration::checked_column(sql)
            {
                constraint.name = Some(enumeration::check_name(table, &column));
            }
        }
        // With one column there is nothing for MATCH FULL to demand.
        ConstraintKind::ForeignKey(key) if key.columns.len() == 1 => key.matching = Match::Simple,
        _ => {}
    }
}

fn index_form(index: &mut Index, table: &Table) {
    index.comment = None;
    index.predicate = index.predicate.as_deref().map(canonical);
    for part in &mut index.parts {
        // NULLs sort first, last when descending, and an index cannot say otherwise.
        part.nulls = None;
        part.length = None;
        part.opclass = None;
        column_in_parentheses(part, table);
        let own = match &mut part.key {
            IndexKey::Column(name) => table.column(name).and_then(|column| column.collation.clone()),
            IndexKey::Expression(sql) => {
                *sql = canonical(sql);
                None
            }
        };
        let own = own.as_deref().and_then(collation_form);
        part.collation = part.collation.as_deref().map(str::to_ascii_uppercase);
        let stated = part.collation.clone().unwrap_or_else(|| own.clone().unwrap_or_else(|| "BINARY".to_owned()));
        part.collation = (stated != own.unwrap_or_else(|| "BINARY".to_owned())).then_some(stated);
    }
}

/// A column in parentheses is a column, with a collation or without (`sqlite3CreateIndex`).
fn column_in_parentheses(part: &mut IndexPart, table: &Table) {
    let IndexKey::Expression(sql) = &part.key else { return };
    let sql = canonical(sql);
    let (bare, collation) = match sql.rsplit_once(" collate ") {
        Some((bare, collation)) => (bare, Some(collation.to_owned())),
        None => (sql.as_str(), None),
    };
    let is_bare = |column: &&Column| canonical(&quote(&column.name)) == bare;
    if let Some(column) = table.columns.iter().find(is_bare) {
        part.key = IndexKey::Column(column.name.clone());
        part.collation = part.collation.take().or(collation);
    }
}

fn drop_false(options: &mut Options) {
    options.0.retain(|_, value| *value != OptionValue::Bool(false));
}

fn drop_abort(options: &mut Options) {
    if options.text("on_conflict").is_some_and(|action| action.eq_ignore_ascii_case("abort")) {
        options.0.remove("on_conflict");
    }
}
