//! Making a connection, host by host, and saying what went wrong.

use std::time::Duration;

use aludel_engine::driver::{DriverError, ErrorKind};
use tokio::task::JoinHandle;
use tokio_postgres::config::{SslMode as WireMode, SslNegotiation, TargetSessionAttrs};
use tokio_postgres::{Client, Config};
use tokio_postgres_rustls::MakeRustlsConnect;

use crate::error;
use crate::target::{Host, SslMode, Target, password_from_file};
use crate::tls;

/// What is known before connecting.
#[derive(Debug)]
pub struct Plan {
    pub target: Target,
    pub application_name: String,
    pub timeout: Duration,
}

/// A session that answers.
pub struct Session {
    pub client: Client,
    pub driver: JoinHandle<()>,
    pub tls: MakeRustlsConnect,
    pub version: String,
}

/// The environment of the process.
pub fn environment(name: &str) -> Option<String> {
    std::env::var(name).ok()
}

/// Connects to the first host that answers.
///
/// # Errors
/// With what was tried at each host.
pub async fn connect(plan: &Plan) -> Result<Session, DriverError> {
    let tls = MakeRustlsConnect::new(tls_config(&plan.target)?);
    let mut failures: Vec<DriverError> = Vec::new();
    for (host, port) in &plan.target.hosts {
        let attempt = tokio::time::timeout(plan.timeout, connect_host(plan, host, *port, &tls));
        let failure = match attempt.await {
            Ok(Ok(session)) => return Ok(session),
            Ok(Err(error)) => error,
            Err(_) => timed_out(plan, host, *port),
        };
        // A server that answered and refused is not passed over, as in libpq: another one could be another database.
        let passed_over = matches!(failure.kind, ErrorKind::Unreachable | ErrorKind::Tls | ErrorKind::ReadOnly);
        failures.push(failure);
        if !passed_over {
            break;
        }
    }
    let mut failures = failures.into_iter().rev();
    let Some(mut last) = failures.next() else {
        return Err(DriverError::new(ErrorKind::Unreachable, "the URL names no host"));
    };
    let earlier: Vec<String> = failures.rev().map(|failure| failure.message).collect();
    if !earlier.is_empty() {
        last.message = format!("{}; before that: {}", last.message, earlier.join("; "));
    }
    Err(last)
}

fn tls_config(target: &Target) -> Result<rustls::ClientConfig, DriverError> {
    // Without TLS a broken certificate in the home folder is nobody's business.
    if target.ssl_mode == SslMode::Disable || target.hosts.iter().all(|(host, _)| matches!(host, Host::Unix(_))) {
        let plain = Target {
            ssl_mode: SslMode::Disable,
            root_certificate: None,
            certificate: None,
            key: None,
            ..target.clone()
        };
        return tls::config(&plain, &|_| None);
    }
    tls::config(target, &environment)
}

async fn connect_host(plan: &Plan, host: &Host, port: u16, tls: &MakeRustlsConnect) -> Result<Session, DriverError> {
    let (password, note) = match &plan.target.password {
        Some(password) => (Some(password.clone()), None),
        None => password_from_file(&plan.target, host, port, &environment),
    };
    let modes: &[WireMode] = match (host, plan.target.ssl_mode) {
        (Host::Unix(_), _) | (_, SslMode::Disable) => &[WireMode::Disable],
        (_, SslMode::Allow) => &[WireMode::Disable, WireMode::Require],
        (_, SslMode::Prefer) => &[WireMode::Prefer, WireMode::Disable],
        _ => &[WireMode::Require],
    };
    let mut first: Option<tokio_postgres::Error> = None;
    for mode in modes {
        let config = config(plan, host, port, password.as_deref(), *mode);
        match config.connect(tls.clone()).await {
            Ok((client, connection)) => {
                let version = connection.parameter("server_version").unwrap_or_default().to_owned();
                let driver = tokio::spawn(async move {
                    // Why it ended is seen by the statement that notices.
                    let _ = connection.await;
                });
                return Ok(Session { client, driver, tls: tls.clone(), version });
            }
            Err(error) => {
                let other_mode_may_work = match error.as_db_error() {
                    // "no pg_hba.conf entry", which tells connections with and without TLS apart.
                    Some(refusal) => refusal.code().code() == "28000",
                    None => is_tls(&error::chain(&error)),
                };
                let failed = first.get_or_insert(error);
                if !other_mode_may_work {
                    return Err(explain(plan, host, port, failed, password.is_some(), note));
                }
            }
        }
    }
    match first {
        Some(error) => Err(explain(plan, host, port, &error, password.is_some(), note)),
        None => Err(timed_out(plan, host, port)),
    }
}

fn config(plan: &Plan, host: &Host, port: u16, password: Option<&str>, mode: WireMode) -> Config {
    let mut config = Config::new();
    match host {
        Host::Tcp(name, address) => {
            config.host(name);
            if let Some(address) = address.as_ref().and_then(|address| address.parse().ok()) {
                config.hostaddr(address);
            }
        }
        Host::Unix(folder) => {
            config.host_path(folder);
        }
    }
    let target = &plan.target;
    config
        .port(port)
        .user(&target.user)
        .dbname(&target.database)
        .application_name(target.application_name.as_deref().unwrap_or(&plan.application_name))
        .ssl_mode(mode)
        .connect_timeout(plan.timeout)
        // A cable that was pulled must not hold the run lock for hours.
        .keepalives(true)
        .keepalives_idle(Duration::from_secs(30))
        .keepalives_interval(Duration::from_secs(10))
        .keepalives_retries(3);
    if let Some(password) = password {
        config.password(password);
    }
    if let Some(options) = &target.options {
        config.options(options);
    }
    if target.direct_tls {
        config.ssl_negotiation(SslNegotiation::Direct);
    }
    if target.read_write {
        config.target_session_attrs(TargetSessionAttrs::ReadWrite);
    }
    config
}

/// A host in the words of a message.
fn place(host: &Host, port: u16) -> String {
    match host {
        Host::Tcp(name, _) if name.contains(':') => format!("[{name}]:{port}"),
        Host::Tcp(name, _) => format!("{name}:{port}"),
        Host::Unix(folder) => format!("the socket {}/.s.PGSQL.{port}", folder.display()),
    }
}

fn timed_out(plan: &Plan, host: &Host, port: u16) -> DriverError {
    DriverError::new(
        ErrorKind::Unreachable,
        format!("{} did not answer within {} seconds", place(host, port), plan.timeout.as_secs_f32()),
    )
    .hint("check the host and port, and whether a firewall drops the packets")
}

fn is_tls(text: &str) -> bool {
    text.contains("TLS") || text.contains("certificate") || text.contains("fatal alert")
}

/// Says what was tried, what came back and what to check.
fn explain(
    plan: &Plan,
    host: &Host,
    port: u16,
    error: &tokio_postgres::Error,
    has_password: bool,
    note: Option<String>,
) -> DriverError {
    let place = place(host, port);
    let target = &plan.target;
    if let Some(refusal) = error.as_db_error() {
        let mut explained = error::from_server(refusal, "");
        explained.message = format!(
            "{place} refused the user `{}` for the database `{}`: {}",
            target.user,
            target.database,
            refusal.message()
        );
        let hint = match explained.kind {
            ErrorKind::Authentication if refusal.code().code() == "28P01" && has_password => Some(
                "check the user and the password; in a URL a special character of a password is written `%40`"
                    .to_owned(),
            ),
            ErrorKind::Authentication => Some(
                "check the user, and the lines of the server's pg_hba.conf for this user, database, address and TLS"
                    .to_owned(),
            ),
            ErrorKind::MissingDatabase => {
                Some(format!("create it first (`createdb {}`), or correct the name in the URL", target.database))
            }
            _ => None,
        };
        explained.hint = hint.or(explained.hint);
        return with_note(explained, note);
    }
    let text = error::chain(error);
    let (kind, message, hint) = classify(&text, &place, target, host);
    with_note(DriverError::new(kind, message).hint(hint), note)
}

fn with_note(mut error: DriverError, note: Option<String>) -> DriverError {
    if let (ErrorKind::Authentication, Some(note)) = (error.kind, note) {
        error.hint = Some(match error.hint {
            Some(hint) => format!("{hint}; {note}"),
            None => note,
        });
    }
    error
}

fn classify(text: &str, place: &str, target: &Target, host: &Host) -> (ErrorKind, String, String) {
    if text.contains("password missing") {
        return (
            ErrorKind::Authentication,
            format!("{place} asks for a password of the user `{}`, and none is given", target.user),
            "write it into the URL (`${VARIABLE}` keeps it out of the file), or set PGPASSWORD, or add a line to ~/.pgpass"
                .to_owned(),
        );
    }
    if text.contains("does not support TLS") {
        return (
            ErrorKind::Tls,
            format!("{place} has no TLS, and sslmode asks for it"),
            "turn `ssl` on at the server, or write `sslmode=prefer` if the network is trusted".to_owned(),
        );
    }
    if is_tls(text) {
        let hint = if text.contains("UnknownIssuer") || text.contains("CaUsedAsEndEntity") {
            "the server's certificate is signed by an authority that is not trusted: name its certificate with `sslrootcert`"
        } else if text.contains("NotValidForName") || text.contains("not valid for name") {
            "the server's certificate is for another name: connect by that name, or write `sslmode=verify-ca`"
        } else if text.contains("Expired") || text.contains("expired") {
            "the server's certificate has expired, or the clock of this machine is wrong"
        } else if text.contains("alert") {
            "the server did not take the client's certificate: check `sslcert` and `sslkey`"
        } else {
            "check `sslmode`, `sslrootcert`, `sslcert` and `sslkey`"
        };
        return (ErrorKind::Tls, format!("no secure connection with {place}: {text}"), hint.to_owned());
    }
    if text.starts_with("authentication error") || text.starts_with("invalid configuration") {
        return (
            ErrorKind::Authentication,
            format!("{place} and the user `{}` did not agree on how to log in: {text}", target.user),
            "check the password, and the method in the server's pg_hba.conf".to_owned(),
        );
    }
    if text.contains("does not allow writes") {
        return (
            ErrorKind::ReadOnly,
            format!("{place} can only be read"),
            "it is a standby; name the primary, or several hosts with `target_session_attrs=read-write`".to_owned(),
        );
    }
    // A refused connection is "error connecting"; this one was taken, and then it went wrong.
    let broke_off = ["unexpected message", "parsing response", "connection closed", "error communicating"];
    if broke_off.iter().any(|part| text.contains(part)) {
        return (
            ErrorKind::Unreachable,
            format!("what answers at {place} does not speak PostgreSQL's protocol: {text}"),
            "check the port: PostgreSQL's is 5432 unless it was changed".to_owned(),
        );
    }
    let hint = match host {
        Host::Unix(_) => "check that the server runs and that this is its socket folder (unix_socket_directories)",
        Host::Tcp(..) => "check that the server runs, the host and the port, and listen_addresses of the server",
    };
    (ErrorKind::Unreachable, format!("{place} cannot be reached: {text}"), hint.to_owned())
}
