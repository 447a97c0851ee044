//! The tables of a schema and how they refer to each other, for programs that draw.

use std::collections::BTreeSet;
use std::fmt::Write;

use aludel_engine::schema::{Column, Constraint, ConstraintKind, ForeignKey, Schema, Table};

/// As an entity-relationship diagram of Mermaid. <https://mermaid.js.org/syntax/entityRelationshipDiagram.html>
pub(crate) fn mermaid(schema: &Schema) -> String {
    let mut text = String::from("erDiagram\n");
    for table in schema.tables() {
        let _ = writeln!(text, "  {} {{", quoted(&table.name.to_string()));
        for column in &table.columns {
            let name = word(&column.name);
            let mut line = format!("    {} {name}", word(&column.ty.to_string()));
            let keys = keys(table, column);
            if !keys.is_empty() {
                let _ = write!(line, " {}", keys.join(", "));
            }
            if name != column.name {
                let _ = write!(line, " {}", quoted(&column.name));
            }
            let _ = writeln!(text, "{line}");
        }
        let _ = writeln!(text, "  }}");
    }
    for (table, key) in references(schema) {
        let parent = if is_optional(table, key) { "|o" } else { "||" };
        let child = if is_single(table, key) { "o|" } else { "o{" };
        let _ = writeln!(
            text,
            "  {} {parent}--{child} {} : {}",
            quoted(&key.referred_table.to_string()),
            quoted(&table.name.to_string()),
            quoted(&key.columns.join(", "))
        );
    }
    text
}

/// As a graph of Graphviz. <https://graphviz.org/doc/info/shapes.html#html>
pub(crate) fn dot(schema: &Schema) -> String {
    let mut text =
        String::from("digraph schema {\n  rankdir=LR;\n  node [shape=plaintext, fontname=\"sans-serif\"];\n");
    for table in schema.tables() {
        let name = table.name.to_string();
        let mut rows = format!("<TR><TD BGCOLOR=\"lightgrey\" COLSPAN=\"2\"><B>{}</B></TD></TR>", escaped(&name));
        for column in &table.columns {
            let marks = keys(table, column);
            let marks = if marks.is_empty() { String::new() } else { format!(" <I>{}</I>", marks.join(" ")) };
            let _ = write!(
                rows,
                "<TR><TD ALIGN=\"LEFT\">{}{marks}</TD><TD ALIGN=\"LEFT\">{}</TD></TR>",
                escaped(&column.name),
                escaped(&described(column))
            );
        }
        let _ = writeln!(
            text,
            "  {} [label=<<TABLE BORDER=\"0\" CELLBORDER=\"1\" CELLSPACING=\"0\" CELLPADDING=\"4\">{rows}</TABLE>>];",
            dot_quoted(&name)
        );
    }
    for (table, key) in references(schema) {
        let _ = writeln!(
            text,
            "  {} -> {} [label={}];",
            dot_quoted(&table.name.to_string()),
            dot_quoted(&key.referred_table.to_string()),
            dot_quoted(&key.columns.join(", "))
        );
    }
    text.push_str("}\n");
    text
}

/// As one page that needs nothing else: every table with its columns, and links along the foreign keys.
pub(crate) fn html(schema: &Schema, title: &str) -> String {
    let mut text = format!(
        "<!doctype html>\n<html lang=\"en\">\n<meta charset=\"utf-8\">\n<title>{}</title>\n{STYLE}\n<h1>{}</h1>\n<nav>\n",
        escaped(title),
        escaped(title)
    );
    for table in schema.tables() {
        let name = table.name.to_string();
        let _ = writeln!(text, "<a href=\"#{}\">{}</a>", anchor(&name), escaped(&name));
    }
    text.push_str("</nav>\n");
    for table in schema.tables() {
        let name = table.name.to_string();
        let _ = writeln!(text, "<section id=\"{}\">\n<h2>{}</h2>", anchor(&name), escaped(&name));
        if let Some(comment) = &table.comment {
            let _ = writeln!(text, "<p>{}</p>", escaped(comment));
        }
        text.push_str("<table>\n");
        for column in &table.columns {
            let refers = table.foreign_keys().filter(|(_, key)| key.columns.contains(&column.name));
            let links: Vec<String> = refers
                .map(|(_, key)| {
                    let other = key.referred_table.to_string();
                    format!("→ <a href=\"#{}\">{}</a>", anchor(&other), escaped(&other))
                })
                .collect();
            let _ = writeln!(
                text,
                "<tr><th>{}<td>{}<td>{}<td>{}<td>{}",
                escaped(&column.name),
                escaped(&described(column)),
                keys(table, column).join(" "),
                links.join(" "),
                escaped(column.comment.as_deref().unwrap_or_default())
            );
        }
        text.push_str("</table>\n</section>\n");
    }
    for view in schema.views() {
        let name = view.name.to_string();
        let _ = writeln!(
            text,
            "<section id=\"{}\">\n<h2>{} <small>view</small></h2>\n<pre>{}</pre>\n</section>",
            anchor(&name),
            escaped(&name),
            escaped(&view.sql)
        );
    }
    text.push_str("</html>\n");
    text
}

const STYLE: &str = "<style>\n:root { color-scheme: light dark; font: 15px/1.5 system-ui, sans-serif }\n\
body { max-width: 60rem; margin: 2rem auto; padding: 0 1rem }\nnav a { margin-right: 1rem }\n\
section { margin-top: 2rem }\ntable { border-collapse: collapse }\n\
td, th { text-align: left; font-weight: normal; padding: .15rem 1.2rem .15rem 0; border-bottom: 1px solid #8884 }\n\
th { font-family: ui-monospace, monospace }\npre { overflow-x: auto }\n</style>";

/// Every foreign key to a table of the schema, with its table.
fn references(schema: &Schema) -> impl Iterator<Item = (&Table, &ForeignKey)> {
    let keys = schema.tables().flat_map(|table| table.foreign_keys().map(move |(_, key)| (&**table, key)));
    keys.filter(|(_, key)| schema.table(&key.referred_table).is_some())
}

fn is_optional(table: &Table, key: &ForeignKey) -> bool {
    key.columns.iter().filter_map(|name| table.column(name)).any(|column| column.nullable)
}

/// Whether a row can be referred to by one row only.
fn is_single(table: &Table, key: &ForeignKey) -> bool {
    let own: BTreeSet<&String> = key.columns.iter().collect();
    let is_key = |constraint: &Constraint| match &constraint.kind {
        ConstraintKind::PrimaryKey { columns } | ConstraintKind::Unique { columns } => {
            columns.iter().collect::<BTreeSet<_>>() == own
        }
        _ => false,
    };
    table.constraints.iter().any(is_key)
}

/// Which keys a column is in.
fn keys(table: &Table, column: &Column) -> Vec<&'static str> {
    let within = |found: &dyn Fn(&ConstraintKind) -> bool| {
        table.constraints.iter().any(|own| found(&own.kind) && own.columns().contains(&column.name))
    };
    let mut keys = Vec::new();
    if within(&|kind| matches!(kind, ConstraintKind::PrimaryKey { .. })) {
        keys.push("PK");
    }
    if within(&|kind| matches!(kind, ConstraintKind::ForeignKey(_))) {
        keys.push("FK");
    }
    if within(&|kind| matches!(kind, ConstraintKind::Unique { .. })) {
        keys.push("UK");
    }
    keys
}

fn described(column: &Column) -> String {
    if column.nullable { column.ty.to_string() } else { format!("{} not null", column.ty) }
}

/// A text as Mermaid takes it without quotes.
fn word(text: &str) -> String {
    let kept = |c: char| if c.is_ascii_alphanumeric() || matches!(c, '_' | '-' | '(' | ')') { c } else { '_' };
    let word: String = text.chars().map(kept).collect();
    if word.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_') { word } else { format!("_{word}") }
}

/// A text in quotes that Mermaid has no escape for.
fn quoted(text: &str) -> String {
    format!("\"{}\"", text.replace('"', "'").replace(|c: char| c.is_control(), " "))
}

fn dot_quoted(text: &str) -> String {
    format!("\"{}\"", text.replace('\\', "\\\\").replace('"', "\\\"").replace(|c: char| c.is_control(), " "))
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}

/// A name as the target of a link; every other character becomes its number, so that no two names are one.
fn anchor(name: &str) -> String {
    let mut text = String::new();
    for c in name.chars() {
        match c {
            'a'..='z' | 'A'..='Z' | '0'..='9' | '_' => text.push(c),
            other => {
                let _ = write!(text, "-{:x}-", u32::from(other));
            }
        }
    }
    text
}
