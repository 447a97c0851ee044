//! Where to connect: the URL, the environment variables of libpq and the password file (manual, 34.1, 34.15, 34.16).

use std::path::{Path, PathBuf};
use std::time::Duration;

use aludel_engine::driver::{ConnectionUrl, DriverError, ErrorKind};

/// How much is asked of a secure connection (manual, 34.19).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum SslMode {
    Disable,
    Allow,
    Prefer,
    Require,
    VerifyCa,
    VerifyFull,
}

const SSL_MODES: [(&str, SslMode); 6] = [
    ("disable", SslMode::Disable),
    ("allow", SslMode::Allow),
    ("prefer", SslMode::Prefer),
    ("require", SslMode::Require),
    ("verify-ca", SslMode::VerifyCa),
    ("verify-full", SslMode::VerifyFull),
];

/// One address to try.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Host {
    /// A name or an IP address, and the address to use instead of looking the name up.
    Tcp(String, Option<String>),
    /// The folder of a socket.
    Unix(PathBuf),
}

/// Everything a URL says. Not `Debug`: it holds the password.
#[derive(Clone)]
pub struct Target {
    pub hosts: Vec<(Host, u16)>,
    pub user: String,
    pub password: Option<String>,
    pub database: String,
    pub ssl_mode: SslMode,
    pub root_certificate: Option<String>,
    pub certificate: Option<PathBuf>,
    pub key: Option<PathBuf>,
    pub direct_tls: bool,
    pub options: Option<String>,
    pub application_name: Option<String>,
    pub connect_timeout: Option<Duration>,
    pub read_write: bool,
}

impl std::fmt::Debug for Target {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Target").field("hosts", &self.hosts).field("user", &self.user).finish_non_exhaustive()
    }
}

/// The parameters of a URL that are known, for messages.
const PARAMETERS: &[&str] = &[
    "application_name",
    "connect_timeout",
    "dbname",
    "host",
    "hostaddr",
    "options",
    "password",
    "port",
    "sslcert",
    "sslkey",
    "sslmode",
    "sslnegotiation",
    "sslrootcert",
    "target_session_attrs",
    "user",
];

/// What is most often wrong with a URL that cannot be taken apart.
const ESCAPE: &str = "in a password `?` is written %3F, `@` %40, `/` %2F, `:` %3A, `#` %23 and `%` %25";

fn invalid(message: impl Into<String>) -> DriverError {
    DriverError::new(ErrorKind::Other, message)
}

impl Target {
    /// Reads a URL. The environment is asked for what the URL does not say.
    ///
    /// # Errors
    /// When the URL cannot be understood. The message never repeats it, because it may hold a password.
    pub fn parse(url: &ConnectionUrl, environment: &dyn Fn(&str) -> Option<String>) -> Result<Self, DriverError> {
        let rest = url.expose_rest();
        let rest = rest.strip_prefix("//").ok_or_else(|| {
            invalid("a PostgreSQL URL has two slashes behind the colon")
                .hint("write `postgres://user@host:5432/database`")
        })?;
        let (base, query) = rest.split_once('?').map_or((rest, ""), |(base, query)| (base, query));
        let (login, place) = match base.rsplit_once('@') {
            Some((login, place)) => (Some(login), place),
            None => (None, base),
        };
        let (hosts, path) = place.split_once('/').unwrap_or((place, ""));
        let mut given = Given::default();
        if let Some(login) = login {
            let (user, password) = login.split_once(':').map_or((login, None), |(user, pw)| (user, Some(pw)));
            given.set("user", decode(user)?);
            if let Some(password) = password {
                given.set("password", decode(password)?);
            }
        }
        if !path.is_empty() {
            given.set("dbname", decode(path)?);
        }
        let mut addresses = Vec::new();
        for host in hosts.split(',').filter(|host| !host.is_empty()) {
            addresses.push(address(host)?);
        }
        for parameter in query.split('&').filter(|parameter| !parameter.is_empty()) {
            // With an `@` it may be the end of a password with a question mark in it.
            let (name, value) = parameter.split_once('=').ok_or_else(|| match query.contains('@') {
                true => invalid("a URL parameter has no value").hint(ESCAPE),
                false => invalid(format!("the URL parameter `{}` has no value", shown(parameter))),
            })?;
            let name = decode(name)?;
            if !PARAMETERS.contains(&name.as_str()) && query.contains('@') {
                return Err(invalid("the URL has a parameter that is not known").hint(ESCAPE));
            }
            if !PARAMETERS.contains(&name.as_str()) {
                return Err(invalid(format!("the URL parameter `{}` is not known", shown(&name)))
                    .hint(format!("known are: {}", PARAMETERS.join(", "))));
            }
            given.set(&name, decode(value)?);
        }
        Target::build(&given, addresses, environment)
    }

    fn build(
        given: &Given,
        addresses: Vec<(String, Option<u16>)>,
        environment: &dyn Fn(&str) -> Option<String>,
    ) -> Result<Self, DriverError> {
        let or = |name: &str, variable: &str| {
            given.get(name).or_else(|| environment(variable).filter(|value| !value.is_empty()))
        };
        let user =
            or("user", "PGUSER").or_else(|| environment("USER")).or_else(|| environment("USERNAME")).ok_or_else(
                || invalid("no user is named").hint("write it into the URL: `postgres://user@host/database`"),
            )?;
        let database = or("dbname", "PGDATABASE").unwrap_or_else(|| user.clone());
        let hosts = hosts(given, addresses, environment)?;
        let root_certificate = or("sslrootcert", "PGSSLROOTCERT");
        let ssl_mode = match or("sslmode", "PGSSLMODE") {
            Some(word) => SSL_MODES.iter().find(|(name, _)| *name == word).map(|(_, mode)| *mode).ok_or_else(|| {
                invalid(format!("`{word}` is not an sslmode"))
                    .hint("write disable, allow, prefer, require, verify-ca or verify-full")
            })?,
            None if root_certificate.as_deref() == Some("system") => SslMode::VerifyFull,
            None => SslMode::Prefer,
        };
        if root_certificate.as_deref() == Some("system") && ssl_mode != SslMode::VerifyFull {
            return Err(invalid("`sslrootcert=system` goes with `sslmode=verify-full` only")
                .hint("anybody can get a certificate from a public authority, so its name has to be checked"));
        }
        let seconds = or("connect_timeout", "PGCONNECT_TIMEOUT")
            .map(|text| {
                text.parse::<u64>()
                    .map_err(|_| invalid(format!("`{text}` is not a number of seconds (connect_timeout)")))
            })
            .transpose()?;
        let direct_tls = match or("sslnegotiation", "PGSSLNEGOTIATION").as_deref() {
            None | Some("postgres") => false,
            Some("direct") if ssl_mode >= SslMode::Require => true,
            Some("direct") => return Err(invalid("`sslnegotiation=direct` needs `sslmode=require` or stronger")),
            Some(word) => {
                return Err(invalid(format!("`{word}` is not an sslnegotiation")).hint("write postgres or direct"));
            }
        };
        let read_write = match or("target_session_attrs", "PGTARGETSESSIONATTRS").as_deref() {
            None | Some("any") => false,
            Some("read-write" | "primary") => true,
            Some(word) => {
                return Err(invalid(format!("`target_session_attrs={word}` makes no sense for migrations"))
                    .hint("write read-write, primary or any"));
            }
        };
        Ok(Target {
            hosts,
            password: or("password", "PGPASSWORD"),
            user,
            database,
            ssl_mode,
            root_certificate,
            certificate: or("sslcert", "PGSSLCERT").map(PathBuf::from),
            key: or("sslkey", "PGSSLKEY").map(PathBuf::from),
            direct_tls,
            options: or("options", "PGOPTIONS"),
            application_name: or("application_name", "PGAPPNAME"),
            connect_timeout: seconds.filter(|seconds| *seconds > 0).map(Duration::from_secs),
            read_write,
        })
    }
}

#[derive(Default)]
struct Given(Vec<(String, String)>);

impl Given {
    fn set(&mut self, name: &str, value: String) {
        self.0.retain(|(known, _)| known != name);
        self.0.push((name.to_owned(), value));
    }

    fn get(&self, name: &str) -> Option<String> {
        self.0.iter().find(|(known, _)| known == name).map(|(_, value)| value.clone())
    }
}

/// A parameter name in a message: never long, never with what looks like a value.
fn shown(name: &str) -> String {
    name.split('=').next().unwrap_or_default().chars().take(40).collect()
}

fn hosts(
    given: &Given,
    addresses: Vec<(String, Option<u16>)>,
    environment: &dyn Fn(&str) -> Option<String>,
) -> Result<Vec<(Host, u16)>, DriverError> {
    let port_of = |text: &str| {
        text.parse::<u16>()
            .map_err(|_| invalid(format!("`{}` is not a port", shown(text))).hint("a port goes from 1 to 65535"))
    };
    let list = |text: Option<String>| -> Vec<String> {
        text.map(|text| text.split(',').map(str::to_owned).collect()).unwrap_or_default()
    };
    let variable = |name: &str| environment(name).filter(|value| !value.is_empty());
    let mut addresses = addresses;
    let named = list(given.get("host"));
    if !named.is_empty() {
        addresses = named.into_iter().map(|host| (host, None)).collect();
    }
    let numeric = list(given.get("hostaddr"));
    if addresses.is_empty() && numeric.is_empty() {
        addresses = list(variable("PGHOST")).into_iter().map(|host| (host, None)).collect();
    }
    if addresses.is_empty() && !numeric.is_empty() {
        addresses = numeric.iter().map(|address| (address.clone(), None)).collect();
    }
    if addresses.is_empty() {
        addresses.push((default_host(), None));
    }
    if !numeric.is_empty() && numeric.len() != addresses.len() {
        return Err(invalid("`host` and `hostaddr` name a different number of hosts"));
    }
    let ports = match list(given.get("port")) {
        ports if ports.is_empty() => list(variable("PGPORT")),
        ports => ports,
    };
    if ports.len() > 1 && ports.len() != addresses.len() {
        return Err(invalid("`host` and `port` name a different number of hosts"));
    }
    addresses
        .into_iter()
        .enumerate()
        .map(|(place, (host, port))| {
            let port = match (port, ports.get(place).or_else(|| ports.first())) {
                (Some(port), _) => port,
                (None, Some(text)) if !text.is_empty() => port_of(text)?,
                (None, _) => 5432,
            };
            let host = match host.starts_with('/') {
                true => Host::Unix(PathBuf::from(host)),
                false => Host::Tcp(host, numeric.get(place).cloned()),
            };
            Ok((host, port))
        })
        .collect()
}

/// Where libpq looks when nobody says: the socket folder, if the machine has one.
fn default_host() -> String {
    ["/var/run/postgresql", "/tmp"]
        .into_iter()
        .find(|folder| Path::new(folder).join(".s.PGSQL.5432").exists())
        .unwrap_or("localhost")
        .to_owned()
}

/// `host`, `host:port`, `[::1]:port`, `%2Ffolder`.
fn address(text: &str) -> Result<(String, Option<u16>), DriverError> {
    let wrong_port = || invalid("the port in the URL is not a number from 1 to 65535").hint("write `host:5432`");
    let (host, port) = match text.strip_prefix('[').and_then(|rest| rest.split_once(']')) {
        Some((host, rest)) => (host, rest.strip_prefix(':')),
        None => match text.rsplit_once(':') {
            Some((host, port)) => (host, Some(port)),
            None => (text, None),
        },
    };
    let port = port.filter(|port| !port.is_empty()).map(|port| port.parse().map_err(|_| wrong_port())).transpose()?;
    Ok((decode(host)?, port))
}

/// Takes `%41` for what it stands for.
fn decode(text: &str) -> Result<String, DriverError> {
    let wrong = || {
        invalid("the URL has a `%` that is not followed by two hexadecimal digits")
            .hint("a `%` in a password is written `%25`, an `@` `%40`, a `/` `%2F`")
    };
    let bytes = text.as_bytes();
    let mut decoded = Vec::with_capacity(bytes.len());
    let mut at = 0;
    while at < bytes.len() {
        if bytes[at] == b'%' {
            let hex = text.get(at + 1..at + 3).ok_or_else(wrong)?;
            decoded.push(u8::from_str_radix(hex, 16).map_err(|_| wrong())?);
            at += 3;
        } else {
            decoded.push(bytes[at]);
            at += 1;
        }
    }
    String::from_utf8(decoded).map_err(|_| invalid("the URL is not UTF-8 behind its `%` signs"))
}

/// The password that the file of passwords has for a host, and why the file was left aside if it was.
pub fn password_from_file(
    target: &Target,
    host: &Host,
    port: u16,
    environment: &dyn Fn(&str) -> Option<String>,
) -> (Option<String>, Option<String>) {
    let path = match environment("PGPASSFILE").filter(|path| !path.is_empty()) {
        Some(path) => PathBuf::from(path),
        None => match home(environment) {
            Some(home) => home.join(".pgpass"),
            None => return (None, None),
        },
    };
    let Ok(text) = std::fs::read_to_string(&path) else {
        return (None, None);
    };
    if let Some(why) = too_open(&path) {
        return (None, Some(format!("the password file {} was not used: {why}", path.display())));
    }
    let host = match host {
        Host::Tcp(name, _) => name.clone(),
        Host::Unix(_) => "localhost".to_owned(),
    };
    let wanted = [host.as_str(), &port.to_string(), &target.database, &target.user];
    let found = text.lines().filter(|line| !line.starts_with('#')).find_map(|line| {
        let fields = fields(line);
        let matches = fields.len() == 5 && fields.iter().zip(wanted).all(|(field, want)| field == "*" || field == want);
        matches.then(|| fields[4].clone())
    });
    (found, None)
}

/// The home folder.
pub fn home(environment: &dyn Fn(&str) -> Option<String>) -> Option<PathBuf> {
    environment("HOME").or_else(|| environment("USERPROFILE")).filter(|home| !home.is_empty()).map(PathBuf::from)
}

/// The fields of a line, between colons; a backslash keeps a colon or a backslash.
fn fields(line: &str) -> Vec<String> {
    let mut fields = vec![String::new()];
    let mut characters = line.trim_end_matches('\r').chars();
    while let Some(c) = characters.next() {
        match c {
            // The password is the rest, but escapes count in it too.
            '\\' => fields.last_mut().into_iter().for_each(|field| field.extend(characters.next())),
            ':' if fields.len() < 5 => fields.push(String::new()),
            c => fields.last_mut().into_iter().for_each(|field| field.push(c)),
        }
    }
    fields
}

/// Why a file with a secret is not used: others can read it.
#[cfg(unix)]
pub fn too_open(path: &Path) -> Option<String> {
    use std::os::unix::fs::MetadataExt as _;
    let metadata = std::fs::metadata(path).ok()?;
    let allowed = if metadata.uid() == 0 { 0o037 } else { 0o077 };
    (metadata.mode() & allowed != 0)
        .then(|| format!("others can read it (mode {:o}); run `chmod 600 {}`", metadata.mode() & 0o777, path.display()))
}

/// Why a file with a secret is not used.
#[cfg(not(unix))]
pub fn too_open(_path: &Path) -> Option<String> {
    None
}
