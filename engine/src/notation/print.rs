//! YAML as a person lays it out: what is short stands on one line, the rest in blocks.

use serde_yaml::value::{Tag, TaggedValue};
use serde_yaml::{Mapping, Value as Yaml};

use crate::source::{NodeKind, resolve};

/// The width that a line in braces or brackets may have: 120, less the two that the steps of a revision are indented by.
const WIDTH: usize = 118;

/// Marks a number whose words a float would not keep, such as `1.10`. [`print`] writes the words alone.
const NUMBER: &str = "number";

/// A number in the words it was written in; none where the language would read another value.
pub(super) fn number(words: &str) -> Option<Yaml> {
    if resolve(words) != NodeKind::Number(words.to_owned()) {
        return None;
    }
    let float = words.parse::<f64>().ok().filter(|float| float.is_finite()).map(Yaml::from);
    let kept = |number: &Yaml| serde_yaml::to_string(number).is_ok_and(|text| text.trim_end() == words);
    Some(float.filter(kept).unwrap_or_else(|| {
        Yaml::Tagged(Box::new(TaggedValue { tag: Tag::new(NUMBER), value: Yaml::String(words.to_owned()) }))
    }))
}

/// The text of a document.
///
/// Maps and lists that fit are written on one line, as in `id: {type: bigint, primary_key: true}`; the columns of a table,
/// lists of several maps, texts of several lines and everything directly in the document are not. Strings are in quotes
/// unless they are plain words. What is written is read back as the same value, by this engine and by any reader of YAML 1.2.
#[must_use]
pub fn print(document: &Yaml) -> String {
    let mut text = String::new();
    match document {
        Yaml::Mapping(map) if !map.is_empty() => block_map(map, 0, true, &mut text),
        Yaml::Sequence(items) if !items.is_empty() => block_list(items, 0, &mut text),
        scalar => {
            text.push_str(&flow(scalar).unwrap_or_default());
            text.push('\n');
        }
    }
    text
}

fn block_map(map: &Mapping, indent: usize, root: bool, text: &mut String) {
    for (place, (key, value)) in map.iter().enumerate() {
        if place > 0 {
            pad(indent, text);
        }
        let key = flow(key).unwrap_or_default();
        text.push_str(&key);
        text.push(':');
        entry(&key, value, indent, root, text);
    }
}

/// The value of a key, after its colon.
fn entry(key: &str, value: &Yaml, indent: usize, root: bool, text: &mut String) {
    if let Yaml::String(lines) = value
        && let Some(header) = literal_header(lines)
    {
        text.push(' ');
        text.push_str(header);
        for line in lines.trim_end_matches('\n').split('\n') {
            text.push('\n');
            if !line.is_empty() {
                pad(indent + 2, text);
                text.push_str(line);
            }
        }
        text.push('\n');
        return;
    }
    let spread = root
        && match value {
            Yaml::Mapping(map) => !map.is_empty(),
            Yaml::Sequence(items) => items.iter().any(is_collection),
            _ => false,
        };
    let line = if spread { None } else { one_line(key, value, indent + key.chars().count() + 2) };
    match (line, value) {
        (Some(line), _) => {
            text.push(' ');
            text.push_str(&line);
            text.push('\n');
        }
        (None, Yaml::Mapping(map)) => {
            text.push('\n');
            pad(indent + 2, text);
            block_map(map, indent + 2, false, text);
        }
        (None, Yaml::Sequence(items)) => {
            text.push('\n');
            pad(indent + 2, text);
            block_list(items, indent + 2, text);
        }
        (None, _) => text.push('\n'),
    }
}

fn block_list(items: &[Yaml], indent: usize, text: &mut String) {
    for (place, item) in items.iter().enumerate() {
        if place > 0 {
            pad(indent, text);
        }
        text.push_str("- ");
        match (item, one_line("", item, indent + 2)) {
            // A step is an operation, perhaps with modifiers beside it; the braces are those of its keys.
            (Yaml::Mapping(map), _) if map.values().next().is_some_and(|value| matches!(value, Yaml::Mapping(_))) => {
                block_map(map, indent + 2, false, text);
            }
            (_, Some(line)) => {
                text.push_str(&line);
                text.push('\n');
            }
            (Yaml::Mapping(map), None) => block_map(map, indent + 2, false, text),
            (Yaml::Sequence(items), None) => block_list(items, indent + 2, text),
            (_, None) => text.push('\n'),
        }
    }
}

fn pad(indent: usize, text: &mut String) {
    text.extend(std::iter::repeat_n(' ', indent));
}

fn is_collection(value: &Yaml) -> bool {
    matches!(value, Yaml::Mapping(_) | Yaml::Sequence(_))
}

/// The value of a key on one line that begins at a column; none where it should not stand on one. A scalar always does.
fn one_line(key: &str, value: &Yaml, at: usize) -> Option<String> {
    let line = flow_under(key, value)?;
    (!is_collection(value) || at + line.chars().count() <= WIDTH).then_some(line)
}

/// A value in braces and brackets; none where something in it wants lines of its own.
fn flow(value: &Yaml) -> Option<String> {
    Some(match value {
        Yaml::Null => "null".to_owned(),
        Yaml::Bool(value) => value.to_string(),
        Yaml::Number(_) => serde_yaml::to_string(value).unwrap_or_default().trim_end().to_owned(),
        Yaml::String(text) => string(text),
        Yaml::Tagged(tagged) => match &tagged.value {
            Yaml::String(words) if tagged.tag == NUMBER => words.clone(),
            other => flow(other)?,
        },
        Yaml::Sequence(items) => {
            let items: Option<Vec<String>> = items.iter().map(within).collect();
            format!("[{}]", items?.join(", "))
        }
        Yaml::Mapping(map) => {
            let entry = |(key, value): (&Yaml, &Yaml)| {
                let value = match value {
                    Yaml::String(_) => within(value),
                    _ => flow_under(key.as_str().unwrap_or_default(), value),
                };
                Some(format!("{}: {}", flow(key)?, value?))
            };
            let entries: Option<Vec<String>> = map.iter().map(entry).collect();
            format!("{{{}}}", entries?.join(", "))
        }
    })
}

/// The value of a key in braces and brackets. The columns of a table have lines of their own, and so have the maps of a list
/// unless they are the parts of one thing.
fn flow_under(key: &str, value: &Yaml) -> Option<String> {
    let spread = match value {
        Yaml::Mapping(map) => key == "columns" && !map.is_empty(),
        Yaml::Sequence(items) => {
            let maps = items.iter().any(|item| matches!(item, Yaml::Mapping(_)));
            maps && items.len() > 1 && !matches!(key, "columns" | "elements")
        }
        _ => false,
    };
    if spread { None } else { flow(value) }
}

/// A value inside of braces or brackets, where a text of several lines would be hard to read.
fn within(value: &Yaml) -> Option<String> {
    match value {
        Yaml::String(text) if text.contains('\n') && literal_header(text).is_some() => None,
        _ => flow(value),
    }
}

/// How a text of several lines begins that is written line by line; none where that would not keep it.
fn literal_header(text: &str) -> Option<&'static str> {
    let body = text.strip_suffix('\n').unwrap_or(text);
    let fits = body.contains('\n')
        && !body.starts_with([' ', '\n'])
        && !body.ends_with('\n')
        && body.chars().all(|c| c == '\n' || is_printable(c))
        && body.split('\n').all(|line| line.is_empty() || (line.trim() != "" && !line.ends_with(' ')));
    fits.then_some(if body.len() == text.len() { "|-" } else { "|" })
}

/// Whether a character may stand in YAML as it is: <https://yaml.org/spec/1.2.2/#51-character-set>. Line ends, tabs and the
/// byte order mark may, and are written as escapes all the same.
fn is_printable(c: char) -> bool {
    !c.is_control() && !matches!(c, '\u{feff}' | '\u{2028}' | '\u{2029}' | '\u{fffe}' | '\u{ffff}')
}

/// A string, in quotes unless it is made of plain words.
fn string(text: &str) -> String {
    if is_plain(text) {
        return text.to_owned();
    }
    if text.contains(['"', '\\']) && text.chars().all(is_printable) {
        return format!("'{}'", text.replace('\'', "''"));
    }
    let mut quoted = String::from('"');
    for c in text.chars() {
        match c {
            '"' => quoted.push_str("\\\""),
            '\\' => quoted.push_str("\\\\"),
            '\n' => quoted.push_str("\\n"),
            '\r' => quoted.push_str("\\r"),
            '\t' => quoted.push_str("\\t"),
            c if is_printable(c) => quoted.push(c),
            c => match u32::from(c) {
                code @ 0..=0xff => quoted.push_str(&format!("\\x{code:02x}")),
                code @ 0..=0xffff => quoted.push_str(&format!("\\u{code:04x}")),
                code => quoted.push_str(&format!("\\U{code:08x}")),
            },
        }
    }
    quoted.push('"');
    quoted
}

/// Whether a string is itself without quotes, in braces too, for readers of any version of YAML.
fn is_plain(text: &str) -> bool {
    /// What YAML 1.1 takes for a boolean.
    const WORDS: [&str; 6] = ["yes", "no", "on", "off", "y", "n"];
    text.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_')
        && !text.ends_with(' ')
        && text.chars().all(|c| c.is_alphanumeric() || matches!(c, ' ' | '_' | '-' | '.' | '/' | '(' | ')'))
        && matches!(resolve(text), NodeKind::String(_))
        && !WORDS.iter().any(|word| text.eq_ignore_ascii_case(word))
        && !matches!(text.to_ascii_lowercase().as_str(), "true" | "false" | "null")
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::diagnostic::Diagnostics;
    use crate::source::{Node, Sources, parse};

    fn yaml() -> impl Strategy<Value = Yaml> {
        let words = "(\\PC|[ \\n\\t:#'\"-]|[a-z]){0,12}|no|yes|on|null|~|0x1|1e3|<<|007|True|\u{85}|\u{feff}a|\u{7}|a\\nb|a\\n\\n  b\\n";
        let leaf = prop_oneof![
            Just(Yaml::Null),
            any::<bool>().prop_map(Yaml::from),
            any::<i64>().prop_map(Yaml::from),
            "-?[0-9]{1,3}\\.[0-9]{0,4}".prop_map(|words| number(&words).unwrap()),
            words.prop_map(Yaml::from),
        ];
        leaf.prop_recursive(5, 60, 6, |inner| {
            prop_oneof![
                prop::collection::vec(inner.clone(), 0..6).prop_map(Yaml::from),
                prop::collection::btree_map("columns|[a-zé :,]{0,8}|a", inner, 0..6)
                    .prop_map(|map| Yaml::Mapping(map.into_iter().map(|(key, value)| (key.into(), value)).collect())),
            ]
        })
    }

    fn same(node: &Node, value: &Yaml) -> bool {
        match (&node.kind, value) {
            (NodeKind::Null, Yaml::Null) => true,
            (NodeKind::Bool(a), Yaml::Bool(b)) => a == b,
            (NodeKind::Integer(a), Yaml::Number(b)) => b.as_i64() == Some(*a),
            (NodeKind::Number(a), Yaml::Number(b)) => a.parse().ok() == b.as_f64(),
            (NodeKind::Number(a), Yaml::Tagged(b)) => b.value == Yaml::String(a.clone()),
            (NodeKind::String(a), Yaml::String(b)) => a == b,
            (NodeKind::Sequence(a), Yaml::Sequence(b)) => {
                a.len() == b.len() && a.iter().zip(b).all(|(a, b)| same(a, b))
            }
            (NodeKind::Mapping(a), Yaml::Mapping(b)) => {
                a.len() == b.len()
                    && a.iter().zip(b).all(|((key, a), (name, b))| name.as_str() == Some(&key.name) && same(a, b))
            }
            _ => false,
        }
    }

    proptest! {
        #[test]
        fn what_is_printed_reads_back(value in yaml()) {
            let text = print(&value);
            let mut sources = Sources::default();
            let file = sources.add("x.yaml", text.as_str());
            let mut diagnostics = Diagnostics::default();
            let node = parse(&sources, file, &mut diagnostics);
            prop_assert!(!diagnostics.has_errors(), "{text}\n{:?}", diagnostics.sorted());
            prop_assert!(same(&node.unwrap(), &value), "{text}");
        }
    }

    #[test]
    fn a_person_would_lay_it_out_so() {
        let text = "\
tables:
  orders:
    columns:
      id: {type: bigint, primary_key: true}
      total: {type: \"decimal(12,2)\", nullable: false, default: 1.5}
      note: text
    checks: [{sql: \"total >= 0\"}]
    indexes:
      - {columns: [note]}
      - {columns: [{expr: lower(note)}], unique: true}
views:
  open_orders:
    sql: |
      select id
      from orders
schemas: [app]
upgrade:
  - add_column: {table: users, column: full_name, type: varchar(255)}
  - create_table:
      table: t
      columns:
        id: bigint
";
        let value: Yaml = serde_yaml::from_str(text).unwrap();
        assert_eq!(print(&value), text);
        assert_eq!(print(&number("1.10").unwrap()), "1.10\n");
        assert_eq!(print(&"on".into()), "\"on\"\n");
        assert_eq!(print(&"say \"x\"".into()), "'say \"x\"'\n");
    }
}
