//! Where the values of a rebuilt column come from.

use aludel_engine::dialect::Unsupported;
use aludel_engine::schema::{Column, Type, Value};

use crate::identifier::quote;
use crate::literal::literal;
use crate::types::{Affinity, affinity, render};

/// Where the values of a column of the new table come from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Source {
    /// The column is new, or computed: the table itself fills it.
    Default,
    /// The column is new and numbers the rows: they keep the numbers they have.
    Rowid,
    /// An expression over the old table.
    Expression {
        /// The expression.
        sql: String,
        /// What the new values must be, where the conversion cannot promise it.
        must_be: Option<Kinds>,
    },
}

/// What values a column may hold after a conversion.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kinds {
    /// Whole numbers.
    Integer,
    /// Numbers.
    Number,
}

impl Kinds {
    /// The words of `typeof` that are allowed.
    pub fn allowed(self) -> &'static str {
        match self {
            Kinds::Integer => "'integer', 'null'",
            Kinds::Number => "'integer', 'real', 'null'",
        }
    }

    /// What the values are not, for a message.
    pub fn describe(self) -> &'static str {
        match self {
            Kinds::Integer => "whole numbers",
            Kinds::Number => "numbers",
        }
    }
}

impl Source {
    /// An expression that needs no check.
    pub fn expression(sql: String) -> Self {
        Source::Expression { sql, must_be: None }
    }

    /// The column as it is.
    pub fn column(name: &str) -> Self {
        Source::expression(quote(name))
    }

    /// What rows that are there get when a column is added.
    pub fn default_of(column: &Column) -> Result<Self, Unsupported> {
        let value = column.default.as_ref().unwrap_or(&Value::Null);
        literal(value, &column.ty).map(Source::expression)
    }

    /// The values of a column whose definition changes.
    pub fn altered(
        self,
        before: &Column,
        after: &Column,
        using: Option<&str>,
        null: Option<&Value>,
    ) -> Result<Self, Unsupported> {
        if after.computed.is_some() {
            return Ok(Source::Default);
        }
        let converted = match (self, using) {
            (_, Some(using)) => Source::expression(using.to_owned()),
            (Source::Expression { sql, must_be }, None) => converted(sql, must_be, &before.ty, &after.ty),
            (other, None) => other,
        };
        match (converted, null) {
            (Source::Expression { sql, must_be }, Some(value)) if *value != Value::Null => {
                let value = literal(value, &after.ty)?;
                let text = if using.is_some() { format!("({sql})") } else { sql };
                Ok(Source::Expression { sql: format!("coalesce({text}, {value})"), must_be })
            }
            (converted, _) => Ok(converted),
        }
    }
}

fn is_whole(ty: &Type) -> bool {
    matches!(ty, Type::Boolean | Type::SmallInt | Type::Integer | Type::BigInt)
}

fn is_number(ty: &Type) -> bool {
    is_whole(ty) || matches!(ty, Type::Decimal(_) | Type::Real | Type::Double)
}

/// Numbers are left to the affinity of the new column, which converts what converts without loss and leaves the rest as
/// it is; that rest is then found and refused. CAST would make 0 of `abc` and 3 of 3.7 without a word.
/// <https://sqlite.org/datatype3.html#type_affinity>, <https://sqlite.org/lang_expr.html#castexpr>
fn converted(sql: String, must_be: Option<Kinds>, before: &Type, after: &Type) -> Source {
    if before == after {
        return Source::Expression { sql, must_be };
    }
    let of = |ty: &Type| render(ty).map_or(Affinity::Blob, |declared| affinity(&declared));
    let (from, to) = (of(before), of(after));
    // The type boolean holds more than two numbers here, and `flag = TRUE` would not find a 5.
    if *after == Type::Boolean && is_number(before) {
        let sql = format!("CASE WHEN typeof({sql}) IN ('integer', 'real') THEN {sql} <> 0 ELSE {sql} END");
        return Source::Expression { sql, must_be: Some(Kinds::Integer) };
    }
    // Days and moments are texts, compared as such.
    let is_moment = |ty: &Type| matches!(ty, Type::Timestamp(_) | Type::TimestampTz(_));
    if *before == Type::Date && is_moment(after) {
        let sql =
            format!("CASE WHEN typeof({sql}) = 'text' AND length({sql}) = 10 THEN {sql} || ' 00:00:00' ELSE {sql} END");
        return Source::Expression { sql, must_be: None };
    }
    if is_moment(before) && *after == Type::Date {
        let sql = format!("CASE WHEN typeof({sql}) = 'text' THEN substr({sql}, 1, 10) ELSE {sql} END");
        return Source::Expression { sql, must_be: None };
    }
    if is_whole(after) && !is_whole(before) {
        return Source::Expression { sql, must_be: Some(Kinds::Integer) };
    }
    if is_number(after) && !is_number(before) {
        return Source::Expression { sql, must_be: Some(Kinds::Number) };
    }
    match (from, to) {
        (Affinity::Text, Affinity::Text) => Source::Expression { sql, must_be: None },
        (_, Affinity::Text) => Source::expression(format!("CAST({sql} AS TEXT)")),
        (Affinity::Text, Affinity::Blob) => Source::expression(format!("CAST({sql} AS BLOB)")),
        _ => Source::Expression { sql, must_be: None },
    }
}
