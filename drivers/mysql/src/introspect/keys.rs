//! Keys, indexes, foreign keys and checks.

use std::collections::BTreeMap;

use aludel_engine::dialect::quoted_with;
use aludel_engine::driver::{DriverError, Row};
use aludel_engine::schema::{
    Column, Constraint, ConstraintKind, ForeignKey, Index, IndexKey, IndexPart, Match, OptionValue, ReferentialAction,
    Type,
};

use super::{Reader, text};
use crate::dialect::Flavour;
use crate::expression::unescape_catalog;

impl Reader<'_> {
    pub(super) fn read_foreign_keys(&mut self) -> Result<(), DriverError> {
        let sql = format!(
            "SELECT k.table_schema, k.table_name, k.constraint_name, k.column_name, k.referenced_table_schema, \
             k.referenced_table_name, k.referenced_column_name, r.delete_rule, r.update_rule FROM \
             information_schema.key_column_usage k JOIN information_schema.referential_constraints r ON \
             r.constraint_schema = k.constraint_schema AND r.table_name = k.table_name AND r.constraint_name = \
             k.constraint_name WHERE k.table_schema IN ({}) AND k.referenced_table_name IS NOT NULL ORDER BY \
             k.table_schema, k.table_name, k.constraint_name, k.ordinal_position",
            self.databases
        );
        for row in self.query(&sql)? {
            let referred = self.name(text(&row, 4), text(&row, 5));
            let Some(table) = self.table_of(&row) else { continue };
            let name = text(&row, 2);
            let place =
                table.constraints.iter().position(|c| c.foreign_key().is_some() && c.name.as_deref() == Some(name));
            if let Some(Constraint { kind: ConstraintKind::ForeignKey(key), .. }) =
                place.and_then(|place| table.constraints.get_mut(place))
            {
                key.columns.push(text(&row, 3).to_owned());
                key.referred_columns.push(text(&row, 6).to_owned());
                continue;
            }
            let key = ForeignKey {
                columns: vec![text(&row, 3).to_owned()],
                referred_table: referred,
                referred_columns: vec![text(&row, 6).to_owned()],
                on_delete: action(text(&row, 7)),
                on_update: action(text(&row, 8)),
                matching: Match::Simple,
            };
            table.constraints.push(Constraint::new(Some(name.to_owned()), ConstraintKind::ForeignKey(key)));
        }
        Ok(())
    }

    pub(super) fn read_indexes(&mut self) -> Result<(), DriverError> {
        let (expression, hidden) = match self.dialect.flavour() {
            Flavour::MySql => ("expression", "is_visible = 'NO'"),
            Flavour::MariaDb if self.dialect.features.hidden_index.is_some() => ("NULL", "ignored = 'YES'"),
            Flavour::MariaDb => ("NULL", "0"),
        };
        let sql = format!(
            "SELECT table_schema, table_name, index_name, non_unique, column_name, collation, sub_part, index_type, \
             index_comment, {expression}, {hidden} FROM information_schema.statistics WHERE table_schema IN ({}) ORDER BY \
             table_schema, table_name, index_name, seq_in_index",
            self.databases
        );
        let mut indexes: BTreeMap<(String, String), Vec<Index>> = BTreeMap::new();
        for row in self.query(&sql)? {
            let table = (text(&row, 0).to_owned(), text(&row, 1).to_owned());
            // The server puts the end of a version behind every key of a versioned table.
            if self.left_out.get(&table).is_some_and(|names| names.iter().any(|name| name == text(&row, 4))) {
                continue;
            }
            let list = indexes.entry(table).or_default();
            let part = index_part(&row);
            match list.last_mut().filter(|index| index.name == text(&row, 2)) {
                Some(index) => index.parts.push(part),
                None => list.push(new_index(&row, part)),
            }
        }
        for (name, list) in indexes {
            let Some(table) = self.tables.get_mut(&name) else { continue };
            for index in list {
                if index.name == "PRIMARY" {
                    let columns = index.parts.iter().filter_map(IndexPart::column_name).map(str::to_owned).collect();
                    let mut key = Constraint::new(None, ConstraintKind::PrimaryKey { columns });
                    let lengths: BTreeMap<String, OptionValue> = index.parts.iter().filter_map(length).collect();
                    if !lengths.is_empty() {
                        key.options.set("lengths", OptionValue::Map(lengths));
                    }
                    table.constraints.insert(0, key);
                } else {
                    table.indexes.push(index);
                }
            }
            crate::normalize::settle_indexes(table);
        }
        Ok(())
    }

    pub(super) fn read_checks(&mut self) -> Result<(), DriverError> {
        let sql = match self.dialect.flavour() {
            Flavour::MySql => format!(
                "SELECT t.table_schema, t.table_name, t.constraint_name, c.check_clause, t.enforced, '' FROM \
                 information_schema.table_constraints t JOIN information_schema.check_constraints c ON \
                 c.constraint_schema = t.constraint_schema AND c.constraint_name = t.constraint_name WHERE \
                 t.constraint_type = 'CHECK' AND t.table_schema IN ({}) ORDER BY 1, 2, 3",
                self.databases
            ),
            Flavour::MariaDb => format!(
                "SELECT constraint_schema, table_name, constraint_name, check_clause, 'YES', level FROM \
                 information_schema.check_constraints WHERE constraint_schema IN ({}) ORDER BY 1, 2, 3",
                self.databases
            ),
        };
        let mysql = self.dialect.flavour() == Flavour::MySql;
        for row in self.query(&sql)? {
            let Some(table) = self.table_of(&row) else { continue };
            let (name, clause) = (text(&row, 2), text(&row, 3));
            let of_column = text(&row, 5).eq_ignore_ascii_case("column");
            if of_column {
                // MariaDB's JSON is a LONGTEXT with this check: <https://mariadb.com/kb/en/json/>. Its name stays what the
                // column was first called.
                let validates =
                    |name: &str| clause.eq_ignore_ascii_case(&format!("json_valid({})", quoted_with(name, '`')));
                let json = |column: &&mut Column| column.ty == Type::Text && validates(&column.name);
                if let Some(column) = table.columns.iter_mut().find(json) {
                    column.ty = Type::Json;
                    column.collation = None;
                    continue;
                }
            }
            let sql = if mysql { unescape_catalog(clause) } else { clause.to_owned() };
            let mut check = Constraint::new(Some(name.to_owned()), ConstraintKind::Check { sql });
            if text(&row, 4).eq_ignore_ascii_case("no") {
                check.options.set("enforced", OptionValue::Bool(false));
            }
            table.constraints.push(check);
        }
        Ok(())
    }
}

fn action(rule: &str) -> ReferentialAction {
    match rule.to_ascii_uppercase().as_str() {
        "CASCADE" => ReferentialAction::Cascade,
        "SET NULL" => ReferentialAction::SetNull,
        "SET DEFAULT" => ReferentialAction::SetDefault,
        "RESTRICT" => ReferentialAction::Restrict,
        _ => ReferentialAction::NoAction,
    }
}

fn new_index(row: &Row, part: IndexPart) -> Index {
    let mut index = Index {
        name: text(row, 2).to_owned(),
        parts: vec![part],
        unique: text(row, 3) == "0",
        predicate: None,
        comment: Some(text(row, 8).to_owned()).filter(|comment| !comment.is_empty()),
        options: aludel_engine::schema::Options::default(),
    };
    match text(row, 7) {
        kind @ ("FULLTEXT" | "SPATIAL") => index.options.set("kind", OptionValue::Text(kind.to_ascii_lowercase())),
        "HASH" => index.options.set("using", OptionValue::Text("hash".to_owned())),
        _ => {}
    }
    if text(row, 10) == "1" {
        index.options.set("invisible", OptionValue::Bool(true));
    }
    index
}

/// The column of which no more than some characters are in an index.
fn length(part: &IndexPart) -> Option<(String, OptionValue)> {
    Some((part.column_name()?.to_owned(), OptionValue::Integer(part.length?.into())))
}

fn index_part(row: &Row) -> IndexPart {
    let mut part = IndexPart::column(text(row, 4));
    let expression = text(row, 9);
    if !expression.is_empty() {
        part.key = IndexKey::Expression(unescape_catalog(expression));
    }
    part.descending = text(row, 5) == "D";
    // A spatial key reports the size of its bounding box.
    part.length = text(row, 6).parse().ok().filter(|_| text(row, 7) != "SPATIAL");
    part
}
