//! Numbers and times in words.

use std::io::IsTerminal;
use std::time::Duration;

use unicode_width::{UnicodeWidthChar, UnicodeWidthStr};

/// `1 revision`, `2 revisions`.
pub(crate) fn count(number: usize, word: &str) -> String {
    let ending = if number == 1 { "" } else { "s" };
    format!("{number} {word}{ending}")
}

/// A number with a comma between thousands.
pub(super) fn thousands(number: u64) -> String {
    let digits = number.to_string();
    let mut text = String::new();
    for (place, digit) in digits.chars().enumerate() {
        if place > 0 && (digits.len() - place).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

/// A length of time as a person says it.
pub(crate) fn seconds(took: Duration) -> String {
    let millis = took.as_millis();
    match millis {
        0 => "under 1 ms".to_owned(),
        1..1_000 => format!("{millis} ms"),
        1_000..60_000 => format!("{:.1} s", took.as_secs_f64()),
        _ => format!("{} min {} s", took.as_secs() / 60, took.as_secs() % 60),
    }
}

/// The seconds between two moments as a database prints them; none when they cannot be read.
pub(super) fn between(start: &str, end: &str) -> Option<Duration> {
    let (start, end) = (moment(start)?, moment(end)?);
    (end >= start).then(|| Duration::from_millis(((end - start) * 1000.0).round() as u64))
}

/// Seconds since some moment, of `2026-11-20 10:30:00.123+00`. Both ends of a span are in one zone, which cancels out.
fn moment(text: &str) -> Option<f64> {
    let (date, time) = text.split_once(['T', ' '])?;
    let time = time.split(['Z', '+', '-']).next()?.trim();
    let mut date = date.split('-').map(|part| part.parse::<u32>().ok());
    let (year, month, day) = (date.next()??, date.next()??, date.next()??);
    let mut time = time.split(':').map(|part| part.parse::<f64>().ok());
    let (hour, minute, second) = (time.next()??, time.next()??, time.next()??);
    // Months of 31 days are wrong across the end of a month, where the difference is then no more than a guess less.
    let days = f64::from(year) * 372.0 + f64::from(month) * 31.0 + f64::from(day);
    Some(((days * 24.0 + hour) * 60.0 + minute) * 60.0 + second)
}

/// How many columns of a terminal a text takes: an ideograph and most emoji take two.
pub(super) fn columns(text: &str) -> usize {
    text.width()
}

/// The width of the terminal that results go to, if they go to one.
pub(super) fn screen() -> Option<usize> {
    let stdout = std::io::stdout();
    if !stdout.is_terminal() {
        return None;
    }
    terminal_size::terminal_size_of(stdout).map(|(width, _)| usize::from(width.0))
}

/// How much of a message a table shows.
pub(super) const MESSAGE: usize = 72;

/// A text in one line.
pub(super) fn line(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// A text cut to a width, in one line.
pub(super) fn cut(text: &str, width: usize) -> String {
    let line = line(text);
    if columns(&line) <= width {
        return line;
    }
    let mut room = width.saturating_sub(1);
    let fits = |c: &char| match room.checked_sub(c.width().unwrap_or(0)) {
        Some(left) => {
            room = left;
            true
        }
        None => false,
    };
    let kept: String = line.chars().take_while(fits).collect();
    format!("{kept}…")
}

/// Breaks a text into lines of at most a width.
pub(super) fn wrap(text: &str, width: usize, indent: &str) -> String {
    let mut wrapped = String::new();
    let mut length = 0;
    for word in text.split_whitespace() {
        let size = columns(word);
        if length > 0 && length + 1 + size > width {
            wrapped.push('\n');
            length = 0;
        }
        wrapped.push_str(if length == 0 { indent } else { " " });
        wrapped.push_str(word);
        length += size + usize::from(length > 0);
    }
    wrapped
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spans_of_time() {
        for (start, end, expected) in [
            ("2026-11-20 10:30:00.100", "2026-11-20 10:30:01.350", Some(1250)),
            ("2026-11-20T23:59:59Z", "2026-11-21T00:00:01Z", Some(2000)),
            ("2026-11-20 10:30:00+01", "2026-11-20 10:30:00+01", Some(0)),
            ("soon", "later", None),
        ] {
            assert_eq!(between(start, end).map(|took| took.as_millis()), expected, "{start}");
        }
    }

    #[test]
    fn texts_are_cut_and_wrapped() {
        assert_eq!(cut("a\n  b", 10), "a b");
        assert_eq!(cut("abcdef", 4), "abc…");
        assert_eq!((cut("日本語", 6), cut("日本語", 5)), ("日本語".to_owned(), "日本…".to_owned()));
        assert_eq!(cut("日本語", 4), "日…");
        assert_eq!(wrap("one two three", 8, "  "), "  one two\n  three");
        assert_eq!(seconds(Duration::from_millis(61_200)), "1 min 1 s");
    }
}
