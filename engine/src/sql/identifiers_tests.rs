use proptest::prelude::*;

use super::super::samples::{ALL, MYSQL, POSTGRES, SQLITE};
use super::*;

#[test]
fn mentioned() {
    for (expression, expected) in [
        ("a > 0", true),
        ("A > 0", true),
        ("t.a > 0", true),
        ("NEW . a > 0", true),
        ("\"a\" > 0", true),
        ("lower(a)", true),
        ("x::date > a", true),
        ("a::text", true),
        ("\"A\" > 0", false),
        ("ab > 0", false),
        ("a(1)", false),
        ("a (1)", false),
        ("a.b > 0", false),
        ("'a' = x", false),
        ("x /* a */ -- a", false),
        ("$$a$$ = x", false),
        ("x::a", false),
        ("CAST(x AS a)", false),
        ("x COLLATE a", false),
        ("a '2020'", false),
        ("", false),
    ] {
        assert_eq!(mentions(expression, "a", &POSTGRES), expected, "{expression}");
    }
    assert!(mentions("\"A b\" > 0", "A b", &POSTGRES));
    assert!(!mentions("Total > 0", "Total", &POSTGRES));
    assert!(mentions("`A` > 0", "a", &MYSQL));
    assert!(!mentions("\"a\" > x", "a", &MYSQL));
    assert!(mentions("[a] > 0", "A", &SQLITE));
    assert!(!mentions("x IN (1) AND NOT y", "in", &SQLITE));
    assert!(mentions("\"in\" > 1", "in", &SQLITE));
    assert!(!mentions("x > now() - INTERVAL 1 DAY", "day", &MYSQL));
    assert!(!mentions("extract(year FROM x) > 1", "year", &POSTGRES));
    assert!(!mentions("CASE WHEN x THEN 1 END", "end", &SQLITE));
    assert!(mentions("end > 1", "end", &SQLITE));
}

#[test]
fn listed() {
    let list = |text: &str, l: &Lexicon| identifiers(text, l).join(",");
    assert_eq!(list("lower(A) = t.b AND \"C\" IN ('x', a)", &POSTGRES), "a,b,C");
    assert_eq!(list("`A` + a + B", &MYSQL), "A,B");
    assert_eq!(list("1 + 'a'", &SQLITE), "");
}

#[test]
fn renamed() {
    for (expression, to, expected) in [
        ("a>0", "b", "b>0"),
        (" A  > /* a */ t.a", "b", " b  > /* a */ t.b"),
        ("\"a\"IN (1) AND NOT\"a\"", "b", "\"b\"IN (1) AND NOT\"b\""),
        ("a || 'a' || a(a)", "B c", "\"B c\" || 'a' || a(\"B c\")"),
        ("x", "b", "x"),
        ("a>0", "order", "\"order\">0"),
    ] {
        assert_eq!(rename_identifier(expression, "a", to, &POSTGRES), expected);
    }
    assert_eq!(rename_identifier("`a`+A", "a", "b", &MYSQL), "`b`+b");
    assert_eq!(rename_identifier("a > 1", "a", "Group", &MYSQL), "`Group` > 1");
    assert_eq!(rename_identifier("[a] > 1", "a", "b", &SQLITE), "[b] > 1");
}

proptest! {
    #[test]
    fn there_and_back(text in super::super::samples::sql_like()) {
        for lexicon in &ALL {
            let _ = identifiers(&text, lexicon);
            prop_assume!(!text.contains("zq"));
            let there = rename_identifier(&text, "a", "zq", lexicon);
            let back = rename_identifier(&there, "zq", "a", lexicon);
            if lexicon.case_insensitive_names || text.contains('A') {
                prop_assert_eq!(back.to_lowercase(), text.to_lowercase());
            } else {
                prop_assert_eq!(&back, &text);
            }
            prop_assert_eq!(there == text, !mentions(&text, "a", lexicon));
        }
    }
}

#[test]
fn qualifiers_are_renamed() {
    for (expression, expected) in [
        ("t.n > 0", "u.n > 0"),
        ("\"t\" . n > T.n", "\"u\" . n > u.n"),
        ("app.t.n > other.t.n", "app.u.n > other.t.n"),
        ("t > 0 AND x.t > 't.n'", "t > 0 AND x.t > 't.n'"),
        ("t.f(n) > 0", "t.f(n) > 0"),
    ] {
        assert_eq!(rename_qualifier(expression, Some("app"), "t", "u", &POSTGRES), expected, "{expression}");
    }
    assert_eq!(rename_qualifier("`T`.n + t.n", None, "t", "new one", &MYSQL), "`new one`.n + `new one`.n");
    assert_eq!(rename_qualifier("app.t.n", None, "t", "u", &POSTGRES), "app.t.n");
}

#[test]
fn texts_are_found() {
    for (expression, wanted, lexicon) in [
        ("a = 'done'", "done", &POSTGRES),
        ("a = 'it''s'", "it's", &SQLITE),
        ("a = E'it\\'s'", "it's", &POSTGRES),
        ("a = $x$done$x$", "done", &POSTGRES),
        ("a = \"done\"", "done", &MYSQL),
        ("a = _utf8mb4'it\\'s'", "it's", &MYSQL),
    ] {
        assert!(mentions_text(expression, wanted, lexicon), "{expression}");
        assert!(!mentions_text(expression, "don", lexicon), "{expression}");
    }
    assert!(!mentions_text("done = \"done\" -- 'done'", "done", &SQLITE));
}
