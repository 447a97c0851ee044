//! Values and types.

use serde_yaml::Value as Yaml;

use super::{Keys, Notation, json, print};
use crate::schema::{Function, Schema, Type, Value, hexadecimal_digits};

impl Notation {
    /// A value of a column of a type. What the language has no notation for is the SQL of the dialect.
    #[must_use]
    pub fn value(&self, value: &Value, ty: &Type) -> Yaml {
        written(value, ty).unwrap_or_else(|| {
            let sql = self.dialect.literal(value, ty);
            sql.map_or(Yaml::Null, |sql| Keys::one("sql", sql.into()))
        })
    }

    /// The default of a column, where a plain `null` would say that there is none.
    #[must_use]
    pub fn default(&self, value: &Value, ty: &Type) -> Yaml {
        match self.value(value, ty) {
            Yaml::Null => Keys::one("sql", "NULL".into()),
            written => written,
        }
    }

    /// A type: a portable word, or `{native: …}`.
    #[must_use]
    pub fn ty(&self, ty: &Type) -> Yaml {
        let word = ty.to_string();
        if Type::parse(&word).as_ref() == Ok(ty) {
            return word.into();
        }
        let text = match native(ty) {
            true => word,
            // A portable type beyond what its word can say.
            false => self.dialect.render_type(ty, &Schema::default()).unwrap_or(word),
        };
        match self.by_dialect {
            true => self.own_words(&text),
            false => Keys::one("native", text.into()),
        }
    }
}

/// Whether a type, or the element of an array, is in the words of its database.
fn native(ty: &Type) -> bool {
    match ty {
        Type::Native(_) => true,
        Type::Array(element) => native(element),
        _ => false,
    }
}

/// A value that the language has a notation for in a column of the type.
fn written(value: &Value, ty: &Type) -> Option<Yaml> {
    let bytes = matches!(ty, Type::Binary(_) | Type::Varbinary(_) | Type::Blob);
    let whole = matches!(ty, Type::SmallInt | Type::Integer | Type::BigInt);
    match value {
        Value::Sql(sql) => Some(Keys::one("sql", sql.as_str().into())),
        Value::Function(function) => {
            let (name, _) = Function::ALL.iter().find(|(_, known)| known == function)?;
            Some(Keys::one("fn", (*name).into()))
        }
        Value::Null => Some(Yaml::Null),
        Value::Json(text) if matches!(ty, Type::Json | Type::Jsonb) => Some(json::document(text)),
        _ if matches!(ty, Type::Json | Type::Jsonb) => None,
        Value::Bool(value) => Some((*value).into()),
        Value::Integer(value) => Some((*value).into()),
        Value::Number(words) if whole && words.parse::<i64>().is_ok() => None,
        Value::Number(words) => print::number(words),
        Value::Text(text) if !bytes => Some(text.as_str().into()),
        Value::Bytes(found) if bytes => Some(match std::str::from_utf8(found) {
            Ok(text) if !text.contains('\0') => text.into(),
            _ => Keys::one("hex", hexadecimal_digits(found).into()),
        }),
        Value::List(items) => {
            let Type::Array(element) = ty else { return None };
            let documents = matches!(**element, Type::Json | Type::Jsonb);
            let item = |item: &Value| match item {
                Value::List(_) if !documents => written(item, ty),
                _ => written(item, element),
            };
            items.iter().map(item).collect::<Option<Vec<Yaml>>>().map(Yaml::Sequence)
        }
        Value::Json(_) | Value::Text(_) | Value::Bytes(_) => None,
    }
}
