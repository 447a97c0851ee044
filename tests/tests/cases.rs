//! The pages about cases name cases that are there.

use aludel_tests::repository;

/// What stands in backticks in a line.
fn quoted(line: &str) -> impl Iterator<Item = &str> {
    line.split('`').skip(1).step_by(2)
}

fn is_name(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'_')
}

/// Whether `directory/name` is a case.
fn is_case(path: &str) -> bool {
    repository().join("specs").join(format!("{path}.yaml")).is_file()
}

/// Whether `file` has a pair of this name.
fn is_pair(file: &str, name: &str) -> bool {
    let path = repository().join("specs/diff").join(format!("{file}.yaml"));
    let head = format!("  {name}:");
    std::fs::read_to_string(path).is_ok_and(|text| text.lines().any(|line| line == head))
}

#[test]
fn every_case_of_the_page_is_there() {
    let page = std::fs::read_to_string(repository().join("specs/README.md")).expect("there is a page");
    let mut seen = 0;
    for line in page.lines().filter(|line| line.starts_with('|')) {
        let paths = quoted(line).filter(|text| text.split_once('/').is_some_and(|(a, b)| is_name(a) && is_name(b)));
        for path in paths {
            assert!(is_case(path), "specs/README.md names `{path}`, which is not there");
            seen += 1;
        }
    }
    assert!(seen > 40, "the page names {seen} cases");
}

#[test]
fn every_pair_of_the_page_is_there() {
    let page = std::fs::read_to_string(repository().join("specs/diff/README.md")).expect("there is a page");
    let mut seen = 0;
    for line in page.lines().filter(|line| line.starts_with('|')) {
        // The cells, where a `|` of SQL has a backslash: the pair, what others see, the cases, the databases.
        let line = line.replace("\\|", "");
        let Some(cases) = line.split('|').nth(3) else { continue };
        let mut file = "";
        for text in quoted(cases) {
            let name = match text.split_once("::") {
                Some((other, name)) => {
                    file = other;
                    name
                }
                None => text,
            };
            let there = if text.contains('/') { is_case(text) } else { is_pair(file, name) };
            assert!(there, "specs/diff/README.md names `{text}` of `{file}`, which is not there");
            seen += 1;
        }
    }
    assert!(seen > 180, "the page names {seen} pairs");
}
