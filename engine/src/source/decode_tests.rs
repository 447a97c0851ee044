use super::*;
use crate::diagnostic::short;
use crate::source::{MapReader, Sources, parse};

/// Parses, runs, and gives the result with the messages (and the text after the fix) in order.
fn check<T>(text: &str, run: impl FnOnce(&Node, &mut Diagnostics) -> T) -> (T, Vec<String>) {
    let mut sources = Sources::default();
    let file = sources.add("x", text);
    let mut diagnostics = Diagnostics::default();
    let node = parse(&sources, file, &mut diagnostics).unwrap();
    assert!(diagnostics.is_empty(), "{diagnostics:?}");
    let result = run(&node, &mut diagnostics);
    let said = diagnostics.sorted().into_iter().map(|d| {
        let fixed = d.fix.as_ref().map(|fix| {
            let mut fixed = text.to_owned();
            fixed.replace_range(fix.span.start as usize..fix.span.end as usize, &fix.replacement);
            format!(" => {fixed}")
        });
        short(d, &sources).replace("x:1:", "").replace(" error", "") + &fixed.unwrap_or_default()
    });
    (result, said.collect())
}

fn value<T: Decode>(text: &str) -> Result<T, String> {
    let (value, said) = check(text, |node, diagnostics| T::decode(node.get("k").unwrap(), diagnostics));
    assert_eq!(value.is_none(), !said.is_empty());
    value.ok_or(said.join("\n"))
}

#[test]
fn booleans() {
    assert_eq!(value("k: true"), Ok(true));
    for (text, expected) in [
        ("k: yes", "4:[E0203]: expected a boolean (`true` or `false`), found a string => k: true"),
        ("k: Off", "4:[E0203]: expected a boolean (`true` or `false`), found a string => k: false"),
        ("k: 'true'", "4:[E0203]: expected a boolean (`true` or `false`), found a string => k: true"),
        ("k: maybe", "4:[E0203]: expected a boolean (`true` or `false`), found a string"),
        ("k: 1", "4:[E0203]: expected a boolean (`true` or `false`), found a number"),
        ("k:", "2:[E0203]: expected a boolean (`true` or `false`), found null"),
    ] {
        assert_eq!(value::<bool>(text), Err(expected.to_owned()));
    }
}

#[test]
fn numbers_and_strings() {
    assert_eq!(value("k: 12"), Ok(12_u32));
    assert_eq!(value("k: 007"), Ok(7_u8));
    assert_eq!(value("k: -0x"), Ok("-0x".to_owned()));
    assert_eq!(value("k: +18446744073709551615"), Ok(u64::MAX));
    assert_eq!(value("k: -5"), Ok(-5_i64));
    let range = |at: &str| Err(format!("{at}:[E0205]: expected a whole number from 0 to 255"));
    assert_eq!(value::<u8>("k: 256"), range("4"));
    assert_eq!(value::<u8>("k: -1"), range("4"));
    assert_eq!(value::<u8>("k: 1.5"), range("4"));
    let wrong = "4:[E0203]: expected a whole number, found a string";
    assert_eq!(value::<u8>("k: '5'"), Err(format!("{wrong} => k: 5")));
    assert_eq!(value::<u8>("k: five"), Err(wrong.to_owned()));
    let string = "4:[E0203]: expected a string, found a number";
    assert_eq!(value::<String>("k: 1.10"), Err(format!("{string} => k: \"1.10\"")));
    assert_eq!(value::<String>("k: 5"), Err(string.to_owned()));
    assert_eq!(value::<Spanned<String>>("k: é").map(|s| (s.span.start, s.span.end)), Ok((3, 5)));
    for (written, read) in [("000123", "000123"), ("1e5", "1e5"), ("123", "123"), ("'x'", "x")] {
        let (id, _) = check(&format!("k: {written}"), |node, d| text(node.get("k").unwrap(), d));
        assert_eq!(id.as_deref(), Some(read));
    }
}

#[test]
fn lists_report_every_item() {
    assert_eq!(value("k: [a, b]"), Ok(vec!["a".to_owned(), "b".to_owned()]));
    assert_eq!(value::<Vec<bool>>("k: []"), Ok(vec![]));
    assert_eq!(value::<Vec<String>>("k: [a, 1, null]").unwrap_err().lines().count(), 2);
    assert_eq!(value::<Vec<String>>("k: a"), Err("4:[E0203]: expected a list, found a string".to_owned()));
    for (text, count) in [("k: a", 1), ("k: [a, b]", 2)] {
        let (read, _) = check(text, |node, d| one_or_many::<String>(node.get("k").unwrap(), d));
        assert_eq!(read.map(|items| items.len()), Some(count));
    }
}

#[test]
fn words() {
    let actions = [("cascade", 1), ("restrict", 2), ("set null", 3)];
    for (text, expected, message) in [
        ("k: set null", Some(3), ""),
        ("k: casacde", None, "4:[E0204]: unknown action `casacde` => k: cascade"),
        ("k: banana", None, "4:[E0204]: unknown action `banana`"),
        ("k: null", None, "4:[E0203]: expected a word, found null"),
    ] {
        let (read, said) = check(text, |node, d| one_of(node.get("k").unwrap(), "action", &actions, d));
        assert_eq!((read, said.join("")), (expected, message.to_owned()));
    }
}

#[test]
fn maps_report_all_at_once() {
    let (read, said) = check("{table: users, nulable: yes, if_exists: 1, zzz: 2}", |node, diagnostics| {
        let mut map = MapReader::new(node, "add_column", diagnostics)?.needs(&["table", "column"]);
        let table: Option<String> = map.need("table", diagnostics);
        let column: Option<String> = map.need("column", diagnostics);
        let nullable: Option<bool> = map.get("nullable", diagnostics);
        let if_exists: Option<bool> = map.get("if_exists", diagnostics);
        map.finish(diagnostics);
        Some((table?, column?, nullable?, if_exists?))
    });
    assert_eq!(read, None);
    assert_eq!(
        said,
        [
            "1:[E0202]: `add_column` needs the key `column`",
            "16:[E0201]: unknown key `nulable` => {table: users, nullable: yes, if_exists: 1, zzz: 2}",
            "41:[E0203]: expected a boolean (`true` or `false`), found a number",
            "44:[E0201]: unknown key `zzz`",
        ]
    );
}

#[test]
fn null_is_a_value_and_the_rest_can_be_taken() {
    let (rest, said) = check("{default: null, b: 1, c: 2}", |node, diagnostics| {
        let mut map = MapReader::new(node, "column", diagnostics).unwrap();
        assert!(map.optional("default").is_some());
        assert!(map.optional("absent").is_none());
        let rest: Vec<_> = map.rest().into_iter().map(|(key, _)| key.name.clone()).collect();
        map.finish(diagnostics);
        rest
    });
    assert_eq!(rest, ["b", "c"]);
    assert!(said.is_empty());
    let (none, said) = check("[a]", |node, diagnostics| MapReader::new(node, "drop_table", diagnostics).is_none());
    assert!(none);
    assert_eq!(said, ["1:[E0203]: expected a map, found a list"]);
}
