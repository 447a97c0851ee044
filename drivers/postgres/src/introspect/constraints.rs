//! Constraints. NOT NULL constraints, which PostgreSQL 18 lists too, belong to their columns.

use aludel_engine::driver::DriverError;
use aludel_engine::schema::{
    Constraint, ConstraintKind, Deferral, Exclude, ForeignKey, Match, OptionValue, ReferentialAction,
};

use super::{Cells, names_option};
use crate::version::Features;

/// One row for each constraint.
pub fn query(selection: &str, features: &Features) -> String {
    let set = if features.set_null_columns { "co.confdelsetcols" } else { "NULL::int2[]" };
    let nulls = if features.nulls_not_distinct { "i.indnullsnotdistinct" } else { "false" };
    let columns = |relation: &str, keys: &str| {
        format!(
            "(SELECT to_json(array_agg(a.attname ORDER BY k.place)) FROM unnest({keys}) WITH ORDINALITY k (number, place) \
             JOIN pg_catalog.pg_attribute a ON a.attrelid = {relation} AND a.attnum = k.number)"
        )
    };
    let own = columns("co.conrelid", "co.conkey");
    let included = columns("i.indrelid", "(i.indkey::int2[])[i.indnkeyatts:]");
    let referred = columns("co.confrelid", "co.confkey");
    let emptied = columns("co.conrelid", set);
    format!(
        "SELECT co.conrelid, co.conname, co.contype, {own}, CASE WHEN i.indnatts > i.indnkeyatts THEN {included} END, \
         CASE WHEN co.contype = 'c' THEN pg_catalog.pg_get_expr(co.conbin, co.conrelid) END, \
         nullif(fn.nspname, current_schema()), f.relname, CASE WHEN co.confrelid <> 0 THEN {referred} END, co.confdeltype, co.confupdtype, co.confmatchtype, \
         co.condeferrable, co.condeferred, co.convalidated, coalesce({nulls}, false), to_json(ic.reloptions), s.spcname, \
         w.description, co.contype = 'c' AND co.connoinherit, CASE WHEN {set} IS NOT NULL THEN {emptied} END \
         FROM pg_catalog.pg_constraint co \
         LEFT JOIN pg_catalog.pg_class f ON f.oid = co.confrelid \
         LEFT JOIN pg_catalog.pg_namespace fn ON fn.oid = f.relnamespace \
         LEFT JOIN pg_catalog.pg_index i ON i.indexrelid = co.conindid AND co.contype IN ('p', 'u', 'x') \
         LEFT JOIN pg_catalog.pg_class ic ON ic.oid = i.indexrelid \
         LEFT JOIN pg_catalog.pg_tablespace s ON s.oid = ic.reltablespace \
         LEFT JOIN pg_catalog.pg_description w ON w.classoid = 'pg_catalog.pg_constraint'::regclass AND w.objoid = co.oid \
         WHERE co.contype IN ('p', 'u', 'c', 'f', 'x') AND co.conparentid = 0 AND co.conislocal \
         AND co.conrelid IN ({selection}) ORDER BY co.conrelid, co.oid",
    )
}

/// A constraint.
pub fn constraint(cells: &Cells<'_>) -> Result<Constraint, DriverError> {
    let columns = cells.list(3)?;
    let kind = match cells.text(2)?.as_str() {
        "p" => ConstraintKind::PrimaryKey { columns },
        "u" => ConstraintKind::Unique { columns },
        "c" => ConstraintKind::Check { sql: cells.maybe(5).unwrap_or_default() },
        // Its index says the rest.
        "x" => ConstraintKind::Exclude(Exclude { method: String::new(), elements: Vec::new(), predicate: None }),
        _ => ConstraintKind::ForeignKey(ForeignKey {
            columns,
            referred_table: cells.name(6)?,
            referred_columns: cells.list(8)?,
            on_delete: action(&cells.text(9)?),
            on_update: action(&cells.text(10)?),
            matching: if cells.text(11)? == "f" { Match::Full } else { Match::Simple },
        }),
    };
    let mut constraint = Constraint::new(Some(cells.text(1)?), kind);
    constraint.deferral = match (cells.flag(12), cells.flag(13)) {
        (false, _) => Deferral::NotDeferrable,
        (true, false) => Deferral::InitiallyImmediate,
        (true, true) => Deferral::InitiallyDeferred,
    };
    constraint.validated = cells.flag(14);
    names_option(cells.list(4)?, "include", &mut constraint.options);
    if cells.flag(15) {
        constraint.options.set("nulls_not_distinct", OptionValue::Bool(true));
    }
    cells.parameters(16, "", &mut constraint.options)?;
    cells.option(17, "tablespace", &mut constraint.options);
    constraint.comment = cells.maybe(18);
    if cells.flag(19) {
        constraint.options.set("no_inherit", OptionValue::Bool(true));
    }
    names_option(cells.list(20)?, "on_delete_columns", &mut constraint.options);
    Ok(constraint)
}

fn action(letter: &str) -> ReferentialAction {
    match letter {
        "r" => ReferentialAction::Restrict,
        "c" => ReferentialAction::Cascade,
        "n" => ReferentialAction::SetNull,
        "d" => ReferentialAction::SetDefault,
        _ => ReferentialAction::NoAction,
    }
}
