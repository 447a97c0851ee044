//! Domains.

use aludel_engine::dialect::Unsupported;
use aludel_engine::plan::{Statement, Work};
use aludel_engine::schema::{Column, Domain, DomainCheck};

use super::column::{self, collation_name};
use super::{Compiled, Context, comment};
use crate::expression;
use crate::identifier::quote;
use crate::types::{self, quote_name};

/// A domain appears.
pub fn create(context: &Context<'_>, domain: &Domain) -> Compiled {
    let mut sql = format!("CREATE DOMAIN {} AS {}", quote_name(&domain.name), types::render(&domain.ty)?);
    if let Some(collation) = &domain.collation {
        sql.push_str(&format!(" COLLATE {}", collation_name(collation)));
    }
    if let Some(default) = default(context, domain)? {
        sql.push_str(&format!(" DEFAULT {default}"));
    }
    if !domain.nullable {
        sql.push_str(" NOT NULL");
    }
    for check in &domain.checks {
        sql.push_str(&format!("\n  {}", constraint(check)));
    }
    let mut statements = vec![Statement::ddl(sql)];
    statements.extend(comment::on_new(&object(domain), domain.comment.as_deref())?);
    Ok(statements)
}

/// A domain goes.
pub fn drop(domain: &Domain) -> Statement {
    Statement::ddl(format!("DROP {}", object(domain)))
}

/// The properties of a domain change. What is added is checked against every column that has the domain.
pub fn alter(context: &Context<'_>, before: &Domain, after: &Domain) -> Compiled {
    let object = object(after);
    let mut statements = Vec::new();
    let mut alter =
        |action: String, work: Work| statements.push(Statement::ddl(format!("ALTER {object} {action}")).work(work));
    for gone in before.checks.iter().filter(|check| !after.checks.contains(check)) {
        alter(format!("DROP CONSTRAINT {}", quote(&gone.name)), Work::Metadata);
    }
    for new in after.checks.iter().filter(|check| !before.checks.contains(check)) {
        alter(format!("ADD {}", constraint(new)), Work::Scan);
    }
    if default(context, before)? != default(context, after)? {
        match default(context, after)? {
            Some(default) => alter(format!("SET DEFAULT {default}"), Work::Metadata),
            None => alter("DROP DEFAULT".to_owned(), Work::Metadata),
        }
    }
    match (before.nullable, after.nullable) {
        (true, false) => alter("SET NOT NULL".to_owned(), Work::Scan),
        (false, true) => alter("DROP NOT NULL".to_owned(), Work::Metadata),
        _ => {}
    }
    statements.extend(comment::changed(&object, before.comment.as_deref(), after.comment.as_deref())?);
    Ok(statements)
}

fn object(domain: &Domain) -> String {
    format!("DOMAIN {}", quote_name(&domain.name))
}

fn constraint(check: &DomainCheck) -> String {
    format!("CONSTRAINT {} CHECK {}", quote(&check.name), expression::parenthesised(&check.sql))
}

fn default(context: &Context<'_>, domain: &Domain) -> Result<Option<String>, Unsupported> {
    let column = Column { default: domain.default.clone(), ..Column::new(&domain.name.name, domain.ty.clone()) };
    column::default(context, &column)
}
