//! Columns of the old kind that number rows: `serial`, which is a whole number with a default that reads a sequence of its
//! own (manual, 8.1.4). In the model it is an identity with the option `serial`.

use aludel_engine::schema::{Column, OptionValue, Type};

/// The option of a column.
pub const OPTION: &str = "serial";

/// A column with a type such as `bigserial` taken for what that means.
#[must_use]
pub fn settle(mut column: Column) -> Column {
    if let Some(ty) = named(&column.ty) {
        column.ty = ty;
        column.nullable = false;
        column.identity = Some(column.identity.unwrap_or_default());
        column.options.set(OPTION, OptionValue::Bool(true));
    }
    column
}

/// The whole number behind the name of a serial type.
fn named(ty: &Type) -> Option<Type> {
    let Type::Native(name) = ty else { return None };
    match name.trim().to_ascii_lowercase().as_str() {
        "smallserial" | "serial2" => Some(Type::SmallInt),
        "serial" | "serial4" => Some(Type::Integer),
        "bigserial" | "serial8" => Some(Type::BigInt),
        _ => None,
    }
}

/// Whether a column is numbered in the old way.
#[must_use]
pub fn is_numbered(column: &Column) -> bool {
    column.identity.is_some() && column.options.flag(OPTION)
}

/// Whether a default is the next number of a sequence and nothing else.
#[must_use]
pub fn takes_next(sql: &str, sequence: &str) -> bool {
    let mut sql = sql.trim();
    while let Some(inner) = sql.strip_prefix('(').and_then(|rest| rest.strip_suffix(')')) {
        sql = inner.trim();
    }
    let lower = sql.to_ascii_lowercase();
    let Some(inner) = lower.strip_prefix("pg_catalog.").unwrap_or(&lower).strip_prefix("nextval(") else {
        return false;
    };
    let Some(text) = inner.strip_suffix(')').and_then(|inner| inner.trim().strip_prefix('\'')) else { return false };
    let Some((name, cast)) = text.rsplit_once('\'') else { return false };
    let is_cast = cast.split("::").map(str::trim).all(|word| matches!(word, "" | "regclass" | "text"));
    is_cast
        && !name.replace("''", "").contains('\'')
        && name.contains(&sequence.to_ascii_lowercase().replace('\'', "''"))
}

/// The name of the serial type for a whole number.
#[must_use]
pub fn type_name(ty: &Type) -> Option<&'static str> {
    match ty {
        Type::SmallInt => Some("smallserial"),
        Type::Integer => Some("serial"),
        Type::BigInt => Some("bigserial"),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_default_takes_the_next_number_or_computes_with_it() {
        for (sql, takes) in [
            ("nextval('t_id_seq'::regclass)", true),
            ("( NEXTVAL('app.t_id_seq') )", true),
            ("nextval('\"t_id_seq\"'::text::regclass)", true),
            ("(nextval('t_id_seq'::regclass) * 2)", false),
            ("nextval('t_id_seq'::regclass) * (2)", false),
            ("nextval('other'::regclass)", false),
            ("coalesce(nextval('t_id_seq'), 1)", false),
            ("nextval('other') + nextval('t_id_seq')", false),
        ] {
            assert_eq!(takes_next(sql, "t_id_seq"), takes, "{sql}");
        }
    }

    #[test]
    fn serial_types_are_numbered_whole_numbers() {
        for (name, ty, written) in [
            ("serial", Type::Integer, "serial"),
            ("BIGSERIAL", Type::BigInt, "bigserial"),
            ("serial2", Type::SmallInt, "smallserial"),
        ] {
            let column = settle(Column::new("id", Type::Native(name.to_owned())));
            assert_eq!((&column.ty, column.nullable), (&ty, false));
            assert!(is_numbered(&column));
            assert_eq!(type_name(&column.ty), Some(written));
        }
        let plain = Column::new("id", Type::BigInt);
        assert_eq!(settle(plain.clone()), plain);
        assert!(!is_numbered(&plain));
    }
}
