//! A session: batches, errors, locks and interruption.

use std::time::{Duration, Instant};

use aludel_engine::driver::{ConnectOptions, Driver, ErrorKind, LockAttempt, Scope};
use aludel_postgres::DRIVER;

use crate::database::Database;

#[test]
fn a_batch_stops_at_the_first_failure() {
    let mut database = Database::new();
    database.run("CREATE TABLE t (a integer PRIMARY KEY)");
    let batch = ["BEGIN", "INSERT INTO t VALUES (1)", "INSERT INTO t VALUES (1)", "INSERT INTO t VALUES (2)", "COMMIT"];
    let failure = database.connection.execute_all(&batch).expect_err("a duplicate");
    assert_eq!((failure.index, failure.error.kind), (2, ErrorKind::Constraint));
    database.run("ROLLBACK");
    let failure = database
        .connection
        .execute_all(&["INSERT INTO t VALUES (5)", "INSERT INTO t VALUES (5)", "INSERT INTO t VALUES (6)"])
        .expect_err("a duplicate");
    assert_eq!(failure.index, 1);
    assert_eq!(database.rows("SELECT a FROM t"), "5");
    let batch = [
        "BEGIN",
        "SAVEPOINT s",
        "INSERT INTO t VALUES (7)",
        "SELECT 1/0",
        "ROLLBACK TO s",
        "INSERT INTO t VALUES (8)",
        "COMMIT",
    ];
    let failure = database.connection.execute_all(&batch).expect_err("a division");
    assert_eq!(failure.index, 3);
    database.run("ROLLBACK");
    let all: Vec<String> = (100..400).map(|n| format!("INSERT INTO t VALUES ({n})")).collect();
    let mut batch: Vec<&str> = vec!["BEGIN"];
    batch.extend(all.iter().map(String::as_str));
    batch.push("COMMIT");
    database.connection.execute_all(&batch).expect("a batch");
    assert_eq!(database.rows("SELECT count(*) FROM t"), "301");
}

#[test]
fn errors_say_what_and_where() {
    let mut database = Database::new();
    for (sql, kind, code, position) in [
        ("SELECT 'größe', FROM", ErrorKind::Syntax, "42601", Some(18)),
        ("SELECT * FROM nowhere", ErrorKind::Missing, "42P01", Some(14)),
        ("SELECT nothing", ErrorKind::Missing, "42703", Some(7)),
        ("CREATE TABLE pg_catalog.x (a integer)", ErrorKind::Denied, "42501", None),
    ] {
        let error = database.connection.execute(sql).expect_err(sql);
        assert_eq!((error.kind, error.code.as_deref(), error.position), (kind, Some(code), position), "{error:?}");
    }
    let error = database.connection.execute("COPY pg_class TO STDOUT").expect_err("no client for it");
    assert!(error.message.contains("COPY"), "{error}");
    assert_eq!(database.rows("SELECT 1"), "1");
}

#[test]
fn a_statement_is_interrupted_or_times_out() {
    let mut database = Database::new();
    let interrupter = database.connection.interrupter();
    interrupter.interrupt();
    assert_eq!(database.rows("SELECT 1"), "1");
    let start = Instant::now();
    let waker = std::thread::spawn(move || {
        std::thread::sleep(Duration::from_millis(200));
        interrupter.interrupt();
    });
    let error = database.connection.execute("SELECT pg_sleep(30)").expect_err("an interruption");
    assert_eq!(error.kind, ErrorKind::Interrupted);
    assert!(start.elapsed() < Duration::from_secs(10));
    waker.join().expect("a thread");
    assert_eq!(database.rows("SELECT 2"), "2");
    let options = ConnectOptions { statement_timeout: Some(Duration::from_millis(100)), ..ConnectOptions::default() };
    let mut hasty = DRIVER.connect(&database.url, &options).expect("a connection");
    assert_eq!(hasty.execute("SELECT pg_sleep(5)").expect_err("a time-out").kind, ErrorKind::StatementTimeout);
}

#[test]
fn a_lock_keeps_others_away() {
    let mut database = Database::new();
    let mut other = DRIVER.connect(&database.url, &ConnectOptions::default()).expect("a connection");
    assert_eq!(database.connection.try_lock("aludel_version").expect("an answer"), LockAttempt::Acquired);
    assert!(database.connection.holds_lock("aludel_version").expect("an answer"));
    assert!(!other.holds_lock("aludel_version").expect("an answer"));
    let LockAttempt::Held { by: Some(by) } = other.try_lock("aludel_version").expect("an answer") else {
        panic!("two have it");
    };
    assert!(by.contains("aludel") && by.contains(&database.connection.server().session), "{by}");
    assert_eq!(other.try_lock("another").expect("an answer"), LockAttempt::Acquired);
    database.connection.unlock("aludel_version").expect("an answer");
    assert!(database.connection.unlock("aludel_version").is_err());
    assert_eq!(other.try_lock("aludel_version").expect("an answer"), LockAttempt::Acquired);
    drop(other);
    // The server takes a moment to see that its client said goodbye.
    let freed = (0..100).any(|_| {
        std::thread::sleep(Duration::from_millis(20));
        database.connection.try_lock("aludel_version").expect("an answer") == LockAttempt::Acquired
    });
    assert!(freed, "the lock outlived its session");
}

#[test]
fn a_lock_that_is_not_to_be_had_in_time() {
    let mut database = Database::new();
    database.run("CREATE TABLE t (a integer)");
    let mut other = DRIVER.connect(&database.url, &ConnectOptions::default()).expect("a connection");
    other.execute_all(&["BEGIN", "LOCK TABLE t"]).expect("a lock");
    let bound = database.dialect.lock_timeout(Some(Duration::from_millis(50))).expect("a statement");
    let failure = database
        .connection
        .execute_all(&["BEGIN", &bound, "ALTER TABLE t ADD COLUMN b integer", "COMMIT"])
        .expect_err("no lock");
    assert_eq!((failure.index, failure.error.kind), (2, ErrorKind::LockTimeout));
    assert!(failure.error.kind.is_transient());
}

#[test]
fn a_lost_connection_is_told_apart() {
    let mut database = Database::new();
    let session = database.connection.server().session.clone();
    let mut other = DRIVER.connect(&database.url, &ConnectOptions::default()).expect("a connection");
    other.execute(&format!("SELECT pg_terminate_backend({session})")).expect("an end");
    assert_eq!(database.connection.execute("SELECT 1").expect_err("no session").kind, ErrorKind::Lost);
    assert_eq!(database.connection.execute("SELECT 1").expect_err("no session").kind, ErrorKind::Lost);
}

#[test]
fn a_connection_works_inside_another_runtime() {
    let url = crate::database::url();
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
    runtime.block_on(async {
        let mut connection = DRIVER.connect(&url, &ConnectOptions::default()).expect("a connection");
        assert_eq!(connection.query("SELECT 1").expect("rows"), vec![vec![Some("1".to_owned())]]);
    });
}

#[test]
fn a_scope_leaves_tables_out() {
    let mut database = Database::new();
    database.run("CREATE TABLE a (x integer)");
    database.run("CREATE TABLE b (x integer)");
    let seen = |scope: &Scope, database: &mut Database| {
        let schema = database.connection.introspect(scope).expect("a schema");
        schema.tables().map(|table| table.name.to_string()).collect::<Vec<_>>().join(" ")
    };
    assert_eq!(seen(&Scope::default(), &mut database), "a b");
    assert_eq!(seen(&Scope { exclude: vec!["a".into()], ..Scope::default() }, &mut database), "b");
    assert_eq!(seen(&Scope { only: Some(vec!["a".into()]), ..Scope::default() }, &mut database), "a");
    assert_eq!(seen(&Scope { only: Some(vec![]), ..Scope::default() }, &mut database), "");
}
