//! Views, routines and triggers, in one query: each comes as its kind and a JSON object.

use std::collections::BTreeMap;

use aludel_engine::driver::{DriverError, Row, Scope};
use aludel_engine::schema::{
    Index, Object, ObjectName, OptionValue, Options, Routine, Schema, Trigger, View, ViewCheck,
};
use serde_json::Value;

use super::{Cells, name_test, namespaces, strange};
use crate::normalize;
use crate::version::Features;

/// What an extension brought is the extension's.
fn not_of_extension(class: &str, id: &str) -> String {
    format!(
        "NOT EXISTS (SELECT FROM pg_catalog.pg_depend d WHERE d.classid = 'pg_catalog.{class}'::regclass \
         AND d.objid = {id} AND d.deptype = 'e')"
    )
}

/// The query: kind and facts of each object.
pub(super) fn query(scope: &Scope, features: &Features) -> String {
    let space = namespaces(scope);
    let wanted = match &scope.only {
        None => "true".to_owned(),
        Some(only) => {
            let tests: Vec<String> = only.iter().map(name_test).collect();
            if tests.is_empty() { "false".to_owned() } else { format!("({})", tests.join(" OR ")) }
        }
    };
    // Routines have a name of their own kind, so they are found by it among the names asked for.
    let wanted_routine = wanted.replace("c.relname", "p.proname");
    let own_view = not_of_extension("pg_class", "c.oid");
    let own_routine = not_of_extension("pg_proc", "p.oid");
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
         WHERE NOT t.tgisinternal AND {own_trigger} AND {space} AND {wanted} AND {own_view}",
    )
}

/// Puts the objects into a schema. The indexes are those of materialized views, by the number of their relation.
pub(super) fn put(
    rows: &[Row],
    mut indexes: BTreeMap<String, Vec<Index>>,
    schema: &mut Schema,
) -> Result<(), DriverError> {
    let mut routines: Vec<Routine> = Vec::new();
    for row in rows {
        let facts: Value = serde_json::from_str(&Cells(row).text(1)?).map_err(|_| strange(1, row))?;
        let facts = Facts(&facts);
        match Cells(row).text(0)?.as_str() {
            "view" => {
                let own = facts.text("key").and_then(|key| indexes.remove(&key)).unwrap_or_default();
                schema.put_object(Object::View(View { indexes: own, ..view(&facts) }));
            }
            "routine" => routines.push(routine(&facts)),
            _ => schema.put_object(Object::Trigger(trigger(&facts))),
        }
    }
    for routine in &routines {
        let alone = routines.iter().filter(|other| other.name == routine.name).count() == 1;
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
