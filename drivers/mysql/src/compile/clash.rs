//! Definitions that are fine alone and that the server refuses together: a referential action that changes a column behind
//! the back of a check or a stored generated column.
//! <https://dev.mysql.com/doc/refman/8.4/en/create-table-check-constraints.html>,
//! <https://dev.mysql.com/doc/refman/8.4/en/create-table-foreign-keys.html#foreign-key-restrictions>

use aludel_engine::dialect::{Dialect, Unsupported};
use aludel_engine::schema::{Constraint, ConstraintKind, ForeignKey, ReferentialAction, Table};
use aludel_engine::sql::mentions;

use crate::dialect::{Flavour, MySql};

/// Every such pair in a table.
pub(super) fn found(dialect: &MySql, table: &Table) -> Vec<Unsupported> {
    let keys = table.foreign_keys().flat_map(|(constraint, key)| of_key(dialect, table, constraint, key));
    keys.chain(primary_check(dialect, table)).collect()
}

/// A check that has the name of every primary key. MariaDB takes it for another constraint of that name when it makes the table.
fn primary_check(dialect: &MySql, table: &Table) -> Option<Unsupported> {
    let is_primary = |name: &str| name.eq_ignore_ascii_case("primary");
    let check = table.constraints.iter().find(|constraint| {
        matches!(constraint.kind, ConstraintKind::Check { .. }) && constraint.name.as_deref().is_some_and(is_primary)
    })?;
    let clashes = dialect.flavour() == Flavour::MariaDb && table.primary_key().is_some();
    let name = check.name.as_deref().unwrap_or_default();
    clashes.then(|| {
        Unsupported::new(format!("the check `{name}` has the name of the primary key of `{}`", table.name))
            .about(name)
            .help("give it another name")
    })
}

fn of_key(dialect: &MySql, table: &Table, constraint: &Constraint, key: &ForeignKey) -> Vec<Unsupported> {
    let name = constraint.name.as_deref().unwrap_or("(unnamed)");
    let title = dialect.flavour().title();
    let mut refused = Vec::new();
    let mut refuse = |message: String, help: &str| refused.push(Unsupported::new(message).about(name).help(help));
    for own in &key.columns {
        let computed = table.column(own).and_then(|column| column.computed.as_ref());
        match computed {
            Some(computed) if !computed.stored && dialect.flavour() == Flavour::MySql => refuse(
                format!(
                    "the foreign key `{name}` has the column `{own}`, which is virtual; {title} needs a stored one"
                ),
                "write `computed: {sql: …, stored: true}`",
            ),
            Some(_) if sets(key) => refuse(
                format!("the foreign key `{name}` would set `{own}`, which is computed"),
                "use `restrict`, `no action` or, for `on_delete`, `cascade`",
            ),
            _ => {}
        }
        for check in &table.constraints {
            if let ConstraintKind::Check { sql } = &check.kind
                && sets(key)
                && mentions(sql, own, dialect.lexicon())
            {
                let check = check.name.as_deref().unwrap_or("(unnamed)");
                refuse(
                    format!(
                        "the foreign key `{name}` sets `{own}`, which the check `{check}` is about; {title} allows no such check"
                    ),
                    "use `restrict` or `no action`, or do without the check",
                );
            }
        }
        // MySQL refuses even a row that goes with the one it refers to.
        let acts = sets(key) || dialect.flavour() == Flavour::MySql && key.on_delete == ReferentialAction::Cascade;
        for column in table.columns.iter().filter(|_| acts) {
            let stored = column.computed.as_ref().filter(|computed| computed.stored);
            if stored.is_some_and(|computed| mentions(&computed.sql, own, dialect.lexicon())) {
                refuse(
                    format!(
                        "the foreign key `{name}` acts on `{own}`, of which the stored column `{}` is computed",
                        column.name
                    ),
                    "write `stored: false`, or use `restrict` or `no action`",
                );
            }
        }
    }
    refused
}

/// Whether an action gives the columns other values.
fn sets(key: &ForeignKey) -> bool {
    use ReferentialAction::{Cascade, SetDefault, SetNull};
    matches!(key.on_update, Cascade | SetNull | SetDefault) || matches!(key.on_delete, SetNull | SetDefault)
}
