//! Tables and columns.

use aludel_engine::driver::DriverError;
use aludel_engine::schema::{Column, Computed, Identity, OptionValue, Options, Partition, Table, Value};

use super::{Cells, ty};
use crate::serial;
use crate::version::Features;

/// One row for each table. Comments are joined here and elsewhere: `obj_description` is a query for each row.
pub fn tables_query(selection: &str) -> String {
    format!(
        "SELECT c.oid, nullif(n.nspname, current_schema()), c.relname, \
         w.description, to_json(c.reloptions), to_json(toast.reloptions), \
         s.spcname, c.relpersistence = 'u', \
         CASE WHEN c.relkind = 'p' THEN pg_catalog.pg_get_partkeydef(c.oid) END, \
         nullif(wn.nspname, current_schema()), whole.relname, pg_catalog.pg_get_expr(c.relpartbound, c.oid) \
         FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace \
         LEFT JOIN pg_catalog.pg_class toast ON toast.oid = c.reltoastrelid \
         LEFT JOIN pg_catalog.pg_tablespace s ON s.oid = c.reltablespace \
         LEFT JOIN pg_catalog.pg_inherits h ON h.inhrelid = c.oid AND c.relispartition \
         LEFT JOIN pg_catalog.pg_class whole ON whole.oid = h.inhparent \
         LEFT JOIN pg_catalog.pg_namespace wn ON wn.oid = whole.relnamespace \
         LEFT JOIN pg_catalog.pg_description w ON w.classoid = 'pg_catalog.pg_class'::regclass AND w.objoid = c.oid AND w.objsubid = 0 \
         WHERE c.oid IN ({selection})"
    )
}

/// A table without its columns.
pub fn table(cells: &Cells<'_>) -> Result<Table, DriverError> {
    let mut table = Table::new(cells.name(1)?);
    table.comment = cells.maybe(3);
    cells.parameters(4, "", &mut table.options)?;
    cells.parameters(5, "toast.", &mut table.options)?;
    cells.option(6, "tablespace", &mut table.options);
    if cells.flag(7) {
        table.options.set("unlogged", OptionValue::Bool(true));
    }
    cells.option(8, "partition_by", &mut table.options);
    if let Some(values) = cells.maybe(11) {
        table.partition = Some(Partition { of: cells.name(9)?, values });
    }
    Ok(table)
}

/// One row for each column, in order.
pub fn columns_query(selection: &str, features: &Features) -> String {
    let compression = if features.compression { "nullif(a.attcompression::text, '')" } else { "NULL" };
    format!(
        "SELECT a.attrelid, a.attname, pg_catalog.format_type(a.atttypid, a.atttypmod), \
         nullif(en.nspname, current_schema()), e.typname, a.attnotnull, \
         pg_catalog.pg_get_expr(d.adbin, d.adrelid), a.attidentity, a.attgenerated, seq.seqstart, seq.seqincrement, \
         CASE WHEN a.attcollation <> t.typcollation THEN co.collname END, \
         w.description, \
         CASE WHEN a.attstorage <> t.typstorage THEN a.attstorage END, {compression}, \
         nullif(a.attstattarget, -1), (SELECT own.relname FROM pg_catalog.pg_class own WHERE own.oid = seq.seqrelid) \
         FROM pg_catalog.pg_attribute a JOIN pg_catalog.pg_type t ON t.oid = a.atttypid \
         LEFT JOIN pg_catalog.pg_type e ON e.typtype = 'e' AND e.oid = CASE WHEN t.typelem <> 0 AND t.typlen = -1 THEN t.typelem ELSE t.oid END \
         LEFT JOIN pg_catalog.pg_namespace en ON en.oid = e.typnamespace \
         LEFT JOIN pg_catalog.pg_attrdef d ON d.adrelid = a.attrelid AND d.adnum = a.attnum \
         LEFT JOIN pg_catalog.pg_collation co ON co.oid = a.attcollation \
         LEFT JOIN pg_catalog.pg_description w ON w.classoid = 'pg_catalog.pg_class'::regclass AND w.objoid = a.attrelid \
         AND w.objsubid = a.attnum \
         LEFT JOIN pg_catalog.pg_depend dep ON dep.refclassid = 'pg_catalog.pg_class'::regclass \
         AND dep.refobjid = a.attrelid AND dep.refobjsubid = a.attnum AND dep.classid = 'pg_catalog.pg_class'::regclass \
         AND CASE WHEN a.attidentity <> '' THEN dep.deptype = 'i' \
         ELSE dep.deptype = 'a' AND a.attnotnull AND a.atttypid IN (20, 21, 23) \
         AND pg_catalog.pg_get_expr(d.adbin, d.adrelid) ~ '^nextval\\(''([^'']|'''')*''::regclass\\)$' \
         AND EXISTS (SELECT 1 FROM pg_catalog.pg_depend used WHERE used.classid = 'pg_catalog.pg_attrdef'::regclass \
         AND used.objid = d.oid AND used.refclassid = 'pg_catalog.pg_class'::regclass AND used.refobjid = dep.objid) END \
         LEFT JOIN pg_catalog.pg_sequence seq ON seq.seqrelid = dep.objid \
         WHERE a.attnum > 0 AND NOT a.attisdropped AND a.attrelid IN ({selection}) ORDER BY a.attrelid, a.attnum"
    )
}

/// A column.
pub fn column(cells: &Cells<'_>) -> Result<Column, DriverError> {
    let enumeration = match cells.maybe(4) {
        Some(_) => Some(cells.name(3)?),
        None => None,
    };
    let mut column = Column::new(cells.text(1)?, ty(&cells.text(2)?, enumeration));
    column.nullable = !cells.flag(5);
    let expression = cells.maybe(6);
    match cells.text(8)?.as_str() {
        "" => column.default = expression.map(Value::Sql),
        kind => column.computed = expression.map(|sql| Computed { sql, stored: kind == "s" }),
    }
    let identity = cells.text(7)?;
    // A sequence that belongs to the column and is all its default reads: `serial`. It counts from 1 by ones, or the model
    // has no word for it.
    let number = |place: usize| cells.maybe(place).and_then(|number| number.parse::<i64>().ok());
    let is_serial = identity.is_empty() && number(9) == Some(1) && number(10) == Some(1);
    if is_serial {
        column.default = None;
    }
    if !identity.is_empty() || is_serial {
        column.identity = Some(Identity { always: identity == "a", start: number(9), increment: number(10) });
    }
    column.collation = cells.maybe(11);
    column.comment = cells.maybe(12);
    column.options = options(cells);
    if is_serial {
        column.options.set(serial::OPTION, OptionValue::Bool(true));
    }
    Ok(column)
}

fn options(cells: &Cells<'_>) -> Options {
    let mut options = Options::default();
    let storage = match cells.maybe(13).as_deref() {
        Some("p") => Some("plain"),
        Some("e") => Some("external"),
        Some("x") => Some("extended"),
        Some("m") => Some("main"),
        _ => None,
    };
    let compression = match cells.maybe(14).as_deref() {
        Some("p") => Some("pglz"),
        Some("l") => Some("lz4"),
        _ => None,
    };
    for (name, word) in [("storage", storage), ("compression", compression)] {
        if let Some(word) = word {
            options.set(name, OptionValue::Text(word.to_owned()));
        }
    }
    if let Some(target) = cells.maybe(15).and_then(|number| number.parse().ok()) {
        options.set("statistics", OptionValue::Integer(target));
    }
    options
}
