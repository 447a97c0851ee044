//! Graphs that are refused, with what is said about them and where.

use aludel_engine::diagnostic::{Diagnostic, Diagnostics};
use aludel_engine::revision::Graph;
use aludel_engine::source::{entries, items};

use super::cases::{files, headers, read, words};

/// Code, message, labels and help in one text.
fn said(diagnostic: &Diagnostic) -> String {
    let labels: Vec<String> = diagnostic.labels.iter().map(|l| format!("{}: {}", l.span.file.0, l.text)).collect();
    let help = diagnostic.help.clone().unwrap_or_default();
    format!("{} {} [{}] {help}", diagnostic.code.id, diagnostic.message, labels.join("; "))
}

#[test]
fn refused() {
    let mut failures = Vec::new();
    for path in files("refused") {
        let root = read(&path);
        for group in items(&root, &mut Diagnostics::default()).unwrap() {
            let about = words(group.get("about")).join(" ");
            let mut diagnostics = Diagnostics::default();
            let mut given = headers(group.get("graph").unwrap());
            assert!(Graph::build(given.clone(), &mut diagnostics).is_none(), "{about}");
            let found: Vec<String> = diagnostics.sorted().iter().map(|d| said(d)).collect();
            let mut reversed = Diagnostics::default();
            given.reverse();
            Graph::build(given, &mut reversed);
            assert_eq!(found, reversed.sorted().iter().map(|d| said(d)).collect::<Vec<_>>(), "{about}: order of files");
            let mut expected = Vec::new();
            for item in items(group.get("says").unwrap(), &mut Diagnostics::default()).unwrap() {
                let (code, parts) = &entries(item, &mut Diagnostics::default()).unwrap()[0];
                expected.push((code.name.clone(), words(Some(parts))));
            }
            let fits = |said: &String, (code, parts): &(String, Vec<String>)| {
                said.starts_with(code.as_str()) && parts.iter().all(|part| said.contains(part.as_str()))
            };
            if found.len() != expected.len() || !found.iter().zip(&expected).all(|(a, b)| fits(a, b)) {
                failures.push(format!("{about}:\n  {}", found.join("\n  ")));
            }
        }
    }
    assert!(failures.is_empty(), "{}", failures.join("\n"));
}
