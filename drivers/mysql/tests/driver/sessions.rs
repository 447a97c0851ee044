//! Connections: what goes wrong, locks, interruptions, batches.

use std::thread;
use std::time::{Duration, Instant};

use aludel_engine::driver::{
    ConnectOptions, Connection, ConnectionUrl, Driver, DriverError, ErrorKind, LockAttempt, Scope,
};
use aludel_mysql::DRIVER;

use crate::support::{Database, Server, column, create, primary_key, table};

crate::on_both_servers!(
    the_server_is_recognised,
    failures_to_connect_teach,
    secure_connections,
    batches_stop_at_the_failure,
    statements_are_interrupted,
    statements_run_out_of_time,
    the_lock_keeps_others_away,
    pre_images_follow_the_definition_only,
    errors_have_kinds,
    scopes_leave_out,
    an_ordinary_user_can_connect,
);

fn open(url: &ConnectionUrl) -> Box<dyn Connection> {
    DRIVER.connect(url, &ConnectOptions::default()).expect("a connection")
}

fn failing(url: &str) -> DriverError {
    let options = ConnectOptions { connect_timeout: Duration::from_secs(2), ..ConnectOptions::default() };
    let error = DRIVER.connect(&url.parse().expect("a URL"), &options).err().expect("a failure");
    assert!(error.hint.is_some(), "{error:?}");
    assert!(!format!("{error:?}").contains("secret"), "{error:?}");
    error
}

/// The URL with another login, or another end.
fn with_login(url: &ConnectionUrl, login: &str) -> String {
    let (scheme, rest) = url.expose().split_once("//").expect("a URL");
    let rest = rest.rsplit_once('@').map_or(rest, |(_, rest)| rest);
    format!("{scheme}//{login}@{rest}")
}

fn with_query(url: &ConnectionUrl, query: &str) -> String {
    format!("{}?{query}", url.expose())
}

fn the_server_is_recognised(server: &Server) {
    let database = Database::new(server);
    let other = if server.is_mysql() { "mariadb" } else { "mysql" };
    let (_, rest) = database.url.expose().split_once(':').expect("a URL");
    let crossed = open(&format!("{other}:{rest}").parse().expect("a URL"));
    assert_eq!(crossed.dialect().name(), server.dialect);
    assert!(crossed.server().version.ends_with(&format!("(the URL says {other})")));
    assert!(!database.connection.server().version.contains("the URL"));
    assert!(database.connection.server().database.starts_with("aludel_live_"));
    assert!(database.connection.server().user.starts_with("root@"));
    assert!(database.connection.server().session.parse::<u64>().is_ok());
}

fn failures_to_connect_teach(server: &Server) {
    let database = Database::new(server);
    let error = failing(&format!("{}://u:secret@127.0.0.1:1/x", server.dialect));
    assert_eq!(error.kind, ErrorKind::Unreachable);
    assert!(error.message.contains("127.0.0.1:1"), "{error}");
    let error = failing(&format!("{}://u:secret@nowhere.invalid/x", server.dialect));
    assert_eq!(error.kind, ErrorKind::Unreachable);
    let error = failing(&with_login(&database.url, "nobody:secret"));
    assert_eq!(error.kind, ErrorKind::Authentication);
    let error = failing(&format!("{}_not", database.url.expose()));
    assert_eq!(error.kind, ErrorKind::MissingDatabase);
    let error = failing(&format!("{}://u:secret@h/x?socket=/nowhere/my.sock", server.dialect));
    assert_eq!(error.kind, ErrorKind::Unreachable);
    let error = failing(&with_query(&database.url, "ssl-mode=verify_identity"));
    assert_eq!(error.kind, ErrorKind::Tls, "{error:?}");
    // Somebody who never says a word.
    let silent = std::net::TcpListener::bind("127.0.0.1:0").expect("a port");
    let port = silent.local_addr().expect("an address").port();
    let started = Instant::now();
    let error = failing(&format!("{}://u:secret@127.0.0.1:{port}/x?connect-timeout=1", server.dialect));
    assert_eq!(error.kind, ErrorKind::Unreachable);
    assert!(started.elapsed() < Duration::from_secs(5));
}

fn secure_connections(server: &Server) {
    let prefix = format!("ALUDEL_TEST_{}", server.dialect.to_uppercase());
    let variable = |name: &str| std::env::var(format!("{prefix}_{name}")).unwrap_or_else(|_| panic!("{prefix}_{name}"));
    let database = Database::new(server);
    let cipher = |query: &str| {
        let mut session = open(&with_query(&database.url, query).parse().expect("a URL"));
        let row = session.query("SHOW STATUS LIKE 'Ssl_cipher'").expect("a row").remove(0);
        row[1].clone().unwrap_or_default()
    };
    assert_eq!(cipher("ssl-mode=disabled"), "");
    assert_ne!(cipher("ssl-mode=preferred"), "");
    assert_ne!(cipher("sslmode=require"), "");
    assert_ne!(cipher(&format!("ssl-mode=verify_ca&ssl-ca={}", variable("CA"))), "");
    let full = format!("sslmode=verify-full&sslrootcert={}", variable("CA"));
    assert_ne!(cipher(&full), "");
    let (certificate, key) = (variable("CERT"), variable("KEY"));
    assert_ne!(cipher(&format!("{full}&ssl-cert={certificate}&ssl-key={key}")), "");
    // Through the socket file there is nothing to secure.
    let (_, name) = database.url.expose().rsplit_once('/').expect("a database");
    let url = format!("{}://root@ignored/{name}?socket={}", server.dialect, variable("SOCKET"));
    assert_eq!(open(&url.parse().expect("a URL")).server().database, name);
}

fn batches_stop_at_the_failure(server: &Server) {
    let mut database = Database::new(server);
    database.run(&create(table("t", vec![column("a", "integer").not_null()], vec![primary_key(&["a"])])));
    let statements = [
        "INSERT INTO t VALUES (1);",
        "INSERT INTO t VALUES (2) -- a comment",
        "SELECT * FROM t",
        "INSERT INTO t VALUES (3)",
        "INSERT INTO t VALUES (1)",
        "INSERT INTO t VALUES (4)",
    ];
    let error = database.connection.execute_all(&statements).expect_err("a duplicate");
    assert_eq!((error.index, error.error.kind), (4, ErrorKind::Constraint));
    assert_eq!(database.rows("SELECT a FROM t ORDER BY a"), "1\n2\n3");
    let error = database.connection.execute_all(&["INSERT INTO t VALUES (9)", "SELECT nothing"]).expect_err("missing");
    assert_eq!((error.index, error.error.kind), (1, ErrorKind::Missing));
    assert_eq!(database.connection.execute("UPDATE t SET a = a + 100 WHERE a < 3").expect("rows"), 2);
    let error = database.connection.execute_all(&["SELEC 1", "INSERT INTO t VALUES (5)"]).expect_err("syntax");
    assert_eq!((error.index, error.error.kind), (0, ErrorKind::Syntax));
    database.connection.execute_all(&[]).expect("nothing");
}

fn statements_are_interrupted(server: &Server) {
    let mut database = Database::new(server);
    let handle = database.connection.interrupter();
    handle.interrupt();
    assert_eq!(database.rows("SELECT 1"), "1");
    let other = thread::spawn(move || {
        thread::sleep(Duration::from_millis(400));
        handle.interrupt();
    });
    let started = Instant::now();
    let slow =
        "SELECT count(*) FROM information_schema.columns a, information_schema.columns b, information_schema.columns c";
    let error = database.connection.query(slow).expect_err("an interruption");
    assert_eq!(error.kind, ErrorKind::Interrupted, "{error:?}");
    assert!(started.elapsed() < Duration::from_secs(15));
    other.join().expect("the other thread");
    assert_eq!(database.rows("SELECT 1"), "1");
}

fn statements_run_out_of_time(server: &Server) {
    let database = Database::new(server);
    let options = ConnectOptions { statement_timeout: Some(Duration::from_secs(1)), ..ConnectOptions::default() };
    let mut session = DRIVER.connect(&database.url, &options).expect("a connection");
    let slow = "CREATE TABLE slow AS SELECT count(*) AS n FROM information_schema.columns a, information_schema.columns b, \
                information_schema.columns c";
    let error = session.execute(slow).expect_err("a time-out");
    assert_eq!(error.kind, ErrorKind::StatementTimeout, "{error:?}");
    assert_eq!(session.query("SELECT 1").expect("a row"), vec![vec![Some("1".to_owned())]]);
}

fn the_lock_keeps_others_away(server: &Server) {
    let mut database = Database::new(server);
    let mut other = open(&database.url);
    let key = "a key that is so long that it would not fit into the name of a lock, which has 64 characters";
    for key in ["aludel_version", key] {
        assert_eq!(database.connection.try_lock(key).expect("an answer"), LockAttempt::Acquired);
        assert_eq!(database.connection.try_lock(key).expect("an answer"), LockAttempt::Acquired);
        assert!(database.connection.holds_lock(key).expect("an answer"));
        assert!(!other.holds_lock(key).expect("an answer"));
        let LockAttempt::Held { by: Some(by) } = other.try_lock(key).expect("an answer") else { panic!("not held") };
        assert!(by.contains(&format!("session {} of root@", database.connection.server().session)), "{by}");
        assert_eq!(other.try_lock("another key").expect("an answer"), LockAttempt::Acquired);
        database.connection.unlock(key).expect("an answer");
        assert!(!database.connection.holds_lock(key).expect("an answer"));
        assert_eq!(other.try_lock(key).expect("an answer"), LockAttempt::Acquired);
        other.unlock(key).expect("an answer");
    }
    assert_eq!(other.try_lock("gone").expect("an answer"), LockAttempt::Acquired);
    drop(other);
    // The server frees it a moment after it has seen the session end.
    let started = Instant::now();
    while database.connection.try_lock("gone").expect("an answer") != LockAttempt::Acquired {
        assert!(started.elapsed() < Duration::from_secs(5), "the lock outlives its session");
        thread::sleep(Duration::from_millis(10));
    }
}

fn pre_images_follow_the_definition_only(server: &Server) {
    let mut database = Database::new(server);
    database.sql("CREATE TABLE t (id int AUTO_INCREMENT PRIMARY KEY, a int) COMMENT 'it''s'");
    let tables = ["t".into(), "missing".into()];
    let image = database.connection.pre_image(&tables).expect("an image");
    assert!(image.contains("missing:\nmissing\n"), "{image}");
    database.sql("INSERT INTO t (a) VALUES (1), (2)");
    assert_eq!(database.connection.pre_image(&tables).expect("an image"), image);
    database.sql("ALTER TABLE t ADD INDEX ix (a)");
    assert_ne!(database.connection.pre_image(&tables).expect("an image"), image);
}

fn errors_have_kinds(server: &Server) {
    let mut database = Database::new(server);
    database.sql("CREATE TABLE p (id int PRIMARY KEY, n int NOT NULL CHECK (n > 0))");
    database.sql("CREATE TABLE c (p int, CONSTRAINT fk FOREIGN KEY (p) REFERENCES p (id))");
    for (sql, kind) in [
        ("SELEC 1", ErrorKind::Syntax),
        ("CREATE TABLE p (a int)", ErrorKind::Exists),
        ("ALTER TABLE p ADD COLUMN id int", ErrorKind::Exists),
        ("SELECT * FROM nothing", ErrorKind::Missing),
        ("SELECT nothing FROM p", ErrorKind::Missing),
        ("ALTER TABLE p DROP COLUMN nothing", ErrorKind::Missing),
        ("DROP TABLE nothing", ErrorKind::Missing),
        ("INSERT INTO p VALUES (1, NULL)", ErrorKind::Constraint),
        ("INSERT INTO p VALUES (1, 0)", ErrorKind::Constraint),
        ("INSERT INTO c VALUES (5)", ErrorKind::Constraint),
        ("INSERT INTO p VALUES (1, 'x')", ErrorKind::Constraint),
        ("INSERT INTO p VALUES (1, 99999999999)", ErrorKind::Constraint),
    ] {
        let error = database.connection.execute(sql).expect_err(sql);
        assert_eq!(error.kind, kind, "{sql}: {error:?}");
        assert!(error.code.is_some());
    }
    let mut other = open(&database.url);
    let bound = other.dialect().lock_timeout(Some(Duration::from_millis(300))).expect("a statement");
    other.execute(&bound).expect("a bound");
    database.sql("START TRANSACTION");
    database.sql("INSERT INTO p VALUES (1, 1)");
    let error = other.execute("ALTER TABLE p ADD COLUMN x int").expect_err("a lock");
    assert_eq!(error.kind, ErrorKind::LockTimeout, "{error:?}");
    assert!(error.kind.is_transient());
    database.sql("ROLLBACK");
    other.execute(&other.dialect().lock_timeout(None).expect("a statement")).expect("no bound");
}

fn scopes_leave_out(server: &Server) {
    let mut database = Database::new(server);
    database.sql("CREATE TABLE a (id int)");
    database.sql("CREATE TABLE b (id int)");
    database.sql("CREATE VIEW v AS SELECT * FROM a");
    let names = |database: &mut Database, scope: &Scope| {
        let schema = database.connection.introspect(scope).expect("a schema");
        schema.tables().map(|table| table.name.to_string()).collect::<Vec<_>>().join(" ")
    };
    assert_eq!(names(&mut database, &Scope::default()), "a b");
    let scope = Scope { exclude: vec!["a".into()], ..Scope::default() };
    assert_eq!(names(&mut database, &scope), "b");
    let scope = Scope { only: Some(vec!["a".into(), "nothing".into()]), ..Scope::default() };
    assert_eq!(names(&mut database, &scope), "a");
    let second = Database::new(server);
    let name = second.connection.server().database.clone();
    open(&second.url).execute("CREATE TABLE far (id int)").expect("a table");
    let scope = Scope { namespaces: vec![name.clone()], ..Scope::default() };
    assert_eq!(names(&mut database, &scope), format!("a b {name}.far"));
}

fn an_ordinary_user_can_connect(server: &Server) {
    let mut database = Database::new(server);
    let name = database.connection.server().database.clone();
    let user = format!("u{}", name.trim_start_matches("aludel_live_"));
    database.sql(&format!("CREATE USER {user}@'%' IDENTIFIED BY 'p@ss/w''rd'"));
    let url: ConnectionUrl = with_login(&database.url, &format!("{user}:p%40ss/w'rd")).parse().expect("a URL");
    let refused = DRIVER.connect(&url, &ConnectOptions::default()).err().expect("no right to the database");
    assert_eq!(refused.kind, ErrorKind::Authentication, "{refused:?}");
    database.sql(&format!("GRANT ALL ON `{name}`.* TO {user}@'%'"));
    let mut session = open(&url);
    session.execute("CREATE TABLE t (ts timestamp NOT NULL)").expect("a table");
    let denied = session.execute("CREATE DATABASE not_allowed").expect_err("no right");
    assert_eq!(denied.kind, ErrorKind::Denied, "{denied:?}");
    let wrong = failing(&with_login(&database.url, &format!("{user}:secret")));
    assert_eq!(wrong.kind, ErrorKind::Authentication);
    database.sql(&format!("DROP USER {user}@'%'"));
}
