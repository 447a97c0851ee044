//! Expressions in one spelling, so that what a server prints can be compared with what a user wrote.

use aludel_engine::sql::{self, Lexicon, TokenKind};

/// Functions that a server prints under another name, or that the standard writes without parentheses.
const SYNONYMS: [(&str, &str); 14] = [
    ("curdate", "current_date"),
    ("curtime", "current_time"),
    ("session_user", "user"),
    ("system_user", "user"),
    ("lcase", "lower"),
    ("ucase", "upper"),
    ("octet_length", "length"),
    ("character_length", "char_length"),
    ("mid", "substr"),
    ("substring", "substr"),
    ("power", "pow"),
    ("ceil", "ceiling"),
    ("sha1", "sha"),
    ("dayofmonth", "day"),
];

/// An expression in canonical form.
pub(crate) fn canonical(text: &str, lexicon: &Lexicon) -> String {
    let tokens: Vec<_> = sql::tokens(text, lexicon).filter(|token| token.is_significant()).collect();
    let mut renamed = String::with_capacity(text.len());
    let mut end = 0;
    for (place, token) in tokens.iter().enumerate() {
        renamed.push_str(&text[end..token.start]);
        let word = token.text(text);
        end = token.end;
        let lower = word.to_ascii_lowercase();
        let called = tokens.get(place + 1).is_some_and(|next| next.text(text) == "(");
        let synonym = SYNONYMS.iter().find(|(name, _)| *name == lower && called && token.kind == TokenKind::Word);
        let name = synonym.map_or(lower.as_str(), |(_, name)| *name);
        renamed.push_str(if synonym.is_some() { name } else { word });
        let bare = matches!(name, "current_date" | "current_time" | "current_user");
        if bare && !called && token.kind == TokenKind::Word {
            renamed.push_str("()");
        }
    }
    renamed.push_str(&text[end..]);
    sql::canonical(&renamed, lexicon)
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

/// Whether the text is one parenthesis from its first character to its last.
pub(crate) fn is_parenthesised(sql: &str) -> bool {
    let sql = sql.trim();
    if !sql.starts_with('(') || !sql.ends_with(')') {
        return false;
    }
    let (mut depth, mut quote) = (0_u32, None);
    let mut chars = sql.char_indices();
    while let Some((at, c)) = chars.next() {
        match (c, quote) {
            ('\\', Some('\'' | '"')) => {
                chars.next();
            }
            (c, Some(open)) if c == open => quote = None,
            (_, Some(_)) => {}
            ('\'' | '"' | '`', None) => quote = Some(c),
            ('(', None) => depth += 1,
            (')', None) => {
                depth -= 1;
                if depth == 0 && at + 1 < sql.len() {
                    return false;
                }
            }
            _ => {}
        }
    }
    depth == 0
}
