//! Ways to connect, and ways not to.

use std::time::Duration;

use aludel_engine::driver::{ConnectOptions, ConnectionUrl, Driver, DriverError, ErrorKind};
use aludel_postgres::DRIVER;

use crate::database::{setting, url};

/// The server's port.
fn port() -> String {
    let url = url();
    let rest = url.expose_rest().rsplit_once(':').expect("a port").1;
    rest.split('/').next().expect("a port").to_owned()
}

fn try_url(text: &str) -> Result<String, DriverError> {
    let url: ConnectionUrl = text.parse().expect("a URL");
    let options = ConnectOptions { connect_timeout: Duration::from_secs(3), ..ConnectOptions::default() };
    let mut connection = DRIVER.connect(&url, &options)?;
    let rows = connection.query("SELECT ssl FROM pg_stat_ssl WHERE pid = pg_backend_pid()")?;
    let secure = rows[0][0].as_deref() == Some("t");
    Ok(format!("{} {}", connection.server().user, if secure { "secure" } else { "plain" }))
}

#[test]
fn ways_to_connect() {
    let (port, ca) = (port(), setting("ALUDEL_TEST_POSTGRES_CA"));
    let (certificate, key) = (setting("ALUDEL_TEST_POSTGRES_CERT"), setting("ALUDEL_TEST_POSTGRES_KEY"));
    let socket = setting("ALUDEL_TEST_POSTGRES_SOCKET");
    let encoded = socket.replace('/', "%2F");
    let host = format!("127.0.0.1:{port}/postgres");
    for (url, who) in [
        (format!("postgres://postgres@{host}"), "postgres secure"),
        (format!("postgresql://postgres@{host}?sslmode=disable"), "postgres plain"),
        (format!("postgres://postgres@{host}?sslmode=allow"), "postgres plain"),
        (format!("postgres://aludel_tls@{host}?sslmode=allow"), "aludel_tls secure"),
        (format!("postgres://aludel_tls@{host}?sslmode=require"), "aludel_tls secure"),
        (format!("postgres://aludel_tls@{host}?sslmode=require&sslrootcert={ca}"), "aludel_tls secure"),
        (format!("postgres://aludel_tls@{host}?sslmode=verify-ca&sslrootcert={ca}"), "aludel_tls secure"),
        (
            format!("postgres://aludel_tls@localhost:{port}/postgres?sslmode=verify-full&sslrootcert={ca}"),
            "aludel_tls secure",
        ),
        (
            format!(
                "postgres://aludel_cert@{host}?sslmode=verify-ca&sslrootcert={ca}&sslcert={certificate}&sslkey={key}"
            ),
            "aludel_cert secure",
        ),
        (format!("postgres://aludel_password:secret%20word@{host}"), "aludel_password secure"),
        (format!("postgres://aludel_password:secret%20word@{host}?sslmode=disable"), "aludel_password plain"),
        (format!("postgres://aludel_password@{host}?password=secret%20word"), "aludel_password secure"),
        (format!("postgres://postgres@{encoded}:{port}/postgres"), "postgres plain"),
        (format!("postgres:///postgres?host={socket}&port={port}&user=postgres"), "postgres plain"),
        (format!("postgres://postgres@127.0.0.1:1,{host}"), "postgres secure"),
        (format!("postgres://postgres@127.0.0.1:1,{host}?target_session_attrs=read-write"), "postgres secure"),
    ] {
        match try_url(&url) {
            Ok(found) => assert_eq!(found, who, "{url}"),
            Err(error) => panic!("{url}: {error:?}"),
        }
    }
}

#[test]
fn ways_not_to_connect() {
    let (port, ca) = (port(), setting("ALUDEL_TEST_POSTGRES_CA"));
    let key = setting("ALUDEL_TEST_POSTGRES_KEY");
    let other = setting("ALUDEL_TEST_POSTGRES_CERT");
    let host = format!("127.0.0.1:{port}");
    let listener = std::net::TcpListener::bind("127.0.0.1:0").expect("a port");
    let silent = listener.local_addr().expect("an address").port();
    let banner = std::net::TcpListener::bind("127.0.0.1:0").expect("a port");
    let talking = banner.local_addr().expect("an address").port();
    std::thread::spawn(move || {
        for mut stream in banner.incoming().flatten() {
            // Like a server of another kind: it speaks first.
            let _ = std::io::Write::write_all(&mut stream, b"J\0\0\0\x0a5.7.0 hello there\0\0\0\0");
        }
    });
    for (url, kind, says) in [
        (format!("postgres://aludel_password:wr0ng@{host}/postgres"), ErrorKind::Authentication, "password"),
        (format!("postgres://aludel_password@{host}/postgres"), ErrorKind::Authentication, "none is given"),
        (format!("postgres://aludel_tls@{host}/postgres?sslmode=disable"), ErrorKind::Authentication, "pg_hba.conf"),
        (format!("postgres://nobody@{host}/postgres"), ErrorKind::Authentication, "nobody"),
        (format!("postgres://postgres@{host}/no_such_database"), ErrorKind::MissingDatabase, "no_such_database"),
        ("postgres://postgres@127.0.0.1:1/postgres".to_owned(), ErrorKind::Unreachable, "127.0.0.1:1"),
        ("postgres://postgres@no.such.host.invalid/postgres".to_owned(), ErrorKind::Unreachable, "no.such.host"),
        ("postgres:///postgres?host=/no/such/folder&user=postgres".to_owned(), ErrorKind::Unreachable, "/no/such"),
        (format!("postgres://postgres@127.0.0.1:{silent}/x"), ErrorKind::Unreachable, "did not answer within 3"),
        (format!("postgres://postgres@127.0.0.1:{talking}/x"), ErrorKind::Unreachable, "does not speak"),
        (
            format!("postgres://postgres@{host}/postgres?sslmode=verify-full&sslrootcert={other}"),
            ErrorKind::Tls,
            "certificate",
        ),
        (
            format!("postgres://postgres@{host}/postgres?sslmode=verify-full&sslrootcert=system"),
            ErrorKind::Tls,
            "certificate",
        ),
        (
            format!("postgres://postgres@{host}/postgres?sslmode=verify-ca&sslrootcert=/no/such/file"),
            ErrorKind::Tls,
            "/no/such/file",
        ),
        (
            format!("postgres://postgres@{host}/postgres?sslmode=verify-ca&sslrootcert={key}"),
            ErrorKind::Tls,
            "no certificate",
        ),
        (
            format!("postgres://postgres@{host}/postgres?sslmode=require&sslcert={ca}&sslkey={ca}"),
            ErrorKind::Tls,
            "private key",
        ),
        (format!("postgres://postgres@{host}/postgres?sslmode=sometimes"), ErrorKind::Other, "sometimes"),
        (
            format!("postgres://postgres@{host}/postgres?sslrootcert=system&sslmode=require"),
            ErrorKind::Other,
            "verify-full",
        ),
        (format!("postgres://postgres@{host}/postgres?colour=red"), ErrorKind::Other, "colour"),
        ("postgres:app.db".to_owned(), ErrorKind::Other, "two slashes"),
        ("postgres://u:wr0ng%zz@h/d".to_owned(), ErrorKind::Other, "hexadecimal"),
        ("postgres://u:wr0ng@h:port/d".to_owned(), ErrorKind::Other, "port"),
    ] {
        let error = match try_url(&url) {
            Ok(who) => panic!("{url}: {who}"),
            Err(error) => error,
        };
        let text = format!("{error} {:?}", error.hint);
        assert_eq!(error.kind, kind, "{url}: {text}");
        assert!(text.contains(says), "{url}: {text}");
        assert!(error.hint.is_some(), "{url}: {text}");
        assert!(!text.contains("wr0ng"), "{text}");
    }
}
