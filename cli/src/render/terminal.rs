//! Where results and messages go.

use std::io::{IsTerminal, Write};
use std::sync::{Mutex, PoisonError};

use aludel_engine::diagnostic::{Diagnostic, Diagnostics, codes};
use aludel_engine::driver::ConnectionUrl;
use aludel_engine::source::Sources;
use anstream::{AutoStream, ColorChoice};
use serde::Serialize;

use super::{Voice, report};
use crate::arguments::{Color, Global};
use crate::failure::{Failure, Report};

/// Standard output and standard error, as the user wants them.
#[derive(Debug)]
pub(crate) struct Terminal {
    json: bool,
    quiet: bool,
    verbose: bool,
    moves: bool,
    choice: ColorChoice,
    voice: Voice,
    /// Texts that must not be shown, each with what is shown instead.
    secrets: Mutex<Vec<(String, String)>>,
}

impl Terminal {
    pub(crate) fn new(global: &Global) -> Self {
        let choice = match global.color {
            Color::Auto => ColorChoice::Auto,
            Color::Always => ColorChoice::Always,
            Color::Never => ColorChoice::Never,
        };
        Terminal {
            json: global.json,
            quiet: global.quiet,
            verbose: global.verbose > 0,
            moves: !global.no_progress && !global.quiet && std::io::stderr().is_terminal(),
            choice,
            voice: Voice::new(choice),
            secrets: Mutex::new(secrets_of(std::env::args())),
        }
    }

    /// Standard error.
    pub(crate) fn voice(&self) -> Voice {
        self.voice.clone()
    }

    /// Whether a line may move while something runs.
    pub(super) fn moves(&self) -> bool {
        self.moves
    }

    /// Whether there is somebody to ask.
    pub(super) fn can_ask(&self) -> bool {
        std::io::stdin().is_terminal() && std::io::stderr().is_terminal() && !self.json
    }

    /// Whether more is wanted.
    pub(super) fn is_verbose(&self) -> bool {
        self.verbose
    }

    /// Whether nothing but errors and results is wanted.
    pub(super) fn is_quiet(&self) -> bool {
        self.quiet
    }

    /// Keeps a text from being shown, whoever repeats it.
    pub(crate) fn keep_secret(&self, text: &str, shown: &str) {
        if text != shown {
            self.secrets.lock().unwrap_or_else(PoisonError::into_inner).push((text.to_owned(), shown.to_owned()));
        }
    }

    pub(super) fn without_secrets(&self, text: String) -> String {
        let secrets = self.secrets.lock().unwrap_or_else(PoisonError::into_inner);
        secrets.iter().fold(text, |text, (secret, shown)| text.replace(secret, shown))
    }

    /// Gives the result: the document, or the text for a person.
    pub(crate) fn result(&self, document: &impl Serialize, text: impl FnOnce() -> String) -> Result<(), Failure> {
        if self.json {
            return self.document(document);
        }
        let text = self.without_secrets(text());
        let mut stream = AutoStream::new(std::io::stdout(), self.choice).lock();
        stream.write_all(text.as_bytes())?;
        Ok(stream.flush()?)
    }

    /// Gives a text as it is: a script, in which every byte counts.
    pub(crate) fn script(&self, document: &impl Serialize, text: &str) -> Result<(), Failure> {
        if self.json {
            return self.document(document);
        }
        let mut stream = std::io::stdout().lock();
        stream.write_all(text.as_bytes())?;
        Ok(stream.flush()?)
    }

    fn document(&self, document: &impl Serialize) -> Result<(), Failure> {
        let text = serde_json::to_string_pretty(document).map_err(std::io::Error::from)?;
        let mut stream = std::io::stdout().lock();
        writeln!(stream, "{text}")?;
        Ok(stream.flush()?)
    }

    /// Tells something by the way.
    pub(crate) fn note(&self, text: &str) {
        if !self.quiet {
            self.voice.line(&self.without_secrets(text.to_owned()));
        }
    }

    /// Tells what nobody should miss, also who wants to hear little.
    pub(crate) fn caution(&self, text: &str) {
        self.voice.line(&super::style::paint(super::style::CAUTION, &self.without_secrets(text.to_owned())));
    }

    /// Tells what may be wrong.
    pub(crate) fn warnings(&self, diagnostics: &Diagnostics, sources: &Sources) {
        if !self.quiet {
            let text = report::messages(diagnostics, sources, self.voice.has_colour());
            self.voice.line(&self.without_secrets(text));
        }
    }

    /// Tells what a question found, when the answer is no.
    pub(crate) fn findings(&self, diagnostics: &Diagnostics, sources: &Sources) {
        let text = report::messages(diagnostics, sources, self.voice.has_colour());
        self.voice.line(&self.without_secrets(format!("{text}\n")));
    }

    /// Tells why a command failed.
    pub(crate) fn report(&self, failure: &Failure) {
        let (Failure::Refused(report) | Failure::Usage(report)) = failure else {
            return self.unwritable(failure);
        };
        if self.json {
            // If this cannot be written either, the exit code has to do.
            let _ = self.document_of(report);
            return;
        }
        self.voice.line(&self.without_secrets(report::text(report, self.voice.has_colour())));
    }

    fn document_of(&self, report: &Report) -> Result<(), Failure> {
        let mut document = report::document(report);
        conceal(&mut document, &|text| self.without_secrets(text));
        self.document(&document)
    }

    fn unwritable(&self, failure: &Failure) {
        if let Failure::Output(error) = failure
            && error.kind() != std::io::ErrorKind::BrokenPipe
        {
            let message = format!("the output could not be written: {error}");
            let report = Report::of(Diagnostic::error(&codes::TERMINAL, message));
            self.voice.line(&report::text(&report, self.voice.has_colour()));
        }
    }
}

/// Takes secrets out of every text of a document.
fn conceal(value: &mut serde_json::Value, hide: &impl Fn(String) -> String) {
    match value {
        serde_json::Value::String(text) => *text = hide(std::mem::take(text)),
        serde_json::Value::Array(items) => items.iter_mut().for_each(|item| conceal(item, hide)),
        serde_json::Value::Object(map) => map.values_mut().for_each(|item| conceal(item, hide)),
        _ => {}
    }
}

/// The words on the command line that are URLs with a secret: a message may repeat what was typed in the wrong place.
pub(super) fn secrets_of(words: impl Iterator<Item = String>) -> Vec<(String, String)> {
    let url = |word: String| {
        // A sentence is not a URL, even if it has a colon and an `@`.
        if !word.contains("://") && word.contains(char::is_whitespace) {
            return None;
        }
        // `--database=URL` and `-dURL` too.
        let start = word
            .find("://")
            .map_or(0, |at| word[..at].rfind(|c: char| !c.is_ascii_alphanumeric()).map_or(0, |n| n + 1));
        let text = word.get(start..)?.to_owned();
        let shown = text.parse::<ConnectionUrl>().ok()?.redacted();
        (shown != text).then_some((text, shown))
    };
    words.filter_map(url).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn urls_among_the_arguments() {
        let words = [
            "upgrade",
            "postgres://u:p@h/d",
            "--database=mysql://u:p@h/d",
            "sqlite:a.db",
            "a:b",
            "mysql:u:p@h",
            "fix: a:b@c",
        ];
        let found = secrets_of(words.into_iter().map(str::to_owned));
        assert_eq!(
            found,
            [
                ("postgres://u:p@h/d".to_owned(), "postgres://u:***@h/d".to_owned()),
                ("mysql://u:p@h/d".to_owned(), "mysql://u:***@h/d".to_owned()),
                ("mysql:u:p@h".to_owned(), "mysql:u:***@h".to_owned()),
            ]
        );
    }
}
