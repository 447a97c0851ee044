//! The engine of Aludel: everything between a YAML text and the statements that a database runs.
//!
//! Data flows one way: text → nodes → operations → changes → statements → execution. The engine knows no SQL dialect by
//! name and opens no connection; drivers do both, through [`dialect::Dialect`] and [`driver::Driver`].

pub mod change;
#[cfg(feature = "conformance")]
pub mod conformance;
pub mod data;
pub mod desired;
pub mod diagnostic;
pub mod dialect;
pub mod diff;
pub mod driver;
pub mod execute;
pub mod notation;
pub mod operation;
pub mod plan;
pub mod project;
pub mod revision;
pub mod schema;
pub mod source;
pub mod sql;
#[cfg(test)]
mod testing;
