//! A scratch database with its model beside it.

use std::sync::atomic::{AtomicU32, Ordering};

use aludel_engine::change::Change;
use aludel_engine::dialect::{Compile, Unsupported};
use aludel_engine::driver::{ConnectOptions, Connection, ConnectionUrl, Driver, Scope};
use aludel_engine::schema::{Column, Constraint, ConstraintKind, ForeignKey, Schema, Table, Type, Value};
use aludel_mysql::DRIVER;

pub struct Server {
    variable: &'static str,
    pub dialect: &'static str,
}

impl Server {
    pub const MYSQL: Server = Server { variable: "ALUDEL_TEST_MYSQL_URL", dialect: "mysql" };
    pub const MARIADB: Server = Server { variable: "ALUDEL_TEST_MARIADB_URL", dialect: "mariadb" };

    pub fn url(&self) -> ConnectionUrl {
        let text = std::env::var(self.variable).unwrap_or_else(|_| panic!("{} is not set", self.variable));
        text.parse().expect("a database URL")
    }

    pub fn is_mysql(&self) -> bool {
        self.dialect == "mysql"
    }
}

/// A database that goes when this does.
pub struct Database {
    pub url: ConnectionUrl,
    pub connection: Box<dyn Connection>,
    pub model: Schema,
}

impl Drop for Database {
    fn drop(&mut self) {
        if let Err(error) = DRIVER.drop_scratch(&self.url) {
            eprintln!("{error}");
        }
    }
}

impl Database {
    pub fn new(server: &Server) -> Database {
        static NUMBER: AtomicU32 = AtomicU32::new(0);
        let name = format!("aludel_live_{}_{}", std::process::id(), NUMBER.fetch_add(1, Ordering::Relaxed));
        let url = DRIVER.create_scratch(&server.url(), &name).expect("a scratch database");
        let connection = DRIVER.connect(&url, &ConnectOptions::default()).expect("a connection");
        assert_eq!(connection.dialect().name(), server.dialect);
        Database { url, connection, model: Schema::default() }
    }

    pub fn compile(&self, change: &Change) -> Result<(Vec<String>, Schema), Unsupported> {
        let dialect = self.connection.dialect();
        let mut after = self.model.clone();
        change.apply(&mut after, dialect.lexicon()).expect("a change that fits the model");
        let context = Compile { before: &self.model, after: &after };
        let statements = dialect.compile(&context, std::slice::from_ref(change))?;
        Ok((statements.into_iter().map(|statement| statement.sql).collect(), after))
    }

    /// Compiles and runs a change, and compares the catalog with the model.
    pub fn run(&mut self, change: &Change) {
        let (statements, after) =
            self.compile(change).unwrap_or_else(|error| panic!("{}: {error:?}", change.describe()));
        for sql in &statements {
            self.connection.execute(sql).unwrap_or_else(|error| panic!("{error:?}\n{sql}"));
        }
        self.model = after;
        self.compare(&statements.join(";\n"));
    }

    /// Runs a change that the server has to refuse, and gives its message.
    pub fn refuse(&mut self, change: &Change) -> String {
        let (statements, _) = self.compile(change).unwrap_or_else(|error| panic!("{}: {error:?}", change.describe()));
        for sql in &statements {
            if let Err(error) = self.connection.execute(sql) {
                self.compare(sql);
                return error.message;
            }
        }
        panic!("not refused:\n{}", statements.join(";\n"));
    }

    /// There, back, and there again.
    pub fn there_and_back(&mut self, change: &Change) {
        let back = change.invert().expect("a change that has an inverse");
        self.run(change);
        self.run(&back);
        self.run(change);
    }

    pub fn compare(&mut self, what: &str) {
        let found = self.connection.introspect(&Scope::default()).expect("a schema");
        let dialect = self.connection.dialect();
        let (found, model) = (dialect.normalize(&found), dialect.normalize(&self.model));
        assert_eq!(dialect.normalize(&model), model, "normalize is not idempotent");
        let (found, model) = (shown(&found), shown(&model));
        assert!(found == model, "after\n{what}\n{}", difference(&found, &model));
    }

    pub fn sql(&mut self, sql: &str) {
        self.connection.execute(sql).unwrap_or_else(|error| panic!("{error:?}\n{sql}"));
    }

    pub fn rows(&mut self, sql: &str) -> String {
        let rows = self.connection.query(sql).unwrap_or_else(|error| panic!("{error:?}\n{sql}"));
        let shown = |row: Vec<Option<String>>| {
            row.into_iter().map(|value| value.unwrap_or_else(|| "NULL".to_owned())).collect::<Vec<_>>().join("|")
        };
        rows.into_iter().map(shown).collect::<Vec<_>>().join("\n")
    }
}

/// The lines of two texts that differ, without what is equal before and after.
fn difference(found: &str, model: &str) -> String {
    let (found, model): (Vec<&str>, Vec<&str>) = (found.lines().collect(), model.lines().collect());
    let same = found.iter().zip(&model).take_while(|(a, b)| a == b).count();
    let rest = found.len().min(model.len()) - same;
    let end = found.iter().rev().zip(model.iter().rev()).take(rest).take_while(|(a, b)| a == b).count();
    let cut = |lines: &[&str]| lines[same.saturating_sub(12)..lines.len() - end].join("\n");
    format!("the server has\n{}\nand the model has\n{}", cut(&found), cut(&model))
}

fn shown(schema: &Schema) -> String {
    schema.tables().map(|table| format!("{table:#?}\n")).collect()
}

pub fn ty(text: &str) -> Type {
    match Type::parse(text) {
        Ok(ty) if !matches!(ty, Type::Bit(_) | Type::Enum(_)) => ty,
        _ => Type::Native(text.to_owned()),
    }
}

pub fn column(name: &str, text: &str) -> Column {
    Column::new(name, ty(text))
}

pub fn primary_key(columns: &[&str]) -> Constraint {
    Constraint::new(None, ConstraintKind::PrimaryKey { columns: names(columns) })
}

pub fn unique(name: &str, columns: &[&str]) -> Constraint {
    Constraint::new(Some(name.to_owned()), ConstraintKind::Unique { columns: names(columns) })
}

pub fn check(name: &str, sql: &str) -> Constraint {
    Constraint::new(Some(name.to_owned()), ConstraintKind::Check { sql: sql.to_owned() })
}

pub fn foreign_key(name: &str, columns: &[&str], table: &str, referred: &[&str]) -> Constraint {
    let key = ForeignKey {
        columns: names(columns),
        referred_table: table.into(),
        referred_columns: names(referred),
        on_delete: Default::default(),
        on_update: Default::default(),
        matching: Default::default(),
    };
    Constraint::new(Some(name.to_owned()), ConstraintKind::ForeignKey(key))
}

pub fn names(names: &[&str]) -> Vec<String> {
    names.iter().map(|&name| name.to_owned()).collect()
}

pub fn table(name: &str, columns: Vec<Column>, constraints: Vec<Constraint>) -> Table {
    let mut table = Table::new(name);
    table.columns = columns;
    table.constraints = constraints;
    table
}

pub fn create(table: Table) -> Change {
    Change::CreateTable { table: table.into(), if_not_exists: false }
}

pub fn text(text: &str) -> Value {
    Value::Text(text.to_owned())
}

pub fn sql(text: &str) -> Value {
    Value::Sql(text.to_owned())
}
