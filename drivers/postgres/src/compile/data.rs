//! Rows.

use aludel_engine::change::{InsertRows, LoadRows, OnConflict};
use aludel_engine::dialect::Unsupported;
use aludel_engine::plan::Statement;
use aludel_engine::schema::{ConstraintKind, Identity, ObjectName, Table, Type, Value};

use super::alter_column::{refuses_values, sequence_of};
use super::{Compiled, Context, constraint, names};
use crate::identifier::quote;
use crate::types::quote_name;
use crate::{expression, literal};

/// How many rows one statement has at most.
const ROWS: usize = 500;

/// How many bytes of rows one statement has at most, unless a single row is longer.
const BYTES: usize = 256 * 1024;

/// Rows appear.
pub fn insert(context: &Context<'_>, rows: &InsertRows) -> Compiled {
    if rows.rows.is_empty() {
        return Ok(Vec::new());
    }
    let table = context.table_before(&rows.table);
    let conflict = conflict_clause(table, rows)?;
    let table_name = quote_name(&rows.table);
    if rows.columns.is_empty() {
        return Ok(rows
            .rows
            .iter()
            .map(|_| Statement::dml(format!("INSERT INTO {table_name} DEFAULT VALUES")))
            .collect());
    }
    let overriding = table.is_some_and(|table| rows.columns.iter().any(|(name, _)| refuses_values(table, name)));
    let head = format!(
        "INSERT INTO {table_name} ({}){} VALUES",
        names(rows.columns.iter().map(|(name, _)| name)),
        if overriding { " OVERRIDING SYSTEM VALUE" } else { "" }
    );
    let mut tuples = Vec::with_capacity(rows.rows.len());
    for row in &rows.rows {
        tuples.push(tuple(context, rows, row)?);
    }
    let mut statements: Vec<Statement> =
        chunks(&tuples).map(|chunk| Statement::dml(format!("{head}\n  {}{conflict}", chunk.join(",\n  ")))).collect();
    statements.extend(table.into_iter().flat_map(|table| advance(table, rows)));
    Ok(statements)
}

/// The rows of a file, and the numbers of identity columns moved past theirs.
pub fn load(context: &Context<'_>, load: &LoadRows) -> Vec<Statement> {
    let columns = names(load.columns().map(|column| column.name.as_str()));
    let sql = format!("COPY {} ({columns}) FROM STDIN {}", quote_name(&load.table), load.remark());
    let given = |table| load.columns().filter_map(|column| advance_past(table, &column.name)).collect();
    let advance: Vec<Statement> = context.table_before(&load.table).map(given).unwrap_or_default();
    std::iter::once(Statement::data(sql, load, false)).chain(advance).collect()
}

/// The rows of a file go, by their keys.
pub fn unload(load: &LoadRows) -> Statement {
    let sql = format!("DELETE FROM {} WHERE ({}) IN {}", quote_name(&load.table), names(&load.key), load.remark());
    Statement::data(sql, load, true)
}

/// Parts of the rows that fit into one statement each.
fn chunks(tuples: &[String]) -> impl Iterator<Item = &[String]> {
    let mut rest = tuples;
    std::iter::from_fn(move || {
        let mut bytes = 0;
        let fits = rest
            .iter()
            .take(ROWS)
            .take_while(|tuple| {
                bytes += tuple.len();
                bytes <= BYTES
            })
            .count();
        let (chunk, next) = rest.split_at(fits.max(1).min(rest.len()));
        rest = next;
        (!chunk.is_empty()).then_some(chunk)
    })
}

fn tuple(context: &Context<'_>, rows: &InsertRows, row: &[Value]) -> Result<String, Unsupported> {
    let mut cells = Vec::with_capacity(row.len());
    for ((name, ty), value) in rows.columns.iter().zip(row) {
        cells.push(match value {
            Value::Sql(sql) => expression::operand(sql),
            value => literal::render(value, ty, context.features).map_err(|error| error.about(name))?,
        });
    }
    Ok(format!("({})", cells.join(", ")))
}

/// `ON CONFLICT …`, or nothing.
fn conflict_clause(table: Option<&Table>, rows: &InsertRows) -> Result<String, Unsupported> {
    let target = || -> Result<String, Unsupported> {
        match table.is_none_or(|table| is_key(table, &rows.key)) {
            true => Ok(format!(" ({})", names(&rows.key))),
            false => Err(Unsupported::new(format!(
                "`on_conflict` needs a unique key, and ({}) is none of `{}`",
                constraint::described(&rows.key),
                rows.table
            ))
            .about(rows.table.to_string())
            .help("create a unique constraint on these columns first, or name the columns of one as `key`")),
        }
    };
    match rows.on_conflict {
        OnConflict::Error => Ok(String::new()),
        OnConflict::Ignore if rows.key.is_empty() => Ok("\nON CONFLICT DO NOTHING".to_owned()),
        OnConflict::Ignore => Ok(format!("\nON CONFLICT{} DO NOTHING", target()?)),
        OnConflict::Update if rows.key.is_empty() => Err(Unsupported::new(format!(
            "`on_conflict: update` does not know which rows of `{}` are the same",
            rows.table
        ))
        .about(rows.table.to_string())
        .help("name the columns of a unique key: `key: [id]`")),
        OnConflict::Update => {
            let set: Vec<String> = rows
                .columns
                .iter()
                .filter(|(name, _)| !rows.key.contains(name))
                .map(|(name, _)| format!("{} = EXCLUDED.{}", quote(name), quote(name)))
                .collect();
            Ok(match set.is_empty() {
                true => format!("\nON CONFLICT{} DO NOTHING", target()?),
                false => format!("\nON CONFLICT{} DO UPDATE SET {}", target()?, set.join(", ")),
            })
        }
    }
}

/// Whether the server can tell rows apart by these columns.
fn is_key(table: &Table, columns: &[String]) -> bool {
    let same = |key: &[String]| key.len() == columns.len() && key.iter().all(|column| columns.contains(column));
    let constraint = table.constraints.iter().any(|constraint| match &constraint.kind {
        ConstraintKind::PrimaryKey { columns } | ConstraintKind::Unique { columns } => same(columns),
        _ => false,
    });
    let index = table.indexes.iter().filter(|index| index.unique && index.predicate.is_none()).any(|index| {
        let names: Option<Vec<String>> = index.parts.iter().map(|part| part.column_name().map(str::to_owned)).collect();
        names.is_some_and(|names| same(&names))
    });
    constraint || index
}

/// Moves the numbers of identity columns past those that were given. The other databases do so by themselves; here the
/// next row without a number would otherwise collide.
fn advance<'a>(table: &'a Table, rows: &'a InsertRows) -> impl Iterator<Item = Statement> + 'a {
    rows.columns.iter().filter_map(move |(name, _)| advance_past(table, name))
}

fn advance_past(table: &Table, column: &str) -> Option<Statement> {
    let numbered = |identity: &Identity| identity.increment.is_none_or(|step| step > 0);
    let column = table.column(column)?;
    let makes_numbers = column.identity.as_ref().is_some_and(numbered) || is_serial(&column.ty);
    makes_numbers.then_some(())?;
    Some(Statement::ddl(advance_sql(&table.name, &column.name)))
}

/// A column of the old kind, whose default is a sequence of its own (manual, 8.1.4).
fn is_serial(ty: &Type) -> bool {
    const WORDS: [&str; 6] = ["serial", "bigserial", "smallserial", "serial2", "serial4", "serial8"];
    matches!(ty, Type::Native(name) if WORDS.contains(&name.trim().to_ascii_lowercase().as_str()))
}

fn advance_sql(table: &ObjectName, column: &str) -> String {
    format!(
        "SELECT setval(s, m) FROM (SELECT {}::regclass AS s, max({}) AS m FROM {}) AS given \
         WHERE m > coalesce(pg_sequence_last_value(s), 0)",
        sequence_of(table, column),
        quote(column),
        quote_name(table)
    )
}

/// Rows that an insert made go, found by their key.
pub fn delete(context: &Context<'_>, rows: &InsertRows) -> Compiled {
    let mut key = Vec::new();
    for name in &rows.key {
        match rows.columns.iter().position(|(column, _)| column == name) {
            Some(place) => key.push(place),
            None => {
                return Err(Unsupported::new(format!(
                    "the rows of `{}` have no value for their key `{name}`",
                    rows.table
                ))
                .about(name)
                .help("give every row a value for each column of the key"));
            }
        }
    }
    if key.is_empty() {
        return Err(Unsupported::new(format!("the rows of `{}` have no key to find them by", rows.table))
            .about(rows.table.to_string())
            .help("name one: `key: [id]`"));
    }
    let table = quote_name(&rows.table);
    let single = match key.as_slice() {
        [only] if rows.rows.iter().all(|row| row.get(*only).is_some_and(|value| *value != Value::Null)) => Some(*only),
        _ => None,
    };
    let mut tests = Vec::with_capacity(rows.rows.len());
    for row in &rows.rows {
        tests.push(match single {
            Some(place) => comparable(context, rows, row, place)?,
            None => same_row(context, rows, row, &key)?,
        });
    }
    Ok(chunks(&tests)
        .map(|chunk| {
            let condition = match single {
                Some(place) => format!("{} IN ({})", quote(&rows.columns[place].0), chunk.join(", ")),
                None => chunk.join("\n   OR "),
            };
            Statement::dml(format!("DELETE FROM {table} WHERE {condition}"))
        })
        .collect())
}

fn comparable(context: &Context<'_>, rows: &InsertRows, row: &[Value], place: usize) -> Result<String, Unsupported> {
    let (name, ty) = &rows.columns[place];
    literal::for_comparison(row.get(place).unwrap_or(&Value::Null), ty, context.features)
        .map_err(|error| error.about(name))
}

fn same_row(context: &Context<'_>, rows: &InsertRows, row: &[Value], key: &[usize]) -> Result<String, Unsupported> {
    let mut parts = Vec::with_capacity(key.len());
    for place in key {
        let (name, ty) = &rows.columns[*place];
        // `json` has no equality (manual, 8.14).
        let column = if *ty == Type::Json { format!("{}::text", quote(name)) } else { quote(name) };
        parts.push(match row.get(*place) {
            None | Some(Value::Null) => format!("{} IS NULL", quote(name)),
            Some(_) => format!("{column} = {}", comparable(context, rows, row, *place)?),
        });
    }
    Ok(format!("({})", parts.join(" AND ")))
}
