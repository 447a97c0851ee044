//! SQL text as the engine sees it: tokens only. Splitting a script, finding and renaming identifiers, comparing
//! two expressions that differ in spelling. No dialect by name; what differs is data in [`Lexicon`].

mod body;
mod canonical;
mod identifiers;
mod lexicon;
mod relations;
mod reserved;
#[cfg(test)]
mod samples;
mod scanner;
mod scanner_parts;
mod split;
mod token;

pub use canonical::{canonical, canonical_with};
pub use identifiers::{
    compared_names, identifiers, mentions, mentions_text, rename_identifier, rename_qualifier, rename_text,
};
pub use lexicon::Lexicon;
pub use relations::{
    mentions_relation, rename_queried, rename_relation, rename_watched, selects_alike, selects_everything,
};
pub use split::{Piece, SplitError, split};
pub use token::{Token, TokenKind, ends_in_comment, tokens};
