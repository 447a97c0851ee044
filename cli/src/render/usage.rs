//! A command line that could not be read, and the help that was asked for.

use std::io::Write;

use anstream::{AutoStream, ColorChoice};
use serde_json::json;

use super::terminal::secrets_of;

/// Shows help, version, or what is wrong with the command line, and gives the exit code.
pub(crate) fn usage(error: &clap::Error) -> u8 {
    let words: Vec<String> = std::env::args().collect();
    let text = hidden(error.render().ansi().to_string(), &words);
    let choice = colour(&words);
    if !error.use_stderr() {
        // Nobody can be told that the help could not be shown.
        let _ = AutoStream::new(std::io::stdout(), choice).lock().write_all(text.as_bytes());
        return 0;
    }
    if words.iter().skip(1).take_while(|word| *word != "--").any(|word| word == "--json") {
        let plain = hidden(error.render().to_string(), &words);
        let message = plain.trim().trim_start_matches("error: ").to_owned();
        let diagnostic = json!({
            "code": aludel_engine::diagnostic::codes::USAGE.id, "severity": "error", "message": message,
            "labels": [], "notes": [], "help": null, "fix": null,
        });
        let document = json!({"error": {"message": "1 error", "diagnostics": [diagnostic], "done": []}});
        let _ = writeln!(std::io::stdout().lock(), "{document:#}");
        return 2;
    }
    let _ = AutoStream::new(std::io::stderr(), choice).lock().write_all(text.as_bytes());
    2
}

fn hidden(text: String, words: &[String]) -> String {
    secrets_of(words.iter().cloned()).iter().fold(text, |text, (secret, shown)| text.replace(secret, shown))
}

/// What `--color` says, as far as it can be told from words that do not make a command line.
fn colour(words: &[String]) -> ColorChoice {
    let follows = words.windows(2).filter(|pair| pair[0] == "--color").map(|pair| pair[1].as_str());
    match words.iter().filter_map(|word| word.strip_prefix("--color=")).chain(follows).next() {
        Some("never") => ColorChoice::Never,
        Some("always") => ColorChoice::Always,
        _ => ColorChoice::Auto,
    }
}
