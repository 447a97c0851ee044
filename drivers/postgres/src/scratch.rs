//! Databases for tests and proofs.

use aludel_engine::dialect::string_literal;
use aludel_engine::driver::{ConnectOptions, Connection as _, ConnectionUrl, DriverError, ErrorKind};

use crate::connect;
use crate::connection::PostgresConnection;
use crate::identifier::quote;
use crate::target::Target;

/// Makes an empty database beside the one of the URL. From `template0`, to which nobody connects and which has nothing
/// added.
pub fn create(url: &ConnectionUrl, name: &str) -> Result<ConnectionUrl, DriverError> {
    let mut connection = PostgresConnection::open(url, &options())?;
    connection.execute(&format!("CREATE DATABASE {} TEMPLATE template0", quote(name)))?;
    beside(url, name)
}

/// Those whose names begin so.
pub fn list(url: &ConnectionUrl, prefix: &str) -> Result<Vec<(String, ConnectionUrl)>, DriverError> {
    let mut connection = PostgresConnection::open(url, &options())?;
    let prefix = string_literal(prefix);
    let sql = format!(
        "SELECT datname FROM pg_catalog.pg_database WHERE left(datname, length({prefix})) = {prefix} ORDER BY 1"
    );
    let names = connection.query(&sql)?.into_iter().flatten().flatten();
    names.map(|name| beside(url, &name).map(|url| (name, url))).collect()
}

/// Removes it, with whoever is still connected.
pub fn drop(url: &ConnectionUrl) -> Result<(), DriverError> {
    let target = Target::parse(url, &connect::environment)?;
    let database = target.database.clone();
    let elsewhere = |database: &str| {
        PostgresConnection::open_target(Target { database: database.to_owned(), ..target.clone() }, &options())
    };
    let mut connection = elsewhere("postgres").or_else(|error| match error.kind {
        ErrorKind::MissingDatabase => elsewhere("template1"),
        _ => Err(error),
    })?;
    let force = if connection.features().drop_database_force { " WITH (FORCE)" } else { "" };
    if force.is_empty() {
        connection.execute(&format!(
            "SELECT pg_terminate_backend(pid) FROM pg_catalog.pg_stat_activity WHERE datname = {}",
            string_literal(&database)
        ))?;
    }
    connection.execute(&format!("DROP DATABASE IF EXISTS {}{force}", quote(&database)))?;
    Ok(())
}

fn options() -> ConnectOptions {
    ConnectOptions { application_name: "aludel scratch".to_owned(), ..ConnectOptions::default() }
}

/// The URL with another database.
fn beside(url: &ConnectionUrl, name: &str) -> Result<ConnectionUrl, DriverError> {
    let wrong = || DriverError::new(ErrorKind::Other, "the URL cannot be given another database");
    let (base, query) = match url.expose_rest().split_once('?') {
        Some((base, query)) => (base, Some(query)),
        None => (url.expose_rest(), None),
    };
    let rest = base.strip_prefix("//").ok_or_else(wrong)?;
    // A slash in a password stands before the `@`.
    let (login, place) = match rest.rsplit_once('@') {
        Some((login, place)) => (format!("{login}@"), place),
        None => (String::new(), rest),
    };
    let host = place.split('/').next().unwrap_or_default();
    let mut text = format!("{}://{login}{host}/{}", url.scheme(), encoded(name));
    let kept: Vec<&str> =
        query.into_iter().flat_map(|query| query.split('&')).filter(|part| !part.starts_with("dbname=")).collect();
    if !kept.is_empty() {
        text.push('?');
        text.push_str(&kept.join("&"));
    }
    text.parse().map_err(|_| wrong())
}

fn encoded(name: &str) -> String {
    name.bytes()
        .map(|byte| match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'_' | b'-' | b'.' => char::from(byte).to_string(),
            byte => format!("%{byte:02X}"),
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_database_of_a_url_is_replaced() {
        for (url, other) in [
            ("postgres://u:p%40@h:1/a?sslmode=require", "postgres://u:p%40@h:1/b%20c?sslmode=require"),
            ("postgres://h", "postgres://h/b%20c"),
            ("postgresql:///a?host=/tmp&dbname=x", "postgresql:///b%20c?host=/tmp"),
        ] {
            let url: ConnectionUrl = url.parse().expect(url);
            assert_eq!(beside(&url, "b c").expect(other).expose(), other);
        }
    }
}
