//! A fresh database for a test, and a history that runs up and down on it.

use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

use aludel_engine::change::Change;
use aludel_engine::dialect::{Compile, Dialect};
use aludel_engine::driver::{ConnectOptions, Connection, ConnectionUrl, Driver, Scope};
use aludel_engine::plan::{Statement, Transaction};
use aludel_engine::schema::{Schema, Table};
use aludel_postgres::DRIVER;

/// The server's URL.
pub fn url() -> ConnectionUrl {
    setting("ALUDEL_TEST_POSTGRES_URL").parse().expect("a URL")
}

/// A setting that has to be there.
pub fn setting(name: &str) -> String {
    std::env::var(name).unwrap_or_else(|_| panic!("{name} is not set: start the servers with tests/run"))
}

/// A database of its own.
pub struct Database {
    pub url: ConnectionUrl,
    pub connection: Box<dyn Connection>,
    pub dialect: Arc<dyn Dialect>,
    pub schema: Schema,
}

impl Database {
    pub fn new() -> Self {
        static NUMBER: AtomicU32 = AtomicU32::new(0);
        let name = format!("aludel_live_{}_{}", std::process::id(), NUMBER.fetch_add(1, Ordering::SeqCst));
        let url = DRIVER.create_scratch(&url(), &name).expect("a database");
        let connection = DRIVER.connect(&url, &ConnectOptions::default()).expect("a connection");
        let dialect = connection.dialect();
        Database { url, connection, dialect, schema: Schema::default() }
    }

    /// The statements of a change.
    pub fn compile(&self, change: &Change) -> (Vec<Statement>, Schema) {
        let mut after = self.schema.clone();
        change.apply(&mut after, self.dialect.lexicon()).expect("a change that fits");
        let context = Compile { before: &self.schema, after: &after };
        match self.dialect.compile(&context, std::slice::from_ref(change)) {
            Ok(statements) => (statements, after),
            Err(refusal) => panic!("{}: {refusal}", change.describe()),
        }
    }

    /// Makes a change happen and looks whether the catalog says what the model says.
    pub fn apply(&mut self, change: &Change) {
        let (statements, after) = self.compile(change);
        self.run_statements(&statements);
        self.schema = after;
        self.check(&change.describe());
    }

    fn run_statements(&mut self, statements: &[Statement]) {
        let mut inside = false;
        let mut all: Vec<&str> = Vec::new();
        for statement in statements {
            if (statement.transaction == Transaction::Inside) != inside {
                all.push(if inside { "COMMIT" } else { "BEGIN" });
                inside = !inside;
            }
            all.push(&statement.sql);
        }
        if inside {
            all.push("COMMIT");
        }
        if let Err(failure) = self.connection.execute_all(&all) {
            let error = failure.error;
            panic!("{error} ({:?}, {:?})\n{}", error.detail, error.hint, all[failure.index]);
        }
    }

    /// Compares the catalog with the model.
    pub fn check(&mut self, what: &str) {
        let found = self.connection.introspect(&Scope::default()).expect("a schema");
        let found = in_order(&self.dialect.normalize(&found));
        let model = in_order(&self.dialect.normalize(&self.schema));
        assert_eq!(in_order(&self.dialect.normalize(&found)), found, "normalize is not idempotent: {what}");
        for (found, model) in found.tables().zip(model.tables()) {
            let texts = [&found, &model].map(|table| format!("{table:#?}"));
            let lines = |place: usize| texts[place].lines().map(str::trim).filter(|line| line.ends_with("\","));
            let differences: Vec<_> = lines(0).zip(lines(1)).filter(|(found, model)| found != model).collect();
            assert!(texts[0] == texts[1], "{what}: found, wanted {differences:#?}\n{}\n{}", texts[0], texts[1]);
        }
        assert!(found == model, "{what}\n{found:#?}\n{model:#?}");
    }

    /// Runs plain SQL.
    pub fn run(&mut self, sql: &str) {
        self.connection.execute(sql).unwrap_or_else(|error| panic!("{error:?}\n{sql}"));
    }

    /// All rows of a query as one text.
    pub fn rows(&mut self, sql: &str) -> String {
        let rows = self.connection.query(sql).unwrap_or_else(|error| panic!("{error:?}\n{sql}"));
        let line = |row: Vec<Option<String>>| {
            row.into_iter().map(|cell| cell.unwrap_or_else(|| "NULL".to_owned())).collect::<Vec<_>>().join("|")
        };
        rows.into_iter().map(line).collect::<Vec<_>>().join(" ")
    }

    /// Up, down, up again, and down; after each step the catalog is compared.
    pub fn up_and_down(&mut self, changes: &[Change]) {
        for _ in 0..2 {
            for change in changes {
                self.apply(change);
            }
            for change in changes.iter().rev() {
                self.apply(&change.invert().expect("an inverse"));
            }
        }
    }
}

impl Drop for Database {
    fn drop(&mut self) {
        // A database that stays behind is the test server's loss only.
        let _ = DRIVER.drop_scratch(&self.url);
    }
}

/// A column that comes back comes last, so the order of columns does not count here.
fn in_order(schema: &Schema) -> Schema {
    let mut ordered = schema.clone();
    for table in schema.tables() {
        let mut table = Table::clone(table);
        table.columns.sort_by(|a, b| a.name.cmp(&b.name));
        ordered.put_table(table);
    }
    ordered
}
