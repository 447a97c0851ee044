//! Changes of one table that stays: in place where SQLite can, else with one rebuild for all of them.

use aludel_engine::change::{Change, Position, column_mentions};
use aludel_engine::dialect::Unsupported;
use aludel_engine::plan::{LockLevel, Statement, Work};
use aludel_engine::schema::{
    Column, Constraint, ConstraintKind, ForeignKey, ObjectName, ReferentialAction, Schema, Table, Value,
};
use aludel_engine::sql::mentions;

use super::rebuild::{self, Rebuild, trigger_probes};
use super::{applied, check, column, constraint, index};
use crate::dialect::Sqlite;
use crate::identifier::{is_rowid_name, quote};
use crate::lex::LEXICON;
use crate::literal::{is_constant_default, literal};

/// The statements for changes of one table.
pub fn compile(
    dialect: &Sqlite,
    before: &Schema,
    after: &Schema,
    changes: &[Change],
) -> Result<Vec<Statement>, Unsupported> {
    let Some(name) = changes.first().and_then(Change::table) else {
        return Ok(Vec::new());
    };
    check::refuse(dialect, find(after, name)?, after)?;
    if let Some(statements) = in_place(dialect, before, changes)? {
        return Ok(statements);
    }
    let (renames, others) = hoist_renames(changes);
    let mut statements = Vec::new();
    let mut state = before.clone();
    if !renames.is_empty() {
        statements.extend(in_place(dialect, &state, &renames)?.unwrap_or_default());
        state = applied(&state, &renames)?;
    }
    // A rename that could not go first, and a conversion of values that only come about here, part the rest into
    // rebuilds of their own.
    let mut rest = others.as_slice();
    while !rest.is_empty() {
        let until = (0..rest.len())
            .find(|&at| matches!(rest[at], Change::RenameColumn { .. }) || reads_any(&rest[at], &rest[..at]));
        let (group, later) = match until {
            Some(0) => rest.split_at(1),
            Some(at) => rest.split_at(at),
            None => (rest, &[] as &[Change]),
        };
        let next = applied(&state, group)?;
        match in_place(dialect, &state, group)? {
            Some(found) => statements.extend(found),
            None => {
                let rebuild = Rebuild::of(dialect, find(&state, name)?, find(&next, name)?, &next, group)?;
                let why = group.iter().map(Change::describe).collect::<Vec<_>>().join("; ");
                statements.extend(rebuild::statements(&[rebuild], &next, &why)?);
            }
        }
        state = next;
        rest = later;
    }
    Ok(statements)
}

/// Whether a conversion reads a column that earlier changes make or convert.
fn reads_any(change: &Change, earlier: &[Change]) -> bool {
    let Change::AlterColumn { using: Some(using), .. } = change else { return false };
    earlier.iter().any(|earlier| match earlier {
        Change::AddColumn { column, .. } | Change::AlterColumn { after: column, .. } => {
            mentions(using, &column.name, &LEXICON)
        }
        _ => false,
    })
}

fn find<'a>(schema: &'a Schema, name: &ObjectName) -> Result<&'a Table, Unsupported> {
    match schema.table(name) {
        Some(table) => Ok(table),
        None => Err(Unsupported::new(format!("there is no table `{name}`")).about(name.to_string())),
    }
}

/// The renames of columns that can go first without changing what the other changes mean, and the others.
fn hoist_renames(changes: &[Change]) -> (Vec<Change>, Vec<Change>) {
    let mut renames = Vec::new();
    let mut others: Vec<Change> = Vec::new();
    for change in changes {
        match change {
            Change::RenameColumn { from, to, .. }
                if !others.iter().any(|other| touches(other, from) || touches(other, to)) =>
            {
                renames.push(change.clone());
            }
            _ => others.push(change.clone()),
        }
    }
    (renames, others)
}

/// Whether a change speaks of a column, by any of the names in its definitions.
fn touches(change: &Change, name: &str) -> bool {
    let constraint = |constraint: &Constraint| match &constraint.kind {
        ConstraintKind::Check { sql } => mentions(sql, name, &LEXICON),
        // It may refer to the table itself.
        ConstraintKind::ForeignKey(key) => key.columns.iter().chain(&key.referred_columns).any(|one| one == name),
        _ => constraint.columns().iter().any(|column| column == name),
    };
    match change {
        Change::AddColumn { column, position, .. } | Change::DropColumn { column, position, .. } => {
            column.name == name
                || *position == Position::After(name.to_owned())
                || column.computed.as_ref().is_some_and(|computed| mentions(&computed.sql, name, &LEXICON))
        }
        Change::AlterColumn { after, using, .. } => {
            after.name == name
                || using.as_ref().is_some_and(|using| mentions(using, name, &LEXICON))
                || after.computed.as_ref().is_some_and(|computed| mentions(&computed.sql, name, &LEXICON))
        }
        Change::RenameColumn { from, to, .. } => from == name || to == name,
        Change::AddConstraint { constraint: one, .. } | Change::DropConstraint { constraint: one, .. } => {
            constraint(one)
        }
        Change::CreateIndex { index, .. } | Change::DropIndex { index, .. } => {
            let mut alone = Table::new("t");
            alone.columns.push(Column::new(name, aludel_engine::schema::Type::Text));
            alone.indexes.push(index.clone());
            let found = column_mentions(&alone, name, &LEXICON);
            !found.own_indexes.is_empty() || !found.shared_indexes.is_empty()
        }
        _ => false,
    }
}

/// The statements that alter in place; none when one of the changes needs a rebuild.
fn in_place(dialect: &Sqlite, before: &Schema, changes: &[Change]) -> Result<Option<Vec<Statement>>, Unsupported> {
    let mut statements = Vec::new();
    let mut state = before.clone();
    let mut rest = changes;
    while let [change, later @ ..] = rest {
        let mut taken = 0;
        let found = match change {
            Change::AddColumn { table, column, position, if_not_exists } => {
                if *if_not_exists {
                    return Err(Unsupported::new("SQLite cannot add a column only if it is missing")
                        .about(column.name.clone())
                        .help("leave `if_not_exists` out for SQLite"));
                }
                let next = applied(&state, std::slice::from_ref(change))?;
                add_column(find(&state, table)?, column, position, later, &next)?.map(|(statement, inline)| {
                    taken = inline;
                    vec![statement]
                })
            }
            _ => alter(dialect, &state, change)?,
        };
        let Some(found) = found else {
            return Ok(None);
        };
        statements.extend(found);
        let (done, next) = rest.split_at(1 + taken);
        state = applied(&state, done)?;
        rest = next;
    }
    Ok(Some(statements))
}

/// ADD COLUMN, with the foreign keys and checks of that column that follow it: those cannot be added afterwards.
/// <https://sqlite.org/lang_altertable.html#alter_table_add_column>
fn add_column(
    table: &Table,
    column: &Column,
    position: &Position,
    later: &[Change],
    schema: &Schema,
) -> Result<Option<(Statement, usize)>, Unsupported> {
    let last = match position {
        Position::Last => true,
        Position::First => table.columns.is_empty(),
        Position::After(name) => table.columns.last().is_some_and(|last| last.name == *name),
    };
    let constant = column.default.as_ref().is_none_or(|default| is_constant_default(default, &column.ty));
    let stored = column.computed.as_ref().is_some_and(|computed| computed.stored);
    if !last || !constant || stored || column.identity.is_some() {
        return Ok(None);
    }
    let plain = column.default.as_ref().is_none_or(|default| *default == Value::Null);
    let inline: Vec<&Constraint> = later
        .iter()
        .map_while(|change| match change {
            Change::AddConstraint { constraint, .. } => match &constraint.kind {
                ConstraintKind::ForeignKey(key) => {
                    (plain && key.columns == [column.name.as_str()]).then_some(constraint)
                }
                ConstraintKind::Check { sql } => mentions(sql, &column.name, &LEXICON).then_some(constraint),
                _ => None,
            },
            _ => None,
        })
        .collect();
    let checked = !column.nullable || !inline.is_empty() || column.ty.enum_name().is_some();
    let definition = column::definition(table, column, schema, &inline)?;
    let statement = Statement::ddl(format!("ALTER TABLE {} ADD COLUMN {definition}", quote(&table.name.name)))
        .work(if checked { Work::Scan } else { Work::Metadata })
        .locks(&table.name, LockLevel::BlocksWrites);
    Ok(Some((statement, inline.len())))
}

/// One change in place, if SQLite can.
fn alter(dialect: &Sqlite, state: &Schema, change: &Change) -> Result<Option<Vec<Statement>>, Unsupported> {
    let Some(name) = change.table() else {
        return Ok(None);
    };
    let table = find(state, name)?;
    let alter = format!("ALTER TABLE {}", quote(&name.name));
    let ddl = |tail: String, work: Work| {
        Some(vec![Statement::ddl(format!("{alter} {tail}")).work(work).locks(name, LockLevel::BlocksWrites)])
    };
    let features = dialect.features();
    Ok(match change {
        Change::AlterTable { before, after, .. } => (before.options == after.options).then(Vec::new),
        Change::DropColumn { column, .. } => drop_column(table, column),
        // "cannot rename from rowid alias", though the column has the name alone and not the rowid.
        Change::RenameColumn { from, .. } if is_rowid_name(from) => {
            return Err(Unsupported::new(format!(
                "SQLite cannot rename a column called `{from}`, which is also a name of the number of a row"
            ))
            .about(from.clone())
            .help("add a column of the new name, copy the values, and drop the old one"));
        }
        Change::RenameColumn { from, to, .. } => {
            refuse_key_in_unique(table, from)?;
            ddl(format!("RENAME COLUMN {} TO {}", quote(from), quote(to)), Work::Metadata)
        }
        Change::AlterColumn { before, after, using, existing_null_value, .. } => {
            let only_null = using.is_none() && same_but_null(before, after);
            let in_key = table.primary_key_columns().contains(&after.name);
            if only_null && before.nullable == after.nullable {
                Some(Vec::new())
            } else if only_null && features.alter_not_null && !in_key && after.options.get("on_conflict").is_none() {
                Some(not_null(table, after, existing_null_value.as_ref())?)
            } else {
                None
            }
        }
        Change::AddConstraint { constraint, .. } => match &constraint.kind {
            ConstraintKind::Check { .. } if features.alter_check => {
                ddl(format!("ADD {}", constraint::definition(constraint)?), Work::Scan)
            }
            _ => None,
        },
        Change::DropConstraint { constraint, .. } => match (&constraint.kind, &constraint.name) {
            (ConstraintKind::Check { .. }, Some(name)) if features.alter_check => {
                ddl(format!("DROP CONSTRAINT {}", quote(name)), Work::Metadata)
            }
            (ConstraintKind::ForeignKey(key), Some(name)) if features.drop_foreign_key && !sets_default(key) => {
                ddl(format!("DROP CONSTRAINT {}", quote(name)), Work::Metadata)
            }
            _ => None,
        },
        Change::RenameConstraint { from, to, .. } => match table.constraint(from) {
            Some(constraint) if features.alter_check && matches!(constraint.kind, ConstraintKind::Check { .. }) => {
                let mut renamed = constraint.clone();
                renamed.name = Some(to.clone());
                let drop = ddl(format!("DROP CONSTRAINT {}", quote(from)), Work::Metadata).unwrap_or_default();
                let add = ddl(format!("ADD {}", constraint::definition(&renamed)?), Work::Scan).unwrap_or_default();
                Some([drop, add].concat())
            }
            _ => None,
        },
        // Every row was checked when the constraint was added.
        Change::ValidateConstraint { .. } | Change::InvalidateConstraint { .. } => Some(Vec::new()),
        Change::CreateIndex { index, if_not_exists, .. } => Some(vec![index::create(name, index, *if_not_exists)?]),
        Change::DropIndex { index, .. } => Some(vec![index::drop(name, &index.name)]),
        Change::RenameIndex { from, to, .. } => match table.index(from) {
            Some(old) => {
                let mut renamed = old.clone();
                renamed.name.clone_from(to);
                Some(vec![index::drop(name, from), index::create(name, &renamed, false)?])
            }
            None => None,
        },
        _ => None,
    })
}

/// SQLite fails to rename a primary key column of a WITHOUT ROWID table that a unique constraint has as well: "error in table t
/// after rename: no such column".
fn refuse_key_in_unique(table: &Table, column: &str) -> Result<(), Unsupported> {
    let has = |columns: &[String]| columns.iter().any(|name| name == column);
    let other =
        table.constraints.iter().find(|one| matches!(&one.kind, ConstraintKind::Unique { columns } if has(columns)));
    match other.filter(|_| table.options.flag("without_rowid") && has(table.primary_key_columns())) {
        None => Ok(()),
        Some(other) => {
            let name = other.name.as_deref().unwrap_or("(unnamed)");
            Err(Unsupported::new(format!(
                "SQLite cannot rename `{column}` of `{}`, a table WITHOUT ROWID in which the primary key and `{name}` have it",
                table.name
            ))
            .about(column)
            .help(format!("drop the unique constraint `{name}` first, and make it again after the rename")))
        }
    }
}

/// SQLite 3.54.1 looks for the end of a foreign key that it drops at the word DEFAULT, among others, and so leaves half of
/// one that says SET DEFAULT: "near DEFAULT: syntax error". <https://sqlite.org/lang_altertable.html>
fn sets_default(key: &ForeignKey) -> bool {
    [key.on_delete, key.on_update].contains(&ReferentialAction::SetDefault)
}

/// Whether two definitions differ in nothing but NOT NULL and the comment.
fn same_but_null(before: &Column, after: &Column) -> bool {
    let mut same = before.clone();
    same.nullable = after.nullable;
    same.comment.clone_from(&after.comment);
    same == *after
}

fn not_null(table: &Table, column: &Column, value: Option<&Value>) -> Result<Vec<Statement>, Unsupported> {
    let (table_name, name) = (quote(&table.name.name), quote(&column.name));
    let mut statements = Vec::new();
    if let Some(value) = value.filter(|value| !column.nullable && **value != Value::Null) {
        let value = literal(value, &column.ty)?;
        statements.push(Statement::dml(format!("UPDATE {table_name} SET {name} = {value} WHERE {name} IS NULL")));
    }
    let (verb, work) = if column.nullable { ("DROP", Work::Metadata) } else { ("SET", Work::Scan) };
    let sql = format!("ALTER TABLE {table_name} ALTER COLUMN {name} {verb} NOT NULL");
    statements.push(Statement::ddl(sql).work(work).locks(&table.name, LockLevel::BlocksWrites));
    Ok(statements)
}

/// DROP COLUMN, where nothing of the table is built on the column.
/// <https://sqlite.org/lang_altertable.html#alter_table_drop_column>
fn drop_column(table: &Table, column: &Column) -> Option<Vec<Statement>> {
    let found = column_mentions(table, &column.name, &LEXICON);
    let free = found.own_constraints.is_empty()
        && found.shared_constraints.is_empty()
        && found.own_indexes.is_empty()
        && found.shared_indexes.is_empty()
        && found.computed.is_empty();
    if !free {
        return None;
    }
    let sql = format!("ALTER TABLE {} DROP COLUMN {}", quote(&table.name.name), quote(&column.name));
    let mut statements = vec![Statement::ddl(sql).work(Work::Copy).locks(&table.name, LockLevel::BlocksWrites)];
    let mut left = table.clone();
    left.columns.retain(|other| other.name != column.name);
    statements.extend(trigger_probes(&left).into_iter().map(Statement::ddl));
    Some(statements)
}
