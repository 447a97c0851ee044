//! Connections: what goes wrong, and what comes back.

use std::time::{Duration, Instant};

use aludel_engine::driver::{ConnectOptions, Connection, Driver, DriverError, ErrorKind, Scope};
use aludel_sqlite::DRIVER;

fn open(url: &str) -> Result<Box<dyn Connection>, DriverError> {
    open_with(url, &ConnectOptions::default())
}

fn open_with(url: &str, options: &ConnectOptions) -> Result<Box<dyn Connection>, DriverError> {
    DRIVER.connect(&url.parse().expect("url"), options)
}

fn refused(url: &str) -> DriverError {
    match open(url) {
        Ok(_) => panic!("{url} was opened"),
        Err(error) => error,
    }
}

/// A directory that goes when the test is over.
struct Directory(std::path::PathBuf);

impl Directory {
    fn new(name: &str) -> Self {
        let path = std::env::temp_dir().join(format!("aludel_connection_{name}_{}", std::process::id()));
        std::fs::create_dir_all(&path).expect("directory");
        Directory(path)
    }

    fn file(&self, name: &str) -> String {
        self.0.join(name).display().to_string()
    }
}

impl Drop for Directory {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

#[test]
fn what_is_no_database_is_named() {
    let here = Directory::new("errors");
    let directory = refused(&format!("sqlite:{}", here.0.display()));
    assert_eq!(directory.kind, ErrorKind::MissingDatabase);
    assert!(directory.message.contains("is a directory"), "{directory:?}");

    let parent = refused(&format!("sqlite:{}", here.file("no/such/app.db")));
    assert!(parent.message.contains("there is no directory") && parent.message.contains("no/such"), "{parent:?}");
    assert!(parent.hint.is_some());

    std::fs::write(here.file("text.db"), "this is a text and long enough to have a header of 100 bytes ".repeat(20))
        .expect("file");
    let text = refused(&format!("sqlite:{}", here.file("text.db")));
    assert!(text.message.contains("not a database") && text.hint.is_some(), "{text:?}");

    for url in [format!("sqlite:{}?mode=rw", here.file("none.db")), format!("sqlite:{}?mode=ro", here.file("none.db"))]
    {
        let missing = refused(&url);
        assert_eq!(missing.kind, ErrorKind::MissingDatabase);
        assert!(missing.message.contains("there is no database file"), "{missing:?}");
    }
    let options = ConnectOptions { create: false, ..ConnectOptions::default() };
    assert!(open_with(&format!("sqlite:{}", here.file("none.db")), &options).is_err());
    assert!(!here.0.join("none.db").exists());
}

#[test]
fn a_read_only_database_says_so() {
    let here = Directory::new("read_only");
    open(&format!("sqlite:{}", here.file("a.db"))).expect("made").execute("CREATE TABLE t (a)").expect("table");
    let mut connection = open(&format!("sqlite:{}?mode=ro", here.file("a.db"))).expect("readable");
    assert_eq!(connection.introspect(&Scope::default()).expect("schema").tables().count(), 1);
    let error = connection.execute("INSERT INTO t VALUES (1)").expect_err("read only");
    assert_eq!(error.kind, ErrorKind::ReadOnly);
    assert!(error.hint.is_some());
}

#[test]
fn errors_have_kinds_and_positions() {
    let mut connection = open("sqlite::memory:").expect("memory");
    connection.execute("CREATE TABLE t (a INTEGER NOT NULL UNIQUE)").expect("table");
    for (sql, kind, position) in [
        ("SELEC 1", ErrorKind::Syntax, Some(0)),
        ("SELECT b FROM t", ErrorKind::Missing, Some(7)),
        ("SELECT 1 FROM u", ErrorKind::Missing, None),
        ("CREATE TABLE t (a)", ErrorKind::Exists, None),
        ("ALTER TABLE t ADD COLUMN a", ErrorKind::Exists, None),
        ("INSERT INTO t VALUES (NULL)", ErrorKind::Constraint, None),
        ("DROP INDEX i", ErrorKind::Missing, None),
    ] {
        let error = connection.execute(sql).expect_err(sql);
        assert_eq!(error.kind, kind, "{error:?}");
        if position.is_some() {
            assert_eq!(error.position, position, "{error:?}");
        }
        assert!(error.code.is_some());
    }
}

#[test]
fn values_come_back_as_text() {
    let mut connection = open("sqlite::memory:").expect("memory");
    let rows = connection
        .query("SELECT NULL, 1, 1.0, 0.1 + 0.2, 1e300, 'é', x'00ff', '', 9e999, -9223372036854775808")
        .expect("row");
    let row: Vec<&str> = rows[0].iter().map(|field| field.as_deref().unwrap_or("NULL")).collect();
    assert_eq!(
        row,
        ["NULL", "1", "1.0", "0.30000000000000004", "1e300", "é", "00ff", "", "inf", "-9223372036854775808"]
    );
    assert_eq!(connection.execute("CREATE TABLE t (a)").expect("ddl"), 0);
    assert_eq!(connection.execute("INSERT INTO t VALUES (1), (2)").expect("two"), 2);
    assert_eq!(connection.execute("CREATE INDEX i ON t (a)").expect("ddl"), 0);
    assert_eq!(connection.execute("WITH x AS (SELECT 1) UPDATE t SET a = 3").expect("two"), 2);
    assert_eq!(connection.execute("DELETE FROM t WHERE a = 9").expect("none"), 0);
    assert_eq!(connection.execute("PRAGMA busy_timeout = 100").expect("a setting that answers"), 0);
    assert_eq!(connection.server().version.split(' ').next(), Some("SQLite"));
}

#[test]
fn a_running_statement_can_be_interrupted_and_bounded() {
    const ENDLESS: &str = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT max(i) FROM n";
    let mut connection = open("sqlite::memory:").expect("memory");
    let interrupter = connection.interrupter();
    interrupter.interrupt();
    assert!(connection.query("SELECT 1").is_ok(), "an interrupt does no harm when nothing runs");
    let thread = std::thread::spawn(move || {
        std::thread::sleep(Duration::from_millis(100));
        interrupter.interrupt();
    });
    let error = connection.query(ENDLESS).expect_err("interrupted");
    assert_eq!(error.kind, ErrorKind::Interrupted);
    thread.join().expect("thread");

    let options = ConnectOptions { statement_timeout: Some(Duration::from_millis(100)), ..ConnectOptions::default() };
    let mut bounded = open_with("sqlite::memory:", &options).expect("memory");
    let start = Instant::now();
    let error = bounded.query(ENDLESS).expect_err("too long");
    assert_eq!(error.kind, ErrorKind::StatementTimeout);
    assert!(start.elapsed() < Duration::from_secs(5));
    assert!(bounded.query("SELECT 1").is_ok());
}

#[test]
fn a_second_writer_waits_no_longer_than_it_is_told() {
    let here = Directory::new("busy");
    let url = format!("sqlite:{}", here.file("a.db"));
    let (mut one, mut two) = (open(&url).expect("one"), open(&url).expect("two"));
    one.execute("CREATE TABLE t (a)").expect("table");
    let begin = one.dialect().capabilities().begin;
    one.execute(begin).expect("the one writer");
    let bound = two.dialect().lock_timeout(Some(Duration::from_millis(50))).expect("a statement");
    two.execute(&bound).expect("bound");
    let error = two.execute(begin).expect_err("locked");
    assert_eq!(error.kind, ErrorKind::LockTimeout);
    assert!(error.kind.is_transient() && error.hint.is_some());
    one.execute("ROLLBACK").expect("rollback");
    two.execute(begin).expect("free");
}

#[test]
fn the_pre_image_changes_with_the_definition_and_not_with_the_rows() {
    let mut connection = open("sqlite::memory:").expect("memory");
    connection.execute("CREATE TABLE t (a INTEGER PRIMARY KEY)").expect("table");
    let tables = ["T".into(), "missing".into()];
    let first = connection.pre_image(&tables).expect("image");
    connection.execute("INSERT INTO t VALUES (1)").expect("row");
    assert_eq!(connection.pre_image(&tables).expect("image"), first);
    connection.execute("CREATE INDEX i ON t (a)").expect("index");
    assert_ne!(connection.pre_image(&tables).expect("image"), first);
}

#[test]
fn scratch_databases_are_files_that_go() {
    let here = Directory::new("scratch");
    let url = format!("sqlite:{}", here.file("a.db")).parse().expect("url");
    let scratch = DRIVER.create_scratch(&url, "scratch_1").expect("scratch");
    DRIVER.connect(&scratch, &ConnectOptions::default()).expect("open").execute("CREATE TABLE t (a)").expect("table");
    assert!(here.0.join("scratch_1.db").exists());
    let again = DRIVER.create_scratch(&url, "scratch_1").expect("scratch");
    let mut empty = DRIVER.connect(&again, &ConnectOptions::default()).expect("open");
    assert!(empty.introspect(&Scope::default()).expect("schema").is_empty());
    DRIVER.drop_scratch(&scratch).expect("removed");
    assert!(!here.0.join("scratch_1.db").exists());
    assert!(DRIVER.create_scratch(&url, "../etc").is_err());
}
