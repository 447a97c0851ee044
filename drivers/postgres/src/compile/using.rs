//! The conversion of a column to another type, where the server has none that it does by itself.

use aludel_engine::dialect::Unsupported;
use aludel_engine::schema::Type;

use crate::types;

/// The expression after USING; none where the server converts by itself, as in an assignment.
///
/// An explicit cast to a type with a length cuts silently, where an assignment fails; so a USING never has such a cast.
///
/// # Errors
/// When no conversion is the obvious one.
pub fn automatic(column: &str, before: &Type, after: &Type) -> Result<Option<String>, Unsupported> {
    if assigns(before, after) {
        return Ok(None);
    }
    let cast = || types::render(after).map(|ty| Some(format!("{column}::{ty}")));
    match (before, after) {
        (from, Type::Boolean) if is_number(from) => Ok(Some(format!("{column} <> 0"))),
        (Type::Boolean, to) if is_number(to) => Ok(Some(format!("{column}::integer"))),
        // A cast to or from bytea would go through its text form, `\x6162` (manual, 8.4).
        (from, to) if is_text(from) && is_bytes(to) => Ok(Some(format!("convert_to({column}, 'UTF8')"))),
        (from, to) if is_bytes(from) && is_text(to) => Ok(Some(format!("convert_from({column}, 'UTF8')"))),
        (from, Type::Bit(Some(_))) if is_text(from) => Ok(Some(format!("{column}::bit varying"))),
        (from, Type::Array(_)) if !is_text(from) && !matches!(from, Type::Array(_) | Type::Native(_)) => {
            Err(no_conversion(before, after, &format!("ARRAY[{column}]")))
        }
        (from, _) if is_text(from) => cast(),
        (Type::Enum(_), Type::Enum(_)) => types::render(after).map(|ty| Some(format!("{column}::text::{ty}"))),
        (Type::Array(from), Type::Array(to)) => match (from.as_ref(), to.as_ref()) {
            (Type::Enum(_), Type::Enum(_)) => types::render(after).map(|ty| Some(format!("{column}::text[]::{ty}"))),
            (from, to) => match automatic(column, from, to) {
                Ok(None) => cast(),
                Ok(Some(_)) if is_text(from) => cast(),
                _ => Err(no_conversion(before, after, column)),
            },
        },
        (Type::Jsonb, to) if is_number(to) || *to == Type::Boolean => cast(),
        (from, Type::Json) if is_number(from) || matches!(from, Type::Boolean | Type::Array(_)) => {
            Ok(Some(format!("to_json({column})")))
        }
        (from, Type::Jsonb) if is_number(from) || matches!(from, Type::Boolean | Type::Array(_)) => {
            Ok(Some(format!("to_jsonb({column})")))
        }
        (Type::Integer | Type::BigInt, Type::Bit(_)) | (Type::Bit(_), Type::Integer | Type::BigInt) => cast(),
        // Of a native type nothing is known; the server says so if it cannot.
        (Type::Native(_), to) if !has_length(to) => cast(),
        (Type::Native(_), _) => Ok(None),
        (_, Type::Native(_)) => cast(),
        _ => Err(no_conversion(before, after, column)),
    }
}

fn no_conversion(before: &Type, after: &Type, example: &str) -> Unsupported {
    Unsupported::new(format!("PostgreSQL has no conversion from `{before}` to `{after}`"))
        .help(format!("say how to convert: `using: \"{example}\"`, or whatever makes a `{after}` of it"))
}

fn is_text(ty: &Type) -> bool {
    matches!(ty, Type::Char(_) | Type::Varchar(_) | Type::Text)
}

fn is_bytes(ty: &Type) -> bool {
    matches!(ty, Type::Binary(_) | Type::Varbinary(_) | Type::Blob)
}

fn is_number(ty: &Type) -> bool {
    matches!(ty, Type::SmallInt | Type::Integer | Type::BigInt | Type::Decimal(_) | Type::Real | Type::Double)
}

fn has_length(ty: &Type) -> bool {
    matches!(ty, Type::Char(_) | Type::Varchar(_) | Type::Bit(_))
}

/// Whether the server converts by itself when a value of one type is assigned to a column of the other (`pg_cast` with
/// context `a` or `i`, and everything to a text).
fn assigns(before: &Type, after: &Type) -> bool {
    match (before, after) {
        (from, to) if types::canonical(from) == types::canonical(to) => true,
        (from, to) if is_text(to) => !is_bytes(from) && !matches!(from, Type::Native(_)),
        (from, to) if is_bytes(from) && is_bytes(to) => true,
        (from, to) if is_number(from) && is_number(to) => true,
        (Type::SmallInt | Type::Integer | Type::BigInt | Type::Decimal(_), Type::Money)
        | (Type::Money, Type::Decimal(_))
        | (Type::Date | Type::Timestamp(_) | Type::TimestampTz(_), Type::Timestamp(_) | Type::TimestampTz(_))
        | (Type::Timestamp(_) | Type::TimestampTz(_), Type::Date | Type::Time(_))
        | (Type::Time(_), Type::Time(_) | Type::Interval)
        | (Type::Interval, Type::Time(_))
        | (Type::Json, Type::Jsonb)
        | (Type::Jsonb, Type::Json)
        | (Type::Inet, Type::Cidr)
        | (Type::Cidr, Type::Inet)
        | (Type::Bit(_), Type::Bit(_)) => true,
        (Type::Array(from), Type::Array(to)) => assigns(from, to),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn conversions() {
        for (before, after, using) in [
            ("varchar(20)", "text", None),
            ("integer", "varchar(3)", None),
            ("uuid", "text", None),
            ("varchar(20)", "integer", Some("c::integer")),
            ("text", "uuid", Some("c::uuid")),
            ("text", "enum(status)", Some("c::status")),
            ("text", "jsonb", Some("c::jsonb")),
            ("text", "timestamptz(3)", Some("c::timestamptz(3)")),
            ("text", "decimal(5,2)", Some("c::numeric(5,2)")),
            ("text", "blob", Some("convert_to(c, 'UTF8')")),
            ("blob", "text", Some("convert_from(c, 'UTF8')")),
            ("integer", "boolean", Some("c <> 0")),
            ("boolean", "bigint", Some("c::integer")),
            ("enum(a)", "enum(b)", Some("c::text::b")),
            ("enum(a)[]", "enum(b)[]", Some("c::text[]::b[]")),
            ("integer", "bigint", None),
            ("integer[]", "bigint[]", None),
            ("text[]", "integer[]", Some("c::integer[]")),
            ("integer", "jsonb", Some("to_jsonb(c)")),
            ("json", "jsonb", None),
            ("date", "timestamptz", None),
            ("varbinary(9)", "blob", None),
        ] {
            let (before, after) = (Type::parse(before).expect(before), Type::parse(after).expect(after));
            assert_eq!(automatic("c", &before, &after).expect("a conversion").as_deref(), using, "{before} {after}");
        }
        for (before, after) in
            [("date", "integer"), ("uuid", "bigint"), ("integer", "integer[]"), ("enum(a)", "integer")]
        {
            let (before, after) = (Type::parse(before).expect(before), Type::parse(after).expect(after));
            assert!(automatic("c", &before, &after).is_err(), "{before} {after}");
        }
    }
}
