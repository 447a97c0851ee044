//! Defaults in one spelling: the server keeps a literal as a constant of the column's type and prints it in its own way.

use aludel_engine::dialect::date_and_time;
use aludel_engine::schema::{Type, Value};

use crate::literal;
use crate::normalize::Scope;
use crate::types;
use crate::version::Features;

/// The canonical text of a default; none for NULL, which the server does not keep.
pub fn canonical(default: &Value, ty: &Type, scope: &Scope<'_>, features: &Features) -> Option<String> {
    let text = match default {
        Value::Sql(sql) => sql.clone(),
        value => literal::render(value, ty, features).ok()?,
    };
    let text = scope.canonical(&uncast(text.trim(), ty));
    let text = uncast(&text, ty);
    if text.eq_ignore_ascii_case("null") {
        return None;
    }
    Some(constant(&text, ty).unwrap_or(text))
}

/// A literal without a cast to the very type of the column: `'2020-01-01'::date`.
fn uncast(text: &str, ty: &Type) -> String {
    let mut text = text;
    // A length is put on in a second step and printed as a cast of its own.
    while let Some((value, cast)) = text.rsplit_once("::") {
        let inside = value.trim();
        let inside = inside.strip_prefix('(').and_then(|rest| rest.strip_suffix(')')).unwrap_or(inside);
        let is_constant = is_string(inside) || literal::is_decimal(inside) || inside.eq_ignore_ascii_case("null");
        // `bit` is printed in quotes, because without them it would be `bit(1)`.
        let cast = if cast == "\"bit\"" { "bit" } else { cast };
        if !is_constant || !same_kind(&types::parse(cast), ty) {
            break;
        }
        text = inside;
    }
    text.to_owned()
}

/// Whether a cast to the one type says nothing about a literal of the other, apart from its length.
fn same_kind(cast: &Type, ty: &Type) -> bool {
    let is_text = |ty: &Type| matches!(ty, Type::Text | Type::Varchar(_));
    let is_number = |ty: &Type| {
        matches!(ty, Type::SmallInt | Type::Integer | Type::BigInt | Type::Decimal(_) | Type::Real | Type::Double)
    };
    match (cast, ty) {
        (Type::Native(cast), Type::Native(ty)) => cast == ty || ty.starts_with(&format!("{cast}(")),
        (Type::Native(cast), Type::Char(_)) => cast == "bpchar",
        (Type::Native(cast), Type::Enum(name)) => *cast == types::quote_name(name),
        (Type::Array(cast), Type::Array(ty)) => same_kind(cast, ty),
        (cast, ty) if is_text(cast) && is_text(ty) => true,
        (cast, ty) if is_number(cast) && is_number(ty) => true,
        (Type::Range(cast), Type::Range(ty)) => cast == ty,
        (cast, ty) => std::mem::discriminant(cast) == std::mem::discriminant(ty),
    }
}

/// Whether a text is one string literal and nothing else.
fn is_string(text: &str) -> bool {
    text.len() >= 2
        && text.starts_with('\'')
        && text.ends_with('\'')
        && text[1..text.len() - 1].replace("''", "").find('\'').is_none()
}

/// A constant as the server prints it after it has read it as a value of the type.
fn constant(text: &str, ty: &Type) -> Option<String> {
    let inside = is_string(text).then(|| text[1..text.len() - 1].replace("''", "'"));
    let quoted = |text: String| format!("'{}'", text.replace('\'', "''"));
    match (ty, inside) {
        (Type::SmallInt | Type::Integer | Type::BigInt | Type::Decimal(_) | Type::Real | Type::Double, inside) => {
            let number = inside.unwrap_or_else(|| text.trim_matches(['(', ')']).to_owned());
            let scaled = !matches!(ty, Type::Decimal(None));
            let written = |number: String| if scaled { without_zeros(&number).to_owned() } else { number };
            literal::is_decimal(&number).then(|| written(without_exponent(number.trim_start_matches('+'))))
        }
        (Type::Boolean, Some(word)) => match word.to_ascii_lowercase().as_str() {
            "t" | "true" | "yes" | "on" | "1" => Some("true".to_owned()),
            "f" | "false" | "no" | "off" | "0" => Some("false".to_owned()),
            _ => None,
        },
        (Type::Jsonb, Some(json)) => {
            let value: serde_json::Value = serde_json::from_str(&json).ok()?;
            Some(quoted(sorted(&value).to_string()))
        }
        (Type::Uuid, Some(uuid)) => Some(quoted(uuid.to_lowercase())),
        (Type::Timestamp(_), Some(moment)) => timestamp(&moment).map(quoted),
        // Printed in the zone of the session.
        (Type::TimestampTz(_), Some(moment)) => {
            let utc = date_and_time(&moment, true).ok()?;
            timestamp(&utc).map(|moment| quoted(format!("{moment}+00")))
        }
        (Type::Time(_), Some(time)) => self::time(&time).map(quoted),
        (Type::Blob, Some(bytes)) if !bytes.starts_with("\\x") && !bytes.contains('\\') => {
            let hex: String = bytes.bytes().map(|byte| format!("{byte:02x}")).collect();
            Some(format!("'\\x{hex}'"))
        }
        _ => None,
    }
}

/// `1e3` → `1000`, as a `numeric` prints it. An exponent that nobody would write out is left.
fn without_exponent(number: &str) -> String {
    const WRITTEN_OUT: i32 = 40;
    let Some((mantissa, exponent)) = number.split_once(['e', 'E']) else {
        return number.to_owned();
    };
    let Some(exponent) = exponent.parse::<i32>().ok().filter(|exponent| exponent.abs() <= WRITTEN_OUT) else {
        return number.to_owned();
    };
    let (sign, digits) = mantissa.strip_prefix('-').map_or(("", mantissa), |digits| ("-", digits));
    let (whole, fraction) = digits.split_once('.').unwrap_or((digits, ""));
    let shift = usize::try_from(exponent.unsigned_abs()).unwrap_or_default();
    let (whole, fraction) = if exponent >= 0 {
        let padded = format!("{fraction:0<shift$}");
        (format!("{whole}{}", &padded[..shift]), padded[shift..].to_owned())
    } else {
        let padded = format!("{whole:0>width$}", width = shift + 1);
        let at = padded.len() - shift;
        (padded[..at].to_owned(), format!("{}{fraction}", &padded[at..]))
    };
    let whole = match whole.trim_start_matches('0') {
        "" => "0",
        whole => whole,
    };
    let point = if fraction.is_empty() { "" } else { "." };
    format!("{sign}{whole}{point}{fraction}")
}

/// `1.50` → `1.5`: the value has the digits of its column anyway.
fn without_zeros(number: &str) -> &str {
    match number.contains('.') && !number.contains(['e', 'E']) {
        true => number.trim_end_matches('0').trim_end_matches('.'),
        false => number,
    }
}

/// A document with its keys in order, because `jsonb` keeps none.
fn sorted(value: &serde_json::Value) -> serde_json::Value {
    match value {
        serde_json::Value::Object(members) => {
            let mut members: Vec<_> = members.iter().map(|(key, value)| (key.clone(), sorted(value))).collect();
            members.sort_by(|a, b| a.0.cmp(&b.0));
            serde_json::Value::Object(members.into_iter().collect())
        }
        serde_json::Value::Array(items) => serde_json::Value::Array(items.iter().map(sorted).collect()),
        value => value.clone(),
    }
}

/// `2020-01-01`, `2020-01-01T10:30` → `2020-01-01 10:30:00`.
fn timestamp(text: &str) -> Option<String> {
    let (date, time) = text.split_once([' ', 'T']).unwrap_or((text, "00:00:00"));
    let is_date = date.len() == 10
        && date
            .bytes()
            .enumerate()
            .all(|(at, byte)| if matches!(at, 4 | 7) { byte == b'-' } else { byte.is_ascii_digit() });
    if !is_date {
        return None;
    }
    Some(format!("{date} {}", self::time(time)?))
}

/// `9:30`, `09:30:00.50` → `09:30:00`, `09:30:00.5`.
fn time(text: &str) -> Option<String> {
    let (clock, fraction) = text.split_once('.').unwrap_or((text, ""));
    let parts: Vec<&str> = clock.split(':').collect();
    let digits = |part: &&str| part.len() == 2 && part.bytes().all(|byte| byte.is_ascii_digit());
    if !(2..=3).contains(&parts.len()) || !parts.iter().all(digits) || !fraction.bytes().all(|b| b.is_ascii_digit()) {
        return None;
    }
    let seconds = parts.get(2).unwrap_or(&"00");
    let fraction = fraction.trim_end_matches('0');
    let point = if fraction.is_empty() { "" } else { "." };
    Some(format!("{}:{}:{seconds}{point}{fraction}", parts[0], parts[1]))
}

#[cfg(test)]
mod tests {
    use aludel_engine::schema::{Schema, Table};

    use super::*;
    use crate::version::ASSUMED;

    #[test]
    fn what_the_server_prints_is_what_was_written() {
        let schema = Schema::default();
        let table = Table::new("t");
        let scope = Scope::new(&table, &schema);
        let features = Features::of(ASSUMED);
        let text = |text: &str| Value::Text(text.to_owned());
        let json = |text: &str| Value::Json(text.to_owned());
        for (written, ty, printed) in [
            (Value::Integer(0), "integer", "0"),
            (Value::Integer(-5), "bigint", "'-5'::integer"),
            (Value::Integer(-5), "smallint", "'-5'::integer"),
            (Value::Integer(0), "decimal(12,2)", "0"),
            (Value::Number("1.50".to_owned()), "decimal(12,2)", "1.50"),
            (Value::Number("-1.5".to_owned()), "double", "'-1.5'::numeric"),
            (Value::Integer(0), "double", "(0)::double precision"),
            (text("it's"), "varchar(20)", "'it''s'::character varying"),
            (text("x"), "text", "'x'::text"),
            (text("x"), "char(3)", "'x'::bpchar"),
            (text("new"), "enum(status)", "'new'::status"),
            (text("2020-01-01"), "date", "'2020-01-01'::date"),
            (text("2020-01-01"), "timestamp", "'2020-01-01 00:00:00'::timestamp without time zone"),
            (text("09:30"), "time", "'09:30:00'::time without time zone"),
            (json("{\"b\":1,\"a\":[2]}"), "jsonb", "'{\"a\": [2], \"b\": 1}'::jsonb"),
            (Value::List(Vec::new()), "text[]", "'{}'::text[]"),
            (Value::List(vec![text("a b"), Value::Null]), "text[]", "'{\"a b\",NULL}'::text[]"),
            (
                text("2026-01-01T01:30:00.50+01:00"),
                "timestamptz",
                "'2026-01-01 06:00:00.5+05:30'::timestamp with time zone",
            ),
            (text("A0EEBC99-9C0B-4EF8-BB6D-6BB9BD380A11"), "uuid", "'a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11'::uuid"),
            (text("abc"), "blob", "'\\x616263'::bytea"),
            (Value::Bool(true), "boolean", "true"),
            (text("yes"), "boolean", "true"),
            (Value::Sql("CURRENT_TIMESTAMP".to_owned()), "timestamptz", "CURRENT_TIMESTAMP"),
            (Value::Sql("now() at time zone 'utc'".to_owned()), "timestamp", "(now() AT TIME ZONE 'utc'::text)"),
        ] {
            let ty = Type::parse(ty).expect(ty);
            let ours = canonical(&written, &ty, &scope, &features);
            let theirs = canonical(&Value::Sql(printed.to_owned()), &ty, &scope, &features);
            assert_eq!(ours, theirs, "{printed}");
            let again = canonical(&Value::Sql(ours.clone().expect("a default")), &ty, &scope, &features);
            assert_eq!(again, ours);
        }
        assert_eq!(canonical(&Value::Null, &Type::Text, &scope, &features), None);
        let null = Value::Sql("NULL::character varying".to_owned());
        assert_eq!(canonical(&null, &Type::Varchar(Some(9)), &scope, &features), None);
    }

    #[test]
    fn exponents_are_written_out() {
        for (number, written) in
            [("1e3", "1000"), ("1.5e1", "15"), ("-1.25e1", "-12.5"), ("12e-3", "0.012"), ("1e99", "1e99"), ("5", "5")]
        {
            assert_eq!(without_exponent(number), written);
        }
    }
}
