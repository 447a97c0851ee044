use proptest::prelude::*;

use super::*;
use crate::diagnostic::codes;

fn one(text: &str) -> (Sources, impl Fn(usize, usize) -> Span + use<>) {
    let mut sources = Sources::default();
    let file = sources.add("migrations/x.yaml", text);
    (sources, move |start, end| Span { file, start: start as u32, end: end as u32 })
}

#[test]
fn shows_the_line_and_the_edit() {
    let (sources, at) = one("upgrade:\n- add_column:\n    table: users\n    nulable: false\n");
    let diagnostic = Diagnostic::error(&codes::UNKNOWN_KEY, "unknown key `nulable`")
        .at(at(44, 51), "`add_column` has no such key")
        .note("a fact")
        .help("did you mean `nullable`?")
        .fix(at(44, 51), "nullable");
    let expected = "\
error[E0201]: unknown key `nulable`
 --> migrations/x.yaml:4:5
  |
4 |     nulable: false
  |     ^^^^^^^ `add_column` has no such key
  |
  = note: a fact
help: did you mean `nullable`?
  |
4 |     nullable: false
  |        +";
    assert_eq!(render(&diagnostic, &sources, false), expected);
    assert!(render(&diagnostic, &sources, true).contains("\u{1b}["));
    assert_eq!(short(&diagnostic, &sources), "migrations/x.yaml:4:5: error[E0201]: unknown key `nulable`");
    let json = to_json(&diagnostic, &sources);
    assert_eq!(
        json["labels"][0],
        json!({"file": "migrations/x.yaml", "line": 4, "column": 5, "end_line": 4, "end_column": 12, "text": "`add_column` has no such key"})
    );
    assert_eq!(json["fix"]["replacement"], "nullable");
    assert_eq!(json["severity"], "error");
}

#[test]
fn shows_both_places_and_folds_between() {
    let (sources, at) = one(&format!("a: 1\n{}a: 2\n", "b:\n".repeat(50)));
    let diagnostic =
        Diagnostic::error(&codes::DUPLICATE_KEY, "twice").at(at(155, 156), "here again").at(at(0, 1), "first here");
    let text = render(&diagnostic, &sources, false);
    assert!(text.contains("x.yaml:52:1") && text.contains("- first here") && text.contains("^ here again"), "{text}");
    assert!(text.lines().count() < 12, "{text}");
}

#[test]
fn without_a_place() {
    let diagnostic = Diagnostic::error(&codes::FILE_UNREADABLE, "cannot read `x`").help("look");
    let sources = Sources::default();
    assert!(render(&diagnostic, &sources, false).starts_with("error[E0102]: cannot read `x`"));
    assert_eq!(short(&diagnostic, &sources), "error[E0102]: cannot read `x`");
}

#[test]
fn the_terminal_is_safe() {
    let (sources, at) = one("a\u{1b}[31m: \u{9b}31m \u{202e}b\rc\u{7}\n");
    let diagnostic = Diagnostic::error(&codes::YAML_SYNTAX, "bad \u{1b}]0;x\u{7} \u{9d}")
        .at(at(0, 5), "\u{1b}[2J")
        .help("\u{1b}c")
        .fix(at(0, 1), "\u{1b}c");
    for text in [render(&diagnostic, &sources, false), short(&diagnostic, &sources)] {
        assert!(!text.chars().any(|c| (c.is_control() && c != '\n') || c == '\u{202e}'), "{text:?}");
    }
}

#[test]
fn long_lines_stay_short() {
    let (sources, at) = one(&format!("a: {}\nb: {} x\n", "x".repeat(5_000_000), "y".repeat(1000)));
    let there =
        |start, end| render(&Diagnostic::error(&codes::YAML_SYNTAX, "bad").at(at(start, end), "this"), &sources, false);
    let huge = there(1_000_000, 1_000_001);
    assert!(huge.contains("x.yaml:1") && huge.contains("this") && huge.len() < 200, "{huge}");
    let long = there(5_001_008, 5_001_009);
    assert!(long.contains("x.yaml:2") && long.lines().all(|line| line.len() < 200), "{long}");
}

proptest! {
    #[test]
    fn never_panics(text in "(\\PC|[\\r\\n\\t\u{0}\u{1b}é\u{200d}]){0,60}", a in 0usize..80, b in 0usize..80, c in 0usize..80, new in "\\PC{0,5}") {
        let (sources, at) = one(&text);
        let diagnostic = Diagnostic::error(&codes::YAML_SYNTAX, "m").at(at(a, b), "one").at(at(c, a), "").fix(at(b, c), new);
        let _ = render(&diagnostic, &sources, false);
        let _ = short(&diagnostic, &sources);
        let _ = to_json(&diagnostic, &sources);
    }
}
