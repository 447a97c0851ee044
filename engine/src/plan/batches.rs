//! A change of rows in batches: the SQL of each, along a key.
//!
//! A position is a key as literals that the database itself wrote, so it is compared in the type, collation and time zone of
//! its columns whatever they are.

use serde::{Deserialize, Serialize};

use crate::change::Backfill;
use crate::dialect::{Dialect, Unsupported, comma_list};
use crate::schema::{ObjectName, Type, Value};
use crate::sql::{Lexicon, TokenKind, mentions, tokens};

/// A key of a row, a literal for each of its columns.
pub type Key = Vec<String>;

/// How a change of rows is run in batches.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Batches {
    /// The table.
    pub table: ObjectName,
    /// The table as the dialect writes it.
    pub target: String,
    /// The columns to go along.
    pub key: Vec<KeyColumn>,
    /// What stands behind SET.
    pub set: String,
    /// What stands behind WHERE, without parentheses; none for all rows.
    pub condition: Option<String>,
    /// How many rows of the table a batch covers.
    pub size: u32,
    /// The key up to which it goes, where it takes back what a half-run change has done; otherwise to the end.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub until: Option<Key>,
    /// How long to leave the table alone between two batches, in milliseconds.
    pub pause: u64,
    /// Whether the database compares `(a, b) > (1, 2)` by its index; otherwise that is spelt out.
    pub row_values: bool,
    /// How to find out whether a changed row still meets the condition.
    pub recheck: Recheck,
    /// A query for how many rows there are to change, about, where that is cheap to know.
    pub estimate: String,
    /// The same in batches for the database's own client, where it can loop; otherwise a script has the one statement.
    pub script: Option<String>,
}

/// A column to go along.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct KeyColumn {
    /// Its name, for people.
    pub name: String,
    /// Its name, as the dialect writes it.
    pub column: String,
    /// The expression to order and to compare by.
    pub sql: String,
    /// An expression that gives the literal to compare with.
    pub literal: String,
}

/// How to find out whether a changed row still meets the condition.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Recheck {
    /// Not at all: what is set does not stand in the condition.
    None,
    /// By a query behind the change, in its transaction.
    Query,
    /// The change itself says so (RETURNING), which no other session can disturb.
    Returning,
}

/// Where a range of keys begins.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum From {
    /// With the first row.
    Start,
    /// Behind a key.
    After(Key),
    /// With a key.
    At(Key),
}

impl Batches {
    /// The batches of a backfill, in SQL that every dialect understands; a dialect changes what it does otherwise.
    ///
    /// # Errors
    /// When the dialect has no such value.
    pub fn new(dialect: &dyn Dialect, backfill: &Backfill, key: Vec<KeyColumn>) -> Result<Self, Unsupported> {
        let lexicon = dialect.lexicon();
        let assignment = |(name, ty, value): &(String, Type, Value)| {
            let value = match value {
                Value::Sql(sql) => Ok(closed(sql, lexicon)),
                value => dialect.literal(value, ty).map_err(|refusal| refusal.about(name)),
            };
            value.map(|value| format!("{} = {value}", dialect.quote(name)))
        };
        let set = backfill.values.set.iter().map(assignment).collect::<Result<Vec<_>, _>>()?;
        let condition = backfill.values.condition.as_deref().map(|sql| closed(sql, lexicon));
        let changes = |sql: &str| backfill.values.set.iter().any(|(name, ..)| mentions(sql, name, lexicon));
        let target = dialect.quote_name(&backfill.table);
        let mut batches = Batches {
            table: backfill.table.clone(),
            recheck: if condition.as_deref().is_some_and(changes) { Recheck::Query } else { Recheck::None },
            estimate: String::new(),
            target,
            key,
            set: comma_list(set),
            condition,
            size: backfill.batch,
            until: None,
            pause: backfill.pause,
            row_values: true,
            script: None,
        };
        batches.estimate = batches.select("count(*)", &From::Start, None, true, "");
        Ok(batches)
    }

    /// What all batches do together.
    #[must_use]
    pub fn whole(&self) -> String {
        let condition = self.condition.as_ref().map(|sql| format!("\nWHERE {sql}")).unwrap_or_default();
        format!("UPDATE {} SET {}{condition}", self.target, self.set)
    }

    /// A query for the last key; no row where there is none.
    #[must_use]
    pub fn last(&self) -> String {
        let literals = self.literals();
        self.select(&literals, &From::Start, None, false, &format!(" ORDER BY {} LIMIT 1", self.order(" DESC")))
    }

    /// A query for the first key of a range whose row meets the condition.
    #[must_use]
    pub fn first(&self, from: &From, until: &Key) -> String {
        let literals = self.literals();
        self.select(&literals, from, Some(until), true, &format!(" ORDER BY {} LIMIT 1", self.order("")))
    }

    /// A query for the key at the end of a full batch; no row where fewer are left.
    #[must_use]
    pub fn end(&self, from: &From, until: &Key) -> String {
        let offset = self.size.saturating_sub(1);
        let tail = format!(" ORDER BY {} LIMIT 1 OFFSET {offset}", self.order(""));
        // From outside, because the literals of the rows that are skipped would be made as well.
        let columns = comma_list(self.key.iter().map(|column| column.column.clone()));
        let row = self.select(&columns, from, Some(until), false, &tail);
        format!("SELECT {} FROM ({row}) AS edge", self.literals())
    }

    /// The change of a range. With [`Recheck::Returning`] it is a query for how many rows were changed, and how many of
    /// them still meet the condition.
    #[must_use]
    pub fn change(&self, from: &From, to: &Key) -> String {
        let tail = self.tail(from, Some(to), true);
        let update = format!("UPDATE {} SET {}{tail}", self.target, self.set);
        match (self.recheck, &self.condition) {
            (Recheck::Returning, Some(condition)) => format!(
                "WITH changed AS ({update} RETURNING ({condition}) AS again) \
                 SELECT count(*), count(*) FILTER (WHERE again) FROM changed"
            ),
            _ => update,
        }
    }

    /// A query that has a row if one of a range meets the condition.
    #[must_use]
    pub fn left(&self, from: &From, to: &Key) -> String {
        self.select("1", from, Some(to), true, " LIMIT 1")
    }

    /// The key in words: `id`, `tenant, id`.
    #[must_use]
    pub fn key_names(&self) -> String {
        comma_list(self.key.iter().map(|column| column.name.clone()))
    }

    /// How it runs, in words.
    #[must_use]
    pub fn describe(&self) -> String {
        let pause = match self.pause {
            0 => String::new(),
            pause => format!(", with a pause of {pause} ms between two"),
        };
        let rows = if self.size == 1 { "row" } else { "rows" };
        format!("in batches of {} {rows} along {}, each a transaction of its own{pause}", self.size, self.key_names())
    }

    fn literals(&self) -> String {
        comma_list(self.key.iter().map(|column| column.literal.clone()))
    }

    fn order(&self, direction: &str) -> String {
        comma_list(self.key.iter().map(|column| format!("{}{direction}", column.sql)))
    }

    fn select(&self, what: &str, from: &From, until: Option<&Key>, condition: bool, tail: &str) -> String {
        format!("SELECT {what} FROM {}{}{tail}", self.target, self.tail(from, until, condition))
    }

    /// The WHERE of a range.
    fn tail(&self, from: &From, until: Option<&Key>, condition: bool) -> String {
        let mut parts = Vec::new();
        match from {
            From::Start => {}
            From::After(key) => parts.push(self.compare(">", key)),
            From::At(key) => parts.push(self.compare(">=", key)),
        }
        parts.extend(until.map(|key| self.compare("<=", key)));
        if condition {
            parts.extend(self.condition.as_ref().map(|sql| format!("({sql})")));
        }
        if parts.is_empty() { String::new() } else { format!(" WHERE {}", parts.join(" AND ")) }
    }

    fn compare(&self, operator: &str, key: &Key) -> String {
        let columns: Vec<(&str, &str)> =
            self.key.iter().map(|column| column.sql.as_str()).zip(key.iter().map(String::as_str)).collect();
        match columns.as_slice() {
            [(column, value)] => format!("{column} {operator} {value}"),
            _ if self.row_values => {
                let (names, values): (Vec<&str>, Vec<&str>) = columns.into_iter().unzip();
                format!("({}) {operator} ({})", comma_list(names), comma_list(values))
            }
            [(column, value), ..] => {
                // The outer comparison is what the index is used for.
                let loose = if operator.starts_with('>') { ">=" } else { "<=" };
                format!("{column} {loose} {value} AND ({})", spelt_out(operator, &columns))
            }
            [] => "1 = 1".to_owned(),
        }
    }
}

/// `(a, b) > (1, 2)` as `a > 1 OR (a = 1 AND b > 2)`.
fn spelt_out(operator: &str, columns: &[(&str, &str)]) -> String {
    match columns {
        [] => "1 = 1".to_owned(),
        [(column, value)] => format!("{column} {operator} {value}"),
        [(column, value), rest @ ..] => {
            let strict = &operator[..1];
            format!("{column} {strict} {value} OR ({column} = {value} AND ({}))", spelt_out(operator, rest))
        }
    }
}

/// A user's text that more can follow: a comment at its end would swallow it.
fn closed(sql: &str, lexicon: &Lexicon) -> String {
    let sql = sql.trim();
    let commented = tokens(sql, lexicon).last().is_some_and(|token| token.kind == TokenKind::Comment);
    if commented { format!("{sql}\n") } else { sql.to_owned() }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn batches(columns: &[&str], row_values: bool, recheck: Recheck) -> Batches {
        let column = |name: &&str| KeyColumn {
            name: (*name).to_owned(),
            column: (*name).to_owned(),
            sql: (*name).to_owned(),
            literal: format!("quote({name})"),
        };
        Batches {
            table: "t".into(),
            target: "t".to_owned(),
            key: columns.iter().map(column).collect(),
            set: "n = n + 1".to_owned(),
            condition: Some("n < 5 OR n > 9".to_owned()),
            size: 100,
            until: None,
            pause: 0,
            row_values,
            recheck,
            estimate: String::new(),
            script: None,
        }
    }

    fn key(values: &[&str]) -> Key {
        values.iter().map(|value| (*value).to_owned()).collect()
    }

    #[test]
    fn one_column() {
        let batches = batches(&["id"], true, Recheck::Query);
        assert_eq!(
            batches.end(&From::After(key(&["7"])), &key(&["900"])),
            "SELECT quote(id) FROM (SELECT id FROM t WHERE id > 7 AND id <= 900 ORDER BY id LIMIT 1 OFFSET 99) AS edge"
        );
        assert_eq!(
            batches.change(&From::Start, &key(&["900"])),
            "UPDATE t SET n = n + 1 WHERE id <= 900 AND (n < 5 OR n > 9)"
        );
        assert_eq!(batches.last(), "SELECT quote(id) FROM t ORDER BY id DESC LIMIT 1");
    }

    #[test]
    fn several_columns() {
        let from = From::At(key(&["1", "2", "3"]));
        let to = key(&["4", "5", "6"]);
        assert_eq!(
            batches(&["a", "b", "c"], true, Recheck::None).left(&from, &to),
            "SELECT 1 FROM t WHERE (a, b, c) >= (1, 2, 3) AND (a, b, c) <= (4, 5, 6) AND (n < 5 OR n > 9) LIMIT 1"
        );
        assert_eq!(
            batches(&["a", "b", "c"], false, Recheck::None).left(&from, &to),
            "SELECT 1 FROM t WHERE a >= 1 AND (a > 1 OR (a = 1 AND (b > 2 OR (b = 2 AND (c >= 3))))) \
             AND a <= 4 AND (a < 4 OR (a = 4 AND (b < 5 OR (b = 5 AND (c <= 6))))) AND (n < 5 OR n > 9) LIMIT 1"
        );
    }

    #[test]
    fn a_change_that_says_what_is_left() {
        assert_eq!(
            batches(&["id"], true, Recheck::Returning).change(&From::Start, &key(&["9"])),
            "WITH changed AS (UPDATE t SET n = n + 1 WHERE id <= 9 AND (n < 5 OR n > 9) RETURNING (n < 5 OR n > 9) AS again) \
             SELECT count(*), count(*) FILTER (WHERE again) FROM changed"
        );
    }

    #[test]
    fn a_comment_at_the_end_swallows_nothing() {
        let lexicon = &Lexicon::STANDARD;
        assert_eq!(closed(" a = 1 -- why ", lexicon), "a = 1 -- why\n");
        assert_eq!(closed("a = '--'", lexicon), "a = '--'");
    }
}
