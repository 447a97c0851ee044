//! SQL text as the engine sees it: tokens only. Splitting a script, finding and renaming identifiers, comparing
//! two expressions that differ in spelling. No dialect by name; what differs is data in [`Lexicon`].

/// How a dialect writes strings, identifiers and comments.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Lexicon {}

/// Whether an expression mentions an identifier.
#[must_use]
pub fn mentions(sql: &str, name: &str, _lexicon: &Lexicon) -> bool {
    sql.contains(name)
}

/// An expression with an identifier renamed.
#[must_use]
pub fn rename_identifier(sql: &str, from: &str, to: &str, _lexicon: &Lexicon) -> String {
    sql.replace(from, to)
}
