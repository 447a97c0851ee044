//! Text to nodes: the one place that reads YAML.
//!
//! [`parse`] makes a tree of [`Node`]s that know where they stand, [`MapReader`] and [`Decode`] turn it into values and
//! collect every mistake on the way.

mod builder;
mod checksum;
mod decode;
mod difference;
mod header;
mod mapping;
mod nearest;
mod node;
mod reader;
mod scalar;
mod sources;
mod span;
mod syntax;
mod tag;
mod yaml;

pub use checksum::{checksum, meaning, text_hash};
pub use decode::{Decode, entries, items, one_of, one_or_many, text, wrong_type};
pub use difference::{Difference, Part, differences};
pub use header::{header, parse_header};
pub use nearest::nearest;
pub use node::{Key, Node, NodeKind};
pub use reader::MapReader;
pub(crate) use scalar::resolve;
pub(crate) use sources::read_bytes;
pub use sources::{SIZE_LIMIT, SourceFile, Sources};
pub use span::{FileId, Span, Spanned};
pub use yaml::{DEPTH_LIMIT, parse};
