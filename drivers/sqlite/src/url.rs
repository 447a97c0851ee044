//! Database URLs: `sqlite:path`, `sqlite:///absolute/path`, `sqlite::memory:`, with `?mode=ro`.

use std::path::PathBuf;

use aludel_engine::driver::{ConnectionUrl, DriverError, ErrorKind};

/// What a URL says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Target {
    /// The file; none for a database in memory.
    pub path: Option<PathBuf>,
    /// How to open it.
    pub mode: Mode,
}

/// How to open a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mode {
    /// For reading.
    ReadOnly,
    /// For writing, if it is there.
    ReadWrite,
    /// For writing; made when it is not there and the caller allows it.
    Create,
}

impl Target {
    /// Reads a URL.
    pub fn parse(url: &ConnectionUrl) -> Result<Target, DriverError> {
        let (path, query) = match url.expose_rest().split_once('?') {
            Some((path, query)) => (path, query),
            None => (url.expose_rest(), ""),
        };
        let mut mode = Mode::Create;
        let mut memory = path == ":memory:" || path == "//:memory:";
        for parameter in query.split('&').filter(|parameter| !parameter.is_empty()) {
            match parameter {
                "mode=ro" => mode = Mode::ReadOnly,
                "mode=rw" => mode = Mode::ReadWrite,
                "mode=rwc" => mode = Mode::Create,
                "mode=memory" => memory = true,
                _ => {
                    return Err(DriverError::new(
                        ErrorKind::Other,
                        format!("`{parameter}` is not a parameter of a SQLite URL"),
                    )
                    .hint("known are mode=ro, mode=rw, mode=rwc and mode=memory; write `%3F` for a `?` in a path"));
                }
            }
        }
        if memory {
            return Ok(Target { path: None, mode });
        }
        let path = decode(path.strip_prefix("//").unwrap_or(path));
        if path.is_empty() {
            return Err(DriverError::new(ErrorKind::MissingDatabase, "the SQLite URL names no file")
                .hint("write `sqlite:app.db`, or `sqlite::memory:` for a database in memory"));
        }
        Ok(Target { path: Some(PathBuf::from(path)), mode })
    }
}

/// Decodes `%41`; anything else stays as it is.
fn decode(text: &str) -> String {
    let bytes = text.as_bytes();
    let mut decoded = Vec::with_capacity(bytes.len());
    let mut at = 0;
    while let Some(&byte) = bytes.get(at) {
        let code = (byte == b'%')
            .then(|| text.get(at + 1..at + 3))
            .flatten()
            .filter(|digits| digits.bytes().all(|digit| digit.is_ascii_hexdigit()))
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
    String::from_utf8(decoded).unwrap_or_else(|_| text.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn urls_name_files() {
        for (url, path, mode) in [
            ("sqlite:app.db", Some("app.db"), Mode::Create),
            ("sqlite:/var/app.db", Some("/var/app.db"), Mode::Create),
            ("sqlite:///var/app.db", Some("/var/app.db"), Mode::Create),
            ("sqlite://app.db", Some("app.db"), Mode::Create),
            ("sqlite:a%20b%3F.db?mode=ro", Some("a b?.db"), Mode::ReadOnly),
            ("sqlite:100%.db?mode=rw", Some("100%.db"), Mode::ReadWrite),
            ("sqlite::memory:", None, Mode::Create),
        ] {
            let target = Target::parse(&url.parse().expect(url)).expect(url);
            assert_eq!(target, Target { path: path.map(PathBuf::from), mode }, "{url}");
        }
        for url in ["sqlite:", "sqlite:a.db?mod=ro"] {
            assert!(Target::parse(&url.parse().expect(url)).is_err());
        }
    }
}
