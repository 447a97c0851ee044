//! Tables that are divided into partitions, and partitions (manual, 5.11.2 and CREATE TABLE).

use aludel_engine::change::divides;
use aludel_engine::dialect::Unsupported;
use aludel_engine::schema::{ConstraintKind, Schema, Table};
use aludel_engine::sql::{Token, TokenKind, tokens};

use crate::expression::LEXICON;
use crate::version::Features;

/// Everything that PostgreSQL refuses about a divided table, or about a partition.
pub fn check(table: &Table, schema: &Schema, features: &Features) -> Vec<Unsupported> {
    let mut found = as_part(table, schema);
    let Some(text) = table.options.text("partition_by").filter(|text| !text.is_empty()) else { return found };
    let name = &table.name;
    let mut refuse =
        |about: &str, message: String, help: &str| found.push(Unsupported::new(message).about(about).help(help));
    let key: Vec<&str> = table
        .columns
        .iter()
        .map(|column| column.name.as_str())
        .filter(|column| divides(table, column, &LEXICON))
        .collect();
    let by_expression = text.matches('(').count() > 1;
    if table.options.get("with").is_some() {
        refuse(
            &name.name,
            format!("`{name}` is divided into partitions and keeps no rows itself, so it has no storage parameters"),
            "give them to its partitions",
        );
    }
    for constraint in &table.constraints {
        let own = constraint.name.as_deref().unwrap_or(constraint.describe());
        match &constraint.kind {
            ConstraintKind::PrimaryKey { columns } | ConstraintKind::Unique { columns } => {
                if by_expression {
                    refuse(
                        own,
                        format!(
                            "`{name}` is divided by an expression, so it cannot have the {} `{own}`",
                            constraint.describe()
                        ),
                        "divide it by columns, or give the key to each partition",
                    );
                } else if let Some(column) = key.iter().find(|column| !columns.iter().any(|own| own == *column)) {
                    refuse(
                        own,
                        format!("`{own}` of `{name}` lacks the column `{column}`, by which the table is divided"),
                        "every key of a table with partitions has all columns it is divided by",
                    );
                }
            }
            ConstraintKind::Exclude(_) if !features.partitioned_exclude => refuse(
                own,
                format!(
                    "PostgreSQL before 17 has no exclusion constraints for tables with partitions such as `{name}`"
                ),
                "give it to each partition",
            ),
            ConstraintKind::ForeignKey(_) if !constraint.validated && !features.partitioned_not_valid => refuse(
                own,
                format!(
                    "PostgreSQL before 18 cannot add the foreign key `{own}` to the divided table `{name}` unchecked"
                ),
                "remove `not_valid`, or move to PostgreSQL 18",
            ),
            ConstraintKind::Check { .. } if constraint.options.flag("no_inherit") => refuse(
                own,
                format!("partitions have the checks of their table, so `{own}` of `{name}` cannot be `no_inherit`"),
                "remove it",
            ),
            _ => {}
        }
    }
    for index in table.indexes.iter().filter(|index| index.unique) {
        let has = |column: &str| index.parts.iter().any(|part| part.column_name() == Some(column));
        if by_expression || key.iter().any(|column| !has(column)) {
            refuse(
                &index.name,
                format!("the unique index `{}` of `{name}` lacks what the table is divided by", index.name),
                "a unique index of a table with partitions has all columns it is divided by",
            );
        }
    }
    found
}

fn as_part(table: &Table, schema: &Schema) -> Vec<Unsupported> {
    let Some(part) = &table.partition else { return Vec::new() };
    let mut found = Vec::new();
    let whole = schema.table(&part.of);
    if whole.is_some_and(|whole| whole.options.text("partition_by").is_none_or(str::is_empty)) {
        found.push(
            Unsupported::new(format!("`{}` is not divided, so `{}` cannot be a partition of it", part.of, table.name))
                .about(&table.name.name)
                .help("make it with `postgres: {partition_by: \"range (…)\"}`"),
        );
    }
    let other_default = schema.tables().find(|other| {
        let partition = other.partition.as_ref().filter(|other| other.of == part.of);
        other.name != table.name && is_default(&part.values) && partition.is_some_and(|other| is_default(&other.values))
    });
    if let Some(other) = other_default {
        found.push(
            Unsupported::new(format!("`{}` has a default partition already, `{}`", part.of, other.name))
                .about(&table.name.name)
                .help("a table has one partition for what fits no other"),
        );
    }
    found
}

/// Whether a partition takes what fits no other.
#[must_use]
pub fn is_default(values: &str) -> bool {
    values.trim().eq_ignore_ascii_case("default")
}

/// The clause that says which rows a partition has.
#[must_use]
pub fn bound(values: &str) -> String {
    match is_default(values) {
        true => "DEFAULT".to_owned(),
        false => format!("FOR VALUES {}", without_head(values)),
    }
}

/// The bound as an author writes it: the server prints `FOR VALUES` before it.
fn without_head(values: &str) -> &str {
    let values = values.trim();
    match values.get(..11) {
        Some(head) if head.eq_ignore_ascii_case("for values ") => values[11..].trim_start(),
        _ => values,
    }
}

/// The bound in one spelling: words in lower case, single blanks, and moments without the midnight and the zone that the
/// server prints and nobody writes.
#[must_use]
pub fn canonical(values: &str) -> String {
    let values = without_head(values);
    let significant: Vec<Token> = tokens(values, &LEXICON).filter(Token::is_significant).collect();
    let words = significant.iter().map(|token| match token.kind {
        TokenKind::String => plain(token.text(values)),
        TokenKind::Word => token.text(values).to_lowercase(),
        _ => token.text(values).to_owned(),
    });
    words.collect::<Vec<_>>().join(" ")
}

/// `'2026-01-01 00:00:00+00'` → `'2026-01-01'`, `'-5'` → `- 5`.
fn plain(literal: &str) -> String {
    let inner = literal.trim_matches('\'');
    if crate::literal::is_decimal(inner) {
        return inner.replacen('-', "- ", 1);
    }
    let (day, rest) = inner.split_at_checked(10).unwrap_or((inner, ""));
    let is_day = day.len() == 10
        && day.bytes().enumerate().all(|(at, c)| if matches!(at, 4 | 7) { c == b'-' } else { c.is_ascii_digit() });
    if !is_day || rest.is_empty() {
        return literal.to_owned();
    }
    let clock = rest.trim_start_matches([' ', 'T']);
    let clock = clock.find(['+', '-', 'Z']).map_or(clock, |at| &clock[..at]);
    match clock {
        "00:00:00" | "00:00" => format!("'{day}'"),
        clock if clock.len() == 5 => format!("'{day} {clock}:00'"),
        clock => format!("'{day} {clock}'"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_bound_is_compiled_as_written_and_as_printed() {
        for values in ["from (1) to (2)", "FOR VALUES from (1) to (2)"] {
            assert_eq!(bound(values), "FOR VALUES from (1) to (2)");
        }
        assert_eq!(bound(" default"), "DEFAULT");
    }

    #[test]
    fn bounds_as_written_and_as_printed() {
        for (written, printed) in [
            (
                "from ('2026-01-01') to ('2027-01-01')",
                "FOR VALUES FROM ('2026-01-01 00:00:00+00') TO ('2027-01-01 00:00:00+00')",
            ),
            ("from ('2026-01-01 12:00')", "FOR VALUES FROM ('2026-01-01 12:00:00+02')"),
            ("in ('a',  'B c')", "FOR VALUES IN ('a', 'B c')"),
            ("with (modulus 4, remainder 0)", "FOR VALUES WITH (modulus 4, remainder 0)"),
            ("from (minvalue) to (-5)", "FOR VALUES FROM (MINVALUE) TO ('-5')"),
            ("Default", "DEFAULT"),
        ] {
            assert_eq!(canonical(written), canonical(printed), "{written}");
        }
    }
}
