use proptest::prelude::*;

use super::*;
use crate::diagnostic::{Diagnostics, render};
use crate::source::{Key, Span, parse_header};

fn read(text: &str) -> (Option<Node>, Vec<String>) {
    let mut sources = Sources::default();
    let file = sources.add("x.yaml", text);
    let mut diagnostics = Diagnostics::default();
    let node = parse(&sources, file, &mut diagnostics);
    assert!(node.is_some() || diagnostics.has_errors(), "nothing said about {text:?}");
    let said = diagnostics.sorted().into_iter().map(|d| {
        let (line, column) = d.labels.first().map_or((0, 0), |label| sources.line_column(label.span));
        format!("{} {line}:{column}", d.code.id)
    });
    (node, said.collect())
}

fn good(text: &str) -> Node {
    let (node, said) = read(text);
    assert!(said.is_empty(), "{text:?}: {said:?}");
    node.unwrap()
}

/// The tree in one line, without places.
fn show(node: &Node) -> String {
    match &node.kind {
        NodeKind::Null => "~".to_owned(),
        NodeKind::Bool(value) => value.to_string(),
        NodeKind::Integer(value) => value.to_string(),
        NodeKind::Number(words) => format!("#{words}"),
        NodeKind::String(text) => format!("{text:?}"),
        NodeKind::Sequence(items) => format!("[{}]", items.iter().map(show).collect::<Vec<_>>().join(", ")),
        NodeKind::Mapping(entries) => {
            let entries: Vec<_> = entries.iter().map(|(key, value)| format!("{}: {}", key.name, show(value))).collect();
            format!("{{{}}}", entries.join(", "))
        }
    }
}

#[test]
fn values() {
    for (text, expected) in [
        ("a: no\nb: on\nc: y\nd: \"1\"\ne: 1\nf: 1.10", r##"{a: "no", b: "on", c: "y", d: "1", e: 1, f: #1.10}"##),
        ("a:\nb: ~\nc: ''\nd: |\n  x\n  y\ne: >-\n  x\n  y\n", r#"{a: ~, b: ~, c: "", d: "x\ny\n", e: "x y"}"#),
        ("a: [1, {b: c}]\r\nd:\r\n- e\r\n", r#"{a: [1, {b: "c"}], d: ["e"]}"#),
        ("a: &x [1]\nb: *x\n&k c: *k", r#"{a: [1], b: [1], c: "c"}"#),
        (
            "a: !!str 1\nb: ! 2\nc: !!int 3\nd: !!float 4\ne: !!null\nf: !!map {}\ng: !!str",
            r##"{a: "1", b: "2", c: 3, d: #4, e: ~, f: {}, g: ""}"##,
        ),
        ("a: \u{a0}\nb: \u{3000}x\u{a0}", r#"{a: "\u{a0}", b: "\u{3000}x\u{a0}"}"#),
        ("---\na: 1\n...\n", "{a: 1}"),
        ("%YAML 1.2\n---\na: 1\n", "{a: 1}"),
        ("\u{feff}a: 1", "{a: 1}"),
        ("upgrade:\n- create_table: {\n  a: 1\n}\n", "{upgrade: [{create_table: {a: 1}}]}"),
        ("on: 1\nyes: 2\n'1': 3", "{on: 1, yes: 2, 1: 3}"),
        ("\"a\\x1bb\": 1", "{a\u{1b}b: 1}"),
    ] {
        assert_eq!(show(&good(text)), expected, "{text:?}");
    }
}

#[test]
fn merge_keys() {
    let base = "b: &b {x: 1, y: 2}\nc: &c {y: 3, z: 4}\n";
    for (text, expected) in [
        ("d: {<<: *b, y: 9, w: 0}", "{y: 9, w: 0, x: 1}"),
        ("d:\n  y: 9\n  <<: [*b, *c]", "{y: 9, x: 1, z: 4}"),
        ("d: {<<: [*c, *b]}", "{y: 3, z: 4, x: 1}"),
        ("d: {<<: {q: 1}}", "{q: 1}"),
        ("d: {'<<': 1}", "{<<: 1}"),
    ] {
        let node = good(&format!("{base}{text}"));
        assert_eq!(show(node.get("d").unwrap()), expected, "{text}");
    }
}

#[test]
fn mistakes() {
    for (text, expected) in [
        ("", &["E0106 1:1"][..]),
        ("# nothing\n", &["E0106 1:1"]),
        ("---\n", &["E0106 1:1"]),
        ("a: 1\na: 2\nb: {c: 1, c: 2}\na: 3", &["E0107 2:1", "E0107 3:11", "E0107 4:1"]),
        ("1: a\ntrue: b\n~: c\n[x]: d\n: e", &["E0108 1:1", "E0108 2:1", "E0108 3:1", "E0108 4:1", "E0108 5:1"]),
        ("a: !foo 1\nb: !!int x\nc: !!set {a}\nd: !!bool 'yes'", &["E0109 1:4", "E0109 2:4", "E0109 3:4", "E0109 4:4"]),
        ("a: 1\n---\nb: 2", &["E0110 2:1"]),
        ("a: *b", &["E0113 1:4"]),
        ("a: &a [*a]", &["E0113 1:8"]),
        ("a: {<<: 1}\nb: {<<: [{c: 1}, x]}", &["E0114 1:9", "E0114 2:18"]),
        ("a: {<<: {b: 1}, <<: {c: 1}}", &["E0107 1:17"]),
        ("a:\n\tb: 1", &["E0115 2:1"]),
        ("a:\n  b: 1\n\tc: 1", &["E0115 3:1"]),
        ("%YAML 1.1\n---\na: 1", &["E0116 2:1"]),
        ("a: 1\u{0}", &["E0105 1:5"]),
        ("é: \u{1b}[31m", &["E0105 1:4"]),
        ("a: \u{9b}31m", &["E0105 1:4"]),
        ("a: \u{feff}x", &["E0101 1:4"]),
        ("a: b: c", &["E0101 1:5"]),
        ("a:1\nb: 2", &["E0101 2:2"]),
        ("a: @x", &["E0101 1:4"]),
        ("a: [1, 2", &["E0101 1:4"]),
        ("a: \"x", &["E0101 1:4"]),
        ("a: 'it's'", &["E0101 1:8"]),
        ("a: {b: 1}}", &["E0101 1:10"]),
        ("- a\nb: 1", &["E0101 2:1"]),
        ("a: 1\na: 2\nb: [", &["E0101 3:4"]),
    ] {
        assert_eq!(read(text).1, expected, "{text:?}");
    }
}

#[test]
fn a_key_written_twice_keeps_the_first() {
    assert_eq!(show(&read("a: 1\nb: 2\na: 3").0.unwrap()), "{a: 1, b: 2}");
}

#[test]
fn spans_are_what_was_written() {
    let text = "é:\n  - 'x y'\n  - {a: 1}\n  - |\n    block\n\nlast: [1,\n  2] # c\n";
    let node = good(text);
    let cut = |span: Span| &text[span.start as usize..span.end as usize];
    let NodeKind::Sequence(items) = &node.get("é").unwrap().kind else { panic!("{node:?}") };
    let written: Vec<_> = items.iter().map(|item| cut(item.span)).collect();
    assert_eq!(written, ["'x y'", "{a: 1}", "block"]);
    assert_eq!(cut(node.get("last").unwrap().span), "[1,\n  2]");
    assert_eq!(cut(node.span), text.trim_end().trim_end_matches(" # c"));
}

#[test]
fn hostile_files_are_refused_soon() {
    let laughs: String =
        (1..12).map(|n| format!("a{n}: &a{n} [{}]\n", vec![format!("*a{}", n - 1); 10].join(", "))).collect();
    let chain: String =
        (1..500).map(|n| format!("a{n}: &a{n} {}*a{}{}\n", "[".repeat(20), n - 1, "]".repeat(20))).collect();
    let text = "x".repeat(1_000_000);
    for (name, text, code) in [
        ("laughs", format!("a0: &a0 lol\n{laughs}"), "E0112"),
        ("big text", format!("a: &a {text}\nb: [{}]", "*a, ".repeat(100)), "E0112"),
        ("chain", format!("a0: &a0 x\n{chain}"), "E0111"),
        ("brackets", "[".repeat(100_000), "E0111"),
        ("braces", "{a: ".repeat(100_000), "E0111"),
        ("dashes", "- ".repeat(100_000), "E0111"),
        ("indents", (0..1000).map(|n| format!("{}a:\n", " ".repeat(n))).collect(), "E0111"),
        ("question marks", "? ".repeat(100_000), "E0111"),
    ] {
        let started = std::time::Instant::now();
        let (node, said) = read(&text);
        assert!(node.is_none(), "{name}");
        assert!(said.iter().all(|said| said.starts_with(code)), "{name}: {said:?}");
        assert!(started.elapsed().as_secs() < 5, "{name} took {:?}", started.elapsed());
    }
    let started = std::time::Instant::now();
    assert_eq!(read(&"a: 1\n".repeat(20_000)).1.len(), 19_999);
    assert!(started.elapsed().as_secs() < 5, "repeated keys took {:?}", started.elapsed());
    let wide: String = (0..50_000).map(|n| format!("k{n}: {n}\n")).collect();
    assert!(matches!(good(&wide).kind, NodeKind::Mapping(entries) if entries.len() == 50_000));
}

fn check_spans(node: &Node, text: &str) {
    let inside =
        |span: Span| assert!(text.get(span.start as usize..span.end as usize).is_some(), "{span:?} in {text:?}");
    inside(node.span);
    match &node.kind {
        NodeKind::Sequence(items) => items.iter().for_each(|item| check_spans(item, text)),
        NodeKind::Mapping(entries) => entries.iter().for_each(|(key, value)| {
            inside(key.span);
            check_spans(value, text);
        }),
        _ => {}
    }
}

/// Values as serde_yaml writes them, with the node each should be read back as.
fn tree() -> impl Strategy<Value = (serde_yaml::Value, NodeKind)> {
    let leaf = prop_oneof![
        Just((serde_yaml::Value::Null, NodeKind::Null)),
        any::<bool>().prop_map(|b| (b.into(), NodeKind::Bool(b))),
        any::<i64>().prop_map(|n| (n.into(), NodeKind::Integer(n))),
        // serde_yaml writes some control characters as they are, which YAML forbids; see the mistakes above.
        "(\\PC|[ \\n\\t:#'\"-]){0,12}|no|yes|on|null|~|0x1|1e3|<<|007"
            .prop_map(|s| (s.clone().into(), NodeKind::String(s))),
    ];
    let node = |kind| Node { span: Span::default(), kind };
    leaf.prop_recursive(4, 40, 6, move |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..6).prop_map(move |items| {
                let (values, kinds): (Vec<_>, Vec<_>) = items.into_iter().unzip();
                (values.into(), NodeKind::Sequence(kinds.into_iter().map(node).collect()))
            }),
            prop::collection::btree_map("[a-zé :]{0,8}", inner, 0..6).prop_map(move |items| {
                let values = items.iter().map(|(k, (v, _))| (k.clone().into(), v.clone())).collect();
                let key = |name| Key { name, span: Span::default() };
                let kinds = items.into_iter().map(|(k, (_, kind))| (key(k), node(kind))).collect();
                (serde_yaml::Value::Mapping(values), NodeKind::Mapping(kinds))
            }),
        ]
    })
}

proptest! {
    #[test]
    fn never_panics_and_spans_are_inside(text in "([a-c]: |- |[\\[\\]{}:,\\-?&*!|>'\"%@#~<]|a|1|é|😀|\\n|\\r\\n|\\t|  |---\\n|<<: |&a |\\*a|\\PC){0,60}") {
        let mut sources = Sources::default();
        let file = sources.add("x.yaml", text.as_str());
        let mut diagnostics = Diagnostics::default();
        let text = sources.get(file).unwrap().text.clone();
        if let Some(node) = parse(&sources, file, &mut diagnostics) {
            check_spans(&node, &text);
        }
        if let Some(node) = parse_header(&sources, file, &mut diagnostics) {
            check_spans(&node, &text);
        }
        for diagnostic in diagnostics.sorted() {
            for label in &diagnostic.labels {
                prop_assert!(text.get(label.span.start as usize..label.span.end as usize).is_some());
            }
            let _ = render(diagnostic, &sources, false);
        }
    }

    #[test]
    fn reads_what_serde_yaml_writes((value, kind) in tree()) {
        let text = serde_yaml::to_string(&value).unwrap();
        let (node, said) = read(&text);
        if kind == NodeKind::Null {
            prop_assert!(node.is_some(), "{text:?}");
        }
        prop_assert_eq!(&said, &Vec::<String>::new(), "{:?}", text);
        prop_assert_eq!(show(&node.unwrap()), show(&Node { span: Span::default(), kind }), "{:?}", text);
    }
}
