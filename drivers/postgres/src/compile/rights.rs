//! The owner and the rights of views that are made anew, carried over a DROP and a CREATE in one transaction.

use aludel_engine::dialect::{comma_list, string_literal};
use aludel_engine::plan::Statement;
use aludel_engine::schema::View;

use crate::types::quote_name;

/// A setting of the transaction that holds the statements which grant the rights again.
const SETTING: &str = "aludel.rights";

/// Notes the rights on views and on their columns, and who owns them. What nobody granted is not noted: a view that is
/// made anew gets the default rights of its owner by itself.
pub fn note(views: &[&View]) -> Statement {
    let tests = comma_list(
        views.iter().map(|view| format!("pg_catalog.to_regclass({})", string_literal(&quote_name(&view.name)))),
    );
    let grantee =
        "CASE a.grantee WHEN 0 THEN 'PUBLIC' ELSE pg_catalog.quote_ident(pg_catalog.pg_get_userbyid(a.grantee)) END";
    let grantable = "CASE WHEN a.is_grantable THEN ' WITH GRANT OPTION' ELSE '' END";
    Statement::ddl(format!(
        "WITH views AS (SELECT * FROM pg_catalog.pg_class c WHERE c.oid IN ({tests})), statements AS (\n\
         SELECT 1 AS place, format('ALTER TABLE %s OWNER TO %I', c.oid::regclass, pg_catalog.pg_get_userbyid(c.relowner)) AS sql\n\
         FROM views c WHERE pg_catalog.pg_get_userbyid(c.relowner) <> current_user\n\
         UNION ALL SELECT 2, format('GRANT %s ON TABLE %s TO %s%s', a.privilege_type, c.oid::regclass, {grantee}, {grantable})\n\
         FROM views c, pg_catalog.aclexplode(c.relacl) a WHERE a.grantee <> c.relowner\n\
         UNION ALL SELECT 3, format('GRANT %s (%I) ON TABLE %s TO %s%s', a.privilege_type, t.attname, c.oid::regclass, {grantee}, {grantable})\n\
         FROM views c JOIN pg_catalog.pg_attribute t ON t.attrelid = c.oid AND NOT t.attisdropped, pg_catalog.aclexplode(t.attacl) a)\n\
         SELECT pg_catalog.set_config('{SETTING}', coalesce(json_agg(sql ORDER BY place, sql), '[]'::json)::text, true) FROM statements"
    ))
}

/// Gives the rights that were noted again.
pub fn restore() -> Statement {
    Statement::ddl(format!(
        "DO $$\nDECLARE statement text;\nBEGIN\n  FOR statement IN SELECT json_array_elements_text(current_setting('{SETTING}')::json) LOOP\n    EXECUTE statement;\n  END LOOP;\nEND\n$$"
    ))
}
