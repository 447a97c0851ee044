//! Constraint definitions.

use aludel_engine::dialect::Unsupported;
use aludel_engine::schema::{Constraint, ConstraintKind, Deferral, ForeignKey, Match, Options, ReferentialAction};

use super::check::exclusion;
use crate::expression::parenthesised;
use crate::identifier::{quote, quote_list};
use crate::options::CONFLICT;

/// A constraint as in the list after the columns.
pub fn definition(constraint: &Constraint) -> Result<String, Unsupported> {
    let mut text = name_clause(constraint.name.as_deref());
    if !text.is_empty() {
        text.push(' ');
    }
    match &constraint.kind {
        ConstraintKind::PrimaryKey { columns } => text.push_str(&format!("PRIMARY KEY ({})", quote_list(columns))),
        ConstraintKind::Unique { columns } => text.push_str(&format!("UNIQUE ({})", quote_list(columns))),
        ConstraintKind::Check { sql } => text.push_str(&format!("CHECK {}", parenthesised(sql))),
        ConstraintKind::ForeignKey(key) => {
            text.push_str(&format!("FOREIGN KEY ({}) ", quote_list(&key.columns)));
            text.push_str(&references(key, constraint.deferral));
        }
        ConstraintKind::Exclude(_) => return Err(exclusion(constraint.name.as_deref().unwrap_or("(unnamed)"))),
    }
    let conflict = conflict_clause(&constraint.options)?;
    if !conflict.is_empty() {
        text.push(' ');
        text.push_str(&conflict);
    }
    Ok(text)
}

/// A foreign key of one column or a check as it stands in a column definition.
pub fn column_definition(constraint: &Constraint) -> Result<String, Unsupported> {
    let name = name_clause(constraint.name.as_deref());
    let space = if name.is_empty() { "" } else { " " };
    match &constraint.kind {
        ConstraintKind::ForeignKey(key) => Ok(format!("{name}{space}{}", references(key, constraint.deferral))),
        _ => definition(constraint),
    }
}

fn references(key: &ForeignKey, deferral: Deferral) -> String {
    let mut text = format!("REFERENCES {}", quote(&key.referred_table.name));
    if !key.referred_columns.is_empty() {
        text.push_str(&format!(" ({})", quote_list(&key.referred_columns)));
    }
    if key.matching == Match::Full {
        text.push_str(" MATCH FULL");
    }
    if key.on_delete != ReferentialAction::NoAction {
        text.push_str(&format!(" ON DELETE {}", key.on_delete.sql()));
    }
    if key.on_update != ReferentialAction::NoAction {
        text.push_str(&format!(" ON UPDATE {}", key.on_update.sql()));
    }
    text.push_str(match deferral {
        Deferral::NotDeferrable => "",
        Deferral::InitiallyImmediate => " DEFERRABLE INITIALLY IMMEDIATE",
        Deferral::InitiallyDeferred => " DEFERRABLE INITIALLY DEFERRED",
    });
    text
}

/// `CONSTRAINT name`, or nothing.
pub fn name_clause(name: Option<&str>) -> String {
    name.map_or_else(String::new, |name| format!("CONSTRAINT {}", quote(name)))
}

/// `ON CONFLICT word`, or nothing.
pub fn conflict_clause(options: &Options) -> Result<String, Unsupported> {
    let Some(word) = options.text("on_conflict") else {
        return Ok(String::new());
    };
    match CONFLICT.iter().find(|known| known.eq_ignore_ascii_case(word)) {
        Some(known) => Ok(format!("ON CONFLICT {}", known.to_ascii_uppercase())),
        None => Err(Unsupported::new(format!("`{word}` is no way to treat a conflict"))
            .help(format!("one of {}", CONFLICT.join(", ")))),
    }
}
