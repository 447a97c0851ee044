//! How much work a change of type is (manual, ALTER TABLE, Notes).

use aludel_engine::plan::Work;
use aludel_engine::schema::Type;

/// The work under the lock that stops everybody.
pub fn work(before: &Type, after: &Type) -> Work {
    match keeps_rows(before, after) {
        true => Work::Metadata,
        false => Work::Copy,
    }
}

/// Whether the rows are valid as they lie. Everything here was seen not to write the table on versions 15 to 18.
fn keeps_rows(before: &Type, after: &Type) -> bool {
    let no_smaller = |old: &Option<u32>, new: &Option<u32>| match (old, new) {
        (_, None) => true,
        (Some(old), Some(new)) => new >= old,
        (None, Some(_)) => false,
    };
    match (before, after) {
        (old, new) if old == new => true,
        (Type::Varchar(old), Type::Varchar(new)) => no_smaller(old, new),
        (Type::Varchar(_) | Type::Xml, Type::Text) | (Type::Text, Type::Varchar(None)) => true,
        (Type::Decimal(Some(_)), Type::Decimal(None)) => true,
        (Type::Decimal(Some((old, scale))), Type::Decimal(Some((new, same)))) => scale == same && new >= old,
        (Type::Timestamp(old), Type::Timestamp(new))
        | (Type::TimestampTz(old), Type::TimestampTz(new))
        | (Type::Time(old), Type::Time(new)) => new >= old,
        (Type::Cidr, Type::Inet) => true,
        (Type::Binary(_) | Type::Varbinary(_) | Type::Blob, Type::Binary(_) | Type::Varbinary(_) | Type::Blob) => true,
        (Type::Array(old), Type::Array(new)) => keeps_rows(old, new),
        _ => false,
    }
}
