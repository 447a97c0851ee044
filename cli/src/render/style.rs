//! The few colours, each with one meaning.

use anstyle::{AnsiColor, Style};

/// The id of a revision.
pub(super) const REVISION: Style = AnsiColor::Yellow.on_default();
/// Where the database or the history stands.
pub(super) const MARK: Style = AnsiColor::Green.on_default().bold();
/// What is lost, and what cannot be undone.
pub(super) const DANGER: Style = AnsiColor::Red.on_default().bold();
/// What to look at twice.
pub(super) const CAUTION: Style = AnsiColor::Yellow.on_default().bold();
/// What matters least.
pub(super) const FAINT: Style = Style::new().dimmed();
/// What a part begins with.
pub(super) const TITLE: Style = Style::new().bold();
/// SQL.
pub(super) const SQL: Style = AnsiColor::Cyan.on_default();
/// Plain text.
pub(super) const PLAIN: Style = Style::new();

/// A text in a style. What a user or a database wrote cannot send escape sequences to the terminal.
pub(super) fn paint(style: Style, text: &str) -> String {
    let text = clean(text);
    if style == PLAIN { text } else { format!("{style}{text}{style:#}") }
}

/// Replaces what a terminal may obey. Line ends and tabs stay.
pub(crate) fn clean(text: &str) -> String {
    let obeyed = |c: char| {
        (c.is_control() && !matches!(c, '\n' | '\t'))
            || matches!(c, '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{61c}')
    };
    if text.contains(obeyed) { text.replace(obeyed, "\u{fffd}") } else { text.to_owned() }
}
