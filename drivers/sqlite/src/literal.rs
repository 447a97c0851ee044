//! Values as SQL.

use aludel_engine::dialect::{Unsupported, date_and_time, four_digit_year, string_literal};
use aludel_engine::schema::{Function, Type, Value, hexadecimal_digits};

use crate::types::{Affinity, affinity, render};

/// How many digits a number of NUMERIC affinity keeps for certain. <https://sqlite.org/datatype3.html#type_affinity>
const EXACT_DIGITS: usize = 15;

/// A random UUID of version 4. SQLite has no function for one.
const UUID: &str = "lower(hex(randomblob(4)) || '-' || hex(randomblob(2)) || '-4' || substr(hex(randomblob(2)), 2) || '-' || substr('89AB', 1 + (abs(random()) % 4), 1) || substr(hex(randomblob(2)), 2) || '-' || hex(randomblob(6)))";

/// A value as an expression that has the meaning of the type.
pub fn literal(value: &Value, ty: &Type) -> Result<String, Unsupported> {
    match value {
        Value::Null => Ok("NULL".to_owned()),
        Value::Bool(value) => Ok(boolean(*value, ty)),
        Value::Integer(number) => Ok(worded(&number.to_string(), ty)),
        Value::Number(text) => number(text, ty),
        Value::Text(value) => text(value, ty),
        Value::Json(document) => text(document, &Type::Json),
        Value::List(_) => Err(Unsupported::new("SQLite has no arrays")),
        Value::Bytes(bytes) => Ok(blob(bytes)),
        Value::Function(function) => call(*function, ty),
        Value::Sql(sql) => Ok(sql.clone()),
    }
}

/// What stands after DEFAULT: anything but a constant needs parentheses.
/// <https://sqlite.org/lang_createtable.html#the_default_clause>
pub fn default_clause(value: &Value, ty: &Type) -> Result<String, Unsupported> {
    let sql = literal(value, ty)?;
    Ok(match constant(&sql) || is_current(&sql) {
        true => sql,
        false => format!("({sql})"),
    })
}

/// Whether `ALTER TABLE ADD COLUMN` takes this default for rows that are there already.
pub fn is_constant_default(value: &Value, ty: &Type) -> bool {
    literal(value, ty).is_ok_and(|sql| constant(&sql))
}

fn is_current(sql: &str) -> bool {
    ["CURRENT_TIMESTAMP", "CURRENT_DATE", "CURRENT_TIME"].iter().any(|word| word.eq_ignore_ascii_case(sql.trim()))
}

/// Whether a text is a string, a blob, a number with or without a sign, NULL, TRUE or FALSE.
fn constant(sql: &str) -> bool {
    use aludel_engine::sql::TokenKind;

    use crate::lex::tokens;
    let found = tokens(sql);
    match found.as_slice() {
        [one] => match one.kind {
            TokenKind::String | TokenKind::Number => true,
            TokenKind::Word => ["NULL", "TRUE", "FALSE"].iter().any(|word| word.eq_ignore_ascii_case(one.text(sql))),
            _ => false,
        },
        [sign, number] => matches!(sign.text(sql), "-" | "+") && number.kind == TokenKind::Number,
        _ => false,
    }
}

/// Whether the column keeps words rather than numbers.
pub fn is_textual(ty: &Type) -> bool {
    match ty {
        Type::Json | Type::Jsonb | Type::Date | Type::Time(_) | Type::Timestamp(_) | Type::TimestampTz(_) => true,
        Type::Native(_) => false,
        _ => render(ty).is_ok_and(|declared| affinity(&declared) == Affinity::Text),
    }
}

fn worded(number: &str, ty: &Type) -> String {
    match is_textual(ty) {
        true => string_literal(number),
        false => number.to_owned(),
    }
}

fn boolean(value: bool, ty: &Type) -> String {
    match (is_textual(ty), value) {
        (true, true) => "'true'".to_owned(),
        (true, false) => "'false'".to_owned(),
        (false, true) => "1".to_owned(),
        (false, false) => "0".to_owned(),
    }
}

fn number(text: &str, ty: &Type) -> Result<String, Unsupported> {
    let text = text.trim();
    let unsigned = text.trim_start_matches(['+', '-']);
    let negative = text.starts_with('-');
    match unsigned.trim_start_matches('.').to_ascii_lowercase().as_str() {
        // https://sqlite.org/floatingpoint.html: a literal that overflows is infinite; there is no NaN.
        "inf" | "infinity" => return Ok(if negative { "-9e999" } else { "9e999" }.to_owned()),
        "nan" => {
            return Err(Unsupported::new("SQLite has no value NaN; it keeps NULL in its place")
                .help("write `null`, or keep the value as text"));
        }
        _ => {}
    }
    let digits: String =
        unsigned.chars().take_while(|c| !matches!(c, 'e' | 'E')).filter(char::is_ascii_digit).collect();
    let valid = !digits.is_empty()
        && text.len() - unsigned.len() <= 1
        && unsigned.parse::<f64>().is_ok()
        && unsigned.chars().all(|c| c.is_ascii_digit() || matches!(c, '.' | 'e' | 'E' | '+' | '-'));
    if !valid {
        return Err(Unsupported::new(format!("`{text}` is not a number")).help("quote it if it is a text"));
    }
    if is_textual(ty) {
        return Ok(string_literal(text));
    }
    let significant = digits.trim_start_matches('0').len();
    let whole = text.parse::<i64>().is_ok();
    if !whole && significant > EXACT_DIGITS && !matches!(ty, Type::Real | Type::Double | Type::Native(_)) {
        return Err(Unsupported::new(format!("SQLite cannot keep all digits of {text} in a column of type `{ty}`"))
            .help("it keeps 15 digits of a number; use a text column for more: `type: {sqlite: text}`"));
    }
    Ok(text.trim_start_matches('+').to_owned())
}

fn text(value: &str, ty: &Type) -> Result<String, Unsupported> {
    if value.contains('\0') {
        // https://sqlite.org/nulinstr.html
        return Err(Unsupported::new("a text with a NUL character does not survive in SQLite")
            .help("use a blob column, or write the value as `{sql: \"x'…'\"}`"));
    }
    if matches!(ty, Type::Blob | Type::Binary(_) | Type::Varbinary(_)) {
        return Ok(blob(value.as_bytes()));
    }
    if matches!(ty, Type::Date | Type::Timestamp(_) | Type::TimestampTz(_)) {
        four_digit_year(value)?;
    }
    if matches!(ty, Type::Timestamp(_) | Type::TimestampTz(_)) {
        // As CURRENT_TIMESTAMP writes it: moments are texts here, so only one notation keeps their order.
        return Ok(string_literal(&date_and_time(value, matches!(ty, Type::TimestampTz(_)))?));
    }
    Ok(text_literal(value))
}

/// A string, with carriage returns as `char(13)`: the shell drops one before the end of a line of a script.
fn text_literal(text: &str) -> String {
    if !text.contains('\r') {
        return string_literal(text);
    }
    let mut sql = String::new();
    for (place, part) in text.split('\r').enumerate() {
        if place > 0 {
            sql.push_str(if sql.is_empty() { "char(13)" } else { " || char(13)" });
        }
        if !part.is_empty() {
            let glue = if sql.is_empty() { "" } else { " || " };
            sql.push_str(glue);
            sql.push_str(&string_literal(part));
        }
    }
    sql
}

/// Bytes as a blob literal. <https://sqlite.org/lang_expr.html#literal_values_constants_>
fn blob(bytes: &[u8]) -> String {
    format!("x'{}'", hexadecimal_digits(bytes))
}

fn call(function: Function, ty: &Type) -> Result<String, Unsupported> {
    Ok(match (function, ty) {
        (Function::Now, Type::Date) | (Function::Today, _) => "CURRENT_DATE",
        (Function::Now, Type::Time(_)) => "CURRENT_TIME",
        (Function::Now, _) => "CURRENT_TIMESTAMP",
        (Function::Uuid, _) => UUID,
        (Function::CurrentUser, _) => {
            return Err(Unsupported::new("SQLite has no users, so there is no `current_user`")
                .help("give SQLite a value of its own: `default: {sql: {sqlite: \"'app'\", …}}`"));
        }
    }
    .to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_are_written_for_their_type() {
        let text = |value: &str| Value::Text(value.to_owned());
        let number = |value: &str| Value::Number(value.to_owned());
        for (value, ty, sql) in [
            (Value::Null, "text", "NULL"),
            (Value::Bool(true), "boolean", "1"),
            (Value::Bool(false), "json", "'false'"),
            (Value::Integer(-5), "bigint", "-5"),
            (Value::Integer(5), "varchar(3)", "'5'"),
            (Value::Integer(i64::MIN), "bigint", "-9223372036854775808"),
            (number("1.50"), "decimal(5,2)", "1.50"),
            (number("1.50"), "text", "'1.50'"),
            (number("3.141592653589793238"), "double", "3.141592653589793238"),
            (number(".inf"), "double", "9e999"),
            (number("-.inf"), "double", "-9e999"),
            (text("it's"), "text", "'it''s'"),
            (text("a\r\n\r"), "text", "'a' || char(13) || '\n' || char(13)"),
            (text("\rx"), "text", "char(13) || 'x'"),
            (text("C:\\new\\"), "text", "'C:\\new\\'"),
            (text("2024-01-31"), "date", "'2024-01-31'"),
            (text("2024-01-31T00:30:00.5+02:00"), "timestamptz", "'2024-01-30 22:30:00.5'"),
            (text("2024-01-31 10:30:00Z"), "timestamptz", "'2024-01-31 10:30:00'"),
            (text("2024-01-31T10:30:00"), "timestamp", "'2024-01-31 10:30:00'"),
            (text("AB"), "blob", "x'4142'"),
            (Value::Bytes(vec![0, 0xff, 0x27]), "varbinary(3)", "x'00ff27'"),
            (Value::Bytes(vec![]), "blob", "x''"),
            (Value::Json("{\"a\":\"it's\"}".to_owned()), "json", "'{\"a\":\"it''s\"}'"),
            (Value::Function(Function::Now), "timestamptz", "CURRENT_TIMESTAMP"),
            (Value::Function(Function::Now), "date", "CURRENT_DATE"),
            (Value::Function(Function::Today), "date", "CURRENT_DATE"),
            (Value::Sql("1 + 1".to_owned()), "integer", "1 + 1"),
        ] {
            assert_eq!(literal(&value, &Type::parse(ty).expect(ty)).as_deref(), Ok(sql), "{value:?} {ty}");
        }
    }

    #[test]
    fn what_sqlite_cannot_hold_is_refused() {
        for (value, ty, part) in [
            (Value::Text("a\0b".to_owned()), "text", "NUL"),
            (Value::Number("12345678901234567890".to_owned()), "decimal(20,0)", "all digits"),
            (Value::Number("1234567890123.4567".to_owned()), "decimal(20,4)", "all digits"),
            (Value::Number(".nan".to_owned()), "double", "NaN"),
            (Value::Number("1; DROP TABLE t".to_owned()), "double", "not a number"),
            (Value::Number("--1".to_owned()), "double", "not a number"),
            (Value::Function(Function::CurrentUser), "text", "no users"),
        ] {
            let error = literal(&value, &Type::parse(ty).expect(ty)).expect_err(part);
            assert!(error.message.contains(part), "{error:?}");
        }
    }

    #[test]
    fn defaults_get_parentheses_where_the_grammar_wants_them() {
        for (value, clause) in [
            (Value::Integer(-1), "-1"),
            (Value::Text("x".to_owned()), "'x'"),
            (Value::Function(Function::Now), "CURRENT_TIMESTAMP"),
            (Value::Sql("1 + 1".to_owned()), "(1 + 1)"),
            (Value::Sql("abs(-1)".to_owned()), "(abs(-1))"),
        ] {
            let ty = Type::Native(String::new());
            assert_eq!(default_clause(&value, &ty).as_deref(), Ok(clause));
        }
        let clause = default_clause(&Value::Function(Function::Uuid), &Type::Uuid).expect("uuid");
        assert!(clause.starts_with("(lower(") && clause.ends_with(')'));
    }
}
