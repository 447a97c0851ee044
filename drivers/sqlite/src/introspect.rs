//! Reading a schema: one query for the catalog, and the definitions it keeps; one more for what the model cannot hold.

use std::collections::BTreeMap;

use aludel_engine::driver::{Connection, DriverError, ErrorKind, Scope, Unheld};
use aludel_engine::schema::{ConstraintKind, Object, ObjectName, Schema, Table, Trigger, View};

use crate::connection::SqliteConnection;
use crate::parse;

/// Views, triggers, and tables that are tables: neither SQLite's own, nor virtual, nor the storage of a virtual one.
/// <https://sqlite.org/pragma.html#pragma_table_list>
pub const CATALOG: &str = "SELECT * FROM (SELECT s.type, s.name, s.tbl_name, s.sql FROM sqlite_schema AS s \
     WHERE s.type IN ('table', 'index') AND s.sql IS NOT NULL AND s.name NOT LIKE 'sqlite\\_%' ESCAPE '\\' \
     AND s.tbl_name IN (SELECT name FROM pragma_table_list WHERE schema = 'main' AND type = 'table') ORDER BY s.rowid) \
     UNION ALL SELECT s.type, s.name, s.tbl_name, s.sql FROM sqlite_schema AS s WHERE s.type IN ('view', 'trigger')";

/// Reads the schema of the main database.
pub fn introspect(connection: &mut SqliteConnection, scope: &Scope) -> Result<Schema, DriverError> {
    let mut tables: BTreeMap<String, Table> = BTreeMap::new();
    let rows = connection.query(CATALOG)?;
    let fields = |row: &[Option<String>]| -> [String; 4] {
        std::array::from_fn(|place| row.get(place).cloned().flatten().unwrap_or_default())
    };
    for row in &rows {
        let [kind, name, _, sql] = fields(row);
        if kind == "table" {
            let mut table = parse::table(&sql).map_err(|why| unread("table", &name, &why))?;
            table.name = ObjectName::new(&name);
            tables.insert(name.to_ascii_lowercase(), table);
        }
    }
    for row in &rows {
        let [kind, name, owner, sql] = fields(row);
        if kind == "index" {
            let mut index = parse::index(&sql).map_err(|why| unread("index", &name, &why))?;
            index.name = name;
            if let Some(table) = tables.get_mut(&owner.to_ascii_lowercase()) {
                index.parts.iter_mut().for_each(|part| settle_key(part, table));
                table.indexes.push(index);
            }
        }
    }
    complete_references(&mut tables);
    let mut schema = Schema::default();
    for table in tables.into_values() {
        if in_scope(scope, &table.name) {
            schema.put_table(table);
        }
    }
    for row in &rows {
        let [kind, name, owner, sql] = fields(row);
        let owner = ObjectName::new(owner);
        if !in_scope(scope, &owner) {
            continue;
        }
        match kind.as_str() {
            "view" => {
                let (columns, query) = parse::view(&sql).map_err(|why| unread("view", &name, &why))?;
                schema.put_object(Object::View(View { columns, sql: query, ..View::named(owner) }));
            }
            "trigger" => schema.put_object(Object::Trigger(Trigger { name, table: owner, sql, comment: None })),
            _ => {}
        }
    }
    Ok(schema)
}

/// A quoted word that is no column is an expression: SQLite takes `"x"` for a string then.
/// <https://sqlite.org/quirks.html#double_quoted_string_literals_are_accepted>
fn settle_key(part: &mut aludel_engine::schema::IndexPart, table: &Table) {
    use aludel_engine::schema::IndexKey;
    if let IndexKey::Column(name) = &part.key {
        match table.columns.iter().find(|column| column.name.eq_ignore_ascii_case(name)) {
            Some(column) => part.key = IndexKey::Column(column.name.clone()),
            None => part.key = IndexKey::Expression(aludel_engine::dialect::string_literal(name)),
        }
    }
}

/// Virtual tables, which their modules define. What a module keeps its rows in goes with it.
const UNHELD: &str = "SELECT 'virtual table', name, 'it would be missing, with what its module keeps' \
     FROM pragma_table_list WHERE schema = 'main' AND type = 'virtual' ORDER BY name";

/// What the model has no word for.
pub fn unheld(connection: &mut SqliteConnection, scope: &Scope) -> Result<Vec<Unheld>, DriverError> {
    let rows =
        connection.query(UNHELD)?.into_iter().map(|row| row.into_iter().map(Option::unwrap_or_default).collect());
    let read = |row: Vec<String>| match row.as_slice() {
        [kind, name, why] if in_scope(scope, &ObjectName::new(name)) => Some(Unheld::new(kind, name, why)),
        _ => None,
    };
    let mut found: Vec<Unheld> = rows.filter_map(read).collect();
    for row in connection.query(CATALOG)? {
        let [kind, name, _, sql] = std::array::from_fn(|place| row.get(place).cloned().flatten().unwrap_or_default());
        if kind != "table" || !in_scope(scope, &ObjectName::new(&name)) {
            continue;
        }
        let columns = parse::collated_keys(&sql).map_err(|why| unread("table", &name, &why))?;
        let why = "the key would compare as the column does";
        found.extend(columns.iter().map(|column| Unheld::new("key collation", format!("{name}.{column}"), why)));
    }
    Ok(found)
}

fn in_scope(scope: &Scope, name: &ObjectName) -> bool {
    let same = |other: &ObjectName| other.name.eq_ignore_ascii_case(&name.name);
    scope.admits(name)
        && !scope.exclude.iter().any(same)
        && scope.only.as_ref().is_none_or(|only| only.iter().any(same))
}

/// Gives every foreign key the columns it refers to, and every name the spelling of its definition: keys may name
/// columns and tables in another case.
fn complete_references(tables: &mut BTreeMap<String, Table>) {
    type Known = (ObjectName, Vec<String>, Vec<String>);
    let known: BTreeMap<String, Known> = tables
        .iter()
        .map(|(key, table)| {
            let columns = table.columns.iter().map(|column| column.name.clone()).collect();
            (key.clone(), (table.name.clone(), table.primary_key_columns().to_vec(), columns))
        })
        .collect();
    let respell = |names: &mut [String], columns: &[String]| {
        for name in names {
            if let Some(column) = columns.iter().find(|column| column.eq_ignore_ascii_case(name)) {
                name.clone_from(column);
            }
        }
    };
    for (key, table) in tables {
        let own = known.get(key).map(|(_, _, columns)| columns.clone()).unwrap_or_default();
        for constraint in &mut table.constraints {
            match &mut constraint.kind {
                ConstraintKind::PrimaryKey { columns } | ConstraintKind::Unique { columns } => respell(columns, &own),
                ConstraintKind::Check { .. } | ConstraintKind::Exclude(_) => {}
                ConstraintKind::ForeignKey(reference) => {
                    respell(&mut reference.columns, &own);
                    let referred = known.get(&reference.referred_table.name.to_ascii_lowercase());
                    if let Some((name, primary_key, columns)) = referred {
                        reference.referred_table = name.clone();
                        if reference.referred_columns.is_empty() {
                            reference.referred_columns.clone_from(primary_key);
                        }
                        respell(&mut reference.referred_columns, columns);
                    }
                }
            }
        }
    }
}

fn unread(what: &str, name: &str, why: &str) -> DriverError {
    DriverError::new(ErrorKind::Other, format!("the definition of {what} `{name}` could not be read: {why}"))
        .hint("please report it together with what `.schema` prints in the sqlite3 shell")
}
