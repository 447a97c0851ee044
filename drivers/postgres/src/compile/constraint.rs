//! Constraints.

use aludel_engine::dialect::{Unsupported, comma_list};
use aludel_engine::plan::{LockLevel, Statement, TimeoutClass, Work};
use aludel_engine::schema::{
    Constraint, ConstraintKind, Deferral, Exclude, ForeignKey, Match, ObjectName, ReferentialAction,
};

use super::column::alter;
use super::{Compiled, Context, comment, detach, index, names, storage_parameters};
use crate::identifier::quote;
use crate::types::quote_name;
use crate::{check, expression, normalize};

/// A constraint as CREATE TABLE and ADD have it. A key without a name gets the one the server would choose, so that it
/// can be found again.
pub fn definition(context: &Context<'_>, table: &ObjectName, constraint: &Constraint) -> Result<String, Unsupported> {
    check::constraint(constraint, context.features)?;
    let mut sql = match normalize::constraint_name(table, constraint) {
        Some(name) => format!("CONSTRAINT {} ", quote(&name)),
        None => String::new(),
    };
    match &constraint.kind {
        ConstraintKind::PrimaryKey { columns } => {
            sql.push_str(&format!("PRIMARY KEY ({})", names(columns)));
            push_index_options(&mut sql, constraint)?;
        }
        ConstraintKind::Unique { columns } => {
            let nulls = if constraint.options.flag("nulls_not_distinct") { "NULLS NOT DISTINCT " } else { "" };
            sql.push_str(&format!("UNIQUE {nulls}({})", names(columns)));
            push_index_options(&mut sql, constraint)?;
        }
        ConstraintKind::Check { sql: condition } => {
            sql.push_str(&format!("CHECK {}", expression::parenthesised(condition)));
            if constraint.options.flag("no_inherit") {
                sql.push_str(" NO INHERIT");
            }
        }
        ConstraintKind::ForeignKey(key) => push_foreign_key(&mut sql, key, constraint),
        ConstraintKind::Exclude(exclude) => push_exclude(&mut sql, exclude, constraint)?,
    }
    match constraint.deferral {
        Deferral::NotDeferrable => {}
        Deferral::InitiallyImmediate => sql.push_str(" DEFERRABLE"),
        Deferral::InitiallyDeferred => sql.push_str(" DEFERRABLE INITIALLY DEFERRED"),
    }
    Ok(sql)
}

fn push_index_options(sql: &mut String, constraint: &Constraint) -> Result<(), Unsupported> {
    let included = constraint.options.texts("include");
    if !included.is_empty() {
        sql.push_str(&format!(" INCLUDE ({})", names(included)));
    }
    if let Some(parameters) = storage_parameters(&constraint.options)? {
        sql.push_str(&format!(" WITH ({parameters})"));
    }
    if let Some(tablespace) = constraint.options.text("tablespace") {
        sql.push_str(&format!(" USING INDEX TABLESPACE {}", quote(tablespace)));
    }
    Ok(())
}

fn push_exclude(sql: &mut String, exclude: &Exclude, constraint: &Constraint) -> Result<(), Unsupported> {
    let elements = exclude.elements.iter().map(|element| {
        let operator = match element.operator.rsplit_once('.') {
            Some((namespace, operator)) => format!("OPERATOR({}.{operator})", quote(namespace)),
            None => element.operator.clone(),
        };
        format!("{} WITH {operator}", index::part(&element.part))
    });
    sql.push_str(&format!("EXCLUDE USING {} ({})", quote(&exclude.method.to_lowercase()), comma_list(elements)));
    push_index_options(sql, constraint)?;
    if let Some(predicate) = &exclude.predicate {
        sql.push_str(&format!(" WHERE {}", expression::parenthesised(predicate)));
    }
    Ok(())
}

fn push_foreign_key(sql: &mut String, key: &ForeignKey, constraint: &Constraint) {
    sql.push_str(&format!("FOREIGN KEY ({}) REFERENCES {}", names(&key.columns), quote_name(&key.referred_table)));
    if !key.referred_columns.is_empty() {
        sql.push_str(&format!(" ({})", names(&key.referred_columns)));
    }
    if key.matching == Match::Full {
        sql.push_str(" MATCH FULL");
    }
    if key.on_delete != ReferentialAction::NoAction {
        sql.push_str(&format!(" ON DELETE {}", key.on_delete.sql()));
        let set = constraint.options.texts("on_delete_columns");
        if !set.is_empty() {
            sql.push_str(&format!(" ({})", names(set)));
        }
    }
    if key.on_update != ReferentialAction::NoAction {
        sql.push_str(&format!(" ON UPDATE {}", key.on_update.sql()));
    }
}

/// Adds the lock that a new foreign key takes on the table it refers to.
pub fn lock_referred(statement: Statement, table: &ObjectName, constraint: &Constraint) -> Statement {
    match constraint.foreign_key() {
        Some(key) if key.referred_table != *table => statement.locks(&key.referred_table, LockLevel::BlocksWrites),
        _ => statement,
    }
}

/// A constraint appears.
pub fn add(context: &Context<'_>, table: &ObjectName, constraint: &Constraint) -> Compiled {
    let mut action = format!("ADD {}", definition(context, table, constraint)?);
    if !constraint.validated {
        action.push_str(" NOT VALID");
    }
    let sql = format!("ALTER TABLE {} {action}", quote_name(table));
    let (work, level) = match constraint.kind {
        ConstraintKind::PrimaryKey { .. } | ConstraintKind::Unique { .. } | ConstraintKind::Exclude(_) => {
            (Work::Index, LockLevel::BlocksAll)
        }
        ConstraintKind::Check { .. } => (Work::Scan, LockLevel::BlocksAll),
        ConstraintKind::ForeignKey(_) => (Work::Scan, LockLevel::BlocksWrites),
    };
    let work = if constraint.validated { work } else { Work::Metadata };
    let statement = Statement::ddl(sql).work(work).locks(table, level);
    let mut statements = vec![lock_referred(statement, table, constraint)];
    statements.extend(comment_on_new(table, constraint)?);
    Ok(statements)
}

/// The comment of a new constraint.
pub fn comment_on_new(table: &ObjectName, constraint: &Constraint) -> Result<Option<Statement>, Unsupported> {
    match normalize::constraint_name(table, constraint) {
        Some(name) => comment::on_new(
            &format!("CONSTRAINT {} ON {}", quote(&name), quote_name(table)),
            constraint.comment.as_deref(),
        ),
        None => Ok(None),
    }
}

/// A constraint goes; foreign keys that another key of the same columns can serve are bound to that one.
pub fn drop_key(context: &Context<'_>, table: &ObjectName, constraint: &Constraint) -> Compiled {
    let keys = matches!(constraint.kind, ConstraintKind::PrimaryKey { .. } | ConstraintKind::Unique { .. });
    if !keys {
        return drop(table, constraint);
    }
    let columns: Vec<&str> = constraint.columns().iter().map(String::as_str).collect();
    let mut detached = detach::from_key(context, table, &columns)?;
    let mut statements = std::mem::take(&mut detached.drop);
    statements.extend(drop(table, constraint)?);
    statements.append(&mut detached.restore);
    Ok(statements)
}

/// A constraint goes.
pub fn drop(table: &ObjectName, constraint: &Constraint) -> Compiled {
    let Some(name) = normalize::constraint_name(table, constraint) else {
        return Err(Unsupported::new(format!(
            "the {} on `{table}` has no name, so it cannot be dropped by name",
            constraint.describe()
        ))
        .about(table.to_string())
        .help("give it a `name:` where it is made"));
    };
    let mut statement = alter(table, &format!("DROP CONSTRAINT {}", quote(&name)));
    if let Some(key) = constraint.foreign_key()
        && key.referred_table != *table
    {
        statement = statement.locks(&key.referred_table, LockLevel::BlocksAll);
    }
    Ok(vec![statement])
}

/// A constraint gets another name.
pub fn rename(table: &ObjectName, from: &str, to: &str) -> Vec<Statement> {
    vec![alter(table, &format!("RENAME CONSTRAINT {} TO {}", quote(from), quote(to)))]
}

/// The rows from before are checked, while readers and writers go on.
pub fn validate(context: &Context<'_>, table: &ObjectName, name: &str) -> Vec<Statement> {
    let mut statement =
        Statement::ddl(format!("ALTER TABLE {} VALIDATE CONSTRAINT {}", quote_name(table), quote(name)))
            .work(Work::Scan)
            .timeout(TimeoutClass::Online)
            .locks(table, LockLevel::Online);
    let key = context.table_before(table).and_then(|table| table.constraint(name)).and_then(Constraint::foreign_key);
    if let Some(key) = key.filter(|key| key.referred_table != *table) {
        statement = statement.locks(&key.referred_table, LockLevel::Online);
    }
    vec![statement]
}

/// The columns of a key in the words of a message.
#[must_use]
pub fn described(columns: &[String]) -> String {
    comma_list(columns.iter().map(|column| format!("`{column}`")))
}
