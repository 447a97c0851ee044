//! What lies between two schemas, as documents and lists have it.

use std::collections::BTreeSet;

use aludel_engine::change::{Change, TableProperties};
use aludel_engine::dialect::Dialect;
use aludel_engine::diff::{Agreement, Difference, Lookalike};
use aludel_engine::schema::{
    Column, Constraint, ConstraintKind, Deferral, ExcludeElement, Index, IndexKey, IndexPart, Match, Nulls, Object,
    OptionValue, Options, ReferentialAction, Schema, Type, Value,
};
use serde::Serialize;
use serde_json::{Map, Value as Json};

/// What lies between two schemas, a first and a second one.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct DifferenceDocument {
    /// Whether they are the same; the order of columns does not count.
    pub same: bool,
    /// What differs, in the order in which it would be carried out.
    pub changes: Vec<ChangeDocument>,
    /// What differs and no operation brings about, and what could not be decided: a sentence each.
    pub remarks: Vec<String>,
    /// What may be one thing under two names: a question each.
    pub questions: Vec<String>,
}

/// Something that differs.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ChangeDocument {
    /// `added` is in the second schema only, `removed` in the first only, `changed` in both.
    pub kind: Kind,
    /// What it is, with what it was and what it is where it changed.
    pub what: String,
    /// What would happen to the first schema to make it the second.
    pub change: String,
    /// Whether that would lose data.
    pub loses_data: bool,
}

/// On which side something is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    /// In the second only.
    Added,
    /// In the first only.
    Removed,
    /// In both, and not the same.
    Changed,
}

impl DifferenceDocument {
    /// A difference in words.
    pub(crate) fn of(dialect: &dyn Dialect, difference: &Difference) -> Self {
        DifferenceDocument {
            same: difference.is_at_most_order(),
            changes: difference.changes.iter().map(|change| document(dialect, &difference.words, change)).collect(),
            remarks: difference.remarks.clone(),
            questions: difference.lookalikes.iter().map(question).collect(),
        }
    }
}

fn document(dialect: &dyn Dialect, agreed: &Agreement, change: &Change) -> ChangeDocument {
    let (kind, what) = words(dialect, agreed, change);
    ChangeDocument { kind, what, change: change.describe(), loses_data: change.loses_data() }
}

/// A question about what may have been renamed.
pub(crate) fn question(found: &Lookalike) -> String {
    match found {
        Lookalike::Table { from, to } => format!(
            "is the table `{to}` the table `{from}` under another name? Then `renamed_from: {from}` in the desired schema \
             keeps its rows"
        ),
        Lookalike::Column { table, from, to } => format!(
            "is the column `{table}.{to}` the column `{from}` under another name? Then `renamed_from: {from}` in the \
             desired schema keeps its values"
        ),
    }
}

fn words(dialect: &dyn Dialect, agreed: &Agreement, change: &Change) -> (Kind, String) {
    let (added, removed, changed) = (Kind::Added, Kind::Removed, Kind::Changed);
    match change {
        Change::CreateTable { table, .. } => (added, format!("table {}", table.name)),
        Change::DropTable { table } => (removed, format!("table {}", table.name)),
        Change::RenameTable { from, to } => (changed, format!("table {from} is called {to}")),
        Change::AlterTable { table, before, after } => {
            (changed, format!("table {table}: {}", properties(before, after)))
        }
        Change::AddColumn { table, column, .. } => (added, format!("column {table}.{}", whole(dialect, column))),
        Change::DropColumn { table, column, .. } => (removed, format!("column {table}.{}", whole(dialect, column))),
        Change::RenameColumn { table, from, to } => (changed, format!("column {table}.{from} is called {to}")),
        Change::AlterColumn { table, before, after, .. } => {
            // In the words of the server only what differs does; the defaults are shown as their authors wrote them.
            let column = |schema: &Schema| schema.table(table).and_then(|table| table.column(&after.name).cloned());
            let differ = match (column(&agreed.from), column(&agreed.to)) {
                (Some(was), Some(is)) if was != is => parts(dialect, (before, after), (&was, &is)),
                _ => parts(dialect, (before, after), (before, after)),
            };
            (changed, format!("column {table}.{}: {differ}", after.name))
        }
        Change::AddConstraint { table, constraint } => (added, format!("{} of {table}", rule(constraint))),
        Change::DropConstraint { table, constraint } => (removed, format!("{} of {table}", rule(constraint))),
        Change::RenameConstraint { table, from, to } => {
            (changed, format!("constraint {from} of {table} is called {to}"))
        }
        Change::ValidateConstraint { table, name } => (changed, format!("constraint {name} of {table} is validated")),
        Change::InvalidateConstraint { table, name } => {
            (changed, format!("constraint {name} of {table} is not validated"))
        }
        Change::CreateIndex { table, index, .. } => (added, format!("{} of {table}", keys(index))),
        Change::DropIndex { table, index } => (removed, format!("{} of {table}", keys(index))),
        Change::RenameIndex { table, from, to } => (changed, format!("index {from} of {table} is called {to}")),
        Change::CreateEnum { enumeration } => {
            (added, format!("enum {} ({})", enumeration.name, enumeration.values.join(", ")))
        }
        Change::DropEnum { enumeration } => {
            (removed, format!("enum {} ({})", enumeration.name, enumeration.values.join(", ")))
        }
        Change::AlterEnum { before, after, .. } => {
            (changed, format!("enum {}: ({}), was ({})", after.name, after.values.join(", "), before.values.join(", ")))
        }
        Change::CreateObject { object, .. } => (added, object.id().to_string()),
        Change::DropObject { object } => (removed, object.id().to_string()),
        Change::RenameObject { id, to } => (changed, format!("{id} is called {to}")),
        Change::AlterObject { before, after } => (changed, altered(before, after)),
        other => (changed, other.describe()),
    }
}

/// A column with its type and what it must hold.
fn whole(dialect: &dyn Dialect, column: &Column) -> String {
    let mut text = format!("{} {}", column.name, column.ty);
    if !column.nullable {
        text.push_str(" not null");
    }
    if let Some(value) = &column.default {
        text.push_str(" default ");
        text.push_str(&shown(dialect, value, &column.ty));
    }
    text
}

/// What differs between two columns, what it is first and then what it was: what is decided by the second pair, and shown
/// of the first.
fn parts(dialect: &dyn Dialect, shown_as: (&Column, &Column), decided_by: (&Column, &Column)) -> String {
    let (before, after) = shown_as;
    let (was, is) = decided_by;
    let mut parts = Vec::new();
    let mut part = |differs: bool, what: &str, is: String, was: String| {
        if differs {
            parts.push(format!("{what} {is}, was {was}"));
        }
    };
    let nullable = |column: &Column| if column.nullable { "null" } else { "not null" }.to_owned();
    let default = |column: &Column| match &column.default {
        Some(value) => shown(dialect, value, &column.ty),
        None => "none".to_owned(),
    };
    let text = |text: &Option<String>| text.as_ref().map_or_else(|| "none".to_owned(), |text| format!("`{text}`"));
    let computed = |column: &Column| text(&column.computed.as_ref().map(|computed| computed.sql.clone()));
    let identity = |column: &Column| if column.identity.is_some() { "yes" } else { "no" }.to_owned();
    part(was.ty != is.ty, "type", after.ty.to_string(), before.ty.to_string());
    part(was.nullable != is.nullable, "takes", nullable(after), nullable(before));
    part(was.default != is.default, "default", default(after), default(before));
    part(was.computed != is.computed, "expression", computed(after), computed(before));
    part(was.collation != is.collation, "collation", text(&after.collation), text(&before.collation));
    part(was.comment != is.comment, "comment", text(&after.comment), text(&before.comment));
    if was.identity != is.identity {
        match was.identity.is_some() == is.identity.is_some() {
            true => parts.push("its numbers are made otherwise".to_owned()),
            false => parts.push(format!("identity {}, was {}", identity(after), identity(before))),
        }
    }
    if was.options != is.options {
        parts.push(options(&was.options, &is.options));
    }
    parts.join("; ")
}

fn properties(before: &TableProperties, after: &TableProperties) -> String {
    let mut parts = Vec::new();
    if before.comment != after.comment {
        let text = |text: &Option<String>| text.as_ref().map_or_else(|| "none".to_owned(), |text| format!("`{text}`"));
        parts.push(format!("comment {}, was {}", text(&after.comment), text(&before.comment)));
    }
    if before.options != after.options {
        parts.push(options(&before.options, &after.options));
    }
    parts.join("; ")
}

/// The options that differ, by name.
fn options(before: &Options, after: &Options) -> String {
    let names = before.0.keys().chain(after.0.keys().filter(|name| !before.0.contains_key(*name)));
    let value = |of: &Options, name: &String| of.0.get(name).map_or_else(|| "none".to_owned(), setting);
    let differ = names.filter(|name| before.0.get(*name) != after.0.get(*name));
    let tell = |name: &String| format!("{name} {}, was {}", value(after, name), value(before, name));
    differ.map(tell).collect::<Vec<_>>().join("; ")
}

/// What is different of an object: its text, or else its properties by name.
fn altered(before: &Object, after: &Object) -> String {
    let id = after.id();
    if let (Some(old), Some(new)) = (before.definition(), after.definition())
        && old != new
    {
        return format!("{id} has another definition");
    }
    let (was, is) = (properties_of(before), properties_of(after));
    let names: BTreeSet<&String> = was.keys().chain(is.keys()).collect();
    let value = |of: &Map<String, Json>, name: &String| match of.get(name) {
        None | Some(Json::Null | Json::Bool(false)) => "none".to_owned(),
        Some(Json::Bool(true)) => "yes".to_owned(),
        Some(Json::String(text)) => format!("`{}`", one_line(text)),
        Some(other) => other.to_string(),
    };
    let differ = names.into_iter().filter(|name| value(&was, name) != value(&is, name)).map(|name| {
        let what = if name == "ty" { "type" } else { name };
        // Indexes are many words; that they differ is enough.
        match name == "indexes" {
            true => what.to_owned(),
            false => format!("{what} {}, was {}", value(&is, name), value(&was, name)),
        }
    });
    format!("{id}: {}", differ.collect::<Vec<_>>().join("; "))
}

/// The properties of an object by name, without its class.
fn properties_of(object: &Object) -> Map<String, Json> {
    match serde_json::to_value(object) {
        Ok(Json::Object(map)) => match (map.len(), map.values().next()) {
            (1, Some(Json::Object(inner))) => inner.clone(),
            _ => map,
        },
        _ => Map::new(),
    }
}

fn rule(constraint: &Constraint) -> String {
    let name = constraint.name.as_deref().map(|name| format!(" {name}")).unwrap_or_default();
    let mut text = match &constraint.kind {
        ConstraintKind::PrimaryKey { columns } | ConstraintKind::Unique { columns } => {
            format!("{}{name} ({})", constraint.describe(), columns.join(", "))
        }
        ConstraintKind::Check { sql } => format!("{}{name} ({})", constraint.describe(), one_line(sql)),
        ConstraintKind::ForeignKey(key) => {
            let (own, other) = (key.columns.join(", "), key.referred_columns.join(", "));
            let mut text = format!("{}{name} ({own}) to {} ({other})", constraint.describe(), key.referred_table);
            for (when, action) in [("on delete", key.on_delete), ("on update", key.on_update)] {
                if action != ReferentialAction::NoAction {
                    text.push_str(&format!(" {when} {}", action.sql().to_lowercase()));
                }
            }
            if key.matching != Match::default() {
                text.push_str(" match full");
            }
            text
        }
        ConstraintKind::Exclude(exclude) => {
            let element = |one: &ExcludeElement| format!("{} with {}", key(&one.part), one.operator);
            let elements: Vec<String> = exclude.elements.iter().map(element).collect();
            let condition = condition(exclude.predicate.as_deref());
            format!("{}{name} using {} ({}){condition}", constraint.describe(), exclude.method, elements.join(", "))
        }
    };
    text.push_str(match constraint.deferral {
        Deferral::NotDeferrable => "",
        Deferral::InitiallyImmediate => " deferrable",
        Deferral::InitiallyDeferred => " deferrable initially deferred",
    });
    if !constraint.validated {
        text.push_str(" not valid");
    }
    text + &settings(&constraint.options) + &commented(constraint.comment.as_deref())
}

/// An index with all that it is, so that two of one name do not read the same.
fn keys(index: &Index) -> String {
    let parts: Vec<String> = index.parts.iter().map(key).collect();
    let unique = if index.unique { "unique " } else { "" };
    let whole = format!("{unique}index {} ({})", index.name, parts.join(", "));
    let condition = condition(index.predicate.as_deref());
    whole + &settings(&index.options) + &condition + &commented(index.comment.as_deref())
}

fn key(part: &IndexPart) -> String {
    let mut text = match &part.key {
        IndexKey::Column(name) => name.clone(),
        IndexKey::Expression(sql) => one_line(sql),
    };
    if let Some(length) = part.length {
        text.push_str(&format!("({length})"));
    }
    for (what, word) in [(" collate", &part.collation), ("", &part.opclass)] {
        text.push_str(&word.as_ref().map(|word| format!("{what} {word}")).unwrap_or_default());
    }
    if part.descending {
        text.push_str(" desc");
    }
    text.push_str(match part.nulls {
        Some(Nulls::First) => " nulls first",
        Some(Nulls::Last) => " nulls last",
        None => "",
    });
    text
}

fn condition(predicate: Option<&str>) -> String {
    predicate.map(|sql| format!(" where {}", one_line(sql))).unwrap_or_default()
}

fn commented(comment: Option<&str>) -> String {
    comment.map(|comment| format!(", comment `{}`", one_line(comment))).unwrap_or_default()
}

/// Options in words: ` using hash`, ` include (a, b)`, ` no_inherit`.
fn settings(options: &Options) -> String {
    let one = |(name, value): (&String, &OptionValue)| match value {
        OptionValue::Bool(true) => format!(" {name}"),
        value => format!(" {name} {}", setting(value)),
    };
    options.0.iter().map(one).collect()
}

fn setting(value: &OptionValue) -> String {
    match value {
        OptionValue::Bool(value) => value.to_string(),
        OptionValue::Integer(number) => number.to_string(),
        OptionValue::Text(text) => one_line(text),
        OptionValue::List(items) => format!("({})", items.iter().map(setting).collect::<Vec<_>>().join(", ")),
        OptionValue::Map(map) => {
            let entry = |(name, value): (&String, &OptionValue)| format!("{name} {}", setting(value));
            format!("({})", map.iter().map(entry).collect::<Vec<_>>().join(", "))
        }
    }
}

fn shown(dialect: &dyn Dialect, value: &Value, ty: &Type) -> String {
    dialect.literal(value, ty).map_or_else(|_| "(something)".to_owned(), |sql| one_line(&sql))
}

fn one_line(sql: &str) -> String {
    sql.split_whitespace().collect::<Vec<_>>().join(" ")
}
