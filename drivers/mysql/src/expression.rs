//! Expressions in one spelling, so that what a server prints can be compared with what a user wrote.

use aludel_engine::sql::Lexicon;

/// An expression in canonical form.
pub(crate) fn canonical(sql: &str, _lexicon: &Lexicon) -> String {
    sql.trim().to_owned()
}

/// Undoes the escaping that MySQL puts over expressions in `information_schema`: `_utf8mb4\'it\\\'s\'` means
/// `_utf8mb4'it\'s'`. (`SHOW CREATE TABLE` prints the latter.) <https://bugs.mysql.com/bug.php?id=100607>
pub(crate) fn unescape_catalog(sql: &str) -> String {
    let mut text = String::with_capacity(sql.len());
    let mut chars = sql.chars();
    while let Some(c) = chars.next() {
        match c {
            '\\' => match chars.next() {
                Some('n') => text.push('\n'),
                Some('t') => text.push('\t'),
                Some('r') => text.push('\r'),
                Some('0') => text.push('\0'),
                Some('Z') => text.push('\u{1a}'),
                Some(other) => text.push(other),
                None => text.push('\\'),
            },
            c => text.push(c),
        }
    }
    text
}
