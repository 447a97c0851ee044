//! Operator classes that an index takes by itself, so that writing one out makes no difference.

use aludel_engine::schema::Type;

/// The default operator class of a type for an index method, as far as PostgreSQL itself brings it (manual, 11.10).
/// None says that the class is not known here, not that there is none.
#[must_use]
pub fn default(ty: &Type, method: &str) -> Option<&'static str> {
    Some(match (method, ty) {
        ("btree" | "hash", Type::Boolean) => "bool_ops",
        ("btree" | "hash", Type::SmallInt) => "int2_ops",
        ("btree" | "hash", Type::Integer) => "int4_ops",
        ("btree" | "hash", Type::BigInt) => "int8_ops",
        ("btree" | "hash", Type::Decimal(_)) => "numeric_ops",
        ("btree" | "hash", Type::Real) => "float4_ops",
        ("btree" | "hash", Type::Double) => "float8_ops",
        ("btree" | "hash", Type::Char(_)) => "bpchar_ops",
        ("btree" | "hash", Type::Varchar(_) | Type::Text) => "text_ops",
        ("btree" | "hash", Type::Blob) => "bytea_ops",
        ("btree" | "hash", Type::Date) => "date_ops",
        ("btree" | "hash", Type::Time(_)) => "time_ops",
        ("btree" | "hash", Type::Timestamp(_)) => "timestamp_ops",
        ("btree" | "hash", Type::TimestampTz(_)) => "timestamptz_ops",
        ("btree" | "hash", Type::Uuid) => "uuid_ops",
        ("btree" | "hash" | "gin", Type::Jsonb) => "jsonb_ops",
        ("btree" | "hash" | "gin", Type::Array(_)) => "array_ops",
        ("btree" | "hash" | "gist" | "spgist", Type::Range(_)) => "range_ops",
        ("gin" | "gist", Type::TsVector) => "tsvector_ops",
        _ => return None,
    })
}
