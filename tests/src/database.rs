//! Databases of their own, on the real servers.

use std::sync::atomic::{AtomicU32, Ordering};

use aludel_engine::dialect::comma_list;
use aludel_engine::driver::{ConnectOptions, Connection, ConnectionUrl, Driver, Scope};
use aludel_engine::execute::Journal;
use aludel_engine::schema::{ObjectName, Schema};

/// The products that are tested.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[allow(missing_docs)]
pub enum Product {
    Sqlite,
    Postgres,
    Mysql,
    Mariadb,
}

impl Product {
    /// All of them.
    pub const ALL: [Product; 4] = [Product::Sqlite, Product::Postgres, Product::Mysql, Product::Mariadb];

    /// The name of its dialect.
    #[must_use]
    pub fn dialect(self) -> &'static str {
        match self {
            Product::Sqlite => "sqlite",
            Product::Postgres => "postgres",
            Product::Mysql => "mysql",
            Product::Mariadb => "mariadb",
        }
    }

    /// Its driver.
    #[must_use]
    pub fn driver(self) -> &'static dyn Driver {
        match self {
            Product::Sqlite => &aludel_sqlite::DRIVER,
            Product::Postgres => &aludel_postgres::DRIVER,
            Product::Mysql | Product::Mariadb => &aludel_mysql::DRIVER,
        }
    }

    /// The URL of the server, or of a file beside which databases are made.
    fn server(self) -> ConnectionUrl {
        let variable = match self {
            Product::Sqlite => {
                let file = std::env::temp_dir().join("aludel-tests.db");
                return format!("sqlite:{}", file.display()).parse().expect("a path makes a URL");
            }
            Product::Postgres => "ALUDEL_TEST_POSTGRES_URL",
            Product::Mysql => "ALUDEL_TEST_MYSQL_URL",
            Product::Mariadb => "ALUDEL_TEST_MARIADB_URL",
        };
        let url =
            std::env::var(variable).unwrap_or_else(|_| panic!("{variable} is not set; run the tests with `tests/run`"));
        url.parse().expect("the variable holds a URL")
    }
}

/// An empty database that goes when it is dropped.
#[derive(Debug)]
pub struct Database {
    /// The product.
    pub product: Product,
    /// Its URL.
    pub url: ConnectionUrl,
}

impl Database {
    /// Makes one.
    #[must_use]
    pub fn new(product: Product) -> Self {
        static NUMBER: AtomicU32 = AtomicU32::new(0);
        let name = format!("aludel_e2e_{}_{}", std::process::id(), NUMBER.fetch_add(1, Ordering::Relaxed));
        let url = product.driver().create_scratch(&product.server(), &name).expect("a scratch database is made");
        Database { product, url }
    }

    /// Connects to it.
    #[must_use]
    pub fn connect(&self) -> Box<dyn Connection> {
        self.product.driver().connect(&self.url, &ConnectOptions::default()).expect("the scratch database answers")
    }

    /// The URL as an argument for the binary.
    #[must_use]
    pub fn argument(&self) -> &str {
        self.url.expose()
    }
}

impl Drop for Database {
    fn drop(&mut self) {
        let _ = self.product.driver().drop_scratch(&self.url);
    }
}

impl Database {
    /// The first cell of a query, as text.
    #[must_use]
    pub fn cell(&self, sql: &str) -> Option<String> {
        let rows = self.connect().query(sql).unwrap_or_else(|error| panic!("{error}\n{sql}"));
        rows.into_iter().next().and_then(|row| row.into_iter().next()).flatten()
    }

    /// Runs statements.
    pub fn execute(&self, statements: &[&str]) {
        let mut connection = self.connect();
        for sql in statements {
            connection.execute(sql).unwrap_or_else(|error| panic!("{error}\n{sql}"));
        }
    }

    /// The catalog in normal form as text, without the tool's own tables.
    #[must_use]
    pub fn catalog(&self) -> String {
        self.catalog_beside("aludel_version")
    }

    /// The same where the version table has another name.
    #[must_use]
    pub fn catalog_beside(&self, version_table: &str) -> String {
        let schema = self.schema(version_table);
        let tables: Vec<_> = schema.tables().collect();
        let enums: Vec<_> = schema.enums().collect();
        serde_json::to_string_pretty(&(tables, enums)).expect("a schema can be written")
    }

    /// Every row of every table as text, without the tool's own tables.
    #[must_use]
    pub fn rows_beside(&self, version_table: &str) -> String {
        let mut connection = self.connect();
        let dialect = connection.dialect();
        let mut text = String::new();
        for table in self.schema(version_table).tables() {
            let columns = table.columns.iter().map(|column| dialect.quote(&column.name));
            let sql = format!("SELECT {} FROM {}", comma_list(columns), dialect.quote_name(&table.name));
            let mut rows = connection.query(&sql).unwrap_or_else(|error| panic!("{error}\n{sql}"));
            rows.sort();
            text.extend(rows.iter().map(|row| format!("{} {row:?}\n", table.name)));
        }
        text
    }

    fn schema(&self, version_table: &str) -> Schema {
        let mut connection = self.connect();
        let journal = Journal::new(connection.dialect(), &ObjectName::new(version_table));
        let scope = Scope { exclude: journal.table_names(), ..Scope::default() };
        let schema = connection.introspect(&scope).expect("the catalog can be read");
        connection.dialect().normalize(&schema)
    }
}
