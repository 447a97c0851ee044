//! Takes out of a text what differs from run to run.

use std::path::Path;

/// Dates, times, lengths of time, new ids, the host and the directory become words.
pub fn tidy(text: &str, root: &Path) -> String {
    let text = text.replace(&root.display().to_string(), "[dir]");
    let host = std::fs::read_to_string("/proc/sys/kernel/hostname").unwrap_or_default();
    let lines = text.lines().map(|line| tidy_line(line, host.trim()));
    lines.map(|line| format!("{}\n", line.trim_end())).collect()
}

fn tidy_line(line: &str, host: &str) -> String {
    let line = shaped(line, "0000-00-00", "DATE");
    let line = shaped(&line, "00:00:00.000", "TIME");
    let line = shaped(&line, "00:00:00", "TIME");
    let line = line.replace("under 1 ms", "TOOK").replace("DATETTIMEZ", "MOMENT");
    let mut words: Vec<String> = line.split(' ').map(str::to_owned).collect();
    for place in 1..words.len() {
        let number = words[place - 1].trim_start_matches('(').to_owned();
        let unit = words[place].trim_end_matches([')', ':', ',']).to_owned();
        if matches!(unit.as_str(), "ms" | "s") && number.parse::<f64>().is_ok() {
            words[place] = words[place].replacen(&unit, "TOOK", 1);
            words[place - 1] = words[place - 1].replacen(&number, "", 1);
        }
        if !host.is_empty() && words[place] == host {
            words[place] = "HOST".to_owned();
        }
    }
    words.join(" ").replace("( TOOK", "(TOOK").replace("  TOOK", " TOOK")
}

/// Replaces what has the shape of a pattern in which `0` is a digit.
fn shaped(text: &str, pattern: &str, word: &str) -> String {
    let pattern = pattern.as_bytes();
    let bytes = text.as_bytes();
    let fits = |at: usize| {
        bytes.len() >= at + pattern.len()
            && pattern.iter().zip(&bytes[at..]).all(|(p, b)| if *p == b'0' { b.is_ascii_digit() } else { p == b })
    };
    let mut tidied = String::new();
    let mut at = 0;
    while at < text.len() {
        if fits(at) {
            tidied.push_str(word);
            at += pattern.len();
        } else {
            let c = text[at..].chars().next().unwrap();
            tidied.push(c);
            at += c.len_utf8();
        }
    }
    tidied
}
