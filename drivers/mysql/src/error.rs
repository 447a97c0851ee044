//! What a server said, in the words of the engine.

use std::io;

use aludel_engine::driver::{DriverError, ErrorKind};
use mysql_async::{Error, IoError, ServerError};

use crate::target::Target;

/// The kind of an error number. <https://dev.mysql.com/doc/mysql-errors/8.4/en/server-error-reference.html>,
/// <https://mariadb.com/kb/en/mariadb-error-codes/>
fn kind(code: u16) -> ErrorKind {
    match code {
        1045 | 1698 | 1251 | 1130 | 1862 | 3118 | 3955 | 4151 => ErrorKind::Authentication,
        1049 => ErrorKind::MissingDatabase,
        3159 => ErrorKind::Tls,
        1290 | 1792 | 1836 | 3100 => ErrorKind::ReadOnly,
        1044 | 1142 | 1143 | 1227 | 1370 | 1410 | 1419 => ErrorKind::Denied,
        1064 | 1149 => ErrorKind::Syntax,
        1007 | 1050 | 1060 | 1061 | 1304 | 1359 | 1826 | 3822 => ErrorKind::Exists,
        1008 | 1051 | 1054 | 1072 | 1091 | 1146 | 1176 | 1305 | 1360 | 3821 | 3940 => ErrorKind::Missing,
        1048 | 1062 | 1138 | 1216 | 1217 | 1264 | 1265 | 1292 | 1364 | 1366 | 1369 | 1406 | 1451 | 1452 | 1557
        | 1586 | 1761 | 3140 | 3819 | 4025 => ErrorKind::Constraint,
        1205 | 3572 => ErrorKind::LockTimeout,
        1213 | 1614 => ErrorKind::Deadlock,
        1969 | 3024 => ErrorKind::StatementTimeout,
        1317 => ErrorKind::Interrupted,
        1053 | 1077 | 1079 | 1080 | 1152 | 1158..=1161 | 1184 | 1927 | 2006 | 2013 | 4031 => ErrorKind::Lost,
        1040 | 1129 | 1203 | 1226 => ErrorKind::Unreachable,
        _ => ErrorKind::Other,
    }
}

fn hint(code: u16) -> Option<&'static str> {
    Some(match code {
        1040 | 1203 | 1226 => "the server has as many connections as it allows: close some, or raise `max_connections`",
        1044 | 1142 | 1143 => "grant the user the right, for example `GRANT ALL ON database.* TO user`",
        1129 => "the server has blocked this host after failed attempts: run FLUSH HOSTS there",
        1130 => "the server does not let this user in from this host: see the host part of the account",
        1138 => "rows hold NULL: give `existing_null_value`, or update them before",
        1205 => "another session holds the lock; see SHOW PROCESSLIST for an idle transaction",
        1227 => "the user lacks a privilege that the message names",
        1290 | 1792 | 1836 => "the server is read-only: connect to the primary",
        1418 | 1419 => {
            "with binary logging, functions and triggers need `log_bin_trust_function_creators` or more rights"
        }
        1071 => "an index key is too long: index fewer characters with `length`, or make the column shorter",
        1075 => "an identity column has to be the first column of a key",
        1118 => "the columns of a row are too large together: make some of them `text`",
        1170 => "a `text` or `blob` column needs a `length` in an index",
        1553 => "a foreign key needs this index: drop the foreign key first, or add another index for it",
        1832 | 1833 | 3780 => "drop the foreign key, change both columns to the same type and add it again",
        1822 | 3734 => "the columns referred to need a primary key or unique constraint of their own",
        1451 | 1452 => "there are rows that refer to none: find them with a LEFT JOIN of the two tables",
        3819 | 4025 => "there are rows that do not hold to the check",
        3140 => "the text is not JSON",
        _ => return None,
    })
}

/// What begins the message of a guard that Aludel itself wrote into a plan.
pub(crate) const GUARD: &str = "aludel: ";

/// The message of a guard: by itself, or as the argument that a function refuses.
fn guard(message: &str) -> Option<&str> {
    let argument =
        message.strip_prefix("Incorrect string value: '").and_then(|rest| rest.rsplit_once("' for function"));
    argument.map_or(message, |(said, _)| said).strip_prefix(GUARD)
}

fn of_server(error: &ServerError) -> DriverError {
    if let Some(said) = guard(&error.message) {
        return DriverError::new(ErrorKind::Assertion, said);
    }
    DriverError {
        kind: kind(error.code),
        message: error.message.clone(),
        code: Some(format!("{} ({})", error.code, error.state)),
        detail: None,
        hint: hint(error.code).map(str::to_owned),
        position: None,
    }
}

/// The error of a statement.
pub(crate) fn of_statement(error: &Error) -> DriverError {
    match error {
        Error::Server(error) => of_server(error),
        Error::Io(_) | Error::Driver(_) => {
            DriverError::new(ErrorKind::Lost, format!("the connection was lost: {}", inner(error)))
                .hint("whether the last statement took effect is not known; the next run looks")
        }
        other => DriverError::new(ErrorKind::Other, other.to_string()),
    }
}

/// The error of an attempt to connect: what was tried, what came back, what to check.
pub(crate) fn of_connecting(error: &Error, target: &Target) -> DriverError {
    let place = target.place();
    match error {
        Error::Server(error) => {
            let mut refused = of_server(error);
            refused.message = format!("the server at {place} refused: {}", error.message);
            refused.hint = Some(match error.code {
                1045 | 1698 => {
                    "check the user and the password in the URL; characters such as @ and / are written %40 and %2F"
                        .to_owned()
                }
                1044 => {
                    refused.kind = ErrorKind::Authentication;
                    "the user exists but may not use this database: grant it, or name another database".to_owned()
                }
                1049 => match &target.database {
                    Some(name) => format!(
                        "create it with CREATE DATABASE `{}`, or check its name in the URL",
                        name.replace('`', "``")
                    ),
                    None => "name a database in the URL".to_owned(),
                },
                3159 => "the server demands a secure connection: add `?ssl-mode=required` to the URL".to_owned(),
                code => hint(code).unwrap_or("see the server's log").to_owned(),
            });
            refused
        }
        Error::Io(IoError::Io(io)) => unreachable(io, target),
        Error::Io(IoError::Tls(tls)) => insecure(&tls.to_string(), target),
        Error::Driver(mysql_async::DriverError::NoClientSslFlagFromServer) => {
            DriverError::new(ErrorKind::Tls, format!("the server at {place} does not offer secure connections"))
                .hint("give the server a certificate, or write `ssl-mode=preferred` or `disabled` in the URL")
        }
        Error::Driver(mysql_async::DriverError::ConnectionClosed) => {
            DriverError::new(ErrorKind::Unreachable, format!("{place} closed the connection at once"))
                .hint("check that a MySQL or MariaDB server listens there, not another program")
        }
        // For a user that it does not know, MySQL asks for a method of its own choice, so as not to tell.
        Error::Driver(mysql_async::DriverError::UnknownAuthPlugin { name }) => DriverError::new(
            ErrorKind::Authentication,
            format!("the server at {place} asks for the authentication method `{name}`, which Aludel does not have"),
        )
        .hint("check the user's name; if it is right, give the account the method caching_sha2_password"),
        other => DriverError::new(ErrorKind::Other, format!("cannot connect to {place}: {}", inner(other)))
            .hint("check that a MySQL or MariaDB server listens there"),
    }
}

fn unreachable(io: &io::Error, target: &Target) -> DriverError {
    let place = target.place();
    let text = io.to_string();
    if text.contains("ertificate") || text.contains("TLS") || text.contains("UnknownIssuer") {
        return insecure(&text, target);
    }
    let hint = match io.kind() {
        io::ErrorKind::ConnectionRefused if target.is_local() => "the file is there but no server listens on it",
        io::ErrorKind::ConnectionRefused => "check that the server runs, and its port",
        io::ErrorKind::NotFound if target.is_local() => {
            "there is no such file: check `socket` in the server's settings"
        }
        io::ErrorKind::PermissionDenied => "this user may not open the socket file",
        io::ErrorKind::TimedOut => "check the host, the port and any firewall between",
        io::ErrorKind::UnexpectedEof | io::ErrorKind::ConnectionReset | io::ErrorKind::InvalidData => {
            "check that a MySQL or MariaDB server listens there, not another program"
        }
        _ => "check the host's name and the network",
    };
    DriverError::new(ErrorKind::Unreachable, format!("cannot reach {place}: {text}")).hint(hint)
}

fn insecure(text: &str, target: &Target) -> DriverError {
    DriverError::new(ErrorKind::Tls, format!("no secure connection to {}: {text}", target.place())).hint(
        "check the certificate of the server, `ssl-ca` (the authority that signed it) and `ssl-mode`: verify_identity also \
         looks at the host's name, required looks at nothing",
    )
}

/// Nobody answered in time.
pub(crate) fn timed_out(target: &Target, seconds: f64) -> DriverError {
    DriverError::new(ErrorKind::Unreachable, format!("{} did not answer within {seconds} s", target.place()))
        .hint("check the host, the port and any firewall between, and that a MySQL or MariaDB server listens there")
}

/// The innermost message, without the wrappers' words.
fn inner(error: &Error) -> String {
    match error {
        Error::Io(IoError::Io(io)) => io.to_string(),
        Error::Io(IoError::Tls(tls)) => tls.to_string(),
        Error::Driver(driver) => driver.to_string(),
        other => other.to_string(),
    }
}
