//! Types: from the model to PostgreSQL's words and back (Chapter 8 of the manual).

use aludel_engine::dialect::{Unsupported, comma_list};
use aludel_engine::schema::{DEFAULT_TIME_PRECISION, ObjectName, RangeType, Type};

use crate::identifier::quote;

/// A name with its namespace, quoted.
#[must_use]
pub fn quote_name(name: &ObjectName) -> String {
    match &name.schema {
        Some(schema) => format!("{}.{}", quote(schema), quote(&name.name)),
        None => quote(&name.name),
    }
}

/// The largest size of `varchar` and `char`.
const MAX_CHARACTERS: u32 = 10_485_760;

/// A type as in a column definition.
///
/// # Errors
/// When the size is beyond what the server takes.
pub fn render(ty: &Type) -> Result<String, Unsupported> {
    let sized = |name: &str, size: &Option<u32>| match size {
        Some(size @ 1..=MAX_CHARACTERS) => Ok(format!("{name}({size})")),
        Some(size) => Err(Unsupported::new(format!("PostgreSQL has no type `{name}({size})`"))
            .help(format!("the size goes from 1 to {MAX_CHARACTERS}; `text` has no limit"))),
        None => Ok(name.to_owned()),
    };
    let timed = |name: &str, precision: u8| match precision {
        DEFAULT_TIME_PRECISION => name.to_owned(),
        precision => format!("{name}({precision})"),
    };
    Ok(match ty {
        Type::Boolean => "boolean".to_owned(),
        Type::SmallInt => "smallint".to_owned(),
        Type::Integer => "integer".to_owned(),
        Type::BigInt => "bigint".to_owned(),
        Type::Decimal(None) => "numeric".to_owned(),
        Type::Decimal(Some((precision, scale))) => {
            if *precision == 0 || *precision > 1000 {
                return Err(Unsupported::new(format!("PostgreSQL has no type `{ty}`"))
                    .help("the precision goes from 1 to 1000; `decimal` without one has no limit"));
            }
            format!("numeric({precision},{scale})")
        }
        Type::Real => "real".to_owned(),
        Type::Double => "double precision".to_owned(),
        Type::Char(size) => sized("char", size)?,
        Type::Varchar(size) => sized("varchar", size)?,
        Type::Text => "text".to_owned(),
        Type::Binary(_) | Type::Varbinary(_) | Type::Blob => "bytea".to_owned(),
        Type::Date => "date".to_owned(),
        Type::Time(precision) => timed("time", *precision),
        Type::Timestamp(precision) => timed("timestamp", *precision),
        Type::TimestampTz(precision) => timed("timestamptz", *precision),
        Type::Interval => "interval".to_owned(),
        Type::Uuid => "uuid".to_owned(),
        Type::Json => "json".to_owned(),
        Type::Jsonb => "jsonb".to_owned(),
        Type::Inet => "inet".to_owned(),
        Type::Cidr => "cidr".to_owned(),
        Type::MacAddr => "macaddr".to_owned(),
        Type::TsVector => "tsvector".to_owned(),
        Type::Bit(size) => sized("bit", size)?,
        Type::Money => "money".to_owned(),
        Type::Xml => "xml".to_owned(),
        Type::Range(range) => range.name().to_owned(),
        Type::Enum(name) => quote_name(name),
        Type::Array(element) => match element.as_ref() {
            // The server keeps no number of dimensions: `integer[][]` is `integer[]`.
            Type::Array(_) => render(element)?,
            element => format!("{}[]", render(element)?),
        },
        Type::Native(text) => text.clone(),
    })
}

/// The type that a text means; what is not known is native.
#[must_use]
pub fn parse(text: &str) -> Type {
    let text = squeeze(text);
    if let Some(element) = array_element(&text) {
        return match parse(&element) {
            array @ Type::Array(_) => array,
            element => Type::Array(Box::new(element)),
        };
    }
    let (name, arguments) = split_arguments(&text);
    known(&name, arguments.as_deref()).unwrap_or(Type::Native(text))
}

/// The text in lower case outside quotes, with single spaces, none around parentheses and commas.
fn squeeze(text: &str) -> String {
    let mut squeezed = String::with_capacity(text.len());
    let mut quote = None;
    let mut space = false;
    for c in text.trim().chars() {
        if let Some(end) = quote {
            squeezed.push(c);
            if c == end {
                quote = None;
            }
            continue;
        }
        if c.is_whitespace() {
            space = true;
            continue;
        }
        let tight = matches!(c, '(' | ')' | ',' | '[' | ']') || squeezed.ends_with(['(', ',', '[']);
        if space && !tight {
            squeezed.push(' ');
        }
        space = false;
        if matches!(c, '"' | '\'') {
            quote = Some(c);
            squeezed.push(c);
        } else {
            squeezed.extend(c.to_lowercase());
        }
    }
    squeezed
}

/// The element of an array type: `integer[]`, `integer[3]`, `integer array`, `_int4`.
fn array_element(text: &str) -> Option<String> {
    if let Some(open) = text.strip_suffix(']').and_then(|rest| rest.rfind('[')) {
        let size = &text[open + 1..text.len() - 1];
        if size.chars().all(|c| c.is_ascii_digit()) {
            let element = text[..open].trim_end();
            return Some(element.strip_suffix(" array").unwrap_or(element).to_owned());
        }
    }
    if let Some(element) = text.strip_suffix(" array") {
        return Some(element.to_owned());
    }
    let internal = text.strip_prefix('_')?;
    known(internal, None).map(|_| internal.to_owned())
}

/// `timestamp(3) with time zone` → `timestamp with time zone`, `3`.
fn split_arguments(text: &str) -> (String, Option<String>) {
    let Some(open) = text.find('(') else {
        return (text.to_owned(), None);
    };
    match text[open..].find(')') {
        Some(close) => {
            let close = open + close;
            let name = format!("{} {}", text[..open].trim_end(), text[close + 1..].trim_start());
            (name.trim_end().to_owned(), Some(text[open + 1..close].to_owned()))
        }
        None => (text.to_owned(), None),
    }
}

fn known(name: &str, arguments: Option<&str>) -> Option<Type> {
    let name = name.strip_prefix("pg_catalog.").unwrap_or(name);
    let numbers: Vec<u32> = match arguments {
        None => Vec::new(),
        Some(arguments) => arguments.split(',').map(|part| part.trim().parse().ok()).collect::<Option<_>>()?,
    };
    let plain = |ty: Type| numbers.is_empty().then_some(ty);
    let size = |unsized_: Option<u32>| match numbers.as_slice() {
        [] => Some(unsized_),
        [size] => Some(Some(*size)),
        _ => None,
    };
    let precision = || match numbers.as_slice() {
        [] => Some(DEFAULT_TIME_PRECISION),
        [digits @ 0..=6] => u8::try_from(*digits).ok(),
        _ => None,
    };
    match name {
        "boolean" | "bool" => plain(Type::Boolean),
        "smallint" | "int2" => plain(Type::SmallInt),
        "integer" | "int" | "int4" => plain(Type::Integer),
        "bigint" | "int8" => plain(Type::BigInt),
        "numeric" | "decimal" | "dec" => match numbers.as_slice() {
            [] => Some(Type::Decimal(None)),
            [precision] => Some(Type::Decimal(Some((*precision, 0)))),
            [precision, scale] if scale <= precision => Some(Type::Decimal(Some((*precision, *scale)))),
            _ => None,
        },
        "real" | "float4" => plain(Type::Real),
        "double precision" | "float8" => plain(Type::Double),
        "float" => match numbers.as_slice() {
            [] | [25..=53] => Some(Type::Double),
            [1..=24] => Some(Type::Real),
            _ => None,
        },
        "character" | "char" | "nchar" | "national character" | "national char" => size(Some(1)).map(Type::Char),
        "bpchar" => size(None).map(|size| match size {
            Some(size) => Type::Char(Some(size)),
            None => Type::Native("bpchar".to_owned()),
        }),
        "character varying"
        | "varchar"
        | "char varying"
        | "national character varying"
        | "national char varying"
        | "nchar varying" => size(None).map(Type::Varchar),
        "text" => plain(Type::Text),
        "bytea" => plain(Type::Blob),
        "date" => plain(Type::Date),
        "time" | "time without time zone" => precision().map(Type::Time),
        "timestamp" | "timestamp without time zone" => precision().map(Type::Timestamp),
        "timestamptz" | "timestamp with time zone" => precision().map(Type::TimestampTz),
        "timetz" | "time with time zone" => Some(Type::Native(match precision()? {
            DEFAULT_TIME_PRECISION => "time with time zone".to_owned(),
            digits => format!("time({digits}) with time zone"),
        })),
        "interval" => match numbers.as_slice() {
            [] | [6] => Some(Type::Interval),
            _ => None,
        },
        "uuid" => plain(Type::Uuid),
        "json" => plain(Type::Json),
        "jsonb" => plain(Type::Jsonb),
        "inet" => plain(Type::Inet),
        "cidr" => plain(Type::Cidr),
        "macaddr" => plain(Type::MacAddr),
        "tsvector" => plain(Type::TsVector),
        "bit" => size(Some(1)).map(Type::Bit),
        "varbit" | "bit varying" => Some(Type::Native(match numbers.as_slice() {
            [] => "bit varying".to_owned(),
            numbers => format!("bit varying({})", comma_list(numbers.iter().map(ToString::to_string))),
        })),
        "money" => plain(Type::Money),
        "xml" => plain(Type::Xml),
        _ => RangeType::ALL.into_iter().find(|range| range.name() == name).and_then(|range| plain(Type::Range(range))),
    }
}

/// The form in which the server itself would report a type. Enums are told apart by [`crate::normalize`].
#[must_use]
pub fn canonical(ty: &Type) -> Type {
    match ty {
        Type::Enum(_) => ty.clone(),
        Type::Array(element) => match canonical(element) {
            array @ Type::Array(_) => array,
            element => Type::Array(Box::new(element)),
        },
        _ => render(ty).map_or_else(|_| ty.clone(), |text| parse(&text)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_spelling_is_known() {
        for (text, ty) in [
            ("INT4", "integer"),
            ("int", "integer"),
            ("bool", "boolean"),
            ("float8", "double"),
            ("float(24)", "real"),
            ("float", "double"),
            ("DOUBLE  PRECISION", "double"),
            ("numeric(12, 2)", "decimal(12,2)"),
            ("decimal (5)", "decimal(5,0)"),
            ("character varying(20)", "varchar(20)"),
            ("CHARACTER VARYING (20)", "varchar(20)"),
            ("varchar", "varchar"),
            ("character(3)", "char(3)"),
            ("char", "char(1)"),
            ("timestamp(3) without time zone", "timestamp(3)"),
            ("timestamp (3) with time zone", "timestamptz(3)"),
            ("timestamp with time zone", "timestamptz"),
            ("timestamptz(6)", "timestamptz"),
            ("time(0)", "time(0)"),
            ("bytea", "blob"),
            ("integer[]", "integer[]"),
            ("integer[3]", "integer[]"),
            ("integer array", "integer[]"),
            ("integer array[4]", "integer[]"),
            ("text[][]", "text[]"),
            ("_int4", "integer[]"),
            ("character varying(5)[]", "varchar(5)[]"),
            ("timestamp(3) with time zone[]", "timestamptz(3)[]"),
            ("bit(8)", "bit(8)"),
            ("tstzrange", "tstzrange"),
            ("pg_catalog.int8", "bigint"),
        ] {
            assert_eq!(parse(text).to_string(), ty, "{text}");
        }
        for (text, native) in [
            ("citext", "citext"),
            ("Geometry( Point , 4326 )", "geometry(point,4326)"),
            ("\"Mood\"", "\"Mood\""),
            ("\"char\"", "\"char\""),
            ("varbit(5)", "bit varying(5)"),
            ("timetz", "time with time zone"),
            ("interval(3)", "interval(3)"),
            ("interval day to second(3)", "interval day to second(3)"),
            ("app.mood", "app.mood"),
            ("numeric(3,-1)", "numeric(3,-1)"),
        ] {
            assert_eq!(parse(text), Type::Native(native.to_owned()), "{text}");
        }
    }

    #[test]
    fn what_is_rendered_reads_back() {
        for text in [
            "boolean",
            "smallint",
            "integer",
            "bigint",
            "decimal",
            "decimal(12,2)",
            "real",
            "double",
            "char(3)",
            "varchar",
            "varchar(255)",
            "text",
            "blob",
            "date",
            "time",
            "time(0)",
            "timestamp(3)",
            "timestamptz",
            "interval",
            "uuid",
            "json",
            "jsonb",
            "inet",
            "cidr",
            "macaddr",
            "tsvector",
            "bit(8)",
            "money",
            "xml",
            "int4range",
            "text[]",
        ] {
            let ty = Type::parse(text).expect(text);
            assert_eq!(parse(&render(&ty).expect(text)), ty);
            assert_eq!(canonical(&canonical(&ty)), canonical(&ty));
        }
        assert!(render(&Type::Varchar(Some(20_000_000))).is_err());
        assert!(render(&Type::Decimal(Some((1001, 0)))).is_err());
    }
}
