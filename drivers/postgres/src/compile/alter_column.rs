//! A column whose definition changes.

use aludel_engine::dialect::{Unsupported, string_literal};
use aludel_engine::plan::{LockLevel, Statement, Work};
use aludel_engine::schema::{Column, Computed, Deferral, Identity, ObjectName, Table, Type, Value};

use super::column::{self, alter as table_action, default, option_changes};
use super::{Compiled, Context, comment, detach, numbering, rewrite, using};
use crate::identifier::quote;
use crate::types::quote_name;
use crate::{check, expression, literal, serial, types};

/// The change.
#[derive(Debug, Clone, Copy)]
pub struct AlterColumn<'a> {
    pub table: &'a ObjectName,
    pub before: &'a Column,
    pub after: &'a Column,
    pub using: Option<&'a str>,
    pub existing_null_value: Option<&'a Value>,
}

impl AlterColumn<'_> {
    /// Whether the server refuses it while a view reads the column: another type, or a column that is made anew.
    pub fn replaces(&self) -> bool {
        self.before.ty != self.after.ty
            || self.before.collation != self.after.collation
            || self.before.computed != self.after.computed
    }
}

/// The statements, in the order that works with rows in the table.
pub fn compile(context: &Context<'_>, change: &AlterColumn<'_>) -> Compiled {
    check::column(change.after, context.features)?;
    let AlterColumn { table, before, after, .. } = *change;
    match (serial::is_numbered(before), serial::is_numbered(after)) {
        (false, false) => alter(context, change),
        (true, true) => {
            let mut statements = alter(context, change)?;
            if before.ty != after.ty {
                statements.push(numbering::retype(table, after));
            }
            Ok(statements)
        }
        // The rest goes in between, on a column that is numbered as before or as after.
        (true, false) => {
            let mut statements = vec![numbering::end(table, after)];
            let between = Column { identity: after.identity, ..before.clone() };
            statements.extend(alter(context, &AlterColumn { before: &between, ..*change })?);
            Ok(statements)
        }
        (false, true) => {
            let between = Column { identity: before.identity, ..after.clone() };
            let mut statements = alter(context, &AlterColumn { after: &between, ..*change })?;
            statements.push(numbering::begin(table, before, after));
            Ok(statements)
        }
    }
}

fn alter(context: &Context<'_>, change: &AlterColumn<'_>) -> Compiled {
    let mut statements = match (&change.before.computed, &change.after.computed) {
        (Some(old), Some(new)) if old != new => change_expression(context, change, old, new)?,
        (None, Some(_)) => return Err(cannot_become_computed(change)),
        (Some(old), None) => {
            let mut statements = vec![drop_expression(context, change, old)?];
            statements.extend(alter_definition(context, change)?);
            statements
        }
        _ => alter_definition(context, change)?,
    };
    statements.extend(comment::changed(
        &column::object(change.table, &change.after.name),
        change.before.comment.as_deref(),
        change.after.comment.as_deref(),
    )?);
    Ok(statements)
}

fn cannot_become_computed(change: &AlterColumn<'_>) -> Unsupported {
    let name = &change.after.name;
    Unsupported::new(format!(
        "PostgreSQL cannot make the column `{name}` of `{}` a computed one in place",
        change.table
    ))
    .about(name)
    .help("its values would be lost: drop the column, then add it with `computed`")
}

fn drop_expression(context: &Context<'_>, change: &AlterColumn<'_>, old: &Computed) -> Result<Statement, Unsupported> {
    let name = &change.after.name;
    if !old.stored || !context.features.drop_expression {
        return Err(Unsupported::new(format!(
            "PostgreSQL cannot make the computed column `{name}` of `{}` an ordinary one in place",
            change.table
        ))
        .about(name)
        .help("add another column, fill it from this one, drop this one and rename the other"));
    }
    Ok(table_action(change.table, &format!("ALTER COLUMN {} DROP EXPRESSION", quote(name))))
}

/// A generated column holds nothing of its own, so it can be made again where its expression cannot be changed.
fn change_expression(context: &Context<'_>, change: &AlterColumn<'_>, old: &Computed, new: &Computed) -> Compiled {
    let name = &change.after.name;
    if context.features.set_expression && old.stored == new.stored {
        let sql = expression::parenthesised(&new.sql);
        let action = format!("ALTER COLUMN {} SET EXPRESSION AS {sql}", quote(name));
        let work = if new.stored { Work::Copy } else { Work::Metadata };
        let mut statements = vec![table_action(change.table, &action).work(work)];
        let before = Column { computed: change.after.computed.clone(), ..change.before.clone() };
        statements.extend(alter_definition(context, &AlterColumn { before: &before, ..*change })?);
        return Ok(statements);
    }
    let remade = detach::remake_computed(context, change.table, std::slice::from_ref(name))?;
    Ok(remade.drop.into_iter().chain(remade.restore).collect())
}

/// What an alteration is made of: actions before the rows are touched, and after.
fn alter_definition(context: &Context<'_>, change: &AlterColumn<'_>) -> Compiled {
    let AlterColumn { table, before, after, .. } = *change;
    let name = quote(&after.name);
    let new_type = types::render(&after.ty).map_err(|error| error.about(&after.name))?;
    let retyped = types::render(&before.ty)? != new_type
        || column::collation(before) != column::collation(after)
        || change.using.is_some();
    // A conversion may make NULLs where there were none.
    let refilled = change.existing_null_value.is_some() && change.using.is_some();
    let not_null = !after.nullable && (before.nullable || refilled);
    let (old_default, new_default) = (default(context, before)?, default(context, after)?);

    let mut statements = Vec::new();
    let mut work = Work::Metadata;
    let mut actions: Vec<String> = Vec::new();
    if before.identity.is_some() && after.identity.is_none() {
        statements.push(table_action(table, &format!("ALTER COLUMN {name} DROP IDENTITY")));
    }
    // A default is not converted with the rows: it is taken off, and put on again as the new definition has it.
    let default_goes = old_default.is_some() && (retyped || new_default.is_none());
    if default_goes {
        actions.push(format!("ALTER COLUMN {name} DROP DEFAULT"));
    }
    let mut detached = detach::Detached::default();
    if retyped {
        let mut action = format!("ALTER COLUMN {name} TYPE {new_type}");
        if let Some(collation) = column::collation(after) {
            action.push_str(&format!(" COLLATE {collation}"));
        }
        if let Some(expression) = conversion(change)? {
            action.push_str(&format!(" USING {expression}"));
        }
        actions.push(action);
        work = match rewrite::work(&before.ty, &after.ty) {
            Work::Metadata if change.using.is_some() => Work::Copy,
            Work::Metadata if column::collation(before) != column::collation(after) => Work::Index,
            work => work,
        };
        detached = detach::computed_from(context, table, &after.name)?;
    }
    if let Some(default) = &new_default
        && (default_goes || old_default != new_default)
    {
        actions.push(format!("ALTER COLUMN {name} SET DEFAULT {default}"));
    }
    if !before.nullable && (after.nullable || refilled) {
        actions.push(format!("ALTER COLUMN {name} DROP NOT NULL"));
    }
    let mut late = Vec::new();
    if not_null {
        late.push(format!("ALTER COLUMN {name} SET NOT NULL"));
    }
    // A new type brings its own storage and compression.
    let plain = Column::new(&after.name, after.ty.clone());
    let options_before = if retyped { Column { options: statistics_only(before), ..plain } } else { before.clone() };
    late.extend(option_changes(&options_before, after));

    statements.extend(detached.drop);
    match change.existing_null_value.filter(|_| not_null) {
        Some(value) => {
            if !actions.is_empty() {
                statements.push(table_actions(table, &actions, work));
            }
            statements.extend(fill_nulls(context, change, value)?);
            statements.push(table_actions(table, &late, Work::Scan));
        }
        None => {
            actions.extend(late);
            if not_null {
                work = work.max(Work::Scan);
            }
            if !actions.is_empty() {
                statements.push(table_actions(table, &actions, work));
            }
        }
    }
    if let Some(statement) = statements.iter_mut().find(|statement| statement.sql.contains(" TYPE "))
        && change.using.is_none()
        && reads_zone(&before.ty, &after.ty)
    {
        statement.notes.push(format!(
            "the values of {name} are read in the time zone of the session; say `using: \"{name} AT TIME ZONE 'UTC'\"` for another"
        ));
    }
    statements.extend(detached.restore);
    statements.extend(change_identity(change)?);
    Ok(statements)
}

/// Whether a conversion depends on the time zone of the session (manual, 8.5.1.3).
fn reads_zone(before: &Type, after: &Type) -> bool {
    let zoned = |ty: &Type| matches!(ty, Type::TimestampTz(_));
    let plain = |ty: &Type| matches!(ty, Type::Timestamp(_) | Type::Date | Type::Time(_));
    zoned(before) && plain(after) || plain(before) && zoned(after)
}

fn statistics_only(column: &Column) -> aludel_engine::schema::Options {
    let mut options = column.options.clone();
    options.0.retain(|key, _| key == "statistics");
    options
}

/// One ALTER TABLE with several actions, which takes one lock and writes the table at most once.
fn table_actions(table: &ObjectName, actions: &[String], work: Work) -> Statement {
    let separator = if actions.len() > 1 { "\n  " } else { " " };
    let sql = format!("ALTER TABLE {}{separator}{}", quote_name(table), actions.join(",\n  "));
    Statement::ddl(sql).work(work).locks(table, LockLevel::BlocksAll)
}

/// What stands after USING.
fn conversion(change: &AlterColumn<'_>) -> Result<Option<String>, Unsupported> {
    let AlterColumn { table, before, after, .. } = *change;
    let computed = before.computed.is_some() && after.computed.is_some();
    match change.using {
        Some(_) if computed => Err(Unsupported::new(format!(
            "the column `{}` of `{table}` is computed, so there is nothing for `using` to convert",
            after.name
        ))
        .about(&after.name)
        .help("remove `using`")),
        Some(expression) => Ok(Some(expression::parenthesised(expression))),
        None if computed => Ok(None),
        None => using::automatic(&quote(&after.name), &before.ty, &after.ty).map_err(|error| Unsupported {
            message: format!("{} in the column `{}` of `{table}`", error.message, after.name),
            object: Some(after.name.clone()),
            help: error.help,
        }),
    }
}

/// Gives the present NULLs a value.
fn fill_nulls(context: &Context<'_>, change: &AlterColumn<'_>, value: &Value) -> Compiled {
    let AlterColumn { table, after, .. } = *change;
    let name = quote(&after.name);
    let literal = match value {
        Value::Sql(sql) => expression::parenthesised(sql),
        value => {
            literal::render(value, &after.ty, context.features).map_err(|error| error.about(after.name.clone()))?
        }
    };
    let mut statements =
        vec![Statement::dml(format!("UPDATE {} SET {name} = {literal} WHERE {name} IS NULL", quote_name(table)))];
    // A constraint that waits for the commit would leave an event behind, and ALTER TABLE refuses a table with pending
    // trigger events.
    if has_deferred(context, table) {
        statements.push(Statement::ddl("SET CONSTRAINTS ALL IMMEDIATE"));
    }
    Ok(statements)
}

fn has_deferred(context: &Context<'_>, table: &ObjectName) -> bool {
    let own = context.before.table(table).into_iter().flat_map(|table| &table.constraints);
    let inbound = context.before.references_to(table).map(|(_, constraint, _)| constraint);
    own.chain(inbound).any(|constraint| constraint.deferral == Deferral::InitiallyDeferred)
}

fn change_identity(change: &AlterColumn<'_>) -> Compiled {
    let AlterColumn { table, before, after, .. } = *change;
    let name = quote(&after.name);
    let mut statements = Vec::new();
    match (&before.identity, &after.identity) {
        (None, Some(identity)) => {
            if let Some(sequence) = serial_sequence(before) {
                statements.push(Statement::ddl(format!("ALTER SEQUENCE {sequence} OWNED BY NONE")).note(format!(
                    "the sequence `{sequence}` stays, without a column that uses it; drop it when you are sure"
                )));
            }
            if after.nullable {
                statements.push(table_action(table, &format!("ALTER COLUMN {name} SET NOT NULL")).work(Work::Scan));
            }
            let clause = column::identity_clause(identity);
            statements.push(table_action(table, &format!("ALTER COLUMN {name} ADD {clause}")));
            statements.push(advance(table, after, identity));
        }
        (Some(old), Some(new)) if old != new => {
            let mut parts = Vec::new();
            if old.always != new.always {
                parts.push(format!("SET GENERATED {}", if new.always { "ALWAYS" } else { "BY DEFAULT" }));
            }
            let increment = |identity: &Identity| identity.increment.unwrap_or(1);
            if increment(old) != increment(new) {
                parts.push(format!("SET INCREMENT BY {}", increment(new)));
            }
            if first(old) != first(new) {
                match column::identity_bound(new) {
                    Some(bound) => parts.push(format!("SET {bound}")),
                    None if column::identity_bound(old).is_some() => parts.push(usual_bound(new).to_owned()),
                    None => {}
                }
                parts.push(format!("SET START WITH {}", first(new)));
            }
            if !parts.is_empty() {
                statements.push(table_action(table, &format!("ALTER COLUMN {name} {}", parts.join(" "))));
            }
        }
        _ => {}
    }
    Ok(statements)
}

/// The bound that the server sets by itself.
fn usual_bound(identity: &Identity) -> &'static str {
    match identity.increment.is_some_and(|step| step < 0) {
        true => "SET MAXVALUE -1",
        false => "SET MINVALUE 1",
    }
}

/// The first number of an identity (manual, CREATE SEQUENCE).
fn first(identity: &Identity) -> i64 {
    identity.start.unwrap_or(if identity.increment.is_some_and(|step| step < 0) { -1 } else { 1 })
}

/// Moves the numbers past those that the rows have already.
fn advance(table: &ObjectName, column: &Column, identity: &Identity) -> Statement {
    let name = quote(&column.name);
    let table_text = quote_name(table);
    let sequence = sequence_of(table, &column.name);
    let start = first(identity);
    let (extreme, comparison) =
        if identity.increment.is_some_and(|step| step < 0) { ("min", "<=") } else { ("max", ">=") };
    Statement::ddl(format!(
        "SELECT setval({sequence}, {extreme}({name})) FROM {table_text} HAVING {extreme}({name}) {comparison} {start}"
    ))
    .work(Work::Scan)
}

/// The sequence behind a column, as an expression.
pub fn sequence_of(table: &ObjectName, column: &str) -> String {
    format!("pg_get_serial_sequence({}, {})", string_literal(&quote_name(table)), string_literal(column))
}

/// The sequence that a default of the old kind (`serial`) reads, where the text names one plainly.
fn serial_sequence(column: &Column) -> Option<String> {
    let Some(Value::Sql(sql)) = &column.default else {
        return None;
    };
    let rest = sql.trim().strip_prefix("nextval('")?;
    let (name, rest) = rest.split_once('\'')?;
    let plain = name.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || matches!(c, '_' | '.'));
    let tail = rest.strip_prefix("::regclass").unwrap_or(rest);
    let is_integer = matches!(column.ty, Type::SmallInt | Type::Integer | Type::BigInt);
    (plain && tail == ")" && is_integer).then(|| name.to_owned())
}

/// Whether a table has a column of that name that the database numbers and that refuses given values.
pub fn refuses_values(table: &Table, column: &str) -> bool {
    table.column(column).and_then(|column| column.identity).is_some_and(|identity| identity.always)
}
