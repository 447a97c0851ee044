//! The definitions that several operations share: columns, types, values, constraints, indexes.

mod column;
mod constraint;
mod index;
mod json;
mod notation;
mod ty;
mod value;

pub use column::{ColumnDefinition, collation, computed, identity, references};
pub use constraint::{ConstraintDefinition, constraint};
pub use index::{IndexDefinition, index};
pub use json::check_json;
pub use notation::hex as hexadecimal;
pub use ty::{TypeDefinition, enum_values, type_definition};
pub use value::{fit_column, fit_type, fit_value, refit, value};
