//! What the index methods can do (manual, 11.2 and 11.3; `pg_indexam_has_property`). A method that an extension brings
//! is left to the server.

use aludel_engine::dialect::Unsupported;
use aludel_engine::schema::IndexPart;

use crate::version::Features;

/// What an index asks of its method.
#[derive(Debug, Clone, Copy)]
pub struct Wanted<'a> {
    /// The method, in lower case.
    pub method: &'a str,
    /// What it is about: the index or constraint `x`.
    pub name: &'a str,
    /// Its keys.
    pub parts: &'a [&'a IndexPart],
    /// Whether no two rows may be alike.
    pub unique: bool,
    /// Whether it carries further columns.
    pub include: bool,
}

/// Whether a method can do what is wanted of it.
///
/// # Errors
/// The first thing it cannot.
pub fn check(wanted: Wanted<'_>, features: &Features) -> Result<(), Unsupported> {
    let Wanted { method, name, parts, unique, include } = wanted;
    if method == "btree" || !["hash", "gin", "gist", "spgist", "brin"].contains(&method) {
        return Ok(());
    }
    let refuse = |message: String, help: &str| Err(Unsupported::new(message).about(name).help(help));
    if unique {
        return refuse(
            format!("`{name}` is unique, and of PostgreSQL's index methods only `btree` knows unique indexes"),
            "remove `using` or `unique`, or use an exclusion constraint",
        );
    }
    if parts.len() > 1 && ["hash", "spgist"].contains(&method) {
        return refuse(
            format!("`{name}` has {} keys, and the method `{method}` takes one", parts.len()),
            "make an index of each, or use another method",
        );
    }
    if parts.iter().any(|part| part.descending || part.nulls.is_some()) {
        return refuse(
            format!("`{name}` says in which order its keys are, and the method `{method}` keeps none"),
            "remove `order` and `nulls`, or use `btree`",
        );
    }
    let carries = match method {
        "gist" => true,
        "spgist" => features.spgist_include,
        _ => false,
    };
    if include && !carries {
        return refuse(
            format!("`{name}` includes further columns, which the method `{method}` cannot carry"),
            "remove `include`, or use `btree` or `gist`",
        );
    }
    Ok(())
}
