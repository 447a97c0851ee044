//! How long reading a big database takes, beside the queries alone: `benches/inspect` runs it.
//!
//! `inspect URL TABLES` fills an empty database with tables of 10 columns, 2 indexes and a foreign key, and prints the
//! medians of 5 runs in milliseconds and the most memory that the process ever had.

// A program of a benchmark has nobody to hand an error to.
#![allow(clippy::expect_used, clippy::print_stdout)]

use std::time::Instant;

use aludel_engine::diff::reconcile;
use aludel_engine::driver::{ConnectOptions, Connection, ConnectionUrl, Driver, Scope};

const RUNS: usize = 5;

fn main() {
    let mut arguments = std::env::args().skip(1);
    let url: ConnectionUrl = arguments.next().and_then(|text| text.parse().ok()).expect("a URL");
    let tables: usize = arguments.next().and_then(|number| number.parse().ok()).unwrap_or(1000);
    let driver: &dyn Driver = match url.scheme() {
        "sqlite" => &aludel_sqlite::DRIVER,
        _ => &aludel_postgres::DRIVER,
    };
    let mut connection = driver.connect(&url, &ConnectOptions::default()).expect("a connection");
    if connection.introspect(&Scope::default()).expect("a schema").is_empty() {
        fill(&mut *connection, tables);
    }
    let dialect = connection.dialect();
    let queries = match dialect.name() {
        "sqlite" => vec![aludel_sqlite::CATALOG_QUERY.to_owned()],
        _ => aludel_postgres::catalog_queries(dialect.version()),
    };
    for query in &queries {
        median("  query", || drop(connection.query(query).expect("rows")));
    }
    median("the queries alone", || {
        for query in &queries {
            connection.query(query).expect("rows");
        }
    });
    median("introspect", || drop(connection.introspect(&Scope::default()).expect("a schema")));
    median("unheld", || drop(connection.unheld(&Scope::default()).expect("a list")));
    let found = connection.introspect(&Scope::default()).expect("a schema");
    median("normalize", || drop(dialect.normalize(&found)));
    median("reconcile with itself", || drop(reconcile(&mut *connection, &found, &found).expect("answers")));
    println!("{:>10} kB at most", peak());
}

fn fill(connection: &mut dyn Connection, tables: usize) {
    let mut statements = vec!["BEGIN".to_owned()];
    for table in 0..tables {
        let columns: String = (0..8).map(|column| format!(", c{column} varchar(50) DEFAULT 'x'")).collect();
        let parent = table.saturating_sub(1);
        statements.push(format!(
            "CREATE TABLE t{table} (id integer PRIMARY KEY, parent integer{columns}, \
             CONSTRAINT fk{table} FOREIGN KEY (parent) REFERENCES t{parent} (id))"
        ));
        statements.push(format!("CREATE INDEX ix{table}a ON t{table} (c1)"));
        statements.push(format!("CREATE INDEX ix{table}b ON t{table} (c2, c3)"));
        // PostgreSQL keeps a lock for each in a table of limited size.
        if table % 200 == 199 {
            statements.extend(["COMMIT", "BEGIN"].map(str::to_owned));
        }
    }
    statements.push("COMMIT".to_owned());
    let statements: Vec<&str> = statements.iter().map(String::as_str).collect();
    connection.execute_all(&statements).expect("tables");
}

fn median(what: &str, mut run: impl FnMut()) {
    let mut times: Vec<u128> = (0..RUNS)
        .map(|_| {
            let began = Instant::now();
            run();
            began.elapsed().as_micros()
        })
        .collect();
    times.sort_unstable();
    let median = times.get(RUNS / 2).copied().unwrap_or_default();
    println!("{:>10}.{:03} ms {what}", median / 1000, median % 1000);
}

/// The most memory of the process so far, in kB, where the system tells.
fn peak() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    line.and_then(|rest| rest.trim().trim_end_matches(" kB").parse().ok()).unwrap_or_default()
}
