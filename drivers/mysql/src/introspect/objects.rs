//! Views, triggers, routines and sequences.

use std::collections::BTreeMap;

use aludel_engine::dialect::Dialect;
use aludel_engine::driver::DriverError;
use aludel_engine::schema::{Object, ObjectName, OptionValue, Routine, Schema, Sequence, Trigger, View, ViewCheck};
use aludel_engine::sql::{Lexicon, Token, TokenKind, tokens};

use super::{Reader, text};
use crate::dialect::Flavour;

/// The parameters of routines, by namespace, name and kind.
type Parameters = BTreeMap<(String, String, String), Vec<String>>;

impl Reader<'_> {
    pub(super) fn read_views(&mut self, schema: &mut Schema) -> Result<(), DriverError> {
        let sql = format!(
            "SELECT table_schema, table_name, view_definition, check_option, security_type FROM information_schema.views \
             WHERE table_schema IN ({})",
            self.databases
        );
        for row in self.query(&sql)? {
            let name = self.name(text(&row, 0), text(&row, 1));
            if !self.wanted(&name) {
                continue;
            }
            let mut view = View { sql: self.without_home(text(&row, 2)), ..View::named(name) };
            if self.dialect.flavour() == Flavour::MySql {
                // MariaDB writes the names of columns into the query; MySQL keeps them beside it.
                let own = (text(&row, 0).to_owned(), text(&row, 1).to_owned());
                let names = self.view_columns.remove(&own).unwrap_or_default();
                if aliases(&view.sql, self.dialect.lexicon()).as_ref() != Some(&names) {
                    view.columns = names;
                }
            }
            view.check = match text(&row, 3) {
                "LOCAL" => Some(ViewCheck::Local),
                "CASCADED" => Some(ViewCheck::Cascaded),
                _ => None,
            };
            if text(&row, 4).eq_ignore_ascii_case("invoker") {
                view.options.set("sql_security", OptionValue::Text("invoker".to_owned()));
            }
            schema.put_object(Object::View(view));
        }
        Ok(())
    }

    pub(super) fn read_triggers(&mut self, schema: &mut Schema) -> Result<(), DriverError> {
        let sql = format!(
            "SELECT event_object_schema, event_object_table, trigger_name, action_timing, event_manipulation, \
             action_statement FROM information_schema.triggers WHERE event_object_schema IN ({})",
            self.databases
        );
        for row in self.query(&sql)? {
            let table = self.name(text(&row, 0), text(&row, 1));
            if !self.wanted(&table) {
                continue;
            }
            let sql = format!(
                "CREATE TRIGGER {} {} {} ON {} FOR EACH ROW {}",
                self.dialect.quote_name(&table.sibling(text(&row, 2))),
                text(&row, 3),
                text(&row, 4),
                self.dialect.quote_name(&table),
                text(&row, 5)
            );
            schema.put_object(Object::Trigger(Trigger { name: text(&row, 2).to_owned(), table, sql, comment: None }));
        }
        Ok(())
    }

    pub(super) fn read_routines(&mut self, schema: &mut Schema) -> Result<(), DriverError> {
        let parameters = self.read_parameters()?;
        let sql = format!(
            "SELECT routine_schema, routine_name, routine_type, routine_definition, dtd_identifier, is_deterministic, \
             sql_data_access, security_type, routine_comment FROM information_schema.routines \
             WHERE routine_schema IN ({}) AND routine_type IN ('FUNCTION', 'PROCEDURE')",
            self.databases
        );
        for row in self.query(&sql)? {
            let name = self.name(text(&row, 0), text(&row, 1));
            if !self.wanted(&name) {
                continue;
            }
            let procedure = text(&row, 2) == "PROCEDURE";
            if row.get(3).is_none_or(Option::is_none) {
                // Only who made it may read it. An empty text is a text that is not known.
                let sql = String::new();
                schema.put_object(Object::Routine(Routine { name, arguments: None, procedure, sql, comment: None }));
                continue;
            }
            let own = (text(&row, 0).to_owned(), text(&row, 1).to_owned(), text(&row, 2).to_owned());
            let list = parameters.get(&own).map(|list| list.join(", ")).unwrap_or_default();
            let mut sql = format!("CREATE {} {}({list})", text(&row, 2), self.dialect.quote_name(&name));
            if !procedure {
                sql.push_str(&format!(" RETURNS {}", text(&row, 4)));
            }
            if text(&row, 5) == "YES" {
                sql.push_str(" DETERMINISTIC");
            }
            sql.push_str(&format!(" {} SQL SECURITY {}", text(&row, 6), text(&row, 7)));
            if !text(&row, 8).is_empty()
                && let Ok(comment) = crate::literal::quote_text(text(&row, 8))
            {
                sql.push_str(&format!(" COMMENT {comment}"));
            }
            sql.push_str(&format!("\n{}", text(&row, 3)));
            schema.put_object(Object::Routine(Routine { name, arguments: None, procedure, sql, comment: None }));
        }
        Ok(())
    }

    /// The sequences, each of which is a table of one row: which there are, and then all of their rows together.
    pub(super) fn read_sequences(&mut self, schema: &mut Schema) -> Result<(), DriverError> {
        if self.dialect.flavour() != Flavour::MariaDb {
            return Ok(());
        }
        let sql = format!(
            "SELECT table_schema, table_name FROM information_schema.tables WHERE table_type = 'SEQUENCE' \
             AND table_schema IN ({})",
            self.databases
        );
        let rows = self.query(&sql)?;
        let names: Vec<ObjectName> = rows.iter().map(|row| self.name(text(row, 0), text(row, 1))).collect();
        let names: Vec<ObjectName> = names.into_iter().filter(|name| self.wanted(name)).collect();
        let selects: Vec<String> = names
            .iter()
            .enumerate()
            .map(|(place, name)| {
                format!(
                    "SELECT {place}, start_value, increment, minimum_value, maximum_value, cache_size, cycle_option FROM {}",
                    self.dialect.quote_name(name)
                )
            })
            .collect();
        if selects.is_empty() {
            return Ok(());
        }
        for row in self.query(&selects.join(" UNION ALL "))? {
            let Some(name) = text(&row, 0).parse::<usize>().ok().and_then(|place| names.get(place)) else { continue };
            let number = |at: usize| text(&row, at).parse::<i64>().ok();
            schema.put_object(Object::Sequence(Sequence {
                start: number(1),
                increment: number(2),
                min: number(3),
                max: number(4),
                cache: number(5),
                cycle: text(&row, 6) == "1",
                ..Sequence::named(name.clone())
            }));
        }
        Ok(())
    }

    /// The parameters of each routine, as its definition has them.
    fn read_parameters(&mut self) -> Result<Parameters, DriverError> {
        let sql = format!(
            "SELECT specific_schema, specific_name, routine_type, parameter_mode, parameter_name, dtd_identifier \
             FROM information_schema.parameters WHERE specific_schema IN ({}) AND ordinal_position > 0 \
             ORDER BY specific_schema, specific_name, routine_type, ordinal_position",
            self.databases
        );
        let mut found = Parameters::new();
        for row in self.query(&sql)? {
            let mode = match text(&row, 2) {
                "PROCEDURE" => format!("{} ", text(&row, 3)),
                _ => String::new(),
            };
            let own = (text(&row, 0).to_owned(), text(&row, 1).to_owned(), text(&row, 2).to_owned());
            let parameter = format!("{mode}{} {}", self.dialect.quote(text(&row, 4)), text(&row, 5));
            found.entry(own).or_default().push(parameter);
        }
        Ok(found)
    }

    /// A definition without the name of the database connected to, which the server puts before every name.
    pub(super) fn without_home(&self, sql: &str) -> String {
        let found: Vec<_> = tokens(sql, self.dialect.lexicon()).collect();
        let home = self.dialect.quote(&self.home);
        let always_quoted = format!("`{}`", self.home.replace('`', "``"));
        let mut out = String::with_capacity(sql.len());
        let mut copied = 0;
        for pair in found.windows(2) {
            let [name, dot] = pair else { continue };
            let word = name.text(sql);
            let is_home = matches!(name.kind, TokenKind::QuotedIdentifier | TokenKind::Word)
                && (word == home || word == always_quoted);
            if is_home && dot.text(sql) == "." {
                out.push_str(sql.get(copied..name.start).unwrap_or_default());
                copied = dot.end;
            }
        }
        out.push_str(sql.get(copied..).unwrap_or_default());
        out
    }
}

/// The names that a query gives to its columns, as the server prints it: with `AS` and a quoted name for each. None where
/// that is not how it looks.
fn aliases(sql: &str, lexicon: &Lexicon) -> Option<Vec<String>> {
    const BEHIND: [&str; 9] = ["from", "where", "group", "having", "order", "limit", "union", "except", "intersect"];
    let found: Vec<Token> = tokens(sql, lexicon).filter(Token::is_significant).collect();
    let mut depth = 0_i32;
    let mut inside = false;
    let mut items: Vec<&[Token]> = Vec::new();
    let mut first = 0;
    for (at, token) in found.iter().enumerate() {
        let text = token.text(sql);
        let is = |words: &[&str]| token.kind == TokenKind::Word && words.iter().any(|w| text.eq_ignore_ascii_case(w));
        match text {
            "(" => depth += 1,
            ")" => depth -= 1,
            _ if depth != 0 => {}
            _ if !inside && is(&["select"]) => (inside, first) = (true, at + 1),
            _ if !inside => {}
            _ if text == "," || is(&BEHIND) => {
                items.push(found.get(first..at)?);
                first = at + 1;
                if text != "," {
                    inside = false;
                    break;
                }
            }
            _ => {}
        }
    }
    if inside {
        items.push(found.get(first..)?);
    }
    let alias = |item: &[Token]| match item {
        [.., word, name] if word.text(sql).eq_ignore_ascii_case("as") && name.kind == TokenKind::QuotedIdentifier => {
            let quoted = name.text(sql);
            Some(quoted.get(1..quoted.len().saturating_sub(1))?.replace("``", "`"))
        }
        _ => None,
    };
    items.into_iter().map(alias).collect()
}

#[cfg(test)]
mod tests {
    use aludel_engine::dialect::Dialect;

    use super::aliases;
    use crate::dialect::{Flavour, MySql};

    #[test]
    fn the_names_of_a_query_are_those_behind_as() {
        let dialect = MySql::new(Flavour::MySql, Flavour::MySql.versions().0);
        for (sql, expected) in [
            ("select `t`.`a` AS `a`,(`t`.`a` + 1) AS `a+1` from `t`", Some(vec!["a", "a+1"])),
            ("select 1 AS `a``b`", Some(vec!["a`b"])),
            ("with `c` as (select 1 AS `x`) select distinct `c`.`x` AS `y` from `c`", Some(vec!["y"])),
            ("select (select max(`t`.`a`) AS `m` from `t`) AS `m` union select 2 AS `n`", Some(vec!["m"])),
            ("select extract(year from `t`.`d`) AS `y`,if(1,2,3) AS `,` from `t`", Some(vec!["y", ","])),
            ("(select 1 AS `a`) union (select 2 AS `b`)", Some(vec![])),
            ("select 1", None),
        ] {
            let expected = expected.map(|names| names.into_iter().map(str::to_owned).collect::<Vec<_>>());
            assert_eq!(aliases(sql, dialect.lexicon()), expected, "{sql}");
        }
    }
}
