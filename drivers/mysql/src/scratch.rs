//! Databases made beside another, for tests and proofs.

use aludel_engine::dialect::quoted_with;
use aludel_engine::driver::{ConnectOptions, Connection, ConnectionUrl, DriverError, ErrorKind};

use crate::connection::Session;
use crate::literal::quote_text;
use crate::target::Target;

/// The URL with another database.
fn with_database(url: &ConnectionUrl, name: &str) -> Result<ConnectionUrl, DriverError> {
    let (base, query) = match url.expose().split_once('?') {
        Some((base, query)) => (base, format!("?{query}")),
        None => (url.expose(), String::new()),
    };
    let address = base.rfind('@').or_else(|| base.find("//").map(|at| at + 2)).unwrap_or(0);
    let server = base[address..].find('/').map_or(base, |at| &base[..address + at]);
    let wrong = |_| DriverError::new(ErrorKind::Other, "the URL cannot be given another database");
    let encoded: String = name
        .bytes()
        .map(|byte| match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'_' | b'-' | b'.' => char::from(byte).to_string(),
            byte => format!("%{byte:02X}"),
        })
        .collect();
    format!("{server}/{encoded}{query}").parse().map_err(wrong)
}

pub(crate) fn create(url: &ConnectionUrl, name: &str) -> Result<ConnectionUrl, DriverError> {
    let mut session = Session::open(url, &ConnectOptions::default())?;
    let collation = session.mysql().features.default_collation;
    let name_in_sql = session.dialect().quote(name);
    session.execute(&format!("CREATE DATABASE {name_in_sql} CHARACTER SET utf8mb4 COLLATE {collation}"))?;
    with_database(url, name)
}

/// Those whose names begin so.
pub(crate) fn list(url: &ConnectionUrl, prefix: &str) -> Result<Vec<(String, ConnectionUrl)>, DriverError> {
    let mut session = Session::open(url, &ConnectOptions::default())?;
    let prefix = quote_text(prefix).map_err(|error| DriverError::new(ErrorKind::Other, error.to_string()))?;
    let sql = format!(
        "SELECT schema_name FROM information_schema.schemata WHERE left(schema_name, char_length({prefix})) = {prefix} \
         ORDER BY 1"
    );
    let names = session.query(&sql)?.into_iter().flatten().flatten();
    names.map(|name| with_database(url, &name).map(|url| (name, url))).collect()
}

pub(crate) fn remove(url: &ConnectionUrl) -> Result<(), DriverError> {
    let Some(name) = Target::parse(url)?.database else {
        return Err(DriverError::new(ErrorKind::MissingDatabase, "the URL names no database"));
    };
    let mut session = Session::open(url, &ConnectOptions::default())?;
    session.execute(&format!("DROP DATABASE {}", quoted_with(&name, '`'))).map(drop)
}

#[cfg(test)]
mod tests {
    use super::with_database;

    #[test]
    fn the_database_of_a_url_is_replaced() {
        for (url, other) in [
            ("mysql://u:p/q@h:1/app?ssl-mode=disabled", "mysql://u:p/q@h:1/x%20y?ssl-mode=disabled"),
            ("mysql://u@h:1/", "mysql://u@h:1/x%20y"),
            ("mysql://h", "mysql://h/x%20y"),
        ] {
            let url = url.parse().expect(url);
            assert_eq!(with_database(&url, "x y").expect(other).expose(), other);
        }
    }
}
