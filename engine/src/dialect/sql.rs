//! Pieces of SQL text that dialects share.

/// Items with commas between them.
pub fn comma_list<T: AsRef<str>>(items: impl IntoIterator<Item = T>) -> String {
    let mut text = String::new();
    for item in items {
        if !text.is_empty() {
            text.push_str(", ");
        }
        text.push_str(item.as_ref());
    }
    text
}

/// An identifier between two quote characters, with the quote doubled inside.
#[must_use]
pub fn quoted_with(identifier: &str, quote: char) -> String {
    let mut text = String::with_capacity(identifier.len() + 2);
    text.push(quote);
    for c in identifier.chars() {
        text.push(c);
        if c == quote {
            text.push(quote);
        }
    }
    text.push(quote);
    text
}

/// A standard string literal: quotes doubled, backslashes as they are.
#[must_use]
pub fn string_literal(text: &str) -> String {
    quoted_with(text, '\'')
}
