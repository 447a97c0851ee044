//! What reading and lowering need to know besides the text: the dialect, the naming rules, the variables.

use std::collections::BTreeMap;
use std::fmt::Debug;
use std::path::PathBuf;
use std::sync::Arc;

use sha2::{Digest, Sha256};

use super::naming::Names;
use crate::data::Found;
use crate::dialect::{Dialect, IdentifierLimit};
use crate::schema::ObjectName;

/// Data files by path as written, or why one cannot be read.
pub type DataFiles = BTreeMap<PathBuf, Result<Found, String>>;

/// Everything that the meaning of a text depends on besides the text itself.
///
/// A text is read once for each dialect, because dialect maps override portable keys.
#[derive(Debug, Clone)]
pub struct Context {
    /// The dialect that texts are resolved for.
    pub dialect: Arc<dyn Dialect>,
    /// Every dialect there is, so that a misspelt option is found whatever the project compiles for.
    pub dialects: Arc<[Arc<dyn Dialect>]>,
    /// How constraints and indexes are named.
    pub naming: Arc<Naming>,
    /// The values of `${var:name}`.
    pub variables: Arc<BTreeMap<String, String>>,
    /// The texts of the SQL files that operations name, by path as written.
    pub files: Arc<BTreeMap<PathBuf, Result<String, String>>>,
    /// The data files that operations name, by path as written.
    pub data: Arc<DataFiles>,
}

impl Context {
    /// The names of dialects whose maps count for the one resolved for, the weaker first: `mysql`, `mariadb`.
    #[must_use]
    pub fn lineage(&self) -> Vec<&'static str> {
        self.dialect.inherits().into_iter().chain([self.dialect.name()]).collect()
    }

    /// Whether a name is one of a dialect.
    #[must_use]
    pub fn is_dialect(&self, name: &str) -> bool {
        self.dialects.iter().any(|dialect| dialect.name() == name)
    }

    /// The names of all dialects.
    pub fn dialect_names(&self) -> impl Iterator<Item = &'static str> {
        self.dialects.iter().map(|dialect| dialect.name())
    }

    /// A name of a constraint or index, cut to what the dialect takes.
    #[must_use]
    pub fn fit(&self, name: &str) -> String {
        self.names().fit(name)
    }

    /// The naming rules as the dialect carries them out.
    pub(crate) fn names(&self) -> Names<'_> {
        Names { naming: &self.naming, dialect: &*self.dialect }
    }
}

/// Templates for the names of constraints and indexes that the author left unnamed.
#[derive(Debug, Clone, PartialEq, Eq)]
#[allow(missing_docs)]
pub struct Naming {
    pub primary_key: String,
    pub unique: String,
    pub check: String,
    pub foreign_key: String,
    pub exclude: String,
    pub index: String,
}

impl Default for Naming {
    fn default() -> Self {
        Naming {
            primary_key: "pk_{table}".to_owned(),
            unique: "uq_{table}_{columns}".to_owned(),
            check: "ck_{table}_{columns}".to_owned(),
            foreign_key: "fk_{table}_{columns}_{referred_table}".to_owned(),
            exclude: "ex_{table}_{columns}".to_owned(),
            index: "ix_{table}_{columns}".to_owned(),
        }
    }
}

impl Naming {
    /// Fills a template. Placeholders are replaced in one pass, so that a table named `{columns}` does no harm.
    #[must_use]
    pub fn fill<S: AsRef<str>>(
        template: &str,
        table: &ObjectName,
        columns: &[S],
        referred: Option<&ObjectName>,
    ) -> String {
        let columns = columns.iter().map(AsRef::as_ref).collect::<Vec<_>>().join("_");
        let mut name = String::new();
        let mut rest = template;
        while let Some(start) = rest.find('{') {
            name.push_str(&rest[..start]);
            let tail = &rest[start..];
            let (placeholder, value) = [
                ("{table}", table.name.as_str()),
                ("{columns}", columns.as_str()),
                ("{referred_table}", referred.map_or("", |name| name.name.as_str())),
            ]
            .into_iter()
            .find(|(placeholder, _)| tail.starts_with(placeholder))
            .unwrap_or(("{", "{"));
            name.push_str(value);
            rest = &tail[placeholder.len()..];
        }
        name.push_str(rest);
        name.trim_end_matches('_').to_owned()
    }
}

/// Cuts a name to a limit; the hash keeps two long names apart that begin alike.
pub(super) fn fit(name: &str, limit: IdentifierLimit) -> String {
    const HASH: usize = 8;
    let Some((size, limit_size)) = limit.measure(name) else { return name.to_owned() };
    if size <= limit_size {
        return name.to_owned();
    }
    let hash: String =
        Sha256::digest(name.as_bytes()).iter().take(HASH / 2).map(|byte| format!("{byte:02x}")).collect();
    let mut kept = String::new();
    for c in name.chars() {
        let mut longer = kept.clone();
        longer.push(c);
        if limit.measure(&longer).is_some_and(|(size, limit)| size + HASH + 1 > limit) {
            break;
        }
        kept = longer;
    }
    format!("{}_{hash}", kept.trim_end_matches('_'))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_filled_in() {
        let table = ObjectName::qualified("app", "orders");
        let fill =
            |template, columns: &[&str]| Naming::fill(template, &table, columns, Some(&ObjectName::new("customers")));
        assert_eq!(fill("pk_{table}", &[]), "pk_orders");
        assert_eq!(fill("fk_{table}_{columns}_{referred_table}", &["a", "b"]), "fk_orders_a_b_customers");
        assert_eq!(fill("{x}{table}", &[]), "{x}orders");
        assert_eq!(fill("ix_{table}_{columns}", &[]), "ix_orders");
    }

    #[test]
    fn long_names_are_cut_the_same_way_every_time() {
        let long = "é".repeat(60);
        let cut = fit(&long, IdentifierLimit::Bytes(63));
        assert!(cut.len() <= 63, "{}", cut.len());
        assert_eq!(cut, fit(&long, IdentifierLimit::Bytes(63)));
        assert_ne!(cut, fit(&"é".repeat(61), IdentifierLimit::Bytes(63)));
        assert_eq!(fit("short", IdentifierLimit::Bytes(63)), "short");
        assert_eq!(fit(&long, IdentifierLimit::Characters(64)), long);
    }
}
