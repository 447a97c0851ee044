//! Namespaces, extensions, domains, sequences, routines, views and triggers, in one query: each comes as its kind and a JSON object.

use std::collections::BTreeMap;

use aludel_engine::driver::{DriverError, Row, Scope};
use aludel_engine::schema::{
    Domain, DomainCheck, Extension, Index, Namespace, Object, ObjectName, OptionValue, Options, Routine, Schema,
    Sequence, Trigger, View, ViewCheck,
};
use serde_json::Value;

use super::{Cells, name_test, strange};
use crate::version::Features;
use crate::{normalize, types};

/// What an extension brought is the extension's.
fn not_of_extension(class: &str, id: &str) -> String {
    format!(
        "NOT EXISTS (SELECT FROM pg_catalog.pg_depend d WHERE d.classid = 'pg_catalog.{class}'::regclass \
         AND d.objid = {id} AND d.deptype = 'e')"
    )
}

/// The query: kind and facts of each object.
pub(super) fn query(scope: &Scope, space: &str, features: &Features) -> String {
    let wanted = match &scope.only {
        None => "true".to_owned(),
        Some(only) => {
            let tests: Vec<String> = only.iter().map(name_test).collect();
            if tests.is_empty() { "false".to_owned() } else { format!("({})", tests.join(" OR ")) }
        }
    };
    // Routines have a name of their own kind, so they are found by it among the names asked for.
    let wanted_routine = wanted.replace("c.relname", "p.proname");
    let wanted_type = wanted.replace("c.relname", "t.typname");
    let everything = scope.only.is_none();
    let own_type = not_of_extension("pg_type", "t.oid");
    let own_view = not_of_extension("pg_class", "c.oid");
    // Those that come with a range type are part of it.
    let own_routine = format!(
        "{} AND NOT EXISTS (SELECT FROM pg_catalog.pg_depend i WHERE i.classid = 'pg_catalog.pg_proc'::regclass \
         AND i.objid = p.oid AND i.deptype = 'i' AND i.refclassid = 'pg_catalog.pg_type'::regclass)",
        not_of_extension("pg_proc", "p.oid")
    );
    let schema = "nullif(n.nspname, current_schema())";
    // A trigger of a partitioned table is cloned for each partition (PostgreSQL 13 says so in the catalog).
    let own_trigger = if features.trigger_parents { "t.tgparentid = 0" } else { "NOT c.relispartition" };
    format!(
        "SELECT 'view', json_build_object('schema', {schema}, 'name', c.relname, 'sql', pg_catalog.pg_get_viewdef(c.oid), \
         'materialized', c.relkind = 'm', 'options', to_json(c.reloptions), 'populated', c.relispopulated, \
         'tablespace', (SELECT spcname FROM pg_catalog.pg_tablespace s WHERE s.oid = c.reltablespace), \
         'comment', pg_catalog.obj_description(c.oid, 'pg_class'), 'key', c.oid)::text \
         FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace \
         WHERE c.relkind IN ('v', 'm') AND {space} AND {wanted} AND {own_view} \
         UNION ALL SELECT 'routine', json_build_object('schema', {schema}, 'name', p.proname, \
         'sql', pg_catalog.pg_get_functiondef(p.oid), 'procedure', p.prokind = 'p', \
         'arguments', pg_catalog.pg_get_function_identity_arguments(p.oid), \
         'comment', pg_catalog.obj_description(p.oid, 'pg_proc'))::text \
         FROM pg_catalog.pg_proc p JOIN pg_catalog.pg_namespace n ON n.oid = p.pronamespace \
         WHERE p.prokind IN ('f', 'p', 'w') AND {space} AND {wanted_routine} AND {own_routine} \
         UNION ALL SELECT 'trigger', json_build_object('schema', {schema}, 'name', t.tgname, 'table', c.relname, \
         'sql', pg_catalog.pg_get_triggerdef(t.oid), 'comment', pg_catalog.obj_description(t.oid, 'pg_trigger'))::text \
         FROM pg_catalog.pg_trigger t JOIN pg_catalog.pg_class c ON c.oid = t.tgrelid \
         JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace \
         WHERE NOT t.tgisinternal AND {own_trigger} AND {space} AND {wanted} AND {own_view} \
         UNION ALL SELECT 'sequence', json_build_object('schema', {schema}, 'name', c.relname, \
         'type', pg_catalog.format_type(q.seqtypid, NULL), 'start', q.seqstart, 'increment', q.seqincrement, \
         'min', q.seqmin, 'max', q.seqmax, 'cycle', q.seqcycle, 'cache', q.seqcache, \
         'owner', (SELECT json_build_array(nullif(tn.nspname, current_schema()), tc.relname, ta.attname) \
         FROM pg_catalog.pg_depend o JOIN pg_catalog.pg_class tc ON tc.oid = o.refobjid \
         JOIN pg_catalog.pg_namespace tn ON tn.oid = tc.relnamespace \
         JOIN pg_catalog.pg_attribute ta ON ta.attrelid = o.refobjid AND ta.attnum = o.refobjsubid \
         WHERE o.classid = 'pg_catalog.pg_class'::regclass AND o.objid = c.oid AND o.deptype = 'a' AND o.refobjsubid > 0), \
         'comment', pg_catalog.obj_description(c.oid, 'pg_class'))::text \
         FROM pg_catalog.pg_sequence q JOIN pg_catalog.pg_class c ON c.oid = q.seqrelid \
         JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace \
         WHERE {space} AND {wanted} AND {own_view} AND NOT EXISTS (SELECT FROM pg_catalog.pg_depend i \
         WHERE i.classid = 'pg_catalog.pg_class'::regclass AND i.objid = c.oid AND i.deptype = 'i') \
         UNION ALL SELECT 'domain', json_build_object('schema', {schema}, 'name', t.typname, \
         'type', pg_catalog.format_type(t.typbasetype, t.typtypmod), 'nullable', NOT t.typnotnull, 'default', t.typdefault, \
         'collation', CASE WHEN t.typcollation <> b.typcollation THEN l.collname END, \
         'checks', (SELECT json_agg(json_build_array(k.conname, pg_catalog.pg_get_constraintdef(k.oid)) ORDER BY k.conname) \
         FROM pg_catalog.pg_constraint k WHERE k.contypid = t.oid AND k.contype = 'c'), \
         'comment', pg_catalog.obj_description(t.oid, 'pg_type'))::text \
         FROM pg_catalog.pg_type t JOIN pg_catalog.pg_namespace n ON n.oid = t.typnamespace \
         JOIN pg_catalog.pg_type b ON b.oid = t.typbasetype LEFT JOIN pg_catalog.pg_collation l ON l.oid = t.typcollation \
         WHERE t.typtype = 'd' AND {space} AND {wanted_type} AND {own_type} \
         UNION ALL SELECT 'extension', json_build_object('name', e.extname, 'schema', {schema})::text \
         FROM pg_catalog.pg_extension e JOIN pg_catalog.pg_namespace n ON n.oid = e.extnamespace \
         WHERE e.extname <> 'plpgsql' AND {everything} \
         UNION ALL SELECT 'namespace', json_build_object('name', n.nspname, \
         'comment', pg_catalog.obj_description(n.oid, 'pg_namespace'))::text \
         FROM pg_catalog.pg_namespace n WHERE n.nspname <> current_schema() AND {space} AND {everything}",
    )
}

/// Puts the objects into a schema. The indexes are those of materialized views, by the number of their relation.
pub(super) fn put(
    rows: &[Row],
    mut indexes: BTreeMap<String, Vec<Index>>,
    scope: &Scope,
    schema: &mut Schema,
) -> Result<(), DriverError> {
    let mut routines: Vec<Routine> = Vec::new();
    for row in rows {
        let facts: Value = serde_json::from_str(&Cells(row).text(1)?).map_err(|_| strange(1, row))?;
        let facts = Facts(&facts);
        match Cells(row).text(0)?.as_str() {
            // What a pattern leaves out takes along what is its own.
            "view" if !scope.admits(&facts.name("name")) => {}
            "trigger" if !scope.admits(&facts.name("table")) => {}
            "view" => {
                let own = facts.text("key").and_then(|key| indexes.remove(&key)).unwrap_or_default();
                schema.put_object(Object::View(View { indexes: own, ..view(&facts) }));
            }
            "routine" => routines.push(routine(&facts)),
            "sequence" => {
                let found = sequence(&facts);
                if found.owned_by.as_ref().is_none_or(|(table, _)| scope.admits(table)) {
                    schema.put_object(Object::Sequence(found));
                }
            }
            "domain" => schema.put_object(Object::Domain(domain(&facts))),
            "extension" => schema.put_object(Object::Extension(Extension {
                name: facts.text("name").unwrap_or_default(),
                version: None,
                schema: facts.text("schema"),
            })),
            "namespace" => schema.put_object(Object::Namespace(Namespace {
                name: facts.text("name").unwrap_or_default(),
                comment: facts.text("comment"),
                options: Options::default(),
            })),
            _ => schema.put_object(Object::Trigger(trigger(&facts))),
        }
    }
    let mut alike: BTreeMap<&ObjectName, usize> = BTreeMap::new();
    for routine in &routines {
        *alike.entry(&routine.name).or_default() += 1;
    }
    for routine in &routines {
        let alone = alike.get(&routine.name) == Some(&1);
        let arguments = routine.arguments.clone().filter(|_| !alone);
        schema.put_object(Object::Routine(Routine { arguments, ..routine.clone() }));
    }
    Ok(())
}

/// What the query tells of an object.
struct Facts<'a>(&'a Value);

impl Facts<'_> {
    fn text(&self, key: &str) -> Option<String> {
        match self.0.get(key)? {
            Value::String(text) => Some(text.clone()),
            Value::Number(number) => Some(number.to_string()),
            _ => None,
        }
    }

    fn flag(&self, key: &str) -> bool {
        self.0.get(key).and_then(Value::as_bool).unwrap_or(false)
    }

    fn name(&self, key: &str) -> ObjectName {
        ObjectName { schema: self.text("schema"), name: self.text(key).unwrap_or_default() }
    }

    fn texts(&self, key: &str) -> Vec<String> {
        let list = self.0.get(key).and_then(Value::as_array).cloned().unwrap_or_default();
        list.iter().filter_map(|item| item.as_str().map(str::to_owned)).collect()
    }
}

fn view(facts: &Facts<'_>) -> View {
    let mut options = Options::default();
    let mut parameters = BTreeMap::new();
    let mut check = None;
    for option in facts.texts("options") {
        match option.split_once('=') {
            Some(("check_option", "local")) => check = Some(ViewCheck::Local),
            Some(("check_option", _)) => check = Some(ViewCheck::Cascaded),
            Some((name, value)) => {
                let value = OptionValue::Text(value.to_owned());
                parameters.insert(name.to_owned(), normalize::parameter(&value));
            }
            None => {}
        }
    }
    if !parameters.is_empty() {
        options.set("with", OptionValue::Map(parameters));
    }
    if let Some(tablespace) = facts.text("tablespace") {
        options.set("tablespace", OptionValue::Text(tablespace));
    }
    View {
        name: facts.name("name"),
        sql: facts.text("sql").unwrap_or_default().trim().trim_end_matches(';').to_owned(),
        materialized: facts.flag("materialized"),
        columns: Vec::new(),
        check,
        indexes: Vec::new(),
        comment: facts.text("comment"),
        options,
    }
}

fn sequence(facts: &Facts<'_>) -> Sequence {
    let number = |key: &str| facts.0.get(key).and_then(Value::as_i64);
    let owner = facts.0.get("owner").and_then(Value::as_array).map(|parts| {
        let part = |place: usize| parts.get(place).and_then(Value::as_str).map(str::to_owned);
        (ObjectName { schema: part(0), name: part(1).unwrap_or_default() }, part(2).unwrap_or_default())
    });
    let mut options = Options::default();
    if let Some(ty) = facts.text("type") {
        options.set("as", OptionValue::Text(ty));
    }
    Sequence {
        start: number("start"),
        increment: number("increment"),
        min: number("min"),
        max: number("max"),
        cycle: facts.flag("cycle"),
        cache: number("cache"),
        owned_by: owner,
        comment: facts.text("comment"),
        options,
        ..Sequence::named(facts.name("name"))
    }
}

fn domain(facts: &Facts<'_>) -> Domain {
    let checks = facts.0.get("checks").and_then(Value::as_array).cloned().unwrap_or_default();
    let check = |pair: &Value| {
        let part = |place: usize| pair.get(place).and_then(Value::as_str).unwrap_or_default();
        let sql = part(1).strip_prefix("CHECK ").unwrap_or(part(1));
        DomainCheck { name: part(0).to_owned(), sql: sql.to_owned() }
    };
    Domain {
        name: facts.name("name"),
        ty: types::parse(&facts.text("type").unwrap_or_default()),
        nullable: facts.flag("nullable"),
        default: facts.text("default").map(aludel_engine::schema::Value::Sql),
        checks: checks.iter().map(check).collect(),
        collation: facts.text("collation"),
        comment: facts.text("comment"),
    }
}

fn routine(facts: &Facts<'_>) -> Routine {
    Routine {
        name: facts.name("name"),
        arguments: facts.text("arguments"),
        procedure: facts.flag("procedure"),
        sql: facts.text("sql").unwrap_or_default().trim_end().to_owned(),
        comment: facts.text("comment"),
    }
}

fn trigger(facts: &Facts<'_>) -> Trigger {
    Trigger {
        name: facts.text("name").unwrap_or_default(),
        table: facts.name("table"),
        sql: facts.text("sql").unwrap_or_default(),
        comment: facts.text("comment"),
    }
}
