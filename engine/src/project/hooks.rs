//! Commands that run after something was done.

use std::path::Path;
use std::process::{Command, ExitStatus, Stdio};

use crate::diagnostic::{Diagnostic, Diagnostics, codes};
use crate::source::{MapReader, Node, Span, Spanned};

/// The commands under `hooks`.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Hooks {
    /// After a revision file was made; `{file}` is that file.
    pub after_revision: Vec<Hook>,
}

/// A command: a program with its arguments.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Hook {
    /// As it was written.
    pub text: String,
    /// The program and its arguments, before `{file}` is replaced; never empty.
    words: Vec<String>,
    span: Span,
}

impl Hooks {
    /// Reads the map under `hooks`.
    pub(super) fn read(node: &Node, diagnostics: &mut Diagnostics) -> Self {
        let mut hooks = Hooks::default();
        let Some(mut map) = MapReader::new(node, "hooks", diagnostics) else { return hooks };
        let texts: Vec<Spanned<String>> = map.get("after_revision", diagnostics).unwrap_or_default();
        hooks.after_revision = texts.into_iter().filter_map(|text| Hook::parse(text, diagnostics)).collect();
        map.finish(diagnostics);
        hooks
    }
}

impl Hook {
    fn parse(text: Spanned<String>, diagnostics: &mut Diagnostics) -> Option<Self> {
        match words(&text) {
            Ok(words) => Some(Hook { text: text.value, words, span: text.span }),
            Err(reason) => {
                let diagnostic = Diagnostic::error(&codes::COMMAND_SYNTAX, reason).at(text.span, "");
                diagnostics.push(diagnostic.help("a command is a program with its arguments: `yamlfmt {file}`"));
                None
            }
        }
    }

    /// The program and its arguments for a file. The name of the file is one word, whatever it holds.
    #[must_use]
    pub fn words(&self, file: &Path) -> Vec<String> {
        let file = file.display().to_string();
        self.words.iter().map(|word| word.replace("{file}", &file)).collect()
    }

    /// Runs the command in a directory, without a shell and without input, and gives what it printed.
    ///
    /// # Errors
    ///
    /// When it cannot be started or does not end with status 0; the message carries what it said.
    pub fn run(&self, file: &Path, directory: &Path) -> Result<String, Diagnostic> {
        // The command runs in the project's directory and not where the path was given.
        let file = std::path::absolute(file).unwrap_or_else(|_| file.to_owned());
        let words = self.words(&file);
        let (program, arguments) =
            words.split_first().map_or(("", [].as_slice()), |(first, rest)| (first.as_str(), rest));
        let failed = |message: String| Diagnostic::error(&codes::HOOK_FAILED, message).at(self.span, "this hook");
        let directory = if directory.as_os_str().is_empty() { Path::new(".") } else { directory };
        let output =
            Command::new(program).args(arguments).current_dir(directory).stdin(Stdio::null()).output().map_err(
                |error| {
                    failed(format!("the hook `{}` cannot be started: {error}", self.text))
                        .help(format!("is `{program}` installed and on the PATH? No shell is involved"))
                },
            )?;
        if output.status.success() {
            return Ok(String::from_utf8_lossy(&output.stdout).into_owned());
        }
        let mut diagnostic = failed(format!("the hook `{}` {}", self.text, ended(output.status)));
        let said = if output.stderr.is_empty() { &output.stdout } else { &output.stderr };
        let said = String::from_utf8_lossy(said);
        if !said.trim().is_empty() {
            diagnostic = diagnostic.note(format!("it said:\n{}", tail(said.trim())));
        }
        Err(diagnostic.note(format!("the file stays: {}", file.display())))
    }
}

fn ended(status: ExitStatus) -> String {
    status.code().map_or_else(|| "was ended by a signal".to_owned(), |code| format!("ended with exit status {code}"))
}

/// The end of a long output, where programs say what went wrong.
fn tail(text: &str) -> String {
    const LINES: usize = 20;
    let lines: Vec<&str> = text.lines().collect();
    match lines.len().checked_sub(LINES) {
        None | Some(0) => text.to_owned(),
        Some(more) => format!("… ({more} lines more)\n{}", lines[more..].join("\n")),
    }
}

/// Splits a command at spaces. Quotes keep a word together; outside of single quotes a backslash takes a quote, a space
/// or a backslash for what it is, and stands for itself before anything else, as paths on Windows need.
///
/// # Errors
///
/// When a quote is not closed, or there is no word.
pub fn words(text: &str) -> Result<Vec<String>, String> {
    let mut words = Vec::new();
    let mut word: Option<String> = None;
    let mut quote = None;
    let mut characters = text.chars().peekable();
    while let Some(c) = characters.next() {
        match (quote, c) {
            (Some(open), c) if c == open => quote = None,
            (None, '"' | '\'') => {
                quote = Some(c);
                word.get_or_insert_default();
            }
            (None, c) if c.is_whitespace() => words.extend(word.take()),
            (None | Some('"'), '\\') => {
                let next = characters.next_if(|next| matches!(next, '"' | '\'' | '\\' | ' '));
                word.get_or_insert_default().push(next.unwrap_or('\\'));
            }
            (_, c) => word.get_or_insert_default().push(c),
        }
    }
    if let Some(open) = quote {
        return Err(format!("the command has a quote {open} that is not closed"));
    }
    words.extend(word);
    match words.first().is_none_or(String::is_empty) {
        true => Err("the command is empty".to_owned()),
        false => Ok(words),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn hook(text: &str) -> Hook {
        Hook::parse(Spanned::new(text.to_owned(), Span::default()), &mut Diagnostics::default()).unwrap()
    }

    #[test]
    fn commands_are_split() {
        for (text, expected) in [
            ("yamlfmt {file}", vec!["yamlfmt", "{file}"]),
            ("  a  'b c' \"d'e\" f\\ g ''", vec!["a", "b c", "d'e", "f g", ""]),
            (r#"C:\bin\x.exe "a\"b" 'c\d'"#, vec![r"C:\bin\x.exe", "a\"b", r"c\d"]),
            ("--x='a b'", vec!["--x=a b"]),
        ] {
            assert_eq!(words(text).unwrap(), expected, "{text}");
        }
        for text in ["", "  ", "a 'b", "a \"b", "''"] {
            assert!(words(text).is_err(), "{text}");
        }
        assert_eq!(hook("x --at={file}").words(Path::new("a b.yaml")), ["x", "--at=a b.yaml"]);
    }

    #[cfg(unix)]
    #[test]
    fn failures_are_reported() {
        let here = Path::new("");
        let file = Path::new("/new file.yaml");
        assert_eq!(hook("printf %s {file}").run(file, here).unwrap(), "/new file.yaml");
        let error = hook("sh -c 'echo broken >&2; exit 3'").run(file, here).unwrap_err();
        assert!(error.message.ends_with("ended with exit status 3"), "{}", error.message);
        assert!(error.notes[0].contains("broken"));
        let error = hook("sh -c 'kill -9 $$'").run(file, here).unwrap_err();
        assert!(error.message.contains("signal"));
        let error = hook("aludel-no-such-program").run(file, here).unwrap_err();
        assert!(error.message.contains("cannot be started"));
    }
}
