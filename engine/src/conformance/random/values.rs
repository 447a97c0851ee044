//! Types to draw from, and the values of rows.
//!
//! Row number `n` has in every column the `n`-th value of the column's kind. So rows differ in every column whose kind has
//! enough values, and a row of one table matches the row of the same number in another: keys and foreign keys can be made on
//! tables with rows without looking at the rows.

use serde_yaml::Value as Yaml;

use super::document::map;
use crate::schema::{RangeType, Type};

/// Types that every column may have, where the dialect has them.
pub(super) const COMMON: &[&str] = &[
    "boolean",
    "smallint",
    "integer",
    "bigint",
    "bigint",
    "decimal(10,2)",
    "decimal(30,6)",
    "real",
    "double",
    "char(12)",
    "varchar(20)",
    "varchar(40)",
    "varchar(255)",
    "text",
    "text",
    "binary(8)",
    "varbinary(16)",
    "blob",
    "date",
    "time",
    "time(0)",
    "timestamp",
    "timestamp(3)",
    "timestamptz",
    "timestamptz(0)",
    "uuid",
    "json",
    "jsonb",
];

/// Types that some dialect has.
pub(super) const RARE: &[&str] = &[
    "interval",
    "inet",
    "cidr",
    "macaddr",
    "tsvector",
    "bit(4)",
    "money",
    "xml",
    "int4range",
    "daterange",
    "integer[]",
    "text[]",
];

/// What the values of a type are, for telling which columns may refer to each other.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    Number,
    Fraction,
    Text,
    Bytes,
    Date,
    Time,
    Moment,
    Zoned,
    Uuid,
    /// Kinds of which two rows may have the same value.
    Other,
}

pub(super) fn kind(ty: &Type) -> Kind {
    match ty {
        Type::SmallInt | Type::Integer | Type::BigInt | Type::Decimal(_) => Kind::Number,
        Type::Real | Type::Double => Kind::Fraction,
        Type::Char(_) | Type::Varchar(_) | Type::Text => Kind::Text,
        Type::Binary(_) | Type::Varbinary(_) | Type::Blob => Kind::Bytes,
        Type::Date => Kind::Date,
        Type::Time(_) => Kind::Time,
        Type::Timestamp(_) => Kind::Moment,
        Type::TimestampTz(_) => Kind::Zoned,
        Type::Uuid => Kind::Uuid,
        _ => Kind::Other,
    }
}

/// Whether an index can have a column of this type in every dialect that has the type; texts aside, where some want a length.
pub(super) fn can_be_indexed(ty: &Type) -> bool {
    matches!(kind(ty), Kind::Number | Kind::Fraction | Kind::Text | Kind::Date | Kind::Time | Kind::Moment)
        || matches!(kind(ty), Kind::Bytes | Kind::Zoned | Kind::Uuid)
        || matches!(ty, Type::Boolean | Type::Enum(_) | Type::Inet | Type::Cidr | Type::MacAddr | Type::Money)
}

/// Ends of texts that are easily broken on the way.
const ENDS: [&str; 8] = ["", " it's", " \"q\"", "é日", "\\n", "%s;--", "🙂", "$$`"];

/// The value of row `n` for a column that was made with one type and has another now. `words` are those of its enum.
pub(super) fn value(origin: &Type, now: &Type, n: usize, words: &[String]) -> Yaml {
    let made = made(origin, n, words);
    match (&made, kind(now)) {
        (Yaml::Number(number), Kind::Text) => Yaml::from(number.to_string()),
        _ => made,
    }
}

fn made(ty: &Type, n: usize, words: &[String]) -> Yaml {
    let date = format!("{:04}-{:02}-{:02}", 2000 + n / 336 % 30, 1 + n / 28 % 12, 1 + n % 28);
    let time = format!("{:02}:{:02}:{:02}", n / 3600 % 24, n / 60 % 60, n % 60);
    match ty {
        Type::Boolean => Yaml::from(n.is_multiple_of(2)),
        Type::SmallInt | Type::Integer | Type::BigInt | Type::Decimal(_) | Type::Money => Yaml::from(n),
        Type::Real | Type::Double => serde_yaml::from_str(&format!("{n}.5")).unwrap_or(Yaml::Null),
        Type::Char(_) | Type::Varchar(_) | Type::Text => Yaml::from(format!("{n:05}{}", ENDS[n % ENDS.len()])),
        Type::Binary(_) | Type::Varbinary(_) | Type::Blob => map([("hex", Yaml::from(format!("{n:06x}00ff2700")))]),
        Type::Date => Yaml::from(date),
        Type::Time(_) => Yaml::from(time),
        Type::Timestamp(_) => Yaml::from(format!("{date} {time}")),
        Type::TimestampTz(_) => Yaml::from(format!("{date}T{time}Z")),
        Type::Uuid => Yaml::from(format!("6f9619ff-8b86-4d01-b42d-{n:012x}")),
        Type::Json | Type::Jsonb => map([("n", Yaml::from(n)), ("t", Yaml::from("it's \\ \"é\""))]),
        Type::Enum(_) => words.get(n % words.len().max(1)).map_or(Yaml::Null, |word| Yaml::from(word.clone())),
        Type::Interval => Yaml::from(format!("{n} days")),
        Type::Inet => Yaml::from(format!("10.0.{}.{}", n / 256, n % 256)),
        Type::Cidr => Yaml::from(format!("10.{}.{}.0/24", n / 256, n % 256)),
        Type::MacAddr => Yaml::from(format!("08:00:2b:01:{:02x}:{:02x}", n / 256, n % 256)),
        Type::Xml => Yaml::from(format!("<a>{n}</a>")),
        Type::TsVector => Yaml::from(format!("'w{n}'")),
        Type::Bit(_) => Yaml::from("0101"),
        Type::Array(_) => Yaml::from("{1,2}"),
        Type::Range(RangeType::DateRange) => Yaml::from(format!("[{date},)")),
        Type::Range(_) => Yaml::from(format!("[{n},)")),
        _ => Yaml::Null,
    }
}

/// Whether a type change keeps every value, so that it can be made on a table with rows and taken back.
pub(super) fn keeps_values(from: &Type, to: &Type) -> bool {
    let fits = |small: &Option<u32>, large: &Option<u32>| match (small, large) {
        (_, None) => true,
        (Some(small), Some(large)) => small <= large,
        (None, Some(_)) => false,
    };
    match (from, to) {
        (Type::SmallInt, Type::Integer | Type::BigInt) | (Type::Integer, Type::BigInt) | (Type::Real, Type::Double) => {
            true
        }
        (Type::SmallInt | Type::Integer | Type::BigInt, Type::Decimal(Some((digits, scale)))) => digits - scale >= 8,
        (Type::SmallInt | Type::Integer | Type::BigInt | Type::Uuid, Type::Text) => true,
        (Type::SmallInt | Type::Integer | Type::BigInt | Type::Uuid, Type::Varchar(Some(size))) => *size >= 36,
        (Type::Decimal(Some((a, b))), Type::Decimal(Some((c, d)))) => c >= a && d >= b && c - d >= a - b,
        (Type::Varchar(small), Type::Varchar(large)) | (Type::Varbinary(small), Type::Varbinary(large)) => {
            fits(small, large)
        }
        (Type::Varchar(_), Type::Text) | (Type::Varbinary(_), Type::Blob) | (Type::Date, Type::Timestamp(_)) => true,
        (Type::Time(small), Type::Time(large))
        | (Type::Timestamp(small), Type::Timestamp(large))
        | (Type::TimestampTz(small), Type::TimestampTz(large)) => small <= large,
        (Type::Json, Type::Jsonb) | (Type::Jsonb, Type::Json) => true,
        _ => false,
    }
}
