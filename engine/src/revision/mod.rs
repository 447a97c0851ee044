//! Revisions and the graph they form: what comes after what, how a person names one, what runs, and what the version
//! table says afterwards.
//!
//! A [`Header`] is the part of a file before its steps. [`Graph::build`] joins headers into a graph that is known to be
//! sound: every name in it exists, no two are equal, nothing waits for itself. Everything after that is a question to the
//! graph, and every answer takes time linear in its size.

mod build;
mod error;
mod graph;
mod header;
mod id;
mod order;
mod range;
mod reference;
mod resolve;
mod rows;
mod set;
mod walk;

pub use error::{Candidate, ReferenceError};
pub use graph::Graph;
pub use header::Header;
pub use id::RevisionId;
pub use range::RangeText;
pub use reference::{Reference, Symbol};
pub use rows::{Restated, RowChange};
pub use walk::Parting;
