//! Types: from the model to the words of the server and back.

use std::borrow::Cow;
use std::ops::RangeInclusive;

use aludel_engine::dialect::Unsupported;
use aludel_engine::schema::{Column, Schema, Type};

use crate::dialect::{Flavour, MySql};
use crate::literal::quote_text;

/// A type text of the server, taken apart.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Parsed {
    /// The type without what follows.
    pub ty: Type,
    /// UNSIGNED.
    pub unsigned: bool,
    /// The character set that the type names.
    pub charset: Option<String>,
    /// The collation that the type names.
    pub collation: Option<String>,
}

/// A type in the words of a column definition.
pub(crate) fn render(dialect: &MySql, ty: &Type, schema: &Schema) -> Result<String, Unsupported> {
    let title = dialect.flavour().title();
    let sized = |name: &str, size: u32, limit: u32| match size {
        size if size <= limit => Ok(format!("{name}({size})")),
        size => Err(Unsupported::new(format!("{title} has no type `{name}({size})`: the largest is {limit}"))
            .help(format!("use `{}`", if name.ends_with("binary") { "blob" } else { "text" }))),
    };
    let needs_size = |name: &str, help: &str| {
        Err(Unsupported::new(format!("`{name}` needs a size in {title}")).help(format!(
            "{help}, or give it another type for {title} alone: `type: {{{}: …}}`",
            dialect.flavour().name()
        )))
    };
    Ok(match ty {
        Type::Boolean => "tinyint(1)".to_owned(),
        Type::SmallInt => "smallint".to_owned(),
        Type::Integer => "int".to_owned(),
        Type::BigInt => "bigint".to_owned(),
        Type::Decimal(None) => return needs_size("decimal", "write `decimal(precision, scale)`"),
        Type::Decimal(Some((precision, scale))) => {
            let most = if dialect.flavour() == Flavour::MariaDb { 38 } else { 30 };
            if *precision > 65 || *scale > most {
                return Err(Unsupported::new(format!("{title} has no `decimal({precision},{scale})`"))
                    .help(format!("at most 65 digits, of which {most} after the point")));
            }
            format!("decimal({precision},{scale})")
        }
        Type::Real => "float".to_owned(),
        Type::Double => "double".to_owned(),
        Type::Char(size) => sized("char", size.unwrap_or(1), 255)?,
        Type::Varchar(None) => return needs_size("varchar", "write `varchar(255)`, or `text`"),
        Type::Varchar(Some(size)) => sized("varchar", *size, 65_535)?,
        Type::Text => "longtext".to_owned(),
        Type::Binary(None) => return needs_size("binary", "write `binary(16)`, or `blob`"),
        Type::Binary(Some(size)) => sized("binary", *size, 255)?,
        Type::Varbinary(None) => return needs_size("varbinary", "write `varbinary(255)`, or `blob`"),
        Type::Varbinary(Some(size)) => sized("varbinary", *size, 65_535)?,
        Type::Blob => "longblob".to_owned(),
        Type::Date => "date".to_owned(),
        Type::Time(precision) => timed("time", *precision),
        Type::Timestamp(precision) => timed("datetime", *precision),
        Type::TimestampTz(precision) => timed("timestamp", *precision),
        Type::Uuid if dialect.features.uuid => "uuid".to_owned(),
        Type::Uuid => "char(36)".to_owned(),
        Type::Json | Type::Jsonb => "json".to_owned(),
        Type::Native(text) => text.clone(),
        Type::Enum(name) => match schema.enumeration(name) {
            Some(enumeration) => enumeration_type(&enumeration.values)?,
            None => return Err(Unsupported::new(format!("there is no enum `{name}`"))),
        },
        Type::Interval
        | Type::Inet
        | Type::Cidr
        | Type::MacAddr
        | Type::TsVector
        | Type::Bit(_)
        | Type::Money
        | Type::Xml
        | Type::Range(_)
        | Type::Array(_) => {
            return Err(Unsupported::new(format!("{title} has no type `{ty}`")).help(format!(
                "give the column another type there, such as `type: {{postgres: \"{ty}\", {}: …}}`",
                dialect.flavour().name()
            )));
        }
    })
}

/// `ENUM('a','b')` as the server prints it: with `\n` and `\r` for the ends of lines.
pub(crate) fn enumeration_type(values: &[String]) -> Result<String, Unsupported> {
    if values.is_empty() {
        return Err(Unsupported::new("an enum without values cannot be the type of a column"));
    }
    // https://dev.mysql.com/doc/refman/8.4/en/enum.html, "Trailing spaces are automatically deleted"
    if let Some(value) = values.iter().find(|value| value.ends_with(' ')) {
        return Err(Unsupported::new(format!("the enum value `{value}` ends with a space, which would be dropped"))
            .help("leave the space out, or use a text column with a check"));
    }
    let quoted = values.iter().map(|value| quote_text(value)).collect::<Result<Vec<_>, _>>()?;
    Ok(format!("enum({})", quoted.join(",")).replace('\n', "\\n"))
}

fn timed(name: &str, precision: u8) -> String {
    match precision {
        0 => name.to_owned(),
        precision => format!("{name}({precision})"),
    }
}

/// Reads a type in any of the spellings that servers print and users write.
pub(crate) fn parse(text: &str) -> Parsed {
    let (base, rest) = split_base(text);
    let (name, arguments) = match base.split_once('(') {
        Some((name, arguments)) => (name.trim(), Some(arguments.trim_end().trim_end_matches(')').trim())),
        None => (base.trim(), None),
    };
    let mut name = collapse(name);
    let mut parsed = Parsed { ty: Type::Text, unsigned: false, charset: None, collation: None };
    // What follows the parentheses, or the words after a name without any.
    let mut words: Vec<String> = rest.split_whitespace().map(str::to_ascii_lowercase).collect();
    if arguments.is_none() {
        let split = name.find([' ']).filter(|_| !is_two_words(&name));
        if let Some(at) = split.or_else(|| second_space(&name)) {
            let mut more: Vec<String> = name[at..].split_whitespace().map(str::to_owned).collect();
            more.append(&mut words);
            words = more;
            name.truncate(at);
        }
    }
    let mut unknown = Vec::new();
    let mut iter = words.into_iter().peekable();
    while let Some(word) = iter.next() {
        match word.as_str() {
            "unsigned" => parsed.unsigned = true,
            "signed" => {}
            "character" if iter.peek().is_some_and(|next| next == "set") => {
                iter.next();
                parsed.charset = iter.next();
            }
            "charset" => parsed.charset = iter.next(),
            "collate" => parsed.collation = iter.next(),
            _ => unknown.push(word),
        }
    }
    if matches!(name.as_str(), "nchar" | "national char" | "national character") {
        parsed.charset = Some("utf8mb3".to_owned());
        "char".clone_into(&mut name);
    }
    if matches!(name.as_str(), "nvarchar" | "national varchar" | "national character varying") {
        parsed.charset = Some("utf8mb3".to_owned());
        "varchar".clone_into(&mut name);
    }
    parsed.ty = match known(&name, arguments) {
        Some(ty) if unknown.is_empty() => ty,
        ty => {
            // The server's own spelling of what the model has no word for.
            let mut native = match (ty, arguments) {
                (Some(ty), _) if known_name(&ty).is_some() => known_name(&ty).unwrap_or_default().to_owned(),
                (_, Some(arguments)) if keeps_arguments(&name) => format!("{name}({})", canonical_arguments(arguments)),
                _ => name.clone(),
            };
            for word in unknown {
                native.push(' ');
                native.push_str(&word);
            }
            Type::Native(native)
        }
    };
    parsed
}

/// A type without what MariaDB says behind it, in a comment that it reads, of how values are stored.
pub(crate) fn without_compression(text: &str) -> &str {
    text.split_once(" /*M!").map_or(text, |(ty, _)| ty)
}

/// The type without ZEROFILL, which makes a column unsigned and says how its numbers are shown. The model has no word for
/// that; `unheld` tells it.
pub(crate) fn without_zerofill(text: &str) -> Cow<'_, str> {
    let words = || text.split_whitespace().filter(|word| !word.eq_ignore_ascii_case("zerofill"));
    if text.contains('\'') || words().count() == text.split_whitespace().count() {
        return Cow::Borrowed(text);
    }
    let mut rest = words().filter(|word| !word.eq_ignore_ascii_case("unsigned")).collect::<Vec<_>>().join(" ");
    // Two values need no zeros in front: this is no boolean.
    if rest.eq_ignore_ascii_case("tinyint(1)") {
        rest.truncate("tinyint".len());
    }
    Cow::Owned(format!("{rest} unsigned"))
}

/// A native type as the portable one that it means, if there is one.
pub(crate) fn canonical(ty: &Type) -> Type {
    match ty {
        Type::Native(text) => parse(text).ty,
        ty => ty.clone(),
    }
}

/// The text up to the closing parenthesis of the arguments, and what follows.
fn split_base(text: &str) -> (&str, &str) {
    let mut quoted = false;
    for (at, c) in text.char_indices() {
        match c {
            '\'' => quoted = !quoted,
            ')' if !quoted => return (&text[..=at], &text[at + 1..]),
            _ => {}
        }
    }
    (text, "")
}

fn collapse(name: &str) -> String {
    name.split_whitespace().collect::<Vec<_>>().join(" ").to_ascii_lowercase()
}

const TWO_WORDS: [&str; 7] = [
    "double precision",
    "char varying",
    "character varying",
    "national char",
    "national character",
    "national varchar",
    "long varchar",
];

fn is_two_words(name: &str) -> bool {
    TWO_WORDS.iter().any(|two| name == *two || name.starts_with(&format!("{two} ")))
}

fn second_space(name: &str) -> Option<usize> {
    let first = name.find(' ')?;
    if name.starts_with("national character varying") {
        return None;
    }
    name[first + 1..].find(' ').map(|at| first + 1 + at)
}

/// Types whose arguments mean something; a display width does not.
fn keeps_arguments(name: &str) -> bool {
    !matches!(name, "tinyint" | "smallint" | "mediumint" | "int" | "integer" | "bigint" | "year" | "int1" | "int3")
}

fn canonical_arguments(arguments: &str) -> String {
    if arguments.contains('\'') {
        // The server prints the values of ENUM and SET without a space after the comma.
        let mut text = String::with_capacity(arguments.len());
        let mut quoted = false;
        for c in arguments.chars() {
            if c == '\'' {
                quoted = !quoted;
            }
            if quoted || !c.is_whitespace() {
                text.push(c);
            }
        }
        return text;
    }
    arguments.split(',').map(str::trim).collect::<Vec<_>>().join(",")
}

/// The name of a portable type here, without its arguments.
fn known_name(ty: &Type) -> Option<&'static str> {
    Some(match ty {
        Type::Boolean => "tinyint(1)",
        Type::SmallInt => "smallint",
        Type::Integer => "int",
        Type::BigInt => "bigint",
        Type::Real => "float",
        Type::Double => "double",
        _ => return None,
    })
}

fn known(name: &str, arguments: Option<&str>) -> Option<Type> {
    let numbers: Option<Vec<u32>> = match arguments {
        None => Some(Vec::new()),
        Some(text) => text.split(',').map(|part| part.trim().parse().ok()).collect(),
    };
    let native = |text: &str| Some(Type::Native(text.to_owned()));
    let Some(numbers) = numbers else {
        return match name {
            "enum" | "set" => native(&format!("{name}({})", canonical_arguments(arguments.unwrap_or_default()))),
            _ => None,
        };
    };
    let size = numbers.first().copied();
    let precision = || u8::try_from(size.unwrap_or(0)).unwrap_or(0);
    Some(match (name, numbers.as_slice()) {
        ("bool" | "boolean", []) | ("tinyint" | "int1", [1]) => Type::Boolean,
        ("tinyint" | "int1", _) => return native("tinyint"),
        ("mediumint" | "int3" | "middleint", _) => return native("mediumint"),
        ("smallint" | "int2", _) => Type::SmallInt,
        ("int" | "integer" | "int4", _) => Type::Integer,
        ("bigint" | "int8", _) => Type::BigInt,
        ("decimal" | "numeric" | "dec" | "fixed", []) => Type::Decimal(Some((10, 0))),
        ("decimal" | "numeric" | "dec" | "fixed", [precision]) => Type::Decimal(Some((*precision, 0))),
        ("decimal" | "numeric" | "dec" | "fixed", [precision, scale]) => Type::Decimal(Some((*precision, *scale))),
        ("float" | "float4", []) | ("float", [0..=24]) => Type::Real,
        ("double" | "double precision" | "real" | "float8", []) | ("float", [25..=53]) => Type::Double,
        ("char" | "character", _) => Type::Char(Some(size.unwrap_or(1))),
        ("varchar" | "character varying" | "char varying" | "varcharacter", [size]) => Type::Varchar(Some(*size)),
        ("longtext", []) => Type::Text,
        ("binary", _) => Type::Binary(Some(size.unwrap_or(1))),
        ("varbinary", [size]) => Type::Varbinary(Some(*size)),
        ("longblob", []) => Type::Blob,
        ("date", []) => Type::Date,
        ("time", _) => Type::Time(precision()),
        ("datetime", _) => Type::Timestamp(precision()),
        ("timestamp", _) => Type::TimestampTz(precision()),
        ("json", []) => Type::Json,
        ("uuid", []) => Type::Uuid,
        ("year", _) => return native("year"),
        ("bit", []) => return native("bit(1)"),
        ("long" | "long varchar", []) => return native("mediumtext"),
        ("long varbinary", []) => return native("mediumblob"),
        (_, []) => return native(name),
        _ => return None,
    })
}

/// Whether a type holds text and so has a character set.
pub(crate) fn has_charset(ty: &Type) -> bool {
    match ty {
        Type::Char(_) | Type::Varchar(_) | Type::Text | Type::Enum(_) => true,
        Type::Native(text) => {
            let name = text.split(['(', ' ']).next().unwrap_or_default();
            matches!(name, "enum" | "set" | "tinytext" | "text" | "mediumtext" | "longtext" | "char" | "varchar")
        }
        _ => false,
    }
}

/// Whether a type is too long to be a key by itself, or to have a default outside parentheses on MySQL.
pub(crate) fn is_long(ty: &Type) -> bool {
    match ty {
        Type::Text | Type::Blob | Type::Json | Type::Jsonb => true,
        Type::Native(text) => {
            let name = text.split(['(', ' ']).next().unwrap_or_default().to_ascii_lowercase();
            name.ends_with("text") || name.ends_with("blob") || name == "json"
        }
        _ => false,
    }
}

/// The whole numbers of a column that is not one of the portable types as they are.
/// <https://dev.mysql.com/doc/refman/8.4/en/integer-types.html>
pub(crate) fn whole_numbers(column: &Column) -> Option<RangeInclusive<i128>> {
    let unsigned = column.options.flag("unsigned");
    let bits: u32 = match &column.ty {
        Type::SmallInt if unsigned => 16,
        Type::Integer if unsigned => 32,
        Type::BigInt if unsigned => 64,
        Type::Native(text) if text == "tinyint" => 8,
        Type::Native(text) if text == "mediumint" => 24,
        _ => return None,
    };
    Some(match unsigned {
        true => 0..=(1 << bits) - 1,
        false => -(1 << (bits - 1))..=(1 << (bits - 1)) - 1,
    })
}

/// Whether a type can count by itself (AUTO_INCREMENT).
pub(crate) fn is_integer(ty: &Type) -> bool {
    match ty {
        Type::SmallInt | Type::Integer | Type::BigInt => true,
        Type::Native(text) => matches!(text.as_str(), "tinyint" | "mediumint"),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use aludel_engine::dialect::Version;

    #[test]
    fn every_spelling_is_understood() {
        for (text, shown) in [
            ("int(11)", "integer"),
            ("INTEGER", "integer"),
            ("int(10) unsigned", "integer unsigned"),
            ("bigint unsigned", "bigint unsigned"),
            ("tinyint(1)", "boolean"),
            ("tinyint(4)", "tinyint"),
            ("tinyint unsigned", "tinyint unsigned"),
            ("BOOL", "boolean"),
            ("numeric(10, 2)", "decimal(10,2)"),
            ("decimal", "decimal(10,0)"),
            ("double precision", "double"),
            ("float", "real"),
            ("float(30)", "double"),
            ("NVARCHAR(160)", "varchar(160) utf8mb3"),
            ("national varchar(10)", "varchar(10) utf8mb3"),
            ("character varying(10)", "varchar(10)"),
            ("varchar(20) character set latin1 collate latin1_bin", "varchar(20) latin1 latin1_bin"),
            ("enum('a', 'b,)c','it''s')", "enum('a','b,)c','it''s')"),
            ("ENUM('A')", "enum('A')"),
            ("set('x','y')", "set('x','y')"),
            ("longtext", "text"),
            ("text", "text!"),
            ("mediumtext", "mediumtext"),
            ("datetime(6)", "timestamp"),
            ("datetime", "timestamp(0)"),
            ("timestamp(3)", "timestamptz(3)"),
            ("year(4)", "year"),
            ("bit(3)", "bit(3)"),
            ("bit", "bit(1)"),
            ("geometry", "geometry"),
            ("char(36)", "char(36)"),
            ("int(5) unsigned zerofill", "int zerofill unsigned"),
            ("decimal(8, 2) zerofill", "decimal(8,2) zerofill"),
        ] {
            let parsed = parse(text);
            let mut printed = parsed.ty.to_string();
            if parsed.ty == Type::Native("text".to_owned()) {
                printed.push('!');
            }
            for (present, word) in [
                (parsed.unsigned, "unsigned".to_owned()),
                (parsed.charset.is_some(), parsed.charset.clone().unwrap_or_default()),
                (parsed.collation.is_some(), parsed.collation.clone().unwrap_or_default()),
            ] {
                if present {
                    printed = format!("{printed} {word}");
                }
            }
            assert_eq!(printed, shown, "{text}");
        }
    }

    #[test]
    fn parsing_what_is_rendered_is_canonical() {
        let schema = Schema::default();
        for flavour in [Flavour::MySql, Flavour::MariaDb] {
            for version in [flavour.versions().0, Version::new(11, 8, 0)] {
                let dialect = MySql::new(flavour, version);
                for text in [
                    "boolean",
                    "smallint",
                    "integer",
                    "bigint",
                    "decimal(12,2)",
                    "real",
                    "double",
                    "char(3)",
                    "varchar(255)",
                    "text",
                    "binary(4)",
                    "varbinary(9)",
                    "blob",
                    "date",
                    "time(3)",
                    "timestamp",
                    "timestamp(0)",
                    "timestamptz",
                    "json",
                ] {
                    let ty = Type::parse(text).expect(text);
                    assert_eq!(parse(&render(&dialect, &ty, &schema).expect(text)).ty, ty, "{text}");
                }
                let uuid = parse(&render(&dialect, &Type::Uuid, &schema).expect("uuid")).ty;
                assert_eq!(uuid == Type::Uuid, dialect.features.uuid);
                for text in ["varchar", "decimal", "varbinary", "interval", "inet", "text[]", "bit(3)", "char(256)"] {
                    let refused = render(&dialect, &Type::parse(text).expect(text), &schema).expect_err(text);
                    assert!(refused.help.is_some(), "{text}");
                }
            }
        }
    }
}
