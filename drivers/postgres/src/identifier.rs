//! Identifiers: when they need quotes.

use aludel_engine::dialect::quoted_with;

/// Every key word that is not free to be a name, as `quote_ident` of the server has it, up to version 18, sorted.
const KEYWORDS: &[&str] = &[
    "@@KW@@"
];

/// An identifier, quoted where the server would not read it back as it is.
#[must_use]
pub fn quote(identifier: &str) -> String {
    let plain = identifier.starts_with(|c: char| c.is_ascii_lowercase() || c == '_')
        && identifier.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_')
        && KEYWORDS.binary_search(&identifier).is_err();
    match plain {
        true => identifier.to_owned(),
        false => quoted_with(identifier, '"'),
    }
}

#[cfg(test)]
mod tests {
    use super::{KEYWORDS, quote};

    #[test]
    fn quotes_only_where_they_are_needed() {
        assert!(KEYWORDS.is_sorted());
        for (name, quoted) in [
            ("users", "users"),
            ("_a1", "_a1"),
            ("order", "\"order\""),
            ("name", "name"),
            ("Users", "\"Users\""),
            ("1st", "\"1st\""),
            ("a b", "\"a b\""),
            ("a\"b", "\"a\"\"b\""),
            ("größe", "\"größe\""),
            ("a$", "\"a$\""),
            ("", "\"\""),
        ] {
            assert_eq!(quote(name), quoted);
        }
    }
}
