//! Versions of database products.

use std::fmt;
use std::str::FromStr;

/// A version such as 15, 10.11 or 3.54.1.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Version {
    /// First part.
    pub major: u32,
    /// Second part.
    pub minor: u32,
    /// Third part.
    pub patch: u32,
}

impl Version {
    /// A version.
    #[must_use]
    pub const fn new(major: u32, minor: u32, patch: u32) -> Self {
        Version { major, minor, patch }
    }
}

impl fmt::Display for Version {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match (self.minor, self.patch) {
            (0, 0) => write!(f, "{}", self.major),
            (minor, 0) => write!(f, "{}.{minor}", self.major),
            (minor, patch) => write!(f, "{}.{minor}.{patch}", self.major),
        }
    }
}

impl FromStr for Version {
    type Err = String;

    /// Reads up to three numbers; what follows them (`-MariaDB`, ` (Debian …)`) does not count.
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let digits = text.split(|c: char| !(c.is_ascii_digit() || c == '.')).next().unwrap_or_default();
        let mut parts = digits.split('.').filter(|part| !part.is_empty()).map(str::parse::<u32>);
        let bad = || format!("`{text}` is not a version such as 15, 10.11 or 3.54.1");
        let mut next = || parts.next().transpose().map_err(|_| bad());
        let major = next()?.ok_or_else(bad)?;
        Ok(Version { major, minor: next()?.unwrap_or(0), patch: next()?.unwrap_or(0) })
    }
}

#[cfg(test)]
mod tests {
    use super::Version;

    #[test]
    fn versions_are_read_and_printed() {
        for (text, printed) in [
            ("15", "15"),
            ("15.18 (Debian 15.18-0+deb12u1)", "15.18"),
            ("10.11.19-MariaDB-0+deb12u1", "10.11.19"),
            ("3.54.1", "3.54.1"),
            ("8.0", "8"),
        ] {
            assert_eq!(text.parse::<Version>().map(|v| v.to_string()), Ok(printed.to_owned()));
        }
        assert!("x".parse::<Version>().is_err());
        assert!(Version::new(10, 11, 0) > Version::new(10, 6, 9));
    }
}
