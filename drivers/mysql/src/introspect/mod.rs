//! The schema as the catalog has it: ten queries of `information_schema`, however many tables there are, on MariaDB eleven
//! and one more for the rows of sequences where there are any. What the model cannot hold is told by one more.
//!
//! Indexes that only exist because a foreign key or the identity column needs them are left out. What the server writes
//! is kept; [`crate::normalize`] puts it in one form with what users write.

mod column;
mod keys;
mod objects;
mod partitions;
mod unheld;

use std::collections::BTreeMap;

use aludel_engine::driver::{Connection, DriverError, Row, Scope, Unheld};
use aludel_engine::schema::{ObjectName, OptionValue, Schema, Table};

use crate::connection::Session;
use crate::dialect::MySql;
use crate::literal::quote_text;
use crate::options::NUMBERED;

/// Tables by the namespace and name of the server.
type Tables = BTreeMap<(String, String), Table>;

/// What the readers of the catalog share.
struct Reader<'a> {
    session: &'a mut Session,
    dialect: MySql,
    /// The database connected to, whose tables have no namespace.
    home: String,
    /// `table_schema IN (…)`, for any alias.
    databases: String,
    scope: &'a Scope,
    tables: Tables,
    /// The names of the columns of views.
    view_columns: BTreeMap<(String, String), Vec<String>>,
    /// The names of columns of tables that the model cannot hold.
    left_out: BTreeMap<(String, String), Vec<String>>,
}

/// Reads the schema.
pub(crate) fn schema(session: &mut Session, scope: &Scope) -> Result<Schema, DriverError> {
    let home = session.server().database.clone();
    let mut names: Vec<&str> = scope.namespaces.iter().map(String::as_str).collect();
    if !home.is_empty() {
        names.push(&home);
    }
    if names.is_empty() {
        return Ok(Schema::default());
    }
    read(session, scope, &names)
}

/// Reads what is in one database, without the name of the one connected to wherever a text has it.
pub(crate) fn of_database(session: &mut Session, name: &str) -> Result<Schema, DriverError> {
    read(session, &Scope::default(), &[name])
}

/// What the model has no word for.
pub(crate) fn unheld(session: &mut Session, scope: &Scope) -> Result<Vec<Unheld>, DriverError> {
    let home = session.server().database.clone();
    let mut names: Vec<&str> = scope.namespaces.iter().map(String::as_str).collect();
    if !home.is_empty() {
        names.push(&home);
    }
    if names.is_empty() {
        return Ok(Vec::new());
    }
    reader(session, scope, &names)?.unheld()
}

fn read(session: &mut Session, scope: &Scope, names: &[&str]) -> Result<Schema, DriverError> {
    let mut reader = reader(session, scope, names)?;
    reader.read_tables()?;
    reader.read_partitions()?;
    reader.read_columns()?;
    reader.read_foreign_keys()?;
    reader.read_indexes()?;
    reader.read_checks()?;
    let mut schema = Schema::default();
    reader.read_views(&mut schema)?;
    reader.read_triggers(&mut schema)?;
    reader.read_routines(&mut schema)?;
    reader.read_sequences(&mut schema)?;
    for table in reader.tables.into_values() {
        schema.put_table(table);
    }
    Ok(schema)
}

fn reader<'a>(session: &'a mut Session, scope: &'a Scope, names: &[&str]) -> Result<Reader<'a>, DriverError> {
    let home = session.server().database.clone();
    let quoted = names.iter().map(|name| quote_text(name)).collect::<Result<Vec<_>, _>>();
    let databases = quoted
        .map_err(|error| DriverError::new(aludel_engine::driver::ErrorKind::Other, error.to_string()))?
        .join(", ");
    let dialect = session.mysql().clone();
    Ok(Reader {
        session,
        dialect,
        home,
        databases,
        scope,
        tables: Tables::new(),
        view_columns: BTreeMap::new(),
        left_out: BTreeMap::new(),
    })
}

/// A field of a row; empty when it is NULL or not there.
fn text(row: &Row, at: usize) -> &str {
    row.get(at).and_then(Option::as_deref).unwrap_or_default()
}

impl Reader<'_> {
    fn query(&mut self, sql: &str) -> Result<Vec<Row>, DriverError> {
        self.session.query(sql)
    }

    /// The name in the model.
    fn name(&self, database: &str, table: &str) -> ObjectName {
        match database == self.home {
            true => ObjectName::new(table),
            false => ObjectName::qualified(database, table),
        }
    }

    fn wanted(&self, name: &ObjectName) -> bool {
        self.scope.wants(name)
    }

    /// The table that the first two fields of a row name.
    fn table_of(&mut self, row: &Row) -> Option<&mut Table> {
        self.tables.get_mut(&(text(row, 0).to_owned(), text(row, 1).to_owned()))
    }

    fn read_tables(&mut self) -> Result<(), DriverError> {
        let sql = format!(
            "SELECT t.table_schema, t.table_name, t.engine, t.table_collation, t.create_options, t.table_comment, \
             s.default_collation_name FROM information_schema.tables t JOIN information_schema.schemata s ON \
             s.schema_name = t.table_schema WHERE t.table_schema IN ({}) AND t.table_type IN ('BASE TABLE', 'SYSTEM VERSIONED')",
            self.databases
        );
        for row in self.query(&sql)? {
            let name = self.name(text(&row, 0), text(&row, 1));
            if !self.wanted(&name) {
                continue;
            }
            let mut table = Table::new(name);
            table.comment = Some(text(&row, 5).to_owned()).filter(|comment| !comment.is_empty());
            if !text(&row, 2).eq_ignore_ascii_case("innodb") {
                table.options.set("engine", OptionValue::Text(text(&row, 2).to_owned()));
            }
            if text(&row, 3) != text(&row, 6) {
                table.options.set("collate", OptionValue::Text(text(&row, 3).to_owned()));
            }
            for option in text(&row, 4).split_whitespace() {
                match option.to_ascii_lowercase().split_once('=') {
                    Some(("row_format", format)) => {
                        table.options.set("row_format", OptionValue::Text(format.to_owned()));
                    }
                    Some(("key_block_size", size)) => {
                        let size = size.parse().map(OptionValue::Integer);
                        size.into_iter().for_each(|size| table.options.set("key_block_size", size));
                    }
                    Some((name, number)) if NUMBERED.iter().any(|(known, _)| *known == name) => {
                        let number = number.parse().map(OptionValue::Integer);
                        number.into_iter().for_each(|number| table.options.set(name, number));
                    }
                    _ => {}
                }
            }
            self.tables.insert((text(&row, 0).to_owned(), text(&row, 1).to_owned()), table);
        }
        Ok(())
    }
}
