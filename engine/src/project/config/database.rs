//! One entry under `databases`.

use std::collections::BTreeMap;
use std::path::Path;
use std::time::Duration;

use super::dialects::KnownDialects;
use super::environment::EnvText;
use crate::diagnostic::{Diagnostic, Diagnostics, codes};
use crate::driver::ConnectionUrl;
use crate::source::{Decode, MapReader, Node, NodeKind, Sources, entries, nearest, text, wrong_type};

/// A database of the project: where it is and how to treat it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DatabaseConfig {
    /// Its address, before the environment has filled it in.
    pub url: EnvText,
    /// How long one DDL statement may wait for its lock.
    pub lock_timeout: Duration,
    /// How often such a statement is tried again.
    pub lock_retries: u32,
    /// How long one statement may run; the database's own rule when none.
    pub statement_timeout: Option<Duration>,
    /// How long to wait for another run on the same database; zero does not wait.
    pub run_lock_timeout: Duration,
    /// Values of `${var:name}` for this database, before the environment has filled them in.
    pub variables: BTreeMap<String, EnvText>,
}

impl DatabaseConfig {
    /// A database with the settings of one that says nothing but its URL: for a URL given on the command line.
    #[must_use]
    pub fn of_url(url: &ConnectionUrl) -> Self {
        DatabaseConfig::new(EnvText::literal(url.expose()))
    }

    fn new(url: EnvText) -> Self {
        DatabaseConfig {
            url,
            lock_timeout: Duration::from_secs(5),
            lock_retries: 10,
            statement_timeout: None,
            run_lock_timeout: Duration::from_secs(15 * 60),
            variables: BTreeMap::new(),
        }
    }

    /// The address, filled in from the environment. Ask only for the database that is used: the environment of another
    /// need not be there.
    ///
    /// # Errors
    ///
    /// When a variable is not set or the outcome is not a URL. The message never shows the URL.
    pub fn url(&self, env: &dyn Fn(&str) -> Option<String>) -> Result<ConnectionUrl, Diagnostic> {
        let url = self.url.resolve(env)?;
        url.trim().parse().map_err(|error: crate::driver::UrlError| {
            let message = if url.trim().is_empty() {
                "the URL of the database is empty".to_owned()
            } else {
                "this is not the URL of a database".to_owned()
            };
            let diagnostic = Diagnostic::error(&codes::DATABASE_URL, message).at(self.url.span(), "");
            match self.url.is_literal() {
                true => diagnostic.help(error.to_string()),
                false => diagnostic.note("as the environment has filled it in").help(error.to_string()),
            }
        })
    }

    /// The values of this database's own variables, filled in from the environment.
    ///
    /// # Errors
    ///
    /// When a variable of the environment is not set.
    pub fn variables(&self, env: &dyn Fn(&str) -> Option<String>) -> Result<BTreeMap<String, String>, Diagnostic> {
        self.variables.iter().map(|(name, value)| Ok((name.clone(), value.resolve(env)?))).collect()
    }

    /// Reads an entry: a URL, or a map.
    pub(super) fn read(
        name: &str,
        node: &Node,
        known: &KnownDialects<'_>,
        sources: &Sources,
        diagnostics: &mut Diagnostics,
    ) -> Option<Self> {
        if matches!(node.kind, NodeKind::String(_)) {
            return read_url(node, known, sources, diagnostics).map(DatabaseConfig::new);
        }
        if !matches!(node.kind, NodeKind::Mapping(_)) {
            diagnostics.push(wrong_type(node, "a URL or a map with `url`"));
            return None;
        }
        let mut map = MapReader::new(node, format!("database `{name}`"), diagnostics)?;
        let url = map.required("url", diagnostics).and_then(|node| read_url(node, known, sources, diagnostics));
        let mut config = DatabaseConfig::new(url.clone().unwrap_or_else(|| EnvText::literal("")));
        if let Some(value) = map.optional("lock_timeout").and_then(|node| limit(node, diagnostics)) {
            config.lock_timeout = value;
        }
        if let Some(value) = map.get("lock_retries", diagnostics) {
            config.lock_retries = value;
        }
        config.statement_timeout = map.optional("statement_timeout").and_then(|node| limit(node, diagnostics));
        if let Some(value) = map.get("run_lock_timeout", diagnostics) {
            config.run_lock_timeout = value;
        }
        if let Some(node) = map.optional("variables") {
            for (key, value) in entries(node, diagnostics).unwrap_or_default() {
                let read =
                    text(value, diagnostics).and_then(|text| EnvText::read(&text, value.span, sources, diagnostics));
                config.variables.extend(read.map(|read| (key.name.clone(), read)));
            }
        }
        map.finish(diagnostics);
        url.map(|_| config)
    }
}

/// A URL from the project file, as seen from the project's directory: the path of an embedded database that is not
/// absolute starts there and not where the command runs.
///
/// A URL with an authority (`//`), of a database in memory (`:memory:`) or of the form `file:` stays what it is.
#[must_use]
pub fn beside_project(url: ConnectionUrl, root: &Path) -> ConnectionUrl {
    let path = url.expose_rest();
    let here = root.as_os_str().is_empty() || root == Path::new(".");
    let fixed = path.is_empty() || path.starts_with(['/', '\\', ':', '?']) || path.starts_with("file:");
    if here || fixed || Path::new(path).is_absolute() {
        return url;
    }
    let Some(root) = root.to_str() else { return url };
    // What the directory is called is not to be read as a part of the URL.
    let root = root.trim_end_matches('/').replace('%', "%25").replace('?', "%3F");
    let moved = format!("{}:{root}/{path}", url.scheme());
    moved.parse().unwrap_or(url)
}

fn read_url(
    node: &Node,
    known: &KnownDialects<'_>,
    sources: &Sources,
    diagnostics: &mut Diagnostics,
) -> Option<EnvText> {
    let written = String::decode(node, diagnostics)?;
    let url = EnvText::read(&written, node.span, sources, diagnostics)?;
    if url.is_literal()
        && let Err(error) = (DatabaseConfig::new(url.clone())).url(&|_| None)
    {
        let file = known.schemes.first().map_or("scheme", |(scheme, _)| *scheme);
        diagnostics.push(match written.trim().is_empty() {
            true => error,
            false => error.note(format!("what stands before the first colon says which database it is: `{file}:…`")),
        });
        return None;
    }
    if let Some(scheme) = url.scheme()
        && known.of_scheme(&scheme).is_none()
        && let Some(near) = nearest(&scheme, known.schemes.iter().map(|(scheme, _)| *scheme))
    {
        diagnostics.push(
            Diagnostic::error(&codes::DATABASE_URL, format!("no database has URLs that begin with `{scheme}:`"))
                .at(crate::project::template::within(sources, node.span, &scheme), "unknown scheme")
                .help(format!("did you mean `{near}:`?")),
        );
        return None;
    }
    Some(url)
}

/// A time limit; zero would mean "none" to some servers and "at once" to others.
fn limit(node: &Node, diagnostics: &mut Diagnostics) -> Option<Duration> {
    let duration = Duration::decode(node, diagnostics)?;
    if duration.is_zero() {
        diagnostics.push(
            Diagnostic::error(&codes::PROJECT_SETTING, "a time limit of zero")
                .at(node.span, "nothing can be done in no time")
                .help("leave the key out for the default, or write a longer time"),
        );
        return None;
    }
    Some(duration)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn embedded_databases_stand_beside_the_project() {
        for (url, root, expected) in [
            ("sqlite:app.db", "/p", "sqlite:/p/app.db"),
            ("sqlite:data/app.db?mode=ro", "../p/", "sqlite:../p/data/app.db?mode=ro"),
            ("sqlite:/abs/app.db", "/p", "sqlite:/abs/app.db"),
            ("sqlite::memory:", "/p", "sqlite::memory:"),
            ("sqlite:file:app.db", "/p", "sqlite:file:app.db"),
            ("sqlite:app.db", "/a?b%20c", "sqlite:/a%3Fb%2520c/app.db"),
            ("sqlite:app.db", ".", "sqlite:app.db"),
            ("postgres://u@h/d", "/p", "postgres://u@h/d"),
        ] {
            let found = beside_project(url.parse().unwrap(), Path::new(root));
            assert_eq!(found.expose(), expected);
        }
    }
}
