//! Reading a schema: one query for the catalog, and the definitions it keeps; one more for what the model cannot hold.

use std::collections::BTreeMap;

use aludel_engine::driver::{Connection, DriverError, Scope, Unheld};
use aludel_engine::schema::{ConstraintKind, Object, ObjectName, Schema, Table, Trigger, View};

use crate::connection::SqliteConnection;
use crate::parse;

/// Views, triggers, and tables that are tables: neither SQLite's own, nor virtual, nor the storage of a virtual one.
/// <https://sqlite.org/pragma.html#pragma_table_list>
/// The last column says whether the text has the character that stands for bytes which are no UTF-8.
pub const CATALOG: &str = "SELECT * FROM (SELECT s.type, s.name, s.tbl_name, s.sql, instr(CAST(s.sql AS BLOB), X'EFBFBD') FROM sqlite_schema AS s \
     WHERE s.type IN ('table', 'index') AND s.sql IS NOT NULL AND s.name NOT LIKE 'sqlite\\_%' ESCAPE '\\' \
     AND s.tbl_name IN (SELECT name FROM pragma_table_list WHERE schema = 'main' AND type = 'table') ORDER BY s.rowid) \
     UNION ALL SELECT s.type, s.name, s.tbl_name, s.sql, instr(CAST(s.sql AS BLOB), X'EFBFBD') FROM sqlite_schema AS s WHERE s.type IN ('view', 'trigger')";

/// Reads the schema of the main database.
pub fn introspect(connection: &mut SqliteConnection, scope: &Scope) -> Result<Schema, DriverError> {
    Ok(read(connection, scope)?.0)
}

/// A definition that the catalog keeps.
struct Definition {
    kind: String,
    name: String,
    /// The table or view that it is, or is on.
    owner: String,
    sql: String,
    /// Why it cannot be read as text.
    broken: Option<&'static str>,
}

fn definitions(connection: &mut SqliteConnection) -> Result<Vec<Definition>, DriverError> {
    let read = |row: Vec<Option<String>>| {
        let [kind, name, owner, sql, has_mark] =
            std::array::from_fn(|place| row.get(place).cloned().flatten().unwrap_or_default());
        let broken = has_mark == "0" && sql.contains(char::REPLACEMENT_CHARACTER);
        Definition { kind, name, owner, sql, broken: broken.then_some("it holds bytes that are not UTF-8") }
    };
    Ok(connection.query(CATALOG)?.into_iter().map(read).collect())
}

/// The schema, and what of it could not be read.
fn read(connection: &mut SqliteConnection, scope: &Scope) -> Result<(Schema, Vec<Unheld>), DriverError> {
    let mut tables: BTreeMap<String, Table> = BTreeMap::new();
    let mut told = Vec::new();
    let rows = definitions(connection)?;
    for row in rows.iter().filter(|row| row.kind == "table") {
        match row.parsed(parse::table) {
            Ok(mut table) => {
                table.name = ObjectName::new(&row.name);
                tables.insert(row.name.to_ascii_lowercase(), table);
            }
            Err(why) => told.push((row, why)),
        }
    }
    for row in rows.iter().filter(|row| row.kind == "index") {
        // What is on a table that could not be read goes with it.
        let Some(table) = tables.get_mut(&row.owner.to_ascii_lowercase()) else { continue };
        match row.parsed(parse::index) {
            Ok(mut index) => {
                index.name.clone_from(&row.name);
                index.parts.iter_mut().for_each(|part| settle_key(part, table));
                table.indexes.push(index);
            }
            Err(why) => told.push((row, why)),
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
        let owner = ObjectName::new(&row.owner);
        if !in_scope(scope, &owner) {
            continue;
        }
        match row.kind.as_str() {
            "view" => match row.parsed(parse::view) {
                Ok((columns, query)) => {
                    schema.put_object(Object::View(View { columns, sql: query, ..View::named(owner) }));
                }
                Err(why) => told.push((row, why)),
            },
            "trigger" => match row.parsed(|sql| Ok(sql.to_owned())) {
                Ok(sql) => {
                    let name = row.name.clone();
                    schema.put_object(Object::Trigger(Trigger { name, table: owner, sql, comment: None }));
                }
                Err(why) => told.push((row, why)),
            },
            _ => {}
        }
    }
    let told = told.into_iter().filter(|(row, _)| in_scope(scope, &ObjectName::new(&row.owner)));
    let told = told.map(|(row, why)| {
        let why = format!("its definition could not be read: {why}");
        Unheld::of(&ObjectName::new(&row.owner), row.kind.as_str(), &row.name, why)
    });
    Ok((schema, told.collect()))
}

impl Definition {
    fn parsed<T>(&self, parse: impl Fn(&str) -> Result<T, String>) -> Result<T, String> {
        match self.broken {
            Some(why) => Err(why.to_owned()),
            None => parse(&self.sql),
        }
    }
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
    let unread = self::read(connection, scope)?.1;
    let rows =
        connection.query(UNHELD)?.into_iter().map(|row| row.into_iter().map(Option::unwrap_or_default).collect());
    let read = |row: Vec<String>| match row.as_slice() {
        [kind, name, why] if in_scope(scope, &ObjectName::new(name)) => Some(Unheld::new(kind, name, why)),
        _ => None,
    };
    let mut found: Vec<Unheld> = rows.filter_map(read).collect();
    for row in definitions(connection)? {
        if row.kind != "table" || !in_scope(scope, &ObjectName::new(&row.name)) {
            continue;
        }
        let columns = row.parsed(parse::collated_keys).unwrap_or_default();
        let why = "the key would compare as the column does";
        let name = &row.name;
        found.extend(columns.iter().map(|column| Unheld::new("key collation", format!("{name}.{column}"), why)));
    }
    found.extend(unread);
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
