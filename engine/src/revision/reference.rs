//! What a person types to name a revision.

use std::fmt;
use std::str::FromStr;

use super::error::ReferenceError;
use super::id::check_name;

/// The place a reference starts from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Symbol {
    /// `head`: the one newest revision.
    Head,
    /// `heads`: every newest revision.
    Heads,
    /// `base`: before the first revision.
    Base,
    /// `current`: what is applied; also meant by `+1` and `-1` alone.
    Current,
    /// An id, the beginning of one, or a label.
    Name(String),
}

/// A parsed reference: `[branch@][symbol][+N|-N]`, with a symbol or a count at least.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reference {
    /// A label or a revision whose line is meant.
    pub branch: Option<String>,
    /// Where to start.
    pub symbol: Symbol,
    /// How many revisions to go up, or down when negative.
    pub offset: i64,
    /// Whether the symbol was left out, which matters in ranges: `-3:` counts from the end of the range.
    pub bare: bool,
}

impl Reference {
    /// Reads a reference. Whether it names anything is for the graph to say.
    ///
    /// # Errors
    ///
    /// [`ReferenceError::Syntax`] when it is not one.
    pub fn parse(text: &str) -> Result<Self, ReferenceError> {
        let wrong = |reason: String| ReferenceError::Syntax { text: text.to_owned(), reason };
        if text.contains(':') {
            return Err(wrong("this is a range, and one revision is wanted".to_owned()));
        }
        let (branch, rest) = match text.split_once('@') {
            None => (None, text),
            Some((branch, rest)) => {
                check_name(branch).map_err(|reason| wrong(format!("the branch before `@` {reason}")))?;
                (Some(branch.to_owned()), rest)
            }
        };
        let sign = rest.find(['+', '-']).unwrap_or(rest.len());
        let (symbol, count) = rest.split_at(sign);
        let offset = match count.get(1..) {
            None | Some("") if !count.is_empty() => return Err(wrong(format!("there is no number after `{count}`"))),
            None => 0,
            Some(digits) if digits.bytes().all(|b| b.is_ascii_digit()) => {
                count.parse::<i64>().map_err(|_| wrong(format!("`{digits}` is too large a number")))?
            }
            Some(digits) => return Err(wrong(format!("`{digits}` is not a number"))),
        };
        let bare = symbol.is_empty();
        let symbol = match symbol {
            "" if count.is_empty() => return Err(wrong("nothing is named".to_owned())),
            "" | "current" => Symbol::Current,
            "head" => Symbol::Head,
            "heads" => Symbol::Heads,
            "base" => Symbol::Base,
            name => {
                check_name(name).map_err(|reason| wrong(format!("`{name}` {reason}")))?;
                Symbol::Name(name.to_owned())
            }
        };
        Ok(Reference { branch, symbol, offset, bare })
    }

    /// The same on another branch.
    pub(super) fn on(&self, branch: &str) -> String {
        Reference { branch: Some(branch.to_owned()), ..self.clone() }.to_string()
    }
}

impl FromStr for Reference {
    type Err = ReferenceError;

    fn from_str(text: &str) -> Result<Self, ReferenceError> {
        Reference::parse(text)
    }
}

impl fmt::Display for Reference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(branch) = &self.branch {
            write!(f, "{branch}@")?;
        }
        match &self.symbol {
            _ if self.bare => {}
            Symbol::Head => f.write_str("head")?,
            Symbol::Heads => f.write_str("heads")?,
            Symbol::Base => f.write_str("base")?,
            Symbol::Current => f.write_str("current")?,
            Symbol::Name(name) => f.write_str(name)?,
        }
        if self.offset != 0 || self.bare { write!(f, "{:+}", self.offset) } else { Ok(()) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_form_is_read_and_written_back() {
        for text in [
            "abc1",
            "head",
            "heads",
            "base",
            "current",
            "+1",
            "-20",
            "abc1+2",
            "head-2",
            "left@head",
            "abc1@heads",
            "left@base",
            "left@+1",
            "left@-3",
            "left@head-2",
            "left@abc1-1",
            "base+2",
            "current-1",
            "1e10",
            "-0",
        ] {
            let written = Reference::parse(text).unwrap().to_string();
            assert_eq!(written, text.replace("-0", "+0"));
        }
    }

    #[test]
    fn what_is_no_reference() {
        for text in [
            "",
            "@head",
            "left@",
            "a@b@c",
            "+",
            "a-",
            "a-x",
            "a+1+1",
            "a-1-",
            "--1",
            "a:b",
            "a b",
            "none",
            "head@+1",
            "+99999999999999999999",
        ] {
            let error = Reference::parse(text).unwrap_err();
            assert!(matches!(error, ReferenceError::Syntax { .. }), "{text}: {error}");
        }
    }
}
