//! The schema from the catalog, in six queries that go out together whatever the number of tables, and what the model cannot
//! hold in one more.

mod constraints;
mod indexes;
mod objects;
mod pre_image;
mod tables;
mod unheld;

use std::collections::BTreeMap;

use aludel_engine::dialect::{comma_list, string_literal};
use aludel_engine::driver::{DriverError, ErrorKind, Namespaces, Row, Scope};
use aludel_engine::schema::{Enum, Index, ObjectName, OptionValue, Options, Schema, Table, Type};

use crate::connection::PostgresConnection;
use crate::version::Features;
use crate::{normalize, types};

pub use pre_image::pre_image;
pub use unheld::unheld;

/// Reads the schema.
pub fn schema(connection: &mut PostgresConnection, scope: &Scope) -> Result<Schema, DriverError> {
    read(connection, scope, &namespaces(scope))
}

/// Reads the session's temporary objects.
pub fn temporary(connection: &mut PostgresConnection) -> Result<Schema, DriverError> {
    read(connection, &Scope::default(), "n.oid = pg_catalog.pg_my_temp_schema()")
}

/// The queries that reading takes, as they are sent, for measuring what the server takes for them alone.
pub fn catalog_queries(scope: &Scope, features: &Features) -> Vec<String> {
    queries(scope, &namespaces(scope), features).into()
}

/// Tables, columns, constraints, indexes, enums, and everything else.
fn queries(scope: &Scope, space: &str, features: &Features) -> [String; 6] {
    let selection = selection(scope, space);
    [
        tables::tables_query(&selection),
        tables::columns_query(&selection, features),
        constraints::query(&selection, features),
        indexes::query(&format!("{selection} UNION ALL {}", materialized(scope, space)), features),
        enums_query(space),
        objects::query(scope, space, features),
    ]
}

/// Reads what is in namespaces for which a condition on `pg_namespace n` holds.
fn read(connection: &mut PostgresConnection, scope: &Scope, space: &str) -> Result<Schema, DriverError> {
    let queries = queries(scope, space, connection.features());
    let mut answers = connection.query_all(queries.into())?.into_iter();
    let mut next = || answers.next().unwrap_or_default();
    let (table_rows, column_rows, constraint_rows) = (next(), next(), next());
    let (index_rows, enum_rows, object_rows) = (next(), next(), next());

    let mut tables: BTreeMap<String, Table> = BTreeMap::new();
    for row in &table_rows {
        let cells = Cells(row);
        tables.insert(cells.text(0)?, tables::table(&cells)?);
    }
    tables.retain(|_, table| scope.admits(&table.name));
    let mut schema = Schema::default();
    for row in &enum_rows {
        let cells = Cells(row);
        schema.put_enum(Enum { name: cells.name(0)?, values: cells.list(2)?, comment: cells.maybe(3) });
    }
    let mut numbering = normalize::Numbering::new();
    for row in &column_rows {
        let cells = Cells(row);
        if let Some(table) = tables.get_mut(&cells.text(0)?) {
            let column = tables::column(&cells)?;
            if let Some(sequence) = cells.maybe(16) {
                numbering.insert((table.name.clone(), column.name.clone()), sequence);
            }
            table.columns.push(column);
        }
    }
    for row in &constraint_rows {
        let cells = Cells(row);
        if let Some(table) = tables.get_mut(&cells.text(0)?) {
            table.constraints.push(constraints::constraint(&cells)?);
        }
    }
    let mut of_views: BTreeMap<String, Vec<Index>> = BTreeMap::new();
    for row in &index_rows {
        let cells = Cells(row);
        match tables.get_mut(&cells.text(0)?) {
            Some(table) => indexes::add(&cells, table)?,
            None => of_views.entry(cells.text(0)?).or_default().push(indexes::index(&cells)?),
        }
    }
    for table in tables.into_values() {
        schema.put_table(table);
    }
    objects::put(&object_rows, of_views, scope, &mut schema)?;
    Ok(normalize::serials(&schema, &numbering))
}

/// Which namespaces there are. Of a temporary one nobody can make a copy, and those of the server are its own.
pub fn namespaces_there(connection: &mut PostgresConnection) -> Result<Namespaces, DriverError> {
    let query = "SELECT n.nspname, n.nspname = current_schema(), EXISTS (SELECT FROM pg_catalog.pg_class c WHERE c.relnamespace = n.oid \
                 AND c.relkind IN ('r', 'p', 'v', 'm', 'f') AND NOT EXISTS (SELECT FROM pg_catalog.pg_depend d \
                 WHERE d.classid = 'pg_catalog.pg_class'::regclass AND d.objid = c.oid AND d.deptype = 'e')) \
                 FROM pg_catalog.pg_namespace n WHERE n.nspname !~ '^pg_' AND n.nspname <> 'information_schema' ORDER BY 1";
    let hint = "name one that exists in `search_path`, and let this user use it: `GRANT USAGE ON SCHEMA public TO …`";
    let mut found = Namespaces { hint, ..Namespaces::default() };
    for row in connection.query_all(vec![query.to_owned()])?.into_iter().next().unwrap_or_default() {
        let cells = Cells(&row);
        let name = cells.text(0)?;
        found.known.push(name.clone());
        match cells.flag(1) {
            true => found.current = Some(name),
            false if cells.flag(2) => found.filled.push(name),
            false => {}
        }
    }
    Ok(found)
}

/// The condition on `pg_namespace n` that keeps what the scope asks for.
fn namespaces(scope: &Scope) -> String {
    let mut names = vec!["current_schema()".to_owned()];
    names.extend(scope.namespaces.iter().map(|name| string_literal(name)));
    format!("n.nspname IN ({})", comma_list(names))
}

/// The tables to read, as a query for their numbers. What an extension brought is the extension's.
fn selection(scope: &Scope, space: &str) -> String {
    let mut sql = format!(
        "SELECT c.oid FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace \
         WHERE c.relkind IN ('r', 'p') AND {space} \
         AND NOT EXISTS (SELECT FROM pg_catalog.pg_depend d WHERE d.classid = 'pg_catalog.pg_class'::regclass \
         AND d.objid = c.oid AND d.deptype = 'e')"
    );
    if let Some(only) = &scope.only {
        let wanted: Vec<String> = only.iter().map(name_test).collect();
        let any = if wanted.is_empty() { "false".to_owned() } else { wanted.join(" OR ") };
        sql.push_str(&format!(" AND ({any})"));
    }
    sql
}

/// The materialized views to read, which have indexes as tables do.
fn materialized(scope: &Scope, space: &str) -> String {
    selection(scope, space).replace("c.relkind IN ('r', 'p')", "c.relkind = 'm'")
}

/// The condition that `c` and `n` are a table of this name.
fn name_test(name: &ObjectName) -> String {
    let schema = name.schema.as_ref().map_or_else(|| "current_schema()".to_owned(), |schema| string_literal(schema));
    format!("(n.nspname = {schema} AND c.relname = {})", string_literal(&name.name))
}

fn enums_query(space: &str) -> String {
    format!(
        "SELECT nullif(n.nspname, current_schema()), t.typname, \
         (SELECT to_json(array_agg(e.enumlabel ORDER BY e.enumsortorder)) FROM pg_catalog.pg_enum e WHERE e.enumtypid = t.oid), \
         pg_catalog.obj_description(t.oid, 'pg_type') \
         FROM pg_catalog.pg_type t JOIN pg_catalog.pg_namespace n ON n.oid = t.typnamespace \
         WHERE t.typtype = 'e' AND {space} AND NOT EXISTS (SELECT FROM pg_catalog.pg_depend d \
         WHERE d.classid = 'pg_catalog.pg_type'::regclass AND d.objid = t.oid AND d.deptype = 'e') ORDER BY 1, 2"
    )
}

/// The cells of a row, with an error where the catalog gives something else than expected.
struct Cells<'a>(&'a Row);

impl Cells<'_> {
    fn maybe(&self, place: usize) -> Option<String> {
        self.0.get(place).cloned().flatten()
    }

    fn text(&self, place: usize) -> Result<String, DriverError> {
        self.maybe(place).ok_or_else(|| strange(place, self.0))
    }

    fn flag(&self, place: usize) -> bool {
        self.0.get(place).and_then(Option::as_deref) == Some("t")
    }

    /// A namespace and a name.
    fn name(&self, place: usize) -> Result<ObjectName, DriverError> {
        Ok(ObjectName { schema: self.maybe(place), name: self.text(place + 1)? })
    }

    /// A list that came as JSON.
    fn list(&self, place: usize) -> Result<Vec<String>, DriverError> {
        Ok(self.optional_list(place)?.into_iter().map(Option::unwrap_or_default).collect())
    }

    /// The same, in which NULLs count.
    fn optional_list(&self, place: usize) -> Result<Vec<Option<String>>, DriverError> {
        let Some(text) = self.maybe(place) else {
            return Ok(Vec::new());
        };
        let value: serde_json::Value = serde_json::from_str(&text).map_err(|_| strange(place, self.0))?;
        let serde_json::Value::Array(items) = value else {
            return Err(strange(place, self.0));
        };
        Ok(items
            .into_iter()
            .map(|item| match item {
                serde_json::Value::Null => None,
                serde_json::Value::String(text) => Some(text),
                item => Some(item.to_string()),
            })
            .collect())
    }

    /// Storage parameters, which the catalog keeps as `name=value`, as a `with` option.
    fn parameters(&self, place: usize, prefix: &str, options: &mut Options) -> Result<(), DriverError> {
        let list = self.list(place)?;
        if list.is_empty() {
            return Ok(());
        }
        let mut parameters = match options.get("with") {
            Some(OptionValue::Map(parameters)) => parameters.clone(),
            _ => BTreeMap::new(),
        };
        for item in list {
            let (name, value) = item.split_once('=').unwrap_or((item.as_str(), "true"));
            parameters.insert(format!("{prefix}{name}"), normalize::parameter(&OptionValue::Text(value.to_owned())));
        }
        options.set("with", OptionValue::Map(parameters));
        Ok(())
    }

    fn option(&self, place: usize, name: &str, options: &mut Options) {
        if let Some(text) = self.maybe(place) {
            options.set(name, OptionValue::Text(text));
        }
    }
}

fn strange(place: usize, row: &Row) -> DriverError {
    DriverError::new(ErrorKind::Other, format!("the catalog gave an unexpected row: cell {place} of {row:?}"))
}

/// A list of names as an option.
fn names_option(names: Vec<String>, option: &str, options: &mut Options) {
    if !names.is_empty() {
        options.set(option, OptionValue::List(names.into_iter().map(OptionValue::Text).collect()));
    }
}

/// A type from its text and, for an enum or an array of one, the name of the enum.
fn ty(text: &str, enumeration: Option<ObjectName>) -> Type {
    match (types::parse(text), enumeration) {
        (Type::Array(_), Some(name)) => Type::Array(Box::new(Type::Enum(name))),
        (_, Some(name)) => Type::Enum(name),
        (ty, None) => ty,
    }
}
