//! What becomes of values when a column gets another type.

use super::Type;

/// The families of types within which values keep their meaning as long as they fit.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Family {
    Truth,
    Number,
    Text,
    Bytes,
    Date,
    Time,
    Moment,
    Document,
    Other,
}

impl Type {
    /// What may be lost or has no answer by itself when values of this type become values of another one: a question to
    /// the author. None where every value of this type is one of the other.
    ///
    /// Of types in the words of one database nothing is known, so nothing is asked.
    #[must_use]
    pub fn loss_to(&self, other: &Type) -> Option<String> {
        if self == other || matches!(self, Type::Native(_)) || matches!(other, Type::Native(_)) {
            return None;
        }
        if let (Type::Array(from), Type::Array(to)) = (self, other) {
            return from.loss_to(to);
        }
        match (self.family(), other.family()) {
            (Family::Number, Family::Number) => self.number_loss(other),
            (Family::Text, Family::Text) | (Family::Bytes, Family::Bytes) => {
                let limit = other.length().filter(|limit| self.length().is_none_or(|length| length > *limit))?;
                Some(format!("values longer than {limit} are cut, or refused, or what? Without any, remove this key"))
            }
            (Family::Time, Family::Time) | (Family::Moment, Family::Moment) => self.time_loss(other),
            (Family::Date, Family::Moment) if !matches!(other, Type::TimestampTz(_)) => None,
            (Family::Document, Family::Document) => None,
            // Everything has a text.
            (_, Family::Text) if other.length().is_none() => None,
            _ => Some(format!(
                "which expression makes a value of {other} from one of {self}? For the usual conversion, remove this key"
            )),
        }
    }

    /// Whether texts of so many characters have room.
    #[must_use]
    pub fn holds_text(&self, characters: usize) -> bool {
        self.family() == Family::Text
            && self.length().is_none_or(|room| usize::try_from(room).is_ok_and(|room| characters <= room))
    }

    fn family(&self) -> Family {
        match self {
            Type::Boolean => Family::Truth,
            Type::SmallInt | Type::Integer | Type::BigInt | Type::Decimal(_) | Type::Real | Type::Double => {
                Family::Number
            }
            Type::Char(_) | Type::Varchar(_) | Type::Text => Family::Text,
            Type::Binary(_) | Type::Varbinary(_) | Type::Blob => Family::Bytes,
            Type::Date => Family::Date,
            Type::Time(_) => Family::Time,
            Type::Timestamp(_) | Type::TimestampTz(_) => Family::Moment,
            Type::Json | Type::Jsonb => Family::Document,
            _ => Family::Other,
        }
    }

    fn length(&self) -> Option<u32> {
        match self {
            Type::Char(length) => Some(length.unwrap_or(1)),
            Type::Varchar(length) | Type::Binary(length) | Type::Varbinary(length) => *length,
            _ => None,
        }
    }

    /// The digits before and after the point that a number of this type may have; none where there is no such bound.
    fn digits(&self) -> Option<(u32, u32)> {
        match self {
            Type::SmallInt => Some((5, 0)),
            Type::Integer => Some((10, 0)),
            Type::BigInt => Some((19, 0)),
            Type::Decimal(Some((precision, scale))) => Some((precision.saturating_sub(*scale), *scale)),
            _ => None,
        }
    }

    fn number_loss(&self, other: &Type) -> Option<String> {
        let too_large = || Some(format!("values that are out of the range of {other}? Without any, remove this key"));
        let rounded = || Some(format!("{other} rounds values of {self}: is that meant? If so, remove this key"));
        match (self, other) {
            (_, Type::Double | Type::Decimal(None)) | (Type::SmallInt, Type::Real) => None,
            (Type::Real | Type::Double | Type::Decimal(None), _) | (_, Type::Real) => rounded(),
            _ => match (self.digits(), other.digits()) {
                (Some((_, scale)), Some((_, kept))) if scale > kept => rounded(),
                (Some((whole, _)), Some((room, _))) if whole > room => too_large(),
                _ => None,
            },
        }
    }

    fn time_loss(&self, other: &Type) -> Option<String> {
        match (self, other) {
            (Type::Timestamp(_), Type::TimestampTz(_)) => Some(
                "in which time zone are the values? On one server, its own is taken if this key is removed".to_owned(),
            ),
            (Type::TimestampTz(_), Type::Timestamp(_)) => Some(
                "in which time zone are the values to be? The session's is taken if this key is removed".to_owned(),
            ),
            (Type::Time(from), Type::Time(to))
            | (Type::Timestamp(from), Type::Timestamp(to))
            | (Type::TimestampTz(from), Type::TimestampTz(to))
                if from > to =>
            {
                Some(format!("fractions of a second are rounded to {to} digits: is that meant? If so, remove this key"))
            }
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_fits_is_not_asked() {
        let ty = |text: &str| Type::parse(text).unwrap();
        let fits = [
            ("integer", "bigint"),
            ("varchar(10)", "varchar(20)"),
            ("varchar(10)", "text"),
            ("decimal(10,2)", "decimal(12,2)"),
            ("integer", "decimal(12,2)"),
            ("integer", "text"),
            ("json", "jsonb"),
            ("timestamp(3)", "timestamp"),
            ("real", "double"),
        ];
        for (from, to) in fits {
            assert_eq!(ty(from).loss_to(&ty(to)), None, "{from} to {to}");
        }
        let asks = [
            ("bigint", "integer"),
            ("text", "varchar(20)"),
            ("text", "integer"),
            ("decimal(12,2)", "decimal(12,1)"),
            ("timestamp", "timestamptz"),
            ("timestamptz", "date"),
            ("double", "real"),
            ("boolean", "integer"),
        ];
        for (from, to) in asks {
            assert!(ty(from).loss_to(&ty(to)).is_some(), "{from} to {to}");
        }
    }
}
