//! Assertions of authors: a statement that fails when one does not hold, and does nothing when it does.

use aludel_engine::change::Assert;
use aludel_engine::dialect::{Dialect, Unsupported};
use aludel_engine::plan::Statement;
use aludel_engine::schema::{Type, Value};

use super::Compiler;
use super::rows::parenthesised;
use crate::dialect::Flavour;
use crate::error::GUARD;
use crate::literal::quote_text;

impl Compiler<'_> {
    /// MariaDB has blocks outside procedures, with SIGNAL in them (<https://mariadb.com/kb/en/begin-end/>). MySQL has not,
    /// so there a function refuses its argument and repeats 128 characters of it in its message:
    /// <https://dev.mysql.com/doc/refman/8.4/en/miscellaneous-functions.html#function_uuid-to-bin>.
    pub(super) fn assert(&self, assert: &Assert) -> Result<Statement, Unsupported> {
        let mut holds = Vec::new();
        for (operator, value) in assert.expected.comparisons() {
            let render = |ty: &Type| self.dialect.literal(value, ty);
            holds.push(match value {
                Value::Null => "`found` IS NULL".to_owned(),
                Value::Bool(value) => format!("`found` = {}", u8::from(*value)),
                Value::Integer(_) | Value::Number(_) => {
                    // A text that is compared with a number counts as 0: only what looks like a number is one.
                    let number = "CAST(`found` AS CHAR) REGEXP '^[-+]?[0-9]*[.]?[0-9]+(e[-+]?[0-9]+)?$'";
                    format!("{number} AND `found` {operator} {}", render(&Type::Decimal(None))?)
                }
                _ => format!(
                    "CAST(`found` AS CHAR CHARACTER SET utf8mb4) COLLATE utf8mb4_bin {operator} {}",
                    render(&Type::Text)?
                ),
            });
        }
        let (before, after) = assert.complaint();
        let message = format!(
            "CONCAT({}, COALESCE(LEFT(CAST(`found` AS CHAR CHARACTER SET utf8mb4), 60), 'NULL'), {})",
            quote_text(&format!("{GUARD}{before}"))?,
            quote_text(&after)?
        );
        let wrong = format!(
            "FROM (SELECT {} AS `found`) AS `asserted`\nWHERE NOT COALESCE({}, FALSE)",
            parenthesised(&assert.sql),
            holds.join(" AND ")
        );
        let sql = match self.dialect.flavour() {
            Flavour::MySql => format!("SELECT UUID_TO_BIN({message})\n{wrong}"),
            Flavour::MariaDb => format!(
                "BEGIN NOT ATOMIC\n  SET @aludel_wrong = NULL;\n  SELECT {message}\n  INTO @aludel_wrong\n  {wrong};\n  IF @aludel_wrong IS NOT NULL THEN\n    SIGNAL SQLSTATE '45000' SET MESSAGE_TEXT = @aludel_wrong;\n  END IF;\nEND"
            ),
        };
        Ok(Statement::assertion(sql, assert))
    }
}
