//! Keeps the secrets of the project file out of messages that show its lines.

use std::ops::Range;

use crate::source::{FileId, Node, NodeKind, Sources};

/// Puts stars over every password in the text of the project file. What is read of it has been read before; the text
/// stays for messages only. `node` is the file's tree, when there is one.
pub(in crate::project) fn conceal(sources: &mut Sources, file: FileId, node: Option<&Node>) {
    let Some(text) = sources.get(file).map(|file| file.text.clone()) else { return };
    let mut secrets = Vec::new();
    // Wherever a URL stands, in a file that cannot be read too.
    for (at, _) in text.match_indices("://") {
        let end = text[at..].find(|c: char| c.is_whitespace() || c == '"' || c == '\'').map_or(text.len(), |n| at + n);
        secrets_of(&text, at..end, &mut secrets);
    }
    // A password may hold white space and quotes, so that only the tree tells where it ends.
    let urls = match node.and_then(|node| node.get("databases")).map(|node| &node.kind) {
        Some(NodeKind::Mapping(entries)) => {
            entries.iter().map(|(_, value)| value.get("url").unwrap_or(value)).collect()
        }
        _ => Vec::new(),
    };
    for url in urls.into_iter().filter(|url| matches!(url.kind, NodeKind::String(_)) && url.span.file == file) {
        let range = url.span.start as usize..url.span.end as usize;
        if let Some(at) = text.get(range.clone()).and_then(|written| written.find("://")) {
            secrets_of(&text, range.start + at..range.end, &mut secrets);
        }
    }
    for range in secrets {
        sources.conceal(file, range);
    }
}

/// The secret parts of a URL that starts at its `://`.
fn secrets_of(text: &str, url: Range<usize>, secrets: &mut Vec<Range<usize>>) {
    let written = &text[url.clone()];
    let login = 3..written.rfind('@').unwrap_or(0).max(3);
    if let Some(colon) = written[login.clone()].find(':') {
        keep_names(text, url.start + login.start + colon + 1..url.start + login.end, secrets);
    }
    let mut at = written.find('?').map_or(written.len(), |mark| mark + 1);
    while at < written.len() {
        let end = written[at..].find('&').map_or(written.len(), |n| at + n);
        if let Some((name, _)) = written[at..end].split_once('=') {
            let name = name.to_ascii_lowercase();
            if ["pass", "secret", "token", "key"].iter().any(|word| name.contains(word)) {
                keep_names(text, url.start + at + name.len() + 1..url.start + end, secrets);
            }
        }
        at = end + 1;
    }
}

/// Leaves out `${NAME}`: a variable's name is no secret, and messages point at it.
fn keep_names(text: &str, range: Range<usize>, secrets: &mut Vec<Range<usize>>) {
    let mut start = range.start;
    while let Some(at) = text[start..range.end].find("${") {
        let name = start + at + 2;
        let end = text[name..range.end].find(|c: char| !c.is_ascii_alphanumeric() && c != '_');
        let end = end.map_or(range.end, |n| name + n);
        secrets.push(start..start + at);
        start = end;
    }
    secrets.push(start..range.end);
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::diagnostic::Diagnostics;
    use crate::source::parse;

    #[test]
    fn passwords_are_covered() {
        for (text, expected) in [
            ("a: postgres://u:secret@h/d?x=1", "a: postgres://u:******@h/d?x=1"),
            ("a: postgres://u:${PW:-top}@${HOST}/d", "a: postgres://u:${PW******@${HOST}/d"),
            ("a: postgres://u:s@x@h/d", "a: postgres://u:***@h/d"),
            ("a: mysql://h/d?password=x&ssl=1", "a: mysql://h/d?password=*&ssl=1"),
            ("a: postgres://u@h/d", "a: postgres://u@h/d"),
            ("a: \"mysql://u:p@h/d\n", "a: \"mysql://u:*@h/d\n"),
            (
                "databases: {x: 'mysql://u:a b''c@h/d', y: {url: \"my://u:a b@h\"}}",
                "databases: {x: 'mysql://u:******@h/d', y: {url: \"my://u:***@h\"}}",
            ),
            ("databases: [", "databases: ["),
        ] {
            let mut sources = Sources::default();
            let file = sources.add("aludel.yaml", text);
            let node = parse(&sources, file, &mut Diagnostics::default());
            conceal(&mut sources, file, node.as_ref());
            assert_eq!(sources.get(file).unwrap().text, expected);
        }
    }
}
