//! Connection URLs, which never show their secrets.

use std::fmt;
use std::str::FromStr;

use thiserror::Error;

/// A database URL. `Display` and `Debug` hide passwords; only a driver asks for the whole.
#[derive(Clone, PartialEq, Eq)]
pub struct ConnectionUrl {
    text: String,
}

/// A text that is not a database URL. Does not repeat the text, which may hold a password.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error("a database URL begins with a scheme, such as `sqlite:app.db` or `postgres://user@host/database`")]
pub struct UrlError;

impl ConnectionUrl {
    /// The scheme: what stands before the first colon.
    #[must_use]
    pub fn scheme(&self) -> &str {
        self.text.split(':').next().unwrap_or_default()
    }

    /// The whole text with its secrets, for a driver.
    #[must_use]
    pub fn expose(&self) -> &str {
        &self.text
    }

    /// What follows `scheme:`.
    #[must_use]
    pub fn expose_rest(&self) -> &str {
        self.text.split_once(':').map_or("", |(_, rest)| rest)
    }

    /// The text with the password and every query parameter that looks like a secret replaced.
    #[must_use]
    pub fn redacted(&self) -> String {
        let shown = redact_login(&self.text);
        let Some((base, query)) = shown.split_once('?') else { return shown };
        let mut secret = false;
        let parts: Vec<String> = query
            .split('&')
            .map(|part| {
                // Without a name it is the rest of a value that nobody escaped.
                secret = is_secret(part) || secret && !part.contains('=');
                match part.split_once('=') {
                    Some((name, _)) if secret => format!("{name}=***"),
                    None if secret => "***".to_owned(),
                    _ => part.to_owned(),
                }
            })
            .collect();
        format!("{base}?{}", parts.join("&"))
    }
}

/// Hides what stands between the first colon of the login and the last `@`. A password may hold a slash, a question mark or a
/// hash that nobody escaped, and a URL may lack its slashes: such a URL is wrong and told so with the URL repeated, so its
/// password is searched for all the same. That an `@` further on hides more than the password is the lesser evil.
fn redact_login(text: &str) -> String {
    let Some((scheme, rest)) = text.split_once(':') else {
        return text.to_owned();
    };
    let slashes = rest.len() - rest.trim_start_matches('/').len();
    let (slashes, rest) = rest.split_at(slashes);
    match rest.rsplit_once('@').and_then(|(login, host)| Some((login.split_once(':')?.0, host))) {
        Some((user, host)) => format!("{scheme}:{slashes}{user}:***@{host}"),
        None => text.to_owned(),
    }
}

/// Whether a parameter of the query is called like a secret.
fn is_secret(parameter: &str) -> bool {
    const SECRET: [&str; 5] = ["pass", "pwd", "secret", "token", "key"];
    let name = parameter.split_once('=').map(|(name, _)| name.to_ascii_lowercase());
    name.is_some_and(|name| SECRET.iter().any(|word| name.contains(word)))
}

impl FromStr for ConnectionUrl {
    type Err = UrlError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let scheme = text.split_once(':').map(|(scheme, _)| scheme).ok_or(UrlError)?;
        let valid =
            !scheme.is_empty() && scheme.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '+' | '-' | '.'));
        if !valid {
            return Err(UrlError);
        }
        Ok(ConnectionUrl { text: text.to_owned() })
    }
}

impl fmt::Display for ConnectionUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.redacted())
    }
}

impl fmt::Debug for ConnectionUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "ConnectionUrl({})", self.redacted())
    }
}

#[cfg(test)]
mod tests {
    use super::ConnectionUrl;

    #[test]
    fn no_secret_is_shown() {
        for (text, shown) in [
            ("postgres://u:p@h/d", "postgres://u:***@h/d"),
            ("postgres://u:p/q@r@h:5/d?sslmode=require", "postgres://u:***@h:5/d?sslmode=require"),
            ("postgres://u@h/d", "postgres://u@h/d"),
            ("mysql://h/d?password=x&a=b", "mysql://h/d?password=***&a=b"),
            ("mysql://h/d?pwd=x", "mysql://h/d?pwd=***"),
            ("mysql:u:p@h/d", "mysql:u:***@h/d"),
            ("postgres:/u:p@h/d", "postgres:/u:***@h/d"),
            ("postgres://u:S3C?RET@h:1/x", "postgres://u:***@h:1/x"),
            ("postgres://u:a#b?c=d&e@f/g@h/x?sslmode=require", "postgres://u:***@h/x?sslmode=require"),
            ("mysql://:S?@h/x", "mysql://:***@h/x"),
            ("mysql://h/d?password=a@b&c=d", "mysql://h/d?password=***&c=d"),
            ("mysql://h/d?password=a&b&c=d", "mysql://h/d?password=***&***&c=d"),
            ("mysql://h/d?x=a:b@c&password=S", "mysql://h/d?x=a:***@c&password=***"),
            ("mysql://h:1/d?password=a:b", "mysql://h:1/d?password=***"),
            ("sqlite:app.db", "sqlite:app.db"),
            ("sqlite::memory:", "sqlite::memory:"),
        ] {
            let url: ConnectionUrl = text.parse().expect(text);
            assert_eq!(url.to_string(), shown);
            assert_eq!(format!("{url:?}"), format!("ConnectionUrl({shown})"));
        }
        assert!("no-scheme".parse::<ConnectionUrl>().is_err());
    }
}
