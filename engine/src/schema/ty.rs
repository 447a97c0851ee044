//! Column types: the portable ones, and the native text of one database.

use std::fmt;

use serde::{Deserialize, Serialize};

use super::ObjectName;

/// The precision of a time type that does not say one, in digits of a second.
pub const DEFAULT_TIME_PRECISION: u8 = 6;

/// The type of a column. What each becomes in a database is the dialect's table of types.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Type {
    /// True or false.
    Boolean,
    /// 2 bytes.
    SmallInt,
    /// 4 bytes.
    Integer,
    /// 8 bytes.
    BigInt,
    /// Exact, with digits in all and digits after the point.
    Decimal(Option<(u32, u32)>),
    /// 4 byte floating point.
    Real,
    /// 8 byte floating point.
    Double,
    /// Fixed length, blank padded; the length is in characters.
    Char(Option<u32>),
    /// Limited length in characters.
    Varchar(Option<u32>),
    /// Unlimited text.
    Text,
    /// Fixed length in bytes.
    Binary(Option<u32>),
    /// Limited length in bytes.
    Varbinary(Option<u32>),
    /// Unlimited bytes.
    Blob,
    /// Calendar date.
    Date,
    /// Time of day, digits of a second.
    Time(u8),
    /// Date and time without a zone.
    Timestamp(u8),
    /// A moment.
    TimestampTz(u8),
    /// A span of time.
    Interval,
    /// 128 bit identifier.
    Uuid,
    /// JSON kept as text.
    Json,
    /// JSON kept parsed.
    Jsonb,
    /// An IP address.
    Inet,
    /// An IP network.
    Cidr,
    /// A hardware address.
    MacAddr,
    /// A text-search document.
    TsVector,
    /// Bits.
    Bit(Option<u32>),
    /// An amount of money.
    Money,
    /// XML.
    Xml,
    /// A range type by its name, such as `int4range`.
    Range(RangeType),
    /// A declared enum.
    Enum(ObjectName),
    /// An array of an element type.
    Array(Box<Type>),
    /// A type in the words of one database.
    Native(String),
}

/// The range types.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[allow(missing_docs)]
pub enum RangeType {
    Int4Range,
    Int8Range,
    NumRange,
    TsRange,
    TstzRange,
    DateRange,
}

impl RangeType {
    /// Every range type.
    pub const ALL: [RangeType; 6] = [
        RangeType::Int4Range,
        RangeType::Int8Range,
        RangeType::NumRange,
        RangeType::TsRange,
        RangeType::TstzRange,
        RangeType::DateRange,
    ];

    /// Its name.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            RangeType::Int4Range => "int4range",
            RangeType::Int8Range => "int8range",
            RangeType::NumRange => "numrange",
            RangeType::TsRange => "tsrange",
            RangeType::TstzRange => "tstzrange",
            RangeType::DateRange => "daterange",
        }
    }
}

/// Names of the portable types that take no argument, for error messages and for parsing.
const PLAIN: &[(&str, Type)] = &[
    ("boolean", Type::Boolean),
    ("smallint", Type::SmallInt),
    ("integer", Type::Integer),
    ("bigint", Type::BigInt),
    ("real", Type::Real),
    ("double", Type::Double),
    ("text", Type::Text),
    ("blob", Type::Blob),
    ("date", Type::Date),
    ("interval", Type::Interval),
    ("uuid", Type::Uuid),
    ("json", Type::Json),
    ("jsonb", Type::Jsonb),
    ("inet", Type::Inet),
    ("cidr", Type::Cidr),
    ("macaddr", Type::MacAddr),
    ("tsvector", Type::TsVector),
    ("money", Type::Money),
    ("xml", Type::Xml),
];

/// Names of the portable types that take arguments.
const WITH_ARGUMENTS: &[&str] =
    &["decimal", "char", "varchar", "binary", "varbinary", "time", "timestamp", "timestamptz", "bit", "enum"];

impl Type {
    /// Reads a portable type such as `decimal(12,2)`, `enum(order_status)` or `text[]`.
    ///
    /// # Errors
    /// What is wrong with the text, as a sentence without a full stop.
    pub fn parse(text: &str) -> Result<Type, String> {
        let text = text.trim();
        if let Some(element) = text.strip_suffix("[]") {
            return Ok(Type::Array(Box::new(Type::parse(element)?)));
        }
        let (name, arguments) = match text.split_once('(') {
            None => (text, None),
            Some((name, rest)) => match rest.trim_end().strip_suffix(')') {
                Some(arguments) => (name.trim_end(), Some(arguments.trim())),
                None => {
                    return Err(format!("`{text}` has an opening parenthesis but no closing one"));
                }
            },
        };
        let name = name.to_ascii_lowercase();
        if let Some((_, ty)) = PLAIN.iter().find(|(plain, _)| *plain == name) {
            return match arguments {
                None => Ok(ty.clone()),
                Some(_) => Err(format!("the type `{name}` takes no argument")),
            };
        }
        if let Some(range) = RangeType::ALL.into_iter().find(|range| range.name() == name) {
            return Ok(Type::Range(range));
        }
        Type::parse_with_arguments(&name, arguments)
    }

    fn parse_with_arguments(name: &str, arguments: Option<&str>) -> Result<Type, String> {
        let numbers = || -> Result<Vec<u32>, String> {
            let Some(arguments) = arguments else {
                return Ok(Vec::new());
            };
            arguments
                .split(',')
                .map(|part| {
                    part.trim()
                        .parse()
                        .map_err(|_| format!("`{}` in `{name}({arguments})` is not a whole number", part.trim()))
                })
                .collect()
        };
        let size = || -> Result<Option<u32>, String> {
            match numbers()?.as_slice() {
                [] => Ok(None),
                [0] => Err(format!("the size of `{name}` must be at least 1")),
                [size] => Ok(Some(*size)),
                _ => Err(format!("the type `{name}` takes one size")),
            }
        };
        let precision = || -> Result<u8, String> {
            match numbers()?.as_slice() {
                [] => Ok(DEFAULT_TIME_PRECISION),
                [p @ 0..=6] => Ok(u8::try_from(*p).unwrap_or(DEFAULT_TIME_PRECISION)),
                _ => Err(format!("the type `{name}` takes one precision, from 0 to 6")),
            }
        };
        Ok(match name {
            "decimal" => match numbers()?.as_slice() {
                [] => Type::Decimal(None),
                [precision] => Type::Decimal(Some((*precision, 0))),
                [precision, scale] if scale <= precision => Type::Decimal(Some((*precision, *scale))),
                [precision, scale] => {
                    return Err(format!("the scale {scale} of `decimal` is larger than its precision {precision}"));
                }
                _ => return Err("the type `decimal` takes a precision and a scale".to_owned()),
            },
            "char" => Type::Char(size()?),
            "varchar" => Type::Varchar(size()?),
            "binary" => Type::Binary(size()?),
            "varbinary" => Type::Varbinary(size()?),
            "bit" => Type::Bit(size()?),
            "time" => Type::Time(precision()?),
            "timestamp" => Type::Timestamp(precision()?),
            "timestamptz" => Type::TimestampTz(precision()?),
            "enum" => match arguments {
                Some(name) if !name.is_empty() => Type::Enum(ObjectName::from(name)),
                _ => return Err("`enum` names a declared enum: `enum(order_status)`".to_owned()),
            },
            _ => return Err(format!("`{name}` is not a portable type")),
        })
    }

    /// The names of all portable types.
    pub fn names() -> impl Iterator<Item = &'static str> {
        PLAIN
            .iter()
            .map(|(name, _)| *name)
            .chain(WITH_ARGUMENTS.iter().copied())
            .chain(RangeType::ALL.map(RangeType::name))
    }

    /// The enum this type, or the element of this array, is made of.
    #[must_use]
    pub fn enum_name(&self) -> Option<&ObjectName> {
        match self {
            Type::Enum(name) => Some(name),
            Type::Array(element) => element.enum_name(),
            _ => None,
        }
    }
}

impl fmt::Display for Type {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some((name, _)) = PLAIN.iter().find(|(_, ty)| ty == self) {
            return f.write_str(name);
        }
        let sized = |f: &mut fmt::Formatter<'_>, name: &str, size: &Option<u32>| match size {
            Some(size) => write!(f, "{name}({size})"),
            None => f.write_str(name),
        };
        let timed = |f: &mut fmt::Formatter<'_>, name: &str, precision: u8| match precision {
            DEFAULT_TIME_PRECISION => f.write_str(name),
            precision => write!(f, "{name}({precision})"),
        };
        match self {
            Type::Decimal(None) => f.write_str("decimal"),
            Type::Decimal(Some((precision, scale))) => write!(f, "decimal({precision},{scale})"),
            Type::Char(size) => sized(f, "char", size),
            Type::Varchar(size) => sized(f, "varchar", size),
            Type::Binary(size) => sized(f, "binary", size),
            Type::Varbinary(size) => sized(f, "varbinary", size),
            Type::Bit(size) => sized(f, "bit", size),
            Type::Time(precision) => timed(f, "time", *precision),
            Type::Timestamp(precision) => timed(f, "timestamp", *precision),
            Type::TimestampTz(precision) => timed(f, "timestamptz", *precision),
            Type::Range(range) => f.write_str(range.name()),
            Type::Enum(name) => write!(f, "enum({name})"),
            Type::Array(element) => write!(f, "{element}[]"),
            Type::Native(text) => f.write_str(text),
            _ => f.write_str("?"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_type_reads_back_as_it_is_printed() {
        let texts = [
            "boolean",
            "decimal",
            "decimal(12,2)",
            "char(3)",
            "varchar",
            "varchar(255)",
            "time",
            "time(0)",
            "timestamptz(3)",
            "enum(app.status)",
            "text[]",
            "int4range",
            "bit(8)",
            "binary(16)",
        ];
        for text in texts {
            assert_eq!(Type::parse(text).map(|ty| ty.to_string()), Ok(text.to_owned()));
        }
    }

    #[test]
    fn a_wrong_type_says_what_is_wrong() {
        for (text, part) in [
            ("varchar(", "no closing one"),
            ("varchar(x)", "not a whole number"),
            ("varchar(0)", "at least 1"),
            ("text(3)", "takes no argument"),
            ("decimal(2,3)", "larger than its precision"),
            ("time(7)", "from 0 to 6"),
            ("strang", "not a portable type"),
            ("enum()", "names a declared enum"),
        ] {
            let error = Type::parse(text).expect_err(text);
            assert!(error.contains(part), "{text}: {error}");
        }
    }
}
