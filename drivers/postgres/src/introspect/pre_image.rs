//! The catalog's facts of some tables as text, to be compared after a crash.

use aludel_engine::driver::DriverError;
use aludel_engine::schema::ObjectName;

use super::name_test;
use crate::connection::PostgresConnection;

/// What the catalog says of tables and of every enum, a line for each fact. Nothing in it depends on rows: no file
/// numbers, no statistics.
pub fn pre_image(connection: &mut PostgresConnection, tables: &[ObjectName]) -> Result<String, DriverError> {
    let tests: Vec<String> = tables.iter().map(name_test).collect();
    let wanted = if tests.is_empty() { "false".to_owned() } else { tests.join(" OR ") };
    let features = *connection.features();
    let compression = if features.compression { "a.attcompression::text" } else { "''" };
    let sql = format!(
        "WITH wanted AS (SELECT c.*, n.nspname FROM pg_catalog.pg_class c \
         JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace WHERE {wanted}), facts AS (\
         SELECT 'table' AS kind, c.nspname AS space, c.relname AS owner, '' AS name, \
         json_build_array(c.relkind, c.relpersistence, c.reloptions, c.reltablespace, c.relispartition, \
         pg_catalog.obj_description(c.oid, 'pg_class'), \
         CASE WHEN c.relkind = 'p' THEN pg_catalog.pg_get_partkeydef(c.oid) END)::text AS fact FROM wanted c \
         UNION ALL SELECT 'column', c.nspname, c.relname, a.attname, \
         json_build_array(a.attnum, pg_catalog.format_type(a.atttypid, a.atttypmod), a.attnotnull, a.attidentity, \
         a.attgenerated, pg_catalog.pg_get_expr(d.adbin, d.adrelid), a.attstorage, {compression}, a.attstattarget, \
         a.attcollation, pg_catalog.col_description(c.oid, a.attnum))::text FROM wanted c \
         JOIN pg_catalog.pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped \
         LEFT JOIN pg_catalog.pg_attrdef d ON d.adrelid = c.oid AND d.adnum = a.attnum \
         UNION ALL SELECT 'constraint', c.nspname, c.relname, co.conname, \
         json_build_array(pg_catalog.pg_get_constraintdef(co.oid), co.convalidated, \
         pg_catalog.obj_description(co.oid, 'pg_constraint'))::text \
         FROM wanted c JOIN pg_catalog.pg_constraint co ON co.conrelid = c.oid \
         UNION ALL SELECT 'index', c.nspname, c.relname, ic.relname, \
         json_build_array(pg_catalog.pg_get_indexdef(i.indexrelid), i.indisvalid, i.indisready, i.indislive, \
         ic.reloptions, pg_catalog.obj_description(ic.oid, 'pg_class'))::text \
         FROM wanted c JOIN pg_catalog.pg_index i ON i.indrelid = c.oid \
         JOIN pg_catalog.pg_class ic ON ic.oid = i.indexrelid \
         UNION ALL SELECT 'trigger', c.nspname, c.relname, t.tgname, pg_catalog.pg_get_triggerdef(t.oid) \
         FROM wanted c JOIN pg_catalog.pg_trigger t ON t.tgrelid = c.oid AND NOT t.tgisinternal \
         UNION ALL SELECT 'enum', n.nspname, t.typname, '', \
         (SELECT to_json(array_agg(e.enumlabel ORDER BY e.enumsortorder))::text FROM pg_catalog.pg_enum e WHERE e.enumtypid = t.oid) \
         FROM pg_catalog.pg_type t JOIN pg_catalog.pg_namespace n ON n.oid = t.typnamespace \
         WHERE t.typtype = 'e' AND n.nspname NOT LIKE 'pg\\_temp\\_%') \
         SELECT concat_ws(' ', kind, space, owner, name, fact) FROM facts \
         ORDER BY (kind, space, owner, name)::text COLLATE \"C\", fact COLLATE \"C\"",
    );
    let rows = connection.query_all(vec![sql])?.into_iter().next().unwrap_or_default();
    let lines: Vec<String> = rows.into_iter().filter_map(|row| row.into_iter().next().flatten()).collect();
    Ok(lines.join("\n"))
}
