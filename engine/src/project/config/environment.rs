//! Texts with `${NAME}` in them, which the environment fills in when they are used and not before.

use std::fmt;

use crate::diagnostic::{Diagnostic, Diagnostics, codes};
use crate::project::template::within;
use crate::source::{Sources, Span};

/// A text under `databases`, with the environment variables it names. `Debug` tells no more than those names.
#[derive(Clone, PartialEq, Eq)]
pub struct EnvText {
    parts: Vec<Part>,
    span: Span,
}

#[derive(Clone, PartialEq, Eq)]
enum Part {
    Text(String),
    Variable { name: String, fallback: Option<String>, span: Span },
}

impl EnvText {
    /// A text that is what it is.
    pub fn literal(text: impl Into<String>) -> Self {
        EnvText { parts: vec![Part::Text(text.into())], span: Span::default() }
    }

    /// Reads a text; a variable that is not written well is reported.
    pub(super) fn read(text: &str, span: Span, sources: &Sources, diagnostics: &mut Diagnostics) -> Option<Self> {
        let mut parts = Vec::new();
        let mut rest = text;
        let mut sound = true;
        while let Some(start) = rest.find("${") {
            if start > 0 {
                parts.push(Part::Text(rest[..start].to_owned()));
            }
            let inside = &rest[start + 2..];
            let Some(end) = inside.find('}') else {
                diagnostics.push(
                    Diagnostic::error(&codes::ENVIRONMENT_SYNTAX, "a `${` without its `}`")
                        .at(within(sources, span, "${"), "not closed")
                        .help("write `${NAME}` or `${NAME:-fallback}`"),
                );
                return None;
            };
            let (name, fallback) = match inside[..end].split_once(":-") {
                Some((name, fallback)) => (name, Some(fallback)),
                None => (&inside[..end], None),
            };
            // The place shown ends with the name: a fallback may be a secret.
            let end_of_name = if fallback.is_some() { ":-" } else { "}" };
            let place = within(sources, span, &format!("${{{name}{end_of_name}"));
            if let Some(problem) = wrong(name, fallback) {
                sound = false;
                diagnostics.push(problem.at(place, "not a variable of the environment"));
            }
            parts.push(Part::Variable { name: name.to_owned(), fallback: fallback.map(str::to_owned), span: place });
            rest = &inside[end + 1..];
        }
        if !rest.is_empty() {
            parts.push(Part::Text(rest.to_owned()));
        }
        sound.then_some(EnvText { parts, span })
    }

    /// Where the text stands.
    #[must_use]
    pub fn span(&self) -> Span {
        self.span
    }

    /// The text, filled in. A fallback counts when the variable is not set or empty, as in a shell.
    ///
    /// # Errors
    ///
    /// When variables are not set: one message with each of them, and without the text.
    pub fn resolve(&self, env: &dyn Fn(&str) -> Option<String>) -> Result<String, Diagnostic> {
        let mut text = String::new();
        let mut missing: Vec<(&str, Span)> = Vec::new();
        for part in &self.parts {
            match part {
                Part::Text(part) => text.push_str(part),
                Part::Variable { name, fallback, span } => match (env(name), fallback) {
                    (Some(value), None) => text.push_str(&value),
                    (Some(value), Some(_)) if !value.is_empty() => text.push_str(&value),
                    (_, Some(fallback)) => text.push_str(fallback),
                    (None, None) => missing.push((name, *span)),
                },
            }
        }
        let Some((first, _)) = missing.first() else { return Ok(text) };
        let message = format!("the environment variable `{first}` is not set");
        let help = format!("set `{first}`, or write a fallback: `${{{first}:-…}}`");
        let diagnostic = Diagnostic::error(&codes::MISSING_ENVIRONMENT, message).help(help);
        Err(missing.iter().fold(diagnostic, |diagnostic, (name, span)| {
            diagnostic.at(*span, format!("`{name}` is not in the environment"))
        }))
    }

    /// What stands before the first colon, as far as that is known without the environment.
    pub(super) fn scheme(&self) -> Option<String> {
        let known = match (self.resolve(&|_| None), self.parts.first()) {
            (Ok(text), _) => text,
            (Err(_), Some(Part::Text(text))) => text.clone(),
            _ => return None,
        };
        known.split_once(':').map(|(scheme, _)| scheme.to_owned())
    }

    /// Whether no variable is in it.
    pub(super) fn is_literal(&self) -> bool {
        self.parts.iter().all(|part| matches!(part, Part::Text(_)))
    }
}

impl fmt::Debug for EnvText {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("EnvText(")?;
        for part in &self.parts {
            match part {
                Part::Text(_) => f.write_str("…")?,
                Part::Variable { name, .. } => write!(f, "${{{name}}}")?,
            }
        }
        f.write_str(")")
    }
}

/// Whether a text has something in it that looks like a variable of the environment.
pub(super) fn names_environment(text: &str) -> Option<&str> {
    let start = text.find("${")?;
    let inside = &text[start + 2..];
    let end = inside.find('}')?;
    let name = inside[..end].split(":-").next().unwrap_or_default();
    if is_name(name) { Some(&text[start..start + 2 + end + 1]) } else { names_environment(&inside[end..]) }
}

fn is_name(name: &str) -> bool {
    !name.is_empty()
        && !name.starts_with(|c: char| c.is_ascii_digit())
        && name.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_')
}

fn wrong(name: &str, fallback: Option<&str>) -> Option<Diagnostic> {
    let error = |message: &str| Diagnostic::error(&codes::ENVIRONMENT_SYNTAX, message);
    if fallback.is_some_and(|fallback| fallback.contains("${")) {
        return Some(error("a fallback cannot name another variable").help("a fallback is plain text"));
    }
    if is_name(name) {
        return None;
    }
    let problem = match name {
        "" => error("a variable without a name"),
        _ => error("this is not the name of an environment variable"),
    };
    Some(match name.split_once([':', '-', '=', '?']) {
        _ if name.starts_with("var:") => {
            problem.help("`${var:…}` is for SQL texts; here the environment is read: `${NAME}`")
        }
        Some((name, _)) if is_name(name) => problem.help(format!("a fallback is written `${{{name}:-fallback}}`")),
        _ => problem.help("a name has letters, digits and `_`, and no digit at its start"),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Result<EnvText, Vec<String>> {
        let mut diagnostics = Diagnostics::default();
        let read = EnvText::read(text, Span::default(), &Sources::default(), &mut diagnostics);
        read.ok_or_else(|| diagnostics.sorted().iter().map(|d| d.message.clone()).collect())
    }

    fn env(name: &str) -> Option<String> {
        match name {
            "USER" => Some("ann".to_owned()),
            "EMPTY" => Some(String::new()),
            _ => None,
        }
    }

    #[test]
    fn variables_are_filled_in() {
        for (text, expected) in [
            ("plain", "plain"),
            ("${USER}", "ann"),
            ("a:${USER}@b", "a:ann@b"),
            ("${USER:-x}${NONE:-y}${EMPTY:-z}${EMPTY}", "annyz"),
            ("${NONE:-}", ""),
            ("${NONE:-sqlite:app.db}", "sqlite:app.db"),
            ("$USER and $", "$USER and $"),
            ("", ""),
        ] {
            assert_eq!(read(text).unwrap().resolve(&env).unwrap(), expected, "{text}");
        }
    }

    #[test]
    fn what_is_missing_is_named_and_nothing_else_shown() {
        let text = read("postgres://u:secret@${HOST}:${PORT}/d").unwrap();
        let error = text.resolve(&env).unwrap_err();
        assert_eq!(error.labels.len(), 2);
        let shown = format!("{error:?} {text:?}");
        assert!(shown.contains("HOST") && !shown.contains("secret") && !shown.contains("postgres"), "{shown}");
        assert_eq!(text.scheme().as_deref(), Some("postgres"));
        assert_eq!(read("${X}").unwrap().scheme(), None);
        assert_eq!(read("${X:-sqlite:a}").unwrap().scheme().as_deref(), Some("sqlite"));
    }

    #[test]
    fn what_is_not_a_variable() {
        for text in ["${", "${}", "${A B}", "${1A}", "${A-b}", "${A:=b}", "${var:x}", "${A:-${B}}"] {
            assert_eq!(read(text).unwrap_err().len(), 1, "{text}");
        }
        assert_eq!(names_environment("a ${var:x} ${A:-b}"), Some("${A:-b}"));
        assert_eq!(names_environment("{A} $A ${var:x}"), None);
    }
}
