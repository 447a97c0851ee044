//! What the catalog has and the model does not, in one query.

use aludel_engine::driver::{DriverError, Row, Scope, Unheld};
use aludel_engine::schema::ObjectName;

use super::{Cells, namespaces, selection};
use crate::connection::PostgresConnection;

/// What the query tells of each: kind, namespace, name, what is lost, and the namespace and name of the relation that it
/// belongs to if it does.
pub fn unheld(connection: &mut PostgresConnection, scope: &Scope) -> Result<Vec<Unheld>, DriverError> {
    let rows = connection.query_all(vec![query(scope)])?.into_iter().next().unwrap_or_default();
    let mut found = Vec::with_capacity(rows.len());
    for row in &rows {
        if let Some(one) = read(row, scope)? {
            found.push(one);
        }
    }
    found.sort();
    found.dedup();
    Ok(found)
}

fn read(row: &Row, scope: &Scope) -> Result<Option<Unheld>, DriverError> {
    let cells = Cells(row);
    let (kind, name, why) = (cells.text(0)?, cells.text(2)?, cells.text(3)?);
    Ok(match cells.maybe(5) {
        Some(relation) => {
            let relation = ObjectName { schema: cells.maybe(4), name: relation };
            scope.admits(&relation).then(|| Unheld::of(&relation, kind, &name, why))
        }
        None => Some(Unheld::new(kind, ObjectName { schema: cells.maybe(1), name }.to_string(), why)),
    })
}

const HERE: &str = "nullif(n.nspname, current_schema())";

/// Objects of a catalog that has a namespace and a name and belong to no extension.
fn objects(kind: &str, catalog: &str, prefix: &str, condition: &str, space: &str, why: &str) -> String {
    format!(
        "SELECT '{kind}', {HERE}, x.{prefix}name, '{why}', NULL, NULL FROM pg_catalog.{catalog} x \
         JOIN pg_catalog.pg_namespace n ON n.oid = x.{prefix}namespace WHERE {condition} AND {space} AND {}",
        own(catalog, "x.oid")
    )
}

/// Objects of the whole database.
fn global(kind: &str, catalog: &str, name: &str, condition: &str, why: &str) -> String {
    format!(
        "SELECT '{kind}', NULL, ({name})::text, '{why}', NULL, NULL FROM pg_catalog.{catalog} x WHERE {condition} AND {}",
        own(catalog, "x.oid")
    )
}

/// Properties of tables that are read.
fn of_table(kind: &str, name: &str, from: &str, condition: &str, why: &str, selection: &str) -> String {
    format!(
        "SELECT '{kind}', {HERE}, ({name})::text, {why}, {HERE}, c.relname::text FROM pg_catalog.pg_class c \
         JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace {from} WHERE c.oid IN ({selection}) AND {condition}"
    )
}

/// What an extension brought is the extension's; what the server has from the beginning has a low number.
fn own(catalog: &str, id: &str) -> String {
    format!(
        "{id} >= 16384 AND NOT EXISTS (SELECT FROM pg_catalog.pg_depend d WHERE d.classid = 'pg_catalog.{catalog}'::regclass \
         AND d.objid = {id} AND d.deptype IN ('e', 'i'))"
    )
}

fn query(scope: &Scope) -> String {
    let space = namespaces(scope);
    let tables = selection(scope, &space);
    let views = tables.replace("c.relkind IN ('r', 'p')", "c.relkind IN ('v', 'm')");
    let relations = tables.replace("c.relkind IN ('r', 'p')", "c.relkind IN ('r', 'p', 'v', 'm')");
    let mut parts = vec![
        objects("foreign table", "pg_class", "rel", "x.relkind = 'f'", &space, "it would be missing"),
        objects("aggregate", "pg_proc", "pro", "x.prokind = 'a'", &space, "it would be missing"),
        objects("operator", "pg_operator", "opr", "true", &space, "it would be missing"),
        objects("operator class", "pg_opclass", "opc", "true", &space, "it would be missing"),
        objects("operator family", "pg_opfamily", "opf", "true", &space, "it would be missing"),
        objects("collation", "pg_collation", "coll", "true", &space, "it would be missing"),
        objects("conversion", "pg_conversion", "con", "true", &space, "it would be missing"),
        objects("text search configuration", "pg_ts_config", "cfg", "true", &space, "it would be missing"),
        objects("text search dictionary", "pg_ts_dict", "dict", "true", &space, "it would be missing"),
        objects("text search parser", "pg_ts_parser", "prs", "true", &space, "it would be missing"),
        objects("text search template", "pg_ts_template", "tmpl", "true", &space, "it would be missing"),
        objects(
            "composite type",
            "pg_type",
            "typ",
            "x.typtype = 'c' AND (SELECT relkind = 'c' FROM pg_catalog.pg_class r WHERE r.oid = x.typrelid)",
            &space,
            "it would be missing",
        ),
        // That of `public` is the server's own.
        format!(
            "SELECT 'schema comment', NULL, n.nspname, 'it would be missing', NULL, NULL FROM pg_catalog.pg_namespace n \
             WHERE n.nspname = current_schema() AND {space} AND \
             pg_catalog.obj_description(n.oid, 'pg_namespace') <> 'standard public schema'"
        ),
        objects("range type", "pg_type", "typ", "x.typtype = 'r'", &space, "it would be missing"),
        objects("base type", "pg_type", "typ", "x.typtype = 'b' AND x.typelem = 0", &space, "it would be missing"),
        of_table(
            "policy",
            "p.polname",
            "JOIN pg_catalog.pg_policy p ON p.polrelid = c.oid",
            "true",
            "'rows that it hides would be seen'",
            &tables,
        ),
        of_table("row level security", "c.relname", "", "c.relrowsecurity", "'it would be off'", &tables),
        of_table(
            "rule",
            "r.rulename",
            "JOIN pg_catalog.pg_rewrite r ON r.ev_class = c.oid AND r.rulename <> '_RETURN'",
            "true",
            "'it would be missing'",
            &relations,
        ),
        of_table(
            "extended statistics",
            "s.stxname",
            "JOIN pg_catalog.pg_statistic_ext s ON s.stxrelid = c.oid",
            "true",
            "'they would be missing'",
            &tables,
        ),
        of_table(
            "inheritance",
            "c.relname",
            "JOIN pg_catalog.pg_inherits h ON h.inhrelid = c.oid JOIN pg_catalog.pg_class whole ON whole.oid = h.inhparent",
            "NOT c.relispartition",
            "'its rows would no longer be those of ' || whole.relname || ' as well'",
            &tables,
        ),
        of_table(
            "typed table",
            "c.relname",
            "",
            "c.reloftype <> 0",
            "'it would be a table of its own columns'",
            &tables,
        ),
        of_table(
            "access method",
            "c.relname",
            "JOIN pg_catalog.pg_am am ON am.oid = c.relam",
            "am.amname <> 'heap'",
            "'rows would not be kept by ' || am.amname",
            &tables,
        ),
        of_table(
            "replica identity",
            "c.relname",
            "",
            "c.relreplident <> 'd'",
            "'changes would be replicated by the primary key'",
            &tables,
        ),
        of_table(
            "clustering",
            "ic.relname",
            "JOIN pg_catalog.pg_index i ON i.indrelid = c.oid AND i.indisclustered JOIN pg_catalog.pg_class ic ON ic.oid = i.indexrelid",
            "true",
            "'CLUSTER would not know the index'",
            &relations,
        ),
        of_table(
            "invalid index",
            "ic.relname",
            "JOIN pg_catalog.pg_index i ON i.indrelid = c.oid AND NOT i.indisvalid JOIN pg_catalog.pg_class ic ON ic.oid = i.indexrelid",
            "ic.relkind = 'i'",
            "'an interrupted CREATE INDEX CONCURRENTLY left it; it serves no query'",
            &relations,
        ),
        of_table(
            "disabled trigger",
            "t.tgname",
            "JOIN pg_catalog.pg_trigger t ON t.tgrelid = c.oid AND NOT t.tgisinternal AND t.tgenabled <> 'O'",
            "true",
            "CASE t.tgenabled WHEN 'D' THEN 'it would be enabled' ELSE 'it would fire in ordinary sessions alone' END",
            &relations,
        ),
        of_table(
            "column comment",
            "c.relname || '.' || a.attname",
            "JOIN pg_catalog.pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 \
             JOIN pg_catalog.pg_description w ON w.objoid = c.oid AND w.objsubid = a.attnum AND w.classoid = 'pg_catalog.pg_class'::regclass",
            "true",
            "'columns of views keep no comment'",
            &views,
        ),
        of_table(
            "column default",
            "c.relname || '.' || a.attname",
            "JOIN pg_catalog.pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND a.atthasdef",
            "true",
            "'columns of views have no default of their own'",
            &views,
        ),
        of_table(
            "column options",
            "c.relname || '.' || a.attname",
            "JOIN pg_catalog.pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND a.attoptions IS NOT NULL",
            "true",
            "array_to_string(a.attoptions, ', ') || ' would not be set'",
            &tables,
        ),
        // Sequences that are a property of their column: the model has their first number and their step.
        of_table(
            "numbering",
            "c.relname || '.' || a.attname",
            "JOIN pg_catalog.pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND a.attidentity <> '' \
             JOIN pg_catalog.pg_depend d ON d.refclassid = 'pg_catalog.pg_class'::regclass AND d.refobjid = c.oid \
             AND d.refobjsubid = a.attnum AND d.classid = 'pg_catalog.pg_class'::regclass AND d.deptype = 'i' \
             JOIN pg_catalog.pg_sequence q ON q.seqrelid = d.objid",
            "(q.seqcycle OR q.seqcache <> 1 OR q.seqmin <> CASE WHEN q.seqincrement > 0 THEN 1 ELSE \
             CASE q.seqtypid WHEN 21 THEN -32768 WHEN 23 THEN -2147483648 ELSE -9223372036854775808 END END \
             OR q.seqmax <> CASE WHEN q.seqincrement < 0 THEN -1 ELSE \
             CASE q.seqtypid WHEN 21 THEN 32767 WHEN 23 THEN 2147483647 ELSE 9223372036854775807 END END)",
            "'min ' || q.seqmin || ', max ' || q.seqmax || ', cache ' || q.seqcache || CASE WHEN q.seqcycle THEN ', cycle' ELSE '' END \
             || ' would be what the server takes by itself'",
            &tables,
        ),
        format!(
            "SELECT 'unchecked condition', {HERE}, t.typname || '.' || k.conname, 'it would be checked', NULL, NULL \
             FROM pg_catalog.pg_constraint k JOIN pg_catalog.pg_type t ON t.oid = k.contypid \
             JOIN pg_catalog.pg_namespace n ON n.oid = t.typnamespace WHERE NOT k.convalidated AND {space}"
        ),
    ];
    if scope.only.is_none() {
        parts.extend([
            global("event trigger", "pg_event_trigger", "x.evtname", "true", "it would be missing"),
            global("publication", "pg_publication", "x.pubname", "true", "it would be missing"),
            global("foreign data wrapper", "pg_foreign_data_wrapper", "x.fdwname", "true", "it would be missing"),
            global("foreign server", "pg_foreign_server", "x.srvname", "true", "it would be missing"),
            global("language", "pg_language", "x.lanname", "true", "it would be missing"),
            global(
                "cast",
                "pg_cast",
                "pg_catalog.format_type(x.castsource, NULL) || '' as '' || pg_catalog.format_type(x.casttarget, NULL)"
                    .replace("''", "'")
                    .as_str(),
                "true",
                "it would be missing",
            ),
        ]);
    }
    parts.join(" UNION ALL ")
}
