//! A schema in the words that this server would use for it, whether it was read from a server or replayed from a history.

pub(crate) mod default;

use aludel_engine::dialect::{Dialect, comma_list};
use aludel_engine::schema::{
    Column, Constraint, ConstraintKind, Deferral, Identity, Index, IndexKey, Match, Object, OptionValue, Options,
    ReferentialAction, Schema, Sequence, Table, Type, View,
};

use crate::compile::IDENTITY_INDEX;
use crate::compile::sequence::USUAL_CACHE;
use crate::dialect::{Flavour, MySql};
use crate::options::NUMBERED;
use crate::{collation, expression, partition, types};

/// Puts a schema in canonical form.
pub(crate) fn schema(dialect: &MySql, schema: &Schema) -> Schema {
    let mut normal = Schema::default();
    for table in schema.tables() {
        normal.put_table(self::table(dialect, table, schema));
    }
    for object in schema.objects() {
        normal.put_object(self::object(dialect, object));
    }
    normal
}

fn object(dialect: &MySql, object: &Object) -> Object {
    let mut normal = object.clone();
    if let Object::View(view) = &mut normal {
        columns_in_query(dialect, view);
    }
    if let Some(sql) = normal.definition_mut() {
        *sql = aludel_engine::sql::canonical(sql, dialect.lexicon());
        // MySQL keeps the terminator of a body that came together with other statements.
        sql.truncate(sql.trim_end_matches([' ', ';']).len());
    }
    match &mut normal {
        Object::View(view) => {
            // The catalog keeps no comment, and on MySQL no algorithm.
            view.comment = None;
            view.options.0.remove("algorithm");
            view.options
                .0
                .retain(|name, value| name != "sql_security" || *value == OptionValue::Text("invoker".to_owned()));
        }
        // It stands in the definition.
        Object::Routine(routine) => {
            routine.comment = None;
            routine.arguments = None;
        }
        Object::Trigger(trigger) => trigger.comment = None,
        Object::Sequence(sequence) => sequence_form(sequence),
        Object::Namespace(_) | Object::Extension(_) | Object::Domain(_) => {}
    }
    normal
}

/// Puts the names of a view's columns before its query. MariaDB has them inside of it, MySQL beside it; until the server is
/// asked the text is another one.
pub(crate) fn columns_in_query(dialect: &MySql, view: &mut View) {
    if !view.columns.is_empty() {
        let names = comma_list(std::mem::take(&mut view.columns).iter().map(|name| dialect.quote(name)));
        view.sql = format!("({names}) {}", view.sql);
    }
}

/// A sequence without what it would be anyway. <https://mariadb.com/kb/en/create-sequence/>
fn sequence_form(sequence: &mut Sequence) {
    sequence.comment = None;
    let ascending = sequence.increment.unwrap_or(1) > 0;
    let (min, max) = if ascending { (1, i64::MAX - 1) } else { (i64::MIN + 1, -1) };
    let first = if ascending { sequence.min.unwrap_or(min) } else { sequence.max.unwrap_or(max) };
    let unusual = |value: Option<i64>, usual: i64| value.filter(|value| *value != usual);
    sequence.start = unusual(sequence.start, first);
    sequence.increment = unusual(sequence.increment, 1);
    sequence.min = unusual(sequence.min, min);
    sequence.max = unusual(sequence.max, max);
    sequence.cache = unusual(sequence.cache, USUAL_CACHE);
}

fn table(dialect: &MySql, table: &Table, schema: &Schema) -> Table {
    let mut table = table.clone();
    let usual = collation::canonical(dialect.default_collation());
    let own = collation::effective(
        table.options.text("charset"),
        table.options.text("collate"),
        dialect.flavour(),
        dialect.default_collation(),
    )
    .unwrap_or_else(|| usual.clone());
    table.options = table_options(dialect, &table.options, (own != usual).then_some(own.as_str()));
    table.comment = table.comment.filter(|comment| !comment.is_empty());
    let key: Vec<String> = table.primary_key_columns().to_vec();
    for column in &mut table.columns {
        self::column(dialect, column, schema, &own);
        if key.contains(&column.name) || column.identity.is_some() {
            column.nullable = false;
        }
    }
    name_constraints(dialect, &mut table);
    let columns = table.columns.clone();
    for constraint in &mut table.constraints {
        self::constraint(dialect, constraint, &columns);
    }
    let innodb = table.options.get("engine").is_none();
    for index in &mut table.indexes {
        self::index(dialect, index, &columns, innodb);
    }
    settle_indexes(&mut table);
    table
}

fn table_options(dialect: &MySql, options: &Options, collation: Option<&str>) -> Options {
    let mut normal = Options::default();
    let text = |name: &str| options.text(name).map(str::to_ascii_lowercase);
    if let Some(engine) = text("engine").filter(|engine| engine != "innodb") {
        normal.set("engine", OptionValue::Text(engine));
    }
    if let Some(format) = text("row_format").filter(|format| format != "default") {
        normal.set("row_format", OptionValue::Text(format));
    }
    if let Some(size) = options.integer("key_block_size").filter(|size| *size != 0) {
        normal.set("key_block_size", OptionValue::Integer(size));
    }
    for (name, is_flag) in NUMBERED {
        let value = match options.get(name) {
            Some(OptionValue::Integer(number)) if is_flag => Some(OptionValue::Bool(*number != 0)),
            value => value.cloned(),
        };
        // What the server has by itself cannot be told from what was said, but for the statistics.
        let usual =
            !name.starts_with("stats_") && matches!(value, Some(OptionValue::Integer(0) | OptionValue::Bool(false)));
        value.filter(|_| !usual).into_iter().for_each(|value| normal.set(name, value));
    }
    if let Some(text) = options.text("partition_by").filter(|text| !text.is_empty()) {
        normal.set("partition_by", OptionValue::Text(partition::canonical(dialect, text)));
    }
    if let Some(collation) = collation {
        normal.set("collate", OptionValue::Text(collation.to_owned()));
    }
    normal
}

fn column(dialect: &MySql, column: &mut Column, schema: &Schema, table_collation: &str) {
    let written = match &column.ty {
        Type::Native(text) => types::without_zerofill(text).into_owned(),
        // A type that cannot be rendered stays as it is; compiling it is refused.
        ty => match types::render(dialect, ty, schema) {
            Ok(text) => text,
            Err(_) => return,
        },
    };
    let parsed = types::parse(&written);
    let charset = column.options.text("charset").map(str::to_owned).or(parsed.charset);
    let own = collation::effective(
        charset.as_deref(),
        column.collation.as_deref().or(parsed.collation.as_deref()),
        dialect.flavour(),
        dialect.default_collation(),
    );
    let unsigned = parsed.unsigned || column.options.flag("unsigned");
    column.ty = parsed.ty;
    column.collation = own.filter(|own| types::has_charset(&column.ty) && own != table_collation);
    column.comment = column.comment.take().filter(|comment| !comment.is_empty());
    // Where the counter stands is not part of the definition.
    column.identity = column.identity.map(|_| Identity::default());
    let mut options = Options::default();
    for (name, set) in [("unsigned", unsigned), ("invisible", column.options.flag("invisible"))] {
        if set {
            options.set(name, OptionValue::Bool(true));
        }
    }
    if let Some(on_update) = column.options.text("on_update") {
        options.set("on_update", OptionValue::Text(on_update.to_ascii_lowercase()));
    }
    column.options = options;
    column.default = column.default.take().and_then(|value| default::canonical(dialect, value, &column.ty));
    if let Some(computed) = &mut column.computed {
        computed.sql = expression::canonical(&computed.sql, dialect.lexicon());
    }
}

/// The names that the server gives to constraints without any.
fn name_constraints(dialect: &MySql, table: &mut Table) {
    let name = table.name.name.clone();
    let (mut keys, mut checks) = (0, 0);
    let mut taken: Vec<String> = table.constraints.iter().filter_map(|constraint| constraint.name.clone()).collect();
    taken.extend(table.indexes.iter().map(|index| index.name.clone()));
    for constraint in &mut table.constraints {
        if constraint.is_primary_key() {
            constraint.name = None;
        } else if constraint.name.is_none() {
            let made = match &constraint.kind {
                ConstraintKind::ForeignKey(_) => {
                    keys += 1;
                    format!("{name}_ibfk_{keys}")
                }
                ConstraintKind::Check { .. } => {
                    checks += 1;
                    match dialect.flavour() {
                        Flavour::MySql => format!("{name}_chk_{checks}"),
                        Flavour::MariaDb => format!("CONSTRAINT_{checks}"),
                    }
                }
                _ => {
                    let stem = constraint.columns().first().cloned().unwrap_or_default();
                    let mut made = stem.clone();
                    let mut number = 2;
                    while taken.contains(&made) {
                        made = format!("{stem}_{number}");
                        number += 1;
                    }
                    made
                }
            };
            taken.push(made.clone());
            constraint.name = Some(made);
        }
    }
}

fn constraint(dialect: &MySql, constraint: &mut Constraint, columns: &[Column]) {
    constraint.deferral = Deferral::NotDeferrable;
    constraint.validated = true;
    constraint.comment = None;
    let enforced = constraint.options.get("enforced") != Some(&OptionValue::Bool(false));
    let lengths = constraint.options.0.remove("lengths");
    constraint.options = Options::default();
    match &mut constraint.kind {
        ConstraintKind::Check { sql } => {
            *sql = expression::canonical(sql, dialect.lexicon());
            if !enforced {
                constraint.options.set("enforced", OptionValue::Bool(false));
            }
        }
        ConstraintKind::ForeignKey(key) => {
            for action in [&mut key.on_delete, &mut key.on_update] {
                // InnoDB makes no difference, and MariaDB prints the one for the other.
                // <https://dev.mysql.com/doc/refman/8.4/en/create-table-foreign-keys.html#foreign-key-referential-actions>
                if *action == ReferentialAction::Restrict {
                    *action = ReferentialAction::NoAction;
                }
            }
            if key.columns.len() == 1 {
                key.matching = Match::Simple;
            }
        }
        ConstraintKind::PrimaryKey { .. } => {
            if let Some(OptionValue::Map(mut lengths)) = lengths {
                lengths.retain(|name, length| match (size(columns, name), length) {
                    (Some(size), OptionValue::Integer(length)) => *length < i64::from(size),
                    _ => true,
                });
                if !lengths.is_empty() {
                    constraint.options.set("lengths", OptionValue::Map(lengths));
                }
            }
        }
        ConstraintKind::Unique { .. } | ConstraintKind::Exclude(_) => {}
    }
}

/// How much a column has room for. A prefix as long as that is the column.
fn size(columns: &[Column], name: &str) -> Option<u32> {
    match columns.iter().find(|column| column.name == name)?.ty {
        Type::Varchar(size) | Type::Char(size) | Type::Binary(size) | Type::Varbinary(size) => size,
        _ => None,
    }
}

fn index(dialect: &MySql, index: &mut Index, columns: &[Column], innodb: bool) {
    index.comment = index.comment.take().filter(|comment| !comment.is_empty());
    let mut options = Options::default();
    if let Some(kind) = index.options.text("kind") {
        options.set("kind", OptionValue::Text(kind.to_ascii_lowercase()));
    }
    // InnoDB reads HASH and makes a B-tree.
    if let Some(method) = index.options.text("using").filter(|method| !innodb && !method.eq_ignore_ascii_case("btree"))
    {
        options.set("using", OptionValue::Text(method.to_ascii_lowercase()));
    }
    if index.options.flag("invisible") {
        options.set("invisible", OptionValue::Bool(true));
    }
    // The parser of a full-text index is nowhere in information_schema.
    index.options = options;
    for part in &mut index.parts {
        // Where NULLs are is not the author's to say.
        part.nulls = None;
        part.descending &= dialect.features.descending_index;
        match &mut part.key {
            IndexKey::Expression(sql) => *sql = expression::canonical(sql, dialect.lexicon()),
            IndexKey::Column(name) => {
                let size = size(columns, name);
                part.length = part.length.filter(|length| size.is_none_or(|size| *length < size));
            }
        }
    }
}

/// Leaves out the indexes that are only there for a foreign key or the identity column, makes unique constraints of plain
/// unique indexes (the server knows no difference), and puts keys and indexes in order.
pub(crate) fn settle_indexes(table: &mut Table) {
    let indexes = std::mem::take(&mut table.indexes);
    for index in indexes {
        let plain = index.predicate.is_none()
            && index.comment.is_none()
            && index.options.is_empty()
            && index.parts.iter().all(|part| part.column_name().is_some() && !part.descending && part.length.is_none());
        let columns: Vec<String> =
            index.parts.iter().filter_map(|part| part.column_name()).map(str::to_owned).collect();
        if plain && index.unique {
            table.constraints.push(Constraint::new(Some(index.name), ConstraintKind::Unique { columns }));
        } else if !(plain
            && (serves_foreign_key(table, &index.name, &columns) || serves_identity(table, &index.name, &columns)))
        {
            table.indexes.push(index);
        }
    }
    table.indexes.sort_by(|a, b| a.name.cmp(&b.name));
    let rank = |constraint: &Constraint| match constraint.kind {
        ConstraintKind::PrimaryKey { .. } => 0,
        ConstraintKind::Unique { .. } => 1,
        ConstraintKind::ForeignKey(_) => 2,
        ConstraintKind::Check { .. } => 3,
        ConstraintKind::Exclude(_) => 4,
    };
    table.constraints.sort_by(|a, b| rank(a).cmp(&rank(b)).then_with(|| a.name.cmp(&b.name)));
}

/// Whether an index has the name and columns of one that the server makes for a foreign key: the name of the constraint,
/// or of the first column when the constraint was given no name.
fn serves_foreign_key(table: &Table, index: &str, columns: &[String]) -> bool {
    table.foreign_keys().any(|(constraint, key)| {
        let name = constraint.name.as_deref().unwrap_or_default();
        let unnamed = name.starts_with(&format!("{}_ibfk_", table.name.name));
        key.columns == columns
            && (name == index || (unnamed && key.columns.first().is_some_and(|first| first == index)))
    })
}

fn serves_identity(table: &Table, index: &str, columns: &[String]) -> bool {
    let identity = table.columns.iter().find(|column| column.identity.is_some());
    index == IDENTITY_INDEX
        && columns.len() == 1
        && identity.is_some_and(|column| columns.first() == Some(&column.name))
}
