//! The drivers of this program, by scheme and by dialect.

use std::fmt;
use std::path::Path;
use std::sync::Arc;

use aludel_engine::diagnostic::{Diagnostic, codes};
use aludel_engine::dialect::Dialect;
use aludel_engine::driver::{ConnectionUrl, Driver};
use aludel_engine::project::DialectTarget;
use aludel_engine::source::nearest;

/// The drivers of this program.
#[derive(Clone, Copy)]
pub(crate) struct Registry {
    drivers: &'static [&'static dyn Driver],
}

impl fmt::Debug for Registry {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(self.names()).finish()
    }
}

impl Registry {
    pub(crate) fn new(drivers: &'static [&'static dyn Driver]) -> Self {
        Registry { drivers }
    }

    /// The names of all dialects.
    pub(crate) fn names(&self) -> Vec<&'static str> {
        self.drivers.iter().flat_map(|driver| driver.dialects()).copied().collect()
    }

    /// The schemes of URLs, each with the dialect it leads to.
    pub(crate) fn schemes(&self) -> Vec<(&'static str, &'static str)> {
        let of = |driver: &'static dyn Driver, scheme: &'static str| {
            let url: ConnectionUrl = format!("{scheme}:").parse().ok()?;
            Some((scheme, driver.dialect_of_url(&url)))
        };
        self.drivers.iter().flat_map(|&driver| driver.schemes().iter().filter_map(move |s| of(driver, s))).collect()
    }

    /// The driver for a URL.
    pub(crate) fn driver(&self, url: &ConnectionUrl) -> Result<&'static dyn Driver, Diagnostic> {
        let scheme = url.scheme().to_ascii_lowercase();
        let found = self.drivers.iter().find(|driver| driver.schemes().contains(&scheme.as_str()));
        found.copied().ok_or_else(|| {
            let schemes: Vec<&str> = self.drivers.iter().flat_map(|driver| driver.schemes()).copied().collect();
            let message = format!("this program has no driver for URLs that begin with `{scheme}:`");
            let diagnostic = Diagnostic::error(&codes::DATABASE_URL, message).note(format!(
                "it has drivers for {}",
                list(&schemes.iter().map(|s| format!("{s}:")).collect::<Vec<_>>())
            ));
            match nearest(&scheme, schemes.iter().copied()) {
                Some(near) => diagnostic.help(format!("did you mean `{near}:`?")),
                None => diagnostic,
            }
        })
    }

    /// A dialect, in the version named or the one its driver assumes.
    pub(crate) fn dialect(&self, target: &DialectTarget) -> Result<Arc<dyn Dialect>, Diagnostic> {
        let driver = self.drivers.iter().find(|driver| driver.dialects().contains(&target.name.as_str()));
        let Some(driver) = driver else {
            let diagnostic = Diagnostic::error(&codes::UNKNOWN_DIALECT, format!("unknown dialect `{}`", target.name));
            let schemes = self.schemes();
            let of_scheme = schemes.iter().find(|(scheme, _)| *scheme == target.name).map(|(_, dialect)| *dialect);
            return Err(match of_scheme.or_else(|| nearest(&target.name, self.names())) {
                Some(near) => diagnostic.help(format!("did you mean `{near}`?")),
                None => diagnostic.note(format!("the dialects are {}", list(&self.names()))),
            });
        };
        driver.dialect(&target.name, target.version).map_err(|refusal| {
            let diagnostic = Diagnostic::error(&codes::UNSUPPORTED, refusal.message);
            match refusal.help {
                Some(help) => diagnostic.help(help),
                None => diagnostic,
            }
        })
    }

    /// The driver of a dialect whose databases are files, with the URL of one in a directory.
    pub(crate) fn embedded(&self, dialect: &str, directory: &Path) -> Option<(&'static dyn Driver, ConnectionUrl)> {
        let driver = *self.drivers.iter().find(|driver| driver.dialects().contains(&dialect))?;
        let scheme = driver.schemes().first()?;
        let path = directory.join("aludel-nothing.db");
        let url: ConnectionUrl = format!("{scheme}:{}", path.to_str()?).parse().ok()?;
        driver.absent(&url).map(|_| (driver, url))
    }

    /// Every dialect in the version its driver assumes.
    pub(crate) fn all(&self) -> Arc<[Arc<dyn Dialect>]> {
        let each = self.drivers.iter().flat_map(|driver| driver.dialects().iter().map(move |name| (driver, name)));
        each.filter_map(|(driver, name)| driver.dialect(name, None).ok()).collect()
    }
}

fn list<S: AsRef<str>>(words: &[S]) -> String {
    words.iter().map(AsRef::as_ref).collect::<Vec<_>>().join(", ")
}
