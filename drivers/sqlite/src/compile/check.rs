//! Whether SQLite can hold a table's definition with its meaning kept.

use aludel_engine::dialect::Unsupported;
use aludel_engine::schema::{
    Column, Constraint, ConstraintKind, Deferral, Index, Match, Nulls, OptionValue, Schema, Table, Type,
};

use super::refuse_namespace;
use crate::dialect::Sqlite;
use crate::normalize::rowid_column;
use crate::{literal, types};

/// Everything about a table that SQLite cannot hold.
pub fn table(dialect: &Sqlite, table: &Table, schema: &Schema) -> Vec<Unsupported> {
    let mut found = Vec::new();
    found.extend(refuse_namespace(&table.name).err());
    if let Some(partition) = &table.partition {
        found.push(
            Unsupported::new(format!(
                "SQLite has no partitions, so `{}` cannot be one of `{}`",
                table.name, partition.of
            ))
            .about(table.name.to_string())
            .help("keep the step from SQLite with `except: [sqlite]`: the table itself has all rows"),
        );
    }
    if table.options.flag("strict") && !dialect.features().strict_tables {
        found.push(
            Unsupported::new("STRICT tables came with SQLite 3.37")
                .about(table.name.to_string())
                .help("leave out `sqlite: {strict: true}`, or name a later version of SQLite for this project"),
        );
    }
    if table.options.flag("without_rowid") && table.primary_key().is_none() {
        found.push(
            Unsupported::new(format!("table `{}` is WITHOUT ROWID and has no primary key", table.name))
                .about(table.name.to_string())
                .help("give it a primary key, or leave out `sqlite: {without_rowid: true}`"),
        );
    }
    if !table.columns.is_empty() && table.columns.iter().all(|column| column.computed.is_some()) {
        found.push(
            Unsupported::new(format!("every column of `{}` is computed", table.name))
                .about(table.name.to_string())
                .help("SQLite wants one column at least that is not"),
        );
    }
    found.extend(table.columns.iter().flat_map(|one| column(table, one, schema)));
    found.extend(table.constraints.iter().filter_map(|one| constraint(table, one).err()));
    found.extend(table.indexes.iter().filter_map(|one| index(one).err()));
    found
}

/// The first thing about a table that SQLite cannot hold, as the refusal of a compile.
pub fn refuse(dialect: &Sqlite, one: &Table, schema: &Schema) -> Result<(), Unsupported> {
    match table(dialect, one, schema).into_iter().next() {
        Some(refusal) => Err(refusal),
        None => Ok(()),
    }
}

fn column(table: &Table, column: &Column, schema: &Schema) -> Vec<Unsupported> {
    let place = format!("{}.{}", table.name, column.name);
    let mut found = Vec::new();
    let rendered = match table.options.flag("strict") {
        true => types::render_strict(&column.ty),
        false => types::render(&column.ty),
    };
    found.extend(rendered.err());
    if let Type::Enum(name) = &column.ty
        && schema.enumeration(name).is_none()
    {
        found.push(Unsupported::new(format!("there is no enum `{name}`")));
    }
    if let Some(default) = &column.default {
        found.extend(literal::literal(default, &column.ty).err());
    }
    if column.default.is_some() && column.identity.is_none() && rowid_column(table) == Some(column.name.as_str()) {
        // https://sqlite.org/lang_createtable.html#rowid
        found.push(
            Unsupported::new(format!(
                "`{place}` is the rowid, because its type is INTEGER: SQLite gives a new row the next number and never the default"
            ))
            .help("give it another whole type there, `sqlite: {type: bigint}`, or leave the default out: `sqlite: {default: null}`"),
        );
    }
    if column.computed.is_some() && table.primary_key_columns().contains(&column.name) {
        found.push(Unsupported::new(format!("`{place}` is computed and cannot be in the primary key")));
    }
    if column.nullable && column.options.get("on_conflict").is_some() {
        found.push(
            Unsupported::new(format!("`on_conflict` of `{place}` is about NULL, and the column may be NULL"))
                .help("say `nullable: false`, or leave `on_conflict` out"),
        );
    }
    identity(table, column, &place, &mut found);
    found.into_iter().map(|refusal| refusal.about(column.name.clone())).collect()
}

fn identity(table: &Table, column: &Column, place: &str, found: &mut Vec<Unsupported>) {
    let Some(identity) = column.identity else {
        if column.options.get("autoincrement").is_some() {
            found.push(Unsupported::new(format!("`autoincrement` is about identity columns, which `{place}` is not")));
        }
        return;
    };
    let mut refuse = |message: String, help: &str| found.push(Unsupported::new(message).help(help));
    if table.primary_key_columns() != [column.name.as_str()] {
        refuse(
            format!("the identity column `{place}` is not the primary key of its table"),
            "SQLite numbers rows by INTEGER PRIMARY KEY alone; make it the primary key",
        );
    }
    if !matches!(column.ty, Type::SmallInt | Type::Integer | Type::BigInt | Type::Native(_)) {
        refuse(format!("the identity column `{place}` is no whole number"), "use bigint");
    }
    if table.options.flag("without_rowid") {
        refuse(
            format!("`{place}` cannot number rows in a table WITHOUT ROWID"),
            "leave out `identity` or `without_rowid`",
        );
    }
    if identity.always {
        refuse(
            format!("SQLite cannot refuse a value that an INSERT gives for `{place}`"),
            "give SQLite a plain identity: `sqlite: {identity: true}`",
        );
    }
    if identity.increment.is_some_and(|step| step != 1) {
        refuse(
            format!("SQLite numbers rows by ones, so `{place}` cannot have another increment"),
            "give SQLite a plain identity: `sqlite: {identity: true}`",
        );
    }
    let plain = column.options.get("autoincrement") == Some(&OptionValue::Bool(false));
    if plain && identity.start.is_some_and(|start| start != 1) {
        refuse(
            format!("without AUTOINCREMENT SQLite keeps no first number for `{place}`"),
            "leave out `autoincrement: false` or `start`",
        );
    }
    if column.default.is_some() || column.computed.is_some() {
        refuse(format!("the identity column `{place}` has a default or an expression as well"), "leave that out");
    }
}

fn constraint(table: &Table, constraint: &Constraint) -> Result<(), Unsupported> {
    let shown = constraint.name.clone().unwrap_or_else(|| constraint.columns().join(", "));
    let refuse = |message: String, help: &str| Err(Unsupported::new(message).about(shown.clone()).help(help));
    let what = constraint.describe();
    if !constraint.validated {
        return refuse(
            format!("SQLite checks every row when a constraint is added; `{shown}` of `{}` cannot wait", table.name),
            "leave `not_valid` out for SQLite",
        );
    }
    match &constraint.kind {
        ConstraintKind::ForeignKey(key) => {
            refuse_namespace(&key.referred_table)?;
            let some_nullable =
                key.columns.iter().any(|name| table.column(name).is_none_or(|column| column.admits_null()));
            if key.matching == Match::Full && key.columns.len() > 1 && some_nullable {
                // https://sqlite.org/foreignkeys.html#fk_unsupported
                return refuse(
                    format!("SQLite reads MATCH FULL and does not enforce it, so `{shown}` would let half a key pass"),
                    "make all its columns NOT NULL, or add a check that all or none are NULL",
                );
            }
        }
        ConstraintKind::Exclude(_) => return Err(exclusion(&shown)),
        _ if constraint.deferral != Deferral::NotDeferrable => {
            return refuse(
                format!("SQLite defers foreign keys only, and `{shown}` is a {what}"),
                "leave `deferrable` out for SQLite",
            );
        }
        _ => {}
    }
    Ok(())
}

/// SQLite has no exclusion constraints. <https://sqlite.org/lang_createtable.html#constraints>
pub fn exclusion(name: &str) -> Unsupported {
    Unsupported::new(format!("SQLite has no exclusion constraints such as `{name}`")).about(name).help(
        "keep it from SQLite, with `except: [sqlite]` or, in `create_table`, `sqlite: {exclude: []}`; what is equal is excluded by a unique constraint, what overlaps by a trigger",
    )
}

/// What an index cannot be. A length or an operator class changes what the index weighs and which queries it serves,
/// which a note says; on a unique index it changes which rows are alike, which is refused.
pub fn index(index: &Index) -> Result<(), Unsupported> {
    for part in &index.parts {
        let nulls = match (part.nulls, part.descending) {
            (None, _) | (Some(Nulls::First), false) | (Some(Nulls::Last), true) => true,
            (Some(Nulls::Last), false) | (Some(Nulls::First), true) => false,
        };
        if !nulls {
            // https://sqlite.org/lang_createindex.html
            return Err(Unsupported::new(format!("an index of SQLite cannot say where NULLs sort: `{}`", index.name))
                .about(index.name.clone())
                .help("leave `nulls` out for SQLite: they are first, and last when descending"));
        }
        if index.unique && (part.length.is_some() || part.opclass.is_some()) {
            return Err(Unsupported::new(format!(
                "the unique index `{}` has a `length` or an `opclass`, which SQLite lacks",
                index.name
            ))
            .about(index.name.clone())
            .help("index an expression instead: `{expr: \"substr(note, 1, 20)\"}`"));
        }
    }
    Ok(())
}
