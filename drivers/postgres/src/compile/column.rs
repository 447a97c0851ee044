//! Columns that come, go and are renamed.

use aludel_engine::change::Position;
use aludel_engine::dialect::Unsupported;
use aludel_engine::plan::{LockLevel, Statement, Work};
use aludel_engine::schema::{Column, Function, Identity, ObjectName, Type, Value};

use super::{Compiled, Context, comment};
use crate::identifier::quote;
use crate::types::quote_name;
use crate::{check, expression, literal, serial, types};

/// A column as CREATE TABLE and ADD COLUMN have it.
pub fn definition(context: &Context<'_>, column: &Column) -> Result<String, Unsupported> {
    check::column(column, context.features)?;
    let name = &column.name;
    let numbering = serial::type_name(&column.ty).filter(|_| serial::is_numbered(column));
    let ty = match numbering {
        Some(name) => name.to_owned(),
        None => types::render(&column.ty).map_err(|error| error.about(name))?,
    };
    let mut sql = format!("{} {ty}", quote(name));
    if let Some(collation) = collation(column) {
        sql.push_str(&format!(" COLLATE {collation}"));
    }
    if let Some(computed) = &column.computed {
        let kind = if computed.stored { "STORED" } else { "VIRTUAL" };
        sql.push_str(&format!(" GENERATED ALWAYS AS {} {kind}", expression::parenthesised(&computed.sql)));
    }
    if let Some(identity) = column.identity.filter(|_| numbering.is_none()) {
        sql.push_str(&format!(" {}", identity_clause(&identity)));
    }
    if let Some(default) = default(context, column)? {
        sql.push_str(&format!(" DEFAULT {default}"));
    }
    if !column.nullable {
        sql.push_str(" NOT NULL");
    }
    Ok(sql)
}

/// The collation, quoted. A dot is part of the name (`en_US.utf8`), because collations are rarely in a namespace.
pub fn collation(column: &Column) -> Option<String> {
    column.collation.as_deref().filter(|name| *name != "default").map(collation_name)
}

/// The name of a collation, quoted unless the author did.
pub fn collation_name(name: &str) -> String {
    match name.starts_with('"') && name.ends_with('"') && name.len() > 2 {
        true => quoted_again(name),
        false => quote(name),
    }
}

/// A name that came with quotes, taken apart and quoted by ourselves, so that nothing else can hide in it.
fn quoted_again(name: &str) -> String {
    let parts: Vec<String> =
        name[1..name.len() - 1].split("\".\"").map(|part| quote(&part.replace("\"\"", "\""))).collect();
    parts.join(".")
}

/// The default as an expression; none for NULL, which the server does not keep.
pub fn default(context: &Context<'_>, column: &Column) -> Result<Option<String>, Unsupported> {
    match &column.default {
        None | Some(Value::Null) => Ok(None),
        Some(Value::Sql(sql)) => Ok(Some(expression::operand(sql))),
        Some(value) => {
            literal::render(value, &column.ty, context.features).map(Some).map_err(|error| error.about(&column.name))
        }
    }
}

/// `GENERATED … AS IDENTITY (…)`.
pub fn identity_clause(identity: &Identity) -> String {
    let when = if identity.always { "ALWAYS" } else { "BY DEFAULT" };
    let mut parts = Vec::new();
    if let Some(start) = identity.start {
        parts.push(format!("START WITH {start}"));
    }
    if let Some(increment) = identity.increment {
        parts.push(format!("INCREMENT BY {increment}"));
    }
    parts.extend(identity_bound(identity));
    match parts.is_empty() {
        true => format!("GENERATED {when} AS IDENTITY"),
        false => format!("GENERATED {when} AS IDENTITY ({})", parts.join(" ")),
    }
}

/// The bound that lets numbers begin where they are told to: by itself an ascending sequence begins at 1 or later, a
/// descending one at -1 or earlier (manual, CREATE SEQUENCE).
pub fn identity_bound(identity: &Identity) -> Option<String> {
    let start = identity.start?;
    match identity.increment.is_some_and(|step| step < 0) {
        true => (start > -1).then(|| format!("MAXVALUE {start}")),
        false => (start < 1).then(|| format!("MINVALUE {start}")),
    }
}

/// What a new column has beside its definition: options and a comment.
pub fn properties(table: &ObjectName, column: &Column) -> Compiled {
    let mut statements: Vec<Statement> = option_changes(&Column::new(&column.name, column.ty.clone()), column)
        .into_iter()
        .map(|action| alter(table, &action))
        .collect();
    statements.extend(comment::on_new(&object(table, &column.name), column.comment.as_deref())?);
    Ok(statements)
}

/// A column as COMMENT ON names it.
pub fn object(table: &ObjectName, column: &str) -> String {
    format!("COLUMN {}.{}", quote_name(table), quote(column))
}

/// ALTER TABLE with one action that works on the catalog only.
pub fn alter(table: &ObjectName, action: &str) -> Statement {
    Statement::ddl(format!("ALTER TABLE {} {action}", quote_name(table))).locks(table, LockLevel::BlocksAll)
}

/// The actions that lead from the options of one column to those of another.
pub fn option_changes(before: &Column, after: &Column) -> Vec<String> {
    let name = quote(&after.name);
    let mut actions = Vec::new();
    let word = |column: &Column, key: &str| column.options.text(key).map(str::to_uppercase);
    let (old, new) = (word(before, "storage"), word(after, "storage"));
    if old != new {
        actions
            .push(format!("ALTER COLUMN {name} SET STORAGE {}", new.as_deref().unwrap_or(default_storage(&after.ty))));
    }
    let (old, new) = (word(before, "compression"), word(after, "compression"));
    if old != new {
        let method = new.map_or_else(|| "default".to_owned(), |method| method.to_lowercase());
        actions.push(format!("ALTER COLUMN {name} SET COMPRESSION {method}"));
    }
    let target = |column: &Column| column.options.integer("statistics");
    if target(before) != target(after) {
        actions.push(format!("ALTER COLUMN {name} SET STATISTICS {}", target(after).unwrap_or(-1)));
    }
    actions
}

/// The storage that a type has by itself. `SET STORAGE DEFAULT` came with PostgreSQL 16.
pub fn default_storage(ty: &Type) -> &'static str {
    match ty {
        Type::Decimal(_) | Type::Inet | Type::Cidr => "MAIN",
        Type::Boolean
        | Type::SmallInt
        | Type::Integer
        | Type::BigInt
        | Type::Real
        | Type::Double
        | Type::Date
        | Type::Time(_)
        | Type::Timestamp(_)
        | Type::TimestampTz(_)
        | Type::Interval
        | Type::Uuid
        | Type::MacAddr
        | Type::Money
        | Type::Enum(_) => "PLAIN",
        _ => "EXTENDED",
    }
}

/// A column appears.
pub fn add(
    context: &Context<'_>,
    table: &ObjectName,
    column: &Column,
    position: &Position,
    if_not_exists: bool,
) -> Compiled {
    let mut statement = Statement::ddl(format!(
        "ALTER TABLE {} ADD COLUMN {}{}",
        quote_name(table),
        if if_not_exists { "IF NOT EXISTS " } else { "" },
        definition(context, column)?
    ))
    .locks(table, LockLevel::BlocksAll);
    if rewrites_table(column) {
        statement = statement.work(Work::Copy);
    }
    if *position != Position::Last {
        statement = statement.note(format!(
            "PostgreSQL puts a new column after all others, so `{}` comes last in `{table}`",
            column.name
        ));
    }
    let mut statements = vec![statement];
    statements.extend(properties(table, column)?);
    Ok(statements)
}

/// Whether every row has to be written for a new column: a stored expression, a number of its own, or a default that
/// differs from row to row (manual, ALTER TABLE, Notes).
fn rewrites_table(column: &Column) -> bool {
    let stored = column.computed.as_ref().is_some_and(|computed| computed.stored);
    let volatile = match &column.default {
        Some(Value::Function(Function::Uuid)) => true,
        Some(Value::Sql(sql)) => is_volatile(sql),
        _ => false,
    };
    stored || volatile || column.identity.is_some()
}

/// Whether an expression may differ from row to row. A call of an unknown function may.
fn is_volatile(sql: &str) -> bool {
    const STABLE: [&str; 4] = ["now()", "transaction_timestamp()", "statement_timestamp()", "current_schema()"];
    let calls = STABLE.iter().fold(sql.to_ascii_lowercase(), |sql, call| sql.replace(call, ""));
    calls.contains('(') && !is_constant(&calls)
}

/// Whether every opening parenthesis only groups, or gives the size of a type: none follows a word that could be a
/// function, except behind a cast.
fn is_constant(sql: &str) -> bool {
    sql.match_indices('(').all(|(at, _)| {
        let head = sql[..at].trim_end();
        let word = head.rfind(|c: char| !(c.is_alphanumeric() || c == '_')).map_or(head, |end| &head[end + 1..]);
        word.is_empty() || head[..head.len() - word.len()].ends_with("::")
    })
}

/// A column goes, with what was built on it alone.
pub fn drop(context: &Context<'_>, table: &ObjectName, column: &Column) -> Vec<Statement> {
    let mut statement = alter(table, &format!("DROP COLUMN {}", quote(&column.name)));
    let keys = context.table_before(table).into_iter().flat_map(|table| table.foreign_keys());
    for (_, key) in keys.filter(|(_, key)| key.columns.contains(&column.name)) {
        statement = statement.locks(&key.referred_table, LockLevel::BlocksAll);
    }
    vec![statement]
}

/// A column gets another name.
pub fn rename(table: &ObjectName, from: &str, to: &str) -> Vec<Statement> {
    vec![alter(table, &format!("RENAME COLUMN {} TO {}", quote(from), quote(to)))]
}
