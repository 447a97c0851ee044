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

/// Functions of two arguments that are another spelling of an operator.
const OPERATORS: [(&str, &str); 3] = [("mod", "%"), ("json_extract", "->"), ("regexp_like", "regexp")];

/// A user's text inside parentheses, as it is. A line comment at its end must not swallow what follows.
pub(crate) fn parenthesised(sql: &str, lexicon: &Lexicon) -> String {
    match sql::ends_in_comment(sql, lexicon) {
        true => format!("({sql}\n)"),
        false => format!("({sql})"),
    }
}

/// An expression in canonical form.
pub(crate) fn canonical(text: &str, lexicon: &Lexicon) -> String {
    let words: Vec<Word> = sql::tokens(text, lexicon)
        .filter(|token| token.is_significant())
        .map(|token| Word { text: token.text(text).to_owned(), bare: token.kind == TokenKind::Word })
        .collect();
    let words: Vec<String> = respell(&words);
    sql::canonical(&words.join(" "), lexicon)
}

/// A token as it is written.
#[derive(Clone)]
struct Word {
    text: String,
    /// Neither quoted nor a symbol: a keyword, function or name.
    bare: bool,
}

impl Word {
    fn lower(&self) -> String {
        if self.bare { self.text.to_ascii_lowercase() } else { self.text.clone() }
    }
}

/// Puts the words that servers print otherwise in one spelling. Only what means the same for all values.
fn respell(words: &[Word]) -> Vec<String> {
    let mut result: Vec<String> = Vec::with_capacity(words.len());
    let mut at = 0;
    while let Some(word) = words.get(at) {
        at += 1;
        let lower = word.lower();
        let called = words.get(at).is_some_and(|next| next.text == "(");
        let before = result.last().map(String::as_str).unwrap_or_default();
        if word.bare && called {
            let end = closing(words, at);
            let arguments = arguments(&words[(at + 1).min(end)..end]);
            let operator = OPERATORS.iter().find(|(name, _)| *name == lower).map(|(_, operator)| *operator);
            match (operator, arguments.as_slice()) {
                (Some(operator), [left, right]) => {
                    result.push("(".to_owned());
                    result.extend(operand(left));
                    result.push(operator.to_owned());
                    result.extend(operand(right));
                    result.push(")".to_owned());
                    at = end + 1;
                    continue;
                }
                (None, [only]) if lower == "isnull" => {
                    result.push("(".to_owned());
                    result.extend(operand(only));
                    result.extend(["is", "null", ")"].map(str::to_owned));
                    at = end + 1;
                    continue;
                }
                _ => {}
            }
        }
        match lower.as_str() {
            // MariaDB prints TRUE as the number that it is.
            "true" if word.bare && !matches!(before, "is" | "not") => result.push("1".to_owned()),
            "false" if word.bare && !matches!(before, "is" | "not") => result.push("0".to_owned()),
            "mod" if word.bare && !called => result.push("%".to_owned()),
            // CAST(x AS CHAR) is printed with the character set of the connection that made it.
            "charset" if word.bare && before == "char" => at += 1,
            "current_date" | "current_time" | "current_user" if word.bare && !called => {
                result.extend([lower.as_str(), "(", ")"].map(str::to_owned));
            }
            _ => match SYNONYMS.iter().find(|(name, _)| word.bare && called && *name == lower) {
                Some((_, name)) => result.push((*name).to_owned()),
                None => result.push(lower),
            },
        }
    }
    result
}

/// An operand in parentheses, unless it is one word.
fn operand(words: &[Word]) -> Vec<String> {
    let inner = respell(words);
    match inner.len() {
        1 => inner,
        _ => std::iter::once("(".to_owned()).chain(inner).chain(std::iter::once(")".to_owned())).collect(),
    }
}

/// The place of the parenthesis that closes the one at `open`; the end of the words when nothing does.
fn closing(words: &[Word], open: usize) -> usize {
    let mut depth = 0_usize;
    for (at, word) in words.iter().enumerate().skip(open) {
        match word.text.as_str() {
            "(" => depth += 1,
            ")" if depth == 1 => return at,
            ")" => depth = depth.saturating_sub(1),
            _ => {}
        }
    }
    words.len()
}

/// The words between commas.
fn arguments(words: &[Word]) -> Vec<&[Word]> {
    let mut found = Vec::new();
    let (mut start, mut depth) = (0, 0_usize);
    for (at, word) in words.iter().enumerate() {
        match word.text.as_str() {
            "(" => depth += 1,
            ")" => depth = depth.saturating_sub(1),
            "," if depth == 0 => {
                found.push(&words[start..at]);
                start = at + 1;
            }
            _ => {}
        }
    }
    found.push(&words[start..]);
    found
}

/// Undoes the escaping that MySQL puts over expressions in `information_schema`: `_utf8mb4\'it\\\'s\'` means
/// `_utf8mb4'it\'s'`. (`SHOW CREATE TABLE` prints the latter.) <https://bugs.mysql.com/bug.php?id=100607>
///
/// Literals behind an introducer are moreover printed byte by byte, as if they were Latin 1.
pub(crate) fn unescape_catalog(sql: &str) -> String {
    const INTRODUCER: &str = "_utf8mb4\\'";
    let mut text = String::with_capacity(sql.len());
    let mut rest = sql;
    while let Some(at) = rest.find(INTRODUCER) {
        let start = at + INTRODUCER.len();
        text.push_str(&rest[..start]);
        let end = end_of_literal(&rest[start..]);
        text.push_str(&from_latin1(&rest[start..start + end]));
        rest = &rest[start + end..];
    }
    text.push_str(rest);
    unescape(&text)
}

/// Where the next escaped quote stands that ends a literal: `\'` not doubled, and not behind an escaped backslash.
fn end_of_literal(text: &str) -> usize {
    let bytes = text.as_bytes();
    let mut at = 0;
    while at < bytes.len() {
        match &bytes[at..] {
            [b'\\', b'\\', b'\\', b'\'', ..] | [b'\\', b'\\', b'\\', b'\\', ..] => at += 4,
            [b'\\', b'\'', ..] => return at,
            _ => at += 1,
        }
    }
    text.len()
}

/// A text whose characters are the bytes of another one in UTF-8, as that other one.
fn from_latin1(text: &str) -> String {
    let bytes: Option<Vec<u8>> = text.chars().map(|c| u8::try_from(u32::from(c)).ok()).collect();
    bytes.and_then(|bytes| String::from_utf8(bytes).ok()).unwrap_or_else(|| text.to_owned())
}

fn unescape(sql: &str) -> String {
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
