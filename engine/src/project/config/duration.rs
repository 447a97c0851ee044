//! Lengths of time as people write them: `500ms`, `1m30s`.

use std::time::Duration;

use crate::diagnostic::{Diagnostic, Diagnostics, codes};
use crate::source::{Decode, Node, NodeKind, wrong_type};

/// The units from large to small, in milliseconds.
const UNITS: [(&str, u64); 4] = [("h", 3_600_000), ("m", 60_000), ("s", 1_000), ("ms", 1)];

const HELP: &str = "write a whole number with its unit: `500ms`, `5s`, `30m`, `2h`, `1m30s`";

/// Reads a length of time.
///
/// # Errors
///
/// The reason, as a sentence without a subject, when it is not one.
pub fn parse_duration(text: &str) -> Result<Duration, String> {
    let mut total: u64 = 0;
    let mut rest = text;
    let mut last = 0;
    if rest.is_empty() {
        return Err("is empty".to_owned());
    }
    while !rest.is_empty() {
        let digits = rest.find(|c: char| !c.is_ascii_digit()).unwrap_or(rest.len());
        let (number, tail) = rest.split_at(digits);
        let (unit, tail) = tail.split_at(tail.find(|c: char| !c.is_ascii_alphabetic()).unwrap_or(tail.len()));
        if number.is_empty() {
            return Err("is not made of numbers with units".to_owned());
        }
        if unit.is_empty() {
            return Err(match tail.chars().next() {
                None => format!("says `{number}` without a unit"),
                Some(found) => format!("has `{found}` in it, which is neither a digit nor a unit"),
            });
        }
        let Some(place) = UNITS.iter().position(|(name, _)| *name == unit) else {
            return Err(format!("has the unit `{unit}`, which is not one of `ms`, `s`, `m`, `h`"));
        };
        if place < last {
            return Err("does not go from large units to small ones, each once".to_owned());
        }
        last = place + 1;
        let millis = UNITS.get(place).map_or(0, |(_, millis)| *millis);
        let part = number.parse::<u64>().ok().and_then(|number| number.checked_mul(millis));
        total = part.and_then(|part| total.checked_add(part)).ok_or("is too long to count")?;
        rest = tail;
    }
    Ok(Duration::from_millis(total))
}

impl Decode for Duration {
    fn decode(node: &Node, diagnostics: &mut Diagnostics) -> Option<Self> {
        let wrong = match &node.kind {
            NodeKind::String(text) => match parse_duration(text) {
                Ok(duration) => return Some(duration),
                Err(reason) => Diagnostic::error(&codes::DURATION, format!("the length of time `{text}` {reason}")),
            },
            NodeKind::Integer(_) | NodeKind::Number(_) => {
                Diagnostic::error(&codes::DURATION, "a length of time needs a unit")
            }
            _ => {
                diagnostics.push(wrong_type(node, "a length of time").help(HELP));
                return None;
            }
        };
        diagnostics.push(wrong.at(node.span, "not a length of time").help(HELP));
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lengths_of_time() {
        for (text, millis) in [
            ("500ms", 500),
            ("5s", 5_000),
            ("30m", 1_800_000),
            ("2h", 7_200_000),
            ("1m30s", 90_000),
            ("1h1ms", 3_600_001),
            ("0s", 0),
        ] {
            assert_eq!(parse_duration(text), Ok(Duration::from_millis(millis)), "{text}");
        }
        for (text, reason) in [
            ("5", "without a unit"),
            ("", "empty"),
            ("s", "numbers with units"),
            ("1.5s", "`.` in it"),
            ("5 s", "` ` in it"),
            ("-5s", "numbers with units"),
            ("5d", "unit `d`"),
            ("5S", "unit `S`"),
            ("30s1m", "large units to small"),
            ("1s1s", "large units to small"),
            ("1m5", "`5` without a unit"),
            ("99999999999999999999h", "too long"),
            ("9999999999999999h", "too long"),
        ] {
            let error = parse_duration(text).unwrap_err();
            assert!(error.contains(reason), "{text}: {error}");
        }
    }
}
