//! Where a URL leads.

use std::path::PathBuf;
use std::time::Duration;

use aludel_engine::driver::{ConnectionUrl, DriverError, ErrorKind};
use mysql_async::{ClientIdentity, Opts, OptsBuilder, SslOpts};

/// How much of TLS a URL asks for, in the words of MySQL's own clients.
/// <https://dev.mysql.com/doc/refman/8.4/en/connection-options.html#option_general_ssl-mode>
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Tls {
    /// Never.
    Disabled,
    /// If the server can.
    Preferred,
    /// Encrypted, without looking who it is.
    Required,
    /// A certificate of a known authority.
    VerifyCa,
    /// And for the name of the host.
    VerifyIdentity,
}

/// What is most often wrong with a URL that cannot be taken apart.
const ESCAPE: &str = "in a password `?` is written %3F, `@` %40, `/` %2F, `:` %3A, `#` %23 and `%` %25";

/// A URL taken apart.
#[derive(Clone)]
pub(crate) struct Target {
    pub user: String,
    password: Option<String>,
    host: String,
    port: u16,
    socket: Option<String>,
    pub database: Option<String>,
    pub tls: Tls,
    ca: Option<String>,
    certificate: Option<(String, String)>,
    pub connect_timeout: Option<Duration>,
}

impl Target {
    /// Reads a URL. Messages never repeat what may be a password.
    pub(crate) fn parse(url: &ConnectionUrl) -> Result<Target, DriverError> {
        let rest = url.expose_rest();
        let (base, query) = rest.split_once('?').map_or((rest, ""), |(base, query)| (base, query));
        let base = base.strip_prefix("//").ok_or_else(|| wrong("the URL lacks `//` after its scheme".to_owned()))?;
        // A password may hold a slash that nobody escaped, so the last `@` counts.
        let (login, place) = base.rsplit_once('@').map_or((None, base), |(login, place)| (Some(login), place));
        let (user, password) = match login.map(|login| login.split_once(':').unwrap_or((login, ""))) {
            None => (String::new(), None),
            Some((user, "")) => (decode(user), None),
            Some((user, password)) => (decode(user), Some(decode(password))),
        };
        let (address, database) = place.split_once('/').map_or((place, ""), |(address, name)| (address, name));
        let (host, port) = match address.strip_prefix('[').and_then(|rest| rest.split_once(']')) {
            Some((host, rest)) => (host, rest.strip_prefix(':')),
            None => address.split_once(':').map_or((address, None), |(host, port)| (host, Some(port))),
        };
        let port = match port {
            None | Some("") => 3306,
            // It may be the beginning of a password with a question mark in it.
            Some(port) => port
                .parse()
                .map_err(|_| wrong("the port in the URL is not a number from 0 to 65535".to_owned()).hint(ESCAPE))?,
        };
        let mut target = Target {
            user,
            password,
            host: if host.is_empty() { "localhost".to_owned() } else { decode(host) },
            port,
            socket: None,
            database: Some(decode(database)).filter(|name| !name.is_empty()),
            tls: Tls::Preferred,
            ca: None,
            certificate: None,
            connect_timeout: None,
        };
        target.read_parameters(query)?;
        Ok(target)
    }

    fn read_parameters(&mut self, query: &str) -> Result<(), DriverError> {
        let (mut certificate, mut key) = (None, None);
        for parameter in query.split('&').filter(|parameter| !parameter.is_empty()) {
            let (name, value) = parameter.split_once('=').unwrap_or((parameter, ""));
            let value = decode(value);
            match name.replace('_', "-").as_str() {
                "socket" => self.socket = Some(value),
                "ssl-mode" | "sslmode" => self.tls = tls_mode(&value)?,
                "ssl-ca" | "sslrootcert" => self.ca = Some(value),
                "ssl-cert" | "sslcert" => certificate = Some(value),
                "ssl-key" | "sslkey" => key = Some(value),
                "connect-timeout" => {
                    let seconds = value.trim_end_matches('s').parse::<u64>().ok().filter(|seconds| *seconds > 0);
                    let seconds =
                        seconds.ok_or_else(|| wrong("`connect-timeout` is not a number of seconds".to_owned()))?;
                    self.connect_timeout = Some(Duration::from_secs(seconds));
                }
                _ if query.contains('@') => {
                    return Err(wrong("the URL has an unknown parameter".to_owned()).hint(ESCAPE));
                }
                _ => {
                    return Err(wrong(format!("the URL has an unknown parameter `{name}`"))
                        .hint("known are socket, ssl-mode, ssl-ca, ssl-cert, ssl-key and connect-timeout"));
                }
            }
        }
        self.certificate = match (certificate, key) {
            (Some(certificate), Some(key)) => Some((certificate, key)),
            (None, None) => None,
            _ => return Err(wrong("`ssl-cert` and `ssl-key` go together".to_owned())),
        };
        Ok(())
    }

    /// Where it is, for messages.
    pub(crate) fn place(&self) -> String {
        match &self.socket {
            Some(socket) => format!("the socket {socket}"),
            None => format!("{}:{}", self.host, self.port),
        }
    }

    /// Whether the connection goes through a socket file, where TLS has nothing to protect.
    pub(crate) fn is_local(&self) -> bool {
        self.socket.is_some()
    }

    /// What mysql_async needs to know.
    pub(crate) fn options(&self, application: &str, with_tls: bool) -> Opts {
        let ssl = (with_tls && self.socket.is_none()).then(|| self.ssl());
        OptsBuilder::default()
            .ip_or_hostname(self.host.clone())
            .tcp_port(self.port)
            .socket(self.socket.clone())
            .user(Some(self.user.clone()))
            .pass(self.password.clone())
            .db_name(self.database.clone())
            .ssl_opts(ssl)
            // Otherwise a second connection is opened through the socket file of a server that answers on loopback.
            .prefer_socket(false)
            .stmt_cache_size(0)
            // The server's own limits count; asking for them would cost a round trip.
            .max_allowed_packet(Some(1 << 30))
            .wait_timeout(Some(28_800))
            .connect_attribute("program_name", application)
            .into()
    }

    fn ssl(&self) -> SslOpts {
        let mut ssl = SslOpts::default()
            .with_danger_accept_invalid_certs(self.tls < Tls::VerifyCa)
            .with_danger_skip_domain_validation(self.tls < Tls::VerifyIdentity);
        if let Some(ca) = &self.ca {
            ssl = ssl.with_root_certs(vec![PathBuf::from(ca).into()]).with_disable_built_in_roots(true);
        }
        if let Some((certificate, key)) = &self.certificate {
            ssl = ssl.with_client_identity(Some(ClientIdentity::new(
                PathBuf::from(certificate).into(),
                PathBuf::from(key).into(),
            )));
        }
        ssl
    }
}

fn wrong(message: String) -> DriverError {
    DriverError::new(ErrorKind::Other, message).hint("write it as `mysql://user:password@host:3306/database`")
}

fn tls_mode(text: &str) -> Result<Tls, DriverError> {
    Ok(match text.to_ascii_lowercase().replace('_', "-").as_str() {
        "disabled" | "disable" => Tls::Disabled,
        "preferred" | "prefer" => Tls::Preferred,
        "required" | "require" => Tls::Required,
        "verify-ca" => Tls::VerifyCa,
        "verify-identity" | "verify-full" => Tls::VerifyIdentity,
        _ => {
            return Err(wrong(format!("`{text}` is not an `ssl-mode`"))
                .hint("one of disabled, preferred, required, verify_ca and verify_identity"));
        }
    })
}

/// Percent-encoded text as it is meant. A `%` that begins nothing stands for itself.
fn decode(text: &str) -> String {
    let bytes = text.as_bytes();
    let mut decoded = Vec::with_capacity(bytes.len());
    let mut at = 0;
    while let Some(&byte) = bytes.get(at) {
        let code = (byte == b'%')
            .then(|| bytes.get(at + 1..at + 3))
            .flatten()
            .and_then(|digits| std::str::from_utf8(digits).ok())
            .and_then(|digits| u8::from_str_radix(digits, 16).ok());
        match code {
            Some(code) => {
                decoded.push(code);
                at += 3;
            }
            None => {
                decoded.push(byte);
                at += 1;
            }
        }
    }
    String::from_utf8_lossy(&decoded).into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(text: &str) -> Result<Target, DriverError> {
        Target::parse(&text.parse().expect("a URL"))
    }

    #[test]
    fn urls_are_taken_apart() {
        let target = parse("mysql://me:p%40ss/w@rd@db.example:3307/app?ssl-mode=verify_ca&ssl-ca=/ca.pem").expect("it");
        assert_eq!((target.user.as_str(), target.password.as_deref()), ("me", Some("p@ss/w@rd")));
        assert_eq!((target.place().as_str(), target.database.as_deref()), ("db.example:3307", Some("app")));
        assert_eq!(target.tls, Tls::VerifyCa);
        let target = parse("mariadb://root@[::1]/?socket=/run/my.sock&sslmode=disable").expect("it");
        assert_eq!((target.host.as_str(), target.port, target.database.as_deref()), ("::1", 3306, None));
        assert_eq!((target.place().as_str(), target.tls), ("the socket /run/my.sock", Tls::Disabled));
    }

    #[test]
    fn what_is_wrong_with_a_url_is_said_without_the_password() {
        for (url, part) in [
            ("mysql:app", "lacks `//`"),
            ("mysql://h:port/app", "not a number from 0 to 65535"),
            ("mysql://u:secret@h/app?sslmod=x", "unknown parameter `sslmod`"),
            ("mysql://u:secret@h/app?ssl-mode=x", "not an `ssl-mode`"),
            ("mysql://u:secret@h/app?ssl-cert=x", "go together"),
            ("mysql://u:secret@h/app?connect-timeout=soon", "number of seconds"),
        ] {
            let error = parse(url).err().expect(url);
            assert!(error.message.contains(part), "{url}: {error}");
            assert!(!format!("{error:?}").contains("secret"));
        }
    }
}
