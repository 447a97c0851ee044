//! How a table is divided: the text of the option `partition_by` in one spelling, and what it allows.
//! <https://dev.mysql.com/doc/refman/8.4/en/partitioning.html>

use aludel_engine::dialect::{Dialect, Unsupported};
use aludel_engine::schema::{ConstraintKind, Schema, Table};
use aludel_engine::sql::{self, Token, TokenKind};

use crate::dialect::{Flavour, MySql};
use crate::expression;

/// The method, what it divides by, and what comes behind.
struct Parts<'t> {
    method: String,
    key: &'t str,
    rest: &'t str,
}

fn split<'t>(text: &'t str, dialect: &MySql) -> Option<Parts<'t>> {
    let tokens: Vec<Token> = sql::tokens(text, dialect.lexicon()).collect();
    let open = tokens.iter().position(|token| token.text(text) == "(")?;
    let mut depth = 0_usize;
    let close = tokens.iter().skip(open).find(|token| {
        match token.text(text) {
            "(" => depth += 1,
            ")" => depth = depth.saturating_sub(1),
            _ => {}
        }
        depth == 0
    })?;
    let words = tokens[..open].iter().filter(|token| token.is_significant()).map(|token| token.text(text));
    let method = words.collect::<Vec<_>>().join(" ").to_ascii_lowercase();
    Some(Parts { method, key: &text[tokens[open].end..close.start], rest: &text[close.end..] })
}

/// The text in one spelling; as it is where it cannot be read.
pub(crate) fn canonical(dialect: &MySql, text: &str) -> String {
    let Some(parts) = split(text, dialect) else { return text.to_owned() };
    let by_columns = parts.method.ends_with("columns") || parts.method.ends_with("key");
    let key = match by_columns {
        true => words(dialect, parts.key).join(" "),
        false => expression::canonical(&with_percent(dialect, parts.key), dialect.lexicon()),
    };
    let mut rest = words(dialect, parts.rest);
    if rest.is_empty() {
        rest.extend(["partitions", "1"].map(str::to_owned));
    }
    let rest = rest.join(" ").replace("less than maxvalue", "less than ( maxvalue )");
    format!("{} ({key}) {rest}", parts.method)
}

/// MariaDB prints `MOD` between two numbers where a person writes `%`.
fn with_percent(dialect: &MySql, text: &str) -> String {
    let all: Vec<Token> = sql::tokens(text, dialect.lexicon()).collect();
    let called = |at: usize| all.get(at + 1..).and_then(|rest| rest.iter().find(|token| token.is_significant()));
    let spelt = |(at, token): (usize, &Token)| {
        let infix =
            token.text(text).eq_ignore_ascii_case("mod") && called(at).is_some_and(|next| next.text(text) != "(");
        if infix { "%".to_owned() } else { token.text(text).to_owned() }
    };
    all.iter().enumerate().map(spelt).collect()
}

/// The tokens with keywords in lower case, names without quotes, and without the engine, which is the table's.
fn words(dialect: &MySql, text: &str) -> Vec<String> {
    let tokens = sql::tokens(text, dialect.lexicon()).filter(Token::is_significant);
    let mut words: Vec<String> = Vec::new();
    for token in tokens {
        let written = token.text(text);
        words.push(match token.kind {
            TokenKind::Word => written.to_ascii_lowercase(),
            TokenKind::QuotedIdentifier => written.trim_matches('`').replace("``", "`"),
            TokenKind::String => written.replace("\\'", "''"),
            _ => written.to_owned(),
        });
        if let [.., engine, equals, _] = words.as_slice()
            && engine == "engine"
            && equals == "="
        {
            words.truncate(words.len() - 3);
        }
    }
    words
}

/// The text that the catalog's rows amount to: method, key, method and key of the parts of parts, and each partition with
/// its bound and comment.
pub(crate) fn from_catalog(method: &str, key: &str, sub: Option<(&str, &str, usize)>, parts: &[[String; 3]]) -> String {
    let mut text = format!("{method} ({key})");
    if let Some((method, key, count)) = sub {
        text.push_str(&format!(" subpartition by {method} ({key}) subpartitions {count}"));
    }
    let numbered =
        parts.iter().enumerate().all(|(place, [name, bound, _])| bound.is_empty() && *name == format!("p{place}"));
    if numbered {
        text.push_str(&format!(" partitions {}", parts.len()));
        return text;
    }
    let values = match method.to_ascii_lowercase().starts_with("range") {
        true => "values less than",
        false => "values in",
    };
    let each = parts.iter().map(|[name, bound, comment]| {
        let bound = if bound.is_empty() { String::new() } else { format!(" {values} ({bound})") };
        let comment =
            if comment.is_empty() { String::new() } else { format!(" comment = '{}'", comment.replace('\'', "''")) };
        format!("partition `{name}`{bound}{comment}")
    });
    text.push_str(&format!(" ({})", each.collect::<Vec<_>>().join(", ")));
    text
}

/// Everything about a divided table that the server refuses, or that could not be compared with what it keeps.
pub(crate) fn check(dialect: &MySql, table: &Table, schema: &Schema) -> Vec<Unsupported> {
    let (name, title) = (&table.name, dialect.flavour().title());
    let mut found = Vec::new();
    if let Some(partition) = &table.partition {
        found.push(
            Unsupported::new(format!(
                "a partition is no table of its own in {title}, so `{name}` cannot be one of `{}`",
                partition.of
            ))
            .about(name.to_string())
            .help("name the partitions where the table is made: `mysql: {partition_by: \"range (…) (partition …)\"}`"),
        );
    }
    let Some(text) = table.options.text("partition_by").filter(|text| !text.is_empty()) else { return found };
    let mut refuse =
        |message: String, help: &str| found.push(Unsupported::new(message).about(name.to_string()).help(help));
    let Some(parts) = split(text, dialect) else {
        refuse(format!("`{text}` does not say how `{name}` is divided"), "write it as `hash (id) partitions 4`");
        return found;
    };
    if has_computed_bound(dialect, parts.rest) {
        refuse(
            format!("a bound of a partition of `{name}` is an expression, of which {title} keeps the value alone"),
            "write the value itself, or use `range columns (…)` with dates as they are",
        );
    }
    let divides = |column: &str| sql::mentions(parts.key, column, dialect.lexicon());
    for constraint in &table.constraints {
        let own = constraint.name.as_deref().unwrap_or(constraint.describe());
        match &constraint.kind {
            ConstraintKind::ForeignKey(_) => refuse(
                format!("`{name}` is divided into partitions and cannot have the foreign key `{own}`"),
                "do without the one or the other",
            ),
            ConstraintKind::PrimaryKey { columns } | ConstraintKind::Unique { columns } => {
                let outside = table.columns.iter().find(|c| divides(&c.name) && !columns.contains(&c.name));
                if let Some(column) = outside {
                    refuse(
                        format!(
                            "`{own}` of `{name}` lacks the column `{}`, by which the table is divided",
                            column.name
                        ),
                        "every key of a table with partitions has all columns it is divided by",
                    );
                }
            }
            _ => {}
        }
    }
    for index in &table.indexes {
        let has = |column: &str| index.parts.iter().any(|part| part.column_name() == Some(column));
        if let Some(column) = table.columns.iter().find(|c| index.unique && divides(&c.name) && !has(&c.name)) {
            refuse(
                format!(
                    "the unique index `{}` of `{name}` lacks the column `{}`, by which the table is divided",
                    index.name, column.name
                ),
                "every key of a table with partitions has all columns it is divided by",
            );
        }
        if index.options.get("kind").is_some() && dialect.flavour() == Flavour::MySql {
            refuse(
                format!(
                    "`{name}` is divided into partitions and cannot have the full-text or spatial index `{}`",
                    index.name
                ),
                "do without the one or the other",
            );
        }
    }
    for (owner, constraint, _) in schema.references_to(name).filter(|(owner, _, _)| owner.name != *name) {
        let own = constraint.name.as_deref().unwrap_or("(unnamed)");
        refuse(
            format!("`{name}` is divided into partitions and cannot be referred to, as by `{own}` of `{}`", owner.name),
            "do without the one or the other",
        );
    }
    found
}

/// Whether a bound is neither a literal nor one of the words that stand for a bound.
fn has_computed_bound(dialect: &MySql, rest: &str) -> bool {
    let words = words(dialect, rest);
    let mut depth_of_bound = None;
    let mut depth = 0_usize;
    for (place, word) in words.iter().enumerate() {
        match word.as_str() {
            "(" => {
                depth += 1;
                let before =
                    |back: usize| place.checked_sub(back).and_then(|at| words.get(at)).map_or("", String::as_str);
                if depth_of_bound.is_none() && (before(1) == "than" || before(1) == "in" && before(2) == "values") {
                    depth_of_bound = Some(depth);
                }
            }
            ")" => {
                depth = depth.saturating_sub(1);
                depth_of_bound = depth_of_bound.filter(|inside| depth >= *inside);
            }
            "maxvalue" | "null" | "default" => {}
            word if depth_of_bound.is_some() && word.starts_with(|c: char| c.is_alphabetic() || c == '_') => {
                return true;
            }
            _ => {}
        }
    }
    false
}

#[cfg(test)]
mod tests {
    use aludel_engine::dialect::Version;

    use super::*;

    #[test]
    fn what_is_written_equals_what_the_catalog_has() {
        let dialect = MySql::new(Flavour::MariaDb, Version::new(10, 11, 0));
        let part = |name: &str, bound: &str| [name.to_owned(), bound.to_owned(), String::new()];
        for (written, catalog) in [
            ("hash (id % 7) partitions 2", from_catalog("HASH", "`id` MOD 7", None, &[part("p0", ""), part("p1", "")])),
            (
                "RANGE(year(at)) (PARTITION p0 VALUES LESS THAN (2020) ENGINE = InnoDB, PARTITION `x` VALUES LESS THAN MAXVALUE)",
                from_catalog("RANGE", "year(`at`)", None, &[part("p0", "2020"), part("x", "MAXVALUE")]),
            ),
            (
                "list columns (country) (partition a values in ('de', 'it''s'))",
                from_catalog("LIST COLUMNS", "`country`", None, &[part("a", "'de','it\\'s'")]),
            ),
            (
                "range (n) subpartition by hash (id) subpartitions 2 (partition p0 values less than (10))",
                from_catalog("RANGE", "`n`", Some(("HASH", "`id`", 2)), &[part("p0", "10")]),
            ),
        ] {
            assert_eq!(canonical(&dialect, written), canonical(&dialect, &catalog), "{written}");
        }
        assert!(has_computed_bound(&dialect, "(partition p values less than (to_days('2020-01-01')))"));
        assert!(!has_computed_bound(&dialect, "(partition p values in (1, -2, null), partition q values in ('a'))"));
    }
}
