//! A schema in the words in which the server itself would report it.

use std::collections::BTreeMap;
use std::sync::Arc;

use aludel_engine::schema::{
    Column, Constraint, ConstraintKind, Enum, Identity, Index, IndexKey, IndexPart, Nulls, Object, ObjectName,
    OptionValue, Options, Partition, Schema, Sequence, Table, Type, Value,
};

use crate::defaults;
use crate::expression;
use crate::opclass;
use crate::partition;
use crate::serial;
use crate::types::{self, quote_name};
use crate::version::Features;

/// A schema in canonical form.
#[must_use]
pub fn schema(schema: &Schema, features: &Features) -> Schema {
    let schema = &with_serials(schema);
    let mut normal = Schema::default();
    for enumeration in schema.enums() {
        normal.put_enum(Enum { comment: filled(enumeration.comment.as_ref()), ..Enum::clone(enumeration) });
    }
    for table in schema.tables() {
        normal.put_table(Arc::new(self::table(table, schema, features)));
    }
    for object in schema.objects() {
        normal.put_object(self::object(object, schema, features));
    }
    normal
}

/// An object in the words of the catalog, as far as its text does not come out otherwise altogether.
fn object(object: &Object, schema: &Schema, features: &Features) -> Object {
    let table = Table::default();
    let scope = Scope::new(&table, schema);
    let mut normal = object.clone();
    if let Some(sql) = normal.definition_mut() {
        *sql = scope.canonical(sql);
    }
    match &mut normal {
        Object::View(view) => {
            // The catalog has the names of columns in the query; until it is asked they stand before that.
            if !view.columns.is_empty() {
                view.sql = format!("({}) {}", std::mem::take(&mut view.columns).join(", "), view.sql);
            }
            view.options.0.remove("with_data");
            view.indexes = view.indexes.iter().map(|found| index(found, &scope)).collect();
            view.indexes.sort_by(|a, b| a.name.cmp(&b.name));
            view.comment = filled(view.comment.as_ref());
            parameters(&mut view.options);
        }
        Object::Routine(routine) => {
            let same = |other: &&Arc<Object>| matches!(&***other, Object::Routine(other) if other.name == routine.name);
            let alone = schema.objects().filter(same).count() == 1;
            routine.arguments = routine.arguments.take().filter(|_| !alone);
            routine.comment = filled(routine.comment.as_ref());
        }
        Object::Trigger(trigger) => trigger.comment = filled(trigger.comment.as_ref()),
        Object::Namespace(namespace) => {
            namespace.comment = filled(namespace.comment.as_ref());
            namespace.options = Options::default();
        }
        // Which version is there is the server's to say, and an update of it no difference.
        Object::Extension(extension) => extension.version = None,
        Object::Sequence(sequence) => sequence_form(sequence),
        Object::Domain(domain) => {
            domain.ty = types::canonical(&domain.ty);
            domain.comment = filled(domain.comment.as_ref());
            domain.checks.iter_mut().for_each(|check| check.sql = scope.canonical(&check.sql));
            domain.checks.sort_by(|a, b| a.name.cmp(&b.name));
            let mut column = Column::new("value", domain.ty.clone());
            column.default = domain.default.take();
            domain.default = self::column(&column, false, &scope, features).default;
        }
    }
    normal
}

/// A sequence without what it would be anyway (manual, CREATE SEQUENCE).
fn sequence_form(sequence: &mut Sequence) {
    let (smallest, largest) = match sequence.options.text("as") {
        Some("smallint") => (i64::from(i16::MIN), i64::from(i16::MAX)),
        Some("integer") => (i64::from(i32::MIN), i64::from(i32::MAX)),
        _ => (i64::MIN, i64::MAX),
    };
    sequence.options.0.retain(|_, value| *value != OptionValue::Text("bigint".to_owned()));
    sequence.comment = filled(sequence.comment.as_ref());
    let ascending = sequence.increment.unwrap_or(1) > 0;
    let (min, max) = if ascending { (1, largest) } else { (smallest, -1) };
    let first = if ascending { sequence.min.unwrap_or(min) } else { sequence.max.unwrap_or(max) };
    let unusual = |value: Option<i64>, usual: i64| value.filter(|value| *value != usual);
    sequence.start = unusual(sequence.start, first);
    sequence.increment = unusual(sequence.increment, 1);
    sequence.min = unusual(sequence.min, min);
    sequence.max = unusual(sequence.max, max);
    sequence.cache = unusual(sequence.cache, 1);
}

/// A schema in which a sequence that is what `serial` makes is a property of its column: it goes with the column, whose
/// default it is, and is usual in all else.
pub fn with_serials(schema: &Schema) -> Schema {
    serials(schema, &BTreeMap::new())
}

/// The sequence that numbers a column, by the names of its table and its own.
pub type Numbering = BTreeMap<(ObjectName, String), String>;

/// The same where the catalog says which sequence numbers a column; a column may own further ones.
pub fn serials(schema: &Schema, own: &Numbering) -> Schema {
    let mut settled = schema.clone();
    for object in schema.objects() {
        let Object::Sequence(sequence) = &**object else { continue };
        let Some((owner, name)) = &sequence.owned_by else { continue };
        let mut rest = Sequence { owned_by: None, ..sequence.clone() };
        sequence_form(&mut rest);
        // The type of the sequence follows that of the column.
        rest.options = Options::default();
        if rest != Sequence::named(sequence.name.clone()) {
            continue;
        }
        let Some(table) = settled.table(owner) else { continue };
        let mut table = Table::clone(table);
        let Some(column) = table.columns.iter_mut().find(|column| column.name == *name) else { continue };
        let takes = match &column.default {
            Some(Value::Sql(sql)) => serial::takes_next(sql, &sequence.name.name),
            _ if serial::is_numbered(column) => match own.get(&(owner.clone(), name.clone())) {
                Some(own) => *own == sequence.name.name,
                None => sequence.name.name == format!("{}_{name}_seq", owner.name),
            },
            _ => false,
        };
        if takes {
            column.default = None;
            column.identity = Some(Identity::default());
            column.options.set(serial::OPTION, OptionValue::Bool(true));
            settled.remove_object(&object.id());
            settled.put_table(table);
        }
    }
    settled
}

/// An empty comment is none.
fn filled(comment: Option<&String>) -> Option<String> {
    comment.filter(|text| !text.is_empty()).cloned()
}

/// What the expressions of a table are read with.
pub struct Scope<'a> {
    table: &'a Table,
    schema: &'a Schema,
}

impl<'a> Scope<'a> {
    /// For the expressions of a table.
    pub fn new(table: &'a Table, schema: &'a Schema) -> Self {
        Scope { table, schema }
    }

    /// An expression in one spelling.
    pub fn canonical(&self, sql: &str) -> String {
        let textual = |name: &str| {
            self.table
                .column(name)
                .is_some_and(|column| matches!(types::canonical(&column.ty), Type::Text | Type::Varchar(_)))
        };
        let enums = |name: &str| self.schema.enums().any(|e| quote_name(&e.name) == name || e.name.name == name);
        expression::canonical(sql, &textual, &enums)
    }
}

fn table(table: &Table, schema: &Schema, features: &Features) -> Table {
    let scope = Scope::new(table, schema);
    let keys = table.primary_key_columns();
    let mut constraints: Vec<Constraint> =
        table.constraints.iter().map(|constraint| self::constraint(constraint, table, &scope)).collect();
    // The catalog keeps no order of constraints and indexes.
    constraints.sort_by(|a, b| a.name.cmp(&b.name));
    let mut indexes: Vec<Index> = table.indexes.iter().map(|index| self::index(index, &scope)).collect();
    indexes.sort_by(|a, b| a.name.cmp(&b.name));
    // The columns of a partition are its table's, which says what they are.
    let columns = table.columns.iter().filter(|_| table.partition.is_none());
    Table {
        name: table.name.clone(),
        columns: columns.map(|c| column(c, keys.contains(&c.name), &scope, features)).collect(),
        partition: table
            .partition
            .as_ref()
            .map(|part| Partition { of: part.of.clone(), values: partition::canonical(&part.values) }),
        constraints,
        indexes,
        comment: filled(table.comment.as_ref()),
        options: table_options(&table.options, &scope),
    }
}

/// The type, with a native text that names an enum taken for that enum.
fn ty(ty: &Type, schema: &Schema) -> Type {
    match types::canonical(ty) {
        Type::Array(element) => Type::Array(Box::new(self::ty(&element, schema))),
        Type::Native(text) => schema
            .enums()
            .find(|enumeration| quote_name(&enumeration.name) == text)
            .map_or(Type::Native(text), |enumeration| Type::Enum(enumeration.name.clone())),
        ty => ty,
    }
}

fn column(column: &Column, is_key: bool, scope: &Scope<'_>, features: &Features) -> Column {
    let ty = ty(&column.ty, scope.schema);
    let mut normal = column.clone();
    normal.nullable = column.nullable && !is_key && column.identity.is_none();
    normal.default =
        column.default.as_ref().and_then(|default| defaults::canonical(default, &ty, scope, features)).map(Value::Sql);
    normal.identity = column.identity.map(identity);
    if let Some(computed) = &mut normal.computed {
        computed.sql = scope.canonical(&computed.sql);
    }
    normal.collation = column.collation.clone().filter(|name| name != "default").map(unquoted);
    normal.comment = filled(column.comment.as_ref());
    normal.options = column_options(&column.options, &ty);
    normal.ty = ty;
    normal
}

/// A name as the catalog has it, where the author wrote its quotes too.
fn unquoted(name: String) -> String {
    match name.strip_prefix('"').and_then(|rest| rest.strip_suffix('"')) {
        Some(inner) if !inner.contains('"') => inner.to_owned(),
        _ => name,
    }
}

/// The first number and the step, where they are not what the server takes by itself (manual, CREATE SEQUENCE).
fn identity(identity: Identity) -> Identity {
    let increment = identity.increment.filter(|step| *step != 1);
    let first = if increment.is_some_and(|step| step < 0) { -1 } else { 1 };
    Identity { always: identity.always, start: identity.start.filter(|start| *start != first), increment }
}

/// The name of a constraint; for a key without one the name that the server chooses (`ChooseConstraintName`).
#[must_use]
pub fn constraint_name(table: &ObjectName, constraint: &Constraint) -> Option<String> {
    if let Some(name) = &constraint.name {
        return Some(name.clone());
    }
    let (columns, label) = match &constraint.kind {
        ConstraintKind::PrimaryKey { .. } => (String::new(), "pkey"),
        ConstraintKind::Unique { columns } => (columns.join("_"), "key"),
        ConstraintKind::ForeignKey(key) => (key.columns.join("_"), "fkey"),
        ConstraintKind::Check { .. } | ConstraintKind::Exclude(_) => return None,
    };
    Some(object_name(&table.name, &columns, label))
}

/// `makeObjectName` of the server: the longer of the two parts is cut until all fits into 63 bytes.
pub fn object_name(first: &str, second: &str, label: &str) -> String {
    let overhead = label.len() + 1 + usize::from(!second.is_empty());
    let room = 63 - overhead;
    let (mut a, mut b) = (first.len(), second.len());
    while a + b > room {
        if a > b { a -= 1 } else { b -= 1 }
    }
    let cut = |text: &str, mut length: usize| {
        while !text.is_char_boundary(length) {
            length -= 1;
        }
        text[..length].to_owned()
    };
    let mut parts = vec![cut(first, a)];
    if !second.is_empty() {
        parts.push(cut(second, b));
    }
    parts.push(label.to_owned());
    parts.join("_")
}

fn constraint(constraint: &Constraint, table: &Table, scope: &Scope<'_>) -> Constraint {
    let mut normal = constraint.clone();
    normal.name = constraint_name(&table.name, constraint);
    normal.comment = filled(constraint.comment.as_ref());
    if let ConstraintKind::Check { sql } = &mut normal.kind {
        *sql = scope.canonical(sql);
    }
    if let ConstraintKind::Exclude(exclude) = &mut normal.kind {
        exclude.method = exclude.method.to_lowercase();
        for element in &mut exclude.elements {
            part(&mut element.part, &exclude.method, scope);
            if let Some(operator) = element.operator.strip_prefix("pg_catalog.") {
                element.operator = operator.to_owned();
            }
        }
        exclude.predicate = exclude.predicate.as_deref().map(|sql| scope.canonical(sql));
    }
    if let ConstraintKind::ForeignKey(key) = &mut normal.kind
        && key.referred_columns.is_empty()
        && let Some(referred) = scope.schema.table(&key.referred_table)
    {
        key.referred_columns = referred.primary_key_columns().to_vec();
    }
    normal.options = index_options(&constraint.options);
    normal
}

fn index(index: &Index, scope: &Scope<'_>) -> Index {
    let mut normal = index.clone();
    let method = index.options.text("using").unwrap_or("btree").to_lowercase();
    for key in &mut normal.parts {
        part(key, &method, scope);
    }
    normal.predicate = index.predicate.as_deref().map(|sql| scope.canonical(sql));
    normal.comment = filled(index.comment.as_ref());
    normal.options = index_options(&index.options);
    if normal.options.text("using") == Some("btree") {
        normal.options.0.remove("using");
    }
    normal
}

fn part(part: &mut IndexPart, method: &str, scope: &Scope<'_>) {
    if let IndexKey::Expression(sql) = &part.key {
        let sql = scope.canonical(sql);
        // A column in parentheses is a column, with a collation or without (`ComputeIndexAttrs` of the server).
        let (bare, collation) = match sql.rsplit_once(" collate ") {
            Some((bare, collation)) => (bare, Some(unquoted(collation.to_owned()))),
            None => (sql.as_str(), None),
        };
        part.key = match scope.table.columns.iter().find(|column| crate::identifier::quote(&column.name) == bare) {
            Some(column) => {
                part.collation = part.collation.take().or(collation);
                IndexKey::Column(column.name.clone())
            }
            None => IndexKey::Expression(sql),
        };
    }
    let usual = if part.descending { Nulls::First } else { Nulls::Last };
    part.nulls = part.nulls.filter(|nulls| *nulls != usual);
    let column = part.column_name().and_then(|name| scope.table.column(name));
    let own = column.and_then(|column| column.collation.clone()).map(unquoted);
    part.collation = part.collation.take().map(unquoted).filter(|name| Some(name) != own.as_ref());
    let default = column.and_then(|column| opclass::default(&types::canonical(&column.ty), method));
    part.opclass =
        part.opclass.take().map(|opclass| squeeze_opclass(&opclass)).filter(|name| Some(name.as_str()) != default);
}

/// `gist_trgm_ops ( siglen = 32 )` → `gist_trgm_ops(siglen=32)`.
fn squeeze_opclass(text: &str) -> String {
    text.chars().filter(|c| !c.is_whitespace() && *c != '\'').collect()
}

/// The options of a constraint or index without those that say what is so anyway.
fn index_options(options: &Options) -> Options {
    let mut normal = options.clone();
    // How it was built leaves no trace.
    normal.0.remove("concurrently");
    normal.0.retain(|_, value| *value != OptionValue::Bool(false) && !is_empty(value));
    if let Some(OptionValue::Text(name)) = normal.0.get("include").cloned() {
        normal.set("include", OptionValue::List(vec![OptionValue::Text(name)]));
    }
    if let Some(OptionValue::Text(method)) = normal.0.get("using").cloned() {
        normal.set("using", OptionValue::Text(method.to_lowercase()));
    }
    default_tablespace(&mut normal);
    parameters(&mut normal);
    normal
}

/// The catalog does not name the tablespace where things are anyway.
fn default_tablespace(options: &mut Options) {
    if options.text("tablespace") == Some("pg_default") {
        options.0.remove("tablespace");
    }
}

fn is_empty(value: &OptionValue) -> bool {
    match value {
        OptionValue::List(items) => items.is_empty(),
        OptionValue::Map(items) => items.is_empty(),
        OptionValue::Text(text) => text.is_empty(),
        _ => false,
    }
}

/// Storage parameters as the catalog has them: texts in lower case, numbers as numbers.
fn parameters(options: &mut Options) {
    if let Some(OptionValue::Map(parameters)) = options.0.get("with").cloned() {
        let normal = parameters.into_iter().map(|(name, value)| (name.to_lowercase(), parameter(&value))).collect();
        options.set("with", OptionValue::Map(normal));
    }
}

/// A storage parameter's value from its text.
#[must_use]
pub fn parameter(value: &OptionValue) -> OptionValue {
    match value {
        OptionValue::Text(text) => match (text.as_str(), text.parse::<i64>()) {
            (_, Ok(number)) => OptionValue::Integer(number),
            ("true", _) => OptionValue::Bool(true),
            ("false", _) => OptionValue::Bool(false),
            _ => value.clone(),
        },
        value => value.clone(),
    }
}

fn table_options(options: &Options, scope: &Scope<'_>) -> Options {
    let mut normal = options.clone();
    normal.0.retain(|_, value| *value != OptionValue::Bool(false) && !is_empty(value));
    if let Some(text) = options.text("partition_by") {
        normal.set("partition_by", OptionValue::Text(partition_by(text, scope)));
    }
    default_tablespace(&mut normal);
    parameters(&mut normal);
    normal
}

/// `RANGE (created_at)`.
fn partition_by(text: &str, scope: &Scope<'_>) -> String {
    let Some((strategy, keys)) = text.split_once('(') else {
        return text.to_owned();
    };
    let keys = keys.trim_end().strip_suffix(')').unwrap_or(keys);
    let parts: Vec<String> = split_list(keys).iter().map(|key| scope.canonical(key)).collect();
    format!("{} ({})", strategy.trim().to_lowercase(), parts.join(", "))
}

/// The parts between commas that stand outside parentheses.
fn split_list(text: &str) -> Vec<&str> {
    let mut parts = Vec::new();
    let (mut depth, mut start) = (0_usize, 0);
    for (at, c) in text.char_indices() {
        match c {
            '(' => depth += 1,
            ')' => depth = depth.saturating_sub(1),
            ',' if depth == 0 => {
                parts.push(&text[start..at]);
                start = at + 1;
            }
            _ => {}
        }
    }
    parts.push(&text[start..]);
    parts
}

fn column_options(options: &Options, ty: &Type) -> Options {
    let mut normal = options.clone();
    for key in ["storage", "compression"] {
        if let Some(word) = options.text(key) {
            normal.set(key, OptionValue::Text(word.to_lowercase()));
        }
    }
    if normal.text("storage").is_some_and(|word| word.eq_ignore_ascii_case(crate::compile::default_storage(ty))) {
        normal.0.remove("storage");
    }
    if !normal.flag(serial::OPTION) {
        normal.0.remove(serial::OPTION);
    }
    if normal.integer("statistics") == Some(-1) {
        normal.0.remove("statistics");
    }
    normal
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_cut_as_the_server_cuts_them() {
        assert_eq!(object_name("users", "", "pkey"), "users_pkey");
        assert_eq!(object_name("users", "email", "key"), "users_email_key");
        let long = object_name(&"t".repeat(60), &"c".repeat(60), "fkey");
        assert_eq!(long.len(), 63);
        assert_eq!(long, format!("{}_{}_fkey", "t".repeat(29), "c".repeat(28)));
    }
}
