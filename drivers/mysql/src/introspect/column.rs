//! Columns.

use aludel_engine::driver::{DriverError, Row};
use aludel_engine::schema::{Column, Computed, Identity, OptionValue, Type, Value};

use super::{Reader, text};
use crate::dialect::{Flavour, MySql};
use crate::expression::unescape_catalog;
use crate::literal::quote_text;
use crate::normalize::default::bytes as hexadecimal_bytes;
use crate::types;

impl Reader<'_> {
    pub(super) fn read_columns(&mut self) -> Result<(), DriverError> {
        let sql = format!(
            "SELECT table_schema, table_name, column_name, column_type, is_nullable, column_default, extra, \
             generation_expression, collation_name, column_comment FROM information_schema.columns WHERE table_schema IN \
             ({}) ORDER BY table_schema, table_name, ordinal_position",
            self.databases
        );
        for row in self.query(&sql)? {
            if is_of_versions(text(&row, 7)) {
                let table = (text(&row, 0).to_owned(), text(&row, 1).to_owned());
                self.left_out.entry(table).or_default().push(text(&row, 2).to_owned());
                continue;
            }
            let dialect = self.dialect.clone();
            let mut column = column(&dialect, &row);
            // The name of a sequence is the one name of a relation that a default can have.
            if let Some(Value::Sql(sql)) = column.default.as_mut().filter(|_| text(&row, 5).contains("nextval(")) {
                *sql = self.without_home(sql);
            }
            match self.table_of(&row) {
                Some(table) => table.columns.push(column),
                None => {
                    let view = (text(&row, 0).to_owned(), text(&row, 1).to_owned());
                    self.view_columns.entry(view).or_default().push(text(&row, 2).to_owned());
                }
            }
        }
        Ok(())
    }
}

/// Whether an expression is that of a column that says since or until when a version of a row counts, which the model does not
/// have: <https://mariadb.com/kb/en/system-versioned-tables/>.
fn is_of_versions(expression: &str) -> bool {
    ["ROW START", "ROW END"].iter().any(|words| expression.eq_ignore_ascii_case(words))
}

fn column(dialect: &MySql, row: &Row) -> Column {
    let parsed = types::parse(&types::without_zerofill(types::without_compression(text(row, 3))));
    let extra = text(row, 6).to_ascii_lowercase();
    let mut column = Column::new(text(row, 2), parsed.ty);
    column.nullable = text(row, 4).eq_ignore_ascii_case("yes");
    column.collation = row.get(8).cloned().flatten();
    column.comment = Some(text(row, 9).to_owned()).filter(|comment| !comment.is_empty());
    if parsed.unsigned {
        column.options.set("unsigned", OptionValue::Bool(true));
    }
    if extra.contains("on update") {
        column.options.set("on_update", OptionValue::Text("current_timestamp".to_owned()));
    }
    if extra.split_whitespace().any(|word| word == "invisible") {
        column.options.set("invisible", OptionValue::Bool(true));
    }
    if extra.contains("auto_increment") {
        column.identity = Some(Identity::default());
    }
    let expression = text(row, 7);
    if expression.is_empty() {
        column.default = default(dialect, row.get(5).cloned().flatten(), &column.ty, &extra);
    } else {
        let sql = match dialect.flavour() {
            Flavour::MySql => unescape_catalog(expression),
            Flavour::MariaDb => expression.to_owned(),
        };
        column.computed = Some(Computed { sql, stored: extra.contains("stored") || extra.contains("persistent") });
    }
    column
}

/// The default as SQL. MariaDB prints SQL; MySQL prints a literal's bare value, and only `EXTRA` says which of the two it
/// is. <https://dev.mysql.com/doc/refman/8.4/en/information-schema-columns-table.html>
fn default(dialect: &MySql, text: Option<String>, ty: &Type, extra: &str) -> Option<Value> {
    let text = text?;
    let sql = match dialect.flavour() {
        Flavour::MariaDb if text == "NULL" => return None,
        Flavour::MariaDb => text,
        Flavour::MySql if extra.contains("default_generated") => unescape_catalog(&text),
        // Of characters, so that it is no expression when it is made again; no bytes at all are printed as `0x`, which is
        // no literal.
        Flavour::MySql if is_bytes(ty) => match characters(&text) {
            Some(characters) => quote_text(&characters).ok()?,
            None => text,
        },
        Flavour::MySql if is_bare(ty) && !text.is_empty() => text,
        Flavour::MySql => quote_text(&text).ok()?,
    };
    Some(Value::Sql(sql))
}

fn is_bytes(ty: &Type) -> bool {
    matches!(ty, Type::Binary(_) | Type::Varbinary(_))
}

/// The text whose bytes a hexadecimal literal is, if it is one; BINARY is printed with the zeros that fill it.
fn characters(literal: &str) -> Option<String> {
    let bytes = hexadecimal_bytes(literal.strip_prefix("0x").unwrap_or(literal))?;
    let text = String::from_utf8(bytes).ok()?;
    let text = text.trim_end_matches('\0');
    (!text.contains(char::is_control)).then(|| text.to_owned())
}

/// Whether MySQL prints the default of a type as SQL reads it: numbers, bits, and bytes as `0x…`.
fn is_bare(ty: &Type) -> bool {
    types::is_integer(ty)
        || matches!(
            ty,
            Type::Boolean | Type::Decimal(_) | Type::Real | Type::Double | Type::Binary(_) | Type::Varbinary(_)
        )
        || matches!(ty, Type::Native(text) if text.starts_with("bit") || text.starts_with("year"))
}
